"""Figures on the work: what counts them each night, and the reports of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, desk, force

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bluelamp.reports.files import ReportFiles
    from bluelamp.reports.model import Checked
    from bluelamp.reports.nightly import Counting
    from bluelamp.reports.service import FigureReports

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


class DailyChecks:
    """The daily checks as reports read them: a query a day."""

    def missed(self, days: Sequence[date]) -> Mapping[str, Checked]:
        """Return which of these days were checked and which missed, by account."""
        from bluelamp.checks.store import CheckStore
        from bluelamp.reports.model import Checked

        store, found = CheckStore(base.table()), dict[str, Checked]()
        for day in days:
            for account, check in store.of_day(day).items():
                one = found.get(account, Checked())
                if check.state == "checked":
                    found[account] = one.model_copy(update={"checked": one.checked + 1})
                elif check.state == "missed":
                    found[account] = one.model_copy(update={"missed": (*one.missed, day)})
        return found


@lru_cache(maxsize=1)
def reports() -> FigureReports:
    """Return the use cases of the report routes."""
    from bluelamp.reports.rules import assumptions_of
    from bluelamp.reports.service import FigureReports
    from bluelamp.reports.store import FigureStore

    return FigureReports(
        FigureStore(base.table()),
        accounts=force.accounts(),
        people=force.people(),
        checks=DailyChecks(),
        assumed=assumptions_of(base.settings()["REPORT_ASSUMPTIONS"]),
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def report_files() -> ReportFiles:
    """Return what asks for reports as PDF, prints them and gives them out."""
    from bluelamp.reports.files import ReportFiles
    from bluelamp.reports.store import FileStore

    return ReportFiles(
        FileStore(base.table()),
        reports=reports(),
        people=force.people(),
        files=desk.files(),
        queue=base.queue("EXPORT"),
        force=base.settings()["FORCE_NAME"] or base.settings()["FORCE"],
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def counting() -> Counting:
    """Return what counts the days that are over."""
    from bluelamp.reports.nightly import Counting
    from bluelamp.reports.store import FigureStore

    return Counting(FigureStore(base.table()), accounts=lambda: force.accounts().all(), notify=base.notify_wake())
