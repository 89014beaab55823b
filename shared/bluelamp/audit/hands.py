"""Where two people decide: who asked and who agreed, set down as records pass and held against each other at the end.

Whoever runs the software could let one person do both. The log would say so: each record names its actor, and what was
asked for and what was agreed to name the same thing. So the verifier asks of the records what the software refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from bluelamp.audit.ledger import Ledger, Row

# Who asks can ask anew, and the last counts; who wrote has written, whoever else did.
_ASKED, _WROTE, _AGREED = range(3)
_PROPOSAL = "proposal"
# Steps of what is drafted by one and agreed to by another, by the part of the record that names them.
_STEPS = {
    "publication": {"drafted": _WROTE, "edited": _WROTE, "approved": _AGREED},
    "appeal": {"drafted": _WROTE, "proposed": _WROTE, "approved": _AGREED},
    "rights": {"submit": _ASKED, "approve": _AGREED},
    "ordered": {"standing_proposed": _ASKED, "standing_in_force": _AGREED, "start": _ASKED, "agree": _AGREED},
}
_VERBS = {"propose_disposal": _ASKED, "approve_disposal": _AGREED}


class Clash(NamedTuple):
    """What does not fit: place (year, sequence, milliseconds), whether the other hand is only missing, what it is."""

    place: tuple[int, int, int]
    missing: bool
    detail: str


class Hands:
    """The two hands of everything that takes two people.

    A row is the place, what was done, and the first half of the SHA-256 of who did it.
    """

    def __init__(self) -> None:
        self._ledger = Ledger("HQqB16s")

    def take(self, record: dict[str, Any], place: tuple[int, int, int]) -> None:
        """Set down what a record says of somebody's asking or agreeing; most say nothing of it."""
        found = _hand(record)
        if found is None:
            return
        key, what = found
        self._ledger.add(key, *place, what, hashlib.sha256(str(record["actor"].get("sub")).encode()).digest()[:16])

    def clashes(self) -> Iterator[Clash]:
        """Yield what does not fit."""
        for rows in self._ledger.groups():
            yield from _judged(rows)

    def close(self) -> None:
        """Give back what was held."""
        self._ledger.close()


def _hand(record: dict[str, Any]) -> tuple[str, int] | None:
    change = record.get("change")
    if change and change.get("field") == _PROPOSAL and "correlation" in record:
        return _proposal(record, change)
    verb = record.get("op", {}).get("verb")
    if verb in _VERBS and record["type"] == "retain":
        return f"disposal {record['obj']['key']}", _VERBS[verb]
    for part, steps in _STEPS.items():
        said = record.get(part)
        if said and said.get("step") in steps and "obj" in record:
            return f"{part} {record['obj']['key']}", steps[said["step"]]
    return None


def _proposal(record: dict[str, Any], change: dict[str, Any]) -> tuple[str, int] | None:
    key = f"{_PROPOSAL} {record['correlation']}"
    if record["type"] == "intent":
        return (key, _AGREED) if change.get("to") == "approved" else None
    return (key, _ASKED) if "from" not in change else None


def _judged(rows: Sequence[Row]) -> Iterator[Clash]:
    """Hold each agreement against the last asking before it, and against all who wrote before it.

    Records of one object may change places: where none is before, the first behind it counts.
    """
    for number, row in enumerate(rows):
        if row[3] != _AGREED:
            continue
        before, after = ([one for one in some if one[3] != _AGREED] for some in (rows[:number], rows[number:]))
        other = [one for one in before if one[3] == _WROTE] or before[-1:] or after[:1]
        if not other:
            yield Clash(row[:3], missing=True, detail="agrees to what nobody asked for in this log")
        elif any(one[4] == row[4] for one in other):
            yield Clash(row[:3], missing=False, detail="was agreed to by the one who asked for it; it takes two people")
