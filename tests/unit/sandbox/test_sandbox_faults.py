"""Faults: each does what it says, the same each time, and no more often than asked."""

import json

import pytest

PAGE, USER = "100064000000001", "1200000000000000001"


def ids(bodies):
    return [body["entry"][0]["changes"][0]["value"]["comment_id"] for body in bodies]


def fault(sandbox, kind, **options):
    answer = sandbox.http.post("/_control/faults", json={"kind": kind, **options})
    assert answer.status_code == 200, answer.text
    return answer.json["id"]


def test_duplicate_sends_the_same_bytes(sandbox):
    fault(sandbox, "duplicate", copies=4, times=1)
    post = sandbox.own_post()
    first, second = sandbox.comment(post)["id"], sandbox.comment(post)["id"]
    assert ids(sandbox.pushed()) == [first] * 5 + [second]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reorder_never_keeps_the_order_and_repeats_by_seed(furnished, seed):
    def order():
        sandbox = furnished()
        fault(sandbox, "reorder", window=4, seed=seed)
        post = sandbox.own_post()
        made = [sandbox.comment(post)["id"] for _ in range(4)]
        got = [made.index(key) for key in ids(sandbox.pushed())]
        sandbox.world.store.close()
        return got

    first = order()
    assert sorted(first) == [0, 1, 2, 3]
    assert first != [0, 1, 2, 3]
    assert order() == first


def test_what_reorder_holds_goes_out_late_or_when_the_fault_is_deleted(sandbox):
    key = fault(sandbox, "reorder", window=10, seconds=3)
    post = sandbox.own_post()
    sandbox.comment(post)
    assert sandbox.pushed() == []
    sandbox.later(3)
    assert len(sandbox.pushed()) == 1
    sandbox.comment(post)
    assert sandbox.look("/deliveries?state=held")["count"] == 1
    sandbox.control(f"/faults/{key}", method="DELETE")
    assert len(sandbox.pushed()) == 1
    sandbox.control(f"/faults/{key}", method="DELETE", status=404)


def test_batch_puts_many_changes_in_one_signed_body(sandbox):
    fault(sandbox, "batch", window=3)
    post = sandbox.own_post()
    made = [sandbox.comment(post)["id"] for _ in range(4)]
    (body,) = sandbox.pushed()
    assert [entry["changes"][0]["value"]["comment_id"] for entry in body["entry"]] == made[:3]
    sandbox.later(3)
    assert ids(sandbox.pushed()) == made[3:]
    assert sandbox.look("/deliveries?state=batched")["count"] == 2


def test_a_dropped_webhook_is_found_by_the_poll_only(sandbox):
    fault(sandbox, "drop", event="comment.add", times=1)
    post = sandbox.own_post()
    lost, told = sandbox.comment(post)["id"], sandbox.comment(post)["id"]
    assert ids(sandbox.pushed()) == [told]
    assert [c["id"] for c in sandbox.graph("GET", f"/{post}/comments").json["data"]] == [lost, told]


def test_broken_json_is_rightly_signed_and_the_body_is_broken(sandbox):
    fault(sandbox, "broken_json", times=1)
    sandbox.comment(sandbox.own_post(), "ünïcode " * 20)
    sandbox.world.deliverer.run_due()
    with pytest.raises(json.JSONDecodeError):
        sandbox.receiver.bodies()


@pytest.mark.parametrize("kind", ["wrong_signature", "no_signature"])
def test_a_signing_fault_is_right_again_at_the_retry(sandbox, kind):
    fault(sandbox, kind, times=1)
    sandbox.receiver.statuses = [401]
    sandbox.comment(sandbox.own_post())
    sandbox.world.deliverer.run_due()
    sandbox.later(1)
    sandbox.world.deliverer.run_due()
    bad, good = (headers.get("X-Hub-Signature-256") for _, _, headers in sandbox.receiver.got)
    assert bad != good
    assert (bad is None) == (kind == "no_signature")


def test_oversize_and_odd_entries(sandbox):
    post = sandbox.own_post()
    key = fault(sandbox, "oversize", bytes=50_000)
    sandbox.comment(post)
    sandbox.world.deliverer.run_due()
    assert len(sandbox.receiver.got[0][1]) > 50_000
    sandbox.receiver.got.clear()
    sandbox.control(f"/faults/{key}", method="DELETE")
    fault(sandbox, "odd_entry")
    sandbox.comment(post, "still here")
    (body,) = sandbox.pushed()
    assert [len(entry["changes"]) for entry in body["entry"]] == [1, 1, 1]
    assert body["entry"][2]["changes"][0]["value"]["message"] == "still here"


def test_delay_and_missing_from(sandbox):
    fault(sandbox, "delay", seconds=5, times=1)
    fault(sandbox, "no_from")
    sandbox.comment(sandbox.own_post())
    assert sandbox.pushed() == []
    sandbox.later(5)
    (body,) = sandbox.pushed()
    assert "from" not in body["entry"][0]["changes"][0]["value"]


def test_rate_is_decided_by_the_seed_alone(furnished):
    def fired(seed):
        sandbox = furnished()
        fault(sandbox, "drop", rate=0.5, seed=seed)
        post = sandbox.own_post()
        made = [sandbox.comment(post)["id"] for _ in range(20)]
        told = ids(sandbox.pushed())
        sandbox.world.store.close()
        return [key in told for key in made]

    assert fired(1) == fired(1)
    assert fired(1) != fired(2)
    assert 3 < sum(fired(1)) < 17


def test_throttling_on_both_platforms_says_until_when(sandbox):
    fault(sandbox, "throttle", code=32, minutes=7, times=1, platform="facebook")
    fault(sandbox, "throttle", seconds=90, times=1, platform="x")
    graph = sandbox.graph("GET", "/me")
    use = json.loads(graph.headers["X-Business-Use-Case-Usage"])[PAGE][0]
    assert (graph.json["error"]["code"], use["estimated_time_to_regain_access"]) == (32, 7)
    x = sandbox.x("GET", "/dm_events")
    assert (x.status_code, x.headers["x-rate-limit-remaining"]) == (429, "0")
    assert int(x.headers["x-rate-limit-reset"]) * 1000 == sandbox.now + 90_000
    assert sandbox.graph("GET", "/me").status_code == sandbox.x("GET", "/dm_events").status_code == 200


@pytest.mark.parametrize("kind", ["act_then_hang", "act_then_close", "garbled"])
def test_it_acts_although_the_caller_never_hears_of_it(sandbox, kind):
    comment = sandbox.comment(sandbox.own_post())["id"]
    fault(sandbox, kind, method="DELETE", times=1, seconds=0.01)
    answer = sandbox.graph("DELETE", f"/{comment}")
    assert answer.get_json(silent=True) != {"success": True}
    assert sandbox.look(f"/objects/facebook/{comment}")["state"] == "deleted"
    (call,) = sandbox.look("/calls?method=DELETE")["calls"]
    assert (call["acted"], call["fault"], call["account"]) == (True, kind, PAGE)


@pytest.mark.parametrize("kind", ["hang", "close", "server_error", "graph_error", "token", "throttle"])
def test_it_does_not_act(sandbox, kind):
    comment = sandbox.comment(sandbox.own_post())["id"]
    fault(sandbox, kind, method="DELETE", path=comment, times=1, seconds=0.01)
    assert sandbox.graph("DELETE", f"/{comment}").status_code >= 400
    assert sandbox.look(f"/objects/facebook/{comment}")["state"] == "visible"
    assert sandbox.look("/calls?method=DELETE")["calls"][0]["acted"] is False
    assert sandbox.graph("DELETE", f"/{comment}").json == {"success": True}


def test_any_graph_error_can_be_had(sandbox):
    fault(sandbox, "graph_error", code=368, subcode=1390008, message="Blocked", status=403)
    answer = sandbox.graph("GET", "/me")
    error = answer.json["error"]
    assert (answer.status_code, error["code"], error["error_subcode"], error["message"]) == (
        403,
        368,
        1390008,
        "Blocked",
    )


def test_partial_and_after_and_account(sandbox):
    fault(sandbox, "partial", platform="x", after=1, account=USER)
    sandbox.control("/x/posts", author_name="Jo", text="@WealdshirePol hi")
    assert "errors" not in sandbox.x("GET", f"/users/{USER}/mentions").json
    both = sandbox.x("GET", f"/users/{USER}/mentions").json
    assert len(both["data"]) == len(both["errors"]) == 1
    (set_,) = sandbox.look("/faults")["faults"]
    assert (set_["seen"], set_["fired"]) == (2, 1)


def test_wrong_faults_and_settings_are_refused_with_a_sentence(sandbox):
    assert "there are" in sandbox.control("/faults", status=400, kind="gremlins")["error"]
    assert "x_shape" in sandbox.control("/settings", status=400, method="PATCH", x_shape="v3")["error"]
    assert "author" in sandbox.control("/x/posts", status=400, text="hi")["error"]
    sandbox.control("/x/posts", status=404, text="hi", author="42")
    sandbox.control("/facebook/comments", status=404, on="1_2", text="hi", author_name="Jo")


def test_tokens_are_never_in_the_log_of_calls(sandbox):
    sandbox.http.get("/graph/v26.0/me?access_token=page-token")
    sandbox.http.post("/graph/v26.0/1_2", data={"access_token": "page-token", "is_hidden": "true"})
    assert "page-token" not in json.dumps(sandbox.look("/calls"))
    assert sandbox.control("/calls", method="DELETE") == {"removed": 2}
