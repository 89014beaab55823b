"""What an officer works with: posts, actions, the live page, the audit trail and exports."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.wiring import base, force, together

if TYPE_CHECKING:
    from bluelamp.actions.approving import Approving
    from bluelamp.actions.ending import Endings
    from bluelamp.actions.picturing import Pictures
    from bluelamp.actions.service import Actions
    from bluelamp.actions.underway import UnderWay
    from bluelamp.audit.prove import Proof
    from bluelamp.calls.escalating import Escalating
    from bluelamp.calls.service import Calls
    from bluelamp.cloud.files import Files
    from bluelamp.completeness.service import Reports
    from bluelamp.digests.service import Digests, Mornings
    from bluelamp.exports.service import Exports
    from bluelamp.live.service import Live
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post
    from bluelamp.posts.service import Posts
    from bluelamp.posts.store import PostStore
    from bluelamp.roster.answering import Answering
    from bluelamp.roster.service import Rosters
    from bluelamp.trail.service import Trail

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def post_store() -> PostStore:
    """Return the posts in the table."""
    from bluelamp.posts.store import PostStore

    return PostStore(base.table())


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
        accounts=force.finder(),
        offered=offered,
        pseudonyms=base.pseudonyms(),
        wake=base.wake(),
        live=base.queue("LIVE"),
        vault=base.vault,
    )


@lru_cache(maxsize=1)
def posts() -> Posts:
    """Return the use cases of the post routes."""
    from bluelamp.posts.service import Posts

    return Posts(
        changer=changer(),
        accounts=force.accounts(),
        cursors=base.cursors(),
        prove=_prove,
        reach=together.reach(),
        notify=base.notify_wake(),
        pictures=pictures().limits,
    )


def _prove(chunk: str, index: int) -> Proof:
    from bluelamp.audit.prove import prove_pointer

    return prove_pointer(base.table(), base.evidence(), chunk, index)


@lru_cache(maxsize=1)
def actions() -> Actions:
    """Return the use cases of the action routes."""
    from bluelamp.actions.service import Actions
    from bluelamp.actions.store import ActionStore

    return Actions(
        changer=changer(),
        actions=ActionStore(base.table()),
        replies=together.replies(),
        presence=together.presence(),
        notify=base.notify_wake(),
        gone=force.people().gone,
        pictures=pictures(),
        wait_for=_incident_wait,
    )


@lru_cache(maxsize=1)
def pictures() -> Pictures:
    """Return what knows the pictures that may go with answers."""
    from bluelamp.actions.picturing import Pictures
    from bluelamp.platforms.registry import connector
    from bluelamp.wiring.publishing import kept_assets  # it stands on this module

    kept = kept_assets()
    return Pictures(find=kept.find, sender=kept.sender, connector=connector)


def _incident_wait(post: Post) -> int:
    from bluelamp.wiring import commanding  # it stands on this module

    return commanding.orders().wait_for(post)


@lru_cache(maxsize=1)
def endings() -> Endings:
    """Return the use cases of what ends by a person's word."""
    from bluelamp.actions.ending import Endings
    from bluelamp.actions.store import ActionStore

    return Endings(changer=changer(), actions=ActionStore(base.table()))


@lru_cache(maxsize=1)
def under_way() -> UnderWay:
    """Return the use case of the list of what is under way."""
    from bluelamp.actions.store import ActionStore
    from bluelamp.actions.underway import UnderWay

    return UnderWay(changer=changer(), actions=ActionStore(base.table()))


@lru_cache(maxsize=1)
def approving() -> Approving:
    """Return the use cases of what waits for a second person."""
    from bluelamp.actions.approving import Approving
    from bluelamp.actions.store import ActionStore

    return Approving(
        changer=changer(),
        actions=ActionStore(base.table()),
        presence=together.presence(),
        notify=base.notify_wake(),
        gone=force.people().gone,
    )


@lru_cache(maxsize=1)
def completeness() -> Reports:
    """Return the use case of the completeness route."""
    from bluelamp.completeness.service import Reports
    from bluelamp.completeness.store import CompletenessStore

    return Reports(CompletenessStore(base.table()), accounts=force.accounts(), wake=base.wake())


@lru_cache(maxsize=1)
def calls() -> Calls:
    """Return the use cases of the call routes."""
    from bluelamp.calls.service import Calls
    from bluelamp.calls.store import CallStore

    return Calls(
        CallStore(base.table()),
        changer=changer(),
        accounts=force.accounts(),
        people=force.people(),
        responsible=lambda account: answering().answer(account).answer,
        wake=base.wake(),
        notify=base.notify_wake(),
    )


@lru_cache(maxsize=1)
def escalating() -> Escalating:
    """Return what asks the next in line of calls that nobody answers."""
    from bluelamp.calls.escalating import Escalating
    from bluelamp.calls.store import CallStore

    posts = post_store().get_many
    return Escalating(CallStore(base.table()), posts=posts, wake=base.wake(), notify=base.notify_wake())


@lru_cache(maxsize=1)
def digests() -> Digests:
    """Return the use case of the digest route."""
    from bluelamp.calls.store import CallStore
    from bluelamp.digests.service import Digests
    from bluelamp.roster.service import NOTES
    from bluelamp.roster.store import RosterStore

    roster = RosterStore(base.table())
    return Digests(
        changer=changer(),
        accounts=force.accounts(),
        calls=CallStore(base.table()).waiting,
        notes=lambda account: roster.notes(account, NOTES),
    )


@lru_cache(maxsize=1)
def mornings() -> Mornings:
    """Return what tells people of the morning's digest."""
    from bluelamp.digests.service import Mornings
    from bluelamp.digests.store import DigestStore

    return Mornings(DigestStore(base.table()), accounts=force.accounts().all, notify=base.notify_wake())


@lru_cache(maxsize=1)
def answering() -> Answering:
    """Return what tells who is responsible for an account."""
    from bluelamp.roster.answering import Answering
    from bluelamp.roster.sealed import SealedRoster
    from bluelamp.roster.store import RosterStore

    return Answering(RosterStore(base.table()), force.people(), SealedRoster(post_store(), base.evidence()))


@lru_cache(maxsize=1)
def rosters() -> Rosters:
    """Return the use cases of the roster routes."""
    from bluelamp.roster.service import Rosters
    from bluelamp.roster.store import RosterStore

    return Rosters(
        store=RosterStore(base.table()),
        accounts=force.accounts(),
        people=force.people(),
        answering=answering(),
        pseudonyms=base.pseudonyms(),
        vault=base.vault,
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def live() -> Live:
    """Return the use cases of the live routes."""
    from bluelamp.live.service import Live
    from bluelamp.live.store import LiveStore

    return Live(
        store=LiveStore(base.table()),
        changer=changer(),
        accounts=force.accounts(),
        cursors=base.cursors(),
        tickets=base.tickets(),
        url=base.settings()["PUBLIC_URL"].replace("http", "ws", 1).rstrip("/") + "/ws",
    )


@lru_cache(maxsize=1)
def trail() -> Trail:
    """Return the use cases of the audit routes."""
    from bluelamp.trail.service import Trail

    return Trail(
        table=base.table(),
        evidence=base.evidence(),
        accounts=force.accounts(),
        people=force.people(),
        changer=changer(),
        cursors=base.cursors(),
        pseudonyms=base.pseudonyms(),
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def files() -> Files:
    """Return the bucket that bags are fetched from."""
    from bluelamp.cloud.files import Files

    return Files(clients.s3(), base.settings()["EXPORT_BUCKET"])


@lru_cache(maxsize=1)
def exports() -> Exports:
    """Return the use cases of the export routes."""
    from bluelamp.exports.service import Exports
    from bluelamp.exports.store import ExportStore

    return Exports(
        store=ExportStore(base.table()),
        accounts=force.accounts(),
        files=files(),
        queue=base.queue("EXPORT"),
        cursors=base.cursors(),
        pseudonyms=base.pseudonyms(),
        wake=base.wake(),
    )
