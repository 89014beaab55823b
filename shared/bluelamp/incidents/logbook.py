"""The log book of decisions and the log of false claims: lines with their times, each sealed, none ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import IncidentStep
from bluelamp.ids import new_ulid
from bluelamp.incidents.model import EntryKind, LogEntry
from bluelamp.posts.changing import name_of
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.idempotency import Idempotency
    from bluelamp.incidents.commanding import Command
    from bluelamp.incidents.recording import Recorder
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.people.model import Principal


class LogBook:
    """Writes the log book.

    Parameters
    ----------
    store, command, recorder
        Keep lines, say who may write them, and make their records.
    """

    def __init__(self, *, store: IncidentStore, command: Command, recorder: Recorder) -> None:
        self._store = store
        self._command = command
        self._recorder = recorder

    def write(
        self,
        principal: Principal,
        incident_id: str,
        *,
        kind: EntryKind,
        text: str,
        answer: str = "",
        source: str = "",
        idem: Idempotency,
    ) -> LogEntry:
        """Write a line: a decision with its reasons, or a claim that is false, what is answered and by which source.

        Whoever has a role in the incident writes decisions, too, even where their own role commands none.

        Raises
        ------
        NotFoundError, NotPermittedError, IncidentClosedError
            As `Command.order`.
        """
        incident = self._command.see(principal, incident_id)
        if principal.id not in incident.roles.everybody or incident.state == "closed":
            incident = self._command.order(principal, "incident", incident_id)
        role = next((r for r in ("gold", "silver", "bronze") if principal.id in getattr(incident.roles, r)), None)
        entry = LogEntry(
            id=new_ulid(), kind=kind, at=iso(self._recorder.now()), by=name_of(principal), role=role,
            text=text.strip(), answer=answer.strip(), source=source.strip(),
        )  # fmt: skip
        recorded = self._recorder.made(
            principal.actor(),
            incident.id,
            {"kind": "incident_entry", "key": entry.id, "rev": 1},
            IncidentStep(step=kind, strategy=incident.strategy),
            words={"text": entry.text, "answer": entry.answer, "source": entry.source},
            account=incident.scope.accounts[0],
        )
        answer_kept = idem.put(entry.model_dump(mode="json"))
        self._recorder.table.transact([self._store.put_entry(incident.id, entry), *recorded.writes, answer_kept])
        self._recorder.woken()
        return entry
