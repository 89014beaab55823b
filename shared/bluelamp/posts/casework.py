"""What officers do with a case together: give it to somebody, put tags on it, say what it belongs to.

Each is one transaction of post and leaf, by the same way as every decision (`changing.Changer`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Change, LeafType
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.notices.telling import told
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.model import ActionResult, PersonName, Post
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.colleagues import Reach
    from bluelamp.posts.tagging import Tags

ATTEMPTS = 3
MAX_TAGS = 8
MAX_REFS = 20


@dataclass(frozen=True)
class _Step:
    """What becomes of a case, what its leaf says, and what is written beside."""

    case: dict[str, Any]
    change: Change
    detail: dict[str, str]
    incident: str | None = None
    also: Sequence[Write] = ()


class Casework:
    """The use cases of assigning, tagging and referring.

    Parameters
    ----------
    changer
        Loads and commits posts.
    reach
        Tells who can be given a case.
    tags
        The force's list.
    notify
        Has people told now.
    """

    def __init__(self, *, changer: Changer, reach: Reach, tags: Tags, notify: Callable[[], None]) -> None:
        self._changer = changer
        self._reach = reach
        self._tags = tags
        self._notify = notify

    def assign(self, principal: Principal, post_id: str, *, person: str, idem: Idempotency) -> ActionResult:
        """Give a case to somebody, who is told; a claim of one's own goes with it.

        Raises
        ------
        NotForPersonError
            When they are suspended, have left, or do not reach the account.
        ConflictError
            When the case is closed, or another person is dealing with it.
        """

        def step(post: Post) -> _Step:
            holder, was = post.case.claimed_by, post.case.assigned_to
            if holder is not None and holder.id not in {principal.id, person}:
                raise ConflictError(
                    f"{holder.name} is dealing with this post. Ask them to release it first.",
                    rev=post.rev,
                    by=holder.name,
                )
            (to,) = self._reach.require([person], "claim", self._account(post), to="be given this post")
            now = self._changer.clock()
            kept = {} if holder is None or holder.id == person else {"claimed_by": None, "claimed_at": None}
            about = {"account": post.account, "post": post.id}
            tell = [told("assigned", to=[f"person:{to.id}"], at=now, about=about)] if to.id != principal.id else []
            return _Step(
                case={"assigned_to": to, "assigned_at": iso(now), **kept},
                change=Change(field="assigned", from_=was.id if was else None, to=to.id),
                detail={"to": to.id, "name": to.name},
                also=tell,
            )

        return self._done(principal, ("assign", "assign"), post_id, step, idem)

    def unassign(self, principal: Principal, post_id: str, *, idem: Idempotency) -> ActionResult:
        """Take a case back from whom it was given to.

        Raises
        ------
        ConflictError
            When it is given to nobody, or closed.
        """

        def step(post: Post) -> _Step:
            was: PersonName | None = post.case.assigned_to
            if was is None:
                raise ConflictError("This post is given to nobody.", rev=post.rev)
            return _Step(
                case={"assigned_to": None, "assigned_at": None},
                change=Change(field="assigned", from_=was.id),
                detail={"from": was.id, "name": was.name},
            )

        return self._done(principal, ("assign", "assign"), post_id, step, idem)

    def tag(self, principal: Principal, post_id: str, *, tag: str, idem: Idempotency) -> ActionResult:
        """Put a tag of the force's list on a case.

        Raises
        ------
        InvalidInputError
            When the list has no such tag, or it is retired.
        ConflictError
            When it is there already, or there are too many.
        """

        def step(post: Post) -> _Step:
            self._tags.require(tag)
            if tag in post.case.tags:
                raise ConflictError("This post has that tag already.", rev=post.rev)
            if len(post.case.tags) >= MAX_TAGS:
                raise ConflictError(f"A post has {MAX_TAGS} tags at most. Take one off first.", rev=post.rev)
            tags = (*post.case.tags, tag)
            return _Step({"tags": tags}, Change(field="tag", to=tag), {"tag": tag})

        return self._done(principal, ("tag", "tag"), post_id, step, idem)

    def untag(self, principal: Principal, post_id: str, *, tag: str, idem: Idempotency) -> ActionResult:
        """Take a tag off a case.

        Raises
        ------
        ConflictError
            When it is not on it.
        """

        def step(post: Post) -> _Step:
            if tag not in post.case.tags:
                raise ConflictError("This post does not have that tag.", rev=post.rev)
            tags = tuple(one for one in post.case.tags if one != tag)
            return _Step({"tags": tags}, Change(field="tag", from_=tag), {"tag": tag, "off": "yes"})

        return self._done(principal, ("tag", "tag"), post_id, step, idem)

    def refer(
        self, principal: Principal, post_id: str, *, ref: str, withdraw: bool = False, idem: Idempotency
    ) -> ActionResult:
        """Say which incident or crime a case belongs to, by the force's own number; or that it was the wrong one.

        Raises
        ------
        ConflictError
            When the reference is there already, is not there to be withdrawn, or there are too many.
        InvalidInputError
            When it is no reference of the force.
        """
        if not ref:
            raise InvalidInputError("A reference is the force's own number for a file, like WP/2026/1234.")

        def step(post: Post) -> _Step:
            refs = post.case.refs
            if withdraw != (ref in refs):
                said = "does not have" if withdraw else "has"
                raise ConflictError(f"This post {said} that reference{'' if withdraw else ' already'}.", rev=post.rev)
            if not withdraw and len(refs) >= MAX_REFS:
                raise ConflictError(f"A post has {MAX_REFS} references at most.", rev=post.rev)
            new = tuple(one for one in refs if one != ref) if withdraw else (*refs, ref)
            change = Change(field="reference", from_=ref) if withdraw else Change(field="reference", to=ref)
            detail = {"ref": ref} | ({"off": "yes"} if withdraw else {})
            return _Step({"refs": new}, change, detail, incident=ref)

        return self._done(principal, ("refer", "reference"), post_id, step, idem)

    def _account(self, post: Post) -> Any:
        return self._changer.accounts.find(post.account)

    def _done(
        self,
        principal: Principal,
        what: tuple[Verb, LeafType],
        post_id: str,
        decide: Callable[[Post], _Step],
        idem: Idempotency,
    ) -> ActionResult:
        """Load, decide, commit; tried again when somebody else was quicker, as none of it decides the case."""
        verb, leaf_type = what
        for attempt in range(1, ATTEMPTS + 1):
            post = self._changer.load(principal, verb, post_id)
            if verb not in self._changer.can(principal, post):
                raise ConflictError("This post is closed: there is nothing left to do.", rev=post.rev)
            step = decide(post)
            entry = Entry(
                type=leaf_type,
                actor=principal.actor(),
                by=name_of(principal),
                change=step.change,
                incident=step.incident,
                detail=step.detail,
            )
            new = post.changed(case=post.case.model_copy(update=step.case))
            writes = step.also
            try:
                new = self._changer.commit(
                    post,
                    new,
                    entry,
                    also=lambda _, writes=writes: writes,  # type: ignore[misc]
                    idem=idem,
                    answer=lambda p: self._result(principal, p).model_dump(mode="json"),
                )
            except ConflictError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if writes:
                    self._notify()
                return self._result(principal, new)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _result(self, principal: Principal, post: Post) -> ActionResult:
        return ActionResult(post=self._changer.summary(principal, post), action=None)
