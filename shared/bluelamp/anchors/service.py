"""The daily run: every authority and witness vouches for the last published checkpoint, and the log says so.

An anchor is put into the archive before it is recorded, and what lies there already is recorded instead of asked for: a
run that was killed anywhere is finished by the next. One that fails stops no other; it is recorded, too, and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.anchors.errors import AnchorError
from bluelamp.anchors.model import Made, Source, Subject
from bluelamp.anchors.store import AnchorStore, Mark
from bluelamp.audit import layout
from bluelamp.audit.cosign import CosignatureError
from bluelamp.audit.head import Head, latest_head, read_head
from bluelamp.audit.leaf import Actor, Anchor, draft
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.timestamps import TimestampError
from bluelamp.audit.tree import consistency_proof
from bluelamp.cloud.s3 import ObjectExistsError, ObjectMissingError
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.s3 import Bucket

# A source that failed yesterday as well; less than a day, because schedules are not to the second.
LASTING = timedelta(hours=20)
_ACTOR = Actor.system("anchor")
_KINDS = (AnchorError, TimestampError, CosignatureError)

# Told of each failure: the source, and the error.
Told = Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True)
class Anchored:
    """What one run did.

    Attributes
    ----------
    sources
        How many authorities and witnesses are set; with none the log stays unanchored.
    lasting
        How many of them failed now and for as long as a day.
    """

    sources: int
    made: int = 0
    failed: int = 0
    lasting: int = 0


class Anchors:
    """Anchors the logs.

    Parameters
    ----------
    table, bucket
        The deployment's table and evidence bucket.
    sources
        Whom to ask.
    wake
        Wakes the sequencer.
    told
        Told of each failure.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        table: Table,
        bucket: Bucket,
        sources: Sequence[Source],
        wake: Callable[[], None],
        told: Told = lambda *_: None,
        clock: Clock = utc_now,
    ) -> None:
        self._table = table
        self._bucket = bucket
        self._sources = tuple(sources)
        self._store = AnchorStore(table)
        self._wake = wake
        self._told = told
        self._clock = clock

    def anchor(self) -> Anchored:
        """Have every source vouch for the open log, and for the one before until that is done.

        Raises
        ------
        BrokenArchiveError
            When the last checkpoint in the archive is not the one that the table knows.
        """
        done = Anchored(len(self._sources))
        for subject in self._subjects() if self._sources else ():
            for source in self._sources:
                done = self._one(source, subject, done)
        if done.made or done.failed:
            self._wake()
        return done

    def _subjects(self) -> Iterator[Subject]:
        head = latest_head(self._table, self._clock().year)
        before = read_head(self._table, head.year - 1) if head else None
        for log in (before, head):
            if log is not None and log.published_size:
                yield self._subject(log)

    def _subject(self, head: Head) -> Subject:
        size, name = head.published_size, layout.checkpoint_key(head.year, head.published_size)
        try:
            raw = self._bucket.get(name)
        except ObjectMissingError:
            raw = b""
        if raw.decode("utf-8", "replace") != head.checkpoint:
            raise BrokenArchiveError(f"{name} is not what the head of the log says; it is not anchored")
        reader = LogReader(self._bucket, head.year)

        def proof(old: int) -> list[bytes]:
            return consistency_proof(old, size, lambda level, index: reader.node(level, index, size))

        return Subject(head.year, head.origin, size, raw, proof)

    def _one(self, source: Source, subject: Subject, done: Anchored) -> Anchored:
        mark = self._store.mark(subject.year, source.id)
        if mark.size == subject.size:
            return done
        try:
            raw, made = self._kept(source, subject, mark)
        except _KINDS as error:
            self._told(source.who, error)
            now = self._clock()
            failing = replace(mark, failures=mark.failures + 1, failing_since=mark.failing_since or now)
            self._store.write(mark, failing, [self._leaf(source, subject, error=error.code)])
            lasting = failing.failing_since is not None and now - failing.failing_since >= LASTING
            return replace(done, failed=done.failed + 1, lasting=done.lasting + lasting)
        moved = Mark(subject.year, source.id, subject.size, iso(made.at))
        recorded = self._store.write(mark, moved, [self._leaf(source, subject, raw=raw, made=made)])
        return replace(done, made=done.made + recorded)

    def _kept(self, source: Source, subject: Subject, mark: Mark) -> tuple[bytes, Made]:
        """Return the anchor as it lies in the archive, put there now or before, and what it says."""
        name = source.key(subject)
        try:
            raw = self._bucket.get(name)
        except ObjectMissingError:
            raw = source.obtain(subject, mark.size)
            try:
                self._bucket.put_if_absent(name, raw)
            except ObjectExistsError:
                raw = self._bucket.get(name)  # another run was quicker; what lies there counts
        return raw, source.check(raw, subject)

    def _leaf(
        self, source: Source, subject: Subject, *, raw: bytes = b"", made: Made | None = None, error: str | None = None
    ) -> Leaf:
        anchor = Anchor(
            kind=source.kind,
            log=subject.origin,
            size=subject.size,
            by=made.by if made else source.who,
            at=iso(made.at) if made else None,
            place=source.key(subject) if made else None,
            sha256=hashlib.sha256(raw).hexdigest() if made else None,
            error=error,
        )
        return draft(type="anchor", at=self._clock(), actor=_ACTOR, anchor=anchor)
