"""Nothing of an appeal goes out but as it was approved: not by publishing alone, not changed, not after its end."""

from __future__ import annotations

import pytest

from bluelamp.appeals.gate import AppealGate, NotApprovedAppealError
from bluelamp.appeals.model import Facts
from bluelamp.appeals.publications import FromPublishing
from bluelamp.appeals.service import Appeals
from bluelamp.appeals.store import AppealStore
from bluelamp.cursors import Cursors
from bluelamp.errors import ConflictError, RefusedError
from bluelamp.publishing.belonging import Belonging
from bluelamp.publishing.model import DraftFields, Schedule
from tests.support.press import Press
from tests.support.world import World, idem, principal

PAT, SUE = principal(name="Pat Author"), principal("supervisor", teams=("swindale",), name="Sue Second")
NOW, TOMORROW = Schedule(), Schedule(at="2026-11-23T09:00")


class Desk(Press):
    """Publishing and appeals in memory, with the gate between them."""

    def __init__(self):
        world = World()
        world.account("1", "swindale")
        super().__init__(world)
        self.books._may_go = AppealGate(AppealStore(world.table))
        self.appeals = Appeals(
            AppealStore(world.table), publications=FromPublishing(self.publishing, Belonging(self.books)),
            accounts=world.accounts, pseudonyms=world.pseudonyms, cursors=Cursors(b"c" * 32), wake=lambda: None,
            notify=lambda: None, clock=world.clock,
        )  # fmt: skip

    def begun(self, schedule=NOW, by=PAT):
        fields = DraftFields(text="Have you seen him?", accounts=("facebook-1",), schedule=schedule)
        self.id = self.publishing.draft(by, fields, idem=idem()).id
        facts = Facts(
            kind="wanted", title="Wanted", reason="Enquiries.", basis="task", ref="WP/1", review_on="2026-12-20"
        )
        view = self.appeals.make(PAT, facts=facts, publications=(self.id,), idem=idem())
        return self.appeals.propose(PAT, view.appeal.id, rev=1, idem=idem())

    def approve(self, view):
        return self.appeals.approve(SUE, view.appeal.id, rev=view.appeal.rev, idem=idem())

    def edit(self, text, by=PAT):
        now = self.publishing.get(by, self.id)
        fields = now.fields.model_copy(update={"text": text})
        return self.publishing.save(by, self.id, fields, rev=now.rev, idem=idem())


@pytest.fixture
def desk():
    return Desk()


def test_publishing_alone_does_not_send_it(desk):
    desk.begun()
    rev = desk.publishing.get(PAT, desk.id).rev
    with pytest.raises(NotApprovedAppealError):
        desk.publishing.submit(PAT, desk.id, rev=rev, idem=idem())


def test_what_was_changed_after_the_proposal_is_not_approved(desk):
    view = desk.begun()
    desk.edit("Have you seen her?")
    with pytest.raises(ConflictError, match="changed after"):
        desk.approve(view)
    assert desk.appeals.open(SUE, view.appeal.id).void


def test_a_change_after_the_approval_takes_it_away(desk):
    view = desk.approve(desk.begun(TOMORROW))
    assert view.states == ("scheduled",)
    saved = desk.edit("Have you seen her?")
    with pytest.raises(NotApprovedAppealError, match="changed since"):
        desk.publishing.submit(PAT, desk.id, rev=saved.rev, idem=idem())
    view = desk.appeals.open(PAT, view.appeal.id)
    assert view.void
    view = desk.appeals.withdraw(PAT, view.appeal.id, rev=view.appeal.rev, idem=idem())
    view = desk.appeals.propose(PAT, view.appeal.id, rev=view.appeal.rev, idem=idem())
    assert desk.approve(view).states == ("scheduled",)


def test_whoever_wrote_on_the_publication_is_no_second_person(desk):
    view = desk.begun(by=SUE)
    with pytest.raises(RefusedError, match="two people"):
        desk.approve(view)


def test_what_is_scheduled_does_not_go_out_after_the_end(desk):
    view = desk.approve(desk.begun(TOMORROW))
    desk.appeals.close(
        PAT, view.appeal.id, outcome="found", outcome_at=desk.world.now, ending="take_down", text=None,
        rev=view.appeal.rev, idem=idem(),
    )  # fmt: skip
    desk.world.pass_time(days=1)
    desk.releasing.run()
    desk.run()
    assert desk.platform.calls == []


def test_words_that_are_out_change_with_the_end_only(desk):
    view = desk.approve(desk.begun())
    desk.run()
    with pytest.raises(NotApprovedAppealError, match="closed with an update"):
        desk.publishing.edit_out(PAT, desk.id, {"facebook-1": "Other words"}, idem=idem())
    view = desk.appeals.close(
        PAT, view.appeal.id, outcome="found", outcome_at=desk.world.now, ending="update", text="He was found.",
        rev=view.appeal.rev, idem=idem(),
    )  # fmt: skip
    desk.run()
    assert [text for _, text, _ in desk.platform.out.values()] == ["He was found."]
    assert desk.appeals.open(PAT, view.appeal.id).remaining == 0


def raced(desk, monkeypatch, times):
    """Have the tick look at the copy just before each of the next changes of its words is written."""
    commit, left = desk.books.commit, [times]

    def late(leaves, writes, *, intended=None, **more):
        if intended and intended.copies and left[0]:
            left[0] -= 1
            (copy,) = desk.store.copies(desk.id)
            desk.store.table.write(desk.store.put_copy(copy.model_copy(update={"rev": copy.rev + 1})))
        return commit(leaves, writes, intended=intended, **more)

    monkeypatch.setattr(desk.books, "commit", late)


def closed(desk):
    view = desk.approve(desk.begun())
    desk.run()
    return lambda rev: desk.appeals.close(
        PAT, view.appeal.id, outcome="found", outcome_at=desk.world.now, ending="update", text="He was found.",
        rev=rev, idem=idem(),
    ), view.appeal.rev  # fmt: skip


def test_a_race_is_no_reason_to_take_down_what_can_be_put_in_other_words(desk, monkeypatch):
    close, rev = closed(desk)
    raced(desk, monkeypatch, 2)
    close(rev)
    desk.run()
    assert [text for _, text, _ in desk.platform.out.values()] == ["He was found."]
    assert desk.platform.down == set()


def test_a_race_that_is_lost_each_time_is_told_and_goes_on_when_asked_again(desk, monkeypatch):
    close, rev = closed(desk)
    raced(desk, monkeypatch, 4)
    with pytest.raises(ConflictError, match="facebook-1 at the same moment"):
        close(rev)
    desk.run()
    assert [text for _, text, _ in desk.platform.out.values()] == ["Have you seen him?"]
    close(rev + 1)
    desk.run()
    assert [text for _, text, _ in desk.platform.out.values()] == ["He was found."]


def test_where_an_account_asks_for_a_second_person_s_word_it_is_taken_down(desk):
    close, rev = closed(desk)
    account = desk.world.accounts.get("facebook-1")
    assert account is not None
    desk.books.account = lambda _: account.model_copy(
        update={"policy": account.policy.model_copy(update={"approve_publish": "lead"})}
    )
    close(rev)
    desk.run()
    assert (desk.platform.out, len(desk.platform.down)) == ({}, 1)


def test_closing_again_while_the_words_are_being_changed_takes_nothing_down(desk):
    close, rev = closed(desk)
    close(rev)
    close(rev + 1)
    desk.run()
    assert [text for _, text, _ in desk.platform.out.values()] == ["He was found."]
    assert desk.platform.down == set()
