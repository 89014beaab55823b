"""`bluelamp up` as a person runs it: to its prompt, stopped by Ctrl-C, and there again afterwards."""

import json
import signal
import stat
import subprocess
import sys
import time

import pytest
import requests

from bluelamp.cli.local.paths import ROOT

KEYS = {"api", "dashboard", "websocket", "webhooks", "secrets", "users", "evidence", "sandbox"}
ROLES = {"comms", "local", "control", "supervisor", "auditor", "admin"}

pytestmark = pytest.mark.stack


class Up:
    """One run of `bluelamp up` as a program of its own."""

    def __init__(self, state, log):
        self.state = state
        self.log = log
        code = "from bluelamp.cli import main; main()"
        command = [sys.executable, "-c", code, "up", "--state-dir", str(state), "--no-trickle"]
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own program
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )

    def wait_prompt(self, seconds=240):
        until = time.monotonic() + seconds
        while "Ctrl-C stops" not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < until, self.text()
            time.sleep(0.1)
        return json.loads((self.state / "local.json").read_text(encoding="utf-8"))

    def text(self):
        return self.log.read_text(encoding="utf-8")

    def stop(self, number):
        self.process.send_signal(number)
        return self.process.wait(120)


def test_it_comes_up_stops_and_comes_up_again_with_its_state(tmp_path):
    state = tmp_path / "state"
    first = Up(state, tmp_path / "first.log")
    try:
        local = first.wait_prompt()
        assert local.keys() == KEYS
        assert local["users"].keys() == ROLES
        assert {role for role, user in local["users"].items() if "totp_secret" in user} == {
            "supervisor",
            "auditor",
            "admin",
        }
        assert stat.S_IMODE((state / "local.json").stat().st_mode) == 0o600
        assert requests.get(f"{local['api']}/health", timeout=30).json()["status"] == "ok"
        assert "withstood" in first.text()

        second = Up(state, tmp_path / "second.log")
        assert second.process.wait(60) == 1
        assert "already runs" in second.text()
        assert "Traceback" not in second.text()
    finally:
        code = first.stop(signal.SIGINT)
    assert code == 0, first.text()
    assert "the state is kept" in first.text()
    assert not (state / "local.json").exists()

    again = Up(state, tmp_path / "again.log")
    try:
        after = again.wait_prompt()
        assert after["users"] == local["users"]
        assert after["evidence"]["bucket"] == local["evidence"]["bucket"]
        assert after["secrets"] == local["secrets"]
    finally:
        code = again.stop(signal.SIGTERM)
    assert code == 0, again.text()
