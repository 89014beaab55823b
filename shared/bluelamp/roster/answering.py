"""Who is responsible: from the table for the present minute and those to come, from the sealed record for the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from bluelamp.audit.lines import ROSTER, chunks_of
from bluelamp.posts.model import PersonName
from bluelamp.roster import rules
from bluelamp.roster.model import Posting, Roster, RosterAnswer
from bluelamp.roster.past import Book
from bluelamp.roster.wall import minute_of
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.people.service import People
    from bluelamp.roster.store import RosterStore


class Sealed(Protocol):
    """Reads records out of the sealed log, by their chunks."""

    def __call__(self, chunks: Sequence[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return the records of those chunks that are sealed, in the order of the log."""


class Answering:
    """Tells who is responsible; whoever shows it to somebody records that.

    Parameters
    ----------
    store, people
        The roster, and who is there.
    sealed
        Reads sealed records.
    clock
        The present.
    """

    def __init__(self, store: RosterStore, people: People, sealed: Sealed, clock: Clock = utc_now) -> None:
        self._store = store
        self._people = people
        self._sealed = sealed
        self._clock = clock

    def answer(self, account: Account, at: datetime | None = None) -> RosterAnswer:
        """Return who is responsible for an account, now or at another minute."""
        now = minute_of(self._clock())
        minute = minute_of(at) if at else now
        if minute < now:
            return self._past(account.id, minute)
        found = rules.responsible(self._live(account, minute), account.id, minute)
        return self._with_names(RosterAnswer(account=account.id, minute=iso(minute), answer=found))

    def _live(self, account: Account, minute: datetime) -> Roster:
        entries = {(one.kind, one.id): one for one in self._store.since(min(minute, self._clock()))}
        posting = Posting(
            account.id,
            account.team,
            account.lead.id if account.lead else None,
            account.deputy.id if account.deputy else None,
        )
        roster = Roster(entries, {account.id: posting})
        people = self._people.among(rules.people_of(roster, account.id))
        gone = frozenset(one.id for one in people.values() if not one.active)
        return Roster(entries, {account.id: posting}, gone)

    def _past(self, account: str, minute: datetime) -> RosterAnswer:
        chunks = list(chunks_of(self._store.table, ROSTER))
        sealed = self._sealed(chunks)
        book = Book()
        for chunk in chunks:
            for record in sealed.get(chunk, ()):
                book.take(record)
        found = book.answers(account, minute)
        return self._with_names(
            RosterAnswer(
                account=account,
                minute=iso(minute),
                answer=found.known,
                recorded=found.recorded if found.recorded != found.known else None,
                sealed=True,
                waiting=len(chunks) - len(sealed),
            )
        )

    def _with_names(self, answer: RosterAnswer) -> RosterAnswer:
        said = [one for one in (answer.answer, answer.recorded) if one]
        whom = {who for one in said for who in (one.who, *(step.who for step in one.chain))}
        names = self._people.names(rules.id_of(who) for who in whom if who.startswith("person:"))
        return answer.model_copy(update={"people": named(names)})


def named(names: Mapping[str, str]) -> tuple[PersonName, ...]:
    """Return people by id as pages name them."""
    return tuple(PersonName(id=key, name=name) for key, name in sorted(names.items()))
