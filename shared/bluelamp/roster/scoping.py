"""Whose roster somebody may see and change: a role that oversees the force all of it, others that of their teams.

An entry names people, teams and accounts. Whoever does not oversee the force must reach each that it names; office
hours, and what is for the whole force, are not theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.errors import InvalidInputError, OutOfScopeError
from bluelamp.people.rules import NotPermittedError, decide
from bluelamp.roster.model import FORCE, Absence, AnyEntry, Cover, Office, OnCall, Shift
from bluelamp.roster.rules import id_of

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People


def people_in(entry: AnyEntry) -> frozenset[str]:
    """Return the ids of the people that an entry names."""
    return frozenset(id_of(who) for who in _whom(entry) if who.startswith("person:"))


def require_known(entry: AnyEntry, accounts: Accounts, people: People) -> None:
    """Refuse an entry about a person or an account that there is not.

    Raises
    ------
    InvalidInputError
        Naming the ids.
    """
    named = people_in(entry)
    unknown = sorted(named - people.among(named).keys())
    account = _scope(entry).removeprefix("account:") if _scope(entry).startswith("account:") else None
    if account and account not in accounts.many([account]):
        unknown.append(account)
    if unknown:
        raise InvalidInputError(f"The roster names {', '.join(unknown)}: there is no such person or account.")


def require_within(principal: Principal, entry: AnyEntry, accounts: Accounts, people: People) -> None:
    """Refuse what is not within the principal's reach.

    Raises
    ------
    NotPermittedError
        For what concerns the whole force.
    OutOfScopeError
        For what concerns another team; outwardly it is not there.
    """
    if within(principal, entry, accounts, people):
        return
    if isinstance(entry, Office) or _scope(entry) == FORCE:
        raise NotPermittedError(
            "Refused because this concerns the whole force: the communications team or an administrator changes it.",
            reason="role",
        )
    raise OutOfScopeError("There is no such entry of the roster.")


def require_own_to_give(principal: Principal, given: frozenset[str], accounts: Accounts) -> None:
    """Refuse cover by which somebody would reach accounts (`given`) that are not of the principal's own teams.

    Whoever stands in reaches what the other leads, wherever that is. So a supervisor could let himself, or anybody, in
    to accounts of other teams, or keep for good what he has for a time.

    Raises
    ------
    NotPermittedError
        When it is for those who oversee the force.
    """
    if principal.all_accounts:
        return
    found = accounts.many(given)
    if all(one in found and found[one].team in principal.teams for one in given):
        return
    raise NotPermittedError(
        "Refused because whoever stands in here would reach accounts that are not of your teams; ask the "
        "communications team or an administrator. Asked for: roster.",
        reason="role",
    )


def within(principal: Principal, entry: AnyEntry, accounts: Accounts, people: People) -> bool:
    """Return whether an entry concerns only what the principal reaches."""
    if principal.all_accounts:
        return True
    if isinstance(entry, Office) or _scope(entry) == FORCE:
        return False
    kind, _, name = _scope(entry).partition(":")
    if kind == "team":
        return name in principal.teams
    if kind == "account":
        account = accounts.many([name]).get(name)
        return account is not None and decide(principal, "roster", account).allowed
    named = people_in(entry)
    found = people.among(named)
    return len(found) == len(named) and all(principal.teams & set(one.teams) for one in found.values())


def _scope(entry: AnyEntry) -> str:
    return entry.scope if isinstance(entry, Shift | OnCall) else ""


def _whom(entry: AnyEntry) -> tuple[str, ...]:
    match entry:
        case Absence() | Shift():
            return (entry.who,)
        case Cover():
            return (entry.who, entry.by)
        case OnCall():
            return tuple(step.who for step in entry.steps)
        case Office():
            return (entry.control,)
