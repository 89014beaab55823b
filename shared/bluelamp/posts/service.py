"""What officers do with posts, short of acting on the platform: read, claim, dismiss, flag, note."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bluelamp.assets.model import PictureLimits
from bluelamp.audit.leaf import Change, LeafType, Query
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.people.rules import authorise, require
from bluelamp.posts import rules, store
from bluelamp.posts.changing import Changer, Entry, name_of
from bluelamp.posts.history import history_of, pointer_to
from bluelamp.posts.model import (
    ActionResult,
    ActionView,
    Desk,
    HistoryEntry,
    Note,
    Pointer,
    Post,
    PostView,
    QueueCounts,
    QueuePage,
    Reason,
    Risk,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.accounts.service import Accounts
    from bluelamp.audit.prove import Proof
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.colleagues import Reach

MAX_PAGE = 100
# What a page reads of a queue at once.
SCREEN = 50
_LEAVES: dict[str, LeafType] = {
    "claim": "claim",
    "release": "release",
    "flag": "flag",
    "note": "note",
    "dismiss": "decide",
}
ATTEMPTS = 3

# Gives the proof of a leaf, by outbox chunk and place; raises NotFoundError while it is not sealed.
Prove = Callable[[str, int], "Proof"]


class Posts:
    """The use cases of the post routes.

    Parameters
    ----------
    changer
        Loads and commits posts.
    accounts
        The accounts within a person's reach.
    cursors
        Makes and opens cursors.
    prove
        Proves that a leaf, by chunk and place, is sealed.
    reach
        Tells who can be mentioned.
    notify
        Has people told now.
    pictures
        Tells what pictures may go with an answer to a post.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        accounts: Accounts,
        cursors: Cursors,
        prove: Prove,
        reach: Reach,
        notify: Callable[[], None],
        pictures: Callable[[Post], tuple[PictureLimits, ...]],
    ) -> None:
        self._pictures = pictures
        self._changer = changer
        self._accounts = accounts
        self._cursors = cursors
        self._prove = prove
        self._reach = reach
        self._notify = notify

    def queue(
        self,
        principal: Principal,
        *,
        view: str = "open",
        account: str | None = None,
        min_risk: Risk | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> QueuePage:
        """Return a page of the queue: open by risk and waiting time, done by latest change. Recorded as a search.

        Raises
        ------
        OutOfScopeError, RefusedError
            When the account, or the queue, is not this person's.
        CursorError
            When the cursor is not of this person and query.
        """
        require(principal, "see")
        query = {"list": "queue", "view": view, "account": account, "min_risk": min_risk}
        # One order holds in all partitions, so one place in it is where every one of them goes on.
        place: str | None = self._cursors.open(principal.id, query, cursor)["after"] if cursor else None
        limit = max(1, min(limit, MAX_PAGE))
        merged = self._merge(self._partitions(principal, view, account), view, place, limit)
        if min_risk is not None and view == "open":
            merged = [post for post in merged if post.case.grade >= rules.GRADE_FLOOR[min_risk]]
        shown, more = merged[:limit], len(merged) > limit
        self._changer.accounts.preload({post.account for post in shown})
        filters = {"view": view} | ({"min_risk": min_risk} if min_risk else {})
        self._changer.searched(principal, Query(view="queue", filters=filters, hits=len(shown)), account=account)
        # Whoever asks for a line of it, or for a part by risk, has not looked at the account.
        seen = view == "open" and not (cursor or min_risk) and (limit >= SCREEN or not more)
        return QueuePage(
            posts=tuple(self._changer.summary(principal, post) for post in shown),
            next=self._cursors.seal(principal.id, query, {"after": rules.queue_place(shown[-1])}) if more else None,
            counts=QueueCounts(open=len(shown) if view == "open" and not more and not cursor else None),
            looked=self._looked(principal, account) if account and seen else None,
        )

    def _looked(self, principal: Principal, account: str) -> str:
        return self._cursors.seal(principal.id, rules.looked_at(account), {"at": iso(self._changer.clock())})

    def _partitions(self, principal: Principal, view: str, account: str | None) -> list[str]:
        if account is not None:
            authorise(principal, "see", self._accounts.get(account))
            return [f"A#{account}#{view}"]
        if principal.reaches_all:
            return [f"F#{shard}#{view}" for shard in range(rules.SHARDS)]
        return [f"A#{a.id}#{view}" for a in self._accounts.reached_by(principal)]

    def _merge(self, partitions: list[str], view: str, place: str | None, limit: int) -> list[Post]:
        """Return up to one more post than the page holds, from all partitions in their common order."""
        newest_first = view == "done"
        found: list[Post] = []
        for partition in partitions:
            found += self._changer.posts.queue_part(partition, after=place, limit=limit + 1, newest_first=newest_first)
        found.sort(key=rules.queue_place, reverse=newest_first)
        return found[: limit + 1]

    def open_post(self, principal: Principal, post_id: str) -> PostView:
        """Return a post with its thread, actions, notes and history. Recorded as a view.

        Raises
        ------
        NotFoundError, RefusedError
            When it is not there, or not for this person.
        """
        post = self._changer.load(principal, "see", post_id)
        self._changer.look(principal, post, detail={"what": "post"})
        parts = self._changer.posts.parts(post_id)
        thread = [p for p in self._changer.posts.thread(post.thread) if p.account == post.account]
        return PostView(
            post=self._changer.summary(principal, post),
            thread=tuple(self._changer.summary(principal, p) for p in thread),
            actions=tuple(_action(i) for i in parts if i["sk"].startswith("ACTION#")),
            notes=tuple(store.note_from(i) for i in parts if i["sk"].startswith("NOTE#")),
            history=tuple(history_of(post, parts, self._changer.posts)),
            pictures=self._pictures(post),
        )

    def history(self, principal: Principal, post_id: str) -> list[HistoryEntry]:
        """Return the audit history of a post, oldest first. Recorded as a view.

        Raises
        ------
        NotFoundError, RefusedError
            When it is not there, or not for this person.
        """
        post = self._changer.load(principal, "history", post_id)
        self._changer.look(principal, post, detail={"what": "history"})
        return history_of(post, self._changer.posts.parts(post_id), self._changer.posts)

    def proof(self, principal: Principal, post_id: str, leaf_id: str) -> Proof:
        """Return the proof that a leaf of this post's history is in the sealed log. Recorded.

        Raises
        ------
        NotFoundError
            When the post has no such leaf, or it is not sealed yet.
        """
        post = self._changer.load(principal, "history", post_id)
        pointer = pointer_to(leaf_id, post, self._changer.posts.parts(post_id))
        if pointer is None:
            raise NotFoundError("This post's history has no record with this id.")
        proof = self._prove(pointer.chunk, pointer.i)
        self._changer.look(principal, post, type="prove", detail={"what": "proof"})
        return proof

    def claim(self, principal: Principal, post_id: str, *, idem: Idempotency) -> ActionResult:
        """Take a case, so that colleagues see that somebody is on it."""

        def decide(post: Post) -> Post:
            holder = post.case.claimed_by
            if holder is not None and holder.id != principal.id:
                raise ConflictError(f"{holder.name} is dealing with this post.", rev=post.rev, by=holder.name)
            return _with_case(post, claimed_by=name_of(principal), claimed_at=iso(self._changer.clock()))

        return self._decided(principal, "claim", post_id, decide, idem, detail={})

    def release(self, principal: Principal, post_id: str, *, idem: Idempotency) -> ActionResult:
        """Give a claimed case back."""

        def decide(post: Post) -> Post:
            holder = post.case.claimed_by
            if holder is not None and holder.id != principal.id:
                raise ConflictError(f"Only {holder.name} can release this post.", rev=post.rev, by=holder.name)
            return _with_case(post, claimed_by=None, claimed_at=None)

        return self._decided(principal, "release", post_id, decide, idem, detail={})

    def dismiss(
        self, principal: Principal, post_id: str, *, reason: Reason, rev: int, idem: Idempotency
    ) -> ActionResult:
        """Close a case that needs nothing done, with the reason."""

        def decide(post: Post) -> Post:
            now = iso(self._changer.clock())
            return post.changed(case=rules.decided(post.case, "dismissed", name_of(principal), now))

        return self._decided(
            principal, "dismiss", post_id, decide, idem, rev=rev, reason=reason, detail={"reason": reason.code}
        )

    def flag(
        self, principal: Principal, post_id: str, *, to: Desk, reason: Reason, rev: int, idem: Idempotency
    ) -> ActionResult:
        """Bring a post to the notice of another desk; it moves up to high risk at least."""

        def decide(post: Post) -> Post:
            grade = max(post.case.grade, rules.GRADE_FLOOR["high"])
            return _with_case(post, flagged_to=to, grade=grade, risk=rules.risk_of(grade))

        return self._decided(
            principal, "flag", post_id, decide, idem, rev=rev, reason=reason, detail={"to": to, "reason": reason.code}
        )

    def note(
        self, principal: Principal, post_id: str, *, text: str, mentions: Sequence[str] = (), idem: Idempotency
    ) -> ActionResult:
        """Write a note for colleagues; the leaf says that there is one, never what it says.

        Parameters
        ----------
        mentions
            The people whose attention it asks for, by their ids; they are told.

        Raises
        ------
        NotForPersonError
            When one of them does not reach the post's account; nothing is written.
        """
        clean = text.strip()
        if not clean:
            raise InvalidInputError("A note needs some words.")
        post = self._changer.load(principal, "note", post_id)
        account = self._accounts.get(post.account)
        named = tuple(self._reach.require(mentions, "see", account, to="be mentioned here"))
        now = self._changer.clock()
        note = Note(id=new_ulid(), at=iso(now), by=name_of(principal), text=clean, mentions=named)
        to = [f"person:{one.id}" for one in named if one.id != principal.id]
        about = {"account": post.account, "post": post.id}
        tell = [told("mentioned", to=to, at=now, about=about)] if to else []
        result = self._decided(
            principal,
            "note",
            post_id,
            lambda post: post,
            idem,
            detail={},
            words=clean,
            also=lambda _: [store.note_item(post_id, note), *tell],
        )
        if tell:
            self._notify()
        return result

    def _decided(
        self,
        principal: Principal,
        verb: Verb,
        post_id: str,
        decide: Callable[[Post], Post],
        idem: Idempotency,
        *,
        detail: dict[str, str],
        rev: int | None = None,
        reason: Reason | None = None,
        words: str | None = None,
        also: Callable[[Pointer], Sequence[Write]] | None = None,
    ) -> ActionResult:
        """Load, decide, commit; what does not name a revision is tried again when somebody else was quicker."""
        for attempt in range(1, ATTEMPTS + 1):
            post = self._changer.load(principal, verb, post_id, rev=rev)
            if verb not in self._changer.can(principal, post):
                raise ConflictError("This post is closed: there is nothing left to decide.", rev=post.rev)
            entry = Entry(
                type=_LEAVES[verb],
                actor=principal.actor(),
                by=name_of(principal),
                reason=LeafReason(code=reason.code, ref=reason.ref) if reason else None,
                change=Change(field=verb, to=detail.get("to")),
                detail=detail,
                words=words,
            )
            try:
                new = self._changer.commit(
                    post,
                    decide(post),
                    entry,
                    also=also,
                    idem=idem,
                    answer=lambda p: self._result(principal, p).model_dump(mode="json"),
                )
            except ConflictError:
                if rev is not None or attempt == ATTEMPTS:
                    raise
            else:
                return self._result(principal, new)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _result(self, principal: Principal, post: Post) -> ActionResult:
        return ActionResult(post=self._changer.summary(principal, post), action=None)


def _with_case(post: Post, **changes: Any) -> Post:
    return post.changed(case=post.case.model_copy(update=changes))


def _action(item: dict[str, Any]) -> ActionView:
    return ActionView.model_validate({"state": "pending", "reason": None, "done_at": None, "error": None} | item)
