"""Reading publications: one, the newest, a month of them; each reading is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.errors import InvalidInputError, NotFoundError
from bluelamp.people.rules import require
from bluelamp.publishing.model import LimitsList, LimitsView, PublicationLine, PublicationPage, PublicationView
from bluelamp.publishing.rules import clashes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.model import Publication
    from bluelamp.publishing.views import Views

MAX_PAGE = 100
_QUERY = {"list": "publications"}
_MONTH = 7


class Listing:
    """The use cases of reading.

    Parameters
    ----------
    books, views, fitting
        Reads; shows; knows what platforms take.
    cursors
        Makes and opens cursors.
    platforms
        Names the platforms.
    """

    def __init__(
        self,
        *,
        books: Books,
        views: Views,
        fitting: Fitting,
        cursors: Callable[[], Cursors],
        platforms: Sequence[str],
    ) -> None:
        self._books = books
        self._views = views
        self._fitting = fitting
        self._cursors = cursors
        self._platforms = platforms

    def get(self, principal: Principal, publication_id: str) -> PublicationView:
        """Return a publication with its copies.

        Raises
        ------
        NotFoundError
            When there is none in reach.
        """
        require(principal, "draft")
        found = self._books.store.get(publication_id)
        if found is None or not self._views.sees(principal, found):
            raise NotFoundError("There is no publication with this id.")
        self._books.looked(principal, "publication", 1, publication=found.id)
        return self._views.of(principal, found, self._books.store.copies(found.id))

    def list_for(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> PublicationPage:
        """Return the publications in reach, newest first; with `next` there are more, even when this part is short.

        Raises
        ------
        NotPermittedError, CursorError
            When the role has nothing to do with publishing, or the cursor is not theirs.
        """
        require(principal, "draft")
        before = self._cursors().open(principal.id, _QUERY, cursor)["before"] if cursor else None
        found, more = self._books.store.newest(before=before, limit=max(1, min(limit, MAX_PAGE)))
        lines = self._lines(principal, found)
        self._books.looked(principal, "publications", len(lines))
        following = self._cursors().seal(principal.id, _QUERY, {"before": more}) if more else None
        return PublicationPage(publications=lines, next=following)

    def calendar(self, principal: Principal, *, month: str) -> PublicationPage:
        """Return what goes out in a month, by its time, with clashes.

        Raises
        ------
        NotPermittedError
            When the role has nothing to do with publishing.
        InvalidInputError
            When the month is none.
        """
        require(principal, "draft")
        year, _, number = month.partition("-")
        if len(month) != _MONTH or not year.isdigit() or not number.isdigit():
            raise InvalidInputError("A month is written as 2026-03.")
        lines = self._lines(principal, self._books.store.month(month))
        self._books.looked(principal, "publications_month", len(lines))
        return PublicationPage(publications=lines)

    def limits(self, principal: Principal) -> LimitsList:
        """Return what each platform takes.

        Raises
        ------
        NotPermittedError
            When the role has nothing to do with publishing.
        """
        require(principal, "draft")
        return LimitsList(platforms=tuple(self._limits(name) for name in self._platforms))

    def _lines(self, principal: Principal, found: Sequence[Publication]) -> tuple[PublicationLine, ...]:
        shown = [one for one in found if self._views.sees(principal, one)]
        return tuple(
            PublicationLine(
                id=one.id,
                state=one.state,
                text=one.fields.text[:200],
                accounts=one.fields.accounts,
                by=one.by,
                changed_at=one.changed_at,
                due=one.due,
                clashes=clashes(one, shown),
            )
            for one in shown
        )

    def _limits(self, platform: str) -> LimitsView:
        limits = self._fitting.publisher(platform).limits()
        picture, video = limits.picture, limits.video
        return LimitsView(
            platform=platform,
            characters=limits.characters,
            alt=picture.alt if picture else 0,
            pictures=picture.count if picture else 0,
            videos=video.count if video else 0,
            edits=limits.edits,
            poll=limits.poll is not None,
        )
