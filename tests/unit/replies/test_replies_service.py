"""Saved replies: filled in without surprises, versioned, written by whom they are for, and all that control says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.accounts.model import Officer
from bluelamp.errors import ConflictError, NotFoundError, RefusedError
from bluelamp.replies import rules
from bluelamp.replies.model import Use
from bluelamp.replies.rules import MissingVariableError, UnknownVariableError
from tests.support.world import World, idem, principal

PAT, CONTROL = principal(), principal("control", name="Cory Control")
LOCAL = principal("local", teams=("swindale",))
TEXT = "Thank you, {name}. {account} will look into it. {officer}"


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    w.account("2", "marlford")
    w.ingest(w.comment("c1", "you idiot"))
    w.judge_all()
    return w


@pytest.fixture
def post(world):
    return world.posts.queue(PAT).posts[0]


def write(world, text=TEXT, *, scope="force", by=PAT):
    return world.replies.create(by, scope=scope, title="Thanks", text=text, idem=idem())


def use(reply):
    return Use(id=reply.id, version=reply.version)


def test_control_answers_with_a_saved_reply_word_for_word_and_no_other_way(world, post):
    reply = write(world)
    assert "reply_saved" in world.posts.open_post(CONTROL, post.id).post.can
    with pytest.raises(RefusedError):
        world.actions.reply(CONTROL, post.id, text="In my own words.", rev=post.rev, idem=idem())
    with pytest.raises(RefusedError):
        world.actions.reply(CONTROL, post.id, text="Other words.", saved=use(reply), rev=post.rev, idem=idem())
    world.actions.reply(CONTROL, post.id, saved=use(reply), rev=post.rev, idem=idem())
    world.seal()
    world.act_all()
    said = "Thank you, Sam Public. Swindale Police will look into it. Cory Control"
    assert world.platform.replies == [("c1", said)]


def test_the_record_names_reply_and_version_and_whether_it_was_changed(world, post):
    reply = write(world)
    drafts = []
    real = world.changer.leaf

    def watched(*a, **k):
        leaf = real(*a, **k)
        drafts.append(json.loads(leaf.body))
        return leaf

    world.changer.leaf = watched
    world.actions.reply(PAT, post.id, text="Thanks!", saved=use(reply), rev=post.rev, idem=idem())
    (intent,) = [one for one in drafts if one["type"] == "intent"]
    assert intent["saved"] == {"id": reply.id, "version": 1, "changed": True}
    assert "Thanks" not in json.dumps(intent)


def test_a_change_is_a_new_version_and_the_old_one_is_kept_and_not_used(world, post):
    reply = write(world)
    newer = world.replies.change(PAT, reply.id, title="Thanks", text="Thank you.", rev=1, idem=idem())
    assert (newer.version, newer.rev) == (2, 2)
    assert world.table.items[f"REPLIES#{reply.id}", "000001"]["text"] == TEXT
    with pytest.raises(ConflictError, match="changed this saved reply"):
        world.actions.reply(CONTROL, post.id, saved=use(reply), rev=post.rev, idem=idem())
    with pytest.raises(ConflictError):
        world.replies.change(PAT, reply.id, title="Thanks", text="Ta.", rev=1, idem=idem())
    world.replies.retire(PAT, reply.id, idem=idem())
    with pytest.raises(ConflictError, match="retired"):
        world.actions.reply(CONTROL, post.id, saved=use(newer), rev=post.rev, idem=idem())
    assert world.replies.list_for(PAT, account="facebook-1").replies == ()


def test_a_missing_variable_is_named_and_a_reference_fills_it(world, post):
    reply = write(world, "Your number is {reference}.")
    with pytest.raises(MissingVariableError, match=r"\{reference\}") as caught:
        world.replies.preview(PAT, reply.id, post=post.id)
    assert caught.value.names == ("reference",)
    world.casework.refer(PAT, post.id, ref="42/12345/26", idem=idem())
    assert world.replies.preview(PAT, reply.id, post=post.id).text == "Your number is 42/12345/26."


def test_replies_are_listed_for_whom_they_are_and_found_by_words(world):
    write(world)
    write(world, "For the team.", scope="team:swindale")
    write(world, "For the other.", scope="account:facebook-2")
    found = world.replies.list_for(PAT, account="facebook-1").replies
    assert {one.scope for one in found} == {"force", "team:swindale"}
    assert [one.text for one in world.replies.list_for(PAT, account="facebook-1", words="TEAM for").replies] == [
        "For the team."
    ]


def test_a_reply_of_another_account_is_not_there(world, post):
    reply = write(world, "For the other.", scope="account:facebook-2")
    with pytest.raises(NotFoundError):
        world.actions.reply(PAT, post.id, saved=use(reply), rev=post.rev, idem=idem())


@pytest.mark.parametrize(
    ("who", "scope", "may"),
    [
        ("comms", "force", True),
        ("comms", "team:swindale", True),
        ("supervisor", "team:swindale", True),
        ("supervisor", "team:marlford", False),
        ("supervisor", "force", False),
        ("lead", "account:facebook-1", True),
        ("lead", "team:swindale", True),
        ("lead", "force", False),
        ("local", "account:facebook-1", False),
        ("control", "force", False),
        ("auditor", "force", False),
    ],
)
def test_who_writes_for_whom(world, who, scope, may):
    by = LOCAL if who in {"lead", "local"} else principal(who, teams=("swindale",))
    if who == "lead":
        lead = Officer(id=by.id, name=by.name).model_dump()
        world.table.items["ACCOUNTS", "facebook-1"]["lead"] = lead
    if may:
        assert write(world, scope=scope, by=by).scope == scope
    else:
        with pytest.raises(RefusedError, match=r"^Refused because .+; ask .+\. Asked for: replies\."):
            write(world, scope=scope, by=by)


@pytest.mark.parametrize("text", ["{nmae}", "{}", "a { b", "a } b", "{name", "{{name}}"])
def test_braces_hold_variables_and_nothing_else(text):
    with pytest.raises(UnknownVariableError, match=r"one of: \{name\}"):
        rules.check(text)


@given(st.text(), st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_what_people_call_themselves_is_never_a_variable(words, name, account):
    text = words.replace("{", "").replace("}", "") + "{name}/{account}"
    filled = rules.fill(text, {"name": name, "account": account, "officer": None})
    assert filled == text.replace("{name}/{account}", f"{name.strip()}/{account.strip()}")
