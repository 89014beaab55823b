"""The proof, at every start, that the buckets under lock refuse to let go of what was put in them.

A small object is put under lock, then everything is tried that could delete it, shorten its lock or weaken the bucket,
with the keys of every identity that exists and with none at all. What counts is not the answers but what is left:
the object's version, its bytes, its retention, and the bucket's versioning, lock and policy.
"""

from __future__ import annotations

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.cli.local.errors import EvidenceUnsafeError
from bluelamp.cli.local.state import CLEAN

if TYPE_CHECKING:
    from bluelamp.cli.local.weed import EvidenceStore

BODY = b"Bluelamp tries at every start to delete this object, and must not be able to.\n"
PREFIX = "probe/"


@dataclass(frozen=True)
class Proof:
    """What was tried and withstood."""

    bucket: str
    key: str
    attempts: int
    identities: int
    retain_until: datetime


def prove(
    store: EvidenceStore, bucket: str, identities: Sequence[str], *, writer: str, reader: str | None = None
) -> Proof:
    """Try to delete and to weaken, and return what was withstood.

    Parameters
    ----------
    store
        The evidence store.
    bucket
        The bucket, of evidence or of content.
    identities
        Everybody with keys; somebody without any is tried besides.
    writer
        The identity with whose keys the probe is put.
    reader
        The identity with whose keys it is looked at, where the writer may not.

    Raises
    ------
    EvidenceUnsafeError
        When anything was deleted or weakened, or nothing could be put under lock in the first place.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - see ministack.client

    key = f"{PREFIX}{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"
    client = store.client(reader or writer)
    try:
        put = store.client(writer).put_object
        version = put(Bucket=bucket, Key=key, Body=BODY, IfNoneMatch="*", ChecksumAlgorithm="SHA256")["VersionId"]
        before = _standing(client, bucket, key, version)
    except (ClientError, KeyError) as error:
        raise _unsafe(f"a probe could not be put under lock in {bucket}: {error}") from error

    def look(otherwise: str) -> None:
        try:
            after = _standing(client, bucket, key, version)
        except (ClientError, KeyError) as error:
            raise _unsafe(f"{otherwise}: {error}") from error
        if not after.at_least(before):
            raise _unsafe(otherwise)

    attempts = 0
    people: list[str | None] = [*identities, None]
    for identity in people:
        for name, attempt in _attempts(store.client(identity), bucket, key, version):
            attempts += 1
            with contextlib.suppress(ClientError):
                attempt()
                # Not refused: perhaps it did nothing, which a look decides.
                look(f"{bucket} let {identity or 'anybody'} {name}")
        # What was refused may have been done all the same.
        look(f"{bucket} let {identity or 'anybody'} do what it had refused")
    if _reachable_without_keys(f"{store.filer_url}/buckets/{bucket}/{key}"):
        raise _unsafe("the evidence store can be reached beside its S3 interface, where no lock holds")
    return Proof(bucket=bucket, key=key, attempts=attempts, identities=len(people), retain_until=before.retain_until)


@dataclass(frozen=True)
class _Standing:
    """All that keeps one version where it is."""

    body: bytes
    retain_until: datetime
    versioning: str
    locked: bool

    def at_least(self, before: _Standing) -> bool:
        """Return whether nothing is weaker than it was."""
        return (
            self.body == before.body
            and self.retain_until >= before.retain_until
            and self.versioning == "Enabled"
            and self.locked
        )


def _standing(client: Any, bucket: str, key: str, version: str) -> _Standing:
    found = client.get_object(Bucket=bucket, Key=key, VersionId=version)
    return _Standing(
        body=found["Body"].read(),
        retain_until=found["ObjectLockRetainUntilDate"],
        versioning=client.get_bucket_versioning(Bucket=bucket).get("Status", "off"),
        locked=found["ObjectLockMode"] in {"GOVERNANCE", "COMPLIANCE"},
    )


def _attempts(client: Any, bucket: str, key: str, version: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield each way to lose evidence, with the words for it."""
    one = {"Bucket": bucket, "Key": key}
    batch = {"Objects": [{"Key": key, "VersionId": version}]}
    soon = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(seconds=2)}
    expire = {
        "Rules": [
            {
                "ID": "all",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            }
        ]
    }
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    allow_all = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    yield "delete a version", lambda: client.delete_object(**one, VersionId=version)
    yield (
        "delete a version by the governance bypass",
        lambda: client.delete_object(**one, VersionId=version, BypassGovernanceRetention=True),
    )
    yield "delete in a batch", lambda: client.delete_objects(Bucket=bucket, Delete=batch)
    yield (
        "delete in a batch by the governance bypass",
        lambda: client.delete_objects(Bucket=bucket, Delete=batch, BypassGovernanceRetention=True),
    )
    yield "shorten a lock", lambda: client.put_object_retention(**one, VersionId=version, Retention=soon)
    yield (
        "shorten a lock by the governance bypass",
        lambda: client.put_object_retention(**one, VersionId=version, Retention=soon, BypassGovernanceRetention=True),
    )
    yield (
        "suspend versioning",
        lambda: client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}),
    )
    yield (
        "take the bucket's lock off",
        lambda: client.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        ),
    )
    yield (
        "let objects expire",
        lambda: client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=expire),
    )
    yield "replace the bucket's policy", lambda: client.put_bucket_policy(Bucket=bucket, Policy=allow_all)
    yield "delete the bucket's policy", lambda: client.delete_bucket_policy(Bucket=bucket)
    yield "delete the bucket", lambda: client.delete_bucket(Bucket=bucket)


def _reachable_without_keys(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return True
    except OSError:
        return False


def _unsafe(what: str) -> EvidenceUnsafeError:
    return EvidenceUnsafeError(f"the evidence is not safe: {what}", way_out=f"nothing was started on it; {CLEAN}")
