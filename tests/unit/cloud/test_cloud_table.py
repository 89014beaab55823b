"""One suite for the real table (against moto) and the table in memory: what passes on one passes on the other."""

from __future__ import annotations

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from bluelamp.cloud.dynamodb import (
    Absent,
    Before,
    Check,
    ConditionFailedError,
    Delete,
    Equals,
    Exists,
    Missing,
    Put,
    Table,
    Update,
)
from bluelamp.cloud.memory import MemoryTable
from bluelamp.cloud.wire import from_wire, to_wire

# The real adapter is tried by `make test`: each of its tests makes a cloud of its own, which takes a second.
REAL = pytest.param("moto", marks=pytest.mark.slow)


@pytest.fixture(params=["memory", REAL])
def table(request):
    if request.param == "memory":
        yield MemoryTable()
        return
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-west-2", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "g1pk", "g1sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "g1-index",
                    "KeySchema": [
                        {"AttributeName": "g1pk", "KeyType": "HASH"},
                        {"AttributeName": "g1sk", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield Table(client, "t")


def item(sk: str, **more):
    return {"pk": "p", "sk": sk, **more}


def test_what_is_put_is_got(table):
    value = {"n": 3, "b": b"\x00\xff", "l": [1, "a", None, True], "m": {"x": {"y": -7}}, "s": "ü"}
    table.write(Put(item("1", v=value)))
    assert table.get(("p", "1"))["v"] == value
    assert table.get(("p", "2")) is None


def test_put_if_absent_shows_what_is_there(table):
    table.write(Put(item("1", who="first"), Absent()))
    with pytest.raises(ConditionFailedError) as caught:
        table.write(Put(item("1", who="second"), Absent()))
    assert caught.value.failures[0]["who"] == "first"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Exists(), True),
        (Absent(), False),
        (Equals("rev", 3), True),
        (Equals("rev", 4), False),
        (Equals("deep.state", "open"), True),
        (Equals("deep.nothing", "open"), False),
        (Missing("nothing"), True),
        (Missing("rev"), False),
        (Before("rev", 4), True),
        (Before("rev", 3), False),
        (Before("nothing", 3), False),
    ],
)
def test_conditions(table, condition, holds):
    table.write(Put(item("1", rev=3, deep={"state": "open"})))
    write = Update(("p", "1"), set={"seen": True}, conditions=(condition,))
    if holds:
        assert table.write(write)["seen"] is True
    else:
        with pytest.raises(ConditionFailedError):
            table.write(write)
        assert "seen" not in table.get(("p", "1"))


def test_update_sets_adds_appends_and_removes(table):
    table.write(Put(item("1", n=1, gone="x", m={"k": 1}, trail=["a"])))
    after = table.write(
        Update(
            ("p", "1"), set={"m.k": 2, "new": "y"}, add={"n": 4}, append={"trail": ["b"], "list": [1]}, remove=("gone",)
        )
    )
    assert after == item("1", n=5, m={"k": 2}, new="y", trail=["a", "b"], list=[1])


def test_update_makes_what_is_not_there(table):
    assert table.write(Update(("p", "9"), add={"n": 1}))["n"] == 1


def test_a_transaction_is_all_or_nothing(table):
    table.write(Put(item("1", rev=1)))
    with pytest.raises(ConditionFailedError) as caught:
        table.transact([Put(item("2"), Absent()), Put(item("1", rev=3), Equals("rev", 2)), Check(("p", "3"), Absent())])
    assert list(caught.value.failures) == [1]
    assert caught.value.failures[1]["rev"] == 1
    assert table.get(("p", "2")) is None
    table.transact([Put(item("2"), Absent()), Delete(("p", "1"), Equals("rev", 1))])
    assert table.get(("p", "1")) is None
    assert table.get(("p", "2")) is not None


def test_batch_get_finds_what_exists(table):
    for n in range(5):
        table.write(Put(item(str(n), n=n)))
    found = table.batch_get([("p", str(n)) for n in range(3, 8)])
    assert {k: v["n"] for k, v in found.items()} == {("p", "3"): 3, ("p", "4"): 4}


def test_query_orders_bounds_and_pages(table):
    for n in (3, 1, 2, 5, 4):
        table.write(Put(item(f"k{n}", n=n)))
    table.write(Put(item("other", n=9)))

    def numbers(**how):
        return [i["n"] for i in table.query("p", **how).items]

    assert numbers(prefix="k") == [1, 2, 3, 4, 5]
    assert numbers(prefix="k", forward=False) == [5, 4, 3, 2, 1]
    assert numbers(after="k3") == [4, 5, 9]
    assert numbers(before="k3") == [1, 2]
    first = table.query("p", prefix="k", limit=2)
    second = table.query("p", prefix="k", limit=2, start=first.next)
    assert [i["n"] for i in first.items + second.items] == [1, 2, 3, 4]


def test_query_of_an_index_sees_only_what_carries_it(table):
    table.write(Put(item("1", g1pk="A", g1sk="2")))
    table.write(Put(item("2", g1pk="A", g1sk="1")))
    table.write(Put(item("3")))
    page = table.query("A", index="g1", limit=1)
    rest = table.query("A", index="g1", start=page.next)
    assert [i["sk"] for i in page.items + rest.items] == ["2", "1"]


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(plain)
def test_wire_and_back(value):
    assert from_wire(to_wire(value)) == value


def test_floats_are_refused():
    with pytest.raises(TypeError, match="float"):
        to_wire({"x": 0.5})
