"""A part of one log, checked: each commit that is here stands in the log that the last checkpoint signs.

The tiles that came along lead up to the signed root; the records of a commit must have the hashes that the tiles keep,
and the root at its end must be the one its own checkpoint signs. Nothing is said of what lies between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bluelamp.audit import layout
from bluelamp.audit.folder import MAX_OBJECT, Folder
from bluelamp.audit.logfiles import LogFiles
from bluelamp.audit.note import VerifierKey
from bluelamp.audit.selection import SELECTION, Matcher, Part, Selection, sealed_at
from bluelamp.audit.tilereader import TileError, TileReader
from bluelamp.audit.tree import leaf_hashes

MAX_NAMED = 20


class PartCheck(LogFiles):
    """The check of a part of one year's log; `bundles` does it.

    Parameters
    ----------
    folder, year, pinned
        As for `LogFiles`.
    selection
        What the part was chosen by.
    """

    def __init__(self, folder: Folder, year: int, pinned: Sequence[VerifierKey], selection: Selection) -> None:
        super().__init__(folder, year, pinned)
        self._filter = selection.filter
        self._part = selection.logs.get(year) or Part(0, 0, 0)
        self._tiles: TileReader | None = None
        self._proven: list[tuple[int, int]] = []
        if year not in selection.logs:
            self.fail("selection", SELECTION, f"says nothing of {year}, whose records are here")

    @property
    def expected(self) -> int:
        """How many records there should be, by the names."""
        return sum(end - start for start, end in self._bundles)

    def root_at(self, size: int) -> bytes | None:
        """Return the root over the first `size` records, where the tiles that are here give it."""
        if self._tiles is None or not 0 < size <= self.log.size:
            return None
        try:
            return self._tiles.root_at(size)
        except TileError:
            return None

    def bundles(self) -> Iterator[tuple[int, bytes]]:
        """Check the part and yield each bundle that is proven, behind the sequence of its first leaf."""
        size = max(self._checkpoints, default=0)
        last = self._opened(size)
        if size != self._part.size:
            self.fail("selection", SELECTION, f"says that the log had {self._part.size} records, the checkpoint {size}")
        if last is None:
            return
        try:
            self._tiles = TileReader(self.read, self.log.year, size, last.root)
        except TileError as error:
            self.fail("tile", error.name, str(error))
            return
        self.log.size = size
        before = 0
        for start, end in self._bundles:
            name = layout.entries_key(self.log.year, start, end)
            if start < before or not 0 < end - start <= layout.MAX_BUNDLE or end > size:
                self.fail("overlap", name, "overlaps another, or has a range that no commit of this log can have")
                continue
            before = end
            raw = self._bundle(name, start, end)
            if raw is not None:
                self._proven.append((start, end))
                self.log.records += end - start
                yield start, raw
        self._check_roots()
        self._check_tiles()
        self._check_selection()
        self.log.scope = self._scope()
        note = self._folder.read(layout.checkpoint_key(self.log.year, size))
        self.last_note = note or b""

    def _bundle(self, name: str, start: int, end: int) -> bytes | None:
        raw = self.read(name, MAX_OBJECT) or b""
        try:
            hashes = layout.bundle_hashes(raw)
        except layout.FramingError as error:
            self.fail("bundle", name, str(error))
            hashes = leaf_hashes(error.leaves)
        try:
            kept = self._tiles.hashes(start, end) if self._tiles else []
        except TileError as error:
            self.fail("tile", error.name, f"{error}; the records {start} to {end - 1} are not proven")
            return None
        changed = [n for n in range(end - start) if n >= len(hashes) or hashes[n] != kept[n]]
        for number in changed[:MAX_NAMED]:
            text = "is not what was sealed: bytes were changed"
            self.fail("record", f"{self.log.year} record {start + number}", text)
        if not changed and len(hashes) > end - start:
            self.fail("bundle", name, "holds bytes behind its records")
        return None if changed or hashes != kept else raw

    def _check_roots(self) -> None:
        """Hold every checkpoint that is here against the tiles; each ends a commit, is the last, or has an anchor."""
        ends = {end for _, end in self._bundles}
        anchored = {anchor[1] for name in self.anchor_names if (anchor := layout.anchor_of(name))}
        for size in self._checkpoints:
            name = layout.checkpoint_key(self.log.year, size)
            if size == self.log.size:
                continue
            if size not in ends | anchored:
                self.fail("checkpoint", name, "closes no bundle that is here")
            checkpoint = self._opened(size)
            if checkpoint is not None and self.root_at(size) != checkpoint.root:
                self.fail("root", name, "signs another root than the tiles give")
        for end in sorted(ends - set(self._checkpoints)):
            self.fail("checkpoint", layout.checkpoint_key(self.log.year, end), "is missing")

    def _check_tiles(self) -> None:
        for name in sorted(self.tile_names):
            _, level, number, _ = layout.parse_tile(name) or (0, 0, 0, 0)
            try:
                known = self._tiles is not None and self._tiles.name(level, number) == name
                if self._tiles is None or not known:
                    self.fail("tile", name, "is a tile that this log cannot have")
                else:
                    self._tiles.tile(level, number)
            except TileError as error:
                self.fail("tile", error.name, str(error))

    def _check_selection(self) -> None:
        """Hold what the selection says against the commits that are here."""
        part = self._part
        if not part.start <= part.end <= part.size:
            self.fail("selection", SELECTION, f"has an impossible range for {self.log.year}")
            return
        matcher = Matcher(self._filter)
        leads: list[tuple[str, str]] = []
        for place in self._proven:
            bodies = self._bodies(place)
            matcher.note(bodies)
            leads.append((layout.entries_key(self.log.year, *place), sealed_at(bodies[0])))
        for name, moment in leads:
            if not moment or not self._filter.covers(moment):
                self.fail("selection", name, f"was sealed at {moment or 'no time'}, outside of what was selected")
        if part.records is None:
            self._check_whole(part)
            return
        found: list[int] = []
        for place in self._proven:
            mine = [seq for seq, body in enumerate(self._bodies(place), place[0]) if matcher.matches(body)]
            found += mine
            if not mine:
                self.fail("selection", layout.entries_key(self.log.year, *place), "holds none of what was selected")
        different = set(found) ^ set(part.records)
        if (different or found != list(part.records)) and not self.failures:
            place_ = f"{self.log.year} record {min(different, default=0)}"
            self.fail("selection", place_, "is selected and not listed, or listed and not selected or not here")

    def _check_whole(self, part: Part) -> None:
        if self._filter.by_record:
            self.fail("selection", SELECTION, "lists no records, though it selects by record")
        at = part.start
        for start, end in self._bundles:
            if start != at:
                break
            at = end
        if at != part.end or (self._bundles and self._bundles[-1][1] != part.end):
            text = f"{part.start} to {part.end - 1} were selected, and not just these are here"
            self.fail("missing", f"{self.log.year} records {at} to {part.end - 1}", text)

    def _bodies(self, place: tuple[int, int]) -> list[bytes]:
        raw = self._folder.read(layout.entries_key(self.log.year, *place)) or b""
        return layout.unpack(raw)

    def _scope(self) -> str:
        if not self._proven:
            return f"none of the {self.log.size} records of {self.log.year}"
        spans: list[list[int]] = []
        for start, end in self._proven:
            if spans and spans[-1][1] == start:
                spans[-1][1] = end
            else:
                spans.append([start, end])
        told = ", ".join(f"{start}\N{EN DASH}{end - 1}" for start, end in spans[:MAX_NAMED])
        more = f" and {len(spans) - MAX_NAMED} more ranges" if len(spans) > MAX_NAMED else ""
        listed = self._part.records
        chosen = f"; {len(listed)} of them selected" if listed is not None else ""
        return f"records {told}{more} of {self.log.size} of {self.log.year} proven by inclusion{chosen}"
