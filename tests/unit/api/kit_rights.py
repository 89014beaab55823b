"""Rights cases behind the routes: canned, or the real services with a case in each state that a route needs."""

from __future__ import annotations

from datetime import date
from typing import Any

from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cloud.memory_files import MemoryFiles
from bluelamp.posts.correcting import Corrections
from bluelamp.posts.model import PersonName
from bluelamp.posts.store import PostStore
from bluelamp.retention import rules as disposal_rules
from bluelamp.rights.answering import Answers
from bluelamp.rights.casefiles import CaseFiles
from bluelamp.rights.erasing import Erasures
from bluelamp.rights.model import (
    Answer,
    Case,
    CasePage,
    Criteria,
    Item,
    ItemList,
    ItemSummary,
    ItemView,
    Package,
    Reminder,
    RightsLink,
    Ruling,
    Search,
)
from bluelamp.rights.outgoing import Compiler
from bluelamp.rights.reviewing import Review
from bluelamp.rights.service import Cases, view_of
from bluelamp.rights.store import RightsStore
from tests.unit.api.kit_records import DISPOSAL, Fake

RECEIVED, REVIEWED, SUBMITTED, MADE, ERASING, CORRECTING = (f"01C0RGHTZZMMMMMMMMMMMMRGH{n}" for n in range(6))
BY, AT = PersonName(id="somebody", name="Somebody"), "2026-11-22T15:00:00.000Z"
PERIOD = {"since": "2026-01-01", "until": "2026-12-31"}
REQUESTER = {"name": "Quentin Requester", "contact": "", "request": ""}
OPENED = {
    "kind": "access", "law": "uk_gdpr", "ref": "SAR/2026/1", "received_on": "2026-11-20", "requester": REQUESTER,
}  # fmt: skip
SEARCH = {"criteria": PERIOD | {"account": "facebook-1"}, "rev": 1}
RULING = {"ruling": {"verdict": "disclose"}, "rev": 1}
CORRECTION = {"post": "pown", "text": "It was lent.", "rev": 1}
SEND_BACK = {"decision": "send_back", "rev": 1}
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/rights"): ("cases", None, 200),
    ("POST", "/rights"): ("rights", OPENED, 201),
    ("GET", f"/rights/{RECEIVED}"): ("cases", None, 200),
    ("POST", f"/rights/{RECEIVED}/steps"): ("rights", {"step": "take", "rev": 1}, 200),
    ("POST", f"/rights/{RECEIVED}/searches"): ("rights", SEARCH, 202),
    ("GET", f"/rights/{REVIEWED}/items"): ("rights", None, 200),
    ("GET", f"/rights/{REVIEWED}/items/pown"): ("rights", None, 200),
    ("PUT", f"/rights/{REVIEWED}/items/pown"): ("rights", RULING, 200),
    ("GET", f"/rights/{SUBMITTED}/answer"): ("approve_answer", None, 200),
    ("POST", f"/rights/{SUBMITTED}/decision"): ("approve_answer", SEND_BACK, 200),
    ("POST", f"/rights/{MADE}/link"): ("rights", {}, 200),
    ("POST", f"/rights/{CORRECTING}/corrections"): ("rights", CORRECTION, 201),
    ("POST", f"/rights/{ERASING}/disposal"): ("dispose", {"rev": 1}, 201),
}
NAMES = dict.fromkeys((RECEIVED, REVIEWED, SUBMITTED, MADE, ERASING, CORRECTING), "{case_id}")
NAMES |= {"{case_id}/items/pown": "{case_id}/items/{post_id}"}


def _at(case: str, tail: str = "") -> Any:
    path = f"/rights/{case}{tail}"

    def scene(_: Any) -> dict[str, Any]:
        body = next((body for (method, where), (_, body, _) in ROUTES.items() if where == path and method != "GET"), {})
        return {"path": path, "body": body}

    return scene


# Method, declared path, who, the records, and the scene.
ROWS: list[tuple[str, str, str, tuple[str, ...], Any]] = [
    ("GET", "/rights", "auditor", ("search",), lambda _: {}),
    ("POST", "/rights", "auditor", ("rights",), lambda _: {}),
    ("GET", "/rights/{case_id}", "supervisor", ("view",), _at(RECEIVED)),
    ("POST", "/rights/{case_id}/steps", "auditor", ("rights",), _at(RECEIVED, "/steps")),
    ("POST", "/rights/{case_id}/searches", "auditor", ("rights", "search"), _at(RECEIVED, "/searches")),
    ("GET", "/rights/{case_id}/items", "auditor", ("search",), _at(REVIEWED, "/items")),
    ("GET", "/rights/{case_id}/items/{post_id}", "auditor", ("view",), _at(REVIEWED, "/items/pown")),
    ("PUT", "/rights/{case_id}/items/{post_id}", "auditor", ("rights",), _at(REVIEWED, "/items/pown")),
    ("GET", "/rights/{case_id}/answer", "supervisor", ("view",), _at(SUBMITTED, "/answer")),
    ("POST", "/rights/{case_id}/decision", "supervisor", ("rights",), _at(SUBMITTED, "/decision")),
    ("POST", "/rights/{case_id}/link", "auditor", ("export",), _at(MADE, "/link")),
    ("POST", "/rights/{case_id}/corrections", "auditor", ("rights", "note"), _at(CORRECTING, "/corrections")),
]


def _case(case_id: str, **more: Any) -> Case:
    named = {
        "id": case_id, "kind": "access", "law": "uk_gdpr", "ref": "SAR/2026/1", "received_on": "2026-11-20",
        "runs_from": "2026-11-20", "by": BY, "handler": BY, "created_at": AT, "changed_at": AT,
        "identity": "confirmed",
    }  # fmt: skip
    return Case(**named | more)


def put(table: Any) -> None:
    """Put the cases into a table."""
    store = RightsStore(table)
    search = Search(id="s", criteria=Criteria(**SEARCH["criteria"]), asked_at=AT, state="done")
    package = Package(state="made", asked_at=AT, sha256="0" * 64, size=1, expires_at="2026-11-29T15:00:00.000Z")
    approved = {"state": "approved", "outcome": "answer"}
    cases = (
        _case(RECEIVED),
        _case(REVIEWED, state="reviewing", searches=(search,)),
        _case(SUBMITTED, state="submitted", outcome="refuse", exemption="dpa_sch2_2", submitted_by=BY),
        _case(MADE, **approved, package=package),
        _case(ERASING, kind="erasure", **approved),
        _case(CORRECTING, kind="rectification", state="reviewing"),
    )
    for one in cases:
        table.write(store.put(one))
        table.write(store.remind(Reminder(case=one.id, handler="somebody", due="2026-12-21")))
    for case_id, ruling in ((REVIEWED, None), (ERASING, Ruling(verdict="erase")), (CORRECTING, None)):
        item = Item(
            case=case_id, post="pown", account="facebook-1", key="0" * 64, event_at=AT, search="s", ruling=ruling
        )
        table.write(store.put_item(item))


def canned(world: Any) -> None:
    """Give a world the routes' use cases: permission is the real rules, the rest is canned."""
    view = view_of(_case(RECEIVED), date(2026, 11, 22), requester=None, works=True)
    summary = ItemSummary(
        post="pown", account="facebook-1", event_at=AT, verdict=None, changed=False, held=False, rev=1
    )
    item = ItemView(
        **summary.model_dump(),
        account_name="",
        direction="in",
        author=None,
        handle=None,
        text="",
        media=(),
        ruling=None,
    )
    answer = Answer(
        version="0" * 64, outcome="answer", exemption=None, posts=(), total=0, withheld={}, redactions={},
        out_of_scope=0, erased=0, corrected=0,
    )  # fmt: skip
    link = RightsLink(url="u", expires_at=AT, name="n", sha256="0" * 64, size=1)
    cases = dict.fromkeys(("open_case", "step", "search"), ("rights", view)) | {"get": ("cases", view)}
    cases["list_for"] = ("cases", CasePage(cases=(), next=None))
    review = {"items": ItemList(items=(), undecided=0), "open_item": item, "decide": summary, "correct": summary}
    answers = {"answer": ("approve_answer", answer), "decide": ("approve_answer", view), "link": ("rights", link)}
    disposal = disposal_rules.view_disposal(DISPOSAL, ())
    world.rights_cases = Fake(Cases, cases, world.table)
    world.rights_review = Fake(Review, {name: ("rights", one) for name, one in review.items()}, world.table)
    world.rights_answers = Fake(Answers, answers, world.table)
    world.rights_erasures = Fake(Erasures, {"propose": ("dispose", disposal)}, world.table)


def genuine(world: Any, office: Any) -> None:
    """Give a world the real use cases, and a case in each state that a route needs."""
    put(world.table)
    work = CaseFiles(RightsStore(world.table), queue=MemoryQueue(), wake=lambda: None, clock=world.clock)
    posts = PostStore(world.table)
    compiler = Compiler(work.store, posts=posts, dossiers=office.dossiers)
    world.rights_answers = Answers(work, compiler=compiler, files=MemoryFiles())
    world.rights_cases = Cases(
        work, answers=world.rights_answers, accounts=world.accounts, pseudonyms=office.pseudonyms, cursors=world.cursors
    )
    corrections = Corrections(office.changer)
    world.rights_review = Review(work, changer=office.changer, dossiers=office.dossiers, corrections=corrections)
    world.rights_erasures = Erasures(work, posts=posts, disposals=office.disposals)
