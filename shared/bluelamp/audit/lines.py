"""Where in the log the records of one matter stand: a line in the table for each, written with the record itself.

Who asks the sealed log about one matter, such as the roster of last spring, need not look through years of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Item, Put

if TYPE_CHECKING:
    from bluelamp.audit.outbox import Chunk
    from bluelamp.cloud.dynamodb import Table

ROSTER = "roster"
SCHEMA = 1


def line(matter: str, chunk: Chunk, index: int = 0) -> Put:
    """Return the write of a line; it belongs in the transaction of the chunk."""
    pointer = chunk.pointer(index)
    sk = f"{pointer['at']}#{pointer['leaf']}"
    return Put({"pk": f"LINES#{matter}", "sk": sk, "schema": SCHEMA, "rev": 1, **pointer}, Absent())


def chunks_of(table: Table, matter: str) -> Iterator[str]:
    """Yield the chunks of all records of a matter, in the order in which they were made, each once."""
    seen: set[str] = set()
    start: Item | None = None
    while True:
        page = table.query(f"LINES#{matter}", start=start, consistent=True)
        for item in page.items:
            if item["chunk"] not in seen:
                seen.add(item["chunk"])
                yield item["chunk"]
        start = page.next
        if start is None:
            return
