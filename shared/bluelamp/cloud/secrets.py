"""Secrets Manager, with each value kept for five minutes: a rotation is seen, and a warm function does not pay."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEEP_SECONDS = 300.0


class SecretMissingError(BluelampError):
    """There is no such secret, or it holds no JSON object."""

    code = "secret_missing"


class SecretNotSavedError(BluelampError):
    """A secret's new value was not taken, or nobody can say whether it was."""

    code = "secret_not_saved"


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

    def fresh(self, name: str) -> dict[str, Any]:
        """Return the secret's object as it stands now; raises as `get`."""
        self._kept.pop(name, None)
        return self.get(name)

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """Give the secret a new version, or make it; the version before it is kept beside it by the service.

        Raises
        ------
        SecretNotSavedError
            When that failed, or its answer was lost. The value is never shown.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

        text = json.dumps(dict(value), sort_keys=True)
        try:
            try:
                self._client.put_secret_value(SecretId=name, SecretString=text)
            except self._client.exceptions.ResourceNotFoundException:
                self._client.create_secret(Name=name, SecretString=text)
        except (BotoCoreError, ClientError) as error:
            raise SecretNotSavedError(f"the secret {name} was not saved ({type(error).__name__})") from None
        finally:
            self._kept.pop(name, None)

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
