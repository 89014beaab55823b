"""What is taken down stays down: nothing that was still to be sent goes out afterwards, wherever it had come to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import ReauthoriseError, ThrottledError, TryAgainError
from bluelamp.publishing.errors import WaitingError
from bluelamp.publishing.model import DraftFields, Schedule
from tests.faults.archive import Records, examine
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


def down(press, publication, accounts=None):
    return press.publishing.take_down(principal(), publication, accounts, reason="closed", idem=idem())


def ends(press, publication):
    return {(copy.state, copy.error) for copy in press.store.copies(publication)}


def test_what_a_pause_stopped_does_not_go_out_when_the_pause_ends(press):
    publication = publish(press, A, B)
    pause = press.publishing.pause(principal(), [B], reason="incident", idem=idem())
    press.run()
    down(press, publication)
    press.publishing.resume(principal(), pause.id, idem=idem())
    press.releasing.run()
    press.run()
    assert (press.platform.published, press.platform.out) == (1, {})
    assert ends(press, publication) == {("down", None), ("failed", "withdrawn")}
    assert press.store.stopped() == []
    (said,) = [
        r
        for _, _, r in Records(press.world.evidence.objects).all
        if (r.get("publication") or {}).get("step") == "withdrawn"
    ]
    assert said["account"] == B


def test_what_waits_for_a_platform_that_throttles_does_not_go_out_later(press):
    press.platform.errors = [ThrottledError("wait", until=press.world.clock() + timedelta(minutes=5))]
    publication = publish(press, A)
    press.world.seal()
    with pytest.raises(WaitingError):
        press.sending().publish(press.world.publish_queue.messages.pop(0).body)
    down(press, publication)
    press.world.pass_time(minutes=6)
    press.run()
    assert press.platform.published == 0
    assert ends(press, publication) == {("failed", "withdrawn")}


def test_who_uploads_when_it_is_taken_down_makes_nothing_public(press):
    publication = publish(press, A)
    press.world.seal()
    original = press.platform.prepare

    def meanwhile(*args):
        down(press, publication)
        yield from original(*args)

    press.platform.prepare = meanwhile
    press.run()
    assert press.platform.published == 0
    assert ends(press, publication) == {("failed", "withdrawn")}


def test_what_failed_is_sent_again_without_what_was_taken_down(press):
    press.platform.errors = [ReauthoriseError("revoked")]
    publication = publish(press, A, B)
    press.world.seal()
    press.sending().publish(press.world.publish_queue.messages.pop(0).body)
    (first,) = (copy for copy in press.store.copies(publication) if copy.state == "failed")
    (other,) = {A, B} - {first.account}
    view = down(press, publication, [other])
    press.publishing.send_held(principal(), publication, rev=view.rev, idem=idem())
    press.run()
    assert [account for account, _, _ in press.platform.out.values()] == [first.account]
    assert "send_held" not in press.publishing.get(principal(), publication).can


def test_one_account_of_what_is_scheduled_has_nothing_to_take_down(press):
    publication = publish(press, A, B, schedule=Schedule(at="2026-12-24T09:00"))
    with pytest.raises(ConflictError, match="Nothing of this is out"):
        down(press, publication, [A])
    assert press.publishing.get(principal(), publication).state == "scheduled"


def test_to_be_throttled_is_no_attempt(press):
    until = press.world.clock() + timedelta(hours=3)
    press.platform.errors = [*[ThrottledError("wait", until=until)] * 14, TryAgainError("a moment")]
    publication = publish(press, A)
    press.run()
    assert ends(press, publication) == {("out", None)}


def test_more_than_a_transaction_takes_is_taken_down_all_the_same(press):
    accounts = [press.world.account(str(n), "swindale").id for n in range(10, 80)]
    publication = publish(press, *accounts)
    press.publishing.pause(principal(), accounts[:60], reason="incident", idem=idem())
    press.run(rounds=100)
    assert len(press.store.stopped()) == 60
    view = down(press, publication)
    assert {copy.state for copy in view.copies} == {"failed", "changing"}
    press.run(rounds=100)
    assert press.platform.out == {}
    assert ends(press, publication) == {("down", None), ("failed", "withdrawn")}
    assert press.store.stopped() == []


def calling(press, name, meanwhile):
    """Have something happen while a worker makes its public call, after the platform has done it."""
    original = getattr(press.platform, name)

    def call(*args, **more):
        setattr(press.platform, name, original)
        try:
            return original(*args, **more)
        finally:
            meanwhile()

    setattr(press.platform, name, call)


def test_what_is_in_its_public_call_when_it_is_taken_down_is_taken_down_once_it_is_out(press):
    publication = publish(press, A)
    seen = []
    calling(press, "publish", lambda: seen.append(down(press, publication).copies[0]))
    press.run()
    assert [(copy.state, copy.unwanted) for copy in seen] == [("publishing", True)]
    assert (press.platform.published, press.platform.out) == (1, {})
    assert ends(press, publication) == {("down", None)}
    records = Records(press.world.evidence.objects)
    assert (len(records.intents), len(records.outcomes)) == (2, 2)
    assert examine(press.world.evidence.objects).verdict == "OK"


def test_what_the_platform_refuses_while_it_is_taken_down_is_not_sent_again(press):
    press.platform.errors = [TryAgainError("a moment")]
    publication = publish(press, A)
    calling(press, "publish", lambda: down(press, publication))
    press.run()
    assert press.platform.published == 0
    assert ends(press, publication) == {("failed", "withdrawn")}
    assert press.store.stopped() == []


def test_a_lost_answer_is_looked_for_and_what_is_found_is_taken_down(press):
    press.platform.lose_answer = 1
    publication = publish(press, A)
    calling(press, "publish", lambda: down(press, publication))
    press.run()
    assert (press.platform.published, press.platform.out) == (1, {})
    assert ends(press, publication) == {("down", None)}


def test_what_nobody_knows_of_is_taken_down_when_a_person_has_found_it(press):
    press.platform.lose_answer, press.platform.blind = 1, True
    publication = publish(press, A)
    press.run()
    assert ends(press, publication) == {("unknown", "platform_timed_out")}
    down(press, publication)
    with pytest.raises(ConflictError, match="Nothing of this is out"):
        down(press, publication)
    (copy,) = press.store.copies(publication)
    press.publishing.settle(principal(), publication, copy.id, happened=True, native_id="n1", idem=idem())
    press.run()
    assert (press.platform.out, ends(press, publication)) == ({}, {("down", None)})
    assert examine(press.world.evidence.objects).verdict == "OK"


def test_what_a_person_has_not_found_after_it_was_taken_down_is_not_sent_again(press):
    press.platform.lose_answer, press.platform.blind = 1, True
    publication = publish(press, A)
    press.run()
    down(press, publication)
    (copy,) = press.store.copies(publication)
    view = press.publishing.settle(principal(), publication, copy.id, happened=False, native_id=None, idem=idem())
    assert ends(press, publication) == {("failed", "withdrawn")}
    assert "send_held" not in view.can


def test_what_is_being_put_in_other_words_when_it_is_taken_down_goes_afterwards(press):
    publication = publish(press, A)
    press.run()
    press.publishing.edit_out(principal(), publication, {A: "He was found."}, idem=idem())
    calling(press, "edit", lambda: down(press, publication))
    press.run()
    assert (press.platform.out, ends(press, publication)) == ({}, {("down", None)})
