"""What is under way and not as it should be: stuck, deferred, unknown, or failed within a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.actions.model import Stuck, UnderWayList
from bluelamp.actions.rules import may_cancel, stuck
from bluelamp.audit.leaf import Query
from bluelamp.people.rules import decide, permissions_on, require
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.actions.model import Action, Trouble
    from bluelamp.actions.store import ActionStore
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

RECENT = timedelta(hours=24)


class UnderWay:
    """The use case of the list of what is under way.

    Parameters
    ----------
    changer
        Reads posts and accounts, and records the reading.
    actions
        Where actions are kept.
    """

    def __init__(self, *, changer: Changer, actions: ActionStore) -> None:
        self._changer = changer
        self._actions = actions

    def list_for(self, principal: Principal) -> UnderWayList:
        """Return what is not as it should be on the accounts in a person's reach. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role sees no posts.
        """
        require(principal, "see")
        now = self._changer.clock()
        found: list[tuple[Trouble, Action]] = []
        for part in ("unknown", "open", "bulk", "failed"):
            actions = self._actions.under_way(part, since=iso(now - RECENT) if part == "failed" else "")
            if part in {"open", "bulk"}:
                waiting = [one for one in actions if stuck(one, now) or one.deferred_at]
                found += [("deferred" if one.deferred_at else "stuck", one) for one in waiting]
            else:
                found += [("unknown" if part == "unknown" else "failed", one) for one in actions]
        posts = self._changer.posts.get_many((one.post_id for _, one in found), consistent=False)
        self._changer.accounts.preload({post.account for post in posts.values()})
        shown = [
            self._shown(principal, posts[one.post_id], trouble, one)
            for trouble, one in found
            if one.post_id in posts and self._sees(principal, posts[one.post_id])
        ]
        self._changer.searched(principal, Query(view="underway", hits=len(shown)), account=None)
        return UnderWayList(actions=tuple(shown))

    def _sees(self, principal: Principal, post: Post) -> bool:
        account = self._changer.accounts.find(post.account)
        return account is not None and decide(principal, "see", account).allowed

    def _shown(self, principal: Principal, post: Post, trouble: Trouble, action: Action) -> Stuck:
        account = self._changer.accounts.find(post.account)
        allowed = permissions_on(principal, account) if account else frozenset()
        can = {"cancel"} if may_cancel(action, self._changer.clock()) else set()
        can |= {"settle"} if action.state == "unknown" else set()
        return Stuck(
            trouble=trouble,
            post=self._changer.summary(principal, post),
            action=action.view(),
            lane=action.lane,
            own=action.by.id == principal.id,
            can=tuple(sorted(can & allowed)),
        )
