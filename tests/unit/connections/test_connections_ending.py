"""Ending the platform's consent: after the seal, once or more, and never in the way of disconnecting."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.accounts.registering import Author, Registrar, Step
from bluelamp.accounts.store import AccountStore
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.ending import TRIES, Ending
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.leaving import Leaving
from bluelamp.connections.recording import commit
from bluelamp.errors import ConflictError
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.contract import NotAllowedError, ThrottledError, TimedOutError
from bluelamp.platforms.grants import Tokens
from tests.unit.connections.test_connections_connecting import ADMIN, SECRET, Desk


class Office(Desk):
    """An account that is connected, and who ends consents; the platform does as told."""

    def __init__(self) -> None:
        super().__init__()
        self.box = TokenBox(self.secrets, "bluelamp/account/")
        self.revoked: list[Tokens] = []
        self.failed: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.is_sealed = True
        self.finish(self.begin()["state"])

    def sealed(self, chunks, *, consistent=False):
        assert consistent
        return {chunk: {"seq": 1} for chunk in chunks} if self.is_sealed else {}

    def revoke(self, account, tokens):
        self.revoked.append(tokens)
        if self.error is not None:
            raise self.error
        return "ended"

    def run(self, **later):
        self.now += timedelta(**later or {"seconds": 1})
        return Ending(
            self.store, self.box, revoke=self.revoke, places=self, failed=lambda *why: self.failed.append(why),
            wake=lambda: self.wakes.append("seal"), clock=lambda: self.now,
        ).run()  # fmt: skip

    def leave(self):
        self.connecting.disconnect(ADMIN, "x-44")
        return self

    @property
    def standing(self):
        found = self.store.get("x-44")
        return found.state, found.consent, found.said, found.due_at

    @property
    def registrar(self):
        people = People(PeopleStore(self.table), lambda: self.now)
        return Registrar(AccountStore(self.table), people, lambda: self.now, Leaving(self.store))

    def step(self, account, **wanted) -> Step:
        return self.registrar.stepped(self.accounts.get(account), wanted, Author.of(ADMIN))

    def archive(self):
        self.registrar.write(self.step("x-44", status="archived"), Author.of(ADMIN))


@pytest.fixture
def office():
    return Office()


def test_the_consent_is_ended_once_the_record_is_sealed(office):
    office.leave().is_sealed = False
    assert office.run() == 0
    assert office.revoked == []
    assert "access_token" not in office.secrets.values[SECRET], "nobody calls with it, sealed or not"
    office.is_sealed = True
    assert office.run() == 1
    assert [(one.access, one.refresh) for one in office.revoked] == [("access", "refresh")]
    assert office.secrets.values[SECRET].keys() <= {"attempt", "consent", "said"}
    assert office.standing == ("disconnected", "ended", None, None)
    last = office.leaves()[-1]
    assert (last["op"], last["change"]) == ({"verb": "consent_ended"}, {"field": "consent", "to": "ended"})
    assert last["actor"]["sub"] == "tick"
    assert office.run(days=1) == 0
    assert len(office.revoked) == 1


def test_a_platform_that_does_not_do_it_stops_nobody(office):
    office.leave().error = NotAllowedError("no")
    assert office.run() == 1
    assert office.standing == ("disconnected", "stands", "platform_not_allowed", None)
    assert office.secrets.values[SECRET].keys() <= {"attempt", "consent", "said"}
    last = office.leaves()[-1]
    assert last["op"] == {"verb": "consent_ended", "error": "platform_not_allowed"}
    assert last["change"] == {"field": "consent", "to": "stands"}
    assert office.failed == [("x-44", "platform_not_allowed")]
    assert "access" not in json.dumps(last)


def test_a_platform_that_is_down_is_asked_again_for_half_an_hour(office):
    office.leave().error = TimedOutError("hangs")
    for _ in range(TRIES):
        assert office.standing[:2] == ("disconnected", "to_end")
        office.run(minutes=16)
    assert len(office.revoked) == TRIES
    assert office.standing == ("disconnected", "stands", "platform_timed_out", None)


def test_a_throttled_platform_is_asked_when_it_wants_to_be(office):
    until = office.now + timedelta(minutes=7)
    office.leave().error = ThrottledError("slowly", until=until)
    office.run()
    assert office.standing[3] == until
    office.error = None
    assert office.run(minutes=8) == 1


@pytest.mark.parametrize(
    ("where", "asked"), [("before", 2), ("after", 1)], ids=["after asking", "after forgetting the tokens"]
)
def test_who_dies_on_the_way_is_followed_by_another(office, where, asked):
    def die(name):
        raise RuntimeError("died")

    office.leave()
    setattr(office.secret_faults, where, die)
    with pytest.raises(RuntimeError, match="died"):
        office.run()
    office.secret_faults.before = office.secret_faults.after = None
    assert office.run(minutes=1) == 0, "the lease is not over"
    assert office.run(minutes=2) == 1
    assert office.standing[1] == "ended"
    assert office.leaves()[-1]["change"]["to"] == "ended"
    assert len(office.revoked) == asked


def test_tokens_that_cannot_be_forgotten_are_tried_again(office):
    def full(name):
        raise SecretNotSavedError("no")

    office.leave()
    office.secret_faults.before = full
    assert office.run() == 0
    assert office.failed == [("x-44", "not_saved")]
    office.secret_faults.before = None
    assert office.run(minutes=2) == 1


def test_nobody_connects_while_it_is_ended_and_its_tokens_are_not_taken(office):
    office.leave()
    claim = rules.ending(office.store.get("x-44"), attempt="theirs", now=office.now)
    commit(office.store, claim, None)
    state = office.begin()["state"]
    with pytest.raises(ConflictError, match="moment"):
        office.finish(state)
    office.now += rules.LEASE
    office.finish(office.begin()["state"])
    assert office.run(minutes=3) == 0
    assert office.revoked == []
    assert office.secrets.values[SECRET]["access_token"] == "access"
    assert office.standing[:2] == ("connected", None)


def test_disconnecting_twice_is_disconnecting_once(office):
    office.leave()
    before = office.leaves(), office.store.get("x-44")
    office.leave()
    assert (office.leaves(), office.store.get("x-44")) == before


def test_what_was_never_connected_has_no_consent_to_end(office):
    office.connecting.disconnect(ADMIN, "x-45")
    found = office.store.get("x-45")
    assert (found.state, found.consent, found.due_at) == ("disconnected", None, None)


def test_archiving_disconnects_in_the_same_write(office):
    before = len(office.leaves())
    office.archive()
    assert office.accounts.get("x-44").status == "archived"
    assert office.standing[:2] == ("disconnected", "to_end")
    (leaf,) = office.leaves()[before:]
    assert (leaf["op"]["verb"], leaf["change"]["to"]) == ("token_removed", "disconnected")
    assert leaf["actor"]["sub"] == ADMIN.id
    assert office.run() == 1
    assert office.secrets.values[SECRET].keys() <= {"attempt", "consent", "said"}
    assert office.standing[1] == "ended"


def test_a_file_that_archives_disconnects_each_by_itself(office):
    held = rules.claimed(None, "x-45", attempt="theirs", now=office.now)
    commit(office.store, held, None)
    steps = [office.step("x-44", status="archived"), office.step("x-45", status="archived")]
    failed = office.registrar.write_many(steps, Author.of(ADMIN))
    assert failed.keys() == {"x-45"}
    assert [office.accounts.get(one).status for one in ("x-44", "x-45")] == ["archived", "active"]
    assert office.standing[:2] == ("disconnected", "to_end")


def test_suspending_leaves_the_connection_as_it_is(office):
    office.registrar.write(office.step("x-44", status="suspended"), Author.of(ADMIN))
    assert office.standing[0] == "connected"


def test_an_account_that_is_disconnected_already_is_archived_without_another_record(office):
    office.leave()
    before = office.leaves()
    office.archive()
    assert office.leaves() == before


def test_archiving_waits_for_whoever_renews(office):
    held = rules.claimed(office.store.get("x-44"), "x-44", attempt="theirs", now=office.now)
    commit(office.store, held, None)
    with pytest.raises(ConflictError, match="two minutes"):
        office.archive()
    assert office.accounts.get("x-44").status == "active"


def test_a_renewal_between_look_and_write_does_not_keep_an_account_connected(office):
    def renewed(name):
        if name == "transact":
            office.faults.before = None
            new = rules.connected(
                office.store.get("x-44"), "x-44", attempt="new", expires_at=None, renews=False, now=office.now
            )
            office.table.write(office.store.saved(new))

    office.faults.before = renewed
    office.archive()
    assert office.accounts.get("x-44").status == "archived"
    assert office.standing[:2] == ("disconnected", "to_end")
