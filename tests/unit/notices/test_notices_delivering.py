"""Everybody meant is told once, later where it fails, and the log knows; killed at any call, too."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.audit.layout import unpack
from bluelamp.cloud.memory import Faults, MemoryTable
from bluelamp.notices.channels import PermanentError, TemporaryError, ThrottledError
from bluelamp.notices.delivering import Delivering
from bluelamp.notices.model import Wishes
from bluelamp.notices.store import NoticeStore, Outbox
from bluelamp.notices.telling import told
from bluelamp.people.model import Person

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Sender:
    """Keeps what it is given; `error` is raised instead."""

    def __init__(self, faults):
        self.faults, self.sent, self.error = faults, [], None

    def send(self, message):
        def run():
            if self.error:
                raise self.error
            self.sent.append(message)

        self.faults.around("send", run)


class Force:
    def __init__(self):
        self.faults = Faults()
        self.table = MemoryTable(self.faults)
        self.store = NoticeStore(self.table)
        self.now, self.woken = NOON, 0
        self.people = [person("ann", "comms"), person("bob", "comms"), person("cat", "local", status="left")]
        self.mail, self.sms = Sender(self.faults), Sender(self.faults)
        self.senders = {"mail": self.mail, "sms": self.sms}
        self.delivering = Delivering(
            self.store, people=lambda: self.people, senders=self.senders, base="https://x.example",
            wake=self.wake, clock=lambda: self.now, running=lambda: 0.0,
        )  # fmt: skip

    def wake(self):
        self.woken += 1

    def tell(self, kind="flagged", to=("role:comms",), *, urgent=True, **about):
        self.table.write(told(kind, to=to, at=self.now, about=about, urgent=urgent))

    def run(self, minutes=0):
        self.now += timedelta(minutes=minutes)
        return self.delivering.run()

    def leaves(self):
        items = [item for (pk, _), item in sorted(self.table.items.items()) if pk.startswith("OUTBOX#")]
        return [leaf["notice"] for item in items for leaf in bodies(item)]

    def open(self):
        return [key for key in self.table.items if key[0] in {"NOTICES", "NOTICED"}]


def bodies(item):
    return [json.loads(body) for body in unpack(zlib.decompress(item["data"]))]


def person(who, role, **fields):
    return Person(id=who, name=who.title(), email=f"{who}@x.example", role=role, **fields)


@pytest.fixture
def force():
    return Force()


def test_what_is_urgent_goes_out_in_the_same_run_and_is_recorded(force):
    force.tell(account="facebook-1", post="facebook-1_2")
    done = force.run()
    assert (done.sent, done.settled, force.woken) == (2, 1, 1)
    assert sorted(one.to for one in force.mail.sent) == ["ann@x.example", "bob@x.example"]
    assert force.mail.sent[0].link == "https://x.example/#/inbox/account%3Afacebook-1/facebook-1_2"
    assert force.leaves() == [
        {
            "kind": "flagged", "urgent": True, "persons": ["ann", "bob"], "channels": ["mail"],
            "sent": 2, "failed": 0, "unreached": 0,
        }
    ]  # fmt: skip
    assert force.open() == []
    kept = [item for (pk, _), item in force.table.items.items() if pk.startswith("DELIVERY#")]
    assert all(item["state"] == "sent" and "g1pk" not in item and item["ttl"] for item in kept)
    assert force.run(1).sent == 0


def test_what_can_wait_is_gathered_into_one_message(force):
    force.tell("check_missed", to=["person:ann"], urgent=False)
    force.run()
    force.now += timedelta(minutes=4)
    force.tell("check_missed", to=["person:ann"], urgent=False)
    force.tell("digest", to=["person:ann"], urgent=False)
    assert force.run().sent == 0
    assert force.run(7).sent == 1
    assert [one.subject for one in force.mail.sent] == ["2 daily checks are still to be done"]
    assert force.run(4).sent == 1
    assert force.mail.sent[1].subject == "The hand-over of the night is ready"
    assert (len(force.leaves()), force.open()) == (3, [])


def test_the_night_is_one_message_in_the_morning(force):
    force.now = NOON.replace(hour=22)
    for _ in range(3):
        force.tell("assigned", to=["person:ann"], urgent=False)
        assert force.run(60).sent == 0
    force.now = datetime(2026, 11, 23, 7, 0, 1, tzinfo=UTC)
    assert force.run().sent == 1
    assert force.mail.sent[0].subject == "3 posts were assigned to you"


def test_wishes_choose_the_channel_and_a_telephone_is_needed_for_sms(force):
    force.table.write(force.store.wish("ann", Wishes(urgent=("sms",), phone="+447700900123"), 0))
    force.table.write(force.store.wish("bob", Wishes(urgent=("sms",)), 0))
    force.tell()
    force.run()
    assert [one.to for one in force.sms.sent] == ["+447700900123"]
    assert [one.to for one in force.mail.sent] == ["bob@x.example"]


@pytest.mark.parametrize(("error", "wait"), [(TemporaryError("http_503"), 1), (ThrottledError("http_429"), 2)])
def test_what_fails_for_a_while_is_tried_again_until_it_is_given_up(force, error, wait):
    force.mail.error = error
    force.tell(to=["person:ann"])
    assert force.run().later == 1
    force.now += timedelta(minutes=wait) - timedelta(seconds=1)
    assert force.run().later == 0
    force.now += timedelta(seconds=2)
    assert force.run().later == 1
    outcome = [force.run(61) for _ in range(10)]
    assert sum(one.failed for one in outcome) == 1
    assert force.leaves()[0]["failed"] == 1
    assert force.open() == []


def test_what_fails_for_good_is_not_tried_again(force):
    force.mail.error = PermanentError("message_rejected")
    force.tell(to=["person:ann"])
    assert force.run().failed == 1
    assert [item["code"] for (pk, _), item in force.table.items.items() if pk == "DELIVERY#ann"] == ["message_rejected"]


def test_who_cannot_be_reached_is_counted(force):
    force.people = [person("ann", "comms").model_copy(update={"email": ""})]
    force.tell()
    assert force.run().unreached == 1
    assert force.leaves()[0] | {"unreached": 1, "sent": 0} == force.leaves()[0]


def test_who_left_meanwhile_is_told_nothing(force):
    force.tell("digest", to=["person:ann"], urgent=False)
    force.run()
    force.people = [person("ann", "comms", status="left")]
    assert force.run(11).failed == 1
    assert force.mail.sent == []


def test_a_room_is_told_once(force):
    room = force.senders["teams"] = Sender(force.faults)
    for who in ("ann", "bob"):
        force.table.write(force.store.wish(who, Wishes(urgent=("teams",)), 0))
    force.tell()
    force.run()
    assert len(room.sent) == 1


def test_the_outbox_keeps_the_words(force):
    force.senders.clear()
    force.senders["outbox"] = Outbox(force.table, lambda: force.now)
    force.tell()
    force.run()
    assert [one.subject for one in force.store.kept("ann")] == ["A post needs you now"]
    assert [one.person for one in force.store.kept(None)] == ["bob", "ann"]


def test_a_large_force_fits(force):
    force.people = [person(f"p{n:04}", "comms") for n in range(250)]
    force.tell()
    assert sum(force.run(3).sent for _ in range(3)) == 250
    # Records wait in several shards, which have no order among themselves.
    assert sorted(leaf["sent"] for leaf in force.leaves()) == [50, 200]


class KilledError(Exception):
    """The process ends here."""


def urgent_and_gathered(force):
    force.tell(to=["person:ann"])
    force.tell("digest", to=["person:bob"], urgent=False)
    force.tell("digest", to=["person:bob"], urgent=False)


def several(force, runs):
    for _ in range(runs):
        force.run(11)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_everybody_is_told_and_the_log_says_so_once(when):
    whole, calls = Force(), []
    urgent_and_gathered(whole)
    whole.faults.before = calls.append
    several(whole, 2)
    for n in range(len(calls)):
        force, seen = Force(), []
        urgent_and_gathered(force)

        def kill(name, seen=seen, n=n):
            seen.append(name)
            if len(seen) == n + 1:
                raise KilledError

        setattr(force.faults, when, kill)
        with pytest.raises(KilledError):
            several(force, 3)
        setattr(force.faults, when, None)
        several(force, 4)
        # Nobody can know what became of a message when the process died between sending and writing that down.
        last = seen[-1:] if when == "after" else seen[-2:-1]
        unknown = last == ["send"]
        told_ = [one.to for one in force.mail.sent]
        assert len(told_) == (3 if unknown else 2), (when, n, seen[-1])
        assert sorted(set(told_)) == ["ann@x.example", "bob@x.example"]
        assert sorted(leaf["kind"] for leaf in force.leaves()) == ["digest", "digest", "flagged"], (when, n)
        assert force.open() == []


def test_two_runs_at_once_send_once(force):
    urgent_and_gathered(force)

    def second(name):
        if name == "send":
            force.faults.before = None
            force.delivering.run()

    force.faults.before = second
    force.run()
    assert len(force.mail.sent) == 1
