"""The words of a rights case: what was asked for under which law, how far it is, its clock, and what was found for it.

What the public wrote is not copied into a case: an item names a post, and says by spans what of its words goes out.
Who asks stands in an item of its own, which the list never reads and no record holds.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from bluelamp.audit.leaf import Ref
from bluelamp.models import Model
from bluelamp.posts.model import Frozen, PersonName

# One case is read through by people, one item after another.
MOST_ITEMS = 500
MOST_SEARCHES = 20
MOST_SPANS = 200

Kind = Literal["access", "foi", "rectification", "erasure"]
Law = Literal["dpa_part3", "uk_gdpr", "foia"]
State = Literal[
    "received", "awaiting_identity", "awaiting_clarification", "searching", "reviewing", "submitted", "approved",
    "answered", "refused", "withdrawn",
]  # fmt: skip
Identity = Literal["unverified", "confirmed", "not_needed"]
Outcome = Literal["answer", "refuse"]
Step = Literal[
    "ask_identity", "identity_confirmed", "ask_clarification", "clarified", "extend", "take", "submit", "reopen",
    "sent", "withdraw",
]  # fmt: skip
Extension = Literal["complexity", "number_of_requests", "public_interest_test"]
# Why a part of a text, or a post, does not go out: other people's data, or an exemption of the law (`law.EXEMPTIONS`).
Ground = Literal["third_party", "exemption"]
Verdict = Literal["disclose", "redact", "withhold", "erase", "correct", "out_of_scope"]
Exemption = Annotated[str, Field(pattern=r"^(dpa|gdpr|foia)_[a-z0-9_]{1,32}$")]
FINISHED: frozenset[State] = frozenset({"answered", "refused", "withdrawn"})


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_day)]
Words = Annotated[str, Field(min_length=2, max_length=100)]
PostId = Annotated[str, Field(pattern=r"^p[a-z0-9_-]{1,64}$")]


class _Given(Model):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Pause(Frozen):
    """A time that does not count: from the day of asking to the day of the answer, both included; open without an end.

    `why` is what was asked for.
    """

    why: Literal["identity", "clarification"]
    begin: Day
    end: Day | None = None


class Requester(_Given):
    """Who asks, as they wrote it. In the table alone, for those who work the case."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    contact: Annotated[str, Field(max_length=500)] = ""
    request: Annotated[str, Field(max_length=4000)] = ""


class Criteria(_Given):
    """What is searched for. Within the period and account, a post is found when anything of the rest fits, if given.

    `author` is the pseudonym that stands in the log, `author_id` with `platform` the platform's own id, `handle` the
    name or handle as the platform showed it, on `platform` alone where that is given, `words` stand in the text
    whatever the case of the letters.
    """

    since: Day
    until: Day
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")] | None = None
    thread: Annotated[str, Field(pattern=r"^t[a-z0-9_-]{1,64}$")] | None = None
    author: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    platform: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")] | None = None
    author_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    handle: Annotated[str, Field(min_length=2, max_length=100)] | None = None
    words: Annotated[tuple[Words, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.since > self.until:
            raise ValueError("the period ends before it begins")
        if self.author_id is not None and self.platform is None:
            raise ValueError("a platform's own id of an author is given with the platform")
        if self.platform is not None and self.author_id is None and self.handle is None:
            raise ValueError("a platform is given with an author's id or handle there")
        if not (self.account or self.thread or self.author or self.author_id or self.handle or self.words):
            raise ValueError("say what to search for: an account, a thread, an author, a handle or words")
        return self


class Search(Frozen):
    """A search of a case, as stored; `examined` posts were looked at, `found` of them fit, `added` were new to it."""

    id: str
    criteria: Criteria
    asked_at: str
    state: Literal["waiting", "done", "failed"] = "waiting"
    examined: int = 0
    found: int = 0
    added: int = 0
    error: str | None = None


class Package(Frozen):
    """The answer as a file; `version` is the digest of what was approved and nothing else is in it."""

    state: Literal["waiting", "made", "failed"] = "waiting"
    asked_at: str
    sha256: str | None = None
    size: int | None = None
    expires_at: str | None = None
    error: str | None = None


class Case(Frozen):
    """A case as stored. `head` is the digest of the last record that changed it; each revision has one.

    `runs_from` is the day that the time to answer counts from. `version` is the digest of the answer that was
    submitted, `disposals` what was proposed to be destroyed for it.
    """

    id: str
    kind: Kind
    law: Law
    ref: str
    received_on: Day
    runs_from: Day
    by: PersonName
    handler: PersonName
    created_at: str
    changed_at: str
    state: State = "received"
    before_pause: State | None = None
    identity: Identity = "unverified"
    pauses: tuple[Pause, ...] = ()
    extended_on: Day | None = None
    extension: Extension | None = None
    searches: tuple[Search, ...] = ()
    outcome: Outcome | None = None
    exemption: str | None = None
    version: str | None = None
    submitted_by: PersonName | None = None
    decided_by: PersonName | None = None
    decided_at: str | None = None
    package: Package | None = None
    disposals: tuple[str, ...] = ()
    finished_on: Day | None = None
    head: str | None = None
    rev: int = 1

    @property
    def open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.state not in FINISHED


class Span(_Given):
    """A part of a text that does not go out, in Unicode code points; `end` is behind its last."""

    begin: Annotated[int, Field(ge=0, le=100_000)]
    end: Annotated[int, Field(ge=1, le=100_000)]
    ground: Ground
    exemption: Exemption | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.begin >= self.end:
            raise ValueError("a span ends behind its beginning")
        if (self.ground == "exemption") != (self.exemption is not None):
            raise ValueError("an exemption is named by its code, and with no other ground")
        return self


class Ruling(_Given):
    """What is decided about an item. `author` and `media` say whether who wrote it and its attachments go out, too."""

    verdict: Verdict
    spans: Annotated[tuple[Span, ...], Field(max_length=MOST_SPANS)] = ()
    exemption: Exemption | None = None
    author: bool = False
    media: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.verdict == "redact") != bool(self.spans):
            raise ValueError("what is redacted has spans, and nothing else has")
        if (self.verdict == "withhold") != (self.exemption is not None):
            raise ValueError("what is withheld names the exemption, and nothing else does")
        if self.verdict not in {"disclose", "redact"} and (self.author or self.media):
            raise ValueError("author and attachments go out with a post that goes out")
        return self


class Item(Frozen):
    """A post that a search found for a case, as stored.

    `key` is its pseudonym in the log. `words` is the keyed digest of text and attachments as they were decided on: what
    the public changes afterwards has to be looked at again.
    """

    case: str
    post: str
    account: str
    key: str
    event_at: str
    search: str
    ruling: Ruling | None = None
    words: str | None = None
    by: PersonName | None = None
    at: str | None = None
    rev: int = 1


class Reminder(Frozen):
    """When an open case is due, for whoever looks each minute; `told` is the least of the marks already told."""

    case: str
    handler: str
    due: Day | None = None
    told: int | None = None
    rev: int = 1


class Due(Frozen):
    """The clock of a case as it stands: the day it is due, or that the clock stands still and what it waits for."""

    on: Day | None
    days_left: int | None
    waits_for: Literal["identity", "clarification"] | None
    rule: str


class SearchView(Frozen):
    """A search as callers see it."""

    id: str
    state: str
    criteria: Criteria
    examined: int
    found: int
    added: int
    error: str | None


class CaseSummary(Frozen):
    """A case as a list shows it."""

    id: str
    kind: Kind
    law: Law
    ref: str
    received_on: str
    state: State
    handler: PersonName
    due: Due
    rev: int


class CaseView(CaseSummary):
    """A case opened. `requester` and the searches' words are there only for those who work it."""

    identity: Identity
    extended_on: str | None
    outcome: Outcome | None
    exemption: str | None
    submitted_by: PersonName | None
    decided_by: PersonName | None
    finished_on: str | None
    package: Package | None
    disposals: tuple[str, ...]
    requester: Requester | None
    searches: tuple[SearchView, ...]
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    exemptions: dict[str, str]


class CasePage(Frozen):
    """One page of cases: those that are open, the nearest due first; or all, newest first."""

    cases: tuple[CaseSummary, ...]
    next: str | None


class ItemSummary(Frozen):
    """An item as a list shows it: not a word of the post."""

    post: str
    account: str
    event_at: str
    verdict: Verdict | None
    changed: bool
    held: bool
    rev: int


class ItemList(Frozen):
    """What was found for a case, oldest first."""

    items: tuple[ItemSummary, ...]
    undecided: int


class ItemView(ItemSummary):
    """An item opened, with the words of the post."""

    account_name: str
    direction: str
    author: str | None
    handle: str | None
    text: str
    media: tuple[str, ...]
    ruling: Ruling | None


class Outgoing(Frozen):
    """A post as it goes out: what is redacted is gone from it. Its number is its place in the answer."""

    number: int
    at: str
    account: str
    direction: str
    author: str | None
    text: str
    redacted: tuple[str, ...]
    media: tuple[str, ...]
    media_withheld: int


class Answer(Frozen):
    """What goes to who asked, a part at a time, for whoever approves it. `withheld` counts posts by exemption."""

    version: str
    outcome: Outcome
    exemption: str | None
    posts: tuple[Outgoing, ...]
    total: int
    withheld: dict[str, int]
    redactions: dict[str, int]
    out_of_scope: int
    erased: int
    corrected: int


class RightsLink(Frozen):
    """Where the answer can be fetched, without signing in, until `expires_at`."""

    url: str
    expires_at: str
    name: str
    sha256: str
    size: int


class CaseBody(_Given):
    """A request that has come in."""

    kind: Kind
    law: Law
    ref: Ref
    received_on: Day
    requester: Requester

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "foi") != (self.law == "foia"):
            raise ValueError("a freedom of information request is under the FOIA, and nothing else is")
        return self
