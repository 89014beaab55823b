"""An export through the API: asked for once, waited for, fetched by link and unpacked; cut off, it goes on later.

What was asked for stands in a file beside the bag from before the request is sent, with the key that makes a repeat of
it harmless. So the same command, run again, goes on with the same export, whatever it was cut off at.
"""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import requests

from bluelamp.cli.desk import answered
from bluelamp.errors import BluelampError
from bluelamp.ids import new_ulid

NOTE = "bluelamp-export.json"
POLL_SECONDS = 1.0
PATIENCE = 20 * 60
TIMEOUT = 30
_BLOCK = 64 * 1024
_GONE = frozenset({401, 403, 404, 410})

Show = Callable[[str, int, int], None]


class ExportError(BluelampError):
    """The export could not be had; the text says at which step, and what to do."""

    code = "export"


class LinkExpiredError(ExportError):
    """The link to the bag works no longer."""

    code = "link_expired"


class Api(Protocol):
    """The part of the API's client that is needed; `desk.Desk` and `Bearer` are such."""

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """GET from the API."""

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> dict[str, Any]:
        """POST to the API; `key` makes a repeat harmless."""

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """PUT to the API."""

    def delete(self, path: str, **query: Any) -> dict[str, Any]:
        """DELETE on the API."""


class Bearer:
    """The API with an access token.

    Parameters
    ----------
    origin
        Address of the page, without a slash at the end.
    token
        A Cognito access token of somebody who may export.
    """

    def __init__(self, origin: str, token: str) -> None:
        self._api = f"{origin.rstrip('/')}/api"
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """See `Api.get`."""
        return answered(self._http.get(self._api + path, params=query, timeout=TIMEOUT))

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> dict[str, Any]:
        """See `Api.post`."""
        headers = {"Idempotency-Key": key or new_ulid()}
        return answered(self._http.post(self._api + path, json=dict(body or {}), headers=headers, timeout=TIMEOUT))

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """See `Api.put`."""
        headers = {"Idempotency-Key": new_ulid()}
        return answered(self._http.put(self._api + path, json=dict(body), headers=headers, timeout=TIMEOUT))

    def delete(self, path: str, **query: Any) -> dict[str, Any]:
        """See `Api.delete`."""
        headers = {"Idempotency-Key": new_ulid()}
        return answered(self._http.delete(self._api + path, params=query, headers=headers, timeout=TIMEOUT))


def ask(api: Api, body: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """Ask for an export, or return the one that the same command asked for before.

    Raises
    ------
    ExportError
        When the folder holds another export.
    DeskError
        When the API refuses.
    """
    directory.mkdir(parents=True, exist_ok=True)
    note = directory / NOTE
    if note.is_file():
        known = json.loads(note.read_text(encoding="utf-8"))
        if known["body"] != dict(body):
            raise ExportError(f"{directory} holds another export; name another folder, or remove {note}")
    else:
        known = {"body": dict(body), "key": new_ulid(), "id": None}
        _write(note, known)
    if known["id"] is None:
        made = api.post("/exports", known["body"], key=known["key"])
        _write(note, known | {"id": made["id"]})
        return made
    return api.get(f"/exports/{known['id']}")


def wait(api: Api, export_id: str, show: Show, *, patience: float = PATIENCE) -> dict[str, Any]:
    """Wait until the bag is made, and return the export.

    Raises
    ------
    ExportError
        When it failed, expired, or takes longer than `patience` seconds.
    """
    end = time.monotonic() + patience
    while True:
        found = api.get(f"/exports/{export_id}")
        progress = found["progress"]
        show(found["state"].capitalize(), progress["done"], progress["total"] or 0)
        match found["state"]:
            case "done":
                return found
            case "failed":
                raise ExportError(f"export {export_id} could not be made: {found['error']}")
            case "expired":
                raise ExportError(f"export {export_id} is no longer kept; remove {NOTE} and ask again")
        if time.monotonic() > end:
            raise ExportError(f"export {export_id} is not ready after {patience:.0f} s; run the same command again")
        time.sleep(POLL_SECONDS)


def fetch(api: Api, export_id: str, directory: Path, show: Show) -> Path:
    """Fetch the zip by link, going on where an earlier try stopped, and return where it lies.

    Raises
    ------
    ExportError
        When what came is not what the export says it is.
    LinkExpiredError
        When not even a fresh link works.
    """
    for fresh in (True, False):
        link = api.post(f"/exports/{export_id}/link")
        target = directory / PurePosixPath(link["name"]).name
        if target.is_file() and _digest(target) == link["sha256"]:
            return target
        part = target.with_name(target.name + ".part")
        try:
            download(link["url"], part, link["size"], show)
        except LinkExpiredError:
            if fresh:
                continue
            raise
        if _digest(part) != link["sha256"]:
            part.unlink()
            raise ExportError("what came is not the bag that the log names (its SHA-256 differs); fetch it again")
        part.replace(target)
        return target
    raise AssertionError("unreachable: the last try returns or raises")


def download(url: str, part: Path, size: int, show: Show = lambda *_: None) -> None:
    """Bring a file by link, appending to what is there already.

    Raises
    ------
    LinkExpiredError
        When the link works no longer.
    ExportError
        When the store does not answer as it should.
    """
    have = part.stat().st_size if part.is_file() else 0
    if have == size:
        return
    headers = {"Range": f"bytes={have}-"} if 0 < have < size else {}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code in _GONE:
            raise LinkExpiredError("the link to the bag has expired or was ended: ask for a new one")
        if answer.status_code not in {200, 206}:
            raise ExportError(f"the bag could not be fetched: the store answered {answer.status_code}")
        # Whoever does not know Range sends all of it again.
        mode = "ab" if answer.status_code == 206 else "wb"  # noqa: PLR2004 -- Partial Content
        have = have if mode == "ab" else 0
        with part.open(mode) as file:
            for block in answer.iter_content(_BLOCK):
                file.write(block)
                have += len(block)
                show("Fetching", have, size)


def unpack(archive: Path, directory: Path) -> Path:
    """Unpack the zip and return the bag's folder.

    Raises
    ------
    ExportError
        When it is no zip of one folder, or names something outside.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [PurePosixPath(name) for name in opened.namelist()]
            tops = {name.parts[0] for name in names if name.parts}
            if len(tops) != 1 or any(name.is_absolute() or ".." in name.parts for name in names):
                raise ExportError(f"{archive} is not the zip of one bag")
            opened.extractall(directory)
    except zipfile.BadZipFile as error:
        raise ExportError(f"{archive} is no zip: fetch it again") from error
    return directory / tops.pop()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(note: Path, known: Mapping[str, Any]) -> None:
    part = note.with_name(note.name + ".part")
    part.write_text(json.dumps(known, indent=1), encoding="utf-8")
    part.replace(note)
