"""The force's list of tags: made, renamed and retired, each with its record. Records carry the code, pages the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Obj, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, ContentionError, Equals, Put
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.people.rules import require
from bluelamp.posts.model import Tag, TagList
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.cloud.dynamodb import Item, Table
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal

PARTITION = "TAGS"
SCHEMA = 1


class UnknownTagError(InvalidInputError):
    """A tag that the force's list does not have, or has no longer."""

    code = "unknown_tag"


class Tags:
    """The use cases of the list of tags.

    Parameters
    ----------
    table
        The deployment's table.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(self, table: Table, *, wake: Callable[[], None], clock: Clock = utc_now) -> None:
        self._table = table
        self._wake = wake
        self._clock = clock

    def listed(self) -> TagList:
        """Return the force's tags, those retired included, as posts may still carry them."""
        tags: list[Tag] = []
        start: Item | None = None
        while True:
            page = self._table.query(PARTITION, start=start)
            tags += [Tag.model_validate(item) for item in page.items]
            start = page.next
            if start is None:
                return TagList(tags=tuple(tags))

    def require(self, code: str) -> Tag:
        """Return a tag that can be put on posts.

        Raises
        ------
        UnknownTagError
            When the list has none of this code, or it is retired.
        """
        tag = self._get(code)
        if tag is None or tag.retired:
            raise UnknownTagError("The force's list has no such tag, or it is retired. Choose one from the list.")
        return tag

    def put(self, principal: Principal, code: str, *, name: str, rev: int, idem: Idempotency) -> Tag:
        """Add a tag (`rev` 0), or give one another name and take it into use again.

        Raises
        ------
        NotPermittedError
            When the role does not keep the list.
        ConflictError
            When another revision is in force.
        """
        require(principal, "tags")
        clean = " ".join(name.split())
        if not clean:
            raise InvalidInputError("A tag needs a name.")
        old = self._at(code, rev)
        return self._save(principal, old, Tag(code=code, name=clean, rev=rev + 1), "active", idem)

    def retire(self, principal: Principal, code: str, *, idem: Idempotency) -> Tag:
        """Have a tag put on nothing any more; posts that carry it keep it.

        Raises
        ------
        NotPermittedError
            When the role does not keep the list.
        NotFoundError
            When there is no such tag.
        """
        require(principal, "tags")
        old = self._get(code)
        if old is None:
            raise NotFoundError(f"there is no tag {code}")
        new = old.model_copy(update={"retired": True, "rev": old.rev + 1})
        return self._save(principal, old, new, "retired", idem)

    def _get(self, code: str) -> Tag | None:
        item = self._table.get((PARTITION, code), consistent=True)
        return Tag.model_validate(item) if item else None

    def _at(self, code: str, rev: int) -> Tag | None:
        old = self._get(code)
        if (old.rev if old else 0) != rev:
            raise ConflictError("Somebody else changed this tag. Look at it again.", rev=old.rev if old else None)
        return old

    def _save(self, principal: Principal, old: Tag | None, new: Tag, status: str, idem: Idempotency) -> Tag:
        leaf = draft(
            type="config",
            at=self._clock(),
            actor=principal.actor(),
            obj=Obj(kind="tag", key=f"tag/{new.code}", rev=new.rev, prev=old.head if old else None),
            change=Change(field="status", to=status),
        )
        made = new.model_copy(update={"head": leaf.digest})
        item = {"pk": PARTITION, "sk": made.code, "schema": SCHEMA, **made.model_dump()}
        put = Put(item, Equals("rev", old.rev) if old else Absent())
        try:
            self._table.transact([put, Chunk.of([leaf]).put(), idem.put(made.model_dump(mode="json"))])
        except (ConditionFailedError, ContentionError) as error:
            raise ConflictError("Somebody else changed this tag. Look at it again.") from error
        self._wake()
        return made
