"""Pure decisions about actions: what a post is once its action has ended, and whether the action may be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from bluelamp.actions.model import AFTERWARDS, BY_WORDS, DECISION, UNDER_WAY, Action, ActionState, Kept, Verb
from bluelamp.errors import ConflictError
from bluelamp.moderation.model import UNJUDGED_GRADE, Code
from bluelamp.posts import rules
from bluelamp.posts.model import Case, CaseReason, PersonName, Pointer, Post
from bluelamp.times import parse_iso

# An author who changes a post again and again does not keep it in sight by that.
KEPT_TIMES = 3

_UNREAD = CaseReason(
    code=Code.UNJUDGED.value,
    rule="moderation.unjudged",
    label="Not judged automatically: please read this post",
    grade=UNJUDGED_GRADE,
)


# How long a proposal waits for somebody's word.
PATIENCE = timedelta(days=7)


def under_way(post: Post, verb: Verb, action_id: str, by: PersonName, now: str) -> Post:
    """Return the post once an action on it is to be carried out."""
    decision = DECISION.get(verb)
    return post.changed(
        state=UNDER_WAY.get(verb, post.state),
        pending=action_id,
        proposed=None,
        updated_at=now,
        case=rules.decided(post.case, decision, by, now) if decision else post.case,
    )


def overtaken(post: Post, action: Action) -> ConflictError:
    """Return the error for a decision on a post that was not what the person saw; it tells what is there now."""
    said = [f"the post is {post.state}"]
    if action.proposal and action.proposal.seen_at != post.seen_at:
        said.append("its words are others than those this was proposed on")
    last = next((p.by for p in reversed(post.trail) if p.by), None)
    if last:
        said.append(f"{last.name} was the last to change it")
    return ConflictError(
        f"This post has changed since you looked at it, and nothing was sent. There now: {'; '.join(said)}. "
        "Look at it again before you decide.",
        rev=post.rev,
        by=last.name if last else None,
    )


def decided(action: Action, state: ActionState, by: PersonName | None, now: str) -> Action:
    """Return a proposed action once somebody has decided about it, or its time has run out."""
    proposal = action.proposal.model_copy(update={"decided_at": now, "decided_by": by}) if action.proposal else None
    return action.model_copy(update={"state": state, "proposal": proposal, "rev": action.rev + 1})


def leased(action: Action, now: datetime) -> bool:
    """Tell whether a worker has the action in hand at this moment."""
    return action.state == "sending" and bool(action.lease_until) and parse_iso(action.lease_until) > now


def evidence_is_stale(action: Action, post: Post) -> bool:
    """Tell whether the evidence of an action must be kept, for the first time or because the post has changed since."""
    if action.kept is None:
        return True
    changed = action.kept.seen_at != post.seen_at  # and is sent all the same, else it would have ended
    return changed and action.state == "pending" and len(action.kept.pointers) < KEPT_TIMES


def words_changed(action: Action, post: Post) -> bool:
    """Tell whether the person must be asked again, because the post says something else than what they decided on.

    What may have happened already is not taken back by asking.
    """
    if action.verb not in BY_WORDS or action.if_edited == "send" or action.seen_at is None or action.maybe_acted:
        return False
    return action.seen_at != post.seen_at


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


def taken_back(post: Post, action: Action, now: str) -> tuple[Post, Action]:
    """Return a post and its action once that is taken back; what its author has removed meanwhile stays removed."""
    update = {"state": "cancelled", "done_at": now, "lease_until": "", "rev": action.rev + 1}
    cancelled = action.model_copy(update=update)
    if post.state in {"removed", "deleted"}:
        return post.changed(pending=None, updated_at=now), cancelled
    back = post.changed(state=action.before, pending=None, updated_at=now, case=restored_case(post, action))
    return back, cancelled


def wait_due(action: Action, now: datetime, delay: timedelta, *, first: timedelta, again: timedelta) -> bool:
    """Tell whether the log must hear of a wait now, because at the next attempt it would be too late."""
    if not action.deferred_at:
        return now - parse_iso(action.at) + delay > first
    return now - parse_iso(action.deferred_at) + delay > again


def restored_case(post: Post, action: Action) -> Case:
    """Return the case as it was before the intent, for an action that failed or was taken back."""
    decision, before = DECISION.get(action.verb), action.case_before
    if decision is None:
        return post.case
    if before is None:  # an action from before this was kept
        return rules.reopened(post.case)
    # What was put on the case meanwhile decides nothing about it, and stays.
    before = before.model_copy(update={"tags": post.case.tags, "refs": post.case.refs})
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


def afterwards(post: Post, action: Action, now: str, *, succeeded: bool, absent: bool = False) -> Post:
    """Return the post once the action has ended; a removal by its author in the meantime stands.

    Parameters
    ----------
    absent
        The platform said that the post is not there any more.
    """
    if succeeded:
        post = marked(post, action)
    if post.state in {"removed", "deleted"} and action.verb != "delete":
        return post.changed(pending=None, updated_at=now)
    if absent and succeeded and action.verb == "hide":
        return post.changed(state="removed", pending=None, updated_at=now)
    # An answer does not move the post: when somebody hid it on the platform meanwhile, it is hidden.
    state = AFTERWARDS.get(action.verb, post.state)
    if not succeeded:
        before = action.before if action.verb in AFTERWARDS else post.state
        return post.changed(state=before, pending=None, updated_at=now, case=restored_case(post, action))
    # Shown again, the post is undecided again: somebody has to look at it with fresh eyes.
    case = rules.reopened(post.case) if action.verb == "unhide" else post.case
    return post.changed(state=state, pending=None, updated_at=now, case=case)


def marked(post: Post, action: Action) -> Post:
    """Return the post with what an action that succeeded did beside moving it."""
    match action.verb:
        case "ban" | "unban":
            return post.changed(banned=action.verb == "ban")
        case "like":
            return post.changed(liked=True)
        case _:
            return post


def settled(post: Post, action: Action, now: str, *, happened: bool) -> Post:
    """Return the post once it is known what came of an action that ended as unknown.

    Nothing is known to have been undone by it: when something else was done to the post since, that stands.
    """
    if not happened:
        return post.changed(updated_at=now)
    post = marked(post, action).changed(updated_at=now)
    if post.pending or post.state not in {action.before, AFTERWARDS.get(action.verb)}:
        return post
    decision = DECISION.get(action.verb)
    if decision and post.case.state != "closed":
        post = post.changed(case=rules.decided(post.case, decision, action.by, action.at))
    return post.changed(state=AFTERWARDS.get(action.verb, post.state))


# When an unknown action is read back: after one minute, then less and less often, for a day.
LOOKS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))


def look_due(action: Action, now: datetime) -> bool:
    """Tell whether an unknown action is to be read back now."""
    if action.state != "unknown" or action.done_at is None or action.looks >= len(LOOKS):
        return False
    return now >= parse_iso(action.done_at) + LOOKS[action.looks]


def lost(action: Action, now: datetime, silence: timedelta) -> bool:
    """Tell whether nothing was heard of an action for so long that its message must have been lost."""
    heard = max(one for one in (action.at, action.undo_until or "", action.deferred_at, action.lease_until) if one)
    return now - parse_iso(heard) > silence


# When somebody should hear that what they asked for is still not done.
STUCK = timedelta(minutes=4)


def stuck(action: Action, now: datetime) -> bool:
    """Tell whether an action has been under way for longer than it should."""
    return action.state in {"pending", "sending"} and now - parse_iso(action.undo_until or action.at) > STUCK
