"""A whole Bluelamp in memory: the real services on the fake cloud, with one platform that does as it is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bluelamp.accounts.finder import AccountFinder
from bluelamp.accounts.model import Account
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.actions.acting import Acting
from bluelamp.actions.approving import Approving
from bluelamp.actions.ending import Endings
from bluelamp.actions.errors import LaterError, SealingError, WaitingError
from bluelamp.actions.picturing import Pictures
from bluelamp.actions.reconciling import Reconciling, Unsettled
from bluelamp.actions.service import Actions
from bluelamp.actions.store import ActionStore
from bluelamp.actions.underway import UnderWay
from bluelamp.assets.kept import KeptAssets
from bluelamp.assets.store import AssetStore
from bluelamp.audit.leaf import Actor
from bluelamp.audit.note import LocalSigner
from bluelamp.audit.prove import prove_pointer
from bluelamp.audit.sequencer import Sequencer
from bluelamp.audit.wake import Wake
from bluelamp.cloud.memory import Faults, MemoryBucket, MemoryDataKeys, MemoryQueue, MemoryTable
from bluelamp.cloud.memory_uploads import MemoryUploads
from bluelamp.content.keys import DataKeyCache
from bluelamp.content.store import KeyStore
from bluelamp.content.vault import Vault
from bluelamp.cursors import Cursors, Signer
from bluelamp.idempotency import Idempotency
from bluelamp.live.service import Live
from bluelamp.live.store import LiveStore
from bluelamp.media.contexts import Contexts
from bluelamp.media.errors import MediaError, MediaGoneError
from bluelamp.media.fetching import Medium
from bluelamp.media.keeping import Keeper
from bluelamp.media.store import MarkStore
from bluelamp.moderation.model import Code, Judgement, Reason, Risk, Span
from bluelamp.moderation.naming import fit_to_repeat
from bluelamp.people.model import Principal
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.budgets import Rate
from bluelamp.platforms.contract import (
    ActResult,
    BrokenPayloadError,
    GoneError,
    ParsedBatch,
    PostEvent,
    ReadBack,
    StateChange,
    TimedOutError,
    Tombstone,
    Unrecognised,
)
from bluelamp.platforms.facebook_uploads import PICTURE
from bluelamp.platforms.publishing import AssetLimits
from bluelamp.platforms.store import BudgetTable, HeardTable
from bluelamp.posts.casework import Casework
from bluelamp.posts.changing import Changer
from bluelamp.posts.colleagues import Reach
from bluelamp.posts.conversation import Conversations
from bluelamp.posts.ingest import Ingest
from bluelamp.posts.judging import Judging
from bluelamp.posts.service import Posts
from bluelamp.posts.store import PostStore
from bluelamp.posts.tagging import Tags
from bluelamp.posts.worklists import Worklists
from bluelamp.presence.service import Presence
from bluelamp.presence.store import PresenceStore
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.replies.service import Replies
from bluelamp.replies.store import ReplyStore
from bluelamp.times import iso
from tests.support.incident_desk import IncidentDesk

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = bytes(range(32))


OFFERED = frozenset({"hide", "unhide", "delete", "reply", "ban", "unban", "like", "message"})


class FakePlatform:
    """A platform whose posts are a dictionary; it can lose its answer after acting, or fail before."""

    name = "facebook"

    def __init__(self) -> None:
        self.hidden: dict[str, bool] = {}
        self.gone: set[str] = set()
        self.replies: list[tuple[str, str]] = []
        self.messages: list[tuple[str, str]] = []
        self.pictures: list[tuple[str, str, str, bytes]] = []
        self.banned: set[str] = set()
        self.liked: set[str] = set()
        self.calls: list[str] = []
        self.next_error: list[Exception] = []
        self.lose_answer = 0

    def capabilities(self, kind: str, account: Any = None, *, direction: str = "in") -> frozenset[str]:
        del kind, account
        return OFFERED if direction == "in" else frozenset({"delete"})

    def picture_with(self, verb: str, kind: str) -> AssetLimits | None:
        return PICTURE if verb == "reply" and kind != "message" else None

    def parse(self, raw: bytes) -> ParsedBatch:
        try:
            entries = json.loads(raw)
        except ValueError:
            raise BrokenPayloadError("no JSON") from None
        kinds = {"post": PostEvent, "gone": Tombstone, "state": StateChange}
        events = [
            kinds[e["is"]].model_validate({k: v for k, v in e.items() if k != "is"} | {"raw": json.dumps(e).encode()})
            for e in entries
            if e["is"] in kinds
        ]
        odd = [Unrecognised(raw=json.dumps(e).encode(), why="odd") for e in entries if e["is"] not in kinds]
        return ParsedBatch(events=tuple(events), unrecognised=tuple(odd))

    def parse_page(self, kind: str, raw: bytes, account: Any) -> ParsedBatch:
        del kind, account
        return self.parse(raw)

    def act(
        self, verb: str, target: Any, http: Any, *, text: str | None = None, assets: tuple[Any, ...] = ()
    ) -> ActResult:
        del http
        self.calls.append(f"{verb}:{target.native_id}")
        if self.next_error:
            raise self.next_error.pop(0)
        if target.native_id in self.gone and verb not in {"ban", "unban"}:
            raise GoneError("gone")
        self.pictures += [(target.native_id, one.id, one.alt, one.read(0, one.size)) for one in assets]
        self._done(verb, target, text or "")
        if self.lose_answer:
            self.lose_answer -= 1
            raise TimedOutError("no answer")
        return ActResult(status="done", native_id="r1" if verb == "reply" else None, request_id="req-1")

    def _done(self, verb: str, target: Any, text: str) -> None:
        match verb:
            case "hide" | "unhide":
                self.hidden[target.native_id] = verb == "hide"
            case "delete":
                self.gone.add(target.native_id)
            case "reply":
                self.replies.append((target.native_id, text))
            case "message":
                self.messages.append((target.author_id, text))
            case "ban":
                self.banned.add(target.author_id)
            case "unban":
                self.banned.discard(target.author_id)
            case "like":
                self.liked.add(target.native_id)

    def read_back(self, verb: str, target: Any, http: Any, *, text: str | None = None, since: datetime) -> ReadBack:
        del http, since
        if target.native_id in self.gone and verb not in {"ban", "unban"}:
            return ReadBack(state="gone")
        done = {
            "ban": target.author_id in self.banned,
            "unban": target.author_id not in self.banned,
            "like": target.native_id in self.liked,
            "message": (target.author_id, text) in self.messages,
            "hide": self.hidden.get(target.native_id) is True,
            "unhide": self.hidden.get(target.native_id) is not True,
            "delete": False,
            "reply": (target.native_id, text) in self.replies,
        }[verb]
        return ReadBack(state="done" if done else "not_done")


class FakeHosts:
    """Where the platforms keep pictures: each address has its bytes, and fails first as often as it is told to."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.failures: dict[str, list[MediaError]] = {}
        self.asked: list[str] = []

    def fetch(self, url: str, *, seconds: float = 20.0) -> Medium:
        del seconds
        self.asked.append(url)
        if self.failures.get(url):
            raise self.failures[url].pop(0)
        if url not in self.pictures:
            raise MediaGoneError("404")
        return Medium(self.pictures[url], "image/jpeg")


class World:
    """Everything, in memory, on a clock that the test moves."""

    def __init__(self) -> None:
        self.now = START
        self.faults = Faults()
        self.key_table = MemoryTable(self.faults, name="keys")
        self.table = MemoryTable(self.faults, beside=[self.key_table])
        self.heard = HeardTable(self.table)
        self.evidence = MemoryBucket(self.faults)
        self.content = MemoryBucket(self.faults)
        self.data_keys = MemoryDataKeys(self.faults)
        self.vault = Vault(
            bucket=self.content,
            keys=KeyStore(self.key_table),
            data_keys=DataKeyCache(self.data_keys),
            clock=self.clock,
        )
        self.staging = MemoryBucket()
        self.moderation, self.action_queue = MemoryQueue(self.faults), MemoryQueue(self.faults)
        self.live_queue, self.seal_queue = MemoryQueue(self.faults), MemoryQueue(self.faults)
        self.media_queue = MemoryQueue(self.faults)
        self.disposal_queue, self.publish_queue = MemoryQueue(self.faults), MemoryQueue(self.faults)
        self.bulk_queue, self.incident_queue = MemoryQueue(self.faults), MemoryQueue(self.faults)
        self.budgets = BudgetTable(self.table, {"facebook": Rate(600, 3600)}, self.clock)
        self.hosts = FakeHosts()
        self.platform = FakePlatform()
        self.pseudonyms = Pseudonyms(SECRET)
        self.signer = LocalSigner(SECRET)
        self.accounts = Accounts(AccountStore(self.table), lambda _: self.platform, self.clock)
        self.finder = AccountFinder(self.accounts, self.clock)
        self.changer = Changer(
            posts=PostStore(self.table),
            accounts=self.finder,
            offered=lambda post: self.platform.capabilities(post.kind, direction=post.direction),
            pseudonyms=self.pseudonyms,
            wake=Wake(self.seal_queue),
            live=self.live_queue,
            vault=lambda: self.vault,
            clock=self.clock,
        )
        self.uploads = MemoryUploads(self.faults)
        kept = KeptAssets(AssetStore(self.table), lambda: self.uploads)
        self.pictures = Pictures(find=kept.find, sender=kept.sender, connector=lambda _: self.platform)
        self.people = People(PeopleStore(self.table), self.clock)
        self.notified = 0
        self.reach = Reach(people=self.people, changer=self.changer, clock=self.clock)
        self.posts = Posts(
            changer=self.changer,
            accounts=self.accounts,
            cursors=Cursors(SECRET),
            prove=lambda chunk, i: prove_pointer(self.table, self.evidence, chunk, i),
            reach=self.reach,
            notify=self._notify,
            pictures=self.pictures.limits,
        )
        self.tags = Tags(self.table, wake=lambda: None, clock=self.clock)
        self.casework = Casework(changer=self.changer, reach=self.reach, tags=self.tags, notify=self._notify)
        self.worklists = Worklists(changer=self.changer, cursors=Cursors(SECRET), wake=lambda: None)
        self.conversations = Conversations(changer=self.changer, cursors=Cursors(SECRET), wake=lambda: None)
        self.presence = Presence(PresenceStore(self.table), accounts=self.finder, clock=self.clock)
        self.replies = Replies(
            ReplyStore(self.table),
            accounts=self.accounts,
            changer=self.changer,
            pseudonyms=self.pseudonyms,
            wake=lambda: None,
            fit=fit_to_repeat,
            clock=self.clock,
        )
        self.actions = Actions(
            changer=self.changer, actions=ActionStore(self.table), replies=self.replies,
            presence=self.presence, notify=lambda: None, gone=self.people.gone,
            wait_for=self._wait_for, pictures=self.pictures,
        )  # fmt: skip
        self.endings = Endings(changer=self.changer, actions=ActionStore(self.table))
        self.under_way = UnderWay(changer=self.changer, actions=ActionStore(self.table))
        self.approving = Approving(
            changer=self.changer, actions=ActionStore(self.table), presence=self.presence, notify=lambda: None,
            gone=self.people.gone,
        )  # fmt: skip
        self.incidents = IncidentDesk(
            changer=self.changer,
            table=self.table,
            pseudonyms=self.pseudonyms,
            vault=lambda: self.vault,
            seal=self.seal_queue,
            queue=self.incident_queue,
            contexts=self.contexts,
        )
        self.judging = Judging(changer=self.changer, pseudonyms=self.pseudonyms, told=self.incidents.orders.judged)
        self.tickets = Signer(SECRET, "ticket")
        self.live = Live(
            store=LiveStore(self.table),
            changer=self.changer,
            accounts=self.accounts,
            cursors=Cursors(SECRET),
            tickets=self.tickets,
            url="ws://127.0.0.1/ws",
            clock=self.clock,
        )
        self._sequencer: Sequencer | None = None

    def _wait_for(self, post: Any) -> int:
        return self.incidents.orders.wait_for(post)

    def _notify(self) -> None:
        self.notified += 1

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)

    def ingester(self) -> Ingest:
        return Ingest(
            posts=PostStore(self.table),
            staging=self.staging,
            moderation=self.moderation,
            media=self.media_queue,
            live=self.live_queue,
            connector=lambda _: self.platform,
            account=self.finder.find,
            pseudonyms=self.pseudonyms,
            vault=self.vault,
            heard=self.heard.webhook,
            clock=self.clock,
        )

    def acting(self) -> Acting:
        return Acting(
            changer=self.changer,
            actions=ActionStore(self.table),
            connector=lambda _: self.platform,
            http=lambda _: None,
            queue=self.action_queue,
            bulk=self.bulk_queue,
            budgets=self.budgets,
            keeper=self.keeper(),
            attached=self.pictures.bytes_of,
            notify=self._notify,
        )

    def unsettled(self) -> Unsettled:
        return Unsettled(actions=ActionStore(self.table), queue=self.action_queue, clock=self.clock)

    def reconciling(self) -> Reconciling:
        return Reconciling(
            changer=self.changer,
            actions=ActionStore(self.table),
            connector=lambda _: self.platform,
            http=lambda _: None,
            notify=self._notify,
        )

    def contexts(self) -> Contexts:
        return Contexts(
            posts=PostStore(self.table),
            marks=MarkStore(self.table),
            vault=self.vault,
            pseudonyms=self.pseudonyms,
            clock=self.clock,
        )

    def keeper(self) -> Keeper:
        return Keeper(
            posts=PostStore(self.table),
            marks=MarkStore(self.table),
            fetcher=self.hosts,
            vault=self.vault,
            pseudonyms=self.pseudonyms,
            wake=Wake(self.seal_queue),
            queue=lambda: self.media_queue,
            clock=self.clock,
        )

    def account(self, native: str, team: str, *, delete: bool = False) -> Account:
        return self.accounts.add_account(
            platform="facebook",
            native_id=native,
            name=f"{team.title()} Police",
            kind="neighbourhood",
            team=team,
            by=Actor.system("seed"),
            local_verbs=("delete",) if delete else (),
        )

    def ingest(self, *entries: dict[str, Any], source: str = "webhook", account: str | None = None) -> Any:
        raw = json.dumps(entries).encode()
        body = {
            "v": 1,
            "platform": "facebook",
            "source": source,
            "kind": "feed" if source == "poll" else None,
            "account": account,
            "key": "k",
            "received_at": iso(self.now),
            "inline": base64.b64encode(raw).decode(),
        }
        return self.ingester().ingest(body)

    def comment(
        self, native: str, text: str, *, page: str = "1", at: datetime | None = None, **more: Any
    ) -> dict[str, Any]:
        return {
            "is": "post",
            "platform": "facebook",
            "account_native": page,
            "native_id": native,
            "kind": "comment",
            "direction": "in",
            "thread_native": "root",
            "author_id": "a1",
            "author_name": "Sam Public",
            "text": text,
            "event_at": iso(at or self.now),
        } | more

    def judge_all(self, judge: Callable[[Any], Judgement] | None = None) -> None:
        """Work the moderation queue off, as the moderate function does."""
        while self.moderation.messages:
            wanted = [m.body["post_id"] for m in self.moderation.messages]
            self.moderation.messages.clear()
            found = self.judging.get_for_judging(wanted)
            self.judging.file_cases({i: (rev, (judge or judged)(subject)) for i, (subject, rev) in found.items()})

    def seal(self) -> Any:
        self._sequencer = self._sequencer or Sequencer(
            table=self.table,
            bucket=self.evidence,
            actions=self.action_queue,
            bulk=self.bulk_queue,
            disposals=self.disposal_queue,
            publications=self.publish_queue,
            incidents=self.incident_queue,
            signer=self.signer,
            origin="bluelamp.example/bluelamp/wealdshire",
            clock=self.clock,
        )
        self.seal_queue.messages.clear()
        return self._sequencer.run()

    def keep_all(self, rounds: int = 20) -> None:
        """Work the media queue off, as the keep function does."""
        for _ in range(rounds):
            if not self.media_queue.messages:
                return
            message = self.media_queue.messages.pop(0)
            self.pass_time(seconds=message.delay_seconds)
            self.keeper().keep(message.body)

    def act_all(self, rounds: int = 20) -> None:
        """Work the action queue off, as the act function does; what it waits for is sealed."""
        for _ in range(rounds):
            if not self.action_queue.messages:
                return
            message = self.action_queue.messages.pop(0)
            try:
                self.acting().act(message.body)
            except SealingError:
                self.seal()
            except WaitingError:
                self.pass_time(seconds=message.delay_seconds + 1)
            except LaterError:
                self.action_queue.messages.append(message)
                self.pass_time(seconds=80)


def judged(subject: Any) -> Judgement:
    """Return a simple judgement: "idiot" is abuse, "kill" a threat, all else harmless."""
    grade, code = (
        (8, Code.THREAT) if "kill" in subject.text else (5, Code.ABUSE) if "idiot" in subject.text else (1, None)
    )
    reasons = (Reason(code=code, rule="test.rule", label="Test", grade=grade, spans=(Span(0, 4),)),) if code else ()
    risk = {8: Risk.CRITICAL, 5: Risk.MEDIUM, 1: Risk.LOW}[grade]
    return Judgement(
        risk=risk, grade=grade, reasons=reasons, scores=(), ruleset="0" * 64, normaliser="1", content="0" * 64
    )


def principal(role: str = "comms", *, teams: tuple[str, ...] = (), name: str = "Pat Officer") -> Principal:
    """Return an officer."""
    everywhere = role in {"comms", "control", "auditor", "admin"}
    return Principal(
        id=f"sub-{role}-{'-'.join(teams) or 'x'}",
        name=name,
        role=role,
        teams=frozenset(teams),
        session_id="a" * 64,
        all_accounts=everywhere,
        account_ids=None if everywhere else frozenset(),
    )


_count = 0


def idem(person: str = "sub") -> Idempotency:
    """Return a fresh idempotency key."""
    global _count  # noqa: PLW0603
    _count += 1
    return Idempotency.of(person, f"key-{_count}", method="POST", path="/x", body=b"{}")
