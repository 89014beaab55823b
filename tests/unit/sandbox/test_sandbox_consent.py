"""Consent on the stand-ins: as strict and as unforgiving as the platforms."""

import base64
import hashlib
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.unit.sandbox.conftest import PAGE, SECRETS, USER

BACK = "https://desk.test/api/accounts/callback"
APP = {"client_id": "desk", "client_secret": "app+secret", "redirect_uri": BACK}
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PAGES = {"x": "/x/i/oauth2/authorize", "facebook": "/graph/v26.0/dialog/oauth"}


@pytest.fixture
def desk(sandbox, monkeypatch):
    for platform in ("x", "facebook"):
        monkeypatch.setitem(SECRETS, platform, SECRETS[platform] | APP)
    sandbox.world.secrets._values = SECRETS
    return sandbox


def asked(**more):
    query = {"response_type": "code", "client_id": "desk", "redirect_uri": BACK, "state": "s"}
    return query | {"code_challenge": CHALLENGE, "code_challenge_method": "S256"} | more


def consent(desk, platform="x", account=USER):
    answer = desk.http.post(PAGES[platform], query_string=asked(), data={"account": account, "agree": "yes"})
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["s"]
    return query["code"][0]


def x_token(desk, **form):
    return x_token_as(desk, "desk:app%2Bsecret", **form)


def x_token_as(desk, app, **form):
    basic = base64.b64encode(app.encode()).decode()
    return desk.http.post("/x/2/oauth2/token", data=form, headers={"Authorization": f"Basic {basic}"})


def exchanged(desk, code, **more):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return x_token(desk, **form | more)


def renewed(desk, token):
    return x_token(desk, grant_type="refresh_token", refresh_token=token)


def me(desk, token):
    return desk.x("GET", "/users/me", token=token).status_code


def test_a_code_gives_a_pair_and_the_pair_rotates(desk):
    first = exchanged(desk, consent(desk)).json
    assert me(desk, first["access_token"]) == 200
    second = renewed(desk, first["refresh_token"]).json
    assert me(desk, first["access_token"]) == 401
    assert me(desk, second["access_token"]) == 200


def test_a_renewing_token_that_comes_again_ends_the_consent(desk):
    first = exchanged(desk, consent(desk)).json
    second = renewed(desk, first["refresh_token"]).json
    again = renewed(desk, first["refresh_token"])
    assert (again.status_code, again.json["error"]) == (400, "invalid_request")
    assert me(desk, second["access_token"]) == 401
    assert renewed(desk, second["refresh_token"]).status_code == 400


def test_a_code_that_comes_again_ends_what_it_gave(desk):
    code = consent(desk)
    first = exchanged(desk, code).json
    assert exchanged(desk, code).status_code == 400
    assert me(desk, first["access_token"]) == 401


def test_tokens_and_codes_end_by_the_clock(desk):
    desk.control("/settings", method="PATCH", x_token_seconds=60)
    pair = exchanged(desk, consent(desk)).json
    assert pair["expires_in"] == 60
    code = consent(desk)
    desk.later(60)
    assert me(desk, pair["access_token"]) == 401
    assert exchanged(desk, code).status_code == 400
    assert renewed(desk, pair["refresh_token"]).status_code == 200


@pytest.mark.parametrize("wrong", [{"redirect_uri": BACK + "x"}, {"code_verifier": "w" * 43}, {"code": "none"}])
def test_an_exchange_that_does_not_fit_is_refused(desk, wrong):
    code = consent(desk)
    assert exchanged(desk, **{"code": code} | wrong).status_code == 400


def test_another_app_is_refused(desk):
    assert exchanged(desk, consent(desk)).status_code == 200
    assert x_token_as(desk, "desk:wrong", grant_type="refresh_token", refresh_token="r").status_code == 401


@pytest.mark.parametrize("platform", ["x", "facebook"])
@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": "https://evil.test"}, {"client_id": "other"}, {"state": ""}, {"code_challenge": ""}]
)
def test_a_consent_that_does_not_fit_leads_nowhere(desk, platform, wrong):
    assert desk.http.get(PAGES[platform], query_string=asked(**wrong)).status_code == 400


def test_the_page_asks_and_a_refusal_comes_back(desk):
    assert "Wealdshire Police" in desk.http.get(PAGES["x"], query_string=asked()).text
    answer = desk.http.post(PAGES["x"], query_string=asked(), data={"agree": "no"})
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"error": ["access_denied"], "state": ["s"]}


def test_a_consent_can_be_ended(desk):
    pair = exchanged(desk, consent(desk)).json
    form = {"token": pair["refresh_token"]}
    assert desk.http.post("/x/2/oauth2/revoke", data=form).status_code == 401, "by the app alone"
    assert me(desk, pair["access_token"]) == 200
    basic = base64.b64encode(f"{APP['client_id']}:{quote(APP['client_secret'])}".encode()).decode()
    ours = {"Authorization": f"Basic {basic}"}
    for _ in range(2):
        assert desk.http.post("/x/2/oauth2/revoke", data=form, headers=ours).json == {"revoked": True}
    assert me(desk, pair["access_token"]) == 401


def graph_token(desk, **form):
    return desk.http.post("/graph/v26.0/oauth/access_token", data={**APP, **form})


def test_a_page_gives_its_token_to_who_runs_it(desk):
    code = consent(desk, "facebook", PAGE)
    short = graph_token(desk, code=code, code_verifier=VERIFIER).json["access_token"]
    long = graph_token(desk, grant_type="fb_exchange_token", fb_exchange_token=short).json["access_token"]
    page = desk.graph("GET", f"/{PAGE}", token=long, fields="id,access_token").json
    assert desk.graph("GET", "/me", token=page["access_token"]).json["id"] == PAGE
    assert graph_token(desk, code=code, code_verifier=VERIFIER).json["error"]["code"] == 100
    assert desk.graph("GET", "/me", token=page["access_token"]).json["error"]["code"] == 190


def test_another_page_keeps_its_token(desk):
    desk.control("/accounts", platform="facebook", id="42", name="Other", handle="other", token="t")
    short = graph_token(desk, code=consent(desk, "facebook", "42"), code_verifier=VERIFIER).json["access_token"]
    assert desk.graph("GET", f"/{PAGE}", token=short, fields="id,access_token").json == {"id": PAGE}


def test_the_log_of_calls_shows_no_secret(desk):
    pair = exchanged(desk, code := consent(desk)).json
    renewed(desk, pair["refresh_token"])
    told = str(desk.look("/calls"))
    assert all(word not in told for word in (code, VERIFIER, "app+secret", *pair["refresh_token"].split()))
