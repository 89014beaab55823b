"""Pure decisions of publishing: when it goes out, when again, what clashes, and what a page shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bluelamp.publishing.errors import ScheduleError
from bluelamp.publishing.model import (
    SETTLED,
    Copy,
    CopyVerb,
    CopyView,
    Pause,
    PauseView,
    Publication,
    PublicationState,
    Result,
    Schedule,
)
from bluelamp.times import iso, parse_iso

LONDON: Final = ZoneInfo("Europe/London")
# What is later than this is not sent without a person.
OVERDUE: Final = timedelta(hours=4)
# How far ahead something is scheduled.
AHEAD: Final = timedelta(days=400)
# Two publications of an account within this time are shown as a clash.
NEAR: Final = timedelta(minutes=30)
SOONEST: Final = timedelta(minutes=1)


def carried(publication: Publication) -> tuple[str, ...]:
    """Return the ids of the pictures and films of a publication, those that it was last submitted with among them."""
    told = (publication.fields, publication.submitted, publication.before)
    return tuple(dict.fromkeys(one.id for fields in told if fields is not None for one in fields.assets))


def due(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when something goes out, or None for at once.

    Raises
    ------
    ScheduleError
        When that is past or too far off, or a time that the clock on the wall does not have, or has twice.
    """
    if schedule.at is None:
        return None
    wall = _wall(schedule.at)
    moment = _instant(wall, schedule.fold)
    if moment < now - SOONEST:
        raise ScheduleError(f"{_said(wall)} is past. Choose a time to come, or publish at once.")
    if moment > now + AHEAD:
        raise ScheduleError(f"{_said(wall)} is more than {AHEAD.days} days ahead. Choose an earlier time.")
    return moment


def following(schedule: Schedule, run: int) -> datetime | None:
    """Return when what comes again goes out after `run` times, or None when it has ended.

    It keeps its time on the wall. In the night that skips that hour it goes out an hour later by the wall, in the night
    that has it twice the first time: nobody is there to be asked.
    """
    if schedule.at is None or schedule.again is None or run >= schedule.again.times:
        return None
    days = run * (1 if schedule.again.every == "day" else 7)
    wall = _wall(schedule.at) + timedelta(days=days)
    # The first by the offset before the change: of two hours the earlier one, of none the one behind the gap.
    return _both(wall)[0]


def _wall(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ScheduleError(f"{text} is no time. Write it as 2026-03-29T14:00.") from None


def _both(wall: datetime) -> tuple[datetime, datetime]:
    early, late = (wall.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))
    return early, late


def _instant(wall: datetime, fold: str | None) -> datetime:
    early, late = _both(wall)
    if early == late:
        return early
    if early < late:
        if fold is None:
            raise ScheduleError(
                f"There is {_said(wall)} twice, as the clock goes back then. Say whether you mean the first or the "
                "second."
            )
        return early if fold == "first" else late
    before = wall.replace(minute=0) - timedelta(minutes=1)
    after = wall.replace(minute=0) + timedelta(hours=1)
    raise ScheduleError(
        f"There is no {_said(wall)}, as the clock goes forward then. The nearest times are {before:%H:%M} and "
        f"{after:%H:%M}."
    )


def _said(wall: datetime) -> str:
    return f"{wall:%H:%M} on {wall.day} {wall:%B %Y}"


def overdue(publication: Publication, now: datetime) -> bool:
    """Return whether it is so late that a person is to decide whether it still goes out."""
    return publication.due is not None and now - parse_iso(publication.due) > OVERDUE


def paused(pauses: Iterable[Pause], account: str) -> Pause | None:
    """Return a pause that holds for an account, or None."""
    return next((pause for pause in pauses if pause.covers(account)), None)


def state_of(publication: Publication, copies: Sequence[Copy]) -> PublicationState:
    """Return the state as a page shows it: what was sent has ended once each copy has."""
    if publication.state == "running" and copies and all(copy.state in SETTLED for copy in copies):
        return "ended"
    return publication.state


def stuck_in(copies: Iterable[Copy]) -> list[Copy]:
    """Return the copies that a person may send again: of what comes again, the newest on each account alone.

    All of its runs say the same. Sent together, those that failed day after day would stand there as many times.
    """
    newest: dict[str, Copy] = {}
    for copy in copies:
        if copy.account not in newest or copy.run > newest[copy.account].run:
            newest[copy.account] = copy
    return [copy for copy in newest.values() if copy.stuck]


def open_to(copy: Copy, *, edits: bool) -> tuple[CopyVerb, ...]:
    """Return what may be done to a copy now: what is out, and what has a number and may be out, can be taken down."""
    if copy.native_id is None or copy.state not in {"out", "unknown", "missing"}:
        return ()
    return ("edit", "take_down") if edits and copy.state == "out" else ("take_down",)


def ending(copy: Copy, result: Result, *, error: str | None, native_id: str | None, now: str) -> Copy:
    """Return a copy once its intent has an outcome; one that failed is what it was before, as far as that goes."""
    update: dict[str, Any] = {"lease_until": "", "error": error, "maybe_done": result == "unknown"}
    match (result, copy.job.verb):
        case ("unknown", _):
            update["state"] = "unknown"
        case ("cancelled", _):
            update["state"] = "stopped"
        case ("failed", _):
            update["state"] = copy.job.back
        case (_, "publish"):
            update |= {"state": "out", "native_id": native_id, "out_at": now, "progress": {}}
        case (_, "edit"):
            update |= {"state": "out", "text": copy.job.text or copy.text}
        case (_, "take_down"):
            update |= {"state": "down", "down_at": now}
    return copy.model_copy(update=update)


def leased(copy: Copy, now: datetime) -> bool:
    """Return whether a worker is at it."""
    return bool(copy.lease_until) and parse_iso(copy.lease_until) > now


def view_copy(copy: Copy, *, edits: bool, may: bool) -> CopyView:
    """Return a copy as a page shows it; of what nobody knows to be out, one may ask that it be taken down if it is."""
    wish = ("take_down",) if copy.in_doubt and copy.unwanted is None else ()
    return CopyView(
        **copy.model_dump(include={*CopyView.model_fields} - {"verb", "at", "by", "can", "unwanted"}),
        verb=copy.job.verb,
        at=copy.job.at,
        by=copy.job.by,
        unwanted=copy.unwanted is not None,
        can=(*open_to(copy, edits=edits), *wish, *(("settle",) if copy.state == "unknown" else ())) if may else (),
    )


def view_pause(pause: Pause) -> PauseView:
    """Return a pause as a page shows it."""
    return PauseView(**pause.model_dump(include={*PauseView.model_fields}))


def clashes(one: Publication, others: Iterable[Publication]) -> tuple[str, ...]:
    """Return the ids of others that go to an account of this one at about its time, or say the same at all."""
    if one.due is None:
        return ()
    at, accounts, text = parse_iso(one.due), set(one.fields.accounts), one.fields.text.strip()
    found = [
        other.id
        for other in others
        if other.id != one.id
        and other.due is not None
        and (
            (abs(parse_iso(other.due) - at) < NEAR and accounts & set(other.fields.accounts))
            or (text and other.fields.text.strip() == text)
        )
    ]
    return tuple(found)


def stamp(moment: datetime | None) -> str | None:
    """Return a moment as it is stored."""
    return iso(moment) if moment else None
