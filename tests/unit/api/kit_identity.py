"""The list of people, people as a file, and the mapping of groups, as the routes call them."""

from __future__ import annotations

from typing import Any

from bluelamp.cursors import Cursors
from bluelamp.people.directory import Directory
from bluelamp.people.files import PeopleFiles
from bluelamp.people.mapping import GroupMappings
from bluelamp.roster.moving import Covers
from bluelamp.roster.store import RosterStore
from tests.support.groups import NORTH

MAPPING = {"rules": [{"group": NORTH, "role": "local", "teams": ["north"]}], "rev": 0}
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/people"): ("people", None, 200),
    ("GET", "/people/another"): ("people", None, 200),
    ("POST", "/people/import"): ("people", {"csv": "email,name,role\n"}, 200),
    ("GET", "/people/export"): ("people", None, 200),
    ("GET", "/groups"): ("people", None, 200),
    ("PUT", "/groups"): ("people", MAPPING, 200),
}


def install(world: Any) -> None:
    """Put the use cases behind these routes into a world."""
    world.directory = Directory(world.store, cursors=Cursors(b"s" * 32), wake=lambda: None, clock=world.clock)
    world.group_mappings = GroupMappings(world.store, wake=lambda: None, clock=world.clock)
    world.people_files = PeopleFiles(
        world.store,
        sign_in=lambda email, _: f"sub-{email.partition('@')[0]}",
        teams=lambda: {account.team for account in world.accounts.all()},
        covers=Covers(RosterStore(world.table)),
        wake=lambda: None,
        closing=world.closed.append,
        clock=world.clock,
    )
