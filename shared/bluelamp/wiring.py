"""The only place where parts are put together. Each is made once in a process, when a handler first asks for it.

A handler imports one use case from here and nothing else of Bluelamp. Features never import this module.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.settings import settings

if TYPE_CHECKING:
    from bluelamp.accounts.files import AccountFiles
    from bluelamp.accounts.finder import AccountFinder
    from bluelamp.accounts.model import Account, AccountHealth
    from bluelamp.accounts.register import Register
    from bluelamp.accounts.service import Accounts
    from bluelamp.actions.acting import Acting
    from bluelamp.actions.service import Actions
    from bluelamp.anchors.service import Anchors
    from bluelamp.anchors.witness import Witness
    from bluelamp.audit.prove import Proof
    from bluelamp.audit.sequencer import Sequencer
    from bluelamp.audit.tally import Tallies
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.files import Files
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.secrets import Secrets
    from bluelamp.cloud.sqs import Queue
    from bluelamp.completeness.service import Coverage, Reports, Statements
    from bluelamp.content.vault import Vault
    from bluelamp.cursors import Cursors, Signer
    from bluelamp.exports.building import Building
    from bluelamp.exports.service import Exports
    from bluelamp.live.pushing import Pushing
    from bluelamp.live.service import Live
    from bluelamp.media.keeping import Keeper
    from bluelamp.moderation.service import Moderator
    from bluelamp.people.granting import Grants
    from bluelamp.people.managing import Managing
    from bluelamp.people.refusals import Refusals
    from bluelamp.people.service import People
    from bluelamp.people.sessions import Sessions
    from bluelamp.people.sign_in import SignIn
    from bluelamp.people.tokens import TokenVerifier
    from bluelamp.platforms.contract import AccountRef, PlatformError
    from bluelamp.platforms.http import PlatformHttp, Purpose
    from bluelamp.platforms.polling import Poller
    from bluelamp.platforms.receiving import Receiver
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.ingest import Ingest
    from bluelamp.posts.model import Post
    from bluelamp.posts.service import Posts
    from bluelamp.posts.store import PostStore
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.retention.destroying import Destroying
    from bluelamp.retention.disposing import Disposals
    from bluelamp.retention.holding import Holds
    from bluelamp.retention.sealed import SealedRecords
    from bluelamp.retention.service import Retention
    from bluelamp.retention.store import RetentionStore
    from bluelamp.roster.service import Rosters
    from bluelamp.trail.service import Trail

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


# ── the cloud ─────────────────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1)
def table() -> Table:
    """Return the deployment's table."""
    from bluelamp.cloud.dynamodb import Table

    return Table(clients.dynamodb(), settings()["TABLE"])


@lru_cache(maxsize=8)
def queue(name: str) -> Queue:
    """Return a queue by the name of its setting, e.g. ``ACTION``."""
    from bluelamp.cloud.sqs import Queue

    return Queue(clients.sqs(), settings()[f"{name}_QUEUE_URL"])


@lru_cache(maxsize=1)
def secrets() -> Secrets:
    """Return the secrets."""
    from bluelamp.cloud.secrets import Secrets

    return Secrets(clients.secrets_manager())


@lru_cache(maxsize=1)
def staging() -> Bucket:
    """Return the bucket of raw webhook bodies."""
    from bluelamp.cloud.s3 import Bucket

    return Bucket(clients.s3(), settings()["STAGING_BUCKET"])


@lru_cache(maxsize=1)
def evidence() -> Bucket:
    """Return the bucket of the sealed log."""
    return _locked("EVIDENCE_BUCKET")


def _locked(name: str) -> Bucket:
    """Return a bucket under lock: on S3, or locally on a store with Object Lock and keys of its own."""
    from bluelamp.cloud.s3 import Bucket

    endpoint, secret = settings()["S3_ENDPOINT"], settings()["S3_CREDENTIALS_SECRET"]
    keys = secrets().get(secret) if secret else {}
    client = clients.s3(endpoint, keys.get("access_key", ""), keys.get("secret_key", ""))
    return Bucket(client, settings()[name])


@lru_cache(maxsize=1)
def vault() -> Vault:
    """Return what keeps exact bytes under keys of their own."""
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.kms import KmsDataKeys
    from bluelamp.content.keys import DataKeyCache
    from bluelamp.content.store import KeyStore
    from bluelamp.content.vault import Vault

    context = {"deployment": settings()["ORIGIN"], "purpose": "content"}
    return Vault(
        bucket=_locked("CONTENT_BUCKET"),
        keys=KeyStore(Table(clients.dynamodb(), settings()["KEY_TABLE"])),
        data_keys=DataKeyCache(KmsDataKeys(clients.kms(), settings()["CONTENT_KEY_ID"], context)),
    )


@lru_cache(maxsize=1)
def pseudonyms() -> Pseudonyms:
    """Return what names posts and authors in leaves."""
    from bluelamp.pseudonyms import Pseudonyms

    return Pseudonyms(bytes.fromhex(secrets().get(settings()["PSEUDONYM_SECRET"])["key"]))


@lru_cache(maxsize=1)
def session_key() -> bytes:
    """Return the key that signs cursors, sign-ins and tickets."""
    return bytes.fromhex(secrets().get(settings()["SESSION_SECRET"])["key"])


def cursors() -> Cursors:
    """Return what makes and opens cursors."""
    from bluelamp.cursors import Cursors

    return Cursors(session_key())


def tickets() -> Signer:
    """Return what signs and opens live tickets."""
    from bluelamp.cursors import Signer

    return Signer(session_key(), "ticket")


@lru_cache(maxsize=1)
def wake() -> Wake:
    """Return what wakes the sequencer."""
    from bluelamp.audit.wake import Wake

    return Wake(queue("SEAL"))


# ── people and accounts ───────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1)
def accounts() -> Accounts:
    """Return the force's accounts."""
    from bluelamp.accounts.service import Accounts
    from bluelamp.accounts.store import AccountStore
    from bluelamp.platforms.registry import connector

    return Accounts(AccountStore(table()), connector)


@lru_cache(maxsize=1)
def register() -> Register:
    """Return the use cases of the account routes."""
    from bluelamp.accounts.register import Register
    from bluelamp.accounts.registering import Registrar
    from bluelamp.accounts.store import AccountStore

    store = AccountStore(table())
    return Register(
        store,
        accounts=accounts(),
        registrar=Registrar(store),
        people=people(),
        health=_health,
        cursors=cursors(),
        wake=wake(),
    )


def _health(account: Account) -> AccountHealth:
    """Tell how well an account is read, from what polls left in the table."""
    from bluelamp.accounts.rules import health
    from bluelamp.platforms.store import ThrottleTable
    from bluelamp.times import utc_now

    until, lost = coverage().read_until(account.id)
    return health(account, until=until, lost=lost, throttle=ThrottleTable(table()).read(account.id), now=utc_now())


@lru_cache(maxsize=1)
def account_files() -> AccountFiles:
    """Return imports and exports of the register."""
    from bluelamp.accounts.files import AccountFiles
    from bluelamp.accounts.registering import Registrar
    from bluelamp.accounts.store import AccountStore
    from bluelamp.platforms.registry import NAMES

    store = AccountStore(table())
    return AccountFiles(store, registrar=Registrar(store), people=people(), platforms=NAMES, wake=wake())


@lru_cache(maxsize=1)
def finder() -> AccountFinder:
    """Return accounts by id, remembered for half a minute."""
    from bluelamp.accounts.finder import AccountFinder

    return AccountFinder(accounts())


@lru_cache(maxsize=1)
def people() -> People:
    """Return the people of the force."""
    from bluelamp.people.service import People
    from bluelamp.people.store import PeopleStore

    return People(PeopleStore(table()))


@lru_cache(maxsize=1)
def sessions() -> Sessions:
    """Return sessions, and the people behind tokens."""
    from bluelamp.people.sessions import Sessions
    from bluelamp.people.store import PeopleStore

    return Sessions(PeopleStore(table()), wake=wake())


@lru_cache(maxsize=1)
def managing() -> Managing:
    """Return what shuts people out, lets them in again and signs them out."""
    from bluelamp.people.managing import Managing
    from bluelamp.people.store import PeopleStore

    return Managing(PeopleStore(table()), wake=wake())


@lru_cache(maxsize=1)
def grants() -> Grants:
    """Return access for a time."""
    from datetime import timedelta

    from bluelamp.people.granting import Grants
    from bluelamp.people.store import PeopleStore

    longest = timedelta(days=int(settings()["GRANT_DAYS"]))
    return Grants(PeopleStore(table()), accounts=accounts(), cursors=cursors(), longest=longest, wake=wake())


@lru_cache(maxsize=1)
def tokens() -> TokenVerifier:
    """Return what verifies bearer tokens."""
    from bluelamp.people.tokens import TokenVerifier

    return TokenVerifier(
        issuer=settings()["ISSUER"],
        client_id=settings()["USER_POOL_CLIENT_ID"],
        jwks_url=settings()["JWKS_URL"],
    )


@lru_cache(maxsize=1)
def sign_in() -> SignIn:
    """Return the sign-in through the provider's page."""
    from bluelamp.people.sign_in import Client, SignIn
    from bluelamp.people.store import PeopleStore

    client = Client(
        client_id=settings()["USER_POOL_CLIENT_ID"],
        sign_in_url=settings()["SIGN_IN_URL"],
        token_url=settings()["TOKEN_URL"],
        public_url=settings()["PUBLIC_URL"],
    )
    return SignIn(
        client=client,
        secret=session_key(),
        tokens=tokens(),
        sessions=sessions(),
        store=PeopleStore(table()),
    )


@lru_cache(maxsize=1)
def refusals() -> Refusals:
    """Return the record of refusals."""
    from bluelamp.people.refusals import Refusals

    return Refusals(table(), pseudonyms=pseudonyms(), wake=wake())


# ── posts and actions ─────────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1)
def post_store() -> PostStore:
    """Return the posts in the table."""
    from bluelamp.posts.store import PostStore

    return PostStore(table())


def offered(post: Post) -> frozenset[str]:
    """Return what the platform offers for a post."""
    from bluelamp.platforms.registry import connector

    return frozenset(connector(post.platform).capabilities(post.kind, direction=post.direction))


@lru_cache(maxsize=1)
def changer() -> Changer:
    """Return what commits changes of posts."""
    from bluelamp.posts.changing import Changer

    return Changer(
        posts=post_store(),
        accounts=finder(),
        offered=offered,
        pseudonyms=pseudonyms(),
        wake=wake(),
        live=queue("LIVE"),
        vault=vault,
    )


@lru_cache(maxsize=1)
def posts() -> Posts:
    """Return the use cases of the post routes."""
    from bluelamp.posts.service import Posts

    return Posts(changer=changer(), accounts=accounts(), cursors=cursors(), prove=_prove)


def _prove(chunk: str, index: int) -> Proof:
    from bluelamp.audit.prove import prove_pointer

    return prove_pointer(table(), evidence(), chunk, index)


@lru_cache(maxsize=1)
def actions() -> Actions:
    """Return the use cases of the action routes."""
    from bluelamp.actions.service import Actions
    from bluelamp.actions.store import ActionStore

    return Actions(changer=changer(), actions=ActionStore(table()))


@lru_cache(maxsize=1)
def completeness() -> Reports:
    """Return the use case of the completeness route."""
    from bluelamp.completeness.service import Reports
    from bluelamp.completeness.store import CompletenessStore

    return Reports(CompletenessStore(table()), accounts=accounts(), wake=wake())


@lru_cache(maxsize=1)
def rosters() -> Rosters:
    """Return the use cases of the roster routes."""
    from bluelamp.roster.answering import Answering
    from bluelamp.roster.sealed import SealedRoster
    from bluelamp.roster.service import Rosters
    from bluelamp.roster.store import RosterStore

    store = RosterStore(table())
    return Rosters(
        store=store,
        accounts=accounts(),
        people=people(),
        answering=Answering(store, people(), SealedRoster(post_store(), evidence())),
        pseudonyms=pseudonyms(),
        vault=vault,
        wake=wake(),
    )


@lru_cache(maxsize=1)
def live() -> Live:
    """Return the use cases of the live routes."""
    from bluelamp.live.service import Live
    from bluelamp.live.store import LiveStore

    return Live(
        store=LiveStore(table()),
        changer=changer(),
        accounts=accounts(),
        cursors=cursors(),
        tickets=tickets(),
        url=settings()["PUBLIC_URL"].replace("http", "ws", 1).rstrip("/") + "/ws",
    )


@lru_cache(maxsize=1)
def trail() -> Trail:
    """Return the use cases of the audit routes."""
    from bluelamp.trail.service import Trail

    return Trail(
        table=table(),
        evidence=evidence(),
        accounts=accounts(),
        people=people(),
        changer=changer(),
        cursors=cursors(),
        pseudonyms=pseudonyms(),
        wake=wake(),
    )


@lru_cache(maxsize=1)
def files() -> Files:
    """Return the bucket that bags are fetched from."""
    from bluelamp.cloud.files import Files

    return Files(clients.s3(), settings()["EXPORT_BUCKET"])


@lru_cache(maxsize=1)
def exports() -> Exports:
    """Return the use cases of the export routes."""
    from bluelamp.exports.service import Exports
    from bluelamp.exports.store import ExportStore

    return Exports(
        store=ExportStore(table()),
        accounts=accounts(),
        files=files(),
        queue=queue("EXPORT"),
        cursors=cursors(),
        pseudonyms=pseudonyms(),
        wake=wake(),
    )


# ── retention ─────────────────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1)
def retention_store() -> RetentionStore:
    """Return classes, holds and disposals in the table."""
    from bluelamp.retention.store import RetentionStore

    return RetentionStore(table())


@lru_cache(maxsize=1)
def sealed_records() -> SealedRecords:
    """Return what reads records out of the sealed log by their places."""
    from bluelamp.retention.sealed import SealedRecords

    return SealedRecords(post_store(), evidence())


@lru_cache(maxsize=1)
def retention() -> Retention:
    """Return the use cases of the retention routes."""
    from bluelamp.retention.service import Retention

    return Retention(store=retention_store(), changer=changer(), accounts=accounts(), cursors=cursors(), wake=wake())


@lru_cache(maxsize=1)
def holds() -> Holds:
    """Return the use cases of the hold routes."""
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.retention.holding import Holds
    from bluelamp.retention.settling import Settling

    return Holds(
        store=retention_store(),
        changer=changer(),
        settling=Settling(store=retention_store(), changer=changer()),
        dossiers=Dossiers(post_store(), pseudonyms()),
        cursors=cursors(),
        wake=wake(),
    )


@lru_cache(maxsize=1)
def disposals() -> Disposals:
    """Return the use cases of the disposal routes."""
    from bluelamp.retention.disposing import Disposals

    return Disposals(
        store=retention_store(),
        changer=changer(),
        sealed=sealed_records(),
        pseudonyms=pseudonyms(),
        cursors=cursors(),
        wake=wake(),
    )


# ── ways in ───────────────────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1)
def receiver() -> Receiver:
    """Return the use case of the receive function."""
    from bluelamp.platforms.receiving import Receiver, RefusalCounts

    return Receiver(
        staging=staging(),
        queue=queue("INGEST"),
        secrets=secrets(),
        prefix=settings()["PLATFORM_SECRET_PREFIX"],
        counts=RefusalCounts(table),
    )


@lru_cache(maxsize=1)
def poller() -> Poller:
    """Return the use case of the poll function."""
    from bluelamp.accounts.finder import ref_of
    from bluelamp.platforms.polling import Poller
    from bluelamp.platforms.registry import connector
    from bluelamp.platforms.store import CursorTable, ThrottleTable

    def active(account_id: str) -> AccountRef | None:
        account = finder().find(account_id)
        return ref_of(account) if account and account.status == "active" else None

    return Poller(
        connector=connector,
        accounts=lambda: [ref_of(a) for a in accounts().all() if a.status == "active"],
        account=active,
        open_http=lambda account: platform_http(account.account_id, "poll"),
        staging=staging(),
        ingest=queue("INGEST"),
        polls=queue("POLL"),
        cursors=CursorTable(table()),
        throttles=ThrottleTable(table()),
        heartbeats=coverage(),
        unwell=_unwell,
    )


@lru_cache(maxsize=1)
def coverage() -> Coverage:
    """Return what notes how far each account has been read without a break."""
    from bluelamp.completeness.service import Coverage
    from bluelamp.completeness.store import CompletenessStore

    return Coverage(CompletenessStore(table()))


@lru_cache(maxsize=1)
def statements() -> Statements:
    """Return what states in the log how complete each account's days are."""
    from bluelamp.completeness.service import Statements
    from bluelamp.completeness.store import CompletenessStore

    return Statements(CompletenessStore(table()), accounts=accounts().all, wake=wake())


def _unwell(account: AccountRef, error: PlatformError) -> None:
    """Say that an account needs a person; the alarm on this metric tells the force."""
    from aws_lambda_powertools.metrics import MetricUnit

    from bluelamp.telemetry import logger, metrics

    logger.error("account unwell", account=account.account_id, code=error.code)
    metrics.add_metric("AccountsUnwell", MetricUnit.Count, 1)


# ── what wakes by itself ──────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1)
def ingest() -> Ingest:
    """Return the use case of the ingest function."""
    from bluelamp.platforms.registry import connector
    from bluelamp.posts.ingest import Ingest

    return Ingest(
        posts=post_store(),
        staging=staging(),
        moderation=queue("MODERATION"),
        media=queue("MEDIA"),
        live=queue("LIVE"),
        connector=connector,
        account=finder().find,
        pseudonyms=pseudonyms(),
        vault=vault(),
    )


@lru_cache(maxsize=1)
def keeper() -> Keeper:
    """Return what keeps media, and the evidence of what is to be taken away."""
    from bluelamp.media.addresses import Allowed
    from bluelamp.media.fetching import Fetcher
    from bluelamp.media.keeping import Keeper
    from bluelamp.media.store import MarkStore

    return Keeper(
        posts=post_store(),
        marks=MarkStore(table()),
        fetcher=Fetcher(Allowed.parse(settings()["MEDIA_HOSTS"])),
        vault=vault(),
        pseudonyms=pseudonyms(),
        wake=wake(),
        queue=lambda: queue("MEDIA"),
    )


@lru_cache(maxsize=1)
def moderator() -> Moderator:
    """Return the use case of the moderate function."""
    from bluelamp.moderation.service import Moderator
    from bluelamp.posts.judging import Judging

    return Moderator(posts=Judging(changer=changer(), pseudonyms=pseudonyms()))


@lru_cache(maxsize=1)
def sequencer() -> Sequencer:
    """Return the writer of the log."""
    from bluelamp.audit.sequencer import Sequencer
    from bluelamp.cloud.kms import KmsSigningKey
    from bluelamp.times import utc_now

    return Sequencer(
        table=table(),
        bucket=evidence(),
        actions=queue("ACTION"),
        disposals=queue("DISPOSAL"),
        signer=KmsSigningKey(clients.kms(), settings()["SIGNING_KEY_ID"]),
        origin=f"{settings()['ORIGIN']}/bluelamp/{settings()['FORCE']}",
        clock=utc_now,
        software=settings()["COMMIT"],
    )


def platform_http(account_id: str, purpose: Purpose) -> PlatformHttp:
    """Return the HTTP client of one account, with its token; made anew each time, so that a new token is used."""
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.platforms.registry import BaseUrls
    from bluelamp.platforms.secrets import account_token
    from bluelamp.platforms.store import ThrottleTable
    from bluelamp.times import utc_now

    platform = account_id.partition("-")[0]
    urls = BaseUrls(settings()["GRAPH_URL"], settings()["GRAPH_VERSION"], settings()["X_URL"])
    token = account_token(secrets(), settings()["ACCOUNT_SECRET_PREFIX"], account_id)
    return PlatformHttp(
        None, urls.of(platform), token, ThrottleTable(table()), utc_now, account_id=account_id, purpose=purpose
    )


@lru_cache(maxsize=1)
def acting() -> Acting:
    """Return the use case of the act function."""
    from bluelamp.actions.acting import Acting
    from bluelamp.actions.store import ActionStore
    from bluelamp.platforms.registry import connector

    return Acting(
        changer=changer(),
        actions=ActionStore(table()),
        connector=connector,
        http=lambda account_id: platform_http(account_id, "act"),
        queue=queue("ACTION"),
        keeper=keeper(),
    )


@lru_cache(maxsize=1)
def tallies() -> Tallies:
    """Return what turns counted refusals into leaves."""
    from bluelamp.audit.tally import Tallies

    return Tallies(table(), wake=wake())


@lru_cache(maxsize=1)
def anchors() -> Anchors:
    """Return the use case of the anchor function."""
    from bluelamp.anchors.http import Courier
    from bluelamp.anchors.model import Source
    from bluelamp.anchors.service import Anchors
    from bluelamp.anchors.tsa import TimestampAuthority
    from bluelamp.anchors.witness_client import WitnessClient, parse_witnesses

    post, url, certificate = Courier(), settings()["TSA_URL"], settings()["TSA_CERTIFICATE"]
    sources: list[Source] = [TimestampAuthority(url, post=post, certificate=certificate)] if url else []
    sources += [WitnessClient(key, at, post=post) for key, at in parse_witnesses(settings()["WITNESSES"])]
    return Anchors(table=table(), bucket=evidence(), sources=sources, wake=wake(), told=_not_anchored)


def _not_anchored(source: str, error: Exception) -> None:
    """Say that an anchor was not had; the function counts it, and an alarm watches those that go on for days."""
    from bluelamp.telemetry import described, logger

    logger.error("not anchored", extra={"source": source} | described(error))


@lru_cache(maxsize=1)
def witness() -> Witness:
    """Return the use case of the witness function, which runs in somebody else's account."""
    from bluelamp.anchors.store import WitnessStore
    from bluelamp.anchors.witness import Witness
    from bluelamp.audit.note import VerifierKey
    from bluelamp.cloud.kms import KmsSigningKey

    return Witness(
        name=settings()["WITNESS_NAME"],
        logs=[VerifierKey.parse(vkey) for vkey in settings()["WITNESS_LOGS"].replace(",", " ").split()],
        store=WitnessStore(table()),
        signer=KmsSigningKey(clients.kms(), settings()["SIGNING_KEY_ID"]),
    )


@lru_cache(maxsize=1)
def pushing() -> Pushing:
    """Return the use cases of the live function."""
    from bluelamp.cloud.sockets import Sockets
    from bluelamp.live.pushing import Pushing
    from bluelamp.live.store import LiveStore
    from bluelamp.people.store import RefusalCounts

    return Pushing(
        store=LiveStore(table()),
        changer=changer(),
        sockets=Sockets(clients.sockets(settings()["WEBSOCKET_ENDPOINT"])),
        tickets=tickets(),
        still=sessions().still,
        refused=lambda: RefusalCounts(table()).add("live.bad_ticket"),
    )


@lru_cache(maxsize=1)
def building() -> Building:
    """Return the use case of the export function."""
    import time

    from bluelamp.audit import standalone
    from bluelamp.exports.building import Building, Maker
    from bluelamp.exports.store import ExportStore
    from bluelamp.posts.dossier import Dossiers

    slug = settings()["FORCE"]
    return Building(
        store=ExportStore(table()),
        dossiers=Dossiers(post_store(), pseudonyms()),
        accounts=lambda: [account.id for account in accounts().all()],
        evidence=evidence(),
        head=_checkpoint,
        vault=vault(),
        files=files(),
        queue=queue("EXPORT"),
        wake=wake(),
        verifier=standalone.build,
        maker=Maker(force=settings()["FORCE_NAME"] or slug, software=settings()["COMMIT"]),
        sleep=time.sleep,
    )


@lru_cache(maxsize=1)
def destroying() -> Destroying:
    """Return the use case of the dispose function."""
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.content.custody import Custody
    from bluelamp.content.store import KeyStore
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.retention.destroying import Destroying
    from bluelamp.retention.locking import Locking
    from bluelamp.retention.settling import Settling

    dossiers = Dossiers(post_store(), pseudonyms())
    keys = KeyStore(Table(clients.dynamodb(), settings()["KEY_TABLE"]))
    custody = Custody(bucket=_locked("CONTENT_BUCKET"), keys=keys)
    return Destroying(
        store=retention_store(),
        locking=Locking(
            store=retention_store(),
            settling=Settling(store=retention_store(), changer=changer()),
            dossiers=dossiers,
            sealed=sealed_records(),
            custody=custody,
            queue=queue("DISPOSAL"),
        ),
        changer=changer(),
        dossiers=dossiers,
        sealed=sealed_records(),
        custody=custody,
        pseudonyms=pseudonyms(),
        queue=queue("DISPOSAL"),
        wake=wake(),
    )


def _checkpoint(year: int) -> str | None:
    from bluelamp.audit.head import read_head

    head = read_head(table(), year)
    return head.checkpoint if head else None
