"""Retention classes and reviews: how long posts of a kind are kept, and which ones somebody has to look at again."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, get_args

from bluelamp.audit.leaf import Change, Obj, Op, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import authorise, decide, require
from bluelamp.posts.changing import Entry, name_of
from bluelamp.posts.model import Kind
from bluelamp.posts.rules import queue_place
from bluelamp.retention import rules
from bluelamp.retention.model import Basis, ClassList, ClassView, KeepReason, RetentionClass, Review, ReviewPage
from bluelamp.times import iso

if TYPE_CHECKING:
    from datetime import date

    from bluelamp.accounts.service import Accounts
    from bluelamp.audit.wake import Wake
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.retention.store import RetentionStore

MAX_PAGE = 100
# How many pages of posts are read for one page of reviews; most accounts have nothing due and cost one.
READS = 40


class Retention:
    """The use cases of the retention routes.

    Parameters
    ----------
    store
        Where classes are kept.
    changer
        Reads posts, and records what was read.
    accounts
        The accounts within a person's reach.
    cursors
        Makes and opens cursors.
    wake
        Wakes the sequencer.
    """

    def __init__(
        self, *, store: RetentionStore, changer: Changer, accounts: Accounts, cursors: Cursors, wake: Wake
    ) -> None:
        self._store = store
        self._changer = changer
        self._accounts = accounts
        self._cursors = cursors
        self._wake = wake

    def classes(self, principal: Principal) -> ClassList:
        """Return every class, by platform and kind. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role does not see retention.
        """
        require(principal, "retention")
        found = rules.classes(self._store.classes())
        self._changer.searched(principal, Query(view="retention_classes", hits=len(found)), account=None)
        return ClassList(classes=tuple(rules.shown(one) for one in found))

    def set_class(
        self, principal: Principal, platform: str, kind: str, *, days: int, basis: Basis, rev: int, idem: Idempotency
    ) -> ClassView:
        """Set how long posts of a kind are kept on a platform before they are reviewed. Recorded, from and to.

        A class shorter than the lock of the content bucket works all the same: content is disposed of by destroying its
        key, and the lock holds bytes that nobody can read.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such platform or kind.
        ConflictError
            When another revision than `rev` is in force.
        """
        require(principal, "retain")
        if platform not in rules.DEFAULTS or kind not in get_args(Kind):
            raise NotFoundError("There is no retention class for this platform and kind.")
        known: Kind = next(k for k in get_args(Kind) if k == kind)
        old = rules.class_of(self._store.classes(), platform, known)
        if old.rev != rev:
            raise _overtaken(old)
        now = self._changer.clock()
        leaf = draft(
            type="config",
            at=now,
            actor=principal.actor(),
            obj=Obj(kind="retention_class", key=f"retention:{platform}:{kind}", rev=rev + 1, prev=old.head),
            change=Change(field="retention", from_=_token(old.days, old.basis), to=_token(days, basis)),
        )
        new = RetentionClass(
            platform=platform,
            kind=known,
            days=days,
            basis=basis,
            rev=rev + 1,
            changed_at=iso(now),
            changed_by=name_of(principal),
            head=leaf.digest,
        )
        view = rules.shown(new)
        try:
            self._store.table.transact(
                [self._store.put(new), Chunk.of([leaf]).put(), idem.put(view.model_dump(mode="json"))]
            )
        except (ConditionFailedError, ContentionError):
            raise _overtaken(rules.class_of(self._store.classes(), platform, known)) from None
        self._wake()
        return view

    def reviews(
        self, principal: Principal, *, account: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> ReviewPage:
        """Return posts whose review date has passed: account by account, on each the longest due first.

        Recorded as a search. A page may be short, or empty, and still have a `next`: what it reads is bounded.

        Raises
        ------
        NotPermittedError, OutOfScopeError
            When the role does not see retention, or the account is out of reach.
        CursorError
            When the cursor is not of this person and query.
        """
        require(principal, "retention")
        if account is not None:
            authorise(principal, "retention", self._accounts.get(account))
        query = {"list": "reviews", "account": account}
        place = self._cursors.open(principal.id, query, cursor) if cursor else {}
        among = [account] if account else self._reached(principal)
        walk = _Walk(among, place.get("account"), place.get("after"))
        found = self._due(walk, max(1, min(limit, MAX_PAGE)))
        self._changer.searched(principal, Query(view="reviews", hits=len(found)), account=account)
        more = {"account": walk.account, "after": walk.after} if walk.account else None
        return ReviewPage(
            reviews=tuple(found), next=self._cursors.seal(principal.id, query, more) if more is not None else None
        )

    def keep(
        self, principal: Principal, post_id: str, *, until: date, reason: KeepReason, ref: str, idem: Idempotency
    ) -> Review:
        """Say that a post was reviewed and is kept longer; it comes to the list again on that day. Recorded.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such post within their reach.
        NotKeptError
            When its case is open, or it is disposed of.
        InvalidInputError
            When the day is not behind the review date that it has, or too far away.
        ConflictError
            When somebody else changed the post meanwhile.
        """
        post = self._changer.load(principal, "keep", post_id)
        one = rules.class_of(self._store.classes(), post.platform, post.kind)
        new = rules.kept(post, one, until, self._changer.clock())
        entry = Entry(
            type="retain",
            actor=principal.actor(),
            by=name_of(principal),
            reason=LeafReason(code=reason, ref=ref),
            op=Op(verb="keep"),
            change=Change(field="review_at", from_=iso(rules.review_at(post, one)), to=new.keep_until),
            detail={"verb": "keep", "reason": reason, "until": until.isoformat()},
        )
        answer = rules.review_of(new, one)
        self._changer.commit(post, new, entry, idem=idem, answer=lambda _: answer.model_dump(mode="json"))
        return answer

    def _reached(self, principal: Principal) -> list[str]:
        """Return the accounts whose retention the person sees: an account given to be read is none of them."""
        found = self._accounts.reached_by(principal)
        return [account.id for account in found if decide(principal, "retention", account).allowed]

    def _due(self, walk: _Walk, limit: int) -> list[Review]:
        """Return up to `limit` reviews from where the walk stands, and move it on."""
        stored, now = self._store.classes(), self._changer.clock()
        found: list[Review] = []
        for _ in range(READS):
            if walk.account is None or len(found) == limit:
                break
            # Done posts stand by when they last changed: the oldest first, and behind the first that is too young for
            # even the shortest class nothing is due.
            page = self._changer.posts.queue_part(
                f"A#{walk.account}#done", after=walk.after, limit=limit, newest_first=False
            )
            old = list(takewhile(lambda post: rules.may_be_due(post, stored, now), page))
            for post in old:
                walk.after = queue_place(post)
                one = rules.class_of(stored, post.platform, post.kind)
                if rules.due(post, one, now):
                    found.append(rules.review_of(post, one))
                    if len(found) == limit:
                        break
            if len(old) < limit and len(found) < limit:
                walk.next_account()
        return found


class _Walk:
    """Where a list of reviews stands: on which account, behind which post."""

    def __init__(self, accounts: list[str], account: str | None, after: str | None) -> None:
        # An account that the person no longer reaches is passed over.
        self._left = [a for a in sorted(accounts) if account is None or a >= account]
        self.after = after if self._left and self._left[0] == account else None

    @property
    def account(self) -> str | None:
        """The account that is being read; None at the end."""
        return self._left[0] if self._left else None

    def next_account(self) -> None:
        """Go on with the next account."""
        del self._left[0]
        self.after = None


def _token(days: int, basis: Basis) -> str:
    return f"{days}:{basis}"


def _overtaken(now: RetentionClass) -> ConflictError:
    by = now.changed_by.name if now.changed_by else None
    return ConflictError(
        f"The class for {now.platform} {now.kind} has changed since you looked: {now.days} days. Look at it again.",
        rev=now.rev,
        by=by,
    )
