"""The certificate of a disposal: what was destroyed, on whose word, and where the log says so.

It is put together from the records under lock, so it can be repeated at any time and held against the archive by
anybody. It names no member of the public: posts by their pseudonym, contents by the id of the key that is no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from bluelamp.posts.model import Frozen, PersonName, Pointer
from bluelamp.retention import rules
from bluelamp.retention.model import (
    Disposal,
    DisposalReason,
    Fate,
    NotDoneError,
    NotYetError,
    Remaining,
    SkipReason,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.posts.model import Post
    from bluelamp.retention.sealed import SealedRecords

FORMAT = "bluelamp-disposal/1"


class Posts(Protocol):
    """What is read of posts."""

    def get_many(self, post_ids: Iterable[str]) -> dict[str, Post]:
        """Return those that exist, by id."""


class LogPlace(Frozen):
    """Where a record is in the sealed log; `check` proves it from a pulled archive."""

    leaf: str
    type: str
    at: str
    year: int
    seq: int
    check: str


class Signed(Frozen):
    """A person's part in it."""

    by: PersonName
    role: str
    at: str
    record: LogPlace


class Destroyed(Frozen):
    """A content whose key was destroyed; `record` is the leaf that announced it."""

    key_id: str
    pack: str
    record: LogPlace


class Left(Frozen):
    """What was kept around another post and may still hold words of this one; `post` is that post's pseudonym."""

    leaf: str
    at: str
    post: str


class PostCertificate(Frozen):
    """What became of one post; `key` is its pseudonym in the log."""

    post: str
    key: str
    account: str
    state: Literal["destroyed", "skipped"]
    why: SkipReason | None
    destroyed_at: str | None
    contents: tuple[Destroyed, ...]
    records: tuple[LogPlace, ...]
    left: tuple[Left, ...]


class Certificate(Frozen):
    """What was disposed of. From `complete_at` on no backup brings the keys back."""

    format: str
    disposal: str
    reason: DisposalReason
    ref: str
    proposed: Signed
    approved: Signed
    done_at: str
    done: LogPlace
    posts: tuple[PostCertificate, ...]
    destroyed: int
    skipped: int
    keys_destroyed: int
    recovery_days: int
    complete_at: str
    complete_on: str
    statement: str


def certify(disposal: Disposal, fates: Sequence[Fate], *, sealed: SealedRecords, posts: Posts) -> Certificate:
    """Put the certificate of a disposal together.

    Raises
    ------
    NotDoneError
        When it is not done, or its last records are not sealed yet.
    """
    approver, role, decided_at, done_at = (
        disposal.decided_by,
        disposal.decided_role,
        disposal.decided_at,
        disposal.done_at,
    )
    if approver is None or role is None or decided_at is None or done_at is None:
        raise NotDoneError("This disposal is not done: there is no certificate.")
    try:
        places = _places(disposal, fates, sealed)
        each = [_post(fate, places, sealed, posts) for fate in _in_order(disposal, fates)]
    except NotYetError:
        raise NotDoneError("The last records of this disposal are being sealed. Ask again in a few seconds.") from None
    proposed, decided, done = (places[pointer.leaf] for pointer in disposal.records)
    keys = sum(len(one.contents) for one in each)
    complete = rules.complete_at(done_at)
    destroyed = sum(one.state == "destroyed" for one in each)
    return Certificate(
        format=FORMAT,
        disposal=disposal.id,
        reason=disposal.reason,
        ref=disposal.ref,
        proposed=Signed(by=disposal.by, role=disposal.role, at=disposal.created_at, record=proposed),
        approved=Signed(by=approver, role=role, at=decided_at, record=decided),
        done_at=done_at,
        done=done,
        posts=tuple(each),
        destroyed=destroyed,
        skipped=len(each) - destroyed,
        keys_destroyed=keys,
        recovery_days=rules.RECOVERY.days,
        complete_at=iso(complete),
        complete_on=complete.date().isoformat(),
        statement=_statement(keys, destroyed, complete.date().isoformat()),
    )


def _statement(keys: int, posts: int, day: str) -> str:
    return (
        f"The keys to {keys} contents of {posts} posts were destroyed, and the words taken out of the table. The "
        f"ciphertexts stay under lock and nobody can read them. Backups of the last {rules.RECOVERY.days} days are "
        f"kept by point-in-time recovery: the disposal is complete on {day}."
    )


def _in_order(disposal: Disposal, fates: Sequence[Fate]) -> list[Fate]:
    known = {fate.post: fate for fate in fates}
    return [known[post] for post in disposal.posts]


def _places(disposal: Disposal, fates: Sequence[Fate], sealed: SealedRecords) -> dict[str, LogPlace]:
    pointers = [
        *disposal.records,
        *(p for fate in fates for p in (*fate.erase, *([fate.outcome] if fate.outcome else []))),
    ]
    chunks = sealed.require({p.chunk for p in pointers})
    return {p.leaf: _place(p, chunks[p.chunk]) for p in pointers}


def _place(pointer: Pointer, chunk: Mapping[str, int]) -> LogPlace:
    return _log_place(pointer.leaf, pointer.type, pointer.at, chunk["year"], chunk["first_seq"] + pointer.i)


def _log_place(leaf: str, kind: str, at: str, year: int, seq: int) -> LogPlace:
    return LogPlace(leaf=leaf, type=kind, at=at, year=year, seq=seq, check=f"bluelamp archive prove {leaf}")


def _post(fate: Fate, places: Mapping[str, LogPlace], sealed: SealedRecords, posts: Posts) -> PostCertificate:
    contents = []
    for found in sealed.of_chunks(fate.chunks) if fate.state == "destroyed" else []:
        record = found.record
        contents.append(
            Destroyed(
                key_id=record["content"]["key_id"],
                pack=record["content"]["pack"],
                record=_log_place(record["id"], record["type"], record["at"], found.year, found.seq),
            )
        )
    records = [*fate.erase, *([fate.outcome] if fate.outcome else [])]
    return PostCertificate(
        post=fate.post,
        key=fate.key,
        account=fate.account,
        state="destroyed" if fate.state == "destroyed" else "skipped",
        why=fate.why,
        destroyed_at=fate.done_at if fate.state == "destroyed" else None,
        contents=tuple(contents),
        records=tuple(places[p.leaf] for p in records),
        left=tuple(Left(leaf=one.leaf, at=one.at, post=one.key) for one in still_there(fate.remaining, posts)),
    )


def still_there(remaining: Sequence[Remaining], posts: Posts) -> list[Remaining]:
    """Return those contexts whose own post is not disposed of meanwhile."""
    owners = posts.get_many({one.post for one in remaining})
    return [one for one in remaining if one.post not in owners or owners[one.post].disposed_at is None]
