"""What the records say, checked once their bytes are proven: commits, objects, intents.

Records of one object may be sequenced in another order than they were written, because the outbox is read shard by
shard and clocks differ by milliseconds. So a revision that comes early is held until the one before it has come; only
what is still missing at the end is a gap, and a young gap is PENDING, not FAIL.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# An intent without an outcome, and a revision whose predecessor is on its way, may be this young.
GRACE = timedelta(minutes=15)
# How far a record's own time may lag, or run ahead of, the time at which it was sealed.
LAG = timedelta(minutes=5)
VERSION = 1
# fmt: off
FIELDS = frozenset({
    "v", "id", "at", "type", "dpa62", "actor", "account", "author_key", "case", "incident", "correlation", "event_at",
    "reason", "recipient", "obj", "content", "change", "op", "model", "rule", "judgement", "query", "tally", "seal",
    "sw",
})
# fmt: on
# These name a revision that they saw; they do not make one.
READS = frozenset({"view", "search", "prove", "export", "denied"})


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
    sealed_at: str

    def __str__(self) -> str:
        return f"{self.year} record {self.seq}"


class Story:
    """Takes the leaves in order and notes what does not fit."""

    def __init__(self) -> None:
        self.failures: list[Finding] = []
        self.pending: list[Finding] = []
        self.remarks: list[Finding] = []
        self.sealed_at = ""
        self._partial = False
        self._previous: tuple[int, bytes] | None = None
        self._closed = False
        self._ids: set[str] = set()
        self._objects: dict[str, tuple[int, str]] = {}
        self._early: dict[str, dict[int, tuple[_Place, str | None, str]]] = {}
        self._intents: dict[str, _Place] = {}
        self._answered: set[str] = set()
        self._unknown: dict[str, tuple[_Place, str]] = {}
        self._late = 0
        self._newer = 0

    def bundle(self, year: int, start: int, bodies: Sequence[bytes]) -> None:
        """Take the leaves of one commit."""
        for number, body in enumerate(bodies):
            place = _Place(year, start + number, self.sealed_at)
            try:
                record = json.loads(body)
                if number == 0:
                    self._commit(record["seal"], record["type"], place, len(bodies))
                    place = _Place(year, start, self.sealed_at)
                elif record["type"] == "commit":
                    self._fail("commit", place, "is a commit leaf in the middle of a commit")
                elif self._closed:
                    self._fail("closed", place, "follows the leaf that closed its log")
                self._record(record, body, place)
                self._closed = record["type"] == "close"
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self._fail("malformed", place, f"is no record that can be read ({type(error).__name__}: {error})")

    def end_of_log(self, year: int, note: bytes) -> None:
        """Take the end of a year's log and its last checkpoint."""
        self._previous = (year, note)

    def finish(self) -> None:
        """Look at what is still open at the end."""
        end = _time(self.sealed_at or "0001-01-01T00:00:00Z")
        for intent, place in self._intents.items():
            if intent not in self._answered:
                self._open("intent", place, end, "is an intent without an outcome")
        for intent, (place, result) in self._unknown.items():
            if intent in self._intents and result != "cancelled":
                self._fail("outcome", place, "is an outcome that was recorded before its intent was sealed")
            elif intent not in self._intents and not self._partial:
                self._open("outcome", place, end, "is the outcome of an intent that is not in the log")
        for key, early in self._early.items():
            first = min(early)
            have = self._objects.get(key, (0, ""))[0]
            place = early[first][0]
            self._open("revision", place, end, f"is revision {first} of its object, and revision {have + 1} is missing")
        if self._late:
            self._remark("late", f"{self._late} records were sealed more than {LAG} after their own time")
        if self._newer:
            self._remark("newer", f"{self._newer} records have fields or a version that this verifier does not know")

    # one leaf --------------------------------------------------------------------------------------------------------

    def _commit(self, seal: dict[str, Any], kind: str, place: _Place, leaves: int) -> None:
        if kind != "commit":
            self._fail("commit", place, "begins a bundle and is no commit leaf")
        if (seal["first"], seal["leaves"]) != (place.seq, leaves):
            self._fail("commit", place, "says another place or length than its commit has")
        sealed_at = _time(seal["sealed_at"])
        if self.sealed_at and sealed_at < _time(self.sealed_at):
            self._fail("sealed_at", place, f"was sealed at {seal['sealed_at']}, after one sealed at {self.sealed_at}")
        else:
            self.sealed_at = seal["sealed_at"]
        if place.seq == 0:
            self._opening(seal.get("previous"), place)
        elif self._closed:
            self._fail("closed", place, "follows the leaf that closed its log")
        elif "previous" in seal:
            self._fail("commit", place, "opens a log in the middle of one")

    def _opening(self, previous: dict[str, Any] | None, place: _Place) -> None:
        if self._previous is None:
            self._partial = previous is not None
            if previous:
                self._remark("partial", f"the log before, {previous['origin']}, is not in this archive")
            return
        year, note = self._previous
        if previous is None or base64.b64decode(previous["checkpoint"]) != note:
            self._fail("chain", place, f"does not carry the last checkpoint of {year}, the year before in this archive")
        if not self._closed:
            self._fail("chain", place, f"opens a log while that of {year} is not closed")

    def _record(self, record: dict[str, Any], body: bytes, place: _Place) -> None:
        if record["id"] in self._ids:
            self._fail("duplicate", place, f"is in the log a second time ({record['id']})")
        self._ids.add(record["id"])
        if record["v"] > VERSION or not FIELDS.issuperset(record):
            self._newer += 1
        lag = _time(place.sealed_at) - _time(record["at"])
        if lag < -LAG:
            self._fail("at", place, f"says {record['at']} and was sealed before, at {place.sealed_at}")
        self._late += lag > LAG
        kind = record["type"]
        obj = record.get("obj")
        if obj and "rev" in obj and kind not in READS:
            self._change(obj, hashlib.sha256(body).hexdigest(), place)
        if kind == "intent":
            self._intents[record["id"]] = place
        elif kind == "outcome":
            self._outcome(record["op"]["intent"], record["op"]["result"], place)

    def _change(self, obj: dict[str, Any], digest: str, place: _Place) -> None:
        key, rev = obj["key"], obj["rev"]
        if key not in self._objects and self._partial and rev > 1:
            self._objects[key] = (rev, digest)  # its beginning is in a log that is not here
            return
        have = self._objects.get(key, (0, ""))[0]
        early = self._early.setdefault(key, {})
        if rev <= have or rev in early:
            self._fail("revision", place, f"is revision {rev} of its object a second time")
        else:
            early[rev] = (place, obj.get("prev"), digest)
        while have + 1 in early:
            at, prev, mine = early.pop(have + 1)
            last = self._objects.get(key, (0, ""))[1] or None
            if prev != last:
                self._fail(
                    "revision", at, f"is revision {have + 1} of its object and does not follow from the one before"
                )
            have += 1
            self._objects[key] = (have, mine)
        if not early:
            del self._early[key]

    def _outcome(self, intent: str, result: str, place: _Place) -> None:
        if result == "deferred":
            if intent in self._intents:
                self._intents[intent] = place  # the time for it begins anew
            return
        if intent in self._answered:
            self._fail("outcome", place, f"is a second outcome of the intent {intent}")
        self._answered.add(intent)
        if intent not in self._intents:
            self._unknown[intent] = (place, result)

    # notes -----------------------------------------------------------------------------------------------------------

    def _fail(self, code: str, place: _Place, detail: str) -> None:
        self.failures.append(Finding(code, str(place), detail))

    def _remark(self, code: str, detail: str) -> None:
        self.remarks.append(Finding(code, "the archive", detail))

    def _open(self, code: str, place: _Place, end: datetime, detail: str) -> None:
        young = end - _time(place.sealed_at) < GRACE
        (self.pending if young else self.failures).append(Finding(code, str(place), detail))


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment
