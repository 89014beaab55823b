"""Anchors as deployed: the function with nobody to ask, then with an `openssl ts` authority and a deployed witness.

The witness stands in a stack of its own, as it would in another account. The embedded gateway for it is left out:
its function is called with the event that the gateway would make.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime

import pytest

from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.cosign import WitnessKey
from bluelamp.audit.verify import verify
from bluelamp.cli.build import PROJECT
from bluelamp.cli.deploy import _only
from bluelamp.cli.local.ministack import ACCESS_KEY, REGION, SECRET_KEY
from tests.support.stack import until
from tests.support.tsa import Authority, serving

pytestmark = pytest.mark.stack

WITNESS = "witness.example.police.uk/w1"


def invoke(stack, name, event):
    answer = stack.stack.cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    payload = answer["Payload"].read()
    assert "FunctionError" not in answer, payload
    return json.loads(payload or b"null")


def names(stack, prefix):
    return list(stack.evidence().list(f"{datetime.now(UTC).year}/{prefix}/"))


@pytest.fixture
def witness(stack):
    """Deploy the witness for our log, and return the name of its function."""
    stack.desk("comms").get("/accounts")  # is recorded, so that there is a log
    (name,) = until(lambda: names(stack, "keys"), "the log's key")
    vkey = stack.evidence().get(name).decode().strip()
    template = PROJECT / ".build" / "local" / "infra" / "witness.yaml"
    command = [*_only(stack.stack.cloud.url, REGION, ACCESS_KEY, SECRET_KEY), "SAM_CLI_TELEMETRY=0"]
    command += [str(PROJECT / ".tools/sam/bin/sam"), "deploy", f"--template-file={template}", "--stack-name=witness"]
    command += [f"--region={REGION}", "--resolve-s3", "--no-confirm-changeset", "--no-progressbar"]
    command += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides"]
    command += [f'WitnessName="{WITNESS}"', f'WitnessLogs="{vkey}"']
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own tool
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    return "witness-witness"


def test_the_deployed_function_anchors_the_deployed_log(stack, witness, tmp_path):
    invoke(stack, "bluelamp-anchor", {})
    assert not names(stack, "timestamps")
    vkey = WitnessKey.parse(invoke(stack, witness, {"routeKey": "GET /key"})["body"].strip())
    assert vkey.name == WITNESS

    def cosign(body):
        answer = invoke(stack, witness, {"routeKey": "POST /add-checkpoint", "body": body.decode()})
        return answer["statusCode"], answer["headers"]["Content-Type"], answer["body"].encode()

    authority = Authority.make(tmp_path / "tsa")
    functions = stack.stack.cloud.client("lambda")
    before = functions.get_function_configuration(FunctionName="bluelamp-anchor")["Environment"]["Variables"]
    with (
        serving(lambda body: (200, "application/timestamp-reply", authority.reply(body))) as tsa,
        serving(cosign) as at,
    ):
        set_ = {"BLUELAMP_TSA_URL": tsa, "BLUELAMP_WITNESSES": f"{vkey} {at}"}
        functions.update_function_configuration(
            FunctionName="bluelamp-anchor", Environment={"Variables": before | set_}
        )
        try:
            invoke(stack, "bluelamp-anchor", {})
        finally:
            functions.update_function_configuration(FunctionName="bluelamp-anchor", Environment={"Variables": before})
    assert len(names(stack, "timestamps")) == len(names(stack, "cosignatures")) == 1
    stack.pull(tmp_path / "archive")
    report = verify(tmp_path / "archive", trust=Trust([authority.root], [vkey]))
    assert not report.failures
    assert {anchor.by for anchor in report.anchors} == {"Wealdshire Test TSA", WITNESS}
