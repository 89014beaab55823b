"""Many posts put to the same verb by one order: each with an intent, an action and a release of its own.

The id of each action follows from the order and the post. So whoever begins anew after being killed finds what was
set going before, and no post is acted on twice by one order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bluelamp.actions.model import TAKES_AWAY, Action, Kept
from bluelamp.actions.rules import may_cancel, taken_back, under_way
from bluelamp.actions.store import action_key
from bluelamp.audit.leaf import Actor, Op, Rule
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.media.contexts import Taken
from bluelamp.posts.changing import MAX_TOGETHER, Changer, Entry
from bluelamp.posts.joint import Brings
from bluelamp.posts.model import Case, PersonName, Pointer, Post, Reason
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.actions.store import ActionStore
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.media.contexts import Around, Contexts

Verb = Literal["hide", "unhide", "delete"]


@dataclass(frozen=True)
class Order:
    """Who ordered what, in which incident.

    `rule` names the order itself in each record: a job, or a standing rule and the strategy's version. `by` is who
    ordered it, `actor` who carries it out: that person, or the system on a standing order.
    """

    verb: Verb
    incident: str
    actor: Actor
    by: PersonName
    rule: Rule
    reason: Reason | None = None


@dataclass(frozen=True)
class Wanted:
    """A post as it was read, and the id of its action; `case` is what its case becomes, when not the verb decides."""

    post: Post
    action: str
    case: Case | None = None


class Ordering:
    """Sets actions going, many at once, in the lane that lets single ones pass.

    Parameters
    ----------
    changer
        Commits posts.
    actions
        Where actions are kept.
    contexts
        Gives what keeps the contexts of posts that are to be taken away, with their intents. Without it each is kept
        by the function that is about to take its post away, which may then have to come again for the call.
    """

    def __init__(
        self, *, changer: Changer, actions: ActionStore, contexts: Callable[[], Contexts] | None = None
    ) -> None:
        self._changer = changer
        self._actions = actions
        self._contexts = contexts

    def states(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the states of those actions that exist, by the post's id; given posts and their actions' ids."""
        found = self._actions.table.batch_get([action_key(*pair) for pair in pairs], consistent=True)
        return {item["post_id"]: Action.model_validate(item).state for item in found.values()}

    def take_back(self, pairs: Sequence[tuple[str, str]], *, by: PersonName) -> set[str]:
        """Take back what is not sent yet, each with its outcome; given posts and their actions' ids.

        Returns
        -------
        set of str
            The ids of posts that somebody else changed meanwhile: they are to be tried again.
        """
        clock = self._changer.clock()
        found = self._actions.table.batch_get([action_key(*pair) for pair in pairs], consistent=True)
        left = {a.post_id: a for a in map(Action.model_validate, found.values()) if may_cancel(a, clock)}
        posts = self._changer.posts.get_many(left, consistent=True)
        changes, brings = [], {}
        for post in posts.values():
            action = left[post.id]
            back, gone = taken_back(post, action, iso(clock))
            changes.append((post, back, _taken_back(action, by)))
            brings[post.id] = self._replaced(gone)
        return self._changer.commit_many(changes, brings=brings)

    def order(self, order: Order, wanted: Sequence[Wanted], *, guard: Sequence[Write] = ()) -> set[str]:
        """Set actions going, as many in one transaction as fit; each is sealed, carried out and recorded by itself.

        Parameters
        ----------
        guard
            Checks that belong into each transaction: that the order still stands.

        Returns
        -------
        set of str
            The ids of posts that somebody else changed meanwhile, or whose guard did not hold: nothing was done there.
        """
        now = iso(self._changer.clock())
        overtaken: set[str] = set()
        for start in range(0, len(wanted), MAX_TOGETHER):
            some = wanted[start : start + MAX_TOGETHER]
            changes = [(one.post, _under_way(one, order, now), _entry(order, one)) for one in some]
            around = self._around(order, [one.post for one in some])
            brings = {one.post.id: self._brings(order, one, now, around.get(one.post.id)) for one in some}
            overtaken |= self._changer.commit_many(changes, brings=brings, guard=guard)
        return overtaken

    def _replaced(self, gone: Action) -> Brings:
        return Brings(lambda _pointer, _beside: [self._actions.replace(gone)])

    def _around(self, order: Order, posts: Sequence[Post]) -> dict[str, Around]:
        if self._contexts is None or order.verb not in TAKES_AWAY:
            return {}
        return self._contexts().keep(posts, order.verb)

    def _brings(self, order: Order, one: Wanted, now: str, around: Around | None) -> Brings:
        def insert(pointer: Pointer, beside: Pointer | None) -> list[Write]:
            evidence = None
            if beside is not None and around is not None:
                context = beside.model_copy(update={"detail": {"verb": order.verb}})
                chunks = tuple(dict.fromkeys([beside.chunk, *around.chunks]))
                evidence = Kept(pointers=(context,), chunks=chunks, seen_at=one.post.seen_at)
            action = Action(
                id=one.action,
                post_id=one.post.id,
                verb=order.verb,
                lane="bulk",
                incident=order.incident,
                at=now,
                by=order.by,
                reason=order.reason,
                before=one.post.state,
                case_before=one.post.case,
                intent=pointer.leaf,
                chunk=pointer.chunk,
                seen_at=one.post.seen_at,
                kept=evidence,
            )
            return [self._actions.insert(action)]

        return Brings(
            insert, {"post_id": one.post.id, "action_id": one.action}, "bulk", self._beside(order, one, around)
        )

    def _beside(self, order: Order, one: Wanted, around: Around | None) -> Callable[[Leaf], Leaf] | None:
        if around is None or self._contexts is None:
            return None
        contexts = self._contexts()

        def leaf(intent: Leaf) -> Leaf:
            taken = Taken(order.verb, intent.id, one.action, by="incident", incident=order.incident)
            # As the intent leaves it: its revision is the next.
            return contexts.leaf(one.post.changed(rev=one.post.rev + 1), taken, around.content)

        return leaf


def _taken_back(action: Action, by: PersonName) -> Entry:
    return Entry(
        type="outcome",
        actor=Actor.system("incident"),
        by=by,
        op=Op(intent=action.intent, result="cancelled"),
        correlation=action.id,
        incident=action.incident,
        detail={"verb": action.verb, "result": "cancelled"},
    )


def _under_way(one: Wanted, order: Order, now: str) -> Post:
    new = under_way(one.post, order.verb, one.action, order.by, now)
    return new.changed(case=one.case) if one.case else new


def _entry(order: Order, one: Wanted) -> Entry:
    reason = order.reason
    return Entry(
        type="intent",
        actor=order.actor,
        by=order.by,
        reason=LeafReason(code=reason.code, ref=reason.ref) if reason else None,
        op=Op(verb=order.verb),
        rule=order.rule,
        correlation=one.action,
        incident=order.incident,
        detail={"verb": order.verb, "incident": order.incident, "order": order.rule.id}
        | ({"reason": reason.code} if reason else {}),
    )
