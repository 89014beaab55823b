"""Wishes and the outbox behind the routes: the real service, of a machine that keeps its messages."""

from __future__ import annotations

from typing import Any

from bluelamp.notices.service import Notices
from bluelamp.notices.store import NoticeStore

WISHES = {"urgent": ["mail", "sms"], "ordinary": ["mail"], "phone": "+447700900123", "quiet": None}
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/me/notices"): (None, None, 200),
    ("PUT", "/me/notices"): (None, {"wishes": WISHES, "rev": 0}, 200),
    ("GET", "/outbox"): (None, None, 200),
}


def notices(world: Any) -> Notices:
    """Return the notices of a world."""
    return Notices(NoticeStore(world.table), wake=lambda: None, kept=True, clock=world.clock)
