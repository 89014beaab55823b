"""What the night brought, counted by hand, on what somebody reaches; and each morning is told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.calls.store import CallStore
from bluelamp.digests import rules, service
from bluelamp.digests.service import Digests, Mornings
from bluelamp.digests.store import DigestStore
from bluelamp.errors import InvalidInputError, RefusedError
from bluelamp.posts.model import Reason
from bluelamp.posts.store import PostStore
from bluelamp.roster.model import HandOver
from tests.support.world import World, idem, principal

COMMS = principal("comms")
NORTH = principal("local", teams=("north",))
NOTE = HandOver(
    id="01BX5ZZKBKACTAV9WEVGEMMVRZ", account="facebook-2", at="2026-11-22T05:00:00.000Z",
    by={"id": "bob", "name": "Bob"}, text="The bridge is shut.",
)  # fmt: skip


class Night(World):
    """Two pages. On the first: a threat and an insult arrive in the night, and one of them is hidden before seven."""

    def __init__(self) -> None:
        super().__init__()
        for native, team in (("1", "north"), ("2", "south"), ("3", "south")):
            self.accounts.add_account(
                platform="facebook", native_id=native, name=f"Page {native}", kind="neighbourhood", team=team,
                by=Actor.system("test"),
            )  # fmt: skip
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.come("1_0", "you idiot", "yesterday's, before the evening")
        self.now = datetime(2026, 11, 22, 2, tzinfo=UTC)
        self.come("1_1", "kill", "a threat")
        self.hidden = self.come("1_2", "idiot", "an insult")
        post = PostStore(self.table).get(self.hidden)
        self.actions.hide(COMMS, post.id, reason=Reason(code="abuse"), rev=post.rev, idem=idem(COMMS.id))
        self.now = datetime(2026, 11, 22, 7, tzinfo=UTC)
        self.notes = {"facebook-2": (NOTE,)}
        self.digests = Digests(
            changer=self.changer, accounts=self.accounts, calls=CallStore(self.table).waiting,
            notes=lambda account: self.notes.get(account, ()),
        )  # fmt: skip

    def come(self, native, text, _why):
        known = {pk for pk, sk in self.table.items if sk == "POST"}
        self.ingest(self.comment(native, text))
        self.judge_all()
        [new] = {pk for pk, sk in self.table.items if sk == "POST"} - known
        return new.removeprefix("POST#")


@pytest.fixture
def night():
    return Night()


def test_the_night_by_hand(night):
    digest = night.digests.read(COMMS)
    assert (digest.since, digest.until) == ("2026-11-21T17:00:00.000Z", "2026-11-22T07:00:00.000Z")
    first, second = digest.accounts
    # The threat waits, the insult is being hidden, what came before the evening counts for neither.
    assert first.model_dump(include={"account", "open", "urgent", "done", "hidden", "deleted"}) == {
        "account": "facebook-1", "open": 1, "urgent": 1, "done": 1, "hidden": 1, "deleted": 0,
    }  # fmt: skip
    assert (second.account, second.open, second.notes) == ("facebook-2", 0, (NOTE,))
    assert (digest.quiet, digest.more, digest.calls) == (1, False, ())


def test_only_what_is_within_reach(night):
    digest = night.digests.read(NORTH)
    assert [one.account for one in digest.accounts] == ["facebook-1"]
    assert digest.quiet == 0
    with pytest.raises(RefusedError):
        night.digests.read(principal("auditor"))


def test_one_says_since_when(night):
    digest = night.digests.read(COMMS, datetime(2026, 11, 21, 11, tzinfo=UTC))
    assert digest.accounts[0].open == 2
    for odd in (night.now + timedelta(seconds=1), night.now - timedelta(days=7, seconds=1)):
        with pytest.raises(InvalidInputError, match="7 days"):
            night.digests.read(COMMS, odd)


def test_it_says_when_more_happened_than_it_counts(night, monkeypatch):
    monkeypatch.setattr(service, "MOST", 1)
    assert night.digests.read(NORTH).more


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-22T07:00", "2026-11-21T17:00"),
        ("2026-11-22T16:59", "2026-11-21T17:00"),
        ("2026-11-22T17:00", "2026-11-22T17:00"),
        ("2026-07-02T06:00", "2026-07-01T16:00"),
        # The night in which the clock goes back: five o'clock was still summer time.
        ("2026-10-25T07:00", "2026-10-24T16:00"),
    ],
)
def test_the_evening_is_that_on_the_wall(now, since):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert rules.since(moment, None) == datetime.fromisoformat(since).replace(tzinfo=UTC)


def told(night):
    items = [item for (pk, _), item in sorted(night.table.items.items()) if pk == "NOTICES"]
    return [(item["kind"], tuple(item["to"]), item["about"]) for item in items]


def mornings(night):
    return Mornings(DigestStore(night.table), accounts=night.accounts.all, notify=lambda: None, clock=night.clock)


def test_each_morning_is_told_once(night):
    morning = mornings(night)
    night.now = datetime(2026, 11, 22, 6, 59, tzinfo=UTC)
    assert morning.tell() == 0
    night.now += timedelta(minutes=1)
    assert (morning.tell(), morning.tell()) == (2, 0)
    assert told(night) == [("digest", ("role:comms", "team:north", "team:south"), {"day": "2026-11-22"})]
    night.now += timedelta(days=1)
    assert morning.tell() == 2
    assert len(told(night)) == 2


def test_two_runs_at_once_tell_once(night):
    other = mornings(night)

    def quick(name):
        if name.startswith("transact"):
            night.faults.before = None
            assert other.tell() == 2

    night.faults.before = quick
    assert mornings(night).tell() == 0
    assert len(told(night)) == 1
