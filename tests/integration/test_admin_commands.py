"""What an operator types, on the deployed stack: it takes effect, and each of it stands in the sealed log."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from bluelamp.audit.verify import verify
from bluelamp.cli import main
from bluelamp.cli.desk import Desk
from bluelamp.cloud.s3 import Bucket
from bluelamp.ids import post_id
from bluelamp.platforms.intake import envelope, stage
from tests.support.stack import until

pytestmark = pytest.mark.stack

ADDRESS = "ada.marsh@wealdshire.police.example"
TOKEN = "t0ken-of-the-new-page"


@pytest.fixture(scope="module")
def bluelamp(stack):
    def run(*words, stdin="", code=0):
        options = ("--local", "--state-dir", str(stack.stack.state.path))
        done = CliRunner().invoke(main, [*words, *options], input=stdin)
        assert done.exit_code == code, done.output
        assert TOKEN not in done.output
        return done.output

    return run


@pytest.fixture(scope="module")
def administrator(bluelamp):
    """The one who was added, as they sign in."""
    told = bluelamp("admin", "add", "--email", ADDRESS, "--name", "Ada Marsh")
    return {"username": ADDRESS, "password": re.search(r"the password is (\S+)", told)[1]}


@pytest.fixture(scope="module")
def page(bluelamp):
    """An account that was registered, with its token."""
    number = str(990_000_000_000_000 + int(time.time()) % 1_000_000)
    words = ("--native-id", number, "--name", "Ashcombe Market", "--team", "ashcombe", "--kind", "neighbourhood")
    bluelamp("account", "add", "--platform", "facebook", *words)
    bluelamp("secret", "set", f"account/facebook-{number}", stdin=json.dumps({"access_token": TOKEN}))
    return f"facebook-{number}"


def test_an_administrator_signs_in_and_is_added_once(stack, bluelamp, administrator):
    desk = Desk(stack.url, administrator).sign_in()
    assert desk.get("/me")["person"]["role"] == "admin"
    again = bluelamp("admin", "add", "--email", ADDRESS, "--name", "Ada Marsh", code=1)
    assert "is there already, as admin" in again


def test_an_account_is_there_for_its_team_with_its_token(stack, bluelamp, page):
    assert page in {account["id"] for account in stack.desk("local").get("/accounts")["accounts"]}
    assert re.search(rf"account/{page} +set ", bluelamp("secret", "list"))
    kept = stack.stack.cloud.client("secretsmanager").get_secret_value(SecretId=f"bluelamp/account/{page}")
    assert json.loads(kept["SecretString"]) == {"access_token": TOKEN}


def test_a_post_that_died_on_its_way_arrives_after_a_redrive(stack, bluelamp):
    account, native = stack.account("facebook"), f"{time.time():.0f}_redriven"
    raw, now = stack.comment_webhook(native, "Useless idiots", account=account), datetime.now(UTC)
    cloud = stack.stack.cloud
    key = stage(Bucket(cloud.client("s3"), stack.stack.outputs["StagingBucket"]), "facebook", raw, now)
    message = envelope(platform="facebook", source="webhook", key=key, raw=raw, received_at=now)
    sqs = cloud.client("sqs")
    dead = sqs.get_queue_url(QueueName="bluelamp-ingest-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody=message.text())
    assert re.search(r"^ingest +1 dead letters$", bluelamp("redrive"), flags=re.MULTILINE)
    assert "1 dead letters would be" in bluelamp("redrive", "ingest", "--dry-run")

    assert "1 dead letters were sent back to ingest" in bluelamp("redrive", "ingest")
    wanted = post_id(account["id"], native)
    until(lambda: stack.desk("comms").try_get(f"/posts/{wanted}").ok, "the redriven post")
    assert re.search(r"^ingest +0 dead letters$", bluelamp("redrive"), flags=re.MULTILINE)


def test_wakes_of_the_sealer_are_redriven_in_order(stack, bluelamp):
    sqs = stack.stack.cloud.client("sqs")
    dead = sqs.get_queue_url(QueueName="bluelamp-seal-dead.fifo")["QueueUrl"]
    for number in range(3):
        how = {"MessageGroupId": "seal", "MessageDeduplicationId": f"{time.time()}-{number}"}
        sqs.send_message(QueueUrl=dead, MessageBody='{"v":1}', **how)
    assert "3 dead letters were sent back to seal" in bluelamp("redrive", "seal")


def test_all_of_it_is_in_the_sealed_log(stack, bluelamp, administrator, page, tmp_path):
    bluelamp("redrive", "ingest", "--dry-run")

    def sealed():
        records = stack.sealed(tmp_path)
        mine = [one for one in records if one["actor"].get("role") == "operator"]
        kinds = {(one["type"], one.get("obj", {}).get("kind", "account")) for one in mine}
        return mine if {("config", "person"), ("config", "account"), ("key", "secret")} <= kinds else None

    records = until(sealed, "the operator's records sealed", seconds=90, every=1)
    assert all(one["actor"]["sub"].startswith("aws:") for one in records)
    assert page in {one.get("account") for one in records}
    assert TOKEN not in json.dumps(records)
    assert verify(tmp_path).failures == []
