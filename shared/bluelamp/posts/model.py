"""What a post is: the contact itself, the case that a person must deal with, and what a page shows of both."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from bluelamp.assets.model import AnswerPicture, PictureLimits
from bluelamp.audit.leaf import Ref
from bluelamp.models import Model

Kind = Literal["post", "comment", "reply", "mention", "message"]
Direction = Literal["in", "out"]
State = Literal["visible", "hiding", "hidden", "unhiding", "deleting", "deleted", "removed"]
CaseState = Literal["unjudged", "open", "closed"]
Risk = Literal["none", "low", "medium", "high", "critical"]
Decision = Literal["hidden", "deleted", "replied", "dismissed"]
Desk = Literal["comms", "control", "supervisor"]
ReasonCode = Literal[
    "abuse",
    "hate",
    "threat",
    "personal_data",
    "spam",
    "off_topic",
    "sub_judice",
    "impersonation",
    "answered",
    "no_action",
    "other_rule",
]


class Frozen(Model):
    """Base of values that nobody changes in place."""

    # An error names the field and never repeats its value: that may be what somebody wrote.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class PersonName(Frozen):
    """An officer as a page names them."""

    id: str
    name: str


class Author(Frozen):
    """A member of the public, as far as the platform says who wrote.

    `key` is the pseudonym that leaves name them by; it finds their other posts.
    """

    id: str | None = None
    name: str | None = None
    handle: str | None = None
    key: str | None = None


class Media(Frozen):
    """A picture, video or other attachment; the address is the platform's and is never shown to a browser."""

    kind: str
    url: str


class CaseReason(Frozen):
    """Why a post stands where it stands: what was found, by which rule, where in the text.

    `spans` count Unicode code points. `effects` are what the rule asks of people (alert somebody now, propose a
    signpost, …), `timer_minutes` how long the post may wait; neither ever acts on the post.
    """

    code: str
    rule: str
    label: str
    grade: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    effects: tuple[str, ...] = ()
    timer_minutes: int | None = None


class CaseScore(Frozen):
    """One head of one scorer, in thousandths; None when it failed."""

    head: str
    provider: str
    version: str
    value_permille: int | None


class Pointer(Frozen):
    """One line of a post's history: where its leaf is (outbox chunk and place in it), who, and the coded details."""

    chunk: str
    i: int
    leaf: str
    type: str
    at: str
    by: PersonName | None = None
    role: str | None = None
    duty: str | None = None
    detail: dict[str, str] = Field(default_factory=dict)


class Case(Frozen):
    """What a person has to decide about a post, and what was decided.

    `scores`, `ruleset`, `normaliser`, `content` (the SHA-256 of what was read) and `unknown` (rules that could not
    be asked) let the judgement be replayed to the same result. `claimed_by` is at it now, `assigned_to` was given it.
    `tags` are codes of the force's list, `refs` its own numbers for what the case belongs to, the newest last.
    """

    state: CaseState = "unjudged"
    grade: int = Field(default=0, ge=0, le=9)
    risk: Risk = "none"
    reasons: tuple[CaseReason, ...] = ()
    scores: tuple[CaseScore, ...] = ()
    unknown: tuple[str, ...] = ()
    ruleset: str | None = None
    normaliser: str | None = None
    content: str | None = None
    claimed_by: PersonName | None = None
    claimed_at: str | None = None
    decision: Decision | None = None
    decided_by: PersonName | None = None
    decided_at: str | None = None
    flagged_to: Desk | None = None
    assigned_to: PersonName | None = None
    assigned_at: str | None = None
    tags: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()


class Proposed(Frozen):
    """What somebody asked to have done to a post, and another person has not approved yet; void from `until` on."""

    action: str
    verb: Literal["delete", "reply", "message"]
    by: PersonName
    at: str
    until: str


class Post(Frozen):
    """A post as stored.

    `stub` is true while only a removal or a hide of it has been seen: its content may still arrive. `seen_at` is when
    the content that stands here was observed; an older observation never replaces a newer one. `head` is the SHA-256
    of the last leaf that changed this post, and `trail` points at all of them. `holds` are the legal holds on it; as
    long as there is one it is not disposed of. `keep_until` is until when a review decided that it is kept. `disposal`
    is the one that destroys what was kept of it, or has; from then on nothing is done to it or taken in for it, and
    from `disposed_at` on its words are gone. `banned` and `liked` say what was done by way of this post: its author may
    be banned by way of another.
    """

    id: str
    platform: str
    account: str
    account_name: str
    team: str
    native_id: str
    kind: Kind
    direction: Direction
    thread: str
    thread_native: str
    parent: str | None = None
    parent_native: str | None = None
    author: Author = Author()
    text: str = ""
    media: tuple[Media, ...] = ()
    permalink: str | None = None
    private: bool = False
    edited: bool = False
    stub: bool = False
    state: State = "visible"
    event_at: str
    seen_at: str
    received_at: str
    updated_at: str
    rev: int = 1
    case: Case = Case()
    pending: str | None = None
    banned: bool = False
    liked: bool = False
    proposed: Proposed | None = None
    holds: tuple[str, ...] = ()
    keep_until: str | None = None
    disposal: str | None = None
    disposed_at: str | None = None
    head: str | None = None
    trail: tuple[Pointer, ...] = ()

    def changed(self, **changes: Any) -> Post:
        """Return this post with some fields replaced."""
        return self.model_copy(update=changes)


class Reason(Frozen):
    """Why an officer decided so: a code of the fixed vocabulary, and a reference into the force's own policy."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    code: ReasonCode
    ref: Ref | None = None


class AuthorName(Frozen):
    """The author as a list shows them."""

    name: str | None
    handle: str | None


class MediaSummary(Frozen):
    """An attachment as a list shows it: that it is there, never where."""

    kind: str


class CaseSummary(Frozen):
    """The case as a page shows it."""

    state: CaseState
    risk: Risk
    grade: int
    reasons: tuple[CaseReason, ...]
    claimed_by: PersonName | None
    claimed_at: str | None
    decision: Decision | None
    decided_by: PersonName | None
    decided_at: str | None
    flagged_to: Desk | None
    assigned_to: PersonName | None = None
    assigned_at: str | None = None
    tags: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()


class PostSummary(Frozen):
    """A post as lists and live events carry it. `can` is what this person may do to it now."""

    id: str
    platform: str
    account: str
    account_name: str
    kind: Kind
    direction: Direction
    thread: str
    parent: str | None
    author: AuthorName
    text: str
    media: tuple[MediaSummary, ...]
    permalink: str | None
    event_at: str
    received_at: str
    updated_at: str
    state: State
    rev: int
    private: bool
    edited: bool
    held: bool = False
    disposed_at: str | None = None
    case: CaseSummary
    proposed: Proposed | None = None
    can: tuple[str, ...] = ()


class QueueCounts(Frozen):
    """How many are open; None when there are more than one page."""

    open: int | None


class QueuePage(Frozen):
    """One page of the queue. `looked` proves for a while that this person saw the open queue of this one account."""

    posts: tuple[PostSummary, ...]
    next: str | None
    counts: QueueCounts
    looked: str | None = None


class ActionView(Frozen):
    """An action as a page shows it. `why` says in words why it did not come to what was asked for."""

    id: str
    verb: Literal["hide", "unhide", "delete", "reply", "ban", "unban", "like", "message", "report"]
    state: Literal[
        "proposed",
        "rejected",
        "withdrawn",
        "expired",
        "pending",
        "sending",
        "done",
        "failed",
        "cancelled",
        "overtaken",
        "unknown",
    ]
    at: str
    by: PersonName
    reason: Reason | None
    done_at: str | None
    error: str | None
    decided_by: PersonName | None = None
    why: str | None = None
    undo_until: str | None = None
    settled_by: PersonName | None = None
    reference: str | None = None
    picture: AnswerPicture | None = None


class Note(Frozen):
    """What an officer wrote for colleagues; `mentions` are those whose attention it asks for, by their ids."""

    id: str
    at: str
    by: PersonName
    text: str
    mentions: tuple[PersonName, ...] = ()


class HistoryEntry(Frozen):
    """One leaf of a post's history: sealed, or on its way."""

    leaf_id: str
    type: str
    at: str
    sealed: bool
    year: int | None
    seq: int | None
    by: PersonName | None = None
    role: str | None = None
    duty: str | None = None
    detail: dict[str, str] = Field(default_factory=dict)


class PostView(Frozen):
    """A post opened: itself, its thread, what was done about it, and what pictures may go with an answer."""

    post: PostSummary
    thread: tuple[PostSummary, ...]
    actions: tuple[ActionView, ...]
    notes: tuple[Note, ...]
    history: tuple[HistoryEntry, ...]
    pictures: tuple[PictureLimits, ...] = ()


class ActionResult(Frozen):
    """The post after a write, and the action that was set going, if any."""

    post: PostSummary
    action: ActionView | None


def parse_stored(item: dict[str, Any]) -> Post:
    """Read a post from its stored attributes; keys that it does not know (indexes, ttl) are left aside."""
    return Post.model_validate(item)


class Colleague(Frozen):
    """Somebody who reaches a post's account; `takes` when a case there can be given to them."""

    id: str
    name: str
    role: str
    takes: bool


class Colleagues(Frozen):
    """People who reach a post's account, by name; `more` when there are more than are shown."""

    people: tuple[Colleague, ...]
    more: bool


class Tag(Frozen):
    """A tag of the force's list: its code, which records carry, and its name. One that is retired is put on nothing."""

    code: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    name: str = Field(min_length=1, max_length=60)
    retired: bool = False
    rev: int = 1
    head: str | None = None


class TagList(Frozen):
    """The force's tags, by code."""

    tags: tuple[Tag, ...]


class AuthorPage(Frozen):
    """Other posts by the author of a post, within a person's reach, newest first."""

    posts: tuple[PostSummary, ...]
    next: str | None
