"""The connectors against the stateful stand-ins over HTTP: what is pushed, polled and done, and what gets lost."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from bluelamp.errors import SignatureError
from bluelamp.platforms import http as http_module
from bluelamp.platforms import registry
from bluelamp.platforms.contract import (
    GoneError,
    NotAllowedError,
    OutsideWindowError,
    PostEvent,
    ReauthoriseError,
    ThrottledError,
    TimedOutError,
    Tombstone,
)
from bluelamp.times import utc_now
from tests.support.platforms import KEYS, Desk, fresh, serving


@pytest.fixture(scope="module")
def running():
    with serving() as running:
        yield running


@pytest.fixture
def sandbox(running):
    return fresh(running)


@pytest.fixture(params=registry.NAMES)
def desk(request, sandbox):
    with requests.Session() as session:
        session.trust_env = False
        yield Desk(request.param, sandbox, session)


def ids(events: list[Any]) -> set[str]:
    return {event.native_id for event in events}


ALIKE = {"native_id", "kind", "direction", "thread_native", "parent_native", "author_id", "text", "private"}


class TestArrival:
    def test_webhook_and_poll_tell_the_same_story(self, desk):
        own = desk.post()
        comment = desk.reply_to(own, "When does it open again?")
        answer = desk.reply_to(comment, "They said Tuesday")
        message = desk.message("Can I talk to somebody?")
        pushed = {e.native_id: e.model_dump(include=ALIKE) for e in desk.webhooks() if isinstance(e, PostEvent)}
        polled = {e.native_id: e.model_dump(include=ALIKE) for e in desk.poll()}
        wanted = {own["id"], comment["id"], answer["id"], message["id"]}
        assert set(polled) == wanted
        # X pushes no reply that neither answers nor names the account: that is what the poll is for.
        assert set(pushed) == (wanted if desk.platform == "facebook" else wanted - {answer["id"]})
        assert {native: polled[native] for native in pushed} == pushed

    def test_what_no_webhook_told_is_found_by_the_next_poll(self, desk):
        own = desk.post()
        desk.poll()
        lost = desk.reply_to(own, "Nobody told you about this", push=False)
        message = desk.message("Nor about this", push=False)
        assert {lost["id"], message["id"]} <= ids(desk.poll())
        assert desk.webhooks()[0].native_id == own["id"]

    def test_a_dropped_webhook_is_made_good(self, desk):
        own = desk.post()
        desk.webhooks()
        desk.control.post("/faults", kind="drop", platform=desk.platform)
        lost = desk.reply_to(own, "dropped on the way")
        assert desk.webhooks() == []
        assert lost["id"] in ids(desk.poll())

    def test_many_pages(self, desk):
        own = desk.post()
        written = {desk.reply_to(own, f"comment {n}", push=False)["id"] for n in range(130)}
        assert written <= ids(desk.poll())
        assert not any(call["query"].get("access_token") for call in desk.control.calls(platform=desk.platform))

    def test_a_removal_arrives(self, desk):
        own = desk.post()
        comment = desk.reply_to(own, "I should not have said that")
        desk.poll()
        desk.webhooks()
        desk.control.post(f"/objects/{desk.platform}/{comment['id']}/delete")
        found = desk.webhooks() if desk.platform == "facebook" else desk.poll()
        assert comment["id"] in ids([e for e in found if isinstance(e, Tombstone)])

    def test_a_page_that_stumbles_is_read_again(self, desk):
        own = desk.post()
        desk.control.post("/faults", kind="server_error", platform=desk.platform, times=2)
        assert ids(desk.poll()) == {own["id"]}

    def test_a_throttle_stops_the_account_until_it_regains(self, desk):
        desk.control.post("/faults", kind="throttle", platform=desk.platform, times=1, minutes=3)
        with pytest.raises(ThrottledError) as caught:
            desk.poll()
        assert 60 < (caught.value.until - utc_now()).total_seconds() < 200
        calls = desk.control.get("/calls", platform=desk.platform)["count"]
        with pytest.raises(ThrottledError):
            desk.poll()
        assert desk.control.get("/calls", platform=desk.platform)["count"] == calls

    def test_a_dead_token_asks_for_a_person(self, desk):
        desk.control.patch(f"/accounts/{desk.platform}/{desk.native}", token_state="revoked")
        with pytest.raises(ReauthoriseError):
            desk.poll()

    def test_another_secret_opens_nothing(self, desk):
        own = desk.post()
        desk.webhooks()
        desk.control.post("/faults", kind="wrong_signature", platform=desk.platform, times=1)
        desk.reply_to(own, "signed by somebody else")
        desk.control.idle()
        platform, raw, headers = desk.sandbox.pushed[0]
        with pytest.raises(SignatureError):
            desk.connector.verify(raw, headers, KEYS[platform])

    @pytest.mark.parametrize("fault", ["odd_entry", "no_from"])
    def test_odd_neighbours_and_missing_authors(self, desk, fault):
        own = desk.post()
        desk.webhooks()
        desk.control.post("/faults", kind=fault, platform=desk.platform, times=1)
        comment = desk.reply_to(own, "still understood")
        desk.control.idle()
        batches = [desk.connector.parse(raw) for _, raw, _ in desk.sandbox.pushed]
        assert ids([e for batch in batches for e in batch.events]) == {comment["id"]}
        assert any(batch.unrecognised for batch in batches) == (fault == "odd_entry")

    def test_handshakes(self, desk):
        query = {
            "facebook": {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "sandbox-verify-token"},
            "x": {"crc_token": "abc"},
        }
        assert desk.connector.handshake(query[desk.platform], KEYS[desk.platform]).body


class TestActing:
    def test_hide_and_unhide(self, desk):
        comment = desk.reply_to(desk.post(), "abuse")
        target = desk.target(comment)
        for verb, state in (("hide", "hidden"), ("hide", "hidden"), ("unhide", "visible")):
            assert desk.connector.act(verb, target, desk.http()).status in ("done", "already")
            assert desk.state(comment) == state

    def test_delete_twice(self, desk):
        thing = desk.post() if desk.platform == "x" else desk.reply_to(desk.post(), "abuse")
        target = desk.target(thing)
        assert desk.connector.act("delete", target, desk.http()).status == "done"
        assert desk.state(thing) == "deleted"
        assert desk.connector.act("delete", target, desk.http()).status == "already"

    def test_reply(self, desk):
        comment = desk.reply_to(desk.post(), "When does it open?")
        done = desk.connector.act("reply", desk.target(comment), desk.http(), text="On Tuesday.")
        assert desk.control.object(desk.platform, done.native_id)["text"] == "On Tuesday."

    def test_reply_in_private(self, desk):
        message = desk.message("hello?")
        done = desk.connector.act("reply", desk.target(message), desk.http(), text="Good morning.")
        assert desk.control.object(desk.platform, done.native_id)["direction"] == "out"

    def test_what_is_gone_cannot_be_answered(self, desk):
        comment = desk.reply_to(desk.post(), "gone in a moment")
        desk.control.post(f"/objects/{desk.platform}/{comment['id']}/delete")
        with pytest.raises(GoneError):
            desk.connector.act("reply", desk.target(comment), desk.http(), text="Hello?")
        assert desk.connector.act("hide", desk.target(comment), desk.http()).status == "already"

    def test_a_missing_permission_is_told(self, desk):
        comment = desk.reply_to(desk.post(), "abuse")
        desk.control.patch(f"/accounts/{desk.platform}/{desk.native}", permitted=False)
        with pytest.raises(NotAllowedError):
            desk.connector.act("hide", desk.target(comment), desk.http())


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(http_module, "READ_SECONDS", 0.4)


@pytest.mark.usefixtures("impatient")
class TestLostAnswers:
    """The platform acted, or did not, and nobody said so: reading back tells, and nothing happens twice."""

    @pytest.mark.parametrize("fault", ["act_then_hang", "act_then_close", "garbled"])
    @pytest.mark.parametrize("verb", ["hide", "delete", "reply"])
    def test_it_had_acted(self, desk, fault, verb):
        own = desk.post()
        thing = own if verb == "delete" and desk.platform == "x" else desk.reply_to(own, "abuse")
        method = {"hide": "PUT" if desk.platform == "x" else "POST", "delete": "DELETE", "reply": "POST"}[verb]
        desk.control.post("/faults", kind=fault, platform=desk.platform, method=method, times=1, seconds=1)
        target = desk.target(thing)
        with pytest.raises(TimedOutError):
            desk.connector.act(verb, target, desk.http(), text="Thank you")
        assert len(desk.calls(method=method)) == 1
        seen = desk.connector.read_back(verb, target, desk.http(), text="Thank you", since=just_before())
        assert seen.state == ("unknown" if (desk.platform, verb) == ("x", "hide") else "done")
        if verb == "reply":
            assert desk.control.object(desk.platform, seen.native_id)["text"] == "Thank you"

    @pytest.mark.parametrize("fault", ["hang", "close", "server_error"])
    @pytest.mark.parametrize("verb", ["hide", "reply"])
    def test_it_had_not_acted(self, desk, fault, verb):
        thing = desk.reply_to(desk.post(), "abuse")
        method = "PUT" if (desk.platform, verb) == ("x", "hide") else "POST"
        desk.control.post("/faults", kind=fault, platform=desk.platform, method=method, times=1, seconds=1)
        target = desk.target(thing)
        with pytest.raises(TimedOutError):
            desk.connector.act(verb, target, desk.http(), text="Thank you")
        seen = desk.connector.read_back(verb, target, desk.http(), text="Thank you", since=just_before())
        assert seen.state == ("unknown" if (desk.platform, verb) == ("x", "hide") else "not_done")
        assert desk.connector.act(verb, target, desk.http(), text="Thank you").status == "done"

    def test_a_private_answer_that_was_sent(self, desk):
        message = desk.message("hello?")
        desk.control.post("/faults", kind="act_then_close", platform=desk.platform, method="POST", times=1)
        target = desk.target(message)
        with pytest.raises(TimedOutError):
            desk.connector.act("reply", target, desk.http(), text="Good morning.")
        assert (
            desk.connector.read_back("reply", target, desk.http(), text="Good morning.", since=just_before()).state
            == "done"
        )
        assert (
            desk.connector.read_back("reply", target, desk.http(), text="Good evening.", since=just_before()).state
            == "not_done"
        )


def just_before():
    """Return a time a little before any call that this test made."""
    return utc_now() - timedelta(minutes=2)


class TestFacebookOnly:
    @pytest.fixture
    def page(self, sandbox):
        with requests.Session() as session:
            session.trust_env = False
            yield Desk("facebook", sandbox, session)

    def test_an_old_message_is_answered_by_a_person_and_a_very_old_one_not(self, page):
        old = page.message("two days ago", at=_ago(days=2))
        assert page.connector.act("reply", page.target(old), page.http(), text="Sorry for the wait").status == "done"
        very_old = page.control.post(
            "/facebook/messages", page=page.native, text="long ago", author_name="Ivo Lint", at=_ago(days=9)
        )
        with pytest.raises(OutsideWindowError):
            page.connector.act("reply", page.target(very_old), page.http(), text="Too late")


def _ago(**by: float) -> str:
    return (utc_now() - timedelta(**by)).isoformat()
