"""Heartbeats of open posts, and the pen: while somebody writes the answer, nobody else answers.

That somebody opened a post is in the record as a view; that they still have it open is not: it is gone after two
minutes, decides nothing, and would be a record every 20 seconds. What the pen keeps apart, the answers, are recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import authorise
from bluelamp.posts.model import PersonName
from bluelamp.presence.model import GONE, Here
from bluelamp.presence.store import PresenceStore, drafted, held, here, in_time, present
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.finder import AccountFinder
    from bluelamp.cloud.dynamodb import Item, Put, Write
    from bluelamp.people.model import Principal


class BeingWrittenError(ConflictError):
    """Somebody else is writing the answer."""

    code = "being_written"


class Presence:
    """The use cases of presence.

    Parameters
    ----------
    store
        Where heartbeats are kept.
    accounts
        Finds accounts.
    clock
        The present.
    """

    def __init__(self, store: PresenceStore, *, accounts: AccountFinder, clock: Clock = utc_now) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    def beat(
        self,
        principal: Principal,
        post_id: str,
        *,
        writing: bool = False,
        take_over: bool = False,
        draft: str | None = None,
    ) -> Here:
        """Say that a person still has a post open, and return who else has: one query and one write.

        Only when the pen is put down there is a second write.

        Parameters
        ----------
        writing
            The person has the reply box open: they take the pen, or keep it, unless somebody else holds it.
        take_over
            They take it from whoever holds it.
        draft
            What stands in their reply box, when that has changed: kept for them a week, or until they answer.

        Raises
        ------
        NotFoundError, RefusedError
            When the post is not there or not for this person, or they want to write and may not answer.
        """
        post, beats, pen, drafts = self._store.at(post_id)
        account = self._accounts.find(post.account) if post else None
        if post is None or account is None:
            raise NotFoundError("There is no post with this id.")
        authorise(principal, "see", account)
        if writing or draft:
            authorise(principal, "reply_saved", account)
        now, me = self._clock(), PersonName(id=principal.id, name=principal.name)
        kept = [] if draft is None else [drafted(post_id, me, now, draft)]
        live = pen if in_time(pen, now) else None
        mine = live is not None and live["by"]["id"] == me.id
        if writing and (live is None or mine or take_over):
            live, mine = self._take(post_id, me, pen, kept)
        else:
            writes: list[Write] = [here(post_id, me, now), *kept]
            if mine:
                writes.append(held(post_id, me, now, pen, until=now))
                live, mine = None, False
            self._write(writes)
        found = self._here(me, [one for one in beats if in_time(one, now)], live, mine=mine)
        return found.model_copy(update={"draft": drafts.get(me.id, "") if draft is None else draft})

    def answering(self, principal: Principal, post_id: str) -> list[Write]:
        """Return the writes by which an answer puts the pen down and clears the draft; they belong in its transaction.

        Raises
        ------
        BeingWrittenError
            When somebody else holds the pen; it says who.
        """
        pen, now = self._store.pen(post_id), self._clock()
        me = PersonName(id=principal.id, name=principal.name)
        sent: list[Write] = [drafted(post_id, me, now, "")] if self._store.draft(post_id, me.id) else []
        if pen is None or not in_time(pen, now):
            return sent
        by = present(pen).person
        if by.id != principal.id:
            raise BeingWrittenError(
                f"{by.name} is writing a reply to this post. Wait for it, or take over from them.", by=by.name
            )
        return [held(post_id, by, now, pen, until=now), *sent]

    def _take(self, post_id: str, me: PersonName, pen: Item | None, kept: list[Put]) -> tuple[Item | None, bool]:
        now = self._clock()
        taken = held(post_id, me, now, pen, until=now + GONE)
        try:
            self._store.table.transact([taken, *kept])
        except ConditionFailedError as error:
            return error.failures.get(0), False  # somebody was quicker by a moment, and it is theirs
        except ContentionError:
            return None, False
        return taken.item, True

    def _write(self, writes: list[Write]) -> None:
        try:
            self._store.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            return  # the pen was taken over at this very moment; the next heartbeat says so

    def _here(self, me: PersonName, beats: list[Item], pen: Item | None, *, mine: bool) -> Here:
        by = present(pen).person if pen else None
        others = {one.person.id: one for one in map(present, beats)}
        if pen and by and not mine:
            others[by.id] = present(pen)
        others.pop(me.id, None)
        people = tuple(sorted(others.values(), key=lambda one: one.person.name))
        return Here(people=people, writing=by, yours=mine)
