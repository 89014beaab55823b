"""An action as stored: who wanted what done to which post, and how far it has come."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluelamp.accounts.model import Approver
from bluelamp.actions.wording import said
from bluelamp.assets.model import AnswerPicture
from bluelamp.audit.leaf import Saved, Ulid
from bluelamp.posts.model import (
    ActionView,
    Case,
    Decision,
    Frozen,
    PersonName,
    Pointer,
    PostSummary,
    Reason,
    State,
)

# What a connector carries out, and `report`, which a person does on the platform's own form and records here.
Verb = Literal["hide", "unhide", "delete", "reply", "ban", "unban", "like", "message", "report"]
ActionState = Literal[
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
# What is single never waits for what is many at once.
Lane = Literal["single", "bulk"]
IfEdited = Literal["ask", "send"]
# Codes of why a second person says no to what was proposed.
RejectReason = Literal["not_justified", "wording", "another_way", "dealt_with", "other_rule"]

FINAL: frozenset[str] = frozenset(
    {"rejected", "withdrawn", "expired", "done", "failed", "cancelled", "overtaken", "unknown"}
)

# What a post is while the action is under way, and afterwards. What is not here moves nothing.
UNDER_WAY: dict[Verb, State] = {"hide": "hiding", "unhide": "unhiding", "delete": "deleting"}
AFTERWARDS: dict[Verb, State] = {"hide": "hidden", "unhide": "visible", "delete": "deleted"}
# What takes a post out of the public's sight: before it is asked for, the evidence lies under lock.
TAKES_AWAY: frozenset[Verb] = frozenset({"hide", "delete"})
# What was decided on the words that stood there: when these have changed since, the person is asked again.
BY_WORDS: frozenset[Verb] = frozenset({"hide", "delete", "ban", "like"})
# What is said to somebody: twice is worse than not knowing, so it is never repeated while it may have been said.
SAYS: frozenset[Verb] = frozenset({"reply", "message"})
# What is fulfilled by itself when the post is not there any more.
FULFILLED_BY_ABSENCE: frozenset[Verb] = frozenset({"hide", "delete"})
# How an action closes a case; what is not here leaves the case as it is.
DECISION: dict[Verb, Decision] = {"hide": "hidden", "delete": "deleted", "reply": "replied", "message": "replied"}


class ChosenPicture(Frozen):
    """The picture that somebody wants to send with an answer, described for those who do not see it."""

    id: Ulid
    alt: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class Kept(Frozen):
    """The evidence that was kept before an action took a post away.

    `pointers` are the lines of the context's leaves: one, or more when the author changed the post in the meantime and
    it was kept again. `chunks` are those of all leaves that must be sealed before the platform is called. `seen_at`
    says which content of the post it was.
    """

    pointers: tuple[Pointer, ...]
    chunks: tuple[str, ...]
    seen_at: str


class Proposal(Frozen):
    """What an action had to wait for: whose word, until when, and what was made of it by whom.

    `seen_at` says which content of the post it was proposed on.
    """

    at: str
    until: str
    approver: Approver
    seen_at: str
    decided_at: str | None = None
    decided_by: PersonName | None = None


class Action(Frozen):
    """One action on one post.

    `before` and `case_before` are the state and the case to go back to when it fails. `intent` and `chunk` name the
    leaf that had to be sealed first. `lease_until` keeps two workers from calling the platform at once; `attempts`
    counts the calls. `maybe_acted` stands from just before a call until the platform has said no to it: as long as it
    stands, nobody may claim that nothing happened. `deferred_at` is when the log last heard that the action waits.
    `kept` stands on a hide or delete once its evidence is on its way to the seal. `proposal` stands on one that needed
    the word of a second person; until that is given there is no intent, and `at` is when it was given, not asked for.
    `saved` is the saved reply that the words came from. `seen_at` says which content of the post it was decided on, and
    `if_edited` what becomes of it when that has changed: the person is asked again, or it is sent all the same.
    `undo_until` is how long it is held back for its person. `incident` is the one whose bulk it belongs to.
    `told` is set once its person heard that it is stuck. `looks` counts how often an unknown one was read back, last
    at `looked_at`; `settled_by` is the person who looked and said what happened. `reference` is the platform's own
    number for what was reported to it. `picture` goes with what is said.
    """

    id: str
    post_id: str
    verb: Verb
    state: ActionState = "pending"
    at: str
    by: PersonName
    reason: Reason | None = None
    text: str | None = None
    before: State
    case_before: Case | None = None
    intent: str = ""
    chunk: str = ""
    proposal: Proposal | None = None
    saved: Saved | None = None
    attempts: int = 0
    lease_until: str = ""
    maybe_acted: bool = False
    deferred_at: str = ""
    kept: Kept | None = None
    done_at: str | None = None
    error: str | None = None
    native_id: str | None = None
    lane: Lane = "single"
    if_edited: IfEdited = "ask"
    seen_at: str | None = None
    undo_until: str | None = None
    incident: str | None = None
    told: bool = False
    looks: int = 0
    looked_at: str = ""
    settled_by: PersonName | None = None
    reference: str | None = None
    picture: AnswerPicture | None = None
    rev: int = 1

    def view(self) -> ActionView:
        """Return what a page shows of it."""
        return ActionView(
            id=self.id,
            verb=self.verb,
            state=self.state,
            at=self.at,
            by=self.by,
            reason=self.reason,
            done_at=self.done_at,
            error=self.error,
            decided_by=self.proposal.decided_by if self.proposal else None,
            why=said(self.state, self.error),
            undo_until=self.undo_until,
            settled_by=self.settled_by,
            reference=self.reference,
            picture=self.picture,
        )


class Approval(Frozen):
    """A proposal as the list of what waits shows it.

    `own` is one's own, which another person decides. `changed` says that the post has other words by now than those it
    was proposed on, `stranded` that nobody is left who could approve it.
    """

    id: str
    post: PostSummary
    verb: Literal["delete", "reply", "message"]
    text: str | None
    reason: Reason | None
    by: PersonName
    at: str
    until: str
    approver: Approver
    own: bool
    changed: bool
    stranded: bool = False
    picture: AnswerPicture | None = None


class Approvals(Frozen):
    """What waits for somebody's approval, and what they wait for themselves, the oldest first."""

    approvals: tuple[Approval, ...]


Trouble = Literal["stuck", "deferred", "unknown", "failed"]


class Stuck(Frozen):
    """An action that is not as it should be, with its post. `can` is what this person may do about it."""

    trouble: Trouble
    post: PostSummary
    action: ActionView
    lane: Lane
    own: bool
    can: tuple[str, ...]


class UnderWayList(Frozen):
    """What is under way and not as it should be: unknown, stuck or deferred, and failed within a day."""

    actions: tuple[Stuck, ...]
