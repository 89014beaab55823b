"""Disposal by two people: one proposes, another decides, and what was done is certified.

Nothing is destroyed here. An approval is a record; once that is sealed, the function it wakes (`destroying`) announces
the destruction of each post's contents in the log, and destroys only what is announced under lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise, decide, require, two_people
from bluelamp.posts.changing import name_of
from bluelamp.posts.model import Pointer
from bluelamp.retention import rules
from bluelamp.retention.certificate import Certificate, certify
from bluelamp.retention.model import (
    Disposal,
    DisposalPage,
    DisposalReason,
    DisposalView,
    NotDisposableError,
    NotDoneError,
    RefusalReason,
    SamePersonError,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.retention.sealed import SealedRecords
    from bluelamp.retention.store import RetentionStore

MAX_PAGE = 100
_QUERY = {"list": "disposals"}


class Disposals:
    """The use cases of the disposal routes.

    Parameters
    ----------
    store
        Where disposals are kept.
    changer
        Reads posts, and records what was read.
    sealed
        Reads the log, for certificates.
    pseudonyms
        Makes the keyed digest of what two people put their names to.
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
        sealed: SealedRecords,
        pseudonyms: Pseudonyms,
        cursors: Cursors,
        wake: Wake,
    ) -> None:
        self._store = store
        self._changer = changer
        self._sealed = sealed
        self._pseudonyms = pseudonyms
        self._cursors = cursors
        self._wake = wake

    def propose(
        self,
        principal: Principal,
        *,
        posts: Sequence[str],
        reason: DisposalReason,
        ref: str,
        idem: Idempotency,
        also: Callable[[str], Sequence[Write]] | None = None,
    ) -> DisposalView:
        """Propose that what was kept of posts is destroyed.

        Parameters
        ----------
        also
            Gives further writes of the same transaction, told the disposal's id.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such post.
        NotDisposableError
            When a post is held, open, under way or gone; or, after a review, when its review date is to come.
        """
        require(principal, "dispose")
        wanted = tuple(dict.fromkeys(posts))
        found = self._changer.posts.get_many(wanted, consistent=True)
        if len(found) < len(wanted):
            raise NotFoundError("There is no such post.")
        accounts = tuple(sorted({post.account for post in found.values()}))
        self._authorise(principal, "dispose", accounts)
        for post in found.values():
            self._disposable(post, reason)
        now, by = self._changer.clock(), name_of(principal)
        disposal = Disposal(
            id=new_ulid(),
            posts=wanted,
            accounts=accounts,
            reason=reason,
            ref=ref,
            by=by,
            role=principal.role,
            created_at=iso(now),
        )
        leaf = self._leaf(disposal, principal.actor(), "propose_disposal", LeafReason(code=reason, ref=ref))
        return self._commit(disposal, leaf, principal.actor(), idem, also=also(disposal.id) if also else ())

    def approve(self, principal: Principal, disposal_id: str, *, idem: Idempotency) -> DisposalView:
        """Approve a disposal that somebody else proposed.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, there is none, or one of its accounts is out of reach.
        SamePersonError
            When the person proposed it.
        ConflictError
            When it is decided already.
        """
        decided = self._decided(principal, disposal_id, state="approved")
        reason = LeafReason(code=decided.reason, ref=decided.ref)
        leaf = self._leaf(decided, principal.actor(), "approve_disposal", reason)
        return self._commit(decided, leaf, principal.actor(), idem, release={"v": 1, "disposal": decided.id})

    def refuse(
        self, principal: Principal, disposal_id: str, *, reason: RefusalReason, idem: Idempotency
    ) -> DisposalView:
        """Refuse a disposal that somebody else proposed; raises as `approve`."""
        decided = self._decided(principal, disposal_id, state="refused", refusal=reason)
        leaf = self._leaf(decided, principal.actor(), "refuse_disposal", LeafReason(code=reason, ref=decided.ref))
        return self._commit(decided, leaf, principal.actor(), idem)

    def list_for(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> DisposalPage:
        """Return a page of disposals, newest first: those whose accounts are all within reach. Recorded as a search.

        Raises
        ------
        NotPermittedError, CursorError
            When the role does not see retention, or the cursor is not theirs.
        """
        require(principal, "retention")
        before = self._cursors.open(principal.id, _QUERY, cursor)["before"] if cursor else None
        found, more = self._store.disposals(before=before, limit=max(1, min(limit, MAX_PAGE)))
        shown = [disposal for disposal in found if self._within_reach(principal, disposal)]
        self._changer.searched(principal, Query(view="disposals", hits=len(shown)), account=None)
        return DisposalPage(
            disposals=tuple(rules.summary(disposal) for disposal in shown),
            next=self._cursors.seal(principal.id, _QUERY, {"before": more}) if more else None,
        )

    def get(self, principal: Principal, disposal_id: str) -> DisposalView:
        """Return a disposal with what becomes of each post. Recorded as a view.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not see retention, there is none, or one of its accounts is out of reach.
        """
        disposal = self._load(principal, "retention", disposal_id)
        self._looked(principal, disposal, "disposal")
        return rules.view_disposal(disposal, self._store.fates(disposal.id))

    def certificate(self, principal: Principal, disposal_id: str) -> Certificate:
        """Return the certificate of a disposal that is done. Recorded as a view.

        Raises
        ------
        NotPermittedError, NotFoundError
            As `get`.
        NotDoneError
            When not everything is destroyed yet, or its records are not sealed.
        """
        disposal = self._load(principal, "retention", disposal_id)
        if disposal.state != "done":
            raise NotDoneError(f"This disposal is {disposal.state}: there is a certificate once it is done.")
        made = certify(disposal, self._store.fates(disposal.id), sealed=self._sealed, posts=self._changer.posts)
        self._looked(principal, disposal, "certificate")
        return made

    def _disposable(self, post: Post, reason: DisposalReason) -> None:
        why = rules.obstacle(post)
        if why is not None:
            raise NotDisposableError(f"{post.id} cannot be disposed of: {rules.OBSTACLES[why]}.", rev=post.rev)
        if reason == "review_passed":
            one = rules.class_of(self._store.classes(), post.platform, post.kind)
            if not rules.due(post, one, self._changer.clock()):
                when = iso(rules.review_at(post, one))[:10]
                raise NotDisposableError(f"{post.id} is to be reviewed on {when}, and not before.", rev=post.rev)

    def _decided(
        self, principal: Principal, disposal_id: str, *, state: str, refusal: RefusalReason | None = None
    ) -> Disposal:
        disposal = self._load(principal, "approve_disposal", disposal_id)
        second = two_people(disposal.by.id, principal.id, "disposal")
        if not second.allowed:
            raise SamePersonError(second.for_person, reason_code=second.reason_code)
        if disposal.state != "proposed":
            by = disposal.decided_by.name if disposal.decided_by else None
            raise ConflictError(f"This disposal is {disposal.state} already.", rev=disposal.rev, by=by)
        return disposal.model_copy(
            update={
                "state": state,
                "refusal": refusal,
                "decided_by": name_of(principal),
                "decided_role": principal.role,
                "decided_at": iso(self._changer.clock()),
                "rev": disposal.rev + 1,
            }
        )

    def _load(self, principal: Principal, verb: Verb, disposal_id: str) -> Disposal:
        require(principal, verb)
        disposal = self._store.disposal(disposal_id)
        if disposal is None:
            raise NotFoundError("There is no disposal with this id.")
        self._authorise(principal, verb, disposal.accounts)
        return disposal

    def _authorise(self, principal: Principal, verb: Verb, accounts: Sequence[str]) -> None:
        for account_id in accounts:
            account = self._changer.accounts.find(account_id)
            if account is None:
                raise NotFoundError("There is no such account.")
            authorise(principal, verb, account)

    def _within_reach(self, principal: Principal, disposal: Disposal) -> bool:
        found = [self._changer.accounts.find(account_id) for account_id in disposal.accounts]
        return all(account is not None and decide(principal, "retention", account).allowed for account in found)

    def _leaf(self, disposal: Disposal, actor: Actor, verb: str, reason: LeafReason) -> Leaf:
        return draft(
            type="retain",
            at=self._changer.clock(),
            actor=actor,
            obj=Obj(
                kind="disposal",
                key=disposal.id,
                hmac_key=self._pseudonyms.key_id,
                rev=len(disposal.records) + 1,
                prev=disposal.head,
                digest=self._pseudonyms.content("disposal", rules.asked(disposal)),
            ),
            reason=reason,
            op=Op(verb=verb),
            query=Query(view="disposal", filters={"posts": len(disposal.posts)}),
            correlation=disposal.id,
        )

    def _commit(
        self,
        disposal: Disposal,
        leaf: Leaf,
        actor: Actor,
        idem: Idempotency,
        *,
        release: dict[str, object] | None = None,
        also: Sequence[Write] = (),
    ) -> DisposalView:
        chunk = Chunk.of([leaf], releases=[Release(0, release, queue="disposal")] if release else [])
        pointer = Pointer(**chunk.pointer(0), role=actor.role)
        made = disposal.model_copy(update={"records": (*disposal.records, pointer), "head": leaf.digest})
        view = rules.view_disposal(made, ())
        try:
            self._store.table.transact(
                [self._store.put(made), chunk.put(), idem.put(view.model_dump(mode="json")), *also],
            )
        except (ConditionFailedError, ContentionError):
            raise ConflictError("This disposal was decided meanwhile. Look at it again.") from None
        self._wake()
        return view

    def _looked(self, principal: Principal, disposal: Disposal, what: str) -> None:
        leaf = draft(
            type="view",
            at=self._changer.clock(),
            actor=principal.actor(),
            obj=Obj(kind="disposal", key=disposal.id, rev=len(disposal.records)),
            op=Op(verb=what),
            correlation=disposal.id,
        )
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
