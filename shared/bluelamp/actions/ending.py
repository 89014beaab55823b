"""What a person ends without a platform being called: taken back, reported by hand, or settled by who looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.actions.asking import coded, impossible, why
from bluelamp.actions.model import Action
from bluelamp.actions.rules import may_cancel, settled, taken_back
from bluelamp.audit.leaf import Change, Op
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.model import ActionResult, Post, Reason
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.actions.model import Verb
    from bluelamp.actions.store import ActionStore
    from bluelamp.audit.leaf import Ref
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.model import Verb as Permission

# What one must be allowed to do to take it back. A hide is taken back by who may show the post again.
_PERMISSIONS: dict[Verb, Permission] = {"hide": "unhide"}


class Endings:
    """The use cases of what ends by a person's word.

    Parameters
    ----------
    changer
        Loads and commits posts.
    actions
        Where actions are kept.
    """

    def __init__(self, *, changer: Changer, actions: ActionStore) -> None:
        self._changer = changer
        self._actions = actions

    def cancel(self, principal: Principal, post_id: str, action_id: str, *, idem: Idempotency) -> ActionResult:
        """Take back what has not been sent: one's own, or what a colleague asked for and one could have.

        Raises
        ------
        NotFoundError, RefusedError
            As `Changer.load`, or there is no such action.
        ConflictError
            When the platform was told already, or is being told.
        """
        post = self._changer.load(principal, "cancel", post_id)
        action = self._actions.get(post_id, action_id)
        if action is None:
            raise NotFoundError("There is no such action on this post.")
        if action.by.id != principal.id:
            account = self._changer.accounts.find(post.account)
            if account is not None:
                authorise(principal, _PERMISSIONS.get(action.verb, _permission(action.verb)), account)
        return self.take_back(principal, post, action, idem)

    def take_back(self, principal: Principal, post: Post, action: Action, idem: Idempotency) -> ActionResult:
        """End an action that the platform has not been told of; raises `ConflictError` when it is too late."""
        clock = self._changer.clock()
        if not may_cancel(action, clock):
            raise ConflictError(_too_late(action), rev=post.rev, by=action.by.name)
        back, gone = taken_back(post, action, iso(clock))
        entry = Entry(
            type="outcome",
            actor=principal.actor(),
            by=name_of(principal),
            op=Op(intent=action.intent, result="cancelled"),
            correlation=action.id,
            incident=action.incident,
            detail={"verb": action.verb, "result": "cancelled"},
        )
        return self._commit(principal, (post, back), entry, gone, idem)

    def settle(
        self, principal: Principal, post_id: str, action_id: str, *, happened: bool, rev: int, idem: Idempotency
    ) -> ActionResult:
        """Say what came of an action that nobody knows of, having looked at the platform oneself.

        Raises
        ------
        NotFoundError, RefusedError
            As `Changer.load`, or there is no such action.
        ConflictError
            When it is known by now, or the post is not what the person saw.
        """
        post = self._changer.load(principal, "settle", post_id, rev=rev)
        action = self._actions.get(post_id, action_id)
        if action is None:
            raise NotFoundError("There is no such action on this post.")
        if action.state != "unknown":
            raise ConflictError(
                f"Nothing is left to say here: this is known to be {action.state}.",
                rev=post.rev,
                by=action.settled_by.name if action.settled_by else None,
            )
        now, by = iso(self._changer.clock()), name_of(principal)
        known = action.model_copy(
            update={
                "state": "done" if happened else "failed",
                "maybe_acted": False,
                "settled_by": by,
                "rev": action.rev + 1,
            }
        )
        result = "done" if happened else "failed"
        entry = Entry(
            type="outcome",
            actor=principal.actor(),
            by=by,
            reason=LeafReason(code="looked"),
            op=Op.model_validate({"intent": action.intent, "result": result}),
            correlation=action.id,
            incident=action.incident,
            detail={"verb": action.verb, "result": result, "reason": "looked"},
        )
        new = settled(post, action, now, happened=happened)
        return self._commit(principal, (post, new), entry, known, idem)

    def report(
        self, principal: Principal, post_id: str, *, reason: Reason, reference: Ref, rev: int, idem: Idempotency
    ) -> ActionResult:
        """Record that a person reported a post to its platform, by the platform's own form, with its reference.

        Raises
        ------
        NotFoundError, RefusedError, ConflictError, UnsupportedError
            As `Changer.load`; or there is nothing left to report.
        """
        post = self._changer.load(principal, "report_post", post_id, rev=rev)
        can = self._changer.can(principal, post)
        if "report_post" not in can:
            raise impossible("report", post, can)
        now, by = iso(self._changer.clock()), name_of(principal)
        action = Action(
            id=new_ulid(),
            post_id=post.id,
            verb="report",
            state="done",
            at=now,
            by=by,
            reason=reason,
            before=post.state,
            done_at=now,
            reference=reference,
        )
        entry = Entry(
            type="decide",
            actor=principal.actor(),
            by=by,
            reason=why(Reason(code=reason.code, ref=reference)),
            change=Change(field="reported", to=post.platform),
            correlation=action.id,
            detail={"verb": "report"} | coded(reason),
        )
        new = self._changer.commit(
            post,
            post.changed(updated_at=now),
            entry,
            also=lambda _: [self._actions.insert(action)],
            idem=idem,
            answer=lambda p: self._result(principal, p, action).model_dump(mode="json"),
        )
        return self._result(principal, new, action)

    def _commit(
        self, principal: Principal, change: tuple[Post, Post], entry: Entry, action: Action, idem: Idempotency
    ) -> ActionResult:
        new = self._changer.commit(
            *change,
            entry,
            also=lambda _: [self._actions.replace(action)],
            idem=idem,
            answer=lambda p: self._result(principal, p, action).model_dump(mode="json"),
        )
        return self._result(principal, new, action)

    def _result(self, principal: Principal, post: Post, action: Action) -> ActionResult:
        return ActionResult(post=self._changer.summary(principal, post), action=action.view())


def _permission(verb: Verb) -> Permission:
    return "report_post" if verb == "report" else verb


def _too_late(action: Action) -> str:
    if action.verb == "hide" and action.state == "sending":
        return "This post is being hidden at this moment; unhide it once it is hidden."
    if action.state == "proposed":
        return "This waits for a second person: withdraw it, or have it rejected."
    if action.state == "sending":
        return "The platform is being told of this at this moment: it can no longer be taken back."
    return f"This can no longer be taken back: it is {action.state}."
