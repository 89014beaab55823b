"""An incident in a world, with the people who command it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bluelamp.incidents.model import Match, Roles, Scope
from bluelamp.posts.model import Reason
from bluelamp.times import iso
from tests.support.world import START, World, idem, principal

GOLD = principal(name="Gia Gold")
SECOND = principal("control", name="Sol Second")
ABUSE = Reason(code="abuse")
IDIOTS = Match(words=("idiot",))


class Desk:
    """A world with one account, and an incident on it."""

    def __init__(self) -> None:
        self.world = World()
        self.at = self.world.incidents
        self.at.known = {GOLD.id: GOLD.name, SECOND.id: SECOND.name}
        self.account = self.world.account("1", "swindale")
        self.incident = self.at.service.open(
            GOLD,
            code="OAKLEAF",
            scope=Scope(accounts=(self.account.id,), area="Swindale town centre", begin=iso(START)),
            roles=Roles(gold=(GOLD.id,)),
            strategy="Keep people informed. Hide abuse of the family.",
            idem=idem(),
        )

    def arrive(self, *texts: str, **more) -> list[str]:
        """Let comments arrive and be judged; return their ids in the table."""
        before = set(self.ids())
        n = len(before)
        self.world.ingest(*(self.world.comment(f"c{n + i}", text, **more) for i, text in enumerate(texts)))
        self.world.judge_all()
        return [one for one in self.ids() if one not in before]

    def ids(self) -> list[str]:
        return [item["id"] for (_, sk), item in self.world.table.items.items() if sk == "POST"]

    def post(self, post_id: str):
        return self.world.changer.posts.get(post_id, consistent=True)

    def states(self) -> list[str]:
        return [self.post(one).state for one in self.ids()]

    def preview(self, verb="hide", match=IDIOTS, who=GOLD, **more):
        reason = ABUSE if verb != "unhide" else None
        match = match if verb != "unhide" else None
        return self.at.bulk.preview(who, self.incident.id, verb=verb, match=match, reason=reason, **more)

    def step(self, job, step, who=GOLD):
        return self.at.bulk.step(who, self.incident.id, job.id, step=step, rev=job.rev, digest=job.digest, idem=idem())

    def start(self, verb="hide", **more):
        job = self.preview(verb, **more).job
        job = self.step(job, "start")
        return self.step(job, "agree", SECOND) if job.second else job

    def job(self, job):
        return self.at.bulk.get(GOLD, self.incident.id, job.id)

    def finish(self) -> None:
        """Seal, work and act until nothing is left."""
        self.at.work_all(self.world.seal)
        for _ in range(2_000):
            if not self.world.bulk_queue.messages and not self.world.action_queue.messages:
                break
            self.world.action_queue.messages += self.world.bulk_queue.messages
            self.world.bulk_queue.messages.clear()
            self.world.act_all(rounds=1)
        self.world.seal()


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def people():
    return SimpleNamespace(gold=GOLD, second=SECOND)
