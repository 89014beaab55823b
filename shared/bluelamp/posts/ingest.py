"""From a raw webhook or polled page to posts in the table: once each, however often and in whatever order it comes.

The raw bytes lie in the staging bucket before a message about them exists. What a connector does not understand is
kept beside its bytes and never costs the rest of the batch.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from bluelamp.accounts.finder import ref_of
from bluelamp.audit.leaf import Actor, Leaf, LeafType, Obj, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.ids import account_id, post_id, thread_id
from bluelamp.platforms.contract import BrokenPayloadError, Event, PostEvent, StateChange, Tombstone
from bluelamp.posts import rules, store
from bluelamp.posts.model import Author, Case, Media, Pointer, Post
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.sqs import Queue
    from bluelamp.platforms.contract import Connector, ParsedBatch
    from bluelamp.pseudonyms import Pseudonyms

# A transaction takes 100 writes; posts with media are large, and one transaction holds at most 4 MB.
GROUP = 40
GROUP_BYTES = 2 * 1024 * 1024
# Odd events are kept with their bytes, up to 256 KB each.
ODD_GROUP = 12
# Beyond this many rounds somebody else keeps changing the same posts: the message comes back later.
ROUNDS = 6

UNKNOWN_ACCOUNT = "no account of ours has this id"


class Envelope(BaseModel):
    """The body of a message on the ingest queue: where the raw bytes are, and from whom."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    platform: str
    source: rules.Source
    kind: str | None = None
    account: str | None = None
    key: str
    received_at: str
    inline: str | None = None


@dataclass(frozen=True)
class Ingested:
    """What one envelope came to; figures for the metrics."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unrecognised: int = 0


class Ingest:
    """The use case of the ingest function.

    Parameters
    ----------
    posts
        Where posts are kept.
    staging
        The bucket with raw bodies.
    moderation
        The queue of what is to be judged.
    live
        The queue of what pages are to be told.
    connector
        Gives the connector of a platform; raises `UnsupportedError` for one that we do not know.
    account
        Gives an account by id, or None.
    pseudonyms
        Names posts and authors in leaves.
    clock
        The time.
    """

    def __init__(
        self,
        *,
        posts: store.PostStore,
        staging: Bucket,
        moderation: Queue,
        live: Queue,
        connector: Callable[[str], Connector],
        account: Callable[[str], Account | None],
        pseudonyms: Pseudonyms,
        clock: Clock = utc_now,
    ) -> None:
        self._posts = posts
        self._staging = staging
        self._moderation = moderation
        self._live = live
        self._connector = connector
        self._account = account
        self._pseudonyms = pseudonyms
        self._clock = clock

    def ingest(self, body: dict[str, Any]) -> Ingested:
        """Bring one envelope's posts into the table and on to the judge.

        Doing it again changes nothing, and sends the messages again: the first time may have died before sending.

        Raises
        ------
        ConflictError
            When others kept changing the same posts; the message is to be tried again.
        """
        envelope = Envelope.model_validate(body)
        raw = base64.b64decode(envelope.inline) if envelope.inline else self._staging.get(envelope.key)
        try:
            batch = self._parse(envelope, raw)
        except BrokenPayloadError as error:
            # Under a right signature, so the platform did send it: kept for a person to look at.
            self._keep(envelope, [(raw, str(error))])
            return Ingested(unrecognised=1)
        owned, orphans = self._by_account(batch.events)
        odd = [(entry.raw, entry.why) for entry in batch.unrecognised]
        odd += [(event.model_dump_json().encode(), UNKNOWN_ACCOUNT) for event in orphans]
        self._keep(envelope, odd)
        done = Ingested(unrecognised=len(odd))
        for group in _groups(owned):
            done = self._group(envelope, group, done)
        return done

    def _parse(self, envelope: Envelope, raw: bytes) -> ParsedBatch:
        connector = self._connector(envelope.platform)
        if envelope.source == "webhook":
            return connector.parse(raw)
        account = self._account(envelope.account or "")
        if account is None or envelope.kind is None:
            raise BrokenPayloadError(f"a polled page names no account of ours: {envelope.account!r}")
        return connector.parse_page(envelope.kind, raw, ref_of(account))

    def _by_account(self, events: Iterable[Event]) -> tuple[list[tuple[Event, Account]], list[Event]]:
        owned: list[tuple[Event, Account]] = []
        orphans: list[Event] = []
        for event in events:
            account = self._account(account_id(event.platform, event.account_native))
            if account is None:
                orphans.append(event)
            else:
                owned.append((event, account))
        return owned, orphans

    def _keep(self, envelope: Envelope, odd: Sequence[tuple[bytes, str]]) -> None:
        """Keep events that were not understood, and record that they came; the same one again is kept already."""
        once = list(dict(odd).items())
        for start in range(0, len(once), ODD_GROUP):
            group = once[start : start + ODD_GROUP]
            try:
                self._posts.table.transact(self._kept(envelope, group))
            except ConditionFailedError:
                for one in group:
                    with suppress(ConditionFailedError):
                        self._posts.table.transact(self._kept(envelope, [one]))

    def _kept(self, envelope: Envelope, odd: Sequence[tuple[bytes, str]]) -> list[Write]:
        now = self._clock()
        puts = [store.unrecognised_item(envelope.platform, raw, key=envelope.key, why=why, at=now) for raw, why in odd]
        leaves = [
            draft(
                type="unrecognised",
                at=now,
                actor=Actor.system("ingest"),
                account=envelope.account,
                obj=Obj(
                    kind="event",
                    key=self._pseudonyms.content(envelope.platform, raw),
                    hmac_key=self._pseudonyms.key_id,
                ),
            )
            for raw, _ in odd
        ]
        return [*puts, Chunk.of(leaves).put()]

    def _group(self, envelope: Envelope, events: list[tuple[Event, Account]], done: Ingested) -> Ingested:
        wanted = [post_id(account.id, event.native_id) for event, account in events]
        # A polled page is mostly what we have; a webhook mostly what we have not, so it is written unread at first.
        known: dict[str, Post] = self._posts.get_many(wanted, consistent=True) if envelope.source == "poll" else {}
        for _ in range(ROUNDS):
            work = _Work(self, envelope, known)
            for event, account in events:
                work.apply(event, account)
            if not work.touched:
                break
            try:
                self._posts.table.transact(work.writes())
                break
            except (ConditionFailedError, ContentionError):
                known = self._posts.get_many(wanted, consistent=True)
        else:
            raise ConflictError("others kept changing the same posts; the message will be tried again")
        self._tell(work.posts(wanted))
        new = sum(p.rev == 1 for p in work.touched.values())
        return Ingested(
            new=done.new + new,
            changed=done.changed + len(work.touched) - new,
            unchanged=done.unchanged + len(set(wanted)) - len(work.touched),
            unrecognised=done.unrecognised,
        )

    def _tell(self, posts: list[Post]) -> None:
        judge = [p for p in posts if p.case.state == "unjudged"]
        show = [p for p in posts if p.case.state != "unjudged"]
        if judge:
            self._moderation.send(
                [
                    Message({"v": 1, "post_id": p.id, "rev": p.rev, "account": p.account, "received_at": p.received_at})
                    for p in judge
                ]
            )
        if show:
            self._live.send([live_message(p) for p in show])

    def leaf(self, post: Post, event: Event, old: Post | None) -> Leaf:
        """Return the leaf of what an event changed."""
        return draft(
            type=_leaf_type(event, old),
            at=self._clock(),
            actor=Actor.system("ingest"),
            account=post.account,
            author_key=self._pseudonyms.author(post.platform, post.author.id),
            event_at=event.event_at,
            obj=Obj(
                kind="post",
                key=self._pseudonyms.post(post.account, post.native_id),
                hmac_key=self._pseudonyms.key_id,
                rev=post.rev,
                prev=old.head if old else None,
                digest=self._pseudonyms.words(post.account, post.native_id, post.text, post.media),
            ),
        )


def new_post(event: PostEvent, owner: rules.Owner, *, received_at: str, seen_at: str) -> Post:
    """Return the post that an event describes, at revision 1 and not yet judged."""
    outgoing = event.direction == "out"
    return Post(
        id=post_id(owner.id, event.native_id),
        platform=event.platform,
        account=owner.id,
        account_name=owner.name,
        team=owner.team,
        native_id=event.native_id,
        kind=event.kind,
        direction=event.direction,
        thread=thread_id(event.platform, event.thread_native),
        thread_native=event.thread_native,
        parent=post_id(owner.id, event.parent_native) if event.parent_native else None,
        parent_native=event.parent_native,
        author=Author(id=event.author_id, name=event.author_name, handle=event.author_handle),
        text=event.text,
        media=tuple(Media(kind=m.kind, url=m.url) for m in event.media),
        permalink=event.permalink,
        private=event.private,
        edited=event.edited,
        event_at=iso(event.event_at),
        seen_at=seen_at,
        received_at=received_at,
        updated_at=received_at,
        # What the force itself wrote needs no decision; it is kept and shown in its thread.
        case=Case(state="closed") if outgoing else Case(),
    )


def _groups(owned: Sequence[tuple[Event, Account]]) -> Iterator[list[tuple[Event, Account]]]:
    """Cut events into transactions: by number, and by the bytes that their words come to."""
    group: list[tuple[Event, Account]] = []
    size = 0
    for event, account in owned:
        weight = len(event.text.encode("utf-8", "surrogatepass")) if isinstance(event, PostEvent) else 0
        if group and (len(group) == GROUP or size + weight > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append((event, account))
        size += weight
    if group:
        yield group


def _leaf_type(event: Event, old: Post | None) -> LeafType:
    match event:
        case Tombstone():
            return "removed"
        case StateChange():
            return "state"
        case _:
            return "ingest" if old is None or old.stub else "edit"


class _Work:
    """One round: events applied to posts in memory, then one transaction."""

    def __init__(self, ingest: Ingest, envelope: Envelope, known: dict[str, Post]) -> None:
        self._ingest = ingest
        self._envelope = envelope
        self._known = known
        self.touched: dict[str, Post] = {}
        self._leaves: list[Leaf] = []
        self._owners: list[str] = []

    def apply(self, event: Event, account: Account) -> None:
        """Apply one event; several to one post within a batch become one change of it, with the last one's leaf."""
        wanted = post_id(account.id, event.native_id)
        old = self._known.get(wanted)
        current = self.touched.get(wanted, old)
        post = self._outcome(event, account, current)
        if post is None:
            return
        rev = old.rev + 1 if old else 1
        post = post.changed(rev=rev)
        if wanted in self.touched:
            place = self._owners.index(wanted)
            self._leaves[place] = self._ingest.leaf(post, event, old)
        else:
            self._owners.append(wanted)
            self._leaves.append(self._ingest.leaf(post, event, old))
        self.touched[wanted] = post

    def _outcome(self, event: Event, account: Account, current: Post | None) -> Post | None:
        received = self._envelope.received_at
        match event:
            case PostEvent():
                fresh = new_post(event, account, received_at=received, seen_at=self._seen_at(event.event_at))
                return fresh if current is None else rules.merge_content(current, fresh, source=self._envelope.source)
            case Tombstone():
                if current is None:
                    return self._stub(event, account, "removed")
                return rules.merge_removal(current, received_at=received)
            case StateChange():
                if current is None:
                    return self._stub(event, account, event.state)
                return rules.merge_state(current, event.state, received_at=received)

    def _seen_at(self, event_at: datetime) -> str:
        # A poll saw the text as it stood when the page was read, however old the post is.
        return self._envelope.received_at if self._envelope.source == "poll" else iso(event_at)

    def _stub(self, event: Tombstone | StateChange, account: Account, state: Any) -> Post:
        return rules.stub_post(
            event.platform,
            event.native_id,
            account,
            state=state,
            at=iso(event.event_at),
            received_at=self._envelope.received_at,
        )

    def writes(self) -> list[Write]:
        """Return the transaction: each post under the condition that nobody else was there, and one outbox chunk."""
        chunk = Chunk.of(self._leaves)
        writes: list[Write] = []
        for place, wanted in enumerate(self._owners):
            leaf = self._leaves[place]
            post = self.touched[wanted]
            pointer = Pointer.model_validate(chunk.pointer(place))
            post, spilt = store.spill(post.changed(head=leaf.digest, trail=(*post.trail, pointer)))
            self.touched[wanted] = post
            writes += [store.put_new(post) if post.rev == 1 else store.put_changed(post), *spilt]
        writes.append(chunk.put())
        return writes

    def posts(self, wanted: list[str]) -> list[Post]:
        """Return every post the envelope was about, as it stands now."""
        return [p for p in (self.touched.get(w) or self._known.get(w) for w in dict.fromkeys(wanted)) if p is not None]


def live_message(post: Post) -> Message:
    """Return the message that tells pages of a post."""
    return Message(
        {
            "v": 1,
            "account": post.account,
            "kind": "post",
            "post_id": post.id,
            "rev": post.rev,
            "at": post.updated_at,
        }
    )
