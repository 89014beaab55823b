"""Somebody reads a report: what they may see of it, made of what was counted, and on the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.errors import InvalidInputError, NotFoundError
from bluelamp.people.rules import authorise, decide, permitted, require
from bluelamp.reports import rules
from bluelamp.reports.csvfile import csv_of
from bluelamp.reports.definitions import DEFINITIONS, KINDS, WAITS
from bluelamp.reports.making import MAKERS, Material
from bluelamp.reports.model import Assumptions, Checked, DayFigures, Kind, Report, ReportEntry, ReportList
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.people.model import Person, Principal
    from bluelamp.people.service import People
    from bluelamp.reports.store import FigureStore

# Up to so many accounts are read one by one, a hundred items a call; the force by a query a day.
FEW = 8


class Checks(Protocol):
    """The daily checks, as far as reports need them."""

    def missed(self, days: Sequence[date]) -> Mapping[str, Checked]:
        """Return which of these days were checked and which missed, by account."""


class FigureReports:
    """The use cases of the report routes.

    Parameters
    ----------
    store
        What was counted.
    accounts, people
        Who may see what, and the names.
    checks
        The daily checks.
    assumed
        What the force assumes for its estimates.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        store: FigureStore,
        *,
        accounts: Accounts,
        people: People,
        checks: Checks,
        assumed: Assumptions,
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._people = people
        self._checks = checks
        self._assumed = assumed
        self._wake = wake
        self._clock = clock

    def list_for(self, principal: Principal) -> ReportList:
        """Return the reports that the person may read, with their definitions.

        Raises
        ------
        NotPermittedError
            When the role reads no reports.
        """
        require(principal, "report")
        mine = [kind for kind in KINDS.values() if permitted(principal, kind.verb)]
        return ReportList(reports=tuple(_entry(kind) for kind in mine))

    def read(
        self,
        principal: Principal,
        name: str,
        *,
        month: str | None = None,
        account: str | None = None,
        idle: int = 30,
        over: int = 24,
        form: str = "page",
    ) -> Report:
        """Return a report of a month, of one account or of all within reach. Recorded as a search.

        Parameters
        ----------
        idle, over
            After how many days somebody or something is inactive, and after how many hours a contact is late.
        form
            As what it is read, for the record.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such report, the account is out of reach, or the role does not read it.
        InvalidInputError
            When it is no month, or the report is of the whole force alone.
        """
        kind, one = self.allowed(principal, name, account)
        if over not in WAITS:
            raise InvalidInputError(f"Hours are one of {', '.join(map(str, WAITS))}.")
        now = self._clock()
        days = rules.days_of(month, now)
        named = f"{days[0]:%Y-%m}" if days else month or f"{rules.day_of(now):%Y-%m}"
        report = self._made(principal, kind, named, days, one, idle=idle, over=over)
        filters: dict[str, str | int] = {"report": name, "month": named, "form": form}
        query = Query(view="report", filters=filters, hits=sum(len(table.rows) for table in report.tables))
        leaf = draft(type="search", at=now, actor=principal.actor(), account=account, query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
        return report

    def csv(
        self,
        principal: Principal,
        name: str,
        *,
        month: str | None = None,
        account: str | None = None,
        idle: int = 30,
        over: int = 24,
    ) -> str:
        """Return a report as CSV. Recorded, and raises, as `read`."""
        return csv_of(self.read(principal, name, month=month, account=account, idle=idle, over=over, form="csv"))

    def allowed(self, principal: Principal, name: str, account: str | None) -> tuple[Kind, Account | None]:
        """Return which report is meant, and the account if one is; raises as `read`."""
        kind = KINDS.get(name)
        if kind is None:
            raise NotFoundError(f"There is no report with this name. There are: {', '.join(KINDS)}.")
        require(principal, kind.verb)
        return kind, None if account is None else self._one(principal, kind, account)

    # inside ----------------------------------------------------------------------------------------------------------

    def _one(self, principal: Principal, kind: Kind, account_id: str) -> Account:
        if kind.force_wide:
            raise InvalidInputError("This report is of the whole force: leave the account out.")
        account = self._accounts.get(account_id)
        authorise(principal, kind.verb, account)
        return account

    def _made(
        self, principal: Principal, kind: Kind, month: str, days: Sequence[date], one: Account | None, *,
        idle: int, over: int,
    ) -> Report:  # fmt: skip
        reached = self._reached(principal, kind, one)
        figures = self._figures(kind, reached, days)
        about_people = kind.verb == "report_people"
        material = Material(
            days=days,
            now=self._clock(),
            accounts=reached,
            figures=figures,
            people=self._those(principal, kind, one, figures) if about_people else (),
            checks=self._checks.missed(days) if kind.name == "missed-checks" else {},
            assumed=self._assumed,
            idle=idle,
            over=over,
        )
        made = MAKERS[kind.name](material)
        counted = len({figure.day for figure in figures})
        whole = len(days) if kind.name in {"logins", "missed-checks"} else counted
        return Report(
            name=kind.name,
            title=DEFINITIONS[kind.definition].name,
            month=month,
            account=one.id if one else None,
            made_at=iso(material.now),
            days=whole,
            missing=len(days) - whole,
            estimate=kind.estimate,
            definition=DEFINITIONS[kind.definition],
            figures=made.figures,
            tables=made.tables,
            notes=made.notes,
        )

    def _reached(self, principal: Principal, kind: Kind, one: Account | None) -> dict[str, Account]:
        if one is not None:
            return {one.id: one}
        found = self._accounts.all() if kind.force_wide else self._accounts.reached_by(principal)
        return {a.id: a for a in found if kind.force_wide or decide(principal, kind.verb, a).allowed}

    def _figures(self, kind: Kind, reached: Mapping[str, Account], days: Sequence[date]) -> list[DayFigures]:
        if kind.name in {"logins", "missed-checks"}:
            return []
        if len(reached) <= FEW:
            return self._store.of(reached, days)
        return [one for day in days for one in self._store.of_day(day) if one.account in reached]

    def _those(
        self, principal: Principal, kind: Kind, one: Account | None, figures: Sequence[DayFigures]
    ) -> list[Person]:
        """Return the people of a report: who decided something there, or all of whom the person sees the figures."""
        if kind.name != "logins":
            ids = {key.partition("|")[0] for figure in figures for key in figure.people}
            return list(self._people.among(sorted(ids)).values())
        mine = None if principal.all_accounts else principal.teams
        # An account that somebody covers by itself shows none of its team's people: they are not theirs to lead.
        teams = mine if one is None else {one.team} if mine is None else {one.team} & mine
        return [person for person in self._people.everybody() if teams is None or teams & set(person.teams)]


def _entry(kind: Kind) -> ReportEntry:
    definition = DEFINITIONS[kind.definition]
    return ReportEntry(
        name=kind.name,
        title=definition.name,
        force_wide=kind.force_wide,
        estimate=kind.estimate,
        definition=definition,
    )
