import base64
import re

import pytest
from aiohttp import web

from bluelamp.cli.local import front_signin
from bluelamp.cli.local.front_signin import SignIn, one_time_code

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = 1_795_000_000.0


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = NOW

        def time(self):
            return self.now

    found = Clock()
    monkeypatch.setattr(front_signin, "time", found)
    return found


@pytest.fixture
def sign_in(clock):
    return SignIn({"Ursula.Finch@example": SECRET})


def granted():
    return web.Response(status=302, headers={"Location": "/api/auth/callback?code=abc"})


def token(answer):
    return re.search(r'name="code_token" value="([^"]+)"', answer.text).group(1)


def ask(sign_in):
    return token(sign_in.first_step({"username": "ursula.finch@EXAMPLE "}, granted()))


# RFC 6238, appendix B (SHA-1), the last six digits of each.
@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(at, code):
    assert one_time_code(SECRET, at) == code


def test_somebody_without_a_second_factor_goes_straight_through(sign_in):
    answer = granted()
    assert sign_in.first_step({"username": "somebody@example"}, answer) is answer


def test_a_wrong_password_is_answered_as_it_was(sign_in):
    answer = web.Response(status=200, text="Incorrect username or password.")
    assert sign_in.first_step({"username": "ursula.finch@example"}, answer) is answer


def test_a_password_form_is_no_second_step(sign_in):
    assert sign_in.second_step({"username": "a", "password": "b"}) is None


def test_the_right_code_lets_the_answer_go(sign_in):
    answer = sign_in.second_step({"code_token": ask(sign_in), "code": one_time_code(SECRET, NOW)})
    assert (answer.status, answer.headers["Location"]) == (302, "/api/auth/callback?code=abc")


@pytest.mark.parametrize("drift", [-30, 30])
def test_a_clock_may_be_one_step_off(sign_in, drift):
    code = one_time_code(SECRET, NOW + drift)
    assert sign_in.second_step({"code_token": ask(sign_in), "code": f"{code[:3]} {code[3:]}"}).status == 302


@pytest.mark.parametrize("code", ["", "000000", "ünïcödé", one_time_code(SECRET, NOW + 90)])
def test_a_wrong_code_is_asked_for_again(sign_in, code):
    answer = sign_in.second_step({"code_token": ask(sign_in), "code": code})
    assert answer.status == 200
    assert "not right" in answer.text


def test_a_code_works_once(sign_in):
    code = one_time_code(SECRET, NOW)
    assert sign_in.second_step({"code_token": ask(sign_in), "code": code}).status == 302
    assert sign_in.second_step({"code_token": ask(sign_in), "code": code}).status == 200


def test_five_wrong_codes_end_it(sign_in):
    held = ask(sign_in)
    answers = [sign_in.second_step({"code_token": held, "code": "000000"}).status for _ in range(5)]
    assert answers == [200, 200, 200, 200, 400]
    assert sign_in.second_step({"code_token": held, "code": one_time_code(SECRET, NOW)}).status == 400


def test_waiting_too_long_ends_it(sign_in, clock):
    held = ask(sign_in)
    clock.now += front_signin.HELD_SECONDS + 1
    assert sign_in.second_step({"code_token": held, "code": one_time_code(SECRET, clock.now)}).status == 400
