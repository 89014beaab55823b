"""Who can be given a case or be mentioned on it: colleagues who are there, and whom the post's account concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Query
from bluelamp.errors import InvalidInputError
from bluelamp.people.rules import decide, principal_of
from bluelamp.posts.model import Colleague, Colleagues, PersonName
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bluelamp.people.model import AccountRef, Person, Principal, Verb
    from bluelamp.people.service import People
    from bluelamp.posts.changing import Changer

MOST = 50
_STATUS = {"suspended": "is suspended", "left": "has left the force"}


class NotForPersonError(InvalidInputError):
    """Somebody is to deal with a case, or to look at it, who cannot."""

    code = "not_for_person"


class Reach:
    """Finds people, and tells who of them reaches an account.

    Parameters
    ----------
    people
        The people of the force.
    changer
        Loads posts, and records what was looked up.
    clock
        The present: access for a time holds or does not.
    """

    def __init__(self, *, people: People, changer: Changer, clock: Clock = utc_now) -> None:
        self._people = people
        self._changer = changer
        self._clock = clock

    def require(self, wanted: Iterable[str], verb: Verb, account: AccountRef, *, to: str) -> list[PersonName]:
        """Return the people with these ids, who all have `verb` on the account.

        Parameters
        ----------
        to
            What cannot be done otherwise, as the person is told, e.g. ``be given this post``.

        Raises
        ------
        NotForPersonError
            When one of them is not there, not active, or does not reach the account; it says who and why.
        """
        ids = list(dict.fromkeys(wanted))
        if not ids:
            return []
        found = self._people.among(ids)
        for one in ids:
            self._require(found.get(one), verb, account, to)
        return [PersonName(id=one, name=found[one].name) for one in ids]

    def _require(self, person: Person | None, verb: Verb, account: AccountRef, to: str) -> None:
        if person is None:
            raise NotForPersonError(f"There is nobody with this id who could {to}. Choose somebody from the list.")
        if not person.active:
            why = _STATUS.get(person.status, "cannot sign in")
            raise NotForPersonError(f"{person.name} {why} and cannot {to}. Choose somebody else.")
        decision = decide(principal_of(person, at=self._clock()), verb, account)
        if decision.allowed:
            return
        if decision.reason_code == "out_of_scope":
            why = "does not reach this account: it belongs to another team"
        else:
            why = f"may not do this on this account: their role there does not give '{verb}'"
        raise NotForPersonError(f"{person.name} {why}. So they cannot {to}; choose somebody else.")

    def on(self, principal: Principal, post_id: str, words: str | None = None) -> Colleagues:
        """Return the people who reach a post's account, by name, fifty at most. Recorded as a search.

        Raises
        ------
        NotFoundError, RefusedError
            When the post is not there, or not for this person.
        """
        post = self._changer.load(principal, "see", post_id)
        account = self._changer.accounts.find(post.account)
        wanted = (words or "").strip().casefold()
        now = self._clock()
        found: list[Colleague] = []
        for person in self._people.everybody():
            if account is None or not person.active or wanted not in person.name.casefold():
                continue
            they = principal_of(person, at=now)
            if decide(they, "see", account).allowed:
                takes = decide(they, "claim", account).allowed
                found.append(Colleague(id=person.id, name=person.name, role=person.role, takes=takes))
        shown = tuple(found[:MOST])
        self._changer.searched(principal, Query(view="colleagues", hits=len(shown)), account=post.account)
        return Colleagues(people=shown, more=len(found) > MOST)
