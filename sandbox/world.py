"""The one place where the sandbox's parts meet: memory, time, faults, deliveries, accounts and people."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from sandbox.clock import Clock, system_clock
from sandbox.delivery import Deliverer
from sandbox.faults import Faults
from sandbox.state import Doc, Node, Store
from sandbox.webhooks import Fetch, Secrets, Send, http_fetch, http_send

DEFAULT_SETTINGS: Doc = {
    "x_shape": "activity",
    "x_deletes": "own",
    "push": True,
    "graph_calls_per_hour": 4800,
    "x_calls_per_window": 300,
    "retry_base": 1.0,
    "retry_cap": 60.0,
    "retry_attempts": 20,
    "reply_window_hours": 24,
    "upload_hours": 24,
    "video_part": 1_048_576,
    "processing_looks": 2,
    "x_token_seconds": 7200,
}
_X_EPOCH = 1_288_834_974_657
_MESSAGE_ID_LENGTH = 40


class RefusedError(Exception):
    """The public cannot do this either: the sentence says why. ``missing`` when the object is not there."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


@dataclass
class World:
    """What every request works on."""

    store: Store
    secrets: Secrets
    clock: Clock
    faults: Faults
    deliverer: Deliverer
    fetch: Fetch = http_fetch
    last_number: int = 0
    last_snowflake: int = 0
    usage: dict[str, list[int]] = field(default_factory=dict)
    hashes: dict[str, "hashlib._Hash"] = field(default_factory=dict)

    def settings(self) -> Doc:
        """Return the settings in force."""
        return read_settings(self.store)

    @contextmanager
    def imagined(self) -> Iterator[None]:
        """Let a call seem to act: nothing stays of it, and nobody is told."""
        with self.store.imagined():
            self.deliverer.muted = True
            try:
                yield
            finally:
                self.deliverer.muted = False

    def number(self) -> str:
        """Return a new Facebook number: sixteen digits, rising, not repeated when the state is lost."""
        with self.store.lock:
            self.last_number = max(self.last_number + 1, self.clock() * 1000)
            return str(self.last_number)

    def snowflake(self) -> str:
        """Return a new X id: beyond 2^53, rising with time."""
        with self.store.lock:
            self.last_snowflake = max(self.last_snowflake + 1, (self.clock() - _X_EPOCH) << 22)
            return str(self.last_snowflake)

    def message_id(self) -> str:
        """Return a new Messenger message id."""
        return "m_" + hashlib.sha256(self.number().encode()).hexdigest()[:_MESSAGE_ID_LENGTH]

    def account(self, platform: str, key: str) -> Doc | None:
        """Return an account of the force's, by native id."""
        return self.store.get("account", f"{platform}:{key}")

    def account_of_token(self, platform: str, token: str) -> Doc | None:
        """Return the account whose token this is."""
        found = (a for a in self.store.all("account") if a["platform"] == platform and a["token"] == token)
        return next(found, None)

    def save_account(self, account: Doc) -> Doc:
        """Create or update an account."""
        self.store.put("account", f"{account['platform']}:{account['id']}", account)
        return account

    def person(self, platform: str, key: str) -> Doc:
        """Return whoever wrote something: an account or a member of the public, as id, name and handle."""
        found = self.account(platform, key) or self.store.get("author", f"{platform}:{key}")
        return found or {"platform": platform, "id": key, "name": "Unknown", "handle": f"user{key[-6:]}"}

    def author(self, platform: str, *, key: str | None, name: str | None, handle: str | None) -> Doc:
        """Return the author with this id, or make one of this name.

        Raises
        ------
        RefusedError
            When there is neither an author nor an account with the id.
        """
        if key is not None:
            person = self.account(platform, key) or self.store.get("author", f"{platform}:{key}")
            if person is None:
                raise RefusedError(f"no author {key} on {platform}", missing=True)
            return person
        known = (a for a in self.store.all("author") if a["platform"] == platform and a["name"] == name)
        return next(known, None) or self.new_author(platform, name=name or "Someone", handle=handle)

    def new_author(
        self, platform: str, *, name: str, key: str | None = None, handle: str | None = None, nameless: bool = False
    ) -> Doc:
        """Create a member of the public."""
        key = key or (self.number() if platform == "facebook" else self.snowflake())
        handle = handle or re.sub(r"\W", "", name)[:11] + key[-4:]
        author = {"platform": platform, "id": key, "name": name, "handle": handle, "nameless": nameless}
        self.store.put("author", f"{platform}:{key}", author)
        return author

    def note(self, node: Node, what: str, by: str) -> None:
        """Write a change into the node's history and its time."""
        node.updated = self.clock()
        node.changes.append({"at": node.updated, "what": what, "by": by})
        self.store.write(node)


def snowflake_time(key: str) -> int:
    """Return the time that an X id tells of, in Unix milliseconds."""
    return (int(key) >> 22) + _X_EPOCH


def build(
    *,
    store: Store | None = None,
    secrets: Secrets | None = None,
    clock: Clock = system_clock,
    target: str | None = None,
    send: Send = http_send,
    fetch: Fetch = http_fetch,
) -> World:
    """Put a world together; whatever is left out is the plain one."""
    store = store or Store()
    secrets = secrets or Secrets()
    faults = Faults(store)
    deliverer = Deliverer(
        store=store,
        faults=faults,
        secrets=secrets,
        settings=partial(read_settings, store),
        clock=clock,
        target=target,
        send=send,
    )
    return World(store, secrets, clock, faults, deliverer, fetch)


def read_settings(store: Store) -> Doc:
    """Return the settings in force: the defaults and what was changed."""
    return DEFAULT_SETTINGS | (store.get("settings", "all") or {})
