"""Lists of digests as BagIt has them (RFC 8493 section 2.1.3), read without trusting a name in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from bluelamp.audit.folder import Folder, FolderError, shown

MANIFEST = "manifest-sha256.txt"
_LINE = re.compile(r"([0-9a-f]{64})  (\S(?:.*\S)?)")
_ESCAPED = re.compile(r"%(0[Aa]|0[Dd]|25)")


def write_manifest(digests: Mapping[str, str]) -> bytes:
    """Return the list, in the order of the names."""
    return "".join(f"{digests[name]}  {_escape(name)}\n" for name in sorted(digests)).encode()


def read_manifest(raw: bytes) -> tuple[dict[str, str], list[str]]:
    """Return digests by name, and what is wrong with the list itself."""
    digests: dict[str, str] = {}
    wrong: list[str] = []
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return {}, ["is not UTF-8"]
    lines = text.split("\n")
    if lines.pop():
        wrong.append("does not end with a line break")
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        name = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), match[2]) if match else ""
        if match is None or not is_safe(name) or _escape(name) != match[2]:
            wrong.append(f"has a line {number} that is no digest, two spaces and the name of a file below the folder")
        elif name in digests:
            wrong.append(f"names {shown(name)} twice")
        else:
            digests[name] = match[1]
    return digests, wrong


def is_safe(name: str) -> bool:
    """Return whether a name stays below its folder on every system."""
    parts = name.split("/")
    return not any(part in {"", ".", ".."} for part in parts) and not re.search(
        r"[\\\x00-\x1f\x7f]|^~|^[A-Za-z]:", name
    )


def compare(
    folder: Folder, digests: Mapping[str, str], names: Iterable[str], *, limit: int
) -> Iterator[tuple[str, str]]:
    """Yield each name that is not as the list says, and what is the matter.

    Parameters
    ----------
    folder
        Where the files are.
    digests
        The list.
    names
        What lies there and should be on the list.
    limit
        The most bytes that a file may have; a larger one is not read.
    """
    for name in sorted(digests.keys() | set(names)):
        if name not in digests:
            yield name, "is not on the list of digests"
            continue
        try:
            digest = folder.digest(name, limit)
        except FolderError as error:
            yield name, str(error)
            continue
        if digest is None:
            yield name, "is on the list of digests, and is not there"
        elif digest != digests[name]:
            yield name, "has another digest than the list says: its bytes were changed"


def _escape(name: str) -> str:
    return name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
