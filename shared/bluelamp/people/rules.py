"""What somebody may do, and on which accounts: the one place that answers, and it denies by default.

`decide` evaluates the table of `matrix`. Every refusal carries a sentence for the person and a code for the log. Scope
is asked first: an account out of reach looks to the caller like one that does not exist, whatever the role.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bluelamp.errors import OutOfScopeError, RefusedError
from bluelamp.people.gate import SEE, shut
from bluelamp.people.matrix import GATED, MATRIX, NOT_LENT, OVERSIGHT, READING, RULED_OUT, VERBS, ask_for
from bluelamp.people.model import FORCE, AccountRef, Gate, Person, Principal, Role, Session, Verb

# Why something is allowed, or is not: stable, for the log.
Code = Literal[
    "oversight",
    "own_team",
    "covered",
    "granted",
    "by_role",
    "out_of_scope",
    "role",
    "account_policy",
    "reading_only",
    "lent",
    "account_suspended",
    "account_archived",
    "account_status",
    "not_approver",
    "no_approver",
    "not_proposer",
    "two_people",
    "same_person",
    "guide_not_acknowledged",
    "training_missing",
    "training_expired",
]


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
        One of `Code`.
    account
        Which account, when it was about one.
    see
        The page where the person can put it right, when there is one.
    """

    def __init__(self, message: str, *, reason: str, account: str | None = None, see: str = "") -> None:
        super().__init__(message, reason_code=reason)
        self.account = account
        self.see = see


_BY_POLICY = frozenset({"unless", "policy"})
# What a role gives without asking for more than reach; a policy may add to it, or leave a role out.
PERMISSIONS: Mapping[Role, frozenset[Verb]] = {
    role: frozenset(verb for verb, when in given.items() if when != "policy") for role, given in MATRIX.items()
}

_WHY: Mapping[Role, str] = {
    "comms": "a communications officer does not do this",
    "local": "a local team does this only where the account's policy allows it",
    "control": "the control room flags, assigns and hides, and leaves the rest to the account's team",
    "supervisor": "a supervisor approves, notes and flags, and takes no action on a platform",
    "auditor": "an auditor reads the audit trail and neither sees the queue nor acts on posts",
    "admin": "an administrator sets the system up and neither sees nor acts on posts",
}


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, why, and what a person who is refused is told.

    Attributes
    ----------
    reason_code
        For the log; on a refusal it stands in the `denied` leaf.
    for_person
        Empty when it is allowed. On an account out of scope it is kept from the person, too: they are told what they
        would be told of an account that does not exist.
    see
        The page where the person can put it right; empty where there is none.
    """

    allowed: bool
    reason_code: Code
    for_person: str = ""
    see: str = ""


def decide(principal: Principal, verb: Verb, account: AccountRef | None = None, at: datetime | None = None) -> Decision:
    """Decide whether `principal` may do `verb`.

    Parameters
    ----------
    account
        On which; None for what concerns no single account, such as a list.
    at
        The moment that access for a time is measured by; when left out, the one at which the request was let in.
    """
    if account is None:
        return _without_account(principal, verb, at)
    given = _given(principal, account, at or principal.at)
    basis = _basis(principal, account, given)
    if basis is None and not given:
        return _refused("out_of_scope", principal, verb)
    if basis is not None and _role_gives(principal.role, verb, account):
        reason = basis
    elif verb in READING and "reading" in given:
        reason = "granted"
    else:
        return _refused(_short_of(principal.role, verb, basis), principal, verb)
    if verb in NOT_LENT and reason == "granted":
        return _refused("lent", principal, verb)
    status = _status(verb, account)
    return _gated(principal, verb, reason, at) if status is None else _refused(status, principal, verb)


def _gated(principal: Principal, verb: Verb, reason: Code, at: datetime | None) -> Decision:
    """Allow what the role gives, unless it is acting and the force asks for a guide or training first."""
    closed = shut(principal, at or principal.at) if verb in GATED else None
    if closed is None:
        return Decision(allowed=True, reason_code=reason)
    why = f"Refused because {closed.because}; {closed.what_to_do}. Asked for: {verb}."
    return Decision(allowed=False, reason_code=closed.code, for_person=why, see=SEE)


def two_people(proposer: str, decider: str, what: str) -> Decision:
    """Decide whether somebody may decide what was proposed: it takes another person, whatever the roles.

    Parameters
    ----------
    proposer, decider
        The people, by their ids; one that is empty is nobody, and nobody is no second person.
    what
        What was proposed, as the person is told, e.g. ``disposal``.
    """
    if proposer and decider and proposer != decider:
        return Decision(allowed=True, reason_code="two_people")
    why = f"Refused because you proposed this {what}, and it takes two people; ask somebody else who may decide it."
    return Decision(allowed=False, reason_code="same_person", for_person=why)


def _without_account(principal: Principal, verb: Verb, at: datetime | None) -> Decision:
    """Decide what concerns no single account; in an emergency that opened all of them, lists may be read too."""
    if verb in PERMISSIONS.get(principal.role, ()):
        return _gated(principal, verb, "by_role", at)
    if verb in READING and principal.emergency:
        return Decision(allowed=True, reason_code="granted")
    return _refused("role", principal, verb)


def second_word(principal: Principal, verb: Verb, account: AccountRef, *, approver: str | None) -> str | None:
    """Return whose word it takes beside the person's own before they do `verb` on an account, or None.

    Who may not do it by himself proposes it: then it is whom the policy names, or else the communications team. That
    is not so where something else than role and policy stands against it.

    Parameters
    ----------
    approver
        Whose word the account's policy asks for of everybody, if it does.

    Raises
    ------
    OutsideScopeError, NotPermittedError
        When nobody's word would help: out of reach, account suspended, guide or training missing.
    """
    decision = decide(principal, verb, account)
    if decision.reason_code not in {"role", "account_policy"}:
        authorise(principal, verb, account)
        return approver
    return approver or "comms"


def approving(
    principal: Principal, account: AccountRef, *, approver: str, answers: Collection[str], verb: Verb = "approve"
) -> Decision:
    """Decide whether somebody may approve, or reject, what another person proposed to do on an account.

    Parameters
    ----------
    verb
        By which verb of the table.
    approver
        Whose word the account's policy asks for: ``lead``, ``comms`` or ``supervisor``.
    answers
        The ids of the account's lead and deputy: either is the lead here, as nobody approves what he proposed himself.
    """
    decision = decide(principal, verb, account)
    if not decision.allowed:
        return decision
    named = principal.id in answers if approver == "lead" else principal.role == approver
    return decision if named else _refused("not_approver", principal, verb)


def _given(principal: Principal, account: AccountRef, at: datetime | None) -> frozenset[str]:
    """Return what access for a time gives on this account: ``desk``, ``reading``, both or nothing."""
    mine = (one for one in principal.access if one.account in {account.id, FORCE})
    return frozenset(one.gives for one in mine if at is not None and one.in_force(at))


def _basis(principal: Principal, account: AccountRef, given: frozenset[str]) -> Code | None:
    """Return why the role's verbs hold on this account, or None when they do not."""
    if principal.all_accounts:
        return "oversight"
    if account.team in principal.teams:
        return "own_team"
    if account.id in (principal.account_ids or ()):
        return "covered"
    return "granted" if "desk" in given else None


def _role_gives(role: Role, verb: Verb, account: AccountRef) -> bool:
    when = MATRIX.get(role, {}).get(verb)
    return when in {"every", "own"} or (when in _BY_POLICY and role in account.allowed.get(verb, ()))


def _short_of(role: Role, verb: Verb, basis: Code | None) -> Code:
    if basis is None:
        return "reading_only"
    return "account_policy" if MATRIX.get(role, {}).get(verb) in _BY_POLICY else "role"


def _status(verb: Verb, account: AccountRef) -> Code | None:
    """Return the code of a status that rules a verb out, or None. A status that we do not know allows no acting."""
    if verb not in RULED_OUT.get(account.status, RULED_OUT["archived"]):
        return None
    return _STATUS.get(account.status, "account_status")


_STATUS: Mapping[str, Code] = {"suspended": "account_suspended", "archived": "account_archived"}
_BECAUSE: Mapping[Code, str] = {
    "out_of_scope": "the account belongs to another team, and is not covered by you",
    "account_policy": "the account's policy does not give this to your role",
    "not_approver": "the account's policy asks for the word of somebody else",
    "reading_only": "you were given this account to read, and for nothing else",
    "lent": "nobody hands on what was given to him for a time, has what was kept there destroyed, or reads figures on "
    "the people who run it",
    "account_suspended": "the account is suspended, and nothing is done on its platform until it is taken up again",
    "account_archived": "the account is archived: it is read, kept and disposed of, and nothing new begins there",
    "account_status": "the account is neither active, suspended nor archived as far as we know",
}
_ASK: Mapping[Code, str] = {
    "out_of_scope": "its team or an administrator",
    "account_policy": "the communications team, or an administrator to change the policy",
    "not_approver": "whom the policy names: the account's lead or deputy, a communications officer or a supervisor",
    "account_suspended": "an administrator",
    "account_archived": "an administrator",
    "account_status": "an administrator",
}


def _refused(code: Code, principal: Principal, verb: Verb) -> Decision:
    because = _BECAUSE.get(code) or _WHY.get(principal.role, "this role is not known here")
    ask = _ASK.get(code) or ask_for(verb)
    return Decision(
        allowed=False, reason_code=code, for_person=f"Refused because {because}; ask {ask}. Asked for: {verb}."
    )


def principal_of(
    person: Person,
    session: Session | None = None,
    *,
    session_id: str = "",
    at: datetime | None = None,
    gate: Gate | None = None,
    covered: Collection[str] = (),
) -> Principal:
    """Return the principal that `person` is in this request.

    Parameters
    ----------
    person
        The stored person; the caller has checked that they are active.
    session
        The browser session, when there is one.
    session_id
        For a bearer token, the id of the sign-in behind it.
    at
        The present: access for a time holds when it is in force then, and not at all without; nor is anybody on duty.
    gate
        What the force asks of whoever acts; without it nothing.
    covered
        The accounts of those whom they stand in for at this moment.
    """
    everywhere = person.role in OVERSIGHT
    return Principal(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        teams=frozenset(person.teams),
        session_id=session.id if session else session_id,
        all_accounts=everywhere,
        account_ids=None if everywhere else frozenset((*person.covers, *person.answers_for, *covered)),
        guide_version=person.guide_version,
        on_duty_as=person.on_duty_at(at) if at else None,
        expires_at=session.expires_at if session else None,
        access=person.access,
        at=at,
        trained_until=person.trained_until,
        gate=gate or Gate(),
    )


def reaches(principal: Principal, account: AccountRef) -> bool:
    """Return whether `account` is within the principal's scope, whatever they may do there."""
    given = _given(principal, account, principal.at)
    return bool(given) or _basis(principal, account, given) is not None


def permitted(principal: Principal, verb: Verb) -> bool:
    """Return whether the role alone gives `verb`, an account's policy aside."""
    return decide(principal, verb).allowed


def permissions(principal: Principal) -> list[Verb]:
    """Return what the role gives, in the order of `VERBS`; an account's policy may add to it."""
    return [verb for verb in VERBS if permitted(principal, verb)]


def permissions_on(principal: Principal, account: AccountRef) -> frozenset[Verb]:
    """Return every verb that the principal has on this account; none when it is out of reach."""
    return frozenset(verb for verb in VERBS if decide(principal, verb, account).allowed)


def authorise(principal: Principal, verb: Verb, account: AccountRef) -> None:
    """Let the request go on, or say why not.

    Raises
    ------
    OutsideScopeError
        The account is not within the principal's reach: outwardly the same as not existing.
    NotPermittedError
        The account is in reach, but the role, the account's policy or its status does not give the verb.
    """
    decision = decide(principal, verb, account)
    if decision.allowed:
        return
    if decision.reason_code == "out_of_scope":
        raise OutsideScopeError(decision.for_person, account=account.id)
    raise NotPermittedError(decision.for_person, reason=decision.reason_code, account=account.id, see=decision.see)


def require(principal: Principal, verb: Verb) -> None:
    """Refuse a request that concerns no single account, such as a list, when the role lacks `verb`.

    Raises
    ------
    NotPermittedError
        The role does not give the verb.
    """
    decision = decide(principal, verb)
    if not decision.allowed:
        raise NotPermittedError(decision.for_person, reason=decision.reason_code, see=decision.see)
