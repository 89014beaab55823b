"""What an appeal is: why the force asks the public, on which basis, with which pictures, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluelamp.audit.leaf import Day, Ref, Ulid
from bluelamp.posts.model import Frozen, PersonName, PostSummary

AppealKind = Literal["wanted", "missing", "witness", "cctv"]
# The lawful bases on which personal data are made public, of the Data Protection Act 2018: a task for a law enforcement
# purpose (s35(2)(b)); consent (s35(2)(a)); to protect somebody's vital interests (Schedule 8 para 3); to safeguard
# children or adults at risk (Schedule 8 para 4). A missing person who is suspected of nothing comes under the UK GDPR:
# Article 6(1)(d), vital interests, or 6(1)(e), a task in the public interest.
Basis = Literal["task", "consent", "vital_interests", "safeguarding", "public_task"]
# Where a picture comes from: what the force may show of it, and whom it must ask, hangs on that.
Source = Literal["cctv", "custody", "body_worn", "family", "public", "press", "other"]
AppealState = Literal["draft", "proposed", "approved", "closed"]
Verdict = Literal["information", "speculation", "names_suspect", "not_relevant"]
Outcome = Literal[
    "found", "found_safe", "found_deceased", "arrested", "handed_in", "identified", "witness_found", "withdrawn", "none"
]
# What becomes of what is out when an appeal ends.
Ending = Literal["take_down", "update", "leave"]
RejectReason = Literal["not_justified", "wording", "basis", "picture", "timing"]

Title = Annotated[str, Field(min_length=1, max_length=120)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]


# What one appeal is sent out as, at the most.
Publications = Annotated[tuple[Ulid, ...], Field(min_length=1, max_length=5)]


class Picture(Frozen):
    """Where one picture or film of the publication comes from, and under which number the force holds it."""

    asset: Ulid
    source: Source
    taken_on: Day | None = None
    ref: Ref | None = None


class Facts(Frozen):
    """What is said of an appeal beside what is published: why, on which basis, until when, with which pictures.

    `reason` says why the public must be asked, and why this much of the person must be shown; `review_on` is the day by
    which somebody looks at whether it must still be public.
    """

    kind: AppealKind
    title: Title
    reason: Words
    basis: Basis
    ref: Ref
    review_on: Day
    pictures: tuple[Picture, ...] = ()


class Appeal(Frozen):
    """An appeal as stored; `publications` are what is sent out for it, with a state of their own on each account.

    They are more than one where a platform does not take what another does: X takes no film of five minutes.

    `authors` wrote what it says, and none of them approves it. `accounts` are those of its publications, as they were
    at the last step: who reaches one of them sees the appeal. `words` stands, by publication, for it as it was
    proposed: with any other it does not go out.
    """

    id: Ulid
    facts: Facts
    publications: Publications
    accounts: tuple[str, ...] = ()
    state: AppealState = "draft"
    by: PersonName
    authors: tuple[str, ...] = ()
    words: dict[Ulid, str] = Field(default_factory=dict)
    at: str
    proposed_at: str | None = None
    approved_by: PersonName | None = None
    approved_at: str | None = None
    rejected: RejectReason | None = None
    public_at: str | None = None
    outcome: Outcome | None = None
    outcome_at: str | None = None
    closed_by: PersonName | None = None
    closed_at: str | None = None
    ending: Ending | None = None
    reminded_on: str | None = None
    rev: int = 1
    head: str | None = None


class Lead(Frozen):
    """What somebody made of one reply or message; `passed` is the force's number of whom it was passed on to."""

    appeal: Ulid
    post: str
    verdict: Verdict
    by: PersonName
    at: str
    passed: Ref | None = None
    passed_at: str | None = None
    rev: int = 1


class LeadView(Frozen):
    """A reply or message to an appeal. `answered`: we acknowledged it. `hide`: hiding it is proposed."""

    post: PostSummary
    lead: Lead | None
    answered: bool
    hide: bool


class Leads(Frozen):
    """What came in for an appeal within reach, what nobody has looked at yet first; `more` when there is more."""

    leads: tuple[LeadView, ...]
    more: bool


class CopyView(Frozen):
    """What became of an appeal on one account; `state` is that of the publication there.

    `remaining` says that the public may see it, `updated` that it says by now what came of it. `error` is what the
    platform answered last, when it did not do what it was asked for.
    """

    account: str
    account_name: str
    platform: str
    state: str
    native_id: str | None = None
    out_at: str | None = None
    down_at: str | None = None
    error: str | None = None
    remaining: bool = False
    updated: bool = False


class AppealView(Frozen):
    """An appeal as a page shows it. `can` is what this person may do with it now; `minutes` is the time to its result.

    `remaining` says on how many accounts it is still to be seen as it was, `due` that its review is. `void` says that
    a publication was changed since it was proposed: it does not go out until the appeal is proposed again.
    """

    appeal: Appeal
    states: tuple[str, ...]
    texts: tuple[str, ...]
    assets: tuple[str, ...]
    copies: tuple[CopyView, ...]
    remaining: int
    minutes: int | None
    due: bool
    void: bool
    can: tuple[str, ...]


class AppealList(Frozen):
    """Appeals, the newest first."""

    appeals: tuple[Appeal, ...]
    next: str | None = None
