"""What is done to authors and in private, taken back, settled and listed, as the routes call it."""

from __future__ import annotations

from typing import Any

from bluelamp.actions.ending import Endings
from bluelamp.actions.model import UnderWayList
from bluelamp.people.rules import require
from bluelamp.posts.model import ActionResult

ACTION = "01C0ACTZZZMMMMMMMMMMMMACT0"
_STEM = f"/posts/{{post}}/actions/{ACTION}"
_WHY = {"reason": {"code": "abuse"}, "rev": 1}

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("POST", "/posts/{post}/ban"): ("ban", _WHY, 202),
    ("POST", "/posts/{post}/unban"): ("unban", _WHY, 202),
    ("POST", "/posts/{post}/like"): ("like", {"rev": 1}, 202),
    ("POST", "/posts/{post}/message"): ("message", {"text": "Please ring us.", "rev": 1}, 202),
    ("POST", "/posts/{post}/report"): ("report_post", _WHY | {"reference": "FB/2026/7"}, 200),
    ("POST", f"{_STEM}/cancel"): ("cancel", {}, 200),
    ("POST", f"{_STEM}/settle"): ("settle", {"happened": True, "rev": 1}, 200),
    ("GET", "/actions"): ("see", None, 200),
}
VERBS = ("ban", "unban", "like", "message")


class FakeEndings:
    """Permissions are the real rules; whatever is said goes through."""

    def __init__(self, core: Any) -> None:
        self._core = core

    def report(self, principal: Any, post_id: str, *, idem: Any, **given: Any) -> ActionResult:
        self._core._fits(Endings, "report", principal, post_id, idem=idem, **given)
        return self._core._canned(principal, "report_post", post_id, idem, **given)

    def cancel(self, principal: Any, post_id: str, _: str, *, idem: Any) -> ActionResult:
        self._core._fits(Endings, "cancel", principal, post_id, ACTION, idem=idem)
        return self._core._canned(principal, "cancel", post_id, idem)

    def settle(self, principal: Any, post_id: str, _: str, *, idem: Any, **given: Any) -> ActionResult:
        self._core._fits(Endings, "settle", principal, post_id, ACTION, idem=idem, **given)
        return self._core._canned(principal, "settle", post_id, idem, **given)


class FakeUnderWay:
    """Nothing is under way."""

    def list_for(self, principal: Any) -> UnderWayList:
        require(principal, "see")
        return UnderWayList(actions=())
