"""A notice is written with ids alone, each recipient once, and never over another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bluelamp.cloud.dynamodb import Absent
from bluelamp.notices.model import Notice
from bluelamp.notices.telling import told

AT = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)


def test_a_notice_names_whom_and_what_about():
    put = told("flagged", to=["person:p1", "team:central", "person:p1"], at=AT, about={"post": "x-1"}, urgent=True)
    assert put.conditions == (Absent(),)
    kept = {name: value for name, value in put.item.items() if name not in {"pk", "sk", "schema", "rev"}}
    notice = Notice.model_validate(kept)
    assert (notice.to, notice.about, notice.urgent) == (("person:p1", "team:central"), {"post": "x-1"}, True)
    assert put.item["sk"] == notice.id


@pytest.mark.parametrize("to", [[], ["jo@example.org"], ["person:"], ["person:Jo Bloggs"]])
def test_whom_is_an_id(to):
    with pytest.raises(ValidationError):
        told("flagged", to=to, at=AT)


def test_no_words_get_into_a_notice():
    with pytest.raises(ValidationError):
        told("flagged", to=["person:p1"], at=AT, about={"post": "he said that"})
