"""Lists of posts across accounts: what is assigned to a person, what carries a tag, what else an author wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.people.rules import require
from bluelamp.posts.listing import Listing
from bluelamp.posts.model import AuthorPage, Post, QueueCounts, QueuePage

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer

AUTHOR_PAGE = 20


class Worklists:
    """The use cases of lists across accounts.

    Parameters
    ----------
    changer
        Reads posts and makes their summaries, and records what was read.
    cursors
        Makes and opens cursors.
    wake
        Wakes the sequencer.
    """

    def __init__(self, *, changer: Changer, cursors: Cursors, wake: Callable[[], None]) -> None:
        self._changer = changer
        self._cursors = cursors
        self._listing = Listing(changer=changer, cursors=cursors)
        self._wake = wake

    def assigned(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> QueuePage:
        """Return the open cases that are assigned to the person who asks, newest first. Recorded as a search.

        Raises
        ------
        RefusedError, CursorError
            When the role sees no posts, or the cursor is not of this person and list.
        """
        require(principal, "see")

        def wanted(post: Post) -> bool:
            to = post.case.assigned_to
            return to is not None and to.id == principal.id and post.case.state != "closed"

        asked: dict[str, str | None] = {"list": "assigned"}
        found, place = self._listing.page(
            principal, f"ASSIGNED#{principal.id}", asked, cursor=cursor, limit=limit, wanted=wanted
        )
        self._changer.searched(principal, Query(view="assigned", hits=len(found)), account=None)
        return self._shown(principal, asked, found, place)

    def tagged(
        self,
        principal: Principal,
        tag: str,
        *,
        view: str = "open",
        account: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> QueuePage:
        """Return the posts with a tag that the person reaches, the newest first. Recorded as a search.

        Raises
        ------
        RefusedError, CursorError
            When the role sees no posts, or the cursor is not of this person and list.
        """
        require(principal, "see")

        def wanted(post: Post) -> bool:
            closed = post.case.state == "closed"
            return tag in post.case.tags and closed == (view == "done") and account in {None, post.account}

        asked: dict[str, str | None] = {"list": "tagged", "tag": tag, "view": view, "account": account}
        found, place = self._listing.page(principal, f"TAG#{tag}", asked, cursor=cursor, limit=limit, wanted=wanted)
        query = Query(view="queue", filters={"view": view, "tag": tag}, hits=len(found))
        self._changer.searched(principal, query, account=account)
        return self._shown(principal, asked, found, place)

    def by_author(self, principal: Principal, post_id: str, *, cursor: str | None = None) -> AuthorPage:
        """Return the other posts of a post's author that the person reaches, newest first. Recorded as a search.

        Raises
        ------
        NotFoundError, RefusedError, CursorError
            When the post is not there or not for this person, or the cursor is not of this person and list.
        """
        post = self._changer.load(principal, "see", post_id)
        asked: dict[str, str | None] = {"list": "author", "post": post.id}
        found: list[Post] = []
        place: str | None = None
        if post.author.key:
            partition = f"W#{post.author.key}"
            found, place = self._listing.page(
                principal, partition, asked, cursor=cursor, limit=AUTHOR_PAGE, wanted=lambda other: other.id != post.id
            )
        leaf = draft(
            type="search",
            at=self._changer.clock(),
            actor=principal.actor(),
            author_key=post.author.key,
            query=Query(view="author", hits=len(found)),
        )
        self._changer.posts.table.write(Chunk.of([leaf]).put())
        self._wake()
        page = self._shown(principal, asked, found, place)
        return AuthorPage(posts=page.posts, next=page.next)

    def _shown(
        self, principal: Principal, asked: dict[str, str | None], found: list[Post], place: str | None
    ) -> QueuePage:
        return QueuePage(
            posts=tuple(self._changer.summary(principal, post) for post in found),
            next=self._cursors.seal(principal.id, asked, {"after": place}) if place else None,
            counts=QueueCounts(open=None),
        )
