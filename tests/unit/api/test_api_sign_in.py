"""Signing in through the hosted page, and out again, as a browser goes through it."""

import base64
import hashlib
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import parts
from bluelamp.audit.leaf import Actor
from tests.unit.api.kit import CLIENT, World, identity_token


def begin(world, wanted="/#queue"):
    answer = world.call("GET", "/auth/login", query={"next": wanted} if wanted is not None else None)
    assert answer.status == 302
    (cookie,) = answer.cookies
    query = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    return query, cookie


def callback(world, state, flow, *, code="c-1", **headers):
    cookie = flow.split(";")[0]
    query = {"code": code, "state": state} if code else {"state": state, "error": "access_denied"}
    return world.call("GET", "/auth/callback", query=query, headers={"Cookie": cookie, **headers})


def vouch(sub="comms", **claims):
    def answer(world, nonce):
        return json.dumps({"id_token": identity_token(sub, **{"nonce": nonce} | claims), "access_token": "a"}).encode()

    return answer


def sign_in(world, answer=None, wanted="/#queue"):
    query, flow = begin(world, wanted)
    world.exchange_answer = (answer or vouch())(world, query["nonce"])
    return query, callback(world, query["state"], flow)


def test_login_leads_to_the_hosted_page_with_pkce(world):
    query, cookie = begin(world)
    assert query["response_type"] == "code"
    assert query["client_id"] == CLIENT
    assert query["redirect_uri"] == "https://lamp.example/api/auth/callback"
    assert query["code_challenge_method"] == "S256"
    assert query["scope"] == "openid email profile"
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"):
        assert attribute in cookie
    assert cookie.startswith("__Host-flow=")


def test_callback_opens_a_session(world):
    query, answer = sign_in(world)
    assert answer.status == 302
    assert answer.headers["Location"] == "/#queue"
    session, flow = answer.cookies
    assert session.startswith("__Host-sid=comms.")
    assert "HttpOnly" in session
    assert "Secure" in session
    assert "Max-Age" not in session
    assert "Max-Age=0" in flow
    (form,) = world.exchanged
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
    assert challenge.decode() == query["code_challenge"]
    assert form["redirect_uri"] == query["redirect_uri"]
    (leaf,) = world.outbox()
    assert leaf["type"] == "login"
    assert leaf["actor"]["sub"] == "comms"
    random = session.split(";")[0].partition(".")[2]
    assert leaf["actor"]["session"] == hashlib.sha256(random.encode()).hexdigest()
    assert random not in str(world.table.items)
    assert world.call("GET", "/me", headers={"Cookie": session.split(";")[0]}).json["person"]["id"] == "comms"
    assert world.people.get("comms").last_login_at.isoformat(timespec="seconds") == "2026-11-22T16:00:00+00:00"


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "evil",
        "/a\r\nX: y",
        "/ü",
        "/" * 600,
    ],
)
def test_no_sign_in_ends_on_a_strangers_page(world, wanted):
    _, answer = sign_in(world, wanted=wanted)
    assert answer.status == 302
    assert answer.headers["Location"] == "/"


FORGED = {
    "wrong nonce": vouch(nonce="another"),
    "no nonce": vouch(nonce=None),
    "an access token": vouch(token_use="access"),
    "another client's": vouch(aud="another"),
    "another issuer's": vouch(iss="https://evil.example"),
    "expired": vouch(exp=1_700_000_000),
    "unknown key": vouch(kid="k9"),
    "signed by a stranger": vouch(key=rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "no signature": vouch(key="", alg="none"),
    "keyed with what is public": vouch(key="x" * 32, alg="HS256"),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_identity(world, name):
    _, answer = sign_in(world, FORGED[name])
    assert answer.status == 401
    assert answer.cookies == []
    assert world.outbox() == []
    assert not [k for k in world.table.items if k[1].startswith("SESSION#")]


def test_callback_that_this_browser_did_not_begin(world):
    query, flow = begin(world)
    other, _ = begin(world)
    world.exchange_answer = vouch()(world, query["nonce"])
    for state, cookie in ((other["state"], flow), (query["state"], "__Host-flow="), (query["state"], flow[:-60] + "A")):
        assert callback(world, state, cookie).status == 401
    assert world.exchanged == []
    assert callback(world, query["state"], flow, code=None).status == 401


def test_callback_too_late(world):
    query, flow = begin(world)
    world.clock.now += timedelta(minutes=11)
    answer = callback(world, query["state"], flow)
    assert answer.status == 401
    assert "ten minutes" in answer.json["detail"]
    assert world.exchanged == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"id_token": 1}'])
def test_odd_answers_of_the_token_address(world, body):
    _, answer = sign_in(world, lambda *_: body)
    assert answer.status in {401, 503}


def test_stranger_is_counted_and_suspended_person_is_recorded(world):
    _, answer = sign_in(world, vouch("nobody"))
    assert answer.status == 403
    assert answer.json["code"] == "unknown_person"
    assert world.outbox() == []
    assert world.counts() == {"api.unknown_person": 1}
    world.people.suspend("comms", rev=1, by=Actor.system("test"))
    world.outbox()
    assert sign_in(world)[1].status == 403
    (leaf,) = world.outbox()
    assert (leaf["type"], leaf["reason"]["code"], leaf["op"]["verb"]) == ("denied", "suspended", "auth.callback")
    assert leaf["actor"]["sub"] == "comms"


def test_a_browser_is_shown_a_page_and_not_json(world):
    query, flow = begin(world)
    answer = callback(world, query["state"], flow, code=None, Accept="text/html,*/*")
    assert answer.status == 401
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script" not in answer.body
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_logout_ends_the_session_and_is_recorded_once(world):
    cookie = {"Cookie": f"__Host-sid={world.cookie('comms')}"}
    answer = world.call("POST", "/auth/logout", body={}, headers=cookie)
    assert answer.status == 200
    assert answer.json["sign_out_url"].startswith("https://sign-in.example/logout?client_id=page-client&logout_uri=")
    assert answer.cookies == ["__Host-sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"]
    assert world.call("GET", "/me", headers=cookie).status == 401
    assert world.call("POST", "/auth/logout", body={}, headers=cookie).status == 401
    assert [leaf["type"] for leaf in world.outbox()] == ["logout"]


def test_plain_http_on_the_local_front():
    local = World(public_url="http://127.0.0.1:8080")
    before = parts.use(local)
    try:
        query, cookie = begin(local)
        assert cookie.startswith("flow=")
        assert "Secure" not in cookie
        local.exchange_answer = vouch()(local, query["nonce"])
        answer = callback(local, query["state"], cookie)
        assert answer.cookies[0].startswith("sid=comms.")
        assert "Strict-Transport-Security" not in answer.headers
        sid = {"Cookie": answer.cookies[0].split(";")[0]}
        assert local.call("GET", "/me", headers=sid).status == 200
        assert local.call("POST", "/live/ticket", body={}, headers=sid).status == 200
    finally:
        parts.use(before)


def test_algorithm_none_is_not_even_tried(world):
    unsigned = jwt.encode({"sub": "comms"}, None, algorithm="none")
    assert world.call("GET", "/me", headers={"Authorization": f"Bearer {unsigned}"}).status == 401
    assert world.fetched == 0
