"""From a raw webhook or polled page to posts in the table: once each, however often and in whatever order it comes.

The raw bytes lie in the staging bucket before a message about them exists. What a connector does not understand is
kept beside its bytes and never costs the rest of the batch.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from bluelamp.accounts.finder import ref_of
from bluelamp.audit.leaf import Actor, Content, Leaf, LeafType, Obj, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.content.model import Entry
from bluelamp.errors import ConflictError
from bluelamp.ids import account_id, post_id
from bluelamp.models import Model
from bluelamp.platforms.contract import BrokenPayloadError, Event, PostEvent, StateChange, Tombstone
from bluelamp.posts import rules, store
from bluelamp.posts.applying import Changed, Round
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.sqs import Queue
    from bluelamp.content.vault import Vault
    from bluelamp.platforms.contract import Connector, ParsedBatch
    from bluelamp.posts.model import Post
    from bluelamp.pseudonyms import Pseudonyms

# A transaction takes 100 writes; posts with media are large, and one transaction holds at most 4 MB.
GROUP = 40
GROUP_BYTES = 2 * 1024 * 1024
# Odd events are kept with their bytes, up to 256 KB each.
ODD_GROUP = 12
# Beyond this many rounds somebody else keeps changing the same posts: the message comes back later.
ROUNDS = 6

# For how long a post that was there already has its media asked for again: the message of it may have been lost.
TELL_AGAIN = timedelta(minutes=15)

UNKNOWN_ACCOUNT = "no account of ours has this id"


class Envelope(Model):
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
    media
        The queue of posts whose media are to be kept.
    live
        The queue of what pages are to be told.
    connector
        Gives the connector of a platform; raises `UnsupportedError` for one that we do not know.
    account
        Gives an account by id, or None.
    pseudonyms
        Names posts and authors in leaves.
    vault
        Keeps what the platforms said, byte for byte.
    heard
        Notes that an account's platform sent something, and when.
    clock
        The time.
    """

    def __init__(
        self,
        *,
        posts: store.PostStore,
        staging: Bucket,
        moderation: Queue,
        media: Queue,
        live: Queue,
        connector: Callable[[str], Connector],
        account: Callable[[str], Account | None],
        pseudonyms: Pseudonyms,
        vault: Vault,
        heard: Callable[[str, str], None],
        clock: Clock = utc_now,
    ) -> None:
        self._heard = heard
        self._posts = posts
        self._staging = staging
        self._moderation = moderation
        self._media = media
        self._live = live
        self._connector = connector
        self._account = account
        self._pseudonyms = pseudonyms
        self._vault = vault
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
        odd += [(event.raw, UNKNOWN_ACCOUNT) for event in orphans]
        self._keep(envelope, odd)
        done = Ingested(unrecognised=len(odd))
        for group in _groups(owned):
            done = self._group(envelope, group, done)
        if envelope.source == "webhook":
            for heard in {account.id for _, account in owned}:
                self._heard(heard, envelope.received_at)
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
        once = self._posts.unseen(envelope.platform, odd)
        for start in range(0, len(once), ODD_GROUP):
            group = once[start : start + ODD_GROUP]
            packed = self._vault.pack([Entry(envelope.account or "", raw) for raw, _ in group])
            kept = list(zip(group, packed.contents, strict=True))
            try:
                self._posts.table.transact([*self._kept(envelope, kept), *packed.writes])
            except ConditionFailedError:
                # Somebody else kept one of them meanwhile: each by itself, under a key of its own pack.
                for (raw, why), _ in kept:
                    self._keep_one(envelope, raw, why)

    def _keep_one(self, envelope: Envelope, raw: bytes, why: str) -> None:
        packed = self._vault.pack([Entry(envelope.account or "", raw)])
        with suppress(ConditionFailedError):
            self._posts.table.transact([*self._kept(envelope, [((raw, why), packed.contents[0])]), *packed.writes])

    def _kept(self, envelope: Envelope, odd: Sequence[tuple[tuple[bytes, str], Content]]) -> list[Write]:
        now = self._clock()
        puts = [
            store.unrecognised_item(envelope.platform, raw, key=envelope.key, why=why, at=now) for (raw, why), _ in odd
        ]
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
                content=content,
            )
            for (raw, _), content in odd
        ]
        return [*puts, Chunk.of(leaves).put()]

    def _group(self, envelope: Envelope, events: list[tuple[Event, Account]], done: Ingested) -> Ingested:
        wanted = [post_id(account.id, event.native_id) for event, account in events]
        packs = _Packs(self._vault)
        for _ in range(ROUNDS):
            # Read first: what came before (a redelivery, X's second copy of an answer that mentions us) costs this read
            # alone, no locked object and no transaction that fails.
            known = self._posts.get_many(wanted, consistent=True)
            work = Round(
                source=envelope.source,
                received_at=envelope.received_at,
                known=known,
                author_key=self._pseudonyms.author,
            )
            for event, account in events:
                work.apply(event, account)
            if not work.changed:
                break
            packs.take(work.changed)
            try:
                self._posts.table.transact(
                    [*work.writes(lambda change: self.leaf(change, packs.content(change))), *packs.writes]
                )
                break
            except (ConditionFailedError, ContentionError):
                continue
        else:
            raise ConflictError("others kept changing the same posts; the message will be tried again")
        self._tell(work.posts(wanted), changed=work.changed)
        new = sum(c.old is None for c in work.changed.values())
        return Ingested(
            new=done.new + new,
            changed=done.changed + len(work.changed) - new,
            unchanged=done.unchanged + len(set(wanted)) - len(work.changed),
            unrecognised=done.unrecognised,
        )

    def _tell(self, posts: list[Post], *, changed: Collection[str]) -> None:
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
        # A poll shows the same posts all day; a message is tried again for some minutes only.
        recent = iso(self._clock() - TELL_AGAIN)
        pictured = [p for p in posts if p.media and (p.id in changed or p.updated_at >= recent)]
        if pictured:
            self._media.send([Message({"v": 1, "post_id": p.id}) for p in pictured])

    def leaf(self, change: Changed, content: Content) -> Leaf:
        """Return the leaf of what events changed."""
        post, old, event = change.post, change.old, change.events[-1]
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
            content=content,
        )


class _Packs:
    """The packs of one group: each event's bytes are packed once, however many rounds the transaction takes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept: dict[tuple[str, bytes], Content] = {}
        self.writes: list[Write] = []

    def take(self, changed: Mapping[str, Changed]) -> None:
        """Pack what is not packed yet."""
        fresh = [change for change in changed.values() if (change.post.id, change.raw) not in self._kept]
        packed = self._vault.pack([Entry(change.post.account, change.raw) for change in fresh])
        self.writes += packed.writes
        for change, content in zip(fresh, packed.contents, strict=True):
            self._kept[change.post.id, change.raw] = content

    def content(self, change: Changed) -> Content:
        """Return where the bytes of a change are kept."""
        return self._kept[change.post.id, change.raw]


def _groups(owned: Sequence[tuple[Event, Account]]) -> Iterator[list[tuple[Event, Account]]]:
    """Cut events into transactions: by number, and by the bytes that came, which the words in the table are part of."""
    group: list[tuple[Event, Account]] = []
    size = 0
    for event, account in owned:
        words = len(event.text.encode("utf-8", "surrogatepass")) if isinstance(event, PostEvent) else 0
        weight = max(words, len(event.raw))
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
