"""Cases given to people, tagged and referred: what colleagues see, who is told, and who is explained why not."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bluelamp.audit.leaf import Actor
from bluelamp.errors import ConflictError, OutOfScopeError
from bluelamp.people.rules import principal_of
from bluelamp.posts.colleagues import NotForPersonError
from bluelamp.posts.model import Reason
from bluelamp.posts.tagging import UnknownTagError
from tests.support.world import World, idem, principal

BY = Actor.system("test")
PAT = principal()


def force():
    """Return a world with two pages, a person for each and one who is suspended, and a post on the first page."""
    w = World()
    w.account("1", "swindale")
    w.account("2", "marlford")
    for name, team in (("ann", "swindale"), ("bob", "swindale"), ("eve", "marlford"), ("sue", "swindale")):
        w.people.add_person(
            person_id=name, name=name.title(), email=f"{name}@x.example", role="local", teams=[team], by=BY
        )
    w.people.add_person(person_id="adm", name="Adm", email="adm@x.example", role="admin", by=BY)
    w.people.suspend("sue", rev=1, by=BY)
    w.ingest(w.comment("c1", "you idiot"))
    w.judge_all()
    return w


def as_principal(w, person):
    return principal_of(w.people.get(person), session_id="a" * 64, at=w.now)


def only(w):
    (post,) = w.posts.queue(PAT).posts
    return post


@pytest.fixture
def world():
    return force()


def notices(w):
    return [item for (pk, _), item in sorted(w.table.items.items()) if pk == "NOTICES"]


def log(w, kind):
    w.seal()
    w.now = w.now.replace(microsecond=0)
    view = w.posts.open_post(PAT, next(k[0].removeprefix("POST#") for k in w.table.items if k[1] == "POST"))
    return [one for one in view.history if one.type == kind]


def test_who_is_given_a_case_is_told_and_finds_it(world):
    post = only(world)
    result = world.casework.assign(PAT, post.id, person="ann", idem=idem())
    assert result.post.case.assigned_to.name == "Ann"
    (told,) = notices(world)
    assert (told["kind"], told["to"]) == ("assigned", ["person:ann"])
    assert told["about"] == {"account": "facebook-1", "post": post.id}
    assert world.notified == 1
    assert [p.id for p in world.worklists.assigned(as_principal(world, "ann")).posts] == [post.id]
    assert world.worklists.assigned(as_principal(world, "bob")).posts == ()


def test_a_case_goes_to_another_and_back_to_nobody(world):
    post = only(world)
    world.casework.assign(PAT, post.id, person="ann", idem=idem())
    world.casework.assign(PAT, post.id, person="bob", idem=idem())
    assert world.worklists.assigned(as_principal(world, "ann")).posts == ()
    world.casework.unassign(PAT, post.id, idem=idem())
    assert world.worklists.assigned(as_principal(world, "bob")).posts == ()
    with pytest.raises(ConflictError, match="nobody"):
        world.casework.unassign(PAT, post.id, idem=idem())
    assert [one.detail.get("to", one.detail.get("from")) for one in log(world, "assign")] == ["ann", "bob", "bob"]


@pytest.mark.parametrize(
    ("person", "why"),
    [("sue", "Sue is suspended"), ("eve", "Eve does not reach"), ("adm", "Adm may not"), ("nil", "nobody with this")],
)
def test_who_cannot_deal_with_a_case_is_not_given_it(world, person, why):
    post = only(world)
    with pytest.raises(NotForPersonError, match=why):
        world.casework.assign(PAT, post.id, person=person, idem=idem())
    assert (only(world).rev, notices(world)) == (post.rev, [])


def test_a_claim_of_ones_own_goes_with_the_case_and_that_of_another_stops_it(world):
    post = only(world)
    world.posts.claim(PAT, post.id, idem=idem())
    assert world.casework.assign(PAT, post.id, person="ann", idem=idem()).post.case.claimed_by is None
    world.posts.claim(as_principal(world, "bob"), post.id, idem=idem())
    with pytest.raises(ConflictError, match="Bob is dealing") as caught:
        world.casework.assign(PAT, post.id, person="ann", idem=idem())
    assert caught.value.by == "Bob"


def test_what_was_hidden_and_taken_back_is_assigned_as_before(world):
    post = only(world)
    given = world.casework.assign(PAT, post.id, person="ann", idem=idem()).post
    hidden = world.actions.hide(PAT, post.id, reason=Reason(code="abuse"), rev=given.rev, idem=idem(), undo_seconds=10)
    assert hidden.post.case.assigned_to is None
    assert world.worklists.assigned(as_principal(world, "ann")).posts == ()
    world.casework.refer(PAT, post.id, ref="42/12345/26", idem=idem())
    back = world.actions.unhide(PAT, post.id, rev=hidden.post.rev + 1, idem=idem()).post
    assert (back.case.state, back.case.assigned_to.id, back.case.refs) == ("open", "ann", ("42/12345/26",))
    assert [p.id for p in world.worklists.assigned(as_principal(world, "ann")).posts] == [post.id]


def test_colleagues_are_those_who_reach_the_account(world):
    found = world.reach.on(PAT, only(world).id)
    assert [(one.name, one.takes) for one in found.people] == [("Ann", True), ("Bob", True)]
    assert [one.name for one in world.reach.on(PAT, only(world).id, "b").people] == ["Bob"]


def test_mentions_are_told_and_stand_in_the_note_by_their_ids(world):
    post = only(world)
    world.posts.note(PAT, post.id, text="@Ann see this", mentions=["ann", "ann"], idem=idem())
    (told,) = notices(world)
    assert (told["kind"], told["to"], world.notified) == ("mentioned", ["person:ann"], 1)
    (note,) = world.posts.open_post(PAT, post.id).notes
    assert [one.id for one in note.mentions] == ["ann"]


def test_nobody_out_of_reach_is_mentioned_and_then_there_is_no_note(world):
    post = only(world)
    with pytest.raises(NotForPersonError, match="Eve does not reach this account"):
        world.posts.note(PAT, post.id, text="@Ann @Eve", mentions=["ann", "eve"], idem=idem())
    assert (world.posts.open_post(PAT, post.id).notes, notices(world)) == ((), [])


def test_tags_are_of_the_list_and_sift_the_queue(world):
    post, admin = only(world), principal("admin")
    with pytest.raises(UnknownTagError):
        world.casework.tag(PAT, post.id, tag="fair", idem=idem())
    world.tags.put(admin, "fair", name=" The  fair ", rev=0, idem=idem())
    assert world.casework.tag(PAT, post.id, tag="fair", idem=idem()).post.case.tags == ("fair",)
    with pytest.raises(ConflictError, match="already"):
        world.casework.tag(PAT, post.id, tag="fair", idem=idem())
    assert [p.id for p in world.worklists.tagged(PAT, "fair").posts] == [post.id]
    assert world.worklists.tagged(PAT, "fair", view="done").posts == ()
    assert world.worklists.tagged(as_principal(world, "eve"), "fair").posts == ()
    world.casework.untag(PAT, post.id, tag="fair", idem=idem())
    assert world.worklists.tagged(PAT, "fair").posts == ()
    assert [one.detail for one in log(world, "tag")] == [{"tag": "fair"}, {"tag": "fair", "off": "yes"}]


def test_a_retired_tag_is_put_on_nothing_and_stays_where_it_is(world):
    post, admin = only(world), principal("admin")
    world.tags.put(admin, "fair", name="Fair", rev=0, idem=idem())
    world.casework.tag(PAT, post.id, tag="fair", idem=idem())
    assert world.tags.retire(admin, "fair", idem=idem()).retired
    with pytest.raises(ConflictError):
        world.tags.put(admin, "fair", name="Fair", rev=1, idem=idem())
    assert [p.id for p in world.worklists.tagged(PAT, "fair").posts] == [post.id]
    world.ingest(world.comment("c2", "another"))
    world.judge_all()
    other = next(p for p in world.posts.queue(PAT).posts if p.text == "another")
    with pytest.raises(UnknownTagError):
        world.casework.tag(PAT, other.id, tag="fair", idem=idem())


def test_the_list_of_a_tag_goes_on_from_page_to_page(world):
    world.tags.put(principal("admin"), "fair", name="Fair", rev=0, idem=idem())
    for n in range(5):
        world.pass_time(seconds=1)
        world.ingest(world.comment(f"n{n}", f"hello {n}", page=str(n % 2 + 1)))
    world.judge_all()
    for post in world.posts.queue(PAT).posts:
        world.casework.tag(PAT, post.id, tag="fair", idem=idem())
    seen, cursor = [], None
    while True:
        page = world.worklists.tagged(PAT, "fair", cursor=cursor, limit=2)
        seen += [p.text for p in page.posts]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [f"hello {n}" for n in reversed(range(5))] + ["you idiot"]
    eve = [p.text for p in world.worklists.tagged(as_principal(world, "eve"), "fair").posts]
    assert eve == ["hello 3", "hello 1"]


def test_the_other_posts_of_an_author_are_those_in_reach(world):
    for n in range(3):
        world.pass_time(seconds=1)
        world.ingest(world.comment(f"n{n}", f"hello {n}", page=str(n % 2 + 1)))
    world.ingest(world.comment("x", "somebody else", author_id="a2"))
    world.judge_all()
    first = next(p for p in world.posts.queue(PAT).posts if p.text == "you idiot")
    assert [p.text for p in world.worklists.by_author(PAT, first.id).posts] == ["hello 2", "hello 1", "hello 0"]
    ann = as_principal(world, "ann")
    assert [p.text for p in world.worklists.by_author(ann, first.id).posts] == ["hello 2", "hello 0"]
    with pytest.raises(OutOfScopeError):
        world.worklists.by_author(as_principal(world, "eve"), first.id)


def test_a_reference_is_in_the_record_and_can_be_withdrawn(world):
    post = only(world)
    assert world.casework.refer(PAT, post.id, ref="42/12345/26", idem=idem()).post.case.refs == ("42/12345/26",)
    with pytest.raises(ConflictError, match="already"):
        world.casework.refer(PAT, post.id, ref="42/12345/26", idem=idem())
    assert world.casework.refer(PAT, post.id, ref="42/12345/26", withdraw=True, idem=idem()).post.case.refs == ()
    assert [one.detail["ref"] for one in log(world, "reference")] == ["42/12345/26"] * 2


class Desk(RuleBasedStateMachine):
    """Three people at one case: it is nobody's once it is closed, and never somebody's who does not reach it."""

    def __init__(self):
        super().__init__()
        self.world = force()
        self.id = only(self.world).id
        self.steps = 0

    @property
    def post(self):
        return self.world.changer.posts.get(self.id)

    def who(self, name):
        return as_principal(self.world, name)

    def tries(self, step, *refused):
        before = self.post
        try:
            step()
        except refused:
            assert self.post == before
        else:
            assert self.post.rev == before.rev + 1
            assert len(self.post.trail) >= min(len(before.trail) + 1, 16)

    @rule(name=st.sampled_from(["ann", "bob"]))
    def claim(self, name):
        self.tries(lambda: self.world.posts.claim(self.who(name), self.id, idem=idem()), ConflictError)

    @rule(name=st.sampled_from(["ann", "bob"]))
    def release(self, name):
        self.tries(lambda: self.world.posts.release(self.who(name), self.id, idem=idem()), ConflictError)

    @rule(name=st.sampled_from(["ann", "bob"]), to=st.sampled_from(["ann", "bob", "eve", "sue"]))
    def assign(self, name, to):
        self.tries(
            lambda: self.world.casework.assign(self.who(name), self.id, person=to, idem=idem()),
            ConflictError,
            NotForPersonError,
        )

    @rule(name=st.sampled_from(["ann", "bob"]))
    def unassign(self, name):
        self.tries(lambda: self.world.casework.unassign(self.who(name), self.id, idem=idem()), ConflictError)

    @precondition(lambda self: self.post.case.state == "open")
    @rule()
    def flag(self):
        post = self.post
        self.world.posts.flag(PAT, self.id, to="control", reason=Reason(code="threat"), rev=post.rev, idem=idem())
        assert self.post.case.grade >= 6

    @precondition(lambda self: self.post.case.state == "open")
    @rule(undone=st.booleans())
    def close(self, undone):
        case = self.post.case
        hidden = self.world.actions.hide(
            PAT, self.id, reason=Reason(code="abuse"), rev=self.post.rev, idem=idem(), undo_seconds=10
        )
        assert (self.post.case.claimed_by, self.post.case.assigned_to) == (None, None)
        if undone:
            self.world.actions.unhide(PAT, self.id, rev=hidden.post.rev, idem=idem())
            assert self.post.case == case

    @invariant()
    def what_is_closed_is_nobodys(self):
        case = self.post.case
        if case.state == "closed":
            assert (case.claimed_by, case.assigned_to) == (None, None)

    @invariant()
    def the_list_has_just_what_is_assigned(self):
        to = self.post.case.assigned_to
        assert to is None or to.id in {"ann", "bob"}
        for name in ("ann", "bob"):
            mine = [p.id for p in self.world.worklists.assigned(self.who(name)).posts]
            assert mine == ([self.id] if to and to.id == name else [])


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
