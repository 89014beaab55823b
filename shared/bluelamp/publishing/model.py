"""A publication as stored: what is to be said on which accounts, by whose word and when; and its copy on each account.

A publication is decided upon; a copy is sent. So one account's failure is that account's, and each copy has its own
intent and outcome in the log.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from bluelamp.accounts.model import Approver
from bluelamp.audit.leaf import Token, Ulid
from bluelamp.models import Model
from bluelamp.posts.model import PersonName

# A transaction takes 100 writes and 4 MB: each account's copy, and what belongs to all of them.
MAX_ACCOUNTS = 80
MAX_TEXT = 10_000
MAX_ASSETS = 10
MAX_ALT = 2_000

PublicationState = Literal["draft", "proposed", "scheduled", "running", "ended", "held", "withdrawn"]
CopyState = Literal[
    "waiting", "preparing", "publishing", "out", "failed", "unknown", "stopped", "missing", "changing", "down"
]
CopyVerb = Literal["publish", "edit", "take_down"]
RejectReason = Literal["not_justified", "wording", "another_way", "other_rule"]
# What came of an intent.
Result = Literal["done", "already", "failed", "cancelled", "unknown"]
DownReason = Literal["closed", "error", "superseded", "court_order", "privacy", "other"]
PauseReason = Literal["incident", "bereavement", "purdah", "security", "error", "other"]
Every = Literal["day", "week"]

# Nothing more happens to a copy in these by itself.
SETTLED: frozenset[CopyState] = frozenset({"out", "failed", "unknown", "stopped", "missing", "down"})
# The error of a copy that was taken down before it was out.
WITHDRAWN = "withdrawn"
# What a person may still withdraw or change.
OPEN: frozenset[PublicationState] = frozenset({"draft", "proposed", "scheduled", "held"})

AccountId = Token
Text = Annotated[str, Field(max_length=MAX_TEXT)]
# What a platform calls a publication: the number in its address.
NativeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_:-]{1,100}$")]
# 2026-03-29T14:00 by the clock on the wall in London.
Wall = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$")]
Link = Annotated[str, Field(pattern=r"^https?://[^\s\x00-\x20]{1,2000}$")]


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Given(Model):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Origin(_Given):
    """What a publication belongs to."""

    kind: Literal["appeal", "incident"]
    id: Ulid


class Attached(_Given):
    """A picture or video of a publication; `alt` says what is to be seen, for those who do not see it."""

    id: Ulid
    alt: Annotated[str, Field(max_length=MAX_ALT)] = ""


class PollFields(_Given):
    """A question's answers to choose from, and for how many minutes."""

    options: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(min_length=2)]
    minutes: int = Field(ge=5, le=60 * 24 * 30)


class Recurrence(_Given):
    """Again each day or week, `times` times in all at the most. It ends by itself."""

    every: Every
    times: int = Field(ge=2, le=60)


class Schedule(_Given):
    """When: without `at` at once, by the clock on the wall in London otherwise.

    `fold` says which of the two hours is meant in the night in which summer time ends.
    """

    at: Wall | None = None
    fold: Literal["first", "second"] | None = None
    again: Recurrence | None = None

    @model_validator(mode="after")
    def _begins(self) -> Self:
        if self.again and not self.at:
            raise ValueError("what comes again needs a first time")
        return self


class DraftFields(_Given):
    """What a draft holds. `variants` are the words of single accounts, in place of `text`."""

    text: Text = ""
    link: Link | None = None
    accounts: Annotated[tuple[AccountId, ...], Field(max_length=MAX_ACCOUNTS)] = ()
    variants: dict[AccountId, Text] = Field(default_factory=dict)
    assets: Annotated[tuple[Attached, ...], Field(max_length=MAX_ASSETS)] = ()
    poll: PollFields | None = None
    schedule: Schedule = Schedule()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if len(set(self.accounts)) < len(self.accounts):
            raise ValueError("an account is named twice")
        if stray := set(self.variants) - set(self.accounts):
            raise ValueError(f"there are words for {', '.join(sorted(stray))}, which is not among the accounts")
        return self

    def words(self, account: str) -> str:
        """Return the words for an account."""
        return self.variants.get(account, self.text)


class Need(_Frozen):
    """An account of a publication that needs a second person's word, whose, and who gave it."""

    account: str
    approver: Approver
    by: PersonName | None = None
    at: str | None = None


class Publication(_Frozen):
    """A publication.

    `rev` counts every change; `step` and `head` are the last record's number and digest. `fields` is to be published,
    `submitted` was last submitted, `before` the time before: an approver sees the difference. No author approves it.
    `due` is when it is next sent, `run` how often it was, `begun` how often at its submission. `despite` passes pauses.
    """

    id: str
    state: PublicationState = "draft"
    fields: DraftFields
    submitted: DraftFields | None = None
    before: DraftFields | None = None
    by: PersonName
    authors: tuple[str, ...]
    at: str
    changed_at: str
    changed_by: PersonName
    origin: Origin | None = None
    incident: str | None = None
    needs: tuple[Need, ...] = ()
    proposed_at: str | None = None
    rejected_by: PersonName | None = None
    reject_reason: RejectReason | None = None
    due: str | None = None
    run: int = 0
    begun: int = 0
    despite: bool = False
    held_why: str | None = None
    step: int = 0
    head: str | None = None
    rev: int = 1


class Job(_Frozen):
    """What is being done to a copy: the verb, its intent and where that is, and for whom.

    `text` is for an edit; `back` is what the copy is again when it fails.
    """

    verb: CopyVerb
    intent: str
    chunk: str
    at: str
    by: PersonName
    text: str | None = None
    back: CopyState = "failed"


class Unwanted(_Frozen):
    """Who wanted a copy taken down while nobody knew whether it was out, when and why."""

    by: PersonName
    at: str
    reason: DownReason


class Copy(_Frozen):
    """A publication on one account.

    `progress` is how far the platform's upload has come. `maybe_done` stands from just before a public call until the
    platform has said no to it, `called_at` is when that call began: as long as it stands nobody may claim that nothing
    happened. `unwanted` stands while somebody wants it taken down as soon as that is known, `looks` counts
    how often it was read back. `step` and `head` are of the last record, `rev` counts every write.
    """

    id: str
    publication: str
    run: int
    account: str
    platform: str
    state: CopyState = "waiting"
    text: str
    link: str | None = None
    assets: tuple[Attached, ...] = ()
    poll: PollFields | None = None
    despite: bool = False
    job: Job
    progress: dict[str, Any] = Field(default_factory=dict)
    attempts: int = 0
    lease_until: str = ""
    maybe_done: bool = False
    called_at: str = ""
    deferred_at: str = ""
    error: str | None = None
    native_id: str | None = None
    out_at: str | None = None
    down_at: str | None = None
    checked_at: str | None = None
    incident: str | None = None
    unwanted: Unwanted | None = None
    looks: int = 0
    step: int = 1
    head: str
    rev: int = 1

    @property
    def to_come(self) -> bool:
        """Whether it would still go out, or go on after a pause, and no public call for it has begun."""
        return self.state in {"waiting", "preparing", "stopped"} and not self.maybe_done

    @property
    def in_doubt(self) -> bool:
        """Whether nobody can say what the public sees of it, or will in a moment, and it has no number to go by."""
        if self.state == "changing":
            return self.job.verb == "edit"
        return self.native_id is None and self.maybe_done and self.state not in {"out", "down"}

    @property
    def in_flight(self) -> bool:
        """Whether its public call has begun and a worker will still find out what came of it."""
        return self.maybe_done and self.job.verb == "publish" and self.state not in SETTLED

    @property
    def stuck(self) -> bool:
        """Whether a person may send it again: what somebody took down before it was out is not what waits for that."""
        return self.state in {"stopped", "failed"} and self.error != WITHDRAWN


class Pause(_Frozen):
    """Publishing stands still: everywhere, or on some accounts."""

    id: str
    accounts: tuple[str, ...] | None = None
    reason: PauseReason
    incident: str | None = None
    by: PersonName
    at: str
    ended_at: str | None = None
    ended_by: PersonName | None = None
    head: str
    rev: int = 1

    def covers(self, account: str) -> bool:
        """Return whether it holds for an account."""
        return self.ended_at is None and (self.accounts is None or account in self.accounts)


# What pages are shown ------------------------------------------------------------------------------------------------


class CopyView(_Frozen):
    """A copy as a page shows it. `can` is what the platform and its state leave open: ``edit``, ``take_down``."""

    id: str
    run: int
    account: str
    platform: str
    state: CopyState
    verb: CopyVerb
    text: str
    at: str
    by: PersonName
    error: str | None
    native_id: str | None
    out_at: str | None
    down_at: str | None
    checked_at: str | None
    unwanted: bool = False
    can: tuple[CopyVerb | Literal["settle"], ...] = ()


class PublicationView(_Frozen):
    """A publication with its copies, as a page shows it; `can` is what this person may do with it now."""

    id: str
    state: PublicationState
    fields: DraftFields
    before: DraftFields | None
    by: PersonName
    at: str
    changed_at: str
    changed_by: PersonName
    origin: Origin | None
    needs: tuple[Need, ...]
    rejected_by: PersonName | None
    reject_reason: RejectReason | None
    due: str | None
    run: int
    held_why: str | None
    paused: bool
    rev: int
    copies: tuple[CopyView, ...] = ()
    can: tuple[str, ...] = ()


class PublicationLine(_Frozen):
    """A publication in a list. `clashes` names others at about the same time or with the same words."""

    id: str
    state: PublicationState
    text: str
    accounts: tuple[str, ...]
    by: PersonName
    changed_at: str
    due: str | None
    clashes: tuple[str, ...] = ()


class PublicationPage(_Frozen):
    """Publications, newest first or, in the calendar, by their time."""

    publications: tuple[PublicationLine, ...]
    next: str | None = None


class PauseView(_Frozen):
    """A pause as a page shows it."""

    id: str
    accounts: tuple[str, ...] | None
    reason: PauseReason
    incident: str | None
    by: PersonName
    at: str
    ended_at: str | None
    ended_by: PersonName | None
    rev: int


class Pauses(_Frozen):
    """The pauses in force."""

    pauses: tuple[PauseView, ...]


class LimitsView(_Frozen):
    """What a platform takes, for the page. Its own count of the words comes with `Counted`."""

    platform: str
    characters: int
    alt: int
    pictures: int
    videos: int
    edits: bool
    poll: bool


class LimitsList(_Frozen):
    """What each platform takes."""

    platforms: tuple[LimitsView, ...]


class Counted(_Frozen):
    """How long the words for an account are in its platform's own count, how long they may be, and what is wrong.

    `problem` is the sentence for the person, `what` the part of the form that it is about.
    """

    account: str
    length: int
    most: int
    problem: str | None = None
    what: str | None = None


class Checked(_Frozen):
    """What is to be said of a draft before it is sent anywhere; nothing is called for it."""

    accounts: tuple[Counted, ...]
    due: str | None
    problem: str | None = None
