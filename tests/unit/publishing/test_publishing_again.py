"""What comes again: changed half-way it keeps to its new times, and what failed more than once is said once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import ReauthoriseError
from bluelamp.publishing.model import DraftFields, Recurrence, Schedule
from bluelamp.publishing.rules import LONDON
from tests.support.press import Press
from tests.support.world import World, idem, principal

PAT = principal()


@pytest.fixture
def press():
    world = World()
    world.account("1", "swindale")
    return Press(world)


def again(press, **every):
    moment = (press.world.clock() + timedelta(hours=1)).astimezone(LONDON)
    return Schedule(at=f"{moment:%Y-%m-%dT%H:%M}", again=Recurrence(**every))


def submitted(press, **every):
    fields = DraftFields(text="Lock your doors", accounts=("facebook-1",), schedule=again(press, **every))
    draft = press.publishing.draft(PAT, fields, idem=idem())
    return press.publishing.submit(PAT, draft.id, rev=draft.rev, idem=idem())


def days(press, count):
    """Let days pass from an hour on; return on which of them something went out."""
    seen = []
    for day in range(count):
        before = press.platform.published
        press.world.pass_time(minutes=61 if day == 0 else 24 * 60)
        press.releasing.run()
        press.run()
        seen += [day] * (press.platform.published - before)
    return seen


def test_what_was_changed_half_way_comes_again_by_its_new_times(press):
    made = submitted(press, every="day", times=4)
    assert days(press, 2) == [0, 1]
    found = press.publishing.get(PAT, made.id)
    fields = found.fields.model_copy(update={"schedule": again(press, every="day", times=4)})
    saved = press.publishing.save(PAT, made.id, fields, rev=found.rev, idem=idem())
    press.publishing.submit(PAT, made.id, rev=saved.rev, idem=idem())
    assert days(press, 6) == [0, 1, 2, 3]
    assert press.publishing.get(PAT, made.id).state == "ended"


def test_what_failed_on_several_days_is_said_once_when_it_is_sent_again(press):
    made = submitted(press, every="day", times=3)
    press.platform.errors = [ReauthoriseError("revoked")] * 3
    assert days(press, 4) == []
    found = press.publishing.get(PAT, made.id)
    assert [copy.state for copy in found.copies] == ["failed"] * 3
    sent = press.publishing.send_held(PAT, made.id, rev=found.rev, idem=idem())
    press.run()
    assert press.platform.published == 1
    found = press.publishing.get(PAT, made.id)
    assert [copy.state for copy in found.copies] == ["failed", "failed", "out"]
    assert "send_held" not in found.can
    with pytest.raises(ConflictError, match="Nothing"):
        press.publishing.send_held(PAT, made.id, rev=sent.rev, idem=idem())
