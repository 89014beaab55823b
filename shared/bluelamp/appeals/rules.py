"""Pure rules of appeals: what they need, who may do what when, and how long it took."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from bluelamp.appeals.model import Appeal, AppealState, Basis, Ending, Facts, Lead, Outcome
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.posts.model import PersonName
from bluelamp.times import iso, parse_iso

# Whoever stays public for longer is looked at again: the College of Policing's guidance asks for a review, and sets no
# time; a force may want less, which its guide says.
LONGEST_REVIEW = timedelta(days=90)
# A person who is missing is suspected of nothing: the basis of the law enforcement part of the Act is not theirs.
BASES: dict[str, frozenset[Basis]] = {
    "wanted": frozenset({"task"}),
    "cctv": frozenset({"task"}),
    "witness": frozenset({"task", "consent"}),
    "missing": frozenset({"consent", "vital_interests", "safeguarding", "public_task"}),
}
# An end that leaves what is public as it stands needs an outcome in which nobody is wrongly looked for any more.
_LEAVABLE: frozenset[Outcome] = frozenset({"none"})


class AppealNotReadyError(InvalidInputError):
    """Something is missing that an appeal needs; `what` names it for the form."""

    code = "appeal_not_ready"

    def __init__(self, message: str, *, what: str) -> None:
        super().__init__(message)
        self.what = what


def check(facts: Facts, *, assets: frozenset[str], today: date) -> None:
    """Raise for the first thing that an appeal lacks.

    Parameters
    ----------
    assets
        The ids of the pictures and films of its publication: of each it must be said where it comes from.

    Raises
    ------
    AppealNotReadyError
        When the basis does not fit the kind, the review is not in time, or a picture has no origin.
    """
    if facts.basis not in BASES[facts.kind]:
        fitting = ", ".join(sorted(BASES[facts.kind])).replace("_", " ")
        raise AppealNotReadyError(f"An appeal of the kind '{facts.kind}' rests on one of: {fitting}.", what="basis")
    review = date.fromisoformat(facts.review_on)
    if not today < review <= today + LONGEST_REVIEW:
        raise AppealNotReadyError(
            f"Choose a day for the review between tomorrow and {(today + LONGEST_REVIEW):%-d %B %Y}.", what="review_on"
        )
    told = [one.asset for one in facts.pictures]
    if len(told) != len(set(told)) or not assets.issuperset(told):
        raise AppealNotReadyError("Say once of each picture of the publication where it comes from.", what="pictures")
    if missing := len(assets - set(told)):
        raise AppealNotReadyError(
            f"Say where {'the picture comes' if missing == 1 else f'{missing} pictures come'} from.", what="pictures"
        )


def require(appeal: Appeal, *states: AppealState) -> None:
    """Refuse what the state of an appeal rules out.

    Raises
    ------
    ConflictError
        It says what the appeal is now, and who made it so.
    """
    if appeal.state in states:
        return
    by = appeal.closed_by or appeal.approved_by or appeal.by
    raise ConflictError(f"This appeal is {appeal.state} already ({by.name}). Look at it again.", rev=appeal.rev)


class Standing(NamedTuple):
    """Where a person and a publication stand towards an appeal, for what can be done with it.

    `again` says that the person approved it and that its publication has not been sent since.
    """

    author: bool
    works: bool
    approves: bool
    void: bool
    unsent: bool
    again: bool
    remaining: int


def possible(appeal: Appeal, standing: Standing) -> tuple[str, ...]:
    """Return what somebody may do with an appeal now, for its page."""
    can: set[str] = set()
    if standing.works:
        can |= _WORK[appeal.state]
        if appeal.state == "approved" and (standing.void or standing.unsent):
            can.add("withdraw")
        if appeal.state == "closed" and standing.remaining:
            can.add("clear")
    if standing.approves and not standing.author and not standing.void:
        if appeal.state == "proposed":
            can |= {"approve", "reject"}
        elif standing.again:
            can.add("approve")
    return tuple(sorted(can))


_WORK: dict[AppealState, set[str]] = {
    "draft": {"change", "propose", "close"},
    "proposed": {"withdraw", "close"},
    "approved": {"triage", "keep", "close"},
    "closed": {"triage"},
}


def check_ending(appeal: Appeal, outcome: Outcome, ending: Ending) -> None:
    """Refuse to leave an appeal in public when its outcome is known, and to close one that was never approved.

    Raises
    ------
    AppealNotReadyError
        When somebody who was found, or a wanted person who was arrested, would still be looked for; or when what was
        never public is to have an outcome.
    """
    if appeal.state != "approved" and outcome != "withdrawn":
        raise AppealNotReadyError("This was never approved: it can be withdrawn, and has no outcome.", what="outcome")
    if ending == "leave" and outcome not in _LEAVABLE:
        raise AppealNotReadyError(
            "With this outcome the appeal is taken down or updated everywhere: nobody is to be looked for in vain.",
            what="ending",
        )


def closed(appeal: Appeal, outcome: Outcome, ending: Ending, *, at: datetime, by: PersonName, now: datetime) -> Appeal:
    """Return an appeal once its outcome is known since `at`.

    Raises
    ------
    AppealNotReadyError
        When the outcome lies in the future, or before the appeal was made.
    """
    if not parse_iso(appeal.at) <= at <= now:
        raise AppealNotReadyError(
            "The outcome lies between when the appeal was made and now. Look at day and time.", what="outcome_at"
        )
    return appeal.model_copy(
        update={
            "state": "closed",
            "outcome": outcome,
            "outcome_at": iso(at),
            "closed_by": by,
            "closed_at": iso(now),
            "ending": ending,
            "rev": appeal.rev + 1,
        }
    )


def minutes(appeal: Appeal) -> int | None:
    """Return how long an appeal was public when its outcome was known; None before, or when it never was."""
    if appeal.outcome_at is None or appeal.public_at is None or appeal.outcome in {"withdrawn", "none"}:
        return None
    taken = parse_iso(appeal.outcome_at) - parse_iso(appeal.public_at)
    return max(0, round(taken.total_seconds() / 60))


def due(appeal: Appeal, today: date) -> bool:
    """Tell whether somebody has to look at whether an appeal must still be public."""
    return appeal.state == "approved" and today >= date.fromisoformat(appeal.facts.review_on)


def first(lead: Lead | None) -> int:
    """Return where a reply stands in the list: what nobody looked at, information not passed on, the rest."""
    if lead is None:
        return 0
    return 1 if lead.verdict == "information" and lead.passed is None else 2
