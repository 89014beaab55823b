"""What a page is told while it is open."""

from __future__ import annotations

from typing import Literal

from bluelamp.people.model import Principal
from bluelamp.posts.model import Frozen, PostSummary


class Ticket(Frozen):
    """Lets a page open its WebSocket within a minute, and says where its catching up begins."""

    ticket: str
    url: str
    expires_at: str
    cursor: str


class Changes(Frozen):
    """What changed since a cursor. With `reset` the page is too far behind: it reads its list anew."""

    posts: tuple[PostSummary, ...]
    cursor: str
    reset: bool


class LivePosts(Frozen):
    """One message to a page: changed posts of one account, and their place in that account's sequence."""

    type: Literal["posts"] = "posts"
    account: str
    seq: int
    posts: tuple[PostSummary, ...]


class Connection(Frozen):
    """An open page."""

    id: str
    principal: Principal
    opened_at: str
