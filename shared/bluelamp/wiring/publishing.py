"""Publishing: its use cases for the API, the tick, and the function that calls the platforms."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.wiring import appealing, base, desk, force, intake

if TYPE_CHECKING:
    from bluelamp.assets.checking import Checking
    from bluelamp.assets.kept import KeptAssets
    from bluelamp.assets.lapsing import Lapsing
    from bluelamp.assets.store import AssetStore
    from bluelamp.assets.uploading import Uploading
    from bluelamp.cloud.uploads import Uploads
    from bluelamp.media.fetching import Fetcher
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.releasing import Releasing
    from bluelamp.publishing.sending import Sending
    from bluelamp.publishing.service import Publishing
    from bluelamp.publishing.views import Views

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def uploads() -> Uploads:
    """Return the bucket that browsers send pictures and films to."""
    from bluelamp.cloud.uploads import Uploads

    return Uploads(clients.s3(), base.settings()["UPLOAD_BUCKET"])


@lru_cache(maxsize=1)
def assets() -> AssetStore:
    """Return where pictures and films are noted."""
    from bluelamp.assets.store import AssetStore

    return AssetStore(base.table())


@lru_cache(maxsize=1)
def kept_assets() -> KeptAssets:
    """Return what finds pictures and films that were checked."""
    from bluelamp.assets.kept import KeptAssets

    return KeptAssets(assets(), uploads)


def uploading() -> Uploading:
    """Return the use cases of the asset routes."""
    from bluelamp.assets.uploading import Uploading

    return Uploading(
        store=assets(),
        uploads=uploads(),
        carries=views().carries,
        answered=desk.actions().picture_of,
        wake=base.wake(),
    )


def checking() -> Checking:
    """Return what looks at what arrived."""
    from bluelamp.assets.checking import Checking

    return Checking(store=assets(), uploads=uploads(), wake=base.wake())


def lapsing() -> Lapsing:
    """Return what ends uploads that nobody goes on with."""
    from bluelamp.assets.lapsing import Lapsing

    return Lapsing(store=assets(), wake=base.wake())


@lru_cache(maxsize=1)
def books() -> Books:
    """Return what commits publications."""
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.store import PublicationStore

    return Books(
        store=PublicationStore(base.table()),
        accounts=force.finder(),
        pseudonyms=base.pseudonyms(),
        vault=base.vault,
        wake=base.wake(),
        notify=base.notify_wake(),
        may_go=appealing.appeal_gate(),
    )


def fitting() -> Fitting:
    """Return what knows what platforms take."""
    from bluelamp.platforms.registry import publisher
    from bluelamp.publishing.fitting import Fitting

    return Fitting(publisher=publisher, asset=kept_assets().find)


def releasing() -> Releasing:
    """Return what lets out what is due."""
    from bluelamp.publishing.releasing import Releasing

    return Releasing(books=books(), queue=lambda: base.queue("PUBLISH"))


def views() -> Views:
    """Return what knows who may see a publication, and what is theirs to do with it."""
    from bluelamp.publishing.views import Views

    return Views(books=books(), fitting=fitting())


@lru_cache(maxsize=1)
def publishing() -> Publishing:
    """Return the use cases of the publication routes."""
    from bluelamp.platforms.registry import NAMES
    from bluelamp.publishing.deciding import Deciding
    from bluelamp.publishing.drafting import Drafting
    from bluelamp.publishing.linking import Linking
    from bluelamp.publishing.listing import Listing
    from bluelamp.publishing.pausing import Pausing
    from bluelamp.publishing.service import Publishing
    from bluelamp.publishing.standing import Standing

    seen = views()
    return Publishing(
        drafting=Drafting(books=books(), views=seen, fitting=fitting(), sender=kept_assets().sender),
        deciding=Deciding(books=books(), views=seen, fitting=fitting(), releasing=releasing()),
        standing=Standing(books=books(), views=seen, fitting=fitting(), releasing=releasing()),
        pausing=Pausing(books=books()),
        listing=Listing(books=books(), views=seen, fitting=fitting(), cursors=base.cursors, platforms=NAMES),
        linking=Linking(books=books(), fetcher=_sites()),
    )


def _sites() -> Fetcher:
    from bluelamp.media.addresses import Allowed
    from bluelamp.media.fetching import Fetcher
    from bluelamp.publishing.linking import MAX_BYTES

    return Fetcher(Allowed.parse(base.settings()["LINK_HOSTS"], "LINK_HOSTS"), max_bytes=MAX_BYTES)


@lru_cache(maxsize=1)
def sending() -> Sending:
    """Return the use case of the publish function."""
    from bluelamp.publishing.sealed import SealedIntents
    from bluelamp.publishing.sending import Sending

    return Sending(
        books=books(),
        fitting=fitting(),
        http=lambda account_id: intake.platform_http(account_id, "act"),
        sealed=SealedIntents(desk.post_store()),
        releasing=releasing(),
        queue=base.queue("PUBLISH"),
    )
