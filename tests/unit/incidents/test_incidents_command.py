"""Opening, commanding and closing an incident: who may, what is recorded, and that no word gets into a record."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from bluelamp.audit.leaf import Content
from bluelamp.errors import BluelampError, ConflictError, InvalidInputError, NotFoundError, UnsupportedError
from bluelamp.incidents.model import Exempt, IncidentClosedError, Match, Roles, Scope, SecondPersonError
from bluelamp.people.model import Person
from bluelamp.people.rules import NotPermittedError, OutsideScopeError
from bluelamp.times import iso
from tests.faults.archive import Records
from tests.support.world import START, idem, principal


def records(desk):
    desk.world.seal()
    return [r for _, _, r in Records(desk.world.evidence.objects).all if r["type"] == "incident"]


def test_an_incident_is_recorded_without_a_word_of_it_and_the_words_are_kept(desk):
    (record,) = records(desk)
    assert "OAKLEAF" not in json.dumps(record)
    assert "Swindale" not in json.dumps(record)
    assert record["ordered"]["step"] == "opened"
    assert record["ordered"]["roles"] == {"gold": [principal().id]}
    kept = json.loads(desk.world.vault.open(desk.account.id, Content.model_validate(record["content"])))
    assert kept == {
        "code": "OAKLEAF",
        "area": "Swindale town centre",
        "words": [],
        "strategy": "Keep people informed. Hide abuse of the family.",
    }


def test_each_version_of_the_strategy_stays_and_a_stale_one_is_refused(desk, people):
    one = desk.at.service.set_strategy(people.gold, desk.incident.id, text="Say more.", rev=1, idem=idem())
    assert (one.strategy, one.rev) == (2, 2)
    with pytest.raises(ConflictError):
        desk.at.service.set_strategy(people.second, desk.incident.id, text="Say less.", rev=1, idem=idem())
    view = desk.at.service.get(people.gold, desk.incident.id)
    assert [s.text for s in view.strategies] == ["Keep people informed. Hide abuse of the family.", "Say more."]
    assert view.people == {people.gold.id: people.gold.name}
    said = records(desk)
    assert [r["obj"]["rev"] for r in said] == [1, 2]
    assert said[1]["obj"]["prev"] == desk.incident.head


def test_roles_and_scope_change_and_nobody_unknown_gets_a_role(desk, people):
    one = desk.at.service.set_roles(
        people.gold, desk.incident.id, roles=Roles(silver=(people.second.id,)), rev=1, idem=idem()
    )
    with pytest.raises(InvalidInputError):
        desk.at.service.set_roles(people.gold, one.id, roles=Roles(gold=("nobody",)), rev=2, idem=idem())
    other = desk.world.account("2", "weald")
    scope = Scope(accounts=(desk.account.id, other.id), words=("oak street",), begin=iso(START))
    two = desk.at.service.set_scope(people.gold, one.id, scope=scope, rev=2, idem=idem())
    (listed,) = desk.at.store.opened().incidents
    assert (listed.accounts, listed.people) == (two.scope.accounts, (people.second.id,))


def test_the_log_book_is_written_by_who_has_a_role_and_never_changed(desk, people):
    local = principal("local", teams=("swindale",))
    with pytest.raises(NotPermittedError):
        desk.at.log.write(local, desk.incident.id, kind="decision", text="Hold the line", idem=idem())
    desk.at.known[local.id] = "Lee Local"
    one = desk.at.service.set_roles(people.gold, desk.incident.id, roles=Roles(bronze=(local.id,)), rev=1, idem=idem())
    entry = desk.at.log.write(local, one.id, kind="decision", text="Hold the line", idem=idem())
    assert (entry.role, entry.by.id) == ("bronze", local.id)
    desk.at.log.write(
        people.gold, one.id, kind="claim", text="The bridge fell", answer="It stands", source="Traffic", idem=idem()
    )
    assert [e.kind for e in desk.at.service.get(people.gold, one.id).entries] == ["decision", "claim"]
    assert "bridge" not in json.dumps(records(desk))
    closed = desk.at.service.close(people.gold, one.id, rev=2, idem=idem())
    with pytest.raises(IncidentClosedError):
        desk.at.log.write(people.gold, closed.id, kind="decision", text="too late", idem=idem())


def test_an_incident_is_closed_once_its_jobs_have_ended(desk, people):
    desk.arrive("you idiot")
    job = desk.start()
    with pytest.raises(ConflictError, match="jobs of this incident"):
        desk.at.service.close(people.gold, desk.incident.id, rev=1, idem=idem())
    desk.step(job, "stop")
    assert desk.at.service.close(people.gold, desk.incident.id, rev=1, idem=idem()).state == "closed"
    assert not desk.at.store.opened().incidents
    with pytest.raises(IncidentClosedError):
        desk.at.service.set_strategy(people.gold, desk.incident.id, text="more", rev=2, idem=idem())


def test_who_reaches_none_of_its_accounts_does_not_know_of_it(desk):
    stranger = principal("local", teams=("weald",))
    neighbour = principal("local", teams=("swindale",))
    with pytest.raises(NotFoundError):
        desk.at.service.get(stranger, desk.incident.id)
    assert desk.at.service.list_for(stranger).incidents == ()
    assert desk.at.service.concerning(stranger) == []
    assert [one.code for one in desk.at.service.concerning(neighbour)] == ["OAKLEAF"]
    with pytest.raises(NotPermittedError):
        desk.preview(who=neighbour)
    other = principal("supervisor", teams=("weald",))
    with pytest.raises((OutsideScopeError, NotFoundError)):
        desk.at.service.close(other, desk.incident.id, rev=1, idem=idem())


def test_the_band_costs_one_read_in_some_seconds(desk, people):
    desk.at.service.concerning(people.gold)
    calls = []
    desk.world.faults.before = calls.append
    desk.at.service.concerning(people.gold)
    assert calls == []
    desk.world.pass_time(seconds=6)
    desk.at.service.concerning(people.gold)
    assert calls.count("get") == 1


def test_the_bound_and_whom_no_job_touches_are_set_by_an_administrator_alone(desk, people):
    admin = principal("admin")
    with pytest.raises(NotPermittedError):
        desk.at.service.set_policy(people.gold, bound=100, exempt=(), rev=0, idem=idem())
    press = Exempt(platform="x", handle="@WealdNews", label="The local paper")
    made = desk.at.service.set_policy(admin, bound=5, exempt=(press,), rev=0, idem=idem())
    assert desk.at.service.policy(people.gold).bound == made.bound == 5
    with pytest.raises(ConflictError):
        desk.at.service.set_policy(admin, bound=6, exempt=(), rev=0, idem=idem())
    assert "WealdNews" not in json.dumps(records(desk))


class Paused:
    """What the publishing feature offers."""

    def __init__(self) -> None:
        self.calls = []

    def pause(self, principal, *, accounts, reason, incident, idem):
        self.calls.append(("pause", accounts, reason, incident, idem.key))

    def resume(self, principal, *, accounts, incident, idem):
        self.calls.append(("resume", accounts, incident))

    def leave(self, principal, *, accounts, incident, idem):
        self.calls.append(("leave", accounts, incident))


class Dying(Paused):
    """Dies the first time that accounts leave."""

    def leave(self, principal, *, accounts, incident, idem):
        super().leave(principal, accounts=accounts, incident=incident, idem=idem)
        if [call[0] for call in self.calls].count("leave") == 1:
            raise MemoryError


def test_publications_are_paused_with_the_incident_and_go_on_when_it_closes(desk, people):
    ask = {"pause": True, "reason": "incident", "rev": 1}
    with pytest.raises(UnsupportedError):
        desk.at.service.pause_publishing(people.gold, desk.incident.id, **ask, idem=idem())
    desk.at.pausing = Paused()
    one = desk.at.service.pause_publishing(people.gold, desk.incident.id, **ask, idem=idem())
    assert one.paused
    desk.at.service.close(people.gold, one.id, rev=2, idem=idem())
    assert [call[0] for call in desk.at.pausing.calls] == ["pause", "resume"]


def test_accounts_that_join_while_publications_are_paused_stand_still_as_well(desk, people):
    at, one = desk.at, desk.incident
    at.pausing = Paused()
    wider = one.scope.model_copy(update={"area": "Marlford"})
    at.service.set_scope(people.gold, one.id, scope=wider, rev=1, idem=idem())
    assert at.pausing.calls == []
    at.service.pause_publishing(people.gold, one.id, pause=True, reason="incident", rev=2, idem=idem())
    at.service.set_scope(people.gold, one.id, scope=one.scope, rev=3, idem=idem())
    assert [call[:3] for call in at.pausing.calls] == [
        ("pause", wider.accounts, "incident"), ("pause", one.scope.accounts, "incident_scope"),
        ("leave", one.scope.accounts, one.id),
    ]  # fmt: skip


def test_accounts_that_leave_while_publications_are_paused_go_on_once_they_have_left(desk, people):
    at, one = desk.at, desk.incident
    second = desk.world.account("2", "swindale").id
    wide = one.scope.model_copy(update={"accounts": (*one.scope.accounts, second)})
    at.service.set_scope(people.gold, one.id, scope=wide, rev=1, idem=idem())
    at.pausing = Paused()
    at.service.pause_publishing(people.gold, one.id, pause=True, reason="incident", rev=2, idem=idem())
    with pytest.raises(ConflictError):
        at.service.set_scope(people.gold, one.id, scope=one.scope, rev=1, idem=idem())
    assert "leave" not in [call[0] for call in at.pausing.calls]
    at.service.set_scope(people.gold, one.id, scope=one.scope, rev=3, idem=idem())
    assert at.pausing.calls[-1] == ("leave", one.scope.accounts, one.id)


def test_what_a_death_after_the_new_scope_left_standing_still_goes_on_by_the_repeat(desk, people):
    at, one = desk.at, desk.incident
    second = desk.world.account("2", "swindale").id
    wide = one.scope.model_copy(update={"accounts": (*one.scope.accounts, second)})
    at.service.set_scope(people.gold, one.id, scope=wide, rev=1, idem=idem())
    at.pausing = Dying()
    at.service.pause_publishing(people.gold, one.id, pause=True, reason="incident", rev=2, idem=idem())
    ask = {"scope": one.scope, "rev": 3, "idem": idem()}
    with pytest.raises(MemoryError):
        at.service.set_scope(people.gold, one.id, **ask)
    assert at.store.get(one.id).scope == one.scope
    # The route asks for a kept answer first: there must be none, or nobody would come back to the pause.
    assert ask["idem"].replay(desk.world.table) is None
    done = at.service.set_scope(people.gold, one.id, **ask)
    assert at.pausing.calls[-1] == ("leave", one.scope.accounts, one.id)
    assert done.rev == at.store.get(one.id).rev == 4
    assert ask["idem"].replay(desk.world.table)["rev"] == 4
    with pytest.raises(ConflictError, match="answered a moment"):  # a twin; the route gives it the kept answer
        at.service.set_scope(people.gold, one.id, **ask)


def test_the_report_counts_what_was_ordered_and_what_is_hidden_still(desk, people):
    desk.arrive("you idiot", "another idiot", "kill them", "thanks")
    desk.start()
    desk.finish()
    desk.at.log.write(people.gold, desk.incident.id, kind="decision", text="Hidden", idem=idem())
    desk.world.pass_time(minutes=90)
    report = desk.at.reporting.make(people.gold, desk.incident.id)
    assert report.minutes >= 90
    assert report.still_hidden == 2
    wanted = {"posts": 4, "life_risk": 1, "hidden_by_job": 2, "still_hidden": 2, "job_hide_done": 2, "log_decisions": 1}
    assert wanted.items() <= report.figures.items()


def test_a_standing_rule_needs_a_second_person_and_hides_what_comes_pending_review(desk, people):
    before = desk.arrive("you idiot, before the rule")
    one = desk.at.service.propose_standing(
        people.gold, desk.incident.id, match=Match(words=("idiot",)), rev=1, idem=idem()
    )
    waiting = desk.arrive("you idiot, before it is agreed")
    with pytest.raises(SecondPersonError):
        desk.at.service.agree_standing(people.gold, one.id, rev=2, idem=idem())
    desk.at.service.agree_standing(people.second, one.id, rev=2, idem=idem())
    desk.world.pass_time(seconds=6)
    hit, life, other = desk.arrive("you idiot", "idiot kill", "thank you")
    desk.finish()
    assert [desk.post(p).state for p in (*before, *waiting, hit, life, other)] == [
        "visible", "visible", "hidden", "visible", "visible",
    ]  # fmt: skip
    case = desk.post(hit).case
    assert case.state == "open"
    assert case.reasons[-1].code == "pending_review"
    found = [r for _, _, r in Records(desk.world.evidence.objects).all if r["type"] in {"intent", "outcome"}]
    assert [r["incident"] for r in found] == [one.id] * 2
    assert found[0]["actor"] == {"kind": "system", "sub": "incident"}
    assert found[0]["rule"] == {"id": "incident.standing", "version": "1"}


def test_what_a_reviewer_shows_again_is_not_hidden_by_the_same_message_that_comes_again(desk, people):
    one = desk.at.service.propose_standing(
        people.gold, desk.incident.id, match=Match(everything=True), rev=1, idem=idem()
    )
    desk.at.service.agree_standing(people.second, one.id, rev=2, idem=idem())
    (hit,) = desk.arrive("a question")
    desk.finish()
    assert desk.post(hit).state == "hidden"
    desk.world.actions.unhide(people.gold, hit, rev=desk.post(hit).rev, idem=idem())
    desk.finish()
    assert desk.post(hit).state == "visible"
    desk.world.judging.get_for_judging([hit])
    desk.finish()
    assert desk.post(hit).state == "visible"


def test_a_rule_that_ended_hides_nothing_more(desk, people):
    one = desk.at.service.propose_standing(
        people.gold, desk.incident.id, match=Match(everything=True), rev=1, idem=idem()
    )
    two = desk.at.service.agree_standing(people.second, one.id, rev=2, idem=idem())
    desk.arrive("warm up what is remembered")
    desk.at.service.end_standing(people.gold, one.id, rev=two.rev, idem=idem())
    (late,) = desk.arrive("a question")
    desk.finish()
    assert desk.post(late).state == "visible"


def test_answers_in_scope_wait_as_long_as_the_incident_says(desk, people):
    (post,) = desk.arrive("a question")
    assert desk.at.orders.wait_for(desk.post(post)) == 0
    desk.at.service.set_slow(people.gold, desk.incident.id, seconds=60, rev=1, idem=idem())
    desk.world.pass_time(seconds=6)
    assert desk.at.orders.wait_for(desk.post(post)) == 60
    desk.world.actions.reply(people.gold, post, text="We are there.", rev=desk.post(post).rev, idem=idem())
    desk.world.seal()
    (message,) = desk.world.action_queue.messages
    assert message.delay_seconds == 60
    old = desk.post(post).changed(received_at="2020-01-01T00:00:00.000Z")
    assert desk.at.orders.wait_for(old) == 0


def test_an_incident_ends_after_it_begins(people, desk):
    scope = Scope(accounts=(desk.account.id,), begin=iso(START), end=iso(START))
    with pytest.raises(BluelampError, match="later time last"):
        desk.at.service.open(people.gold, code="ELM", scope=scope, roles=Roles(), strategy="x", idem=idem())


def test_whoever_commands_finds_people_by_name(desk, people):
    def person(name, **more):
        return Person(
            id=name.casefold().replace(" ", "-"), name=name, email="somebody@force.example", role="comms", **more
        )

    desk.at.people = [person("Ann Archer"), person("Bob Archer", status="left"), person("Cal Carter")]
    assert [one.name for one in desk.at.service.people(people.gold).people] == ["Ann Archer", "Cal Carter"]
    assert [one.name for one in desk.at.service.people(people.gold, " archer ").people] == ["Ann Archer"]
    desk.at.people = [person(f"Person {n}") for n in range(60)]
    found = desk.at.service.people(people.gold)
    assert (len(found.people), found.more) == (50, True)
    with pytest.raises(NotPermittedError):
        desk.at.service.people(principal("auditor"))


@pytest.mark.parametrize("named", [{}, {"label": "The local paper"}, {"handle": ""}])
def test_whom_no_order_touches_is_somebody(named):
    with pytest.raises(ValidationError):
        Exempt(platform="x", **named)
    assert Exempt(platform="facebook", author_key="0" * 64).handle is None
