"""Legal holds: what is held is not disposed of, whatever happens beside it, and S3 is told as well."""

from __future__ import annotations

import pytest

from bluelamp.audit.archive import pull
from bluelamp.audit.leaf import Actor
from bluelamp.audit.verify import verify
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.content.custody import Custody
from bluelamp.content.model import ContentBrokenError
from bluelamp.content.store import KeyStore
from bluelamp.cursors import CursorError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from bluelamp.ids import thread_id
from bluelamp.retention import holding
from bluelamp.retention.model import MOST_IN_THREAD
from tests.support.world import idem, principal
from tests.unit.retention.retention_kit import ADMIN, AUDITOR, REF, SUPERVISOR, KilledError, Killer


def test_a_hold_marks_posts_at_once_and_their_objects_once_it_is_sealed(office, tmp_path):
    first, second, other = office.closed("1", "2", "3")
    made = office.hold(first, second)
    assert made.state == "placing"
    assert office.post(first).holds == office.post(second).holds == (made.id,)
    assert office.post(other).holds == ()
    assert office.content.held == set()
    assert office.work()[-1] == "held"
    (stored,) = office.holds.list_for(AUDITOR).holds
    assert (stored.state, stored.marked, stored.packs) == ("held", 2, 2)
    packs = {(content.pack, content.version_id) for post in (first, second) for _, content in office.contents(post)}
    assert office.content.held == packs
    (leaf,) = office.about(first, "hold")
    assert (leaf["op"]["verb"], leaf["reason"], leaf["correlation"]) == (
        "hold",
        {"code": "proceedings", "ref": REF},
        made.id,
    )
    office.seal()
    pull(office.evidence, tmp_path)
    assert [str(f) for f in verify(tmp_path).failures] == []


def test_released_by_the_last_hold_a_post_may_be_disposed_of(office):
    (post,) = office.closed("1")
    one, two = office.hold(post), office.hold(post)
    office.work()
    office.lift(one.id)
    office.work()
    assert office.post(post).holds == (two.id,)
    with pytest.raises(ConflictError, match="legal hold"):
        office.propose(post)
    office.lift(two.id)
    office.work()
    states = {hold.id: (hold.state, hold.marked) for hold in office.holds.list_for(AUDITOR).holds}
    assert states == {one.id: ("released", 0), two.id: ("released", 0)}
    assert len(office.content.held) == 1  # S3's own hold stays: other posts lie in the same pack
    office.dispose(post)
    assert office.readable(post) == []
    with pytest.raises(ConflictError, match="released this hold"):
        office.lift(one.id)


def test_a_hold_outlives_an_edit(office):
    (post,) = office.closed("1")
    office.hold(post)
    office.work()
    office.pass_time(minutes=5)
    office.ingest(office.comment("1", "an edited idiot", edited=True))
    assert office.post(post).text == "an edited idiot"
    assert len(office.post(post).holds) == 1


def test_content_may_arrive_for_a_held_stub(office):
    gone = {"is": "gone", "platform": "facebook", "account_native": "1", "native_id": "late"}
    office.ingest(gone | {"event_at": "2026-11-22T11:00:00.000Z"})
    office.seal()
    stub = next(i["id"] for (_, sk), i in office.table.items.items() if sk == "POST")
    hold = office.hold(stub)
    office.ingest(office.comment("late", "words that came after their removal"))
    assert office.post(stub).holds == (hold.id,)


def test_a_thread_is_held_as_it_is_now(office, monkeypatch):
    monkeypatch.setattr(holding, "AT_ONCE", 2)
    posts = office.closed(*(str(n) for n in range(25)))
    made = office.hold(thread=thread_id("facebook", "root"))
    assert set(made.posts) == set(posts)
    assert sum(bool(office.post(post).holds) for post in posts) == 2
    done = office.work()
    assert "hold_goes_on" in done
    assert all(office.post(post).holds == (made.id,) for post in posts)
    (later,) = office.closed("later")
    assert office.post(later).holds == ()
    office.lift(made.id)
    office.work()
    assert not any(office.post(post).holds for post in posts)
    (stored,) = office.holds.list_for(AUDITOR).holds
    assert (stored.state, stored.marked, stored.packs) == ("released", 0, 25)


def test_whoever_still_marks_when_a_hold_is_released_marks_nothing(office):
    first, second = office.closed("1", "2")
    made = office.hold(first, second)
    stale = office.store.hold(made.id)
    office.lift(made.id)
    office.settling.settle(stale, stale.posts, Actor.system("dispose"))
    office.settling.ended(stale, packs=9)
    office.work()
    assert office.post(first).holds == office.post(second).holds == ()
    assert office.holds.list_for(AUDITOR).holds[0].state == "released"


def test_killed_anywhere_a_hold_is_placed_in_the_end():
    from tests.unit.retention.retention_kit import Office  # noqa: PLC0415 -- many of them

    for at in range(1, 60):
        office = Office()
        posts = office.closed("1", "2", "3")
        killed = False
        with Killer(office.faults, at, after=at % 2 == 0):
            try:
                office.hold(*posts)
            except KilledError:
                killed = True
        office.work()
        placed = office.holds.list_for(AUDITOR).holds
        for post in posts:
            assert len(office.post(post).holds) == len(placed)
        assert all(hold.state == "held" for hold in placed)
        if not killed:
            return
    pytest.fail("it never came to its end")


def test_who_may_hold(office):
    (post,) = office.closed("1")
    for other in (ADMIN, SUPERVISOR, principal("comms"), principal("local", teams=("north",))):
        with pytest.raises(RefusedError):
            office.holds.place(other, posts=[post], reason="proceedings", ref=REF, idem=idem())
        with pytest.raises(RefusedError):
            office.holds.list_for(other)
        with pytest.raises(RefusedError):
            office.holds.lift(other, "x", reason="not_needed", ref=None, idem=idem())


def test_what_is_not_there_is_not_held(office, monkeypatch):
    (post,) = office.closed("1")
    with pytest.raises(NotFoundError):
        office.hold(post, "pnothing")
    with pytest.raises(NotFoundError):
        office.hold(thread="tnothing")
    with pytest.raises(NotFoundError):
        office.lift("01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert office.post(post).holds == ()
    with pytest.raises(NotFoundError):
        office.destroying().run({"hold": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})
    monkeypatch.setattr(holding, "MOST_IN_THREAD", 0)
    with pytest.raises(InvalidInputError):
        office.hold(thread=thread_id("facebook", "root"))
    assert MOST_IN_THREAD == 2_000


def test_holds_are_listed_newest_first_and_page_by_page(office):
    posts = office.closed("1", "2", "3")
    made = [office.hold(post).id for post in posts]
    first = office.holds.list_for(AUDITOR, limit=2)
    rest = office.holds.list_for(AUDITOR, limit=2, cursor=first.next)
    assert [hold.id for hold in (*first.holds, *rest.holds)] == made[::-1]
    assert rest.next is None
    with pytest.raises(CursorError):
        office.holds.list_for(AUDITOR, cursor="x" + (first.next or ""))
    office.seal()
    assert [one["query"]["view"] for one in office.log() if one["type"] == "search"][-2:] == ["holds", "holds"]


def test_a_pack_that_is_not_there_says_so(office):
    (post,) = office.closed("1")
    ((_, content),) = office.contents(post)
    custody = Custody(bucket=office.content, keys=KeyStore(office.key_table))
    with pytest.raises(ContentBrokenError, match="not in the bucket"):
        custody.hold(content.model_copy(update={"version_id": "v999"}))
    with pytest.raises(ObjectMissingError):
        office.content.hold("nothing")


def test_a_hold_that_is_a_moment_too_late_marks_nothing(office, monkeypatch):
    (post,) = office.closed("1")
    made = office.propose(post)
    office.approve(made.id)
    monkeypatch.setattr(holding, "AT_ONCE", 0)
    hold = office.hold(post)
    office.seal()
    first = office.disposal_queue.messages.pop(0)
    assert first.body["disposal"] == made.id
    office.destroying().run(first.body)  # announced before the hold's own message is worked on
    office.work()
    (stored,) = office.holds.list_for(AUDITOR).holds
    assert (stored.id, stored.state, stored.marked) == (hold.id, "held", 0)
    assert office.post(post).disposed_at
