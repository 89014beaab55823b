"""Renewal: in time, by one at a time, and nothing lost wherever the renewer dies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import Faults, MemorySecrets, MemoryTable
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.keeping import TRIES, TokenBox
from bluelamp.connections.recording import commit
from bluelamp.connections.renewing import Renewing
from bluelamp.connections.store import ConnectionStore
from bluelamp.platforms.contract import NotAllowedError, ReauthoriseError, ThrottledError, TimedOutError, TryAgainError
from bluelamp.platforms.grants import Tokens

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACCOUNT, SECRET = "x-44", "bluelamp/account/x-44"
LIFE = timedelta(hours=2)


class Killed(BaseException):
    """The function died here."""


class FakeX:
    """Rotates: a renewing token is worth one use, and a used one ends the whole consent, as X's does."""

    def __init__(self, clock) -> None:
        self.clock, self.number, self.good, self.ended = clock, 0, "", False
        self.calls: list[str] = []
        self.error: Exception | None = None
        self.lose = False

    def pair(self) -> Tokens:
        self.number += 1
        self.good = f"refresh-{self.number}"
        return Tokens(f"access-{self.number}", self.good, self.clock() + LIFE)

    def __call__(self, account: str, refresh: str) -> Tokens:
        self.calls.append(refresh)
        if self.error is not None:
            raise self.error
        if self.ended or refresh != self.good:
            self.ended = True
            raise ReauthoriseError("used")
        pair = self.pair()
        if self.lose:
            raise TimedOutError("no answer")
        return pair


class Desk:
    """A connected account, whose renewer can be killed at any call."""

    def __init__(self) -> None:
        self.now = START
        self.table_faults, self.secret_faults = Faults(), Faults()
        self.table = MemoryTable(self.table_faults)
        self.secrets = MemorySecrets(faults=self.secret_faults)
        self.store = ConnectionStore(self.table)
        self.box = TokenBox(self.secrets, "bluelamp/account/")
        self.x = FakeX(lambda: self.now)
        self.failed: list[tuple[str, str]] = []
        self.wakes: list[str] = []
        self.connect()

    def connect(self, account: str = ACCOUNT) -> None:
        pair, old = self.x.pair(), self.store.get(account)
        self.box.save(account, pair, "first")
        new = rules.connected(old, account, attempt="first", expires_at=pair.expires_at, renews=True, now=self.now)
        commit(self.store, new, None)

    def renewing(self) -> Renewing:
        return Renewing(
            self.store,
            self.box,
            renew=self.x,
            failed=lambda account, why: self.failed.append((account, why)),
            answers=lambda account: ("lead-1", "deputy-1") if account == ACCOUNT else (),
            wake=lambda: self.wakes.append("seal"),
            notify=lambda: self.wakes.append("notify"),
            clock=lambda: self.now,
        )

    def later(self, **more: int) -> Desk:
        self.now += timedelta(**more)
        return self

    def run(self) -> int:
        return self.renewing().run()

    @property
    def connection(self):
        return self.store.get(ACCOUNT)

    @property
    def held(self) -> dict[str, str]:
        return self.secrets.values[SECRET]

    def leaves(self) -> list[dict]:
        chunks = [item for (pk, _), item in self.table.items.items() if pk.startswith("OUTBOX#")]
        return [json.loads(body) for chunk in chunks for body in Waiting.from_item(chunk).bodies()]

    def notices(self) -> list[dict]:
        return [item for (pk, _), item in self.table.items.items() if pk == "NOTICES"]


@pytest.fixture
def desk():
    return Desk()


def test_a_token_is_renewed_half_an_hour_before_its_end_and_not_before(desk):
    assert desk.later(minutes=89).run() == 0
    assert desk.x.calls == []
    assert desk.later(minutes=1, seconds=1).run() == 1
    assert desk.x.calls == ["refresh-1"]
    assert (desk.held["access_token"], desk.held["refresh_token"]) == ("access-2", "refresh-2")
    assert desk.connection.state == "connected"
    assert desk.connection.expires_at == desk.now + LIFE
    assert desk.run() == 0
    assert desk.leaves() == []
    assert desk.wakes == []


def test_it_goes_on_for_a_day(desk):
    for _ in range(24 * 60):
        desk.later(minutes=1).run()
    assert desk.connection.expires_at - desk.now > timedelta(minutes=28)
    assert desk.failed == []
    assert 15 <= len(desk.x.calls) <= 16


def test_one_renewer_at_a_time(desk):
    desk.later(minutes=91)
    other = desk.renewing()
    answer = desk.x.__call__

    def slow(account, refresh):
        assert other.run() == 0, "the other one leaves it alone"
        return answer(account, refresh)

    renewing = Renewing(
        desk.store, desk.box, renew=slow, failed=lambda *_: None, answers=lambda _: (),
        wake=lambda: None, notify=lambda: None, clock=lambda: desk.now,
    )  # fmt: skip
    assert renewing.run() == 1
    assert desk.x.calls == ["refresh-1"]


def test_who_claims_second_does_nothing(desk):
    desk.later(minutes=91)

    def claimed_between(name):
        if name == "transact":
            desk.table_faults.before = None
            commit(desk.store, rules.claimed(desk.connection, ACCOUNT, attempt="theirs", now=desk.now), None)

    desk.table_faults.before = claimed_between
    assert desk.run() == 0
    assert desk.x.calls == []
    assert desk.connection.attempt == "theirs"


# Every place where the renewer may die, and what must come of it: X was asked and the answer kept nowhere → a person;
# else the account is well again by itself, and X's pair is never lost.
@pytest.mark.parametrize(
    ("where", "call", "state"),
    [
        ("before", "claim", "connected"),
        ("after", "claim", "connected"),
        ("before", "ask", "connected"),
        ("after", "ask", "reconnect"),
        ("before", "save", "reconnect"),
        ("after", "save", "connected"),
        ("before", "note", "connected"),
        ("after", "note", "connected"),
    ],
)
def test_killed_between_any_two_steps(desk, where, call, state):
    desk.later(minutes=91)
    asked = desk.x.__call__
    kill(desk, where, call)
    with pytest.raises(Killed):
        Renewing(
            desk.store, desk.box, renew=dying(asked, where) if call == "ask" else asked, failed=lambda *_: None,
            answers=lambda _: (), wake=lambda: None, notify=lambda: None, clock=lambda: desk.now,
        ).run()  # fmt: skip
    desk.table_faults.before = desk.table_faults.after = None
    desk.secret_faults.before = desk.secret_faults.after = None
    desk.later(minutes=3).run()
    assert desk.connection.state == state
    if state == "connected":
        assert desk.held["refresh_token"] == desk.x.good, "the pair that X knows is the one that is kept"
        assert not desk.x.ended
        assert desk.connection.expires_at > desk.now + timedelta(hours=1)
        assert desk.leaves() == []
    else:
        assert desk.connection.why == "answer_lost"
        assert [leaf["op"] for leaf in desk.leaves()] == [{"verb": "token_renew", "error": "answer_lost"}]
        (notice,) = desk.notices()
        assert (notice["kind"], notice["about"]) == ("reconnect_needed", {"account": ACCOUNT})


def kill(desk: Desk, where: str, call: str) -> None:
    turn = {"claim": 1, "note": 2}.get(call)
    seen = 0

    def table(name: str) -> None:
        nonlocal seen
        if name == "transact":
            seen += 1
            if seen == turn:
                raise Killed

    def secret(name: str) -> None:
        if call == "save":
            raise Killed

    setattr(desk.table_faults, where, table)
    setattr(desk.secret_faults, where, secret)


def dying(ask, where):
    def call(account, refresh):
        if where == "before":
            raise Killed
        ask(account, refresh)
        raise Killed

    return call


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TryAgainError("down"), "platform_try_again"),
        (TimedOutError("hangs"), "platform_timed_out"),
        (NotAllowedError("app"), "platform_not_allowed"),
    ],
)
def test_a_platform_that_is_down_costs_nothing_but_time(desk, error, code):
    desk.later(minutes=91)
    desk.x.error = error
    assert desk.run() == 0
    assert desk.connection.state == "connected"
    assert [account for account, _ in desk.failed] == [ACCOUNT]
    assert desk.leaves() == []
    assert desk.notices() == []
    assert (desk.run(), len(desk.x.calls)) == (0, 1), "not again at once"
    desk.x.error = None
    assert desk.later(minutes=2).run() == 1
    assert desk.connection.failures == 0
    assert not desk.connection.doubted


def test_pauses_grow_up_to_a_quarter_of_an_hour(desk):
    desk.later(minutes=91)
    desk.x.error = TryAgainError("down")
    at = []
    for _ in range(90):
        before = len(desk.x.calls)
        desk.later(minutes=1).run()
        at += [desk.now] if len(desk.x.calls) > before else []
    pauses = [round((b - a) / timedelta(minutes=1)) for a, b in pairwise(at)]
    assert pauses[:4] == sorted(pauses[:4])
    assert pauses[-1] in {15, 16}


def test_a_throttled_renewal_waits_for_the_platform(desk):
    desk.later(minutes=91)
    until = desk.now + timedelta(minutes=7)
    desk.x.error = ThrottledError("slowly", until=until)
    desk.run()
    assert desk.connection.due_at == until


def test_a_lost_answer_is_told_as_such(desk):
    desk.later(minutes=91)
    desk.x.lose = True
    desk.run()
    assert desk.connection.state == "connected"
    assert desk.connection.doubted
    desk.x.lose = False
    desk.later(minutes=2).run()
    assert (desk.connection.state, desk.connection.why) == ("reconnect", "answer_lost")
    assert desk.failed[-1] == (ACCOUNT, "answer_lost")
    assert desk.wakes == ["seal", "notify"]
    assert desk.later(days=1).run() == 0


def test_a_consent_taken_back_wants_a_person(desk):
    desk.x.ended = True
    desk.later(minutes=91).run()
    assert (desk.connection.state, desk.connection.why) == ("reconnect", "refused")
    (leaf,) = desk.leaves()
    assert leaf["type"] == "key"
    assert leaf["account"] == ACCOUNT
    assert leaf["change"] == {"field": "token", "to": "reconnect"}
    assert "refresh-" not in json.dumps(leaf)
    assert "access-" not in json.dumps(leaf)


def test_a_pair_that_cannot_be_kept_wants_a_person(desk):
    tries = []

    def full(name):
        tries.append(name)
        raise SecretNotSavedError("no")

    desk.secret_faults.before = full
    desk.later(minutes=91).run()
    assert len(tries) == TRIES
    assert (desk.connection.state, desk.connection.why) == ("reconnect", "not_saved")


def test_keeping_is_tried_again(desk):
    tries = []

    def once(name):
        tries.append(name)
        if len(tries) == 1:
            raise SecretNotSavedError("no")

    desk.secret_faults.before = once
    assert desk.later(minutes=91).run() == 1
    assert desk.held["refresh_token"] == desk.x.good


def test_a_refused_token_is_renewed_at_once_and_once(desk):
    desk.later(minutes=30)
    desk.store.refused(ACCOUNT, desk.now)
    desk.store.refused(ACCOUNT, desk.now + timedelta(minutes=1))
    assert desk.later(seconds=1).run() == 1
    assert desk.x.calls == ["refresh-1"]
    desk.store.refused(ACCOUNT, desk.later(minutes=1).now)
    assert desk.later(seconds=1).run() == 0
    assert (desk.connection.state, desk.connection.why) == ("reconnect", "refused_again")
    assert len(desk.x.calls) == 1
    rev = desk.connection.rev
    desk.store.refused(ACCOUNT, desk.now)
    assert desk.connection.rev == rev, "who needs a person is not asked for"


def test_a_refusal_of_an_account_set_by_hand_changes_nothing(desk):
    desk.store.refused("x-7", desk.now)
    assert desk.store.get("x-7") is None


def test_without_a_renewing_token_a_person_is_wanted(desk):
    desk.secrets.values[SECRET] = {"access_token": "by hand"}
    desk.later(minutes=91).run()
    assert desk.connection.why == "no_refresh_token"


@pytest.mark.parametrize(
    ("held", "state"),
    [({"access_token": "by hand"}, "by_hand"), ({"access_token": "t", "attempt": "old"}, "connected")],
)
def test_who_died_while_connecting_leaves_the_token_that_was_there(desk, held, state):
    desk.secrets.values[SECRET] = held
    commit(desk.store, rules.claimed(desk.connection, ACCOUNT, attempt="theirs", now=desk.now), None)
    assert desk.later(minutes=3).run() == 0
    assert (desk.connection.state, desk.connection.due_at, desk.connection.why) == (state, None, None)
    assert desk.notices() == []


def test_lead_and_deputy_are_told_beside_the_administrators(desk):
    desk.x.ended = True
    desk.later(minutes=91).run()
    (notice,) = desk.notices()
    assert list(notice["to"]) == ["role:admin", "person:deputy-1", "person:lead-1"]


def test_who_died_while_connecting_a_disconnected_account_leaves_it_so(desk):
    held = desk.box.retire(ACCOUNT, "theirs")
    commit(desk.store, rules.ended(desk.connection, ACCOUNT, chunk="c", now=desk.now, to_end=held is not None), None)
    commit(desk.store, rules.claimed(desk.connection, ACCOUNT, attempt="died", now=desk.now), None)
    desk.later(minutes=3).run()
    found = desk.connection
    assert (found.state, found.consent, found.due_at) == ("disconnected", "to_end", desk.now)


class Renewals(RuleBasedStateMachine):
    """Whatever happens in whatever order: who is connected holds what X knows, or is about to be found out."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()

    @rule(minutes=st.integers(1, 200))
    def time_passes(self, minutes):
        self.desk.later(minutes=minutes)

    @rule()
    def renew(self):
        self.desk.run()

    @rule(where=st.sampled_from(["before", "after"]), call=st.sampled_from(["claim", "ask", "save", "note"]))
    def renew_and_die(self, where, call):
        desk, asked = self.desk, self.desk.x.__call__
        kill(desk, where, call)
        renewing = Renewing(
            desk.store, desk.box, renew=dying(asked, where) if call == "ask" else asked, failed=lambda *_: None,
            answers=lambda _: (), wake=lambda: None, notify=lambda: None, clock=lambda: desk.now,
        )  # fmt: skip
        try:
            renewing.run()
        except Killed:
            pass
        finally:
            desk.table_faults.before = desk.table_faults.after = None
            desk.secret_faults.before = desk.secret_faults.after = None

    @rule()
    def the_platform_refuses(self):
        self.desk.store.refused(ACCOUNT, self.desk.now)

    @rule()
    def the_consent_is_taken_back(self):
        self.desk.x.ended = True

    @precondition(lambda self: self.desk.connection.state == "reconnect")
    @rule()
    def a_person_connects(self):
        self.desk.x.ended = False
        self.desk.connect()

    @invariant()
    def nothing_is_lost_silently(self):
        desk = self.desk
        if desk.connection.state == "connected" and not desk.connection.doubted and not desk.x.ended:
            assert desk.held["refresh_token"] == desk.x.good
        assert (desk.connection.state == "reconnect") == (desk.connection.why is not None)
        assert (desk.connection.due_at is None) == (desk.connection.state == "reconnect")


Renewals.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
test_any_order = Renewals.TestCase
