"""Disposal by two people: what goes, what stays, who may, and that no key goes before the log says so under lock."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

import pytest

from bluelamp.audit.archive import pull
from bluelamp.audit.leaf import Actor, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.verify import verify
from bluelamp.content.model import ContentGoneError, Entry
from bluelamp.content.restoring import replay
from bluelamp.content.store import KeyStore
from bluelamp.errors import ConflictError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.people.model import FORCE, Access
from bluelamp.people.rules import NotPermittedError
from bluelamp.posts.model import Pointer, Reason
from bluelamp.posts.store import view_item
from bluelamp.retention.model import (
    NotDisposableError,
    NotDoneError,
    NotYetError,
    SamePersonError,
    TwoPeopleError,
)
from tests.support.world import World, idem, principal
from tests.unit.retention.retention_kit import (
    ADMIN,
    AUDITOR,
    OFFICER,
    PICTURE,
    REF,
    SUPERVISOR,
    KilledError,
    Killer,
    Office,
)


def verified(office: World, tmp_path) -> None:
    office.seal()
    pull(office.evidence, tmp_path / "archive")
    report = verify(tmp_path / "archive")
    assert [str(f) for f in report.failures] == []


def test_two_people_dispose_of_a_post_and_nothing_of_it_can_be_read(office, tmp_path):
    kept, gone = office.closed("kept", "gone", text="Sam lives at 4 Mill Lane")
    office.posts.note(OFFICER, gone, text="Rang Sam Public.", idem=idem())
    office.seal()
    assert len(office.readable(gone)) == 2
    made = office.propose(gone)
    assert (made.state, made.fates[0].state) == ("proposed", "pending")
    office.approve(made.id)
    office.work()
    assert office.readable(gone) == []
    assert office.readable(kept) != []
    assert office.post(kept).text == "Sam lives at 4 Mill Lane"
    post = office.post(gone)
    assert (post.text, post.media, post.author.id, post.author.name, post.permalink) == ("", (), None, None, None)
    assert post.disposed_at
    assert office.changer.can(OFFICER, post) == frozenset()
    held = [item for (pk, _), item in office.table.items.items() if pk == f"POST#{gone}"]
    assert "Mill Lane" not in repr(held)
    assert "Rang" not in repr(held)
    assert "Sam" not in repr([{k: v for k, v in item.items() if k != "trail"} for item in held])
    view = office.disposals.get(ADMIN, made.id)
    assert (view.state, view.fates[0].state, view.fates[0].contents) == ("done", "destroyed", 2)
    verified(office, tmp_path)


def test_the_log_tells_it_in_order(office):
    (post,) = office.closed("1")
    office.dispose(post)
    log = [one for one in office.log() if one["type"] in {"retain", "erase"}]
    told = [(one["type"], one["op"].get("verb"), one["op"].get("result")) for one in log]
    assert told == [
        ("retain", "propose_disposal", None),
        ("retain", "approve_disposal", None),
        ("erase", "dispose", None),
        ("erase", "dispose", None),
        ("erase", "dispose", "done"),
        ("retain", "dispose", "done"),
    ]
    assert sum("content" in one for one in log[2:4]) == 1
    announced, done = [one for one in log if "erasure" in one][:2]
    assert announced["erasure"] == {"contents": 1, "remaining": 0}
    assert announced["dpa62"] == "erasure"
    assert announced["reason"] == {"code": "erasure_request", "ref": REF}
    assert done["op"]["intent"] == announced["id"]
    assert log[-1]["erasure"] == {"contents": 1, "remaining": 0, "posts": 1, "skipped": 0}
    assert [one["obj"]["rev"] for one in log if one["obj"]["kind"] == "disposal"] == [1, 2, 3]


@pytest.mark.parametrize("glass", [True, False])
def test_who_has_an_account_for_a_time_does_not_have_it_destroyed(office, glass):
    (post,) = office.closed("1")
    made = office.propose(post)
    now = office.clock()
    taken = Access(
        id="1", account=FORCE, gives="desk", begins_at=now, ends_at=now + timedelta(hours=1), glass=glass
    )  # fmt: skip
    guest = principal("supervisor", teams=("west",)).model_copy(update={"access": (taken,), "at": now})
    with pytest.raises(NotPermittedError) as refused:
        office.disposals.approve(guest, made.id, idem=idem())
    assert refused.value.reason_code == "lent"
    assert office.disposals.get(ADMIN, made.id).state == "proposed"


def test_media_context_and_answers_go_too(office, tmp_path):
    office.closed("root")
    post = office.pictured("1")
    office.hide(post)
    assert office.about(post, "media")
    assert office.about(post, "context")
    assert len(office.readable(post)) == 3
    office.dispose(post)
    assert office.readable(post) == []
    actions = [i for (pk, sk), i in office.table.items.items() if pk == f"POST#{post}" and sk.startswith("ACTION#")]
    assert actions
    assert not any("case_before" in item or item.get("text") for item in actions)
    verified(office, tmp_path)


def test_what_was_kept_around_another_post_is_named(office, tmp_path):
    words, other = office.closed("words", "other", text="Sam lives at 4 Mill Lane")
    office.hide(other)
    disposal = office.dispose(words)
    office.seal()
    (one,) = office.disposals.certificate(ADMIN, disposal).posts
    (context,) = office.about(other, "context")
    assert [left.leaf for left in one.left] == [context["id"]]
    assert any(b"Mill Lane" in body for body in office.readable(other))
    # Disposed of as well, the other post takes it along, and the certificate has nothing left to name.
    office.dispose(other)
    assert office.disposals.certificate(ADMIN, disposal).posts[0].left == ()
    verified(office, tmp_path)


def test_the_certificate_says_what_the_log_says(office):
    first, second = office.closed("1", "2")
    disposal = office.dispose(first, second)
    with pytest.raises(NotDoneError):
        office.disposals.certificate(ADMIN, office.propose(*office.closed("3")).id)
    office.seal()
    found = office.disposals.certificate(SUPERVISOR, disposal)
    assert (found.proposed.by.name, found.approved.by.name) == ("Ari Admin", "Sam Supervisor")
    assert (found.destroyed, found.skipped, found.keys_destroyed, found.recovery_days) == (2, 0, 2, 35)
    assert found.complete_on == "2026-12-27"
    log = {one["id"]: (n, one) for n, one in enumerate(office.log())}
    for place in (found.proposed.record, found.approved.record, found.done, *found.posts[0].records):
        assert log[place.leaf][0] == place.seq
        assert log[place.leaf][1]["at"] == place.at
    for post in found.posts:
        (content,) = post.contents
        record = log[content.record.leaf][1]
        assert (record["content"]["key_id"], record["obj"]["key"]) == (content.key_id, post.key)
        assert content.key_id not in office.keys_left()
    assert "Sam Public" not in found.model_dump_json()
    views = [one for one in office.log() if one["type"] == "view" and one["obj"]["kind"] == "disposal"]
    office.seal()
    views = [one["op"]["verb"] for one in office.log() if one["type"] == "view" and one["obj"]["kind"] == "disposal"]
    assert "certificate" in views


def test_it_takes_two_people(office):
    (post,) = office.closed("1")
    made = office.propose(post)
    for other in (ADMIN, AUDITOR, OFFICER, principal("local", teams=("north",)), principal("control")):
        with pytest.raises(RefusedError):
            office.disposals.approve(other, made.id, idem=idem())
    # Who has become a supervisor since is still the person who proposed it.
    same = principal("supervisor", teams=("north",)).model_copy(update={"id": ADMIN.id})
    with pytest.raises(SamePersonError):
        office.disposals.approve(same, made.id, idem=idem())
    with pytest.raises(SamePersonError):
        office.disposals.refuse(same, made.id, reason="withdrawn", idem=idem())
    with pytest.raises(OutOfScopeError):
        office.disposals.approve(principal("supervisor", teams=("south",)), made.id, idem=idem())
    for other in (SUPERVISOR, AUDITOR, OFFICER):
        with pytest.raises(RefusedError):
            office.disposals.propose(other, posts=[post], reason="court_order", ref=REF, idem=idem())
    assert office.work() == []
    assert office.readable(post) != []


def test_a_decision_is_taken_once(office):
    first, second = office.closed("1", "2")
    made = office.propose(first)
    assert office.disposals.refuse(SUPERVISOR, made.id, reason="still_needed", idem=idem()).state == "refused"
    with pytest.raises(ConflictError):
        office.approve(made.id)
    other = office.propose(second)
    office.approve(other.id)
    with pytest.raises(ConflictError):
        office.disposals.refuse(SUPERVISOR, other.id, reason="wrong_posts", idem=idem())
    office.work()
    assert office.readable(first) != []
    assert office.readable(second) == []


def test_what_cannot_be_disposed_of_is_not_proposed(office):
    (post,) = office.closed("1")
    office.ingest(office.comment("open", "idiot"))
    office.judge_all()
    hold = office.hold(post)
    with pytest.raises(NotDisposableError, match="legal hold"):
        office.propose(post)
    office.lift(hold.id)
    with pytest.raises(NotDisposableError, match="case is open"):
        office.propose(post_of(office, "open"))
    with pytest.raises(NotFoundError):
        office.propose(post, "pnothing")
    with pytest.raises(NotDisposableError, match="reviewed on 2033"):
        office.propose(post, reason="review_passed")
    office.pass_time(days=2558)
    assert office.propose(post, reason="review_passed").state == "proposed"


def post_of(office: Office, native: str) -> str:
    return next(i["id"] for (_, sk), i in office.table.items.items() if sk == "POST" and i["native_id"] == native)


def test_a_hold_after_the_proposal_saves_the_post(office, tmp_path):
    held, gone, opened = office.closed("1", "2", "3")
    made = office.propose(held, gone, opened)
    office.hold(held)
    office.approve(made.id)
    office.hide(opened)
    office.actions.unhide(OFFICER, opened, rev=office.post(opened).rev, idem=idem())
    office.work()
    fates = {f.post: (f.state, f.why) for f in office.disposals.get(ADMIN, made.id).fates}
    assert fates[held] == ("skipped", "held")
    assert fates[gone] == ("destroyed", None)
    assert fates[opened][0] == "skipped"
    assert office.readable(held) != []
    assert office.post(held).disposal is None
    certificate = office.disposals.certificate(ADMIN, made.id)
    assert (certificate.destroyed, certificate.skipped, certificate.posts[0].contents) == (1, 2, ())
    (skipped,) = office.about(held, "retain")
    assert skipped["op"] == {"verb": "dispose", "result": "cancelled", "error": "held"}
    office.act_all()
    verified(office, tmp_path)


def test_what_is_being_disposed_of_is_not_held_any_more(office):
    going, staying = office.closed("1", "2")
    made = office.propose(going)
    office.approve(made.id)
    office.seal()
    office.destroying().run(office.disposal_queue.messages.pop(0).body)
    hold = office.hold(going, staying)
    assert (hold.posts, hold.missed) == ((staying,), (going,))
    with pytest.raises(NotDisposableError):
        office.hold(going)
    office.work()
    assert office.post(going).disposed_at


def test_what_was_disposed_of_is_not_collected_again(office):
    (post,) = office.closed("1", text="Sam lives at 4 Mill Lane")
    office.dispose(post)
    before = office.post(post)
    office.pass_time(minutes=1)
    for source in ("webhook", "poll"):
        office.ingest(office.comment("1", "Sam lives at 5 Mill Lane", edited=True), source=source, account="facebook-1")
    gone = {"is": "gone", "platform": "facebook", "account_native": "1", "native_id": "1"}
    office.ingest(gone | {"event_at": "2026-11-22T13:00:00.000Z"})
    assert office.post(post) == before
    with pytest.raises(ConflictError):
        office.actions.hide(OFFICER, post, reason=Reason(code="abuse"), rev=before.rev, idem=idem())


def test_a_message_that_comes_twice_is_worked_on_once(office):
    first, second = office.closed("1", "2")
    made = office.propose(first, second)
    office.approve(made.id)
    office.seal()
    seen = []
    for _ in range(20):
        office.seal()
        if not office.disposal_queue.messages:
            break
        message = office.disposal_queue.messages.pop(0)
        office.pass_time(seconds=message.delay_seconds)
        seen.append(message.body)
        for _ in range(3):
            try:
                office.destroying().run(message.body)
            except Exception as error:  # noqa: BLE001
                assert type(error).__name__ == "NotYetError"  # noqa: PT017
    for body in seen:
        office.destroying().run(body)
    office.seal()
    for post in (first, second):
        erased = office.about(post, "erase")
        assert len([one for one in erased if one["op"].get("result") == "done"]) == 1
        assert len([one for one in erased if "content" in one]) == 1
    assert len([one for one in office.log() if one["type"] == "retain"]) == 3


def test_a_picture_that_comes_while_it_is_announced_goes_too(office):
    post = office.pictured("1")
    made = office.propose(post)
    office.approve(made.id)
    office.seal()
    office.destroying().run(office.disposal_queue.messages.pop(0).body)
    (content,) = office.vault.keep([Entry("facebook-1", b"another picture")])
    leaf = draft(
        type="media",
        at=office.clock(),
        actor=Actor.system("keep"),
        account="facebook-1",
        obj=office.changer.obj(office.post(post), prev=None),
        content=content,
    )
    chunk = Chunk.of([leaf])
    mark = view_item(post, Pointer(**chunk.pointer(0)))
    office.table.transact([chunk.put(), mark])
    done = office.work()
    assert "announced_again" in done
    assert office.readable(post) == []
    assert content.key_id in office.keys_announced()
    assert content.key_id not in office.keys_left()
    office.seal()
    assert office.disposals.certificate(ADMIN, made.id).keys_destroyed == 3


def test_the_table_alone_makes_nobody_destroy_anything(office):
    first, second = office.closed("1", "2")
    proposed = office.propose(first)
    office.seal()
    item = office.table.items["DISPOSALS", proposed.id]
    item |= {"state": "approved", "decided_by": {"id": "x", "name": "X"}, "decided_at": "2026-11-22T12:00:00.000Z"}
    item["records"] = [*item["records"], item["records"][0]]
    with pytest.raises(TwoPeopleError):
        office.destroying().run({"disposal": proposed.id})
    made = office.propose(second)
    office.approve(made.id)
    office.seal()
    office.table.items["DISPOSALS", made.id]["posts"].append(first)
    with pytest.raises(TwoPeopleError, match="tampering"):
        office.destroying().run({"disposal": made.id})
    assert office.readable(first) != []
    assert office.readable(second) != []


def test_the_log_knows_who_decided_whatever_the_table_says(office):
    (post,) = office.closed("1")
    made = office.propose(post)
    office.table.items["DISPOSALS", made.id]["by"]["id"] = "somebody-else"
    same = principal("supervisor", teams=("north",)).model_copy(update={"id": ADMIN.id})
    office.disposals.approve(same, made.id, idem=idem())
    with pytest.raises(TwoPeopleError, match="two people"):
        office.work()
    assert office.readable(post) != []


def test_a_message_that_comes_before_the_seal_destroys_nothing(office):
    (post,) = office.closed("1")
    made = office.propose(post)
    office.approve(made.id)
    with pytest.raises(NotYetError):
        office.destroying().run({"disposal": made.id})
    office.seal()
    assert office.destroying().run({"disposal": made.id}) == "announced"
    with pytest.raises(NotYetError):
        office.destroying().run({"disposal": made.id, "post_id": post})
    assert office.readable(post) != []
    assert office.post(post).text == "You idiot"
    with pytest.raises(NotFoundError):
        office.destroying().run({"disposal": made.id, "post_id": "pother"})
    office.seal()
    assert office.destroying().run({"disposal": made.id, "post_id": post}) == "destroyed"
    with pytest.raises(NotFoundError):
        office.destroying().run({"disposal": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})


def test_keys_that_a_restore_brings_back_are_destroyed_again(office):
    (post,) = office.closed("1")
    before = copy.deepcopy(office.key_table.items)
    office.dispose(post)
    office.key_table.items.clear()
    office.key_table.items.update(before)
    assert office.readable(post) != []
    found = replay(office.log(), KeyStore(office.key_table))
    assert (found.erased, found.again) == (1, 1)
    assert office.readable(post) == []


def calls_of(office: Office) -> int:
    """Return how many calls to the cloud carrying out a disposal takes."""
    count = 0

    def tick(_: str) -> None:
        nonlocal count
        count += 1

    office.faults.before = tick
    office.work()
    office.faults.before = None
    return count


def prepared() -> tuple[Office, str, str, str]:
    office = Office()
    gone = office.pictured("gone")
    office.posts.note(OFFICER, gone, text="Rang Sam Public.", idem=idem())
    (held,) = office.closed("held")
    made = office.propose(gone, held)
    office.hold(held)
    office.work()
    office.approve(made.id)
    return office, gone, held, made.id


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_call_it_goes_on_and_no_key_goes_first(after, tmp_path):
    kills = 0
    for at in range(1, calls_of(prepared()[0]) + 1):
        office, gone, held, disposal = prepared()
        keys = office.keys_left()
        unsent: list = []
        with Killer(office.faults, at, after=after):
            try:
                worked_with_redelivery(office, unsent)
            except KilledError:
                kills += 1
        # What is gone by now was announced under lock.
        assert keys - office.keys_left() <= office.keys_announced()
        office.disposal_queue.messages += unsent
        office.work()
        assert office.readable(gone) == []
        assert office.post(gone).disposed_at
        assert office.post(gone).text == ""
        assert office.readable(held) != []
        done = [one for one in office.about(gone, "erase") if one["op"].get("result") == "done"]
        assert len(done) == 1
        assert keys - office.keys_left() == office.keys_announced()
        office.seal()
        assert office.disposals.certificate(ADMIN, disposal).destroyed == 1
    assert kills > 40
    verified(office, tmp_path)


def worked_with_redelivery(office: Office, unsent: list) -> None:
    """As `Office.work`, and the message of a killed worker comes again."""
    while True:
        office.seal()
        if not office.disposal_queue.messages:
            return
        message = office.disposal_queue.messages.pop(0)
        unsent.append(message)
        office.pass_time(seconds=message.delay_seconds)
        try:
            office.destroying().run(message.body)
        except KilledError:
            raise
        except Exception as error:
            if type(error).__name__ != "NotYetError":
                raise
        unsent.remove(message)


def test_who_sees_disposals(office):
    north, south = office.closed("1")[0], office.closed("2", page="2")[0]
    office.propose(north)
    both = office.propose(north, south)
    narrow = principal("supervisor", teams=("north",))
    assert len(office.disposals.list_for(narrow).disposals) == 1
    assert len(office.disposals.list_for(AUDITOR).disposals) == 2
    with pytest.raises(OutOfScopeError):
        office.disposals.get(narrow, both.id)
    with pytest.raises(RefusedError):
        office.disposals.list_for(OFFICER)
    page = office.disposals.list_for(ADMIN, limit=1)
    assert page.next
    rest = office.disposals.list_for(ADMIN, limit=1, cursor=page.next)
    assert {page.disposals[0].id, rest.disposals[0].id} == {
        one.id for one in office.disposals.list_for(ADMIN).disposals
    }


def test_no_word_gets_into_the_log(office):
    (post,) = office.closed("1", text="Sam lives at 4 Mill Lane")
    office.dispose(post)
    office.seal()
    text = json.dumps(office.log())
    for secret in ("Mill", "Sam", "Ari", "Public", PICTURE):
        assert secret not in text


def test_a_vault_says_that_it_is_gone(office):
    (post,) = office.closed("1")
    (kept,) = office.contents(post)
    office.dispose(post)
    with pytest.raises(ContentGoneError):
        office.vault.open(*kept)
