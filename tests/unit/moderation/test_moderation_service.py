"""The use case and its handler: every post gets a case, or its message comes back."""

import json

import pytest
from pydantic import ValidationError

from bluelamp.moderation import rules
from bluelamp.moderation.model import Risk, unjudged
from bluelamp.moderation.service import PATIENCE, Moderator, Received
from tests.unit.moderation.moderation_kit import subject


class FakePosts:
    """Posts in memory, with the promises of the real ones."""

    def __init__(self, **posts):
        self.posts = {post_id: [subject(text), 1] for post_id, text in posts.items()}
        self.cases = {}
        self.changes_while_judged = set()

    def get_for_judging(self, post_ids):
        found = {i: tuple(self.posts[i]) for i in post_ids if i in self.posts and i not in self.cases}
        for changed in self.changes_while_judged & found.keys():
            self.changes_while_judged.discard(changed)
            self.posts[changed][1] += 1
        return found

    def file_cases(self, judged):
        overtaken = {i for i, (rev, _) in judged.items() if self.posts[i][1] != rev}
        self.cases |= {i: judgement for i, (_, judgement) in judged.items() if i not in overtaken}
        return overtaken


def message(post_id, receives=1, message_id=None):
    body = json.dumps({"v": 1, "post_id": post_id, "rev": 1, "account": "x-1", "received_at": "…"})
    return Received(message_id=message_id or f"m-{post_id}", receives=receives, body=body)


class Desk:
    """A moderator, and what it told."""

    def __init__(self, posts, judge=rules.judge):
        self.moderator = Moderator(posts=posts, judge=judge)
        self.told = []

    def judge_posts(self, messages):
        return self.moderator.judge_posts(messages, tell=self.tell)

    def tell(self, error, what, message_id):
        self.told.append((message_id, type(error), what))


def test_posts_are_judged_and_filed():
    posts = FakePosts(good="Lovely day at the fair", bad="I'm going to kill you")
    assert Desk(posts).judge_posts([message("good"), message("bad")]) == []
    assert posts.cases["good"].risk is Risk.NONE
    assert posts.cases["bad"].risk is Risk.CRITICAL


def test_a_message_twice_leaves_one_case():
    posts = FakePosts(a="Lovely day")
    desk = Desk(posts)
    assert desk.judge_posts([message("a"), message("a", 2)]) == []
    first = posts.cases["a"]
    assert desk.judge_posts([message("a", 3)]) == []
    assert posts.cases["a"] is first


def test_a_post_that_is_gone_is_done():
    assert Desk(FakePosts()).judge_posts([message("gone")]) == []


def test_a_post_that_changed_meanwhile_is_judged_again():
    posts = FakePosts(a="Lovely day")
    posts.changes_while_judged.add("a")
    desk = Desk(posts)
    assert desk.judge_posts([message("a")]) == ["m-a"]
    assert desk.judge_posts([message("a", 2)]) == []
    assert "a" in posts.cases


@pytest.mark.parametrize("body", ["", "{", "[]", '{"v":2,"post_id":"a","rev":1}', '{"v":1}'])
def test_a_broken_message_fails_alone(body):
    posts = FakePosts(a="Lovely day")
    broken = Received(message_id="broken", receives=1, body=body)
    desk = Desk(posts)
    assert desk.judge_posts([broken, message("a")]) == ["broken"]
    assert "a" in posts.cases
    ((lost, error, what),) = desk.told
    assert (lost, error) == ("broken", ValidationError)
    assert "cannot be read" in what


def test_one_post_that_cannot_be_judged_holds_up_no_other():
    posts = FakePosts(a="Lovely day", b="Another")

    def judge(subject):
        if subject.text == "Another":
            raise RuntimeError("broken on purpose")
        return unjudged(subject)

    desk = Desk(posts, judge=judge)
    assert desk.judge_posts([message("a"), message("b")]) == ["m-b"]
    assert list(posts.cases) == ["a"]
    assert [told[:2] for told in desk.told] == [("m-b", RuntimeError)]


def test_a_table_that_does_not_answer_brings_the_whole_batch_again():
    class Silent(FakePosts):
        def file_cases(self, judged):
            raise ConnectionError("no answer")

    desk = Desk(Silent(a="Lovely day", b="Another"))
    assert desk.judge_posts([message("a"), message("b")]) == ["m-a", "m-b"]
    assert [told[:2] for told in desk.told] == [("m-a", ConnectionError), ("m-b", ConnectionError)]


class Poisoned(FakePosts):
    """Posts of which one cannot be read, or its case not filed; the whole call fails with it."""

    def __init__(self, call, **posts):
        super().__init__(**posts)
        self.call = call

    def get_for_judging(self, post_ids):
        return self._unless("get_for_judging", list(post_ids), super().get_for_judging)

    def file_cases(self, judged):
        return self._unless("file_cases", judged, super().file_cases)

    def _unless(self, call, given, ordinary):
        if self.call == call and "poison" in given:
            raise ValueError("the text of the post")
        return ordinary(given)


@pytest.mark.parametrize("call", ["get_for_judging", "file_cases"])
@pytest.mark.parametrize("receives", [1, PATIENCE, PATIENCE + 1])
def test_a_poison_post_goes_to_the_dead_letters_alone(call, receives, caplog):
    posts = Poisoned(call, a="Lovely day", poison="Odd", b="I'm going to kill you")
    desk = Desk(posts)
    broken = Received(message_id="broken", receives=1, body="{")
    batch = [message("a", receives), broken, message("poison", receives), message("b", receives)]
    assert desk.judge_posts(batch) == ["broken", "m-poison"]
    assert set(posts.cases) == {"a", "b"}
    assert [told[:2] for told in desk.told] == [("broken", ValidationError), ("m-poison", ValueError)]
    assert "the text of the post" not in caplog.text


def test_patience_holds_for_the_others_in_a_poisoned_batch():
    posts = Poisoned("get_for_judging", a="Lovely day", poison="Odd")
    desk = Desk(posts, judge=broken_judge)
    for receives in range(1, PATIENCE):
        assert desk.judge_posts([message("poison", receives), message("a", receives)]) == ["m-poison", "m-a"]
    assert desk.judge_posts([message("poison", PATIENCE), message("a", PATIENCE)]) == ["m-poison"]
    assert posts.cases["a"] == unjudged(subject("Lovely day"))


def test_a_case_that_cannot_be_filed_as_judged_is_filed_as_unjudged():
    class Picky(FakePosts):
        def file_cases(self, judged):
            if any(judgement.judged and judgement.reasons for _, judgement in judged.values()):
                raise ValueError("no record can be made of this")
            return super().file_cases(judged)

    posts = Picky(a="I'm going to kill you")
    assert Desk(posts).judge_posts([message("a", PATIENCE)]) == ["m-a"]
    assert Desk(posts).judge_posts([message("a", PATIENCE + 1)]) == []
    assert not posts.cases["a"].judged


def broken_judge(_subject):
    raise RuntimeError("broken on purpose")


def test_what_cannot_be_judged_is_filed_for_a_person_and_never_lost():
    posts = FakePosts(a="Lovely day")
    desk = Desk(posts, judge=broken_judge)
    for receives in range(1, PATIENCE):
        assert desk.judge_posts([message("a", receives)]) == ["m-a"]
        assert not posts.cases
    assert desk.judge_posts([message("a", PATIENCE)]) == []
    assert posts.cases["a"] == unjudged(subject("Lovely day"))
    assert posts.cases["a"].risk is Risk.HIGH
    assert [error for _, error, _ in desk.told] == [RuntimeError] * PATIENCE
    assert "unjudged" in desk.told[-1][2]


def test_a_judge_that_dies_is_not_asked_for_ever():
    posts = FakePosts(a="Lovely day")
    asked = []
    assert Desk(posts, judge=asked.append).judge_posts([message("a", PATIENCE + 1)]) == []
    assert not posts.cases["a"].judged
    assert not asked
