"""The force's accounts, as far as the person reaches."""

import re
from datetime import date
from http import HTTPStatus
from typing import Literal

from chalice.app import HeadersType, Request, Response
from pydantic import ConfigDict, Field

from bluelamp.accounts.model import (
    AccountDetail,
    AccountKind,
    AccountPage,
    AccountStatus,
    AccountView,
    Fields,
    Name,
    NativeId,
    StatusReason,
    Team,
)
from bluelamp.accounts.register import MAX_PAGE
from bluelamp.completeness.model import CompletenessReport
from bluelamp.errors import InvalidInputError
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.platforms.grants import MAX_CODE
from bluelamp.tabular.importing import ImportReport
from contract import Resource
from parts import parts
from problems import NotValidError

resource = Resource(__name__)


PlatformName = Literal["facebook", "x"]
_TAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,9})"')


class AccountsQuery(Model):
    """Which accounts, and which part of the list."""

    model_config = ConfigDict(extra="forbid")

    team: Team | None = None
    platform: PlatformName | None = None
    status: AccountStatus | None = None
    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=MAX_PAGE, ge=1, le=MAX_PAGE)


class NewAccount(Fields):
    """An account to be registered: name, kind and team are needed, lead and deputy are ids of people."""

    platform: PlatformName
    native_id: NativeId
    name: Name
    kind: AccountKind
    team: Team


class AccountChange(Fields):
    """What is to be changed, and the revision that was seen, unless the header `If-Match` names it."""

    rev: int | None = Field(default=None, ge=1)


class SeenRev(Model):
    """The revision that was seen, and why its status changes."""

    model_config = ConfigDict(extra="forbid")

    rev: int = Field(ge=1)
    reason: StatusReason | None = None


class ImportBody(Model):
    """A file as text, and how to take it: tried only, good lines in spite of bad ones, teams not heard of before."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    csv: str
    dry_run: bool = True
    keep_going: bool = False
    new_teams: bool = False


class Days(Model):
    """The first and the last day (UTC) that is asked for; left out, the last 30 days."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")


class ConsentPage(Model):
    """The platform's page where a person consents."""

    address: str


class Disconnected(Model):
    """How the connection stands."""

    connection: Literal["disconnected"] = "disconnected"


class ConsentQuery(Model):
    """What a platform sends the browser back with."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    code: str | None = Field(default=None, min_length=1, max_length=MAX_CODE)
    state: str = Field(default="", max_length=128)
    error: str | None = Field(default=None, max_length=200)


@resource.route("/accounts")
def list_accounts(principal: Principal, query: AccountsQuery) -> AccountPage:
    """List the accounts that the person reaches, by id, with what each one's platform offers."""
    return parts().register.page(principal, **query.model_dump())


@resource.route("/accounts", methods=["POST"], status=HTTPStatus.CREATED)
def register_account(principal: Principal, body: NewAccount, idem: Idempotency) -> AccountView:
    """Register an account. It is listened to once its token is set."""
    return parts().register.create(
        principal, platform=body.platform, native_id=body.native_id, fields=_fields(body), idem=idem
    )


@resource.route("/accounts/{account_id}")
def open_account(principal: Principal, account_id: str) -> AccountDetail:
    """Show one account, and how well it is read."""
    return parts().register.detail(principal, account_id)


@resource.route("/accounts/{account_id}", methods=["PATCH"])
def change_account(
    principal: Principal, account_id: str, body: AccountChange, request: Request, idem: Idempotency
) -> AccountView:
    """Change what is named; a conflict tells what is there now. The revision may stand in `If-Match: "7"` instead."""
    rev = _seen(body.rev, request.headers.get("if-match"))
    return parts().register.change(principal, account_id, fields=_fields(body), rev=rev, idem=idem)


@resource.route("/accounts/{account_id}/suspend", methods=["POST"])
def suspend_account(principal: Principal, account_id: str, body: SeenRev, idem: Idempotency) -> AccountView:
    """Stop what goes out from an account; what its platform sends is kept."""
    return parts().register.suspend(principal, account_id, rev=body.rev, idem=idem, reason=body.reason)


@resource.route("/accounts/{account_id}/resume", methods=["POST"])
def resume_account(principal: Principal, account_id: str, body: SeenRev, idem: Idempotency) -> AccountView:
    """Let a suspended or archived account work again."""
    return parts().register.resume(principal, account_id, rev=body.rev, idem=idem, reason=body.reason)


@resource.route("/accounts/{account_id}/archive", methods=["POST"])
def archive_account(principal: Principal, account_id: str, body: SeenRev, idem: Idempotency) -> AccountView:
    """Put an account away that is not used any more; nothing that was kept of it goes."""
    return parts().register.archive(principal, account_id, rev=body.rev, idem=idem, reason=body.reason)


@resource.route("/accounts/{account_id}/connect", methods=["POST"])
def connect_account(principal: Principal, account_id: str) -> ConsentPage:
    """Tell the platform's page where an administrator consents for the account; it leads back here."""
    return ConsentPage(address=parts().connecting.begin(principal, account_id))


@resource.route("/accounts/{account_id}/disconnect", methods=["POST"])
def disconnect_account(principal: Principal, account_id: str) -> Disconnected:
    """Take an account's tokens away; nothing is read or sent there until it is connected again."""
    parts().connecting.disconnect(principal, account_id)
    return Disconnected()


@resource.route("/accounts/callback", browser=True, status=HTTPStatus.FOUND)
def finish_connecting(principal: Principal, query: ConsentQuery) -> Response:
    """Take what a platform sent an administrator back with, and lead to the account."""
    account = parts().connecting.finish(principal, state=query.state, code=None if query.error else query.code)
    return Response(body="", headers={"Location": f"/#/accounts/{account}"}, status_code=HTTPStatus.FOUND)


@resource.route("/accounts/import", methods=["POST"])
def import_accounts(principal: Principal, body: ImportBody) -> ImportReport:
    """Try a CSV file, or bring the register to what it says; a repeat changes nothing."""
    return parts().account_files.import_for(
        principal, body.csv, dry_run=body.dry_run, keep_going=body.keep_going, new_teams=body.new_teams
    )


@resource.route("/accounts/export")
def export_accounts(principal: Principal) -> Response:
    """Give the whole register as a CSV file."""
    text = parts().account_files.export_for(principal)
    headers: HeadersType = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="accounts.csv"',
    }
    return Response(body=text, headers=headers, status_code=HTTPStatus.OK)


@resource.route("/accounts/{account_id}/completeness")
def report_completeness(principal: Principal, account_id: str, query: Days) -> CompletenessReport:
    """Show what was stated of an account's days: read without a break, or with which gaps. Asking is recorded."""
    return parts().completeness.report(principal, account_id, first=query.first, last=query.last)


def _seen(rev: int | None, header: str | None) -> int:
    """Return the revision that was seen, from the body or from the header."""
    if header is None:
        if rev is None:
            missing = 'Say which revision was seen: here, or as `If-Match: "7"`.'
            raise NotValidError(f"The request is not valid: rev: {missing}", [{"at": "rev", "problem": missing}])
        return rev
    named = _TAG.fullmatch(header.strip())
    if named is None:
        raise InvalidInputError('If-Match names one revision, as in `If-Match: "7"`.')
    if rev is not None and rev != int(named[1]):
        raise InvalidInputError(f"If-Match names another revision than the body, which has {rev}.")
    return int(named[1])


def _fields(body: Fields) -> Fields:
    return Fields(**{name: getattr(body, name) for name in body.model_fields_set & Fields.model_fields.keys()})
