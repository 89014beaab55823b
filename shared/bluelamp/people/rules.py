"""What each role may do, and on which accounts: the one place that answers, and it denies by default.

The table follows the roles of the force. A verb that does not stand beside a role is refused, and
the refusal carries a sentence for the person and a code for the log. Scope is asked first: an
account out of reach looks to the caller like one that does not exist, whatever the role.
"""

from collections.abc import Mapping
from typing import get_args

from bluelamp.errors import OutOfScopeError, RefusedError
from bluelamp.people.model import AccountRef, Person, Principal, Role, Session, Verb


class OutsideScopeError(OutOfScopeError):
    """The account is not within the person's reach.

    Parameters
    ----------
    account
        Its id, for the record; outwardly nothing is said of it.
    """

    def __init__(self, message: str, *, account: str) -> None:
        super().__init__(message)
        self.account = account


class NotPermittedError(RefusedError):
    """The account is in reach, and the person's role or the account's policy does not give the verb.

    Parameters
    ----------
    reason
        ``role`` or ``account_policy``.
    account
        Which account, when it was about one.
    """

    def __init__(self, message: str, *, reason: str, account: str | None = None) -> None:
        super().__init__(message, reason_code=reason)
        self.account = account


VERBS: tuple[Verb, ...] = get_args(Verb)
ROLES: tuple[Role, ...] = get_args(Role)

_DESK: frozenset[Verb] = frozenset({"accounts", "see", "history", "note", "claim", "release", "flag"})

# A local team answers and hides on its own pages and closes what needs no answer. It deletes only
# where the account's policy says so. The control room answers from saved replies alone, so it has no
# free reply. A supervisor takes over what was flagged and hands it on. The audit trail leaves the system through the
# auditor alone: an export shows posts of every account, and nobody exports what he did himself. A disposal takes two
# people of two roles: the administrator, who sees no words, proposes by class and date; the supervisor of the accounts,
# who sees them, decides, and may decide at a review that a post is kept longer. The auditor can stop it by a hold, and
# does not take part in it.
PERMISSIONS: Mapping[Role, frozenset[Verb]] = {
    "comms": _DESK | {"roster", "office_hours", "hide", "unhide", "delete", "reply", "dismiss"},
    "local": _DESK | {"hide", "unhide", "reply", "dismiss"},
    "control": _DESK | {"hide", "unhide"},
    "supervisor": _DESK | {"roster", "retention", "keep", "approve_disposal"},
    "auditor": frozenset({"accounts", "history", "export", "retention", "hold"}),
    "admin": frozenset({"accounts", "register", "roster", "office_hours", "retention", "retain", "dispose"}),
}

# Verbs that an account's policy can add to what the local team's role gives.
POLICY_VERBS: frozenset[Verb] = frozenset({"delete"})

_EVERY_ACCOUNT: frozenset[Role] = frozenset({"comms", "control", "auditor", "admin"})

_WHY: Mapping[Role, str] = {
    "comms": "a communications officer does not do this",
    "local": "a local team does this only where the account's policy allows it",
    "control": "the control room flags, assigns and hides, and leaves the rest to the account's team",
    "supervisor": "a supervisor approves, notes and flags, and takes no action on a platform",
    "auditor": "an auditor reads the audit trail and neither sees the queue nor acts on posts",
    "admin": "an administrator sets the system up and neither sees nor acts on posts",
}


def principal_of(person: Person, session: Session | None = None, *, session_id: str = "") -> Principal:
    """Return the principal that `person` is in this request.

    Parameters
    ----------
    person
        The stored person; the caller has checked that they are active.
    session
        The browser session, when there is one.
    session_id
        For a bearer token, the id of the sign-in behind it.
    """
    everywhere = person.role in _EVERY_ACCOUNT
    return Principal(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        teams=frozenset(person.teams),
        session_id=session.id if session else session_id,
        all_accounts=everywhere,
        account_ids=None if everywhere else frozenset(person.covers),
        guide_version=person.guide_version,
        on_duty_as=person.on_duty_as,
        expires_at=session.expires_at if session else None,
    )


def reaches(principal: Principal, account: AccountRef) -> bool:
    """Return whether `account` is within the principal's scope, whatever they may do there."""
    if principal.all_accounts:
        return True
    return account.team in principal.teams or account.id in (principal.account_ids or frozenset())


def permitted(principal: Principal, verb: Verb) -> bool:
    """Return whether the role alone gives `verb`, an account's policy aside."""
    return verb in PERMISSIONS.get(principal.role, frozenset())


def permissions(principal: Principal) -> list[Verb]:
    """Return what the role gives, in the order of `VERBS`; an account's policy may add to it."""
    return [verb for verb in VERBS if permitted(principal, verb)]


def permissions_on(principal: Principal, account: AccountRef) -> frozenset[Verb]:
    """Return every verb that the principal has on this account; none when it is out of reach."""
    if not reaches(principal, account):
        return frozenset()
    given = PERMISSIONS.get(principal.role, frozenset())
    if principal.role == "local":
        given |= {verb for verb in POLICY_VERBS if verb in account.local_verbs}
    return given


def authorise(principal: Principal, verb: Verb, account: AccountRef) -> None:
    """Let the request go on, or say why not.

    Raises
    ------
    OutsideScopeError
        The account is not within the principal's reach: outwardly the same as not existing.
    NotPermittedError
        The account is in reach, but the role, or the account's policy, does not give the verb.
    """
    if not reaches(principal, account):
        raise OutsideScopeError(f"{account.id} belongs to another team, and is not covered by you.", account=account.id)
    if verb in permissions_on(principal, account):
        return
    by_policy = principal.role == "local" and verb in POLICY_VERBS
    raise NotPermittedError(
        f"Refused because {_WHY[principal.role]}. Asked for: {verb}.",
        reason="account_policy" if by_policy else "role",
        account=account.id,
    )


def require(principal: Principal, verb: Verb) -> None:
    """Refuse a request that concerns no single account, such as a list, when the role lacks `verb`.

    Raises
    ------
    NotPermittedError
        The role does not give the verb.
    """
    if not permitted(principal, verb):
        raise NotPermittedError(f"Refused because {_WHY[principal.role]}. Asked for: {verb}.", reason="role")
