"""Writing: a draft is kept as it is typed, and any change of what was submitted takes every word given for it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.assets.carrying import carry
from bluelamp.errors import ConflictError, NotFoundError, OutOfScopeError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise, require
from bluelamp.posts.changing import name_of
from bluelamp.publishing.errors import ScheduleError
from bluelamp.publishing.model import OPEN, Checked, DraftFields, Origin, Publication, PublicationView
from bluelamp.publishing.rules import carried, due, stamp
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.views import Views

_NO_ASSET = "There is no picture or film of yours with this id. Take it away, or send it again."


class Drafting:
    """The use cases of writing.

    Parameters
    ----------
    books, views, fitting
        Commits; shows; counts.
    sender
        Returns the id of the person who sent a picture or film, or None when there is no such one.
    """

    def __init__(self, *, books: Books, views: Views, fitting: Fitting, sender: Callable[[str], str | None]) -> None:
        self._books = books
        self._views = views
        self._fitting = fitting
        self._sender = sender

    def draft(
        self,
        principal: Principal,
        fields: DraftFields,
        *,
        idem: Idempotency,
        origin: Origin | None = None,
        incident: str | None = None,
    ) -> PublicationView:
        """Begin a draft.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person writes no drafts, not for one of the accounts, or a picture or film is not theirs.
        """
        self._may_write(principal, fields)
        attached = self._attached(principal, fields, ())
        by, now = name_of(principal), iso(self._books.clock())
        begun = Publication(
            id=new_ulid(),
            fields=fields,
            by=by,
            authors=(principal.id,),
            at=now,
            changed_at=now,
            changed_by=by,
            origin=origin,
            incident=incident,
        )
        new, leaf, _ = self._books.step(begun, principal.actor(), "drafted")
        view = self._views.of(principal, new, ())
        store = self._books.store
        writes: list[Write] = [store.put(new), store.listed(new.id), *attached]
        self._books.commit([leaf], writes, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def save(
        self, principal: Principal, publication_id: str, fields: DraftFields, *, rev: int, idem: Idempotency
    ) -> PublicationView:
        """Put what was written in the place of the revision that was seen.

        A draft that nobody has submitted is kept without a record. What was submitted is a draft again, recorded.

        Raises
        ------
        NotPermittedError, NotFoundError
            When there is no such publication in reach, the person may not write for one of the accounts, or adds a
            picture or film that they did not send.
        ConflictError
            When another revision is in force, or it has gone out.
        """
        old = self._books.load(principal, publication_id, verb="draft", rev=rev)
        self._may_write(principal, fields)
        if old.state not in OPEN:
            raise ConflictError("This has gone out. Change what is out on an account, or write a new one.", rev=old.rev)
        attached = self._attached(principal, fields, carried(old))
        by = name_of(principal)
        update = {
            "fields": fields,
            "state": "draft",
            "authors": tuple(dict.fromkeys((*old.authors, principal.id))),
            "changed_at": iso(self._books.clock()),
            "changed_by": by,
        }
        if old.state == "draft":
            new = old.model_copy(update=update | {"rev": old.rev + 1})
            view = self._views.of(principal, new, self._books.store.copies(old.id))
            self._books.save([self._books.store.put(new), *attached], idem, view.model_dump(mode="json"))
            return view
        back = old.model_copy(update=update | {"needs": (), "due": None, "proposed_at": None, "held_why": None})
        new, leaf, keys = self._books.step(back, principal.actor(), "edited", words=True)
        view = self._views.of(principal, new, self._books.store.copies(old.id))
        writes: list[Write] = [self._books.store.put(new), *keys, *undue(self._books, old), *attached]
        self._books.commit([leaf], writes, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def check(self, principal: Principal, fields: DraftFields) -> Checked:
        """Count the words as each platform does, and name what it would not take. Calls no platform.

        Raises
        ------
        NotPermittedError, NotFoundError
            As `draft`.
        """
        self._may_write(principal, fields)
        found = [self._fitting.counted(fields, one, self._books.account(one).platform) for one in fields.accounts]
        try:
            moment, problem = due(fields.schedule, self._books.clock()), None
        except ScheduleError as error:
            moment, problem = None, str(error)
        return Checked(accounts=tuple(found), due=stamp(moment), problem=problem)

    def _may_write(self, principal: Principal, fields: DraftFields) -> None:
        require(principal, "draft")
        for account_id in fields.accounts:
            authorise(principal, "draft", self._books.account(account_id))

    def _attached(self, principal: Principal, fields: DraftFields, known: tuple[str, ...]) -> list[Write]:
        """Return the writes that keep what is added; refuse what somebody else sent: its id would show it, and send it.

        What the publication carries already stays, whoever sent it.
        """
        added = [one.id for one in fields.assets if one.id not in known]
        for asset_id in added:
            sender = self._sender(asset_id)
            if sender is None:
                raise NotFoundError(_NO_ASSET)
            if sender != principal.id:
                raise OutOfScopeError(_NO_ASSET)
        return carry(added, self._books.clock())


def undue(books: Books, old: Publication) -> list[Write]:
    """Return the writes that take a publication off the list of what is due, and out of the calendar."""
    if old.state not in {"scheduled", "held"} or old.due is None:
        return []
    # What is held is off the first list already.
    listed = [books.store.not_due(old.id, old.due)] if old.state == "scheduled" else []
    return [*listed, books.store.undated(old.id, old.due)]
