"""Connecting: only who began it, in the session that began it, once, in time, and for the registered account."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import Faults, MemorySecrets, MemoryTable
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.errors import ConsentError, NotConnectedError
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.recording import commit
from bluelamp.connections.renewing import Renewing
from bluelamp.connections.service import Connecting
from bluelamp.connections.store import ConnectionStore
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import NotPermittedError
from bluelamp.platforms.contract import ReauthoriseError, TryAgainError
from bluelamp.platforms.grants import AppNotSetError, AppSecrets, OtherAccountError, Tokens
from bluelamp.platforms.x_grants import XGrants
from tests.support.world import principal

ADMIN = principal("admin").model_copy(update={"session_id": "s1"})
OTHER_SESSION = ADMIN.model_copy(update={"session_id": "s2"})
ANOTHER = principal("admin").model_copy(update={"id": "another", "session_id": "s1"})
SECRET = "bluelamp/account/x-44"


class FakeGrants(XGrants):
    """X's consent page, and answers as told."""

    def __init__(self, clock) -> None:
        super().__init__("https://x.test/authorize")
        self.clock, self.error, self.seen = clock, None, []

    def exchange(self, app, asked, code, native_id, http):
        self.seen.append((app, asked, code, native_id))
        if self.error is not None:
            raise self.error
        return Tokens("access", "refresh", self.clock() + timedelta(hours=2))


class Killed(BaseException):
    """The function died here."""


class Desk:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        self.faults, self.secret_faults = Faults(), Faults()
        self.table, self.wakes = MemoryTable(self.faults), []
        app = {"client_id": "desk", "client_secret": "s3cret"}
        self.secrets = MemorySecrets({"bluelamp/app/x": app}, self.secret_faults)
        self.store = ConnectionStore(self.table)
        self.accounts = Accounts(AccountStore(self.table), lambda _: None)
        for native in ("44", "45"):
            self.accounts.add_account(
                platform="x", native_id=native, name="Force", kind="headquarters", team="hq", by=Actor.system("test")
            )
        self.grants = FakeGrants(lambda: self.now)
        self.connecting = Connecting(
            self.store, TokenBox(self.secrets, "bluelamp/account/"), accounts=self.accounts,
            grants=lambda platform: self.grants, apps=AppSecrets(self.secrets, "bluelamp/app/"),
            open_http=lambda *_: pytest.fail("no call"), public_url="https://desk.test/", secret=b"k" * 32,
            wake=lambda: self.wakes.append("seal"), clock=lambda: self.now,
        )  # fmt: skip

    def begin(self, who=ADMIN, account="x-44"):
        return {k: v[0] for k, v in parse_qs(urlsplit(self.connecting.begin(who, account)).query).items()}

    def finish(self, state, who=ADMIN, code="code"):
        return self.connecting.finish(who, state=state, code=code)

    def leaves(self):
        chunks = [item for (pk, _), item in self.table.items.items() if pk.startswith("OUTBOX#")]
        found = [json.loads(body) for chunk in chunks for body in Waiting.from_item(chunk).bodies()]
        return [leaf for leaf in found if leaf["type"] == "key"]

    def set_status(self, status):
        self.table.items["ACCOUNTS", "x-44"]["status"] = status


@pytest.fixture
def desk():
    return Desk()


def test_an_account_is_connected(desk):
    asked = desk.begin()
    assert asked["redirect_uri"] == "https://desk.test/api/accounts/callback"
    assert asked["code_challenge_method"] == "S256"
    assert "offline.access" in asked["scope"].split()
    assert desk.finish(asked["state"]) == "x-44"
    ((app, sent, code, native),) = desk.grants.seen
    assert (app.client_id, code, native, sent.challenge) == ("desk", "code", "44", asked["code_challenge"])
    assert (desk.secrets.values[SECRET]["access_token"], desk.secrets.values[SECRET]["refresh_token"]) == (
        "access", "refresh",
    )  # fmt: skip
    connection = desk.store.get("x-44")
    assert (connection.state, connection.due_at) == ("connected", desk.now + timedelta(minutes=90))
    leaves = desk.leaves()
    assert [leaf["op"]["verb"] for leaf in leaves] == ["token_asked", "token_set"]
    assert leaves[1]["change"] == {"field": "token", "to": "connected"}
    assert {leaf["actor"]["sub"] for leaf in leaves} == {ADMIN.id}
    assert desk.wakes == ["seal", "seal"]


def test_nothing_secret_lies_in_the_table(desk):
    asked = desk.begin()
    kept = str(desk.table.items)
    assert asked["state"] not in kept
    desk.finish(asked["state"])
    sent = desk.grants.seen[0][1]
    kept = str(desk.table.items) + str(list(desk.leaves()))
    assert all(word not in kept for word in (sent.verifier, asked["state"], "s3cret"))
    assert "verifier" not in repr(sent) or sent.verifier not in repr(sent)


@pytest.mark.parametrize("who", [OTHER_SESSION, ANOTHER], ids=["another session", "another person"])
def test_somebody_elses_consent_is_refused(desk, who):
    state = desk.begin()["state"]
    with pytest.raises(ConsentError):
        desk.finish(state, who)
    assert desk.grants.seen == []
    assert desk.finish(state) == "x-44", "and it is not used up by that"


@pytest.mark.parametrize("state", ["", "x", "é" * 40])
def test_a_state_that_we_did_not_make_is_refused(desk, state):
    desk.begin()
    with pytest.raises(ConsentError):
        desk.finish(state)
    assert desk.grants.seen == []


def test_a_state_counts_once(desk):
    state = desk.begin()["state"]
    desk.finish(state)
    with pytest.raises(ConsentError):
        desk.finish(state)
    assert len(desk.grants.seen) == 1


def test_of_two_that_come_back_at_once_one_counts(desk):
    state = desk.begin()["state"]
    desk.faults.before = lambda name: name == "write" and (setattr(desk.faults, "before", None), desk.finish(state))
    with pytest.raises(ConsentError):
        desk.finish(state)
    assert len(desk.grants.seen) == 1


def test_a_new_beginning_ends_the_one_before(desk):
    first, second = desk.begin()["state"], desk.begin(account="x-45")["state"]
    with pytest.raises(ConsentError):
        desk.finish(first)
    assert desk.finish(second) == "x-45"


def test_ten_minutes_and_no_longer(desk):
    state = desk.begin()["state"]
    desk.now += timedelta(minutes=10, seconds=1)
    with pytest.raises(ConsentError, match="ten minutes"):
        desk.finish(state)
    assert desk.grants.seen == []


@pytest.mark.parametrize(
    ("error", "raised", "code"),
    [
        (OtherAccountError("another"), OtherAccountError, "other_account"),
        (ReauthoriseError("spent"), NotConnectedError, "not_connected"),
        (TryAgainError("down"), NotConnectedError, "not_connected"),
    ],
)
def test_what_fails_changes_nothing_and_is_recorded(desk, error, raised, code):
    desk.finish(desk.begin()["state"])
    before, kept = desk.store.get("x-44"), dict(desk.secrets.values[SECRET])
    desk.grants.error = error
    with pytest.raises(raised):
        desk.finish(desk.begin()["state"])
    after = desk.store.get("x-44")
    assert after.model_copy(update={"rev": before.rev}) == before
    assert desk.secrets.values[SECRET] == kept
    assert desk.leaves()[-1]["op"] == {"verb": "token_set", "error": code}


def test_a_no_on_the_platform(desk):
    with pytest.raises(NotConnectedError, match="did not consent"):
        desk.finish(desk.begin()["state"], code=None)
    assert desk.store.get("x-44").state == "by_hand"
    assert desk.grants.seen == []


def test_tokens_that_cannot_be_kept(desk):
    def full(_):
        raise SecretNotSavedError("no")

    desk.secret_faults.before = full
    with pytest.raises(NotConnectedError, match="kept"):
        desk.finish(desk.begin()["state"])
    assert desk.store.get("x-44").state == "by_hand"


def test_nobody_connects_while_it_is_renewed(desk):
    desk.finish(desk.begin()["state"])
    claim = rules.claimed(desk.store.get("x-44"), "x-44", attempt="theirs", now=desk.now)
    commit(desk.store, claim, None)
    with pytest.raises(ConflictError, match="moment"):
        desk.finish(desk.begin()["state"])
    with pytest.raises(ConflictError, match="moment"):
        desk.connecting.disconnect(ADMIN, "x-44")
    desk.now += rules.LEASE
    assert desk.finish(desk.begin()["state"]) == "x-44"


@pytest.mark.parametrize("role", ["comms", "local", "control", "supervisor", "auditor"])
def test_administrators_alone(desk, role):
    who = principal(role, teams=("hq",))
    for use in (
        lambda: desk.begin(who),
        lambda: desk.finish("s", who),
        lambda: desk.connecting.disconnect(who, "x-44"),
    ):
        with pytest.raises(NotPermittedError):
            use()
    assert desk.leaves() == []


def test_what_cannot_be_connected(desk):
    with pytest.raises(NotFoundError):
        desk.begin(account="x-99")
    del desk.secrets.values["bluelamp/app/x"]
    with pytest.raises(AppNotSetError, match="app/x"):
        desk.begin()
    desk.set_status("archived")
    with pytest.raises(ConflictError, match="archived"):
        desk.begin()


def test_disconnecting_takes_the_tokens_away(desk):
    desk.finish(desk.begin()["state"])
    desk.set_status("archived")
    desk.connecting.disconnect(ADMIN, "x-44")
    assert desk.secrets.values[SECRET].keys() == {"attempt", "ending_access", "ending_refresh"}
    found = desk.store.get("x-44")
    assert (found.state, found.due_at, found.consent) == ("disconnected", desk.now, "to_end")
    assert desk.leaves()[-1]["change"] == {"field": "token", "to": "disconnected"}


def test_the_leaf_and_the_connection_are_one_write(desk):
    state = desk.begin()["state"]
    turn = []

    def third(name):
        if name == "transact":
            turn.append(name)
            if len(turn) == 2:
                raise RuntimeError

    desk.faults.before = third
    with pytest.raises(RuntimeError):
        desk.finish(state)
    desk.faults.before = None
    assert desk.store.get("x-44").state == "renewing"
    assert [leaf["op"]["verb"] for leaf in desk.leaves()] == ["token_asked"]
    # The tokens are kept under the attempt that the connection names: the next renewal finds them whole.
    assert desk.secrets.values[SECRET]["attempt"] == desk.store.get("x-44").attempt


def renewing(desk):
    return Renewing(
        desk.store, TokenBox(desk.secrets, "bluelamp/account/"),
        renew=lambda *_: pytest.fail("nothing is asked for"), failed=lambda *_: None, answers=lambda _: (),
        wake=lambda: desk.wakes.append("seal"), notify=lambda: None, clock=lambda: desk.now,
    )  # fmt: skip


def dies_at_the_end(desk, what):
    """Die before the last transaction of something."""

    def last(name):
        found = desk.store.get("x-44") if name == "transact" else None
        if found is not None and found.state == "renewing":
            raise Killed

    desk.faults.before = last
    with pytest.raises(Killed):
        what()
    desk.faults.before = None
    desk.wakes.clear()
    desk.now += timedelta(minutes=3)


def test_who_dies_while_disconnecting_leaves_a_disconnected_account_and_its_record(desk):
    desk.finish(desk.begin()["state"])
    dies_at_the_end(desk, lambda: desk.connecting.disconnect(ADMIN, "x-44"))
    assert renewing(desk).run() == 0
    found = desk.store.get("x-44")
    assert (found.state, found.consent, found.due_at) == ("disconnected", "to_end", desk.now)
    assert desk.leaves()[-1]["op"]["verb"] == "token_removed"
    assert desk.leaves()[-1]["actor"] == {"kind": "system", "sub": "tick"}
    assert desk.wakes == ["seal"]


def test_who_dies_while_connecting_what_renews_nothing_leaves_it_asked_about_and_on_record(desk):
    desk.grants.exchange = lambda *_: Tokens("access")
    state = desk.begin()["state"]
    dies_at_the_end(desk, lambda: desk.finish(state))
    assert renewing(desk).run() == 1
    found = desk.store.get("x-44")
    assert (found.state, found.due_at, found.look_at) == ("connected", None, desk.now)
    assert desk.leaves()[-1]["op"]["verb"] == "token_set"
    assert desk.wakes == ["seal"]


def test_who_dies_while_connecting_leaves_the_record_of_it_where_the_token_renews_as_well(desk):
    state = desk.begin()["state"]
    dies_at_the_end(desk, lambda: desk.finish(state))
    assert renewing(desk).run() == 1
    assert (desk.store.get("x-44").state, desk.leaves()[-1]["op"]["verb"]) == ("connected", "token_set")


def test_who_dies_while_connecting_again_what_is_to_end_revives_no_old_tokens(desk):
    desk.finish(desk.begin()["state"])
    connected = desk.store.get("x-44")
    commit(desk.store, rules.ended(connected, "x-44", chunk="c", now=desk.now), None)
    state = desk.begin()["state"]

    def killed(*_):
        raise Killed

    desk.grants.exchange = killed
    with pytest.raises(Killed):
        desk.finish(state)
    desk.now += timedelta(minutes=3)
    assert renewing(desk).run() == 0
    found = desk.store.get("x-44")
    assert (found.state, found.consent, found.chunk) == ("disconnected", "to_end", "c")


def test_tokens_and_apps_do_not_show_themselves():
    tokens = Tokens("access-secret", "refresh-secret")
    assert "secret" not in repr(tokens)
    assert "secret" not in repr(replace(tokens, expires_at=None))
