"""The receiver's use case: a webhook is sized, verified, kept and queued, in this order, and nothing else happens.

What is refused leaves a count and nothing more: no body, no address. The counts of a minute become one entry of the
sealed log. Interpreting is left to ingest, so that a platform has its answer well within the seconds it allows.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from bluelamp.cloud.dynamodb import ContentionError, Delete, Item, Put, Update
from bluelamp.cloud.sqs import Message
from bluelamp.errors import BluelampError, NotFoundError, SignatureError, TooLargeError
from bluelamp.platforms.intake import Staging, envelope, stage
from bluelamp.platforms.secrets import SecretReader, platform_secrets
from bluelamp.platforms.signatures import Handshake, door
from bluelamp.times import Clock, iso, utc_now

log = logging.getLogger("bluelamp.receive")

MAX_BODY_BYTES = 1024 * 1024
_UNKNOWN = "unknown"
T = TypeVar("T")


class Sender(Protocol):
    """What is needed of a queue."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all messages."""


class Writer(Protocol):
    """What is needed of the table."""

    def write(self, write: Put | Update | Delete) -> Item | None:
        """Carry out one write."""


class Received(NamedTuple):
    """Where a webhook's bytes lie; `broken` when they are no JSON, which ingest will keep for a person to look at."""

    key: str
    broken: bool


class RefusalCounts:
    """Counts by minute, ``COUNT#<minute>`` / ``webhook:<platform>:<code>``, which tick makes into leaves.

    One counter a source and minute: the gateway lets 500 requests a second in, and one key takes 1,000 writes. A suffix
    that spread them would make as many sources, and leaves, in the log.

    Parameters
    ----------
    table
        Gives the table, and is asked only when something is refused: a receiver that refuses nothing needs none.
    clock
        The present.
    """

    def __init__(self, table: Callable[[], Writer], clock: Clock = utc_now) -> None:
        self._table = table
        self._clock = clock

    def add(self, platform: str, code: str) -> None:
        """Count one refusal; when the table does not take it, say so in the log and go on.

        What is counted has been decided: a table in trouble must not turn a refusal into an error of ours, on which
        the platform, or whoever forged its name, would come again and again.
        """
        minute = iso(self._clock().replace(second=0, microsecond=0))
        write = Update((f"COUNT#{minute}", f"webhook:{platform}:{code}"), add={"n": 1})
        try:
            self._table().write(write)
        except ContentionError as error:
            log.error("refusal not counted: %s:%s: %s", platform, code, error)  # noqa: TRY400 -- the text says it all
        except Exception:  # what else the client raises is known to bluelamp.cloud alone
            log.exception("refusal not counted: %s:%s", platform, code)


class Receiver:
    """Takes webhooks in.

    Parameters
    ----------
    staging
        The bucket for raw bodies.
    queue
        The ingest queue.
    secrets, prefix
        Where the platforms' secrets are.
    counts
        Where refusals are counted.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        staging: Staging,
        queue: Sender,
        secrets: SecretReader,
        prefix: str,
        counts: RefusalCounts,
        clock: Clock = utc_now,
    ) -> None:
        self._staging = staging
        self._queue = queue
        self._secrets = secrets
        self._prefix = prefix
        self._counts = counts
        self._clock = clock

    def handshake(self, platform: str, query: Mapping[str, str]) -> Handshake:
        """Answer a platform that asks whether this address is ours.

        Raises
        ------
        NotFoundError
            When the platform is none of ours; counted.
        SignatureError
            When it does not know what we agreed; counted.
        """
        return self._counting(
            platform, lambda: door(platform).handshake(query, platform_secrets(self._secrets, self._prefix, platform))
        )

    def receive(self, platform: str, raw: bytes, headers: Mapping[str, str]) -> Received:
        """Take one webhook in; `headers` have lower-case names.

        Raises
        ------
        NotFoundError
            When the platform is none of ours; counted.
        TooLargeError
            When the body is larger than 1 MiB; counted, before anything else is done with it.
        SignatureError
            When the platform did not sign these bytes; counted, nothing is stored.
        """
        self._counting(platform, lambda: self._admit(platform, raw, headers))
        now = self._clock()
        key = stage(self._staging, platform, raw, now)
        self._queue.send([envelope(platform=platform, source="webhook", key=key, raw=raw, received_at=now)])
        broken = not _is_json(raw)
        if broken:
            self._counts.add(platform, "broken_json")
        return Received(key, broken)

    def refuse_method(self, platform: str) -> None:
        """Count a request by a method that no platform uses."""
        try:
            door(platform)
        except NotFoundError:
            platform = _UNKNOWN
        self._counts.add(platform, "bad_method")

    def _admit(self, platform: str, raw: bytes, headers: Mapping[str, str]) -> None:
        found = door(platform)
        if len(raw) > MAX_BODY_BYTES:
            raise TooLargeError(f"a webhook of {len(raw)} bytes is larger than the {MAX_BODY_BYTES} that we take")
        found.verify(raw, headers, platform_secrets(self._secrets, self._prefix, platform))

    def _counting(self, platform: str, admit: Callable[[], T]) -> T:
        try:
            return admit()
        except (NotFoundError, TooLargeError, SignatureError) as error:
            # A name that is none of ours is chosen by whoever calls, so it does not become a key of the table.
            self._counts.add(_UNKNOWN if isinstance(error, NotFoundError) else platform, _code(error))
            raise


def _code(error: BluelampError) -> str:
    return "unknown_platform" if isinstance(error, NotFoundError) else error.code


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True
