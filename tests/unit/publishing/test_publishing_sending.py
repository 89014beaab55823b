"""What becomes of a copy: out once, whatever the platform answers, and said to be so only when it is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.platforms.contract import ReauthoriseError, ThrottledError
from bluelamp.platforms.publishing import UploadLostError
from bluelamp.publishing.errors import NotSealedError
from bluelamp.publishing.model import Attached, DraftFields
from tests.faults.archive import Records
from tests.support.press import Press
from tests.support.world import World, idem, principal

A, B = "facebook-1", "facebook-2"
PIC = Attached(id="01ARZ3NDEKTSV4RRFFQ69G5FAV", alt="A red car")


@pytest.fixture
def press():
    world = World()
    world.account("1", "swindale")
    world.account("2", "swindale")
    return Press(world)


def sent(press, **more):
    """Publish at once on two accounts; return the id."""
    fields = DraftFields(text="Have you seen this car?", accounts=(A, B), assets=(PIC,))
    draft = press.publishing.draft(principal(), fields.model_copy(update=more), idem=idem())
    return press.publishing.submit(principal(), draft.id, rev=draft.rev, idem=idem()).id


def copies(press, publication):
    return {copy.account: copy for copy in press.store.copies(publication)}


def test_it_goes_out_once_on_each_account_and_the_log_says_so(press):
    publication = sent(press)
    press.run()
    found = copies(press, publication)
    assert {copy.state for copy in found.values()} == {"out"}
    assert sorted(account for account, _, _ in press.platform.out.values()) == [A, B]
    records = Records(press.world.evidence.objects)
    assert len(records.intents) == len(records.outcomes) == 2
    assert press.publishing.get(principal(), publication).state == "ended"


def test_nothing_is_called_before_the_seal(press):
    publication = sent(press)
    copy = copies(press, publication)[A]
    body = {"publication_id": publication, "copy_id": copy.id, "intent": copy.job.intent, "seq": 0, "year": 2026}
    with pytest.raises(NotSealedError):
        press.sending().publish(body)
    assert press.platform.calls == []


def test_an_answer_that_was_lost_is_looked_for(press):
    press.platform.lose_answer = 2
    publication = sent(press)
    press.run()
    assert {copy.state for copy in copies(press, publication).values()} == {"out"}
    assert press.platform.published == 2


def test_what_shows_late_is_not_published_again(press):
    press.platform.lose_answer, press.platform.shown_late = 1, 1
    sent(press, accounts=(A,))
    press.run()
    assert press.platform.published == 1


def test_a_platform_that_throttles_for_twenty_minutes_is_waited_for_and_the_log_hears_of_it(press):
    until = press.world.clock() + timedelta(minutes=20)
    press.platform.errors = [ThrottledError("wait", until=until)] * 3
    publication = sent(press, accounts=(A,))
    press.run()
    assert copies(press, publication)[A].state == "out"
    results = [r["op"]["result"] for _, _, r in Records(press.world.evidence.objects).all if r["type"] == "outcome"]
    assert results[-1] == "done"
    assert "deferred" in results


def test_a_token_that_is_revoked_in_the_middle_fails_that_account_alone_and_can_be_sent_again(press):
    press.platform.errors = [ReauthoriseError("revoked")]
    publication = sent(press)
    press.run()
    states = [copy.state for copy in press.store.copies(publication)]
    assert sorted(states) == ["failed", "out"]
    view = press.publishing.get(principal(), publication)
    assert "send_held" in view.can
    press.publishing.send_held(principal(), publication, rev=view.rev, idem=idem())
    press.run()
    assert press.platform.published == 2
    assert {copy.state for copy in press.store.copies(publication)} == {"out"}


def test_an_upload_that_the_platform_dropped_begins_again(press):
    press.platform.errors = [UploadLostError("gone")]
    publication = sent(press, accounts=(A,))
    press.run()
    assert copies(press, publication)[A].state == "out"
    assert press.platform.published == 1


def test_a_long_upload_is_handed_on(press):
    press.seconds = 0.0
    original = press.platform.prepare

    def slow(*args):
        for progress in original(*args):
            press.seconds += 300
            yield progress

    press.platform.prepare = slow
    publication = sent(press, accounts=(A,))
    press.run()
    assert copies(press, publication)[A].state == "out"


def test_a_platform_that_says_yes_and_does_nothing_is_found_out(press):
    press.platform.lies = True
    publication = sent(press, accounts=(A,))
    press.run()
    press.world.pass_time(minutes=11)
    assert press.releasing.run() == 1
    press.run()
    assert copies(press, publication)[A].state == "missing"


def test_what_is_out_is_put_in_other_words_and_taken_down(press):
    publication = sent(press)
    press.run()
    press.publishing.edit_out(principal(), publication, {A: "The car was found."}, idem=idem())
    press.run()
    assert sorted(text for _, text, _ in press.platform.out.values()) == [
        "Have you seen this car?",
        "The car was found.",
    ]
    press.publishing.take_down(principal(), publication, None, reason="closed", idem=idem())
    press.run()
    assert press.platform.out == {}
    assert {copy.state for copy in press.store.copies(publication)} == {"down"}
    assert len(Records(press.world.evidence.objects).intents) == 5


def test_what_is_gone_already_counts_as_taken_down(press):
    publication = sent(press, accounts=(A,))
    press.run()
    press.platform.out.clear()
    press.publishing.take_down(principal(), publication, [A], reason="closed", idem=idem())
    press.run()
    assert copies(press, publication)[A].state == "down"


def test_an_account_that_was_suspended_meanwhile_is_not_published_on(press):
    publication = sent(press, accounts=(A,))
    account = press.world.finder.find(A)
    press.world.finder._kept[A] = (press.world.clock(), account.model_copy(update={"status": "suspended"}))
    press.run()
    copy = copies(press, publication)[A]
    assert (copy.state, copy.error) == ("failed", "account_suspended")
    assert press.platform.calls == []
