"""Pages of posts by a partition of an index that spans accounts.

A partition holds ids alone; the posts are read by those, and shown as far as the person reaches their accounts. So a
page may have read past what is not theirs to see: it reads a bounded number of places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.people.rules import decide
from bluelamp.posts.model import Post

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer

MAX_PAGE = 100
# Places that one request looks at, most of which a person with a narrow reach may not see.
ROUNDS, ROUND = 5, 100


class Listing:
    """Reads pages of such partitions.

    Parameters
    ----------
    changer
        Reads posts, and knows their accounts.
    cursors
        Opens cursors.
    """

    def __init__(self, *, changer: Changer, cursors: Cursors) -> None:
        self._changer = changer
        self._cursors = cursors

    def page(
        self,
        principal: Principal,
        partition: str,
        asked: dict[str, str | None],
        *,
        cursor: str | None,
        limit: int,
        wanted: Callable[[Post], bool],
    ) -> tuple[list[Post], str | None]:
        """Return the posts of a page, and the place to go on from, or None at the end.

        Parameters
        ----------
        partition
            Of an index, as `PostStore.listing` reads it.
        asked
            What the cursor is bound to, beside the person.
        wanted
            Which of the posts that the person reaches.

        Raises
        ------
        CursorError
            When the cursor is not of this person and list.
        """
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
