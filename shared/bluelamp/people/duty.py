"""What somebody answers for beside the accounts of their teams, kept with them so that a request reads nothing more.

The register of accounts says who leads and deputises, the roster who stands in for whom. Both write it here in the very
transaction of their own change, so neither can say one thing and the permission another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.people.matrix import OVERSIGHT
from bluelamp.people.model import DutyShift, Person, StandIn

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.people.store import PeopleStore

# Whoever stands in for somebody who stands in: so far, and no farther.
DEPTH = 3
# A request reads the person whole, so what stands with them is small: some 15 kB at most of either.
MOST_SHIFTS: Final = 100
MOST_COVERED: Final = 400
# A move ends all of somebody's cover in one transaction, which takes 100 writes.
MOST_STOOD_IN: Final = 30


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

    Raises
    ------
    InvalidInputError
        When whoever stands in would do so for more people or accounts than are kept with a person.
    """
    writes = []
    for person in store.among({one for one in (before, after) if one}).values():
        kept = [one for one in person.stands_in if one.id != entry and (one.ends_at is None or now < one.ends_at)]
        if new is not None and person.id == after:
            kept.append(_bounded(person, new, kept))
        if tuple(kept) != person.stands_in:
            writes.append(store.replace(_next(person, stands_in=tuple(kept))))
    return writes


def _bounded(person: Person, new: StandIn, kept: Collection[StandIn]) -> StandIn:
    """Return a stand-in as it is kept: whose role reaches every account needs none named."""
    if len(kept) >= MOST_STOOD_IN:
        raise InvalidInputError(f"This person stands in for {MOST_STOOD_IN} people already. Name somebody else.")
    if person.role not in OVERSIGHT and sum(len(one.accounts) for one in (*kept, new)) > MOST_COVERED:
        raise InvalidInputError(
            f"By this one person would stand in for more than {MOST_COVERED} accounts. Divide them among several "
            "people, or let a communications officer stand in, who reaches every account."
        )
    return new.model_copy(update={"accounts": ()}) if person.role in OVERSIGHT else new


def on_shift(
    store: PeopleStore, entry: str, *, before: str | None, after: str | None, new: DutyShift | None, now: datetime
) -> list[Put]:
    """Return the writes by which a shift stands with whoever has it, for a transaction; parameters as `standing`.

    Raises
    ------
    ConflictError
        When they have `MOST_SHIFTS` to come already.
    """
    writes = []
    for person in store.among({one for one in (before, after) if one}).values():
        kept = [one for one in person.shifts if one.id != entry and now < one.ends_at]
        if new is not None and person.id == after and now < new.ends_at:
            if len(kept) >= MOST_SHIFTS:
                raise ConflictError(
                    f"This person has {MOST_SHIFTS} shifts to come already. Put in one that repeats instead."
                )
            kept.append(new)
        if tuple(kept) != person.shifts:
            writes.append(store.replace(_next(person, shifts=tuple(kept))))
    return writes


def covered(store: PeopleStore, person: Person, at: datetime) -> frozenset[str]:
    """Return the accounts that somebody reaches because they stand in for others at this moment.

    What they stand in for was fixed when the cover was put in. So an account that the other leads since then is not
    among these, and one that the other has lost is not either. Nothing is read for who stands in for nobody, and that
    is nearly everybody nearly always.
    """
    return _led_by(store, [(one.who, frozenset(one.accounts)) for one in person.stands_in if one.in_force(at)], at)


def given_by(store: PeopleStore, person_id: str) -> frozenset[str]:
    """Return the accounts that whoever stands in for somebody may come to reach by it, now or later, as it stands."""
    return _led_by(store, [(person_id, None)], None)


def _led_by(store: PeopleStore, ways: list[tuple[str, frozenset[str] | None]], at: datetime | None) -> frozenset[str]:
    """Return what those at the end of each way answer for, within what each step of the way gives; None is all."""
    known: dict[str, Person] = {}
    found: set[str] = set()
    for _ in range(DEPTH):
        missing = {who for who, _ in ways} - known.keys()
        known |= store.among(missing) if missing else {}
        further: list[tuple[str, frozenset[str] | None]] = []
        for who, bound in ways:
            if (person := known.get(who)) is None:
                continue
            found |= _within(person.answers_for, bound)
            further += [
                (one.who, _within(one.accounts, bound)) for one in person.stands_in if at is None or one.in_force(at)
            ]
        ways = further
    return frozenset(found)


def _within(accounts: Collection[str], bound: frozenset[str] | None) -> frozenset[str]:
    return frozenset(accounts) if bound is None else bound.intersection(accounts)


def _next(person: Person, **changes: object) -> Person:
    return person.model_copy(update=changes | {"rev": person.rev + 1})
