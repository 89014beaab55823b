"""Where the platforms' secrets lie: one object for each platform, one for each account's token.

The receiving function reads the first kind only, so nothing heavy is loaded for it here.
"""

from collections.abc import Callable
from typing import Any, Protocol

from bluelamp.cloud.secrets import SecretMissingError
from bluelamp.platforms.signatures import PlatformSecrets, secrets_from


class SecretReader(Protocol):
    """What is needed of `bluelamp.cloud.secrets.Secrets`."""

    def get(self, name: str) -> dict[str, Any]:
        """Return the secret's object."""


def platform_secrets(secrets: SecretReader, prefix: str, platform: str) -> PlatformSecrets:
    """Return what was agreed with a platform, from ``<prefix><platform>``.

    Raises
    ------
    NotFoundError
        When no such platform is received from; no secret is looked for then.
    """
    secrets_from(platform, {})
    return secrets_from(platform, secrets.get(prefix + platform))


def account_token(read: Callable[[str], dict[str, Any]], prefix: str, account_id: str) -> str:
    """Return the account's access token, from ``<prefix><account id>``.

    Parameters
    ----------
    read
        Reads a secret by its name: as it was kept, or as it stands now.

    Raises
    ------
    ReauthoriseError
        When there is no such secret or it holds no token: the account was never connected, or was disconnected.
    """
    from bluelamp.platforms.contract import ReauthoriseError  # noqa: PLC0415 -- pydantic, see above

    try:
        token = read(prefix + account_id).get("access_token")
    except SecretMissingError:
        token = None  # nobody can say more than that: neither the secret's text nor its reader's words go further
    if not isinstance(token, str) or not token:
        raise ReauthoriseError(f"{account_id} has no access token; connect the account again")
    return token
