"""The nightly counting over real services: what was done is counted, again changes nothing, and no account is left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.ids import post_id
from bluelamp.posts.model import Reason
from bluelamp.reports import nightly
from bluelamp.reports.nightly import Counting
from bluelamp.reports.store import MARK, FigureStore
from tests.support.world import World, idem, principal

PAGE = "facebook-1"
COMMS = principal("comms")
SUNDAY = date(2026, 11, 22)


class Night(World):
    def __init__(self) -> None:
        super().__init__()
        self.account("1", "swindale")
        self.account("2", "south")
        self.store = FigureStore(self.table)
        self.notified = 0
        self.counting = Counting(self.store, accounts=self.accounts.all, notify=self._notify, clock=self.clock)

        self.from_the_start()

    def from_the_start(self):
        """Leave the mark as a deployment of that Sunday left it."""
        self.table.items.pop(MARK, None)
        self.table.write(self.store.marked(None, next=SUNDAY.isoformat()))

    def _notify(self):
        self.notified += 1

    def day(self, day=SUNDAY, account=PAGE):
        return self.store.one(account, day)

    def take_in(self, native, text, **more):
        self.ingest(self.comment(native, text, **more))
        self.judge_all()
        return post_id(PAGE, native)

    def rev(self, wanted):
        return self.posts.open_post(COMMS, wanted).post.rev

    def settle(self):
        for _ in range(4):
            self.seal()
            self.keep_all()
            self.act_all()

    def midnight(self, **more):
        self.now = datetime(2026, 11, 23, 0, 30, tzinfo=UTC) + timedelta(**more)
        return self.counting.run()

    def figures(self):
        return {key: item for key, item in self.table.items.items() if key[0].startswith("FIGURES#")}


@pytest.fixture
def night():
    return Night()


def worked(night):
    """An officer answers one contact, hides one and shows it again, and dismisses one; one waits. From noon on."""
    answered = night.take_in("a", "When are you open?")
    night.pass_time(minutes=10)
    night.actions.reply(COMMS, answered, text="At nine.", rev=night.rev(answered), idem=idem())
    night.settle()
    hidden = night.take_in("h", "You idiot")
    night.actions.hide(COMMS, hidden, reason=Reason(code="abuse"), rev=night.rev(hidden), idem=idem())
    night.settle()
    night.actions.unhide(COMMS, hidden, rev=night.rev(hidden), idem=idem())
    night.settle()
    closed = night.take_in("d", "I will kill you")
    night.posts.dismiss(COMMS, closed, reason=Reason(code="no_action"), rev=night.rev(closed), idem=idem())
    night.take_in("out", "We are looking for a blue car", direction="out", kind="post")
    night.take_in("south", "Hello", page="2")


def test_a_day_of_real_work_is_counted(night):
    worked(night)
    assert night.midnight() == 2
    day = night.day()
    assert day.arrived == {"comment|critical|12": 1, "comment|low|12": 1, "comment|medium|12": 1}
    assert day.published == 1
    assert (list(day.answers), [len(s) for s in day.answers.values()]) == (["comment|12"], [1])
    assert 600 <= day.answers["comment|12"][0] < 900
    assert day.decided == {"dismissed|critical": 1, "hidden|medium": 1, "replied|low": 1}
    assert day.decisions == {"dismissed|test.rule": 1, "hidden|test.rule": 1, "replied|none": 1}
    assert day.people == {f"{COMMS.id}|{what}": 1 for what in ("dismissed", "hidden", "replied")}
    assert day.overturned == {
        "raised_dismissed|*": 1, "raised_dismissed|test.rule": 1, "undone|*": 1, "undone|test.rule": 1
    }  # fmt: skip
    # What was hidden and shown again waits for somebody.
    assert day.waiting["0"] == 1
    assert day.last_answer is not None
    assert night.day(account="facebook-2").waiting["0"] == 1


def test_counted_again_it_is_the_same_and_late_work_is_added(night):
    worked(night)
    night.midnight()
    before = night.figures()
    night.from_the_start()
    night.counting.run()
    assert night.figures() == before
    night.now = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert night.counting.run() == 2
    assert {key: night.figures()[key] for key in before} == before
    assert night.day(date(2026, 11, 23)).last_in == night.day().last_in


def test_nothing_before_half_past_midnight_and_once_a_night(night):
    night.midnight()
    night.now = datetime(2026, 11, 24, 0, 29, 59, tzinfo=UTC)
    assert night.counting.run() == 0
    night.pass_time(seconds=1)
    assert [night.counting.run(), night.counting.run()] == [2, 0]


def test_a_round_that_is_cut_off_is_gone_on_with(night, monkeypatch):
    monkeypatch.setattr(nightly, "SECONDS", timedelta(seconds=-1))
    assert [night.midnight(minutes=n) for n in range(4)] == [1, 1, 0, 0]
    assert {account for _, account in night.figures()} == {PAGE, "facebook-2"}
    assert night.store.mark()["next"] == "2026-11-23"


def test_two_runs_at_once_write_the_same(night):
    worked(night)

    between = []

    def quick(name):
        if name.startswith("write"):
            night.faults.before = None
            between.append(night.midnight())

    night.now = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    night.faults.before = quick
    # The second of them wrote the mark; the first sees that, and counts for nothing.
    assert (night.counting.run(), between) == (0, [2])
    first = night.figures()
    night.from_the_start()
    night.counting.run()
    assert night.figures() == first


def test_days_without_a_tick_are_made_up_for(night):
    night.midnight()
    night.now = datetime(2026, 12, 3, 9, tzinfo=UTC)
    for _ in range(3):
        night.counting.run()
    days = {pk.removeprefix("FIGURES#") for pk, account in night.figures() if account == PAGE}
    assert {f"2026-11-{n:02d}" for n in range(23, 31)} | {"2026-12-01", "2026-12-02"} <= days


def test_on_the_first_of_a_month_people_are_told_once(night):
    night.midnight()
    told = lambda: [i for (pk, _), i in night.table.items.items() if pk == "NOTICES"]  # noqa: E731
    night.now = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    night.counting.run()
    night.counting.run()
    (notice,) = told()
    assert (notice["kind"], notice["to"], notice["about"]) == (
        "report_ready", ["role:supervisor", "role:comms"], {"month": "2026-11"}
    )  # fmt: skip
    assert night.notified == 1
    night.now = datetime(2026, 12, 2, 0, 30, tzinfo=UTC)
    night.counting.run()
    assert len(told()) == 1
    # The whole month was counted anew on its end.
    assert night.day(date(2026, 11, 1)) is not None


def test_a_history_that_was_divided_is_read_whole(night):
    wanted = night.take_in("long", "Hello")
    night.pass_time(minutes=5)
    night.posts.dismiss(COMMS, wanted, reason=Reason(code="no_action"), rev=night.rev(wanted), idem=idem())
    for _ in range(60):
        night.pass_time(seconds=1)
        night.posts.note(COMMS, wanted, text="Looked again.", idem=idem())
    assert night.midnight() == 2
    assert night.day().decided == {"dismissed|low": 1}


def test_an_account_without_a_post_has_its_day_too(night):
    night.accounts.add_account(
        platform="x", native_id="9", name="Q", kind="community", team="q", by=Actor.system("test")
    )
    night.midnight()
    assert night.day(account="x-9").last_in is None


def test_the_first_run_of_a_deployment_counts_nothing_and_the_first_night_does(night):
    worked(night)
    del night.table.items[MARK]
    reads = []
    night.faults.before = reads.append
    assert night.midnight() == 0
    assert len(reads) <= 2  # the mark read and written: no account, no post
    assert (night.figures(), night.store.mark()["next"]) == ({}, "2026-11-23")
    assert night.counting.run() == 0
    night.now = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert night.counting.run() == 2
    # Each night looks at the days before it again: what was there when Bluelamp was deployed is counted then.
    assert night.day().published == 1


def test_two_first_runs_at_once_leave_one_mark(night):
    del night.table.items[MARK]

    def other(name):
        if name.startswith("write"):
            night.faults.before = None
            night.midnight()

    night.now = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    night.faults.before = other
    assert night.counting.run() == 0
    assert (night.store.mark()["next"], night.store.mark()["rev"]) == ("2026-11-23", 1)
