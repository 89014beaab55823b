"""The switch: by hand and by an incident, on everything or on some accounts, and each ends what it began alone."""

from __future__ import annotations

import pytest

from bluelamp.errors import ConflictError, NotFoundError, RefusedError
from bluelamp.ids import new_ulid
from bluelamp.publishing.errors import PausedError
from bluelamp.publishing.model import DraftFields
from bluelamp.publishing.pausing import ForIncidents, Pausing
from tests.faults.archive import Records, examine
from tests.support.press import Press
from tests.support.world import World, idem, principal

A, B = "facebook-1", "facebook-2"


@pytest.fixture
def press():
    world = World()
    world.account("1", "swindale")
    world.account("2", "marlford")
    return Press(world)


@pytest.fixture
def switch(press):
    return ForIncidents(Pausing(books=press.books), press.books)


def publish(press, *accounts, **more):
    draft = press.publishing.draft(principal(), DraftFields(text="Hello", accounts=accounts), idem=idem())
    return press.publishing.submit(principal(), draft.id, rev=draft.rev, idem=idem(), **more)


def test_an_incident_stops_its_accounts_and_lets_them_go_on(press, switch):
    incident = new_ulid()
    for _ in range(2):
        switch.pause(principal(), accounts=(A,), reason="x", incident=incident, idem=idem())
    (one,) = press.publishing.pauses(principal()).pauses
    assert (one.accounts, one.reason, one.incident) == ((A,), "incident", incident)
    with pytest.raises(PausedError, match="paused publishing"):
        publish(press, A)
    assert publish(press, B).state == "running"
    for _ in range(2):
        switch.resume(principal(), accounts=(), incident=incident, idem=idem())
    assert publish(press, A).state == "running"


def test_accounts_that_join_an_incident_stand_still_as_well(press, switch):
    incident = new_ulid()
    switch.pause(principal(), accounts=(A,), reason="x", incident=incident, idem=idem())
    switch.pause(principal(), accounts=(A, B), reason="x", incident=incident, idem=idem())
    assert sorted(one.accounts for one in press.publishing.pauses(principal()).pauses) == [(A,), (B,)]
    switch.resume(principal(), accounts=(A, B), incident=incident, idem=idem())
    assert press.publishing.pauses(principal()).pauses == ()


def test_accounts_that_leave_an_incident_go_on_and_the_others_stand_still(press, switch):
    incident = new_ulid()
    other = press.publishing.pause(principal(), [B], reason="error", idem=idem())
    switch.pause(principal(), accounts=(A, B), reason="x", incident=incident, idem=idem())
    for _ in range(2):
        switch.leave(principal(), accounts=(A,), incident=incident, idem=idem())
    found = press.publishing.pauses(principal()).pauses
    assert sorted((one.accounts, one.incident) for one in found if one.incident) == [((A,), incident)]
    press.publishing.resume(principal(), other.id, idem=idem())
    assert publish(press, B).state == "running"
    with pytest.raises(PausedError):
        publish(press, A)
    press.run()
    records = [r for _, _, r in Records(press.world.evidence.objects).all if r["type"] == "publication"]
    said = [r for r in records if r["obj"]["kind"] == "pause"]
    steps = [(r["publication"]["step"], tuple(r["publication"]["accounts"])) for r in said if r.get("incident")]
    assert steps == [("paused", (A, B)), ("paused", (A,)), ("resumed", (A, B))]
    assert examine(press.world.evidence.objects).verdict == "OK"
    switch.leave(principal(), accounts=("facebook-3",), incident=incident, idem=idem())
    assert press.publishing.pauses(principal()).pauses == ()


def test_an_incident_ends_its_own_pause_and_no_other(press, switch):
    mine = press.publishing.pause(principal(), None, reason="bereavement", idem=idem())
    switch.pause(principal(), accounts=(), reason="x", incident=new_ulid(), idem=idem())
    switch.resume(principal(), accounts=(), incident=new_ulid(), idem=idem())
    assert len(press.publishing.pauses(principal()).pauses) == 2
    press.publishing.resume(principal(), mine.id, idem=idem())
    with pytest.raises(ConflictError, match="already"):
        press.publishing.resume(principal(), mine.id, idem=idem())


def test_somebody_who_may_pause_lets_one_thing_out_all_the_same(press):
    press.publishing.pause(principal(), None, reason="incident", idem=idem())
    assert publish(press, A, despite=True).state == "running"


def test_what_was_asked_for_and_not_sent_is_stopped_and_goes_on_by_itself(press):
    publish(press, A)
    pause = press.publishing.pause(principal(), [A], reason="incident", idem=idem())
    press.run()
    assert press.platform.published == 0
    press.publishing.resume(principal(), pause.id, idem=idem())
    press.releasing.run()
    press.run()
    assert press.platform.published == 1


def test_a_supervisor_stops_their_own_accounts_and_not_the_force(press):
    sue = principal("supervisor", teams=("swindale",))
    assert press.publishing.pause(sue, [A], reason="error", idem=idem()).accounts == (A,)
    with pytest.raises(NotFoundError):
        press.publishing.pause(sue, [B], reason="error", idem=idem())
    with pytest.raises(RefusedError, match="whole force"):
        press.publishing.pause(sue, None, reason="error", idem=idem())
    with pytest.raises(RefusedError):
        press.publishing.pause(principal("local", teams=("swindale",)), [A], reason="error", idem=idem())


def test_a_copy_that_somebody_sends_at_the_tick_s_own_moment_holds_nothing_up(press, monkeypatch):
    publication = publish(press, A)
    pause = press.publishing.pause(principal(), [A], reason="incident", idem=idem())
    press.run()
    press.publishing.resume(principal(), pause.id, idem=idem())
    listed = press.store.stopped()
    press.publishing.send_held(principal(), publication.id, rev=publication.rev, idem=idem())
    monkeypatch.setattr(press.store, "stopped", lambda: listed)
    assert press.releasing.run() == 0
    press.run()
    assert press.platform.published == 1


def test_more_than_a_transaction_takes_is_sent_again_all_the_same(press):
    accounts = [press.world.account(str(n), "swindale").id for n in range(10, 80)]
    publication = publish(press, *accounts)
    pause = press.publishing.pause(principal(), None, reason="incident", idem=idem())
    press.run(rounds=100)
    press.publishing.resume(principal(), pause.id, idem=idem())
    view = press.publishing.send_held(principal(), publication.id, rev=publication.rev, idem=idem())
    assert {copy.state for copy in view.copies} == {"waiting"}
    press.run(rounds=100)
    assert press.platform.published == 70
    assert press.store.stopped() == []
