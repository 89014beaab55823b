"""Delivery: what waits is made out to persons and channels, sent, written down, and recorded once it is settled.

Each message goes out once at the most, with one exception: when the process dies between sending and writing that
down, nobody can know, and after two minutes it is sent again. Being told twice is better than not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bluelamp.audit.leaf import Actor, Notified, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.notices import rules, wording
from bluelamp.notices.channels import PermanentError, SendingError, ThrottledError
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Item
    from bluelamp.hooks.model import Hook
    from bluelamp.notices.channels import Senders
    from bluelamp.notices.model import Delivery, Preferences
    from bluelamp.notices.store import NoticeStore
    from bluelamp.people.model import Person

_ACTOR = Actor.system("notify")
_NOTICES: Final = 50
_DUE: Final = 200
# A run ends in time to write down what it sent; what is left is due in the next.
SECONDS: Final = 35.0
# Ids of persons in one leaf, which holds 32 KiB.
_PERSONS: Final = 200

_Key = tuple[str, str, str]


@dataclass
class Done:
    """What a run did."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    settled: int = 0
    unreached: int = 0


class Delivering:
    """Goes through what waits and what is due.

    Parameters
    ----------
    store
        Where notices and deliveries are kept.
    people
        Everybody of the force.
    senders
        The channels that are on.
    base
        Where the page is served, without a slash at the end.
    wake
        Wakes the sequencer.
    hooks
        The force's own systems that asked to be told.
    clock, running
        The present, and what measures how long a run takes.
    """

    def __init__(
        self,
        store: NoticeStore,
        *,
        people: Callable[[], Iterable[Person]],
        senders: Senders,
        base: str,
        wake: Callable[[], None],
        hooks: Callable[[], Sequence[Hook]] = tuple,
        clock: Clock = utc_now,
        running: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._people = people
        self._senders = senders
        self._base = base
        self._wake = wake
        self._hooks = hooks
        self._clock = clock
        self._running = running

    def run(self) -> Done:
        """Deliver what can be delivered now. Four reads while nothing waits."""
        ends = self._running() + SECONDS
        done = Done()
        everybody, wishes = self._everybody, self._store.wishes
        waiting = self._store.waiting(_NOTICES)
        people = everybody() if waiting else {}
        wished = wishes() if waiting else {}
        hooks = self._hooks() if waiting and "hook" in self._senders else ()
        for notice in waiting:
            out, unreached = rules.deliveries(notice, people.values(), wished, on=self._senders, hooks=hooks)
            self._store.move(notice, out, unreached)
            done.unreached += len(unreached)
        due = self._due()
        if due and not waiting:
            people, wished = everybody(), wishes()
        gone: set[_Key] = set()
        for one in due:
            if self._running() > ends:
                break
            if _key(one) not in gone:
                gone |= self._deliver(one, people, wished, done)
        self._settle(done)
        return done

    def _everybody(self) -> dict[str, Person]:
        return {one.id: one for one in self._people()}

    def _due(self) -> list[Delivery]:
        """Make what is not made yet, and return what is to go out now: the urgent first, people before systems.

        The index may not show yet what was written a moment ago: what is urgent, or for a system, is not left to it.
        """
        fresh: list[Delivery] = []
        for item in self._store.on_their_way():
            if not item["made"]:
                fresh += self._store.make(item)
        found = {_key(one): one for one in fresh if one.urgent or one.channel == "hook"}
        found |= {_key(one): one for one in self._store.due(self._clock(), _DUE)}
        return sorted(found.values(), key=lambda one: (not one.urgent, one.channel == "hook", one.due, one.notice))

    def _deliver(
        self, leader: Delivery, everybody: Mapping[str, Person], wishes: Mapping[str, Preferences], done: Done
    ) -> set[_Key]:
        """Claim, send and write down one message; return which deliveries it settled or put off."""
        others = [] if leader.urgent else self._store.following(leader)
        now = self._clock()
        group = self._store.claim(rules.together(leader, others), now + rules.LEASE)
        if group is None:
            return set()  # another run has it, or the index was behind
        state, code, due = "sent", None, now
        try:
            self._send(group, everybody, wishes)
        except SendingError as error:
            code = error.why
            next_ = None if isinstance(error, PermanentError) else rules.again(now, group[0].attempts)
            state, due = ("later", next_) if next_ else ("failed", now)
            if isinstance(error, ThrottledError) and next_:
                due = max(next_, now + rules.LEASE)
        if self._store.record(group, self._clock(), state=state, code=code, due=due):
            setattr(done, state, getattr(done, state) + 1)
        return {_key(one) for one in group}

    def _send(self, group: list[Delivery], everybody: Mapping[str, Person], wishes: Mapping[str, Preferences]) -> None:
        first = group[0]
        sender = self._senders.get(first.channel)
        if sender is None:
            raise PermanentError("channel_off")
        if first.attempts > rules.MOST_ATTEMPTS:
            raise PermanentError("given_up")  # each run before this one ended while it was sending
        if first.channel == "hook":
            sender.send(wording.event(first, base=self._base))
            return
        to = _address(first, everybody, wishes)
        if not to:
            raise PermanentError("no_address")
        sender.send(wording.message(group, to=to, base=self._base))

    def _settle(self, done: Done) -> None:
        """Record what is settled in the log, and end it: one transaction each."""
        for item in self._store.on_their_way():
            if item["left"]:
                continue
            leaves = _leaves(item, self._store.results(item), self._clock())
            try:
                self._store.table.transact([self._store.done(item), *(Chunk.of([leaf]).put() for leaf in leaves)])
            except ConditionFailedError:
                continue  # another run has recorded it
            done.settled += 1
        if done.settled:
            self._wake()


def _key(one: Delivery) -> _Key:
    return (one.notice, one.person, one.channel)


def _address(one: Delivery, everybody: Mapping[str, Person], wishes: Mapping[str, Preferences]) -> str:
    if one.channel == "teams":
        return rules.ROOM
    person, wished = everybody.get(one.person), wishes.get(one.person)
    if person is None or not person.active:
        return ""
    if one.channel == "mail":
        return person.email
    if one.channel == "outbox":
        return person.id
    return (wished.phone if one.channel == "sms" else wished.device) or "" if wished else ""


def _leaves(item: Item, results: list[Delivery], now: datetime) -> list[Leaf]:
    """Return the record of a notice: ids and counts. Persons beyond what a leaf holds go into more of them."""
    told = sorted({one.person for one in results if one.person != rules.ROOM})
    parts = [told[n : n + _PERSONS] for n in range(0, len(told), _PERSONS)] or [[]]
    leaves = []
    for n, persons in enumerate(parts):
        mine = [one for one in results if one.person in persons or (n == 0 and one.person == rules.ROOM)]
        part = Notified(
            kind=item["kind"],
            urgent=item["urgent"],
            persons=tuple(persons),
            channels=tuple(sorted({one.channel for one in mine})),
            sent=sum(one.state == "sent" for one in mine),
            failed=sum(one.state == "failed" for one in mine),
            unreached=0 if n else len(item["unreached"]),
        )
        leaves.append(draft(type="notice", at=now, actor=_ACTOR, correlation=item["sk"], notice=part))
    return leaves
