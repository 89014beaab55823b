"""How many writing calls an account has, and when the next of many may go: pure arithmetic, no clock and no table.

A platform takes so many writing calls in a window. Of these a fifth is kept for single actions, which never wait here.
What is many at once may make a fifth at once and goes on at three fifths of the rate: so in no window, wherever it
begins, do the many make more than four fifths of the calls. What single actions use comes on top of the many's own, so
the more of them, the slower the many.

The many are paced by one moment per account: when everything that was let go so far would have gone at the steady rate.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bluelamp.errors import InvalidInputError

_STEADY = 0.6
_AT_ONCE = 0.2
# How far ahead a turn is given out: what was given out and then not used is lost for no longer.
HORIZON_MS = 600_000
_LINE = re.compile(r"([a-z]{1,32})=([1-9]\d{0,5})/([1-9]\d{0,5})")


class Turn(NamedTuple):
    """When a call may be made; without `given`, when to ask again. `free_at_ms` is the account's moment afterwards."""

    at_ms: int
    given: bool
    free_at_ms: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What a platform takes from one account: `calls` in `seconds`."""

    calls: int
    seconds: int

    @property
    def interval_ms(self) -> int:
        """Return the time between two calls of the many."""
        return max(1, round(self.seconds * 1000 / (self.calls * _STEADY)))

    @property
    def ahead_ms(self) -> int:
        """Return how far the many may be ahead of their steady rate."""
        return max(0, int(self.calls * _AT_ONCE) - 1) * self.interval_ms

    def turn(self, *, free_at_ms: int, singles: int, now_ms: int, earliest_ms: int) -> Turn:
        """Give the next of many its turn.

        Parameters
        ----------
        free_at_ms
            The account's moment, as the last turn left it.
        singles
            Calls of single actions since then.
        now_ms, earliest_ms
            The present; and when the platform listens again.
        """
        spent = min(singles, self.calls) * self.interval_ms
        moment = max(free_at_ms, now_ms) + spent
        if earliest_ms > now_ms:
            # After a throttle nothing goes at once: what is single goes first, then one after the other.
            moment = max(moment, earliest_ms + self.interval_ms + self.ahead_ms)
        at = max(now_ms, moment - self.ahead_ms)
        if at - now_ms > HORIZON_MS:
            return Turn(now_ms + HORIZON_MS, given=False, free_at_ms=moment)
        return Turn(at, given=True, free_at_ms=moment + self.interval_ms)


# For a platform that the setting does not name.
CAREFUL = Rate(calls=50, seconds=900)


def parse_rates(text: str) -> Mapping[str, Rate]:
    """Read the setting, e.g. ``facebook=600/3600 x=50/900``.

    Raises
    ------
    InvalidInputError
        With the part that cannot be read.
    """
    rates: dict[str, Rate] = {}
    for part in text.split():
        found = _LINE.fullmatch(part)
        if found is None:
            raise InvalidInputError(
                f"WRITE_BUDGETS has {part[:40]!r}; each part is platform=calls/seconds, such as x=50/900"
            )
        rates[found[1]] = Rate(int(found[2]), int(found[3]))
    return rates
