"""Asking how tokens stand that nothing renews: each day, without harm when the platform does not say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.cloud.memory import MemorySecrets, MemoryTable
from bluelamp.connections import rules
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.looking import Looking
from bluelamp.connections.recording import commit
from bluelamp.connections.store import DUE, LOOKS, ConnectionStore
from bluelamp.platforms.contract import BrokenPayloadError, ThrottledError, TryAgainError
from bluelamp.platforms.facebook_grants import SCOPES, FacebookGrants
from bluelamp.platforms.grants import App, Standing, Tokens

PAGE = "facebook-1"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Desk:
    """A page that was connected a day ago; the platform says what it is told to say."""

    def __init__(self) -> None:
        self.now, self.failed, self.asked = START, [], []
        self.store = ConnectionStore(MemoryTable())
        self.box = TokenBox(MemorySecrets(), "account/")
        self.said: Standing | Exception | None = Standing(valid=True, data_until=START + timedelta(days=90))
        self.box.save(PAGE, Tokens("access"), "first")
        new = rules.connected(None, PAGE, attempt="first", expires_at=None, renews=False, now=self.now)
        new = rules.seen(new, expires_at=None, data_until=None, lacks=(), now=self.now)
        commit(self.store, new, None)

    def ask(self, account, access):
        self.asked.append((account, access))
        if isinstance(self.said, Exception):
            raise self.said
        return self.said

    def run(self, **later):
        self.now += timedelta(**later)
        return Looking(
            self.store, self.box, ask=self.ask, failed=lambda *why: self.failed.append(why), clock=lambda: self.now
        ).run()

    @property
    def page(self):
        return self.store.get(PAGE)


@pytest.fixture
def desk():
    return Desk()


def test_it_is_asked_each_day(desk):
    assert desk.run(hours=23) == 0
    assert desk.asked == []
    assert desk.run(hours=2) == 1
    assert desk.asked == [(PAGE, "access")]
    assert desk.page.data_until == START + timedelta(days=90)
    assert (desk.page.state, desk.page.look_at) == ("connected", desk.now + rules.LOOK_EVERY)
    assert desk.run(minutes=1) == 0


def test_a_permission_that_was_taken_back_is_named(desk):
    desk.said = Standing(valid=True, lacks=("pages_messaging",))
    desk.run(hours=25)
    assert desk.page.lacks == ("pages_messaging",)
    desk.said = Standing(valid=True)
    desk.run(hours=25)
    assert desk.page.lacks == ()


def test_a_platform_that_does_not_say_is_asked_within_the_hour(desk):
    desk.said = TryAgainError("down")
    assert desk.run(hours=25) == 0
    assert desk.failed == [(PAGE, "platform_try_again")]
    assert desk.page.state == "connected"
    desk.said = Standing(valid=True)
    assert desk.run(minutes=61) == 1


def test_a_platform_that_is_told_to_wait_for_is_not_asked_before(desk):
    desk.said = ThrottledError("slow down", until=desk.now + timedelta(hours=29))
    assert desk.run(hours=25) == 0
    desk.said = Standing(valid=True)
    assert desk.run(hours=3) == 0
    assert desk.run(hours=2) == 1


def test_whoever_holds_the_connection_at_this_moment_is_first(desk, monkeypatch):
    def held(_writes):
        raise ContentionError("held")

    with monkeypatch.context() as patch:
        patch.setattr(desk.store.table, "transact", held)
        desk.run(hours=25)
    assert desk.page.look_at <= desk.now
    assert desk.run(minutes=1) == 1


def test_a_token_that_is_no_good_goes_the_way_of_a_refused_one(desk):
    desk.said = Standing(valid=False)
    desk.run(hours=25)
    assert desk.page.refused_at == desk.now
    later = desk.now + timedelta(seconds=1)
    assert (desk.store.due(later, 9, DUE), desk.store.due(later, 9, LOOKS)) == ([PAGE], [])


def test_whoever_disconnects_meanwhile_has_the_last_word(desk):
    def ask(account, access):
        commit(desk.store, rules.ended(desk.page, PAGE, chunk="c", now=desk.now), None)
        return Standing(valid=True)

    desk.ask = ask
    desk.run(hours=25)
    assert desk.page.state == "disconnected"


class Way:
    """What Graph answers to the one question."""

    clock = staticmethod(lambda: START)

    def __init__(self, data) -> None:
        self.data, self.calls = data, []

    def __call__(self, token, scheme):
        self.token = token
        return self

    def write(self, dialect, method, path, *, form):
        self.calls.append((method, path, form))
        return self


def look(data):
    way = Way(data)
    return FacebookGrants("").standing(App("id", "secret"), "access", way), way


def test_facebook_is_asked_by_the_app_and_the_token_stands_in_no_address():
    until = int((START + timedelta(days=90)).timestamp())
    said = {"is_valid": True, "expires_at": 0, "data_access_expires_at": until, "scopes": list(SCOPES[1:])}
    found, way = look({"data": said})
    assert way.token == "id|secret"
    assert way.calls == [("POST", "/debug_token", {"method": "GET", "input_token": "access"})]
    assert found == Standing(valid=True, data_until=START + timedelta(days=90), lacks=(SCOPES[0],))


@pytest.mark.parametrize("odd", [None, "x", -1, True, 10**15])
def test_ends_that_are_none(odd):
    found, _ = look({"data": {"is_valid": True, "expires_at": odd, "data_access_expires_at": odd}})
    assert found == Standing(valid=True)


@pytest.mark.parametrize("odd", [{}, {"data": []}, {"data": {"is_valid": "yes"}}])
def test_an_answer_that_says_nothing(odd):
    with pytest.raises(BrokenPayloadError):
        look(odd)
