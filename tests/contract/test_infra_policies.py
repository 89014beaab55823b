"""Nobody may do more than the work asks for, and what is kept cannot be undone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bluelamp.assets.rules import RAW
from bluelamp.assets.upload import LAPSE, LOOK_AGAIN
from bluelamp.assets.uploading import LINKS, SHOWN
from bluelamp.exports.rules import KEPT, LINK
from tests.contract.infra_template import ROOT, as_list, functions, granted, load, resources, role, statements, text

VERBS = sorted(functions())

# AWS knows sqs:SendMessage alone under this pattern; the embedded cloud asks for sqs:SendMessageBatch besides.
PATTERNS_ALLOWED = {"sqs:SendMessage*"}
# X-Ray knows no resources, and a telephone number has no ARN.
ANYWHERE_ALLOWED = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "sns:Publish"}


@pytest.mark.parametrize("verb", VERBS)
def test_actions_are_named_one_by_one(verb: str) -> None:
    actions = {action for grant in granted(verb) for action in as_list(grant["Action"])}
    assert {action for action in actions if "*" in action} <= PATTERNS_ALLOWED
    assert not any(action.startswith(("iam:", "dynamodb:Scan", "s3:Bypass")) for action in actions)
    deletes = {action for action in actions if action.startswith("s3:Delete")}
    assert deletes == ({"s3:DeleteObject"} if verb == "publish" else set())


@pytest.mark.parametrize("verb", VERBS)
def test_resources_are_named_one_by_one(verb: str) -> None:
    for grant in granted(verb):
        for resource in as_list(grant["Resource"]):
            if text(resource) == "*":
                assert set(as_list(grant["Action"])) <= ANYWHERE_ALLOWED
            else:
                assert "*:*" not in text(resource)


@pytest.mark.parametrize("verb", VERBS)
def test_a_role_is_taken_by_lambda_alone_and_has_no_managed_policy(verb: str) -> None:
    (trust,) = role(verb)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in role(verb)
    assert "Policies" not in functions()[verb]


def test_the_sealer_alone_signs_and_writes_evidence() -> None:
    def may(action: str, part: str) -> set[str]:
        return {
            verb
            for verb in VERBS
            for grant in granted(verb)
            if action in as_list(grant["Action"]) and part in text(grant["Resource"])
        }

    assert may("kms:Sign", "SigningKeyArn") == {"seal"}
    assert may("s3:PutObject", "EvidenceBucketArn") == {"seal", "anchor"}
    # The second writes what others vouched, and nothing of the log.
    (grant,) = (one for one in granted("anchor") if "s3:PutObject" in as_list(one["Action"]))
    places = [one["Fn::Sub"].removeprefix("${Data.Outputs.EvidenceBucketArn}") for one in grant["Resource"]]
    assert places == ["/*/timestamps/*", "/*/cosignatures/*"]


def test_who_keeps_content_without_reading_it_cannot_open_it() -> None:
    def may(action: str) -> set[str]:
        return {
            verb
            for verb in VERBS
            for grant in granted(verb)
            if action in as_list(grant["Action"]) and "Content" in text(grant["Resource"])
        }

    assert may("kms:GenerateDataKey") == may("s3:PutObject") == {"ingest", "keep", "act", "api", "publish", "incident"}
    assert may("kms:Decrypt") == may("s3:GetObject") == may("s3:GetObjectVersion") == {"export"}


def test_nothing_but_the_signer_is_named() -> None:
    # A name lets a role be made beforehand by somebody else; the one that needs it is named for the key's policy.
    assert [verb for verb in VERBS if "RoleName" in role(verb)] == ["seal"]
    name = {"Fn::Sub": "${AWS::StackName}-seal-${AWS::Region}"}
    assert role("seal")["RoleName"] == name
    assert load()["Resources"]["Data"]["Properties"]["Parameters"]["SealRoleName"] == name


def _denials(bucket: str) -> dict[str, dict[str, Any]]:
    policy = load("data.yaml")["Resources"][f"{bucket}Policy"]["Properties"]
    assert policy["Bucket"] == {"Ref": bucket}
    found = {one["Sid"]: one for one in statements(policy["PolicyDocument"])}
    assert all((one["Effect"], one["Principal"]) == ("Deny", "*") for one in found.values())
    return found


@pytest.mark.parametrize("bucket", ["EvidenceBucket", "ContentBucket"])
def test_the_bucket_policy_denies_all_that_would_undo(bucket: str) -> None:
    denials = _denials(bucket)
    assert denials["NothingIsOverwritten"]["Action"] == "s3:PutObject"
    assert denials["NothingIsOverwritten"]["Condition"] == {"Null": {"s3:if-none-match": "true"}}
    assert set(denials["NothingIsDeleted"]["Action"]) == {
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:BypassGovernanceRetention",
    }
    assert "Condition" not in denials["NothingIsDeleted"]
    assert set(denials["TheLockStays"]["Action"]) >= {
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketVersioning",
        "s3:PutLifecycleConfiguration",
    }
    assert "Condition" not in denials["TheLockStays"]
    days = "s3:object-lock-remaining-retention-days"
    assert denials["NoShorterLock"]["Condition"] == {"NumericLessThan": {days: {"Ref": "LockDays"}}}
    assert denials["NoEndlessLock"]["Condition"] == {"NumericGreaterThan": {days: {"Ref": "LockMaximumDays"}}}
    assert denials["OnlyOverTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert "UNSIGNED-PAYLOAD" in denials["BytesAreSigned"]["Condition"]["StringEquals"]["s3:x-amz-content-sha256"]


@pytest.mark.parametrize(("bucket", "mode"), [("EvidenceBucket", {"Ref": "LockMode"}), ("ContentBucket", "GOVERNANCE")])
def test_kept_buckets_are_versioned_and_locked(bucket: str, mode: object) -> None:
    properties = resources("AWS::S3::Bucket", "data.yaml")[bucket]["Properties"]
    assert properties["ObjectLockEnabled"] is True
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    retention = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": mode, "Days": {"Ref": "LockDays"}}


def test_staging_outlives_the_messages_that_point_into_it() -> None:
    properties = resources("AWS::S3::Bucket", "data.yaml")["StagingBucket"]["Properties"]
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 21)
    queues = resources("AWS::SQS::Queue", "data.yaml").values()
    assert max(q["Properties"].get("MessageRetentionPeriod", 0) for q in queues) < 21 * 24 * 3600
    assert "ObjectLockEnabled" not in properties
    assert "OnlyOverTls" in _denials("StagingBucket")


def test_a_bag_is_gone_after_a_week_and_its_link_after_ten_minutes() -> None:
    properties = resources("AWS::S3::Bucket", "data.yaml")["ExportBucket"]["Properties"]
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", KEPT.days)
    # What a killed worker left half sent is not paid for.
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert not {"ObjectLockEnabled", "VersioningConfiguration"} & set(properties)
    denials = _denials("ExportBucket")
    assert "OnlyOverTls" in denials
    age = denials["NoLinkThatLasts"]["Condition"]["NumericGreaterThan"]["s3:signatureAge"]
    assert age == LINK.total_seconds() * 1000


def test_exports_are_read_by_link_and_written_by_the_export_function_alone() -> None:
    def may(action: str) -> set[str]:
        return {
            verb
            for verb in VERBS
            for grant in granted(verb)
            if action in as_list(grant["Action"]) and "ExportBucketArn" in text(grant["Resource"])
        }

    assert (may("s3:GetObject"), may("s3:PutObject"), may("s3:ListBucket")) == ({"api"}, {"export"}, set())


def test_uploads_come_in_by_links_that_end_and_what_was_checked_is_written_by_the_check_alone() -> None:
    def may(action: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for verb in VERBS:
            for grant in granted(verb):
                if action in as_list(grant["Action"]) and "UploadBucketArn" in text(grant["Resource"]):
                    places = {text(one).split("/", 1)[1].rstrip('"}') for one in as_list(grant["Resource"])}
                    found.setdefault(verb, set()).update(places)
        return found

    browsers, checked = {"in/*", "films/*"}, {"pictures/*"}
    assert may("s3:PutObject") == {"api": browsers, "publish": checked}
    assert may("s3:DeleteObject") == {"publish": browsers | checked}
    assert may("s3:AbortMultipartUpload") == {"api": browsers, "publish": browsers}
    # Whoever sends an answer reads the picture that goes with it, once it was checked.
    assert may("s3:GetObject") == {"api": {"*"}, "publish": {"*"}, "act": checked}
    denials = _denials("UploadBucket")
    assert "OnlyOverTls" in denials
    age = denials["NoLinkThatLasts"]["Condition"]["NumericGreaterThan"]["s3:signatureAge"]
    assert age == max(LINKS, SHOWN).total_seconds() * 1000
    properties = resources("AWS::S3::Bucket", "data.yaml")["UploadBucket"]["Properties"]
    (cors,) = properties["CorsConfiguration"]["CorsRules"]
    assert (cors["AllowedOrigins"], cors["AllowedMethods"]) == ([{"Ref": "PublicUrl"}], ["PUT"])
    unchecked, unfinished = properties["LifecycleConfiguration"]["Rules"]
    assert (unchecked["Prefix"], unchecked["ExpirationInDays"]) == (RAW, 2)
    # What is said to have lapsed is gone, and what nobody looked at has been through all tries of the queue.
    assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": LAPSE.days}
    queue = resources("AWS::SQS::Queue", "data.yaml")["PublishQueue"]["Properties"]
    assert queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"] <= LOOK_AGAIN.total_seconds()


def _survives(resource: dict[str, Any]) -> bool:
    """Whether the resource stays when its stack goes; only a first deployment that fails takes it along."""
    return (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("name", ["data.yaml", "edge.yaml", "replica.yaml"])
def test_every_bucket_is_closed_encrypted_and_survives_its_stack(name: str) -> None:
    for bucket in resources("AWS::S3::Bucket", name).values():
        properties = bucket["Properties"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(properties["PublicAccessBlockConfiguration"]) == 4
        assert properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert _survives(bucket)


@pytest.mark.parametrize("logical", ["Table", "KeyTable"])
def test_a_table_is_encrypted_can_be_restored_and_survives_its_stack(logical: str) -> None:
    table = load("data.yaml")["Resources"][logical]
    properties = table["Properties"]
    assert _survives(table)
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    # Keys end when somebody decides so, never by themselves.
    ttl = {"AttributeName": "ttl", "Enabled": True} if logical == "Table" else None
    assert properties.get("TimeToLiveSpecification") == ttl
    assert properties["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert load()["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_the_keys_are_what_they_are_for() -> None:
    signing = load("data.yaml")["Resources"]["SigningKey"]["Properties"]
    assert (signing["KeySpec"], signing["KeyUsage"]) == ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    content = load("data.yaml")["Resources"]["ContentKey"]["Properties"]
    assert content["EnableKeyRotation"] is True
    # Symmetric, for encryption: what KMS makes when nothing else is said.
    assert not content.keys() & {"KeySpec", "KeyUsage"}


@pytest.mark.parametrize("logical", ["SigningKey", "ContentKey"])
def test_a_key_of_evidence_is_ended_by_break_glass_alone(logical: str) -> None:
    key = load("data.yaml")["Resources"][logical]
    assert _survives(key)
    denials = {one["Sid"]: one for one in statements(key["Properties"]["KeyPolicy"]) if one["Effect"] == "Deny"}
    assert all(one["Principal"] == "*" for one in denials.values())
    ending = denials["OnlyBreakGlassMayEndItOrChangeThis"]
    assert set(ending["Action"]) == {"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"}
    assert "BreakGlassRole" in text(ending["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])
    # Else KMS would not make a key whose policy its maker may not change.
    assert key["Properties"]["BypassPolicyLockoutSafetyCheck"] is True


def test_the_signing_key_signs_for_the_sealer_alone() -> None:
    policy = load("data.yaml")["Resources"]["SigningKey"]["Properties"]["KeyPolicy"]
    (signing,) = (one for one in statements(policy) if "kms:Sign" in as_list(one["Action"]))
    assert (signing["Effect"], signing["Principal"]) == ("Deny", "*")
    (condition,) = signing["Condition"].items()
    assert condition[0] == "ArnNotLike"
    assert [pattern["Fn::Sub"].split("::${AWS::AccountId}:")[1] for pattern in condition[1]["aws:PrincipalArn"]] == [
        "role/${SealRoleName}",
        "assumed-role/${SealRoleName}/*",
    ]


def test_break_glass_may_what_is_denied_to_all_others() -> None:
    policy = load("data.yaml")["Resources"]["BreakGlassPolicy"]["Properties"]["PolicyDocument"]
    allowed = {action for one in statements(policy) for action in as_list(one["Action"])}
    assert allowed >= {"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"}
    assert allowed >= {"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
    keys = text([one["Resource"] for one in statements(policy) if "kms:PutKeyPolicy" in as_list(one["Action"])])
    assert "key/${SigningKey}" in keys
    assert "key/${ContentKey}" in keys


def test_the_evidence_policy_is_changed_by_break_glass_alone_once_the_lock_is_final() -> None:
    data = load("data.yaml")
    given = data["Resources"]["EvidenceBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (conditional,) = (one["Fn::If"] for one in given if "Fn::If" in one and one["Fn::If"][0] == "Final")
    denial = conditional[1]
    assert data["Conditions"]["Final"] == {"Fn::Equals": [{"Ref": "LockMode"}, "COMPLIANCE"]}
    assert set(denial["Action"]) == {"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
    # The bucket alone: objects have no policy.
    assert text(denial["Resource"]["Fn::Sub"]).endswith("${EvidenceBucket}")
    assert "BreakGlassRole" in text(denial["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])


def test_use_of_break_glass_and_threats_to_the_key_are_reported() -> None:
    rules = resources("AWS::Events::Rule", "alarms.yaml")
    names = [name for rule in rules.values() for name in rule["Properties"]["EventPattern"]["detail"]["eventName"]]
    assert set(names) >= {"AssumeRole", "ScheduleKeyDeletion", "PutKeyPolicy", "PutBucketPolicy", "DeleteBucketPolicy"}
    watched = {name: text(rule["Properties"]["EventPattern"]) for name, rule in rules.items()}
    assert "SigningKeyArn" in watched["KeyThreatened"]
    assert "ContentKeyArn" in watched["KeyThreatened"]
    assert "DeleteTable" in watched["KeyTableThreatened"]


def test_nobody_signs_up_by_himself() -> None:
    pool = load("identity.yaml")["Resources"]["UserPool"]["Properties"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert load()["Parameters"]["SecondFactor"]["Default"] == "ON"
    client = load("identity.yaml")["Resources"]["PageClient"]["Properties"]
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False
    assert client["CallbackURLs"] == [{"Fn::Sub": "${PublicUrl}/api/auth/callback"}]


def test_every_index_that_a_policy_names_is_there() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"TableArn\}/index/([\w*-]+)", template))
    there = set(re.findall(r"IndexName: ([\w-]+)", (ROOT / "infra" / "data.yaml").read_text(encoding="utf-8")))
    assert there
    assert named - {"*"} <= there
