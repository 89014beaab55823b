"""Reviewed, and kept longer: a later review date with its record, and what does not get one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.ids import post_id
from bluelamp.retention import rules
from bluelamp.retention.model import NotDisposableError, NotKeptError
from tests.support.world import idem, principal
from tests.unit.retention.retention_kit import ADMIN, AUDITOR, OFFICER, REF, SUPERVISOR


def keep(office, post, until, *, by=SUPERVISOR):
    return office.retention.keep(by, post, until=until, reason="policing_purpose", ref=REF, idem=idem())


def due(office):
    return [one.post for one in office.retention.reviews(AUDITOR).reviews]


def test_a_post_is_kept_and_comes_to_the_list_again_on_that_day(office):
    kept, other = office.closed("1", "2")
    office.pass_time(days=2557)
    assert due(office) == [kept, other]
    today = office.clock().date()
    said = keep(office, kept, today + timedelta(days=100))
    assert said.review_at == f"{today + timedelta(days=100)}T00:00:00.000Z"
    assert due(office) == [other]
    with pytest.raises(NotDisposableError, match="is to be reviewed on"):
        office.propose(kept, reason="review_passed")
    assert office.propose(kept, reason="erasure_request").state == "proposed"
    office.pass_time(days=99)
    assert due(office) == [other]
    office.pass_time(days=1)
    assert due(office) == [kept, other]


def test_the_record_says_who_why_and_from_when_to_when(office):
    (kept,) = office.closed("1")
    before = office.retention.keep(
        SUPERVISOR, kept, until=date(2034, 1, 1), reason="risk_of_harm", ref=REF, idem=idem()
    ).closed_at
    office.seal()
    (leaf,) = [one for one in office.log() if one["type"] == "retain"]
    first = rules.parse_iso(before) + timedelta(days=2557)
    assert leaf["change"] == {"field": "review_at", "from": rules.iso(first), "to": "2034-01-01T00:00:00.000Z"}
    assert (leaf["op"], leaf["reason"]) == ({"verb": "keep"}, {"code": "risk_of_harm", "ref": REF})
    assert (leaf["actor"]["sub"], leaf["account"]) == (SUPERVISOR.id, "facebook-1")
    post = office.post(kept)
    assert (leaf["obj"]["rev"], post.head is not None) == (post.rev, True)
    assert post.updated_at == before
    line = post.trail[-1]
    assert line.detail == {"verb": "keep", "reason": "risk_of_harm", "until": "2034-01-01"}


def test_without_its_record_nothing_is_kept_and_a_repeat_changes_nothing(office):
    (kept,) = office.closed("1")
    stale = office.changer.load(SUPERVISOR, "keep", kept)
    keep(office, kept, date(2034, 1, 1))
    now = office.post(kept)
    load = office.changer.load
    office.changer.load = lambda *_, **__: stale
    with pytest.raises(ConflictError):
        keep(office, kept, date(2035, 1, 1))
    office.changer.load = load
    assert office.post(kept) == now


def test_a_day_is_later_than_the_review_and_not_for_ever(office):
    (kept,) = office.closed("1")
    last = office.clock().date() + timedelta(days=rules.MOST_DAYS)
    for until in (date(1970, 1, 1), office.clock().date(), date(2033, 11, 20), last + timedelta(days=2), date.max):
        with pytest.raises(InvalidInputError):
            keep(office, kept, until)
    keep(office, kept, last - timedelta(days=5))
    with pytest.raises(InvalidInputError, match="never shorter"):
        keep(office, kept, last - timedelta(days=5))
    keep(office, kept, last)
    office.pass_time(days=5000)
    with pytest.raises(InvalidInputError):
        keep(office, kept, last)


def test_only_a_closed_post_that_is_not_disposed_of(office):
    office.ingest(office.comment("open", "You idiot"))
    office.judge_all()
    with pytest.raises(NotKeptError, match="open"):
        keep(office, post_id("facebook-1", "open"), date(2034, 1, 1))
    (gone,) = office.closed("gone")
    office.dispose(gone)
    with pytest.raises(NotKeptError, match="disposed"):
        keep(office, gone, date(2034, 1, 1))


def test_only_a_supervisor_who_reaches_it(office):
    (kept,) = office.closed("1")
    for other in (ADMIN, AUDITOR, OFFICER):
        with pytest.raises(RefusedError):
            keep(office, kept, date(2034, 1, 1), by=other)
    with pytest.raises(OutOfScopeError):
        keep(office, kept, date(2034, 1, 1), by=principal("supervisor", teams=("south",)))
    with pytest.raises(NotFoundError):
        keep(office, "pnone", date(2034, 1, 1))
    assert office.post(kept).keep_until is None


def test_a_hold_may_stand_beside_it(office):
    (kept,) = office.closed("1")
    office.hold(kept)
    assert keep(office, kept, date(2034, 1, 1)).held
    assert office.post(kept).holds
