"""Who belongs to the force: shown, brought by a file, and placed by the force's own groups."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.wiring import base, force

if TYPE_CHECKING:
    from bluelamp.people.closing import Closing
    from bluelamp.people.directory import Directory
    from bluelamp.people.files import PeopleFiles
    from bluelamp.people.mapping import GroupMappings
    from bluelamp.people.provisioning import Provisioning
    from bluelamp.roster.moving import Covers

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def closing() -> Closing:
    """Return what closes open pages of somebody who was shut out."""
    from bluelamp.people.closing import Closing

    return Closing(base.queue("LIVE"))


def covers() -> Covers:
    """Return what ends, in the roster, what somebody who moves stands in for."""
    from bluelamp.roster.moving import Covers
    from bluelamp.roster.store import RosterStore

    return Covers(RosterStore(base.table()))


@lru_cache(maxsize=1)
def provisioning() -> Provisioning:
    """Return what the force's groups come to at a sign-in."""
    from bluelamp.people.provisioning import Provisioning
    from bluelamp.people.store import PeopleStore

    provider = base.settings()["IDENTITY_PROVIDER"]
    store = PeopleStore(base.table())
    return Provisioning(store, provider=provider, covers=covers(), wake=base.wake(), closing=closing())


@lru_cache(maxsize=1)
def directory() -> Directory:
    """Return the list of people."""
    from bluelamp.people.directory import Directory
    from bluelamp.people.store import PeopleStore

    return Directory(PeopleStore(base.table()), cursors=base.cursors(), wake=base.wake())


@lru_cache(maxsize=1)
def group_mappings() -> GroupMappings:
    """Return what groups give, read and set."""
    from bluelamp.people.mapping import GroupMappings
    from bluelamp.people.store import PeopleStore

    return GroupMappings(PeopleStore(base.table()), wake=base.wake())


@lru_cache(maxsize=1)
def people_files() -> PeopleFiles:
    """Return imports and exports of people."""
    from bluelamp.cloud.sign_ins import SignIns
    from bluelamp.people.files import PeopleFiles
    from bluelamp.people.store import PeopleStore

    return PeopleFiles(
        PeopleStore(base.table()),
        sign_in=SignIns(clients.cognito(), base.settings()["USER_POOL_ID"]).ensure,
        teams=lambda: {account.team for account in force.accounts().all()},
        covers=covers(),
        wake=base.wake(),
        closing=closing(),
    )
