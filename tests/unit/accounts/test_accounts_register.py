"""The register: changed by revision with what the record needs, listed by pages, and closed to what goes out."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.accounts.model import Account, Fields, Policy
from bluelamp.accounts.rules import health
from bluelamp.cursors import CursorError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import post_id
from bluelamp.people.rules import NotPermittedError
from bluelamp.platforms.http import Throttle
from bluelamp.platforms.store import Heard, HeardTable
from bluelamp.posts.model import Reason
from bluelamp.times import iso
from tests.support.world import idem, principal
from tests.unit.accounts.register_kit import ADMIN, COMMS, Desk

NEW = {"name": "New page", "kind": "community", "team": "west"}


@pytest.fixture
def desk():
    return Desk()


def create(desk, native="7", **more):
    fields = Fields(**NEW | more)
    return desk.register.create(ADMIN, platform="x", native_id=native, fields=fields, idem=idem())


def test_a_change_says_who_answers_now_and_names_nobody(desk):
    policy = Policy(delete=("local", "comms"), approve_delete="supervisor")
    desk.change(name="Zebedee's page", handle="zebedee", team="south", lead="lea", deputy="dep", policy=policy)
    (leaf,) = desk.outbox()
    assert (leaf["type"], leaf["account"], leaf["actor"]["sub"]) == ("config", "facebook-1", ADMIN.id)
    assert leaf["registration"] == {
        "rev": 2, "changed": ["name", "handle", "team", "lead", "deputy", "policy"], "kind": "neighbourhood",
        "team": "south", "status": "active", "lead": "lea", "deputy": "dep", "approval": {"delete": "supervisor"},
        "may": {"delete": ["comms", "local"], "publish": ["comms"], "reply": ["comms", "local"]},
    }  # fmt: skip
    assert "zebedee" not in json.dumps(leaf).casefold()
    stored = desk.accounts.get("facebook-1")
    assert (stored.lead.name, stored.policy.delete, stored.rev) == ("Lea", ("comms", "local"), 2)
    assert [a.id for a in desk.store.of_team("south")] == ["facebook-1"]


def test_what_was_not_named_stays_and_none_takes_away(desk):
    desk.change(lead="lea", handle="h")
    view = desk.change(2, lead=None)
    assert (view.lead, view.handle, view.rev) == (None, "h", 3)


def test_a_change_to_what_is_there_writes_nothing(desk):
    before = dict(desk.table.items)
    assert desk.change(team="north").rev == 1
    assert desk.table.items == before


def test_who_is_second_is_told_what_is_there_and_loses_nothing(desk):
    desk.change(team="south", name="South Page")
    with pytest.raises(ConflictError, match=r"name is South Page.*team is south") as told:
        desk.change(name="My page", team="west")
    assert (told.value.rev, told.value.by) == (2, "Ada Admin")
    assert desk.accounts.get("facebook-1").name == "South Page"


def test_two_at_the_very_same_time(desk):
    desk.between(lambda: desk.change(team="south"))
    with pytest.raises(ConflictError, match="team is south"):
        desk.change(team="west")
    assert (desk.accounts.get("facebook-1").rev, len(desk.outbox())) == (2, 1)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"lead": "nobody"}, "lead is nobody here"),
        ({"deputy": "gone"}, "deputy is left"),
    ],
)
def test_people_who_cannot_answer_are_refused(desk, fields, why):
    with pytest.raises(InvalidInputError, match=why):
        desk.change(**fields)
    assert desk.outbox() == []


def test_a_deputy_is_somebody_else(desk):
    desk.change(lead="lea")
    with pytest.raises(InvalidInputError, match="is the lead too"):
        desk.change(2, deputy="lea")
    with pytest.raises(ValueError, match="somebody else"):
        Fields(lead="lea", deputy="lea")


def test_registering(desk):
    view = create(desk, lead="lea", policy=Policy(delete=("comms", "local")))
    assert (view.id, view.status, view.rev, view.lead.name) == ("x-7", "active", 1, "Lea")
    assert desk.accounts.get("x-7").policy.delete == ("comms", "local")
    (leaf,) = desk.outbox()
    assert (leaf["change"], leaf["registration"]["lead"]) == ({"field": "status", "to": "active"}, "lea")
    with pytest.raises(ConflictError, match="registered already, as New page of the team west"):
        create(desk)
    with pytest.raises(InvalidInputError, match="needs kind, team"):
        desk.register.create(ADMIN, platform="x", native_id="8", fields=Fields(name="N"), idem=idem())


def test_two_register_the_same_at_the_very_same_time(desk):
    desk.between(lambda: create(desk, name="First"))
    with pytest.raises(ConflictError, match="name is First"):
        create(desk)
    assert desk.accounts.get("x-7").name == "First"


def test_only_administrators_change_the_register(desk):
    for role in ("comms", "control", "auditor"):
        with pytest.raises(NotPermittedError):
            desk.register.suspend(principal(role), "facebook-1", rev=1, idem=idem())
    with pytest.raises(NotFoundError):
        desk.register.suspend(ADMIN, "facebook-404", rev=1, idem=idem())


def test_suspended_resumed_archived(desk):
    for rev, verb in enumerate(("suspend", "resume", "archive", "resume"), 1):
        view = getattr(desk.register, verb)(ADMIN, "facebook-1", rev=rev, idem=idem())
        assert (view.rev, view.status) == (rev + 1, {"suspend": "suspended", "archive": "archived"}.get(verb, "active"))
    changes = [leaf["change"] for leaf in desk.outbox()]
    assert changes[0] == {"field": "status", "from": "active", "to": "suspended"}
    assert desk.accounts.get("facebook-1").since == desk.now
    with pytest.raises(ConflictError, match="active already"):
        desk.register.resume(ADMIN, "facebook-1", rev=5, idem=idem())


# nothing goes out ----------------------------------------------------------------------------------------------------


def arrived(desk, native="n1"):
    desk.ingest(desk.comment(native, "You idiot"))
    desk.judge_all()
    return post_id("facebook-1", native)


def close(desk, verb="suspend"):
    getattr(desk.register, verb)(ADMIN, "facebook-1", rev=desk.accounts.get("facebook-1").rev, idem=idem())
    desk.pass_time(seconds=31)


@pytest.mark.parametrize(("verb", "status"), [("suspend", "suspended"), ("archive", "archived")])
def test_what_arrives_is_kept_and_nothing_is_sent(desk, verb, status):
    close(desk, verb)
    found = arrived(desk)
    assert desk.changer.posts.get(found).text == "You idiot"
    assert not set(desk.posts.open_post(COMMS, found).post.can) & {"hide", "delete", "reply"}
    with pytest.raises(NotPermittedError, match=f"account is {status}") as refused:
        desk.actions.hide(COMMS, found, reason=Reason(code="abuse"), rev=2, idem=idem())
    assert (refused.value.reason_code, refused.value.account) == (f"account_{status}", "facebook-1")
    assert (desk.action_queue.messages, desk.platform.calls) == ([], [])


def test_what_was_asked_for_before_is_not_sent_either(desk):
    found = arrived(desk)
    desk.actions.reply(COMMS, found, text="Hello", rev=desk.changer.posts.get(found).rev, idem=idem())
    close(desk)
    desk.seal()
    desk.act_all()
    assert desk.platform.calls == []
    (action,) = desk.posts.open_post(COMMS, found).actions
    assert (action.state, action.error) == ("failed", "account_suspended")


def test_a_hide_that_waits_can_be_taken_back(desk):
    found = arrived(desk)
    rev = desk.changer.posts.get(found).rev
    desk.actions.hide(COMMS, found, reason=Reason(code="abuse"), rev=rev, idem=idem(), undo_seconds=10)
    close(desk)
    assert "unhide" in desk.posts.open_post(COMMS, found).post.can
    done = desk.actions.unhide(COMMS, found, rev=desk.changer.posts.get(found).rev, idem=idem())
    assert done.action.state == "cancelled"


# lists ---------------------------------------------------------------------------------------------------------------


def pages(desk, who, **query):
    found, cursor = [], None
    while True:
        page = desk.register.page(who, cursor=cursor, **query)
        found += [a.id for a in page.accounts]
        cursor = page.next
        if cursor is None:
            return found


@pytest.fixture
def many(desk):
    for n in range(2, 9):
        desk.account(str(n), "north" if n % 2 else "south")
    for n in (1, 2):
        create(desk, str(n))
    desk.register.suspend(ADMIN, "facebook-3", rev=1, idem=idem())
    desk.outbox()
    return desk


@pytest.mark.slow
@pytest.mark.parametrize("limit", [1, 2, 3, 500])
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, [*(f"facebook-{n}" for n in range(1, 9)), "x-1", "x-2"]),
        ({"platform": "x"}, ["x-1", "x-2"]),
        ({"platform": "facebook"}, [f"facebook-{n}" for n in range(1, 9)]),
        ({"team": "north"}, ["facebook-1", "facebook-3", "facebook-5", "facebook-7"]),
        ({"team": "west", "platform": "facebook"}, []),
        ({"status": "suspended"}, ["facebook-3"]),
        ({"status": "active", "team": "north"}, ["facebook-1", "facebook-5", "facebook-7"]),
    ],
)
def test_every_account_once_whatever_the_page(many, query, wanted, limit):
    assert pages(many, COMMS, limit=limit, **query) == wanted
    local = principal("local", teams=("north", "west"))
    reached = {"facebook-1", "facebook-3", "facebook-5", "facebook-7", "x-1", "x-2"}
    assert pages(many, local, limit=limit, **query) == [a for a in wanted if a in reached]


def test_a_list_is_recorded_with_what_was_asked_and_its_cursor_is_bound(many):
    page = many.register.page(COMMS, limit=2, status="active")
    (leaf,) = many.outbox()
    assert (leaf["query"]["filters"], leaf["query"]["hits"]) == ({"status": "active"}, 2)
    with pytest.raises(CursorError):
        many.register.page(COMMS, limit=2, cursor=page.next)
    with pytest.raises(CursorError):
        many.register.page(principal("control"), limit=2, status="active", cursor=page.next)


# health --------------------------------------------------------------------------------------------------------------


def test_detail_and_health(desk):
    desk.change(team="south")
    found = desk.register.detail(COMMS, "facebook-1")
    assert (found.native_id, found.changed_by.name, found.health.gap) == ("1", "Ada Admin", False)
    with pytest.raises(NotFoundError):
        desk.register.detail(principal("local", teams=("west",)), "facebook-1")


@pytest.mark.parametrize(
    ("age", "lost", "status", "gap"),
    [
        (1, False, "active", False),
        (11, False, "active", True),
        (1, True, "active", True),
        (99, False, "suspended", False),
    ],
)
def test_a_reading_that_is_overdue_or_does_not_join_up_is_a_gap(desk, age, lost, status, gap):
    account = desk.accounts.get("facebook-1").model_copy(update={"status": status})
    until = desk.now - timedelta(minutes=age)
    throttle = Throttle(acts_until=desk.now + timedelta(hours=1), acts_code="policy")
    told = health(account, until=until, lost=lost, throttle=throttle, now=desk.now)
    assert (told.gap, told.throttled_by) == (gap, "policy")


def test_an_account_from_before_policies_is_read():
    base = {"id": "x-1", "platform": "x", "native_id": "1", "name": "N", "kind": "community", "team": "t"}
    assert Account.model_validate(base | {"local_verbs": ["delete"]}).policy.delete == ("comms", "local")
    assert Account.model_validate(base).policy == Policy()


@pytest.mark.parametrize(
    ("read", "refused", "token"),
    [(None, None, "unknown"), (5, None, "working"), (None, 5, "refused"), (9, 5, "refused"), (5, 9, "working")],
)
def test_a_token_counts_as_refused_until_something_is_read_again(desk, read, refused, token):
    def ago(minutes):
        return None if minutes is None else desk.now - timedelta(minutes=minutes)

    heard = Heard(webhook_at=ago(3), refused_at=ago(refused), refused_by="platform_reauthorise")
    account = desk.accounts.get("facebook-1")
    told = health(account, until=ago(read), lost=False, throttle=Throttle(), now=desk.now, heard=heard)
    assert told.token == token
    assert bool(told.token_refused_at) == bool(told.token_refused_by) == (token == "refused")
    assert told.last_webhook_at == iso(ago(3))


def test_a_webhook_is_noted_once_a_minute_and_a_refusal_each_time(desk):
    table = HeardTable(desk.table)
    for seconds in (0, 30, 59, 61):
        table.webhook("facebook-1", iso(desk.now + timedelta(seconds=seconds)))
    assert table.read("facebook-1").webhook_at == desk.now + timedelta(seconds=61)
    table.refused("facebook-1", desk.now, "platform_reauthorise")
    assert table.read("facebook-1")[1:] == (desk.now, "platform_reauthorise")
    assert table.read("facebook-2") == Heard()


def test_what_arrives_by_webhook_is_noted_and_what_a_poll_reads_is_not(desk):
    desk.ingest(desk.comment("n1", "Hello"), source="poll", account="facebook-1")
    assert HeardTable(desk.table).read("facebook-1").webhook_at is None
    desk.ingest(desk.comment("n2", "Hello"))
    assert HeardTable(desk.table).read("facebook-1").webhook_at == desk.now
