"""Who there is: people by name for an administrator, and one of them with what they were given for a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from bluelamp.audit.leaf import Obj, Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.errors import NotFoundError
from bluelamp.models import Model
from bluelamp.people.model import Access, OnDuty, Person, PersonStatus, Role
from bluelamp.people.rules import require
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cursors import Cursors
    from bluelamp.people.model import Principal
    from bluelamp.people.store import PeopleStore

MAX_PAGE = 100


class _Frozen(Model):
    model_config = ConfigDict(frozen=True)


class PersonLine(_Frozen):
    """One person in the list."""

    id: str
    name: str
    email: str
    role: Role
    teams: tuple[str, ...]
    status: PersonStatus
    last_login_at: datetime | None


class PersonPage(_Frozen):
    """People by name, and where the next page begins."""

    people: tuple[PersonLine, ...]
    next: str | None


class PersonDetail(PersonLine):
    """One person. `access` is what they have for a time and has not ended yet."""

    covers: tuple[str, ...]
    guide_version: str | None
    on_duty_as: OnDuty | None
    signed_out_at: datetime | None
    access: tuple[Access, ...]
    rev: int


class Directory:
    """The use cases of the routes that show people.

    Parameters
    ----------
    store
        Where they are kept.
    cursors
        Makes and opens cursors.
    wake
        Has the outbox sealed now.
    clock
        The present.
    """

    def __init__(
        self, store: PeopleStore, *, cursors: Cursors, wake: Callable[[], None], clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._cursors = cursors
        self._wake = wake
        self._clock = clock

    def page(
        self,
        principal: Principal,
        *,
        name: str | None = None,
        role: Role | None = None,
        status: PersonStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> PersonPage:
        """Return people by name. Recorded as a search; the words that were looked for are a name, and no part of it.

        Parameters
        ----------
        name
            A part of the name or address, in whatever case.

        Raises
        ------
        NotPermittedError, CursorError
            When the role does not manage people, or the cursor is not of this person and query.
        """
        require(principal, "people")
        asked = {"list": "people", "name": name or "", "role": role or "", "status": status or ""}
        after = self._cursors.open(principal.id, asked, cursor)["after"] if cursor else None
        wanted = (name or "").casefold()
        limit = max(1, min(limit, MAX_PAGE))
        # Where nobody is passed over, no more is read than is shown, and one to see whether there is more.
        at_once = None if wanted or role or status else limit + 1
        found: list[PersonLine] = []
        more: str | None = None
        place: str | None = after
        for at, person in self._store.listed(after=after, at_once=at_once):
            if role not in {None, person.role} or status not in {None, person.status}:
                continue
            if wanted and wanted not in person.name.casefold() and wanted not in person.email.casefold():
                continue
            if len(found) == limit:
                more = place
                break
            found.append(PersonLine(**_line(person)))
            place = at
        filters: dict[str, str | int] = {k: v for k, v in (("role", role), ("status", status)) if v}
        self._record(
            draft(
                type="search",
                at=self._clock(),
                actor=principal.actor(),
                query=Query(view="people", filters=filters, hits=len(found)),
            )
        )
        after_that = self._cursors.seal(principal.id, asked, {"after": more}) if more else None
        return PersonPage(people=tuple(found), next=after_that)

    def detail(self, principal: Principal, person_id: str) -> PersonDetail:
        """Return one person. Recorded as a view.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not manage people, or there is no such person.
        """
        require(principal, "people")
        person = self._store.person(person_id)
        if person is None:
            raise NotFoundError("There is no person with this id.")
        now = self._clock()
        obj = Obj(kind="person", key=person.id)
        self._record(draft(type="view", at=now, actor=principal.actor(), obj=obj))
        return PersonDetail(
            **_line(person),
            covers=person.covers,
            guide_version=person.guide_version,
            on_duty_as=person.on_duty_at(now),
            signed_out_at=person.signed_out_at,
            access=tuple(one for one in person.access if now < one.ends_at),
            rev=person.rev,
        )

    def _record(self, leaf: Leaf) -> None:
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()


def _line(person: Person) -> dict[str, object]:
    return person.model_dump(include=set(PersonLine.model_fields))
