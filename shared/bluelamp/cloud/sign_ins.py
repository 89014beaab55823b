"""The sign-ins of the user pool: each proves who somebody is, and opens nothing here by itself.

Whether somebody may use the system stands in the table alone (docs/decisions/0074-the-table-decides.md).
"""

from __future__ import annotations

from typing import Any

from bluelamp.errors import BluelampError


class SignInError(BluelampError):
    """The user pool did not make a sign-in, or did not answer."""

    code = "sign_in_not_made"


class SignIns:
    """The sign-ins of a deployment.

    Parameters
    ----------
    client
        A boto3 client of Cognito's user pools.
    pool
        The pool's id.
    """

    def __init__(self, client: Any, pool: str) -> None:
        self.client = client
        self.pool = pool

    def subjects(self) -> dict[str, str]:
        """Return everybody's subject, by address."""
        found = {}
        for page in self.client.get_paginator("list_users").paginate(UserPoolId=self.pool):
            for user in page["Users"]:
                attributes = _attributes(user["Attributes"])
                found[attributes["email"]] = attributes["sub"]
        return found

    def find(self, email: str) -> str | None:
        """Return the subject of an address, or None."""
        try:
            user = self.client.admin_get_user(UserPoolId=self.pool, Username=email)
        except self.client.exceptions.UserNotFoundException:
            return None
        return _attributes(user["UserAttributes"])["sub"]

    def create(self, email: str, name: str, *, password: str = "") -> str:
        """Make a sign-in and return its subject.

        Parameters
        ----------
        password
            Set for good, and nothing is sent. Without one, Cognito sends a temporary one to the address.
        """
        # With a password of our own nothing is to be sent; the embedded Cognito would make up one that is too short.
        how = {"TemporaryPassword": password, "MessageAction": "SUPPRESS"} if password else {}
        made = self.client.admin_create_user(
            UserPoolId=self.pool,
            Username=email,
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "name", "Value": name},
            ],
            DesiredDeliveryMediums=["EMAIL"],
            **how,
        )
        if password:
            self.set_password(email, password)
        return _attributes(made["User"]["Attributes"])["sub"]

    def set_password(self, email: str, password: str) -> None:
        """Set a password for good."""
        self.client.admin_set_user_password(UserPoolId=self.pool, Username=email, Password=password, Permanent=True)

    def resend(self, email: str) -> None:
        """Have Cognito send a new temporary password; it refuses for somebody who has chosen one already."""
        self.client.admin_create_user(
            UserPoolId=self.pool, Username=email, MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]
        )

    def ensure(self, email: str, name: str) -> str:
        """Return the subject of an address, with a new sign-in where there is none.

        Raises
        ------
        SignInError
            When the pool refuses or does not answer; it says why in one word, without the address.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            return self.find(email) or self.create(email, name)
        except (ClientError, BotoCoreError) as error:
            response = getattr(error, "response", None) or {}
            code = response.get("Error", {}).get("Code") or type(error).__name__
            raise SignInError(f"the sign-in was not made ({code}): import the file again in a minute") from error


def _attributes(found: list[dict[str, str]]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in found}
