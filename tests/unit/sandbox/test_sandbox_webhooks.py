"""What the stand-ins push: shapes, signatures checked independently, handshakes, retries."""

import base64
import hashlib
import hmac
import json

import pytest

from sandbox.webhooks import Secrets, handshake, x_signature

PAGE, USER = "100064000000001", "1200000000000000001"


def value(body):
    return body["entry"][0]["changes"][0]["value"]


def test_facebook_signature_is_hmac_of_the_raw_bytes(sandbox):
    sandbox.comment(sandbox.own_post(), "caffè ☕ £5")
    sandbox.world.deliverer.run_due()
    ((url, raw, headers),) = sandbox.receiver.got
    assert url == "http://receiver.test/webhooks/facebook"
    expected = hmac.new(b"fb-app-secret", raw, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert "caffè ☕ £5".encode() in raw


def test_x_signature_is_base64_and_matches_the_published_vector(sandbox):
    # From X's documentation of challenge-response checks.
    assert x_signature("test-app-secret", b"challenge_string") == "sha256=Bo9SfylKVA7lwGBBoE3AfEqWQxQIyWB38V1OxjDOeOI="
    sandbox.control("/x/posts", author_name="Jo", text="@WealdshirePol hi")
    sandbox.world.deliverer.run_due()
    ((url, raw, headers),) = sandbox.receiver.got
    digest = hmac.new(b"x-consumer-secret", raw, hashlib.sha256).digest()
    assert headers["x-twitter-webhooks-signature"] == "sha256=" + base64.b64encode(digest).decode()
    assert url.endswith("/webhooks/x")


def test_a_comments_life_in_feed_changes(sandbox):
    post = sandbox.own_post()
    comment = sandbox.comment(post, "first")["id"]
    sandbox.control(f"/objects/facebook/{comment}/edit", text="second")
    sandbox.graph("POST", f"/{comment}", is_hidden=True)
    sandbox.graph("POST", f"/{comment}", is_hidden=False)
    sandbox.control(f"/objects/facebook/{comment}/delete")
    bodies = sandbox.pushed()
    values = [value(body) for body in bodies]
    assert [v["verb"] for v in values] == ["add", "edited", "hide", "unhide", "remove"]
    assert all(
        (v["item"], v["comment_id"], v["post_id"], v["parent_id"]) == ("comment", comment, post, post) for v in values
    )
    assert values[0]["from"]["name"] == "Jo Public"
    assert values[1]["message"] == "second"
    assert "message" not in values[4]
    assert (bodies[0]["object"], bodies[0]["entry"][0]["id"], values[0]["created_time"]) == (
        "page",
        PAGE,
        sandbox.now // 1000,
    )


def test_visitor_posts_reactions_and_people_without_a_name(sandbox):
    post = sandbox.control("/facebook/posts", page=PAGE, author_name="Vi", text="hi")["id"]
    shy = sandbox.control("/authors", platform="facebook", name="Shy", nameless=True)["id"]
    comment = sandbox.comment(post, author=shy, name=None)["id"]
    sandbox.control("/facebook/reactions", on=comment, author_name="Vi", reaction="angry")
    added, commented, reacted = [value(body) for body in sandbox.pushed()]
    assert (added["item"], added["post_id"], added["from"]["name"]) == ("post", post, "Vi")
    assert "from" not in commented
    assert (reacted["item"], reacted["reaction_type"]) == ("reaction", "angry")
    assert "from" not in sandbox.graph("GET", f"/{comment}", fields="from,message").json


def test_messenger_message_edit_unsend_and_echo(sandbox):
    message = sandbox.control("/facebook/messages", page=PAGE, author_name="Sam", text="helo")
    key, person = message["id"], message["author"]["id"]
    sandbox.control(f"/objects/facebook/{key}/edit", text="hello")
    answer = {"recipient": {"id": person}, "message": {"text": "Hi"}}
    echo = sandbox.graph("POST", f"/{PAGE}/messages", **answer).json["message_id"]
    sandbox.control(f"/objects/facebook/{key}/delete")
    events = [body["entry"][0]["messaging"][0] for body in sandbox.pushed()]
    assert events[0]["message"] == {"mid": key, "text": "helo"}
    assert events[0]["timestamp"] == sandbox.now
    assert events[1]["message_edit"] == {"mid": key, "text": "hello", "num_edit": 1}
    assert (events[2]["message"]["mid"], events[2]["message"]["is_echo"]) == (echo, True)
    assert (events[2]["sender"]["id"], events[2]["recipient"]["id"]) == (PAGE, person)
    assert events[3]["message"] == {"mid": key, "is_deleted": True}


def test_activity_events_of_a_direct_reply_that_mentions(sandbox):
    root = sandbox.control("/x/posts", author=USER, text="Appeal")["id"]
    reply = sandbox.control("/x/posts", author_name="Jo", text="@WealdshirePol saw it", reply_to=root)["id"]
    sandbox.control("/x/posts", author_name="Al", text="me too", reply_to=reply)
    sandbox.control("/x/messages", account=USER, author_name="Sam", text="psst")
    events = [body["data"] for body in sandbox.pushed()]
    kinds = [event["event_type"] for event in events]
    assert kinds == ["post.create", "post.reply.create", "post.mention.create", "dm.received"]
    assert events[1]["payload"] == events[2]["payload"]
    assert events[1]["event_uuid"] != events[2]["event_uuid"]
    assert events[1]["payload"]["referenced_tweets"] == [{"type": "replied_to", "id": root}]
    assert {user["username"] for user in events[1]["includes"]["users"]} >= {"WealdshirePol"}
    assert events[3]["payload"]["direct_message_events"][0]["message_create"]["message_data"]["text"] == "psst"
    assert events[3]["payload"]["users"][USER]["data"]["username"] == "WealdshirePol"
    assert all(event["filter"] == {"user_id": USER} for event in events)


def test_other_peoples_deletions_on_x_are_pushed_only_when_set(sandbox):
    first, second = (
        sandbox.control("/x/posts", author_name="Jo", text="@WealdshirePol " + text, push=False)["id"] for text in "ab"
    )
    sandbox.control(f"/objects/x/{first}/delete")
    assert sandbox.pushed() == []
    sandbox.control("/settings", method="PATCH", x_deletes="all")
    sandbox.control(f"/objects/x/{second}/delete")
    (event,) = sandbox.pushed()
    assert (event["data"]["event_type"], event["data"]["payload"]["id"]) == ("post.delete", second)


def test_the_older_x_shape(sandbox):
    sandbox.control("/settings", method="PATCH", x_shape="legacy", x_deletes="all")
    long = "@WealdshirePol " + "word " * 40
    made = sandbox.control("/x/posts", author_name="Jo Public", text=long.strip())["id"]
    sandbox.control("/x/messages", account=USER, author_name="Sam", text="psst")
    sandbox.control(f"/objects/x/{made}/delete")
    created, message, deleted = sandbox.pushed()
    assert {event["for_user_id"] for event in (created, message, deleted)} == {USER}
    (tweet,) = created["tweet_create_events"]
    assert (tweet["id"], tweet["id_str"], tweet["truncated"]) == (int(made), made, True)
    assert tweet["extended_tweet"]["full_text"] == long.strip()
    assert tweet["user"]["name"] == "Jo Public"
    assert message["direct_message_events"][0]["message_create"]["target"] == {"recipient_id": USER}
    assert deleted["tweet_delete_events"][0]["status"]["id"] == made


def test_what_is_refused_comes_again_with_growing_pauses(sandbox):
    sandbox.receiver.statuses = [500, 0, 404]
    sandbox.comment(sandbox.own_post())
    deliverer = sandbox.world.deliverer
    for pause in (0, 1, 2, 4):
        sandbox.later(pause - 0.01)
        assert pause == 0 or deliverer.run_due() == 0
        sandbox.later(0.02)
        assert deliverer.run_due() == 1
    (entry,) = sandbox.look("/deliveries")["deliveries"]
    assert (entry["state"], entry["statuses"]) == ("delivered", [500, 0, 404, 200])
    assert len({raw for _, raw, _ in sandbox.receiver.got}) == 1
    assert sandbox.control("/idle", timeout=0)["idle"] is True


def test_it_gives_up_in_the_end(sandbox):
    sandbox.control("/settings", method="PATCH", retry_attempts=2, retry_base=0)
    sandbox.receiver.statuses = [500, 500]
    sandbox.comment(sandbox.own_post())
    sandbox.pushed()
    sandbox.pushed()
    assert sandbox.look("/deliveries")["deliveries"][0]["state"] == "failed"
    assert sandbox.look("/stats")["deliveries"] == {"failed": 1}


@pytest.mark.parametrize("platform", ["facebook", "x"])
def test_handshake_accepts_the_right_answer_only(platform):
    secrets = Secrets(values={"facebook": {"verify_token": "v"}, "x": {"consumer_secret": "c"}})
    asked = []

    def right(url, query):
        asked.append(query)
        if platform == "facebook":
            assert (query["hub.mode"], query["hub.verify_token"]) == ("subscribe", "v")
            return 200, query["hub.challenge"]
        digest = hmac.new(b"c", query["crc_token"].encode(), hashlib.sha256).digest()
        return 200, json.dumps({"response_token": "sha256=" + base64.b64encode(digest).decode()})

    assert handshake(platform, "http://r", secrets, right)["ok"]
    assert not handshake(platform, "http://r", secrets, lambda *_: (200, "no"))["ok"]
    assert not handshake(platform, "http://r", secrets, lambda url, query: (403, right(url, query)[1]))["ok"]
    assert len({json.dumps(query) for query in asked}) == 2, "each challenge is new"


def test_raw_sending_says_what_the_receiver_answered(sandbox):
    sandbox.receiver.statuses = [401, 413]
    body = {"platform": "facebook", "raw": "{broken", "signature": "wrong", "times": 2, "pad_to": 100}
    assert sandbox.control("/webhooks/send", **body)["statuses"] == [401, 413]
    raw, headers = sandbox.receiver.got[0][1:]
    assert len(raw) == 100
    assert headers["X-Hub-Signature-256"] != "sha256=" + hmac.new(b"fb-app-secret", raw, hashlib.sha256).hexdigest()
    assert "error" in sandbox.control("/webhooks/send", status=400, platform="x")


def test_secrets_are_read_again_when_the_file_changes(tmp_path):
    path = tmp_path / "secrets.json"
    path.write_text('{"x": {"consumer_secret": "one"}}')
    secrets = Secrets(path)
    assert secrets.get("x", "consumer_secret") == "one"
    path.write_text('{"x": {"consumer_secret": "two!"}}')
    assert secrets.get("x", "consumer_secret") == "two!"
    path.write_text('{"x": ')
    assert secrets.get("x", "consumer_secret") == "two!", "half a file changes nothing"


def test_a_webhook_signed_with_the_previous_secret(sandbox):
    sandbox.world.secrets = sandbox.world.deliverer.secrets = Secrets(values={"x": {"previous_consumer_secret": "old"}})
    sandbox.control("/webhooks/send", platform="x", body={"a": 1}, signature="previous")
    ((_, raw, headers),) = sandbox.receiver.got
    digest = hmac.new(b"old", raw, hashlib.sha256).digest()
    assert headers["x-twitter-webhooks-signature"] == "sha256=" + base64.b64encode(digest).decode()
