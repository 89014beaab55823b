"""How somebody wants to be told, and what was kept in place of being sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Obj, Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.notices.model import Kept, Preferences, Wishes
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.idempotency import Idempotency
    from bluelamp.notices.store import NoticeStore
    from bluelamp.people.model import Principal


class Notices:
    """The use cases of the notice routes. Everybody's wishes are their own: nobody else reads or changes them.

    Parameters
    ----------
    store
        Where wishes and kept messages are.
    wake
        Wakes the sequencer.
    kept
        Whether this deployment keeps messages in place of sending them.
    clock
        The present.
    """

    def __init__(
        self, store: NoticeStore, *, wake: Callable[[], None], kept: bool = False, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._wake = wake
        self._kept = kept
        self._clock = clock

    def wishes(self, principal: Principal) -> Preferences:
        """Return how somebody wants to be told."""
        return self._store.wished_by(principal.id)

    def wish(self, principal: Principal, wishes: Wishes, *, rev: int, idem: Idempotency) -> Preferences:
        """Change it. The record says that it was changed, and never a number.

        Raises
        ------
        ConflictError
            When it was changed since revision `rev`.
        """
        answer = Preferences(**wishes.model_dump(), rev=rev + 1)
        change = Change(field="notices", to="+".join(wishes.urgent))
        obj = Obj(kind="person", key=principal.id)
        leaf = draft(type="config", at=self._clock(), actor=principal.actor(), obj=obj, change=change)
        put = self._store.wish(principal.id, wishes, rev)
        try:
            self._store.table.transact([put, Chunk.of([leaf]).put(), idem.put(answer.model_dump(mode="json"))])
        except ConditionFailedError as error:
            now = self._store.wished_by(principal.id)
            raise ConflictError(
                "This was changed meanwhile, in another window perhaps. Look again.", rev=now.rev
            ) from error
        self._wake()
        return answer

    def outbox(self, principal: Principal) -> tuple[Kept, ...]:
        """Return what was kept in place of being sent, newest first: one's own; an administrator sees everybody's.

        Raises
        ------
        NotFoundError
            Where messages are sent: then none are kept.
        """
        if not self._kept:
            raise NotFoundError("This deployment sends its notices; it keeps none to be read here.")
        found = tuple(self._store.kept(None if principal.role == "admin" else principal.id))
        leaf = draft(
            type="search", at=self._clock(), actor=principal.actor(), query=Query(view="outbox", hits=len(found))
        )
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
        return found
