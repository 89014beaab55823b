"""The API over a table in memory: real sessions, tokens, scope and refusals; fakes for what the core does to posts."""

from __future__ import annotations

import base64
import inspect
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from app import app
from bluelamp import telemetry
from bluelamp.accounts.files import AccountFiles
from bluelamp.accounts.model import Account, AccountHealth
from bluelamp.accounts.register import Register
from bluelamp.accounts.registering import Registrar
from bluelamp.accounts.rules import health
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.actions.service import Actions
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.audit.prove import Proof
from bluelamp.cloud.memory import MemoryQueue, MemoryTable
from bluelamp.cloud.memory_files import MemoryFiles
from bluelamp.completeness.service import Reports
from bluelamp.completeness.store import CompletenessStore
from bluelamp.connections.leaving import Leaving
from bluelamp.connections.store import ConnectionStore
from bluelamp.cursors import Cursors
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.exports.model import ExportJob
from bluelamp.exports.service import Exports
from bluelamp.exports.store import ExportStore
from bluelamp.live.model import Changes, Ticket
from bluelamp.people.managing import Managing
from bluelamp.people.provisioning import Provisioning
from bluelamp.people.refusals import Refusals
from bluelamp.people.rules import authorise, require
from bluelamp.people.service import People
from bluelamp.people.sessions import Sessions
from bluelamp.people.sign_in import Client, SignIn
from bluelamp.people.store import PeopleStore
from bluelamp.people.tokens import TokenVerifier
from bluelamp.platforms.http import Throttle
from bluelamp.posts.casework import Casework
from bluelamp.posts.model import ActionResult, Author, HistoryEntry, PersonName, Post, PostView, QueueCounts, QueuePage
from bluelamp.posts.rules import summarise
from bluelamp.posts.service import Posts
from bluelamp.presence.model import Here
from bluelamp.presence.service import Presence
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.roster.moving import Covers
from bluelamp.roster.store import RosterStore
from handler import handler
from tests.unit.api import (
    kit_access,
    kit_acting,
    kit_appeals,
    kit_assets,
    kit_calls,
    kit_checks,
    kit_connections,
    kit_desk,
    kit_guide,
    kit_hooks,
    kit_identity,
    kit_incidents,
    kit_notices,
    kit_press,
    kit_records,
    kit_reports,
    kit_rights,
    kit_roster,
    kit_second,
    kit_trail,
)

telemetry.metrics.provider.namespace = "Bluelamp"  # as the function's environment says
PUBLIC_URL = "https://lamp.example"
ISSUER = "https://issuer.example/pool"
CLIENT = "page-client"
SECRET = b"s" * 32
ROLES = ("comms", "local", "control", "supervisor", "auditor", "admin")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SYSTEM = Actor.system("test")
OWN, FOREIGN = "facebook-1", "facebook-2"
HISTORY = [
    HistoryEntry(leaf_id="01A", type="ingest", at="2026-11-22T16:00:00.000Z", sealed=True, year=2026, seq=7),
    HistoryEntry(
        leaf_id="01B", type="view", at="2026-11-22T16:01:00.000Z", sealed=False, year=None, seq=None,
        by=PersonName(id="comms", name="Comms"), role="comms", detail={"what": "post"},
    ),
]  # fmt: skip
POSTS = {"pown": OWN, "pforeign": FOREIGN}
KEEP = {"until": "2034-01-01", "reason": "policing_purpose", "ref": "RM/2026/7"}
NEW_ACCOUNT = {"platform": "x", "native_id": "77", "name": "New page", "kind": "community", "team": "north"}
EXPORT = {"scope": {"kind": "posts", "posts": ["pown"]}, "purpose": "audit", "ref": "WP/2026/7"}
DONE = ExportJob(
    id="01BX5ZZKBKACTAV9WEVGEMMVRZ", scope=EXPORT["scope"], purpose="audit", ref="WP/2026/7", role="auditor",
    by=PersonName(id="auditor", name="Auditor"), created_at="2026-11-22T15:00:00.000Z", leaf="l", chunk="c",
    state="done", sha256="0" * 64, size=1, expires_at="2026-11-29T15:00:00.000Z",
)  # fmt: skip
CONTEXT = SimpleNamespace(
    function_name="api",
    function_version="1",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:api",
    aws_request_id="r-1",
    get_remaining_time_in_millis=lambda: 10_000,
)


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def key_set(kid: str = "k1", key: rsa.RSAPrivateKey = KEY) -> bytes:
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return json.dumps({"keys": [jwk | {"kid": kid, "use": "sig", "alg": "RS256"}]}).encode()


def token(sub: str, *, key: Any = KEY, alg: str = "RS256", kid: str = "k1", **claims: Any) -> str:
    now = int(datetime.now(UTC).timestamp())
    body = {
        "sub": sub,
        "iss": ISSUER,
        "client_id": CLIENT,
        "token_use": "access",
        "iat": now,
        "auth_time": now,
        "exp": now + 3600,
        "jti": "j-1",
        "origin_jti": "o-1",
    } | claims
    return jwt.encode({k: v for k, v in body.items() if v is not None}, key, algorithm=alg, headers={"kid": kid})


def identity_token(sub: str, nonce: str, **claims: Any) -> str:
    return token(sub, **{"token_use": "id", "aud": CLIENT, "client_id": None, "nonce": nonce} | claims)


def post_of(post_id: str) -> Post:
    return Post(
        id=post_id, platform="facebook", account=POSTS[post_id], account_name="A page", team="north",
        native_id="1", kind="comment", direction="in", thread="t1", thread_native="1", text="Hello",
        author=Author(id="a1", name="Sam Public"),
        event_at="2026-11-22T16:00:00.000Z", seen_at="2026-11-22T16:00:00.000Z",
        received_at="2026-11-22T16:00:00.000Z", updated_at="2026-11-22T16:00:00.000Z",
    )  # fmt: skip


class FakeCore:
    """Posts, actions and live as the routes call them: scope and permission are the real rules, the rest is canned."""

    def __init__(self, accounts: Accounts, table: MemoryTable) -> None:
        self.accounts = accounts
        self.table = table
        self.calls: list[tuple[Any, ...]] = []
        self.fails: Exception | None = None

    @staticmethod
    def _fits(real: Any, name: str, *given: Any, **named: Any) -> None:
        """Fail when the routes call a use case with what it does not take."""
        inspect.signature(getattr(real, name)).bind(None, *given, **named)

    def _load(self, principal: Any, verb: Any, post_id: str) -> Post:
        if self.fails:
            raise self.fails
        if post_id not in POSTS:
            raise NotFoundError("there is no such post")
        authorise(principal, verb, self.accounts.get(POSTS[post_id]))
        return post_of(post_id)

    def _write_to(self, principal: Any, verb: Any, post_id: str, rev: int) -> Post:
        post = self._load(principal, verb, post_id)
        if rev != 1:
            raise ConflictError("Sam was quicker.", rev=1, by="Sam")
        return post

    def _write(self, principal: Any, verb: Any, post_id: str, idem: Any, **given: Any) -> ActionResult:
        real = next(one for one in (Actions, Casework, Posts) if hasattr(one, verb))
        self._fits(real, verb, principal, post_id, idem=idem, **given)
        return self._canned(principal, kit_desk.VERBS.get(verb, verb), post_id, idem, **given)

    def _canned(self, principal: Any, verb: Any, post_id: str, idem: Any, **given: Any) -> ActionResult:
        post = self._write_to(principal, verb, post_id, given.get("rev", 1))
        result = ActionResult(post=summarise(post), action=None)
        self.table.transact([idem.put(result.model_dump(mode="json"))])
        self.calls.append((verb, post_id, given))
        return result

    def __getattr__(self, verb: str) -> Any:
        if verb not in {
            "claim",
            "release",
            "hide",
            "unhide",
            "delete",
            "reply",
            "dismiss",
            "flag",
            "note",
            *kit_acting.VERBS,
            *kit_desk.VERBS,
        }:
            raise AttributeError(verb)
        return lambda principal, post_id, *, idem, **given: self._write(principal, verb, post_id, idem, **given)

    def beat(self, principal: Any, post_id: str, **given: Any) -> Here:
        self._fits(Presence, "beat", principal, post_id, **given)
        self._load(principal, "see", post_id)
        self.calls.append(("beat", post_id, given))
        return Here(people=())

    def queue(self, principal: Any, **given: Any) -> QueuePage:
        self._fits(Posts, "queue", principal, **given)
        require(principal, "see")
        if given["account"]:
            authorise(principal, "see", self.accounts.get(given["account"]))
        self.calls.append(("queue", given))
        return QueuePage(posts=(), next=None, counts=QueueCounts(open=0))

    def open_post(self, principal: Any, post_id: str) -> PostView:
        post = self._load(principal, "see", post_id)
        return PostView(post=summarise(post), thread=(), actions=(), notes=(), history=tuple(HISTORY))

    def picture_of(self, principal: Any, post_id: str, action_id: str) -> str:
        self._fits(Actions, "picture_of", principal, post_id, action_id)
        self._load(principal, "see", post_id)
        return kit_assets.READY

    def history(self, principal: Any, post_id: str) -> list[HistoryEntry]:
        self._load(principal, "history", post_id)
        return HISTORY

    def proof(self, principal: Any, post_id: str, leaf_id: str) -> Proof:
        self._load(principal, "history", post_id)
        return Proof(origin="o", checkpoint="c", index=0, size=1, leaf=leaf_id.encode(), path=(), vkey="v")

    def ticket(self, principal: Any) -> Ticket:
        require(principal, "see")
        return Ticket(ticket="t", url="wss://lamp.example/ws", expires_at="2026-11-22T16:01:00.000Z", cursor="c")

    def changes(self, principal: Any, since: str | None) -> Changes:
        require(principal, "see")
        return Changes(posts=(), cursor="c", reset=since is None)


class FakeOffers:
    """A connector that offers everything for comments and a reply for messages."""

    def capabilities(self, kind: str) -> frozenset[Any]:
        return frozenset({"hide", "unhide", "delete", "reply"} if kind == "comment" else {"reply"})


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str
    cookies: list[str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def resource_of(path: str) -> tuple[str, dict[str, str]]:
    """Return the declared resource that a path belongs to, and its values, as API Gateway finds them."""
    wanted = path.split("/")
    for declared in sorted(app.routes, key=lambda r: r.count("{")):
        parts = declared.split("/")
        if len(parts) == len(wanted) and all(d == w or d.startswith("{") for d, w in zip(parts, wanted, strict=True)):
            return declared, {d.strip("{}"): w for d, w in zip(parts, wanted, strict=True) if d.startswith("{")}
    return path, {}


def event(
    method: str, path: str, headers: dict[str, str], body: Any = None, query: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the event that API Gateway's REST proxy sends."""
    resource, values = resource_of(path)
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    return {
        "resource": resource, "path": path, "httpMethod": method, "headers": headers,
        "multiValueHeaders": {k: [v] for k, v in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {k: [v] for k, v in query.items()} if query else None,
        "pathParameters": values or None, "stageVariables": None,
        "requestContext": {
            "resourcePath": resource, "httpMethod": method, "path": f"/api{path}", "stage": "api",
            "requestId": "req-1", "identity": {"sourceIp": "192.0.2.7"},
        },
        "body": text, "isBase64Encoded": False,
    }  # fmt: skip


@dataclass
class World:
    """One deployment in memory. Each role has a person of its name, in team north; one account is north, one south."""

    clock: Clock = field(default_factory=Clock)
    table: Any = field(default_factory=kit_roster.table)
    public_url: str = PUBLIC_URL
    fetched: int = 0
    exchanged: list[dict[str, str]] = field(default_factory=list)
    exchange_answer: Any = None
    closed: list[str] = field(default_factory=list)

    def _registrar(self) -> Registrar:
        leaving = Leaving(ConnectionStore(self.table))
        return Registrar(AccountStore(self.table), self.people, self.clock, leaving)

    def __post_init__(self) -> None:
        self.store = PeopleStore(self.table)
        self.people = People(self.store, self.clock)
        self.sessions = Sessions(self.store, wake=lambda: None, clock=self.clock)
        self.tokens = TokenVerifier(issuer=ISSUER, client_id=CLIENT, jwks_url="jwks", fetch=self._fetch)
        self.sign_in = SignIn(
            client=Client(CLIENT, "https://sign-in.example", "https://sign-in.example/oauth2/token", self.public_url),
            secret=SECRET, tokens=self.tokens, sessions=self.sessions,
            provisioning=Provisioning(
                self.store, provider="EntraOIDC", covers=Covers(RosterStore(self.table)),
                wake=lambda: None, closing=self.closed.append, clock=self.clock,
            ),
            exchange=self._exchange, clock=self.clock,
        )  # fmt: skip
        self.refusals = Refusals(self.table, Pseudonyms(b"p" * 32), wake=lambda: None, clock=self.clock)
        self.accounts = Accounts(AccountStore(self.table), lambda _: FakeOffers(), self.clock)
        store, registrar = AccountStore(self.table), self._registrar()
        self.register = Register(
            store, accounts=self.accounts, registrar=registrar, people=self.people, health=self._health,
            cursors=Cursors(SECRET), wake=lambda: None,
        )  # fmt: skip
        self.account_files = AccountFiles(
            store, registrar=registrar, people=self.people, platforms=("facebook", "x"), wake=lambda: None
        )
        self.core = FakeCore(self.accounts, self.table)
        self.posts = self.actions = self.live = self.core
        self.approving = kit_second.FakeApproving(self.core)
        self.endings, self.under_way = kit_acting.FakeEndings(self.core), kit_acting.FakeUnderWay()
        self.emergency = kit_second.emergency(self)
        kit_desk.equip(self, post_of=lambda post_id: post_of(post_id) if post_id in POSTS else None)
        self.casework = self.presence = self.core
        kit_desk.put_in(self.table)
        self.retention = kit_records.retention(self.table)
        self.holds = kit_records.holds(self.table)
        self.disposals = kit_records.disposals(self.table)
        self.grants = kit_access.grants(self)
        self.managing = Managing(self.store, wake=lambda: None, closing=self.closed.append, clock=self.clock)
        kit_identity.install(self)
        self.trail = kit_trail.trail(self.table)
        kit_rights.canned(self)
        kit_incidents.canned(self)
        self.completeness = Reports(
            CompletenessStore(self.table), accounts=self.accounts, wake=lambda: None, clock=self.clock
        )
        self.exports = Exports(
            store=ExportStore(self.table), accounts=self.accounts, files=MemoryFiles(), queue=MemoryQueue(),
            cursors=Cursors(SECRET), pseudonyms=Pseudonyms(b"p" * 32), wake=lambda: None, clock=self.clock,
        )  # fmt: skip
        self.table.write(ExportStore(self.table).insert(DONE))
        self.answers = self.table
        self.force = SimpleNamespace(name="Wealdshire Police", slug="wealdshire")
        self.commit = "abc"
        for native, team in (("1", "north"), ("2", "south")):
            self.accounts.add_account(
                platform="facebook", native_id=native, name=f"Page {native}", kind="neighbourhood", team=team, by=SYSTEM
            )
        for role in ROLES:
            self.people.add_person(
                person_id=role, name=role.title(), email=f"{role}@example.org", role=role, teams=["north"], by=SYSTEM
            )
        self.rosters = kit_roster.rosters(self)
        self.cursors = Cursors(SECRET)
        self.checks, self.uploading = kit_checks.checks(self), kit_assets.uploading(self, kit_press.views(self))
        self.hooks, self.connecting = kit_hooks.hooks(self), kit_connections.connecting(self)
        self.publishing, self.notices = kit_press.publishing(self), kit_notices.notices(self)
        self.appeals = kit_appeals.appeals(self)
        self.leads = kit_appeals.leads(self, self.reach._changer)
        self.digests = kit_calls.digests(self, kit_calls.Core(self))
        self.calls = kit_calls.calls(self, kit_calls.Core(self))
        self.reports = kit_reports.reports(self)
        self.report_files = kit_reports.canned_files(self)
        kit_access.people(self)
        self.guides, self.trainings = kit_guide.guides(self), kit_guide.trainings(self)
        kit_guide.published(self)
        self.outbox()

    def _health(self, account: Account) -> AccountHealth:
        return health(account, until=None, lost=False, throttle=Throttle(), now=self.clock())

    def _fetch(self, _: str) -> bytes:
        self.fetched += 1
        return key_set()

    def _exchange(self, _: str, form: Any) -> bytes:
        self.exchanged.append(dict(form))
        return self.exchange_answer(form) if callable(self.exchange_answer) else self.exchange_answer

    def cookie(self, person: str) -> str:
        before = set(self.table.items)
        cookie, _ = self.sessions.create(self.people.get(person))
        for key in self.table.items.keys() - before:  # what signing in records is of no interest to most tests
            if key[0].startswith("OUTBOX#"):
                del self.table.items[key]
        return cookie

    def outbox(self) -> list[dict[str, Any]]:
        """Return the records written since the last time."""
        keys = [k for k in self.table.items if k[0].startswith("OUTBOX#")]
        chunks = [Waiting.from_item(self.table.items.pop(k)) for k in sorted(keys, key=lambda k: k[1])]
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]

    def counts(self) -> dict[str, int]:
        """Return the refusals counted, by source."""
        return {k[1]: i["n"] for k, i in self.table.items.items() if k[0].startswith("COUNT#")}

    def send(self, sent: dict[str, Any]) -> Answer:
        raw = handler(sent, CONTEXT)
        cookies = raw["multiValueHeaders"].get("Set-Cookie", [])
        return Answer(raw["statusCode"], raw["headers"], raw["body"], cookies)

    def call(
        self,
        method: str,
        path: str,
        *,
        by: str | None = None,
        bearer: bool = False,
        body: Any = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        key: str | None = None,
    ) -> Answer:
        """Send a request as the page does (cookie), or as a client does (`bearer`); a header of "" is left out."""
        sent = {"Accept": "application/json"}
        if method != "GET":
            sent |= {"Content-Type": "application/json", "X-Bluelamp": "1", "Origin": self.public_url}
            sent |= {"Idempotency-Key": key or base64.b32encode(self.clock().isoformat().encode()).decode().strip("=")}
        if by and bearer:
            sent["Authorization"] = f"Bearer {token(by)}"
        elif by:
            sent["Cookie"] = f"theme=dark; __Host-sid={self.cookie(by)}"
        sent = {k: v for k, v in (sent | (headers or {})).items() if v != ""}
        self.clock.now += timedelta(milliseconds=1)
        return self.send(event(method, path, sent, body, query))


ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    # method and path: (verb, body, status of a success); {post}, {account}: of the person's own or another team
    ("GET", "/me"): (None, None, 200),
    ("GET", "/accounts"): ("accounts", None, 200),
    ("POST", "/accounts"): ("register", NEW_ACCOUNT, 201),
    ("GET", "/accounts/{account}"): ("accounts", None, 200),
    ("PATCH", "/accounts/{account}"): ("register", {"name": "New name", "rev": 1}, 200),
    ("POST", "/accounts/{account}/suspend"): ("register", {"rev": 1}, 200),
    ("POST", "/accounts/{account}/resume"): ("register", {"rev": 1}, 409),
    ("POST", "/accounts/{account}/archive"): ("register", {"rev": 1}, 200),
    ("POST", "/accounts/import"): ("register", {"csv": "platform,native_id,name,kind,team\n"}, 200),
    ("GET", "/accounts/export"): ("register", None, 200),
    ("GET", "/accounts/{account}/completeness"): ("accounts", None, 200),
    ("GET", "/queue"): ("see", None, 200),
    ("POST", "/exports"): ("export", EXPORT, 202),
    ("GET", "/exports"): ("export", None, 200),
    ("GET", "/exports/01BX5ZZKBKACTAV9WEVGEMMVRZ"): ("export", None, 200),
    ("POST", "/exports/01BX5ZZKBKACTAV9WEVGEMMVRZ/link"): ("export", {}, 200),
    ("GET", "/audit"): ("history", None, 200),
    ("GET", "/audit/2026/3"): ("history", None, 200),
    ("GET", "/changes"): ("see", None, 200),
    ("POST", "/live/ticket"): ("see", {}, 200),
    ("POST", "/auth/logout"): (None, {}, 200),
    ("GET", "/posts/{post}"): ("see", None, 200),
    ("GET", "/posts/{post}/history"): ("history", None, 200),
    ("GET", "/posts/{post}/history/01ARZ3NDEKTSV4RRFFQ69G5FAV/proof"): ("history", None, 200),
    ("POST", "/posts/{post}/claim"): ("claim", {}, 200),
    ("POST", "/posts/{post}/release"): ("release", {}, 200),
    ("POST", "/posts/{post}/hide"): ("hide", {"reason": {"code": "abuse"}, "undo_seconds": 10, "rev": 1}, 202),
    ("POST", "/posts/{post}/unhide"): ("unhide", {"rev": 1}, 202),
    ("POST", "/posts/{post}/delete"): ("delete", {"reason": {"code": "hate", "ref": "WP/2026/7"}, "rev": 1}, 202),
    ("POST", "/posts/{post}/reply"): ("reply", {"text": "Thank you.", "rev": 1}, 202),
    ("POST", "/posts/{post}/dismiss"): ("dismiss", {"reason": {"code": "no_action"}, "rev": 1}, 200),
    ("POST", "/posts/{post}/flag"): ("flag", {"to": "control", "reason": {"code": "threat"}, "rev": 1}, 200),
    ("POST", "/posts/{post}/note"): ("note", {"text": "Rang them."}, 200),
    **kit_acting.ROUTES,
    **kit_roster.ROUTES,
    **kit_appeals.ROUTES,
    **kit_calls.ROUTES,
    **kit_desk.ROUTES,
    **kit_checks.ROUTES,
    **kit_rights.ROUTES,
    **kit_incidents.ROUTES,
    **kit_reports.ROUTES,
    **kit_hooks.ROUTES,
    **kit_connections.ROUTES,
    **kit_notices.ROUTES,
    **kit_press.ROUTES,
    **kit_assets.ROUTES,
    **kit_access.ROUTES,
    **kit_guide.ROUTES,
    **kit_second.ROUTES,
    **kit_identity.ROUTES,
    ("GET", "/retention/classes"): ("retention", None, 200),
    ("PUT", "/retention/classes/facebook/comment"): ("retain", {"days": 30, "basis": "force_policy", "rev": 0}, 200),
    ("GET", "/retention/reviews"): ("retention", None, 200),
    ("POST", "/retention/reviews/pown/keep"): ("keep", KEEP, 200),
    ("GET", "/holds"): ("hold", None, 200),
    ("POST", "/holds"): ("hold", {"posts": ["pown"], "reason": "proceedings", "ref": "WP/2026/7"}, 202),
    ("POST", "/holds/01C0HVDZZZMMMMMMMMMMMMHVD0/release"): ("hold", {"reason": "not_needed"}, 202),
    ("GET", "/disposals"): ("retention", None, 200),
    ("POST", "/disposals"): ("dispose", {"posts": ["pown"], "reason": "review_passed", "ref": "WP/2026/7"}, 201),
    ("GET", "/disposals/01C0DSPZZZMMMMMMMMMMMMDSP0"): ("retention", None, 200),
    ("POST", "/disposals/01C0DSPZZZMMMMMMMMMMMMDSP0/approve"): ("approve_disposal", {}, 202),
    ("POST", "/disposals/01C0DSPZZZMMMMMMMMMMMMDSP0/refuse"): ("approve_disposal", {"reason": "still_needed"}, 200),
    ("GET", "/disposals/01C0DSPZZZMMMMMMMMMMMMDSP0/certificate"): ("retention", None, 200),
}


def path_of(route: tuple[str, str], owner: str = "own") -> str:
    """Return a route's path with the ids of the person's own team, or of another, in it."""
    return route[1].format(post=f"p{owner}", account={"own": OWN, "foreign": FOREIGN}[owner])


PUBLIC_ROUTES = {("GET", "/health"), ("GET", "/auth/login"), ("GET", "/auth/callback")}
