"""Whose word it takes, when it goes out, and that a change takes every word away again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.errors import ConflictError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.ids import new_ulid
from bluelamp.publishing.errors import NotReadyError, ScheduleError
from bluelamp.publishing.model import Attached, DraftFields, Recurrence, Schedule
from bluelamp.publishing.rules import LONDON, due, following
from tests.support.press import Press
from tests.support.world import World, idem, principal

A = "facebook-1"
PAT, SUE = principal(), principal("supervisor", teams=("swindale",), name="Sue Second")


@pytest.fixture
def press():
    world = World()
    world.account("1", "swindale")
    world.account("2", "swindale")
    return Press(world)


def policy(press, account_id=A, **more):
    account = press.world.accounts.get(account_id)
    changed = account.model_copy(update={"policy": account.policy.model_copy(update=more), "rev": account.rev + 1})
    item = press.world.table.items["ACCOUNTS", account_id]
    press.world.table.items["ACCOUNTS", account_id] = item | {"policy": changed.policy.model_dump(mode="json")}
    press.world.pass_time(minutes=10)  # accounts are remembered for a while


def drafted(press, by=PAT, **fields):
    return press.publishing.draft(by, DraftFields(**({"text": "Hello", "accounts": (A,)} | fields)), idem=idem())


def submitted(press, by=PAT, **fields):
    draft = drafted(press, by, **fields)
    return press.publishing.submit(by, draft.id, rev=draft.rev, idem=idem())


def at(press, **later):
    moment = (press.world.clock() + timedelta(**later)).astimezone(LONDON)
    return Schedule(at=f"{moment:%Y-%m-%dT%H:%M}")


def test_nobody_approves_what_they_wrote_and_the_second_lets_it_out(press):
    policy(press, approve_publish="supervisor")
    asked = submitted(press)
    assert (asked.state, [need.approver for need in asked.needs]) == ("proposed", ["supervisor"])
    with pytest.raises(RefusedError):
        press.publishing.approve(PAT, asked.id, rev=asked.rev, idem=idem())
    out = press.publishing.approve(SUE, asked.id, rev=asked.rev, idem=idem())
    assert out.state == "running"
    press.run()
    assert press.platform.published == 1


def test_each_answers_for_their_own_account_and_the_last_word_lets_it_out(press):
    """Two teams, an approver each, and neither reaches the other's account."""
    press.world.account("3", "harbour")
    ned = principal("supervisor", teams=("harbour",), name="Ned Harbour")
    for account in (A, "facebook-3"):
        policy(press, account, approve_publish="supervisor")
    asked = submitted(press, accounts=(A, "facebook-3"))
    for person in (SUE, ned):
        assert [line.id for line in press.publishing.list_for(person).publications] == [asked.id]
        seen = press.publishing.get(person, asked.id)
        assert {"approve", "reject"} <= set(seen.can)
        assert not {"save", "withdraw", "submit"} & set(seen.can)
    once = press.publishing.approve(SUE, asked.id, rev=asked.rev, idem=idem())
    assert (once.state, [need.by and need.by.name for need in once.needs]) == ("proposed", ["Sue Second", None])
    # She has given hers, and sees what becomes of it; the other account is not hers to decide on.
    assert "approve" not in press.publishing.get(SUE, asked.id).can
    with pytest.raises(RefusedError):
        press.publishing.approve(SUE, asked.id, rev=once.rev, idem=idem())
    with pytest.raises(ConflictError):
        press.publishing.approve(ned, asked.id, rev=asked.rev, idem=idem())
    assert press.publishing.approve(ned, asked.id, rev=once.rev, idem=idem()).state == "running"
    press.run()
    assert press.platform.published == 2
    assert press.publishing.get(SUE, asked.id).state == "ended"


def test_whose_word_is_not_asked_for_and_who_does_not_reach_it_sees_nothing(press):
    press.world.account("3", "harbour")
    policy(press, approve_publish="supervisor")
    asked = submitted(press, accounts=(A, "facebook-3"))
    for person in (principal("supervisor", teams=("moor",)), principal("local", teams=("swindale",))):
        assert press.publishing.list_for(person).publications == ()
        with pytest.raises(NotFoundError):
            press.publishing.get(person, asked.id)
        with pytest.raises((NotFoundError, RefusedError)):
            press.publishing.reject(person, asked.id, rev=asked.rev, reason="wording", idem=idem())
    # Who is asked may give it back, for all of its accounts: it goes out as a whole or not.
    assert press.publishing.reject(SUE, asked.id, rev=asked.rev, reason="wording", idem=idem()).state == "draft"
    with pytest.raises(NotFoundError):
        press.publishing.get(SUE, asked.id)


def test_who_wrote_on_it_is_no_second_person(press):
    policy(press, approve_publish="supervisor")
    draft = drafted(press)
    draft = press.publishing.save(SUE, draft.id, draft.fields, rev=draft.rev, idem=idem())
    asked = press.publishing.submit(PAT, draft.id, rev=draft.rev, idem=idem())
    with pytest.raises(RefusedError):
        press.publishing.approve(SUE, asked.id, rev=asked.rev, idem=idem())


def test_a_change_takes_the_word_away_and_shows_what_was_there(press):
    policy(press, approve_publish="supervisor")
    asked = submitted(press, schedule=at(press, hours=2))
    press.publishing.approve(SUE, asked.id, rev=asked.rev, idem=idem())
    found = press.publishing.get(PAT, asked.id)
    assert found.state == "scheduled"
    changed = press.publishing.save(
        PAT, asked.id, found.fields.model_copy(update={"text": "Other words"}), rev=found.rev, idem=idem()
    )
    assert (changed.state, changed.due, changed.needs) == ("draft", None, ())
    again = press.publishing.submit(PAT, asked.id, rev=changed.rev, idem=idem())
    assert (again.state, again.before.text) == ("proposed", "Hello")
    press.world.pass_time(hours=3)
    press.releasing.run()
    press.run()
    assert press.platform.published == 0


def test_an_approval_is_of_what_was_seen(press):
    policy(press, approve_publish="supervisor")
    asked = submitted(press)
    with pytest.raises(ConflictError):
        press.publishing.approve(SUE, asked.id, rev=asked.rev - 1, idem=idem())


def test_what_is_given_back_is_a_draft_with_the_reason(press):
    policy(press, approve_publish="supervisor")
    asked = submitted(press)
    back = press.publishing.reject(SUE, asked.id, rev=asked.rev, reason="wording", idem=idem())
    assert (back.state, back.reject_reason, back.rejected_by.name) == ("draft", "wording", "Sue Second")


def test_who_may_not_publish_there_proposes(press):
    local = principal("local", teams=("swindale",), name="Lou Local")
    asked = submitted(press, local)
    assert (asked.state, [need.approver for need in asked.needs]) == ("proposed", ["comms"])
    assert press.publishing.approve(PAT, asked.id, rev=asked.rev, idem=idem()).state == "running"


def test_what_is_scheduled_goes_out_at_its_time_and_once(press):
    made = submitted(press, schedule=at(press, hours=1))
    assert made.state == "scheduled"
    assert press.releasing.run() == 0
    press.world.pass_time(minutes=61)
    assert (press.releasing.run(), press.releasing.run()) == (1, 0)
    press.run()
    assert press.platform.published == 1


def test_what_cannot_be_let_out_stops_nothing_behind_it(press, monkeypatch, caplog):
    first, second = (submitted(press, schedule=at(press, hours=1)) for _ in range(2))
    press.world.pass_time(minutes=61)
    let_out = press.releasing._let_out

    def stuck(publication):
        if publication.id == first.id:
            raise NotFoundError("There is no account with this id.")
        let_out(publication)

    monkeypatch.setattr(press.releasing, "_let_out", stuck)
    assert press.releasing.run() == 1
    assert first.id in caplog.text
    assert press.publishing.get(PAT, second.id).state == "running"
    monkeypatch.undo()
    assert press.releasing.run() == 1


def test_what_is_too_late_waits_for_a_person(press):
    made = submitted(press, schedule=at(press, hours=1))
    press.world.pass_time(hours=6)
    assert press.releasing.run() == 0
    held = press.publishing.get(PAT, made.id)
    assert (held.state, held.held_why, "send_held" in held.can) == ("held", "overdue", True)
    press.publishing.send_held(PAT, made.id, rev=held.rev, idem=idem())
    press.run()
    assert press.platform.published == 1


@pytest.mark.parametrize("step", ["withdraw", "save"])
def test_what_was_held_leaves_the_calendar_when_it_is_no_more_to_go_out(press, step):
    made = submitted(press, schedule=at(press, hours=1))
    month = made.due[:7]
    press.world.pass_time(hours=6)
    press.releasing.run()
    held = press.publishing.get(PAT, made.id)
    assert [one.id for one in press.publishing.calendar(PAT, month=month).publications] == [made.id]
    if step == "withdraw":
        press.publishing.withdraw(PAT, made.id, rev=held.rev, idem=idem())
    else:
        press.publishing.save(PAT, made.id, held.fields, rev=held.rev, idem=idem())
    assert press.publishing.calendar(PAT, month=month).publications == ()


def test_what_comes_again_ends_by_itself(press):
    schedule = at(press, hours=1).model_copy(update={"again": Recurrence(every="day", times=3)})
    made = submitted(press, schedule=schedule)
    press.world.pass_time(minutes=61)
    for _ in range(5):
        press.releasing.run()
        press.run()
        press.world.pass_time(hours=24)
    assert press.platform.published == 3
    assert press.publishing.get(PAT, made.id).state == "ended"


def test_what_is_withdrawn_does_not_go_out(press):
    made = submitted(press, schedule=at(press, hours=1))
    assert press.publishing.withdraw(PAT, made.id, rev=made.rev, idem=idem()).state == "withdrawn"
    press.world.pass_time(hours=2)
    assert press.releasing.run() == 0


def test_two_people_at_one_draft_lose_nothing(press):
    draft = drafted(press)
    press.publishing.save(PAT, draft.id, draft.fields, rev=draft.rev, idem=idem())
    with pytest.raises(ConflictError):
        press.publishing.save(SUE, draft.id, draft.fields, rev=draft.rev, idem=idem())


def test_what_a_platform_would_not_take_is_said_before_anything_is_sent(press):
    with pytest.raises(NotReadyError, match="too long"):
        submitted(press, text="x" * 300)
    with pytest.raises(NotReadyError, match="account"):
        submitted(press, accounts=())
    checked = press.publishing.check(PAT, DraftFields(text="x" * 300, accounts=(A,)))
    assert (checked.accounts[0].length, checked.accounts[0].most) == (300, 280)
    assert "too long" in checked.accounts[0].problem


def test_the_calendar_shows_what_clashes(press):
    one = submitted(press, schedule=at(press, hours=1))
    two = submitted(press, text="Other", schedule=at(press, hours=1, minutes=10))
    month = f"{press.world.clock():%Y-%m}"
    lines = {line.id: line.clashes for line in press.publishing.calendar(PAT, month=month).publications}
    assert lines == {one.id: (two.id,), two.id: (one.id,)}


NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "fold", "said"),
    [
        ("2026-02-28T10:00", None, "is past"),
        ("2026-03-29T01:30", None, "no 01:30.*00:59 and 02:00"),
        ("2026-10-25T01:30", None, "twice"),
        ("2028-03-29T01:30", None, "days ahead"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_what_can(wall, fold, said):
    with pytest.raises(ScheduleError, match=said):
        due(Schedule(at=wall, fold=fold), NOW)


def test_of_an_hour_that_comes_twice_one_says_which():
    first, second = (due(Schedule(at="2026-10-25T01:30", fold=fold), NOW) for fold in ("first", "second"))
    assert second - first == timedelta(hours=1)


MINUTES = st.integers(0, 390_000).map(lambda after: NOW + timedelta(minutes=after))


@given(MINUTES, st.sampled_from(["day", "week"]), st.integers(2, 20))
def test_what_comes_again_keeps_its_time_on_the_wall_but_for_the_hour_that_is_not(wall, every, times):
    schedule = Schedule(at=f"{wall:%Y-%m-%dT%H:%M}", fold="first", again=Recurrence(every=every, times=times))
    runs = [following(schedule, run) for run in range(1, times + 1)]
    assert runs[-1] is None
    for moment in runs[:-1]:
        shown = moment.astimezone(LONDON)
        hour = wall.hour + (1 if shown.hour != wall.hour else 0)
        assert (shown.hour, shown.minute) == (hour, wall.minute)
    assert runs[:-1] == sorted(runs[:-1])


def test_the_calendar_s_months_begin_by_the_clock_on_the_wall(press):
    summer = DraftFields(text="Hello", accounts=(A,), schedule=Schedule(at="2027-07-01T00:30"))
    draft = press.publishing.draft(principal(), summer, idem=idem())
    made = press.publishing.submit(principal(), draft.id, rev=draft.rev, idem=idem())
    assert made.due == "2027-06-30T23:30:00.000Z"
    assert [one.id for one in press.publishing.calendar(principal(), month="2027-07").publications] == [made.id]
    press.publishing.withdraw(principal(), made.id, rev=made.rev, idem=idem())
    assert press.publishing.calendar(principal(), month="2027-07").publications == ()


def test_nobody_attaches_what_somebody_else_sent_and_what_is_attached_stays(press):
    theirs, mine = Attached(id=new_ulid(), alt="A car"), Attached(id=new_ulid(), alt="A coat")
    press.senders = {theirs.id: "somebody", mine.id: PAT.id}
    with pytest.raises(OutOfScopeError):
        drafted(press, assets=(theirs,))
    draft = drafted(press, assets=(mine,))
    with pytest.raises(OutOfScopeError):
        press.publishing.save(PAT, draft.id, DraftFields(assets=(mine, theirs)), rev=draft.rev, idem=idem())
    press.senders[theirs.id] = None
    with pytest.raises(NotFoundError):
        press.publishing.save(PAT, draft.id, DraftFields(assets=(theirs,)), rev=draft.rev, idem=idem())
    # Sue reaches the draft, and writes on it beside a picture that is not hers.
    words = DraftFields(text="More", accounts=(A,), assets=(mine.model_copy(update={"alt": "A red coat"}),))
    saved = press.publishing.save(SUE, draft.id, words, rev=draft.rev, idem=idem())
    assert saved.fields.assets[0].alt == "A red coat"
