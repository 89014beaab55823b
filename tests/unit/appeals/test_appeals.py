"""An appeal from its reason to its end: two people, a basis that fits, leads told apart, nobody looked for in vain."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.appeals import rules
from bluelamp.appeals.leads import LeadDesk
from bluelamp.appeals.model import Facts, Lead, Picture
from bluelamp.appeals.reminding import Reminding
from bluelamp.appeals.rules import AppealNotReadyError
from bluelamp.appeals.service import Appeals
from bluelamp.appeals.store import AppealStore
from bluelamp.audit.layout import unpack
from bluelamp.cursors import Cursors
from bluelamp.errors import ConflictError, NotFoundError, RefusedError
from bluelamp.ids import new_ulid
from bluelamp.posts.model import PersonName
from tests.support.appeals import FakePublications
from tests.support.world import World, idem, principal

PAT, SUE = principal(name="Pat Author"), principal("supervisor", teams=("swindale",), name="Sue Second")
PUBLICATION = new_ulid()
ASSET = new_ulid()


def facts(**more):
    given = {
        "kind": "wanted", "title": "Wanted after a robbery", "reason": "Enquiries did not find him.", "basis": "task",
        "ref": "WP/2026/1234", "review_on": "2026-12-20",
    }  # fmt: skip
    return Facts.model_validate(given | more)


class Desk:
    """A world with an account, and appeals whose publications are kept in memory."""

    def __init__(self):
        self.world = World()
        self.world.account("1", "swindale")
        self.publications, self.notified = FakePublications(), 0
        self.appeals = Appeals(
            AppealStore(self.world.table), publications=self.publications, accounts=self.world.accounts,
            pseudonyms=self.world.pseudonyms, cursors=Cursors(b"c" * 32), wake=lambda: None, notify=self._notify,
            clock=self.world.clock,
        )  # fmt: skip
        self.leads = LeadDesk(self.appeals, publications=self.publications, changer=self.world.changer)

    def _notify(self):
        self.notified += 1

    def make(self, **more):
        return self.appeals.make(PAT, facts=facts(**more), publications=(PUBLICATION,), idem=idem())

    def approved(self):
        view = self.make()
        view = self.appeals.propose(PAT, view.appeal.id, rev=view.appeal.rev, idem=idem())
        return self.appeals.approve(SUE, view.appeal.id, rev=view.appeal.rev, idem=idem())

    def close(self, view, **more):
        given = {"outcome": "handed_in", "outcome_at": self.world.clock(), "ending": "take_down", "text": None}
        return self.appeals.close(PAT, view.appeal.id, **(given | more), rev=view.appeal.rev, idem=idem())

    def answers(self, *texts):
        self.world.ingest(*(self.world.comment(f"c{n}", text) for n, text in enumerate(texts)))
        self.world.judge_all()

    def leaves(self):
        items = [item for (pk, _), item in self.world.table.items.items() if pk.startswith("OUTBOX#")]
        return [json.loads(body) for item in items for body in unpack(zlib.decompress(item["data"]))]


@pytest.fixture
def desk():
    return Desk()


def test_from_reason_to_end_with_the_time_that_it_took(desk):
    view = desk.approved()
    assert desk.publications.told == ["release"]
    assert (view.appeal.state, view.remaining, view.minutes) == ("approved", 1, None)
    desk.world.now = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    view = desk.close(view)
    assert desk.publications.told[-1] == "take_down"
    assert (view.appeal.state, view.remaining, view.minutes) == ("closed", 0, 30)
    steps = [leaf["appeal"]["step"] for leaf in desk.leaves() if leaf["type"] == "appeal"]
    assert sorted(steps) == ["approved", "closed", "drafted", "proposed"]
    assert not any(word in json.dumps(desk.leaves()) for word in ("robbery", "Enquiries"))


def test_nobody_approves_what_they_wrote(desk):
    view = desk.make()
    view = desk.appeals.propose(PAT, view.appeal.id, rev=1, idem=idem())
    assert "approve" not in view.can
    with pytest.raises(RefusedError, match="two people"):
        desk.appeals.approve(PAT, view.appeal.id, rev=2, idem=idem())
    assert desk.publications.told == []


def test_an_approval_is_of_what_was_seen(desk):
    view = desk.make()
    desk.appeals.propose(PAT, view.appeal.id, rev=1, idem=idem())
    with pytest.raises(ConflictError):
        desk.appeals.approve(SUE, view.appeal.id, rev=1, idem=idem())


@pytest.mark.parametrize("step", ["approve", "close"])
def test_who_dies_between_appeal_and_publication_goes_on_where_it_stopped(desk, step):
    view = desk.make()
    view = desk.appeals.propose(PAT, view.appeal.id, rev=1, idem=idem())
    key = idem()
    if step == "approve":
        desk.publications.fail = ConnectionError("line cut")
        with pytest.raises(ConnectionError):
            desk.appeals.approve(SUE, view.appeal.id, rev=2, idem=key)
    view = desk.appeals.approve(SUE, view.appeal.id, rev=2, idem=key)
    if step == "close":
        again = {"outcome": "found", "outcome_at": desk.world.clock(), "ending": "take_down", "text": None}
        desk.publications.fail = ConnectionError("line cut")
        with pytest.raises(ConnectionError):
            desk.appeals.close(PAT, view.appeal.id, **again, rev=3, idem=key)
        desk.appeals.close(PAT, view.appeal.id, **again, rev=3, idem=key)
    assert desk.publications.told == ["release", *(["take_down"] if step == "close" else [])]
    approvals = [leaf for leaf in desk.leaves() if leaf.get("appeal", {}).get("step") == "approved"]
    assert len(approvals) == 1


def test_what_was_given_back_is_a_draft_again_with_the_reason(desk):
    view = desk.make()
    view = desk.appeals.propose(PAT, view.appeal.id, rev=1, idem=idem())
    view = desk.appeals.reject(SUE, view.appeal.id, reason="wording", rev=2, idem=idem())
    assert (view.appeal.state, view.appeal.rejected) == ("draft", "wording")
    (told,) = [item for item in desk.world.table.items.values() if item.get("kind") == "appeal_returned"]
    assert (told["to"], told["about"], desk.notified) == ([f"person:{PAT.id}"], {"appeal": view.appeal.id}, 2)
    view = desk.appeals.change(PAT, view.appeal.id, facts=facts(title="Found?"), rev=3, idem=idem())
    assert view.appeal.rejected is None


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"kind": "missing"}, "basis"),
        ({"kind": "wanted", "basis": "consent"}, "basis"),
        ({"review_on": "2026-11-22"}, "review_on"),
        ({"review_on": "2027-11-22"}, "review_on"),
        ({"pictures": (Picture(asset=new_ulid(), source="cctv"),)}, "pictures"),
    ],
)
def test_what_an_appeal_lacks_is_named(desk, more, what):
    with pytest.raises(AppealNotReadyError) as caught:
        desk.make(**more)
    assert caught.value.what == what


def test_of_each_picture_it_is_said_where_it_comes_from(desk):
    desk.publications.assets = (ASSET,)
    with pytest.raises(AppealNotReadyError, match="picture comes from"):
        desk.make()
    view = desk.make(pictures=(Picture(asset=ASSET, source="cctv", taken_on="2026-11-20"),))
    assert view.appeal.facts.pictures[0].source == "cctv"


def test_nobody_is_left_looked_for_in_vain(desk):
    view = desk.approved()
    with pytest.raises(AppealNotReadyError, match="in vain"):
        desk.close(view, ending="leave")
    with pytest.raises(AppealNotReadyError, match="Write what"):
        desk.close(view, ending="update")
    assert desk.close(view, ending="update", text="He was found.").appeal.state == "closed"


@pytest.mark.parametrize("off", [timedelta(minutes=1), timedelta(days=-400)])
def test_an_outcome_lies_between_the_appeal_and_now(desk, off):
    view = desk.approved()
    with pytest.raises(AppealNotReadyError, match="between"):
        desk.close(view, outcome_at=desk.world.clock() + off)


def test_answers_become_leads_and_what_nobody_looked_at_stands_first(desk):
    view = desk.approved()
    desk.answers("I saw him at the station", "It was Somebody Bloggs of No Street", "Good luck")
    leads = desk.leads.every(PAT, view.appeal.id).leads
    assert [one.lead for one in leads] == [None, None, None]
    saw, names, luck = leads
    assert (
        desk.leads.judge(
            PAT, view.appeal.id, saw.post.id, verdict="information", rev=saw.post.rev, idem=idem()
        ).lead.passed
        is None
    )
    named = desk.leads.judge(
        PAT, view.appeal.id, names.post.id, verdict="names_suspect", rev=names.post.rev, idem=idem()
    )
    assert named.hide
    order = [one.post.id for one in desk.leads.every(PAT, view.appeal.id).leads]
    assert order == [luck.post.id, saw.post.id, names.post.id]


def test_only_information_is_passed_on_and_its_number_stands_on_the_post(desk):
    view = desk.approved()
    desk.answers("I saw him")
    (one,) = desk.leads.every(PAT, view.appeal.id).leads
    with pytest.raises(ConflictError):
        desk.leads.pass_on(PAT, view.appeal.id, one.post.id, ref="WP/77", rev=one.post.rev, idem=idem())
    one = desk.leads.judge(PAT, view.appeal.id, one.post.id, verdict="information", rev=one.post.rev, idem=idem())
    one = desk.leads.pass_on(PAT, view.appeal.id, one.post.id, ref="WP/77", rev=one.post.rev, idem=idem())
    assert (one.lead.passed, one.post.case.refs) == ("WP/77", ("WP/77",))


def test_an_answer_marks_the_lead_as_acknowledged(desk):
    view = desk.approved()
    desk.answers("I saw him")
    (one,) = desk.leads.every(PAT, view.appeal.id).leads
    desk.world.actions.reply(PAT, one.post.id, text="Thank you.", rev=one.post.rev, idem=idem())
    assert desk.leads.every(PAT, view.appeal.id).leads[0].answered


def test_leads_of_accounts_out_of_reach_are_not_shown(desk):
    view = desk.approved()
    desk.answers("I saw him")
    elsewhere = principal("local", teams=("marlford",))
    for asked in (desk.appeals.open, desk.leads.every):
        with pytest.raises(NotFoundError):
            asked(elsewhere, view.appeal.id)
    assert desk.appeals.every(elsewhere).appeals == ()
    post = desk.leads.every(PAT, view.appeal.id).leads[0].post
    with pytest.raises(NotFoundError):
        desk.leads.judge(elsewhere, view.appeal.id, post.id, verdict="speculation", rev=post.rev, idem=idem())


def test_whoever_made_it_is_told_on_the_day_of_the_review_and_each_week_after(desk):
    view = desk.approved()
    reminding = Reminding(AppealStore(desk.world.table), notify=lambda: None, clock=desk.world.clock)
    desk.world.now = datetime(2026, 12, 20, 8, 59, tzinfo=UTC)
    assert reminding.run() == 0
    desk.world.now = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)
    assert (reminding.run(), reminding.run()) == (1, 0)
    desk.world.now += timedelta(days=7)
    assert reminding.run() == 1
    kept = desk.appeals.open(PAT, view.appeal.id)
    assert kept.due
    kept = desk.appeals.keep(PAT, view.appeal.id, review_on="2027-01-20", rev=kept.appeal.rev, idem=idem())
    assert not kept.due
    assert reminding.run() == 0


def test_the_oldest_is_told_of_however_many_came_after_it(desk, monkeypatch):
    monkeypatch.setattr("bluelamp.appeals.reminding.TOGETHER", 2)
    first = desk.approved()
    store = AppealStore(desk.world.table)
    for _ in range(4):
        later = store.get(first.appeal.id).model_copy(update={"id": new_ulid(), "state": "closed"})
        store.table.write(store.saved(None, later))
    desk.world.now = datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
    assert Reminding(store, notify=lambda: None, clock=desk.world.clock).run() == 1
    assert store.get(first.appeal.id).reminded_on == "2026-12-20"


def test_a_reminder_does_not_get_in_the_way_of_who_looks_at_the_appeal(desk):
    view = desk.approved()
    desk.world.now = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)
    Reminding(AppealStore(desk.world.table), notify=lambda: None, clock=desk.world.clock).run()
    assert desk.close(view, outcome="none").appeal.state == "closed"


@given(st.permutations(["new", "information", "passed", "speculation"]))
def test_the_order_of_leads_is_that_of_what_is_to_be_done(kinds):
    by = PersonName(id="a", name="A")

    def lead(kind):
        if kind == "new":
            return None
        verdict = "speculation" if kind == "speculation" else "information"
        passed = "WP/1" if kind == "passed" else None
        return Lead(appeal=PUBLICATION, post="p", verdict=verdict, by=by, at="x", passed=passed)

    ranked = sorted(kinds, key=lambda kind: rules.first(lead(kind)))
    assert ranked[:2] == ["new", "information"]
