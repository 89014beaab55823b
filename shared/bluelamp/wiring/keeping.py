"""How long what was kept is kept: classes, holds and disposals."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, desk, force

if TYPE_CHECKING:
    from bluelamp.retention.disposing import Disposals
    from bluelamp.retention.holding import Holds
    from bluelamp.retention.sealed import SealedRecords
    from bluelamp.retention.service import Retention
    from bluelamp.retention.store import RetentionStore

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def retention_store() -> RetentionStore:
    """Return classes, holds and disposals in the table."""
    from bluelamp.retention.store import RetentionStore

    return RetentionStore(base.table())


@lru_cache(maxsize=1)
def sealed_records() -> SealedRecords:
    """Return what reads records out of the sealed log by their places."""
    from bluelamp.retention.sealed import SealedRecords

    return SealedRecords(desk.post_store(), base.evidence())


@lru_cache(maxsize=1)
def retention() -> Retention:
    """Return the use cases of the retention routes."""
    from bluelamp.retention.service import Retention

    return Retention(
        store=retention_store(),
        changer=desk.changer(),
        accounts=force.accounts(),
        cursors=base.cursors(),
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def holds() -> Holds:
    """Return the use cases of the hold routes."""
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.retention.holding import Holds
    from bluelamp.retention.settling import Settling

    return Holds(
        store=retention_store(),
        changer=desk.changer(),
        settling=Settling(store=retention_store(), changer=desk.changer()),
        dossiers=Dossiers(desk.post_store(), base.pseudonyms()),
        cursors=base.cursors(),
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def disposals() -> Disposals:
    """Return the use cases of the disposal routes."""
    from bluelamp.retention.disposing import Disposals

    return Disposals(
        store=retention_store(),
        changer=desk.changer(),
        sealed=sealed_records(),
        pseudonyms=base.pseudonyms(),
        cursors=base.cursors(),
        wake=base.wake(),
    )
