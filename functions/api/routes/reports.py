"""Reports: which there are and what their figures mean, and one of a month, as JSON or as CSV."""

from http import HTTPStatus
from typing import Literal

from chalice.app import HeadersType, Response
from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.reports.model import FileLink, FileView, Report, ReportList
from contract import Resource
from parts import parts

resource = Resource(__name__)


class PdfBody(Model):
    """Of which month (``2026-11``; left out, that of yesterday) and account.

    `idle` days make inactive, `over` hours unanswered.
    """

    model_config = ConfigDict(extra="forbid")

    month: str | None = Field(default=None, max_length=7)
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,128}$")
    idle: int = Field(default=30, ge=1, le=365)
    over: int = Field(default=24, ge=1, le=168)


class ReportQuery(PdfBody):
    """The same, and in which form."""

    format: Literal["json", "csv"] = "json"


class LinkBody(Model):
    """An empty object: the address says it all."""

    model_config = ConfigDict(extra="forbid")


@resource.route("/reports")
def list_reports(principal: Principal) -> ReportList:
    """List the reports that the person may read, with what their figures mean."""
    return parts().reports.list_for(principal)


@resource.route("/reports/{report_name}")
def read_report(principal: Principal, report_name: str, query: ReportQuery) -> Report:
    """Read a report; the reading is recorded."""
    asked = query.model_dump(exclude={"format"})
    if query.format == "json":
        return parts().reports.read(principal, report_name, **asked)
    text = parts().reports.csv(principal, report_name, **asked)
    headers: HeadersType = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{report_name}.csv"',
    }
    return Response(body=text, headers=headers, status_code=HTTPStatus.OK)  # type: ignore[return-value]  # as CSV


@resource.route("/reports/{report_name}/pdf", methods=["POST"], status=HTTPStatus.ACCEPTED)
def ask_report_pdf(principal: Principal, report_name: str, body: PdfBody, idem: Idempotency) -> FileView:
    """Ask for a report as PDF; it is printed in the background, and the request is recorded as a disclosure."""
    return parts().report_files.ask(principal, report_name, asked=body.model_dump(exclude_none=True), idem=idem)


@resource.route("/report-files/{file_id}")
def get_report_file(principal: Principal, file_id: str) -> FileView:
    """Say how far one's own PDF is."""
    return parts().report_files.get(principal, file_id)


@resource.route("/report-files/{file_id}/link", methods=["POST"])
def link_report_file(principal: Principal, file_id: str, body: LinkBody) -> FileLink:
    """Make a link to one's own PDF that works for ten minutes, for whoever has it; each one is recorded."""
    return parts().report_files.link(principal, file_id)
