"""Publishers and the newer verbs against the stateful stand-ins over HTTP: what the public sees, and never twice."""

import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from bluelamp.platforms import http as http_module
from bluelamp.platforms import registry
from bluelamp.platforms.contract import (
    GoneError,
    NotAllowedError,
    OutsideWindowError,
    PlatformError,
    PostEvent,
    ReauthoriseError,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.platforms.publishing import Outgoing, Poll, UnfitError, UploadLostError
from bluelamp.platforms.uploading import PART_BYTES
from bluelamp.times import utc_now
from tests.support.assets import film, picture
from tests.support.platforms import Desk, fresh, serving

WORDS = "Have you seen this bicycle? It was taken from Mill Lane on Friday."
POLL = Outgoing("Where should we meet you?", poll=Poll(options=("Library", "Market"), minutes=60))
LINK = "https://www.police.uk/appeals/bicycle"


@pytest.fixture(scope="module")
def running():
    with serving() as running:
        yield running


def on(*platforms: str) -> pytest.MarkDecorator:
    """Have a test run on these platforms alone: there are as many cases as there is something to try."""
    return pytest.mark.parametrize("press", platforms, indirect=True)


def offered(platform: str) -> set[str]:
    """Return what a platform offers for what the public writes below a post, whatever it calls that."""
    found = registry.connector(platform)
    return {verb for kind in ("comment", "reply") for verb in found.capabilities(kind, direction="in")}


def verbs(platform: str, *but: str) -> list[str]:
    """Return what is done to the people behind a comment, where the platform offers it: to be shut out comes first."""
    return [verb for verb in ("ban", "unban", "like", "message") if verb in offered(platform) - {*but}]


class Press(Desk):
    """A desk that publishes."""

    def __init__(self, platform: str, sandbox: Any, session: requests.Session) -> None:
        super().__init__(platform, sandbox, session)
        self.publisher = registry.publisher(platform)
        self.since = utc_now() - timedelta(seconds=2)

    def prepare(self, outgoing: Outgoing, progress: Any = None, most: int | None = None) -> dict[str, Any]:
        """Prepare, or the first `most` calls of it; what a worker kept went through JSON."""
        steps = self.publisher.prepare(outgoing, self.account, self.http(), progress or {})
        for number, step in enumerate(steps, 1):
            progress = json.loads(json.dumps(step))
            if number == most:
                break
        return progress or {}

    def publish(self, outgoing: Outgoing, progress: Any = None) -> Any:
        return self.publisher.publish(outgoing, self.account, self.http(), progress or {})

    def find(self, outgoing: Outgoing, progress: Any = None) -> Any:
        return self.publisher.find(outgoing, self.account, self.http(), progress or {}, since=self.since)

    def public(self, **query: str) -> list[dict[str, Any]]:
        return self.control.publications(self.platform, account=self.native, **query)

    def fault(self, kind: str, **more: Any) -> None:
        self.control.post("/faults", kind=kind, platform=self.platform, **{"times": 1, **more})

    @property
    def visible(self) -> str:
        """The call that makes a publication public, as a pattern of its path."""
        return r"/feed$|/2/tweets$"


@pytest.fixture(params=registry.NAMES)
def press(request, running):
    running = fresh(running)
    running.control.patch("/settings", video_part=1_048_576, processing_looks=2, upload_hours=24)
    with requests.Session() as session:
        session.trust_env = False
        yield Press(request.param, running, session)


def outgoings() -> dict[str, Outgoing]:
    return {
        "words": Outgoing(WORDS),
        "link": Outgoing(WORDS, link=LINK),
        "picture": Outgoing(WORDS, assets=(picture(),)),
        "pictures": Outgoing(WORDS, link=LINK, assets=(picture("front"), picture("side", type="image/png"))),
        "film": Outgoing(WORDS, assets=(film(),)),
    }


class TestPublishing:
    @pytest.mark.parametrize("what", outgoings())
    def test_it_is_out_once_whole_and_comes_back_as_the_forces_own(self, press, what):
        outgoing = outgoings()[what]
        press.publisher.check(outgoing)
        progress = press.prepare(outgoing)
        assert press.public() == []
        assert press.find(outgoing, progress).state == "not_done"
        done = press.publish(outgoing, progress)
        (out,) = press.public()
        assert out["id"] == done.native_id
        assert WORDS in out["said"]
        assert [(one["size"], one["sha256"]) for one in out["uploads"]] == [(a.size, a.sha256) for a in outgoing.assets]
        assert [one["alt"] for one in out["uploads"]] == [a.alt for a in outgoing.assets]
        assert press.find(outgoing, progress).model_dump() == {"state": "done", "native_id": done.native_id}
        (event,) = [e for e in press.webhooks() if isinstance(e, PostEvent)]
        assert (event.native_id, event.direction, event.kind) == (done.native_id, "out", "post")
        polled = {e.native_id: e for e in press.poll()}[done.native_id]
        assert polled.direction == "out"
        assert len({ref.url for ref in polled.media if ref.kind != "link"}) >= len(outgoing.assets)

    @on(*(name for name in registry.NAMES if not registry.publisher(name).limits().poll))
    def test_a_poll_where_there_are_none(self, press):
        with pytest.raises(UnfitError):
            press.publisher.check(POLL)
        assert press.calls() == []

    @on(*(name for name in registry.NAMES if registry.publisher(name).limits().poll))
    def test_a_poll(self, press):
        outgoing = POLL
        press.publisher.check(outgoing)
        press.publish(outgoing)
        assert press.public()[0]["poll"] == {"options": ["Library", "Market"], "duration_minutes": 60}
        assert press.find(outgoing).state == "done"
        assert press.find(Outgoing(outgoing.text)).state == "not_done"

    @pytest.mark.parametrize("what", outgoings())
    def test_edited_shown_and_taken_down(self, press, what):
        outgoing = outgoings()[what]
        native = press.publish(outgoing, press.prepare(outgoing)).native_id
        shown = press.publisher.show(native, press.account, press.http())
        assert shown.state == "there"
        assert shown.text.startswith("Have you seen")
        if press.publisher.limits().edits:
            press.publisher.edit(native, "Found. Thank you.", press.account, press.http())
            assert press.publisher.show(native, press.account, press.http()).text == "Found. Thank you."
        else:
            with pytest.raises(NotAllowedError):
                press.publisher.edit(native, "Found. Thank you.", press.account, press.http())
        press.publisher.take_down(native, press.account, press.http())
        assert press.publisher.show(native, press.account, press.http()).state == "gone"
        with pytest.raises(GoneError):
            press.publisher.take_down(native, press.account, press.http())
        assert press.public()[0]["state"] == "deleted"
        assert press.find(outgoing).state == "not_done"

    def test_the_words_of_another_time_or_place_are_not_ours(self, press):
        press.post(WORDS)
        press.reply_to(press.post("Something else"), WORDS)
        press.since = utc_now() + timedelta(seconds=5)
        assert press.find(Outgoing(WORDS)).state == "not_done"

    def test_the_same_words_twice_are_for_a_person_to_look_at(self, press):
        press.post(WORDS)
        press.post(WORDS)
        assert press.find(Outgoing(WORDS)).state == "unknown"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(http_module, "READ_SECONDS", 0.4)
    monkeypatch.setattr(http_module, "UPLOAD_SECONDS", 0.4)


@pytest.mark.usefixtures("impatient")
class TestFaults:
    @pytest.mark.parametrize("fault", ["act_then_hang", "act_then_close", "garbled"])
    @pytest.mark.parametrize("what", ["words", "pictures"])
    def test_published_and_nobody_said_so(self, press, fault, what):
        outgoing = outgoings()[what]
        progress = press.prepare(outgoing)
        press.fault(fault, method="POST", path=press.visible, seconds=1)
        with pytest.raises(TimedOutError):
            press.publish(outgoing, progress)
        found = press.find(outgoing, progress)
        assert (found.state, found.native_id) == ("done", press.public()[0]["id"])
        assert len(press.public(text=press.public()[0]["said"])) == 1

    @pytest.mark.parametrize("fault", ["hang", "close", "server_error"])
    def test_not_published_and_nobody_said_so(self, press, fault):
        outgoing = outgoings()["link"]
        press.fault(fault, method="POST", path=press.visible, seconds=1)
        with pytest.raises(TimedOutError):
            press.publish(outgoing)
        assert press.find(outgoing).state == "not_done"
        press.publish(outgoing)
        assert len(press.public()) == 1

    def test_a_success_that_did_nothing_is_found_out(self, press):
        outgoing = outgoings()["picture"]
        progress = press.prepare(outgoing)
        press.fault("does_nothing", method="POST", path=press.visible)
        claimed = press.publish(outgoing, progress).native_id
        assert press.find(outgoing, progress).state == "not_done"
        assert press.publisher.show(claimed, press.account, press.http()).state == "gone"
        assert press.webhooks() == []
        press.publish(outgoing, progress)
        assert len(press.public()) == 1

    def test_a_film_that_is_out_although_nobody_said_so(self, press):
        outgoing = outgoings()["film"]
        progress = press.prepare(outgoing)
        press.fault("act_then_close", method="POST", path=r"/videos$|/2/tweets$")
        with pytest.raises(TimedOutError):
            press.publish(outgoing, progress)
        assert press.find(outgoing, progress).state == "done"
        with pytest.raises(UploadLostError) if press.platform == "facebook" else pytest.raises(TimedOutError):
            # Facebook's session is used up. X would take the film again, which is why `find` comes first.
            press.fault("close", method="POST", path=r"/2/tweets$")
            press.publish(outgoing, progress)
        assert len(press.public()) == 1

    @pytest.mark.parametrize("what", ["pictures", "film"])
    @pytest.mark.parametrize("fault", ["close", "act_then_close", "garbled", "server_error"])
    def test_an_upload_goes_on_from_where_it_was_answered_last(self, press, what, fault):
        outgoing = outgoings()[what]
        before: dict[str, Any] = {}
        progress: dict[str, Any] = {}
        press.fault(fault, method="POST", times=4, rate=0.5, seed=3)
        for _ in range(12):
            try:
                for step in press.publisher.prepare(outgoing, press.account, press.http(), progress):
                    before, progress = progress, json.loads(json.dumps(step))
                    assert progress != before
                break
            except TryAgainError:
                continue
        press.control.delete("/faults")
        press.publish(outgoing, press.prepare(outgoing, progress))
        (out,) = press.public()
        assert [one["sha256"] for one in out["uploads"]] == [a.sha256 for a in outgoing.assets]

    def test_parts_that_arrive_short_are_sent_again_from_where_the_platform_says(self, press):
        outgoing = Outgoing(WORDS, assets=(film(size=3_000_000),))
        press.fault("short_part", times=5)
        press.publish(outgoing, press.prepare(outgoing))
        assert press.public()[0]["uploads"][0]["sha256"] == outgoing.assets[0].sha256

    @on("facebook")  # X names no part that it wants
    def test_a_platform_that_takes_no_part_is_left_alone(self, press):
        outgoing = Outgoing(WORDS, assets=(film(size=3_000_000),))
        progress = press.prepare(outgoing, most=1)
        press.fault("graph_error", method="POST", path=r"/videos$", times=9, code=6001, subcode=1363037)
        with pytest.raises(PlatformError):
            press.prepare(outgoing, progress)
        assert len(press.calls(path=r"/videos$")) < 6

    @pytest.mark.parametrize("what", ["picture", "film"])
    def test_what_lapsed_is_uploaded_anew(self, press, what):
        outgoing = outgoings()[what]
        progress = press.prepare(outgoing, most=2)
        press.fault("session_lost")
        progress = press.prepare(outgoing, progress)
        press.fault("session_lost", times=1)
        with pytest.raises(UploadLostError):
            press.publish(outgoing, progress)
        assert press.public() == []
        press.publish(outgoing, press.prepare(outgoing))
        assert len(press.public()) == 1

    def test_publishing_what_is_not_uploaded_calls_nobody(self, press):
        for what in ("picture", "film"):
            with pytest.raises(UploadLostError):
                press.publish(outgoings()[what])
        assert press.calls() == []

    def test_a_film_that_the_platform_does_not_want(self, press):
        outgoing = outgoings()["film"]
        press.fault("processing_failed")
        if press.platform == "x":
            with pytest.raises(UnfitError, match="Unsupported video format") as unfit:
                press.prepare(outgoing)
            assert unfit.value.what == "video"
        else:
            native = press.publish(outgoing, press.prepare(outgoing)).native_id
            with pytest.raises(PlatformError, match="format we cannot read") as refused:
                press.publisher.show(native, press.account, press.http())
            assert refused.value.platform_code == "video/1363008"
        assert press.public() == []

    @on("x")  # Facebook looks at a video when it is published
    def test_a_film_that_is_looked_at_for_long(self, press):
        press.control.patch("/settings", processing_looks=9)
        outgoing = outgoings()["film"]
        parts = -(-outgoing.assets[0].size // PART_BYTES)
        # Announced, sent in parts, closed.
        progress = press.prepare(outgoing, most=1 + parts + 1)
        with pytest.raises(TryAgainError, match="still at work"):
            press.prepare(outgoing, progress)
        sent = len(press.calls(path="/append$"))
        for _ in range(4):
            try:
                progress = press.prepare(outgoing, progress)
                break
            except TryAgainError:
                continue
        assert len(press.calls(path="/append$")) == sent
        press.publish(outgoing, progress)
        assert len(press.public()) == 1

    def test_a_token_that_is_revoked_in_the_middle(self, press):
        outgoing = outgoings()["film"]
        progress = press.prepare(outgoing, most=2)
        press.control.patch(f"/accounts/{press.platform}/{press.native}", token_state="revoked")
        with pytest.raises(ReauthoriseError):
            press.prepare(outgoing, progress)
        press.control.patch(f"/accounts/{press.platform}/{press.native}", token_state="valid")
        press.publish(outgoing, press.prepare(outgoing, progress))
        assert len(press.public()) == 1

    def test_a_throttle_in_the_middle_keeps_what_was_uploaded(self, press):
        outgoing = outgoings()["pictures"]
        progress = press.prepare(outgoing, most=1)
        press.fault("throttle", method="POST", minutes=3)
        with pytest.raises(ThrottledError):
            press.prepare(outgoing, progress)
        press.throttles = type(press.throttles)(type(press.throttles._table)())
        press.publish(outgoing, press.prepare(outgoing, progress))
        assert len(press.control.get(f"/uploads/{press.platform}")["uploads"]) == 2

    def test_the_same_words_again_are_refused_by_x(self, press):
        press.publish(Outgoing(WORDS))
        if press.platform == "x":
            with pytest.raises(NotAllowedError) as refused:
                press.publish(Outgoing(WORDS))
            assert refused.value.platform_code == "403/duplicate"
        assert len(press.public(text=WORDS)) == 1


@pytest.mark.usefixtures("impatient")
class TestPeople:
    """Shut out, liked, written to: carried out, read back, and found after an answer was lost."""

    @pytest.fixture
    def comment(self, press):
        return press.reply_to(press.post(), "You are all useless")

    def test_each_verb_is_seen_afterwards(self, press, comment):
        target = press.target(comment)
        for verb in verbs(press.platform):
            since = utc_now() - timedelta(seconds=2)
            if verb != "unban":
                before = press.connector.read_back(verb, target, press.http(), text="Please ring 101.", since=since)
                assert before.state == "not_done", verb
            press.connector.act(verb, target, press.http(), text="Please ring 101.")
            after = press.connector.read_back(verb, target, press.http(), text="Please ring 101.", since=since)
            assert after.state == "done", verb

    @pytest.mark.parametrize("fault", ["act_then_close", "garbled", "close"])
    def test_a_lost_answer(self, press, comment, fault):
        target = press.target(comment)
        since = utc_now() - timedelta(seconds=2)
        for verb in verbs(press.platform, "unban"):
            press.fault(fault, method="POST")
            with pytest.raises(TimedOutError):
                press.connector.act(verb, target, press.http(), text="Please ring 101.")
            seen = press.connector.read_back(verb, target, press.http(), text="Please ring 101.", since=since)
            assert seen.state == ("not_done" if fault == "close" else "done"), verb

    def test_a_success_that_did_nothing(self, press, comment):
        press.fault("does_nothing", method="POST")
        target = press.target(comment)
        assert press.connector.act("like", target, press.http()).status == "done"
        assert press.connector.read_back("like", target, press.http(), since=press.since).state == "not_done"

    @on(*(name for name in registry.NAMES if "ban" in offered(name)))
    def test_somebody_shut_out_cannot_write_any_more(self, press, comment):
        press.connector.act("ban", press.target(comment), press.http())
        with pytest.raises(Exception, match="blocked"):
            press.reply_to(comment, "Still here")
        press.connector.act("unban", press.target(comment), press.http())
        press.reply_to(comment, "Back again")

    def test_a_comment_is_answered_in_private_once_and_within_a_week(self, press, comment):
        press.connector.act("message", press.target(comment), press.http(), text="Please ring 101.")
        if press.platform == "facebook":
            with pytest.raises(OutsideWindowError):
                press.connector.act("message", press.target(comment), press.http(), text="Once more.")
            old = press.reply_to(press.post(), "Long ago", at=(utc_now() - timedelta(days=8)).isoformat())
            with pytest.raises(OutsideWindowError):
                press.connector.act("message", press.target(old), press.http(), text="Too late.")
        sent = press.control.get(f"/objects/{press.platform}", kind="message")["objects"]
        assert [one["text"] for one in sent] == ["Please ring 101."]

    def test_an_answer_with_a_picture(self, press, comment):
        done = press.connector.act("reply", press.target(comment), press.http(), text="This one?", assets=(picture(),))
        assert len(press.control.object(press.platform, done.native_id)["media"]) == 1
        seen = press.connector.read_back(
            "reply", press.target(comment), press.http(), text="This one?", since=press.since
        )
        assert seen.native_id == done.native_id

    def test_an_answer_takes_one_picture_and_no_film(self, press, comment):
        for assets in ((film(),), (picture(), picture("other"))):
            with pytest.raises(NotAllowedError):
                press.connector.act("reply", press.target(comment), press.http(), text="Look", assets=assets)
        assert press.calls() == []

    def test_a_private_answer_with_a_picture(self, press):
        message = press.message("Have you found it?")
        if press.platform == "facebook":
            with pytest.raises(NotAllowedError):
                press.connector.act("reply", press.target(message), press.http(), text="Yes", assets=(picture(),))
        else:
            done = press.connector.act("reply", press.target(message), press.http(), text="Yes", assets=(picture(),))
            assert len(press.control.object("x", done.native_id)["media"]) == 1

    def test_a_picture_that_did_not_get_there_is_no_answer(self, press, comment):
        press.fault("close", method="POST")
        with pytest.raises(TryAgainError):
            press.connector.act("reply", press.target(comment), press.http(), text="Look", assets=(picture(),))
        seen = press.connector.read_back("reply", press.target(comment), press.http(), text="Look", since=press.since)
        assert seen.state == "not_done"
