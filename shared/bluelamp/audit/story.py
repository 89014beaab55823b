"""What the records say, checked once their bytes are proven: commits, objects, intents.

Records of one object may be sequenced in another order than they were written, because the outbox is read shard by
shard and clocks differ by milliseconds. So revisions, intents and outcomes are set down as they pass and judged at the
end; only what is still missing then is a gap, and a young gap is PENDING, not FAIL. What is set down lies in a
`Ledger`, so that a log of millions needs no more memory than one of thousands.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bluelamp.audit.hands import Hands
from bluelamp.audit.ledger import Ledger, Row
from bluelamp.audit.lineage import Restored, living
from bluelamp.audit.note import Checkpoint, Note, decode_base64

# An intent without an outcome, and a revision whose predecessor is on its way, may be this young.
GRACE = timedelta(minutes=15)
# How far a record's own time may lag, or run ahead of, the time at which it was sealed.
LAG = timedelta(minutes=5)
VERSION = 1
# fmt: off
FIELDS = frozenset({
    "v", "id", "at", "type", "dpa62", "actor", "account", "author_key", "case", "incident", "correlation", "event_at",
    "reason", "recipient", "obj", "content", "change", "op", "model", "rule", "judgement", "query", "tally", "seal",
    "sw", "restore", "statement", "anchor", "erasure", "registration", "roster", "grant", "check",
    "guide", "training", "saved", "attached",
    "rights", "notice", "ordered", "appeal", "publication",
})
# fmt: on
# These name a revision that they saw; they do not make one.
READS = frozenset({"view", "search", "prove", "export", "denied", "media", "context"})
# What takes a post away: what stood around it is sealed before that is asked for.
TAKES_AWAY = frozenset({"hide", "delete"})
# How many findings are told one by one; the rest are counted.
MAX_TOLD = 1_000
# What a record that is none may raise when it is read: JSON without end, numbers beyond measure, other types.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, struct.error)

_INTENT, _OUTCOME, _CANCELLED, _DEFERRED, _LOST, _TAKING, _CONTEXT, _DOUBTED = range(8)
_RESULTS = {"deferred": _DEFERRED, "cancelled": _CANCELLED, "unknown": _DOUBTED}
# What `op.error` says of an intent whose action went with a restored table; its real outcome may still come.
RESTORED = "restored"
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found: a stable code, the place, and what is the matter."""

    code: str
    place: str
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.detail} [{self.code}]"

    def as_json(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"code": self.code, "place": self.place, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class _Place:
    year: int
    seq: int
    sealed_ms: int

    def __str__(self) -> str:
        return f"{self.year} record {self.seq}"


class Story:
    """Takes the leaves in order and notes what does not fit.

    Parameters
    ----------
    parts
        Only parts of the logs are here, each a whole commit: what lies between them is not missed.
    """

    def __init__(self, *, parts: bool = False) -> None:
        self.failures: list[Finding] = []
        self.pending: list[Finding] = []
        self.remarks: list[Finding] = []
        self.sealed_at = ""
        self._sealed = datetime.min.replace(tzinfo=UTC)
        self._parts = parts
        self._partial = parts
        self._previous: tuple[int, bytes] | None = None
        self._closed = False
        self._ids = Ledger("HQ")  # year, sequence
        self._changes = Ledger("HQqQ?32s32s")  # place, revision, whether it names one before, that one, this one
        self._acts = Ledger("HQqB")  # place, what
        self._hands = Hands()
        self._restores: list[Restored] = []
        self._behind = 0
        self._context: tuple[int, int, int] | None = None
        self._bare = 0
        self._late = 0
        self._newer = 0
        self._untold = 0

    def bundle(self, year: int, start: int, bodies: Sequence[bytes]) -> None:
        """Take the leaves of one commit."""
        for number, body in enumerate(bodies):
            place = self._place(year, start + number)
            try:
                record = json.loads(body)
                if number == 0:
                    self._commit(record["seal"], record["type"], place, len(bodies))
                    place = self._place(year, start)
                elif record["type"] == "commit":
                    self._fail("commit", place, "is a commit leaf in the middle of a commit")
                elif self._closed:
                    self._fail("closed", place, "follows the leaf that closed its log")
                self.record(record, body, place)
                self._closed = record["type"] == "close"
            except UNREADABLE as error:
                self._fail(
                    "malformed", place, f"is no record that can be read ({type(error).__name__}: {error!s:.200})"
                )

    def single(self, year: int, seq: int, body: bytes) -> dict[str, Any] | None:
        """Take one leaf by itself, without the commit that sealed it; return what it says, or None."""
        place = _Place(year, seq, 0)
        try:
            record: dict[str, Any] = json.loads(body)
            self._sealed = _time(record["at"])  # when it was sealed cannot be seen from it alone
            self.record(record, body, place)
        except UNREADABLE as error:
            self._fail("malformed", place, f"is no record that can be read ({type(error).__name__}: {error!s:.200})")
            return None
        return record

    def end_of_log(self, year: int, note: bytes) -> None:
        """Take the end of a year's log and its last checkpoint."""
        self._previous = (year, note)
        self._closed = self._closed and not self._parts

    def finish(self) -> None:
        """Look at what can be judged only at the end."""
        found: list[tuple[int, int, list[Finding], Finding]] = []
        for rows in self._ids.groups():
            first = f"{rows[0][0]} record {rows[0][1]}"
            for year, seq in rows[1:]:
                place = _Place(year, seq, 0)
                finding = Finding("duplicate", str(place), f"has the id of {first}: it is in the log a second time")
                found.append((year, seq, self.failures, finding))
        for ledger, judge in ((self._changes, self._revisions), (self._acts, self._answers)):
            for rows in ledger.groups():
                for place, target, code, detail in judge(rows):
                    found.append((place.year, place.seq, target, Finding(code, str(place), detail)))
        for clash in self._hands.clashes():
            place = _Place(*clash.place)
            if not (clash.missing and self._partial):
                target = self._young(place) if clash.missing else self.failures
                found.append((place.year, place.seq, target, Finding("hands", str(place), clash.detail)))
        for _, _, target, finding in sorted(found, key=lambda f: f[:2]):
            self._tell(target, finding)
        for held in (self._ids, self._changes, self._acts, self._hands):
            held.close()
        self._sum_up()

    def _sum_up(self) -> None:
        counted = {
            "more": (self._untold, "more findings are not told one by one"),
            "behind": (self._behind, "changes were left behind by a restore of the table"),
            "bare": (self._bare if self._context else 0, "posts were taken away before the log has any context"),
            "late": (self._late, f"records were sealed more than {LAG} after their own time"),
            "newer": (self._newer, "records have fields or a version that this verifier does not know"),
        }
        for code, (number, what) in counted.items():
            if number:
                self._remark(code, f"{number} {what}")

    # one leaf --------------------------------------------------------------------------------------------------------

    def _place(self, year: int, seq: int) -> _Place:
        return _Place(year, seq, int((self._sealed - _START) / timedelta(milliseconds=1)))

    def _commit(self, seal: dict[str, Any], kind: str, place: _Place, leaves: int) -> None:
        if kind != "commit":
            self._fail("commit", place, "begins a bundle and is no commit leaf")
        if (seal["first"], seal["leaves"]) != (place.seq, leaves):
            self._fail("commit", place, "says another place or length than its commit has")
        sealed_at = _time(seal["sealed_at"])
        if self.sealed_at and sealed_at < self._sealed:
            self._fail("sealed_at", place, f"was sealed at {seal['sealed_at']}, after one sealed at {self.sealed_at}")
        else:
            self.sealed_at, self._sealed = seal["sealed_at"], sealed_at
        if place.seq == 0:
            self._opening(seal.get("previous"), place)
        elif self._closed:
            self._fail("closed", place, "follows the leaf that closed its log")
        elif "previous" in seal:
            self._fail("commit", place, "opens a log in the middle of one")

    def _opening(self, previous: dict[str, Any] | None, place: _Place) -> None:
        if previous is not None and not _coherent(previous):
            self._fail("chain", place, "carries a checkpoint of the year before that is not what it says beside it")
        if self._previous is None:
            self._partial = self._parts or previous is not None
            if previous and not self._parts:
                self._remark("partial", f"the log before, {previous['origin']}, is not in this archive")
            return
        year, note = self._previous
        if self._parts and year != place.year - 1:
            return
        if previous is None or decode_base64(previous["checkpoint"]) != note:
            self._fail("chain", place, f"does not carry the last checkpoint of {year}, the year before in this archive")
        if not self._closed and not self._parts:
            self._fail("chain", place, f"opens a log while that of {year} is not closed")

    def record(self, record: dict[str, Any], body: bytes, place: _Place) -> None:
        """Set down what one record says of objects, intents and its own time."""
        self._ids.add(_text(record["id"]), place.year, place.seq)
        if record["v"] > VERSION or not FIELDS.issuperset(record):
            self._newer += 1
        lag = self._sealed - _time(record["at"])
        if lag < -LAG:
            self._fail("at", place, f"says {record['at']} and was sealed before, at {self.sealed_at}")
        self._late += lag > LAG
        kind = record["type"]
        obj = record.get("obj")
        where = (place.year, place.seq, place.sealed_ms)
        if obj and "rev" in obj and kind not in READS:
            prev = obj.get("prev")
            before = b"" if prev is None else _digest(prev)
            mine = hashlib.sha256(body).digest()
            self._changes.add(_text(obj["key"]), *where, obj["rev"], prev is not None, before, mine)
        self._hands.take(record, where)
        if kind == "intent":
            self._acts.add(record["id"], *where, _TAKING if record["op"]["verb"] in TAKES_AWAY else _INTENT)
        elif kind == "context":
            self._context = self._context or where
            self._acts.add(_text(record["op"]["intent"]), *where, _CONTEXT)
        elif kind == "outcome":
            what = _RESULTS.get(record["op"]["result"], _OUTCOME)
            what = _LOST if record["op"].get("error") == RESTORED else what
            self._acts.add(_text(record["op"]["intent"]), *where, what)
        elif kind == "restore" and "restore" in record:
            self._restored(record["restore"], place)

    def _restored(self, said: dict[str, Any], place: _Place) -> None:
        of, known, first, intents = (_number(said[name]) for name in ("year", "known", "first", "intents"))
        self._restores.append(Restored(place.year, place.seq, of, first))
        text = (
            f"says that the table was restored and knew the log of {of} up to record {known}: from here on objects may "
            f"go back behind what they have from record {first} of {of} on; {intents} intents lost their outcome"
        )
        self._tell(self.remarks, Finding("restored", str(place), text))

    # at the end ------------------------------------------------------------------------------------------------------

    def _revisions(self, rows: Sequence[Row]) -> list[tuple[_Place, list[Finding], str, str]]:
        """Judge the revisions of one object."""
        found: list[tuple[_Place, list[Finding], str, str]] = []
        # In a part the record of a restore, which lets an object go back, may be what is not here.
        target = self.remarks if self._parts else self.failures
        by_rev: dict[int, Row] = {}
        counting = living(rows, self._restores)
        self._behind += len(rows) - len(counting)
        for row in counting:
            if row[3] in by_rev or row[3] == 0:
                text = f"is revision {row[3]} of its object {'a second time' if row[3] else 'and they begin at 1'}"
                found.append((_Place(*row[:3]), target, "revision", text))
            else:
                by_rev[row[3]] = row
        # Its beginning may be in a log, or a part of this one, that is not here.
        have = min(by_rev, default=1) - 1 if self._partial else 0
        last: bytes | None = None
        known = have == 0
        for rev in sorted(by_rev):
            place, before, mine = _Place(*by_rev[rev][:3]), by_rev[rev][5] if by_rev[rev][4] else None, by_rev[rev][6]
            if rev != have + 1:
                if not self._parts:
                    text = f"is revision {rev} of its object, and revision {have + 1} is missing"
                    found.append((place, self._young(place), "revision", text))
                    break
                known = False
            if known and before != last:
                text = f"is revision {rev} of its object and does not follow from the one before"
                found.append((place, target, "revision", text))
            have, last, known = rev, mine, True
        return found

    def _answers(self, rows: Sequence[Row]) -> list[tuple[_Place, list[Finding], str, str]]:
        """Judge one intent and its outcomes."""
        found: list[tuple[_Place, list[Finding], str, str]] = []
        intent: _Place | None = None
        early: Row | None = None
        lost = False
        ends: list[Row] = []
        found += self._without_context(rows)
        for row in (row for row in rows if row[3] != _CONTEXT):
            place, what = _Place(*row[:3]), row[3]
            if what in {_INTENT, _TAKING}:
                intent = intent or place
            elif what == _DEFERRED:
                intent = intent and place  # the time for it begins anew
            elif what == _LOST:
                lost = True
            elif ends and [one[3] for one in ends] + [what] != [_DOUBTED, _OUTCOME]:
                # What nobody knew may be known later: then the last result counts.
                found.append((place, self.failures, "outcome", "is a second outcome of the same intent"))
            else:
                early = early or (None if intent else row)
                ends.append(row)
        found += self._before_the_seal(early, intent)
        if intent and not ends and not lost and not self._parts:
            found.append((intent, self._young(intent), "intent", "is an intent without an outcome"))
        return found

    def _before_the_seal(
        self, early: Row | None, intent: _Place | None
    ) -> list[tuple[_Place, list[Finding], str, str]]:
        """Judge an outcome that stands before its intent, or without one."""
        if early is None:
            return []
        place = _Place(*early[:3])
        if intent and early[3] != _CANCELLED:
            return [(place, self.failures, "outcome", "is an outcome that was recorded before its intent was sealed")]
        if not intent and not self._partial:
            return [(place, self._young(place), "outcome", "is the outcome of an intent that is not in the log")]
        return []

    def _without_context(self, rows: Sequence[Row]) -> list[tuple[_Place, list[Finding], str, str]]:
        """Judge whether what stood around a post was sealed before the post was taken away."""
        taking = next((row for row in rows if row[3] == _TAKING), None)
        # The first that counts: an outcome, or the context.
        first = next((row for row in rows if row[3] in {_OUTCOME, _DOUBTED, _CONTEXT}), None)
        if taking is None or first is None or first[3] == _CONTEXT or self._parts:
            return []
        if self._context is None or taking[:2] < self._context[:2]:
            self._bare += 1  # asked for before the software kept any
            return []
        text = "took a post away, and what stood around it was not sealed before"
        return [(_Place(*first[:3]), self.failures, "context", text)]

    # notes -----------------------------------------------------------------------------------------------------------

    def _young(self, place: _Place) -> list[Finding]:
        """Return where a gap that was sealed there belongs: what is young may still be filled."""
        young = self._place(0, 0).sealed_ms - place.sealed_ms < GRACE / timedelta(milliseconds=1)
        return self.pending if young else self.failures

    def _fail(self, code: str, place: _Place, detail: str) -> None:
        self._tell(self.failures, Finding(code, str(place), detail))

    def _tell(self, target: list[Finding], finding: Finding) -> None:
        if len(target) < MAX_TOLD:
            target.append(finding)
        else:
            self._untold += 1

    def _remark(self, code: str, detail: str) -> None:
        self.remarks.append(Finding(code, "the archive", detail))


def _coherent(previous: dict[str, Any]) -> bool:
    """Return whether the checkpoint of the year before is of the origin, size and root that stand beside it."""
    checkpoint = Checkpoint.parse(Note.parse(decode_base64(_text(previous["checkpoint"]))).text)
    root = decode_base64(_text(previous["root"]))
    return (checkpoint.origin, checkpoint.size, checkpoint.root) == (previous["origin"], previous["size"], root)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text stands there as {type(value).__name__}")
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"a number stands there as {type(value).__name__}")
    return value


def _digest(value: Any) -> bytes:
    raw = bytes.fromhex(_text(value))
    if len(raw) != hashlib.sha256().digest_size or raw.hex() != value:
        raise ValueError("a digest is 64 hex digits in lower case")
    return raw


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment
