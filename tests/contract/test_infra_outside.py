"""What stands in other organisations' accounts: the witness and the copy of evidence. And the way there from ours."""

from __future__ import annotations

from typing import Any

import pytest

from bluelamp import wiring
from bluelamp.audit.note import LocalSigner, VerifierKey
from bluelamp.cli.build import _built
from bluelamp.cloud import clients
from bluelamp.settings import NAMES, PREFIX, Settings
from tests.contract.infra_template import ROOT, as_list, load, names_in, statements


def _statements(name: str, logical: str) -> dict[str, dict[str, Any]]:
    policy = load(name)["Resources"][logical]["Properties"]
    return {one["Sid"]: one for one in statements(policy["PolicyDocument"])}


def test_evidence_is_copied_with_its_lock_and_nothing_is_deleted_there_because_it_was_here() -> None:
    bucket = load("data.yaml")["Resources"]["EvidenceBucket"]["Properties"]
    condition, replication, nothing = bucket["ReplicationConfiguration"]["Fn::If"]
    assert (condition, nothing) == ("Replicated", {"Ref": "AWS::NoValue"})
    (rule,) = replication["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["Filter"] == {"Prefix": ""}
    assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}
    assert rule["Destination"]["Account"] == {"Ref": "ReplicaAccount"}
    grants = load("data.yaml")["Resources"]["ReplicationPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    actions = {action for one in grants for action in as_list(one["Action"])}
    assert {"s3:GetObjectRetention", "s3:GetObjectLegalHold", "s3:ReplicateObject"} <= actions
    assert not any("Delete" in action or "*" in action for action in actions)
    # The alarm asks for the rule by its name.
    alarm = load("alarms.yaml")["Resources"]["ReplicationFails"]["Properties"]
    assert {"Name": "RuleId", "Value": rule["Id"]} in alarm["Dimensions"]


def test_the_copy_takes_replicas_from_one_role_and_nothing_else() -> None:
    said = _statements("replica.yaml", "ReplicaPolicy")
    allowed = [one for one in said.values() if one["Effect"] == "Allow"]
    assert allowed == [said["TheForceCopies"]]
    role = load("replica.yaml")["Parameters"]["SourceRole"]["Default"]
    made = load("data.yaml")["Resources"]["ReplicationRole"]["Properties"]["RoleName"]["Fn::Sub"]
    assert made.replace("${Prefix}", "bluelamp").replace("${AWS::Region}", "eu-west-2") == role
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ReplicateDelete"} <= set(
        said["NothingIsDeleted"]["Action"]
    )
    assert said["NothingElseIsPut"]["Action"] == "s3:PutObject"
    for name in ("NothingIsDeleted", "NothingElseIsPut", "TheLockStays"):
        assert (said[name]["Effect"], said[name]["Principal"]) == ("Deny", "*")
        assert "Condition" not in said[name]
    bucket = load("replica.yaml")["Resources"]["Replica"]["Properties"]
    assert (bucket["ObjectLockEnabled"], bucket["VersioningConfiguration"]) == (True, {"Status": "Enabled"})


def test_the_witness_may_remember_and_sign_and_nothing_else() -> None:
    (policy,) = load("witness.yaml")["Resources"]["WitnessRole"]["Properties"]["Policies"]
    granted = {action for one in statements(policy["PolicyDocument"]) for action in as_list(one["Action"])}
    assert {action for action in granted if not action.startswith("logs:")} == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "kms:Sign",
        "kms:GetPublicKey",
    }
    assert all(one["Resource"] != "*" for one in statements(policy["PolicyDocument"]))


def test_what_a_witness_cosigned_is_not_forgotten() -> None:
    table = load("witness.yaml")["Resources"]["Table"]
    assert (table["DeletionPolicy"], table["Properties"]["DeletionProtectionEnabled"]) == ("RetainExceptOnCreate", True)
    # A table that can be put back to an earlier point can be made to cosign a fork.
    assert "PointInTimeRecoverySpecification" not in table["Properties"]
    assert "TimeToLiveSpecification" not in table["Properties"]


def test_the_witness_is_told_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = load("witness.yaml")["Resources"]["WitnessFunction"]["Properties"]["Environment"]["Variables"]
    told = {name.removeprefix(PREFIX) for name in variables if name.startswith(PREFIX)}
    assert told <= NAMES
    key = VerifierKey("log.example/bluelamp/wealdshire/2026", LocalSigner(bytes(32)).public())
    asked = set()

    class Recorded(Settings):
        def __getitem__(self, name: str) -> str:
            asked.add(name)
            return f"{key},\n{key}" if name == "WITNESS_LOGS" else name.lower()

    for part in (wiring.table, wiring.witness, clients._client):
        part.cache_clear()
    monkeypatch.setattr(wiring.base, "settings", lambda: Recorded({}))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    try:
        assert wiring.witness()._logs == (key, key)
        assert asked == told
    finally:
        for part in (wiring.table, wiring.witness, clients._client):
            part.cache_clear()


def test_the_built_witness_points_at_the_archives() -> None:
    text = _built(ROOT / "infra" / "witness.yaml", "../")
    assert "CodeUri: ../witness.zip" in text
    assert {"ContentUri: ../dependencies.zip", "ContentUri: ../bluelamp.zip"} <= {
        line.strip() for line in text.splitlines()
    }
    assert names_in(load("witness.yaml"), r"\.\./functions/\w+/") == {"../functions/witness/"}
