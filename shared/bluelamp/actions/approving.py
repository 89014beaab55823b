"""What needs the word of a second person: proposed, then approved, rejected, withdrawn, or void after a week.

An account's policy may ask for somebody's approval before anything is deleted or answered there. Then asking makes a
proposal: no intent, nothing released. The approval is the intent, under the approver's name and bound to the proposal
by its correlation; from there on everything is as ever. A post has one proposal at a time.

That a proposal's time runs out needs nobody: the clock decides. It is written down by whoever comes upon it next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bluelamp.actions.asking import (
    Gone,
    Wanted,
    asked_for,
    attached,
    coded,
    ending,
    impossible,
    left_of,
    require_sending,
    whom,
    why,
    worded,
)
from bluelamp.actions.intending import kept
from bluelamp.actions.model import Action, Approval, Approvals, RejectReason
from bluelamp.actions.rules import PATIENCE, decided, overtaken, under_way
from bluelamp.audit.leaf import Actor, Change, Op, Query
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.people.rules import NotPermittedError, OutsideScopeError, approving, decide, require, two_people
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.model import ActionResult, Pointer, Post, Proposed
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account, Approver
    from bluelamp.actions.model import ActionState, Verb
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.rules import Decision
    from bluelamp.presence.service import Presence

# What became of a proposal, in words.
_WORDS = {"rejected": "rejected", "withdrawn": "withdrawn", "expired": "void"}


class Approving:
    """The use cases of what waits for a second person.

    Parameters
    ----------
    changer
        Loads and commits posts.
    actions
        Where actions are kept.
    presence
        Tells who else is writing an answer.
    notify
        Has those told who are to decide.
    gone
        Tells which people cannot use the system any more.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        actions: ActionStore,
        presence: Presence,
        notify: Callable[[], None],
        gone: Gone,
    ) -> None:
        self._changer = changer
        self._gone = gone
        self._actions = actions
        self._presence = presence
        self._notify = notify

    def needed(self, post: Post, verb: Verb) -> Approver | None:
        """Return whose word the policy of a post's account asks for, or None."""
        policy = self._account(post).policy
        match verb:
            case "delete" | "reply":
                return policy.approver(verb)
            case "message":
                return policy.approver("reply")  # an answer, whoever reads it
            case _:
                return None

    def propose(
        self, principal: Principal, post: Post, wanted: Wanted, *, idem: Idempotency, pen: Sequence[Write] = ()
    ) -> ActionResult:
        """Ask for something that another person has to approve; whoever may is told.

        Parameters
        ----------
        pen
            The writes that put the pen down, when it is about an answer.

        Raises
        ------
        NotPermittedError
            When the account has nobody but the proposer who could approve it.
        ConflictError
            When somebody else changed the post meanwhile.
        """
        account = self._account(post)
        recipients = whom(account, wanted, principal, self._gone)
        clock, by = self._changer.clock(), name_of(principal)
        now = iso(clock)
        until = iso(clock + PATIENCE)
        action = Action.model_validate(
            {
                "id": new_ulid(),
                "post_id": post.id,
                "verb": wanted.verb,
                "state": "proposed",
                "at": now,
                "by": by,
                "reason": wanted.reason,
                "text": wanted.text,
                "saved": wanted.saved,
                "picture": wanted.picture,
                "before": post.state,
                "proposal": {"at": now, "until": until, "approver": wanted.approver, "seen_at": post.seen_at},
            }
        )
        new = post.changed(
            proposed=Proposed(action=action.id, verb=wanted.verb, by=by, at=now, until=until), updated_at=now
        )
        entry = Entry(
            type="decide",
            actor=principal.actor(),
            by=by,
            reason=why(wanted.reason),
            change=Change(field="proposal", to=wanted.verb),
            correlation=action.id,
            words=worded(wanted.text, wanted.picture),
            saved=wanted.saved,
            attached=attached(wanted.picture),
            detail={"verb": wanted.verb, "proposal": "asked"} | coded(wanted.reason),
        )
        about = {"account": post.account, "post": post.id}
        notice = told("approval_wanted", to=recipients, at=clock, about=about)
        new = self._changer.commit(
            post,
            new,
            entry,
            also=lambda _: [self._actions.insert(action), self._actions.waiting(action), notice, *pen, *kept(action)],
            idem=idem,
            answer=lambda p: self._result(principal, p, action).model_dump(mode="json"),
        )
        self._notify()
        return self._result(principal, new, action)

    def approve(
        self, principal: Principal, post_id: str, action_id: str, *, rev: int, idem: Idempotency
    ) -> ActionResult:
        """Approve what another person proposed: it is now intended, and sent once that is sealed.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such proposal in reach, or it is not for this person to decide: not named by the policy,
            or the one who proposed it.
        ConflictError
            When it is decided already, its time has run out, or the post is not what the person saw;
            `BeingWrittenError` for an answer while somebody else is writing another.
        """
        post, action = self._to_decide(principal, post_id, action_id)
        if rev != post.rev:
            raise overtaken(post, action)
        require_sending(self._changer, post, action.verb)
        if action.verb not in self._changer.feasible(post):
            raise impossible(action.verb, post)
        pen = self._presence.answering(principal, post_id) if action.verb == "reply" else ()
        now = iso(self._changer.clock())
        made: list[Action] = []

        def sent(pointer: Pointer) -> list[Write]:
            # From here on it counts as asked for now: so long it has not been tried.
            ready = {"at": now, "before": post.state, "case_before": post.case}
            ready |= {"intent": pointer.leaf, "chunk": pointer.chunk, "seen_at": post.seen_at}
            made.append(decided(action, "pending", name_of(principal), now).model_copy(update=ready))
            place = [self._actions.queued(made[0], post.thread)] if action.verb == "reply" else []
            return [self._actions.replace(made[0]), self._actions.settled(action), *place, *pen]

        entry = Entry(
            type="intent",
            actor=principal.actor(),
            by=name_of(principal),
            reason=why(action.reason),
            op=Op(verb=action.verb),
            change=Change(field="proposal", from_=action.verb, to="approved"),
            correlation=action.id,
            words=worded(action.text, action.picture),
            saved=action.saved,
            attached=attached(action.picture),
            detail={"verb": action.verb, "proposal": "approved"} | coded(action.reason),
        )
        new = self._changer.commit(
            post,
            under_way(post, action.verb, action.id, action.by, now),
            entry,
            also=sent,
            release={"post_id": post.id, "action_id": action.id},
            idem=idem,
            answer=lambda p: self._result(principal, p, made[0]).model_dump(mode="json"),
        )
        return self._result(principal, new, made[0])

    def reject(
        self, principal: Principal, post_id: str, action_id: str, *, reason: RejectReason, idem: Idempotency
    ) -> ActionResult:
        """Say no to what another person proposed; raises as `approve`."""
        post, action = self._to_decide(principal, post_id, action_id)
        return self._end(principal, post, action, "rejected", reason=LeafReason(code=reason), idem=idem)

    def withdraw(self, principal: Principal, post_id: str, action_id: str, *, idem: Idempotency) -> ActionResult:
        """Take back what one proposed oneself.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such proposal in reach, or somebody else made it.
        ConflictError
            When it is decided already, or its time has run out.
        """
        post = self._changer.load(principal, "withdraw", post_id)
        action = self._proposal(post, action_id)
        if action.by.id != principal.id:
            raise NotPermittedError(
                f"Refused because {action.by.name} proposed this; ask them, or reject it. Asked for: withdraw.",
                reason="not_proposer",
                account=post.account,
            )
        return self._end(principal, post, action, "withdrawn", idem=idem)

    def list_for(self, principal: Principal) -> Approvals:
        """Return what waits for this person's word, and what they proposed themselves. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role approves nothing.
        """
        require(principal, "approve")
        waiting = self._actions.proposals()
        posts = self._changer.posts.get_many((one.post_id for one in waiting), consistent=True)
        self._changer.accounts.preload({post.account for post in posts.values()})
        shown: list[Approval] = []
        for action in waiting:
            post = posts.get(action.post_id)
            if post is None or not self._concerns(principal, post, action):
                continue
            if self._void(action):
                self.without_expired(post)
                continue
            shown.append(self._shown(principal, post, action))
        self._changer.searched(principal, Query(view="approvals", hits=len(shown)), account=None)
        return Approvals(approvals=tuple(shown))

    def without_expired(self, post: Post) -> Post:
        """Return the post; where its proposal's time has run out, after that was written down.

        Raises
        ------
        ConflictError
            When somebody else changed the post meanwhile.
        """
        action = self._actions.get(post.id, post.proposed.action) if post.proposed else None
        if action is None or not self._void(action):
            return post
        now = iso(self._changer.clock())
        gone = decided(action, "expired", None, now)
        entry = ending(Actor.system("api"), action, "expired", None)
        return self._changer.commit(
            post,
            post.changed(proposed=None, updated_at=now),
            entry,
            also=lambda _: [self._actions.replace(gone), self._actions.settled(action)],
        )

    # inside ----------------------------------------------------------------------------------------------------------

    def _to_decide(self, principal: Principal, post_id: str, action_id: str) -> tuple[Post, Action]:
        """Return a proposal that this person may decide, and its post."""
        post = self._changer.load(principal, "approve", post_id)
        action = self._proposal(post, action_id)
        for decision in self._decisions(principal, post, action):
            if not decision.allowed:
                raise NotPermittedError(decision.for_person, reason=decision.reason_code, account=post.account)
        return post, action

    def _proposal(self, post: Post, action_id: str) -> Action:
        action = self._actions.get(post.id, action_id)
        if action is None or action.proposal is None:
            raise NotFoundError("Nothing of this id was proposed for this post.")
        if action.state != "proposed":
            by = action.proposal.decided_by
            raise ConflictError(
                f"This was decided already: it is {_WORDS.get(action.state, 'approved')}.",
                rev=post.rev,
                by=by.name if by else None,
            )
        if self._void(action):
            found = self.without_expired(post)
            raise ConflictError(
                f"Nobody decided this within {PATIENCE.days} days, so it is void. Propose it anew.", rev=found.rev
            )
        return action

    def _decisions(self, principal: Principal, post: Post, action: Action) -> list[Decision]:
        account = self._account(post)
        approver = account.policy.approver("delete" if action.verb == "delete" else "reply") or (
            action.proposal.approver if action.proposal else "comms"
        )
        return [
            approving(principal, account, approver=approver, answers=account.answers),
            two_people(action.by.id, principal.id, "action"),
        ]

    def _concerns(self, principal: Principal, post: Post, action: Action) -> bool:
        account = self._account(post)
        if not decide(principal, "see", account).allowed:
            return False
        own = action.by.id == principal.id
        return own or all(decision.allowed for decision in self._decisions(principal, post, action))

    def _void(self, action: Action) -> bool:
        proposal = action.proposal
        return action.state == "proposed" and proposal is not None and proposal.until <= iso(self._changer.clock())

    def _end(
        self,
        principal: Principal,
        post: Post,
        action: Action,
        state: ActionState,
        *,
        idem: Idempotency,
        reason: LeafReason | None = None,
    ) -> ActionResult:
        now, by = iso(self._changer.clock()), name_of(principal)
        gone = decided(action, state, by, now)
        new = self._changer.commit(
            post,
            post.changed(proposed=None, updated_at=now),
            ending(principal.actor(), action, state, reason, by=principal),
            also=lambda _: [self._actions.replace(gone), self._actions.settled(action)],
            idem=idem,
            answer=lambda p: self._result(principal, p, gone).model_dump(mode="json"),
        )
        return self._result(principal, new, gone)

    def _shown(self, principal: Principal, post: Post, action: Action) -> Approval:
        proposal = action.proposal
        if proposal is None:
            raise ValueError("what waits for somebody's word was proposed")
        return Approval(
            id=action.id,
            post=self._changer.summary(principal, post),
            verb=asked_for(action.verb),
            text=action.text,
            reason=action.reason,
            by=action.by,
            at=proposal.at,
            until=proposal.until,
            approver=proposal.approver,
            own=action.by.id == principal.id,
            changed=proposal.seen_at != post.seen_at,
            picture=action.picture,
            stranded=proposal.approver == "lead" and not left_of(self._account(post), action.by.id, self._gone),
        )

    def _account(self, post: Post) -> Account:
        account = self._changer.accounts.find(post.account)
        if account is None:
            raise OutsideScopeError("There is no post with this id.", account=post.account)
        return account

    def _result(self, principal: Principal, post: Post, action: Action) -> ActionResult:
        return ActionResult(post=self._changer.summary(principal, post), action=action.view())
