"""The pieces of asking a second person: what is wanted, who is told, what a decision records, and why it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bluelamp.assets.model import AnswerPicture
from bluelamp.audit.leaf import Actor, Attached, Change, Saved
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, UnsupportedError
from bluelamp.people.rules import NotPermittedError
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.model import Post, Reason

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from bluelamp.accounts.model import Account, Approver
    from bluelamp.actions.model import Action, ActionState, Verb
    from bluelamp.people.model import Principal

Asked = Literal["delete", "reply", "message"]
Gone = Callable[[Iterable[str]], Collection[str]]
"""Tells which people cannot use the system any more."""


def asked_for(verb: Verb) -> Asked:
    """Return what a second person is asked about."""
    return "reply" if verb == "reply" else "message" if verb == "message" else "delete"


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for: verb, whose word it needs, why, and an answer's words, saved reply and picture."""

    verb: Asked
    approver: Approver
    reason: Reason | None = None
    text: str | None = None
    saved: Saved | None = None
    picture: AnswerPicture | None = None


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


# What serves the same end, the nearest first: offered in place of what a platform does not do.
INSTEAD: dict[Verb, tuple[str, ...]] = {
    "hide": ("delete", "report_post", "ban", "reply"),
    "delete": ("hide", "report_post", "ban"),
    "ban": ("hide", "delete", "report_post"),
    "reply": ("message", "reply_saved"),
    "message": ("reply", "reply_saved"),
    "like": ("reply", "reply_saved"),
}


def impossible(verb: Verb, post: Post, can: AbstractSet[str] = frozenset()) -> ConflictError | UnsupportedError:
    """Return why something cannot be done to a post now, whoever asks; of `can`, what could be done in its place."""
    if post.disposal:
        return ConflictError("What was kept of this post is disposed of: nothing can be done to it here.", rev=post.rev)
    if post.pending:
        return ConflictError(f"This post is {_doing(post)} already: it cannot be put to '{verb}' now.", rev=post.rev)
    if verb not in {"ban", "unban"} and post.state not in {"visible", "hidden"}:
        return ConflictError(f"This post is {post.state} already: it cannot be put to '{verb}' now.", rev=post.rev)
    if post.proposed:
        return ConflictError(
            f"{post.proposed.by.name} proposed '{post.proposed.verb}' for this post already; that waits for approval.",
            rev=post.rev,
            by=post.proposed.by.name,
        )
    if _nothing_left(verb, post):
        return ConflictError(f"By this post, '{verb}' has nothing left to do.", rev=post.rev)
    return _not_offered(verb, post, can)


def _nothing_left(verb: Verb, post: Post) -> bool:
    return (verb == "ban" and post.banned) or (verb == "unban" and not post.banned) or (verb == "like" and post.liked)


def _not_offered(verb: Verb, post: Post, can: AbstractSet[str]) -> UnsupportedError:
    platform = post.platform.capitalize()
    instead = tuple(one for one in INSTEAD.get(verb, ()) if one in can)
    if verb == "ban" and post.author.id is None:
        return UnsupportedError(f"{platform} does not say who wrote this, so nobody can be banned.", instead=instead)
    offer = f" You can instead: {', '.join(_NAMES.get(one, one) for one in instead)}." if instead else ""
    return UnsupportedError(
        f"{platform} does not offer '{verb}' for a {post.kind} such as this.{offer}", instead=instead
    )


_NAMES = {"report_post": "report it to the platform", "reply_saved": "answer with a saved reply"}


def _doing(post: Post) -> str:
    return post.state if post.state in {"hiding", "unhiding", "deleting"} else "being dealt with"


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


def left_of(account: Account, proposer: str, gone: Gone) -> list[str]:
    """Return who of those that answer for an account could approve what this person proposed."""
    others = sorted(account.answers - {proposer})
    away = gone(others) if others else ()
    return [one for one in others if one not in away]


def whom(account: Account, wanted: Wanted, principal: Principal, gone: Gone) -> list[str]:
    """Return who is told that their word is wanted; who was suspended or has left gives none."""
    if wanted.approver != "lead":
        return [f"role:{wanted.approver}"]
    others = [f"person:{one}" for one in left_of(account, principal.id, gone)]
    if not others:
        raise NotPermittedError(
            "Refused because the lead or the deputy of this account has to approve it, and nobody but you is left to; "
            f"ask an administrator to name one. Asked for: {wanted.verb}.",
            reason="no_approver",
            account=account.id,
        )
    return others


def worded(text: str | None, picture: AnswerPicture | None) -> str | None:
    """Return the words of an answer as they are kept: those of its picture's description stand below them."""
    return f"{text or ''}\n\nPicture: {picture.alt}" if picture else text


def attached(picture: AnswerPicture | None) -> Attached | None:
    """Return how the record names an answer's picture."""
    return Attached(id=picture.id, sha256=picture.sha256) if picture else None


def why(reason: Reason | None) -> LeafReason | None:
    """Return a reason as a record has it."""
    return LeafReason(code=reason.code, ref=reason.ref) if reason else None


def coded(reason: Reason | None) -> dict[str, str]:
    """Return a reason as a line of the history has it."""
    return {"reason": reason.code} if reason else {}
