"""Finding the posts that a job is about among those of an incident's accounts, and saying why some are left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from bluelamp.incidents import rules
from bluelamp.incidents.model import MOST_READ, MOST_SELECTED, BulkVerb, LeftOut, Match
from bluelamp.people.rules import decide
from bluelamp.posts.rules import queue_place

if TYPE_CHECKING:
    from bluelamp.incidents.model import BulkPolicy, Incident, Why
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

_PAGE = 500
_VIEWS: tuple[tuple[Literal["open", "done"], bool], ...] = (("open", False), ("done", True))


@dataclass
class Selection:
    """What was found: the posts of the job, those left alone and why; `cut` when there is more than was read."""

    posts: list[Post] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    cut: bool = False


class Selecting:
    """Reads the posts of incidents.

    Parameters
    ----------
    changer
        Reads posts, and tells what is possible with them.
    """

    def __init__(self, changer: Changer) -> None:
        self._changer = changer

    def in_scope(self, incident: Incident, accounts: Sequence[str]) -> Iterator[Post]:
        """Yield the posts of an incident's scope, account by account, at most `MOST_READ`."""
        one = rules.open_part(incident)
        return (post for post in self._read(accounts, one.begin) if rules.concerns(one, post))

    def select(
        self,
        principal: Principal,
        incident: Incident,
        verb: BulkVerb,
        *,
        match: Match | None,
        accounts: Sequence[str],
        policy: BulkPolicy,
    ) -> Selection:
        """Return the posts that a job would be about, the most serious first, and those that it leaves alone."""
        found, one = Selection(), rules.open_part(incident)
        read = 0
        for post in self._read(accounts, one.begin):
            # What was read counts, meant or not: behind the last of it may be more.
            read += 1
            if not rules.concerns(one, post) or (match is not None and not rules.matches(match, post)):
                continue
            why = self._why(principal, incident, post, verb, policy)
            if why is None:
                found.posts.append(post)
            elif verb != "unhide" or why not in {"already", "not_ours"}:
                # Of showing again, what is not hidden by this incident was never meant.
                found.left_out.append(LeftOut(post=post.id, account=post.account, why=why))
        found.posts.sort(key=lambda post: (-post.case.grade, post.received_at, post.id))
        found.cut = len(found.posts) > MOST_SELECTED or read >= MOST_READ
        del found.posts[MOST_SELECTED:]
        return found

    def why(self, incident: Incident, post: Post, verb: BulkVerb, policy: BulkPolicy) -> Why | None:
        """Return why a job leaves a post alone, whoever ordered it; None when it does not."""
        return rules.obstacle(
            post,
            verb,
            incident=incident.id,
            policy=policy,
            feasible=self._changer.feasible(post),
            stopped=self._changer.stopped(post.account),
        )

    def _why(
        self, principal: Principal, incident: Incident, post: Post, verb: BulkVerb, policy: BulkPolicy
    ) -> Why | None:
        why = self.why(incident, post, verb, policy)
        account = self._changer.accounts.find(post.account)
        if why is None and (account is None or not decide(principal, verb, account).allowed):
            return "not_permitted"
        return why

    def _read(self, accounts: Sequence[str], begin: str) -> Iterator[Post]:
        left = MOST_READ
        for account in accounts:
            for view, newest_first in _VIEWS:
                after: str | None = None
                while left > 0:
                    posts = self._changer.posts.queue_part(
                        f"A#{account}#{view}", after=after, limit=min(_PAGE, left), newest_first=newest_first
                    )
                    left -= len(posts)
                    yield from posts
                    # What was closed before the incident began did not arrive in it.
                    if len(posts) < _PAGE or (newest_first and posts[-1].updated_at < begin):
                        break
                    after = queue_place(posts[-1])
