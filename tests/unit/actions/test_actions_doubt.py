"""What is said of a call whose answer was lost, and what becomes of the post when an action ends without success."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from bluelamp.actions.acting import CLOCKS_APART, Acting
from bluelamp.actions.errors import LaterError, SealingError, WaitingError
from bluelamp.actions.store import ActionStore
from bluelamp.cloud.secrets import SecretMissingError
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import (
    GoneError,
    NotAllowedError,
    ReadBack,
    ReauthoriseError,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.posts.model import Reason
from bluelamp.times import parse_iso
from tests.support.world import World, idem, principal

ABUSE = Reason(code="abuse")
HOW = {"hide": {"reason": ABUSE}, "delete": {"reason": ABUSE}, "reply": {"text": "Thank you."}, "unhide": {}}


def arrive(world: World, *, judge: bool = True, **more):
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "you idiot", **more))
    if judge:
        world.judge_all()
    return only(world)


def only(world: World):
    ids = [item["id"] for (_, sk), item in world.table.items.items() if sk == "POST"]
    return world.changer.posts.get(ids[0])


def ask(world: World, verb: str):
    post = only(world)
    return getattr(world.actions, verb)(principal(), post.id, rev=post.rev, idem=idem(), **HOW[verb])


def wanted(world: World, verb: str, **more):
    """Have an action asked for, and sealed with all its evidence; return the release message that is acted on."""
    arrive(world, **more)
    ask(world, verb)
    world.seal()
    message = world.action_queue.messages.pop(0).body
    return evidenced(world, message) if verb in {"hide", "delete"} else message


def evidenced(world: World, message: dict) -> dict:
    """Have the evidence of an action kept and sealed; return the message that this releases."""
    with pytest.raises(SealingError):
        world.acting().act(message)
    world.seal()
    return world.action_queue.messages.pop(0).body


def stored(world: World):
    item = max((i for (_, sk), i in world.table.items.items() if sk.startswith("ACTION#")), key=lambda i: i["id"])
    return ActionStore(world.table).get(item["post_id"], item["id"])


def wait(world: World, message: dict) -> None:
    with pytest.raises(WaitingError):
        world.acting().act(message)
    world.pass_time(seconds=world.action_queue.messages.pop().delay_seconds)


class Watched:
    """A platform whose answers to `read_back` are given; it notes since when it was asked."""

    def __init__(self, world: World, *states) -> None:
        self.states, self.since = list(states), []
        world.platform.read_back = self.read_back

    def read_back(self, verb, target, http, *, text=None, since):
        self.since.append(since)
        state = self.states.pop(0) if self.states else "not_done"
        if isinstance(state, Exception):
            raise state
        return ReadBack(state=state)


# what is said of a lost call ------------------------------------------------------------------------------------------


def test_a_lost_call_is_looked_for_since_its_action_began():
    world = World()
    message = wanted(world, "reply")
    watched = Watched(world, "not_done", "done")
    world.platform.next_error = [TimedOutError("no answer")]
    wait(world, message)
    world.pass_time(hours=23)
    assert world.acting().act(message).state == "done"
    assert watched.since == [parse_iso(stored(world).at) - CLOCKS_APART] * 2
    assert world.platform.calls == ["reply:c1"]


def test_what_cannot_be_seen_is_not_said_a_second_time():
    world = World()
    message = wanted(world, "reply")
    Watched(world, "not_done", "unknown")
    world.platform.next_error = [TimedOutError("no answer")]
    wait(world, message)
    assert world.acting().act(message).state == "unknown"
    assert world.platform.calls == ["reply:c1"]


@pytest.mark.parametrize("then", [TryAgainError("503"), ReauthoriseError("revoked"), NotAllowedError("permission")])
def test_a_lost_call_is_not_sealed_as_failed_because_reading_back_failed(then):
    world = World()
    message = wanted(world, "reply")
    Watched(world, *[then] * 10)
    world.platform.lose_answer = 1
    world.action_queue.messages.append(type("M", (), {"body": message, "delay_seconds": 0})())
    world.act_all(rounds=40)
    assert stored(world).state == "unknown"
    assert len(world.platform.replies) == 1


def test_a_lost_call_whose_target_has_gone_is_unknown():
    world = World()
    message = wanted(world, "reply")
    Watched(world, "not_done", "gone")
    world.platform.lose_answer = 1
    wait(world, message)
    action = world.acting().act(message)
    assert (action.state, action.error) == ("unknown", GoneError.code)


def test_a_hide_that_cannot_be_read_is_repeated_and_its_refusal_proves_nothing():
    world = World()
    message = wanted(world, "hide")
    Watched(world, "unknown", "unknown")
    world.platform.next_error = [TimedOutError("no answer"), NotAllowedError("permission")]
    wait(world, message)
    assert world.acting().act(message).state == "unknown"
    assert world.platform.calls == ["hide:c1"] * 2


def test_what_was_looked_for_and_not_there_and_then_refused_has_failed():
    world = World()
    message = wanted(world, "reply")
    world.platform.next_error = [TimedOutError("no answer"), NotAllowedError("permission")]
    wait(world, message)
    assert world.acting().act(message).state == "failed"


def test_a_throttle_or_a_passing_failure_leaves_no_doubt():
    world = World()
    message = wanted(world, "reply")
    watched = Watched(world)
    world.platform.next_error = [TryAgainError("no way"), ThrottledError("429", until=world.now + timedelta(seconds=9))]
    for _ in range(2):
        wait(world, message)
        assert stored(world).maybe_acted is False
    assert world.acting().act(message).state == "done"
    assert watched.since == []


def test_a_worker_killed_in_the_call_leaves_the_doubt_behind():
    world = World()
    message = wanted(world, "reply")
    world.platform.next_error = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.acting().act(message)
    assert stored(world).maybe_acted is True
    watched = Watched(world, "done")
    world.pass_time(seconds=80)
    assert world.acting().act(message).state == "done"
    assert len(watched.since) == 1


# what leaves a post stuck ---------------------------------------------------------------------------------------------


def acting_with(world: World, http) -> Acting:
    return Acting(
        changer=world.changer,
        actions=ActionStore(world.table),
        connector=lambda _: world.platform,
        http=http,
        queue=world.action_queue,
        bulk=world.bulk_queue,
        budgets=world.budgets,
        keeper=world.keeper(),
        attached=world.pictures.bytes_of,
        notify=lambda: None,
    )


def test_an_error_before_the_call_gives_the_action_back():
    world = World()
    message = wanted(world, "hide")

    def broken(_account):
        raise SecretMissingError("no secret")

    with pytest.raises(SecretMissingError):
        acting_with(world, broken).act(message)
    action = stored(world)
    assert (action.lease_until, action.maybe_acted) == ("", False)
    ask(world, "unhide")
    assert only(world).state == "visible"


def test_an_account_without_a_token_fails_the_action():
    world = World()
    message = wanted(world, "hide")

    def no_token(account):
        raise ReauthoriseError(account)

    action = acting_with(world, no_token).act(message)
    assert (action.state, action.error) == ("failed", "platform_reauthorise")
    assert only(world).state == "visible"


def throttled(world: World) -> dict:
    message = wanted(world, "hide")
    world.platform.next_error = [ThrottledError("429", until=world.now + timedelta(hours=1))]
    with pytest.raises(WaitingError):
        world.acting().act(message)
    return message


def test_a_throttled_hide_can_be_taken_back():
    world = World()
    message = throttled(world)
    ask(world, "unhide")
    assert (only(world).state, only(world).case.state) == ("visible", "open")
    assert stored(world).state == "cancelled"
    assert world.acting().act(message).state == "cancelled"
    assert world.platform.hidden == {}


def test_a_hide_in_a_workers_hand_cannot_be_taken_back():
    world = World()
    message = throttled(world)
    world.platform.next_error = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.acting().act(message)
    for seconds in (0, 80):  # nor after its lease, when it may have happened
        world.pass_time(seconds=seconds)
        with pytest.raises(ConflictError):
            ask(world, "unhide")


# what becomes of the case ---------------------------------------------------------------------------------------------


def test_a_failed_action_gives_the_case_back_as_it_was():
    world = World()
    post = arrive(world)
    world.posts.claim(principal(), post.id, idem=idem())
    before = only(world).case
    ask(world, "hide")
    world.seal()
    world.platform.next_error = [NotAllowedError("permission")]
    world.act_all()
    assert only(world).case == before
    assert before.claimed_by is not None


def test_a_failed_delete_of_our_own_post_opens_no_case():
    world = World()
    before = arrive(world, direction="out").case
    assert before.state == "closed"
    ask(world, "delete")
    world.seal()
    world.platform.next_error = [NotAllowedError("permission")]
    world.act_all()
    assert (only(world).state, only(world).case) == ("visible", before)


def test_a_failed_delete_of_a_hidden_post_leaves_it_decided():
    world = World()
    arrive(world)
    for verb, errors in (("hide", []), ("delete", [NotAllowedError("permission")])):
        ask(world, verb)
        world.seal()
        world.platform.next_error = errors
        world.act_all()
    post = only(world)
    assert (post.state, post.case.state, post.case.decision) == ("hidden", "closed", "hidden")


def test_an_undone_hide_gives_the_case_back_as_it_was():
    world = World()
    before = arrive(world).case
    ask(world, "hide")
    ask(world, "unhide")
    assert only(world).case == before


def test_a_post_that_the_judge_passed_over_meanwhile_goes_to_a_person():
    world = World()
    message = wanted(world, "hide", judge=False)
    world.judge_all()  # finds it decided, and judges nothing
    world.platform.next_error = [NotAllowedError("permission")]
    world.acting().act(message)
    case = only(world).case
    assert (case.state, case.risk, case.decision) == ("open", "high", None)
    assert [reason.code for reason in case.reasons] == ["unjudged"]
    assert [p.id for p in world.posts.queue(principal()).posts] == [only(world).id]


def test_words_that_changed_meanwhile_keep_their_own_case():
    world = World()
    message = wanted(world, "hide")
    world.pass_time(seconds=5)
    world.ingest(world.comment("c1", "i will kill you", edited=True))
    world.judge_all()
    judged = only(world).case
    assert judged.risk == "critical"
    assert world.acting().act(message).state == "overtaken"
    assert only(world).case == judged


def test_a_post_shown_again_is_open_again():
    world = World()
    arrive(world)
    for verb in ("hide", "unhide"):
        ask(world, verb)
        world.seal()
        world.act_all()
    assert (only(world).state, only(world).case.state) == ("visible", "open")


def test_a_failed_unhide_leaves_the_case_decided():
    world = World()
    arrive(world)
    for verb, errors in (("hide", []), ("unhide", [NotAllowedError("permission")])):
        ask(world, verb)
        world.seal()
        world.platform.next_error = errors
        world.act_all()
    post = only(world)
    assert (post.state, post.case.decision) == ("hidden", "hidden")


def test_an_action_stored_before_cases_were_kept_reopens_the_case():
    world = World()
    message = wanted(world, "hide")
    for (_, sk), item in world.table.items.items():
        if sk.startswith("ACTION#"):
            item.pop("case_before")
    world.platform.next_error = [NotAllowedError("permission")]
    world.acting().act(message)
    assert only(world).case.state == "open"


# what the log hears ---------------------------------------------------------------------------------------------------


def deferrals(world: World) -> list[str]:
    return [p.at for p in only(world).trail if p.detail.get("result") == "deferred"]


def test_a_wait_is_said_in_good_time_and_not_at_each_attempt():
    world = World()
    message = wanted(world, "hide")
    for _ in range(60):
        world.platform.next_error = [ThrottledError("429", until=world.now + timedelta(seconds=59))]
        wait(world, message)
    said = [parse_iso(at) for at in deferrals(world)]
    assert 5 <= len(said) <= 7
    moments = [parse_iso(stored(world).at), *said, world.now]
    assert max(b - a for a, b in pairwise(moments)) <= timedelta(minutes=10)


def test_a_post_that_others_keep_changing_costs_no_message(monkeypatch):
    world = World()
    message = wanted(world, "hide")

    def overtaken(*_args, **_more):
        raise ConflictError("others")

    monkeypatch.setattr(world.changer, "commit", overtaken)
    world.platform.next_error = [ThrottledError("429", until=world.now + timedelta(hours=1))]
    with pytest.raises(WaitingError):
        world.acting().act(message)
    assert [m.body for m in world.action_queue.messages] == [message]
    assert stored(world).deferred_at == ""


def test_whether_an_intent_is_sealed_is_read_consistently(monkeypatch):
    world = World()
    message = wanted(world, "hide")
    asked = {}
    batch_get = world.table.batch_get

    def noting(keys, *, consistent=False):
        asked.update({key[1]: consistent for key in keys})
        return batch_get(keys, consistent=consistent)

    monkeypatch.setattr(world.table, "batch_get", noting)
    world.acting().act(message)
    assert asked["SEQ"] is True


def test_a_repeat_of_what_is_done_tells_the_pages_again():
    world = World()
    message = wanted(world, "hide")
    world.acting().act(message)
    world.live_queue.messages.clear()
    assert world.acting().act(message).state == "done"
    assert world.platform.calls == ["hide:c1"]
    assert [m.body["post_id"] for m in world.live_queue.messages] == [message["post_id"]]


def test_another_worker_at_it_is_left_alone():
    world = World()
    message = wanted(world, "hide")
    world.platform.next_error = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.acting().act(message)
    with pytest.raises(LaterError):
        world.acting().act(message)
