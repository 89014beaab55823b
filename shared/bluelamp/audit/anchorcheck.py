"""Anchors found beside a log, checked: what somebody outside the force vouches for, and up to which record.

A file that lies about what it is, a token over other bytes or a signature that does not hold, is a failure whether or
not anybody is trusted. One that is sound and whose author nobody named is said to be there, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.audit import cosign, layout, timestamps
from bluelamp.audit.cosign import CosignatureError, WitnessKey
from bluelamp.audit.note import Checkpoint, Note, NoteError
from bluelamp.audit.story import Finding
from bluelamp.audit.timestamps import TimestampError
from bluelamp.times import iso

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from bluelamp.audit.logcheck import LogCheck
    from bluelamp.audit.partcheck import PartCheck

TIMESTAMPS, COSIGNATURES = layout.TIMESTAMPS, layout.COSIGNATURES


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the reader trusts: certificates of timestamp authorities, and keys of witnesses."""

    certificates: Sequence[Certificate] = ()
    witnesses: Sequence[WitnessKey] = ()

    @classmethod
    def read(cls, certificates: Sequence[bytes], witnesses: Sequence[str]) -> Trust:
        """Read what somebody gave: the contents of files of certificates (PEM or DER), and vkeys of witnesses.

        Raises
        ------
        MalformedTokenError
            When a file holds no certificate.
        NoteError
            When a vkey cannot be read, or is not a witness's.
        """
        loaded = [one for raw in certificates for one in timestamps.load_certificates(raw)]
        return cls(loaded, [WitnessKey.parse(vkey) for vkey in witnesses])


@dataclass(frozen=True, slots=True)
class Anchor:
    """Somebody trusted vouches for the first `size` records of a year's log.

    `by` and `at` are empty for a checkpoint that the reader brought along.
    """

    year: int
    size: int
    by: str = ""
    at: datetime | None = None
    place: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        at = iso(self.at) if self.at else None
        return {"year": self.year, "size": self.size, "by": self.by, "at": at, "place": self.place}


@dataclass(slots=True)
class AnchorCheck:
    """Checks anchors one by one and keeps what was found.

    Attributes
    ----------
    anchors
        Those that count.
    uncounted
        How many are sound by themselves and not counted, by who made them.
    """

    trust: Trust = field(default_factory=Trust)
    anchors: list[Anchor] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)
    uncounted: dict[tuple[str, str], int] = field(default_factory=dict)

    def check_log(self, check: LogCheck | PartCheck) -> None:
        """Check the anchors that lie beside one year's log, once its records are checked."""
        for name in check.anchor_names:
            year, size, kind = layout.anchor_of(name) or (0, 0, "")
            if size > check.log.size:
                end = f"the archive ends at record {check.log.size - 1}"
                check.fail("cut", name, f"vouches for {size} records, and {end}: its tail is missing")
                continue
            raw = check.read(name)
            checkpoint = check.read(layout.checkpoint_key(year, size))
            if checkpoint is None:
                check.fail("anchor", name, "vouches for a checkpoint that is not here")
            elif raw is not None and _root(checkpoint) == check.root_at(size):
                self.check(name, kind, raw, checkpoint, year=year, size=size)

    def check(self, place: str, kind: str, raw: bytes, checkpoint: bytes, *, year: int, size: int) -> None:
        """Check one anchor.

        Parameters
        ----------
        place
            Its name, for findings; a cosignature's last part names the witness and its key.
        kind
            ``timestamps`` or ``cosignatures``.
        checkpoint
            The exact bytes of the checkpoint over `size` records that it is over. Its signature is checked elsewhere.
        """
        try:
            anchor = (
                self._timestamp(place, raw, checkpoint, year=year, size=size)
                if kind == TIMESTAMPS
                else self._cosignature(place, raw, checkpoint, year=year, size=size)
            )
        except (TimestampError, CosignatureError) as error:
            self.failures.append(Finding(error.code, place, str(error)))
            return
        if anchor is not None:
            self.anchors.append(anchor)

    def remarks(self) -> list[Finding]:
        """Return, for each author that was not named, what of it is there and not counted."""
        option = {TIMESTAMPS: "its certificate with --tsa-cert", COSIGNATURES: "its key with --witness-key"}
        return [
            Finding("uncounted", kind, f"{number} by {by}, sound by themselves and not counted: name {option[kind]}")
            for (kind, by), number in sorted(self.uncounted.items())
        ]

    def _timestamp(self, place: str, raw: bytes, checkpoint: bytes, *, year: int, size: int) -> Anchor | None:
        token = timestamps.read(raw)
        stamp = token.check(checkpoint)
        if not self.trust.certificates:
            self._uncount(TIMESTAMPS, f"{stamp.authority} (certificate sha256:{stamp.certificate})")
            return None
        token.check_authority(self.trust.certificates)
        return Anchor(year, size, stamp.authority, stamp.at, place)

    def _cosignature(self, place: str, raw: bytes, checkpoint: bytes, *, year: int, size: int) -> Anchor | None:
        found = cosign.read(checkpoint, raw)
        if len(found) != 1 or str(found[0]).encode() != raw or place.rpartition("/")[2] != found[0].file_name:
            raise cosign.MalformedCosignatureError("the file is not the one cosignature that its name says")
        (cosignature,) = found
        key = next((key for key in self.trust.witnesses if cosignature.is_by(key)), None)
        if key is None:
            self._uncount(COSIGNATURES, f"{cosignature.name} (key {cosignature.key_id.hex()})")
            return None
        cosignature.check(Note.parse(checkpoint).text, key)
        return Anchor(year, size, key.name, cosignature.at, place)

    def _uncount(self, kind: str, by: str) -> None:
        self.uncounted[kind, by] = self.uncounted.get((kind, by), 0) + 1


def _root(checkpoint: bytes) -> bytes:
    """Return the root that a checkpoint states, or nothing; what is wrong with one is told where they are checked."""
    try:
        return Checkpoint.parse(Note.parse(checkpoint).text).root
    except NoteError:
        return b""


def in_words(anchors: Sequence[Anchor], sizes: Sequence[tuple[int, int]], uncounted: int) -> str:
    """Say how far the logs are anchored, and by whom.

    Parameters
    ----------
    anchors
        Those that count.
    sizes
        Year and number of records of each log, oldest first.
    uncounted
        How many anchors are there whose author nobody named.
    """
    best = max(((a.year, a.size) for a in anchors), default=None)
    if best is None:
        hint = f"; {uncounted} anchors are there, by authors whom you have not named" if uncounted else ""
        return f"unanchored: nothing outside this archive shows that the log ends here{hint}"
    year, size = best
    these = [a for a in anchors if (a.year, a.size) == best]
    times = [a.at for a in these if a.at]
    when = f" ({iso(min(times))})" if times else ""
    names = list(dict.fromkeys(a.by for a in these if a.by))
    by = f" by {' and '.join(names)}" if names else ""
    left = dict(sizes).get(year, size) - size
    parts = [f"the {left} behind it"] if left else []
    parts += [f"all {records} of {later}" for later, records in sizes if later > year]
    behind = f", {' and '.join(parts)} unanchored" if parts else ", which is all of it"
    return f"anchored until record {size - 1} of {year}{when}{by}{behind}"
