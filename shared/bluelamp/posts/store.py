"""Posts in the table: their items, and the queries of docs/data-model.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.audit.head import Head, head_key
from bluelamp.cloud.dynamodb import Absent, Equals, Exists, Put, Update
from bluelamp.posts import rules
from bluelamp.posts.model import Note, Pointer, Post, parse_stored
from bluelamp.times import epoch, iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table

SCHEMA = 1
THREAD_LIMIT = 100
PARTS_LIMIT = 200
# What hangs on a post, by the beginning of its sort key.
PARTS = ("ACTION#", "MEDIA#", "NOTE#", "TRAIL#", "VIEW#")
TRAIL_MOST = 48
TRAIL_SPILL = 32
ANSWERING = frozenset({"pending", "sending", "done", "unknown"})
# What an event that nobody understood may weigh to be kept whole in its item.
ODD_BYTES = 256 * 1024


def post_key(post_id: str) -> Key:
    """Return the key of a post."""
    return (f"POST#{post_id}", "POST")


def post_item(post: Post) -> Item:
    """Return the item of a post, index attributes included; what is empty is left out."""
    pk, sk = post_key(post.id)
    return {
        "pk": pk,
        "sk": sk,
        "schema": SCHEMA,
        **post.model_dump(exclude_defaults=True),
        "rev": post.rev,
        **rules.index_keys(post),
    }


def spill(post: Post) -> tuple[Post, list[Put]]:
    """Return the post with a trail of bounded length, and the write that keeps the older part beside it.

    Anybody can edit a comment a thousand times: what each edit costs, and whether the item still fits, must not depend
    on how often that was done.
    """
    if len(post.trail) <= TRAIL_MOST:
        return post, []
    old, kept = post.trail[:TRAIL_SPILL], post.trail[TRAIL_SPILL:]
    put = Put(
        {
            "pk": f"POST#{post.id}",
            "sk": f"TRAIL#{post.rev:012d}",
            "schema": SCHEMA,
            "rev": 1,
            "trail": [pointer.model_dump(exclude_defaults=True) for pointer in old],
        },
        Absent(),
    )
    return post.changed(trail=kept), [put]


def put_new(post: Post) -> Put:
    """Return the write of a post that is not there yet."""
    return Put(post_item(post), Absent())


def put_changed(post: Post) -> Put:
    """Return the write of a post whose stored revision is the one before."""
    return Put(post_item(post), Equals("rev", post.rev - 1))


def listed(old: Post, new: Post) -> list[Put]:
    """Return the writes by which a post comes into, or leaves, the lists of whom it is assigned to and of its tags.

    What leaves a list stays as an item without a key in the index: nobody but the sealer deletes anything of a post.
    """
    was, now = old.case, new.case
    writes: list[Put] = []
    if was.assigned_to != now.assigned_to or was.assigned_at != now.assigned_at:
        to = now.assigned_to
        writes.append(_listing(new.id, "ASSIGNED", f"ASSIGNED#{to.id}" if to else None, now.assigned_at or ""))
    return writes + [
        _listing(new.id, f"TAG#{tag}", f"TAG#{tag}" if tag in now.tags else None, new.received_at)
        for tag in sorted(set(was.tags) ^ set(now.tags))
    ]


def _listing(post_id: str, sk: str, index: str | None, at: str) -> Put:
    keys = {"g1pk": index, "g1sk": f"{at}#{post_id}"} if index else {}
    return Put({"pk": f"POST#{post_id}", "sk": sk, "schema": SCHEMA, "rev": 1, **keys})


class PostStore:
    """Reads posts and what hangs on them; the writes are values that a service puts into one transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, post_id: str, *, consistent: bool = False) -> Post | None:
        """Return a post, or None."""
        item = self.table.get(post_key(post_id), consistent=consistent)
        return parse_stored(item) if item else None

    def get_many(self, post_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Post]:
        """Return those posts that exist, by id; one request for a hundred."""
        found = self.table.batch_get([post_key(p) for p in post_ids], consistent=consistent)
        return {item["id"]: parse_stored(item) for item in found.values()}

    def queue_part(self, partition: str, *, after: str | None, limit: int, newest_first: bool) -> list[Post]:
        """Return the next posts of one partition of the queue.

        Parameters
        ----------
        partition
            ``A#<account>#<view>`` (index g1) or ``F#<shard>#<view>`` (index g2).
        after
            Sort key of the last post of the page before.
        newest_first
            True for what is done: newest first; False for what is open: highest risk first.
        """
        bound: dict[str, Any] = {} if after is None else {"before" if newest_first else "after": after}
        index = "g1" if partition.startswith("A#") else "g2"
        items = self._up_to(limit, partition, index=index, forward=not newest_first, **bound)
        return [parse_stored(item) for item in items]

    def listing(self, partition: str, *, before: str | None, limit: int) -> list[tuple[str, str]]:
        """Return the next of a list, the newest first, as place in it and post: `ASSIGNED#`, `TAG#` or `W#` (authors).

        Parameters
        ----------
        before
            The place of the last one of the page before.
        """
        index = "g4" if partition.startswith("W#") else "g1"
        items = self._up_to(limit, partition, index=index, forward=False, before=before)
        return [(item[f"{index}sk"], item["pk"].removeprefix("POST#")) for item in items]

    def _up_to(self, limit: int, pk: str, **how: Any) -> list[Item]:
        """Query until `limit` items have come, or all: DynamoDB ends a page at 1 MB whatever was asked."""
        items: list[Item] = []
        start: Item | None = None
        while len(items) < limit:
            page = self.table.query(pk, limit=limit - len(items), start=start, **how)
            items += page.items
            start = page.next
            if start is None:
                break
        return items

    def every(self, pk: str, **how: Any) -> Iterator[Item]:
        """Yield all items of a partition, a page at a time, for those who must see everything; as `Table.query`."""
        start: Item | None = None
        while True:
            page = self.table.query(pk, start=start, **how)
            yield from page.items
            start = page.next
            if start is None:
                return

    def unseen(self, platform: str, odd: Iterable[tuple[bytes, str]]) -> list[tuple[bytes, str]]:
        """Return those events nobody understood that are not kept yet, each once."""
        once = {_odd_key(platform, raw): (raw, why) for raw, why in odd}
        held = self.table.batch_get(list(once), consistent=True)
        return [pair for key, pair in once.items() if key not in held]

    def forget_words(self, post_id: str) -> None:
        """Take the words out of what hangs on a post: notes, answers and their pictures, cases that an action knows.

        A repeat changes nothing, so whoever dies in the middle may begin anew.
        """
        for prefix in ("NOTE#", "ACTION#"):
            for item in self.every(f"POST#{post_id}", prefix=prefix, consistent=True):
                if item.get("text") or {"case_before", "picture"} & item.keys():
                    # A case knows the SHA-256 of the words that were judged: whoever guesses them could tell.
                    key = (item["pk"], item["sk"])
                    gone = ("case_before", "picture")
                    self.table.write(Update(key, set={"text": ""}, remove=gone, conditions=(Exists(),)))

    def thread(self, thread: str) -> list[Post]:
        """Return the latest posts of a thread, oldest first, at most 100."""
        page = self.table.query(f"T#{thread}", index="g3", limit=THREAD_LIMIT, forward=False)
        ids = [item["pk"].removeprefix("POST#") for item in page.items]
        posts = self.get_many(ids)
        return [posts[i] for i in reversed(ids) if i in posts]

    def next_in(self, thread: str, at: str, *, limit: int) -> list[str]:
        """Return the ids of the next posts of a thread from a time on, oldest first."""
        items = self._up_to(limit, f"T#{thread}", index="g3", after=at)
        return [item["pk"].removeprefix("POST#") for item in items]

    def answers(self, post_id: str) -> list[Item]:
        """Return the actions by which a post was answered, or is about to be; what failed or was refused is none."""
        items = self._up_to(PARTS_LIMIT, f"POST#{post_id}", prefix="ACTION#", forward=False)
        return [item for item in items if item["verb"] == "reply" and item.get("state", "pending") in ANSWERING]

    def parts(self, post_id: str) -> list[Item]:
        """Return the items that hang on a post (`PARTS`), the newest of each kind first, at most 200 of each."""
        items: list[Item] = []
        for prefix in PARTS:
            items += self._up_to(PARTS_LIMIT, f"POST#{post_id}", prefix=prefix, forward=False)
        return items

    def sealed(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, Item]:
        """Return where those chunks are whose leaves are under lock, with a signed checkpoint over them.

        A chunk has its place in the log a moment before the log is published: until then it does not count.
        """
        places = self.sequences(chunks, consistent=consistent)
        years = {place["year"] for place in places.values()}
        heads = self.table.batch_get([head_key(year) for year in years], consistent=consistent)
        sizes = {item["year"]: Head.from_item(item).published_size for item in heads.values()}
        return {c: p for c, p in places.items() if p["first_seq"] + p["n"] <= sizes.get(p["year"], 0)}

    def sequences(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, Item]:
        """Return where the outbox chunks stand in the log: ``year``, ``first_seq`` and ``n`` by chunk."""
        found = self.table.batch_get([(f"CHUNK#{c}", "SEQ") for c in dict.fromkeys(chunks)], consistent=consistent)
        return {pk.removeprefix("CHUNK#"): item for (pk, _), item in found.items()}


def note_item(post_id: str, note: Note) -> Put:
    """Return the write of a note."""
    return Put(
        {
            "pk": f"POST#{post_id}",
            "sk": f"NOTE#{note.id}",
            "schema": SCHEMA,
            "rev": 1,
            **note.model_dump(),
        },
        Absent(),
    )


def note_from(item: Item) -> Note:
    """Read a note."""
    return Note.model_validate(item)


def view_item(post_id: str, pointer: Pointer) -> Put:
    """Return the write that lets a post's history show who looked at it."""
    return Put(
        {
            "pk": f"POST#{post_id}",
            "sk": f"VIEW#{pointer.leaf}",
            "schema": SCHEMA,
            "rev": 1,
            "pointer": pointer.model_dump(),
        },
        Absent(),
    )


def unrecognised_item(platform: str, raw: bytes, *, key: str, why: str, at: datetime) -> Put:
    """Return the write that keeps an event no connector understood, under its own digest, for 90 days.

    Its bytes stand in the item, so that it can be read again once a connector knows it; what is too large for that lies
    in the staging bucket alone, under `staging_key`, for three weeks.
    """
    pk, sk = _odd_key(platform, raw)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "schema": SCHEMA,
        "rev": 1,
        "staging_key": key,
        "why": why[:200],
        "at": iso(at),
        "ttl": epoch(at) + 90 * 24 * 3600,
    }
    if len(raw) <= ODD_BYTES:
        item["raw"] = raw
    return Put(item, Absent())


def _odd_key(platform: str, raw: bytes) -> Key:
    return (f"RAW#{platform}", hashlib.sha256(raw).hexdigest())
