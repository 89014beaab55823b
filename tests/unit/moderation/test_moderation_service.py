"""The use case and its handler: every post gets a case, or its message comes back."""

import importlib.util
import json
import sys
import types
from pathlib import Path

import pytest

from bluelamp.moderation.model import Risk, unjudged
from bluelamp.moderation.service import PATIENCE, Moderator, Received
from tests.unit.moderation.moderation_kit import subject

ROOT = Path(__file__).parents[3]


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


def test_posts_are_judged_and_filed():
    posts = FakePosts(good="Lovely day at the fair", bad="I'm going to kill you")
    assert Moderator(posts=posts).judge_posts([message("good"), message("bad")]) == []
    assert posts.cases["good"].risk is Risk.NONE
    assert posts.cases["bad"].risk is Risk.CRITICAL


def test_a_message_twice_leaves_one_case():
    posts = FakePosts(a="Lovely day")
    moderator = Moderator(posts=posts)
    assert moderator.judge_posts([message("a"), message("a", 2)]) == []
    first = posts.cases["a"]
    assert moderator.judge_posts([message("a", 3)]) == []
    assert posts.cases["a"] is first


def test_a_post_that_is_gone_is_done():
    assert Moderator(posts=FakePosts()).judge_posts([message("gone")]) == []


def test_a_post_that_changed_meanwhile_is_judged_again():
    posts = FakePosts(a="Lovely day")
    posts.changes_while_judged.add("a")
    moderator = Moderator(posts=posts)
    assert moderator.judge_posts([message("a")]) == ["m-a"]
    assert moderator.judge_posts([message("a", 2)]) == []
    assert "a" in posts.cases


@pytest.mark.parametrize("body", ["", "{", "[]", '{"v":2,"post_id":"a","rev":1}', '{"v":1}'])
def test_a_broken_message_fails_alone(body, caplog):
    posts = FakePosts(a="Lovely day")
    broken = Received(message_id="broken", receives=1, body=body)
    assert Moderator(posts=posts).judge_posts([broken, message("a")]) == ["broken"]
    assert "a" in posts.cases
    assert "cannot be read" in caplog.text


def test_one_post_that_cannot_be_judged_holds_up_no_other():
    posts = FakePosts(a="Lovely day", b="Another")

    def judge(subject):
        if subject.text == "Another":
            raise RuntimeError("broken on purpose")
        return unjudged(subject)

    assert Moderator(posts=posts, judge=judge).judge_posts([message("a"), message("b")]) == ["m-b"]
    assert list(posts.cases) == ["a"]


def test_a_table_that_does_not_answer_brings_the_whole_batch_again():
    class Silent(FakePosts):
        def file_cases(self, judged):
            raise ConnectionError("no answer")

    posts = Silent(a="Lovely day", b="Another")
    assert Moderator(posts=posts).judge_posts([message("a"), message("b")]) == ["m-a", "m-b"]


def broken_judge(_subject):
    raise RuntimeError("broken on purpose")


def test_what_cannot_be_judged_is_filed_for_a_person_and_never_lost(caplog):
    posts = FakePosts(a="Lovely day")
    moderator = Moderator(posts=posts, judge=broken_judge)
    for receives in range(1, PATIENCE):
        assert moderator.judge_posts([message("a", receives)]) == ["m-a"]
        assert not posts.cases
    assert moderator.judge_posts([message("a", PATIENCE)]) == []
    assert posts.cases["a"] == unjudged(subject("Lovely day"))
    assert posts.cases["a"].risk is Risk.HIGH
    assert "unjudged" in caplog.text


def test_a_judge_that_dies_is_not_asked_for_ever():
    posts = FakePosts(a="Lovely day")
    asked = []
    assert Moderator(posts=posts, judge=asked.append).judge_posts([message("a", PATIENCE + 1)]) == []
    assert not posts.cases["a"].judged
    assert not asked


def test_the_handler_answers_with_what_failed(monkeypatch):
    event = json.loads((ROOT / "events" / "moderation-queue.json").read_text(encoding="utf-8"))
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    posts = FakePosts(**{body["post_id"]: "Lovely day" for body in bodies})
    posts.changes_while_judged.add(bodies[1]["post_id"])
    wiring = types.ModuleType("bluelamp.wiring")
    wiring.moderator = lambda: Moderator(posts=posts)
    monkeypatch.setitem(sys.modules, "bluelamp.wiring", wiring)
    spec = importlib.util.spec_from_file_location("moderate_handler", ROOT / "functions/moderate/handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    answer = module.handler(event, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert set(posts.cases) == {bodies[0]["post_id"]}
