"""Everything recorded: what each route leaves in the log, over the real use cases, in the very call that does it.

A route that is not in the table fails, and so does one that writes less, more or other records than stand there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import app
from bluelamp.audit.leaf import DPA62
from bluelamp.cloud.dynamodb import Write
from bluelamp.live.store import LiveStore
from bluelamp.people.model import DutyShift
from bluelamp.platforms.contract import NotAllowedError, ReadBack, TimedOutError
from bluelamp.posts.changing import Changer
from tests.unit.api import (
    kit_appeals,
    kit_assets,
    kit_checks,
    kit_connections,
    kit_desk,
    kit_guide,
    kit_hooks,
    kit_incidents,
    kit_press,
    kit_rights,
    kit_roster,
    kit_second,
)
from tests.unit.api.kit import DONE, EXPORT, KEEP, NEW_ACCOUNT, ROLES, ROUTES, SYSTEM, Answer, identity_token
from tests.unit.api.kit_access import GRANT
from tests.unit.api.kit_calls import CALL
from tests.unit.api.kit_whole import Whole, watched

GUIDE = "2026.3"
TWO_PAGES = "platform,native_id,name,kind,team\nx,5,Five,community,north\nx,6,Six,community,south\n"
# Routes that leave nothing, and why.
EXEMPT = {
    ("GET", "/health"): "answers without touching anything, to whoever asks",
    ("GET", "/auth/login"): "leads a browser on; nobody is known yet, and nothing is read",
    ("GET", "/me/sessions"): "shows a person their own sign-ins, and nothing of anybody else",
    ("GET", "/guide"): "names the guides of the force, and shows a person where they stand themselves",
    ("GET", "/tags"): "the force's list of words; nothing of anybody",
    ("GET", "/reports"): "says which reports there are and what their figures mean, and nothing of anybody",
    ("GET", "/report-files/{file_id}"): "says how far one's own request is; that is recorded when it is made",
    ("GET", "/assets/{asset_id}/parts"): "gives the ways for one's own upload; that it began and arrived is recorded",
    ("GET", "/publication-limits"): "says what platforms take; nothing of anybody",
    ("GET", "/publication-pauses"): "says whether publishing stands still; nothing of the public",
    ("GET", "/me/notices"): "shows a person how they want to be told, and nothing of anybody else",
    ("GET", "/me"): "tells a person who they are themselves, from what the request was let in with",
    ("GET", "/incidents/{incident_id}/jobs/{job_id}"): "says how far a job has come, in figures; asked every second",
}
# Parts of the table that are written without a record, and why.
QUIET = {
    f"PUBLICATION#{kit_press.DRAFTED} PUBLICATION": "a draft as it is typed; it is recorded whole when it is submitted",
    "OUTBOX#": "the record itself",
    "CONNECTION#": "that somebody is at the account's token; what comes of it is recorded",
    "CONSENT#": "that a platform sent somebody back; what comes of it is recorded",
    "BULK#": "a frozen selection of ids, bound by its digest into the record of its order",
    "INCIDENT#01C0NCDTZZMMMMMMMMMMMMNCD0 JOB#": "a preview; its order is recorded",
    "IDEM#": "the answer to a write, kept for its repeat",
    "POST#pown POST#": "who is at a post at this moment, gone after two minutes; that they opened it is recorded",
}
Scene = Callable[[Whole], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """What a success of a route leaves: `scene` sets the stage and says what is sent, beside what the matrix sends."""

    method: str
    path: str
    leaves: tuple[str, ...]
    by: str = "comms"
    scene: Scene = lambda _: {}
    name: str = ""

    @property
    def route(self) -> tuple[str, str]:
        return (self.method, self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}".strip()


def do(whole: Whole, method: str, path: str, by: str, **sent: Any) -> Answer:
    answer = whole.call(method, path, by=by, **sent)
    assert answer.status < 400, answer.body
    return answer


def at(path: str) -> Scene:
    return lambda _: {"path": path, "body": ROUTES.get(("POST", path), (None, {}))[1]}


# the stage -----------------------------------------------------------------------------------------------------------


def a_pdf(whole: Whole) -> str:
    """Have a report printed, and return its id."""
    asked = do(whole, "POST", "/reports/volume/pdf", "comms", body={}).json["id"]
    whole.report_files.run(asked)
    return str(asked)


def as_a_file(_: Whole) -> dict[str, Any]:
    return {"path": "/reports/volume", "query": {"format": "csv"}}


def signing_in(whole: Whole) -> dict[str, Any]:
    begun = whole.sign_in.begin("/")
    said = dict(pair.split("=") for pair in begun.location.partition("?")[2].split("&"))
    whole.exchange_answer = b'{"id_token": "%s"}' % identity_token("comms", said["nonce"]).encode()
    query = {"code": "c", "state": said["state"]}
    return {"by": None, "query": query, "headers": {"Cookie": f"__Host-flow={begun.flow}"}}


def by_token(_: Whole) -> dict[str, Any]:
    return {"bearer": True}


def seen_by_token(whole: Whole) -> dict[str, Any]:
    do(whole, "GET", "/me", "comms", bearer=True)
    return {"bearer": True}


def something_changed(whole: Whole) -> dict[str, Any]:
    cursor = do(whole, "GET", "/changes", "comms").json["cursor"]
    LiveStore(whole.table).add_event("facebook-1", ["pown"], at=whole.clock())
    return {"query": {"since": cursor}}


def nothing_changed(whole: Whole) -> dict[str, Any]:
    return {"query": {"since": do(whole, "GET", "/changes", "comms").json["cursor"]}}


def claimed(whole: Whole) -> dict[str, Any]:
    do(whole, "POST", "/posts/pown/claim", "comms", body={})
    return {}


def claimed_and_sealed(whole: Whole) -> dict[str, Any]:
    claimed(whole)
    whole.settle()
    (leaf,) = (record for record in whole.office.log() if record["type"] == "claim")
    return {"path": f"/posts/pown/history/{leaf['id']}/proof"}


def a_sealed_record(whole: Whole) -> dict[str, Any]:
    claimed(whole)
    whole.settle()
    return {"path": "/audit/2026/1"}


def hidden(whole: Whole) -> dict[str, Any]:
    do(whole, "POST", "/posts/pown/hide", "comms", body={"reason": {"code": "abuse"}, "rev": 1})
    whole.settle()
    post = whole.office.post("pown")
    assert post.state == "hidden"
    return {"body": {"rev": post.rev}}


def being_hidden(whole: Whole) -> dict[str, Any]:
    do(whole, "POST", "/posts/pown/hide", "comms", body={"reason": {"code": "abuse"}, "rev": 1, "undo_seconds": 10})
    return {"body": {"rev": 2}}


def banned(whole: Whole) -> dict[str, Any]:
    do(whole, "POST", "/posts/pown/ban", "comms", body={"reason": {"code": "abuse"}, "rev": 1})
    whole.settle()
    return {"body": {"reason": {"code": "no_action"}, "rev": whole.office.post("pown").rev}}


def held_back(whole: Whole) -> dict[str, Any]:
    body = {"text": "Please ring us.", "rev": 1, "undo_seconds": 10}
    made = do(whole, "POST", "/posts/pown/message", "comms", body=body)
    return {"path": f"/posts/pown/actions/{made.json['action']['id']}/cancel", "body": {}}


def not_known(whole: Whole) -> dict[str, Any]:
    made = do(whole, "POST", "/posts/pown/message", "comms", body={"text": "Please ring us.", "rev": 1})
    whole.office.platform.next_error = [TimedOutError("no answer"), NotAllowedError("no")]
    whole.office.platform.read_back = lambda *_, **__: ReadBack(state="unknown")
    whole.settle()
    rev = whole.office.post("pown").rev
    return {
        "path": f"/posts/pown/actions/{made.json['action']['id']}/settle",
        "body": {"happened": True, "rev": rev},
    }


def waiting(verb: str, by: str, step: str, **body: Any) -> Scene:
    """Have a supervisor's word needed for it, propose it, and decide."""

    def scene(whole: Whole) -> dict[str, Any]:
        policy = {"delete": ["comms"], "publish": [], "reply": ["comms"], f"approve_{verb}": "supervisor"}
        do(whole, "PATCH", "/accounts/facebook-1", "admin", body={"policy": policy, "rev": 1})
        whole.clock.now += timedelta(minutes=1)  # accounts are remembered for half of one
        made = do(whole, "POST", f"/posts/pown/{verb}", by, body=ROUTES["POST", f"/posts/{{post}}/{verb}"][1])
        assert made.json["action"]["state"] == "proposed"
        return {"path": f"/posts/pown/actions/{made.json['action']['id']}/{step}", "body": body}

    return scene


def asking(verb: str) -> Scene:
    """Have a supervisor's word needed for it."""

    def scene(whole: Whole) -> dict[str, Any]:
        policy = {"delete": ["comms"], "publish": [], "reply": ["comms"], f"approve_{verb}": "supervisor"}
        do(whole, "PATCH", "/accounts/facebook-1", "admin", body={"policy": policy, "rev": 1})
        whole.clock.now += timedelta(minutes=1)  # accounts are remembered for half of one
        return {}

    return scene


def somebody_elses(whole: Whole) -> dict[str, Any]:
    another = whole.people.add_person(
        person_id="auditor-2", name="Bea", email="b@example.org", role="auditor", by=SYSTEM
    )
    dress(whole, another.id)
    return {"by": another.id, "path": f"/exports/{DONE.id}"}


def ones_own(_: Whole) -> dict[str, Any]:
    return {"path": f"/exports/{DONE.id}"}


def finished(_: Whole) -> dict[str, Any]:
    return {"path": f"/exports/{DONE.id}/link"}


def having_looked(whole: Whole) -> dict[str, Any]:
    return {"body": kit_checks.looked(whole, "comms", "facebook-1")}


def held(whole: Whole) -> dict[str, Any]:
    body = ROUTES["POST", "/holds"][1]
    hold = do(whole, "POST", "/holds", "auditor", body=body).json["id"]
    return {"path": f"/holds/{hold}/release", "body": {"reason": "not_needed"}}


def suspended(whole: Whole) -> dict[str, Any]:
    do(whole, "POST", "/accounts/facebook-1/suspend", "admin", body={"rev": 1})
    return {"body": {"rev": 2}}


def a_file(_: Whole) -> dict[str, Any]:
    return {"body": {"csv": TWO_PAGES, "dry_run": False}}


def people_file(_: Whole) -> dict[str, Any]:
    return {"body": {"csv": "email,name,role\nn2@example.org,New,comms\n", "dry_run": False}}


def a_class(_: Whole) -> dict[str, Any]:
    body = {"days": 30, "basis": "force_policy", "rev": 0}
    return {"path": "/retention/classes/facebook/comment", "body": body}


def reviewed(whole: Whole) -> dict[str, Any]:
    closed(whole)
    return {"path": "/retention/reviews/pown/keep", "body": KEEP}


def closed(whole: Whole) -> dict[str, Any]:
    do(whole, "POST", "/posts/pown/dismiss", "comms", body={"reason": {"code": "no_action"}, "rev": 1})
    return {"body": {"posts": ["pown"], "reason": "erasure_request", "ref": "WP/2026/7"}}


def proposed(whole: Whole) -> dict[str, Any]:
    made = do(whole, "POST", "/disposals", "admin", **closed(whole)).json["id"]
    return {"path": f"/disposals/{made}"}


def to_be_approved(whole: Whole) -> dict[str, Any]:
    return {"path": f"{proposed(whole)['path']}/approve", "body": {}}


def to_be_refused(whole: Whole) -> dict[str, Any]:
    return {"path": f"{proposed(whole)['path']}/refuse", "body": {"reason": "still_needed"}}


def disposed(whole: Whole) -> dict[str, Any]:
    approving = to_be_approved(whole)
    do(whole, "POST", approving["path"], "supervisor", body={})
    whole.settle()
    return {"path": approving["path"].replace("/approve", "/certificate")}


def erasing(whole: Whole) -> dict[str, Any]:
    closed(whole)
    return {"path": f"/rights/{kit_rights.ERASING}/disposal", "body": {"rev": 1}}


# the table -----------------------------------------------------------------------------------------------------------

ROWS = (
    Row("GET", "/auth/callback", ("login",), scene=signing_in),
    Row("GET", "/accounts", ("search",)),
    Row("GET", "/accounts", ("login", "search"), scene=by_token, name="by a token not seen before"),
    Row("POST", "/accounts", ("config",), by="admin", scene=lambda _: {"body": NEW_ACCOUNT}),
    Row("GET", "/accounts/{account_id}", ("view",)),
    Row("PATCH", "/accounts/{account_id}", ("config",), by="admin", scene=lambda _: {"body": {"team": "w", "rev": 1}}),
    Row("POST", "/accounts/{account_id}/suspend", ("config",), by="admin", scene=lambda _: {"body": {"rev": 1}}),
    Row("POST", "/accounts/{account_id}/resume", ("config",), by="admin", scene=suspended),
    Row("POST", "/accounts/{account_id}/archive", ("config", "key"), by="admin", scene=lambda _: {"body": {"rev": 1}}),
    Row(
        "POST", "/accounts/import", ("search",), by="admin", scene=lambda _: {"body": {"csv": TWO_PAGES}}, name="tried"
    ),
    # One for each account.
    Row("POST", "/accounts/import", ("config", "config"), by="admin", scene=a_file),
    Row("GET", "/accounts/export", ("export",), by="admin"),
    Row("GET", "/accounts/{account_id}/completeness", ("search",)),
    Row("POST", "/auth/logout", ("logout",)),
    Row("POST", "/auth/logout", ("logout",), scene=seen_by_token, name="by token"),
    Row("GET", "/queue", ("search",)),
    Row("GET", "/changes", ("search",), scene=something_changed),
    Row("GET", "/changes", (), scene=nothing_changed, name="asked every few seconds, and nothing was shown"),
    Row("POST", "/live/ticket", ("search",)),
    Row("GET", "/audit", ("search",), by="auditor"),
    Row("GET", "/audit/{year}/{seq}", ("prove",), by="auditor", scene=a_sealed_record),
    Row("GET", "/posts/{post_id}", ("view",)),
    Row("GET", "/posts/{post_id}/history", ("view",), by="auditor"),
    Row("GET", "/posts/{post_id}/history/{leaf_id}/proof", ("prove",), by="auditor", scene=claimed_and_sealed),
    Row("POST", "/posts/{post_id}/claim", ("claim",)),
    Row("POST", "/posts/{post_id}/release", ("release",), scene=claimed),
    Row("POST", "/posts/{post_id}/hide", ("intent",)),
    Row("POST", "/posts/{post_id}/unhide", ("intent",), scene=hidden),
    Row("POST", "/posts/{post_id}/unhide", ("outcome",), scene=being_hidden, name="taken back in time"),
    Row("POST", "/posts/{post_id}/delete", ("intent",)),
    Row("POST", "/posts/{post_id}/reply", ("intent",)),
    Row("POST", "/posts/{post_id}/delete", ("decide",), scene=asking("delete"), name="to be approved"),
    Row("POST", "/posts/{post_id}/reply", ("decide",), scene=asking("reply"), name="to be approved"),
    *(Row("POST", f"/posts/{{post_id}}/{verb}", ("intent",)) for verb in ("ban", "like", "message")),
    Row("POST", "/posts/{post_id}/unban", ("intent",), scene=banned),
    Row("POST", "/posts/{post_id}/report", ("decide",)),
    Row("POST", "/posts/{post_id}/actions/{action_id}/cancel", ("outcome",), scene=held_back),
    Row("POST", "/posts/{post_id}/actions/{action_id}/settle", ("outcome",), scene=not_known),
    Row("GET", "/actions", ("search",)),
    Row("GET", "/approvals", ("search",), by="supervisor"),
    Row(
        "POST",
        "/posts/{post_id}/actions/{action_id}/approve",
        ("intent",),
        by="supervisor",
        scene=waiting("reply", "comms", "approve", rev=2),
    ),
    Row(
        "POST",
        "/posts/{post_id}/actions/{action_id}/reject",
        ("decide",),
        by="supervisor",
        scene=waiting("delete", "comms", "reject", reason="not_justified"),
    ),
    Row(
        "POST",
        "/posts/{post_id}/actions/{action_id}/withdraw",
        ("decide",),
        scene=waiting("delete", "comms", "withdraw"),
    ),
    Row("POST", "/break-glass", ("config",), by="local", scene=lambda _: {"body": kit_second.GLASS}),
    Row("POST", "/posts/{post_id}/dismiss", ("decide",)),
    Row("POST", "/posts/{post_id}/flag", ("flag",)),
    Row("POST", "/posts/{post_id}/note", ("note",)),
    *(Row(method, path, leaves, by=by, scene=scene) for method, path, leaves, by, scene in kit_desk.ROWS),
    Row("POST", "/exports", ("export",), by="auditor", scene=lambda _: {"body": EXPORT}),
    Row("GET", "/exports", ("search",), by="auditor"),
    Row("GET", "/exports/{export_id}", ("view",), by="auditor", scene=somebody_elses),
    Row("GET", "/exports/{export_id}", (), by="auditor", scene=ones_own, name="waiting for one's own"),
    Row("POST", "/exports/{export_id}/link", ("export",), by="auditor", scene=finished),
    *(Row(method, path, leaves, by="admin", scene=scene) for method, path, leaves, scene in kit_roster.ROWS),
    Row("GET", "/accounts/{account_id}/handover", ("search",)),
    Row("POST", "/accounts/{account_id}/handover", ("roster",), scene=kit_roster.a_note),
    *(Row(method, path, leaves, by=by, scene=scene) for method, path, leaves, by, scene in kit_appeals.ROWS),
    Row("GET", "/calls", ("search",)),
    Row("GET", "/digest", ("search",)),
    Row("POST", "/posts/{post_id}/call", ("flag",)),
    Row("POST", "/calls/{call_id}/acknowledge", ("flag",), scene=at(f"/calls/{CALL}/acknowledge")),
    *(Row(method, path, leaves, by=by, scene=scene) for method, path, leaves, by, scene in kit_guide.ROWS),
    *(Row(method, path, leaves, by="admin", scene=scene) for method, path, leaves, scene in kit_hooks.ROWS),
    *(Row(method, path, leaves, by="admin", scene=scene) for method, path, leaves, scene in kit_connections.ROWS),
    *(Row(method, path, leaves, scene=scene) for method, path, leaves, scene in kit_press.ROWS),
    *(Row(method, path, leaves, scene=scene) for method, path, leaves, scene in kit_assets.ROWS),
    Row("PUT", "/me/notices", ("config",)),
    Row("GET", "/outbox", ("search",)),
    Row("GET", "/checks", ("search",)),
    *(Row(method, path, leaves, by=by, scene=scene) for method, path, by, leaves, scene in kit_rights.ROWS),
    *(Row(method, path, leaves, by=by, scene=scene) for method, path, by, leaves, scene in kit_incidents.ROWS),
    Row("POST", "/rights/{case_id}/disposal", ("retain", "rights"), by="admin", scene=erasing),
    Row("GET", "/accounts/{account_id}/checks", ("search",)),
    Row("POST", "/accounts/{account_id}/check", ("attest",), scene=having_looked),
    Row("GET", "/reports/{report_name}", ("search",), scene=at("/reports/volume")),
    Row("GET", "/reports/{report_name}", ("search",), scene=as_a_file, name="as CSV"),
    Row("POST", "/reports/{report_name}/pdf", ("export",), scene=at("/reports/volume/pdf")),
    Row(
        "POST",
        "/report-files/{file_id}/link",
        ("export",),
        scene=lambda whole: {"path": f"/report-files/{a_pdf(whole)}/link", "body": {}},
    ),
    Row("GET", "/grants", ("search",), by="auditor"),
    Row("POST", "/grants", ("config",), by="admin"),
    Row("DELETE", "/grants/{grant_id}", ("config",), by="admin", scene=at(f"/grants/{GRANT}")),
    Row("GET", "/people/{person_id}/sessions", ("search",), by="admin", scene=at("/people/another/sessions")),
    Row("DELETE", "/people/{person_id}/sessions", ("config",), by="admin", scene=at("/people/another/sessions")),
    Row("POST", "/people/{person_id}/suspend", ("config",), by="admin", scene=at("/people/another/suspend")),
    Row("POST", "/people/{person_id}/resume", ("config",), by="admin", scene=at("/people/away/resume")),
    Row("GET", "/people", ("search",), by="admin"),
    Row("GET", "/people/{person_id}", ("view",), by="admin", scene=at("/people/another")),
    Row("POST", "/people/import", ("search",), by="admin", name="tried"),
    # One for each thing that changes.
    Row("POST", "/people/import", ("config",), by="admin", scene=people_file),
    Row("GET", "/people/export", ("export",), by="admin"),
    Row("GET", "/groups", ("search",), by="admin"),
    Row("PUT", "/groups", ("config",), by="admin"),
    Row("GET", "/retention/classes", ("search",), by="auditor"),
    Row("PUT", "/retention/classes/{platform}/{kind}", ("config",), by="admin", scene=a_class),
    Row("GET", "/retention/reviews", ("search",), by="auditor"),
    Row("POST", "/retention/reviews/{post_id}/keep", ("retain",), by="supervisor", scene=reviewed),
    # One for the hold, and one for each post that is held.
    Row("POST", "/holds", ("hold", "hold"), by="auditor"),
    Row("GET", "/holds", ("search",), by="auditor"),
    Row("POST", "/holds/{hold_id}/release", ("hold", "hold"), by="auditor", scene=held),
    Row("POST", "/disposals", ("retain",), by="admin", scene=closed),
    Row("GET", "/disposals", ("search",), by="auditor"),
    Row("GET", "/disposals/{disposal_id}", ("view",), by="auditor", scene=proposed),
    Row("POST", "/disposals/{disposal_id}/approve", ("retain",), by="supervisor", scene=to_be_approved),
    Row("POST", "/disposals/{disposal_id}/refuse", ("retain",), by="supervisor", scene=to_be_refused),
    Row("GET", "/disposals/{disposal_id}/certificate", ("view",), by="auditor", scene=disposed),
)


def dress(whole: Whole, person_id: str) -> None:
    """Give somebody an acknowledged guide and a shift that they work."""
    person = whole.people.get(person_id)
    first, last = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)
    shift = DutyShift(id="always", duty="supervisor", begins_at=first, ends_at=last)
    whole.people.change_person(person_id, rev=person.rev, by=SYSTEM, guide_version=GUIDE, shifts=(shift,))


@pytest.fixture
def staged(whole):
    for role in ROLES:
        dress(whole, role)
    return whole


def asked(whole: Whole, row: Row) -> tuple[Answer, list[dict[str, Any]], list[Sequence[Write]]]:
    """Set the stage, send the request, and return the answer with what was recorded and written meanwhile."""
    given = row.scene(whole)
    sent = {"by": row.by, "path": row.path.replace("{post_id}", "pown").replace("{account_id}", "facebook-1")} | given
    if "body" not in sent and row.method != "GET":
        declared = row.path.replace("{post_id}", "{post}")
        sent["body"] = ROUTES[row.method, declared][1] if (row.method, declared) in ROUTES else {}
    path = sent.pop("path")
    # Signing in is its own record; here it is none of the route's.
    if sent["by"] and not sent.get("bearer"):
        sent["headers"] = {"Cookie": f"__Host-sid={whole.cookie(sent.pop('by'))}"}
    whole.outbox()
    with watched(whole.table) as batches:
        answer = whole.call(row.method, path, **sent)
    return answer, whole.outbox(), batches


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_route_leaves_just_these_records(staged, row):
    answer, leaves, batches = asked(staged, row)
    assert answer.status < 400, answer.body
    assert Counter(leaf["type"] for leaf in leaves) == Counter(row.leaves)
    for leaf in leaves:
        actor = leaf["actor"]
        assert actor["kind"] == "person"
        assert actor["sub"].startswith(row.by)
        assert (actor["role"], actor["guide_version"], actor["on_duty_as"]) == (row.by, GUIDE, "supervisor")
        assert actor["session"]
        assert leaf.get("dpa62") == DPA62.get(leaf["type"])
    for batch in batches:
        parts = [" ".join(write.key) for write in batch]
        stateful = [part for part in parts if not part.startswith(tuple(QUIET))]
        assert not stateful or any(part.startswith("OUTBOX#") for part in parts), (
            f"written without a record: {stateful}"
        )


def test_every_route_is_in_the_table():
    declared = {(method, path) for path, methods in app.routes.items() for method in methods}
    listed = {row.route for row in ROWS}
    assert listed | EXEMPT.keys() == declared, "say in ROWS what the route leaves, or in EXEMPT why it leaves nothing"
    assert not listed & EXEMPT.keys()
    listed -= kit_desk.QUIET_ROUTES | kit_press.QUIET_ROUTES
    # Rows without a record stand beside one that has some: the same route, when there was something to record.
    assert {row.route for row in ROWS if row.leaves} == listed


@pytest.mark.parametrize("route", EXEMPT, ids=str)
def test_a_route_that_is_exempt_leaves_nothing_and_writes_nothing(staged, route):
    path = f"/report-files/{a_pdf(staged)}" if route[1] == "/report-files/{file_id}" else route[1]
    path = path.format(incident_id=kit_incidents.INCIDENT, job_id=kit_incidents.JOB, asset_id=kit_assets.SENT)
    cookie = {"Cookie": f"__Host-sid={staged.cookie('comms')}"}
    staged.outbox()
    with watched(staged.table) as batches:
        assert staged.call(route[0], path, headers=cookie).status < 400
    assert (staged.outbox(), batches) == ([], [])


def test_the_table_notices_a_route_that_records_nothing(staged, monkeypatch):
    monkeypatch.setattr(Changer, "searched", lambda *_, **__: None)
    row = next(row for row in ROWS if row.path == "/queue")
    with pytest.raises(AssertionError):
        test_a_route_leaves_just_these_records(staged, row)


def test_the_table_notices_a_change_beside_its_record(staged):
    claim = staged.office.changer.posts.table

    def apart(writes: Sequence[Write], **_: Any) -> None:
        for write in writes:
            claim.write(write)

    claim.transact = apart
    row = next(row for row in ROWS if row.path.endswith("/claim"))
    with pytest.raises(AssertionError, match="written without a record"):
        test_a_route_leaves_just_these_records(staged, row)
