"""A copy that nobody knows of is looked for at growing intervals for a day; what is not found is left to a person."""

from __future__ import annotations

import pytest

from bluelamp.actions.rules import LOOKS
from bluelamp.publishing.model import DraftFields
from tests.faults.archive import Records, examine
from tests.support.press import Press
from tests.support.world import World, idem, principal

A = "facebook-1"


@pytest.fixture
def press():
    """A publication whose answer was lost, on a platform that cannot say whether it is there."""
    world = World()
    world.account("1", "swindale")
    press = Press(world)
    press.platform.lose_answer, press.platform.blind = 1, True
    draft = press.publishing.draft(principal(), DraftFields(text="Have you seen this car?", accounts=(A,)), idem=idem())
    press.id = press.publishing.submit(principal(), draft.id, rev=draft.rev, idem=idem()).id
    press.run()
    assert lost(press).state == "unknown"
    return press


def lost(press):
    return press.store.copies(press.id)[0]


def later(press, minutes):
    press.world.pass_time(minutes=minutes)
    done = press.releasing.run()
    press.run()
    return done


def test_what_is_found_later_is_out_with_its_number_and_nobody_is_asked(press):
    assert later(press, 2) == 1
    assert lost(press).state == "unknown"
    press.platform.blind = False
    assert (later(press, 1), later(press, 4)) == (0, 1)
    assert (lost(press).state, lost(press).native_id, press.platform.published) == ("out", "n1", 1)
    results = [r["op"]["result"] for _, _, r in Records(press.world.evidence.objects).all if r["type"] == "outcome"]
    assert results == ["unknown", "done"]
    assert examine(press.world.evidence.objects).verdict == "OK"
    press.publishing.take_down(principal(), press.id, None, reason="error", idem=idem())
    press.run()
    assert (lost(press).state, press.platform.out) == ("down", {})


def test_what_is_not_found_within_a_day_stays_unknown_and_is_left_alone(press):
    press.platform.blind = False
    press.platform.out.clear()
    assert sum(later(press, 30) for _ in range(60)) == len(LOOKS)
    assert (lost(press).state, press.platform.published) == ("unknown", 1)
    (copy,) = press.publishing.get(principal(), press.id).copies
    assert "settle" in copy.can
    press.publishing.settle(principal(), press.id, copy.id, happened=False, native_id=None, idem=idem())
    assert lost(press).error == "not_there"


def test_what_was_wanted_gone_meanwhile_is_taken_down_when_it_is_found(press):
    press.publishing.take_down(principal(), press.id, None, reason="error", idem=idem())
    press.platform.blind = False
    later(press, 2)
    assert (lost(press).state, press.platform.out) == ("down", {})


def test_what_a_person_settled_meanwhile_stands(press):
    press.publishing.settle(principal(), press.id, lost(press).id, happened=True, native_id="n1", idem=idem())
    press.platform.blind = False
    later(press, 2)
    assert (lost(press).state, lost(press).looks) == ("out", 0)


def test_the_number_of_another_copy_is_not_taken_for_this_one_s(press):
    update = {"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "state": "out", "native_id": "n1", "rev": 1}
    press.store.table.write(press.store.put_copy(lost(press).model_copy(update=update)))
    press.platform.blind = False
    later(press, 2)
    assert {copy.state for copy in press.store.copies(press.id)} == {"out", "unknown"}
