"""The words of retention: classes and reviews, legal holds, disposals and what became of each post of them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from bluelamp.audit.leaf import Ref
from bluelamp.errors import BluelampError, ConflictError, RefusedError
from bluelamp.posts.model import Direction, Frozen, Kind, PersonName, Pointer, State

MOST_POSTS = 100
MOST_IN_THREAD = 2_000

Basis = Literal["contact_record", "platform_terms", "force_policy", "consent", "court_order"]
HoldReason = Literal[
    "proceedings", "investigation", "cpia_disclosure", "complaint", "public_inquiry", "subject_access", "court_order"
]
LiftReason = Literal["proceedings_ended", "investigation_closed", "not_needed", "placed_in_error", "court_order"]
DisposalReason = Literal[
    "review_passed", "platform_terms", "erasure_request", "collected_in_error", "no_policing_purpose", "court_order"
]
KeepReason = Literal[
    "policing_purpose", "risk_of_harm", "investigation", "proceedings", "complaint", "public_inquiry", "court_order"
]
RefusalReason = Literal["still_needed", "not_reviewed", "wrong_posts", "withdrawn"]
HoldState = Literal["placing", "held", "lifting", "released"]
DisposalState = Literal["proposed", "approved", "refused", "done"]
FateState = Literal["pending", "erasing", "destroyed", "skipped"]
# Why a post is left as it is.
SkipReason = Literal["missing", "held", "open", "under_way", "disposed"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FINAL: frozenset[FateState] = frozenset({"destroyed", "skipped"})

PostId = Annotated[str, Field(pattern=r"^p[a-z0-9_-]{1,64}$")]
ThreadId = Annotated[str, Field(pattern=r"^t[a-z0-9_-]{1,64}$")]
# The number of the force's own file, as in the log.
FileRef = Ref
Days = Annotated[int, Field(ge=1, le=36_525)]


class NotDisposableError(ConflictError):
    """A post cannot be disposed of as it stands: held, open, under way, gone already, or its review date to come."""

    code: ClassVar[str] = "not_disposable"


class NotKeptError(ConflictError):
    """A post cannot be kept longer as it stands: its case is open, or it is disposed of."""

    code: ClassVar[str] = "not_kept"


class SamePersonError(RefusedError):
    """Who proposed a disposal does not decide it."""

    code: ClassVar[str] = "same_person"


class TwoPeopleError(BluelampError):
    """The sealed log does not say that one person proposed this disposal and another approved it: nothing goes."""

    code: ClassVar[str] = "two_people"


class NotDoneError(ConflictError):
    """A certificate was asked for before everything is destroyed that is to be."""

    code: ClassVar[str] = "disposal_not_done"


class NotYetError(BluelampError):
    """What has to be sealed first is not; the message is in the queue again. Nothing is wrong."""

    code: ClassVar[str] = "not_yet"


class RetentionClass(Frozen):
    """How long posts of a kind are kept on a platform before somebody reviews them; revision 0 is what we set out with.

    `head` is the SHA-256 of the last record that changed it.
    """

    platform: str
    kind: Kind
    days: int
    basis: Basis
    rev: int = 0
    changed_at: str | None = None
    changed_by: PersonName | None = None
    head: str | None = None


class ClassView(Frozen):
    """A class as callers see it; `why` explains the basis."""

    platform: str
    kind: Kind
    days: int
    basis: Basis
    why: str
    rev: int
    changed_at: str | None
    changed_by: PersonName | None


class ClassList(Frozen):
    """Every class, by platform and kind."""

    classes: tuple[ClassView, ...]


class Review(Frozen):
    """A post whose review date has passed. No word of it is here: who may see the post opens it."""

    post: str
    platform: str
    account: str
    account_name: str
    kind: Kind
    direction: Direction
    state: State
    event_at: str
    closed_at: str
    review_at: str
    basis: Basis
    held: bool


class ReviewPage(Frozen):
    """One page of reviews, the longest due first on each account."""

    reviews: tuple[Review, ...]
    next: str | None


class Hold(Frozen):
    """A legal hold as stored. `records` point at its leaves, `head` is the digest of the last.

    `marked` counts the posts that it is on, `packs` the objects that were put under S3's own legal hold for it.
    """

    id: str
    posts: tuple[str, ...]
    thread: str | None = None
    missed: tuple[str, ...] = ()
    reason: HoldReason
    ref: str
    by: PersonName
    created_at: str
    state: HoldState = "placing"
    marked: int = 0
    packs: int = 0
    lifted_by: PersonName | None = None
    lifted_at: str | None = None
    lift_reason: LiftReason | None = None
    lift_ref: str | None = None
    records: tuple[Pointer, ...] = ()
    head: str | None = None
    rev: int = 1

    @property
    def active(self) -> bool:
        """Whether its posts are to be held."""
        return self.state in {"placing", "held"}


class HoldView(Frozen):
    """A hold as callers see it. `missed` are posts that were disposed of before anybody asked to hold them."""

    id: str
    state: HoldState
    posts: tuple[str, ...]
    thread: str | None
    missed: tuple[str, ...]
    reason: HoldReason
    ref: str
    by: PersonName
    created_at: str
    marked: int
    packs: int
    lifted_by: PersonName | None
    lifted_at: str | None
    lift_reason: LiftReason | None
    lift_ref: str | None


class HoldPage(Frozen):
    """One page of holds, newest first."""

    holds: tuple[HoldView, ...]
    next: str | None


class Remaining(Frozen):
    """What was kept around another post, before that was taken away, and may hold words of a disposed one.

    `post` is that other post's id and `key` its pseudonym in the log.
    """

    leaf: str
    at: str
    post: str
    key: str


class Fate(Frozen):
    """What becomes of one post of a disposal, as stored.

    `key` is the post's pseudonym in the log. `erase` are the leaves that announced the destruction, `chunks` those
    whose leaves name each content, `outcome` the leaf that says it is done.
    """

    disposal: str
    post: str
    account: str = ""
    key: str = ""
    state: FateState = "pending"
    why: SkipReason | None = None
    contents: int = 0
    remaining: tuple[Remaining, ...] = ()
    erase: tuple[Pointer, ...] = ()
    chunks: tuple[str, ...] = ()
    outcome: Pointer | None = None
    done_at: str | None = None
    rev: int = 1


class Disposal(Frozen):
    """A disposal as stored. `records` point at its leaves: proposed, decided, done."""

    id: str
    posts: tuple[str, ...]
    accounts: tuple[str, ...]
    reason: DisposalReason
    ref: str
    by: PersonName
    role: str
    created_at: str
    state: DisposalState = "proposed"
    decided_by: PersonName | None = None
    decided_role: str | None = None
    decided_at: str | None = None
    refusal: RefusalReason | None = None
    done_at: str | None = None
    records: tuple[Pointer, ...] = ()
    head: str | None = None
    rev: int = 1


class FateView(Frozen):
    """What becomes of one post, as callers see it."""

    post: str
    state: FateState
    why: SkipReason | None
    contents: int
    done_at: str | None


class DisposalSummary(Frozen):
    """A disposal as a list shows it."""

    id: str
    state: DisposalState
    posts: int
    reason: DisposalReason
    ref: str
    by: PersonName
    created_at: str
    decided_by: PersonName | None
    decided_at: str | None
    refusal: RefusalReason | None
    done_at: str | None


class DisposalView(DisposalSummary):
    """A disposal with what becomes of each post."""

    fates: tuple[FateView, ...]


class DisposalPage(Frozen):
    """One page of disposals, newest first."""

    disposals: tuple[DisposalSummary, ...]
    next: str | None
