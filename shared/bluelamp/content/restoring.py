"""The key table after a restore: keys that were destroyed are destroyed again, and what nobody can read is counted.

A key table that goes back to an earlier point brings keys back whose content was disposed of since: an erasure would be
undone without anybody noticing. The log has every erasure, so they are carried out once more. Keys written after the
point are gone for good, and their content with them; the log itself needs no key, and verifies as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bluelamp.audit.leaf import Content
from bluelamp.content.model import ContentBrokenError
from bluelamp.content.vault import place_of

if TYPE_CHECKING:
    from bluelamp.content.store import KeyStore


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was found in the part of the log that was read.

    Attributes
    ----------
    erased
        Erasures that the log has.
    again
        Keys among them that had come back, and are destroyed now.
    readable, lost
        Entries whose key is there; entries that were not erased and whose key is not there: nobody can read them.
    broken
        Records whose place in the content bucket cannot be understood.
    """

    erased: int = 0
    again: int = 0
    readable: int = 0
    lost: int = 0
    broken: int = 0


def replay(records: Iterable[Mapping[str, Any]], keys: KeyStore, *, dry_run: bool = False) -> Replayed:
    """Destroy again what the log says was destroyed, and count what can still be read.

    Parameters
    ----------
    records
        The log's records, from the point of the restore on or from a little before.
    keys
        The restored key table.
    dry_run
        Only count.
    """
    kept: set[tuple[str, str]] = set()
    erased: set[tuple[str, str]] = set()
    broken = 0
    for record in records:
        if "content" not in record:
            continue
        try:
            pack, key_id, _ = place_of(Content.model_validate(record["content"]))
        except (ValidationError, ContentBrokenError):
            broken += 1
            continue
        (erased if record["type"] == "erase" else kept).add((pack, key_id))
    back = list(_there(erased, keys))
    if not dry_run:
        for pack, key_id in back:
            keys.destroy(pack, key_id)
    wanted = kept - erased
    readable = sum(1 for _ in _there(wanted, keys))
    return Replayed(len(erased), len(back), readable, len(wanted) - readable, broken)


def _there(places: Iterable[tuple[str, str]], keys: KeyStore) -> Iterator[tuple[str, str]]:
    """Yield those of the places whose key is in the table, one read a pack."""
    for pack, group in groupby(sorted(places), key=itemgetter(0)):
        record = keys.get(pack)
        yield from [place for place in group if record is not None and place[1] in record.keys]
