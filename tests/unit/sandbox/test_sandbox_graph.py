"""The Graph stand-in: reading, paging, hiding, deleting, replying, messages, errors and usage."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

PAGE = "100064000000001"


def test_without_fields_only_the_defaults_come_back(sandbox):
    post = sandbox.own_post()
    sandbox.comment(post)
    assert set(sandbox.graph("GET", f"/{PAGE}/feed").json["data"][0]) == {"id", "message", "created_time"}
    assert set(sandbox.graph("GET", f"/{post}/comments").json["data"][0]) == {"id", "message", "created_time", "from"}


def test_following_next_gives_every_comment_once_in_order(sandbox):
    post = sandbox.own_post()
    made = [sandbox.comment(post, f"comment {n}")["id"] for n in range(6)]
    path = f"/graph/v26.0/{post}/comments?filter=stream&order=chronological&limit=3&fields=id&access_token=page-token"
    found, pages = [], 0
    while path:
        body = sandbox.http.get(path).json
        found += [entry["id"] for entry in body["data"]]
        following = body.get("paging", {}).get("next")
        path = following and following.removeprefix("http://localhost")
        pages += 1
        assert not following or parse_qs(urlsplit(following).query)["access_token"] == ["page-token"]
    assert found == made
    assert pages == 3, "a full last page has a next one, which is empty"


def test_paging_goes_on_when_the_object_under_the_cursor_is_deleted(sandbox):
    post = sandbox.own_post()
    made = [sandbox.comment(post)["id"] for _ in range(4)]
    first = sandbox.graph("GET", f"/{post}/comments", limit=2, fields="id").json
    sandbox.graph("DELETE", f"/{made[1]}")
    after = first["paging"]["cursors"]["after"]
    second = sandbox.graph("GET", f"/{post}/comments", limit=2, fields="id", after=after).json
    assert [entry["id"] for entry in second["data"]] == made[2:]
    before = sandbox.graph("GET", f"/{post}/comments", limit=2, before=second["paging"]["cursors"]["before"]).json
    assert [entry["id"] for entry in before["data"]] == made[:1]


def test_feed_is_newest_first_and_bounded_by_since(sandbox):
    old = sandbox.own_post()
    sandbox.later(100)
    new = sandbox.own_post()
    assert [p["id"] for p in sandbox.graph("GET", f"/{PAGE}/feed").json["data"]] == [new, old]
    since = sandbox.now // 1000 - 50
    assert [p["id"] for p in sandbox.graph("GET", f"/{PAGE}/feed", since=since).json["data"]] == [new]


def test_a_comment_makes_its_post_newer(sandbox):
    post = sandbox.own_post()
    before = sandbox.graph("GET", f"/{post}", fields="updated_time,created_time").json
    sandbox.comment(post)
    after = sandbox.graph("GET", f"/{post}", fields="updated_time,created_time").json
    assert after["created_time"] == before["created_time"] == before["updated_time"] < after["updated_time"]


def test_stream_holds_replies_with_their_parent_and_toplevel_does_not(sandbox):
    post = sandbox.own_post()
    comment = sandbox.comment(post)["id"]
    reply = sandbox.comment(comment)["id"]
    deeper = sandbox.comment(reply)
    assert (deeper["kind"], deeper["parent"]) == ("reply", comment)
    stream = sandbox.graph("GET", f"/{post}/comments", filter="stream", fields="id,parent{id},object").json["data"]
    assert [entry.get("parent", {}).get("id") for entry in stream] == [None, comment, comment]
    assert [entry["id"] for entry in sandbox.graph("GET", f"/{post}/comments").json["data"]] == [comment]


def test_fields_nest_and_an_unknown_one_is_an_error(sandbox):
    post = sandbox.own_post()
    sandbox.comment(post, name="Ada Example")
    body = sandbox.graph("GET", f"/{post}", fields="id,comments.limit(1){message,from{name}}").json
    (comment,) = body["comments"]["data"]
    assert comment["from"] == {"name": "Ada Example"}
    assert "comments?" in body["comments"]["paging"]["next"]
    error = sandbox.graph("GET", f"/{post}", fields="id,nonsense").json["error"]
    assert (error["code"], "nonsense" in error["message"]) == (100, True)
    assert sandbox.graph("GET", f"/{post}", fields="id{").json["error"]["code"] == 2500


def test_hide_shows_on_the_platform_and_may_be_repeated(sandbox):
    comment = sandbox.comment(sandbox.own_post())["id"]
    for _ in range(2):
        assert sandbox.graph("POST", f"/{comment}", is_hidden=True).json == {"success": True}
    state = sandbox.look(f"/objects/facebook/{comment}")
    assert (state["state"], len(state["changes"])) == ("hidden", 1)
    assert sandbox.graph("GET", f"/{comment}", fields="is_hidden").json["is_hidden"] is True
    sandbox.http.post(f"/graph/v26.0/{comment}", data={"is_hidden": "false", "access_token": "page-token"})
    assert sandbox.look(f"/objects/facebook/{comment}")["state"] == "visible"


def test_the_pages_own_comment_cannot_be_hidden(sandbox):
    comment = sandbox.comment(sandbox.own_post())["id"]
    reply = sandbox.graph("POST", f"/{comment}/comments", message="Please call 101").json["id"]
    assert sandbox.graph("GET", f"/{reply}", fields="can_hide,can_remove").json["can_hide"] is False
    refused = sandbox.graph("POST", f"/{reply}", is_hidden=True)
    assert (refused.status_code, refused.json["error"]["code"]) == (403, 200)
    assert sandbox.look(f"/objects/facebook/{reply}")["direction"] == "out"


def test_delete_takes_replies_along_and_again_is_gone(sandbox):
    comment = sandbox.comment(sandbox.own_post())["id"]
    reply = sandbox.comment(comment)["id"]
    sandbox.pushed()
    assert sandbox.graph("DELETE", f"/{comment}").json == {"success": True}
    changes = [body["entry"][0]["changes"][0]["value"] for body in sandbox.pushed()]
    assert [(value["verb"], value["comment_id"], "message" in value) for value in changes] == [
        ("remove", comment, False)
    ]
    assert sandbox.look(f"/objects/facebook/{reply}")["state"] == "deleted"
    again = sandbox.graph("DELETE", f"/{comment}")
    error = again.json["error"]
    assert (again.status_code, error["code"], error["error_subcode"]) == (400, 100, 33)
    assert error["fbtrace_id"]
    assert sandbox.look("/calls?method=DELETE")["count"] == 2


@pytest.mark.parametrize(("state", "subcode"), [("expired", 463), ("revoked", 460)])
def test_a_dead_token_is_190(sandbox, state, subcode):
    sandbox.control(f"/accounts/facebook/{PAGE}", method="PATCH", token_state=state)
    error = sandbox.graph("GET", "/me").json["error"]
    assert (error["code"], error["error_subcode"]) == (190, subcode)
    assert sandbox.graph("GET", "/me", token="nobody").json["error"]["code"] == 190


def test_a_page_sees_and_changes_only_what_is_its_own(sandbox):
    sandbox.control("/accounts", platform="facebook", id="200", name="Other", token="other-token")
    comment = sandbox.comment(sandbox.own_post())["id"]
    for method in ("GET", "POST", "DELETE"):
        assert sandbox.graph(method, f"/{comment}", token="other-token").json["error"]["error_subcode"] == 33
    sandbox.control(f"/accounts/facebook/{PAGE}", method="PATCH", permitted=False)
    assert sandbox.graph("DELETE", f"/{comment}").json["error"]["code"] == 200
    assert sandbox.look(f"/objects/facebook/{comment}")["state"] == "visible"


def test_used_up_calls_throttle_and_headers_count(sandbox):
    sandbox.control("/settings", method="PATCH", graph_calls_per_hour=2)
    assert json.loads(sandbox.graph("GET", "/me").headers["X-App-Usage"])["call_count"] == 50
    sandbox.graph("GET", "/me")
    refused = sandbox.graph("GET", "/me")
    use = json.loads(refused.headers["X-Business-Use-Case-Usage"])[PAGE][0]
    assert (refused.json["error"]["code"], use["call_count"], use["estimated_time_to_regain_access"]) == (
        80001,
        100,
        60,
    )
    sandbox.later(3601)
    assert sandbox.graph("GET", "/me").status_code == 200


def test_messages_and_their_window(sandbox):
    person = sandbox.control("/facebook/messages", page=PAGE, author_name="Sam", text="help")["author"]["id"]
    answer = {"recipient": {"id": person}, "message": {"text": "How can we help?"}, "messaging_type": "RESPONSE"}
    sandbox.later(3600)
    sent = sandbox.graph("POST", f"/{PAGE}/messages", **answer).json
    assert sent["recipient_id"] == person
    (talk,) = sandbox.graph("GET", f"/{PAGE}/conversations", fields="id,messages{message,from}").json["data"]
    assert [m["message"] for m in talk["messages"]["data"]] == ["How can we help?", "help"]
    assert sandbox.graph("GET", f"/{sent['message_id']}", fields="message").json["message"] == "How can we help?"
    sandbox.later(24 * 3600)
    error = sandbox.graph("POST", f"/{PAGE}/messages", **answer).json["error"]
    assert (error["code"], error["error_subcode"]) == (10, 2018278)
    human = answer | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert "message_id" in sandbox.graph("POST", f"/{PAGE}/messages", **human).json
    sandbox.later(7 * 24 * 3600)
    assert sandbox.graph("POST", f"/{PAGE}/messages", **human).json["error"]["error_subcode"] == 2018278


def test_conversations_are_listed_by_their_last_change(sandbox):
    first = sandbox.control("/facebook/messages", page=PAGE, author_name="Sam", text="one")
    sandbox.later(2)
    second = sandbox.control("/facebook/messages", page=PAGE, author_name="Kim", text="two")

    def listed(**query):
        return [c["id"] for c in sandbox.graph("GET", f"/{PAGE}/conversations", **query).json["data"]]

    assert listed() == [second["thread"], first["thread"]]
    sandbox.later(2)
    sandbox.control("/facebook/messages", page=PAGE, author_name="Sam", text="three")
    assert listed() == [first["thread"], second["thread"]]
    assert listed(user_id=second["author"]["id"]) == [second["thread"]]


def test_blocked_people_cannot_comment_and_unsubscribed_pages_hear_nothing(sandbox):
    post = sandbox.own_post()
    person = sandbox.comment(post)["author"]["id"]
    assert sandbox.graph("POST", f"/{PAGE}/blocked", user=person).json == {person: True}
    assert sandbox.graph("GET", f"/{PAGE}/blocked").json["data"][0]["id"] == person
    sandbox.control("/facebook/comments", status=409, on=post, author=person, text="again")
    sandbox.graph("DELETE", f"/{PAGE}/blocked", user=person)
    sandbox.pushed()
    assert sandbox.graph("DELETE", f"/{PAGE}/subscribed_apps").json == {"success": True}
    sandbox.comment(post)
    assert sandbox.pushed() == []
    assert sandbox.graph("GET", f"/{PAGE}/subscribed_apps").json == {"data": []}
    sandbox.graph("POST", f"/{PAGE}/subscribed_apps", subscribed_fields="feed")
    sandbox.comment(post)
    assert len(sandbox.pushed()) == 1


def test_unknown_paths_and_missing_parameters_are_graph_errors(sandbox):
    post = sandbox.own_post()
    assert sandbox.http.get("/graph/v26.0/a/b/c").json["error"]["code"] == 2500
    assert sandbox.graph("POST", f"/{post}/comments").json["error"]["code"] == 100
    assert sandbox.graph("POST", f"/{post}", is_hidden=True).json["error"]["code"] == 100
    assert sandbox.graph("GET", f"/{post}/comments", after="nonsense").json["error"]["code"] == 100
