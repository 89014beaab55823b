"""An export on the deployed stack: asked for, made, fetched by link, unpacked, and checked by what lies in the bag."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from urllib.parse import urlsplit

import bagit
import pytest
import requests
from click.testing import CliRunner

from bluelamp.cli import exporting, fetching
from bluelamp.cloud.files import Files
from bluelamp.exports.rules import bag_key
from bluelamp.ids import post_id
from tests.support.stack import until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def hidden(stack):
    """A post that the public wrote and an officer hid, with the outcome sealed."""
    native = stack.say("facebook", f"You are useless idiots <b>{time.time()}</b>")
    wanted = post_id(stack.account("facebook")["id"], native)
    officer = stack.desk("comms")

    def judged():
        answer = officer.try_get(f"/posts/{wanted}")
        found = answer.json()["post"] if answer.ok else None
        return found if found and found["case"]["state"] != "unjudged" else None

    post = until(judged, "the post judged", seconds=120)
    officer.post(f"/posts/{wanted}/hide", {"reason": {"code": "abuse"}, "rev": post["rev"], "undo_seconds": 0})

    def sealed():
        entries = officer.get(f"/posts/{wanted}/history")["entries"]
        return any(e["type"] == "outcome" and e["sealed"] for e in entries)

    until(sealed, "the outcome sealed", seconds=120)
    return wanted


def run(command, **how):
    return subprocess.run(command, capture_output=True, text=True, check=False, **how)  # noqa: S603 -- our own verifier


def test_a_hidden_post_is_exported_fetched_and_checked_offline(stack, hidden, tmp_path):
    local = tmp_path / "local.json"
    local.write_text(json.dumps(stack.local), encoding="utf-8")
    options = ["--post", hidden, "--ref", "WP/2026/7", "--purpose", "prosecution", "--local", str(local), "--json"]
    told = CliRunner().invoke(exporting.export, [*options, str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert said["report"]["verdict"] == "OK"
    assert said["figures"]["posts"] == 1
    assert said["figures"]["contents"] >= 1
    root = tmp_path / "out" / f"bluelamp-export-{said['export']}"
    assert bagit.Bag(str(root)).validate()
    case = json.loads((root / "data/case.json").read_text(encoding="utf-8"))
    types = [record["type"] for record in case["posts"][0]["records"]]
    assert {"ingest", "classify", "intent", "outcome"} <= set(types)
    assert "<b>" not in (root / "data/report.html").read_text(encoding="utf-8")
    # The verifier of the bag, without anything of ours on the path.
    verifier = [sys.executable, "-I", str(root / "data/verify.pyz"), str(root)]
    assert run(verifier, cwd=tmp_path).returncode == 0
    record = next((root / "data/records").rglob("*.json"))
    body = bytearray(record.read_bytes())
    body[len(body) // 2] ^= 1
    record.write_bytes(bytes(body))
    flipped = run(verifier, cwd=tmp_path)
    assert flipped.returncode == 1
    assert "FAIL" in flipped.stdout
    # Run again, the command goes on with the same export, and mends what was changed here.
    again = json.loads(CliRunner().invoke(exporting.export, [*options, str(tmp_path / "out")]).stdout)
    assert (again["export"], again["report"]["verdict"]) == (said["export"], "OK")
    # The request, the making and the link stand in the log.
    verbs = [r["op"]["verb"] for r in stack.sealed(tmp_path / "log") if r.get("correlation") == said["export"]]
    assert verbs[:2] == ["request", "build"]
    assert "link" in verbs


def test_a_link_ends_and_cannot_be_stretched(stack, hidden, tmp_path):
    auditor = stack.desk("auditor")
    body = {"scope": {"kind": "posts", "posts": [hidden]}, "purpose": "audit", "ref": "WP/2026/8"}
    made = auditor.post("/exports", body)
    fetching.wait(auditor, made["id"], lambda *_: None, patience=120)
    url = auditor.post(f"/exports/{made['id']}/link")["url"]
    assert urlsplit(url).hostname == "127.0.0.1"
    assert requests.get(url, timeout=30).status_code == 200
    assert requests.get(url.split("?")[0], timeout=30).status_code == 403
    longer = url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000")
    assert longer != url
    assert requests.get(longer, timeout=30).status_code == 403
    # One that was made for a second, and came to its end.
    files = Files(stack.stack.cloud.client("s3"), stack.stack.outputs["ExportBucket"])
    short = files.link(bag_key(made["id"]), seconds=1, name="bag.zip")
    time.sleep(2.5)
    with pytest.raises(fetching.LinkExpiredError, match="has expired"):
        fetching.download(short, tmp_path / "x", 1)


def test_nobody_but_the_auditor_exports(stack, hidden):
    body = {"scope": {"kind": "posts", "posts": [hidden]}, "purpose": "audit", "ref": "WP/2026/9"}
    for role in ("comms", "local", "control", "supervisor", "admin"):
        desk = stack.desk(role)
        assert desk.try_post("/exports", body).status_code == 403, role
        assert desk.try_get("/exports").status_code == 403, role
    auditor = stack.desk("auditor")
    asked = auditor.post("/exports", body)
    listed = auditor.get("/exports")["exports"]
    assert asked["id"] in [export["id"] for export in listed]
    assert {export["scope"]["kind"] for export in listed} == {"posts"}
