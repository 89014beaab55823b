"""Critical incidents: commanding them, jobs over many posts, and what is in force for everybody's work."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, desk, force

if TYPE_CHECKING:
    from bluelamp.actions.ordering import Ordering
    from bluelamp.incidents.bulk import Bulk
    from bluelamp.incidents.commanding import Command
    from bluelamp.incidents.logbook import LogBook
    from bluelamp.incidents.pausing import Pausing
    from bluelamp.incidents.recording import Recorder
    from bluelamp.incidents.report import Reporting
    from bluelamp.incidents.selecting import Selecting
    from bluelamp.incidents.service import Incidents
    from bluelamp.incidents.standing import Orders
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.incidents.working import Working
    from bluelamp.media.contexts import Contexts

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def incident_store() -> IncidentStore:
    """Return incidents in the table."""
    from bluelamp.incidents.store import IncidentStore

    return IncidentStore(base.table())


@lru_cache(maxsize=1)
def ordering() -> Ordering:
    """Return what sets many actions going by one order."""
    from bluelamp.actions.ordering import Ordering
    from bluelamp.actions.store import ActionStore

    return Ordering(changer=desk.changer(), actions=ActionStore(base.table()))


@lru_cache(maxsize=1)
def ordering_with_contexts() -> Ordering:
    """Return what sets many actions going, each with the context of its post: for whoever may write content."""
    from bluelamp.actions.ordering import Ordering
    from bluelamp.actions.store import ActionStore

    return Ordering(changer=desk.changer(), actions=ActionStore(base.table()), contexts=_contexts)


@lru_cache(maxsize=1)
def _contexts() -> Contexts:
    from bluelamp.media.contexts import Contexts
    from bluelamp.media.store import MarkStore

    return Contexts(
        posts=desk.post_store(), marks=MarkStore(base.table()), vault=base.vault(), pseudonyms=base.pseudonyms()
    )


@lru_cache(maxsize=1)
def orders() -> Orders:
    """Return what open incidents order of the work on posts."""
    from bluelamp.incidents.standing import Orders

    return Orders(store=incident_store(), changer=desk.changer(), ordering=ordering)


def _command() -> Command:
    from bluelamp.incidents.commanding import Command

    return Command(incident_store(), desk.changer())


def _recorder() -> Recorder:
    from bluelamp.incidents.recording import Recorder
    from bluelamp.times import utc_now

    return Recorder(table=base.table(), pseudonyms=base.pseudonyms(), vault=base.vault, wake=base.wake(), clock=utc_now)


def _selecting() -> Selecting:
    from bluelamp.incidents.selecting import Selecting

    return Selecting(desk.changer())


def pausing() -> Pausing:
    """Return what stops publications on the accounts of an incident."""
    from bluelamp.publishing.pausing import ForIncidents
    from bluelamp.publishing.pausing import Pausing as Switch
    from bluelamp.wiring.publishing import books

    return ForIncidents(Switch(books=books()), books())


@lru_cache(maxsize=1)
def bulk() -> Bulk:
    """Return the use cases of the bulk routes."""
    from bluelamp.incidents.bulk import Bulk

    return Bulk(
        store=incident_store(),
        command=_command(),
        recorder=_recorder(),
        selecting=_selecting(),
        ordering=ordering(),
        changer=desk.changer(),
        notify=base.notify_wake(),
    )


@lru_cache(maxsize=1)
def incidents() -> Incidents:
    """Return the use cases of the incident routes."""
    from bluelamp.incidents.service import Incidents

    return Incidents(
        store=incident_store(),
        command=_command(),
        recorder=_recorder(),
        bulk=bulk(),
        orders=orders(),
        names=force.people().names,
        everybody=force.people().everybody,
        pausing=pausing(),
    )


@lru_cache(maxsize=1)
def log_book() -> LogBook:
    """Return the use case of the log book's route."""
    from bluelamp.incidents.logbook import LogBook

    return LogBook(store=incident_store(), command=_command(), recorder=_recorder())


@lru_cache(maxsize=1)
def incident_reporting() -> Reporting:
    """Return the use case of the closing report's route."""
    from bluelamp.incidents.report import Reporting

    return Reporting(
        store=incident_store(), command=_command(), recorder=_recorder(), selecting=_selecting(), bulk=bulk()
    )


@lru_cache(maxsize=1)
def working() -> Working:
    """Return the use case of the incident function."""
    from bluelamp.incidents.working import Working

    return Working(
        store=incident_store(),
        recorder=_recorder(),
        selecting=_selecting(),
        ordering=ordering_with_contexts(),
        changer=desk.changer(),
        queue=base.queue("INCIDENT"),
    )
