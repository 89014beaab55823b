"""A sign-in is found or made, and a pool that refuses says why without the address."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from bluelamp.cloud.sign_ins import SignInError, SignIns

POOL = "eu-west-2_pool"
EMAIL = "ada.marsh@x.example"


@pytest.fixture
def stubbed():
    client = boto3.client(
        "cognito-idp", region_name="eu-west-2", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stub:
        yield SignIns(client, POOL), stub


def found(sub):
    return {"Username": "u", "UserAttributes": [{"Name": "sub", "Value": sub}]}


def test_a_sign_in_that_is_there_is_found(stubbed):
    sign_ins, stub = stubbed
    stub.add_response("admin_get_user", found("s-1"), {"UserPoolId": POOL, "Username": EMAIL})
    assert sign_ins.ensure(EMAIL, "Ada") == "s-1"


def test_one_that_is_not_is_made_and_the_pool_writes_to_its_owner(stubbed):
    sign_ins, stub = stubbed
    stub.add_client_error("admin_get_user", "UserNotFoundException")
    wanted = {
        "UserPoolId": POOL,
        "Username": EMAIL,
        "UserAttributes": [
            {"Name": "email", "Value": EMAIL},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Ada"},
        ],
        "DesiredDeliveryMediums": ["EMAIL"],
    }
    made = {"User": {"Attributes": [{"Name": "sub", "Value": "s-2"}]}}
    stub.add_response("admin_create_user", made, wanted)
    assert sign_ins.ensure(EMAIL, "Ada") == "s-2"


def test_a_refusal_names_its_code_and_nobody(stubbed):
    sign_ins, stub = stubbed
    stub.add_client_error("admin_get_user", "TooManyRequestsException", EMAIL)
    with pytest.raises(SignInError, match=r"\(TooManyRequestsException\)") as refusal:
        sign_ins.ensure(EMAIL, "Ada")
    assert EMAIL not in str(refusal.value)


def test_silence_is_told_too(monkeypatch, stubbed):
    sign_ins, _ = stubbed

    def silent(_):
        raise ConnectTimeoutError(endpoint_url="https://cognito.example")

    monkeypatch.setattr(sign_ins, "find", silent)
    with pytest.raises(SignInError, match="ConnectTimeoutError"):
        sign_ins.ensure(EMAIL, "Ada")
