import signal
import subprocess
import sys
import time

import pytest

from bluelamp.cli.local.errors import ChildError
from bluelamp.cli.local.processes import Child, born, clean_environment, stop_leftover

STUBBORN = (
    "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


def child(tmp_path, code):
    env = clean_environment(tmp_path, {"EXTRA": "1"})
    return Child("a program", [sys.executable, "-c", code], env=env, log=tmp_path / "log" / "child.log", cwd=tmp_path)


def says_ready(one):
    return lambda: "ready" in one.log.read_text(encoding="utf-8")


def test_the_environment_holds_nothing_of_the_callers(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    env = clean_environment(tmp_path, {"EXTRA": "1"})
    assert "AWS_SECRET_ACCESS_KEY" not in env
    assert env["EXTRA"] == "1"
    assert env["TMPDIR"] == str(tmp_path)


def test_it_starts_is_waited_for_and_stops(tmp_path):
    one = child(tmp_path, "import time; print('ready', flush=True); time.sleep(60)")
    assert not one.alive
    one.start()
    one.wait_ready(says_ready(one), seconds=20)
    assert one.alive
    assert one.stop(signal.SIGTERM, grace=10)
    assert not one.alive
    assert not one.stop(signal.SIGTERM, grace=10)


def test_one_that_ends_by_itself_is_named_with_its_last_line(tmp_path):
    one = child(tmp_path, "print('first'); print('no disk left')")
    one.start()
    with pytest.raises(ChildError, match="a program ended by itself: no disk left"):
        one.wait_ready(lambda: False, seconds=20)


def test_one_that_is_never_ready_is_given_up(tmp_path):
    one = child(tmp_path, "import time; time.sleep(60)")
    one.start()
    with pytest.raises(ChildError, match="did not answer"):
        one.wait_ready(lambda: False, seconds=0.2)
    one.stop(signal.SIGKILL, grace=10)


def test_one_that_does_not_stop_is_killed(tmp_path):
    one = child(tmp_path, STUBBORN)
    one.start()
    one.wait_ready(says_ready(one), seconds=20)
    assert not one.stop(signal.SIGTERM, grace=0.2)
    assert not one.alive


def test_one_that_cannot_be_started_is_said(tmp_path):
    one = Child("nothing", [tmp_path / "missing"], env={}, log=tmp_path / "log", cwd=tmp_path)
    with pytest.raises(ChildError, match="cannot be started"):
        one.start()


def test_a_leftover_is_stopped_and_a_stranger_with_its_number_is_not(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as left:
        birth = born(left.pid)
        assert birth > 0
        assert not stop_leftover(left.pid, birth + 1, signal.SIGTERM, grace=5)
        time.sleep(0.05)
        assert left.poll() is None
        assert stop_leftover(left.pid, birth, signal.SIGTERM, grace=10)
        left.wait(10)
    assert born(left.pid) == 0
    assert not stop_leftover(left.pid, birth, signal.SIGTERM, grace=5)
