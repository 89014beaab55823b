"""After a withdrawal nothing more of a publication goes out, whatever stopped it before and wherever it had come to."""

from __future__ import annotations

import pytest

from bluelamp.errors import ConflictError, RefusedError
from bluelamp.publishing.model import DraftFields, Recurrence, Schedule
from tests.faults.archive import examine
from tests.support.press import Press
from tests.support.world import World, idem, principal

A, B = "facebook-1", "facebook-2"


@pytest.fixture
def press():
    world = World()
    world.account("1", "swindale")
    world.account("2", "swindale")
    return Press(world)


def publish(press, *accounts, **more):
    fields = DraftFields(text="Have you seen this car?", accounts=accounts, **more)
    draft = press.publishing.draft(principal(), fields, idem=idem())
    return press.publishing.submit(principal(), draft.id, rev=draft.rev, idem=idem()).id


def stopped(press, *accounts):
    """Return a publication that a pause on `accounts` stopped before it was sent, and the pause."""
    publication = publish(press, A, B)
    pause = press.publishing.pause(principal(), list(accounts), reason="incident", idem=idem())
    press.run()
    return publication, pause


def withdraw(press, publication, who=None):
    rev = press.store.get(publication).rev
    return press.publishing.withdraw(who or principal(), publication, rev=rev, idem=idem())


def go_on(press, pause):
    press.publishing.resume(principal(), pause.id, idem=idem())
    press.releasing.run()
    press.run()


def states(press, publication):
    return {copy.account: (copy.state, copy.error) for copy in press.store.copies(publication)}


def test_what_a_pause_stopped_and_somebody_withdrew_never_goes_out(press):
    publication, pause = stopped(press, A, B)
    assert "withdraw" in press.publishing.get(principal(), publication).can
    assert withdraw(press, publication).state == "withdrawn"
    go_on(press, pause)
    assert (press.platform.published, press.store.stopped()) == (0, [])
    assert set(states(press, publication).values()) == {("failed", "withdrawn")}
    view = press.publishing.get(principal(), publication)
    assert (view.state, {"withdraw", "send_held"} & set(view.can)) == ("withdrawn", set())
    (line,) = press.publishing.list_for(principal()).publications
    assert line.state == "withdrawn"
    assert examine(press.world.evidence.objects).verdict == "OK"


def test_what_is_out_stays_out_and_the_rest_says_that_it_was_withdrawn(press):
    publication, pause = stopped(press, B)
    assert withdraw(press, publication).state == "ended"
    go_on(press, pause)
    assert states(press, publication) == {A: ("out", None), B: ("failed", "withdrawn")}
    assert len(press.platform.out) == 1
    with pytest.raises(ConflictError, match="has gone out"):
        withdraw(press, publication)


def test_what_comes_again_takes_its_stopped_copies_with_it(press):
    schedule = Schedule(at="2026-11-22T12:30", again=Recurrence(every="day", times=3))
    publication = publish(press, A, schedule=schedule)
    press.world.pass_time(minutes=31)
    press.releasing.run()
    pause = press.publishing.pause(principal(), [A], reason="incident", idem=idem())
    press.run()
    assert states(press, publication) == {A: ("stopped", "paused")}
    assert withdraw(press, publication).state == "withdrawn"
    press.world.pass_time(minutes=24 * 60)
    go_on(press, pause)
    assert press.platform.published == 0


def test_what_is_in_its_public_call_when_it_is_withdrawn_is_taken_down(press):
    publication = publish(press, A)
    original = press.platform.publish

    def call(*args):
        press.platform.publish = original
        done = original(*args)
        with pytest.raises(RefusedError):
            withdraw(press, publication, principal("local", teams=("swindale",)))
        withdraw(press, publication)
        return done

    press.platform.publish = call
    press.run()
    assert (press.platform.out, states(press, publication)) == ({}, {A: ("down", None)})


def test_more_than_a_transaction_takes_is_withdrawn_all_the_same(press):
    accounts = [press.world.account(str(n), "swindale").id for n in range(10, 80)]
    publication = publish(press, *accounts)
    pause = press.publishing.pause(principal(), None, reason="incident", idem=idem())
    press.run(rounds=100)
    assert len(press.store.stopped()) == 70
    assert withdraw(press, publication).state == "withdrawn"
    go_on(press, pause)
    assert (press.platform.published, press.store.stopped()) == (0, [])
