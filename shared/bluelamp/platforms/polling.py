"""The poll's use case: what the webhooks lost is found by asking, account by account.

The schedule fans out one message an account; each is polled by itself, so that a slow or throttled account holds up
nobody. Pages are kept and queued before the cursor moves: a poll that dies is repeated, and ingest knows what it has.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from bluelamp.cloud.sqs import Message
from bluelamp.platforms.contract import (
    AccountRef,
    Connector,
    Cursor,
    GoneError,
    NotAllowedError,
    PlatformError,
    PollPage,
    ReauthoriseError,
    ThrottledError,
)
from bluelamp.platforms.http import PlatformHttp, ThrottleStore
from bluelamp.platforms.intake import Staging, envelope, stage
from bluelamp.times import Clock, utc_now

# A poll that has found this much, or taken this long, leaves the rest and its place to the next: the function's own
# time limit must not strike in the middle.
MAX_PAGES = 60
# The stream under which the digests of the last poll's pages are kept; no connector has one of this name.
PAGES = "#pages"
MAX_TIME = timedelta(seconds=15)


class Sender(Protocol):
    """What is needed of a queue."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all messages."""


class Cursors(Protocol):
    """Where cursors are kept."""

    def read(self, account_id: str) -> dict[str, Cursor]:
        """Return the account's cursors by stream."""

    def save(self, account_id: str, stream: str, cursor: Cursor) -> None:
        """Keep a stream's cursor."""


class Heartbeats(Protocol):
    """Where it is noted how far an account's streams have been read without a break."""

    def beat(self, account: AccountRef, at: datetime) -> None:
        """Note that a poll which began at `at` read all there was since the one before."""

    def doubt(self, account: AccountRef) -> None:
        """Note that a poll could not go on where the one before ended: something in between may be missing."""


class Polled(NamedTuple):
    """How a poll went, for the log."""

    status: Literal["done", "throttled", "failed", "unwell", "unknown_account"]
    pages: int = 0
    why: str = ""


class Poller:
    """Polls accounts.

    Parameters
    ----------
    connector
        Gives a platform's connector by name.
    accounts
        Gives every active account.
    account
        Gives one active account by id, or None when it is not there or not active.
    open_http
        Gives the way to an account's platform; raises ``ReauthoriseError`` when the account has no token.
    staging, ingest, polls
        The bucket for raw pages, the ingest queue, the poll queue.
    cursors, throttles, heartbeats
        What is remembered from poll to poll.
    unwell
        Told when only a person can help: the account must be connected again, or lacks a permission.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        connector: Callable[[str], Connector],
        accounts: Callable[[], Iterable[AccountRef]],
        account: Callable[[str], AccountRef | None],
        open_http: Callable[[AccountRef], PlatformHttp],
        staging: Staging,
        ingest: Sender,
        polls: Sender,
        cursors: Cursors,
        throttles: ThrottleStore,
        heartbeats: Heartbeats,
        unwell: Callable[[AccountRef, PlatformError], None],
        clock: Clock = utc_now,
    ) -> None:
        self._connector = connector
        self._accounts = accounts
        self._account = account
        self._open_http = open_http
        self._staging = staging
        self._ingest = ingest
        self._polls = polls
        self._cursors = cursors
        self._throttles = throttles
        self._heartbeats = heartbeats
        self._unwell = unwell
        self._clock = clock

    def fan_out(self) -> int:
        """Ask for a poll of every account; return how many there are."""
        messages = [Message({"v": 1, "account_id": account.account_id}) for account in self._accounts()]
        self._polls.send(messages)
        return len(messages)

    def poll(self, account_id: str) -> Polled:
        """Poll one account; a platform that fails is asked again by the next minute's poll, not by this message."""
        account = self._account(account_id)
        if account is None:
            return Polled("unknown_account")
        now = self._clock()
        if self._held(account_id, now):
            return Polled("throttled", why="held")
        cursors = self._cursors.read(account_id)
        before = cursors.pop(PAGES, {}).get("digests", [])
        seen: list[str] = []
        pages = 0
        more = whole = False
        try:
            found = self._connector(account.platform).poll(account, dict(cursors), self._open_http(account))
            for page in found:
                if page.lost:
                    # Before the cursor moves past it: afterwards no poll could tell.
                    self._heartbeats.doubt(account)
                pages += self._keep(account, page, cursors, before, seen)
                more = more or page.more
                if pages >= MAX_PAGES or self._clock() - now > MAX_TIME:
                    break
            else:
                whole = not more
        except ThrottledError as error:
            return Polled("throttled", pages, error.platform_code or error.code)
        except (ReauthoriseError, NotAllowedError, GoneError) as error:
            self._unwell(account, error)
            return Polled("unwell", pages, error.code)
        except PlatformError as error:
            return Polled("failed", pages, error.platform_code or error.code)
        self._finish(account, now if whole else None, before, seen)
        return Polled("done", pages)

    def _finish(self, account: AccountRef, whole_at: datetime | None, before: Sequence[str], seen: list[str]) -> None:
        """Remember a poll that no error ended; `whole_at` is when it began, if it read all there was."""
        if whole_at is not None:
            self._heartbeats.beat(account, whole_at)
        if seen != before:
            self._cursors.save(account.account_id, PAGES, {"digests": seen})

    def _held(self, account_id: str, now: datetime) -> bool:
        held = self._throttles.read(account_id)
        return any(until is not None and until > now for until in (held.all_until, held.polls_until))

    def _keep(
        self,
        account: AccountRef,
        page: PollPage,
        cursors: dict[str, Cursor],
        before: Sequence[str],
        seen: list[str],
    ) -> int:
        digest = hashlib.sha256(page.raw).hexdigest()[:32]
        if page.raw:
            seen.append(digest)
        # Most pages are what they were a minute ago, and were queued then: ingest need not be asked again.
        if page.raw and digest not in before:
            now = self._clock()
            key = stage(self._staging, account.platform, page.raw, now)
            message = envelope(
                platform=account.platform,
                source="poll",
                key=key,
                raw=page.raw,
                received_at=now,
                kind=page.kind,
                account=account.account_id,
            )
            self._ingest.send([message])
        if cursors.get(page.stream) != page.cursor:
            self._cursors.save(account.account_id, page.stream, page.cursor)
            cursors[page.stream] = page.cursor
        return 1 if page.raw else 0
