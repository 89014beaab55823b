"""What somebody answers for beside the accounts of their teams, kept with them so that a request reads nothing more.

The register of accounts says who leads and deputises, the roster who stands in for whom. Both write it here in the very
transaction of their own change, so neither can say one thing and the permission another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bluelamp.people.model import Person, StandIn

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.people.store import PeopleStore

# Whoever stands in for somebody who stands in: so far, and no farther.
DEPTH = 3


def answering(
    store: PeopleStore, gained: Mapping[str, Collection[str]], lost: Mapping[str, Collection[str]]
) -> list[Put]:
    """Return the writes by which people come to answer for accounts, or cease to; one a person, for a transaction.

    Parameters
    ----------
    gained, lost
        Accounts by the id of a person. Whom we do not know is left out: an account may name somebody who has gone.
    """
    writes = []
    for person in store.among({*gained, *lost}).values():
        now = (set(person.answers_for) - set(lost.get(person.id, ()))) | set(gained.get(person.id, ()))
        if now != set(person.answers_for):
            writes.append(store.replace(_next(person, answers_for=tuple(sorted(now)))))
    return writes


def standing(
    store: PeopleStore, entry: str, *, before: str | None, after: str | None, new: StandIn | None, now: datetime
) -> list[Put]:
    """Return the writes by which an entry of the roster takes effect with whoever stands in, for a transaction.

    Parameters
    ----------
    entry
        The entry's id.
    before, after
        The ids of who stood in by it until now, and of who does from now on.
    new
        What it says from now on; None when it was withdrawn.
    now
        What has ended by then is dropped.
    """
    writes = []
    for person in store.among({one for one in (before, after) if one}).values():
        kept = [one for one in person.stands_in if one.id != entry and (one.ends_at is None or now < one.ends_at)]
        if new is not None and person.id == after:
            kept.append(new)
        if tuple(kept) != person.stands_in:
            writes.append(store.replace(_next(person, stands_in=tuple(kept))))
    return writes


def covered(store: PeopleStore, person: Person, at: datetime) -> frozenset[str]:
    """Return the accounts that somebody reaches because they stand in for others at this moment.

    Nothing is read for who stands in for nobody, and that is nearly everybody nearly always.
    """
    return _led_by(store, _stood_in_for([person], at), at, {person.id})


def given_by(store: PeopleStore, person_id: str) -> frozenset[str]:
    """Return the accounts that whoever stands in for somebody may come to reach by it, now or later, as it stands."""
    return _led_by(store, {person_id}, None, set())


def _led_by(store: PeopleStore, wanted: set[str], at: datetime | None, asked: set[str]) -> frozenset[str]:
    found: set[str] = set()
    for _ in range(DEPTH):
        wanted -= asked
        if not wanted:
            break
        asked |= wanted
        others = list(store.among(wanted).values())
        found |= {account for one in others for account in one.answers_for}
        wanted = _stood_in_for(others, at)
    return frozenset(found)


def _stood_in_for(people: Iterable[Person], at: datetime | None) -> set[str]:
    """Return whom people stand in for at a moment; without one, at any."""
    return {one.who for person in people for one in person.stands_in if at is None or one.in_force(at)}


def _next(person: Person, **changes: object) -> Person:
    return person.model_copy(update=changes | {"rev": person.rev + 1})
