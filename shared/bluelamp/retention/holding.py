"""Legal holds: while one is on a post, nothing that was kept of it is disposed of.

A hold of a few posts stands when the request is answered. A long thread, or what a worker that died left over, is
brought to its end by the function that the sealed record of the hold wakes (`destroying`); it puts S3's own legal hold
on the objects as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise, require
from bluelamp.posts.changing import name_of
from bluelamp.posts.model import Pointer
from bluelamp.retention import rules
from bluelamp.retention.model import (
    MOST_IN_THREAD,
    Hold,
    HoldPage,
    HoldReason,
    HoldView,
    LiftReason,
    NotDisposableError,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.posts.model import Post
    from bluelamp.retention.settling import Settling
    from bluelamp.retention.store import RetentionStore

MAX_PAGE = 100
# How many posts are marked before the request is answered; the rest follow within seconds.
AT_ONCE = 50
ROUNDS = 8
_QUERY = {"list": "holds"}


class Holds:
    """The use cases of the hold routes.

    Parameters
    ----------
    store
        Where holds are kept.
    changer
        Reads posts, and records what was read.
    settling
        Brings posts to what a hold says of them.
    dossiers
        Reads threads.
    cursors
        Makes and opens cursors.
    wake
        Wakes the sequencer.
    """

    def __init__(
        self,
        *,
        store: RetentionStore,
        changer: Changer,
        settling: Settling,
        dossiers: Dossiers,
        cursors: Cursors,
        wake: Wake,
    ) -> None:
        self._store = store
        self._settling = settling
        self._changer = changer
        self._dossiers = dossiers
        self._cursors = cursors
        self._wake = wake

    def place(
        self,
        principal: Principal,
        *,
        posts: Sequence[str] = (),
        thread: str | None = None,
        reason: HoldReason,
        ref: str,
        idem: Idempotency,
    ) -> HoldView:
        """Hold posts, or all posts of a thread as it is now.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such post.
        NotDisposableError
            When all of them are disposed of: there is nothing left to hold.
        """
        require(principal, "hold")
        wanted = list(dict.fromkeys(posts)) if thread is None else list(self._dossiers.in_thread(thread))
        if len(wanted) > MOST_IN_THREAD:
            raise InvalidInputError(f"This thread has more than {MOST_IN_THREAD} posts. Name those to be held.")
        found = self._changer.posts.get_many(wanted, consistent=True)
        if not found or (thread is None and len(found) < len(wanted)):
            raise NotFoundError("There is no such post, or no such thread.")
        self._reached(principal, list(found.values()))
        missed = tuple(i for i in wanted if i in found and found[i].disposal)
        keep = tuple(i for i in wanted if i in found and i not in missed)
        if not keep:
            raise NotDisposableError("What was kept of this is disposed of: there is nothing left to hold.")
        now = self._changer.clock()
        hold = Hold(
            id=new_ulid(),
            posts=keep,
            thread=thread,
            missed=missed,
            reason=reason,
            ref=ref,
            by=name_of(principal),
            created_at=iso(now),
        )
        actor = principal.actor()
        leaf = self._leaf(hold, actor, "hold", LeafReason(code=reason, ref=ref))
        made = self._commit(hold, leaf, actor, idem)
        self._settling.settle(made, made.posts[:AT_ONCE], actor)
        return rules.view_hold(made)

    def lift(
        self, principal: Principal, hold_id: str, *, reason: LiftReason, ref: str | None, idem: Idempotency
    ) -> HoldView:
        """Release a hold. Posts that no other hold is on may be disposed of from then on.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such hold.
        ConflictError
            When it was released before.
        """
        require(principal, "hold")
        actor = principal.actor()
        for _ in range(ROUNDS):
            lifting = self._lifting(principal, hold_id, reason, ref)
            leaf = self._leaf(lifting, actor, "release_hold", LeafReason(code=reason, ref=ref))
            try:
                made = self._commit(lifting, leaf, actor, idem)
            except ConflictError:
                continue  # its posts are being marked: look at it again
            self._settling.settle(made, made.posts[:AT_ONCE], actor)
            return rules.view_hold(made)
        raise ConflictError("This hold is being placed at this moment. Try again in a few seconds.")

    def _lifting(self, principal: Principal, hold_id: str, reason: LiftReason, ref: str | None) -> Hold:
        hold = self._store.hold(hold_id)
        if hold is None:
            raise NotFoundError("There is no hold with this id.")
        if not hold.active:
            by = hold.lifted_by.name if hold.lifted_by else None
            raise ConflictError(f"{by or 'Somebody'} has released this hold already.", rev=hold.rev, by=by)
        now = self._changer.clock()
        return hold.model_copy(
            update={
                "state": "lifting",
                "lifted_by": name_of(principal),
                "lifted_at": iso(now),
                "lift_reason": reason,
                "lift_ref": ref,
                "rev": hold.rev + 1,
            }
        )

    def list_for(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> HoldPage:
        """Return a page of holds, newest first. Recorded as a search.

        Raises
        ------
        NotPermittedError, CursorError
            When the person may not, or the cursor is not theirs.
        """
        require(principal, "hold")
        before = self._cursors.open(principal.id, _QUERY, cursor)["before"] if cursor else None
        found, more = self._store.holds(before=before, limit=max(1, min(limit, MAX_PAGE)))
        self._changer.searched(principal, Query(view="holds", hits=len(found)), account=None)
        return HoldPage(
            holds=tuple(rules.view_hold(hold) for hold in found),
            next=self._cursors.seal(principal.id, _QUERY, {"before": more}) if more else None,
        )

    def _reached(self, principal: Principal, posts: Sequence[Post]) -> None:
        for account_id in {post.account for post in posts}:
            account = self._changer.accounts.find(account_id)
            if account is None:
                raise NotFoundError("There is no such post, or no such thread.")
            authorise(principal, "hold", account)

    def _leaf(self, hold: Hold, actor: Actor, verb: str, reason: LeafReason) -> Leaf:
        return draft(
            type="hold",
            at=self._changer.clock(),
            actor=actor,
            obj=Obj(kind="hold", key=hold.id, rev=len(hold.records) + 1, prev=hold.head),
            reason=reason,
            op=Op(verb=verb),
            query=Query(view="hold", filters={"posts": len(hold.posts)}),
            correlation=hold.id,
        )

    def _commit(self, hold: Hold, leaf: Leaf, actor: Actor, idem: Idempotency) -> Hold:
        """Write the hold, its record and the answer; the sealed record wakes the function that does the rest."""
        chunk = Chunk.of([leaf], releases=[Release(0, {"v": 1, "hold": hold.id}, queue="disposal")])
        pointer = Pointer(**chunk.pointer(0), role=actor.role)
        made = hold.model_copy(update={"records": (*hold.records, pointer), "head": leaf.digest})
        answer = rules.view_hold(made).model_dump(mode="json")
        writes: list[Write] = [self._store.put(made), chunk.put(), idem.put(answer)]
        try:
            self._store.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            raise ConflictError("This hold has changed meanwhile. Look at it again.") from None
        self._wake()
        return made
