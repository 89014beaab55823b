"""The export function with a rights case in its queue: which job is done, and that a failure comes again."""

from __future__ import annotations

import importlib.util
import json
from types import SimpleNamespace

import pytest

from bluelamp import telemetry, wiring
from bluelamp.errors import ConflictError
from tests.unit.exports.test_exports_handler import CONTEXT, EVENT, ROOT


@pytest.fixture
def handle(monkeypatch):
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    monkeypatch.setattr(telemetry.metrics.provider, "service", "export")
    spec = importlib.util.spec_from_file_location("export_handler", ROOT / "functions" / "export" / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    done = []

    def run(job, error=None):
        def work(name):
            def one(case_id):
                if error:
                    raise error
                done.append((name, case_id))
                return SimpleNamespace(id=case_id, state="reviewing")

            return lambda: SimpleNamespace(run=one)

        monkeypatch.setattr(wiring, "rights_searching", work("search"))
        monkeypatch.setattr(wiring, "rights_packing", work("package"))
        event = json.loads(json.dumps(EVENT))
        event["Records"][0]["body"] = json.dumps({"v": 1, "rights": "c-1", "job": job})
        return module.handler(event, CONTEXT)["batchItemFailures"], done

    return run


@pytest.mark.parametrize("job", ["search", "package"])
def test_each_job_is_done_by_its_use_case(handle, job):
    assert handle(job) == ([], [(job, "c-1")])


def test_a_case_that_changed_meanwhile_comes_again(handle):
    failed, done = handle("search", ConflictError("changed"))
    assert (len(failed), done) == (1, [])
