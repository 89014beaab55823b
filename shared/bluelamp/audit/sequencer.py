"""The one writer of the log: a compare-and-swap on its head, then publication that any repeat only confirms.

Any number of sequencers may run. A commit is one transaction on the head and the chunks it takes, so that one of them
wins; everything after it is derived from what that transaction holds, and whoever comes next finishes what a killed
one left. Correctness rests on no lock, no queue and no clock (docs/decisions/0020-sequencer.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bluelamp.audit import layout, tree
from bluelamp.audit.head import Head, Pending, head_key, latest_head, read_head
from bluelamp.audit.leaf import Actor, Previous, Seal, draft
from bluelamp.audit.note import Checkpoint, Note, NoteError, Signer, VerifierKey, encode_base64, sign_note
from bluelamp.audit.outbox import SCHEMA, SHARDS, ReleaseQueue, Waiting, outbox_key, outbox_pk, sequence_key
from bluelamp.audit.prove import LogReader
from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, ContentionError, Delete, Equals, Put, Update
from bluelamp.cloud.s3 import ObjectExistsError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import BluelampError
from bluelamp.times import Clock, iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table, Write
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.sqs import Queue

MAX_CHUNKS = 99
# AWS allows 1,000 write units a second and partition; a commit stays well under it.
MAX_UNITS = 500
_ATTEMPTS = 6
_AHEAD = (
    "{name} is in the archive and is not what the head of the log says; nothing more is sealed in this log. If the "
    "table was restored to an earlier point, rebuild the head from the archive; otherwise treat it as tampering"
)
_ACTOR = Actor.system("seal")


class ForkError(BluelampError):
    """The archive holds other bytes than the head says: the log stops until somebody has looked."""

    code = "fork"


class LostChunkError(BluelampError):
    """A sequenced chunk is gone before it was published: the table was changed from outside."""

    code = "lost_chunk"


class NoQueueError(BluelampError):
    """A sealed record releases a message to a queue that this sequencer was not given."""

    code = "no_queue"


@dataclass(frozen=True, slots=True)
class SealOutcome:
    """What one run did; `more` says that chunks are left."""

    more: bool
    commits: int = 0
    leaves: int = 0
    puts: int = 0


class Sequencer:
    """Writes the log.

    Parameters
    ----------
    table, bucket
        The deployment's table and evidence bucket.
    actions
        Where the release messages of sealed intents go.
    bulk
        Where those of intents go that are many at once, so that single ones pass them.
    disposals, publications
        Where those of sealed holds and disposals, and of sealed publications, go.
    incidents
        Where those of the jobs of an incident go.
    signer
        Holder of the signing key.
    origin
        ``<domain>/bluelamp/<force>``; the year is added.
    clock
        Says the time.
    software
        Commit of the code that runs, for the commit leaves: a deployment is one commit, so they speak for all others.
    """

    def __init__(
        self,
        *,
        table: Table,
        bucket: Bucket,
        actions: Queue,
        signer: Signer,
        origin: str,
        clock: Clock,
        software: str = "",
        disposals: Queue | None = None,
        publications: Queue | None = None,
        bulk: Queue | None = None,
        incidents: Queue | None = None,
    ) -> None:
        self._table = table
        self._bucket = bucket
        self._queues: dict[ReleaseQueue, Queue | None] = {
            "action": actions,
            "bulk": bulk,
            "disposal": disposals,
            "incident": incidents,
            "publish": publications,
        }
        self._signer = signer
        self._origin = origin
        self._clock = clock
        self._software = software
        self._puts = 0
        self._right: tuple[int, int, list[bytes]] = (0, 0, [])

    def run(self, max_commits: int = 8) -> SealOutcome:
        """Seal what waits, up to `max_commits` commits.

        Raises
        ------
        ForkError
            When an object of the archive has other bytes than it should. Alarm; nothing more is sealed in that log.
        LostChunkError
            When a chunk that is to be published is gone.
        """
        self._puts = 0
        commits = leaves = lost = 0
        while commits < max_commits and lost < _ATTEMPTS:
            head = latest_head(self._table, self._clock().year)
            if head and head.pending and not head.published:
                published = self._publish(head)
                leaves += published
                commits += bool(published)
                lost += not published
                continue
            chunks, more = self._waiting(head)
            planned = self._plan(head, chunks)
            if planned is None:
                return SealOutcome(more, commits, leaves, self._puts)
            if not self._commit(head, *planned):
                lost += 1
        return SealOutcome(more=True, commits=commits, leaves=leaves, puts=self._puts)

    # what waits ------------------------------------------------------------------------------------------------------

    def _waiting(self, head: Head | None) -> tuple[list[Waiting], bool]:
        """Return the next chunks in the order of their ids, within the bounds of a commit, and whether more wait."""
        done = set(head.pending.chunks) if head and head.pending else set()
        found: list[Waiting] = []
        left_over = False
        for shard in range(SHARDS):
            mine, more = self._shard(shard, done)
            found += mine
            left_over = left_over or more
        found.sort(key=lambda chunk: chunk.id)
        taken = _within_bounds(found)
        return found[:taken], left_over or taken < len(found)

    def _shard(self, shard: int, done: set[str]) -> tuple[list[Waiting], bool]:
        chunks: list[Waiting] = []
        start = None
        while _within_bounds(chunks) == len(chunks):
            page = self._table.query(outbox_pk(shard), limit=MAX_CHUNKS + 1 - len(chunks), start=start, consistent=True)
            for item in page.items:
                if item["sk"] in done:
                    # Published by the last commit, whose writer was killed before it could tidy up.
                    self._table.write(Delete(outbox_key(item["sk"])))
                else:
                    chunks.append(Waiting.from_item(item))
            start = page.next
            if start is None:
                return chunks, False
        return chunks, True

    # commit ----------------------------------------------------------------------------------------------------------

    def _plan(self, head: Head | None, chunks: Sequence[Waiting]) -> tuple[Head, Sequence[Waiting]] | None:
        """Return the head as it should become and the chunks it takes, or None when there is nothing to do."""
        now = self._clock()
        if head and not head.closed and head.year < now.year:
            return self._grown(head, (), now, close=True), ()
        if not chunks:
            return None
        if head is None or head.closed:
            year = now.year if head is None else max(now.year, head.year + 1)
            fresh = Head.fresh(year, f"{self._origin}/{year}")
            return self._grown(fresh, chunks, now, before=head), chunks
        return self._grown(head, chunks, now), chunks

    def _grown(
        self,
        head: Head,
        chunks: Sequence[Waiting],
        now: datetime,
        *,
        before: Head | None = None,
        close: bool = False,
    ) -> Head:
        last = (before or head).sealed_at
        sealed_at = max(now, parse_iso(last)) if last else now
        seal = Seal(
            sealed_at=iso(sealed_at),
            first=head.size,
            leaves=1 + sum(chunk.n for chunk in chunks) + close,
            chunks=len(chunks),
            previous=_previous(before) if before else None,
        )
        lead = draft(type="commit", at=sealed_at, actor=_ACTOR, seal=seal, commit=self._software or None).body
        tail = draft(type="close", at=sealed_at, actor=_ACTOR).body if close else b""
        pending = Pending(
            first=head.size, lead=lead, tail=tail, chunks=tuple(chunk.id for chunk in chunks), edge=head.edge
        )
        edge = head.edge.extend(tree.leaf_hashes(pending.bodies(chunks)))
        return head.committed(pending, edge, iso(sealed_at), closed=close)

    def _commit(self, old: Head | None, new: Head, chunks: Sequence[Waiting]) -> bool:
        """Try the compare-and-swap; return False when another sequencer was first."""
        pending = new.pending
        assert pending is not None  # noqa: S101 -- `_grown` made it
        writes: list[Write] = [new.put_over(old)]
        seq = pending.first + 1
        for chunk in chunks:
            pk, sk = sequence_key(chunk.id)
            item = {
                "pk": pk, "sk": sk, "rev": 1, "schema": SCHEMA, "year": new.year,
                "first_seq": seq, "n": chunk.n, "start": pending.first, "end": new.size,
            }  # fmt: skip
            writes.append(Put(item, Absent()))
            seq += chunk.n
        try:
            self._table.transact(writes)
        except ContentionError:
            return False
        except ConditionFailedError as error:
            self._tidy([chunks[n - 1] for n in error.failures if n > 0])
            return False
        return True

    def _tidy(self, sequenced: Iterable[Waiting]) -> None:
        """Remove chunks that an earlier commit has sequenced, once nothing is pending that may still need them."""
        head = latest_head(self._table, self._clock().year)
        if head is None or not head.published:
            return
        for chunk in sequenced:
            self._table.write(Delete(outbox_key(chunk.id)))

    # publish ---------------------------------------------------------------------------------------------------------

    def _publish(self, head: Head) -> int:
        """Put the pending commit into the archive, release its intents, and mark it published."""
        pending = head.pending
        assert pending is not None  # noqa: S101 -- the caller looked
        chunks = self._sequenced(head, pending)
        if chunks is None:
            return 0
        bodies = pending.bodies(chunks)
        hashes = tree.leaf_hashes(bodies)
        rows: dict[int, list[bytes]] = {}
        if pending.edge.extend(hashes, rows) != head.edge:
            raise ForkError(
                f"the pending commit of {head.origin} at {pending.first} does not lead to the root of its head; "
                "the table was changed from outside"
            )
        if self._overtaken(head, pending):
            return 0
        self._put(layout.entries_key(head.year, pending.first, head.size), layout.pack(bodies))
        for name, tile in self._tiles(head.year, pending, rows):
            self._put(name, tile)
        self._remember(head, pending, hashes)
        checkpoint, vkey = self._put_checkpoint(head)
        self._release(head.year, pending.first + 1, chunks)
        try:
            self._table.write(
                Update(
                    head_key(head.year),
                    set={"published": True, "checkpoint": checkpoint, "vkey": vkey},
                    add={"rev": 1},
                    conditions=(
                        Equals("size", head.size),
                        Equals("root", head.root),
                        Equals(attr="published", value=False),
                    ),
                )
            )
        except ConditionFailedError:
            return 0  # another sequencer finished this very commit; it also tidies up
        for chunk in chunks:
            self._table.write(Delete(outbox_key(chunk.id)))
        return len(bodies)

    def _sequenced(self, head: Head, pending: Pending) -> list[Waiting] | None:
        """Return the chunks of the pending commit, or None when another sequencer has finished it meanwhile."""
        keys = [outbox_key(chunk_id) for chunk_id in pending.chunks]
        items = self._table.batch_get(keys, consistent=True) if keys else {}
        if len(items) == len(keys):
            return [Waiting.from_item(items[key]) for key in keys]
        if self._still_pending(head):
            missing = next(key for key in keys if key not in items)
            raise LostChunkError(f"{missing} was sequenced in {head.origin} and is gone before it was published")
        return None

    def _still_pending(self, head: Head) -> bool:
        now = read_head(self._table, head.year)
        return now is not None and now.size == head.size and not now.published

    def _overtaken(self, head: Head, pending: Pending) -> bool:
        """Return whether another sequencer has published this commit and more.

        A bundle's name ends with its size, so that a commit of another size would not meet it under the same name:
        what lies behind `pending.first` is looked at before anything is put.

        Raises
        ------
        ForkError
            When the archive is ahead of the head: the table was restored to an earlier point.
        """
        own = layout.entries_key(head.year, pending.first, head.size)
        prefix = f"{head.year:04d}/entries/"
        for name in self._bucket.list(prefix, after=f"{prefix}{pending.first:012d}"):
            if name != own:
                if self._still_pending(head):
                    raise ForkError(_AHEAD.format(name=name))
                return True
        return False

    def _tiles(self, year: int, pending: Pending, rows: dict[int, list[bytes]]) -> Iterable[tuple[str, bytes]]:
        """Yield the full tiles that this commit completes; what lies left of it comes out of the archive."""
        for level, row in rows.items():
            first = pending.first >> level
            begin = first - first % layout.TILE
            if first + len(row) < begin + layout.TILE:
                continue
            whole = [*self._left(year, level, begin, pending.first), *row]
            for place in range(0, len(whole) - layout.TILE + 1, layout.TILE):
                number = (begin + place) // layout.TILE
                name = layout.tile_key(year, level // tree.TILE_HEIGHT, number)
                yield name, b"".join(whole[place : place + layout.TILE])

    def _left(self, year: int, level: int, begin: int, size: int) -> list[bytes]:
        """Return the entries of a tile level from `begin` on, as they stood when the log had `size` leaves."""
        if level == 0 and self._right[:2] == (year, size):
            return self._right[2]
        end = size >> level
        return LogReader(self._bucket, year).row(level // tree.TILE_HEIGHT, begin, end, size) if begin < end else []

    def _remember(self, head: Head, pending: Pending, hashes: list[bytes]) -> None:
        """Keep the open tile's leaf hashes, so that the next commit of a warm process need not read them again."""
        begin = head.size - head.size % layout.TILE
        if begin >= pending.first:
            self._right = (head.year, head.size, hashes[begin - pending.first :])
        elif self._right[:2] == (head.year, pending.first):
            self._right = (head.year, head.size, [*self._right[2], *hashes])

    def _put_checkpoint(self, head: Head) -> tuple[str, str]:
        """Sign and put the checkpoint; return it and the key that signed it."""
        key = VerifierKey(head.origin, self._signer.public())
        if str(key) != head.vkey:
            self._put(layout.vkey_key(head.year, key.id.hex()), f"{key}\n".encode())
        text = Checkpoint(head.origin, head.size, head.root).text
        note = sign_note(text, head.origin, self._signer)
        name = layout.checkpoint_key(head.year, head.size)
        try:
            self._put(name, bytes(note))
        except ForkError:
            # The key was changed between a kill and the repair: the same statement under the key before is no fork.
            try:
                stored = Note.parse(self._bucket.get(name))
                if stored.text != text or not head.vkey:
                    raise
                key = stored.check([VerifierKey.parse(head.vkey)])[0]
            except NoteError as error:
                raise ForkError(f"{name} is no checkpoint that a key known to this log signed") from error
            note = stored
        return bytes(note).decode(), str(key)

    def _release(self, year: int, first: int, chunks: Sequence[Waiting]) -> None:
        messages: dict[ReleaseQueue, list[Message]] = {}
        for chunk in chunks:
            for release in chunk.releases:
                body = {**release.body, "seq": first + release.index, "year": year}
                message = Message(body=body, delay_seconds=release.delay_seconds)
                messages.setdefault(release.queue, []).append(message)
            first += chunk.n
        for name, released in messages.items():
            queue = self._queues[name]
            if queue is None:
                raise NoQueueError(f"{len(released)} sealed records release messages to a {name} queue; there is none")
            queue.send(released)

    def _put(self, name: str, body: bytes) -> None:
        self._puts += 1
        try:
            self._bucket.put_if_absent(name, body)
        except ObjectExistsError:
            if self._bucket.get(name) != body:
                raise ForkError(_AHEAD.format(name=name)) from None


def _within_bounds(chunks: Sequence[Waiting]) -> int:
    """Return how many of the chunks a commit takes."""
    leaves = units = 0
    for taken, chunk in enumerate(chunks[:MAX_CHUNKS]):
        leaves += chunk.n
        units += 2 + -(-len(chunk.data) // 1024)
        if leaves > layout.MAX_COMMIT_LEAVES or units > MAX_UNITS:
            return taken
    return min(len(chunks), MAX_CHUNKS)


def _previous(head: Head) -> Previous:
    return Previous(
        origin=head.origin,
        size=head.size,
        root=encode_base64(head.root),
        checkpoint=encode_base64(head.checkpoint.encode()),
    )
