"""The audit trail as the routes call it: permission is the real rules, the rest is canned."""

from __future__ import annotations

from bluelamp.audit.prove import Proof
from bluelamp.cloud.memory import MemoryTable
from bluelamp.trail.model import SearchedBackTo, TrailPage, TrailRecord, WaitingRecords
from bluelamp.trail.service import Trail
from tests.unit.api.kit_records import AT, LEAF, Fake

RECORD = TrailRecord(
    year=2026, seq=3, sealed_at=AT, id=LEAF, at=AT, type="view", account="facebook-1", officer=None, record={"v": 1}
)
PAGE = TrailPage(
    records=(RECORD,),
    next=None,
    searched_back_to=SearchedBackTo(year=2026, seq=0, at=AT),
    waiting=WaitingRecords(records=1, more=False),
)
PROOF = Proof(origin="o", checkpoint="c", index=3, size=4, leaf=b"{}", path=(), vkey="v")


def trail(table: MemoryTable) -> Fake:
    """Return the audit trail."""
    return Fake(Trail, {"search": ("history", PAGE), "record": ("history", (RECORD, PROOF))}, table)
