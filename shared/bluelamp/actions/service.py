"""What an officer asks to have done on a platform. Asking is all that happens here: nothing is called.

The intent, the post and the action are one transaction. Once the intent is sealed, the sequencer releases the action
to the act function (`bluelamp.actions.acting`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bluelamp.actions.approving import Approving
from bluelamp.actions.asking import Gone, Wanted, asked_for, impossible, require_sending
from bluelamp.actions.ending import Endings
from bluelamp.actions.intending import Wish, intend
from bluelamp.actions.model import Action
from bluelamp.assets.model import AnswerPicture
from bluelamp.audit.leaf import Saved
from bluelamp.errors import InvalidInputError, NotFoundError
from bluelamp.posts.changing import Changer, name_of
from bluelamp.posts.model import ActionResult, Pointer, Post, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.actions.model import ChosenPicture
    from bluelamp.actions.picturing import Pictures
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.model import Verb as Permission
    from bluelamp.platforms.contract import Verb as Sent
    from bluelamp.presence.service import Presence
    from bluelamp.replies.model import Use
    from bluelamp.replies.service import Replies

MAX_UNDO_SECONDS = 10


@dataclass(frozen=True)
class _Spoken:
    """The words of an answer and its picture, the saved reply they are from, the permission, and the pen put down."""

    text: str
    saved: Saved | None
    permission: Permission
    pen: Sequence[Write]
    picture: AnswerPicture | None


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
    gone
        Tells which people cannot use the system any more.
    pictures
        Knows the pictures that may go with answers.
    wait_for
        For how many seconds an answer to a post waits before it is sent, by what an open incident orders.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        actions: ActionStore,
        replies: Replies,
        presence: Presence,
        notify: Callable[[], None],
        gone: Gone,
        pictures: Pictures,
        wait_for: Callable[[Post], int] = lambda _: 0,
    ) -> None:
        self._wait_for = wait_for
        self._pictures = pictures
        self._changer = changer
        self._actions = actions
        self._endings = Endings(changer=changer, actions=actions)
        self._approving = Approving(changer=changer, actions=actions, presence=presence, notify=notify, gone=gone)
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
        return self._intend(principal, "hide", post_id, rev=rev, reason=reason, idem=idem, undo_seconds=undo_seconds)

    def delete(
        self,
        principal: Principal,
        post_id: str,
        *,
        reason: Reason,
        rev: int,
        idem: Idempotency,
        undo_seconds: int = 0,
    ) -> ActionResult:
        """Ask for a post to be deleted on the platform; it stays in the archive. Raises as `hide`."""
        return self._intend(principal, "delete", post_id, rev=rev, reason=reason, idem=idem, undo_seconds=undo_seconds)

    def ban(
        self,
        principal: Principal,
        post_id: str,
        *,
        reason: Reason,
        rev: int,
        idem: Idempotency,
        undo_seconds: int = 0,
    ) -> ActionResult:
        """Ask for the author of a post to be banned from its account; what they wrote stays. Raises as `hide`."""
        return self._intend(principal, "ban", post_id, rev=rev, reason=reason, idem=idem, undo_seconds=undo_seconds)

    def unban(self, principal: Principal, post_id: str, *, reason: Reason, rev: int, idem: Idempotency) -> ActionResult:
        """Ask for the author of a post to be let in again. Raises as `hide`."""
        return self._intend(principal, "unban", post_id, rev=rev, reason=reason, idem=idem)

    def like(self, principal: Principal, post_id: str, *, rev: int, idem: Idempotency) -> ActionResult:
        """Ask for a post to be liked in the account's name. Raises as `hide`."""
        return self._intend(principal, "like", post_id, rev=rev, idem=idem)

    def message(
        self,
        principal: Principal,
        post_id: str,
        *,
        text: str,
        picture: ChosenPicture | None = None,
        rev: int,
        idem: Idempotency,
        undo_seconds: int = 0,
    ) -> ActionResult:
        """Ask for the author of a post to be written to in private.

        Whom the account's policy leaves out of answering, or who needs an approval for it, does here as well. Raises
        as `reply`.
        """
        clean = text.strip()
        if not clean:
            raise InvalidInputError("A message needs some words.")
        for needed in ("message", "reply"):
            post = self._changer.load(principal, needed, post_id)
        chosen = self._pictures.chosen(principal, post, "message", picture)
        pen = self._presence.answering(principal, post_id)
        spoken = _Spoken(clean, None, "message", pen, chosen)
        return self._intend(principal, "message", post_id, rev=rev, idem=idem, spoken=spoken, undo_seconds=undo_seconds)

    def reply(
        self,
        principal: Principal,
        post_id: str,
        *,
        text: str | None = None,
        saved: Use | None = None,
        picture: ChosenPicture | None = None,
        rev: int,
        idem: Idempotency,
        undo_seconds: int = 0,
    ) -> ActionResult:
        """Ask for an answer to be published below a post: in words of one's own, or in those of a saved reply.

        Who has `reply_saved` and not `reply` (the control room) answers with a saved reply alone, word for word.

        Parameters
        ----------
        text
            The answer; left out, the saved reply as it is.
        saved
            The saved reply that it was made from. The record says which version, and whether it was changed.
        picture
            What the person sent in themselves to go with it. Word for word is then not enough: it takes `reply`.

        Raises
        ------
        NotFoundError, RefusedError, ConflictError, UnsupportedError
            As `hide`; `BeingWrittenError` while somebody else is writing an answer.
        MissingVariableError
            When the post lacks what the saved reply asks for.
        PictureError
            When the picture is not checked yet, or the platform does not take it with an answer.
        """
        clean = (text or "").strip()
        if saved is None and not clean:
            raise InvalidInputError("An answer needs some words.")
        post = self._changer.load(principal, "reply_saved" if saved else "reply", post_id)
        part: Saved | None = None
        if saved is not None:
            filled = self._replies.fill(principal, post, saved)
            changed = bool(clean) and clean != filled.text
            if changed or picture is not None:
                self._changer.load(principal, "reply", post_id)
            part = Saved(id=filled.id, version=filled.version, changed=True if changed else None)
            clean = clean or filled.text
        chosen = self._pictures.chosen(principal, post, "reply", picture)
        pen = self._presence.answering(principal, post_id)
        as_saved = part is not None and not part.changed and picture is None
        permission: Permission = "reply_saved" if as_saved else "reply"
        spoken = _Spoken(clean, part, permission, pen, chosen)
        return self._intend(principal, "reply", post_id, rev=rev, idem=idem, spoken=spoken, undo_seconds=undo_seconds)

    def picture_of(self, principal: Principal, post_id: str, action_id: str) -> str:
        """Return the id of the picture that goes with an answer to a post within reach, proposed or sent.

        Raises
        ------
        NotFoundError, RefusedError
            When there is no such answer in reach, or it has no picture.
        """
        post = self._changer.load(principal, "see", post_id)
        action = self._actions.get(post.id, action_id)
        if action is None or action.picture is None:
            raise NotFoundError("There is no picture with this answer.")
        return action.picture.id

    def unhide(self, principal: Principal, post_id: str, *, rev: int, idem: Idempotency) -> ActionResult:
        """Take a hide back: while it waits it is cancelled, afterwards the platform is asked to show the post again.

        Raises as `hide`.
        """
        post = self._changer.load(principal, "unhide", post_id, rev=rev)
        if post.state == "hiding" and post.pending:
            action = self._actions.get(post.id, post.pending)
            if action is not None:
                return self._endings.take_back(principal, post, action, idem)
        return self._intend(principal, "unhide", post_id, rev=rev, idem=idem)

    def _intend(
        self,
        principal: Principal,
        verb: Sent,
        post_id: str,
        *,
        rev: int,
        idem: Idempotency,
        reason: Reason | None = None,
        spoken: _Spoken | None = None,
        undo_seconds: int = 0,
    ) -> ActionResult:
        permission: Permission = spoken.permission if spoken else verb
        text, saved, picture = (spoken.text, spoken.saved, spoken.picture) if spoken else (None, None, None)
        post = self._changer.load(principal, permission, post_id, rev=rev)
        require_sending(self._changer, post, verb)
        post = self._approving.without_expired(post)
        can = self._changer.can(principal, post)
        if permission not in can:
            raise impossible(verb, post, can)
        if (approver := self._approving.needed(post, verb)) is not None:
            wanted = Wanted(asked_for(verb), approver, reason, text, saved, picture)
            return self._approving.propose(principal, post, wanted, idem=idem, pen=spoken.pen if spoken else ())
        held = max(0, min(undo_seconds, MAX_UNDO_SECONDS), self._wait_for(post) if spoken else 0)
        intent = intend(
            post,
            Wish(verb, reason, text, saved, picture, held),
            actor=principal.actor(),
            by=name_of(principal),
            at=self._changer.clock(),
        )
        made: list[Action] = []

        def insert(pointer: Pointer) -> list[Write]:
            made.append(intent.made(pointer))
            return [*intent.writes(self._actions, pointer), *(spoken.pen if spoken else ())]

        new = self._changer.commit(
            post,
            intent.post,
            intent.entry,
            also=insert,
            release=intent.release,
            release_delay=held,
            idem=idem,
            answer=lambda p: self._result(principal, p, made[0]).model_dump(mode="json"),
        )
        return self._result(principal, new, made[0])

    def _result(self, principal: Principal, post: Post, action: Action) -> ActionResult:
        return ActionResult(post=self._changer.summary(principal, post), action=action.view())
