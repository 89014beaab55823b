"""`bluelamp up` as a person runs it: to its prompt, stopped by Ctrl-C, and there again with everything it held."""

import json
import re
import signal
import stat
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import requests

from bluelamp.audit import layout
from bluelamp.audit.verify import verify
from bluelamp.cli.local.paths import ROOT
from bluelamp.cli.local.proof import PREFIX as PROBES
from bluelamp.ids import post_id
from tests.support.stack import RunningStack, free_port, until

KEYS = {"api", "dashboard", "websocket", "webhooks", "secrets", "users", "evidence", "sandbox"}
ROLES = {"comms", "local", "control", "supervisor", "auditor", "admin"}

pytestmark = pytest.mark.stack


class Up:
    """One run of `bluelamp up` as a program of its own."""

    def __init__(self, state, log, port):
        self.state = state
        self.log = log
        code = "from bluelamp.cli import main; main()"
        command = [sys.executable, "-c", code, "up", "--state-dir", str(state), "--no-trickle"]
        # A port of its own: another stack of the tests is up beside it.
        command += ["--port", str(port)]
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own program
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )

    def wait_prompt(self, seconds=240):
        end = time.monotonic() + seconds
        while "Ctrl-C stops" not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < end, self.text()
            time.sleep(0.1)
        local = json.loads((self.state / "local.json").read_text(encoding="utf-8"))
        return RunningStack(SimpleNamespace(local=local))

    def text(self):
        return self.log.read_text(encoding="utf-8")

    def seconds(self):
        return float(re.search(r"Bluelamp is up after ([\d.]+) s", self.text())[1])

    def withstood(self):
        return int(re.search(r"withstood (\d+) attempts", self.text())[1])

    def stop(self, number):
        self.process.send_signal(number)
        return self.process.wait(120)


def judged(running, post):
    def look():
        answer = running.desk("comms").try_get(f"/posts/{post}")
        found = answer.json()["post"] if answer.ok else None
        return found if found and found["case"]["state"] != "unjudged" else None

    return until(look, "the post judged", seconds=60)


def sealed_post(running, directory):
    """Send a post by a signed webhook, have it judged, claimed and sealed, and pull the log; return the post."""
    native = f"{time.time():.0f}_77"
    assert running.webhook("facebook", running.comment_webhook(native, "Useless idiots")).status_code == 200
    post = judged(running, post_id(running.account("facebook")["id"], native))
    # What an officer does wakes the sequencer; what comes in by itself waits for its minute.
    post = running.desk("comms").post(f"/posts/{post['id']}/claim")["post"]

    def look():
        entries = running.desk("comms").get(f"/posts/{post['id']}/history")["entries"]
        return {"ingest", "classify", "claim"} <= {entry["type"] for entry in entries if entry["sealed"]}

    until(look, "the post's records sealed", seconds=120, every=1)
    running.pull(directory)
    assert verify(directory).failures == []
    return post


def log_of(directory):
    """Return every object of a pulled log that holds records, and the newest checkpoint."""
    objects = {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}
    entries = {name: path.read_bytes() for name, path in objects.items() if layout.parse_entries(name)}
    newest = max(name for name in objects if "/checkpoints/" in name)
    return entries, objects[newest].read_bytes()


def check_grown(before, after):
    """The later log begins with the earlier one, byte for byte, and its tree continues the earlier tree."""
    entries, checkpoint = log_of(before)
    later, _ = log_of(after)
    assert entries
    assert {name: later.get(name) for name in entries} == entries
    report = verify(after, known=checkpoint)
    assert report.failures == []
    assert report.anchored == verify(before).records
    assert report.records >= report.anchored


def probes(running):
    return set(running.evidence().list(PROBES))


def test_it_comes_up_stops_and_comes_up_again_with_its_state(tmp_path, capsys):
    state = tmp_path / "state"
    port = free_port()
    first = Up(state, tmp_path / "first.log", port)
    try:
        running = first.wait_prompt()
        local = running.local
        assert local.keys() == KEYS
        assert local["users"].keys() == ROLES
        assert {role for role, user in local["users"].items() if "totp_secret" in user} == {
            "supervisor",
            "auditor",
            "admin",
        }
        assert stat.S_IMODE((state / "local.json").stat().st_mode) == 0o600
        assert requests.get(f"{local['api']}/health", timeout=30).json()["status"] == "ok"
        assert "did not take its first event" not in first.text()
        post = sealed_post(running, tmp_path / "before")
        tried = probes(running)
        assert first.withstood()
        assert tried

        second = Up(state, tmp_path / "second.log", port)
        assert second.process.wait(60) == 1
        assert "already runs" in second.text()
        assert "Traceback" not in second.text()
    finally:
        code = first.stop(signal.SIGINT)
    assert code == 0, first.text()
    assert "the state is kept" in first.text()
    assert not (state / "local.json").exists()

    again = Up(state, tmp_path / "again.log", port)
    try:
        running = again.wait_prompt()
        after = running.local
        assert after["users"] == local["users"]
        assert after["evidence"]["bucket"] == local["evidence"]["bucket"]
        assert after["secrets"] == local["secrets"]
        found = judged(running, post["id"])
        assert {name: found[name] for name in ("id", "text", "received_at", "rev", "case")} == {
            name: post[name] for name in ("id", "text", "received_at", "rev", "case")
        }
        running.pull(tmp_path / "after")
        check_grown(tmp_path / "before", tmp_path / "after")
        assert again.withstood() == first.withstood()
        assert probes(running) > tried
        # And it goes on working: the log of before takes new records.
        sealed_post(running, tmp_path / "later")
        check_grown(tmp_path / "after", tmp_path / "later")
    finally:
        code = again.stop(signal.SIGTERM)
    assert code == 0, again.text()
    with capsys.disabled():
        sys.stdout.write(f" up after {first.seconds():.1f} s, again after {again.seconds():.1f} s ")
