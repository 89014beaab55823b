"""Who may see an incident and order what in it, and loading one for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bluelamp.errors import NotFoundError
from bluelamp.incidents.model import IncidentClosedError
from bluelamp.people.rules import authorise, decide, permitted, require

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.incidents.model import Incident
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.changing import Changer


class Command:
    """Loads incidents for people.

    Parameters
    ----------
    store
        Where incidents are kept.
    changer
        Finds accounts.
    """

    def __init__(self, store: IncidentStore, changer: Changer) -> None:
        self._store = store
        self._changer = changer

    def accounts(self, wanted: Iterable[str]) -> list[Account]:
        """Return accounts by id, in their order.

        Raises
        ------
        NotFoundError
            When there is none of that id.
        """
        wanted = list(dict.fromkeys(wanted))
        self._changer.accounts.preload(set(wanted))
        found = [self._changer.accounts.find(one) for one in wanted]
        if any(one is None for one in found):
            raise NotFoundError("There is no such account.")
        return [one for one in found if one is not None]

    def authorised(self, principal: Principal, verb: Verb, wanted: Iterable[str]) -> list[Account]:
        """Return accounts on each of which this person has the verb; raises otherwise."""
        require(principal, verb)
        found = self.accounts(wanted)
        for account in found:
            authorise(principal, verb, account)
        return found

    def sees(self, principal: Principal, accounts: Iterable[str], people: Iterable[str]) -> bool:
        """Tell whether an incident is within a person's reach: one of its accounts is, or they have a role in it."""
        if not permitted(principal, "incidents"):
            return False
        if principal.id in set(people):
            return True
        found = (self._changer.accounts.find(one) for one in accounts)
        return any(account is not None and decide(principal, "incidents", account).allowed for account in found)

    def may(self, principal: Principal, verb: Verb, accounts: Iterable[str]) -> bool:
        """Tell whether a person has a verb on each of some accounts."""
        found = [self._changer.accounts.find(one) for one in accounts]
        return all(one is not None and decide(principal, verb, one).allowed for one in found)

    def see(self, principal: Principal, incident_id: str) -> Incident:
        """Return an incident that this person may see.

        Raises
        ------
        NotFoundError, NotPermittedError
            There is none, or it is out of reach; or the role sees no incidents.
        """
        require(principal, "incidents")
        found = self._store.get(incident_id)
        if found is None or not self.sees(principal, found.scope.accounts, found.roles.everybody):
            raise NotFoundError("There is no incident with this id.")
        return found

    def order(self, principal: Principal, verb: Verb, incident_id: str, *, closed: bool = False) -> Incident:
        """Return an open incident in which this person may order; with `closed`, one that is closed as well.

        Raises
        ------
        NotFoundError, NotPermittedError
            As `see`; or the role, or the reach, does not give the verb on each of its accounts.
        IncidentClosedError
            When it is closed.
        """
        found = self.see(principal, incident_id)
        self.authorised(principal, verb, found.scope.accounts)
        if found.state == "closed" and not closed:
            raise IncidentClosedError("This incident is closed. Open a new one.", rev=found.rev)
        return found
