"""The daily check behind the routes: the real service."""

from __future__ import annotations

from typing import Any

from bluelamp.checks.service import Checks
from bluelamp.checks.store import CheckStore
from bluelamp.posts.rules import looked_at
from bluelamp.times import iso

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/checks"): ("checks", None, 200),
    ("GET", "/accounts/{account}/checks"): ("checks", None, 200),
    # Whoever may and did not look is told to look first; test_checks_service.py has those who did.
    ("POST", "/accounts/{account}/check"): ("check", {"looked": "not-by-us"}, 422),
}


def checks(world: Any) -> Checks:
    """Return the checks of a world."""
    return Checks(
        CheckStore(world.table), accounts=world.accounts, cursors=world.cursors, wake=lambda: None, clock=world.clock
    )


def looked(world: Any, person: str, account: str) -> dict[str, str]:
    """Return the body of somebody who looked at an account's queue just now."""
    return {"looked": world.cursors.seal(person, looked_at(account), {"at": iso(world.clock())})}
