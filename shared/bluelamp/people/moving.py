"""What a place gave ends with it: whoever moves to another team or role, or leaves, keeps nothing that was given there.

Access for a time, single accounts and standing in for colleagues were given to somebody because of where they were. So
a move ends them, in its own transaction and each with its record; what the new place needs is given anew. What somebody
leads is not ended here: the register of accounts says that, and whoever keeps it names another lead. Nor is what they
gave to others: that was for the account, has its own end, and the others did not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from bluelamp.audit.leaf import Reason
from bluelamp.people.granting import leaf_of

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Actor, Leaf
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.people.model import Person
    from bluelamp.people.store import PeopleStore

# What the records say of why something ended.
MOVED: Final = "moved"
LEFT: Final = "person_left"


@dataclass(frozen=True, slots=True)
class Ended:
    """The writes of what has ended, and its records, for the transaction of the move."""

    writes: Sequence[Write] = ()
    leaves: Sequence[Leaf] = ()


class Covers(Protocol):
    """Ends in the roster what somebody stands in for; `bluelamp.roster.moving.Covers` does."""

    def __call__(self, person_id: str, *, by: Actor, at: datetime) -> Ended:
        """Return the writes by which nobody is stood in for by this person any more."""


def moves(old: Person, new: Person) -> bool:
    """Return whether somebody goes elsewhere: another role, a team that is theirs no longer, or out of the force."""
    left = new.status == "left" and old.status != "left"
    return left or old.role != new.role or not set(old.teams) <= set(new.teams)


def ended(
    store: PeopleStore, covers: Covers, old: Person | None, new: Person, *, by: Actor, at: datetime
) -> tuple[Person, Ended]:
    """Return a person as they arrive elsewhere, and what has ended by that; unchanged when it is no move.

    Parameters
    ----------
    covers
        Ends what they stand in for in the roster; asked only when they do.
    old, new
        The person before and after, of revisions that follow each other.
    """
    if old is None or not moves(old, new):
        return new, Ended()
    reason = LEFT if new.status == "left" else MOVED
    grants = _grants(store, old, by=by, at=at, reason=reason)
    standing = any(one.ends_at is None or at < one.ends_at for one in old.stands_in)
    roster = covers(old.id, by=by, at=at) if standing else Ended()
    arrived = new.model_copy(update={"access": (), "covers": (), "stands_in": ()})
    return arrived, Ended((*grants.writes, *roster.writes), (*grants.leaves, *roster.leaves))


def _grants(store: PeopleStore, person: Person, *, by: Actor, at: datetime, reason: str) -> Ended:
    writes: list[Write] = []
    leaves: list[Leaf] = []
    for grant_id in dict.fromkeys(one.id for one in person.access if at < one.ends_at):
        grant = store.grant(grant_id)
        if grant is None or grant.state(at) in {"ended", "withdrawn"}:
            continue
        over = grant.model_copy(update={"withdrawn_at": at, "withdrawn_by": by.sub, "rev": grant.rev + 1})
        leaf = leaf_of(by, over, Reason(code=reason, ref=grant.ref), at)
        writes.append(store.put_grant(over.model_copy(update={"head": leaf.digest})))
        leaves.append(leaf)
    return Ended(writes, leaves)
