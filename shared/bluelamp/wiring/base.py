"""What every part stands on: the table, queues, buckets, secrets and keys of the deployment."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.cloud import clients
from bluelamp.settings import settings as settings  # noqa: PLC0414 -- handed on: what a test puts here holds for all

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.secrets import Secrets
    from bluelamp.cloud.sqs import Queue, Redelivery
    from bluelamp.content.vault import Vault
    from bluelamp.cursors import Cursors, Signer
    from bluelamp.pseudonyms import Pseudonyms

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the deployment's table."""
    from bluelamp.cloud.dynamodb import Table

    return Table(clients.dynamodb(), settings()["TABLE"])


@lru_cache(maxsize=8)
def queue(name: str) -> Queue:
    """Return a queue by the name of its setting, e.g. ``ACTION``."""
    from bluelamp.cloud.sqs import Queue

    return Queue(clients.sqs(), settings()[f"{name}_QUEUE_URL"])


@lru_cache(maxsize=1)
def redelivery() -> Redelivery:
    """Return what has failed messages come again soon."""
    from bluelamp.cloud.sqs import Redelivery

    return Redelivery(clients.sqs())


@lru_cache(maxsize=1)
def secrets() -> Secrets:
    """Return the secrets."""
    from bluelamp.cloud.secrets import Secrets

    return Secrets(clients.secrets_manager())


@lru_cache(maxsize=1)
def staging() -> Bucket:
    """Return the bucket of raw webhook bodies."""
    from bluelamp.cloud.s3 import Bucket

    return Bucket(clients.s3(), settings()["STAGING_BUCKET"])


@lru_cache(maxsize=1)
def evidence() -> Bucket:
    """Return the bucket of the sealed log."""
    return locked("EVIDENCE_BUCKET")


def locked(name: str) -> Bucket:
    """Return a bucket under lock: on S3, or locally on a store with Object Lock and keys of its own."""
    from bluelamp.cloud.s3 import Bucket

    endpoint, secret = settings()["S3_ENDPOINT"], settings()["S3_CREDENTIALS_SECRET"]
    keys = secrets().get(secret) if secret else {}
    client = clients.s3(endpoint, keys.get("access_key", ""), keys.get("secret_key", ""))
    return Bucket(client, settings()[name])


@lru_cache(maxsize=1)
def vault() -> Vault:
    """Return what keeps exact bytes under keys of their own."""
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.kms import KmsDataKeys
    from bluelamp.content.keys import DataKeyCache
    from bluelamp.content.store import KeyStore
    from bluelamp.content.vault import Vault

    context = {"deployment": settings()["ORIGIN"], "purpose": "content"}
    return Vault(
        bucket=locked("CONTENT_BUCKET"),
        keys=KeyStore(Table(clients.dynamodb(), settings()["KEY_TABLE"])),
        data_keys=DataKeyCache(KmsDataKeys(clients.kms(), settings()["CONTENT_KEY_ID"], context)),
    )


@lru_cache(maxsize=1)
def pseudonyms() -> Pseudonyms:
    """Return what names posts and authors in leaves."""
    from bluelamp.pseudonyms import Pseudonyms

    return Pseudonyms(bytes.fromhex(secrets().get(settings()["PSEUDONYM_SECRET"])["key"]))


@lru_cache(maxsize=1)
def session_key() -> bytes:
    """Return the key that signs cursors, sign-ins and tickets."""
    return bytes.fromhex(secrets().get(settings()["SESSION_SECRET"])["key"])


def cursors() -> Cursors:
    """Return what makes and opens cursors."""
    from bluelamp.cursors import Cursors

    return Cursors(session_key())


def tickets() -> Signer:
    """Return what signs and opens live tickets."""
    from bluelamp.cursors import Signer

    return Signer(session_key(), "ticket")


def notify_wake() -> Callable[[], None]:
    """Return what wakes the delivery of notices; without a wake they go out within a minute."""
    from bluelamp.cloud.sqs import Nudge

    return Nudge(queue("NOTIFY"))


@lru_cache(maxsize=1)
def wake() -> Wake:
    """Return what wakes the sequencer."""
    from bluelamp.audit.wake import Wake

    return Wake(queue("SEAL"))
