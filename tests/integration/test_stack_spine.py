"""The main path on the deployed stack: what a force would see tomorrow, with nothing faked but the platforms."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError

from bluelamp.audit.verify import verify
from bluelamp.ids import post_id
from bluelamp.pseudonyms import Pseudonyms
from tests.support.stack import until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module", autouse=True)
def refused(stack):
    """Webhooks that are refused, sent before everything else: their minute must be over before it can be sealed."""
    raw = stack.comment_webhook("refused_1", "never stored")
    big = b'{"pad":"' + b"x" * 1_100_000 + b'"}'
    return {
        "bad_signature": stack.webhook("facebook", raw, signature="sha256=" + "0" * 64).status_code,
        "too_large": stack.webhook("facebook", big).status_code,
    }


def arrived(stack, native, platform="facebook", account=None):
    """Return the post once it is judged."""
    wanted = post_id((account or stack.account(platform))["id"], native)

    def look():
        answer = stack.desk("comms").try_get(f"/posts/{wanted}")
        found = answer.json()["post"] if answer.ok else None
        return found if found and found["case"]["state"] != "unjudged" else None

    return until(look, f"post {native} judged")


def history(stack, post):
    return stack.desk("comms").get(f"/posts/{post['id']}/history")["entries"]


@pytest.mark.parametrize("platform", ["facebook", "x"])
def test_a_post_is_judged_hidden_sealed_and_proved(stack, platform, tmp_path):
    native = stack.say(platform, f"You are useless idiots {time.time()}")
    post = arrived(stack, native, platform)
    assert post["case"]["risk"] in {"medium", "high", "critical"}
    officer = stack.desk("comms")
    body = {"reason": {"code": "abuse"}, "rev": post["rev"], "undo_seconds": 0}
    assert officer.try_post(f"/posts/{post['id']}/hide", body).status_code == 202
    until(lambda: stack.public.object(platform, native)["state"] == "hidden", "hidden on the platform")
    entries = until(
        lambda: [e for e in history(stack, post) if e["type"] == "outcome" and e["sealed"]], "the outcome sealed"
    )
    proof = officer.get(f"/posts/{post['id']}/history/{entries[0]['leaf_id']}/proof")
    assert proof["index"] == entries[0]["seq"]
    stack.pull(tmp_path)
    report = verify(tmp_path)
    assert report.failures == []


def test_undo_keeps_the_post_on_the_platform(stack):
    post = arrived(stack, native := stack.say("facebook", f"What clueless idiots {time.time()}"))
    officer = stack.desk("comms")
    hidden = officer.post(
        f"/posts/{post['id']}/hide", {"reason": {"code": "abuse"}, "rev": post["rev"], "undo_seconds": 10}
    )
    officer.post(f"/posts/{post['id']}/unhide", {"rev": hidden["post"]["rev"]})
    assert stack.public.object("facebook", native)["state"] == "visible"
    assert officer.get(f"/posts/{post['id']}")["post"]["state"] == "visible"


def test_a_reply_reaches_the_public_and_comes_back_into_the_thread(stack):
    post = arrived(stack, native := stack.say("facebook", f"When is the next surgery? {time.time()}"))
    text = f"This Saturday at ten, in the library. {time.time()}"
    stack.desk("comms").post(f"/posts/{post['id']}/reply", {"text": text, "rev": post["rev"]})
    until(lambda: stack.public.object("facebook", native)["replies"], "the reply on the platform")
    until(
        lambda: [p for p in stack.desk("comms").get(f"/posts/{post['id']}")["thread"] if p["text"] == text],
        "the reply in the thread",
    )


def test_a_delete_is_made_once_and_stays_sealed(stack):
    post = arrived(stack, native := stack.say("facebook", f"Get lost you idiots {time.time()}"))
    stack.desk("comms").post(f"/posts/{post['id']}/delete", {"reason": {"code": "abuse"}, "rev": post["rev"]})
    until(lambda: stack.public.object("facebook", native)["state"] == "deleted", "deleted on the platform")
    until(lambda: stack.desk("comms").get(f"/posts/{post['id']}")["post"]["state"] == "deleted", "deleted here")
    calls = stack.public.calls(method="DELETE", path=re.escape(native))
    assert len(calls) == 1


def test_a_lost_answer_is_read_back(stack):
    post = arrived(stack, native := stack.say("facebook", f"Is the road open again? {time.time()}"))
    fault = stack.public.post(
        "/faults", kind="act_then_close", platform="facebook", times=1, method="POST", path="comments"
    )
    text = f"Yes, since noon. {time.time()}"
    stack.desk("comms").post(f"/posts/{post['id']}/reply", {"text": text, "rev": post["rev"]})
    until(
        lambda: [a for a in stack.desk("comms").get(f"/posts/{post['id']}")["actions"] if a["state"] == "done"],
        "the reply done",
        seconds=60,
    )
    stack.public.delete(f"/faults/{fault['id']}")
    replies = [stack.public.object("facebook", r) for r in stack.public.object("facebook", native)["replies"]]
    assert [r["text"] for r in replies] == [text]


def test_what_no_webhook_told_the_poll_finds(stack):
    account = stack.account("facebook")
    root = stack.root(account)
    made = stack.public.post(
        "/facebook/comments", on=root, text=f"Unheard {time.time()}", author_name="Robin Tester", push=False
    )
    wanted = post_id(account["id"], made["id"])
    assert stack.desk("comms").try_get(f"/posts/{wanted}").status_code == 404
    stack.ask_for_poll(account)
    until(lambda: stack.desk("comms").try_get(f"/posts/{wanted}").ok, "found by the poll", seconds=60)


def test_the_same_webhook_five_times_is_one_post_and_one_record(stack, tmp_path):
    native = f"five_{time.time_ns()}"
    raw = stack.comment_webhook(native, "Thank you all")
    assert [stack.webhook("facebook", raw).status_code for _ in range(5)] == [200] * 5
    post = arrived(stack, native)
    time.sleep(2)
    assert [e["type"] for e in history(stack, post)].count("ingest") == 1
    assert post["rev"] == 2  # stored, judged


def test_broken_json_under_a_right_signature_is_kept(stack):
    assert stack.webhook("facebook", b'{"object":"page","entry":[').status_code == 200


@pytest.mark.parametrize("identity", ["seal", "api", "auditor"])
def test_the_evidence_refuses_to_be_deleted(stack, identity):
    bucket = stack.evidence()
    name = next(iter(bucket.list()))
    auditor, own = stack.stack.store.client("auditor"), stack.stack.store.client(identity)
    version = auditor.head_object(Bucket=bucket.name, Key=name)["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        own.delete_object(Bucket=bucket.name, Key=name, VersionId=version)
    assert bucket.get(name)


def test_a_flipped_byte_fails_and_names_the_record(stack, tmp_path):
    stack.pull(tmp_path)
    entries = min(tmp_path.glob("*/entries/*"))
    body = bytearray(entries.read_bytes())
    second = 2 + int.from_bytes(body[:2], "big")  # each leaf stands behind its length of two bytes
    body[second + 2 + 20] ^= 1
    entries.write_bytes(bytes(body))
    report = verify(tmp_path)
    assert report.verdict == "FAIL"
    changed = int(entries.name.split("-")[0]) + 1
    assert [f.place for f in report.failures if f.place.endswith(f"record {changed}")]


ROUTES = [
    ("GET", "/posts/{id}", None),
    ("GET", "/posts/{id}/history", None),
    ("GET", "/posts/{id}/history/01ARZ3NDEKTSV4RRFFQ69G5FAV/proof", None),
    ("POST", "/posts/{id}/claim", {}),
    ("POST", "/posts/{id}/release", {}),
    ("POST", "/posts/{id}/hide", {"reason": {"code": "abuse"}, "rev": 2}),
    ("POST", "/posts/{id}/unhide", {"rev": 2}),
    ("POST", "/posts/{id}/delete", {"reason": {"code": "abuse"}, "rev": 2}),
    ("POST", "/posts/{id}/reply", {"text": "Hello", "rev": 2}),
    ("POST", "/posts/{id}/dismiss", {"reason": {"code": "no_action"}, "rev": 2}),
    ("POST", "/posts/{id}/flag", {"to": "comms", "reason": {"code": "abuse"}, "rev": 2}),
    ("POST", "/posts/{id}/note", {"text": "Hello"}),
]


def test_another_teams_post_is_not_found_on_any_route_and_each_refusal_is_sealed(stack, tmp_path):
    local = stack.desk("local")
    own = {a["id"] for a in local.get("/accounts")["accounts"]}
    foreign = next(
        a
        for a in stack.desk("comms").get("/accounts")["accounts"]
        if a["platform"] == "facebook" and a["id"] not in own
    )
    post = arrived(stack, stack.say("facebook", f"Hello {time.time()}", account=foreign), account=foreign)
    for method, path, body in ROUTES:
        address = path.format(id=post["id"])
        answer = local.try_get(address) if method == "GET" else local.try_post(address, body)
        assert answer.status_code == 404, (method, path, answer.text)
    me = local.get("/me")["person"]["id"]

    def refusals():
        return len([r for r in stack.sealed(tmp_path) if r["type"] == "denied" and r["actor"].get("sub") == me]) >= len(
            ROUTES
        )

    until(refusals, "the refusals in the sealed log", seconds=90, every=1)


def workers(cloud_pid):
    """Return the process ids of the embedded cloud's Lambda workers."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == cloud_pid:
                found.append(int(entry.name))
    return found


def test_killed_workers_lose_and_double_nothing(stack, tmp_path):
    """`kill -9` of the workers again and again, in the middle of 200 webhooks; what was not taken is sent again."""
    natives = [f"storm_{time.time_ns()}_{n}" for n in range(200)]
    account = stack.account("facebook")
    bodies = [stack.comment_webhook(n, f"Message number {i}", account=account) for i, n in enumerate(natives)]
    killed = 0
    with ThreadPoolExecutor(4) as senders:
        sent = [senders.submit(until, partial(_taken, stack, raw), "the webhook taken", seconds=300) for raw in bodies]
        for _ in range(8):
            time.sleep(1.0)
            killed += kill_workers(stack.stack.cloud.child.pid)
        for one in sent:
            one.result()
    assert killed
    # The office is asked nothing meanwhile: its workers were killed too, and on a busy machine they come back last.
    pseudonyms = Pseudonyms(stack.pseudonym_key())
    wanted = {pseudonyms.post(account["id"], native) for native in natives}

    def all_sealed():
        first = [r["obj"]["key"] for r in stack.sealed(tmp_path) if r["type"] == "ingest" and r["obj"]["rev"] == 1]
        assert len(first) == len(set(first)), "a post has two first records"
        return wanted <= set(first)

    # What a killed worker held comes back after the queue's visibility time, a minute.
    until(all_sealed, "200 posts sealed", seconds=300, every=2)
    for native in natives[::20]:
        assert arrived(stack, native, account=account)["rev"] == 2
    assert verify(tmp_path).failures == []


def kill_workers(cloud_pid):
    """Kill every Lambda worker of the embedded cloud, never the cloud; return how many there were."""
    killed = 0
    for pid in workers(cloud_pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def _taken(stack, raw):
    """Send until it is taken: a platform does not give up on a failure either."""
    try:
        return stack.webhook("facebook", raw).status_code == 200
    except requests.RequestException:
        return False


def test_refused_webhooks_leave_a_count_and_nothing_else(stack, refused, tmp_path):
    assert refused == {"bad_signature": 401, "too_large": 413}
    assert (
        stack.desk("comms").try_get(f"/posts/{post_id(stack.account('facebook')['id'], 'refused_1')}").status_code
        == 404
    )
    wanted = {f"webhook:facebook:{code}" for code in refused}

    def counted():
        leaves = [r["tally"] for r in stack.sealed(tmp_path) if r["type"] == "refused"]
        return wanted <= {tally["source"] for tally in leaves if tally["n"]}

    until(counted, "the refusals counted in the log", seconds=240, every=1)
