"""Retention classes and the list of reviews: defaults, changes with their record, and what is due when."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.errors import ConflictError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.platforms.registry import connector
from bluelamp.posts.model import Post
from bluelamp.retention import rules, service
from bluelamp.retention.model import KINDS, RetentionClass
from bluelamp.times import iso, parse_iso
from tests.contract.infra_template import load
from tests.support.world import START, idem, principal
from tests.unit.retention.retention_kit import ADMIN, AUDITOR, OFFICER, SUPERVISOR


def class_of(office, platform, kind):
    return next(c for c in office.retention.classes(ADMIN).classes if (c.platform, c.kind) == (platform, kind))


def set_class(office, days, *, kind="comment", rev=0, by=ADMIN):
    return office.retention.set_class(by, "facebook", kind, days=days, basis="force_policy", rev=rev, idem=idem())


def test_every_platform_that_we_speak_with_has_classes(office):
    shown = office.retention.classes(AUDITOR).classes
    assert {(c.platform, c.kind) for c in shown} == {(p, k) for p in rules.DEFAULTS for k in KINDS}
    for platform in ("facebook", "x"):
        assert connector(platform)
        assert platform in rules.DEFAULTS
    assert all(c.rev == 0 and c.why and c.changed_by is None for c in shown)
    assert class_of(office, "facebook", "comment").days == 2557
    assert class_of(office, "linkedin", "comment").days == 1
    assert class_of(office, "x", "mention").basis == "platform_terms"


def test_a_class_is_set_and_the_change_recorded(office):
    first = set_class(office, 365)
    assert (first.days, first.rev, first.changed_by.name) == (365, 1, "Ari Admin")
    with pytest.raises(ConflictError) as overtaken:
        set_class(office, 30)
    assert (overtaken.value.rev, overtaken.value.by) == (1, "Ari Admin")
    set_class(office, 730, rev=1)
    assert class_of(office, "facebook", "comment").days == 730
    assert class_of(office, "facebook", "post").days == 2557
    office.seal()
    leaves = [one for one in office.log() if one.get("obj", {}).get("kind") == "retention_class"]
    assert [one["change"] for one in leaves] == [
        {"field": "retention", "from": "2557:contact_record", "to": "365:force_policy"},
        {"field": "retention", "from": "365:force_policy", "to": "730:force_policy"},
    ]
    assert [one["type"] for one in leaves] == ["config", "config"]
    assert [one["obj"]["rev"] for one in leaves] == [1, 2]
    assert "prev" in leaves[1]["obj"]


def test_two_who_set_a_class_at_once(office, monkeypatch):
    real = office.store.classes
    monkeypatch.setattr(office.store, "classes", dict)  # as both read it before either wrote
    set_class(office, 365)
    monkeypatch.setattr(office.store, "classes", lambda: {} if not office.table.items else real())
    with pytest.raises(ConflictError) as overtaken:
        set_class(office, 30)
    assert overtaken.value.rev == 1


def test_who_may_do_what_with_classes(office):
    for other in (AUDITOR, SUPERVISOR, OFFICER):
        with pytest.raises(RefusedError):
            set_class(office, 1, by=other)
    with pytest.raises(RefusedError):
        office.retention.classes(OFFICER)
    with pytest.raises(RefusedError):
        office.retention.reviews(OFFICER)
    for platform, kind in (("myspace", "post"), ("facebook", "poem")):
        with pytest.raises(NotFoundError):
            office.retention.set_class(ADMIN, platform, kind, days=1, basis="consent", rev=0, idem=idem())


def test_reviews_are_those_whose_date_has_passed_the_longest_first(office):
    old = office.closed("1", "2")
    office.pass_time(days=10)
    young = office.closed("3")
    assert office.retention.reviews(AUDITOR).reviews == ()
    office.pass_time(days=2557 - 5)
    page = office.retention.reviews(AUDITOR, account="facebook-1")
    assert {one.post for one in page.reviews} == set(old)
    assert page.next is None
    office.pass_time(days=5)
    page = office.retention.reviews(AUDITOR)
    assert [one.post for one in page.reviews][-1] == young[0]
    assert len(page.reviews) == 3
    due = page.reviews[0]
    assert parse_iso(due.review_at) == parse_iso(due.closed_at) + timedelta(days=2557)
    assert due.basis == "contact_record"
    assert "idiot" not in page.model_dump_json()
    office.seal()
    last = [one for one in office.log() if one["type"] == "search"][-1]
    assert last["query"] == {"view": "reviews", "filters": {}, "hits": 3}


def test_kinds_of_other_classes_stand_between_and_are_left_out(office):
    comments = office.closed("1", "3")
    office.closed("2", kind="mention")
    set_class(office, 30)
    office.pass_time(days=31)
    assert {one.post for one in office.retention.reviews(AUDITOR).reviews} == set(comments)


def test_a_held_post_is_shown_as_held_and_a_disposed_one_not_at_all(office):
    held, gone = office.closed("1", "2")
    office.hold(held)
    office.dispose(gone)
    office.pass_time(days=6000)
    (one,) = office.retention.reviews(AUDITOR).reviews
    assert (one.post, one.held) == (held, True)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_reviews_page_through_every_account(office, limit):
    wanted = office.closed(*"abcde") + office.closed(*"fgh", page="2")
    office.pass_time(days=3000)
    seen, cursor = [], None
    for _ in range(30):
        page = office.retention.reviews(AUDITOR, cursor=cursor, limit=limit)
        assert len(page.reviews) <= limit
        seen += [one.post for one in page.reviews]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == sorted(wanted)
    assert [s in wanted[:5] for s in seen] == [True] * 5 + [False] * 3


def test_a_page_reads_a_bounded_number_of_posts(office, monkeypatch):
    monkeypatch.setattr(service, "READS", 1)
    wanted = office.closed("a") + office.closed("b", page="2")
    office.pass_time(days=3000)
    first = office.retention.reviews(AUDITOR)
    assert [one.post for one in first.reviews] == wanted[:1]
    second = office.retention.reviews(AUDITOR, cursor=first.next)
    assert [one.post for one in second.reviews] == wanted[1:]
    assert second.next is None


def test_reviews_keep_to_the_persons_accounts(office):
    mine, _ = office.closed("a"), office.closed("b", page="2")
    office.pass_time(days=3000)
    narrow = principal("supervisor", teams=("north",))
    assert [one.post for one in office.retention.reviews(narrow).reviews] == mine
    with pytest.raises(OutOfScopeError):
        office.retention.reviews(narrow, account="facebook-2")
    assert office.retention.reviews(principal("supervisor", teams=())).reviews == ()


def test_the_recovery_window_is_that_of_the_tables():
    for name in ("Table", "KeyTable"):
        given = load("data.yaml")["Resources"][name]["Properties"]["PointInTimeRecoverySpecification"]
        assert given["PointInTimeRecoveryEnabled"] is True
        # What CloudFormation sets when nothing is said, and the most that DynamoDB has.
        assert given.get("RecoveryPeriodInDays", 35) == rules.RECOVERY.days


def test_a_post_without_a_class_of_its_platform_is_kept_as_facebook_is():
    post = Post.model_construct(platform="mastodon", kind="post", updated_at=iso(START), disposal=None)
    assert rules.class_of({}, "mastodon", "post").days == 2557
    own = RetentionClass(platform="mastodon", kind="post", days=10, basis="consent", rev=1)
    stored = {("mastodon", "post"): own}
    assert rules.due(post, rules.class_of(stored, "mastodon", "post"), START + timedelta(days=10))
    assert not rules.due(post, own, START + timedelta(days=9, hours=23))
    assert json.loads(rules.shown(own).model_dump_json())["why"]
