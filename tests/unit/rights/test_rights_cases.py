"""A case from the request to the answer: what goes out, what does not, who may, and what the record says of it."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from bluelamp.people.rules import NotPermittedError
from bluelamp.retention.model import NotDisposableError
from bluelamp.rights.errors import (
    HeldError,
    NotReviewedError,
    PackageNotReadyError,
    StepRefusedError,
    WrongExemptionError,
)
from bluelamp.rights.model import (
    Criteria,
    Ruling,
)
from bluelamp.rights.packing import package_key
from tests.support.world import idem, principal
from tests.unit.retention.retention_kit import KilledError, Killer
from tests.unit.rights.rights_kit import ADMIN, AUDITOR, NAME, PERIOD, SUPERVISOR, Bureau, bodied

MINE = "Quentin here, my neighbour Zebedee stole the lamp"
THEIRS = "An informant named Xanthippe told of Quentin"
NEVER = ("Zebedee", "Xanthippe", "informant")


@pytest.fixture
def bureau(tmp_path):
    return Bureau(tmp_path)


@pytest.fixture
def case(bureau):
    """A subject access case: one post is found by author, another by a word; one of somebody else is not."""
    bureau.closed("n1", text=MINE, author_id="q1", author_name="Quentin")
    bureau.closed("n2", text=THEIRS, page="2", author_id="z1", author_name="Zed")
    bureau.closed("n3", text="Nothing of it", author_id="z1", author_name="Zed")
    case = bureau.asked()
    bureau.step(case, "identity_confirmed")
    return bureau.search(case, platform="facebook", author_id="q1", words=("quentin",))


def unpacked(bureau, case):
    with zipfile.ZipFile(io.BytesIO(bureau.files.objects[package_key(case.id)])) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def altered(bureau, post):
    """Have the public edit a post."""
    bureau.table.items["POST#" + post, "POST"]["text"] = "Quite other words, and Zebedee"


def reviewed(bureau, case):
    mine, theirs = bureau.found(case)
    at = MINE.index("Zebedee")
    bureau.decide(case, mine, "redact", (at, at + 7))
    bureau.decide(case, theirs, "withhold", exemption="dpa_s45_4_b")


def test_an_answer_holds_what_was_approved_and_nothing_else(bureau, case):
    reviewed(bureau, case)
    done = bureau.answered(case)
    assert done.package.state == "made"
    files = unpacked(bureau, case)
    raw = bureau.files.objects[package_key(case.id)]
    for secret in NEVER:
        for form in (secret, secret.lower(), secret.encode("utf-16-le").decode("latin-1")):
            assert not any(form.encode("latin-1") in body for body in [*files.values(), raw]), secret
    (told,) = json.loads(files["data/answer.json"])["posts"]
    assert told["text"] == "Quentin here, my neighbour ████████ stole the lamp"
    assert told["author"] is None
    assert b"DPA 2018 s45(4)(b)" in files["data/schedule.csv"]
    assert "████████" in files["data/answer.html"].decode()
    link = bureau.answers.link(AUDITOR, case.id)
    assert link.sha256 == done.package.sha256
    assert bureau.step(case, "sent").state == "answered"
    assert bureau.post(bureau.found(case)[0]).text == MINE


@pytest.mark.parametrize("out", [True, False])
def test_attachments_go_out_only_when_that_was_decided(bureau, out):
    post = bureau.pictured("n1")
    case = bureau.asked()
    bureau.step(case, "identity_confirmed")
    bureau.search(case, account="facebook-1")
    bureau.decide(case, post, "disclose", media=out, author=out)
    bureau.answered(case)
    files = unpacked(bureau, case)
    pictures = [body for name, body in files.items() if name.startswith("data/media/")]
    assert pictures == ([b"\xff\xd8\xff a picture"] if out else [])
    assert any(b"Sam Public" in body for body in files.values()) == out


def test_an_attachment_that_was_edited_away_before_the_ruling_does_not_go_out(bureau):
    post = bureau.pictured("n1")
    bureau.table.items["POST#" + post, "POST"]["media"] = [{"kind": "photo", "url": "https://x.example/other.jpg"}]
    case = bureau.asked()
    bureau.step(case, "identity_confirmed")
    bureau.search(case, account="facebook-1")
    bureau.decide(case, post, "disclose", media=True)
    bureau.answered(case)
    assert not [name for name in unpacked(bureau, case) if name.startswith("data/media/")]


def test_what_was_searched_for_does_not_go_out(bureau):
    bureau.closed("n1", text=MINE, author_id="q1", author_name="Quentin")
    case = bureau.asked()
    bureau.step(case, "identity_confirmed")
    bureau.search(case, platform="facebook", author_id="q1", handle="@zebedee", words=("xanthippe", "quentin"))
    (post,) = bureau.found(case)
    at = MINE.index("Zebedee")
    bureau.decide(case, post, "redact", (at, at + 7))
    bureau.answered(case)
    files = unpacked(bureau, case)
    assert not any(word in body.lower() for body in files.values() for word in (b"zebedee", b"xanthippe"))
    assert b"one author, one handle, 2 search terms" in files["data/schedule.csv"]


def test_a_handle_on_a_platform_is_not_looked_for_on_another(bureau):
    bureau.closed("n1", text=MINE, author_id="q1", author_name="Quentin")
    case = bureau.asked()
    bureau.step(case, "identity_confirmed")
    bureau.search(case, platform="x", handle="Quentin")
    assert bureau.found(case) == []
    bureau.search(case, platform="facebook", handle="Quentin")
    assert len(bureau.found(case)) == 1


@pytest.mark.parametrize("given", [{"author_id": "q1"}, {"platform": "x"}, {"platform": "x", "words": ("word",)}])
def test_a_platform_stands_with_an_author_or_handle(given):
    with pytest.raises(ValidationError, match="platform"):
        Criteria(since="2026-01-01", until="2026-02-01", **given)


def test_the_record_chains_every_step_and_has_no_name_and_no_word(bureau, case):
    reviewed(bureau, case)
    bureau.answered(case)
    bureau.answers.link(AUDITOR, case.id)
    bureau.seal()
    about = [one for one in bureau.log() if one.get("case") == case.id]
    steps = [one["rights"]["step"] for one in about if one["type"] == "rights"]
    assert steps == [
        "open", "identity_confirmed", "search", "found", "decide", "decide", "submit", "approve", "made",
    ]  # fmt: skip
    revs = [one["obj"]["rev"] for one in about if one["type"] == "rights"]
    assert revs == list(range(1, 10))
    assert {"search", "export", "view"} <= {one["type"] for one in about}
    whole = json.dumps(bureau.log())
    for secret in (*NEVER, NAME, "Quentin", "quentin", "requester.example"):
        assert secret not in whole


def test_each_reading_of_a_post_stands_at_the_post_and_with_the_case(bureau, case):
    mine = bureau.found(case)[0]
    assert bureau.review.open_item(AUDITOR, case.id, mine).text == MINE
    bureau.seal()
    (leaf,) = bureau.about(mine, "view")
    assert (leaf["correlation"], leaf["actor"]["role"]) == (case.id, "auditor")


def test_a_post_that_was_not_found_for_the_case_is_not_opened(bureau, case):
    (other,) = bureau.closed("n9", text="Somebody else")
    with pytest.raises(NotFoundError, match="not found for this case"):
        bureau.review.open_item(AUDITOR, case.id, other)


def test_nothing_is_submitted_before_all_is_decided(bureau, case):
    with pytest.raises(NotReviewedError, match="2 of 2"):
        bureau.step(case, "submit", outcome="answer")


def test_who_submitted_does_not_approve_and_what_changed_is_read_anew(bureau, case):
    reviewed(bureau, case)
    bureau.step(case, "submit", outcome="answer")
    twin = SUPERVISOR.model_copy(update={"id": AUDITOR.id})
    with pytest.raises(RefusedError, match="two people"):
        bureau.approve(case, by=twin)
    with pytest.raises(ConflictError, match="Read it again"):
        bureau.answers.decide(
            SUPERVISOR, case.id, decision="approve", rev=bureau.rev(case), version="0" * 64, idem=idem()
        )
    altered(bureau, bureau.found(case)[0])
    with pytest.raises(NotReviewedError):
        bureau.approve(case)


def test_a_post_that_changes_after_the_approval_makes_no_answer(bureau, case):
    reviewed(bureau, case)
    bureau.step(case, "submit", outcome="answer")
    bureau.approve(case)
    altered(bureau, bureau.found(case)[0])
    bureau.jobs()
    done = bureau.cases.get(AUDITOR, case.id)
    assert (done.package.state, done.package.error) == ("failed", "not_reviewed")
    assert bureau.files.objects == {}
    with pytest.raises(PackageNotReadyError, match="not_reviewed"):
        bureau.answers.link(AUDITOR, case.id)
    assert bureau.step(case, "reopen").state == "reviewing"


def test_the_approver_sees_what_goes_out_and_not_who_asks(bureau, case):
    reviewed(bureau, case)
    bureau.step(case, "submit", outcome="answer")
    answer = bureau.answers.answer(SUPERVISOR, case.id)
    seen = answer.model_dump_json() + bureau.cases.get(SUPERVISOR, case.id).model_dump_json()
    assert not any(secret in seen for secret in (*NEVER, NAME))
    assert answer.withheld == {"dpa_s45_4_b": 1}


@pytest.mark.parametrize("role", ["comms", "local", "control"])
def test_others_see_no_cases(bureau, case, role):
    with pytest.raises(NotPermittedError):
        bureau.cases.list_for(principal(role))
    with pytest.raises(NotPermittedError):
        bureau.review.items(SUPERVISOR, case.id)
    with pytest.raises(NotPermittedError):
        bureau.answers.answer(AUDITOR, case.id)


def test_a_search_that_comes_twice_finds_once(bureau, case):
    assert (case.searches[0].examined, case.searches[0].found, case.searches[0].added) == (3, 2, 2)
    before = bureau.rev(case)
    bureau.searching.run(case.id)
    assert bureau.rev(case) == before
    again = bureau.search(case, handle="Zed")
    assert (again.searches[1].found, again.searches[1].added) == (2, 1)
    assert again.state == "reviewing"


@pytest.mark.parametrize("at", range(1, 12))
def test_a_search_worker_that_is_killed_begins_anew(bureau, at):
    bureau.closed(*(f"n{n}" for n in range(100)), text=MINE)  # more than one transaction takes
    case = bureau.asked()
    wanted = Criteria(**PERIOD, account="facebook-1")
    bureau.cases.search(AUDITOR, case.id, criteria=wanted, rev=1, idem=idem())
    with contextlib.suppress(KilledError), Killer(bureau.faults, at, after=True):
        bureau.searching.run(case.id)
    bureau.searching.run(case.id)
    done = bureau.cases.get(AUDITOR, case.id)
    assert (len(bureau.found(case)), done.searches[0].added, done.state) == (100, 100, "reviewing")


def test_exemptions_are_those_of_the_law(bureau, case):
    mine = bureau.found(case)[0]
    with pytest.raises(WrongExemptionError, match="dpa_s45_4_a"):
        bureau.decide(case, mine, "withhold", exemption="foia_s40")
    with pytest.raises(WrongExemptionError, match="behind the text"):
        bureau.decide(case, mine, "redact", (0, 9999))
    with pytest.raises(WrongExemptionError, match="one of"):
        bureau.decide(case, mine, "erase")
    with pytest.raises(ValidationError):
        Ruling(verdict="redact")


def test_identity_begins_the_month_anew_and_nothing_is_told_before(bureau):
    case = bureau.asked(received="2026-11-02")
    waiting = bureau.step(case, "ask_identity", on="2026-11-10")
    assert (waiting.due.on, waiting.due.waits_for) == (None, "identity")
    assert bureau.step(case, "identity_confirmed", on="2026-11-20").due.on == "2026-12-21"
    other = bureau.search(bureau.asked(), account="facebook-1")
    with pytest.raises(StepRefusedError, match="not confirmed"):
        bureau.step(other, "submit", outcome="answer")


def test_a_refusal_takes_two_people_and_makes_no_package(bureau):
    case = bureau.asked(kind="foi", law="foia")
    bureau.step(case, "submit", outcome="refuse", exemption="foia_s12")
    bureau.approve(case)
    done = bureau.step(case, "sent")
    assert (done.state, done.package, bureau.export_queue.messages) == ("refused", None, [])
    assert [one.id for one in bureau.cases.list_for(AUDITOR).cases] == []
    assert [one.id for one in bureau.cases.list_for(AUDITOR, which="all").cases] == [case.id]


def test_who_asks_is_kept_for_two_years_after_the_end(bureau):
    case = bureau.asked()
    key = (f"RIGHTS#{case.id}", "REQUESTER")
    assert "ttl" not in bureau.table.items[key]
    bureau.step(case, "withdraw")
    assert bureau.table.items[key]["ttl"] > bureau.now.timestamp() + 700 * 24 * 3600


def test_two_people_who_go_on_with_one_case_do_not_both(bureau):
    case = bureau.asked()
    bureau.step(case, "take")
    with pytest.raises(ConflictError, match="changed"):
        bureau.cases.step(AUDITOR, case.id, step="withdraw", rev=case.rev, idem=idem())


# erasure and rectification -------------------------------------------------------------------------------------------


def erasing(bureau, *posts):
    case = bureau.asked(kind="erasure")
    bureau.step(case, "identity_confirmed")
    bureau.search(case, account="facebook-1")
    for post in posts:
        bureau.decide(case, post, "erase")
    return case


def test_erasure_goes_through_a_disposal_that_names_the_case(bureau):
    (post,) = bureau.closed("n1", text=MINE)
    case = erasing(bureau, post)
    with pytest.raises(StepRefusedError, match="approved"):
        bureau.erasures.propose(ADMIN, case.id, rev=bureau.rev(case), idem=idem())
    bureau.answered(case)
    disposal = bureau.erasures.propose(ADMIN, case.id, rev=bureau.rev(case), idem=idem())
    assert bureau.cases.get(AUDITOR, case.id).disposals == (disposal.id,)
    bureau.disposals.approve(SUPERVISOR, disposal.id, idem=idem())
    bureau.work()
    assert bureau.post(post).text == ""
    assert bureau.readable(post) == []
    linked = [one for one in bureau.log() if one.get("rights", {}).get("disposal") == disposal.id]
    assert [one["case"] for one in linked] == [case.id]


def test_a_held_post_is_not_erased_and_it_is_said_why(bureau):
    (post,) = bureau.closed("n1", text=MINE)
    bureau.hold(post)
    case = bureau.asked(kind="erasure")
    bureau.search(case, account="facebook-1")
    with pytest.raises(HeldError, match="legal hold"):
        bureau.decide(case, post, "erase")


def test_a_hold_that_comes_after_the_decision_still_comes_first(bureau):
    (post,) = bureau.closed("n1", text=MINE)
    case = erasing(bureau, post)
    bureau.answered(case)
    bureau.hold(post)
    before = bureau.rev(case)
    with pytest.raises(HeldError, match=post):
        bureau.erasures.propose(ADMIN, case.id, rev=before, idem=idem())
    assert bureau.rev(case) == before


def test_an_open_post_is_not_erased_either(bureau):
    bureau.ingest(bureau.comment("n1", "You idiot"))
    bureau.judge_all()
    case = bureau.asked(kind="erasure")
    bureau.step(case, "identity_confirmed")
    bureau.search(case, account="facebook-1")
    (post,) = bureau.found(case)
    bureau.decide(case, post, "erase")
    bureau.answered(case)
    with pytest.raises(NotDisposableError, match="open"):
        bureau.erasures.propose(ADMIN, case.id, rev=bureau.rev(case), idem=idem())


def test_a_correction_is_bound_to_the_post_and_the_original_stays(bureau):
    (post,) = bureau.closed("n1", text=MINE)
    case = bureau.asked(kind="rectification")
    bureau.search(case, account="facebook-1")
    bureau.review.correct(AUDITOR, case.id, post, text="It was lent, not stolen.", rev=1, idem=idem())
    bureau.seal()
    (note,) = bureau.dossiers.whole(post).notes
    assert note.text == "Statement of correction (SAR/2026/12): It was lent, not stolen."
    assert bureau.post(post).text == MINE
    (leaf,) = bureau.about(post, "note")
    assert (leaf["correlation"], leaf["op"]["verb"]) == (case.id, "correct")
    with pytest.raises(ConflictError, match="already"):
        bureau.review.correct(AUDITOR, case.id, post, text="Again.", rev=2, idem=idem())


# reminders -----------------------------------------------------------------------------------------------------------


def notices(bureau):
    found = [item for (pk, _), item in sorted(bureau.table.items.items()) if pk == "NOTICES"]
    return [(item["about"]["mark"], item["to"]) for item in found if item["kind"] == "case_due"]


def test_people_are_told_at_ten_five_and_one_day_and_when_it_is_late(bureau):
    bureau.asked()  # due on Monday, 21 December
    me, all_ = f"person:{AUDITOR.id}", "role:auditor"
    for day in range(22, 30 + 1):
        bureau.now = datetime(2026, 11, day, 9, tzinfo=UTC)
        assert bureau.reminding.run() == 0
    for day in range(1, 31):
        bureau.now = datetime(2026, 12, day, 9, tzinfo=UTC)
        bureau.reminding.run()
        assert bureau.reminding.run() == 0
    assert notices(bureau) == [
        ("days_10", [me]), ("days_5", [me]), ("days_1", [me, all_]), ("overdue", [me, all_]),
    ]  # fmt: skip


def test_a_case_that_was_not_looked_at_for_long_is_told_of_once(bureau):
    bureau.asked(received="2026-01-05")
    assert bureau.reminding.run() == 1
    assert bureau.reminding.run() == 0
    assert [mark for mark, _ in notices(bureau)] == ["overdue"]


def test_nothing_is_told_of_a_case_that_waits_or_is_over(bureau):
    case = bureau.asked(received="2026-01-05")
    bureau.step(case, "ask_identity")
    assert bureau.reminding.run() == 0
    bureau.step(case, "withdraw")
    assert bureau.reminding.run() == 0


def test_a_request_of_tomorrow_was_not_received(bureau):
    with pytest.raises(InvalidInputError, match="between"):
        bureau.asked(received="2026-11-23")
    with pytest.raises(ValidationError):
        bodied(kind="foi", law="uk_gdpr")
