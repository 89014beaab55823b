"""`bluelamp recover` as it is typed: what it says, what it does to actions, and what it refuses."""

from __future__ import annotations

import copy
import json

import pytest

from bluelamp.audit.note import VerifierKey
from bluelamp.cli import recover
from bluelamp.cli.admin.target import Target
from bluelamp.cli.recover import origin_of, parameters_of
from bluelamp.posts.model import Reason
from tests.support.world import SECRET, World, idem, principal

PARAMETERS = {"Origin": "bluelamp.example", "Force": "wealdshire"}


@pytest.fixture
def desk(deployment, monkeypatch):
    """A deployment whose table went back to before a hide was done, and whose archive has it all."""
    world = World()
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "you idiot"))
    world.judge_all()
    world.seal()
    (post,) = [item for (_, sk), item in world.table.items.items() if sk == "POST"]
    world.actions.hide(principal(), post["id"], rev=post["rev"], idem=idem(), reason=Reason(code="abuse"))
    world.seal()
    point = copy.deepcopy(world.table.items)
    for _ in range(3):
        world.act_all()
        world.seal()
    world.table.items = point
    for name in ("action", "live"):
        deployment.queue(name)
    secret = deployment.client("secretsmanager").create_secret(
        Name="pseudonyms", SecretString=json.dumps({"key": SECRET.hex()})
    )
    deployment.outputs["PseudonymSecret"] = secret["ARN"]
    deployment.table = world.table
    monkeypatch.setattr(Target, "table", world.table)
    monkeypatch.setattr(recover, "parameters_of", lambda _target: PARAMETERS)
    monkeypatch.setattr(recover, "evidence_of", lambda _target, _parameters: world.evidence)
    monkeypatch.setattr(recover, "_publics", lambda _target, _keys: [world.signer.public()])
    deployment.world = world
    return deployment


def state(desk):
    (post,) = [item for (_, sk), item in desk.table.items.items() if sk == "POST"]
    return post["state"]


def test_a_dry_run_tells_and_the_run_does(desk):
    said = desk.run("recover", "--dry-run")
    assert said.exit_code == 0, said.output
    assert "Forgotten: " in said.output
    assert "outcome 1" in said.output
    assert said.output.endswith("Nothing was written.\n")
    assert state(desk) == "hiding"
    done = desk.run("recover", "--reference", "INC-2026-17")
    assert done.exit_code == 0, done.output
    assert "1 ended as the archive says, 0 released again." in done.output
    assert state(desk) == "hidden"
    (story,) = [leaf for leaf in desk.leaves() if "restore" in leaf]
    assert story["reason"] == {"code": "table_restored", "ref": "INC-2026-17"}
    again = desk.run("recover")
    assert again.output == "The table is not behind the archive: nothing to recover.\n"


def test_json_has_it_all(desk):
    found = json.loads(desk.run("recover", "--json").output)
    assert found["needed"]
    assert found["resumed"] == {"ended": 1, "released": 0, "left": 0}
    assert found["forgotten"]["outcome"] == 1
    assert json.loads(desk.run("recover", "--json").output)["resumed"] is None


def test_actions_are_taken_up_after_a_run_that_was_cut_off(desk, monkeypatch):
    with monkeypatch.context() as cut:
        cut.setattr(recover, "_resume", lambda *_: None)
        desk.run("recover")
    assert state(desk) == "hiding"
    done = desk.run("recover", "--resume-since", "2026-11-22T11:00:00Z")
    assert done.output == "Actions under way: 1 ended as the archive says, 0 released again.\n"
    assert state(desk) == "hidden"


def test_keys_that_came_back_are_told(desk, monkeypatch):
    monkeypatch.setattr("bluelamp.cloud.dynamodb.Table", lambda _client, _name: desk.world.key_table)
    desk.outputs["KeyTableName"] = "keys"
    said = desk.run("recover", "--keys-since", "2026-11-22T00:00:00Z")
    assert said.exit_code == 0, said.output
    assert "Of 0 erasures in the log 0 had come back" in said.output
    desk.world.key_table.items.clear()
    lost = json.loads(desk.run("recover", "--keys-since", "2026-11-22T00:00:00Z", "--json").output)
    assert (lost["readable"], lost["again"]) == (0, 0)
    assert lost["lost"]


@pytest.mark.parametrize("option", ["--keys-since", "--resume-since"])
def test_a_time_that_is_none_is_named(desk, option):
    said = desk.run("recover", option, "yesterday")
    assert said.exit_code == 2
    assert "'yesterday' is no time like" in said.output


def test_an_archive_that_does_not_fit_is_one_line(desk):
    desk.world.evidence.objects = {n: b for n, b in desk.world.evidence.objects.items() if "/checkpoints/" not in n}
    said = desk.run("recover")
    assert said.exit_code == 1
    assert said.output.startswith("Error: ")
    assert "Traceback" not in said.output


def test_the_keys_that_may_have_signed(deployment, monkeypatch):
    world = World()
    world.account("1", "swindale")
    world.seal()
    other = VerifierKey("bluelamp.example/bluelamp/wealdshire/2025", bytes(range(1, 33)))
    monkeypatch.setattr(Target, "table", world.table)
    monkeypatch.setattr("bluelamp.cloud.kms.KmsSigningKey.public", lambda _self: b"k" * 32)
    deployment.outputs["SigningKeyId"] = "key"
    target = Target("bluelamp", "eu-west-2")
    assert recover._publics(target, [str(other)]) == [b"k" * 32, other.public, world.signer.public()]
    with pytest.raises(Exception, match="vkey"):
        recover._publics(target, ["no key"])


@pytest.mark.slow
def test_the_origin_is_what_the_stack_was_deployed_with(deployment):
    template = {
        "Resources": {"T": {"Type": "AWS::SNS::Topic"}},
        "Parameters": {name: {"Type": "String"} for name in PARAMETERS},
    }
    deployment.client("cloudformation").create_stack(
        StackName="bluelamp",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in PARAMETERS.items()],
    )
    found = parameters_of(Target("bluelamp", "eu-west-2"))
    assert origin_of(found) == "bluelamp.example/bluelamp/wealdshire"


def test_a_reference_in_words_is_refused_before_anything_is_done(desk):
    before = dict(desk.table.items)
    refused = desk.run("recover", "--reference", "the outage of Sunday")
    assert refused.exit_code == 2
    assert "such as INC-2026-17" in refused.output
    assert desk.table.items == before
