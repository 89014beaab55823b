"""The one way in which a rights case changes: case, record, reminder and whatever hangs on it in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from bluelamp.audit.leaf import Actor, Leaf, Obj, Query, Rights, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message, QueueError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.exports.london import london
from bluelamp.people.rules import require
from bluelamp.rights import clock, rules
from bluelamp.rights.model import Case, Reminder
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.sqs import Queue
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.model import Post
    from bluelamp.rights.store import RightsStore

OBJECT = "rights"
_log = logging.getLogger(__name__)


class Posts(Protocol):
    """Reads posts."""

    def get(self, post_id: str, *, consistent: bool = False) -> Post | None:
        """Return a post, or None."""

    def get_many(self, post_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Post]:
        """Return those posts that exist, by id."""


class CaseFiles:
    """Loads cases and commits their changes.

    Parameters
    ----------
    store
        Where cases are kept.
    queue
        The queue of the export function, which searches and makes answers.
    wake
        Wakes the sequencer.
    clock
        The time.
    """

    def __init__(self, store: RightsStore, *, queue: Queue, wake: Wake, clock: Clock = utc_now) -> None:
        self.store = store
        self.clock = clock
        self._queue = queue
        self._wake = wake

    def today(self) -> date:
        """Return the day in the United Kingdom."""
        return london(self.clock()).date()

    def load(self, principal: Principal, verb: Verb, case_id: str, *, rev: int | None = None) -> Case:
        """Return a case that this person may do `verb` to.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not give the verb, or there is no such case.
        ConflictError
            When `rev` is given and another revision is in force.
        """
        require(principal, verb)
        case = self.store.case(case_id)
        if case is None:
            raise NotFoundError("There is no rights case with this id.")
        if rev is not None and rev != case.rev:
            raise ConflictError("This case has changed since you opened it. Look at it again.", rev=case.rev)
        return case

    def commit(
        self,
        old: Case | None,
        new: Case,
        actor: Actor,
        *,
        step: str,
        more: Mapping[str, Any] | None = None,
        beside: Sequence[Leaf] = (),
        also: Sequence[Write] = (),
    ) -> Case:
        """Put `new` in the place of `old`, with its record and `also` in one transaction; return it as stored.

        Parameters
        ----------
        more, beside
            As `change`.

        Raises
        ------
        ConflictError
            When somebody else changed the case meanwhile.
        """
        made, writes = self.change(old, new, actor, step=step, more=more, beside=beside)
        try:
            self.store.table.transact([*writes, *also])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("This case has changed meanwhile. Look at it again.") from None
        self.woken()
        return made

    def change(
        self,
        old: Case | None,
        new: Case,
        actor: Actor,
        *,
        step: str,
        more: Mapping[str, Any] | None = None,
        beside: Sequence[Leaf] = (),
    ) -> tuple[Case, list[Write]]:
        """Return a changed case as it will be stored, and the writes, for a transaction that others make.

        Parameters
        ----------
        more
            What the record's part says beyond the case itself.
        beside
            Further records: a search, or a disclosure.
        """
        new = new.model_copy(update={"rev": (old.rev if old else 0) + 1, "changed_at": iso(self.clock())})
        leaf = draft(
            type="rights",
            at=self.clock(),
            actor=actor,
            case=new.id,
            obj=Obj(kind=OBJECT, key=new.id, rev=new.rev, prev=old.head if old else None),
            reason=LeafReason(code=new.kind, ref=new.ref),
            rights=Rights(**{**_said(new), "step": step, **(more or {})}),
            correlation=new.id,
        )
        new = new.model_copy(update={"head": leaf.digest})
        return new, [self.store.put(new), Chunk.of([leaf, *beside]).put(), *self._reminder(old, new)]

    def record(self, leaf: Leaf) -> None:
        """Write a record of a reading."""
        self.store.table.write(Chunk.of([leaf]).put())
        self.woken()

    def searched(self, principal: Principal, query: Query, *, case: str | None = None) -> None:
        """Record that a list was read."""
        self.record(draft(type="search", at=self.clock(), actor=principal.actor(), case=case, query=query))

    def ask(self, case: Case, what: str) -> None:
        """Send a job of a case to the export function. What is committed must not look failed: it is sent again."""
        try:
            self._queue.send([Message({"v": 1, "rights": case.id, "job": what})])
        except QueueError as error:
            _log.warning("asked for and not sent: %s", error)

    def ask_again(self, case: Case) -> None:
        """Send jobs again whose messages were perhaps lost; both are harmless when they come twice."""
        now = self.clock()
        waiting = [one.asked_at for one in case.searches if one.state == "waiting"]
        if case.state == "searching" and any(rules.forsaken(parse_iso(at), now) for at in waiting):
            self.ask(case, "search")
        package = case.package
        if package and package.state == "waiting" and rules.forsaken(parse_iso(package.asked_at), now):
            self.ask(case, "package")

    def woken(self) -> None:
        """Wake the sequencer; what was recorded is sealed with the schedule when that fails."""
        self._wake()

    def _reminder(self, old: Case | None, new: Case) -> Sequence[Write]:
        if not new.open:
            requester = self.store.requester(new.id)
            kept = [self.store.put_requester(new.id, requester, ended=self.clock())] if requester else []
            return [self.store.forget(new.id), *kept]
        due = clock.due_on(new)
        if old is not None and clock.due_on(old) == due and old.handler.id == new.handler.id:
            return []
        reminder = Reminder(case=new.id, handler=new.handler.id, due=due.isoformat() if due else None, rev=new.rev)
        return [self.store.remind(reminder)]


def _said(case: Case) -> dict[str, Any]:
    due = clock.due_on(case)
    return {
        "kind": case.kind,
        "law": case.law,
        "state": case.state,
        "received": case.received_on,
        "due": due.isoformat() if due else None,
        "identity": case.identity,
        "extension": case.extension,
        "outcome": case.outcome,
        "exemptions": (case.exemption,) if case.exemption else None,
    }
