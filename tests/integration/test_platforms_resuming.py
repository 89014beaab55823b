"""A worker that prepares a publication may be killed after any call: another goes on, and nobody sees anything yet."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluelamp.platforms import facebook_uploads, registry, x_uploads
from bluelamp.platforms.contract import PlatformError, TimedOutError, TryAgainError
from bluelamp.platforms.publishing import Outgoing, UploadLostError
from bluelamp.times import utc_now
from tests.support.assets import film, picture
from tests.support.platforms import Desk, fresh, serving

PART = 1000
OUTGOINGS = {
    "pictures": Outgoing("Seen at the fair", assets=(picture("one"), picture("two", alt=""))),
    "film": Outgoing("Seen on film", assets=(film(size=3500),)),
}


@pytest.fixture(scope="module")
def running():
    with serving() as running:
        yield running


@pytest.fixture
def in_small_parts(monkeypatch):
    monkeypatch.setattr(facebook_uploads, "PART_BYTES", PART)
    monkeypatch.setattr(x_uploads, "PART_BYTES", PART)


@pytest.fixture(params=registry.NAMES)
def desk(request, running, in_small_parts):
    running = fresh(running)
    running.control.patch("/settings", video_part=PART + 100)
    with requests.Session() as session:
        session.trust_env = False
        yield Desk(request.param, running, session)


def steps(desk: Desk, outgoing: Outgoing, progress: dict[str, Any]) -> Any:
    return registry.publisher(desk.platform).prepare(outgoing, desk.account, desk.http(), progress)


def killed_after(desk: Desk, outgoing: Outgoing, progress: dict[str, Any], calls: int, *, kept: bool) -> dict[str, Any]:
    """Make so many calls and die, before (not `kept`) or after what the last one reported was written down."""
    made = [json.dumps(progress)]
    for step in steps(desk, outgoing, progress):
        made.append(json.dumps(step))
        if len(made) > calls:
            break
    return dict(json.loads(made[-1] if kept or len(made) == 1 else made[-2]))


def finished(desk: Desk, outgoing: Outgoing, progress: dict[str, Any]) -> None:
    """Prepare the rest, publish, and see that it is out once, with every byte."""
    publisher = registry.publisher(desk.platform)
    assert desk.control.publications(desk.platform) == []
    for step in steps(desk, outgoing, progress):
        progress = json.loads(json.dumps(step))
        assert desk.control.publications(desk.platform) == []
    publisher.publish(outgoing, desk.account, desk.http(), progress)
    (out,) = desk.control.publications(desk.platform)
    assert [(u["sha256"], u["alt"]) for u in out["uploads"]] == [(a.sha256, a.alt) for a in outgoing.assets]


@pytest.mark.slow
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("what", OUTGOINGS)
def test_killed_once_after_any_call(desk, what, kept):
    outgoing = OUTGOINGS[what]
    whole = len(list(steps(desk, outgoing, {})))
    assert whole >= 2
    for calls in range(1, whole + 1):
        fresh(desk.sandbox)
        finished(desk, outgoing, killed_after(desk, outgoing, {}, calls, kept=kept))


@pytest.mark.slow
@given(
    deaths=st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=8),
    lost=st.lists(st.sampled_from(["close", "act_then_close", "garbled", "server_error", "session_lost"]), max_size=4),
    what=st.sampled_from(sorted(OUTGOINGS)),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_killed_and_failing_again_and_again(desk, deaths, lost, what, seed):
    fresh(desk.sandbox)
    outgoing = OUTGOINGS[what]
    for kind in lost:
        desk.control.post("/faults", kind=kind, platform=desk.platform, method="POST", times=1, rate=0.4, seed=seed)
    progress: dict[str, Any] = {}
    for calls, kept in deaths:
        try:
            progress = killed_after(desk, outgoing, progress, calls, kept=kept)
        except UploadLostError:
            progress = {}
        except TryAgainError:
            pass
        except PlatformError:
            # X takes nothing more for an upload that it closed without our hearing of it, or forgot twice.
            progress = {}
        assert desk.control.publications(desk.platform) == []
    desk.control.delete("/faults")
    finished(desk, outgoing, progress)


@pytest.mark.slow
@given(
    faults=st.lists(
        st.sampled_from(["close", "act_then_close", "garbled", "server_error", "does_nothing", None]), max_size=5
    ),
    what=st.sampled_from([*sorted(OUTGOINGS), "words"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_looks_before_trying_again_publishes_once(desk, faults, what):
    fresh(desk.sandbox)
    publisher = registry.publisher(desk.platform)
    outgoing = OUTGOINGS.get(what, Outgoing("Only words"))
    since = utc_now() - timedelta(seconds=2)
    progress: dict[str, Any] = {}
    for step in steps(desk, outgoing, progress):
        progress = json.loads(json.dumps(step))
    for fault in (*faults, None):
        if fault is not None:
            visible = r"/feed$|/videos$|/2/tweets$"
            desk.control.post("/faults", kind=fault, platform=desk.platform, method="POST", path=visible, times=1)
        with suppress(TimedOutError):
            publisher.publish(outgoing, desk.account, desk.http(), progress)
        found = publisher.find(outgoing, desk.account, desk.http(), progress, since=since)
        assert found.state == ("done" if desk.control.publications(desk.platform) else "not_done")
        if found.state == "done":
            break
    (out,) = desk.control.publications(desk.platform)
    assert out["id"] == found.native_id
