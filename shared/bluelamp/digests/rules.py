"""Pure rules of the digest: since when it looks back, when it is told, and how posts are counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bluelamp.digests.model import AccountDigest
from bluelamp.errors import InvalidInputError
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.posts.model import Post
    from bluelamp.roster.model import HandOver

LONDON = ZoneInfo("Europe/London")
# The night, for who does not say since when: from the end of an office day to the morning's telling.
EVENING, MORNING = time(17), time(7)
LONGEST = timedelta(days=7)
_URGENT = frozenset({"high", "critical"})


def since(now: datetime, asked: datetime | None) -> datetime:
    """Return since when a digest looks back: as asked, else the last evening that is over.

    Raises
    ------
    InvalidInputError
        When it is in the future, or more than a week ago.
    """
    if asked is None:
        wall = now.astimezone(LONDON)
        day = wall.date() if wall.time() >= EVENING else wall.date() - timedelta(days=1)
        return datetime.combine(day, EVENING, LONDON).astimezone(UTC)
    if not timedelta(0) <= now - asked <= LONGEST:
        raise InvalidInputError(f"A digest looks back {LONGEST.days} days at the most, and not ahead.")
    return asked


def due_day(now: datetime) -> str | None:
    """Return the day whose morning it is or was, or None before it."""
    wall = now.astimezone(LONDON)
    return wall.date().isoformat() if wall.time() >= MORNING else None


def counted(
    accounts: Iterable[Account],
    opened: Sequence[Post],
    closed: Sequence[Post],
    notes: Mapping[str, Sequence[HandOver]],
    moment: datetime,
) -> list[AccountDigest]:
    """Return what happened on each account on which anything did since, the most urgent first."""
    start = iso(moment)
    found: list[AccountDigest] = []
    for account in accounts:
        mine = [one for one in opened if one.account == account.id and one.received_at >= start]
        done = [one for one in closed if one.account == account.id and one.updated_at >= start]
        left = tuple(note for note in notes.get(account.id, ()) if note.at >= start)
        if mine or done or left:
            found.append(
                AccountDigest(
                    account=account.id,
                    name=account.name,
                    team=account.team,
                    open=len(mine),
                    urgent=sum(one.case.risk in _URGENT for one in mine),
                    done=len(done),
                    hidden=sum(one.state in {"hiding", "hidden"} for one in done),
                    deleted=sum(one.state in {"deleting", "deleted"} for one in done),
                    notes=left,
                )
            )
    return sorted(found, key=lambda one: (-one.urgent, -one.open, one.name))
