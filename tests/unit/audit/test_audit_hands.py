"""The verifier asks of what takes two people that two people stand in the records."""

from __future__ import annotations

import pytest

from bluelamp.accounts.model import Policy
from bluelamp.actions import approving
from bluelamp.audit.archive import pull
from bluelamp.audit.leaf import Actor, AppealPart, Change, IncidentStep, Obj, Op, PublicationPart, Rights, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.verify import verify
from bluelamp.ids import new_ulid
from bluelamp.people.rules import Decision
from tests.support.world import World, idem, principal
from tests.unit.audit.log_kit import LogWorld

PAT, BO = (Actor(kind="person", sub=sub, role="comms") for sub in ("sub-pat", "sub-bo"))
THING, OTHER = new_ulid(), new_ulid()


def of(kind, type_, **parts):
    def made(actor, *, key=THING, **how):
        obj = Obj(kind=kind, key=key)
        return (
            {"type": type_, "actor": actor, "obj": obj, "correlation": key}
            | {name: value(key) for name, value in parts.items()}
            | how
        )

    return made


def proposal(step):
    if step == "asked":
        return of("roster", "decide", change=lambda _: Change(field="proposal", to="reply"))
    agreed = Change(field="proposal", from_="reply", to="approved")
    return of("roster", "intent", change=lambda _: agreed, op=lambda _: Op(verb="reply"))


KINDS = {
    "proposal": (proposal("asked"), proposal("agreed")),
    "disposal": tuple(
        of("disposal", "retain", op=lambda _, verb=verb: Op(verb=verb))
        for verb in ("propose_disposal", "approve_disposal")
    ),
    "publication": tuple(
        of("publication", "publication", publication=lambda _, step=step: PublicationPart(step=step))
        for step in ("drafted", "approved")
    ),
    "appeal": tuple(
        of("appeal", "appeal", appeal=lambda key, step=step: AppealPart(id=key, step=step))
        for step in ("proposed", "approved")
    ),
    "rights": tuple(
        of("rights", "rights", rights=lambda _, step=step: Rights(step=step)) for step in ("submit", "approve")
    ),
    "bulk": tuple(
        of("bulk", "incident", ordered=lambda _, step=step: IncidentStep(step=step)) for step in ("start", "agree")
    ),
    "standing": tuple(
        of("incident", "incident", ordered=lambda _, step=step: IncidentStep(step=step))
        for step in ("standing_proposed", "standing_in_force")
    ),
}


class Log(LogWorld):
    """A log of steps, and what the verifier says of it a day later."""

    def say(self, *steps):
        for step in steps:
            self.clock.pass_(seconds=1)
            self.table.write(Chunk.of([draft(at=self.clock(), **step)]).put())
            self.seal()

    def codes(self, tmp_path):
        self.clock.pass_(days=1)
        self.say({"type": "login", "actor": PAT})
        pull(self.bucket, tmp_path)
        return [(one.code, one.place) for one in verify(tmp_path).failures if one.code != "intent"]


@pytest.fixture
def log():
    return Log()


@pytest.mark.parametrize("kind", KINDS)
def test_two_people_are_two(kind, log, tmp_path):
    asked, agreed = KINDS[kind]
    log.say(asked(PAT), agreed(BO))
    assert log.codes(tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_person_is_found(kind, log, tmp_path):
    asked, agreed = KINDS[kind]
    log.say(asked(PAT), agreed(PAT))
    assert log.codes(tmp_path) == [("hands", "2026 record 3")]


WRITTEN = ("publication", "appeal")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WRITTEN])
def test_who_asked_last_counts_and_others_are_none_of_it(kind, log, tmp_path):
    asked, agreed = KINDS[kind]
    log.say(asked(PAT), asked(PAT, key=OTHER), asked(BO), agreed(PAT), agreed(BO, key=OTHER))
    assert log.codes(tmp_path) == []


@pytest.mark.parametrize("kind", WRITTEN)
def test_who_ever_wrote_does_not_agree_and_who_only_submitted_may(kind, log, tmp_path):
    wrote, agreed = KINDS[kind]
    log.say(wrote(PAT), wrote(BO), agreed(PAT))
    sent = of(kind, "publication", publication=lambda _: PublicationPart(step="proposed"))
    if kind == "publication":
        log.say(wrote(PAT, key=OTHER), sent(BO, key=OTHER), agreed(BO, key=OTHER))
    assert log.codes(tmp_path) == [("hands", "2026 record 5")]


@pytest.mark.parametrize("kind", KINDS)
def test_agreeing_to_what_nobody_asked_for_is_found_once_it_is_not_young(kind, log, tmp_path):
    _, agreed = KINDS[kind]
    log.say(agreed(BO))
    pull(log.bucket, tmp_path / "young")
    young = verify(tmp_path / "young")
    assert (young.failures, "hands" in [one.code for one in young.pending]) == ([], True)
    assert log.codes(tmp_path / "old") == [("hands", "2026 record 1")]


@pytest.mark.parametrize("kind", KINDS)
def test_records_that_changed_places_are_held_against_each_other(kind, log, tmp_path):
    asked, agreed = KINDS[kind]
    log.say(agreed(BO), asked(PAT), agreed(PAT, key=OTHER), asked(PAT, key=OTHER))
    assert log.codes(tmp_path) == [("hands", "2026 record 5")]


def test_software_that_lets_one_person_do_both_is_found(tmp_path, monkeypatch):
    world = World()
    world.account("1", "north")
    policy = Policy(approve_reply="comms")
    world.table.items["ACCOUNTS", "facebook-1"]["policy"] = policy.model_dump(mode="json")
    for native in ("c1", "c2"):
        world.ingest(world.comment(native, "You idiot"))
    world.judge_all()
    monkeypatch.setattr(approving, "two_people", lambda *_: Decision(allowed=True, reason_code="ok"))
    for post, second in zip(world.posts.queue(principal()).posts, ("Bo", "Pat Officer"), strict=True):
        asked = world.actions.reply(principal(), post.id, text="Thank you.", rev=post.rev, idem=idem()).action
        other = principal(name=second).model_copy(update={"id": f"sub-{second}"} if second == "Bo" else {})
        rev = world.changer.posts.get(post.id, consistent=True).rev
        world.approving.approve(other, post.id, asked.id, rev=rev, idem=idem())
    world.seal()
    world.act_all()
    world.pass_time(days=1)
    world.seal()
    pull(world.evidence, tmp_path)
    assert [one.code for one in verify(tmp_path).failures] == ["hands"]
