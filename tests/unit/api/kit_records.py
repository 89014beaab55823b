"""Retention, holds and disposals as the routes call them: permission is the real rules, the rest is canned."""

from __future__ import annotations

import inspect
from typing import Any

from bluelamp.cloud.memory import MemoryTable
from bluelamp.people.rules import require
from bluelamp.posts.model import PersonName
from bluelamp.retention import rules
from bluelamp.retention.certificate import FORMAT, Certificate, LogPlace, Signed
from bluelamp.retention.disposing import Disposals
from bluelamp.retention.holding import Holds
from bluelamp.retention.model import ClassList, Disposal, DisposalPage, Hold, HoldPage, Review, ReviewPage
from bluelamp.retention.service import Retention

AT = "2026-11-22T16:00:00.000Z"
LEAF = "01C0SZZZZZMMMMMMMMMMMMMMM0"
WHO = PersonName(id="admin", name="Admin")
HOLD = Hold(
    id="01C0HVDZZZMMMMMMMMMMMMHVD0", posts=("pown",), reason="proceedings", ref="WP/1", by=WHO, created_at=AT
)  # fmt: skip
DISPOSAL = Disposal(
    id="01C0DSPZZZMMMMMMMMMMMMDSP0", posts=("pown",), accounts=("facebook-1",), reason="court_order", ref="WP/1",
    by=WHO, role="admin", created_at=AT,
)  # fmt: skip
PLACE = LogPlace(leaf=LEAF, type="retain", at=AT, year=2026, seq=1, check=f"bluelamp archive prove {LEAF}")
SIGNED = Signed(by=WHO, role="admin", at=AT, record=PLACE)
CERTIFICATE = Certificate(
    format=FORMAT, disposal=DISPOSAL.id, reason="court_order", ref="WP/1", proposed=SIGNED, approved=SIGNED, done_at=AT,
    done=PLACE, posts=(), destroyed=0, skipped=0, keys_destroyed=0, recovery_days=35, complete_at=AT,
    complete_on="2026-12-27", statement="",
)  # fmt: skip
CLASS = rules.shown(rules.class_of({}, "facebook", "comment"))
REVIEW = Review(
    post="pown", platform="facebook", account="facebook-1", account_name="North", kind="comment", direction="in",
    state="visible", event_at=AT, closed_at=AT, review_at=AT, basis="contact_record", held=False,
)  # fmt: skip


class Fake:
    """One use case object: `answers` are verb and answer of each method."""

    def __init__(self, real: type, answers: dict[str, tuple[Any, Any]], table: MemoryTable) -> None:
        self._real, self._answers, self._table = real, answers, table

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._answers:
            raise AttributeError(name)
        verb, answer = self._answers[name]

        def call(principal: Any, *given: Any, **named: Any) -> Any:
            inspect.signature(getattr(self._real, name)).bind(None, principal, *given, **named)
            require(principal, verb)
            if "idem" in named:
                self._table.transact([named["idem"].put(answer.model_dump(mode="json"))])
            return answer

        return call


def retention(table: MemoryTable) -> Fake:
    """Return classes and reviews."""
    answers = {
        "classes": ("retention", ClassList(classes=())),
        "set_class": ("retain", CLASS),
        "keep": ("keep", REVIEW),
        "reviews": ("retention", ReviewPage(reviews=(), next=None)),
    }
    return Fake(Retention, answers, table)


def holds(table: MemoryTable) -> Fake:
    """Return holds."""
    view = rules.view_hold(HOLD)
    answers = {
        "place": ("hold", view),
        "lift": ("hold", view),
        "list_for": ("hold", HoldPage(holds=(view,), next=None)),
    }
    return Fake(Holds, answers, table)


def disposals(table: MemoryTable) -> Fake:
    """Return disposals."""
    view = rules.view_disposal(DISPOSAL, ())
    answers = {
        "propose": ("dispose", view),
        "approve": ("approve_disposal", view),
        "refuse": ("approve_disposal", view),
        "list_for": ("retention", DisposalPage(disposals=(), next=None)),
        "get": ("retention", view),
        "certificate": ("retention", CERTIFICATE),
    }
    return Fake(Disposals, answers, table)
