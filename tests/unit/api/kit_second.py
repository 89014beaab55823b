"""What waits for a second person, and letting oneself in, as the routes call them."""

from __future__ import annotations

from typing import Any

from bluelamp.actions.approving import Approving
from bluelamp.actions.model import Approvals
from bluelamp.people.emergency import Emergency
from bluelamp.people.rules import require
from bluelamp.posts.model import ActionResult

ACTION = "01C0ACTZZZMMMMMMMMMMMMACT0"
_STEM = f"/posts/{{post}}/actions/{ACTION}"
GLASS = {"account": "facebook-2", "reason": "threat_to_life", "ref": "WP/2026/7"}

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/approvals"): ("approve", None, 200),
    ("POST", f"{_STEM}/approve"): ("approve", {"rev": 1}, 202),
    ("POST", f"{_STEM}/reject"): ("approve", {"reason": "wording"}, 200),
    ("POST", f"{_STEM}/withdraw"): ("withdraw", {}, 200),
    ("POST", "/break-glass"): ("break_glass", GLASS, 201),
}


class FakeApproving:
    """Permissions are the real rules; whatever is decided goes through."""

    def __init__(self, core: Any) -> None:
        self._core = core

    def _decided(self, principal: Any, verb: str, post_id: str, idem: Any, **given: Any) -> ActionResult:
        step = given.pop("step")
        self._core._fits(Approving, step, principal, post_id, ACTION, idem=idem, **given)
        return self._core._canned(principal, verb, post_id, idem, **given)

    def approve(self, principal: Any, post_id: str, _: str, *, idem: Any, **given: Any) -> ActionResult:
        return self._decided(principal, "approve", post_id, idem, step="approve", **given)

    def reject(self, principal: Any, post_id: str, _: str, *, idem: Any, **given: Any) -> ActionResult:
        return self._decided(principal, "approve", post_id, idem, step="reject", **given)

    def withdraw(self, principal: Any, post_id: str, _: str, *, idem: Any) -> ActionResult:
        return self._decided(principal, "withdraw", post_id, idem, step="withdraw")

    def list_for(self, principal: Any) -> Approvals:
        require(principal, "approve")
        return Approvals(approvals=())


def emergency(world: Any) -> Emergency:
    """Return what lets people in."""
    return Emergency(world.store, accounts=world.accounts, wake=lambda: None, notify=lambda: None, clock=world.clock)
