"""What wakes by itself: the use cases of the functions behind queues and schedules."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.wiring import base, commanding, desk, force, intake, keeping

if TYPE_CHECKING:
    from bluelamp.actions.acting import Acting
    from bluelamp.actions.reconciling import Reconciling, Unsettled
    from bluelamp.anchors.service import Anchors
    from bluelamp.anchors.witness import Witness
    from bluelamp.audit.sequencer import Sequencer
    from bluelamp.audit.tally import Tallies
    from bluelamp.exports.building import Building
    from bluelamp.live.pushing import Pushing
    from bluelamp.media.keeping import Keeper
    from bluelamp.moderation.service import Moderator
    from bluelamp.posts.ingest import Ingest
    from bluelamp.retention.destroying import Destroying

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def ingest() -> Ingest:
    """Return the use case of the ingest function."""
    from bluelamp.platforms.registry import connector
    from bluelamp.platforms.store import HeardTable
    from bluelamp.posts.ingest import Ingest

    return Ingest(
        posts=desk.post_store(),
        staging=base.staging(),
        moderation=base.queue("MODERATION"),
        media=base.queue("MEDIA"),
        live=base.queue("LIVE"),
        connector=connector,
        account=force.finder().find,
        pseudonyms=base.pseudonyms(),
        vault=base.vault(),
        heard=HeardTable(base.table()).webhook,
    )


@lru_cache(maxsize=1)
def keeper() -> Keeper:
    """Return what keeps media, and the evidence of what is to be taken away."""
    from bluelamp.media.addresses import Allowed
    from bluelamp.media.fetching import Fetcher
    from bluelamp.media.keeping import Keeper
    from bluelamp.media.store import MarkStore

    return Keeper(
        posts=desk.post_store(),
        marks=MarkStore(base.table()),
        fetcher=Fetcher(Allowed.parse(base.settings()["MEDIA_HOSTS"])),
        vault=base.vault(),
        pseudonyms=base.pseudonyms(),
        wake=base.wake(),
        queue=lambda: base.queue("MEDIA"),
    )


@lru_cache(maxsize=1)
def moderator() -> Moderator:
    """Return the use case of the moderate function."""
    from bluelamp.moderation.service import Moderator
    from bluelamp.posts.judging import Judging

    return Moderator(
        posts=Judging(
            changer=desk.changer(),
            pseudonyms=base.pseudonyms(),
            told=commanding.orders().judged,
            systems=bool(base.settings()["HOOK_HOSTS"]),
        )
    )


@lru_cache(maxsize=1)
def sequencer() -> Sequencer:
    """Return the writer of the log."""
    from bluelamp.audit.sequencer import Sequencer
    from bluelamp.cloud.kms import KmsSigningKey
    from bluelamp.times import utc_now

    return Sequencer(
        table=base.table(),
        bucket=base.evidence(),
        actions=base.queue("ACTION"),
        bulk=base.queue("BULK"),
        incidents=base.queue("INCIDENT"),
        disposals=base.queue("DISPOSAL"),
        publications=base.queue("PUBLISH"),
        signer=KmsSigningKey(clients.kms(), base.settings()["SIGNING_KEY_ID"]),
        origin=f"{base.settings()['ORIGIN']}/bluelamp/{base.settings()['FORCE']}",
        clock=utc_now,
        software=base.settings()["COMMIT"],
    )


@lru_cache(maxsize=1)
def acting() -> Acting:
    """Return the use case of the act function."""
    from bluelamp.actions.acting import Acting
    from bluelamp.actions.store import ActionStore
    from bluelamp.platforms.registry import connector

    return Acting(
        changer=desk.changer(),
        actions=ActionStore(base.table()),
        connector=connector,
        http=lambda account_id: intake.platform_http(account_id, "act"),
        queue=base.queue("ACTION"),
        bulk=base.queue("BULK"),
        budgets=intake.budgets(),
        keeper=keeper(),
        attached=lambda picture: desk.pictures().bytes_of(picture),
        notify=base.notify_wake(),
        systems=bool(base.settings()["HOOK_HOSTS"]),
    )


@lru_cache(maxsize=1)
def reconciling() -> Reconciling:
    """Return what finds out about actions that nobody knows the end of."""
    from bluelamp.actions.reconciling import Reconciling
    from bluelamp.actions.store import ActionStore
    from bluelamp.platforms.registry import connector

    return Reconciling(
        changer=desk.changer(),
        actions=ActionStore(base.table()),
        connector=connector,
        http=lambda account_id: intake.platform_http(account_id, "act"),
        notify=base.notify_wake(),
        systems=bool(base.settings()["HOOK_HOSTS"]),
    )


@lru_cache(maxsize=1)
def unsettled() -> Unsettled:
    """Return what finds the actions that somebody should look at."""
    from bluelamp.actions.reconciling import Unsettled
    from bluelamp.actions.store import ActionStore
    from bluelamp.times import utc_now

    return Unsettled(actions=ActionStore(base.table()), queue=base.queue("ACTION"), clock=utc_now)


@lru_cache(maxsize=1)
def tallies() -> Tallies:
    """Return what turns counted refusals into leaves."""
    from bluelamp.audit.tally import Tallies

    return Tallies(base.table(), wake=base.wake())


@lru_cache(maxsize=1)
def anchors() -> Anchors:
    """Return the use case of the anchor function."""
    from bluelamp.anchors.http import Courier
    from bluelamp.anchors.model import Source
    from bluelamp.anchors.service import Anchors
    from bluelamp.anchors.tsa import TimestampAuthority
    from bluelamp.anchors.witness_client import WitnessClient, parse_witnesses

    post, url, certificate = Courier(), base.settings()["TSA_URL"], base.settings()["TSA_CERTIFICATE"]
    sources: list[Source] = [TimestampAuthority(url, post=post, certificate=certificate)] if url else []
    sources += [WitnessClient(key, at, post=post) for key, at in parse_witnesses(base.settings()["WITNESSES"])]
    return Anchors(table=base.table(), bucket=base.evidence(), sources=sources, wake=base.wake(), told=_not_anchored)


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
        name=base.settings()["WITNESS_NAME"],
        logs=[VerifierKey.parse(vkey) for vkey in base.settings()["WITNESS_LOGS"].replace(",", " ").split()],
        store=WitnessStore(base.table()),
        signer=KmsSigningKey(clients.kms(), base.settings()["SIGNING_KEY_ID"]),
    )


@lru_cache(maxsize=1)
def pushing() -> Pushing:
    """Return the use cases of the live function."""
    from bluelamp.cloud.sockets import Sockets
    from bluelamp.live.pushing import Pushing
    from bluelamp.live.store import LiveStore
    from bluelamp.people.store import RefusalCounts

    return Pushing(
        store=LiveStore(base.table()),
        changer=desk.changer(),
        sockets=Sockets(clients.sockets(base.settings()["WEBSOCKET_ENDPOINT"])),
        tickets=base.tickets(),
        still=force.sessions().still,
        refused=lambda: RefusalCounts(base.table()).add("live.bad_ticket"),
    )


@lru_cache(maxsize=1)
def building() -> Building:
    """Return the use case of the export function."""
    import time

    from bluelamp.audit import standalone
    from bluelamp.exports.building import Building, Maker
    from bluelamp.exports.store import ExportStore
    from bluelamp.posts.dossier import Dossiers

    slug = base.settings()["FORCE"]
    return Building(
        store=ExportStore(base.table()),
        dossiers=Dossiers(desk.post_store(), base.pseudonyms()),
        accounts=lambda: [account.id for account in force.accounts().all()],
        evidence=base.evidence(),
        head=_checkpoint,
        vault=base.vault(),
        files=desk.files(),
        queue=base.queue("EXPORT"),
        wake=base.wake(),
        verifier=standalone.build,
        maker=Maker(force=base.settings()["FORCE_NAME"] or slug, software=base.settings()["COMMIT"]),
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

    dossiers = Dossiers(desk.post_store(), base.pseudonyms())
    keys = KeyStore(Table(clients.dynamodb(), base.settings()["KEY_TABLE"]))
    custody = Custody(bucket=base.locked("CONTENT_BUCKET"), keys=keys)
    return Destroying(
        store=keeping.retention_store(),
        locking=Locking(
            store=keeping.retention_store(),
            settling=Settling(store=keeping.retention_store(), changer=desk.changer()),
            dossiers=dossiers,
            sealed=keeping.sealed_records(),
            custody=custody,
            queue=base.queue("DISPOSAL"),
        ),
        changer=desk.changer(),
        dossiers=dossiers,
        sealed=keeping.sealed_records(),
        custody=custody,
        pseudonyms=base.pseudonyms(),
        queue=base.queue("DISPOSAL"),
        wake=base.wake(),
    )


def _checkpoint(year: int) -> str | None:
    from bluelamp.audit.head import read_head

    head = read_head(base.table(), year)
    return head.checkpoint if head else None
