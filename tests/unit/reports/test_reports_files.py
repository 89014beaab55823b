"""A report asked for as PDF is printed once as whoever asked, fetched by nobody else, and each step is recorded."""

from __future__ import annotations

import json

import pytest

from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cloud.memory_files import MemoryFiles
from bluelamp.cloud.sqs import QueueError
from bluelamp.errors import NotFoundError, RefusedError
from bluelamp.people.rules import principal_of
from bluelamp.reports.files import FileNotReadyError, ReportFiles
from bluelamp.reports.store import FileStore
from tests.support.world import idem
from tests.unit.reports.test_reports_service import BY, Month

pytestmark = pytest.mark.slow  # each reads and embeds a font


class Printed(Month):
    def __init__(self) -> None:
        super().__init__()
        self.bucket, self.queue = MemoryFiles(), MemoryQueue(self.faults)
        for who, role in (("sue", "supervisor"), ("cam", "comms")):
            self.people.add_person(
                person_id=who, name=who.title(), email=f"{who}@example.org", role=role, teams=["north"], by=BY
            )
        self.prints = ReportFiles(
            FileStore(self.table), reports=self.reports, people=self.people, files=self.bucket, queue=self.queue,
            force="Wealdshire Police", wake=lambda: None, clock=self.clock,
        )  # fmt: skip
        for key in [key for key in self.table.items if key[0].startswith("OUTBOX#")]:
            del self.table.items[key]

    def who(self, person):
        return principal_of(self.people.get(person), at=self.now)

    def ask(self, person="sue", name="volume", **asked):
        return self.prints.ask(self.who(person), name, asked=asked, idem=idem(person)).id

    def told(self):
        items = [i for (pk, _), i in sorted(self.table.items.items(), key=lambda one: one[0][1]) if pk[:6] == "OUTBOX"]
        found = [json.loads(body) for item in items for body in Waiting.from_item(item).bodies()]
        return [(one["type"], one.get("op", {}).get("verb"), one["actor"]["sub"]) for one in found]


@pytest.fixture
def desk():
    return Printed()


def test_asked_for_printed_and_fetched(desk):
    wanted = desk.ask(month="2026-11", over=48, idle=30)
    assert [message.body for message in desk.queue.messages] == [{"v": 1, "report_id": wanted}]
    assert desk.prints.get(desk.who("sue"), wanted).state == "queued"
    with pytest.raises(FileNotReadyError):
        desk.prints.link(desk.who("sue"), wanted)
    assert desk.prints.run(wanted).state == "done"
    assert desk.prints.run(wanted).state == "done"
    assert desk.bucket.written == [f"reports/{wanted}.pdf"]
    assert desk.bucket.objects[f"reports/{wanted}.pdf"].startswith(b"%PDF-")
    assert "volume.pdf" in desk.prints.link(desk.who("sue"), wanted).url
    assert sorted(desk.told()) == sorted(
        [
            ("export", "request", "sue"),
            ("search", None, "sue"),
            ("export", "build", "export"),
            ("export", "link", "sue"),
        ]
    )


def test_nobody_else_has_it(desk):
    wanted = desk.ask()
    desk.prints.run(wanted)
    for ask in (desk.prints.get, desk.prints.link):
        with pytest.raises(NotFoundError):
            ask(desk.who("cam"), wanted)


def test_what_one_may_not_read_is_not_asked_for(desk):
    with pytest.raises(RefusedError):
        desk.ask("cam", "logins")
    assert desk.queue.messages == []


def test_who_was_shut_out_meanwhile_gets_nothing(desk):
    wanted = desk.ask()
    desk.people.suspend("sue", rev=desk.people.get("sue").rev, by=BY)
    assert desk.prints.run(wanted).state == "failed"
    assert desk.bucket.written == []


def test_a_lost_message_is_sent_again(desk):
    def lost(name):
        if name == "send":
            raise QueueError("no answer")

    desk.faults.before = lost
    wanted = desk.ask()
    desk.faults.before = None
    assert desk.queue.messages == []
    desk.prints.get(desk.who("sue"), wanted)
    assert desk.queue.messages == []
    desk.pass_time(minutes=3)
    desk.prints.get(desk.who("sue"), wanted)
    assert len(desk.queue.messages) == 1


def test_a_printer_that_was_killed_begins_anew(desk):
    wanted = desk.ask()
    transact, desk.table.transact = desk.table.transact, None
    with pytest.raises(TypeError):
        desk.prints.run(wanted)
    desk.table.transact = transact
    assert desk.prints.run(wanted).state == "done"
    assert len(desk.bucket.written) == 2
