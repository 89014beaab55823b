"""What the platforms remember, over restarts and resets."""

import sqlite3

import pytest

from sandbox.state import Node, Store

PAGE, USER = "100064000000001", "1200000000000000001"


def test_everything_is_there_after_a_restart(furnished, tmp_path):
    path = tmp_path / "state.sqlite"
    before = furnished(path)
    post = before.own_post()
    comment = before.comment(post)["id"]
    before.graph("POST", f"/{comment}", is_hidden=True)
    before.control("/faults", kind="drop", times=3)
    before.comment(post)
    before.control("/settings", method="PATCH", x_shape="legacy")
    before.world.store.close()

    after = furnished(path)
    after.now = before.now
    assert after.look(f"/objects/facebook/{comment}")["state"] == "hidden"
    assert after.graph("GET", f"/{comment}", fields="is_hidden").json["is_hidden"] is True
    assert after.look("/settings")["x_shape"] == "legacy"
    assert after.look("/faults")["faults"][0]["fired"] == 1
    assert after.look("/calls?method=POST")["count"] == 1
    verbs = [body["entry"][0]["changes"][0]["value"]["verb"] for body in after.pushed()]
    assert verbs == ["add", "hide"], "what was not delivered before the stop is delivered after the start"
    after.later(1)
    assert after.comment(post)["id"] != comment
    after.world.store.close()


def test_reset_keeps_accounts_and_settings(sandbox):
    comment = sandbox.comment(sandbox.own_post())["id"]
    sandbox.control("/settings", method="PATCH", retry_attempts=3)
    sandbox.control("/reset")
    sandbox.control(f"/objects/facebook/{comment}", method="GET", status=404)
    assert sandbox.look("/health") == {"ok": True, "pending": 0}
    assert len(sandbox.look("/accounts")["accounts"]) == 2
    assert sandbox.look("/settings")["retry_attempts"] == 3
    assert sandbox.pushed() == []


def test_a_transaction_that_fails_leaves_nothing():
    store = Store()
    node = Node("x", "1", "post", "a", "1", None, "a", "hi", 1, 1)

    def half():
        with store.atomic():
            store.write(node)
            store.put("author", "x:1", {"id": "1"})
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half"):
        half()
    assert store.node("x", "1") is None
    assert store.all("author") == []
    store.close()


def test_pruning_keeps_the_newest():
    store = Store()
    for number in range(10):
        store.put("call", str(number), {"n": number})
    store.prune("call", 3)
    assert [doc["n"] for doc in store.all("call")] == [7, 8, 9]
    store.prune("call", 3)
    assert len(store.all("call")) == 3
    with pytest.raises(ValueError, match="colour"):
        store.nodes("x", colour="red")
    store.close()


def test_a_file_that_is_no_database_is_an_error_at_once(tmp_path):
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Store(path)


def test_backdated_and_unpushed_objects(sandbox):
    made = sandbox.control(
        "/x/posts", author_name="Jo", text="@WealdshirePol old", at="2026-11-01T10:00:00Z", push=False
    )
    assert made["created_at"] == "2026-11-01T10:00:00.000Z"
    assert sandbox.pushed() == []
    assert [t["id"] for t in sandbox.x("GET", f"/users/{USER}/mentions").json["data"]] == [made["id"]]
    assert "at" in sandbox.control("/x/posts", status=400, author_name="Jo", text="hi", at="yesterday")["error"]
