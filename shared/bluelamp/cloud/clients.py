"""boto3 clients, each made once from one session: they share what is costly to load, and the connections stay warm."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 2
READ_SECONDS = 8
ATTEMPTS = 4


@lru_cache(maxsize=1)
def _session() -> Session:
    from boto3.session import Session  # noqa: PLC0415 -- a function that calls nothing on AWS does not pay for it

    return Session()


@lru_cache(maxsize=16)
def _client(service: str, endpoint: str = "", access_key: str = "", secret_key: str = "") -> Any:
    from botocore.config import Config  # noqa: PLC0415

    options: dict[str, Any] = {
        # Requests are made by the adapters beside this, under test: checking each again costs half of a batch's CPU.
        "parameter_validation": False,
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS},
    }
    if service == "apigatewaymanagementapi":
        # One page whose line is dead must not hold up the others: it catches up by itself when it is back.
        once = {"mode": "standard", "total_max_attempts": 1}
        options |= {"read_timeout": 2, "retries": once, "max_pool_connections": 16}
    if service in {"sesv2", "sns"}:
        # An attempt whose answer was lost may have arrived: delivery itself decides whether to send again.
        options["retries"] = {"mode": "standard", "total_max_attempts": 1}
    if service == "s3":
        # Links that this client makes end when they say; those of the older signature need not.
        options["signature_version"] = "s3v4"
    if service == "s3":
        # Said outright: else links lead to the one address for all regions, which sends browsers on, and those give up.
        options["s3"] = {"addressing_style": "path" if endpoint else "virtual"}
    keys: dict[str, Any] = {}
    if access_key:
        keys = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key, "aws_session_token": None}
    make = cast("Any", _session().client)
    return make(service, endpoint_url=endpoint or None, config=Config(**options), **keys)


def dynamodb() -> DynamoDBClient:
    """Return the client of DynamoDB."""
    return cast("DynamoDBClient", _client("dynamodb"))


def sqs() -> SQSClient:
    """Return the client of SQS."""
    return cast("SQSClient", _client("sqs"))


def kms() -> KMSClient:
    """Return the client of KMS."""
    return cast("KMSClient", _client("kms"))


def secrets_manager() -> SecretsManagerClient:
    """Return the client of Secrets Manager."""
    return cast("SecretsManagerClient", _client("secretsmanager"))


def s3(endpoint: str = "", access_key: str = "", secret_key: str = "") -> S3Client:
    """Return a client of S3: AWS's own, or another store's at `endpoint` with its own keys."""
    return cast("S3Client", _client("s3", endpoint, access_key, secret_key))


def cognito() -> CognitoIdentityProviderClient:
    """Return the client of Cognito's user pools."""
    return cast("CognitoIdentityProviderClient", _client("cognito-idp"))


def sockets(endpoint: str) -> ApiGatewayManagementApiClient:
    """Return the client that sends to the WebSockets of one API."""
    return cast("ApiGatewayManagementApiClient", _client("apigatewaymanagementapi", endpoint))


def mail() -> Any:
    """Return the client of SES."""
    return _client("sesv2")


def phones() -> Any:
    """Return the client of SNS."""
    return _client("sns")
