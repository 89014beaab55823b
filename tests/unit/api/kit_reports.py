"""Reports behind the routes: the real service, over what the tables of the test hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cloud.memory_files import MemoryFiles
from bluelamp.reports.files import ReportFiles
from bluelamp.reports.model import Assumptions, Checked, FileLink, FileView
from bluelamp.reports.service import FigureReports
from bluelamp.reports.store import FigureStore, FileStore
from tests.unit.api.kit_records import Fake

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/reports"): ("report", None, 200),
    ("GET", "/reports/volume"): ("report", None, 200),
    ("GET", "/reports/logins"): ("report_people", None, 200),
    ("POST", "/reports/volume/pdf"): ("report", {}, 202),
    # Canned: one has only what one asked for. test_reports_files.py has the real ones.
    ("GET", "/report-files/01C0RPRTZZMMMMMMMMMMMMRPT0"): ("report", None, 200),
    ("POST", "/report-files/01C0RPRTZZMMMMMMMMMMMMRPT0/link"): ("report", {}, 200),
}


class NoChecks:
    """A force that does not check its accounts."""

    def missed(self, days: Sequence[date]) -> Mapping[str, Checked]:
        """See `bluelamp.reports.service.Checks`."""
        del days
        return {}


def reports(world: Any, **given: Any) -> FigureReports:
    """Return the reports of a world."""
    parts = {"accounts": world.accounts, "people": world.people, "checks": NoChecks(), "assumed": Assumptions()}
    return FigureReports(FigureStore(world.table), **{**parts, **given}, wake=lambda: None, clock=world.clock)


def files(world: Any) -> ReportFiles:
    """Return the PDFs of a world that has its reports."""
    return ReportFiles(
        FileStore(world.table), reports=world.reports, people=world.people, files=MemoryFiles(), queue=MemoryQueue(),
        force="Wealdshire Police", wake=lambda: None, clock=world.clock,
    )  # fmt: skip


def canned_files(world: Any) -> Fake:
    """Return PDFs of which only the permission is real."""
    at = "2026-11-22T16:00:00.000Z"
    view = FileView(id="01C0RPRTZZMMMMMMMMMMMMRPT0", name="volume", state="done", created_at=at)
    link = FileLink(url="memory://reports", expires_at=at)
    answers = {"ask": ("report", view), "get": ("report", view), "link": ("report", link)}
    return Fake(ReportFiles, answers, world.table)
