"""The routes over the real use cases: what the fakes of the other tests stand for is held against them here."""

import pytest

from tests.unit.api.kit import ROUTES

HIDE = ROUTES["POST", "/posts/{post}/hide"][1]


def test_an_officer_hides_a_post(whole):
    queue = whole.call("GET", "/queue", by="comms").json
    assert [p["id"] for p in queue["posts"]] == ["pforeign", "pown"]
    first = whole.call("POST", "/posts/pown/hide", by="comms", body=HIDE, key="k")
    assert first.status == 202
    assert (first.json["post"]["state"], first.json["action"]["verb"]) == ("hiding", "hide")
    again = whole.call("POST", "/posts/pown/hide", by="comms", body=HIDE, key="k")
    assert (again.status, again.json) == (202, first.json)
    stale = whole.call("POST", "/posts/pown/hide", by="control", body=HIDE)
    assert stale.status == 409
    assert (stale.json["rev"], stale.json["by"]) == (2, "Comms")
    opened = whole.call("GET", "/posts/pown", by="comms").json
    assert opened["actions"][0]["id"] == first.json["action"]["id"]
    assert [e["type"] for e in opened["history"]] == ["intent", "view"]
    assert opened["history"][0]["actor"]["name"] == "Comms"
    assert [leaf["type"] for leaf in whole.outbox()] == ["search", "intent", "view"]


@pytest.mark.parametrize("route", [r for r in ROUTES if "{post}" in r[1]], ids=str)
def test_another_teams_post_is_not_there_on_any_route(whole, route):
    before = {k: v for k, v in whole.table.items.items() if k[0].startswith("POST#")}
    answer = whole.call(route[0], route[1].format(post="pforeign"), by="local", body=ROUTES[route][1])
    assert answer.status == 404
    (leaf,) = whole.outbox()
    assert (leaf["type"], leaf["account"], leaf["reason"]["code"]) == ("denied", "facebook-2", "out_of_scope")
    assert before == {k: v for k, v in whole.table.items.items() if k[0].startswith("POST#")}


def test_pages_of_the_queue(whole):
    first = whole.call("GET", "/queue", by="comms", query={"limit": "1"}).json
    second = whole.call("GET", "/queue", by="comms", query={"limit": "1", "cursor": first["next"]}).json
    assert [p["id"] for page in (first, second) for p in page["posts"]] == ["pforeign", "pown"]
    assert second["next"] is None
    for by, query in (("control", {}), ("comms", {"view": "done"}), ("comms", {"account": "facebook-1"})):
        answer = whole.call("GET", "/queue", by=by, query={"cursor": first["next"]} | query)
        assert (answer.status, answer.json["code"]) == (400, "bad_cursor")
    tampered = first["next"][:-2] + "AA"
    assert whole.call("GET", "/queue", by="comms", query={"cursor": tampered}).status == 400


def test_local_queue_holds_own_posts_only(whole):
    queue = whole.call("GET", "/queue", by="local").json
    assert [p["id"] for p in queue["posts"]] == ["pown"]
    assert "delete" not in queue["posts"][0]["can"]


def test_changes_and_ticket(whole):
    cursor = whole.call("GET", "/changes", by="comms").json["cursor"]
    answer = whole.call("GET", "/changes", by="comms", query={"since": cursor})
    assert answer.json == {"posts": [], "cursor": cursor, "reset": False}
    again = {"If-None-Match": answer.headers["ETag"]}
    assert whole.call("GET", "/changes", by="comms", query={"since": cursor}, headers=again).status == 304
    assert whole.call("POST", "/live/ticket", by="comms", body={}).json["url"] == "ws://127.0.0.1/ws"
