"""Appeals behind the routes: the real service, with one appeal in each state."""

from __future__ import annotations

from typing import Any

from bluelamp.appeals.leads import LeadDesk
from bluelamp.appeals.model import Appeal, Lead
from bluelamp.appeals.service import Appeals
from bluelamp.appeals.store import AppealStore
from bluelamp.cursors import Cursors
from bluelamp.posts.model import PersonName
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.times import iso
from tests.support.appeals import FakePublications
from tests.unit.api.kit_press import COMMS

IDS = {state: f"01C0APEA{n}MMMMMMMMMMMMMMMMM" for n, state in enumerate(("draft", "proposed", "approved", "closed"))}
SENT = {state: f"01C0PVB{n}MMMMMMMMMMMMMMMMMM" for n, state in enumerate(IDS)}
_NEW = "01C0PVB9MMMMMMMMMMMMMMMMMM"
_FACTS: dict[str, object] = {
    "kind": "wanted", "title": "Wanted", "reason": "Enquiries.", "basis": "task", "ref": "WP/1",
    "review_on": "2026-12-20",
}  # fmt: skip
_END = {"outcome": "none", "outcome_at": "2026-11-22T12:00:00Z", "ending": "take_down", "rev": 1}
_REV = {"rev": 1}
_D, _P, _A, _C = (f"/appeals/{one}" for one in IDS.values())
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/appeals"): ("appeals", None, 200),
    ("POST", "/appeals"): ("appeal", {"facts": _FACTS, "publications": [_NEW]}, 201),
    ("GET", _D): ("appeals", None, 200),
    ("PUT", _D): ("appeal", {"facts": _FACTS, "rev": 1}, 200),
    ("POST", f"{_D}/propose"): ("appeal", _REV, 200),
    ("POST", f"{_P}/withdraw"): ("appeal", _REV, 200),
    ("POST", f"{_P}/approve"): ("approve_appeal", _REV, 200),
    ("POST", f"{_P}/reject"): ("approve_appeal", {"reason": "wording", "rev": 1}, 200),
    ("POST", f"{_A}/keep"): ("appeal", {"review_on": "2026-12-21", "rev": 1}, 200),
    # To end it takes down what is public: it takes who may publish there.
    ("POST", f"{_A}/close"): (COMMS, _END, 200),
    ("POST", f"{_C}/clear"): (COMMS, _REV, 200),
    ("GET", f"{_A}/leads"): ("see", None, 200),
    # The posts of the matrix are not in the table: whoever may is told that the post has changed.
    ("PUT", f"{_A}/leads/pown"): ("appeal", {"verdict": "speculation", "rev": 1}, 409),
    ("POST", f"{_A}/leads/pown/pass"): ("appeal", {"ref": "WP/77", "rev": 1}, 409),
}


def _scene(path: str, body: Any) -> Any:
    return lambda _: {"path": path} | ({"body": body} if body is not None else {})


def _pattern(path: str) -> str:
    for one in IDS.values():
        path = path.replace(one, "{appeal_id}")
    return path.replace("/pown", "/{post_id}")


ROWS = tuple(
    (
        method, _pattern(path), (("view",) if path == _D else ("search",)) if method == "GET" else ("appeal",),
        "supervisor" if verb == "approve_appeal" else "comms", _scene(path, body),
    )
    for (method, path), (verb, body, _) in ROUTES.items()
)  # fmt: skip


def appeals(world: Any) -> Appeals:
    """Return the appeals of a world."""
    store, publications = AppealStore(world.table), FakePublications()
    publications.state[SENT["approved"]] = publications.state[SENT["closed"]] = "out"
    by, now = PersonName(id="another", name="Another"), iso(world.clock())
    for state, appeal_id in IDS.items():
        if store.get(appeal_id) is None:
            there = Appeal.model_validate({
                "id": appeal_id, "facts": _FACTS, "publications": (SENT[state],), "accounts": ("facebook-1",),
                "state": state, "by": by, "authors": ("another",), "at": "2026-11-01T00:00:00.000Z",
                "words": {SENT[state]: "w"}, "approved_at": now,
            })  # fmt: skip
            store.table.write(store.saved(None, there))
    return Appeals(
        store, publications=publications, accounts=world.accounts, pseudonyms=Pseudonyms(bytes(32)),
        cursors=Cursors(bytes(32)), wake=lambda: None, notify=lambda: None, clock=world.clock,
    )  # fmt: skip


def leads(world: Any, changer: Any) -> LeadDesk:
    """Return the leads of a world; one post was found to be information already."""
    store = AppealStore(world.table)
    by = PersonName(id="another", name="Another")
    found = Lead(appeal=IDS["approved"], post="pown", verdict="information", by=by, at=iso(world.clock()))
    if store.lead(found.appeal, found.post) is None:
        store.table.write(store.judged(None, found))
    return LeadDesk(world.appeals, publications=FakePublications(), changer=changer)
