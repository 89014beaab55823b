"""Many accounts at once, within the time that a run has: one that hangs holds up nobody but itself.

A call to a platform may take twenty seconds to fail. Beside one another, sixty such calls end in time; one after the
other they would outlive the function, and a renewal that is cut off there is a lost pair of tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import TracebackType
from typing import Generic, Self, TypeVar

from bluelamp.times import Clock

# At most so many calls at once: as many connections as the clients of the cloud and of the platforms keep open.
THREADS = 10

Result = TypeVar("Result")


class Crowd(Generic[Result]):
    """Does the same for many accounts, beside one another, in the order given.

    Parameters
    ----------
    work
        What is done for one account. It runs in a thread of its own and touches nothing that is shared.
    longest
        For how long anything is begun. What is begun then is waited for, and the rest is left for the next run.
    clock
        The present.
    """

    def __init__(self, work: Callable[[str], Result], *, longest: timedelta, clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._until = clock() + longest
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="accounts")
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        """Take the threads."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the threads back once all that was begun has ended."""
        del kind, error, trace
        self._pool.shutdown(wait=True, cancel_futures=True)

    def all(self, accounts: Iterable[str]) -> list[Result]:
        """Return what came of each account that was begun in time, and did not fail in a way nobody foresaw."""
        futures = [self._pool.submit(self._begun, account) for account in accounts]
        found: list[Result] = []
        for future in futures:
            error = future.exception()
            if error is not None:
                self._error = self._error or error
                continue
            found.extend(future.result())
        return found

    def complain(self) -> None:
        """Raise the first failure that nobody foresaw, now that the others are done and told of."""
        if self._error is not None:
            raise self._error

    def _begun(self, account: str) -> list[Result]:
        return [self._work(account)] if self._clock() <= self._until else []
