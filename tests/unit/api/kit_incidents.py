"""Incidents behind the routes: canned, or the real services with an incident and its jobs."""

from __future__ import annotations

from typing import Any

from bluelamp.incidents.bulk import Bulk
from bluelamp.incidents.logbook import LogBook
from bluelamp.incidents.model import (
    BulkPolicy,
    Incident,
    IncidentPage,
    IncidentView,
    Job,
    LogEntry,
    Match,
    Open,
    OpenList,
    Preview,
    Progress,
    Report,
    Roles,
    Scope,
    Somebodies,
    Standing,
)
from bluelamp.incidents.report import Reporting
from bluelamp.incidents.rules import view_job
from bluelamp.incidents.service import Incidents
from bluelamp.incidents.store import IncidentStore
from bluelamp.posts.model import PersonName
from tests.support.incident_desk import IncidentDesk
from tests.unit.api.kit_records import Fake

INCIDENT, JOB, RULED = "01C0NCDTZZMMMMMMMMMMMMNCD0", "01C0J0BZZZMMMMMMMMMMMMJ0B0", "01C0NCDTZZMMMMMMMMMMMMNCD1"
BY, AT = PersonName(id="somebody", name="Somebody"), "2026-11-22T15:00:00.000Z"
SCOPE = {"accounts": ["facebook-1"], "begin": AT}
OPENED = {"code": "OAKLEAF", "scope": SCOPE, "strategy": "Keep people informed."}
BULK = {"verb": "hide", "match": {"everything": True}, "reason": {"code": "abuse"}}
DIGEST = "0" * 64
ORDERED = {"step": "agree", "rev": 1, "digest": DIGEST}
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/incident-people"): ("incident", None, 200),
    ("GET", "/incidents"): ("incidents", None, 200),
    ("POST", "/incidents"): ("incident", OPENED, 201),
    ("GET", f"/incidents/{INCIDENT}"): ("incidents", None, 200),
    ("POST", f"/incidents/{INCIDENT}/close"): ("incident", {"rev": 1}, 200),
    ("POST", f"/incidents/{INCIDENT}/strategy"): ("incident", {"text": "Say more.", "rev": 1}, 200),
    ("PUT", f"/incidents/{INCIDENT}/roles"): ("incident", {"roles": {"gold": ["comms"]}, "rev": 1}, 200),
    ("PUT", f"/incidents/{INCIDENT}/scope"): ("incident", {"scope": SCOPE, "rev": 1}, 200),
    ("PUT", f"/incidents/{INCIDENT}/slow"): ("incident", {"seconds": 60, "rev": 1}, 200),
    ("POST", f"/incidents/{RULED}/standing"): ("approve_bulk", {"step": "agree", "rev": 1}, 200),
    ("PUT", f"/incidents/{INCIDENT}/publishing"): ("incident", {"pause": True, "rev": 1}, 200),
    ("POST", f"/incidents/{INCIDENT}/log"): ("incident", {"kind": "decision", "text": "Hold the line."}, 201),
    ("GET", f"/incidents/{INCIDENT}/report"): ("incidents", None, 200),
    ("POST", f"/incidents/{INCIDENT}/jobs"): ("bulk", BULK, 201),
    ("GET", f"/incidents/{INCIDENT}/jobs/{JOB}"): ("incidents", None, 200),
    ("POST", f"/incidents/{INCIDENT}/jobs/{JOB}/steps"): ("approve_bulk", ORDERED, 200),
    ("GET", "/incident-policy"): ("incidents", None, 200),
    ("PUT", "/incident-policy"): ("register", {"bound": 10, "rev": 0}, 200),
}
NAMES = {INCIDENT: "{incident_id}", RULED: "{incident_id}", JOB: "{job_id}"}


def _at(tail: str, incident: str = INCIDENT) -> Any:
    path = f"/incidents/{incident}{tail}"

    def scene(_: Any) -> dict[str, Any]:
        body = next((body for (method, where), (_, body, _) in ROUTES.items() if where == path and method != "GET"), {})
        return {"path": path, "body": body}

    return scene


# Method, declared path, who, the records, and the scene.
_ONE = "/incidents/{incident_id}"
ROWS: list[tuple[str, str, str, tuple[str, ...], Any]] = [
    ("GET", "/incident-people", "comms", ("search",), lambda _: {}),
    ("GET", "/incidents", "comms", ("search",), lambda _: {}),
    ("POST", "/incidents", "comms", ("incident",), lambda _: {}),
    ("GET", _ONE, "auditor", ("search",), _at("")),
    ("POST", f"{_ONE}/strategy", "comms", ("incident",), _at("/strategy")),
    ("PUT", f"{_ONE}/roles", "comms", ("incident",), _at("/roles")),
    ("PUT", f"{_ONE}/scope", "comms", ("incident",), _at("/scope")),
    ("PUT", f"{_ONE}/slow", "comms", ("incident",), _at("/slow")),
    ("POST", f"{_ONE}/standing", "comms", ("incident",), _at("/standing", RULED)),
    ("PUT", f"{_ONE}/publishing", "comms", ("incident",), _at("/publishing")),
    ("POST", f"{_ONE}/log", "comms", ("incident",), _at("/log")),
    ("GET", f"{_ONE}/report", "comms", ("search",), _at("/report")),
    ("POST", f"{_ONE}/jobs", "comms", ("search",), _at("/jobs")),
    ("POST", f"{_ONE}/jobs/{{job_id}}/steps", "comms", ("incident",), _at(f"/jobs/{JOB}/steps")),
    (
        "POST",
        f"{_ONE}/close",
        "comms",
        ("incident",),
        lambda _: {"path": f"/incidents/{RULED}/close", "body": {"rev": 1}},
    ),
    ("GET", "/incident-policy", "comms", ("search",), lambda _: {}),
    ("PUT", "/incident-policy", "admin", ("incident",), lambda _: {}),
]


def _incident(incident: str, **more: Any) -> Incident:
    return Incident(id=incident, code="OAKLEAF", scope=Scope.model_validate(SCOPE), opened_at=AT, opened_by=BY, **more)


def _job() -> Job:
    return Job(
        id=JOB, incident=INCIDENT, verb="hide", state="waiting", match=Match(everything=True), accounts=("facebook-1",),
        posts=1, parts=1, digest=DIGEST, second=True, by=BY, made_at=AT, until="2036-01-01T00:00:00.000Z",
        by_account={"facebook-1": 1}, rev=1,
    )  # fmt: skip


class _Pausing:
    """Where publications are paused, some day."""

    def pause(self, *_: Any, **__: Any) -> None:
        """Pause nothing."""

    def resume(self, *_: Any, **__: Any) -> None:
        """Resume nothing."""

    def leave(self, *_: Any, **__: Any) -> None:
        """Leave nothing."""


def canned(world: Any) -> None:
    """Give a world the routes' use cases: permission is the real rules, the rest is canned."""
    one, job = _incident(INCIDENT), view_job(_job(), Progress())
    view = IncidentView(incident=one, strategies=(), entries=(), jobs=(), bound=25)
    commands = ("open", "close", "set_strategy", "set_roles", "set_scope", "set_slow", "pause_publishing")
    uses: dict[str, Any] = dict.fromkeys(commands, ("incident", one))
    uses |= {"agree_standing": ("approve_bulk", one), "get": ("incidents", view)}
    uses |= {"people": ("incident", Somebodies(people=(), more=False))}
    uses |= {"list_for": ("incidents", IncidentPage(incidents=())), "policy": ("incidents", BulkPolicy())}
    uses |= {"set_policy": ("register", BulkPolicy())}
    report = Report(
        incident=one, made_at=AT, minutes=0, strategies=(), entries=(), jobs=(), standing_hidden=0, still_hidden=0,
        figures={},
    )  # fmt: skip
    entry = LogEntry(id=JOB, kind="decision", at=AT, by=BY, text="t")
    preview = Preview(job=job, examples=(), left_out=())
    world.incidents = Fake(Incidents, uses, world.table)
    world.incidents.concerning = lambda _: []
    world.log_book = Fake(LogBook, {"write": ("incident", entry)}, world.table)
    world.incident_reporting = Fake(Reporting, {"make": ("incidents", report)}, world.table)
    steps = {"preview": ("bulk", preview), "step": ("approve_bulk", job), "get": ("incidents", job)}
    world.bulk = Fake(Bulk, steps, world.table)


def genuine(world: Any, office: Any) -> None:
    """Give a world the real use cases, an incident with a job that waits, and one with a rule that waits."""
    desk = IncidentDesk(
        changer=office.changer,
        table=world.table,
        pseudonyms=office.pseudonyms,
        vault=lambda: office.vault,
        seal=office.seal_queue,
        queue=office.incident_queue,
    )
    desk.known = dict.fromkeys(("comms", "somebody"), "Comms")
    desk.pausing = _Pausing()
    rule = Standing(match=Match(everything=True), at=AT, by=BY)
    store = IncidentStore(world.table)
    waiting, ruled = _incident(INCIDENT, roles=Roles()), _incident(RULED, standing=rule)
    for put in (store.put(waiting), store.put(ruled), store.put_job(_job().model_copy(update={"rev": 0}))):
        world.table.write(put)
    world.table.items[f"INCIDENT#{INCIDENT}", f"JOB#{JOB}"]["rev"] = 1
    opened = [Open(id=one.id, code=one.code, accounts=one.scope.accounts, begin=AT) for one in (waiting, ruled)]
    world.table.write(store.put_open(OpenList(incidents=tuple(opened), rev=1)))
    world.incidents, world.bulk, world.log_book = desk.service, desk.bulk, desk.log
    world.incident_reporting = desk.reporting
