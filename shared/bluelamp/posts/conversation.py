"""All that was said between the force and one author, on every account within reach, as one timeline.

What came in is found by the author's pseudonym; what went out by the answers that officers gave to it, and by what the
force wrote next in the same threads. A page is made of so many posts that came in, the newest first, with what
answers them: its work is bounded, and whoever shows several pages puts their entries together by time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.ids import post_id as id_of
from bluelamp.posts.changing import Entry, name_of
from bluelamp.posts.listing import Listing
from bluelamp.posts.model import Direction, Frozen, MediaSummary, PersonName, Post, State
from bluelamp.posts.rules import summarise
from bluelamp.posts.store import view_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bluelamp.cloud.dynamodb import Item
    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer

PAGE: Final = 10
# Below a popular post hundreds talk; in a private thread these are whole exchanges.
NEXT_IN_THREAD: Final = 30


class Said(Frozen):
    """One thing that was said between the force and somebody of the public.

    `post` is what can be opened for it: itself, or for an answer that the platform has not told of yet the post that it
    answers. `state` is that of the post, or ``sending`` and ``sent`` for such an answer. `by` is the officer who
    answered, where it was done here.
    """

    id: str
    direction: Direction
    at: str
    platform: str
    account: str
    account_name: str
    text: str
    media: tuple[MediaSummary, ...]
    state: State | Literal["sending", "sent"]
    private: bool
    post: str
    by: PersonName | None


class Conversation(Frozen):
    """A page of a conversation, oldest first. Pages go back in time, and may overlap where an answer came late."""

    said: tuple[Said, ...]
    next: str | None


class Conversations:
    """The use case of the conversation route.

    Parameters
    ----------
    changer
        Loads posts, and makes the records of having looked at them.
    cursors
        Makes and opens cursors.
    wake
        Wakes the sequencer.
    """

    def __init__(self, *, changer: Changer, cursors: Cursors, wake: Callable[[], None]) -> None:
        self._changer = changer
        self._listing = Listing(changer=changer, cursors=cursors)
        self._cursors = cursors
        self._wake = wake

    def with_author(self, principal: Principal, post_id: str, *, cursor: str | None = None) -> Conversation:
        """Return a page of what was said with a post's author, oldest first within the page.

        Recorded as a view of the post and of each other post of theirs on the page, and as a search for the author.

        Raises
        ------
        NotFoundError, RefusedError, CursorError
            When the post is not there or not for this person, or the cursor is not of this person and list.
        """
        post = self._changer.load(principal, "see", post_id)
        asked: dict[str, str | None] = {"list": "conversation", "post": post.id}
        theirs, place = [post], None
        if post.author.key:
            theirs, place = self._listing.page(
                principal, f"W#{post.author.key}", asked, cursor=cursor, limit=PAGE, wanted=lambda _: True
            )
        if cursor is None and _belongs(post, theirs, whole=place is None):
            theirs = [*theirs, post]
        said = self._together(theirs)
        self._record(principal, post, theirs, Query(view="conversation", hits=len(said)))
        return Conversation(
            said=said, next=self._cursors.seal(principal.id, asked, {"after": place}) if place else None
        )

    def _record(self, principal: Principal, post: Post, theirs: list[Post], query: Query) -> None:
        """Record in one transaction what was read; each post's own history has it."""
        entry = Entry(type="view", actor=principal.actor(), by=name_of(principal), detail={"what": "conversation"})
        viewed = list({one.id: one for one in (post, *theirs)}.values())
        search = draft(
            type="search", at=self._changer.clock(), actor=principal.actor(), author_key=post.author.key, query=query
        )
        chunk = Chunk.of([*(self._changer.leaf(one, entry, prev=None) for one in viewed), search])
        views = [view_item(one.id, self._changer.pointer(chunk, n, entry)) for n, one in enumerate(viewed)]
        self._changer.posts.table.transact([chunk.put(), *views])
        self._wake()

    def _together(self, theirs: list[Post]) -> tuple[Said, ...]:
        """Return posts of an author with what the force answered, by time."""
        answers = {one.id: self._changer.posts.answers(one.id) for one in theirs}
        sent = {
            id_of(one.account, item["native_id"]): item
            for one in theirs
            for item in answers[one.id]
            if item.get("native_id")
        }
        known = self._changer.posts.get_many([*self._next_in_threads(theirs), *sent])
        ours = [one for one in known.values() if one.direction == "out" and (one.id in sent or _answers(one, theirs))]
        found = [_post(one) for one in theirs]
        found += [_post(one, by=_by(sent.get(one.id))) for one in ours]
        shown = {one.id for one in ours}
        for one in theirs:
            # Until the platform tells of an answer, and where it never does, there is our word for it.
            waiting = (item for item in answers[one.id] if id_of(one.account, item.get("native_id") or "") not in shown)
            found += [_answer(one, item) for item in waiting]
        return tuple(sorted(found, key=lambda said: (said.at, said.id)))

    def _next_in_threads(self, theirs: Iterable[Post]) -> list[str]:
        first: dict[str, str] = {}
        for one in theirs:
            first[one.thread] = min(one.event_at, first.get(one.thread, one.event_at))
        posts = self._changer.posts
        return [found for thread, at in first.items() for found in posts.next_in(thread, at, limit=NEXT_IN_THREAD)]


def _belongs(post: Post, theirs: list[Post], *, whole: bool) -> bool:
    """Return whether the post is of the newest page and not in it: an index knows a new post a moment later."""
    if any(one.id == post.id for one in theirs):
        return False
    return whole or post.event_at >= min((one.event_at for one in theirs), default="")


def _answers(ours: Post, theirs: list[Post]) -> bool:
    """Return whether what the force wrote is to this author: below a post of theirs, or in a private thread."""
    same = [one for one in theirs if one.account == ours.account and one.thread == ours.thread]
    return any(ours.parent == one.id or (one.private and ours.private) for one in same)


def _by(item: Item | None) -> PersonName | None:
    return PersonName.model_validate(item["by"]) if item else None


def _post(post: Post, *, by: PersonName | None = None) -> Said:
    return Said(
        id=post.id,
        direction=post.direction,
        at=post.event_at,
        platform=post.platform,
        account=post.account,
        account_name=post.account_name,
        text=post.text,
        media=summarise(post).media,
        state=post.state,
        private=post.private,
        post=post.id,
        by=by,
    )


def _answer(post: Post, item: Item) -> Said:
    return Said(
        id=item["sk"].removeprefix("ACTION#"),
        direction="out",
        at=item.get("done_at") or item["at"],
        platform=post.platform,
        account=post.account,
        account_name=post.account_name,
        text=item.get("text") or "",
        media=(),
        state="sent" if item.get("state", "pending") == "done" else "sending",
        private=post.private,
        post=post.id,
        by=_by(item),
    )
