"""What a publication belongs to: bound to it while it is a draft, and read by the feature that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.posts.changing import name_of
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.model import Copy, Origin, Publication


class Belonging:
    """The use cases of features that publish something of their own.

    Parameters
    ----------
    books
        Loads and commits.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def stored(self, publication_id: str) -> tuple[Publication, tuple[Copy, ...]]:
        """Return a publication and its copies, whoever asks: the feature decides who may see it, and records that.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        found = self._books.store.get(publication_id)
        if found is None:
            raise NotFoundError("There is no publication with this id.")
        return found, tuple(self._books.store.copies(found.id))

    def bind(self, principal: Principal, publication_id: str, origin: Origin, *, idem: Idempotency) -> None:
        """Say what a draft belongs to; from then on that decides whether it goes out. Done again it does nothing.

        Like any save of a draft it leaves no record of its own: the record of what it belongs to names it.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person writes nothing for one of its accounts, or there is none.
        ConflictError
            When it belongs to something else, or is no draft.
        """
        old = self._books.load(principal, publication_id, verb="draft")
        if old.origin == origin:
            return
        if old.origin is not None or old.state != "draft":
            raise ConflictError("This publication belongs to something else, or is no draft any more.", rev=old.rev)
        changed = {"origin": origin, "changed_at": iso(self._books.clock()), "changed_by": name_of(principal)}
        new = old.model_copy(update=changed | {"rev": old.rev + 1})
        self._books.save([self._books.store.put(new)], idem, {"publication": new.id})
