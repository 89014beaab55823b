"""People and their sessions in the table: one partition a person, so that a request reads both at once."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Exists, Item, Key, Missing, Put, Table, Update
from bluelamp.people.access import Grant
from bluelamp.people.groups import GroupMapping
from bluelamp.people.model import Gate, Person, Session
from bluelamp.times import Clock, epoch, iso, parse_iso, utc_now

SCHEMA = 1
EVERYBODY = "PEOPLE"
GRANTS = "GRANTS"
GATE: Key = ("GUIDE", "GATE")
GROUPS = "GROUPS"
_SESSION = "SESSION#"


def person_key(person_id: str) -> Key:
    """Return the key of a person's item."""
    return (f"PERSON#{person_id}", "PERSON")


def token_id(sign_in: str) -> str:
    """Return the name that a sign-in by token is stored under."""
    return hashlib.sha256(sign_in.encode()).hexdigest()


def _token_key(person_id: str, sign_in: str) -> Key:
    return (f"PERSON#{person_id}", f"TOKEN#{token_id(sign_in)}")


def session_id(random: str) -> str:
    """Return the id of a session: the SHA-256 of the cookie's random part, which itself is never stored."""
    return hashlib.sha256(random.encode()).hexdigest()


def session_key(person_id: str, session: str) -> Key:
    """Return the key of a session by its id."""
    return (f"PERSON#{person_id}", _SESSION + session)


@dataclass(frozen=True)
class TokenSignIn:
    """What is known of a sign-in by token: when it was first seen, and whether it has ended."""

    ended: bool
    at: datetime


class PeopleStore:
    """Reads and writes people and sessions.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def person(self, person_id: str) -> Person | None:
        """Return the person as they stand now, or None. One consistent read."""
        item = self.table.get(person_key(person_id), consistent=True)
        return None if item is None else _person(item)

    def person_and_session(self, person_id: str, session: str) -> tuple[Person | None, Session | None, Gate]:
        """Return both, and what the force asks, by one consistent read, so that a suspension counts at once."""
        keys = [person_key(person_id), session_key(person_id, session), GATE]
        found = self.table.batch_get(keys, consistent=True)
        person, opened = found.get(keys[0]), found.get(keys[1])
        return (
            None if person is None else _person(person),
            None if opened is None else Session.model_validate(opened),
            _gate(found.get(GATE)),
        )

    def person_and_token(self, person_id: str, sign_in: str) -> tuple[Person | None, TokenSignIn | None, Gate]:
        """Return the person, what is known of a sign-in by token and what the force asks, by one consistent read."""
        keys = [person_key(person_id), _token_key(person_id, sign_in), GATE]
        found = self.table.batch_get(keys, consistent=True)
        person, mark = found.get(keys[0]), found.get(keys[1])
        return (
            None if person is None else _person(person),
            None if mark is None else TokenSignIn(ended="ended_at" in mark, at=parse_iso(mark["at"])),
            _gate(found.get(GATE)),
        )

    def gate(self) -> Gate:
        """Return what the force asks of whoever acts. One consistent read."""
        return _gate(self.table.get(GATE, consistent=True))

    @staticmethod
    def put_gate(gate: Gate) -> Put:
        """Return the write of what the force asks; it fails unless the stored revision is the one before."""
        pk, sk = GATE
        condition = Absent() if gate.rev == 1 else Equals("rev", gate.rev - 1)
        return Put(gate.model_dump(mode="json") | {"pk": pk, "sk": sk, "schema": SCHEMA}, condition)

    def names(self, wanted: Iterable[str]) -> dict[str, str]:
        """Return the names of those among the ids `wanted` whom we know, by id."""
        found = self.table.batch_get([person_key(person_id) for person_id in dict.fromkeys(wanted)])
        return {item["id"]: item["name"] for item in found.values()}

    def among(self, wanted: Iterable[str]) -> dict[str, Person]:
        """Return those among the ids `wanted` whom we know, by id, as they stand now."""
        found = self.table.batch_get([person_key(person_id) for person_id in dict.fromkeys(wanted)], consistent=True)
        return {item["id"]: _person(item) for item in found.values()}

    def everybody(self) -> Iterator[Person]:
        """Yield all people, by name."""
        start: Item | None = None
        while True:
            page = self.table.query(EVERYBODY, index="g1", start=start)
            yield from map(_person, page.items)
            start = page.next
            if start is None:
                return

    def by_address(self) -> dict[str, Person]:
        """Return all people by their address; where somebody left and came anew with the same one, who is here."""
        left_first = sorted(self.everybody(), key=lambda one: one.status != "left")
        return {one.email.lower(): one for one in left_first}

    def insert(self, person: Person) -> Put:
        """Return the write of a new person; it fails when there is one with this id."""
        return Put(_item(person), Absent())

    def replace(self, person: Person) -> Put:
        """Return the write of a changed person; it fails unless the revision before it is the stored one."""
        return Put(_item(person), Equals("rev", person.rev - 1))

    def signed_in(self, person_id: str, at: str) -> Update:
        """Return the write that notes a sign-in; it fails when the person is not, or no longer, active."""
        return Update(
            person_key(person_id),
            set={"last_login_at": at},
            add={"rev": 1},
            conditions=(Exists(), Equals("status", "active")),
        )

    def token_sign_in(self, person_id: str, sign_in: str, *, at: datetime, until: datetime) -> Put:
        """Return the write that marks a sign-in by token as seen; it fails when it was seen before."""
        pk, sk = _token_key(person_id, sign_in)
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "at": iso(at), "ttl": epoch(until)}, Absent())

    def end_token_sign_in(self, person_id: str, sign_in: str, *, at: datetime) -> Update:
        """Return the write that ends a sign-in by token; it fails when it was never seen, or was ended before."""
        return Update(
            _token_key(person_id, sign_in),
            set={"ended_at": iso(at)},
            add={"rev": 1},
            conditions=(Exists(), Missing("ended_at")),
        )

    def open_session(self, session: Session) -> Put:
        """Return the write of a new session."""
        pk, sk = session_key(session.person_id, session.id)
        stored = {k: iso(v) if k.endswith("_at") else v for k, v in session.model_dump().items()}
        return Put(
            stored | {"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "ttl": epoch(session.expires_at)},
            Absent(),
        )

    def extend_session(self, session: Session) -> Update:
        """Return the write that moves a session's end; it fails when the session was ended meanwhile."""
        return Update(
            session_key(session.person_id, session.id),
            set={
                "extended_at": iso(session.extended_at),
                "expires_at": iso(session.expires_at),
                "ttl": epoch(session.expires_at),
            },
            add={"rev": 1},
            conditions=(Exists(),),
        )

    def close_session(self, person_id: str, session: str) -> Delete:
        """Return the write that ends a session; it fails when there is none."""
        return Delete(session_key(person_id, session), Exists())

    def sign_ins(self, person_id: str) -> Iterator[Item]:
        """Yield what is stored of a person's sign-ins, in browsers and by token."""
        for prefix in (_SESSION, "TOKEN#"):
            start: Item | None = None
            while True:
                page = self.table.query(f"PERSON#{person_id}", prefix=prefix, start=start, consistent=True)
                yield from page.items
                start = page.next
                if start is None:
                    break

    def put_grant(self, grant: Grant) -> Put:
        """Return the write of access for a time; it fails unless the stored revision is the one before."""
        condition = Absent() if grant.rev == 1 else Equals("rev", grant.rev - 1)
        stored = grant.model_dump(mode="json")
        return Put(stored | {"pk": GRANTS, "sk": grant.id, "schema": SCHEMA}, condition)

    def grant(self, grant_id: str) -> Grant | None:
        """Return access for a time, or None."""
        item = self.table.get((GRANTS, grant_id), consistent=True)
        return None if item is None else Grant.model_validate(item)

    def grants(self, *, before: str | None, limit: int) -> tuple[list[Grant], str | None]:
        """Return a page of access for a time, newest first, and where the next one begins."""
        page = self.table.query(GRANTS, before=before, limit=limit, forward=False, consistent=True)
        found = [Grant.model_validate(item) for item in page.items]
        return found, found[-1].id if found and page.next is not None else None

    def groups(self) -> GroupMapping:
        """Return what groups give now; revision 0, with no rules, when nobody has said so."""
        page = self.table.query(GROUPS, limit=1, forward=False, consistent=True)
        return GroupMapping.model_validate(page.items[0]) if page.items else GroupMapping()

    def groups_at(self, rev: int) -> GroupMapping:
        """Return one revision of what groups give; none is ever taken away.

        Raises
        ------
        LookupError
            When there is none with this number.
        """
        item = self.table.get((GROUPS, f"{rev:012d}"), consistent=True)
        if item is None:
            raise LookupError(f"revision {rev} of what groups give is not in the table")
        return GroupMapping.model_validate(item)

    def put_groups(self, mapping: GroupMapping) -> Put:
        """Return the write of a new revision; it fails when there is one with this number. None is ever changed."""
        stored = mapping.model_dump(mode="json")
        return Put(stored | {"pk": GROUPS, "sk": f"{mapping.rev:012d}", "schema": SCHEMA}, Absent())

    def listed(self, *, after: str | None, at_once: int | None) -> Iterator[tuple[str, Person]]:
        """Yield people by name with their place in the list, from behind a place on, so many a request."""
        start: Item | None = None
        while True:
            page = self.table.query(EVERYBODY, index="g1", after=after, start=start, limit=at_once)
            yield from ((item["g1sk"], _person(item)) for item in page.items)
            start = page.next
            if start is None:
                return


class RefusalCounts:
    """Counts refusals of people we do not know, by minute, so that nobody outside can write records at will.

    Parameters
    ----------
    table
        The deployment's table.
    clock
        Says what minute it is.
    """

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self._table = table
        self._clock = clock

    def add(self, kind: str) -> None:
        """Count one refusal of this kind, e.g. ``api_anonymous``, in the present minute."""
        minute = iso(self._clock().replace(second=0, microsecond=0))
        self._table.write(Update((f"COUNT#{minute}", kind), add={"n": 1}))


def _item(person: Person) -> Item:
    pk, sk = person_key(person.id)
    stored: dict[str, Any] = person.model_dump(mode="json")
    for name in ("last_login_at", "signed_out_at"):
        moment = getattr(person, name)
        stored[name] = None if moment is None else iso(moment)
    return stored | {
        "pk": pk,
        "sk": sk,
        "schema": SCHEMA,
        "g1pk": EVERYBODY,
        "g1sk": f"{person.name.casefold()}#{person.id}",
    }


def _person(item: Item) -> Person:
    return Person.model_validate(item)


def _gate(item: Item | None) -> Gate:
    return Gate() if item is None else Gate.model_validate(item)
