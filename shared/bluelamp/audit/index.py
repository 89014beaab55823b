"""Finding records in a pulled archive: an index beside it, in SQLite, made from the records and from nothing else.

It is grown commit by commit and can be stopped at any time; a commit whose file has changed is read again, and an index
of another version, or a damaged one, is made anew. The index proves nothing: what is found is read from the archive
itself, which `verify` checks. Words of the public stand in no record; they are searched in a bag (`bagsearch`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bluelamp.audit import commits, layout
from bluelamp.audit.commits import Commit, UnreadableArchiveError
from bluelamp.audit.story import UNREADABLE

INDEX = "index.sqlite"
VERSION = 1
_TOGETHER = 20_000
# Of a query: the column that must equal it, or the expression that it is put into.
_TESTS = {
    "author": "author = ?",
    "account": "account = ?",
    "officer": "officer = ?",
    "type": "type = ?",
    "object": "object = ?",
    "id": "id = ?",
    "rule": "instr(rules, ' ' || ? || ' ') > 0",
    "since": "at >= ?",
    "until": "at <= ?",
}
SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE bundle (
  year INTEGER, start INTEGER, end INTEGER, size INTEGER, changed INTEGER, PRIMARY KEY (year, start)
);
CREATE TABLE record (
  year INTEGER, seq INTEGER, start INTEGER, end INTEGER, id TEXT, at TEXT, type TEXT, account TEXT, author TEXT,
  officer TEXT, object TEXT, rules TEXT, PRIMARY KEY (year, seq)
) WITHOUT ROWID;
CREATE INDEX by_id ON record (id);
CREATE INDEX by_author ON record (author) WHERE author IS NOT NULL;
CREATE INDEX by_object ON record (object) WHERE object IS NOT NULL;
CREATE INDEX by_officer ON record (officer, at) WHERE officer IS NOT NULL;
"""

Progress = Callable[[int, int], None]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is None may be anything.

    `author` is a pseudonym (64 hex digits), `object` the key of a post or thing, `officer` the id of a person, `since`
    and `until` are times as `times.iso` writes them, and mean the record's own time.
    """

    author: str | None = None
    account: str | None = None
    officer: str | None = None
    type: str | None = None
    object: str | None = None
    id: str | None = None
    rule: str | None = None
    since: str | None = None
    until: str | None = None

    def where(self) -> tuple[str, list[str]]:
        """Return the condition in SQL, and its values."""
        given = {name: value for name in _TESTS if (value := getattr(self, name)) is not None}
        return " AND ".join(_TESTS[name] for name in given) or "1", list(given.values())


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: where it stands in the log, and its exact bytes."""

    year: int
    seq: int
    body: bytes

    @property
    def record(self) -> dict[str, Any]:
        """What it says."""
        said: dict[str, Any] = json.loads(self.body)
        return said


class Index:
    """The index of one archive, brought up to date when it is opened.

    Parameters
    ----------
    directory
        The archive.
    progress
        Told how many commits were read, and of how many.

    Raises
    ------
    UnreadableArchiveError
        When the folder holds no archive that can be read, or no index can be written there.
    """

    def __init__(self, directory: Path, progress: Progress = lambda *_: None) -> None:
        self._directory = directory
        self._opened: tuple[tuple[int, int, int], tuple[bytes, ...]] | None = None
        path = directory / INDEX
        try:
            try:
                self._bring(_opened(path), progress)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # none, or a damaged one: all that is in it can be had again
                self._bring(_made(path), progress)
        except sqlite3.Error as error:
            text = f"{path} cannot be used, or somebody else uses it: {error}; take it away if this comes again"
            raise UnreadableArchiveError(text) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index's file."""
        self._database.close()

    def count(self, query: Query) -> int:
        """Return how many records there are."""
        where, values = query.where()
        found = self._database.execute(f"SELECT count(*) FROM record WHERE {where}", values)  # noqa: S608 -- ours
        return int(found.fetchone()[0])

    def search(self, query: Query, limit: int = -1) -> Iterator[Hit]:
        """Yield the records in the order of the log, at most `limit`.

        Raises
        ------
        UnreadableArchiveError
            When the archive was changed under the index.
        """
        for year, seq, start, end in _found(self._database, query, limit):
            yield Hit(year, seq, self._bodies((year, start, end))[seq - start])

    def places(self, query: Query) -> list[tuple[int, int]]:
        """Return year and sequence of the records, in the order of the log."""
        return [(year, seq) for year, seq, _, _ in _found(self._database, query, -1)]

    def _bodies(self, bundle: tuple[int, int, int]) -> tuple[bytes, ...]:
        if self._opened is None or self._opened[0] != bundle:
            self._opened = (bundle, commits.read(self._directory, bundle).bodies)
        return self._opened[1]

    def _bring(self, database: sqlite3.Connection, progress: Progress) -> None:
        """Take a database and bring it up to date."""
        self._database = database
        try:
            self._refresh(progress)
        except BaseException:
            database.close()  # or what was begun would lock out whoever goes on
            raise

    def _refresh(self, progress: Progress) -> None:
        known = {
            row[:3]: row[3:] for row in self._database.execute("SELECT year, start, end, size, changed FROM bundle")
        }
        there = {bundle: self._state(bundle) for bundle in commits.bundles(self._directory)}
        for bundle in [bundle for bundle, state in known.items() if there.get(bundle) != state]:
            self._database.execute("DELETE FROM record WHERE year = ? AND seq >= ? AND seq < ?", bundle)
            self._database.execute("DELETE FROM bundle WHERE year = ? AND start = ?", bundle[:2])
        self._database.commit()
        missing = [bundle for bundle, state in there.items() if known.get(bundle) != state]
        waiting = 0
        for number, bundle in enumerate(missing, 1):
            commit = commits.read(self._directory, bundle)
            add(self._database, rows_of(commit))
            self._database.execute("INSERT INTO bundle VALUES (?, ?, ?, ?, ?)", (*bundle, *there[bundle]))
            waiting += len(commit.bodies)
            if waiting >= _TOGETHER or number == len(missing):
                self._database.commit()
                waiting = 0
            progress(number, len(missing))

    def _state(self, bundle: tuple[int, int, int]) -> tuple[int, int]:
        state = (self._directory / layout.entries_key(*bundle)).lstat()
        return state.st_size, state.st_mtime_ns


def add(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Put rows of `row_of` into the index."""
    database.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def rows_of(commit: Commit) -> Iterator[Row]:
    """Yield the row of each record of a commit."""
    for seq, body in enumerate(commit.bodies, commit.start):
        yield row_of(commit.year, seq, commit.start, commit.end, body)


def row_of(year: int, seq: int, start: int, end: int, body: bytes) -> Row:
    """Return the row of a record; of one that cannot be read only the place."""
    try:
        record = json.loads(body)
        actor, obj = record.get("actor") or {}, record.get("obj") or {}
        rules = [record["rule"]["id"]] if record.get("rule") else []
        rules += (record.get("judgement") or {}).get("rules") or []
        officer = actor.get("sub") if actor.get("kind") == "person" else None
        named = (record.get("account"), record.get("author_key"), officer, obj.get("key"))
        said = (
            record.get("id"),
            record.get("at"),
            record.get("type"),
            *named,
            f" {' '.join(rules)} " if rules else None,
        )
    except UNREADABLE:
        return (year, seq, start, end, *(None,) * 8)
    whole = (*(value if isinstance(value, str) else None for value in said),)
    return (year, seq, start, end, *whole)


def place_of(directory: Path, name: str, progress: Progress = lambda *_: None) -> tuple[int, int]:
    """Return year and sequence of a record that is named by its id, or as ``<year>/<seq>``.

    Raises
    ------
    UnreadableArchiveError
        When there is no such record in the archive.
    """
    year, slash, seq = name.partition("/")
    if slash and name.isascii() and year.isdigit() and seq.isdigit():
        return int(year), int(seq)
    with closing(Index(directory, progress)) as index:
        found = list(index.places(Query(id=name)))
    if len(found) != 1:
        what = "names no record" if not found else f"names {len(found)} records"
        raise UnreadableArchiveError(f"{name} {what} of {directory}; give the id of a record, or <year>/<number>")
    return found[0]


def _found(database: sqlite3.Connection, query: Query, limit: int) -> Iterator[tuple[int, int, int, int]]:
    where, values = query.where()
    order = "ORDER BY year, seq LIMIT ?"
    found = f"SELECT year, seq, start, end FROM record WHERE {where} {order}"  # noqa: S608 -- `where` is ours
    yield from database.execute(found, [*values, limit])


def _opened(path: Path) -> sqlite3.Connection:
    """Return the index that is there, unless it is of another version; one that cannot be read is an error."""
    if not path.is_file() or path.is_symlink():
        return _made(path)
    database = sqlite3.connect(path)
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError:
        database.close()
        raise
    if version == VERSION:
        return database
    database.close()
    return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    for stale in (path, path.with_name(f"{path.name}-journal")):
        stale.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(SCHEMA)
    return database
