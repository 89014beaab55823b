"""What was said with an author: in and out, over accounts, in order, within reach, a page at a time."""

from __future__ import annotations

import json

import pytest

from bluelamp.audit.outbox import Waiting
from bluelamp.cursors import CursorError
from bluelamp.errors import OutOfScopeError
from bluelamp.ids import post_id
from bluelamp.posts.conversation import NEXT_IN_THREAD, PAGE
from tests.support.world import World, idem, principal

PAT = principal(name="Pat Officer")
NORTH, SOUTH = principal("local", teams=("north",)), principal("local", teams=("south",))


class Desk(World):
    """Two pages of two teams, and somebody who writes to both."""

    def __init__(self):
        super().__init__()
        self.account("1", "north")
        self.account("2", "south")

    def say(self, native, text, **more):
        self.pass_time(minutes=1)
        self.ingest(self.comment(native, text, **more))
        self.judge_all()
        return post_id(f"facebook-{more.get('page', '1')}", native)

    def ours(self, native, text, parent, **more):
        return self.say(native, text, direction="out", author_id="page", parent_native=parent, **more)

    def answer(self, post, text):
        self.pass_time(minutes=1)
        rev = self.changer.posts.get(post).rev
        self.actions.reply(PAT, post, text=text, rev=rev, idem=idem())
        self.seal()

    def told(self, post, who=PAT, **how):
        page = self.conversations.with_author(who, post, **how)
        return [(one.direction, one.account, one.text) for one in page.said]

    def leaves(self):
        keys = sorted((k for k in self.table.items if k[0].startswith("OUTBOX#")), key=lambda k: k[1])
        return [json.loads(body) for k in keys for body in Waiting.from_item(self.table.items[k]).bodies()]


@pytest.fixture
def desk():
    return Desk()


def test_it_is_one_timeline_over_accounts_with_what_was_answered(desk):
    first = desk.say("a", "The gate is broken")
    desk.answer(first, "Thank you, we will look.")
    desk.say("b", "It still is", page="2")
    desk.say("x", "I like gates", author_id="a2")
    desk.ours("c", "Which gate?", "b", page="2")
    desk.ours("d", "Which gates?", "x")
    assert desk.told(first) == [
        ("in", "facebook-1", "The gate is broken"),
        ("out", "facebook-1", "Thank you, we will look."),
        ("in", "facebook-2", "It still is"),
        ("out", "facebook-2", "Which gate?"),
    ]


def test_each_sees_what_is_within_their_reach(desk):
    first = desk.say("a", "To the north")
    second = desk.say("b", "To the south", page="2")
    desk.ours("c", "The south answers", "b", page="2")
    assert desk.told(first, NORTH) == [("in", "facebook-1", "To the north")]
    assert [text for _, _, text in desk.told(second, SOUTH)] == ["To the south", "The south answers"]
    with pytest.raises(OutOfScopeError):
        desk.told(first, SOUTH)


def test_an_answer_is_told_once_when_the_platform_tells_of_it_too(desk):
    first = desk.say("a", "Hello")
    desk.answer(first, "Good morning.")
    desk.act_all()
    (item,) = desk.changer.posts.answers(first)
    assert item["state"] == "done"
    before = desk.conversations.with_author(PAT, first).said[1]
    assert (before.state, before.post, before.by.name) == ("sent", first, "Pat Officer")
    desk.ours(item["native_id"], "Good morning.", "a")
    said = desk.conversations.with_author(PAT, first).said
    assert [one.text for one in said] == ["Hello", "Good morning."]
    assert (said[1].state, said[1].post) == ("visible", post_id("facebook-1", item["native_id"]))
    assert said[1].by.name == "Pat Officer"


def test_what_was_never_said_is_not_told(desk):
    first = desk.say("a", "Hello")
    desk.answer(first, "Good morning.")
    (item,) = desk.changer.posts.answers(first)
    for state in ("failed", "cancelled", "rejected", "withdrawn", "expired", "proposed"):
        desk.table.items[item["pk"], item["sk"]]["state"] = state
        assert [text for _, _, text in desk.told(first)] == ["Hello"]


def test_in_a_private_thread_all_that_the_force_wrote_is_to_them(desk):
    private = {"kind": "message", "private": True, "thread_native": "t-a1"}
    first = desk.say("a", "Psst", **private)
    desk.say("b", "Yes?", direction="out", author_id="page", **private)
    desk.say("c", "Nothing", **private)
    assert [text for _, _, text in desk.told(first)] == ["Psst", "Yes?", "Nothing"]


def test_pages_hold_everything_and_are_bound_to_person_and_post(desk):
    posts = [desk.say(f"n{n}", f"hello {n}", page=str(n % 2 + 1)) for n in range(2 * PAGE + 3)]
    seen, cursor, pages = [], None, 0
    while True:
        page = desk.conversations.with_author(PAT, posts[0], cursor=cursor)
        assert len(page.said) <= PAGE
        seen = [one.text for one in page.said] + seen
        cursor, pages = page.next, pages + 1
        if cursor is None:
            break
        kept = cursor
    assert (seen, pages) == ([f"hello {n}" for n in range(2 * PAGE + 3)], 3)
    with pytest.raises(CursorError):
        desk.conversations.with_author(PAT, posts[1], cursor=kept)
    with pytest.raises(CursorError):
        desk.conversations.with_author(principal("control"), posts[0], cursor=kept)


def test_a_post_that_the_index_does_not_know_yet_is_there_all_the_same(desk):
    desk.say("a", "Before")
    fresh = desk.say("b", "Just now")
    stored = desk.table.items[f"POST#{fresh}", "POST"]
    del stored["g4pk"], stored["g4sk"]
    assert [text for _, _, text in desk.told(fresh)] == ["Before", "Just now"]


def test_a_post_of_our_own_has_no_author_to_talk_with(desk):
    desk.say("a", "Hello")
    ours = desk.say("b", "Good morning, Weald", direction="out", author_id="page")
    assert [text for _, _, text in desk.told(ours)] == ["Good morning, Weald"]


def test_a_page_costs_the_same_below_a_popular_post(desk):
    first = desk.say("a", "Hello")
    for n in range(NEXT_IN_THREAD + 5):
        desk.say(f"x{n}", "Me too", author_id=f"x{n}")
    desk.ours("late", "Too late to be found by its thread", "a")
    assert [text for _, _, text in desk.told(first)] == ["Hello"]


def test_it_is_a_view_of_each_post_and_a_search_for_the_author(desk):
    first = desk.say("a", "Hello")
    second = desk.say("b", "Hello again", page="2")
    desk.told(first)
    *views, search = desk.leaves()[-3:]
    assert [(one["type"], one["account"]) for one in views] == [("view", "facebook-1"), ("view", "facebook-2")]
    assert (search["type"], search["query"]) == ("search", {"view": "conversation", "filters": {}, "hits": 2})
    assert {one["author_key"] for one in views} == {search["author_key"]}
    assert "Hello" not in json.dumps([views, search])
    for post in (first, second):
        seen = [one.detail for one in desk.posts.open_post(PAT, post).history if one.type == "view"]
        assert {"what": "conversation"} in seen


def test_somebody_without_a_name_has_this_post_alone(desk):
    first = desk.say("a", "Hello", author_id=None)
    desk.say("b", "Somebody else", author_id=None)
    assert [text for _, _, text in desk.told(first)] == ["Hello"]
