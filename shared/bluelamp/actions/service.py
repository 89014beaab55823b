"""What an officer asks to have done on a platform. Asking is all that happens here: nothing is called.

The intent, the post and the action are one transaction. Once the intent is sealed, the sequencer releases the action
to the act function (`bluelamp.actions.acting`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bluelamp.actions.approving import Approving
from bluelamp.actions.asking import Asked, Wanted, impossible, require_sending
from bluelamp.actions.model import Action, Verb
from bluelamp.actions.rules import may_cancel, restored_case, under_way
from bluelamp.audit.leaf import Op, Saved
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.ids import new_ulid
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.model import ActionResult, Pointer, Post, Reason
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.model import Verb as Permission
    from bluelamp.presence.service import Presence
    from bluelamp.replies.model import Use
    from bluelamp.replies.service import Replies

MAX_UNDO_SECONDS = 10


@dataclass(frozen=True)
class _Spoken:
    """The words of an answer, which saved reply they are from, by which permission, and the pen that is put down."""

    text: str
    saved: Saved | None
    permission: Permission
    pen: Sequence[Write]


class Actions:
    """The use cases of the action routes.

    Parameters
    ----------
    changer
        Loads and commits posts.
    actions
        Where actions are kept.
    notify
        Has people told who are to approve something.
    replies
        Fills in saved replies.
    presence
        Tells who else is writing an answer.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        actions: ActionStore,
        replies: Replies,
        presence: Presence,
        notify: Callable[[], None],
    ) -> None:
        self._changer = changer
        self._actions = actions
        self._approving = Approving(changer=changer, actions=actions, notify=notify)
        self._replies = replies
        self._presence = presence

    def hide(
        self,
        principal: Principal,
        post_id: str,
        *,
        reason: Reason,
        rev: int,
        idem: Idempotency,
        undo_seconds: int = 0,
    ) -> ActionResult:
        """Ask for a post to be hidden; for `undo_seconds` the platform is not called yet.

        Raises
        ------
        NotFoundError, RefusedError, ConflictError, UnsupportedError
            As `Changer.load`; or the platform does not offer it, or the post's state rules it out.
        """
        delay = max(0, min(undo_seconds, MAX_UNDO_SECONDS))
        return self._intend(principal, "hide", post_id, rev=rev, reason=reason, idem=idem, delay=delay)

    def delete(
        self, principal: Principal, post_id: str, *, reason: Reason, rev: int, idem: Idempotency
    ) -> ActionResult:
        """Ask for a post to be deleted on the platform; it stays in the archive. Raises as `hide`."""
        return self._intend(principal, "delete", post_id, rev=rev, reason=reason, idem=idem)

    def reply(
        self,
        principal: Principal,
        post_id: str,
        *,
        text: str | None = None,
        saved: Use | None = None,
        rev: int,
        idem: Idempotency,
    ) -> ActionResult:
        """Ask for an answer to be published below a post: in words of one's own, or in those of a saved reply.

        Who has `reply_saved` and not `reply` (the control room) answers with a saved reply alone, word for word.

        Parameters
        ----------
        text
            The answer; left out, the saved reply as it is.
        saved
            The saved reply that it was made from. The record says which version, and whether it was changed.

        Raises
        ------
        NotFoundError, RefusedError, ConflictError, UnsupportedError
            As `hide`; `BeingWrittenError` while somebody else is writing an answer.
        MissingVariableError
            When the post lacks what the saved reply asks for.
        """
        clean = (text or "").strip()
        if saved is None and not clean:
            raise InvalidInputError("An answer needs some words.")
        post = self._changer.load(principal, "reply_saved" if saved else "reply", post_id)
        part: Saved | None = None
        if saved is not None:
            filled = self._replies.fill(principal, post, saved)
            changed = bool(clean) and clean != filled.text
            if changed:
                self._changer.load(principal, "reply", post_id)
            part = Saved(id=filled.id, version=filled.version, changed=True if changed else None)
            clean = clean or filled.text
        pen = self._presence.answering(principal, post_id)
        permission: Permission = "reply_saved" if part and not part.changed else "reply"
        spoken = _Spoken(clean, part, permission, pen)
        return self._intend(principal, "reply", post_id, rev=rev, idem=idem, spoken=spoken)

    def unhide(self, principal: Principal, post_id: str, *, rev: int, idem: Idempotency) -> ActionResult:
        """Take a hide back: while it waits it is cancelled, afterwards the platform is asked to show the post again.

        Raises as `hide`.
        """
        post = self._changer.load(principal, "unhide", post_id, rev=rev)
        if post.state == "hiding" and post.pending:
            return self._cancel(principal, post, post.pending, idem)
        return self._intend(principal, "unhide", post_id, rev=rev, idem=idem)

    def _intend(
        self,
        principal: Principal,
        verb: Verb,
        post_id: str,
        *,
        rev: int,
        idem: Idempotency,
        reason: Reason | None = None,
        spoken: _Spoken | None = None,
        delay: int = 0,
    ) -> ActionResult:
        permission = spoken.permission if spoken else verb
        text = spoken.text if spoken else None
        post = self._changer.load(principal, permission, post_id, rev=rev)
        require_sending(self._changer, post, verb)
        post = self._approving.without_expired(post)
        if permission not in self._changer.can(principal, post):
            raise impossible(verb, post)
        if (approver := self._approving.needed(post, verb)) is not None:
            asked: Asked = "reply" if verb == "reply" else "delete"
            wanted = Wanted(asked, approver, reason, text, spoken.saved if spoken else None)
            return self._approving.propose(principal, post, wanted, idem=idem, pen=spoken.pen if spoken else ())
        now, by, action_id = iso(self._changer.clock()), name_of(principal), new_ulid()
        new = under_way(post, verb, action_id, by, now)
        made: list[Action] = []

        def insert(pointer: Pointer) -> list[Write]:
            made.append(
                Action(
                    id=action_id,
                    post_id=post.id,
                    verb=verb,
                    at=now,
                    by=by,
                    reason=reason,
                    text=text,
                    saved=spoken.saved if spoken else None,
                    before=post.state,
                    case_before=post.case,
                    intent=pointer.leaf,
                    chunk=pointer.chunk,
                )
            )
            return [self._actions.insert(made[0]), *(spoken.pen if spoken else ())]

        entry = Entry(
            type="intent",
            actor=principal.actor(),
            by=by,
            reason=LeafReason(code=reason.code, ref=reason.ref) if reason else None,
            op=Op(verb=verb),
            correlation=action_id,
            words=text,
            saved=spoken.saved if spoken else None,
            detail={"verb": verb} | ({"reason": reason.code} if reason else {}),
        )
        new = self._changer.commit(
            post,
            new,
            entry,
            also=insert,
            release={"post_id": post.id, "action_id": action_id},
            release_delay=delay,
            idem=idem,
            answer=lambda p: self._result(principal, p, made[0]).model_dump(mode="json"),
        )
        return self._result(principal, new, made[0])

    def _cancel(self, principal: Principal, post: Post, action_id: str, idem: Idempotency) -> ActionResult:
        action = self._actions.get(post.id, action_id)
        clock = self._changer.clock()
        if action is None or not may_cancel(action, clock):
            raise ConflictError("This post is being hidden at this moment; unhide it once it is hidden.", rev=post.rev)
        now = iso(clock)
        gone = action.model_copy(
            update={"state": "cancelled", "done_at": now, "lease_until": "", "rev": action.rev + 1}
        )
        back = post.changed(state=action.before, pending=None, updated_at=now, case=restored_case(post, action))
        entry = Entry(
            type="outcome",
            actor=principal.actor(),
            by=name_of(principal),
            op=Op(intent=action.intent, result="cancelled"),
            correlation=action.id,
            detail={"verb": action.verb, "result": "cancelled"},
        )
        new = self._changer.commit(
            post,
            back,
            entry,
            also=lambda _: [self._actions.replace(gone)],
            idem=idem,
            answer=lambda p: self._result(principal, p, gone).model_dump(mode="json"),
        )
        return self._result(principal, new, gone)

    def _result(self, principal: Principal, post: Post, action: Action) -> ActionResult:
        return ActionResult(post=self._changer.summary(principal, post), action=action.view())
