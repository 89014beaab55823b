"""How much one person has on its way in, and how much they began within a day: what bounds a session that was stolen.

Whether something that was begun has ended stands with it alone, so no end is written down here and none can be lost:
when the places are used up, the ones that have ended are found out and free again. So is one after some hours.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from bluelamp.assets.errors import TooManyUploadsError, UploadsSpentError
from bluelamp.assets.upload import PART, Upload
from bluelamp.models import Model
from bluelamp.times import parse_iso

# Two publications of ten, the most that one carries: nobody writes on more at once.
MOST_UNDER_WAY: Final = 20
# Ten films of the largest size: more than one person publishes in a day, each sent twice. What a stolen session fills
# costs about a dollar a month (S3 in London, 2.4 cents a GB).
MOST_A_DAY: Final = 40 * 1024 * 1024 * 1024
# As long as the largest film takes at 3 Mbit/s: what a page that was closed left half sent holds nobody up for longer.
HOLD: Final = timedelta(hours=3)
DAY: Final = timedelta(days=1)
# Times are told without seconds, so a place is told of a minute late rather than early.
_MINUTE: Final = timedelta(minutes=1)
_GIGABYTE: Final = 1024 * 1024 * 1024
_LONDON: Final = ZoneInfo("Europe/London")


class Begun(Model):
    """A picture or film that was begun, and when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    at: str


class Tally(Model):
    """What one person began: the ids that may be under way still, and by hour the bytes of the last day.

    The hours are the first characters of their times (``2026-11-23T12``). `rev` counts every write.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    person: str
    under_way: tuple[Begun, ...] = ()
    hours: dict[str, int] = Field(default_factory=dict)
    rev: int = 0

    @property
    def full(self) -> bool:
        """Whether every place is used, as far as is known."""
        return len(self.under_way) >= MOST_UNDER_WAY


def weight(size: int) -> int:
    """Return how many bytes an upload counts: a part at the least, so that many small ones are bounded as well."""
    return max(size, PART)


def current(tally: Tally, now: datetime) -> Tally:
    """Return it without what has had its place long enough and without the hours that are a day ago."""
    return tally.model_copy(
        update={
            "under_way": tuple(one for one in tally.under_way if parse_iso(one.at) > now - HOLD),
            "hours": {hour: count for hour, count in tally.hours.items() if _begin(hour) > now - DAY},
        }
    )


def still(tally: Tally, open_ids: Container[str]) -> Tally:
    """Return it with those alone that are under way."""
    return tally.model_copy(update={"under_way": tuple(one for one in tally.under_way if one.id in open_ids)})


def require_room(tally: Tally, size: int) -> None:
    """Refuse what is too much beside the rest, before anything of it is begun.

    Raises
    ------
    TooManyUploadsError
        When 20 are under way.
    UploadsSpentError
        When it would be more than 40 GB within a day.
    """
    if tally.full:
        raise TooManyUploadsError(
            f"{MOST_UNDER_WAY} pictures and films of yours are on their way, which is the most at a time. Let them "
            f"arrive or give some up. If their page is closed there is a place again at {_place_free(tally)}."
        )
    over = sum(tally.hours.values()) + weight(size) - MOST_A_DAY
    if over > 0:
        raise UploadsSpentError(
            f"With this you would have begun more than {MOST_A_DAY // _GIGABYTE} GB of pictures and films within a "
            f"day, which is the most. There is room for it again at {_freed(tally, over)}. If that was not you, tell "
            "your administrator."
        )


def counted(tally: Tally, asset: Upload) -> Tally:
    """Return it with one more that is begun, at the next revision."""
    hour = asset.at[:13]
    return tally.model_copy(
        update={
            "under_way": (*tally.under_way, Begun(id=asset.id, at=asset.at)),
            "hours": tally.hours | {hour: tally.hours.get(hour, 0) + weight(asset.size)},
            "rev": tally.rev + 1,
        }
    )


def _begin(hour: str) -> datetime:
    return parse_iso(f"{hour}:00:00Z")


def _place_free(tally: Tally) -> str:
    """Return the time on the wall at which the oldest has had its place long enough."""
    return _wall(min(parse_iso(one.at) for one in tally.under_way) + HOLD + _MINUTE)


def _freed(tally: Tally, wanted: int) -> str:
    """Return the time on the wall at which the oldest hours have freed so many bytes."""
    for hour in sorted(tally.hours):
        wanted -= tally.hours[hour]
        if wanted <= 0:
            break
    return _wall(_begin(hour) + DAY)


def _wall(moment: datetime) -> str:
    return f"{moment.astimezone(_LONDON):%H:%M}"


def lasts_until(tally: Tally) -> datetime:
    """Return when nothing of it counts any more."""
    return max(parse_iso(one.at) for one in tally.under_way) + DAY
