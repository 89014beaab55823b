"""Many posts hidden at once: what is left alone, who has to agree, and that each is sealed and done once."""

from __future__ import annotations

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.incidents import selecting
from bluelamp.incidents.model import Exempt, IncidentClosedError, Match, SecondPersonError, SelectionChangedError
from bluelamp.notices.wording import link
from bluelamp.posts.changing import Entry
from bluelamp.posts.model import Reason
from tests.faults.archive import Records, examine, finding
from tests.support.world import idem, principal


def whys(preview) -> dict:
    return preview.job.excluded


def test_a_job_hides_each_post_by_an_intent_and_an_outcome_of_its_own(desk):
    found = desk.arrive(*(f"you idiot {n}" for n in range(12)), "thank you")
    job = desk.start()
    assert (job.state, job.posts, job.second) == ("running", 12, False)
    desk.finish()
    assert [desk.post(one).state for one in found] == ["hidden"] * 12 + ["visible"]
    records = Records(desk.world.evidence.objects)
    intents = [r for _, _, r in records.all if r["type"] == "intent"]
    assert len(intents) == len(records.outcomes) == 12
    assert {r["incident"] for _, _, r in records.all if r["type"] in {"intent", "outcome", "context"}} == {
        desk.incident.id
    }
    report = examine(desk.world.evidence.objects)
    assert report.verdict == "OK", finding(report)
    done = desk.job(job)
    assert (done.state, done.intended, done.outcomes) == ("done", 12, {"done": 12})


def test_nothing_is_done_before_the_order_is_sealed(desk):
    desk.arrive("you idiot")
    desk.start()
    assert not desk.at.queue.messages
    assert desk.states() == ["visible"]


def test_what_may_be_about_a_life_or_is_held_or_a_journalist_is_left_alone_and_said_to_be(desk):
    kill, held = ([one] for one in desk.arrive("idiot kill", "idiot held"))
    press = desk.arrive("idiot press", author_id="a2", author_handle="WealdNews")
    plain = desk.arrive("idiot plain")
    post = desk.post(held[0])
    desk.world.changer.commit(post, post.changed(holds=("h1",)), Entry(type="decide", actor=Actor.system("test")))
    admin = principal("admin")
    desk.at.service.set_policy(
        admin, bound=25, exempt=(Exempt(platform="facebook", handle="@wealdnews"),), rev=0, idem=idem()
    )
    preview = desk.preview()
    assert whys(preview) == {"life_risk": 1, "held": 1, "exempt": 1}
    assert {one.post: one.why for one in preview.left_out} == {
        kill[0]: "life_risk", held[0]: "held", press[0]: "exempt",
    }  # fmt: skip
    desk.step(preview.job, "start")
    desk.finish()
    assert [desk.post(one).state for one in (*kill, *held, *press, *plain)] == ["visible"] * 3 + ["hidden"]


def test_over_the_bound_another_person_has_to_agree(desk, people):
    desk.arrive(*(f"you idiot {n}" for n in range(26)))
    job = desk.step(desk.preview().job, "start")
    assert (job.state, job.second) == ("waiting", True)
    assert desk.at.notified == 1
    desk.at.work_all(desk.world.seal)
    assert set(desk.states()) == {"visible"}
    with pytest.raises(SecondPersonError):
        desk.step(job, "agree")
    assert desk.step(job, "agree", people.second).agreed_by.id == people.second.id
    desk.finish()
    assert set(desk.states()) == {"hidden"}


def test_who_agrees_puts_their_name_to_the_selection_that_was_frozen(desk, people):
    desk.arrive(*(f"you idiot {n}" for n in range(26)))
    job = desk.step(desk.preview().job, "start")
    with pytest.raises(SelectionChangedError):
        desk.step(job.model_copy(update={"digest": "0" * 64}), "agree", people.second)
    late = desk.arrive("one more idiot")
    desk.step(job, "agree", people.second)
    desk.finish()
    assert desk.post(late[0]).state == "visible"


def test_a_selection_that_somebody_changed_in_the_table_is_not_touched(desk):
    desk.arrive("you idiot", "you fine idiot")
    job = desk.start()
    for (pk, sk), item in desk.world.table.items.items():
        if pk == f"BULK#{job.id}" and sk.startswith("PART#"):
            item["posts"] = item["posts"][:1]
    desk.finish()
    assert desk.states() == ["visible", "visible"]
    assert desk.job(job).state == "stopped"


def test_an_old_preview_is_not_ordered(desk):
    desk.arrive("you idiot")
    preview = desk.preview()
    desk.world.pass_time(minutes=16)
    with pytest.raises(SelectionChangedError):
        desk.step(preview.job, "start")


def test_nobody_orders_nothing_or_what_another_previewed(desk, people):
    with pytest.raises(InvalidInputError):
        desk.step(desk.preview().job, "start")
    desk.arrive("you idiot")
    with pytest.raises(ConflictError):
        desk.step(desk.preview().job, "start", people.second)


def test_what_changed_since_the_preview_is_skipped_and_said_to_be(desk):
    first, second = desk.arrive("you idiot", "another idiot")
    job = desk.start()
    desk.world.pass_time(seconds=5)
    desk.world.ingest(desk.world.comment("c0", "now kind words", edited=True))
    desk.world.judge_all()
    desk.finish()
    assert [desk.post(one).state for one in (first, second)] == ["visible", "hidden"]
    assert desk.job(job).skipped == {"changed": 1}


def test_a_paused_job_sets_nothing_going_and_goes_on_where_it_was(desk):
    desk.arrive(*(f"you idiot {n}" for n in range(20)))
    job = desk.start()
    desk.world.seal()
    paused = desk.step(job, "pause")
    desk.at.work_all(desk.world.seal)
    assert set(desk.states()) == {"visible"}
    desk.step(paused, "resume")
    desk.finish()
    assert set(desk.states()) == {"hidden"}


def test_a_pause_in_the_middle_holds_for_the_very_next_transaction(desk, people):
    desk.arrive(*(f"you idiot {n}" for n in range(100)))
    job = desk.start()
    desk.world.seal()
    seen = []

    def pause(name: str) -> None:
        if name == "transact" and not seen:
            seen.append(name)
            desk.world.faults.before = None
            desk.step(desk.job(job), "pause")

    desk.world.faults.before = pause
    desk.at.work_all(desk.world.seal)
    assert set(desk.states()) == {"visible"}
    desk.step(desk.job(job), "stop")
    desk.finish()
    assert set(desk.states()) == {"visible"}
    assert desk.job(job).state == "stopped"


def test_a_job_streams_the_first_part_is_released_before_the_last_is_written(desk):
    desk.arrive(*(f"you idiot {n}" for n in range(100)))
    desk.start()
    desk.world.seal()
    released = []

    def seal_meanwhile(name: str) -> None:
        if name == "transact":
            desk.world.faults.before = None
            desk.world.seal()
            released.append(len(desk.world.bulk_queue.messages))
            desk.world.faults.before = seal_meanwhile

    desk.world.faults.before = seal_meanwhile
    desk.at.working().run(desk.at.queue.messages.pop().body)
    desk.world.faults.before = None
    assert released[0] == 0
    assert released[1] == 40
    assert released[2] == 80


def test_all_that_an_incident_hid_is_shown_again_and_nothing_else(desk):
    theirs = desk.arrive("you idiot", "another idiot")
    desk.start()
    desk.finish()
    mine = desk.arrive("idiot whom an officer hid")
    desk.world.actions.hide(principal(), mine[0], reason=Reason(code="abuse"), rev=desk.post(mine[0]).rev, idem=idem())
    desk.world.seal()
    desk.finish()
    assert set(desk.states()) == {"hidden"}
    closed = desk.at.service.close(principal(), desk.incident.id, rev=desk.incident.rev, idem=idem())
    assert closed.state == "closed"
    with pytest.raises(IncidentClosedError):
        desk.preview()
    job = desk.start("unhide")
    assert (job.posts, job.second) == (2, False)
    desk.finish()
    assert [desk.post(one).state for one in (*theirs, *mine)] == ["visible", "visible", "hidden"]


def test_posts_of_an_account_that_stands_still_are_left_out(desk):
    desk.arrive("you idiot")
    desk.at.changer.stopped = lambda _: "account_suspended"
    assert whys(desk.preview()) == {"account_stopped": 1}


def test_a_match_without_anything_has_to_say_that_it_means_everything():
    with pytest.raises(ValueError, match="say which posts"):
        Match()
    assert Match(everything=True).everything


def test_deleting_needs_a_second_person_where_the_account_says_so_and_hiding_does_not(desk):
    desk.arrive("you idiot")
    key = ("ACCOUNTS", desk.account.id)
    policy = {"delete": ["comms"], "publish": [], "reply": [], "approve_delete": "supervisor"}
    desk.world.table.items[key] = desk.world.table.items[key] | {"policy": policy}
    desk.world.pass_time(minutes=1)
    assert desk.preview("delete").job.second
    assert not desk.preview("hide").job.second


def test_a_selection_beyond_the_bound_is_cut_and_says_so(desk, monkeypatch):
    monkeypatch.setattr(selecting, "MOST_SELECTED", 3)
    desk.arrive(*(f"you idiot {n}" for n in range(5)))
    job = desk.preview().job
    assert (job.posts, job.cut) == (3, True)
    desk.step(job, "start")
    desk.finish()
    rest = desk.preview().job
    assert (rest.posts, rest.cut, rest.excluded) == (2, False, {"already": 3})


def test_who_is_to_agree_is_told_and_led_to_the_incident(desk, people):
    desk.arrive(*(f"you idiot {n}" for n in range(26)))
    desk.step(desk.preview().job, "start")
    (notice,) = [item for (pk, _), item in desk.world.table.items.items() if pk == "NOTICES"]
    assert notice["to"] == ["role:comms"]
    assert link("https://lamp.example", notice["kind"], notice["about"]) == "https://lamp.example/#/incidents"


def test_a_job_of_which_time_is_up_wakes_itself_and_goes_on(desk):
    desk.arrive(*(f"you idiot {n}" for n in range(100)))
    desk.start()
    desk.world.seal()
    ticks = iter(range(0, 10_000, 30))
    message = desk.at.queue.messages.pop()
    assert desk.at.working(timer=lambda: next(ticks)).run(message.body) == "on"
    assert 0 < desk.states().count("hiding") < 100
    desk.at.work_all(desk.world.seal)
    assert set(desk.states()) == {"hiding"}


def test_what_was_ordered_and_is_not_sent_is_taken_back_when_the_job_is_stopped(desk):
    desk.arrive(*(f"you idiot {n}" for n in range(5)))
    job = desk.start()
    desk.at.work_all(desk.world.seal)
    assert set(desk.states()) == {"hiding"}
    done = desk.world.bulk_queue.messages.pop(0)
    desk.world.action_queue.messages.append(done)
    for _ in range(4):
        desk.world.act_all(rounds=1)
        desk.world.action_queue.messages += [
            m for m in desk.world.bulk_queue.messages if m.body["action_id"] == done.body["action_id"]
        ]
    assert desk.states().count("hidden") == 1
    desk.step(desk.job(job), "stop")
    desk.finish()
    assert sorted(desk.states()) == ["hidden", *["visible"] * 4]
    assert desk.job(job).outcomes == {"cancelled": 4, "done": 1}
    assert len(desk.world.platform.calls) == 1
    report = examine(desk.world.evidence.objects)
    assert report.verdict == "OK", finding(report)
