"""The X stand-in: mentions, search, replies, hiding, deleting, partial answers and rate limits."""

import pytest

USER = "1200000000000000001"


def say(sandbox, text, **more):
    sandbox.later(1)
    return sandbox.control("/x/posts", **{"author_name": "Jo Public", "text": text, **more})


def test_mentions_page_newest_first_and_stop_at_since_id(sandbox):
    made = [say(sandbox, f"@WealdshirePol number {n}")["id"] for n in range(12)]
    found, token = [], {}
    while True:
        body = sandbox.x("GET", f"/users/{USER}/mentions", max_results=5, **token).json
        found += [tweet["id"] for tweet in body["data"]]
        if "next_token" not in body["meta"]:
            break
        token = {"pagination_token": body["meta"]["next_token"]}
    assert found == made[::-1]
    newer = sandbox.x("GET", f"/users/{USER}/mentions", since_id=made[9]).json
    assert [tweet["id"] for tweet in newer["data"]] == [made[11], made[10]]
    assert newer["meta"]["newest_id"] == made[11]
    assert sandbox.x("GET", f"/users/{USER}/mentions", since_id=made[11]).json == {"meta": {"result_count": 0}}
    assert int(made[0]) > 2**53


def test_only_asked_fields_and_expansions_come_back(sandbox):
    say(sandbox, "@WealdshirePol look", media=["https://media.example/1.jpg"])
    (bare,) = sandbox.x("GET", f"/users/{USER}/mentions").json["data"]
    assert set(bare) == {"id", "text", "edit_history_tweet_ids"}
    fields = {"tweet.fields": "created_at,author_id", "expansions": "author_id,attachments.media_keys"}
    body = sandbox.x("GET", f"/users/{USER}/mentions", **fields, **{"media.fields": "url"}).json
    assert body["includes"]["users"][0]["id"] == body["data"][0]["author_id"]
    assert body["includes"]["media"][0]["url"] == "https://media.example/1.jpg"


def test_a_deleted_parent_gives_data_and_errors_in_one_answer(sandbox):
    first = say(sandbox, "what a day")["id"]
    say(sandbox, "@WealdshirePol see this", reply_to=first)
    sandbox.control(f"/objects/x/{first}/delete")
    body = sandbox.x("GET", f"/users/{USER}/mentions", expansions="referenced_tweets.id").json
    assert (len(body["data"]), body["errors"][0]["resource_id"]) == (1, first)


def test_deep_replies_are_found_by_search_only(sandbox):
    root = say(sandbox, "Appeal", author=USER)["id"]
    reply = say(sandbox, "saw it", reply_to=root)["id"]
    deep = say(sandbox, "no you did not", reply_to=reply, author_name="Al")["id"]
    assert [t["id"] for t in sandbox.x("GET", f"/users/{USER}/mentions").json["data"]] == [reply]
    found = sandbox.x("GET", "/tweets/search/recent", query=f"conversation_id:{root} -from:WealdshirePol").json
    assert [t["id"] for t in found["data"]] == [deep, reply]
    to = sandbox.x("GET", "/tweets/search/recent", query="to:WealdshirePol OR @WealdshirePol").json
    assert [t["id"] for t in to["data"]] == [reply]
    assert sandbox.x("GET", "/tweets/search/recent", query="bogus:1").status_code == 400


def test_search_refuses_what_x_refuses(sandbox):
    old = say(sandbox, "@WealdshirePol hi")["id"]
    sandbox.later(8 * 24 * 3600)
    assert sandbox.x("GET", "/tweets/search/recent", query="hi", since_id=old).status_code == 400
    assert sandbox.x("GET", "/tweets/search/recent", query="hi").json == {"meta": {"result_count": 0}}
    assert sandbox.x("GET", "/tweets/search/recent", query="x" * 513).status_code == 400
    assert sandbox.x("GET", f"/users/{USER}/mentions", since_id=old).status_code == 200


def test_hide_only_replies_in_own_conversations(sandbox):
    root = say(sandbox, "Appeal", author=USER)["id"]
    reply = say(sandbox, "rude", reply_to=root)["id"]
    mention = say(sandbox, "@WealdshirePol rude")["id"]
    for _ in range(2):
        assert sandbox.x("PUT", f"/tweets/{reply}/hidden", hidden=True).json == {"data": {"hidden": True}}
    assert sandbox.look(f"/objects/x/{reply}")["state"] == "hidden"
    assert sandbox.x("PUT", f"/tweets/{mention}/hidden", hidden=True).status_code == 403
    assert sandbox.x("PUT", f"/tweets/{reply}/hidden", hidden="yes").status_code == 400
    assert sandbox.x("PUT", f"/tweets/{reply}/hidden", hidden=False).json == {"data": {"hidden": False}}


def test_reply_delete_and_duplicate_content(sandbox):
    mention = say(sandbox, "@WealdshirePol help")["id"]
    reply = {"text": "Please call 101", "reply": {"in_reply_to_tweet_id": mention}}
    made = sandbox.x("POST", "/tweets", **reply)
    key = made.json["data"]["id"]
    assert made.status_code == 201
    again = sandbox.x("POST", "/tweets", **reply)
    assert (again.status_code, "duplicate content" in again.json["detail"]) == (403, True)
    assert sandbox.x("DELETE", f"/tweets/{mention}").status_code == 403
    assert sandbox.x("DELETE", f"/tweets/{key}").json == {"data": {"deleted": True}}
    assert sandbox.x("DELETE", f"/tweets/{key}").status_code == 404
    sandbox.control(f"/objects/x/{mention}/delete")
    assert sandbox.x("POST", "/tweets", text="late", reply={"in_reply_to_tweet_id": mention}).status_code == 403
    assert sandbox.x("POST", "/tweets", text="x" * 281).status_code == 400


def test_looking_up_what_is_missing_is_a_200_with_errors(sandbox):
    there = say(sandbox, "@WealdshirePol hi")["id"]
    missing = sandbox.x("GET", "/tweets/1")
    assert (missing.status_code, "data" in missing.json) == (200, False)
    assert missing.json["errors"][0]["title"] == "Not Found Error"
    both = sandbox.x("GET", "/tweets", ids=f"{there},1").json
    assert ([t["id"] for t in both["data"]], both["errors"][0]["resource_id"]) == ([there], "1")


def test_an_edit_is_a_new_id_that_knows_the_old(sandbox):
    old = say(sandbox, "@WealdshirePol teh car")["id"]
    new = sandbox.control(f"/objects/x/{old}/edit", text="@WealdshirePol the car")["id"]
    (tweet,) = sandbox.x("GET", f"/users/{USER}/mentions").json["data"]
    assert (tweet["id"], tweet["edit_history_tweet_ids"]) == (new, [old, new])
    assert sandbox.look(f"/objects/x/{old}")["replaced_by"] == new
    sandbox.control(f"/objects/x/{new}/delete")
    assert sandbox.look(f"/objects/x/{old}")["state"] == "deleted"


def test_direct_messages_both_ways(sandbox):
    person = sandbox.control("/x/messages", account=USER, author_name="Sam", text="psst")["author"]["id"]
    sandbox.later(1)
    sent = sandbox.x("POST", f"/dm_conversations/with/{person}/messages", text="Hello Sam")
    assert sent.status_code == 201
    body = sandbox.x("GET", "/dm_events", **{"dm_event.fields": "sender_id", "expansions": "sender_id"}).json
    assert [(m["text"], m["sender_id"]) for m in body["data"]] == [("Hello Sam", USER), ("psst", person)]
    one = sandbox.x("GET", "/dm_events", max_results=1).json
    rest = sandbox.x("GET", "/dm_events", pagination_token=one["meta"]["next_token"]).json
    assert [m["text"] for m in rest["data"]] == ["psst"]
    assert "data" not in sandbox.x("GET", f"/dm_conversations/with/{USER}/dm_events").json


def test_windows_are_counted_by_endpoint_and_end_in_429(sandbox):
    sandbox.control("/settings", method="PATCH", x_calls_per_window=2)
    first = sandbox.x("GET", f"/users/{USER}/mentions")
    assert (first.headers["x-rate-limit-limit"], first.headers["x-rate-limit-remaining"]) == ("2", "1")
    sandbox.x("GET", f"/users/{USER}/mentions")
    refused = sandbox.x("GET", f"/users/{USER}/mentions")
    assert (refused.status_code, refused.json["title"]) == (429, "Too Many Requests")
    assert sandbox.x("GET", "/dm_events").status_code == 200
    sandbox.later(int(refused.headers["x-rate-limit-reset"]) - sandbox.now // 1000)
    assert sandbox.x("GET", f"/users/{USER}/mentions").status_code == 200


@pytest.mark.parametrize("value", ["4", "101", "many"])
def test_max_results_out_of_bounds_is_a_problem(sandbox, value):
    answer = sandbox.x("GET", f"/users/{USER}/mentions", max_results=value)
    assert (answer.status_code, answer.json["title"]) == (400, "Invalid Request")
    assert answer.json["errors"][0]["parameters"] == {"max_results": [value]}


def test_a_dead_token_is_401_and_permissions_are_403(sandbox):
    assert sandbox.x("GET", "/users/me", token="nobody").status_code == 401
    assert sandbox.x("GET", "/users/1/mentions").status_code == 403
    sandbox.control(f"/accounts/x/{USER}", method="PATCH", permitted=False)
    assert sandbox.x("POST", "/tweets", text="hi").status_code == 403
    assert sandbox.x("GET", "/nothing/here").status_code == 404
    assert sandbox.x("GET", "/users/by/username/wealdshirepol").json["data"]["id"] == USER
