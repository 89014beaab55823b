"""Access for a time and the people that it is tried with, as the routes call them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bluelamp.audit.leaf import Actor
from bluelamp.cursors import Cursors
from bluelamp.people.access import Grant
from bluelamp.people.granting import Grants

OWN = "facebook-1"
GRANT = "01C0GRNTZZMMMMMMMMMMMMGRN0"
GRANTED = {
    "person": "another", "account": OWN, "gives": "desk", "until": "2026-11-24T16:00:00Z", "reason": "cover",
    "ref": "WP/2026/7",
}  # fmt: skip
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/grants"): ("grants", None, 200),
    ("POST", "/grants"): ("grant", GRANTED, 201),
    ("DELETE", f"/grants/{GRANT}"): ("grant", {}, 200),
    ("GET", "/me/sessions"): (None, None, 200),
    ("GET", "/people/another/sessions"): ("people", None, 200),
    ("DELETE", "/people/another/sessions"): ("people", {}, 200),
    ("POST", "/people/another/suspend"): ("people", {"reason": "security"}, 200),
    ("POST", "/people/away/resume"): ("people", {}, 200),
}
SYSTEM = Actor.system("test")


def grants(world: Any) -> Grants:
    """Return access for a time, of two weeks at most."""
    return Grants(
        world.store,
        accounts=world.accounts,
        cursors=Cursors(b"s" * 32),
        longest=timedelta(days=14),
        wake=lambda: None,
        clock=world.clock,
    )


def people(world: Any) -> None:
    """Add somebody of a third team who was given an account, and somebody who is suspended."""
    world.people.add_person(
        person_id="another", name="Another", email="n@example.org", role="local", teams=["east"], by=SYSTEM
    )
    given = Grant(
        id=GRANT, person="another", account=OWN, gives="desk", begins_at=world.clock(), reason="cover", ref="WP/1",
        ends_at=world.clock() + timedelta(days=1), by="admin", given_at=world.clock(),
    )  # fmt: skip
    world.table.write(world.store.put_grant(given))
    world.people.add_person(person_id="away", name="Away", email="a@example.org", role="local", by=SYSTEM)
    world.people.suspend("away", rev=1, by=SYSTEM)
