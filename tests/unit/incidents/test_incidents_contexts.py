"""What stood around the posts of a job is kept with their intents: the platform is called at the first release."""

from __future__ import annotations

import json

from bluelamp.actions.errors import SealingError
from bluelamp.audit.leaf import Content
from tests.faults.archive import Records, examine, finding

PICTURE = "https://pictures.example/gone"


def released(desk):
    """Have a job worked off and sealed; return the messages for the act function."""
    desk.at.work_all(desk.world.seal)
    found = [message.body for message in desk.world.bulk_queue.messages]
    desk.world.bulk_queue.messages.clear()
    return found


def contexts(desk):
    return [r for _, _, r in Records(desk.world.evidence.objects).all if r["type"] == "context"]


def test_the_platform_is_called_at_the_first_release(desk):
    found = desk.arrive(*(f"you idiot {n}" for n in range(12)))
    desk.start()
    messages = released(desk)
    assert len(messages) == 12
    for body in messages:
        assert desk.world.acting().act(body).state == "done"
    desk.world.seal()
    assert {desk.post(one).state for one in found} == {"hidden"}
    report = examine(desk.world.evidence.objects)
    assert report.verdict == "OK", finding(report)


def test_each_post_has_a_context_of_its_own_in_one_pack(desk):
    found = desk.arrive(*(f"you idiot {n}" for n in range(12)), "thank you")
    before = len(desk.world.content.objects)
    desk.start()
    released(desk)
    records = contexts(desk)
    assert len(desk.world.content.objects) == before + 1
    assert {r["op"]["verb"] for r in records} == {"hide"}
    intents = {r["id"]: r for _, _, r in Records(desk.world.evidence.objects).all if r["type"] == "intent"}
    assert {r["op"]["intent"] for r in records} == set(intents)
    seen = set()
    for record in records:
        intent = intents[record["op"]["intent"]]
        assert (record["obj"]["key"], record["obj"]["rev"]) == (intent["obj"]["key"], intent["obj"]["rev"])
        assert record["correlation"] == intent["correlation"]
        body = json.loads(desk.world.vault.open(desk.account.id, Content.model_validate(record["content"])))
        assert {one["id"] for one in body["posts"]} == set(found)
        seen.add(body["post"])
    assert seen == set(found[:12])


def test_a_post_whose_picture_may_still_be_had_is_kept_before_it_is_called_for(desk):
    desk.arrive("you idiot", media=[{"kind": "photo", "url": PICTURE}])
    desk.arrive("you idiot too")
    desk.start()
    messages = released(desk)
    assert len(contexts(desk)) == 1
    late = []
    for body in messages:
        try:
            desk.world.acting().act(body)
        except SealingError:
            late.append(body)
    assert len(late) == 1
    desk.finish()
    assert set(desk.states()) == {"hidden"}
    assert len(contexts(desk)) == 2


def test_what_is_shown_again_needs_no_context(desk):
    desk.arrive("you idiot")
    desk.start()
    desk.finish()
    before = len(contexts(desk))
    desk.start("unhide")
    desk.finish()
    assert desk.states() == ["visible"]
    assert len(contexts(desk)) == before


def test_what_waits_for_a_second_person_wakes_the_worker_for_nothing(desk, people):
    desk.arrive(*(f"you idiot {n}" for n in range(26)))
    job = desk.step(desk.preview().job, "start")
    desk.world.seal()
    (message,) = [m.body for m in desk.at.queue.messages]
    desk.at.queue.messages.clear()
    desk.step(job, "agree", people.second)
    desk.world.seal()
    # Late as it is, it does nothing: the agreement has a message of its own.
    assert desk.at.working().run(message) == "nothing"
    assert set(desk.states()) == {"visible"}
    desk.finish()
    assert set(desk.states()) == {"hidden"}
