"""The publish function's minute and its looks: what it does for pictures and films, whatever else fails."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from bluelamp import telemetry, wiring
from bluelamp.errors import BluelampError

ROOT = Path(__file__).resolve().parents[3]
CONTEXT = SimpleNamespace(
    function_name="publish", memory_limit_in_mb=1024, aws_request_id="1",
    invoked_function_arn="arn:aws:lambda:eu-west-2:123456789012:function:publish",
)  # fmt: skip


@pytest.fixture
def handle(monkeypatch):
    """Powertools has its names from the template."""
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    monkeypatch.setattr(telemetry.metrics.provider, "service", "publish")
    spec = importlib.util.spec_from_file_location("publish_handler", ROOT / "functions" / "publish" / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda event: module.handler(event, CONTEXT)


@pytest.mark.parametrize("fails", [False, True])
def test_uploads_end_each_minute_also_when_nothing_could_be_let_out(handle, monkeypatch, capsys, fails):
    def release():
        if fails:
            raise BluelampError("no")
        return 2

    monkeypatch.setattr(wiring, "releasing", lambda: SimpleNamespace(run=release))
    monkeypatch.setattr(wiring, "lapsing", lambda: SimpleNamespace(run=lambda: 3))
    if fails:
        with pytest.raises(BluelampError):
            handle({})
    else:
        assert handle({}) == {"batchItemFailures": []}
    told = capsys.readouterr().out
    figures = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert [line["AssetsDue"] for line in figures if "AssetsDue" in line] == [[3.0]]
