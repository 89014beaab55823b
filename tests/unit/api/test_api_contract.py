"""What every answer has in common: problems, headers, limits, idempotency, and the samples under events/."""

import base64
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import openapi
from app import app
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import (
    ConflictError,
    InvalidInputError,
    SignatureError,
    UnsupportedError,
)
from bluelamp.people.tokens import ProviderUnavailableError
from bluelamp.posts.model import Reason
from tests.unit.api.kit import ROUTES, World, event, token

EVENTS = Path(__file__).parents[3] / "events"
HIDE = ROUTES["POST", "/posts/{post}/hide"][1]
PROBLEM = {"type", "title", "status", "detail", "code", "instance", "request_id"}


def problem(answer, status, code):
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json) >= PROBLEM
    assert answer.json["status"] == status
    assert answer.json["code"] == code
    assert answer.json["type"] == f"urn:bluelamp:problem:{code}"
    assert answer.json["request_id"] == "req-1"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json


def test_me(world):
    me = world.call("GET", "/me", by="local").json
    assert me["person"] == {
        "id": "local", "name": "Local", "role": "local", "teams": ["north"], "email": "local@example.org",
    }  # fmt: skip
    assert me["force"] == {"name": "Wealdshire Police", "slug": "wealdshire"}
    assert me["guide_version"] is None
    assert "delete" not in me["permissions"]
    assert me["session"]["expires_at"] == "2026-11-22T17:00:00Z"


def test_accounts_follow_the_scope(world):
    shown = world.call("GET", "/accounts", by="local").json["accounts"]
    assert [a["id"] for a in shown] == ["facebook-1"]
    assert shown[0]["capabilities"] == ["hide", "unhide", "delete", "reply"]
    assert len(world.call("GET", "/accounts", by="comms").json["accounts"]) == 2


def test_queue_passes_the_query_on(world):
    query = {"view": "done", "min_risk": "high", "limit": "7", "account": "facebook-1", "cursor": "abc"}
    assert world.call("GET", "/queue", by="comms", query=query).status == 200
    assert world.core.calls == [("queue", query | {"limit": 7})]


def test_history_says_who(world):
    opened = world.call("GET", "/posts/pown", by="comms").json
    entries = world.call("GET", "/posts/pown/history", by="comms").json["entries"]
    assert opened["history"] == entries
    assert [e["actor"] for e in entries] == [
        {"kind": "system", "role": None, "on_duty_as": None, "sub": None, "name": None},
        {"kind": "person", "role": "comms", "on_duty_as": None, "sub": "comms", "name": "Comms"},
    ]
    assert [(e["leaf_id"], e["sealed"], e["seq"]) for e in entries] == [("01A", True, 7), ("01B", False, None)]


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"view": "all"}, {"min_risk": "5"}, {"vew": "open"}]
)
def test_bad_query(world, query):
    said = problem(world.call("GET", "/queue", by="comms", query=query), 422, "invalid_input")
    assert said["errors"][0]["at"] in query


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "reason"),
        (HIDE | {"rev": "1"}, "rev"),
        (HIDE | {"rev": 0}, "rev"),
        (HIDE | {"undo_seconds": 11}, "undo_seconds"),
        (HIDE | {"undo_seconds": True}, "undo_seconds"),
        (HIDE | {"reason": {"code": "spite"}}, "reason.code"),
        (HIDE | {"reason": {"code": "abuse", "ref": "John Smith's post!"}}, "reason.ref"),
        (HIDE | {"extra": 1}, "extra"),
        ([], "body"),
        ("null", "body"),
    ],
)
def test_bad_body_names_the_field_and_not_what_was_sent(world, body, at):
    answer = world.call("POST", "/posts/pown/hide", by="comms", body=body)
    said = problem(answer, 422, "invalid_input")
    assert at in {e["at"] for e in said["errors"]}
    assert "Smith" not in answer.body
    assert world.core.calls == []


@pytest.mark.parametrize("body", ["{", "\x00", "[" * 5000, "nonsense"])
def test_body_that_is_no_json(world, body):
    problem(world.call("POST", "/posts/pown/hide", by="comms", body=body), 400, "malformed")


def test_body_too_large(world):
    body = {"text": "x" * 70_000}
    problem(world.call("POST", "/posts/pown/note", by="comms", body=body), 413, "too_large")


def test_body_in_base64(world):
    sent = event("POST", "/posts/pown/note", {"Authorization": f"Bearer {token('comms')}", "Idempotency-Key": "k"})
    good = sent | {"isBase64Encoded": True, "body": base64.b64encode(b'{"text": "Rang them"}').decode()}
    assert world.send(good).status == 200
    problem(world.send(sent | {"isBase64Encoded": True, "body": "A"}), 400, "malformed")


def test_media_type_and_method(world):
    answer = world.call("POST", "/posts/pown/note", by="comms", body="text=x", headers={"Content-Type": "text/plain"})
    problem(answer, 415, "media_type")
    answer = world.call("POST", "/me", by="comms", body={})
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/posts", "/posts/pown/hide/again"])
def test_unknown_address(world, path):
    problem(world.call("GET", path, by="comms"), 404, "not_found")
    problem(world.call("GET", path), 401, "not_signed_in")


@pytest.mark.parametrize("post_id", ["..%2f..", "p own", "p" * 81, "p#x", "%00"])
def test_odd_ids_are_simply_not_there(world, post_id):
    sent = event("GET", "/posts/pown", {"Authorization": f"Bearer {token('comms')}"})
    problem(world.send(sent | {"pathParameters": {"post_id": post_id}}), 404, "not_found")


ERRORS = [
    (ConflictError("Sam was quicker.", rev=4, by="Sam"), 409, "conflict"),
    (ConditionFailedError({0: None}), 409, "conflict"),
    (InvalidInputError("An answer needs some words."), 422, "invalid_input"),
    (UnsupportedError("X does not offer this."), 422, "unsupported"),
    (SignatureError("no"), 400, "bad_signature"),
    (ContentionError("busy"), 503, "contention"),
    (ProviderUnavailableError("away"), 503, "sign_in_unavailable"),
    (RuntimeError("secret table name"), 500, "unexpected"),
    (KeyError("secret"), 500, "unexpected"),
    (RecursionError("secret"), 500, "unexpected"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS, ids=lambda v: type(v).__name__)
def test_errors_become_problems(world, error, status, code):
    world.core.fails = error
    answer = world.call("GET", "/posts/pown", by="comms")
    said = problem(answer, status, code)
    assert "Traceback" not in answer.body
    assert "secret" not in answer.body
    if isinstance(error, ConflictError):
        assert (said["rev"], said["by"]) == (4, "Sam")
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_the_log_says_where_and_never_what_was_written(world, caplog):
    def refuse(*_, **__):
        Reason.model_validate({"code": "abuse", "ref": "John Smith did it!"})

    world.posts = SimpleNamespace(open_post=refuse)
    problem(world.call("GET", "/posts/pown", by="comms"), 500, "unexpected")
    (record,) = caplog.records
    logged = str(vars(record))
    assert "ValidationError" in logged
    assert "('ref',): reference" in logged
    assert "test_api_contract.py" in logged
    assert "Smith" not in logged


def test_a_failing_guard_lets_nobody_in(world):
    world.sessions.load = lambda _: 1 / 0
    problem(world.call("GET", "/me", by="comms"), 500, "unexpected")


def test_a_failing_record_of_a_refusal_is_not_passed_over(world):
    def fail(*_, **__):
        raise RuntimeError("secret")

    world.refusals.record = fail
    problem(world.call("GET", "/posts/pforeign", by="local"), 500, "unexpected")


def test_events_that_are_hardly_any(world):
    for odd in ({}, {"requestContext": {}}, {"requestContext": None, "headers": None}):
        answer = world.send(odd)
        assert answer.status == 401
        assert answer.json["code"] == "not_signed_in"


def test_security_headers(world):
    for answer in (world.call("GET", "/me", by="comms"), world.call("GET", "/me"), world.call("GET", "/auth/login")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert app.debug is False


def test_a_quiet_poll_is_a_304(world):
    first = world.call("GET", "/changes", by="comms", query={"since": "c"})
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = {"If-None-Match": first.headers["ETag"]}
    assert world.call("GET", "/changes", by="comms", query={"since": "c"}, headers=again).status == 304
    assert world.call("GET", "/changes", by="comms", headers=again).status == 200


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r[0] == "POST" and "{post}" in r[1] and "presence" not in r[1]], ids=str
)
def test_a_repeat_is_answered_alike_and_done_once(world, route):
    path, body = route[1].format(post="pown"), ROUTES[route][1]
    first = world.call("POST", path, by="comms", body=body, key="key-1")
    again = world.call("POST", path, by="comms", body=dict(reversed(body.items())), key="key-1")
    assert (first.status, first.json) == (again.status, again.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(world.core.calls) == 1
    assert world.call("POST", path, by="control", body=body, key="key-1").status in {first.status, 403}


def test_a_key_stands_for_one_body_and_one_address(world):
    world.call("POST", "/posts/pown/note", by="comms", body={"text": "One"}, key="k")
    for path, body in (("/posts/pown/note", {"text": "Two"}), ("/posts/pforeign/note", {"text": "One"})):
        answer = world.call("POST", path, by="comms", body=body, key="k")
        problem(answer, 422, "idempotency_mismatch")
    assert len(world.core.calls) == 1


@pytest.mark.parametrize("key", ["", "a b", "k" * 129, "ké", '"'])
def test_a_write_needs_a_usable_key(world, key):
    answer = world.call("POST", "/posts/pown/claim", by="comms", body={}, headers={"Idempotency-Key": key})
    problem(answer, 400, "idempotency_key")


def test_a_refused_write_keeps_no_answer(world):
    stale = HIDE | {"rev": 2}
    problem(world.call("POST", "/posts/pown/hide", by="comms", body=stale, key="k"), 409, "conflict")
    assert not [k for k in world.table.items if k[0].startswith("IDEM#")]


def test_the_slower_twin_gets_the_answer_of_the_quicker(world):
    done = world.call("POST", "/posts/pown/claim", by="comms", body={}, key="k")
    world.call("GET", "/me", headers=bearer())  # the token's sign-in is recorded with its first request
    read = world.table.get
    missed = []

    def late(key, *, consistent=False):
        if key[0].startswith("IDEM#") and not missed:
            missed.append(key)  # the quicker twin has not committed yet
            return None
        return read(key, consistent=consistent)

    def lose(*_):
        raise ConflictError("somebody was quicker")

    world.table.get, world.table.transact = late, lose
    twin = world.call("POST", "/posts/pown/claim", body={}, key="k", headers=bearer())
    assert (twin.status, twin.json) == (200, done.json)
    assert missed


def bearer():
    return {"Authorization": f"Bearer {token('comms')}"}


SAMPLES = {
    "api-health": 200,
    "api-login": 302,
    "api-me": 200,
    "api-queue": 200,
    "api-hide": 202,
    "api-reply-bearer": 401,
}


def test_samples(world: World):
    assert {p.stem for p in EVENTS.glob("api-*.json")} == set(SAMPLES)
    for name, status in SAMPLES.items():
        sent = json.loads((EVENTS / f"{name}.json").read_text())
        if "Cookie" in sent["headers"]:
            sent["headers"]["Cookie"] = f"__Host-sid={world.cookie('comms')}"
        answer = world.send(sent)
        assert answer.status == status, (name, answer.body)


def test_openapi_is_fresh():
    assert openapi.DOCUMENT.read_text(encoding="utf-8") == openapi.text(), "run: python functions/api/openapi.py"


def test_openapi_tells_what_the_routes_do():
    made = openapi.document()
    declared = {(m.lower(), path) for path, methods in app.routes.items() for m in methods}
    assert {(m, p) for p, methods in made["paths"].items() for m in methods} == declared
    hide = made["paths"]["/posts/{post_id}/hide"]["post"]
    assert {p["name"] for p in hide["parameters"]} == {"post_id", "Idempotency-Key"}
    assert "202" in hide["responses"]
    assert made["paths"]["/health"]["get"]["security"] == []
    text = openapi.text()
    for ref in set(text.split('"#/components/schemas/')[1:]):
        assert ref.split('"')[0] in made["components"]["schemas"]
