"""The audit trail of the deployed stack: searched over HTTP in the bucket under lock, and proven to whoever asks."""

from __future__ import annotations

import base64
import time

import pytest

from bluelamp.audit.note import Checkpoint, Note, VerifierKey
from bluelamp.audit.tree import check_inclusion, leaf_hash
from bluelamp.ids import post_id
from tests.support.stack import until

pytestmark = pytest.mark.stack


def found(stack, role="auditor", **query):
    return stack.desk(role).get("/audit", **query)


def test_a_reply_is_found_in_the_sealed_log_and_proven(stack):
    officer = stack.desk("comms")
    account = stack.account("facebook")
    wanted = post_id(account["id"], stack.say("facebook", f"When is the next surgery? {time.time()}"))

    def judged():
        answer = officer.try_get(f"/posts/{wanted}")
        found = answer.json()["post"] if answer.ok else None
        return found if found and found["case"]["state"] != "unjudged" else None

    post = until(judged, "the question judged", seconds=90)
    # The words go into the content bucket by the API's own keys, which can write there and read nothing.
    officer.post(f"/posts/{post['id']}/reply", {"text": "This Saturday at ten.", "rev": post["rev"]})
    (intent,) = until(lambda: found(stack, type="intent", post=post["id"])["records"], "the intent sealed")
    assert intent["officer"]["name"] == officer.get("/me")["person"]["name"]
    assert intent["record"]["op"]["verb"] == "reply"
    assert intent["account"] == post["account"]
    answer = stack.desk("auditor").get(f"/audit/{intent['year']}/{intent['seq']}")
    assert answer["record"] == intent
    proof = answer["proof"]
    note = Note.parse(proof["checkpoint"].encode())
    note.check([VerifierKey.parse(proof["vkey"])])
    leaf, path = base64.b64decode(proof["leaf"]), [base64.b64decode(h) for h in proof["proof"]]
    check_inclusion(leaf_hash(leaf), proof["index"], proof["size"], path, Checkpoint.parse(note.text).root)


def test_the_trail_is_paged_to_its_beginning(stack):
    page = found(stack, limit=100)
    places = [(record["year"], record["seq"]) for record in page["records"]]
    while page["next"]:
        page = found(stack, limit=100, cursor=page["next"])
        places += [(record["year"], record["seq"]) for record in page["records"]]
    assert places == sorted(set(places), reverse=True)
    assert places[-1][1] == 0
    assert len(places) == places[0][1] + 1


def test_a_search_is_found_by_the_next_one(stack):
    found(stack, type="login")

    def seen_again():
        queries = [(record, record["record"]["query"]) for record in found(stack, type="search")["records"]]
        return [
            record for record, query in queries if (query["view"], query["filters"]) == ("audit", {"type": "login"})
        ]

    seen = until(seen_again, "the search sealed")
    assert seen[0]["officer"]["id"] == seen[0]["record"]["actor"]["sub"]


def test_a_local_team_sees_its_own_accounts_alone(stack):
    reached = {account["id"] for account in stack.desk("local").get("/accounts")["accounts"]}
    records = found(stack, "local", limit=100)["records"]
    assert records
    assert {record["account"] for record in records} <= reached
    assert stack.desk("admin").try_get("/audit").status_code == 403
