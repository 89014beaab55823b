"""The words of completeness: what was read without a break (`Cover`), what was not (`Gap`), what is said of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from bluelamp.models import Model

GapState = Literal["recovered", "lost", "open"]
Status = Literal["complete", "gap"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a heartbeat.

    `recovered`: a later poll went on from the place of the one before, and so read what then still stood.
    `lost`: no poll could, or ever can. `open`: no poll has come through since.
    """

    begin: datetime
    end: datetime
    state: GapState


@dataclass(frozen=True, slots=True)
class Cover:
    """What polls have read of one account on one day (UTC): from `begin` to `until` all but the gaps."""

    begin: datetime
    until: datetime
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of one heartbeat that falls on one day; `state` is None where it is no gap."""

    day: date
    begin: datetime
    end: datetime
    state: GapState | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement says of an account's day."""

    begin: datetime
    end: datetime
    gaps: tuple[Gap, ...]

    @property
    def status(self) -> Status:
        """Whether the whole was read without a break."""
        return "gap" if self.gaps else "complete"


class GapView(Model):
    """A gap as a report shows it."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    from_: str = Field(alias="from")
    to: str
    state: GapState


class DayView(Model):
    """The last statement on a day: `version` counts from 1; a later one stands in the place of those before."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    day: str
    from_: str = Field(alias="from")
    to: str
    status: Status
    gaps: tuple[GapView, ...]
    version: int
    stated_at: str
    leaf_id: str


class CompletenessReport(Model):
    """The statements on an account's days, oldest first; a day that is not stated yet is not there."""

    model_config = ConfigDict(frozen=True)

    account: str
    streams: tuple[str, ...]
    days: tuple[DayView, ...]
