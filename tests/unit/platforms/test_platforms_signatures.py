"""Handshakes and signatures: vectors, rotation, and what must never open the door."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys

import pytest

from bluelamp.cloud.memory import MemorySecrets
from bluelamp.errors import NotFoundError, SignatureError
from bluelamp.platforms.contract import ReauthoriseError
from bluelamp.platforms.secrets import account_token, platform_secrets
from bluelamp.platforms.signatures import PlatformSecrets, door, secrets_from

KEY = "test-app-secret"
SECRETS = PlatformSecrets(current=KEY, previous="", verify_token="test-verify-token")
BODY = '{"object":"page","entry":[]} with £ and 👮'.encode()


def signed(platform: str, key: str, body: bytes = BODY) -> dict[str, str]:
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    if platform == "facebook":
        return {"x-hub-signature-256": f"sha256={digest.hex()}"}
    return {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()}


def test_the_challenge_of_x_is_answered_as_published():
    shake = door("x").handshake({"crc_token": "challenge_string"}, SECRETS)
    assert json.loads(shake.body) == {"response_token": "sha256=Bo9SfylKVA7lwGBBoE3AfEqWQxQIyWB38V1OxjDOeOI="}
    assert shake.content_type == "application/json"


@pytest.mark.parametrize("token", ["", '{"data":{"event_type":"post.delete"}}', "a b", "x" * 600, "ünsafe"])
def test_the_challenge_cannot_be_used_to_sign_a_forged_webhook(token):
    with pytest.raises(SignatureError):
        door("x").handshake({"crc_token": token}, SECRETS)


def test_facebook_hears_its_challenge_back_as_plain_text():
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "test-verify-token"}
    shake = door("facebook").handshake(query, SECRETS)
    assert shake == ("1158201444", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 2000},
    ],
)
def test_facebook_without_our_token_hears_nothing(change):
    query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "test-verify-token", **change}
    with pytest.raises(SignatureError):
        door("facebook").handshake(query, SECRETS)


def test_an_empty_verify_token_matches_nobody():
    query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ""}
    with pytest.raises(SignatureError):
        door("facebook").handshake(query, PlatformSecrets(current=KEY))


@pytest.mark.parametrize("platform", ["facebook", "x"])
class TestVerify:
    def test_the_right_signature_passes(self, platform):
        door(platform).verify(BODY, signed(platform, KEY), SECRETS)

    def test_during_a_rotation_both_secrets_pass(self, platform):
        both = PlatformSecrets(current="new", previous=KEY)
        door(platform).verify(BODY, signed(platform, KEY), both)
        door(platform).verify(BODY, signed(platform, "new"), both)

    @pytest.mark.parametrize("secrets", [PlatformSecrets(current="other"), PlatformSecrets(current="")])
    def test_another_secret_fails(self, platform, secrets):
        with pytest.raises(SignatureError):
            door(platform).verify(BODY, signed(platform, KEY), secrets)

    def test_an_empty_secret_signs_nothing(self, platform):
        with pytest.raises(SignatureError):
            door(platform).verify(BODY, signed(platform, ""), PlatformSecrets(current=KEY, previous=""))

    def test_one_changed_byte_fails(self, platform):
        with pytest.raises(SignatureError):
            door(platform).verify(BODY + b" ", signed(platform, KEY), SECRETS)

    @pytest.mark.parametrize("value", ["", "sha256=", "sha1=abc", "ключ", "\udcff", "sha256=" + "0" * 64])
    def test_nonsense_in_the_header_fails(self, platform, value):
        (name,) = signed(platform, KEY)
        for headers in ({name: value}, {}):
            with pytest.raises(SignatureError):
                door(platform).verify(BODY, headers, SECRETS)


def test_unknown_platforms_have_no_door():
    with pytest.raises(NotFoundError):
        door("myspace")


def test_secrets_are_read_under_the_platforms_own_names():
    stored = {"app_secret": "a", "previous_app_secret": "b", "verify_token": "c"}
    assert secrets_from("facebook", stored) == ("a", "b", "c")
    assert secrets_from("x", {"consumer_secret": "a"}) == ("a", "", "")


def test_secrets_lie_under_their_prefixes():
    secrets = MemorySecrets({"p/x": {"consumer_secret": "a"}, "a/x-1": {"access_token": "t"}, "a/x-2": {}})
    assert platform_secrets(secrets, "p/", "x") == ("a", "", "")
    assert account_token(secrets.get, "a/", "x-1") == "t"
    for without in ("x-2", "x-3"):
        with pytest.raises(ReauthoriseError) as caught:
            account_token(secrets.get, "a/", without)
        assert str(caught.value) == f"{without} has no access token; connect the account again"
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_receiving_loads_neither_pydantic_nor_requests():
    heavy = "{'pydantic', 'requests', 'boto3', 'aws_lambda_powertools'}"
    code = (
        "import sys, functions.receive.handler, bluelamp.platforms.receiving;"
        f"print(sorted({{m.partition('.')[0] for m in sys.modules}} & {heavy}))"
    )
    path = ":".join(entry for entry in sys.path if entry)
    done = subprocess.run(  # noqa: S603 -- our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "[]"
