"""Pure decisions about actions: what a post is once its action has ended, and whether the action may be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from bluelamp.actions.model import AFTERWARDS, DECISION, Action, Kept
from bluelamp.moderation.model import UNJUDGED_GRADE, Code
from bluelamp.posts import rules
from bluelamp.posts.model import Case, CaseReason, Pointer, Post
from bluelamp.times import parse_iso

# An author who changes a post again and again does not keep it in sight by that.
KEPT_TIMES = 3

_UNREAD = CaseReason(
    code=Code.UNJUDGED.value,
    rule="moderation.unjudged",
    label="Not judged automatically: please read this post",
    grade=UNJUDGED_GRADE,
)


def leased(action: Action, now: datetime) -> bool:
    """Tell whether a worker has the action in hand at this moment."""
    return action.state == "sending" and bool(action.lease_until) and parse_iso(action.lease_until) > now


def evidence_is_stale(action: Action, post: Post) -> bool:
    """Tell whether the evidence of an action must be kept, for the first time or because the post has changed since."""
    if action.kept is None:
        return True
    changed = action.kept.seen_at != post.seen_at
    return changed and action.state == "pending" and len(action.kept.pointers) < KEPT_TIMES


def kept(action: Action, pointer: Pointer, chunks: tuple[str, ...], seen_at: str) -> Action:
    """Return the action with its evidence on the way to the seal."""
    before = action.kept.pointers if action.kept else ()
    evidence = Kept(pointers=(*before, pointer), chunks=chunks, seen_at=seen_at)
    return action.model_copy(update={"kept": evidence, "rev": action.rev + 1})


def may_cancel(action: Action, now: datetime) -> bool:
    """Tell whether the action can be taken back: the platform has not been told, and nobody is about to tell it."""
    if action.state == "pending":
        return True
    return action.state == "sending" and not action.maybe_acted and not leased(action, now)


def wait_due(action: Action, now: datetime, delay: timedelta, *, first: timedelta, again: timedelta) -> bool:
    """Tell whether the log must hear of a wait now, because at the next attempt it would be too late."""
    if not action.deferred_at:
        return now - parse_iso(action.at) + delay > first
    return now - parse_iso(action.deferred_at) + delay > again


def restored_case(post: Post, action: Action) -> Case:
    """Return the case as it was before the intent, for an action that failed or was taken back."""
    decision, before = DECISION[action.verb], action.case_before
    if decision is None:
        return post.case
    if before is None:  # an action from before this was kept
        return rules.reopened(post.case)
    if post.case != rules.decided(before, decision, action.by, action.at):
        # It has moved on since, by an edit or a removal: that stands.
        return post.case
    if before.state != "unjudged":
        return before
    # The judge passed the post over while it counted as decided, and nothing here can ask it once more. A case that
    # waits for a judge who never comes is in no queue, so it goes to a person, as after a judge who failed for good.
    return before.model_copy(
        update={
            "state": "open",
            "grade": UNJUDGED_GRADE,
            "risk": rules.risk_of(UNJUDGED_GRADE),
            "reasons": (_UNREAD,),
            "unknown": (_UNREAD.rule,),
        }
    )


def afterwards(post: Post, action: Action, now: str, *, succeeded: bool) -> Post:
    """Return the post once the action has ended; a removal by its author in the meantime stands."""
    gone = post.state in {"removed", "deleted"} and action.verb != "delete"
    if gone:
        return post.changed(pending=None, updated_at=now)
    # An answer does not move the post: when somebody hid it on the platform meanwhile, it is hidden.
    state = AFTERWARDS.get(action.verb, post.state)
    if not succeeded:
        before = action.before if action.verb in AFTERWARDS else post.state
        return post.changed(state=before, pending=None, updated_at=now, case=restored_case(post, action))
    # Shown again, the post is undecided again: somebody has to look at it with fresh eyes.
    case = rules.reopened(post.case) if action.verb == "unhide" else post.case
    return post.changed(state=state, pending=None, updated_at=now, case=case)
