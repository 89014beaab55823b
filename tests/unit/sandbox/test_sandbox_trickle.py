"""The public and the force: realistic, bounded, the same for the same seed."""

import re
import threading
from urllib.parse import urlsplit

import pytest

from sandbox import phrases, trickle
from sandbox.client import ControlClient, ControlError
from sandbox.force import load

ACCOUNTS = [
    {"id": "facebook-201", "platform": "facebook", "name": "Ashcombe Police", "handle": "ashcombe", "token": "a"},
    {"id": "x-301", "platform": "x", "name": "Millbridge Police", "handle": "MillbridgePol", "token": "b"},
]


class InProcess:
    """Stands in for requests' session: the same calls, without a port."""

    def __init__(self, http):
        self._http = http

    def request(self, method, url, timeout, params=None, json=None):
        answer = self._http.open(urlsplit(url).path, method=method, query_string=params, json=json)
        return type(
            "Answer",
            (),
            {
                "ok": answer.status_code < 400,
                "status_code": answer.status_code,
                "reason": "",
                "json": lambda self: answer.json,
            },
        )()


@pytest.fixture
def client(sandbox):
    return ControlClient("http://sandbox.test/_control", InProcess(sandbox.http))


def test_a_force_is_loaded_once(client):
    for _ in range(2):
        assert [account["id"] for account in load(client, ACCOUNTS)] == ["201", "301"]
    for platform, key in (("facebook", "201"), ("x", "301")):
        posts = client.get(f"/objects/{platform}", account=key)["objects"]
        assert [post["direction"] for post in posts] == ["out", "out"]


def steps(furnished, number, **options):
    sandbox = furnished()
    client = ControlClient("http://sandbox.test/_control", InProcess(sandbox.http))
    load(client, ACCOUNTS)
    stream = trickle.Trickle(client, **options)
    done = []
    for _ in range(number):
        sandbox.later(2)
        what, about = stream.step()
        done.append((what, about["platform"], about["author"]["name"], about["text"]))
    sandbox.world.store.close()
    return done


@pytest.mark.slow
def test_the_same_seed_writes_the_same(furnished):
    first = steps(furnished, 60, seed=3)
    assert first == steps(furnished, 60, seed=3)
    assert first != steps(furnished, 60, seed=4)
    assert {platform for _, platform, _, _ in first} == {"facebook", "x"}
    assert {"answer", "edit", "delete"} <= {what for what, *_ in first}


def test_the_mix_can_be_set(furnished):
    only = dict.fromkeys(phrases.MIX, 0.0) | {"life_risk": 1.0}
    written = {what for what, *_ in steps(furnished, 30, mix=only)}
    assert written <= {"life_risk", "answer", "message", "edit", "delete", "reaction"}


def test_numbers_are_from_ofcoms_drama_ranges_and_every_gap_is_filled(client, sandbox):
    stream = trickle.Trickle(client)
    texts = [stream.text(kind, text="x") for kind in phrases.PHRASES for _ in range(60)]
    assert not [text for text in texts if re.search(r"[{}]", text)]
    numbers = {number for text in texts for number in re.findall(r"\b0\d{4} \d{6}\b", text)}
    assert numbers
    assert all(number.startswith(("07700 900", "01632 960")) for number in numbers)


def test_it_stops_at_its_bounds_and_when_told(client, capsys):
    load(client, ACCOUNTS)
    stream = trickle.Trickle(client)
    stop = threading.Event()
    assert trickle.run(stream, rate=0, count=5, seconds=None, stop=stop) == 5
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert trickle.run(stream, rate=0, count=None, seconds=0, stop=stop) == 0
    stop.set()
    assert trickle.run(stream, rate=0, count=None, seconds=None, stop=stop) == 0
    assert all(2 <= stream.pause(3) <= 4 for _ in range(50))


def test_no_accounts_and_unknown_kinds_are_told(capsys):
    empty = type("Client", (), {"get": lambda self, path: {"accounts": []}})()
    with pytest.raises(ControlError, match="load a force"):
        trickle.Trickle(empty)
    assert trickle.main(["--control", "http://127.0.0.1:9/_control"]) == 2
    assert trickle.main(["--control", "http://127.0.0.1:9/_control", "--mix", "cats=1"]) == 2
    assert "cats" in capsys.readouterr().err
