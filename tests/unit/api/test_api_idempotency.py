from datetime import UTC, datetime

import pytest

from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.memory import MemoryTable
from bluelamp.idempotency import Idempotency, IdempotencyKeyError, IdempotencyMismatchError


def idem(key="k", person="p", method="POST", path="/api/posts/p1/hide", body=b'{"a": 1, "b": 2}'):
    return Idempotency.of(person, key, method=method, path=path, body=body)


def test_put_then_replay():
    table = MemoryTable()
    assert idem().replay(table) is None
    answer = {"post": {"text": "Grüße", "n": None, "at": [1, 2]}}
    table.transact([idem().put(answer, now=datetime(2026, 11, 22, tzinfo=UTC))])
    assert idem().replay(table) == answer
    (item,) = table.items.values()
    assert item["ttl"] == int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
    with pytest.raises(ConditionFailedError):
        table.transact([idem().put({})])


@pytest.mark.parametrize("body", [b'{"b":2,"a":1}', b' {"a":1,  "b":2} '])
def test_spelling_does_not_matter(body):
    assert idem(body=body) == idem()


@pytest.mark.parametrize(
    "other", [{"body": b'{"a": 1}'}, {"path": "/api/posts/p2/hide"}, {"method": "PUT"}, {"body": b"{"}], ids=str
)
def test_another_write_under_the_same_key(other):
    table = MemoryTable()
    table.transact([idem().put({})])
    with pytest.raises(IdempotencyMismatchError):
        idem(**other).replay(table)


def test_people_do_not_meet():
    table = MemoryTable()
    table.transact([idem().put({"mine": True})])
    assert idem(person="q").replay(table) is None


@pytest.mark.parametrize("key", [None, "", '""', "a#b", "a b", "x" * 129, "ü"])
def test_unusable_keys(key):
    with pytest.raises(IdempotencyKeyError):
        idem(key=key)


def test_quoted_key_is_the_same_key():
    assert idem(key='"8e03978e-40d5"') == idem(key="8e03978e-40d5")
