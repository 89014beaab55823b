"""A copy that nobody knows of is settled by whoever looked at the platform, once, and goes on from there."""

from __future__ import annotations

import pytest

from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import NotPermittedError
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
    press.platform.blind = False
    return press


def lost(press):
    (copy,) = press.store.copies(press.id)
    return copy


def settle(press, *, happened, native_id=None, who=None, copy=None, key=None):
    given = {"happened": happened, "native_id": native_id, "idem": key or idem()}
    return press.publishing.settle(who or principal(), press.id, copy or lost(press).id, **given)


def test_what_is_unknown_is_offered_to_be_settled_or_taken_down_if_it_is_out_and_nothing_else(press):
    (copy,) = press.publishing.get(principal(), press.id).copies
    assert (copy.state, copy.can) == ("unknown", ("take_down", "settle"))


def test_what_is_out_can_be_taken_down_by_its_number(press):
    (copy,) = settle(press, happened=True, native_id="n1").copies
    assert (copy.state, copy.native_id, copy.can) == ("out", "n1", ("edit", "take_down"))
    press.publishing.take_down(principal(), press.id, None, reason="error", idem=idem())
    press.run()
    assert (lost(press).state, press.platform.out) == ("down", {})


def test_what_is_out_without_its_number_is_said_to_be_out(press):
    (copy,) = settle(press, happened=True).copies
    assert (copy.state, copy.native_id, copy.can) == ("out", None, ())


def test_what_is_not_out_is_sent_again_when_somebody_asks(press):
    press.platform.out.clear()
    view = settle(press, happened=False)
    assert (view.copies[0].state, view.copies[0].error, "send_held" in view.can) == ("failed", "not_there", True)
    press.publishing.send_held(principal(), press.id, rev=view.rev, idem=idem())
    press.run()
    assert (lost(press).state, len(press.platform.out)) == ("out", 1)


def test_the_log_says_who_looked_and_verifies(press):
    settle(press, happened=True, native_id="n1")
    press.world.seal()
    records = [r for _, _, r in Records(press.world.evidence.objects).all if r["type"] == "outcome"]
    assert [(r["op"]["result"], r["actor"]["kind"], r.get("reason")) for r in records] == [
        ("unknown", "system", None),
        ("done", "person", {"code": "looked"}),
    ]
    assert examine(press.world.evidence.objects).verdict == "OK"


def test_it_is_settled_once(press):
    key = idem()
    settle(press, happened=True, native_id="n1", key=key)
    with pytest.raises(ConflictError, match="known to be out"):
        settle(press, happened=False)
    assert lost(press).state == "out"


def test_only_who_may_publish_there_settles_and_only_what_is_there(press):
    with pytest.raises((NotPermittedError, NotFoundError)):
        settle(press, happened=False, who=principal("local", teams=("northgate",)))
    with pytest.raises(NotFoundError):
        settle(press, happened=False, copy="nothing")
    assert lost(press).state == "unknown"
