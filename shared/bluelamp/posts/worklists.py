"""Lists of posts across accounts: what is assigned to a person, what carries a tag, what else an author wrote.

Each is one partition of an index and holds ids alone; the posts are read by those, and shown as far as the person
reaches their accounts. So a page may have read past what is not theirs to see: it reads a bounded number of places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.people.rules import decide, require
from bluelamp.posts.model import AuthorPage, Post, QueueCounts, QueuePage

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer

MAX_PAGE = 100
AUTHOR_PAGE = 20
# Places that one request looks at, most of which a person with a narrow reach may not see.
ROUNDS, ROUND = 5, 100


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
        found, place = self._page(
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
        found, place = self._page(principal, f"TAG#{tag}", asked, cursor=cursor, limit=limit, wanted=wanted)
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
            found, place = self._page(
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

    def _page(
        self,
        principal: Principal,
        partition: str,
        asked: dict[str, str | None],
        *,
        cursor: str | None,
        limit: int,
        wanted: Callable[[Post], bool],
    ) -> tuple[list[Post], str | None]:
        """Return the posts of a page, and the place to go on from, or None at the end."""
        place: str | None = self._cursors.open(principal.id, asked, cursor)["after"] if cursor else None
        limit = max(1, min(limit, MAX_PAGE))
        found: list[Post] = []
        for _ in range(ROUNDS):
            listed = self._changer.posts.listing(partition, before=place, limit=ROUND)
            posts = self._changer.posts.get_many([post_id for _, post_id in listed])
            self._changer.accounts.preload({post.account for post in posts.values()})
            for at, post_id in listed:
                post = posts.get(post_id)
                if post is None or not self._sees(principal, post) or not wanted(post):
                    place = at
                    continue
                if len(found) == limit:
                    return found, place
                found.append(post)
                place = at
            if len(listed) < ROUND:
                return found, None
        return found, place

    def _sees(self, principal: Principal, post: Post) -> bool:
        account = self._changer.accounts.find(post.account)
        return account is not None and decide(principal, "see", account).allowed

    def _shown(
        self, principal: Principal, asked: dict[str, str | None], found: list[Post], place: str | None
    ) -> QueuePage:
        return QueuePage(
            posts=tuple(self._changer.summary(principal, post) for post in found),
            next=self._cursors.seal(principal.id, asked, {"after": place}) if place else None,
            counts=QueueCounts(open=None),
        )
