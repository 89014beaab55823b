"""What an open incident orders of everybody's work: new posts hidden pending review, answers that wait a while.

Read with each batch of judged posts, so it costs one small item, remembered for some seconds; before a post is hidden
it is read once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.actions.ordering import Order, Ordering, Wanted
from bluelamp.audit.leaf import Actor, Rule
from bluelamp.errors import ConflictError
from bluelamp.incidents import rules
from bluelamp.incidents.model import Open, OpenList

if TYPE_CHECKING:
    from bluelamp.incidents.model import BulkPolicy
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

KEEP = timedelta(seconds=5)
ROUNDS = 4
_ACTOR = Actor.system("incident")


class Orders:
    """The orders that are in force.

    Parameters
    ----------
    store
        Where incidents are kept.
    changer
        Reads posts, and tells what is possible with them.
    ordering
        Sets actions going; asked for with the first post that a rule is about.
    """

    def __init__(self, *, store: IncidentStore, changer: Changer, ordering: Callable[[], Ordering]) -> None:
        self._store = store
        self._changer = changer
        self._ordering = ordering
        self._kept: tuple[datetime, OpenList] | None = None

    def remembered(self) -> OpenList:
        """Return the incidents that are open, as this process has read them within some seconds."""
        now = self._changer.clock()
        if self._kept is None or not timedelta(0) <= now - self._kept[0] <= KEEP:
            self._kept = (now, self._store.opened())
        return self._kept[1]

    def wait_for(self, post: Post) -> int:
        """Return for how many seconds an answer to a post waits before it is sent, by the incidents that are open."""
        return max((one.slow for one in self.remembered().incidents if rules.concerns(one, post)), default=0)

    def judged(self, posts: Iterable[Post]) -> int:
        """Hide, pending review, those of the posts just judged that a standing rule is about; return how many.

        A repeat finds the actions that were set going and makes none; what shows that a life may be at risk stays in
        sight, and so does what no job would touch.
        """
        posts = list(posts)
        if not any(_in_force(one) for one in self.remembered().incidents) or not posts:
            return 0
        done = 0
        for one in self._store.opened().incidents:
            meant = [post for post in posts if _in_force(one) and _meant(one, post)]
            done += self._hide(one, [post.id for post in meant]) if meant else 0
        return done

    def _hide(self, one: Open, left: Sequence[str]) -> int:
        policy, done = self._store.policy(), 0
        for _ in range(ROUNDS):
            if not left:
                break
            found = self._changer.posts.get_many(left, consistent=True)
            wanted = [w for post in found.values() if (w := self._wanted(one, post, policy)) is not None]
            known = self._ordering().states([(w.post.id, w.action) for w in wanted])
            fresh = [w for w in wanted if w.post.id not in known]
            left = sorted(self._ordering().order(_order(one), fresh))
            done += len(fresh) - len(left)
        if left:
            raise ConflictError("others kept changing posts that a standing rule is about; the message is tried again")
        return done

    def _wanted(self, one: Open, post: Post, policy: BulkPolicy) -> Wanted | None:
        why = rules.obstacle(
            post,
            "hide",
            incident=one.id,
            policy=policy,
            feasible=self._changer.feasible(post),
            stopped=self._changer.stopped(post.account),
        )
        if why is not None or not _meant(one, post):
            return None
        # It stays with the people who review it: hidden, and its case as open as it was.
        others = tuple(reason for reason in post.case.reasons if reason.code != rules.REVIEW.code)
        case = post.case.model_copy(update={"reasons": (*others, rules.REVIEW)})
        return Wanted(post, rules.action_id(one.id, post.id, post.seen_at), case)


def _in_force(one: Open) -> bool:
    return one.standing is not None and one.standing.state == "in_force"


def _meant(one: Open, post: Post) -> bool:
    return one.standing is not None and rules.concerns(one, post) and rules.matches(one.standing.match, post)


def _order(one: Open) -> Order:
    if one.standing is None:
        raise ValueError("an order to hide comes from a standing rule")
    rule = Rule(id="incident.standing", version=str(one.strategy))
    return Order(verb="hide", incident=one.id, actor=_ACTOR, by=one.standing.by, rule=rule)
