import base64
import json

import pytest

from bluelamp.cursors import MAX_CHARACTERS, CursorError, Cursors, Signer
from bluelamp.errors import SignatureError

SECRET = b"s" * 32
QUERY = {"list": "queue", "view": "open"}
PLACE = {"F#0#open": "42026-11-22T16:29:52.123Z#p1", "n": 3}


def test_there_and_back():
    cursors = Cursors(SECRET)
    cursor = cursors.seal("p", QUERY, PLACE)
    assert cursors.open("p", dict(reversed(QUERY.items())), cursor) == PLACE
    assert cursor.replace("-", "a").replace("_", "a").isalnum()


@pytest.mark.parametrize(
    ("person", "query", "secret"),
    [("q", QUERY, SECRET), ("p", QUERY | {"view": "done"}, SECRET), ("p", {}, SECRET), ("p", QUERY, b"t" * 32)],
)
def test_bound_to_person_query_and_deployment(person, query, secret):
    cursor = Cursors(SECRET).seal("p", QUERY, PLACE)
    with pytest.raises(CursorError):
        Cursors(secret).open(person, query, cursor)


def test_every_changed_character_is_noticed():
    cursors = Cursors(SECRET)
    cursor = cursors.seal("p", QUERY, PLACE)
    for n, old in enumerate(cursor):
        for new in "Aa0_-=.é" if n % 7 else "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
            if new != old:
                with pytest.raises(CursorError):
                    cursors.open("p", QUERY, cursor[:n] + new + cursor[n + 1 :])
        with pytest.raises(CursorError):
            cursors.open("p", QUERY, cursor[:n])


def test_only_one_spelling_is_ours():
    signer = Signer(SECRET, "x")
    text = next(t for t in (signer.sign({"n": "x" * n}) for n in range(3)) if len(t) % 4)
    for other in (text + "=", text + "A", text + "\n", " " + text, base64.b64encode(text.encode()).decode()):
        with pytest.raises(SignatureError):
            signer.open(other)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(text[-1])
    twin = text[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last ^ 1]
    with pytest.raises(SignatureError):
        signer.open(twin)


@pytest.mark.parametrize("text", ["", "A", "A" * 22, "A" * 23, "A" * (MAX_CHARACTERS + 1), "é"])
def test_what_was_never_signed(text):
    with pytest.raises(SignatureError):
        Signer(SECRET, "x").open(text)


def test_purposes_do_not_mix():
    ticket = Signer(SECRET, "ticket").sign({"sub": "p"})
    assert Signer(SECRET, "ticket").open(ticket) == {"sub": "p"}
    with pytest.raises(SignatureError):
        Signer(SECRET, "sign-in").open(ticket)
    with pytest.raises(SignatureError):
        Signer(SECRET, "ticket").open(ticket, bound="p")
    assert json.dumps({"sub": "p"}, separators=(",", ":")).encode() in base64.urlsafe_b64decode(ticket + "==")
