"""Keeps exact bytes for as long as they may be kept, and no longer.

Entries of one batch form a pack: one object, put once, under lock. Each entry has a key of its own, so that one can be
disposed of and the others stay. First the pack, then its keys, then the leaf that points there: whoever dies between
leaves ciphertext without a key or without a leaf, which costs its bytes and tells nobody anything.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Content
from bluelamp.cloud.s3 import ObjectContendedError, ObjectExistsError, ObjectMissingError
from bluelamp.content import crypt
from bluelamp.content.model import ContentBrokenError, ContentGoneError, Entry, Revealed
from bluelamp.content.store import KeyRecord
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.content.keys import DataKeyCache
    from bluelamp.content.store import KeyStore

# An item of DynamoDB holds 400 KB, and a wrapped key with its id takes about a hundred bytes.
MAX_ENTRIES = 2000
_PACK = re.compile(r"\d{4}/\d\d/([0-9a-f]{64})")
_PUTS = 3


@dataclass(frozen=True, slots=True)
class Packed:
    """Entries whose pack is put: what their leaves carry, and the write of their keys."""

    contents: list[Content]
    writes: list[Put]


class Vault:
    """Content under keys of its own.

    Parameters
    ----------
    bucket
        The content bucket.
    keys
        Where the wrapped keys are.
    data_keys
        What wraps them.
    clock
        The time.
    """

    def __init__(self, *, bucket: Bucket, keys: KeyStore, data_keys: DataKeyCache, clock: Clock = utc_now) -> None:
        self._bucket = bucket
        self._keys = keys
        self._data_keys = data_keys
        self._clock = clock

    def keep(self, entries: Sequence[Entry]) -> list[Content]:
        """Keep the entries as one pack: one object, one key record.

        Parameters
        ----------
        entries
            At most `MAX_ENTRIES`; without any nothing is called.

        Returns
        -------
        list of Content
            For each entry, in order, what its leaf carries.
        """
        packed = self.pack(entries)
        for write in packed.writes:
            self._keys.write(write)
        return packed.contents

    def pack(self, entries: Sequence[Entry]) -> Packed:
        """Put the pack and leave its key record to the caller, whose transaction writes it beside the leaves.

        That saves a call, and there is never a key without a leaf. Until `Packed.writes` are written, nobody can open
        what was packed.
        """
        if not entries:
            return Packed([], [])
        if len(entries) > MAX_ENTRIES:
            raise ValueError(f"a pack takes {MAX_ENTRIES} entries, these are {len(entries)}; keep them in several")
        data_key = self._data_keys.current(len(entries))
        wrapped: dict[str, bytes] = {}
        ciphers: list[bytes] = []
        for entry in entries:
            key, key_id = crypt.new_key(), secrets.token_hex(12)
            ciphers.append(crypt.seal(key, entry.body, account=entry.account, key_id=key_id))
            wrapped[key_id] = crypt.wrap(data_key.plain, key, account=entry.account, key_id=key_id)
        pack = b"".join(ciphers)
        digest = hashlib.sha256(pack).hexdigest()
        name = f"{self._clock():%Y/%m}/{digest}"
        version = self._put(name, pack)
        record = self._keys.put(digest, KeyRecord(data_key.sealed, wrapped))
        return Packed(_places(name, version, ciphers, list(wrapped)), [record])

    def _put(self, name: str, pack: bytes) -> str | None:
        for _ in range(_PUTS - 1):
            try:
                return self._bucket.put_if_absent(name, pack)
            except ObjectContendedError:
                continue
            except ObjectExistsError:
                # Its name is the digest of bytes drawn by lot: only a try of ours whose answer was lost can have put
                # it. Which version it became is then unknown; the digest in the leaf holds all the same.
                return None
        return self._bucket.put_if_absent(name, pack)

    def open(self, account: str, content: Content) -> bytes:
        """Return the exact bytes of an entry.

        Parameters
        ----------
        account
            That of the leaf, empty when it has none.
        content
            The leaf's `content`.

        Raises
        ------
        ContentGoneError
            When its key was destroyed.
        ContentBrokenError
            When what lies there is not what was sealed.
        """
        return self.reveal(account, content).plain

    def reveal(self, account: str, content: Content) -> Revealed:
        """Return an entry with all that is needed to repeat its decryption; raises as `open` does."""
        digest, key_id, offset = place_of(content)
        record = self._keys.get(digest)
        wrapped = record.keys.get(key_id) if record else None
        if record is None or wrapped is None:
            raise ContentGoneError(
                f"the key {key_id} of pack {digest[:16]}… is not in the key table: the content was disposed of, or the "
                "table was restored to an earlier time"
            )
        key = crypt.unwrap(self._data_keys.open(record.data_key), wrapped, account=account, key_id=key_id)
        cipher = self._read(content, offset)
        return Revealed(cipher=cipher, key=key, plain=crypt.unseal(key, cipher, account=account, key_id=key_id))

    def _read(self, content: Content, offset: int) -> bytes:
        name = content.pack or ""
        try:
            cipher = self._bucket.get_range(name, offset, content.length, version_id=content.version_id)
        except ObjectMissingError as error:
            raise ContentBrokenError(f"the pack {name} is not in the bucket; it was under lock") from error
        if hashlib.sha256(cipher).hexdigest() != content.sha256:
            raise ContentBrokenError(f"the bytes at {offset} of pack {name} are not those that the record names")
        return cipher

    def destroy(self, content: Content) -> bool:
        """Destroy the key of an entry, which disposes of it; False when it was gone already."""
        digest, key_id, _ = place_of(content)
        return self._keys.destroy(digest, key_id)


def _places(name: str, version: str | None, ciphers: Sequence[bytes], key_ids: Sequence[str]) -> list[Content]:
    found = []
    offset = 0
    for cipher, key_id in zip(ciphers, key_ids, strict=True):
        found.append(
            Content(
                sha256=hashlib.sha256(cipher).hexdigest(),
                length=len(cipher),
                pack=name,
                version_id=version,
                offset=offset,
                key_id=key_id,
            )
        )
        offset += len(cipher)
    return found


def place_of(content: Content) -> tuple[str, str, int]:
    """Return digest of the pack, key id and offset."""
    pack = _PACK.fullmatch(content.pack or "")
    if pack is None or content.key_id is None or content.offset is None:
        raise ContentBrokenError("the record names no pack, no place in it or no key: it points at no content")
    return pack[1], content.key_id, content.offset
