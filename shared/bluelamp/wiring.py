"""The only place where parts are put together. Each is made once in a process, when a handler first asks for it.

A handler imports one use case from here and nothing else of Bluelamp. Features never import this module.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.settings import settings

if TYPE_CHECKING:
    from bluelamp.accounts.finder import AccountFinder
    from bluelamp.accounts.service import Accounts
    from bluelamp.actions.acting import Acting
    from bluelamp.actions.service import Actions
    from bluelamp.audit.prove import Proof
    from bluelamp.audit.sequencer import Sequencer
    from bluelamp.audit.tally import Tallies
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.secrets import Secrets
    from bluelamp.cloud.sqs import Queue
    from bluelamp.cursors import Cursors, Signer
    from bluelamp.live.pushing import Pushing
    from bluelamp.live.service import Live
    from bluelamp.moderation.service import Moderator
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
    """Return the bucket of the sealed log: S3, or locally a store with Object Lock and keys of its own."""
    from bluelamp.cloud.s3 import Bucket

    endpoint, secret = settings()["S3_ENDPOINT"], settings()["S3_CREDENTIALS_SECRET"]
    keys = secrets().get(secret) if secret else {}
    client = clients.s3(endpoint, keys.get("access_key", ""), keys.get("secret_key", ""))
    return Bucket(client, settings()["EVIDENCE_BUCKET"])


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
        unwell=_unwell,
    )


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
        live=queue("LIVE"),
        connector=connector,
        account=finder().find,
        pseudonyms=pseudonyms(),
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
    )


@lru_cache(maxsize=1)
def tallies() -> Tallies:
    """Return what turns counted refusals into leaves."""
    from bluelamp.audit.tally import Tallies

    return Tallies(table(), wake=wake())


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
