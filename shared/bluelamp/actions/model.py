"""An action as stored: who wanted what done to which post, and how far it has come."""

from __future__ import annotations

from typing import Literal

from bluelamp.accounts.model import Approver
from bluelamp.audit.leaf import Saved
from bluelamp.posts.model import ActionView, Case, Decision, Frozen, PersonName, Pointer, PostSummary, Reason, State

Verb = Literal["hide", "unhide", "delete", "reply"]
ActionState = Literal[
    "proposed", "rejected", "withdrawn", "expired", "pending", "sending", "done", "failed", "cancelled", "unknown"
]
# Codes of why a second person says no to what was proposed.
RejectReason = Literal["not_justified", "wording", "another_way", "dealt_with", "other_rule"]

FINAL: frozenset[str] = frozenset({"rejected", "withdrawn", "expired", "done", "failed", "cancelled", "unknown"})

# What a post is while the action is under way, and afterwards. A reply moves nothing.
UNDER_WAY: dict[Verb, State] = {"hide": "hiding", "unhide": "unhiding", "delete": "deleting"}
AFTERWARDS: dict[Verb, State] = {"hide": "hidden", "unhide": "visible", "delete": "deleted"}
# What takes a post out of the public's sight: before it is asked for, the evidence lies under lock.
TAKES_AWAY: frozenset[Verb] = frozenset({"hide", "delete"})
DECISION: dict[Verb, Decision | None] = {"hide": "hidden", "unhide": None, "delete": "deleted", "reply": "replied"}


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
    `saved` is the saved reply that the words came from.
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
        )


class Approval(Frozen):
    """A proposal as the list of what waits shows it.

    `own` is one's own, which another person decides. `changed` says that the post has other words by now than those it
    was proposed on.
    """

    id: str
    post: PostSummary
    verb: Literal["delete", "reply"]
    text: str | None
    reason: Reason | None
    by: PersonName
    at: str
    until: str
    approver: Approver
    own: bool
    changed: bool


class Approvals(Frozen):
    """What waits for somebody's approval, and what they wait for themselves, the oldest first."""

    approvals: tuple[Approval, ...]
