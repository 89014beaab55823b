"""A picture or film of this machine, sent as the page sends one: in parts to links, completed, and looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from bluelamp.errors import BluelampError, InvalidInputError

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api

TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
}
# Rounds in which no part arrived.
MOST_IDLE = 4
PART_SECONDS = 300
CHECK_SECONDS = 1.0
PATIENCE = 15 * 60

Put = Callable[[str, bytes], bool]
Told = Callable[[int, int], None]


class AttachError(BluelampError):
    """A picture or film could not be had in; the text says why."""

    code = "attach"


def put(url: str, body: bytes) -> bool:
    """Send bytes to a link, and return whether they arrived."""
    try:
        return requests.put(url, data=body, timeout=PART_SECONDS).ok
    except requests.RequestException:
        return False


def attach(
    api: Api,
    path: Path,
    *,
    told: Told = lambda *_: None,
    send: Put = put,
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Send a file and return what it was found to be.

    Parameters
    ----------
    told
        Told how many bytes are sent, and of how many.

    Raises
    ------
    InvalidInputError
        When its name is of no type that platforms take.
    AttachError
        When it cannot be sent, or is not taken.
    DeskError
        When the API refuses.
    """
    media_type = TYPES.get(path.suffix.lower())
    if media_type is None:
        raise InvalidInputError(f"{path.name} is of no type that platforms take; those end in {', '.join(TYPES)}")
    size = path.stat().st_size
    asset = api.post("/assets", {"type": media_type, "size": size})
    _send(api, path, asset, told, send=send, wait=wait)
    asset = api.post(f"/assets/{asset['id']}/complete")
    for _ in range(int(PATIENCE / CHECK_SECONDS)):
        if asset["state"] != "checking":
            break
        wait(CHECK_SECONDS)
        asset = api.get(f"/assets/{asset['id']}")
    if asset["state"] != "ready":
        raise AttachError(
            asset["problem"] or f"{path.name} was sent and not looked at yet; its number is {asset['id']}"
        )
    return asset


def _send(api: Api, path: Path, asset: dict[str, Any], told: Told, *, send: Put, wait: Callable[[float], None]) -> None:
    idle = 0
    with path.open("rb") as file:
        while parts := api.get(f"/assets/{asset['id']}/parts")["parts"]:
            arrived = 0
            for part in parts:
                begin = (part["number"] - 1) * asset["part"]
                file.seek(begin)
                if send(part["url"], file.read(part["size"])):
                    arrived += 1
                    told(begin + part["size"], asset["size"])
            idle = 0 if arrived else idle + 1
            if idle == MOST_IDLE:
                raise AttachError(f"No part of {path.name} arrives. Look at the connection, and try again.")
            if idle:
                wait(2.0 * idle)
