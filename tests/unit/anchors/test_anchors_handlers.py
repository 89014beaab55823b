"""The two functions: what the witness answers over HTTP, and what the daily run counts."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
from pathlib import Path

import pytest

from bluelamp import telemetry, wiring
from bluelamp.anchors.service import Anchored
from bluelamp.audit import cosign
from bluelamp.audit.note import LocalSigner, Note
from tests.unit.anchors.witness_kit import ORIGIN, Tree, witness

ROOT = Path(__file__).resolve().parents[3]
TREE = Tree.grown(20)


class Context:
    function_name, memory_limit_in_mb, aws_request_id = "witness", 512, "1"
    invoked_function_arn = "arn:aws:lambda:eu-west-2:123456789012:function:witness"


def handler(name):
    spec = importlib.util.spec_from_file_location(f"{name}_handler", ROOT / "functions" / name / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda event: module.handler(event, Context())


@pytest.fixture(autouse=True)
def _named(monkeypatch):
    """Powertools has its names from the template."""
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Bluelamp")
    monkeypatch.setattr(telemetry.metrics.provider, "service", "function")


@pytest.fixture
def ask(monkeypatch):
    one = witness()
    monkeypatch.setattr(wiring, "witness", lambda: one)
    call = handler("witness")

    def post(body, *, encoded=True):
        text = base64.b64encode(body).decode() if encoded else body.decode()
        event = {"routeKey": "POST /add-checkpoint", "body": text, "isBase64Encoded": encoded}
        return call(event)

    post.get = lambda origin: call({"routeKey": "GET /{origin}/checkpoint", "pathParameters": {"origin": origin}})
    post.key = one.key()
    post.told_key = lambda: call({"routeKey": "GET /key"})
    return post


def test_its_operator_reads_its_key_there(ask):
    assert ask.told_key()["body"] == f"{ask.key}\n"


@pytest.mark.parametrize("encoded", [True, False])
def test_a_checkpoint_is_cosigned(ask, encoded):
    answer = ask(TREE.request(0, 7), encoded=encoded)
    assert (answer["statusCode"], answer["headers"]) == (200, {"Content-Type": "text/plain; charset=utf-8"})
    (made,) = cosign.read(TREE.checkpoint(7), answer["body"].encode())
    made.check(Note.parse(TREE.checkpoint(7)).text, ask.key)


def test_each_refusal_has_the_status_of_the_specification(ask, caplog):
    ask(TREE.request(0, 7))
    conflict = ask(TREE.request(3, 9))
    assert (conflict["statusCode"], conflict["body"]) == (409, "7\n")
    assert conflict["headers"] == {"Content-Type": "text/x.tlog.size"}
    fork = TREE.forked(3, 20)
    for body, status in (
        (b"hello", 400),
        (TREE.request(7, 7).replace(b"old 7", b"old 8"), 400),
        (TREE.request(7, 9, signer=LocalSigner(bytes(32))), 403),
        (TREE.request(7, 9, origin="log.other.example/2026"), 404),
        (fork.request(7, 9), 422),
    ):
        assert ask(body)["statusCode"] == status
    # The forked checkpoint is kept in the log: it is the proof.
    (told,) = (record for record in caplog.records if record.getMessage() == "inconsistent")
    assert told.request.endswith(fork.checkpoint(9).decode())


def test_monitors_are_given_the_last_cosigned_checkpoint(ask):
    place = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert ask.get(place)["statusCode"] == 404
    ask(TREE.request(0, 7))
    answer = ask.get(place)
    assert answer["statusCode"] == 200
    assert len(Note.parse(answer["body"].encode()).signatures) == 2


def test_the_daily_run_counts_what_came_of_it(monkeypatch, capsys):
    class Anchors:
        def anchor(self):
            return Anchored(sources=3, made=1, failed=2, lasting=1)

    monkeypatch.setattr(wiring, "anchors", Anchors)
    handler("anchor")({})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    figures = next(line for line in lines if "_aws" in line)
    assert (figures["AnchorsMade"], figures["AnchorsFailed"], figures["AnchorsFailingForDays"]) == ([1.0], [2.0], [1.0])


def test_a_force_without_anchors_is_told_so(monkeypatch, caplog):
    class Anchors:
        def anchor(self):
            return Anchored(sources=0)

    monkeypatch.setattr(wiring, "anchors", Anchors)
    handler("anchor")({})
    assert "unanchored: no timestamp authority and no witness is set" in caplog.messages
