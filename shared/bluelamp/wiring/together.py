"""What officers do with a case together: who is at it, whose it is, its tags, and the words that answers begin from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, desk, force

if TYPE_CHECKING:
    from bluelamp.posts.casework import Casework
    from bluelamp.posts.colleagues import Reach
    from bluelamp.posts.conversation import Conversations
    from bluelamp.posts.tagging import Tags
    from bluelamp.posts.worklists import Worklists
    from bluelamp.presence.service import Presence
    from bluelamp.replies.service import Replies

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def reach() -> Reach:
    """Return what tells who can be given a case, or be mentioned on it."""
    from bluelamp.posts.colleagues import Reach

    return Reach(people=force.people(), changer=desk.changer())


@lru_cache(maxsize=1)
def tags() -> Tags:
    """Return the force's list of tags."""
    from bluelamp.posts.tagging import Tags

    return Tags(base.table(), wake=base.wake())


@lru_cache(maxsize=1)
def casework() -> Casework:
    """Return the use cases of assigning, tagging and referring."""
    from bluelamp.posts.casework import Casework

    return Casework(changer=desk.changer(), reach=reach(), tags=tags(), notify=base.notify_wake())


@lru_cache(maxsize=1)
def worklists() -> Worklists:
    """Return the lists across accounts."""
    from bluelamp.posts.worklists import Worklists

    return Worklists(changer=desk.changer(), cursors=base.cursors(), wake=base.wake())


@lru_cache(maxsize=1)
def conversations() -> Conversations:
    """Return what was said with an author, as one timeline."""
    from bluelamp.posts.conversation import Conversations

    return Conversations(changer=desk.changer(), cursors=base.cursors(), wake=base.wake())


@lru_cache(maxsize=1)
def presence() -> Presence:
    """Return who is at a post."""
    from bluelamp.presence.service import Presence
    from bluelamp.presence.store import PresenceStore

    return Presence(PresenceStore(base.table()), accounts=force.finder())


@lru_cache(maxsize=1)
def replies() -> Replies:
    """Return the saved replies."""
    from bluelamp.replies.service import Replies
    from bluelamp.replies.store import ReplyStore

    return Replies(
        ReplyStore(base.table()),
        accounts=force.accounts(),
        changer=desk.changer(),
        pseudonyms=base.pseudonyms(),
        wake=base.wake(),
        fit=_fit,
    )


def _fit(name: str) -> bool:
    """Read the rules with the first name that an answer repeats, and not with the first request of any kind."""
    from bluelamp.moderation.naming import fit_to_repeat

    return fit_to_repeat(name)
