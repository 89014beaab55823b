"""Who is at a post, and the pen: one query and one write a heartbeat, and never two people answering at once."""

from __future__ import annotations

import pytest

from bluelamp.errors import OutOfScopeError, RefusedError
from bluelamp.presence.service import BeingWrittenError
from tests.support.world import World, idem, principal

PAT, ANN = principal(), principal("local", teams=("swindale",), name="Ann Local")


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    w.ingest(w.comment("c1", "you idiot"))
    w.judge_all()
    return w


@pytest.fixture
def post(world):
    return world.posts.queue(PAT).posts[0]


def names(here):
    return [one.person.name for one in here.people]


def test_colleagues_see_each_other_until_two_minutes_after(world, post):
    assert names(world.presence.beat(PAT, post.id)) == []
    assert names(world.presence.beat(ANN, post.id)) == ["Pat Officer"]
    world.pass_time(seconds=119)
    assert names(world.presence.beat(ANN, post.id)) == ["Pat Officer"]
    world.pass_time(seconds=2)
    assert names(world.presence.beat(ANN, post.id)) == []


@pytest.mark.parametrize("writing", [False, True])
def test_a_heartbeat_is_one_query_and_one_write(world, post, writing, monkeypatch):
    world.presence.beat(ANN, post.id)
    world.presence.beat(PAT, post.id, writing=writing)
    calls = []
    for name in ("query", "get", "batch_get", "write", "transact"):
        real = getattr(world.table, name)
        monkeypatch.setattr(
            world.table, name, lambda *a, real=real, name=name, **k: (calls.append(name), real(*a, **k))[1]
        )
    world.presence.beat(PAT, post.id, writing=writing)
    assert len(calls) == 2
    assert calls[0] == "query"
    assert calls[1] in {"write", "transact"}


def test_the_second_answer_is_refused_and_names_who_writes(world, post):
    assert world.presence.beat(ANN, post.id, writing=True).yours
    seen = world.presence.beat(PAT, post.id, writing=True)
    assert (seen.writing.name, seen.yours, names(seen)) == ("Ann Local", False, ["Ann Local"])
    with pytest.raises(BeingWrittenError, match="Ann Local is writing a reply") as caught:
        world.actions.reply(PAT, post.id, text="Thank you.", rev=post.rev, idem=idem())
    assert caught.value.by == "Ann Local"
    world.actions.reply(ANN, post.id, text="Thank you.", rev=post.rev, idem=idem())
    assert world.presence.beat(PAT, post.id).writing is None


def test_who_takes_over_answers_and_the_other_is_told(world, post):
    world.presence.beat(ANN, post.id, writing=True)
    assert world.presence.beat(PAT, post.id, writing=True, take_over=True).yours
    assert world.presence.beat(ANN, post.id, writing=True).writing.name == "Pat Officer"
    with pytest.raises(BeingWrittenError, match="Pat Officer"):
        world.actions.reply(ANN, post.id, text="Thank you.", rev=post.rev, idem=idem())
    world.actions.reply(PAT, post.id, text="Thank you.", rev=post.rev, idem=idem())


@pytest.mark.parametrize("how", ["put down", "forgotten"])
def test_the_pen_is_free_once_it_is_put_down_or_forgotten(world, post, how):
    world.presence.beat(ANN, post.id, writing=True)
    if how == "put down":
        world.presence.beat(ANN, post.id)
    else:
        world.pass_time(seconds=121)
    assert world.presence.beat(PAT, post.id).writing is None
    world.actions.reply(PAT, post.id, text="Thank you.", rev=post.rev, idem=idem())


def test_two_who_take_the_pen_at_one_moment_do_not_both_have_it(world, post, monkeypatch):
    real = world.table.query

    def late(*a, **k):
        page = real(*a, **k)
        monkeypatch.setattr(world.table, "query", real)
        world.presence.beat(ANN, post.id, writing=True)
        return page

    monkeypatch.setattr(world.table, "query", late)
    seen = world.presence.beat(PAT, post.id, writing=True)
    assert (seen.yours, seen.writing.name) == (False, "Ann Local")


def test_who_does_not_reach_a_post_does_not_see_who_is_there(world, post):
    with pytest.raises(OutOfScopeError):
        world.presence.beat(principal("local", teams=("marlford",)), post.id)
    with pytest.raises(RefusedError):
        world.presence.beat(principal("auditor"), post.id)
    with pytest.raises(RefusedError):
        world.presence.beat(principal("supervisor", teams=("swindale",)), post.id, writing=True)


def test_a_draft_waits_for_its_writer_a_week_and_for_nobody_else(world, post):
    world.presence.beat(PAT, post.id, writing=True, draft="Thank you, ")
    assert world.presence.beat(ANN, post.id).draft == ""
    assert world.presence.beat(PAT, post.id).draft == "Thank you, "
    world.presence.beat(PAT, post.id, draft="")
    assert world.presence.beat(PAT, post.id).draft == ""


def test_a_draft_is_kept_for_whoever_writes_while_somebody_else_has_the_pen(world, post):
    world.presence.beat(ANN, post.id, writing=True, draft="Mine")
    seen = world.presence.beat(PAT, post.id, writing=True, draft="Yours")
    assert (seen.writing.name, seen.draft) == ("Ann Local", "Yours")


def test_an_answer_clears_the_draft_in_its_own_transaction(world, post):
    world.presence.beat(PAT, post.id, writing=True, draft="Thank you.")
    world.actions.reply(PAT, post.id, text="Thank you.", rev=post.rev, idem=idem())
    assert world.presence.beat(PAT, post.id).draft == ""


def test_who_may_not_answer_keeps_no_draft(world, post):
    with pytest.raises(RefusedError):
        world.presence.beat(principal("auditor"), post.id, draft="Thank you.")
