"""What is asked of the audit trail, and how its records are shown."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from bluelamp.audit.leaf import LeafType, Ref
from bluelamp.models import Model

# As the log spells ids; what is longer or has a space in it is in no record.
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]
Moment = Annotated[str, Field(max_length=40)]


class _Frozen(Model):
    # An error names the field and never repeats its value.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Filters(_Frozen):
    """Which records are wanted; what is left out may be anything.

    `since` and `until` are times of sealing, both included: a time with its zone, or a day (UTC). `officer` is the id
    of a person, `rule` that of a rule that decided, or was among those that led to a judgement. `correlation` binds
    what belongs together: an action's id on its intent and outcome, an export's on its request and its links.
    `ref` is the force's own number: of the incident that a case belongs to, or of what a decision rests on.
    """

    since: Moment | None = None
    until: Moment | None = None
    type: LeafType | None = None
    officer: Id | None = None
    account: Id | None = None
    post: Id | None = None
    rule: Id | None = None
    correlation: Id | None = None
    ref: Ref | None = None


class Officer(_Frozen):
    """Who it was; the log has the id alone, the name is today's."""

    id: str
    name: str | None


class TrailRecord(_Frozen):
    """One sealed record: where it stands in the log, and what it says.

    `record` is the leaf as it was sealed: pseudonyms, ids, codes and hashes.
    """

    year: int
    seq: int
    sealed_at: str
    id: str
    at: str
    type: str
    account: str | None
    officer: Officer | None
    record: dict[str, Any]


class SearchedBackTo(_Frozen):
    """The oldest record that was looked at, and when it was sealed."""

    year: int
    seq: int
    at: str


class WaitingRecords(_Frozen):
    """Records of the whole force that wait to be sealed and are not searched; `more` when that many at the least."""

    records: int
    more: bool


class TrailPage(_Frozen):
    """A page of the audit trail, newest first.

    With `next` the search goes on from `searched_back_to`: a page may be short, or empty, and yet not be the last.
    """

    records: tuple[TrailRecord, ...]
    next: str | None
    searched_back_to: SearchedBackTo | None
    waiting: WaitingRecords
