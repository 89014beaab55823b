"""The guide and training behind the routes: the real services, with a version that holds from next year on."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from bluelamp.audit.leaf import Actor
from bluelamp.guide.service import Guides
from bluelamp.guide.store import GuideStore
from bluelamp.guide.training import Trainings

VERSION, TEXT = "2026.1", "# Before you post\n\nBe kind, and be right.\n"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
NEXT = {"version": "2027.1", "effective_from": "2027-02-01", "text": TEXT}
COURSE = {"course": "media_law", "on": "2026-11-01", "until": "2027-10-31"}
FILE = "email,course,on,until\npupil@example.org,media_law,01/11/2026,31/10/2027\n"
SYSTEM = Actor.system("test")

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/guide"): (None, None, 200),
    ("POST", "/guide"): ("guide", NEXT, 201),
    ("PUT", "/guide/asked"): ("guide", {"courses": ["media_law"], "rev": 1}, 200),
    ("GET", "/guide/missing"): ("training", None, 200),
    ("GET", "/guide/missing/export"): ("training", None, 200),
    ("GET", f"/guide/{VERSION}"): (None, None, 200),
    ("GET", f"/guide/{VERSION}/bytes"): (None, None, 200),
    ("POST", f"/guide/{VERSION}/acknowledge"): (None, {"sha256": SHA256}, 200),
    ("GET", "/people/pupil/training"): ("training", None, 200),
    ("PUT", "/people/pupil/training"): ("training", COURSE, 200),
    ("POST", "/training/import"): ("training", {"csv": FILE}, 200),
}


def _sent(path: str, body: Any = None) -> Any:
    return lambda _: {"path": path} | ({} if body is None else {"body": body})


ROWS: list[tuple[str, str, tuple[str, ...], str, Any]] = [
    ("POST", "/guide", ("config",), "admin", _sent("/guide", NEXT)),
    ("PUT", "/guide/asked", ("config",), "admin", _sent("/guide/asked", {"courses": ["media_law"], "rev": 1})),
    ("GET", "/guide/missing", ("search",), "supervisor", _sent("/guide/missing")),
    ("GET", "/guide/missing/export", ("export",), "admin", _sent("/guide/missing/export")),
    ("GET", "/guide/{version}", ("view",), "comms", _sent(f"/guide/{VERSION}")),
    ("GET", "/guide/{version}/bytes", ("view",), "comms", _sent(f"/guide/{VERSION}/bytes")),
    (
        "POST",
        "/guide/{version}/acknowledge",
        ("attest",),
        "comms",
        _sent(f"/guide/{VERSION}/acknowledge", {"sha256": SHA256}),
    ),
    ("GET", "/people/{person_id}/training", ("search",), "supervisor", _sent("/people/pupil/training")),
    ("PUT", "/people/{person_id}/training", ("config",), "supervisor", _sent("/people/pupil/training", COURSE)),
    ("POST", "/training/import", ("config",), "admin", _sent("/training/import", {"csv": FILE, "dry_run": False})),
]


def guides(world: Any) -> Guides:
    """Return the guide of a world."""
    return Guides(
        store=GuideStore(world.table), people=world.people, wake=lambda: None, notify=lambda: None, clock=world.clock
    )


def trainings(world: Any) -> Trainings:
    """Return the training of a world."""
    return Trainings(store=GuideStore(world.table), people=world.people, wake=lambda: None, clock=world.clock)


def published(world: Any) -> None:
    """Publish a version that does not hold yet, and add somebody who is to be trained."""
    world.guides.publish_file(TEXT.encode(), SYSTEM, version=VERSION, effective_from=date(2027, 1, 1))
    world.people.add_person(
        person_id="pupil", name="Pupil", email="pupil@example.org", role="local", teams=["north"], by=SYSTEM
    )
