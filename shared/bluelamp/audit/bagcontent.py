"""Content in a bag: the ciphertext is the one that the record names, and the disclosed key gives the file beside it.

Cipher: a nonce of 12 bytes, then AES-256-GCM with its tag of 16. What is authenticated along: ``bluelamp/content/1``,
the account and the id of the key, a line break between them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bluelamp.audit.folder import Folder, FolderError
from bluelamp.audit.note import NoteError, decode_base64
from bluelamp.audit.story import UNREADABLE

KEYS = "data/content/keys.json"
NONCE = 12
# Pictures and videos: what media are bounded to, with room.
MAX_CONTENT = 512 * 1024 * 1024
_FILE = re.compile(r"data/content/((\d{4})-(\d{12}))/(cipher|plain(?:\.[A-Za-z0-9]{1,8})?)", re.ASCII)
_MAX_KEYS = 64 * 1024 * 1024
_TAG = b"bluelamp/content/1"

Fail = Callable[[str, str, str], None]


class ContentError(ValueError):
    """A piece of content is not what the record or the key says."""


def check_contents(
    folder: Folder, payload: Sequence[str], records: Mapping[tuple[int, int], dict[str, Any]], fail: Fail
) -> int:
    """Check all content of a bag against its proven records; return how many pieces are sound.

    Parameters
    ----------
    folder
        The bag.
    payload
        The names below ``data/``.
    records
        What each proven record says, by year and sequence.
    fail
        Takes a failure: code, place, detail.
    """
    pieces: dict[tuple[int, int], dict[str, str]] = {}
    for name in payload:
        if not name.startswith("data/content/") or name == KEYS:
            continue
        match = _FILE.fullmatch(name)
        held = pieces.setdefault((int(match[2]), int(match[3])), {}) if match else {}
        kind = match[4].partition(".")[0] if match else ""
        if match is None or kind in held:
            fail("foreign", name, "is none of the files that content has")
        else:
            held[kind] = name
    try:
        keys = _keys(folder) if KEYS in payload or pieces else {}
    except ContentError as error:
        fail("content", KEYS, str(error))
        keys = {}
    for label in sorted(keys.keys() - {f"{year:04d}-{seq:012d}" for year, seq in pieces}):
        fail("content", KEYS, f"discloses a key for {label}, whose content is not here")
    sound = 0
    for place, files in sorted(pieces.items()):
        label = f"{place[0]:04d}-{place[1]:012d}"
        try:
            _check(folder, files, records.get(place), keys.get(label))
            sound += 1
        except (ContentError, FolderError) as error:
            fail("content", f"data/content/{label}", str(error))
    return sound


def decipher(cipher: bytes, key: bytes, account: str, key_id: str) -> bytes:
    """Return the plain bytes.

    Raises
    ------
    ContentError
        When the key is not the one, or the bytes were changed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- slow import
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        bound = b"\n".join((_TAG, account.encode(), key_id.encode()))
        return AESGCM(key).decrypt(cipher[:NONCE], cipher[NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise ContentError("the disclosed key does not open the ciphertext") from error


def _check(
    folder: Folder, files: Mapping[str, str], record: Mapping[str, Any] | None, disclosed: Mapping[str, Any] | None
) -> None:
    if record is None:
        raise ContentError("no proven record of this bag names it")
    if set(files) != {"cipher", "plain"}:
        raise ContentError("ciphertext and plain file must both be there")
    if disclosed is None:
        raise ContentError(f"{KEYS} discloses no key for it")
    named = record.get("content")
    if not isinstance(named, dict):
        raise ContentError("its record names no content")
    cipher = folder.read(files["cipher"], MAX_CONTENT) or b""
    if (hashlib.sha256(cipher).hexdigest(), len(cipher)) != (named.get("sha256"), named.get("length")):
        raise ContentError("the ciphertext is not the one that the record names")
    if (disclosed["account"], disclosed["key_id"]) != (record.get("account") or "", named.get("key_id")):
        raise ContentError("the disclosed key is of another account, or has another id than the record names")
    plain = decipher(cipher, disclosed["key"], disclosed["account"], disclosed["key_id"])
    if plain != folder.read(files["plain"], MAX_CONTENT):
        raise ContentError(f"{files['plain'].rpartition('/')[2]} is not what the ciphertext holds")


def _keys(folder: Folder) -> dict[str, dict[str, Any]]:
    try:
        said = json.loads(folder.read(KEYS, _MAX_KEYS) or b"")
        keys = {}
        for label, entry in said.items():
            # A record without an account has none here either: "" as we write it, or null as the record itself has it.
            account, key_id = "" if entry["account"] is None else entry["account"], entry["key_id"]
            if (
                set(entry) != {"account", "key_id", "key"}
                or not isinstance(account, str)
                or not isinstance(key_id, str)
            ):
                raise ContentError(f"the entry of {label} is no account, key id and key")
            keys[label] = {"account": account, "key_id": key_id, "key": decode_base64(entry["key"])}
    except (*UNREADABLE, FolderError, NoteError) as error:
        raise ContentError(f"cannot be read ({error})") from error
    return keys
