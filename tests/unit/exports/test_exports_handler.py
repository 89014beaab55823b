"""The export function: which messages come again, and what its log says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from bluelamp import telemetry, wiring
from bluelamp.errors import NotFoundError
from bluelamp.exports.building import AgainError

ROOT = Path(__file__).parents[3]
CONTEXT = SimpleNamespace(
    function_name="export",
    function_version="1",
    memory_limit_in_mb=2048,
    invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:export",
    aws_request_id="r-1",
    get_remaining_time_in_millis=lambda: 10_000,
)
EVENT = json.loads((ROOT / "events" / "export-queue.json").read_text(encoding="utf-8"))
EXPORT_ID = json.loads(EVENT["Records"][0]["body"])["export_id"]


@pytest.fixture
def handle(monkeypatch, capsys):
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    monkeypatch.setattr(telemetry.metrics.provider, "service", "export")
    spec = importlib.util.spec_from_file_location("export_handler", ROOT / "functions" / "export" / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(outcome):
        def build(export_id):
            assert export_id == EXPORT_ID
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(wiring, "building", lambda: SimpleNamespace(run=build))
        answer = module.handler(json.loads(json.dumps(EVENT)), CONTEXT)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        return [i["itemIdentifier"] for i in answer["batchItemFailures"]], lines

    return run


def test_a_made_bag_is_counted(handle):
    job = SimpleNamespace(id=EXPORT_ID, state="done", error=None, size=7)
    failed, lines = handle(job)
    assert failed == []
    assert any(line.get("ExportDone") == [1.0] for line in lines)


@pytest.mark.parametrize("outcome", [None, AgainError("queued again")], ids=["busy", "again"])
def test_what_another_worker_has_or_the_queue_has_again_is_done_with(handle, outcome):
    failed, lines = handle(outcome)
    assert failed == []
    assert any("RecordsFailed" in line for line in lines) == isinstance(outcome, AgainError)


def test_an_export_that_is_not_there_comes_again(handle):
    failed, lines = handle(NotFoundError("there is no export"))
    assert failed == [EVENT["Records"][0]["messageId"]]
    assert any("RecordsFailed" in line for line in lines)
