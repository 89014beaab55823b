"""The completeness of an account over the API: what is asked, what is shown, and that asking is recorded."""

from __future__ import annotations

from datetime import date

import pytest

from bluelamp.completeness.model import Gap, Said
from bluelamp.completeness.rules import bounds
from bluelamp.completeness.store import CompletenessStore

PATH = "/accounts/facebook-1/completeness"


@pytest.fixture
def stated(world):
    begin, end = bounds(date(2026, 11, 21))
    said = Said(begin, end, (Gap(begin, begin.replace(hour=2), "recovered"),))
    store = CompletenessStore(world.table)
    write = store.state("facebook-1", begin.date(), said, before=0, leaf="01ARZ3NDEKTSV4RRFFQ69G5FAV", at=world.clock())
    world.table.write(write)
    return world


def test_the_days_come_with_their_gaps(stated):
    answer = stated.call("GET", PATH, by="auditor", query={"from": "2026-11-01", "to": "2026-11-22"})
    assert answer.status == 200
    assert answer.json == {
        "account": "facebook-1",
        "streams": ["feed", "messages"],
        "days": [
            {
                "day": "2026-11-21",
                "from": "2026-11-21T00:00:00.000Z",
                "to": "2026-11-22T00:00:00.000Z",
                "status": "gap",
                "gaps": [{"from": "2026-11-21T00:00:00.000Z", "to": "2026-11-21T02:00:00.000Z", "state": "recovered"}],
                "version": 1,
                "stated_at": "2026-11-22T16:00:00.000Z",
                "leaf_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            }
        ],
    }
    (leaf,) = stated.outbox()
    assert (leaf["type"], leaf["query"]["view"], leaf["query"]["hits"]) == ("search", "completeness", 1)


def test_without_a_stretch_it_is_the_last_thirty_days(stated):
    assert len(stated.call("GET", PATH, by="local").json["days"]) == 1


@pytest.mark.parametrize(
    "query", [{"from": "yesterday"}, {"since": "2026-11-01"}, {"from": "2026-11-22", "to": "2026-11-01"}]
)
def test_a_stretch_that_is_none_is_refused_and_names_itself(stated, query):
    answer = stated.call("GET", PATH, by="comms", query=query)
    assert answer.status in {400, 422}
    assert stated.outbox() == []
