"""The incident feature put together on a world in memory, as `bluelamp.wiring` does on AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bluelamp.actions.ordering import Ordering
from bluelamp.actions.store import ActionStore
from bluelamp.audit.wake import Wake
from bluelamp.incidents.bulk import Bulk
from bluelamp.incidents.commanding import Command
from bluelamp.incidents.logbook import LogBook
from bluelamp.incidents.recording import Recorder
from bluelamp.incidents.report import Reporting
from bluelamp.incidents.selecting import Selecting
from bluelamp.incidents.service import Incidents
from bluelamp.incidents.standing import Orders
from bluelamp.incidents.store import IncidentStore
from bluelamp.incidents.working import Working

if TYPE_CHECKING:
    from bluelamp.cloud.memory import MemoryQueue, MemoryTable
    from bluelamp.content.vault import Vault
    from bluelamp.media.contexts import Contexts
    from bluelamp.people.model import Person
    from bluelamp.posts.changing import Changer
    from bluelamp.pseudonyms import Pseudonyms


class IncidentDesk:
    """Everything of incidents on the table of a world."""

    def __init__(
        self,
        *,
        changer: Changer,
        table: MemoryTable,
        pseudonyms: Pseudonyms,
        vault: Callable[[], Vault],
        seal: MemoryQueue,
        queue: MemoryQueue,
        contexts: Callable[[], Contexts] | None = None,
    ) -> None:
        self.changer, self.queue = changer, queue
        self.store = IncidentStore(table)
        self.command = Command(self.store, changer)
        self.recorder = Recorder(table=table, pseudonyms=pseudonyms, vault=vault, wake=Wake(seal), clock=changer.clock)
        self.ordering = Ordering(changer=changer, actions=ActionStore(table))
        self.ordering_with_contexts = Ordering(changer=changer, actions=ActionStore(table), contexts=contexts)
        self.selecting = Selecting(changer)
        self.orders = Orders(store=self.store, changer=changer, ordering=lambda: self.ordering)
        self.notified = 0
        self.bulk = Bulk(
            store=self.store,
            command=self.command,
            recorder=self.recorder,
            selecting=self.selecting,
            ordering=self.ordering,
            changer=changer,
            notify=self._notify,
        )
        self.log = LogBook(store=self.store, command=self.command, recorder=self.recorder)
        self.known: dict[str, str] = {}
        self.people: list[Person] = []
        self.pausing: Any = None

    def _notify(self) -> None:
        self.notified += 1

    @property
    def service(self) -> Incidents:
        """The use cases of the incident routes."""
        return Incidents(
            store=self.store,
            command=self.command,
            recorder=self.recorder,
            bulk=self.bulk,
            orders=self.orders,
            names=lambda ids: {one: self.known[one] for one in ids if one in self.known},
            everybody=lambda: self.people,
            pausing=self.pausing,
        )

    @property
    def reporting(self) -> Reporting:
        """The closing report."""
        return Reporting(
            store=self.store, command=self.command, recorder=self.recorder, selecting=self.selecting, bulk=self.bulk
        )

    def working(self, **how: Any) -> Working:
        """A worker of the incident function."""
        return Working(
            store=self.store,
            recorder=self.recorder,
            selecting=self.selecting,
            ordering=self.ordering_with_contexts,
            changer=self.changer,
            queue=self.queue,
            **how,
        )

    def work_all(self, seal: Callable[[], object]) -> None:
        """Seal, and work the incident queue off."""
        seal()
        while self.queue.messages:
            self.working().run(self.queue.messages.pop(0).body)
            seal()
