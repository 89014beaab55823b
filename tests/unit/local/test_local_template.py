import json

import pytest

from bluelamp.cli.local.paths import ROOT
from bluelamp.cli.local.template import Template
from bluelamp.cli.local.weed import RIGHTS


@pytest.fixture(scope="module")
def template():
    return Template(ROOT)


def test_evidence_and_content_are_locked_and_staging_is_not(template):
    buckets = template.locked_buckets()
    assert set(buckets) == {"EvidenceBucket", "ContentBucket"}
    assert all(bucket.lock.mode == "GOVERNANCE" and bucket.lock.days >= 1 for bucket in buckets.values())


def test_the_policy_denies_everybody_deleting_and_weakening(template):
    policy = json.loads(template.locked_buckets()["EvidenceBucket"].policy("evidence"))
    denied = {(action, one["Resource"]) for one in policy["Statement"] for action in [*one["Action"]]}
    assert {"Deny"} == {one["Effect"] for one in policy["Statement"]}
    assert {"*"} == {one["Principal"] for one in policy["Statement"]}
    assert ("s3:DeleteObjectVersion", "arn:aws:s3:::evidence/*") in denied
    assert ("s3:BypassGovernanceRetention", "arn:aws:s3:::evidence/*") in denied
    assert ("s3:PutBucketVersioning", "arn:aws:s3:::evidence") in denied
    assert "{bucket-arn}" not in json.dumps(policy)


def test_each_function_has_what_its_role_grants_and_the_store_knows_every_right(template):
    grants = template.s3_grants()
    assert "s3:PutObject" in grants["seal"]["EvidenceBucket"]
    assert "s3:PutObject" not in grants["api"]["EvidenceBucket"]
    actions = {action for granted in grants.values() for some in granted.values() for action in some}
    assert actions <= RIGHTS.keys()
    assert not any("Bypass" in action or "Delete" in action for action in actions)


def test_the_page_has_the_edges_headers(template):
    headers = template.page_headers("http://127.0.0.1:4566")
    assert "default-src" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "\n" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
