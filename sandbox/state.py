"""What the platforms remember, in one SQLite file.

Nodes are what people wrote (posts, comments, messages); documents are everything else (accounts, authors, faults,
deliveries, calls). Each operation is one transaction, so that a killed sandbox starts again where it was.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS node (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    account TEXT NOT NULL, thread TEXT NOT NULL, parent TEXT, author TEXT NOT NULL, state TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (platform, id));
CREATE INDEX IF NOT EXISTS node_account ON node (platform, account, created);
CREATE INDEX IF NOT EXISTS node_thread ON node (platform, thread, created);
CREATE INDEX IF NOT EXISTS node_parent ON node (platform, parent);
CREATE TABLE IF NOT EXISTS doc (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS doc_kind ON doc (kind, seq);
"""
_COLUMNS = ("platform", "id", "kind", "account", "thread", "parent", "author", "state", "created")


@dataclass
class Node:
    """Something a person or an account wrote on a platform.

    ``account`` is the page or X user it concerns ("" when none), ``thread`` the post, conversation or root it
    belongs to, ``created`` and ``updated`` are Unix milliseconds, ``state`` is ``visible``, ``hidden`` or ``deleted``.
    """

    platform: str
    id: str
    kind: str
    account: str
    thread: str
    parent: str | None
    author: str
    text: str
    created: int
    updated: int
    state: str = "visible"
    media: list[str] = field(default_factory=list)
    extra: Doc = field(default_factory=dict)
    changes: list[Doc] = field(default_factory=list)
    seq: int = 0

    @property
    def gone(self) -> bool:
        """Say whether it was deleted."""
        return self.state == "deleted"


class Store:
    """Nodes and documents in SQLite; ``path`` None keeps them in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Make what happens inside one transaction, alone."""
        with self.lock:
            self._depth += 1
            if self._depth == 1:
                self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    @contextmanager
    def imagined(self) -> Iterator[None]:
        """Let what happens inside seem to happen, and take it all back."""
        with self.lock:
            self._depth += 1
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                self._db.execute("ROLLBACK")
                self._depth -= 1

    def put(self, kind: str, key: str, body: Doc) -> None:
        """Write a document."""
        with self.lock:
            self._db.execute(
                "INSERT INTO doc (kind, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(body)),
            )

    def get(self, kind: str, key: str) -> Doc | None:
        """Read a document."""
        with self.lock:
            row = self._db.execute("SELECT body FROM doc WHERE kind = ? AND id = ?", (kind, key)).fetchone()
        return None if row is None else dict(json.loads(row["body"]))

    def all(self, kind: str) -> list[Doc]:
        """Read the documents of a kind, oldest first."""
        with self.lock:
            rows = self._db.execute("SELECT body FROM doc WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
        return [json.loads(row["body"]) for row in rows]

    def remove(self, kind: str, key: str | None = None) -> int:
        """Delete one document, or all of a kind; say how many went."""
        with self.lock:
            done = self._db.execute("DELETE FROM doc WHERE kind = ? AND id = coalesce(?, id)", (kind, key))
        return done.rowcount

    def prune(self, kind: str, keep: int) -> None:
        """Delete all but the newest documents of a kind."""
        with self.lock:
            self._db.execute(
                "DELETE FROM doc WHERE kind = ? AND seq <= (SELECT seq FROM doc WHERE kind = ?"
                " ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (kind, kind, keep),
            )

    def write(self, node: Node) -> Node:
        """Write a node; its place in the order of arrival stays."""
        body = asdict(node)
        values = [body.pop(name) for name in _COLUMNS]
        body.pop("seq")
        with self.lock:
            row = self._db.execute(
                f"INSERT INTO node ({', '.join(_COLUMNS)}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
                " ON CONFLICT (platform, id) DO UPDATE SET state = excluded.state, body = excluded.body RETURNING seq",
                (*values, json.dumps(body)),
            ).fetchone()
        node.seq = row["seq"]
        return node

    def node(self, platform: str, key: str) -> Node | None:
        """Read a node, deleted or not."""
        found = self.nodes(platform, id=key)
        return found[0] if found else None

    def nodes(self, platform: str, **match: str | None) -> list[Node]:
        """Read nodes whose columns equal ``match`` (None = any), oldest first."""
        wanted = {"platform": platform} | {name: value for name, value in match.items() if value is not None}
        unknown = set(wanted) - set(_COLUMNS)
        if unknown:
            raise ValueError(f"nodes cannot be found by {sorted(unknown)}")
        where = " AND ".join(f"{name} = ?" for name in wanted)
        with self.lock:
            rows = self._db.execute(
                f"SELECT * FROM node WHERE {where} ORDER BY created, seq",  # noqa: S608 - column names checked above
                tuple(wanted.values()),
            ).fetchall()
        return [_node(row) for row in rows]

    def count(self) -> dict[str, int]:
        """Count nodes by platform and kind, and documents by kind."""
        with self.lock:
            nodes = self._db.execute("SELECT platform || '.' || kind, count(*) FROM node GROUP BY 1").fetchall()
            docs = self._db.execute("SELECT kind, count(*) FROM doc GROUP BY 1").fetchall()
        return {str(name): int(number) for name, number in (*nodes, *docs)}

    def forget(self, keep: tuple[str, ...]) -> None:
        """Delete every node, and every document but the kinds in ``keep``."""
        with self.atomic():
            self._db.execute("DELETE FROM node")
            marks = ", ".join("?" * len(keep))
            self._db.execute(f"DELETE FROM doc WHERE kind NOT IN ({marks})", keep)  # noqa: S608 - only marks


def _node(row: sqlite3.Row) -> Node:
    body = json.loads(row["body"])
    return Node(**{name: row[name] for name in _COLUMNS}, seq=row["seq"], **body)
