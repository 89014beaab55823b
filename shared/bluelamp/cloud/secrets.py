"""Secrets Manager, with each value kept for five minutes: a rotation is seen, and a warm function does not pay."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEEP_SECONDS = 300.0


class SecretMissingError(BluelampError):
    """There is no such secret, or it holds no JSON object."""

    code = "secret_missing"


class Secrets:
    """Secrets by name, each a JSON object of strings.

    Parameters
    ----------
    client
        A boto3 Secrets Manager client.
    """

    def __init__(self, client: SecretsManagerClient) -> None:
        self._client = client
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, name: str) -> dict[str, Any]:
        """Return the secret's object.

        Raises
        ------
        SecretMissingError
            When there is none of that name, or its text is no JSON object. The text itself is never shown.
        """
        kept = self._kept.get(name)
        now = time.monotonic()
        if kept and now - kept[0] < KEEP_SECONDS:
            return kept[1]
        value = self._fetch(name)
        self._kept[name] = (now, value)
        return value

    def _fetch(self, name: str) -> dict[str, Any]:
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            text = self._client.get_secret_value(SecretId=name)["SecretString"]
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                raise SecretMissingError(f"there is no secret {name}; create it, or check the prefix") from error
            raise
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise SecretMissingError(f"the secret {name} holds no JSON object") from None
        return value
