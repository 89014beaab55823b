"""The one way in which an officer's decision changes a post: leaf, post and answer in one transaction.

Whatever is decided (claimed, dismissed, to be hidden) goes through `Changer.commit`, so no change can exist without
its leaf. Sequencer and pages are woken afterwards; both catch up by themselves should the waking fail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from bluelamp.accounts.rules import stopped
from bluelamp.audit.leaf import (
    Actor,
    AppealPart,
    Attached,
    Change,
    Content,
    Erasure,
    Judgement,
    Leaf,
    LeafType,
    Model,
    Obj,
    Op,
    Query,
    Rule,
    Saved,
    draft,
)
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk, Release, ReleaseQueue
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import QueueError
from bluelamp.content.model import Entry as Kept
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import approving, authorise, permissions_on
from bluelamp.posts import rules, store
from bluelamp.posts.ingest import live_message
from bluelamp.posts.joint import Brings, commit_many
from bluelamp.posts.model import PersonName, Pointer, Post, PostSummary
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.finder import AccountFinder
    from bluelamp.accounts.model import Account
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.sqs import Queue
    from bluelamp.content.vault import Vault
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal, Verb
    from bluelamp.pseudonyms import Pseudonyms


_log = logging.getLogger(__name__)

# A transaction takes 100 writes and 4 MB; a post with a long trail has some tens of kilobytes.
MAX_TOGETHER = 40

Offered = Callable[[Post], frozenset[str]]


@dataclass(frozen=True)
class Entry:
    """What the leaf of a change says beyond the post itself.

    `words` are an answer's or a note's: the leaf carries their keyed digest and where they are kept, never themselves.
    `content` is for a leaf whose bytes are kept already; whoever packed them writes their keys in `also`.
    """

    type: LeafType
    actor: Actor
    reason: LeafReason | None = None
    op: Op | None = None
    change: Change | None = None
    model: Model | None = None
    rule: Rule | None = None
    judgement: Judgement | None = None
    erasure: Erasure | None = None
    correlation: str | None = None
    event_at: datetime | None = None
    words: str | None = None
    content: Content | None = None
    incident: str | None = None
    saved: Saved | None = None
    attached: Attached | None = None
    appeal: AppealPart | None = None
    by: PersonName | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


class Changer:
    """Loads posts for a person, and commits changes of them.

    Parameters
    ----------
    posts
        Where posts are kept.
    accounts
        Finds accounts.
    offered
        Tells the verbs that the platform offers for a post.
    pseudonyms
        Names posts and authors in leaves.
    wake
        Wakes the sequencer.
    live
        The queue of what pages are to be told.
    vault
        Gives what keeps the words of answers and notes; asked for with the first of them, as many functions write none.
    clock
        The time.
    """

    def __init__(
        self,
        *,
        posts: store.PostStore,
        accounts: AccountFinder,
        offered: Offered,
        pseudonyms: Pseudonyms,
        wake: Wake,
        live: Queue,
        vault: Callable[[], Vault],
        clock: Clock = utc_now,
    ) -> None:
        self.posts = posts
        self.accounts = accounts
        self.clock = clock
        self._offered = offered
        self._pseudonyms = pseudonyms
        self._wake = wake
        self._live = live
        self._vault = vault

    def load(self, principal: Principal, verb: Verb, post_id: str, *, rev: int | None = None) -> Post:
        """Return a post that this person may do `verb` to.

        Raises
        ------
        NotFoundError
            There is none, or (`OutOfScopeError`) it is not within the person's reach.
        RefusedError
            The role or the account's policy does not give the verb.
        ConflictError
            `rev` is given and another revision is in force.
        """
        post = self.posts.get(post_id, consistent=True)
        account = self.accounts.find(post.account) if post else None
        if post is None or account is None:
            raise NotFoundError("There is no post with this id.")
        authorise(principal, verb, account)
        if rev is not None and rev != post.rev:
            raise _overtaken(post)
        return post

    def can(self, principal: Principal, post: Post) -> frozenset[str]:
        """Return what this person may do to the post now: role and policy, platform, state."""
        account = self.accounts.find(post.account)
        if account is None:
            return frozenset()
        # A hide that waits can be taken back whatever became of the account: nothing is sent for that.
        sends = stopped(account) is None or post.state == "hiding"
        offered = self._offered(post) if sends else frozenset()
        allowed = permissions_on(principal, account)
        # Whom an account's policy leaves out of answering does not answer in private either.
        can = rules.possible(post, offered) & (allowed if "reply" in allowed else allowed - {"message"})
        return can - self._of_others(principal, post, account) if post.proposed else can

    def _of_others(self, principal: Principal, post: Post, account: Account) -> frozenset[str]:
        """Return which part of deciding what was proposed is for other people."""
        if post.proposed is None or post.proposed.by.id == principal.id:
            return frozenset({"approve"})
        act: Literal["delete", "reply"] = "delete" if post.proposed.verb == "delete" else "reply"
        approver = account.policy.approver(act) or "comms"
        may = approving(principal, account, approver=approver, answers=account.answers).allowed
        return frozenset({"withdraw"} if may else {"approve", "withdraw"})

    def feasible(self, post: Post) -> frozenset[str]:
        """Return what the platform and the post's state leave open, whoever asks, a proposal aside."""
        return rules.possible(post.changed(proposed=None), self._offered(post))

    def stopped(self, account_id: str) -> str | None:
        """Return the code of why nothing may be sent from an account, or None."""
        account = self.accounts.find(account_id)
        return stopped(account) if account else None

    def summary(self, principal: Principal, post: Post) -> PostSummary:
        """Return the post as this person's page shows it."""
        return rules.summarise(post, self.can(principal, post))

    def obj(self, post: Post, *, prev: str | None, words: str | None = None) -> Obj:
        """Return how a leaf names the post; `words` are what the entry itself adds (an answer, a note)."""
        return Obj(
            kind="post",
            key=self._pseudonyms.post(post.account, post.native_id),
            hmac_key=self._pseudonyms.key_id,
            rev=post.rev,
            prev=prev,
            digest=self._pseudonyms.words(post.account, post.native_id, words, ()) if words is not None else None,
        )

    def leaf(self, post: Post, entry: Entry, *, prev: str | None) -> Leaf:
        """Return the leaf of an entry about a post."""
        return draft(
            type=entry.type,
            at=self.clock(),
            actor=entry.actor,
            account=post.account,
            author_key=self._pseudonyms.author(post.platform, post.author.id),
            event_at=entry.event_at,
            obj=self.obj(post, prev=prev, words=entry.words),
            content=entry.content,
            reason=entry.reason,
            op=entry.op,
            change=entry.change,
            model=entry.model,
            rule=entry.rule,
            judgement=entry.judgement,
            erasure=entry.erasure,
            correlation=entry.correlation,
            incident=entry.incident,
            saved=entry.saved,
            attached=entry.attached,
            appeal=entry.appeal,
        )

    def commit(
        self,
        old: Post,
        new: Post,
        entry: Entry,
        *,
        also: Callable[[Pointer], Sequence[Write]] | None = None,
        release: Mapping[str, Any] | None = None,
        release_delay: int = 0,
        release_to: ReleaseQueue = "action",
        idem: Idempotency | None = None,
        answer: Callable[[Post], dict[str, Any]] | None = None,
    ) -> Post:
        """Replace `old` by `new` (at the next revision) and write its leaf, in one transaction.

        Parameters
        ----------
        also
            Gives further writes of the same transaction (an action, a note), told where the leaf will be.
        release, release_delay, release_to
            The message that goes to a queue once the leaf is sealed, its delay in seconds, and which queue.
        idem, answer
            With an idempotency record: what is to be answered to a repeat.

        Returns
        -------
        Post
            The post as it now stands.

        Raises
        ------
        ConflictError
            When somebody else changed the post meanwhile.
        """
        new = new.changed(rev=old.rev + 1)
        (entry,), keys = self.kept([(new, entry)])
        leaf = self.leaf(new, entry, prev=old.head)
        releases = [Release(0, dict(release), release_delay, release_to)] if release else []
        chunk = Chunk.of([leaf], releases=releases)
        pointer = self.pointer(chunk, 0, entry)
        new, spilt = store.spill(new.changed(head=leaf.digest, trail=(*new.trail, pointer)))
        listed = store.listed(old, new)
        writes: list[Write] = [store.put_changed(new), *spilt, *listed, chunk.put(), *keys]
        writes += also(pointer) if also else ()
        if idem is not None and answer is not None:
            writes.append(idem.put(answer(new)))
        try:
            self.posts.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            current = self.posts.get(old.id, consistent=True)
            raise _overtaken(current or old) from None
        self.announce(new)
        return new

    def commit_many(
        self,
        changes: Sequence[tuple[Post, Post, Entry]],
        *,
        brings: Mapping[str, Brings] | None = None,
        guard: Sequence[Write] = (),
    ) -> set[str]:
        """Replace each old post by its new one, as many in one transaction, with all leaves in one chunk, as fit.

        When somebody else changed one of the posts, each is tried by itself, so that one does not hold up the others.

        Parameters
        ----------
        changes
            Old post, new post and entry, at most `MAX_TOGETHER`, each post once.
        brings
            By post, what its change brings along: further writes, and a message released by its seal.
        guard
            Checks that belong into each transaction.

        Returns
        -------
        set of str
            The ids of posts that somebody else changed meanwhile; these stand as they were.
        """
        return commit_many(self, changes, brings=brings or {}, guard=guard)

    def kept(self, entries: Sequence[tuple[Post, Entry]]) -> tuple[list[Entry], Sequence[Write]]:
        """Pack the words of entries; return these with their content, and the writes of its keys."""
        worded = [n for n, (_, entry) in enumerate(entries) if entry.words is not None and entry.content is None]
        found = [entry for _, entry in entries]
        if not worded:
            return found, []
        packed = self._vault().pack(
            [Kept(entries[n][0].account, (found[n].words or "").encode("utf-8", "surrogatepass")) for n in worded]
        )
        for n, content in zip(worded, packed.contents, strict=True):
            found[n] = replace(found[n], content=content)
        return found, packed.writes

    def announce(self, *posts: Post) -> None:
        """Tell pages and sequencer of posts that are committed already.

        What is committed must not look failed: when the queues do not answer, the schedule seals the leaf, and the post
        is announced again when its message comes again, or with its next change.
        """
        try:
            self._live.send([live_message(post) for post in posts])
            self._wake()
        except QueueError as error:
            _log.warning("committed and not announced: %s", error)

    @staticmethod
    def pointer(chunk: Chunk, place: int, entry: Entry) -> Pointer:
        """Return the line of the post's history for a leaf of a chunk."""
        return Pointer(
            **chunk.pointer(place),
            by=entry.by,
            role=entry.actor.role,
            duty=entry.actor.on_duty_as,
            detail=dict(entry.detail),
        )

    def look(
        self,
        principal: Principal,
        post: Post,
        *,
        detail: Mapping[str, str],
        type: Literal["view", "prove"] = "view",  # noqa: A002
        case: str | None = None,
    ) -> None:
        """Record that a person opened a post (or its audit history), within a case of subject rights when one is named.

        A reading never contends with a change.
        """
        entry = Entry(type=type, actor=principal.actor(), by=name_of(principal), detail=detail, correlation=case)
        chunk = Chunk.of([self.leaf(post, entry, prev=None)])
        pointer = self.pointer(chunk, 0, entry)
        self.posts.table.transact([chunk.put(), store.view_item(post.id, pointer)])
        self._wake()

    def searched(self, principal: Principal, query: Query, *, account: str | None) -> None:
        """Record that a person read a list: which one, with what filters, and how many posts it showed."""
        leaf = draft(type="search", at=self.clock(), actor=principal.actor(), account=account, query=query)
        self.posts.table.write(Chunk.of([leaf]).put())
        self._wake()


def name_of(principal: Principal) -> PersonName:
    """Return how pages name this person."""
    return PersonName(id=principal.id, name=principal.name)


def _overtaken(post: Post) -> ConflictError:
    last = next((p.by for p in reversed(post.trail) if p.by), None)
    who = f"{last.name} was" if last else "Somebody else was"
    return ConflictError(
        f"{who} quicker: this post has changed since you opened it. Look at it again before you decide.",
        rev=post.rev,
        by=last.name if last else None,
    )
