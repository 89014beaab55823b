"""Retention on the deployed stack: held and not to be disposed of; released, disposed of by two people, certified."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

from bluelamp.audit.leaf import Content
from bluelamp.audit.verify import verify
from bluelamp.cli.local.weed import AUDITOR
from bluelamp.cloud.dynamodb import Table
from bluelamp.content.store import KeyStore
from bluelamp.content.vault import place_of
from bluelamp.ids import post_id
from bluelamp.pseudonyms import Pseudonyms
from tests.support.stack import until

pytestmark = pytest.mark.stack
REF = "WP/2026/1234"
WORDS = "Sam Public of 4 Mill Lane is a lying idiot"


@pytest.fixture
def hidden(stack):
    """A comment that was hidden: account, the comment's id on the platform, and the post."""
    account = stack.account("facebook", team=stack.desk("supervisor").get("/accounts")["accounts"][0]["team"])
    native = stack.say("facebook", WORDS, account=account)
    post = post_id(account["id"], native)
    desk = stack.desk("comms")

    def opened():
        answer = desk.try_get(f"/posts/{post}")
        return answer.json()["post"] if answer.ok and answer.json()["post"]["case"]["state"] == "open" else None

    seen = until(opened, "the post is judged", seconds=120)
    desk.post(f"/posts/{post}/hide", {"reason": {"code": "abuse"}, "undo_seconds": 0, "rev": seen["rev"]})
    until(lambda: desk.get(f"/posts/{post}")["post"]["state"] == "hidden", "the post is hidden", seconds=120)
    return account, native, post


def contents(stack, directory, account, native):
    """Return the place of everything that the log says was kept of a post."""
    key = Pseudonyms(stack.pseudonym_key()).post(account["id"], native)
    return [
        Content.model_validate(one["content"])
        for one in stack.sealed(directory)
        if one.get("obj", {}).get("key") == key and "content" in one and one["type"] != "erase"
    ]


def test_what_was_held_is_disposed_of_by_two_people_in_the_end(stack, hidden, tmp_path):
    account, native, post = hidden
    auditor, admin, supervisor = (stack.desk(role) for role in ("auditor", "admin", "supervisor"))

    # Held: by the mark, and by S3's own hold.
    hold = auditor.post("/holds", {"posts": [post], "reason": "proceedings", "ref": REF})
    stored = until(
        lambda: next(
            (h for h in auditor.get("/holds")["holds"] if h["id"] == hold["id"] and h["state"] == "held"), None
        ),
        "the hold stands",
        seconds=60,
    )
    assert stored["marked"] == 1
    kept = contents(stack, tmp_path / "before", account, native)
    assert len(kept) >= 2  # what the platform said, and what stood around it
    client, bucket = stack.stack.store.client(AUDITOR), stack.stack.outputs["ContentBucket"]
    for content in kept:
        held = client.get_object_legal_hold(Bucket=bucket, Key=content.pack, VersionId=content.version_id)
        assert held["LegalHold"]["Status"] == "ON"
    asked = {"posts": [post], "reason": "erasure_request", "ref": REF}
    refused = admin.try_post("/disposals", asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_disposable")

    # Released, proposed by one, approved by another and by nobody else.
    auditor.post(f"/holds/{hold['id']}/release", {"reason": "proceedings_ended", "ref": REF})
    disposal = admin.post("/disposals", asked)
    for somebody in (admin, auditor, stack.desk("comms")):
        assert somebody.try_post(f"/disposals/{disposal['id']}/approve", {}).status_code == 403
    supervisor.post(f"/disposals/{disposal['id']}/approve", {})
    path = f"/disposals/{disposal['id']}"
    until(lambda: admin.get(path)["state"] == "done", "the disposal is done", seconds=120)
    certificate = until(
        lambda: (a := admin.try_get(f"{path}/certificate")).ok and a.json(), "there is a certificate", seconds=60
    )

    # Gone: the keys, and the words in the table.
    keys = KeyStore(Table(stack.stack.cloud.client("dynamodb"), stack.stack.outputs["KeyTableName"]))
    for content in kept:
        pack, key_id, _ = place_of(content)
        assert key_id not in keys.get(pack).keys
    assert {c["key_id"] for c in certificate["posts"][0]["contents"]} == {content.key_id for content in kept}
    assert certificate["keys_destroyed"] == len(kept)
    shown = stack.desk("comms").get(f"/posts/{post}")
    assert (shown["post"]["text"], shown["post"]["author"]) == ("", {"name": None, "handle": None})
    assert shown["post"]["disposed_at"]
    assert shown["post"]["can"] == []
    table = Table(stack.stack.cloud.client("dynamodb"), stack.stack.outputs["TableName"])
    assert "Mill Lane" not in json.dumps(table.query(f"POST#{post}").items, default=str)

    # The log says so: it verifies, the certificate's records are in it, and no word is.
    log = stack.sealed(tmp_path / "after")
    assert verify(tmp_path / "after").failures == []
    ids = {one["id"] for one in log}
    assert {place["leaf"] for place in certificate["posts"][0]["records"]} <= ids
    assert {certificate[part]["record"]["leaf"] for part in ("proposed", "approved")} <= ids
    assert "Mill" not in json.dumps(log)


def test_nobody_but_the_disposer_takes_a_key_away_and_it_reads_none(stack, hidden, tmp_path):
    account, native, _ = hidden
    until(lambda: contents(stack, tmp_path, account, native), "it is sealed", seconds=60, every=1)
    content = contents(stack, tmp_path, account, native)[0]
    store, bucket = stack.stack.store, stack.stack.outputs["ContentBucket"]
    with pytest.raises(ClientError, match="AccessDenied"):
        store.client("dispose").get_object(Bucket=bucket, Key=content.pack)
    for verb in ("ingest", "act", "api", "export"):
        with pytest.raises(ClientError, match="AccessDenied"):
            store.client(verb).put_object_legal_hold(Bucket=bucket, Key=content.pack, LegalHold={"Status": "OFF"})


def test_a_class_is_set_and_reviews_are_listed(stack):
    admin = stack.desk("admin")
    path = "/retention/classes/x/message"
    before = next(
        c for c in admin.get("/retention/classes")["classes"] if (c["platform"], c["kind"]) == ("x", "message")
    )
    body = {"days": 90, "basis": "force_policy", "rev": before["rev"]}
    headers = {"X-Bluelamp": "1", "Origin": admin.origin, "Idempotency-Key": str(time.time_ns())}
    answer = admin._http.put(f"{admin.origin}/api{path}", json=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["rev"]) == (200, before["rev"] + 1)
    headers["Idempotency-Key"] += "-again"
    assert admin._http.put(f"{admin.origin}/api{path}", json=body, headers=headers, timeout=30).status_code == 409
    assert admin.get("/retention/reviews")["reviews"] == []
