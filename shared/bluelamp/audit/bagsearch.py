"""Words, in the one place where they may be looked for: the plain content of an exported bag.

A bag is small, one case, so its index is made anew in memory each time: no copy of what people wrote is left behind.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bluelamp.audit.bagcheck import record_name
from bluelamp.audit.bagcontent import MAX_CONTENT
from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.folder import Folder, FolderError
from bluelamp.audit.index import SCHEMA, Hit, Query, add, row_of
from bluelamp.audit.layout import MAX_LEAF
from bluelamp.audit.story import UNREADABLE

_RECORD = re.compile(r"data/records/(\d{4})/(\d{12})\.json", re.ASCII)
_PLAIN = re.compile(r"data/content/(\d{4})-(\d{12})/plain(?:\.(?:json|txt|html|bin))?", re.ASCII)
_WORD = re.compile(r"\w+")


def search_bag(directory: Path, query: Query, words: str | None = None, limit: int = -1) -> tuple[int, list[Hit]]:
    """Return how many records of a bag fit, and the first of them in the order of the log.

    Parameters
    ----------
    directory
        The bag.
    query
        What is looked for in the records.
    words
        Words that all stand in the content of the record, in any order; capitals and accents do not count.
    limit
        The most that are returned; a negative number for all.

    Raises
    ------
    UnreadableArchiveError
        When the bag cannot be read, holds no plain content to look for words in, or `words` holds none.
    """
    folder = Folder(directory)
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.executescript(SCHEMA)
            names = list(folder.names("data"))
            add(database, _rows(folder, names))
            where, values = query.where()
            if words is not None:
                _add_words(database, folder, names)
                where += " AND year * 1000000000000 + seq IN (SELECT rowid FROM words WHERE words MATCH ?)"
                values.append(_match(words))
            found = f"SELECT year, seq FROM record WHERE {where} ORDER BY year, seq"  # noqa: S608 -- `where` is ours
            places = database.execute(found, values).fetchall()
        taken = places if limit < 0 else places[:limit]
        return len(places), [
            Hit(year, seq, folder.read(record_name((year, seq)), MAX_LEAF) or b"{}") for year, seq in taken
        ]
    except FolderError as error:
        raise UnreadableArchiveError(f"{directory}: {error}") from error


def _rows(folder: Folder, names: list[str]) -> Iterator[tuple[Any, ...]]:
    for name in names:
        if match := _RECORD.fullmatch(name):
            yield row_of(int(match[1]), int(match[2]), 0, 0, folder.read(name, MAX_LEAF) or b"")


def _add_words(database: sqlite3.Connection, folder: Folder, names: list[str]) -> None:
    plain = [(match, name) for name in names if (match := _PLAIN.fullmatch(name))]
    if not plain:
        raise UnreadableArchiveError(f"{folder.root} holds no plain content in which words could be looked for")
    try:
        database.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')")
    except sqlite3.OperationalError as error:
        raise UnreadableArchiveError(f"the SQLite of this Python cannot search words (FTS5): {error}") from error
    for match, name in plain:
        text = _text(folder.read(name, MAX_CONTENT) or b"")
        place = int(match[1]) * 10**12 + int(match[2])
        database.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (place, text))


def _text(raw: bytes) -> str:
    """Return what is to be searched: the texts within JSON, or the whole of anything else."""
    try:
        return "\n".join(_texts(json.loads(raw)))
    except UNREADABLE:
        return raw.decode("utf-8", "replace")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _match(words: str) -> str:
    """Return the words as FTS5 wants them: each quoted, so that nothing in them is taken for an operator."""
    found = _WORD.findall(words)
    if not found:
        raise UnreadableArchiveError("there is no word to look for")
    return " ".join(f'"{word}"' for word in found)
