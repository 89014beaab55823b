"""The spine in memory: a comment arrives, is judged, hidden by an officer, sealed, hidden on the platform, proved."""

from __future__ import annotations

import pytest

from bluelamp.cloud.sqs import QueueError
from bluelamp.errors import ConflictError, OutOfScopeError, RefusedError
from bluelamp.posts.model import Reason
from tests.support.world import World, idem, principal

ABUSE = Reason(code="abuse")


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    w.account("2", "marlford")
    return w


def arrive(world, native="c1", text="you idiot", **more):
    world.ingest(world.comment(native, text, **more))
    world.judge_all()
    officer = principal()
    return next(p for p in world.posts.queue(officer).posts if p.text == text)


def test_the_whole_way(world):
    officer = principal()
    post = arrive(world)
    assert post.case.risk == "medium"
    assert "hide" in post.can
    result = world.actions.hide(officer, post.id, reason=ABUSE, rev=post.rev, idem=idem())
    assert result.post.state == "hiding"
    assert world.platform.calls == []  # nothing is called before the seal
    world.seal()
    world.act_all()
    assert world.platform.calls == ["hide:c1"]
    world.seal()
    view = world.posts.open_post(officer, post.id)
    assert view.post.state == "hidden"
    assert view.post.case.decision == "hidden"
    assert [a.state for a in view.actions] == ["done"]
    assert [h.type for h in view.history] == ["ingest", "classify", "intent", "context", "outcome", "view"]
    assert all(h.sealed for h in view.history[:5])
    proof = world.posts.proof(officer, post.id, view.history[2].leaf_id)
    assert proof.index == view.history[2].seq


def test_undo_cancels_before_the_platform_is_called(world):
    officer = principal()
    post = arrive(world)
    hidden = world.actions.hide(officer, post.id, reason=ABUSE, rev=post.rev, idem=idem(), undo_seconds=10)
    world.seal()
    assert world.action_queue.messages[0].delay_seconds == 10
    back = world.actions.unhide(officer, post.id, rev=hidden.post.rev, idem=idem())
    assert back.post.state == "visible"
    assert back.post.case.state == "open"
    world.act_all()
    assert world.platform.calls == []


def test_delete_of_what_is_gone_already_is_a_success(world):
    post = arrive(world)
    world.platform.gone.add("c1")
    world.actions.delete(principal(), post.id, reason=ABUSE, rev=post.rev, idem=idem())
    world.seal()
    world.act_all()
    assert world.posts.open_post(principal(), post.id).post.state == "deleted"


def test_a_lost_answer_is_read_back_and_not_repeated(world):
    post = arrive(world)
    world.platform.lose_answer = 1
    world.actions.reply(principal(), post.id, text="Thank you, we are looking into it.", rev=post.rev, idem=idem())
    world.seal()
    world.act_all()
    assert len(world.platform.replies) == 1
    view = world.posts.open_post(principal(), post.id)
    assert [a.state for a in view.actions] == ["done"]
    assert view.post.case.decision == "replied"


def test_a_local_team_reaches_its_own_posts_only(world):
    post = arrive(world)
    other = principal("local", teams=("marlford",))
    with pytest.raises(OutOfScopeError):
        world.posts.open_post(other, post.id)
    assert world.posts.queue(other).posts == ()
    own = principal("local", teams=("swindale",))
    assert [p.id for p in world.posts.queue(own).posts] == [post.id]
    with pytest.raises(RefusedError):
        world.actions.delete(own, post.id, reason=ABUSE, rev=post.rev, idem=idem())


def test_a_stale_revision_conflicts_and_says_who(world):
    post = arrive(world)
    world.posts.claim(principal(name="Alex First"), post.id, idem=idem())
    with pytest.raises(ConflictError) as caught:
        world.actions.hide(principal(), post.id, reason=ABUSE, rev=post.rev, idem=idem())
    assert caught.value.by == "Alex First"
    assert caught.value.rev == post.rev + 1


def test_the_queue_stands_by_risk_then_waiting_time_and_pages(world):
    for n in range(7):
        world.ingest(world.comment(f"n{n}", f"hello {n}", page=str(n % 2 + 1)))
        world.pass_time(seconds=1)
    world.ingest(world.comment("k", "i will kill you"))
    world.judge_all()
    officer = principal()
    seen, cursor = [], None
    while True:
        page = world.posts.queue(officer, cursor=cursor, limit=3)
        seen += [p.text for p in page.posts]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["i will kill you", *(f"hello {n}" for n in range(7))]


def test_a_page_of_large_posts_ends_where_the_queue_ends(world):
    """DynamoDB ends a page after a megabyte; the queue goes on."""
    for n in range(12):
        world.ingest(world.comment(f"n{n}", f"{n} " + "x" * 200_000))
    world.judge_all()
    assert len(world.posts.queue(principal(), limit=100).posts) == 12


def test_the_cursor_of_many_accounts_is_short(world):
    for n in range(10, 90):
        world.account(str(n), "swindale")
        world.ingest(world.comment(f"m{n}", f"hello {n}", page=str(n)))
    world.judge_all()
    local = principal("local", teams=("swindale",))
    page = world.posts.queue(local, limit=50)
    assert len(page.next) < 500
    rest = world.posts.queue(local, limit=50, cursor=page.next)
    assert len({p.id for p in (*page.posts, *rest.posts)}) == 80


def test_what_is_committed_never_looks_failed_and_is_announced_again(world):
    def silent(name):
        if name == "send":
            raise QueueError("SQS does not answer")

    world.ingest(world.comment("c1", "you idiot"))
    message = world.moderation.messages[0]
    world.faults.before = silent
    world.judge_all()
    world.faults.before = None
    assert world.live_queue.messages == []
    world.moderation.messages.append(message)  # SQS delivers at least once; the second time tells the pages
    world.judge_all()
    assert [m.body["post_id"] for m in world.live_queue.messages] == [message.body["post_id"]]
