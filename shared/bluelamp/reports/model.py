"""What is counted of an account's day, and what a report shows: figures, tables and their definitions."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict, Field

from bluelamp.models import Model
from bluelamp.people.model import Verb

Name = Literal[
    "logins",
    "inactive-accounts",
    "missed-checks",
    "response-time",
    "volume",
    "unanswered",
    "decisions",
    "decisions-by-person",
    "overturns",
    "time-saved",
    "transparency",
    "cost",
]
Cell = str | int | float | None
Overturn = Literal["raised_dismissed", "passed_removed", "undone"]


class Frozen(Model):
    """Base of the values here."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Definition(Frozen):
    """What a figure means: what is counted, from what, how, and what it leaves out."""

    id: str
    name: str
    counted: str
    source: str
    formula: str
    leaves_out: str


class Kind(Frozen):
    """A report that there is; `force_wide` is of the whole force and of no single account."""

    name: Name
    definition: str
    verb: Verb = "report"
    force_wide: bool = False
    estimate: bool = False


class DayFigures(Frozen):
    """What was counted of one account's day, as stored. Each part adds up with that of another day or account.

    Keys are joined by ``|``: `arrived` by kind, risk and hour, `answers` (seconds, in order) by kind and hour,
    `decided` by decision and the machine's risk, `decisions` by decision and rule, `people` by person and decision,
    `overturned` by kind of overturn and rule, or ``*`` for each once. `waiting` has what was open at the day's end
    (``0``) and what was older than so many hours. `last_*` are the last times up to this day.
    """

    account: str
    day: date
    arrived: dict[str, int] = Field(default_factory=dict)
    published: int = 0
    answers: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    decided: dict[str, int] = Field(default_factory=dict)
    decisions: dict[str, int] = Field(default_factory=dict)
    people: dict[str, int] = Field(default_factory=dict)
    overturned: dict[str, int] = Field(default_factory=dict)
    waiting: dict[str, int] = Field(default_factory=dict)
    last_in: str | None = None
    last_out: str | None = None
    last_answer: str | None = None


class Figure(Frozen):
    """One number of a report, by its name; None is none, such as the median of nothing."""

    name: str
    value: Cell
    unit: str = ""


class Column(Frozen):
    """A column; `number` says that it is read from the right."""

    name: str
    number: bool = False


class ReportTable(Frozen):
    """A table; `chart` is the column that bars are drawn of."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: int | None = None


class Report(Frozen):
    """A report as it is read: of a month, of one account or of all within reach.

    `days` of the month were counted, `missing` are over and were not. An `estimate` says so wherever it is shown.
    """

    name: Name
    title: str
    month: str
    account: str | None
    made_at: str
    days: int
    missing: int
    estimate: bool
    definition: Definition
    figures: tuple[Figure, ...]
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...] = ()


class ReportEntry(Frozen):
    """A report that the person may read, and what its figures mean."""

    name: Name
    title: str
    force_wide: bool
    estimate: bool
    definition: Definition


class ReportList(Frozen):
    """The reports that the person may read."""

    reports: tuple[ReportEntry, ...]


FileState = Literal["queued", "done", "failed"]


class FileView(Frozen):
    """A PDF that somebody asked for, and how far it is."""

    id: str
    name: str
    state: FileState
    created_at: str


class FileJob(FileView):
    """The same as stored: for whom, and what was asked beside the name."""

    state: FileState = "queued"
    asked: dict[str, Any]
    person: str

    def view(self) -> FileView:
        """Return it as callers see it."""
        return FileView(id=self.id, name=self.name, state=self.state, created_at=self.created_at)


class FileLink(Frozen):
    """Where a PDF can be fetched, without signing in, until `expires_at`."""

    url: str
    expires_at: str


class Checked(Frozen):
    """The daily checks of one account in a month."""

    checked: int = 0
    missed: tuple[date, ...] = ()


class Prices(Frozen):
    """The prices of a list, per million units, in the list's own currency."""

    listed: date
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    write_units: float = Field(ge=0)
    calls: float = Field(ge=0)


class Assumptions(Frozen):
    """What the force assumes for its estimates; without `prices` the cost is told in units alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    minutes_a_contact: float = Field(default=1, ge=0, le=60)
    minutes_a_decision: float = Field(default=2, ge=0, le=60)
    prices: Prices | None = None
