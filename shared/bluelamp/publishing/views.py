"""What a person is shown of a publication: how it stands on each account, and what is theirs to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bluelamp.errors import NotFoundError
from bluelamp.people.rules import approving, decide, permitted, two_people
from bluelamp.publishing.model import OPEN, Copy, Need, Publication, PublicationView
from bluelamp.publishing.rules import carried, paused, state_of, stuck_in, view_copy

if TYPE_CHECKING:
    from bluelamp.people.model import Principal
    from bluelamp.people.rules import Decision
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting


class Views:
    """Makes the views of publications.

    Parameters
    ----------
    books
        Reads accounts and pauses.
    fitting
        Knows what platforms can change.
    """

    def __init__(self, *, books: Books, fitting: Fitting) -> None:
        self._books = books
        self._fitting = fitting

    def of(self, principal: Principal, publication: Publication, copies: Sequence[Copy]) -> PublicationView:
        """Return a publication as this person's page shows it."""
        pauses = self._books.store.pauses()
        return PublicationView(
            **publication.model_dump(include={*PublicationView.model_fields} - {"state", "paused", "copies", "can"}),
            state=state_of(publication, copies),
            paused=any(paused(pauses, one) for one in publication.fields.accounts),
            copies=tuple(
                view_copy(copy, edits=self._edits(copy.platform), may=self._may(principal, copy.account))
                for copy in copies
            ),
            can=self._can(principal, publication, copies),
        )

    def reaches(self, principal: Principal, publication: Publication) -> bool:
        """Return whether a person may see a publication: one of their own, or one on accounts that they draft on."""
        if not publication.fields.accounts:
            return principal.id in publication.authors
        found = (self._books.accounts.find(one) for one in publication.fields.accounts)
        return all(one is not None and decide(principal, "draft", one).allowed for one in found)

    def sees(self, principal: Principal, publication: Publication) -> bool:
        """Return whether a person may read a publication: one in reach, or one that takes, or had, their word."""
        return self.reaches(principal, publication) or self.asked(principal, publication)

    def asked(self, principal: Principal, publication: Publication) -> bool:
        """Return whether a person's word is wanted for one of its accounts, or was given.

        Whoever answers for one account decides on that one; the others it goes out on need not be in their reach.
        """
        for need in publication.needs:
            if need.by is None:
                wanted = publication.state == "proposed"
                if wanted and all(one.allowed for one in self.deciders(principal, publication, need)):
                    return True
            elif need.by.id == principal.id and decide(principal, "draft", self._books.account(need.account)).allowed:
                return True
        return False

    def carries(self, principal: Principal, publication_id: str, asset_id: str) -> bool:
        """Return whether a publication that a person may read carries a picture or film, or did when it was submitted.

        Raises
        ------
        NotFoundError
            When there is none that they may read.
        """
        found = self._books.store.get(publication_id)
        if found is None or not self.sees(principal, found):
            raise NotFoundError("There is no publication with this id.")
        return asset_id in carried(found)

    def deciders(self, principal: Principal, publication: Publication, need: Need) -> list[Decision]:
        """Return what decides whether this person's word counts for an account."""
        account = self._books.account(need.account)
        approver = account.policy.approver("publish") or need.approver
        word = approving(principal, account, approver=approver, answers=account.answers, verb="approve_publication")
        return [word, *(two_people(one, principal.id, "publication") for one in publication.authors)]

    def _can(self, principal: Principal, publication: Publication, copies: Sequence[Copy]) -> tuple[str, ...]:
        can: list[str] = []
        writes = self.reaches(principal, publication)
        if publication.state in OPEN and writes:
            can += ["save", "withdraw"]
        elif writes and any(copy.to_come for copy in copies):
            can.append("withdraw")
        if publication.state == "draft" and writes:
            can.append("submit")
        mine = (self.deciders(principal, publication, need) for need in publication.needs if need.by is None)
        if publication.state == "proposed" and any(all(d.allowed for d in found) for found in mine):
            can += ["approve", "reject"]
        stuck = publication.state == "held" or bool(stuck_in(copies))
        if stuck and all(self._may(principal, one) for one in publication.fields.accounts):
            can.append("send_held")
        if permitted(principal, "pause"):
            can.append("pause")
        return tuple(can)

    def _may(self, principal: Principal, account_id: str) -> bool:
        account = self._books.accounts.find(account_id)
        return account is not None and decide(principal, "publish", account).allowed

    def _edits(self, platform: str) -> bool:
        return self._fitting.publisher(platform).limits().edits
