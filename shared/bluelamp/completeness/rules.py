"""Pure decisions on completeness: what a heartbeat proves, and what may be said of a day.

A heartbeat is a poll that read every stream of an account to its end, going on from where the one before ended. So it
proves more than its own moment: whatever still stood on the platform when it began has been read, back to the one
before. Up to `LIMIT` between two is how polling works; more is a gap, and the heartbeat that ends it recovers it,
unless the poll had lost its place or the platform does not look back that far.

What "recovered" does not say: what came and went within the gap was never seen where the webhook for it failed too, and
of several edits only the last is known. Facebook lists no deleted comments and X no deleted posts of others, so their
deletions in a gap are seen for what was known before (X: the latest 100) and for nothing else.

A minute is never called complete unless a heartbeat proves it: whatever is doubtful is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bluelamp.completeness.model import Cover, Gap, GapState, Piece, Said

# The poll comes each minute (each five on one machine), and one may fail without anybody having missed anything.
LIMIT: Final = timedelta(minutes=10)
# How far back a platform gives what it was not asked for in time. X searches seven days (platforms/x_polling.py);
# Facebook lists a Page's posts and their comments without such a limit, but only so many posts a read.
REACH: Final[Mapping[str, timedelta]] = {"x": timedelta(days=6, hours=20)}
# Days further back are not stated anew, so nothing further back counts as recovered.
LOOK_BACK: Final = timedelta(days=14)
# The streams of a platform's poll; all of them must have been read to the end.
STREAMS: Final[Mapping[str, tuple[str, ...]]] = {
    "facebook": ("feed", "messages"),
    "x": ("mentions", "posts", "search", "messages", "check"),
}
# A leaf has 32 KiB: beyond this many gaps a day, those that lie closest together are told as one.
MAX_GAPS: Final = 200
_WORST: Final[tuple[GapState, ...]] = ("recovered", "open", "lost")


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends (UTC)."""
    begin = datetime.combine(day, time(), UTC)
    return begin, begin + timedelta(days=1)


def pieces(last: datetime | None, at: datetime, *, platform: str, lost: bool) -> list[Piece]:
    """Return what a heartbeat proves, day by day.

    Parameters
    ----------
    last
        The heartbeat before, if there was one.
    at
        When this one's poll began.
    platform
        Whose account it is.
    lost
        Whether the poll, or one since `last`, could not go on where the one before it ended.
    """
    if last is None:
        return [Piece(at.date(), at, at, None)]
    if at <= last:
        return []
    state: GapState | None = "recovered" if at - last > LIMIT else None
    if lost or at - last > REACH.get(platform, LOOK_BACK):
        state = "lost"
    return list(_by_day(max(last, bounds((at - LOOK_BACK).date())[0]), at, state))


def _by_day(begin: datetime, end: datetime, state: GapState | None) -> Iterator[Piece]:
    day = begin.date()
    while begin < end:
        until = min(end, bounds(day)[1])
        yield Piece(day, begin, until, state)
        begin, day = until, day + timedelta(days=1)


def grown(cover: Cover | None, piece: Piece) -> Cover:
    """Return a day's cover with one more piece, which begins where the cover ends."""
    gaps = (Gap(piece.begin, piece.end, piece.state),) if piece.state else ()
    if cover is None:
        return Cover(piece.begin, piece.end, gaps)
    return Cover(cover.begin, piece.end, joined([*cover.gaps, *gaps]))


def joined(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Return gaps in order, those that touch and are alike as one."""
    found: list[Gap] = []
    for gap in sorted(gaps, key=lambda one: one.begin):
        if found and found[-1].end >= gap.begin and found[-1].state == gap.state:
            found[-1] = Gap(found[-1].begin, max(found[-1].end, gap.end), gap.state)
        else:
            found.append(gap)
    return tuple(found)


def duty(day: date, *, since: datetime | None, active: bool) -> tuple[datetime, datetime] | None:
    """Return the part of a day on which an account was to be read, or None.

    Parameters
    ----------
    since
        Since when the account has been as it is now; None when that is not known.
    active
        Whether it is active now.
    """
    begin, end = bounds(day)
    if since is None:
        return (begin, end) if active else None
    if active:
        begin = max(begin, since)
    else:
        end = min(end, since)
    return (begin, end) if begin < end else None


def said(on_duty: tuple[datetime, datetime] | None, cover: Cover | None, *, ended: bool = False) -> Said | None:
    """Return what is to be said of a day that is over, or None when there is nothing to say.

    A day begins with the account's first heartbeat and ends with its last, when it was added or suspended no more than
    `LIMIT` away from it: nothing outside is called complete.

    Parameters
    ----------
    on_duty
        When the account was to be read, from `duty`.
    cover
        What was read.
    ended
        The account is no longer read.
    """
    if on_duty is None:
        return Said(cover.begin, cover.until, cover.gaps) if cover and cover.begin < cover.until else None
    begin, end = on_duty
    if cover is None:
        return Said(begin, end, (Gap(begin, end, "lost" if ended else "open"),))
    gaps = list(cover.gaps)
    # Only an account that was added on this day may begin with its first heartbeat.
    tolerance = LIMIT if begin > bounds(begin.date())[0] else timedelta(0)
    if cover.begin - begin > tolerance:
        gaps.append(Gap(begin, cover.begin, "lost"))
    else:
        begin = cover.begin
    if cover.until >= end or (ended and end - cover.until <= LIMIT):
        end = cover.until
    else:
        gaps.append(Gap(cover.until, end, "lost" if ended else "open"))
    return Said(begin, end, bounded(joined(gaps))) if begin < end else None


def bounded(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Return at most `MAX_GAPS`: those closest together become one, as bad as the worst of them."""
    left = list(gaps)
    while len(left) > MAX_GAPS:
        place = min(range(len(left) - 1), key=lambda n: left[n + 1].begin - left[n].end)
        one, two = left[place], left[place + 1]
        left[place : place + 2] = [Gap(one.begin, two.end, max(one.state, two.state, key=_WORST.index))]
    return tuple(left)
