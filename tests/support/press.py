"""Publishing in memory: the real services on the world of the tests, and a platform that publishes as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bluelamp.audit.wake import Wake
from bluelamp.cursors import Cursors
from bluelamp.media.addresses import Allowed
from bluelamp.media.fetching import Fetcher
from bluelamp.platforms.contract import ActResult, GoneError, ReadBack, TimedOutError
from bluelamp.platforms.publishing import AssetLimits, Limits, Outgoing, Shown, UnfitError
from bluelamp.posts.store import PostStore
from bluelamp.publishing.books import Books
from bluelamp.publishing.deciding import Deciding
from bluelamp.publishing.drafting import Drafting
from bluelamp.publishing.errors import LaterError, WaitingError
from bluelamp.publishing.fitting import Fitting
from bluelamp.publishing.linking import Linking
from bluelamp.publishing.listing import Listing
from bluelamp.publishing.pausing import Pausing
from bluelamp.publishing.releasing import Releasing
from bluelamp.publishing.sealed import SealedIntents
from bluelamp.publishing.sending import Sending
from bluelamp.publishing.service import Publishing
from bluelamp.publishing.standing import Standing
from bluelamp.publishing.store import PublicationStore
from bluelamp.publishing.views import Views
from tests.support.world import SECRET, World, principal

PARTS = 3
LIMITS = Limits(
    characters=280,
    picture=AssetLimits(count=4, size=10**7, types=frozenset({"image/jpeg"}), alt=1000),
    video=None,
    poll=None,
    together=False,
    edits=True,
    source="test",
)


class Picture:
    """A picture that was checked and kept."""

    kind = "picture"
    type = "image/jpeg"
    size = 3
    sha256 = "0" * 64
    alt = ""
    seconds = None
    width = height = 10
    codecs = ()

    def __init__(self, asset_id: str) -> None:
        self.id = asset_id

    def read(self, start: int, length: int) -> bytes:
        return b"abc"[start : start + length]


class FakePublisher:
    """A platform whose publications are a dictionary; each of its calls can be killed, before and after."""

    name = "facebook"

    def __init__(self, world: World) -> None:
        self._around = world.faults.around
        self._clock = world.clock
        # native id → account, words, when
        self.out: dict[str, tuple[str, str, datetime]] = {}
        self.calls: list[str] = []
        self.errors: list[Exception] = []
        self.lose_answer = 0
        self.shown_late = 0
        self.lies = False
        # It cannot say whether something is there.
        self.blind = False
        self.down: set[str] = set()
        self.published = 0

    def limits(self) -> Limits:
        return LIMITS

    def length(self, text: str, link: str | None = None) -> int:
        return len(text) + len(link or "")

    def check(self, outgoing: Outgoing) -> None:
        if len(outgoing.text) > LIMITS.characters:
            raise UnfitError("These words are too long.", what="text")

    def prepare(self, outgoing: Outgoing, account: Any, http: Any, progress: Any) -> Iterator[dict[str, int]]:
        parts = int(progress.get("parts", 0)) if outgoing.assets else PARTS
        while parts < PARTS:
            parts = self._around("platform.upload", lambda n=parts: n + 1)
            yield {"parts": parts}

    def publish(self, outgoing: Outgoing, account: Any, http: Any, progress: Any) -> ActResult:
        def call() -> ActResult:
            self.calls.append(f"publish:{account.account_id}")
            if self.errors:
                raise self.errors.pop(0)
            self.published += 1
            native = f"n{self.published}"
            if not self.lies:
                self.out[native] = (account.account_id, outgoing.text, self._clock())
            if self.lose_answer:
                self.lose_answer -= 1
                raise TimedOutError("no answer")
            return ActResult(status="done", native_id=native, request_id="req-1")

        return self._around("platform.publish", call)

    def find(self, outgoing: Outgoing, account: Any, http: Any, progress: Any, *, since: datetime) -> ReadBack:
        def call() -> ReadBack:
            if self.blind:
                return ReadBack(state="unknown")
            if self.shown_late:
                self.shown_late -= 1
                return ReadBack(state="not_done")
            for native, (where, text, at) in self.out.items():
                if (where, text) == (account.account_id, outgoing.text) and at >= since:
                    return ReadBack(state="done", native_id=native)
            return ReadBack(state="not_done")

        return self._around("platform.find", call)

    def edit(self, native_id: str, text: str, account: Any, http: Any) -> ActResult:
        def call() -> ActResult:
            self.calls.append(f"edit:{native_id}")
            if self.errors:
                raise self.errors.pop(0)
            where, _, at = self.out[native_id]
            self.out[native_id] = (where, text, at)
            return ActResult(status="done")

        return self._around("platform.edit", call)

    def take_down(self, native_id: str, account: Any, http: Any) -> ActResult:
        def call() -> ActResult:
            self.calls.append(f"take_down:{native_id}")
            if self.errors:
                raise self.errors.pop(0)
            if native_id not in self.out:
                raise GoneError("gone")
            del self.out[native_id]
            self.down.add(native_id)
            return ActResult(status="done")

        return self._around("platform.take_down", call)

    def show(self, native_id: str, account: Any, http: Any) -> Shown:
        found = self.out.get(native_id)
        return Shown(state="there", text=found[1]) if found else Shown(state="gone")


class Press:
    """The services of publishing on a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.platform = FakePublisher(world)
        self.store = PublicationStore(world.table)
        self.books = Books(
            store=self.store,
            accounts=world.finder,
            pseudonyms=world.pseudonyms,
            vault=lambda: world.vault,
            wake=Wake(world.seal_queue),
            notify=lambda: None,
            clock=world.clock,
        )
        self.fitting = Fitting(publisher=lambda _: self.platform, asset=Picture)
        # Who sent which picture, by its id; the others are those of the usual officer.
        self.senders: dict[str, str | None] = {}
        self.releasing = Releasing(books=self.books, queue=lambda: world.publish_queue)
        views = Views(books=self.books, fitting=self.fitting)
        self.publishing = Publishing(
            drafting=Drafting(books=self.books, views=views, fitting=self.fitting, sender=self._sender),
            deciding=Deciding(books=self.books, views=views, fitting=self.fitting, releasing=self.releasing),
            standing=Standing(books=self.books, views=views, fitting=self.fitting, releasing=self.releasing),
            pausing=Pausing(books=self.books),
            listing=Listing(
                books=self.books, views=views, fitting=self.fitting, cursors=lambda: Cursors(SECRET),
                platforms=("facebook",),
            ),
            linking=Linking(books=self.books, fetcher=Fetcher(Allowed.parse("gov.example"))),
        )  # fmt: skip
        self.seconds = 0.0

    def _sender(self, asset_id: str) -> str | None:
        return self.senders.get(asset_id, principal().id)

    def sending(self) -> Sending:
        return Sending(
            books=self.books,
            fitting=self.fitting,
            http=lambda _: None,
            sealed=SealedIntents(PostStore(self.world.table)),
            releasing=self.releasing,
            queue=self.world.publish_queue,
            monotonic=lambda: self.seconds,
        )

    def run(self, rounds: int = 60) -> None:
        """Seal, and work the publish queue off, until nothing is left."""
        for _ in range(rounds):
            self.world.seal()
            if not self.world.publish_queue.messages:
                return
            message = self.world.publish_queue.messages.pop(0)
            try:
                self.sending().publish(message.body)
            except WaitingError:
                waiting = self.world.publish_queue.messages[-1]
                self.world.pass_time(seconds=waiting.delay_seconds + 1)
            except LaterError:
                self.world.publish_queue.messages.append(message)
                self.world.pass_time(seconds=340)
        raise AssertionError("the queue never comes to an end")


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
