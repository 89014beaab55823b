"""The evidence store: one SeaweedFS process whose Object Lock really refuses, on the loopback address.

Every function that reaches evidence or content has keys of its own with no more than its role in the template grants,
and the auditor has keys to read. The keeper, who makes the buckets, is an administrator for that moment only: the store
lets an administrator delete locked versions in a batch with the governance bypass, whatever the bucket's policy says,
so the keeper's rights are taken away as soon as the buckets stand (`proof` tries it with the keeper's keys too).
"""

from __future__ import annotations

import json
import secrets
import signal
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bluelamp.cli.local.errors import ChildError, StateError
from bluelamp.cli.local.ministack import REGION, answers, fetched
from bluelamp.cli.local.paths import WEED
from bluelamp.cli.local.ports import LOOPBACK
from bluelamp.cli.local.processes import Child, clean_environment
from bluelamp.cli.local.state import CLEAN, write_private

if TYPE_CHECKING:
    from pathlib import Path

    from bluelamp.cli.local.state import StateFolder
    from bluelamp.cli.local.template import LockedBucket

STOP_SIGNAL = signal.SIGTERM
# It closes its streams for 15 s before it goes, whatever one tells it.
STOP_GRACE = 20.0
RELOAD_SECONDS = 10.0
KEEPER = "keeper"
AUDITOR = "auditor"

# What the store calls the rights that IAM knows.
RIGHTS = {
    "s3:GetObject": "Read",
    "s3:GetObjectVersion": "Read",
    "s3:ListBucket": "List",
    "s3:ListBucketVersions": "List",
    "s3:PutObject": "Write",
    "s3:PutObjectRetention": "PutObjectRetention",
    "s3:GetObjectRetention": "GetObjectRetention",
    "s3:PutObjectLegalHold": "PutObjectLegalHold",
    "s3:GetObjectLegalHold": "GetObjectLegalHold",
}
AUDITOR_RIGHTS = frozenset({"s3:GetObject", "s3:ListBucket", "s3:GetObjectRetention", "s3:GetObjectLegalHold"})


class EvidenceStore:
    """The evidence store.

    Parameters
    ----------
    state
        Where it keeps objects, and where the keys to it are remembered.
    ports
        Where its parts listen.
    """

    name = "SeaweedFS"

    def __init__(self, state: StateFolder, ports: Mapping[str, int]) -> None:
        self.url = f"http://{LOOPBACK}:{ports['s3']}"
        self._master_url = f"http://{LOOPBACK}:{ports['master']}"
        self.filer_url = f"http://{LOOPBACK}:{ports['filer']}"
        self._state = state
        self._session: Any = None
        self._identities: Path = state.path / "store-keys.json"
        home = state.folder("tmp")
        self.child = Child(
            self.name,
            self._command(ports),
            env=clean_environment(home, {}),
            log=state.log / "seaweedfs.log",
            cwd=home,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        WEED.require()
        if not self._identities.exists():
            self._write_identities({}, keeper=False)
        self.child.start()
        self.child.wait_ready(self.ready, seconds=60)

    def ready(self) -> bool:
        """Return whether it answers and its master knows where objects can be put and found."""
        # Its S3 interface answers seconds before that, with internal errors.
        return answers(f"{self.url}/status") and b'"DataNodes"' in fetched(f"{self._master_url}/dir/status")

    def stop(self) -> bool:
        """Stop it; return whether it went by itself."""
        return self.child.stop(STOP_SIGNAL, grace=STOP_GRACE)

    def keys(self, identity: str) -> dict[str, str]:
        """Return the keys of an identity, the same for as long as the state folder lives."""
        kept = self._state.remembered.keys
        if identity not in kept:
            kept[identity] = {"access_key": secrets.token_hex(10).upper(), "secret_key": secrets.token_hex(20)}
        return kept[identity]

    def client(self, identity: str | None) -> Any:
        """Return a boto3 client with the keys of an identity; None is somebody without any."""
        import boto3  # noqa: PLC0415 - see ministack.client
        from botocore import UNSIGNED  # noqa: PLC0415 - likewise
        from botocore.config import Config  # noqa: PLC0415 - likewise

        options: dict[str, Any] = {
            "s3": {"addressing_style": "path"},
            "retries": {"mode": "standard", "max_attempts": 5},
        }
        keys: dict[str, str] = {}
        if identity is None:
            options["signature_version"] = UNSIGNED
        else:
            found = self.keys(identity)
            keys = {"aws_access_key_id": found["access_key"], "aws_secret_access_key": found["secret_key"]}
        if self._session is None:
            # One for all clients: it reads the description of S3, which takes longer than what is asked, once.
            self._session = boto3.session.Session()
        return self._session.client("s3", endpoint_url=self.url, region_name=REGION, config=Config(**options), **keys)

    def furnish(
        self,
        names: Mapping[str, str],
        buckets: Mapping[str, LockedBucket],
        grants: Mapping[str, Mapping[str, frozenset[str]]],
        *,
        kept: Sequence[str] = (),
    ) -> list[str]:
        """Make the buckets that are not there, lock them, and give each function its rights; return all identities.

        Parameters
        ----------
        names
            The name of each bucket, by its logical id in the template.
        buckets
            The buckets, by logical id.
        grants
            What each function may do, see `Template.s3_grants`.
        kept
            Buckets of a run before that the auditor may still read.
        """
        rights = {
            verb: {f"{RIGHTS[action]}:{names[bucket]}" for bucket, actions in granted.items() for action in actions}
            for verb, granted in grants.items()
        }
        readable = [*(names[bucket] for bucket in buckets), *kept]
        rights[AUDITOR] = {f"{RIGHTS[action]}:{name}" for name in readable for action in AUDITOR_RIGHTS}
        self._write_identities(rights, keeper=True)
        keeper = self.client(KEEPER)
        try:
            self._wait_reloaded(keeper, names, rules=True)
            for logical_id, bucket in buckets.items():
                self._make(keeper, names[logical_id], bucket)
        finally:
            self._write_identities(rights, keeper=False)
        self._wait_reloaded(keeper, names, rules=False)
        return [*sorted(rights), KEEPER]

    def _make(self, keeper: Any, name: str, bucket: LockedBucket) -> None:
        """Bring one bucket to what the template says; a lock is only ever made stricter."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - see ministack.client

        try:
            keeper.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
                raise
        retention = {"Mode": bucket.lock.mode, "Days": bucket.lock.days}
        locked = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        try:
            if _lock_of(keeper, name) != locked:
                keeper.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=locked)
            keeper.put_bucket_policy(Bucket=name, Policy=bucket.policy(name))
        except ClientError as error:
            raise StateError(
                f"the lock of bucket {name} cannot be brought to what the template says: {error}", way_out=CLEAN
            ) from error

    def _wait_reloaded(self, keeper: Any, names: Mapping[str, str], *, rules: bool) -> None:
        """Have the store read its identities again, and wait until the keeper has (or has lost) the rights."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - see ministack.client

        self.child.send(signal.SIGHUP)
        until = time.monotonic() + RELOAD_SECONDS
        while True:
            try:
                keeper.get_object_lock_configuration(Bucket=next(iter(names.values())))
                may = True
            except ClientError as error:
                may = error.response["Error"]["Code"] not in {"AccessDenied", "InvalidAccessKeyId"}
            if may is rules:
                return
            if time.monotonic() > until:
                raise ChildError("SeaweedFS did not take its new keys", way_out=f"its log is {self.child.log}")
            time.sleep(0.05)

    def _write_identities(self, rights: Mapping[str, set[str]], *, keeper: bool) -> None:
        identities = [self._identity(name, sorted(granted)) for name, granted in sorted(rights.items())]
        identities.append(self._identity(KEEPER, ["Admin"] if keeper else []))
        write_private(self._identities, {"identities": identities})
        self._state.save()

    def _identity(self, name: str, actions: list[str]) -> dict[str, Any]:
        keys = self.keys(name)
        credentials = [{"accessKey": keys["access_key"], "secretKey": keys["secret_key"]}]
        return {"name": name, "credentials": credentials, "actions": actions}

    def _command(self, ports: Mapping[str, int]) -> list[str | Path]:
        return [
            WEED.path,
            "server",
            f"-dir={self._state.folder('store')}",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            f"-master.port={ports['master']}",
            f"-master.port.grpc={ports['master_grpc']}",
            "-master.telemetry=false",
            # The master is alone: it must not wait ten seconds for others, nor look for itself at last week's port.
            "-master.electionTimeout=1s",
            "-master.resumeState=false",
            "-master.volumePreallocate=false",
            "-master.volumeSizeLimitMB=512",
            f"-volume.port={ports['volume']}",
            f"-volume.port.grpc={ports['volume_grpc']}",
            "-volume.max=100",
            "-volume.preStopSeconds=0",
            "-filer",
            f"-filer.port={ports['filer']}",
            f"-filer.port.grpc={ports['filer_grpc']}",
            # Its own HTTP interface knows no locks.
            "-filer.disableHttp",
            "-s3",
            f"-s3.port={ports['s3']}",
            f"-s3.port.grpc={ports['s3_grpc']}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.iam=false",
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            f"-s3.config={self._identities}",
        ]


def _lock_of(keeper: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = keeper.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]
