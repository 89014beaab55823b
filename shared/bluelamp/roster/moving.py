"""Cover ends with the move of whoever stands in: the roster says so from that minute on, as the permission does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bluelamp.audit.leaf import Obj, draft
from bluelamp.people.moving import Ended
from bluelamp.roster import rules
from bluelamp.roster.model import Cover
from bluelamp.roster.past import OBJECT, key_of, part_of
from bluelamp.roster.wall import minute_of

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.audit.leaf import Actor, Leaf
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.roster.store import RosterStore

_MINUTE: Final = timedelta(minutes=1)


class Covers:
    """Ends what somebody stands in for.

    Parameters
    ----------
    store
        Where the roster is kept.
    """

    def __init__(self, store: RosterStore) -> None:
        self._store = store

    def __call__(self, person_id: str, *, by: Actor, at: datetime) -> Ended:
        """Return the writes of the roster, for the transaction that changes the person; they fail if it changed."""
        head = self._store.head()  # first: what is read after it can only be newer
        mine = rules.person(person_id)
        writes: list[Write] = []
        leaves: list[Leaf] = []
        for one in self._store.since(at):
            if not isinstance(one, Cover) or one.by != mine:
                continue
            new = _ended(one, at)
            leaf = draft(
                type="roster",
                at=at,
                actor=by,
                obj=Obj(kind=OBJECT, key=key_of(one), rev=one.rev + 1, prev=one.head),
                roster=part_of(new or one, withdrawn=new is None),
            )
            writes += self._store.replaced(one, new.model_copy(update={"head": leaf.digest}) if new else None)
            leaves.append(leaf)
        return Ended([*writes, self._store.moved(head)] if writes else [], leaves)


def _ended(cover: Cover, at: datetime) -> Cover | None:
    """Return a cover that ends now; None for one that has not begun, and so never holds."""
    if at < cover.begin:
        return None
    return cover.model_copy(update={"end": max(minute_of(at), cover.begin + _MINUTE), "rev": cover.rev + 1})
