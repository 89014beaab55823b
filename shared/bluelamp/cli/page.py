"""Brings the built page to the edge: files under hashed names first, `index.html` last, then CloudFront is told.

Whoever has the page open, or loads it at that moment, finds what it names: a file stays for one deployment longer than
anything points at it. The names and the digest of what lies there stand in the object ``deployed``, written at the very
end, so that a run that was cut off is done again and one that would change nothing does nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bluelamp.errors import BluelampError
from bluelamp.ids import new_ulid

INDEX = "index.html"
MARKER = "deployed"
HASHED = "assets/"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
AT_ONCE = ["/", f"/{INDEX}"]
CONTENT_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


class PageError(BluelampError):
    """The page is not built, or holds what we would not know how to serve."""

    code: ClassVar[str] = "page"


@dataclass(frozen=True)
class Page:
    """The built page: its files by their names in the bucket, `index.html` last."""

    files: dict[str, bytes]
    digest: str

    @classmethod
    def built(cls, folder: Path) -> Page:
        """Read the page from the folder that it was built into.

        Raises
        ------
        PageError
            When it was not built, or holds a kind of file that has no content type here.
        """
        paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        if INDEX not in paths:
            raise PageError(f"the page is not built ({folder / INDEX} is missing): run make setup")
        odd = sorted(name for name, path in paths.items() if path.suffix not in CONTENT_TYPES)
        if odd:
            raise PageError(f"{odd[0]} has no content type; name one in bluelamp.cli.page")
        ordered = sorted(paths, key=lambda name: (name == INDEX, name))
        files = {name: paths[name].read_bytes() for name in ordered}
        total = hashlib.sha256()
        for name, body in files.items():
            total.update(f"{name} {hashlib.sha256(body).hexdigest()}\n".encode())
        return cls(files, total.hexdigest())


def publish(page: Page, *, s3: Any, bucket: str, cloudfront: Any, distribution: str) -> bool:
    """Bring the page to the bucket and have CloudFront fetch it anew; return whether anything was to be done."""
    before = _marker(s3, bucket)
    if before.get("digest") == page.digest:
        return False
    for name, body in page.files.items():
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=body,
            ContentType=CONTENT_TYPES[Path(name).suffix],
            CacheControl=FOR_EVER if name.startswith(HASHED) else ASK_FIRST,
        )
    cloudfront.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(AT_ONCE), "Items": AT_ONCE},
            "CallerReference": new_ulid(),
        },
    )
    _remove_stale(s3, bucket, {MARKER, *page.files, *before.get("files", [])})
    marker = json.dumps({"digest": page.digest, "files": sorted(page.files)})
    s3.put_object(
        Bucket=bucket, Key=MARKER, Body=marker.encode(), ContentType="application/json", CacheControl=ASK_FIRST
    )
    return True


def _marker(s3: Any, bucket: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=MARKER)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return {}
    return found


def _remove_stale(s3: Any, bucket: str, kept: set[str]) -> None:
    """Remove what neither this page nor the one before it names; the bucket keeps the versions for a month."""
    for listed in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in listed.get("Contents", []):
            if found["Key"] not in kept:
                s3.delete_object(Bucket=bucket, Key=found["Key"])
