"""The verifier asks of each hide and delete that what stood around the post was sealed before."""

from __future__ import annotations

import pytest

from bluelamp.actions.sealing import Seals
from bluelamp.audit.archive import pull
from bluelamp.audit.verify import verify
from bluelamp.posts.model import Reason
from tests.support.world import World, idem, principal

ABUSE = Reason(code="abuse")


@pytest.fixture
def world():
    made = World()
    made.account("1", "swindale")
    for native in ("c1", "c2"):
        made.ingest(made.comment(native, "you idiot"))
    made.judge_all()
    return made


def take_away(world: World, verb: str, number: int, *, carelessly: bool = False, monkeypatch=None) -> None:
    post = sorted(world.posts.queue(principal()).posts, key=lambda p: p.id)[number]
    getattr(world.actions, verb)(principal(), post.id, reason=ABUSE, rev=post.rev, idem=idem())
    world.seal()
    if carelessly:
        with monkeypatch.context() as patch:
            patch.setattr(Seals, "check", lambda *_: None)
            world.act_all()
    else:
        world.act_all()
    world.seal()


def report(world: World, tmp_path):
    pull(world.evidence, tmp_path)
    return verify(tmp_path)


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize("verb", ["hide", "delete"])
def test_with_its_context_all_is_well(world, verb, tmp_path):
    take_away(world, verb, 0)
    found = report(world, tmp_path)
    assert (codes(found.failures), "bare" in codes(found.remarks)) == ([], False)


@pytest.mark.parametrize("verb", ["hide", "delete"])
def test_without_its_context_it_fails_and_names_the_outcome(world, verb, tmp_path, monkeypatch):
    take_away(world, "hide", 0)
    take_away(world, verb, 0, carelessly=True, monkeypatch=monkeypatch)
    found = report(world, tmp_path)
    assert codes(found.failures) == ["context"]
    assert "not sealed before" in found.failures[0].detail


def test_what_was_taken_away_before_any_context_was_kept_is_remarked_upon(world, tmp_path, monkeypatch):
    take_away(world, "hide", 0, carelessly=True, monkeypatch=monkeypatch)
    take_away(world, "hide", 0)
    found = report(world, tmp_path)
    assert (codes(found.failures), codes(found.remarks).count("bare")) == ([], 1)


def test_a_log_of_before_says_nothing_of_it(world, tmp_path, monkeypatch):
    take_away(world, "hide", 0, carelessly=True, monkeypatch=monkeypatch)
    found = report(world, tmp_path)
    assert (codes(found.failures), "bare" in codes(found.remarks)) == ([], False)


def test_what_was_taken_back_needs_none(world, tmp_path):
    take_away(world, "hide", 0)
    post = world.posts.queue(principal()).posts[0]
    world.actions.hide(principal(), post.id, reason=ABUSE, rev=post.rev, idem=idem())
    now = world.changer.posts.get(post.id)
    world.actions.unhide(principal(), post.id, rev=now.rev, idem=idem())
    world.seal()
    world.act_all()
    assert codes(report(world, tmp_path).failures) == []
