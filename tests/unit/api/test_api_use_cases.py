"""Everything recorded, below the routes: each use case that the wiring offers says which record it leaves, or why none.

A new service, or a new method of one, fails here until it says so. What is said is tried: by its route, or by a scene.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bluelamp
from bluelamp.accounts.files import AccountFiles
from bluelamp.accounts.registering import Author, Registrar
from bluelamp.accounts.store import AccountStore
from bluelamp.anchors.errors import UnreachableError
from bluelamp.anchors.service import Anchors
from bluelamp.assets.checking import Checking
from bluelamp.assets.lapsing import Lapsing
from bluelamp.assets.store import AssetStore
from bluelamp.assets.uploading import Uploading
from bluelamp.audit.leaf import Actor
from bluelamp.audit.tally import Tallies
from bluelamp.calls.escalating import Escalating
from bluelamp.calls.store import CallStore
from bluelamp.checks.chasing import Chasing
from bluelamp.checks.store import CheckStore
from bluelamp.cloud.dynamodb import Write
from bluelamp.cloud.memory import MemorySecrets
from bluelamp.cloud.memory_uploads import MemoryUploads
from bluelamp.completeness.service import Coverage, Statements
from bluelamp.completeness.store import CompletenessStore
from bluelamp.connections import rules as rules_of_connections
from bluelamp.connections.ending import Ending
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.renewing import Renewing
from bluelamp.connections.store import ConnectionStore
from bluelamp.guide.service import Guides
from bluelamp.guide.store import GuideStore
from bluelamp.guide.training import Trainings
from bluelamp.ids import post_id
from bluelamp.incidents.model import Match, Roles, Scope
from bluelamp.notices.delivering import Delivering
from bluelamp.notices.store import NoticeStore
from bluelamp.notices.telling import told
from bluelamp.people.files import PeopleFiles
from bluelamp.people.groups import GroupMapping, GroupRule
from bluelamp.people.provisioning import Provisioning
from bluelamp.people.refusals import Refusals
from bluelamp.people.service import People
from bluelamp.people.sessions import Sessions
from bluelamp.people.store import PeopleStore
from bluelamp.people.tokens import Claims
from bluelamp.platforms.contract import AccountRef, NotAllowedError, ReadBack, TimedOutError
from bluelamp.posts.model import Reason
from bluelamp.publishing.model import DraftFields
from bluelamp.rights.model import Criteria
from bluelamp.roster.moving import Covers
from bluelamp.roster.store import RosterStore
from bluelamp.times import iso
from tests.support.films import film
from tests.support.groups import NORTH
from tests.support.press import Press
from tests.support.world import idem, principal
from tests.unit.api.kit_calls import a_call
from tests.unit.api.kit_whole import watched
from tests.unit.api.test_api_recorded import ROWS
from tests.unit.exports.export_kit import Force
from tests.unit.retention.retention_kit import AUDITOR, OFFICER, Office
from tests.unit.rights.rights_kit import Bureau

WIRING = Path(bluelamp.__file__).with_name("wiring")
BY = Actor(kind="person", sub="admin", role="admin")
PICTURE = "https://pictures.example/1.jpg"

# What is wired and is no use case: parts that use cases are made of. What they are asked to do is recorded by those.
PARTS = {
    *("Books", "Fitting", "Pausing", "AssetStore", "KeptAssets", "Uploads", "Views"),
    *("TokenBox", "AppSecrets", "Tokens", "Ended"),
    *("Table", "Queue", "Secrets", "Bucket", "Files", "PlatformHttp", "Vault", "PostStore", "RetentionStore"),
    *(
        "Pseudonyms",
        "Cursors",
        "Signer",
        "Wake",
        "Closing",
        "AccountFinder",
        "TokenVerifier",
        "Changer",
        "SealedRecords",
        "Proof",
        "AccountHealth",
        "CaseFiles",
        "IncidentStore",
        "Command",
        "Recorder",
        "Selecting",
        "Ordering",
        "Contexts",
        "Fetcher",
        "Redelivery",
        "Orders",
        "Dossiers",
        "Compiler",
    ),
}

# By which route a use case is reached; test_api_recorded says, and tries, what it leaves.
BY_ROUTE = {
    "Register.page": "GET /accounts",
    "Register.detail": "GET /accounts/{account_id}",
    "Register.create": "POST /accounts",
    "Register.change": "PATCH /accounts/{account_id}",
    **{f"Register.{verb}": f"POST /accounts/{{account_id}}/{verb}" for verb in ("suspend", "resume", "archive")},
    "Connecting.begin": "POST /accounts/{account_id}/connect",
    "Connecting.finish": "GET /accounts/callback",
    "Connecting.disconnect": "POST /accounts/{account_id}/disconnect",
    "AccountFiles.import_for": "POST /accounts/import",
    "AccountFiles.export_for": "GET /accounts/export",
    "SignIn.finish": "GET /auth/callback",
    "Reports.report": "GET /accounts/{account_id}/completeness",
    "Posts.queue": "GET /queue",
    "Posts.open_post": "GET /posts/{post_id}",
    "Posts.history": "GET /posts/{post_id}/history",
    "Posts.proof": "GET /posts/{post_id}/history/{leaf_id}/proof",
    **{f"Posts.{verb}": f"POST /posts/{{post_id}}/{verb}" for verb in ("claim", "release", "dismiss", "flag", "note")},
    **{f"Actions.{verb}": f"POST /posts/{{post_id}}/{verb}" for verb in ("hide", "unhide", "delete", "reply")},
    **{f"Actions.{verb}": f"POST /posts/{{post_id}}/{verb}" for verb in ("ban", "unban", "like", "message")},
    "Endings.report": "POST /posts/{post_id}/report",
    **{f"Endings.{verb}": f"POST /posts/{{post_id}}/actions/{{action_id}}/{verb}" for verb in ("cancel", "settle")},
    "UnderWay.list_for": "GET /actions",
    "Approving.list_for": "GET /approvals",
    **{
        f"Approving.{verb}": f"POST /posts/{{post_id}}/actions/{{action_id}}/{verb}"
        for verb in ("approve", "reject", "withdraw")
    },
    "Emergency.open": "POST /break-glass",
    **{f"Casework.{verb}": f"POST /posts/{{post_id}}/{verb}" for verb in ("assign", "unassign", "tag", "untag")},
    "Casework.refer": "POST /posts/{post_id}/reference",
    "Reach.on": "GET /posts/{post_id}/colleagues",
    "Tags.put": "PUT /tags/{tag}",
    "Tags.retire": "DELETE /tags/{tag}",
    "Worklists.by_author": "GET /posts/{post_id}/author",
    "Conversations.with_author": "GET /posts/{post_id}/conversation",
    "Worklists.assigned": "GET /queue",
    "Worklists.tagged": "GET /queue",
    "Replies.list_for": "GET /replies",
    "Replies.preview": "POST /replies/{reply_id}/preview",
    "Replies.create": "POST /replies",
    "Replies.change": "PUT /replies/{reply_id}",
    "Replies.retire": "DELETE /replies/{reply_id}",
    "Live.ticket": "POST /live/ticket",
    "Live.changes": "GET /changes",
    "Trail.search": "GET /audit",
    "Trail.record": "GET /audit/{year}/{seq}",
    "Exports.create": "POST /exports",
    "Exports.list_for": "GET /exports",
    "Exports.get": "GET /exports/{export_id}",
    "Exports.link": "POST /exports/{export_id}/link",
    "Rosters.list_for": "GET /roster",
    "Rosters.put": "POST /roster/entries",
    "Rosters.withdraw": "POST /roster/entries/{entry_id}/withdraw",
    "Rosters.responsible_for": "GET /accounts/{account_id}/responsible",
    "Rosters.notes": "GET /accounts/{account_id}/handover",
    "Rosters.hand_over": "POST /accounts/{account_id}/handover",
    "Appeals.every": "GET /appeals",
    "Appeals.open": "GET /appeals/{appeal_id}",
    "Appeals.make": "POST /appeals",
    "Appeals.change": "PUT /appeals/{appeal_id}",
    "Appeals.propose": "POST /appeals/{appeal_id}/propose",
    "Appeals.withdraw": "POST /appeals/{appeal_id}/withdraw",
    "Appeals.approve": "POST /appeals/{appeal_id}/approve",
    "Appeals.reject": "POST /appeals/{appeal_id}/reject",
    "Appeals.keep": "POST /appeals/{appeal_id}/keep",
    "Appeals.close": "POST /appeals/{appeal_id}/close",
    "Appeals.clear": "POST /appeals/{appeal_id}/clear",
    "Calls.call": "POST /posts/{post_id}/call",
    "Calls.acknowledge": "POST /calls/{call_id}/acknowledge",
    "Calls.list_for": "GET /calls",
    "Digests.read": "GET /digest",
    "Incidents.open": "POST /incidents",
    "Incidents.people": "GET /incident-people",
    "Incidents.list_for": "GET /incidents",
    "Incidents.get": "GET /incidents/{incident_id}",
    "Incidents.close": "POST /incidents/{incident_id}/close",
    "Incidents.set_strategy": "POST /incidents/{incident_id}/strategy",
    **{f"Incidents.set_{one}": f"PUT /incidents/{{incident_id}}/{one}" for one in ("roles", "scope", "slow")},
    **dict.fromkeys(
        (f"Incidents.{one}_standing" for one in ("propose", "agree", "end")), "POST /incidents/{incident_id}/standing"
    ),
    "Incidents.pause_publishing": "PUT /incidents/{incident_id}/publishing",
    "Incidents.policy": "GET /incident-policy",
    "Incidents.set_policy": "PUT /incident-policy",
    "LogBook.write": "POST /incidents/{incident_id}/log",
    "Reporting.make": "GET /incidents/{incident_id}/report",
    "Bulk.preview": "POST /incidents/{incident_id}/jobs",
    "Bulk.step": "POST /incidents/{incident_id}/jobs/{job_id}/steps",
    "Cases.open_case": "POST /rights",
    "Cases.list_for": "GET /rights",
    "Cases.get": "GET /rights/{case_id}",
    "Cases.step": "POST /rights/{case_id}/steps",
    "Cases.search": "POST /rights/{case_id}/searches",
    "Review.items": "GET /rights/{case_id}/items",
    "Review.open_item": "GET /rights/{case_id}/items/{post_id}",
    "Review.decide": "PUT /rights/{case_id}/items/{post_id}",
    "Review.correct": "POST /rights/{case_id}/corrections",
    "Answers.answer": "GET /rights/{case_id}/answer",
    "Answers.decide": "POST /rights/{case_id}/decision",
    "Answers.link": "POST /rights/{case_id}/link",
    "Erasures.propose": "POST /rights/{case_id}/disposal",
    "Checks.attest": "POST /accounts/{account_id}/check",
    "Hooks.every": "GET /hooks",
    "Hooks.create": "POST /hooks",
    "Hooks.change": "PUT /hooks/{hook_id}",
    "Hooks.rotate": "POST /hooks/{hook_id}/rotate",
    "Hooks.try_out": "POST /hooks/{hook_id}/test",
    "Hooks.deliveries": "GET /hooks/{hook_id}/deliveries",
    "Hooks.redrive": "POST /hooks/{hook_id}/redrive",
    "Publishing.list_for": "GET /publications",
    "Publishing.draft": "POST /publications",
    "Publishing.preview": "POST /link-preview",
    "Publishing.calendar": "GET /publication-calendar",
    "Publishing.get": "GET /publications/{publication_id}",
    **{
        f"Publishing.{name}": f"POST /publications/{{publication_id}}/{step}"
        for name, step in (
            *(("submit", "submit"), ("approve", "approve"), ("reject", "reject"), ("withdraw", "withdraw")),
            *(("send_held", "send"), ("take_down", "take-down"), ("edit_out", "edit"), ("verify", "verify")),
            ("settle", "settle"),
        )
    },
    "Uploading.begin": "POST /assets",
    "Uploading.get": "GET /assets/{asset_id}",
    "Uploading.complete": "POST /assets/{asset_id}/complete",
    "Uploading.drop": "POST /assets/{asset_id}/drop",
    "Uploading.of_publication": "GET /publications/{publication_id}/assets/{asset_id}",
    "Uploading.of_answer": "GET /posts/{post_id}/actions/{action_id}/picture",
    "LeadDesk.every": "GET /appeals/{appeal_id}/leads",
    "LeadDesk.judge": "PUT /appeals/{appeal_id}/leads/{post_id}",
    "LeadDesk.pass_on": "POST /appeals/{appeal_id}/leads/{post_id}/pass",
    "Publishing.pause": "POST /publication-pauses",
    "Publishing.resume": "POST /publication-pauses/{pause_id}/resume",
    "Notices.wish": "PUT /me/notices",
    "Notices.outbox": "GET /outbox",
    "Checks.today": "GET /checks",
    "Checks.month": "GET /accounts/{account_id}/checks",
    "FigureReports.read": "GET /reports/{report_name}",
    "FigureReports.csv": "GET /reports/{report_name}",
    "ReportFiles.ask": "POST /reports/{report_name}/pdf",
    "ReportFiles.link": "POST /report-files/{file_id}/link",
    "Grants.give": "POST /grants",
    "Grants.list_for": "GET /grants",
    "Grants.withdraw": "DELETE /grants/{grant_id}",
    "Guides.publish": "POST /guide",
    "Guides.ask": "PUT /guide/asked",
    "Guides.content": "GET /guide/{version}",
    "Guides.part": "GET /guide/{version}/bytes",
    "Guides.acknowledge": "POST /guide/{version}/acknowledge",
    "Trainings.of_person": "GET /people/{person_id}/training",
    "Trainings.enter": "PUT /people/{person_id}/training",
    "Trainings.import_for": "POST /training/import",
    "Trainings.missing": "GET /guide/missing",
    "Trainings.missing_file": "GET /guide/missing/export",
    "Managing.suspend": "POST /people/{person_id}/suspend",
    "Managing.resume": "POST /people/{person_id}/resume",
    "Managing.of_person": "GET /people/{person_id}/sessions",
    "Managing.end_all": "DELETE /people/{person_id}/sessions",
    "Directory.page": "GET /people",
    "Directory.detail": "GET /people/{person_id}",
    "PeopleFiles.import_for": "POST /people/import",
    "PeopleFiles.export_for": "GET /people/export",
    "GroupMappings.show": "GET /groups",
    "GroupMappings.put": "PUT /groups",
    "Retention.classes": "GET /retention/classes",
    "Retention.set_class": "PUT /retention/classes/{platform}/{kind}",
    "Retention.reviews": "GET /retention/reviews",
    "Retention.keep": "POST /retention/reviews/{post_id}/keep",
    "Holds.place": "POST /holds",
    "Holds.list_for": "GET /holds",
    "Holds.lift": "POST /holds/{hold_id}/release",
    "Disposals.propose": "POST /disposals",
    "Disposals.list_for": "GET /disposals",
    "Disposals.get": "GET /disposals/{disposal_id}",
    "Disposals.approve": "POST /disposals/{disposal_id}/approve",
    "Disposals.refuse": "POST /disposals/{disposal_id}/refuse",
    "Disposals.certificate": "GET /disposals/{disposal_id}/certificate",
}

_LOOKED_UP = "read for a use case that is recorded; shown to nobody by itself"
NOTHING = {
    "Appeals.seen": "reads an appeal for a use case that is recorded; shown to nobody by itself",
    "FromPublishing.read": "reads publications for an appeal; who opens that is recorded",
    "FromPublishing.bind": "binds a publication to an appeal; Belonging.bind records it",
    **dict.fromkeys(
        (f"FromPublishing.{one}" for one in ("release", "take_down", "update")),
        "hands on to the use cases of publishing, which record it",
    ),
    "Uploading.links": "gives the ways for one's own upload; that it began and arrived is recorded",
    "Looking.run": "notes what a platform says of a token, changes nothing; Renewing.run records one that is no good",
    "Actions.picture_of": "names the picture of an answer; Uploading.of_answer records that it was shown",
    "Pictures.chosen": "looks whether a picture may go with an answer; the intent's record names it",
    "Pictures.limits": "what platforms take; nothing of anybody",
    "Pictures.bytes_of": "gives the bytes that are sent; intent and outcome are recorded",
    "Publishing.check": "counts words that the person sends, and keeps and shows nothing",
    "Publishing.save": "keeps a draft as it is typed; it is recorded whole when it is submitted",
    "Publishing.limits": "what platforms take; nothing of anybody",
    "Publishing.pauses": "whether publishing stands still, and who said so; nothing of the public",
    "Releasing.released": "makes what lets a publication out and writes nothing; whoever commits it records it",
    "Releasing.look": "has a copy looked at; what is seen is recorded by Sending.publish",
    "Releasing.telling": "makes a notice; it is written with the record of what it tells of",
    "Incidents.concerning": "that an incident is open, and its code name, to whoever it concerns",
    "Bulk.get": "how far a job has come, in figures; asked every second",
    "Bulk.views": "figures of jobs; Incidents.get records that somebody looked",
    "Mornings.tell": "that a digest is there; who reads it is recorded, and so is how each notice was delivered",
    "Notices.wishes": "shows a person how they want to be told, and nothing of anybody else",
    "Answering.answer": _LOOKED_UP,
    "Answers.submitted": "makes a case as it is submitted and writes nothing; Cases.step does, with its record",
    "Searching.find": "finds posts; Searching.run records what was found",
    "Accounts.get": _LOOKED_UP,
    "Accounts.get_for": _LOOKED_UP,
    "Accounts.many": _LOOKED_UP,
    "Accounts.all": _LOOKED_UP,
    "Accounts.reached_by": _LOOKED_UP,
    "Accounts.view": _LOOKED_UP,
    "Accounts.capabilities": "what a platform offers; nothing of anybody",
    "People.get": _LOOKED_UP,
    "People.names": _LOOKED_UP,
    "People.by_address": _LOOKED_UP,
    "People.given_by": _LOOKED_UP,
    "People.among": _LOOKED_UP,
    "People.everybody": _LOOKED_UP,
    "People.gate": _LOOKED_UP,
    "People.gate_changed": "makes a write for the transaction of Guides.publish and Guides.ask",
    "People.changed": "makes a write for the transaction of whoever records what changed",
    "Guides.overview": "names the guides of the force, and shows a person where they stand themselves",
    "Reminders.run": "tells people what they lack; that they were told is recorded with the delivery",
    "People.answering": "makes writes for the transaction of a change of the register, which records it",
    "People.standing": "makes writes for the transaction of a change of the roster, which records it",
    "People.on_shift": "makes writes for the transaction of a change of the roster, which records it",
    "Approving.needed": _LOOKED_UP,
    "People.gone": _LOOKED_UP,
    "Endings.take_back": "a step of Endings.cancel and Actions.unhide, whose rows try it",
    "Unsettled.run": "has actions looked at; what is found is recorded by Reconciling.look",
    "BudgetTable.single": "counts calls, for pacing alone",
    "BudgetTable.turn": "counts calls, for pacing alone",
    "Approving.propose": "a step of Actions.delete and Actions.reply, whose rows try it",
    "Approving.without_expired": "a step of those and of Approving.list_for; test_actions_approving tries it",
    "Managing.mine": "shows a person their own sign-ins, and nothing of anybody else",
    "Sessions.load": "asks who it is, with each request; what they then do is recorded",
    "Sessions.still": "asks whether a line may stay open",
    "SignIn.begin": "nobody is known yet, and nothing is read",
    "SignIn.sign_out_url": "an address",
    "Refusals.count": "nobody is known; the counts of a minute become a `refused` leaf (Tallies.write)",
    "Receiver.receive": "takes bytes; what is in them is recorded when it is taken in (Ingest.ingest)",
    "Receiver.handshake": "the platform asks whether we are there",
    "Receiver.refuse_method": "counted like every refusal of nobody known",
    "Poller.fan_out": "asks that accounts are polled",
    "Poller.poll": "takes bytes; what is in them is recorded when it is taken in (Ingest.ingest)",
    "Coverage.beat": "a heartbeat; what they come to is stated each day (Statements.write)",
    "Coverage.doubt": "as a heartbeat",
    "Coverage.read_until": _LOOKED_UP,
    "Ingest.leaf": "makes a record and writes nothing",
    "Pushing.connect": "its ticket was recorded: posts will be read (Live.ticket)",
    "Pushing.disconnect": "a line that is closed",
    "Pushing.heard": "asks whether a line may stay open",
    "Pushing.tell": "told to lines whose ticket was recorded: posts will be read (Live.ticket)",
    "FigureReports.allowed": "asked for a use case that is recorded",
    "ReportFiles.get": "how far one's own request is, which is recorded (ReportFiles.ask)",
    "ReportFiles.run": "reads by FigureReports.read, and says in the log that it printed; test_reports_files tries it",
    "FigureReports.list_for": "which reports there are and what their figures mean; nothing of anybody",
    "Counting.run": "counts what is recorded already, into figures that can be counted again at any time",
    "Sequencer.run": "writes the log itself, each commit with a leaf of its own",
    "Witness.add_checkpoint": "vouches for the log of another force; ours is not concerned",
    "Witness.checkpoint": "tells what it saw of the log of another force",
    "Witness.key": "a public key",
    "Reach.require": _LOOKED_UP,
    "Tags.listed": "the force's list of words; nothing of anybody",
    "Tags.require": _LOOKED_UP,
    "Replies.fill": "words for an answer, whose intent is recorded (Actions.reply)",
    "Presence.beat": "who is at a post at this moment; that they opened it is recorded (Posts.open_post)",
    "Presence.answering": "the pen put down with an answer, whose intent is recorded (Actions.reply)",
    "Keeper.keep_before": "a step of Acting.act, whose scene tries it",
    "Moderator.judge_posts": "judges by rules, and files by Judging.file_cases, whose scene tries it",
}


class Desk(Force, Office):
    """Everything that functions call, on one cloud in memory."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(scratch)
        self.people = People(PeopleStore(self.table), self.clock)
        self.sessions = Sessions(PeopleStore(self.table), wake=lambda: None, clock=self.clock)
        self.person = self.people.add_person(person_id="p-1", name="Pat", email="p@x.example", role="comms", by=BY)


class Deaf:
    """Somebody to ask for an anchor who does not answer."""

    id = who = "authority:tsa.example"
    kind = "timestamp"

    def key(self, subject: Any) -> str:
        return f"{subject.year}/timestamps/{subject.size:012d}.tsr"

    def obtain(self, *_: Any) -> bytes:
        raise UnreachableError("nobody is there")


def taken_in(desk: Desk) -> str:
    desk.hosts.pictures[PICTURE] = b"\xff\xd8\xff a picture"
    desk.ingest(desk.comment("n1", "You idiot", media=[{"kind": "photo", "url": PICTURE}]))
    return post_id("facebook-1", "n1")


def judged(desk: Desk) -> str:
    found = taken_in(desk)
    desk.judge_all()
    desk.seal()
    return found


def hiding(desk: Desk) -> str:
    found = judged(desk)
    desk.keep_all()
    desk.actions.hide(OFFICER, found, reason=Reason(code="abuse"), rev=desk.post(found).rev, idem=idem())
    desk.seal()
    return found


def person(desk: Desk, verb: str) -> Callable[[], Any]:
    return lambda: getattr(desk.people, verb)("p-1", rev=desk.people.get("p-1").rev, by=BY)


def claims(desk: Desk) -> Claims:
    return Claims("p-1", "o-1", desk.now, desk.now + timedelta(hours=1), "")


def add_account(desk: Desk) -> Callable[[], Any]:
    return lambda: desk.account("9", "west")


def account_files(desk: Desk) -> AccountFiles:
    store = AccountStore(desk.table)
    registrar = Registrar(store, desk.people, desk.clock)
    return AccountFiles(store, registrar=registrar, people=desk.people, platforms=("x",), wake=lambda: None)


def import_file(desk: Desk) -> Callable[[], Any]:
    raw = b"platform,native_id,name,kind,team\nx,5,Five,community,north\n"
    return lambda: account_files(desk).import_file(raw, Author(BY), dry_run=False, new_teams=True)


def add_person(desk: Desk) -> Callable[[], Any]:
    return lambda: desk.people.add_person(person_id="p-2", name="Bo", email="b@x.example", role="comms", by=BY)


def guides(desk: Desk) -> Guides:
    none = {"wake": lambda: None, "notify": lambda: None}
    return Guides(store=GuideStore(desk.table), people=desk.people, clock=desk.clock, **none)


def publish_file(desk: Desk) -> Callable[[], Any]:
    return lambda: guides(desk).publish_file(b"Be kind.", BY, version="2026.1", effective_from=desk.now.date())


def acknowledge_for(desk: Desk) -> Callable[[], Any]:
    publish_file(desk)()
    return lambda: guides(desk).acknowledge_for("p-1", "2026.1", BY)


def import_training(desk: Desk) -> Callable[[], Any]:
    trainings = Trainings(store=GuideStore(desk.table), people=desk.people, wake=lambda: None, clock=desk.clock)
    raw = b"email,course,on,until\np@x.example,law,2026-01-01,2027-01-01\n"
    return lambda: trainings.import_file(raw, BY, dry_run=False)


def people_files(desk: Desk) -> PeopleFiles:
    store = PeopleStore(desk.table)
    return PeopleFiles(
        store,
        sign_in=lambda *_: "p-3",
        teams=set,
        covers=Covers(RosterStore(desk.table)),
        wake=lambda: None,
        closing=lambda _: None,
        clock=desk.clock,
    )


def import_people(desk: Desk) -> Callable[[], Any]:
    return lambda: people_files(desk).import_file(b"email,name,role\nc@x.example,Cy,comms\n", BY, dry_run=False)


def arrive(desk: Desk) -> Callable[[], Any]:
    store = PeopleStore(desk.table)
    rules = (GroupRule(group=NORTH, role="auditor"),)
    desk.table.write(store.put_groups(GroupMapping(rules=rules, rev=1)))
    made = Provisioning(
        store,
        provider="P",
        covers=Covers(RosterStore(desk.table)),
        wake=lambda: None,
        closing=lambda _: None,
        clock=desk.clock,
    )
    return lambda: made.arrive(replace(claims(desk), provider="P", groups=f"[{NORTH}]"))


def end(desk: Desk) -> Callable[[], Any]:
    _, principal_ = desk.sessions.create(desk.person)
    desk.seal()
    return lambda: desk.sessions.end(principal_)


def record_refusal(desk: Desk) -> Callable[[], Any]:
    refusals = Refusals(desk.table, desk.pseudonyms, wake=lambda: None, clock=desk.clock)
    return lambda: refusals.record(principal("local"), reason="role", verb="posts.delete", post_id="pother")


def ingest(desk: Desk) -> Callable[[], Any]:
    taken_in(desk)
    desk.seal()
    gone = {"is": "gone", "platform": "facebook", "account_native": "1", "native_id": "n2", "event_at": iso(desk.now)}
    return lambda: desk.ingest(desk.comment("n3", "Hello"), gone, {"is": "odd"})


def file_cases(desk: Desk) -> Callable[[], Any]:
    taken_in(desk)
    desk.seal()
    return desk.judge_all


def keep(desk: Desk) -> Callable[[], Any]:
    judged(desk)
    return desk.keep_all


def act(desk: Desk) -> Callable[[], Any]:
    hiding(desk)
    return desk.act_all


def scheduled(desk: Desk, at: str | None) -> Press:
    press = Press(desk)
    desk.account("9", "swindale")
    fields = DraftFields.model_validate({"text": "Hello", "accounts": ["facebook-9"], "schedule": {"at": at}})
    draft = press.publishing.draft(OFFICER, fields, idem=idem())
    press.publishing.submit(OFFICER, draft.id, rev=draft.rev, idem=idem())
    desk.seal()
    return press


def let_out(desk: Desk) -> Callable[[], Any]:
    press = scheduled(desk, f"{desk.now + timedelta(minutes=5):%Y-%m-%dT%H:%M}")
    desk.pass_time(minutes=10)
    return press.releasing.run


def publish(desk: Desk) -> Callable[[], Any]:
    press = scheduled(desk, None)
    return lambda: press.sending().publish(desk.publish_queue.messages.pop().body)


def look_at(desk: Desk) -> Callable[[], Any]:
    uploads, store = MemoryUploads(), AssetStore(desk.table)
    how: dict[str, Any] = {"store": store, "uploads": uploads, "wake": lambda: None, "clock": desk.clock}
    uploading = Uploading(carries=lambda *_: False, answered=lambda *_: "", **how)
    body = film()
    made = uploading.begin(OFFICER, media_type="video/mp4", size=len(body), idem=idem())
    (part,) = uploading.links(OFFICER, made.id).parts
    assert uploads.put_part(part.url, body) == 200
    uploading.complete(OFFICER, made.id, idem=idem())
    return lambda: Checking(**how).check({"asset_id": made.id})


def lapse(desk: Desk) -> Callable[[], Any]:
    store = AssetStore(desk.table)
    how: dict[str, Any] = {"store": store, "wake": lambda: None, "clock": desk.clock}
    uploading = Uploading(uploads=MemoryUploads(), carries=lambda *_: False, answered=lambda *_: "", **how)
    uploading.begin(OFFICER, media_type="image/png", size=5, idem=idem())
    desk.pass_time(days=3)
    return Lapsing(**how).run


def read_back(desk: Desk) -> Callable[[], Any]:
    found = judged(desk)
    asked = desk.actions.message(OFFICER, found, text="Please ring us.", rev=desk.post(found).rev, idem=idem())
    desk.platform.next_error = [TimedOutError("no answer"), NotAllowedError("no")]
    seen, desk.platform.read_back = desk.platform.read_back, lambda *_, **__: ReadBack(state="unknown")
    desk.seal()
    desk.act_all()
    desk.platform.read_back = seen
    desk.platform.messages.append(("a1", "Please ring us."))
    desk.pass_time(minutes=2)
    return lambda: desk.reconciling().look({"look": True, "post_id": found, "action_id": asked.action.id})


def destroy(desk: Desk) -> Callable[[], Any]:
    (found,) = desk.closed("n5")
    desk.approve(desk.propose(found).id)
    return desk.work


def build(desk: Desk) -> Callable[[], Any]:
    asked = desk.ask(posts=(judged(desk),))
    return lambda: desk.building().run(asked.id)


def tally(desk: Desk) -> Callable[[], Any]:
    refusals = Refusals(desk.table, desk.pseudonyms, wake=lambda: None, clock=desk.clock)
    refusals.count("api.no_credential")
    desk.pass_time(minutes=5)
    return Tallies(desk.table, wake=lambda: None, clock=desk.clock).write


def state_days(desk: Desk) -> Callable[[], Any]:
    store = CompletenessStore(desk.table)
    Coverage(store).beat(AccountRef(account_id="facebook-1", platform="facebook", native_id="1"), desk.now)
    desk.pass_time(days=2)
    return Statements(store, accounts=desk.accounts.all, wake=lambda: None, clock=desk.clock).write


def escalate(desk: Desk) -> Callable[[], Any]:
    """Go on to when the first in line of a call has not answered."""
    store = CallStore(desk.table)
    desk.table.write(store.put(a_call(desk.clock()), None))
    desk.pass_time(days=1)
    posts = desk.changer.posts.get_many
    return Escalating(store, posts=posts, wake=lambda: None, notify=lambda: None, clock=desk.clock).run


def chase(desk: Desk) -> Callable[[], Any]:
    """Go on to the end of a day on which nobody checked anything."""
    run = Chasing(
        CheckStore(desk.table), accounts=desk.accounts.all, people=list, wake=lambda: None, notify=lambda: None,
        clock=desk.clock,
    ).run  # fmt: skip
    run()
    desk.pass_time(days=2)
    for _ in range(2):
        run()
    return run


def deliver(desk: Desk) -> Callable[[], Any]:
    """Tell the communications team, with no channel on."""
    store = NoticeStore(desk.table)
    desk.table.write(told("digest", to=["role:comms"], at=desk.clock()))
    return Delivering(
        store, people=desk.people.everybody, senders={}, base="https://x.example", wake=lambda: None, clock=desk.clock
    ).run


def anchor(desk: Desk) -> Callable[[], Any]:
    desk.seal()
    return Anchors(table=desk.table, bucket=desk.evidence, sources=[Deaf()], wake=lambda: None, clock=desk.clock).anchor


def _bureau(desk: Desk) -> Bureau:
    """Return the rights office on the table of a desk."""
    return Bureau(desk.scratch, on=desk)


def search_case(desk: Desk) -> Callable[[], Any]:
    judged(desk)
    bureau = _bureau(desk)
    case = bureau.asked()
    wanted = Criteria(since="2026-01-01", until="2026-12-31", account="facebook-1")
    bureau.cases.search(AUDITOR, case.id, criteria=wanted, rev=1, idem=idem())
    return lambda: bureau.searching.run(case.id)


def make_answer(desk: Desk) -> Callable[[], Any]:
    bureau = _bureau(desk)
    case = bureau.asked()
    bureau.step(case, "identity_confirmed")
    bureau.search(case, account="facebook-1")
    bureau.step(case, "submit", outcome="answer")
    bureau.approve(case)
    return lambda: bureau.packing.run(case.id)


def remind(desk: Desk) -> Callable[[], Any]:
    bureau = _bureau(desk)
    bureau.asked(received="2026-01-05")
    return bureau.reminding.run


def renew(desk: Desk) -> Callable[[], Any]:
    store, box = ConnectionStore(desk.table), TokenBox(MemorySecrets(), "account/")
    end = desk.clock() + timedelta(hours=2)
    new = rules_of_connections.connected(
        None, "x-1", attempt="a", expires_at=end, renews=True, now=desk.clock() - timedelta(hours=4)
    )
    desk.table.write(store.saved(new.model_copy(update={"due_at": desk.clock() - timedelta(minutes=1)})))
    return Renewing(
        store, box, renew=lambda *_: pytest.fail("nothing to renew with"), failed=lambda *_: None,
        answers=lambda _: (), wake=lambda: None, notify=lambda: None, clock=desk.clock,
    ).run  # fmt: skip


def end_consent(desk: Desk) -> Callable[[], Any]:
    store, box = (
        ConnectionStore(desk.table),
        TokenBox(MemorySecrets({"account/x-1": {"access_token": "a"}}), "account/"),
    )
    gone = rules_of_connections.ended(None, "x-1", chunk="c", now=desk.clock() - timedelta(minutes=1))
    desk.table.write(store.saved(gone.model_copy(update={"chunk": None})))
    return Ending(
        store, box, revoke=lambda *_: "ended", places=desk.posts, failed=lambda *_: None, wake=lambda: None,
        clock=desk.clock,
    ).run  # fmt: skip


def carry_on(desk: Desk) -> Callable[[], Any]:
    judged(desk)
    at, officer = desk.incidents, principal()
    scope = Scope(accounts=("facebook-1",), begin="2026-11-01T00:00:00.000Z")
    one = at.service.open(officer, code="OAKLEAF", scope=scope, roles=Roles(), strategy="Say more.", idem=idem())
    job = at.bulk.preview(officer, one.id, verb="hide", match=Match(everything=True), reason=Reason(code="abuse")).job
    at.bulk.step(officer, one.id, job.id, step="start", rev=job.rev, digest=job.digest, idem=idem())
    desk.seal()
    message = desk.incident_queue.messages.pop()
    return lambda: at.working().run(message.body)


# A use case: how it is tried, and the records that it leaves, among others of the same work.
SCENES: dict[str, tuple[Callable[[Desk], Callable[[], Any]], set[str]]] = {
    "Accounts.add_account": (add_account, {"config"}),
    "AccountFiles.import_file": (import_file, {"config"}),
    "AccountFiles.export_file": (lambda desk: lambda: account_files(desk).export_file(Author(BY)), {"export"}),
    "People.add_person": (add_person, {"config"}),
    "People.change_person": (lambda desk: person(desk, "change_person"), {"config"}),
    "People.suspend": (lambda desk: person(desk, "suspend"), {"config"}),
    "People.reinstate": (lambda desk: person(desk, "reinstate"), {"config"}),
    "People.sign_out": (lambda desk: person(desk, "sign_out"), {"config"}),
    "PeopleFiles.import_file": (import_people, {"config"}),
    "PeopleFiles.export_file": (lambda desk: lambda: people_files(desk).export_file(BY), {"export"}),
    "Provisioning.arrive": (arrive, {"config"}),
    "People.leave": (lambda desk: person(desk, "leave"), {"config"}),
    "Guides.publish_file": (publish_file, {"config"}),
    "Guides.ask_for": (lambda desk: lambda: guides(desk).ask_for(["media_law"], BY), {"config"}),
    "Guides.acknowledge_for": (acknowledge_for, {"attest"}),
    "Trainings.import_file": (import_training, {"config"}),
    "Sessions.create": (lambda desk: lambda: desk.sessions.create(desk.person), {"login"}),
    "Sessions.of_token": (lambda desk: lambda: desk.sessions.of_token(claims(desk)), {"login"}),
    "Sessions.end": (end, {"logout"}),
    "Refusals.record": (record_refusal, {"denied"}),
    "Ingest.ingest": (ingest, {"ingest", "removed", "unrecognised"}),
    "Judging.file_cases": (file_cases, {"classify"}),
    "Keeper.keep": (keep, {"media"}),
    "Acting.act": (act, {"context", "outcome"}),
    "Releasing.run": (let_out, {"publication", "intent"}),
    "Sending.publish": (publish, {"outcome"}),
    "Lapsing.run": (lapse, {"publication"}),
    "Checking.check": (look_at, {"publication"}),
    "Reconciling.look": (read_back, {"outcome"}),
    "Destroying.run": (destroy, {"retain", "erase"}),
    "Building.run": (build, {"export"}),
    "Tallies.write": (tally, {"refused"}),
    "Statements.write": (state_days, {"statement"}),
    "Escalating.run": (escalate, {"flag"}),
    "Chasing.run": (chase, {"attest"}),
    "Searching.run": (search_case, {"rights"}),
    "Packing.run": (make_answer, {"rights", "export"}),
    "Renewing.run": (renew, {"key"}),
    "Ending.run": (end_consent, {"key"}),
    "Reminding.run": (remind, {"rights"}),
    "Working.run": (carry_on, {"intent", "incident"}),
    "Delivering.run": (deliver, {"notice"}),
    "Anchors.anchor": (anchor, {"anchor"}),
}
# What a use case writes without a record in the same transaction, by the begin of its key, and why.
QUIET = {
    "OUTBOX#": "the record itself",
    "THROTTLE#": "how many calls an account has left, for pacing alone",
    "CONNECTION#": "who renews an account's token, and until when; a renewal that fails for good is recorded",
    "LOG#": "the head of the log",
    "CHUNK#": "where a record went in the log",
    "COUNTS MARK": "up to where counts are made into records",
    "HEARD#": "when an account's platform last sent something, to the minute",
    "EXPORTS ": "how far an export is; that it is made, or could not be, is recorded with its last step",
    "CALLS ": "who is asked; each time it goes on is recorded with it",
    "CALLED#": "a call that ended; that it did is recorded with it",
    "CHECKS ": "which checks are told of next",
    "NOTICES ": "what people are told; the change that they are told of is recorded with it",
    "NOTICED ": "how many of a notice are left to deliver; what became of it is recorded with its end",
    "DELIVERY#": "what became of one message; the record of its notice counts it",
    "CHECKED#": "that a check is due; that it was done or missed is recorded",
    "STATEMENTS ": "when the days are looked at again",
    "BULK#": "how far a job has come; each post of it has its intent, and the end of the job its record",
    "PUBLICATION#": "how far a copy is on its way to its platform; what comes of it is its outcome",
    "POST#{post} ACTION#": "who is at an action at this moment; what comes of it is its outcome",
}


def quiet(write: Write) -> bool:
    key = re.sub(r"^POST#\w+", "POST#{post}", " ".join(write.key))
    return key.startswith(tuple(QUIET))


def _wiring() -> str:
    lines = (
        p.read_text(encoding="utf-8").partition("from __future__ import annotations\n")[2]
        for p in sorted(WIRING.glob("*.py"))
    )
    return "\n".join(lines)


def wired() -> set[str]:
    """Return every public method of the use cases that the wiring offers, as ``Class.method``."""
    tree = ast.parse(_wiring())
    imported = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    found: set[str] = set()
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.returns):
        name = ast.unparse(function.returns)
        if name in imported and name not in PARTS:
            kind = getattr(importlib.import_module(imported[name]), name)
            methods = inspect.getmembers(kind, inspect.isroutine)
            found |= {f"{name}.{method}" for method, _ in methods if not method.startswith("_")}
    return found


def test_every_use_case_is_in_a_table():
    tables = [BY_ROUTE.keys(), NOTHING.keys(), SCENES.keys() - {"Judging.file_cases"}]
    listed = set().union(*tables)
    assert wired() - listed == set(), "say which record it leaves (BY_ROUTE, SCENES), or why none (NOTHING)"
    assert listed - wired() == set(), "there is no such use case any more"
    assert sum(map(len, tables)) == len(listed)


def test_every_part_that_is_left_out_is_wired():
    text = _wiring()
    assert {part for part in PARTS if f"-> {part}:" not in text} == set()


@pytest.mark.parametrize("use_case", BY_ROUTE)
def test_the_route_of_a_use_case_leaves_a_record(use_case):
    assert any(row.leaves for row in ROWS if f"{row.method} {row.path}" == BY_ROUTE[use_case])


@pytest.mark.parametrize("use_case", SCENES)
def test_a_use_case_leaves_its_record_with_what_it_changes(use_case, tmp_path):
    desk = Desk(tmp_path)
    scene, wanted = SCENES[use_case]
    run = scene(desk)
    desk.seal()
    before = len(desk.log())
    with watched(desk.table) as batches:
        run()
    desk.seal()
    left = [record for record in desk.log()[before:] if record["type"] != "commit"]
    assert wanted <= {record["type"] for record in left}
    for batch in batches:
        stateful = [write.key for write in batch if not quiet(write)]
        recorded = any(write.key[0].startswith("OUTBOX#") for write in batch)
        assert recorded or not stateful, f"no record beside {stateful}"
