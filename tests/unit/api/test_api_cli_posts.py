"""`bluelamp post` and `bluelamp approval` over the real use cases: what is asked for is sealed, and told in words."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
import requests
from click.testing import CliRunner

from bluelamp.cli import main, post, through
from bluelamp.platforms.contract import NotAllowedError, ReadBack, TimedOutError
from tests.unit.api.kit import OWN, ROUTES
from tests.unit.api.kit_assets import READY
from tests.unit.api.kit_client import Client
from tests.unit.api.kit_desk import REPLY

WHY = ("--reason", "abuse", "--ref", "WP/2026/7")


@pytest.fixture
def desk(monkeypatch, whole):
    """Run commands against one deployment in memory; `asked` has the requests."""
    asked = []
    monkeypatch.setattr(through, "api_of", lambda url, token, local, role: Client(whole, role, asked))

    def run(*arguments, code=0):
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == code, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.output

    return SimpleNamespace(
        run=run, json=lambda *words: json.loads(run(*words, "--json")), asked=asked, whole=whole, office=whole.office
    )


def ask_a_supervisor(desk, verb):
    policy = {"delete": ["comms"], "publish": [], "reply": ["comms"], f"approve_{verb}": "supervisor"}
    assert desk.whole.call("PATCH", f"/accounts/{OWN}", by="admin", body={"policy": policy, "rev": 1}).status == 200
    desk.whole.clock.now += timedelta(minutes=1)  # accounts are remembered for half of one


# reading -------------------------------------------------------------------------------------------------------------


def test_the_queue_is_listed_worst_first(desk):
    lines = desk.run("post", "queue").splitlines()
    assert [line.split()[0] for line in lines] == ["pforeign", "pown"]
    assert "rev 1  facebook-1  visible  open  risk medium  'Hello'" in lines[1]
    assert "pforeign" not in desk.run("post", "queue", "--account", OWN, "--min-risk", "medium")
    assert desk.run("post", "queue", "--account", OWN, "--min-risk", "high") == "There is nothing.\n"
    assert desk.run("post", "queue", "--view", "done") == "There is nothing.\n"


def test_a_page_of_the_queue_says_that_there_are_more(desk):
    assert "There are more" in desk.run("post", "queue", "--limit", "1")
    assert [one["id"] for one in desk.json("post", "queue", "--all")["posts"]] == ["pforeign", "pown"]


def test_a_post_is_shown_with_thread_actions_and_notes(desk):
    assert "rev 2" in desk.run("post", "note", "pown", "Rang them.")
    desk.run("post", "hide", "pown", *WHY)
    said = desk.run("post", "show", "pown")
    assert "'Sam Public', 2026-11-22T16:00:00.000Z: 'Hello'" in said
    assert "Thread\n" in said
    assert "hide pending  by Comms" in said
    assert "abuse (WP/2026/7)" in said
    assert "Comms: 'Rang them.'" in said
    assert desk.json("post", "show", "pown")["notes"][0]["text"] == "Rang them."


def test_words_of_the_public_do_not_steer_the_terminal(desk):
    item = desk.whole.table.items["POST#pown", "POST"]
    item["text"] = "\x1b[2Jgone\nnext"
    assert "\x1b" not in (said := desk.run("post", "show", "pown"))
    assert r"\x1b[2Jgone\nnext" in said


# acting --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hide", "pown", *WHY), "hide pending"),
        (("delete", "pown", *WHY), "delete pending"),
        (("reply", "pown", "--text", "Thank you."), "reply pending"),
        (("reply", "pown", "--saved", REPLY, "--version", "1"), "reply pending"),
        (("message", "pown", "--text", "Please ring us."), "message pending"),
        (("ban", "pown", *WHY), "ban pending"),
        (("like", "pown"), "like pending"),
        (("dismiss", "pown", "--reason", "no_action"), "closed (dismissed)"),
        (("flag", "pown", "--to", "control", "--reason", "threat"), "pown  rev 2"),
        (("report", "pown", "--reference", "FB/2026/7", *WHY), "report done"),
        (("note", "pown", "For you.", "--mention", "control"), "pown  rev 2"),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_what_is_asked_for_is_taken_and_told(desk, words, said):
    assert said in desk.run("post", *words)
    assert [call[0] for call in desk.asked][-1] == "POST"
    # The revision that it was asked at is gone: a second try with it, after a lost answer, is refused.
    assert desk.office.post("pown").rev == 2


def test_it_is_done_once_it_is_sealed(desk):
    desk.run("post", "hide", "pown", *WHY)
    desk.whole.settle()
    assert "hide done" in desk.run("post", "show", "pown")
    assert "unhide pending" in desk.run("post", "unhide", "pown")
    desk.whole.settle()
    assert desk.office.post("pown").state == "visible"


def test_an_author_is_let_in_again(desk):
    desk.run("post", "ban", "pown", *WHY)
    desk.whole.settle()
    assert "unban pending" in desk.run("post", "unban", "pown", "--reason", "no_action")


def test_it_is_decided_at_the_revision_that_was_read_or_that_was_named(desk):
    desk.run("post", "hide", "pown", *WHY)
    assert [call[:2] for call in desk.asked] == [("GET", "/posts/pown"), ("POST", "/posts/pown/hide")]
    why = {"reason": {"code": "abuse", "ref": "WP/2026/7"}, "undo_seconds": 0, "rev": 1}
    assert desk.asked[1][2] == why
    desk.asked.clear()
    said = desk.run("post", "dismiss", "pown", "--reason", "no_action", "--rev", "1", code=1)
    assert "answered 409" in said
    assert [call[:2] for call in desk.asked] == [("POST", "/posts/pown/dismiss")]


@pytest.mark.parametrize("verb", ["hide", "delete", "ban"])
def test_what_is_held_back_is_taken_back(desk, verb):
    made = desk.json("post", verb, "pown", *WHY, "--undo-seconds", "10")["action"]
    assert "can be taken back until" in desk.run("post", "show", "pown")
    assert f"{verb} cancelled" in desk.run("post", "cancel", "pown", made["id"])
    desk.whole.settle()
    assert desk.office.platform.calls == []


def test_no_more_than_ten_seconds_are_held_back(desk):
    assert "0<=x<=10" in desk.run("post", "hide", "pown", *WHY, "--undo-seconds", "11", code=2)
    assert desk.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say the answer with --text"),
        (("--saved", REPLY), "--saved and --version belong together"),
        (("--text", "x", "--version", "2"), "--saved and --version belong together"),
    ],
)
def test_an_answer_takes_words_or_a_saved_reply_with_its_version(desk, words, said):
    assert said in desk.run("post", "reply", "pown", *words, code=2)
    assert desk.asked == []


def test_what_a_platform_does_not_do_is_told_with_what_is_possible(desk):
    desk.office.platform.capabilities = lambda *_, **__: frozenset({"hide", "reply"})
    said = desk.run("post", "ban", "pown", *WHY, code=1)
    assert "answered 422: Facebook does not offer 'ban'" in said
    assert "Possible instead: bluelamp post hide, bluelamp post report" in said


def test_a_refusal_is_told_in_a_sentence(desk):
    assert desk.run("post", "show", "nobody", code=1).startswith("Error: GET /api/posts/nobody answered 404")
    assert desk.run("post", "ban", "pown", *WHY, "--as", "auditor", code=1).startswith("Error: ")
    assert "Possible" not in desk.run("post", "cancel", "pown", "01C0ACTZZZMMMMMMMMMMMMACT0", code=1)


def test_a_lost_answer_is_told_with_the_way_not_to_say_it_twice(desk, monkeypatch):
    post = Client.post

    def lost(client, path, body=None, *, key=None):
        post(client, path, body, key=key)
        raise requests.ConnectionError("the line broke")

    monkeypatch.setattr(Client, "post", lost)
    said = desk.run("post", "reply", "pown", "--text", "Thank you.", code=1)
    assert "it may have been taken" in said
    assert "--rev 1" in said
    monkeypatch.setattr(Client, "post", post)
    desk.whole.settle()
    assert "answered 409" in desk.run("post", "reply", "pown", "--text", "Thank you.", "--rev", "1", code=1)
    assert len(desk.office.platform.replies) == 1


# afterwards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "state"), [("--happened", "done"), ("--did-not-happen", "failed")])
def test_who_looked_settles_what_nobody_knows_the_end_of(desk, answer, state):
    assert desk.run("post", "under-way") == "Everything is as it should be.\n"
    made = desk.json("post", "message", "pown", "--text", "Please ring us.")["action"]
    desk.office.platform.next_error = [TimedOutError("no answer"), NotAllowedError("no")]
    desk.office.platform.read_back = lambda *_, **__: ReadBack(state="unknown")
    desk.whole.settle()
    said = desk.run("post", "under-way")
    assert said.startswith("unknown  pown")
    assert made["id"] in said
    assert "you can: settle" in said
    assert f"message {state}" in desk.run("post", "settle", "pown", made["id"], answer)


def test_to_settle_takes_what_was_seen(desk):
    said = desk.run("post", "settle", "pown", "01C0ACTZZZMMMMMMMMMMMMACT0", code=2)
    assert "--happened or --did-not-happen" in said
    assert desk.asked == []


# approvals -----------------------------------------------------------------------------------------------------------


def proposed(desk):
    ask_a_supervisor(desk, "reply")
    made = desk.json("post", "reply", "pown", "--text", "Thank you.")
    assert made["action"]["state"] == "proposed"
    return made["action"]["id"]


def test_what_is_proposed_says_that_it_waits(desk):
    ask_a_supervisor(desk, "reply")
    said = desk.run("post", "reply", "pown", "--text", "Thank you.")
    assert "reply proposed" in said
    assert "'reply' waits for the word of a second person until" in said


def test_what_waits_is_listed_and_approved(desk):
    assert desk.run("approval", "list") == "Nothing waits.\n"
    action = proposed(desk)
    listed = desk.run("approval", "list")
    assert listed.startswith(f"pown  {action}  rev 2  reply  by Comms; waits for supervisor until")
    assert "post: 'Hello'" in listed
    assert "proposed: 'Thank you.'" in listed
    assert "your own" in desk.run("approval", "list", "--as", "comms")
    said = desk.run("approval", "approve", "pown", action)
    assert "reply pending" in said
    assert "decided by Supervisor" in said
    desk.whole.settle()
    assert [text for _, text in desk.office.platform.replies] == ["Thank you."]


def test_an_approval_names_the_revision_that_was_seen(desk):
    action = proposed(desk)
    assert "answered 409" in desk.run("approval", "approve", "pown", action, "--rev", "1", code=1)
    assert desk.run("approval", "approve", "pown", action, "--as", "comms", code=1).startswith("Error: ")


def test_what_waits_is_rejected_or_withdrawn(desk):
    action = proposed(desk)
    assert "reply rejected" in desk.run("approval", "reject", "pown", action, "--reason", "wording")
    again = desk.json("post", "reply", "pown", "--text", "Thank you.")["action"]["id"]
    assert "reply withdrawn" in desk.run("approval", "withdraw", "pown", again)
    assert "Nothing waits." in desk.run("approval", "list")


# who and where -------------------------------------------------------------------------------------------------------


def test_every_route_about_one_action_has_its_command(desk):
    """What the routes of acting, approvals and the decisions on a post offer, a command asks for."""
    done = {"hide", "unhide", "delete", "reply", "ban", "unban", "like", "message", "report", "dismiss", "flag", "note"}
    done |= {"cancel", "settle", "approve", "reject", "withdraw"}
    offered = {
        path.rsplit("/", 1)[1] for method, path in ROUTES if method == "POST" and path.startswith("/posts/{post}/")
    }
    groups = [main.get_command(None, name) for name in ("post", "approval")]
    commands = {name for group in groups for name in group.commands}
    assert done <= offered
    assert done <= commands


def test_a_role_that_the_stack_does_not_have_is_named(monkeypatch, tmp_path):
    local = tmp_path / "local.json"
    local.write_text(json.dumps({"dashboard": "http://127.0.0.1:1", "users": {"comms": {}, "control": {}}}))
    done = CliRunner().invoke(main, ["post", "queue", "--local", str(local), "--as", "chief"])
    assert done.exit_code == 2
    assert "nobody on the local stack is 'chief'; there are comms, control" in done.output


def test_an_answer_takes_a_picture_of_this_machine(desk, monkeypatch, tmp_path):
    file = tmp_path / "map.jpg"
    file.write_bytes(b"bytes")
    sent = []

    def attach(api, path, told):
        sent.append(path)
        told(5, 5)
        return api.get(f"/assets/{READY}")

    monkeypatch.setattr(post, "attach", attach)
    desk.run("post", "reply", "pown", "--text", "Until noon.", "--picture", str(file), code=2)
    assert sent == []
    desk.run("post", "reply", "pown", "--text", "Until noon.", "--picture", str(file), "--alt", "A map")
    assert desk.asked[-1][2]["picture"] == {"id": READY, "alt": "A map"}
    assert sent == [file]
    desk.run("post", "message", "pforeign", "--text", "Hello", "--picture", str(file), "--alt", "A map", code=1)
