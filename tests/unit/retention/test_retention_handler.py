"""The dispose function: a message carried out, one that must wait, and one that the log does not bear out."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from bluelamp import telemetry, wiring

ROOT = Path(__file__).parents[3]
CONTEXT = SimpleNamespace(
    function_name="dispose",
    function_version="1",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:dispose",
    aws_request_id="r-1",
    get_remaining_time_in_millis=lambda: 10_000,
)
EVENT = json.loads((ROOT / "events" / "dispose-queue.json").read_text(encoding="utf-8"))


@pytest.fixture
def handle(office, monkeypatch, capsys):
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    monkeypatch.setattr(telemetry.metrics.provider, "service", "dispose")
    monkeypatch.setattr(wiring, "destroying", office.destroying)
    spec = importlib.util.spec_from_file_location("dispose_handler", ROOT / "functions" / "dispose" / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(**body):
        sent = json.loads(json.dumps(EVENT))
        sent["Records"][0]["body"] = json.dumps(body or json.loads(EVENT["Records"][0]["body"]))
        answer = module.handler(sent, CONTEXT)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]], lines

    return run


def test_an_approved_disposal_goes_message_by_message(office, handle):
    (post,) = office.closed("1")
    made = office.propose(post)
    office.approve(made.id)
    office.seal()
    assert handle(disposal=made.id)[0] == []
    # The announcement is not sealed yet: the message is in the queue again, and nothing has failed.
    failed, lines = handle(disposal=made.id, post_id=post)
    assert (failed, any("RecordsFailed" in line for line in lines)) == ([], False)
    assert any(line.get("DisposalStepsWaiting") == [1.0] for line in lines)
    assert office.readable(post) != []
    office.seal()
    failed, lines = handle(disposal=made.id, post_id=post)
    assert failed == []
    assert any(line.get("PostsDisposedOf") == [1.0] for line in lines)
    assert office.readable(post) == []


def test_what_the_log_does_not_bear_out_comes_again_and_is_told(office, handle):
    made = office.propose(*office.closed("1"))
    office.seal()
    failed, lines = handle(disposal=made.id)
    assert failed == [EVENT["Records"][0]["messageId"]]
    assert any("RecordsFailed" in line for line in lines)


def test_what_names_nothing_comes_again(handle):
    assert handle()[0] == [EVENT["Records"][0]["messageId"]]
