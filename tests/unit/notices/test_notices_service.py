"""Wishes are one's own, recorded without the number; the outbox is there only where messages are kept."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime

import pytest

from bluelamp.audit.layout import unpack
from bluelamp.cloud.dynamodb import Absent, Put
from bluelamp.cloud.memory import MemoryTable
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.notices.model import Message, Wishes
from bluelamp.notices.service import Notices
from bluelamp.notices.store import NoticeStore, Outbox
from bluelamp.people.model import Principal

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN, ADA = Principal(id="ann", name="Ann", role="local"), Principal(id="ada", name="Ada", role="admin")
WISHES = Wishes(urgent=("mail", "sms"), phone="+447700900123")


class Idem:
    n = 0

    def put(self, answer):
        self.n += 1
        return Put({"pk": f"IDEM#{self.n}", "sk": "IDEM", "answer": answer}, Absent())


@pytest.fixture
def table():
    return MemoryTable()


@pytest.fixture
def notices(table):
    return Notices(NoticeStore(table), wake=lambda: None, kept=True, clock=lambda: AT)


def leaves(table):
    items = [item for (pk, _), item in table.items.items() if pk.startswith("OUTBOX#")]
    return [json.loads(body) for item in items for body in unpack(zlib.decompress(item["data"]))]


def test_wishes_are_kept_and_recorded_without_the_number(table, notices):
    assert notices.wishes(ANN).rev == 0
    idem = Idem()
    assert notices.wish(ANN, WISHES, rev=0, idem=idem).rev == 1
    assert notices.wishes(ANN).phone == "+447700900123"
    assert notices.wishes(ADA).phone is None
    (leaf,) = leaves(table)
    assert (leaf["type"], leaf["change"]) == ("config", {"field": "notices", "to": "mail+sms"})
    assert "7700900123" not in json.dumps(leaf)


def test_what_was_changed_meanwhile_is_not_written_over(table, notices):
    idem = Idem()
    notices.wish(ANN, WISHES, rev=0, idem=idem)
    with pytest.raises(ConflictError):
        notices.wish(ANN, Wishes(), rev=0, idem=idem)
    assert notices.wishes(ANN).phone == "+447700900123"
    assert len(leaves(table)) == 1


def test_the_outbox_is_ones_own_and_all_for_an_administrator(table, notices):
    for who in ("ann", "bob"):
        Outbox(table, lambda: AT).send(Message(key="01J.outbox", to=who, subject="S", text="T.", link="https://x/#/"))
    assert [one.person for one in notices.outbox(ANN)] == ["ann"]
    assert sorted(one.person for one in notices.outbox(ADA)) == ["ann", "bob"]


def test_where_messages_are_sent_there_is_no_outbox(table):
    with pytest.raises(NotFoundError):
        Notices(NoticeStore(table), wake=lambda: None, clock=lambda: AT).outbox(ADA)
