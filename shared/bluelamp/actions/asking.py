"""The pieces of asking a second person: what is wanted, who is told, what a decision records, and why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bluelamp.audit.leaf import Actor, Change, Saved
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, UnsupportedError
from bluelamp.people.rules import NotPermittedError
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.model import Post, Reason

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account, Approver
    from bluelamp.actions.model import Action, ActionState, Verb
    from bluelamp.people.model import Principal

Asked = Literal["delete", "reply"]


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for: verb, whose word it needs, why, and an answer's words and saved reply."""

    verb: Asked
    approver: Approver
    reason: Reason | None = None
    text: str | None = None
    saved: Saved | None = None


def require_sending(changer: Changer, post: Post, verb: Verb) -> None:
    """Refuse what would be sent from an account that sends nothing.

    Raises
    ------
    NotPermittedError
        With the code of the account's status.
    """
    code = changer.stopped(post.account)
    if code is None:
        return
    status = code.removeprefix("account_")
    raise NotPermittedError(
        f"Refused because this account is {status}: what arrives is kept, and nothing is sent out; ask an "
        f"administrator. Asked for: {verb}.",
        reason=code,
        account=post.account,
    )


def impossible(verb: Verb, post: Post) -> ConflictError | UnsupportedError:
    """Return why something cannot be done to a post now, whoever asks."""
    if post.disposal:
        return ConflictError("What was kept of this post is disposed of: nothing can be done to it here.", rev=post.rev)
    if post.pending or post.state not in {"visible", "hidden"}:
        return ConflictError(f"This post is {post.state} already: it cannot be put to '{verb}' now.", rev=post.rev)
    if post.proposed:
        return ConflictError(
            f"{post.proposed.by.name} proposed '{post.proposed.verb}' for this post already; that waits for approval.",
            rev=post.rev,
            by=post.proposed.by.name,
        )
    return UnsupportedError(f"{post.platform.capitalize()} does not offer '{verb}' for a {post.kind} such as this.")


def ending(
    actor: Actor, action: Action, state: ActionState, reason: LeafReason | None, *, by: Principal | None = None
) -> Entry:
    """Return the entry of a proposal's end short of approval."""
    return Entry(
        type="decide",
        actor=actor,
        by=name_of(by) if by else None,
        reason=reason,
        change=Change(field="proposal", from_=action.verb, to=state),
        correlation=action.id,
        detail={"verb": action.verb, "proposal": state} | ({"reason": reason.code} if reason else {}),
    )


def whom(account: Account, wanted: Wanted, principal: Principal) -> list[str]:
    """Return who is told that their word is wanted."""
    if wanted.approver != "lead":
        return [f"role:{wanted.approver}"]
    others = [f"person:{one}" for one in sorted(account.answers - {principal.id})]
    if not others:
        raise NotPermittedError(
            "Refused because the lead or the deputy of this account has to approve it, and there is nobody but you; "
            f"ask an administrator to name one. Asked for: {wanted.verb}.",
            reason="no_approver",
            account=account.id,
        )
    return others


def why(reason: Reason | None) -> LeafReason | None:
    """Return a reason as a record has it."""
    return LeafReason(code=reason.code, ref=reason.ref) if reason else None


def coded(reason: Reason | None) -> dict[str, str]:
    """Return a reason as a line of the history has it."""
    return {"reason": reason.code} if reason else {}
