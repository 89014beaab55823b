import base64
import hmac
import http.server
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bluelamp.errors import NotSignedInError
from bluelamp.people.sign_in import exchange_code
from bluelamp.people.tokens import KEEP_SECONDS, MAX_KEY_SET, ProviderUnavailableError, TokenVerifier, fetch_key_set

ISSUER, CLIENT = "https://issuer.example/pool", "page-client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(kid, key=KEY, **more):
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"} | more


def token(*, key=KEY, kid="k1", alg="RS256", **claims):
    now = int(datetime.now(UTC).timestamp())
    body = {"sub": "p", "iss": ISSUER, "client_id": CLIENT, "token_use": "access", "iat": now, "exp": now + 60}
    body = {k: v for k, v in (body | claims).items() if v is not None}
    return jwt.encode(body, key, algorithm=alg, headers={"kid": kid})


class Provider:
    def __init__(self, *keys):
        self.body = json.dumps({"keys": list(keys)}).encode()
        self.asked = 0
        self.now = 0.0

    def fetch(self, url):
        assert url == "jwks"
        self.asked += 1
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


def verifier(provider):
    return TokenVerifier(
        issuer=ISSUER, client_id=CLIENT, jwks_url="jwks", fetch=provider.fetch, clock=lambda: provider.now
    )


def test_good_token():
    provider = Provider(jwk("k1"))
    tokens = verifier(provider)
    assert provider.asked == 0
    for _ in range(3):
        claims = tokens.access(token(origin_jti="o", auth_time=1_700_000_000))
    assert (claims.sub, claims.sign_in, provider.asked) == ("p", "o", 1)
    assert claims.signed_in_at == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    "claims",
    [
        {"client_id": "another"}, {"client_id": None}, {"client_id": ["page-client"]}, {"token_use": "id"},
        {"token_use": None}, {"iss": ISSUER + "/"}, {"iss": None}, {"exp": 1}, {"exp": None}, {"iat": None},
        {"iat": 4_000_000_000}, {"sub": None}, {"nbf": 4_000_000_000}, {"kid": "k2"}, {"kid": ""},
        {"key": ec.generate_private_key(ec.SECP256R1()), "alg": "ES256"}, {"alg": "RS512"}, {"x": "y" * 9000},
    ],
    ids=lambda claims: "-".join(f"{k}={v}" for k, v in claims.items() if k != "key")[:40],
)  # fmt: skip
def test_bad_token(claims):
    with pytest.raises(NotSignedInError):
        verifier(Provider(jwk("k1"))).access(token(**claims))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é" * 10, "eyJhbGciOiJSUzI1NiJ9..", "\x00"])
def test_garbage(text):
    with pytest.raises(NotSignedInError):
        verifier(Provider(jwk("k1"))).access(text)


def test_public_key_as_shared_secret():
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (
        {"alg": "HS256", "kid": "k1"}, {"sub": "p", "iss": ISSUER, "client_id": CLIENT, "token_use": "access"}
    ))  # fmt: skip
    tag = base64.urlsafe_b64encode(hmac.digest(pem, head + b"." + body, "sha256")).rstrip(b"=")
    with pytest.raises(NotSignedInError):
        verifier(Provider(jwk("k1"))).access(b".".join([head, body, tag]).decode())


def test_unknown_key_is_asked_for_once_a_minute():
    provider = Provider(jwk("k1"))
    tokens = verifier(provider)
    for _ in range(20):
        with pytest.raises(NotSignedInError):
            tokens.access(token(kid="k2"))
    assert provider.asked == 1
    provider.body = json.dumps({"keys": [jwk("k2")]}).encode()
    provider.now = 61
    assert tokens.access(token(kid="k2")).sub == "p"
    assert provider.asked == 2
    provider.now = 61 + KEEP_SECONDS + 1
    tokens.access(token(kid="k2"))
    assert provider.asked == 3


def test_key_set_is_bounded():
    provider = Provider(*(jwk(f"k{n}") for n in range(40)))
    tokens = verifier(provider)
    tokens.access(token(kid="k15"))
    with pytest.raises(NotSignedInError):
        tokens.access(token(kid="k16"))


def test_keys_for_other_uses_are_left_aside():
    provider = Provider(jwk("k1", use="enc"), {"kty": "EC", "kid": "k2"}, {"kty": "RSA"}, jwk("k4", n="A"), jwk("k3"))
    tokens = verifier(provider)
    with pytest.raises(NotSignedInError):
        tokens.access(token(kid="k1"))
    assert tokens.access(token(kid="k3")).sub == "p"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [1]}', ProviderUnavailableError("x")])
def test_provider_that_gives_no_keys(body):
    provider = Provider()
    provider.body = body
    tokens = verifier(provider)
    for _ in range(5):
        with pytest.raises(ProviderUnavailableError):
            tokens.access(token())
    assert provider.asked == 1
    provider.body, provider.now = json.dumps({"keys": [jwk("k1")]}).encode(), 6.0
    assert tokens.access(token()).sub == "p"


@contextmanager
def served(status, body, headers=None):
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            seen.append((self.command, self.rfile.read(length)))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 -- the names are http.server's

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_over_http():
    with served(200, b'{"keys": []}') as (url, _):
        assert fetch_key_set(url) == b'{"keys": []}'
    with served(200, b'{"id_token": "t"}') as (url, seen):
        assert exchange_code(url, {"code": "c d", "grant_type": "authorization_code"}) == b'{"id_token": "t"}'
        assert seen == [("POST", b"code=c+d&grant_type=authorization_code")]


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [(500, b"{}", {}), (302, b"{}", {"Location": "http://127.0.0.1:1/"}), (200, b"x" * (MAX_KEY_SET + 1), {})],
    ids=["500", "302", "large"],
)
def test_over_http_going_wrong(status, body, headers):
    with served(status, body, headers) as (url, _):
        with pytest.raises(ProviderUnavailableError):
            fetch_key_set(url)
        with pytest.raises(ProviderUnavailableError):
            exchange_code(url, {})


def test_over_http_refused_and_away():
    with served(400, b'{"error": "invalid_grant"}') as (url, _), pytest.raises(NotSignedInError):
        exchange_code(url, {})
    with pytest.raises(ProviderUnavailableError):
        fetch_key_set(url)
    with pytest.raises(ProviderUnavailableError):
        exchange_code(url, {})
