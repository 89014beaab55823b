"""`bluelamp up` killed with all it started, before the embedded cloud ever saved itself: the sealed log goes on."""

import json
import os
import signal

import pytest

from bluelamp.audit import layout
from bluelamp.audit.verify import verify
from tests.integration.test_local_up import Up, check_grown, sealed_post
from tests.support.stack import free_port

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def kill(up):
    """Kill the stack and all its programs at once, as a power cut does."""
    children = json.loads((up.state / "state.json").read_text(encoding="utf-8"))["children"]
    up.process.kill()
    for child in children.values():
        os.kill(child["pid"], signal.SIGKILL)
    up.process.wait(30)


def records(directory):
    for path in sorted(directory.rglob("entries/*")):
        for body in layout.unpack(path.read_bytes()):
            yield json.loads(body)


def test_a_stack_that_lost_its_table_goes_on_behind_the_archive(tmp_path):
    state = tmp_path / "state"
    port = free_port()
    first = Up(state, tmp_path / "first.log", port)
    try:
        sealed_post(first.wait_prompt(), tmp_path / "before")
    finally:
        kill(first)
    second = Up(state, tmp_path / "second.log", port)
    try:
        running = second.wait_prompt(400)
        assert "the last run was killed: the table forgot" in second.text()
        assert running.account("facebook")["status"] == "active"  # accounts and people are there again
        sealed_post(running, tmp_path / "after")
        check_grown(tmp_path / "before", tmp_path / "after")
        report = verify(tmp_path / "after")
        assert report.failures == []
        assert "restored" in {remark.code for remark in report.remarks}
        found = list(records(tmp_path / "after"))
        assert len({record["id"] for record in found}) == len(found)
        (story,) = [record["restore"] for record in found if "restore" in record]
        assert (story["known"], story["first"]) == (0, 0)
    finally:
        assert second.stop(signal.SIGINT) == 0, second.text()
