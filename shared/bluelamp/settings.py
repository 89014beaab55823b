"""The environment, read here and nowhere else.

Each function is given only the variables that it uses, so a setting is asked for when it is needed; a missing one names
itself. The template's names are checked against `NAMES` by a contract test.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from bluelamp.errors import BluelampError

PREFIX = "BLUELAMP_"

NAMES = frozenset(
    {
        "FORCE",
        "FORCE_NAME",
        "ORIGIN",
        "PUBLIC_URL",
        "TABLE",
        "EVIDENCE_BUCKET",
        "CONTENT_BUCKET",
        "KEY_TABLE",
        "CONTENT_KEY_ID",
        "STAGING_BUCKET",
        "EXPORT_BUCKET",
        "UPLOAD_BUCKET",
        "INGEST_QUEUE_URL",
        "MODERATION_QUEUE_URL",
        "ACTION_QUEUE_URL",
        "BULK_QUEUE_URL",
        "INCIDENT_QUEUE_URL",
        "WRITE_BUDGETS",
        "LIVE_QUEUE_URL",
        "POLL_QUEUE_URL",
        "SEAL_QUEUE_URL",
        "NOTIFY_QUEUE_URL",
        "MAIL_FROM",
        "SMS",
        "TEAMS_SECRET",
        "HOOK_HOSTS",
        "HOOK_SECRET",
        "NOTICE_OUTBOX",
        "EXPORT_QUEUE_URL",
        "MEDIA_QUEUE_URL",
        "DISPOSAL_QUEUE_URL",
        "PUBLISH_QUEUE_URL",
        "MEDIA_HOSTS",
        "LINK_HOSTS",
        "SIGNING_KEY_ID",
        "PSEUDONYM_SECRET",
        "SESSION_SECRET",
        "PLATFORM_SECRET_PREFIX",
        "ACCOUNT_SECRET_PREFIX",
        "APP_SECRET_PREFIX",
        "X_CONSENT_URL",
        "FACEBOOK_CONSENT_URL",
        "S3_ENDPOINT",
        "S3_CREDENTIALS_SECRET",
        "USER_POOL_ID",
        "USER_POOL_CLIENT_ID",
        "IDENTITY_PROVIDER",
        "ISSUER",
        "JWKS_URL",
        "SIGN_IN_URL",
        "TOKEN_URL",
        "GRAPH_URL",
        "GRAPH_VERSION",
        "X_URL",
        "WEBSOCKET_ENDPOINT",
        "TSA_URL",
        "TSA_CERTIFICATE",
        "WITNESSES",
        "WITNESS_NAME",
        "WITNESS_LOGS",
        "GRANT_DAYS",
        "REPORT_ASSUMPTIONS",
        "COMMIT",
    }
)

# What a function may do without: empty on AWS, where boto3 finds endpoint and credentials by itself, or where a force
# has no such thing.
OPTIONAL = frozenset(
    {
        *("S3_ENDPOINT", "S3_CREDENTIALS_SECRET", "COMMIT", "FORCE_NAME", "TSA_URL", "TSA_CERTIFICATE", "WITNESSES"),
        *("IDENTITY_PROVIDER", "REPORT_ASSUMPTIONS", "MAIL_FROM", "SMS", "TEAMS_SECRET", "NOTICE_OUTBOX"),
        "HOOK_HOSTS",
        "LINK_HOSTS",
    }
)


class SettingMissingError(BluelampError):
    """A function asked for a setting that its environment does not hold."""

    code = "setting_missing"


class Settings:
    """Settings by name, e.g. ``settings["TABLE"]``.

    Parameters
    ----------
    env
        Where they are read from; names carry the prefix ``BLUELAMP_`` there.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def __getitem__(self, name: str) -> str:
        """Return the setting.

        Raises
        ------
        SettingMissingError
            When it is not set and nothing works without it.
        """
        if name not in NAMES:
            raise SettingMissingError(f"there is no setting {name}; bluelamp.settings lists them")
        value = self._env.get(PREFIX + name, "")
        if not value and name not in OPTIONAL:
            raise SettingMissingError(f"{PREFIX}{name} is not set; see the function's variables in template.yaml")
        return value


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings(os.environ)
