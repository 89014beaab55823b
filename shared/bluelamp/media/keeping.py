"""Keeping a post's media, and what stood around it, before anybody can take them away.

Each medium gets one mark beside its post and one leaf in the log: with the place of its bytes, or with the reason why
they could not be had. The mark is written in the transaction of its leaf, on condition that nobody was first; so
however often and by however many workers the same message is worked on, there is one record.

Two come here: the keep function, soon after a post has arrived, and the act function, before it hides or deletes. The
second cannot wait for long; what it cannot get after a few tries is said to be lost, and the action goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Actor, Content, Leaf, Op, draft
from bluelamp.audit.outbox import Chunk, Release, ReleaseQueue
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.content.model import Entry
from bluelamp.errors import BluelampError, ConflictError, NotFoundError
from bluelamp.media import rules
from bluelamp.media.contexts import Contexts, Posts, Taken, chunks_of, obj_of
from bluelamp.media.errors import MediaError, MediaTimedOutError, TooManyError
from bluelamp.media.model import Mark
from bluelamp.posts.model import Media, Pointer, Post
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.sqs import Queue
    from bluelamp.content.vault import Vault
    from bluelamp.media.fetching import Fetcher
    from bluelamp.media.store import MarkStore
    from bluelamp.pseudonyms import Pseudonyms

MOST_MEDIA = 40
# What lies in memory at a time: media, their ciphertext, and the pack they become.
PACK_BYTES = 64 * 1024 * 1024
# Both functions run for longer than this; the rest is for what stands around the fetching.
KEEP_SECONDS = 40.0
HURRIED_SECONDS = 12.0
_LEAST_SECONDS = 1.0
_ROUNDS = 4


class StillMissingError(BluelampError):
    """A medium could not be had and perhaps can in a moment; nothing was recorded of it yet.

    Parameters
    ----------
    message
        What is missing.
    seconds
        When to try again.
    """

    code = "media_still_missing"

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True)
class Done:
    """What one message came to; figures for the metrics. `waiting` are tried again later."""

    kept: int = 0
    lost: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Sealing:
    """The evidence of an action on its way to the seal: the context's leaf, and the chunks of all that goes with it."""

    pointer: Pointer
    chunks: tuple[str, ...]


@dataclass(frozen=True)
class Taking:
    """An action that takes a post away, as far as its evidence goes.

    `intent` is the intent's leaf, `correlation` the action. `release` is the body of the message that is released once
    the evidence is sealed, and `also` gives further writes of the same transaction, told what will be sealed. `queue`
    is where that message goes, `incident` the incident that the action was ordered in.
    """

    verb: str
    intent: str
    correlation: str
    release: Mapping[str, Any]
    also: Callable[[Sealing], Sequence[Write]]
    queue: ReleaseQueue = "action"
    incident: str | None = None


@dataclass(frozen=True)
class _Settled:
    """A medium that was got, or given up."""

    key: str
    medium: Media
    before: Mark | None
    body: bytes = field(default=b"", repr=False)
    type: str | None = None
    why: str | None = None
    content: Content | None = None


@dataclass(frozen=True)
class _Run:
    """One go at a post's media: by which function, the how-manieth, whether the last, and until when."""

    post: Post
    by: str
    attempt: int
    final: bool
    until: float


class Keeper:
    """The use case of the keep function, and the first half of a hide or delete.

    Parameters
    ----------
    posts, marks
        Where posts and the marks of their media are.
    fetcher
        Fetches.
    vault
        Keeps bytes.
    pseudonyms
        Names posts and authors in leaves.
    wake
        Wakes the sequencer.
    queue
        Gives the media queue, for what is to be tried again; the act function never asks for it.
    clock
        The time.
    """

    def __init__(
        self,
        *,
        posts: Posts,
        marks: MarkStore,
        fetcher: Fetcher,
        vault: Vault,
        pseudonyms: Pseudonyms,
        wake: Wake,
        queue: Callable[[], Queue],
        clock: Clock = utc_now,
    ) -> None:
        self._posts = posts
        self._marks = marks
        self._contexts = Contexts(posts=posts, marks=marks, vault=vault, pseudonyms=pseudonyms, clock=clock)
        self._fetcher = fetcher
        self._vault = vault
        self._pseudonyms = pseudonyms
        self._wake = wake
        self._queue = queue
        self._clock = clock

    def keep(self, message: Mapping[str, Any]) -> Done:
        """Keep the media of a post that are not kept yet; what may be had later is put into the queue again.

        Parameters
        ----------
        message
            `post_id`, and `attempt`, which is 1 when left out.

        Raises
        ------
        NotFoundError
            When there is no such post.
        ConflictError
            When others kept marking the same media; the message is to come again.
        """
        post = self._posts.get(message["post_id"], consistent=True)
        if post is None:
            raise NotFoundError("a message names a post that is not in the table; nothing was fetched")
        attempt = int(message.get("attempt", 1))
        final = attempt > len(rules.DELAYS)
        run = _Run(post, "keep", attempt, final, time.monotonic() + KEEP_SECONDS)
        marks = self._marks.of(post.id)
        done = self._settle(run, rules.missing(post.media, marks), marks)
        if done.waiting:
            again = {"v": 1, "post_id": post.id, "attempt": attempt + 1}
            self._queue().send([Message(again, delay_seconds=rules.DELAYS[attempt - 1])])
        return done

    def keep_before(self, post: Post, taking: Taking, *, tries: int) -> None:
        """Keep what is still missing of a post, then its context, before an action takes it away.

        The context's leaf, what `taking.also` gives and the release are one transaction.

        Parameters
        ----------
        post
            The post as it stands.
        taking
            What is to be done to it.
        tries
            How often this was tried before; the last try gives up what it cannot get.

        Raises
        ------
        StillMissingError
            When a medium may be had in a moment, and there are tries left.
        ConflictError
            When somebody else changed the action, or kept marking the same media.
        """
        final = tries >= len(rules.HURRIED_DELAYS)
        run = _Run(post, "act", tries + 1, final, time.monotonic() + HURRIED_SECONDS)
        # A person waits: what never had media has no marks to be read.
        marks = self._contexts.marks(post)
        # The last chance: what was given up when its host was down is asked for once more.
        wanted = rules.missing(post.media, marks, again=True)
        done = self._settle(run, wanted, marks)
        if done.waiting:
            seconds = rules.HURRIED_DELAYS[tries]
            raise StillMissingError(f"{done.waiting} media of this post may still be had", seconds=seconds)
        self._seal_context(post, taking, self._marks.of(post.id) if wanted else marks)

    # media -----------------------------------------------------------------------------------------------------------

    def _settle(self, run: _Run, wanted: Mapping[str, Media], marks: Mapping[str, Mark]) -> Done:
        """Fetch and record what can be; media that fill a pack are recorded before the next is fetched."""
        batch: list[_Settled] = []
        kept = lost = waiting = size = 0
        for number, (key, medium) in enumerate(wanted.items()):
            one = _Settled(key, medium, marks.get(key))
            try:
                one = self._fetched(run, number, one)
            except MediaError as error:
                if one.before is not None:
                    continue  # the log says already that it is lost
                if error.passing and not run.final:
                    waiting += 1
                    continue
                one = replace(one, why=error.code)
            kept += one.why is None
            lost += one.why is not None
            batch.append(one)
            size += len(one.body)
            if size >= PACK_BYTES:
                self._record(run, batch)
                batch, size = [], 0
        self._record(run, batch)
        return Done(kept, lost, waiting)

    def _fetched(self, run: _Run, number: int, one: _Settled) -> _Settled:
        if number >= MOST_MEDIA:
            raise TooManyError(f"a post's first {MOST_MEDIA} media are kept")
        left = run.until - time.monotonic()
        if left < _LEAST_SECONDS:
            raise MediaTimedOutError("the media before it took all the time")
        medium = self._fetcher.fetch(one.medium.url, seconds=left)
        return replace(one, body=medium.body, type=medium.type)

    def _record(self, run: _Run, batch: Sequence[_Settled]) -> None:
        """Put the bytes into the vault, then marks and leaves into one transaction."""
        got = [one for one in batch if one.why is None]
        packed = self._vault.pack([Entry(run.post.account, one.body) for one in got])
        # The bytes have served: what is left is to be small while others are fetched.
        found = [replace(one, body=b"", content=place) for one, place in zip(got, packed.contents, strict=True)]
        sizes = {one.key: len(one.body) for one in got}
        left = [*found, *(one for one in batch if one.why is not None)]
        for _ in range(_ROUNDS):
            if not left:
                return
            leaves = [self._media_leaf(run, one) for one in left]
            chunk = Chunk.of(leaves)
            marks = [_mark(run, one, chunk, n, sizes.get(one.key, 0)) for n, one in enumerate(left)]
            puts = [self._marks.put(run.post.id, mark) for mark in marks]
            try:
                self._marks.transact([chunk.put(), *packed.writes, *puts])
            except (ConditionFailedError, ContentionError):
                # Somebody else had some of them at the same time: theirs are the records of those.
                now = self._marks.of(run.post.id)
                left = [one for one in left if now.get(one.key) == one.before]
                continue
            self._wake()
            return
        raise ConflictError("others kept marking the same media; the message is tried again")

    def _media_leaf(self, run: _Run, one: _Settled) -> Leaf:
        post = run.post
        return draft(
            type="media",
            at=self._clock(),
            actor=Actor.system(run.by),
            account=post.account,
            author_key=self._pseudonyms.author(post.platform, post.author.id),
            # The digest tells which medium it is, to whoever has the post and the key.
            obj=obj_of(
                self._pseudonyms, post, digest=self._pseudonyms.words(post.account, post.native_id, "", [one.medium])
            ),
            content=one.content,
            op=Op(error=one.why) if one.why else None,
        )

    # context ---------------------------------------------------------------------------------------------------------

    def _seal_context(self, post: Post, taking: Taking, marks: Mapping[str, Mark]) -> None:
        packed = self._contexts.pack(post, marks, taking.verb)
        taken = Taken(taking.verb, taking.intent, taking.correlation, by="act", incident=taking.incident)
        leaf = self._contexts.leaf(post, taken, packed.contents[0])
        chunk = Chunk.of([leaf], releases=[Release(index=0, body=dict(taking.release), queue=taking.queue)])
        chunks = dict.fromkeys([chunk.id, *chunks_of(marks)])
        sealing = Sealing(Pointer(**chunk.pointer(0), detail={"verb": taking.verb}), tuple(chunks))
        try:
            self._marks.transact([chunk.put(), *packed.writes, *taking.also(sealing)])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("somebody else has this action in hand, or it was taken back") from None
        self._wake()


def _mark(run: _Run, one: _Settled, chunk: Chunk, place: int, size: int) -> Mark:
    pointer = Pointer(**chunk.pointer(place), detail={"result": one.why or "kept"})
    return Mark(
        key=one.key,
        kind=one.medium.kind,
        state="lost" if one.why else "kept",
        at=chunk.leaves[place].at,
        pointers=(*(one.before.pointers if one.before else ()), pointer),
        content=one.content,
        type=one.type,
        size=size,
        why=one.why,
        attempts=run.attempt,
        rev=one.before.rev + 1 if one.before else 1,
    )
