"""Deliberately broken writers. A suite that lets one of them pass proves nothing of the real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any
from unittest.mock import patch

from bluelamp.actions import sealing
from bluelamp.actions.acting import Acting
from bluelamp.actions.sealing import Seals
from bluelamp.audit import sequencer as writer
from bluelamp.audit import tree
from bluelamp.audit.head import Head, Pending, head_key, latest_head
from bluelamp.audit.leaf import Actor, draft
from bluelamp.audit.outbox import outbox_key
from bluelamp.audit.sequencer import Sequencer
from bluelamp.cloud.dynamodb import Delete, Put, Write
from bluelamp.cloud.memory import MemoryTable
from bluelamp.cloud.s3 import ObjectExistsError
from bluelamp.cloud.sqs import Message
from tests.support import world

# Target, attribute, and what is put there.
Patch = tuple[Any, str, Any]
_bodies = Pending.bodies


class CheckpointFirst(Sequencer):
    """Puts the checkpoint before the records that it covers."""

    def _overtaken(self, head, pending):
        overtaken = super()._overtaken(head, pending)
        if not overtaken:
            self._put_checkpoint(head)
        return overtaken


class NoCompareAndSwap(Sequencer):
    """Writes the head over whatever is there."""

    def _commit(self, old, new, chunks):
        with _rewritten(self._table, lambda head, *others: [Put(head.item), *others]):
            return super()._commit(old, new, chunks)


class NoSequenceGuard(Sequencer):
    """Does not ask whether a chunk was sequenced before, nor remembers what the last commit took."""

    def _commit(self, old, new, chunks):
        with _rewritten(self._table, lambda head, *others: [head, *(Put(other.item) for other in others)]):
            return super()._commit(old, new, chunks)

    def _shard(self, shard, done):
        return super()._shard(shard, set())


class Overwrites(Sequencer):
    """Puts objects whether or not something is there."""

    def _put(self, name, body):
        self._bucket.put(name, body)


class BlindTo412(Sequencer):
    """Takes "there is one already" for success, without comparing."""

    def _put(self, name, body):
        try:
            self._bucket.put_if_absent(name, body)
        except ObjectExistsError:
            return


class TidiesTooEarly(Sequencer):
    """Deletes the chunks as soon as they are sequenced, before they are published."""

    def _sequenced(self, head, pending):
        chunks = super()._sequenced(head, pending)
        for chunk in chunks or ():
            self._table.write(Delete(outbox_key(chunk.id)))
        return chunks


class ReleasesTooEarly(Sequencer):
    """Sends the release messages before the checkpoint is there."""

    def _sequenced(self, head, pending):
        chunks = super()._sequenced(head, pending)
        if chunks is not None:
            self._release(head.year, pending.first + 1, chunks)
        return chunks


class ForgetsToRelease(Sequencer):
    """Marks published first and releases afterwards: a kill between the two loses the message."""

    def _publish(self, head):
        held = []
        release, self._release = self._release, lambda *args: held.append(args)
        try:
            return super()._publish(head)
        finally:
            self._release = release
            for args in held:
                self._release(*args)


class SkipsPublication(Sequencer):
    """Goes on to the next commit though the last is not published."""

    def run(self, max_commits=8):
        head = latest_head(self._table, self._clock().year)
        if head and not head.published:
            item = self._table.get(head_key(head.year))
            self._table.write(Put({**item, "published": True}))
        return super().run(max_commits)


class AnotherCommitLeaf(Sequencer):
    """Makes the commit leaf anew for each publication, instead of taking the one in the head."""

    def _publish(self, head):
        lead = draft(type="login", at=self._clock(), actor=Actor.system("seal")).body
        pending = replace(head.pending, lead=lead)
        chunks = self._sequenced(head, pending) or ()
        edge = pending.edge.extend(tree.leaf_hashes(pending.bodies(chunks)))
        return super()._publish(replace(head, edge=edge, pending=pending))


class BelievesTheClock(Sequencer):
    """Takes the clock's time for `sealed_at`, though it runs back."""

    def _grown(self, head, chunks, now, **kwargs):
        known = {field.name: getattr(head, field.name) for field in fields(Head)}
        return super()._grown(Head(**known | {"sealed_at": ""}), chunks, now, **kwargs)


class DropsAChunk(Sequencer):
    """Loses the last chunk of a page when a shard holds more than a page."""

    def _shard(self, shard, done):
        chunks, more = super()._shard(shard, done)
        if more:
            self._table.write(Delete(outbox_key(chunks.pop().id)))
        return chunks, more


class ReleasesUnsealed(Sequencer):
    """Releases an intent when it is written, not when it is sealed."""

    def _waiting(self, head):
        chunks, more = super()._waiting(head)
        place = {"year": self._clock().year, "seq": head.size if head else 0}
        for chunk in chunks:
            self._actions.send([Message(body=release.body | place) for release in chunk.releases])
        return chunks, more


def _written_anew(pending: Pending, chunks: Sequence[Any]) -> list[bytes]:
    """Read the records and write them again, in a form that is not canonical."""
    return [json.dumps(json.loads(body)).encode() for body in _bodies(pending, chunks)]


def _one_by_one(table: MemoryTable, writes: Sequence[Write], **_: Any) -> None:
    """Write state and record one after the other, not in one transaction."""
    for write in writes:
        table.write(write)


@contextmanager
def _rewritten(table: MemoryTable, change: Callable[..., list[Write]]) -> Iterator[None]:
    """Change what a commit writes; to this table alone, as another sequencer may be at it."""
    plain = table.transact
    with patch.object(table, "transact", lambda writes, **_: plain(change(*writes))):
        yield


@dataclass(frozen=True)
class Mutant:
    """A way to be broken: what it does, what is put in the place of what, and which scenario is asked first."""

    name: str
    does: str
    patches: tuple[Patch, ...]
    first: str = ""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with ExitStack() as stack:
            for target, attribute, broken in self.patches:
                stack.enter_context(patch.object(target, attribute, broken))
            yield


def _sequencer(broken: type[Sequencer], *more: Patch, first: str = "") -> Mutant:
    patches = ((writer, "Sequencer", broken), (world, "Sequencer", broken), *more)
    return Mutant(broken.__name__, (broken.__doc__ or "").strip(), patches, first)


MUTANTS = [
    _sequencer(CheckpointFirst, first="killed"),
    _sequencer(NoCompareAndSwap),
    _sequencer(NoSequenceGuard),
    _sequencer(Overwrites),
    _sequencer(BlindTo412, first="replaced"),
    _sequencer(TidiesTooEarly),
    _sequencer(ReleasesTooEarly),
    _sequencer(ForgetsToRelease, first="killed"),
    _sequencer(SkipsPublication),
    _sequencer(AnotherCommitLeaf),
    _sequencer(BelievesTheClock),
    _sequencer(DropsAChunk, first="burst"),
    _sequencer(ReleasesUnsealed, (Seals, "check", lambda *_: None), first="redelivered"),
    Mutant("WritesAnew", _written_anew.__doc__ or "", ((Pending, "bodies", _written_anew),)),
    Mutant("OneByOne", _one_by_one.__doc__ or "", ((MemoryTable, "transact", _one_by_one),)),
    Mutant(
        "SkipsTheEvidence",
        "Calls the platform as soon as the intent is sealed, whether or not the context is.",
        ((sealing, "evidence_is_stale", lambda *_: False),),
        first="timed_out",
    ),
    Mutant(
        "NeverLooksBack",
        "Calls the platform again after a lost answer, without looking whether the call was carried out.",
        ((Acting, "_look", staticmethod(lambda *_: (None, False))),),
        first="timed_out",
    ),
]
