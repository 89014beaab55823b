"""The roster: put in, changed, withdrawn, each with its record; and who is responsible, now or at a past minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bluelamp.audit.leaf import Obj, Query, draft
from bluelamp.audit.leaf import Roster as Part
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.content.model import Entry as Kept
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.model import DutyShift, StandIn
from bluelamp.people.rules import authorise, require
from bluelamp.posts.model import PersonName
from bluelamp.roster import rules, scoping
from bluelamp.roster.answering import named
from bluelamp.roster.errors import CircularCoverError, OverlapError
from bluelamp.roster.model import (
    AnyEntry,
    Changed,
    Cover,
    HandOver,
    HandOvers,
    RosterAnswer,
    RosterList,
    Shift,
)
from bluelamp.roster.past import OBJECT, key_of, part_of
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.content.vault import Vault
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.roster.answering import Answering
    from bluelamp.roster.store import RosterStore

# How long an entry that has ended can still be put right.
CORRECTABLE: Final = timedelta(days=400)
ROUNDS: Final = 8
MAX_NOTE: Final = 4_000
NOTES: Final = 20


class Rosters:
    """The use cases of the roster.

    Parameters
    ----------
    store
        Where entries and notes are kept.
    accounts, people
        Who leads what, who is there, and who reaches whom.
    answering
        Tells who is responsible.
    pseudonyms, vault
        Bind the words of a note to its record, and keep them.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        store: RosterStore,
        accounts: Accounts,
        people: People,
        answering: Answering,
        pseudonyms: Pseudonyms,
        vault: Callable[[], Vault],
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._people = people
        self._answering = answering
        self._pseudonyms = pseudonyms
        self._vault = vault
        self._wake = wake
        self._clock = clock

    # changes ---------------------------------------------------------------------------------------------------------

    def put(self, principal: Principal, wanted: AnyEntry, *, rev: int, idem: Idempotency) -> Changed:
        """Put in an entry (`rev` 0), or put it in the place of the revision that was seen.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such entry, person or account.
        ConflictError
            When another revision is in force; `OverlapError` when an entry says the same or the opposite.
        CircularCoverError
            When people would stand in for each other in a circle.
        """
        require(principal, "office_hours" if wanted.kind == "office" else "roster")
        scoping.require_known(wanted, self._accounts, self._people)
        scoping.require_within(principal, wanted, self._accounts, self._people)
        given = self._people.given_by(rules.id_of(wanted.who)) if isinstance(wanted, Cover) else frozenset()
        scoping.require_own_to_give(principal, given, self._accounts)
        for _ in range(ROUNDS):
            head, entries = self._present()
            old = _find(entries, wanted.kind, wanted.id)
            _same(old, wanted.kind, wanted.id, rev)
            if old is not None:
                scoping.require_within(principal, old, self._accounts, self._people)
            _fits(entries, wanted)
            new = wanted.model_copy(update={"rev": rev + 1})
            if made := self._commit(principal, head, old, new, idem, given=given):
                return made
        raise ConflictError("The roster is changed by others at this moment. Try again in a few seconds.")

    def withdraw(self, principal: Principal, kind: str, entry_id: str, *, rev: int, idem: Idempotency) -> Changed:
        """Withdraw an entry that was put in by mistake: it never held. Who comes back early changes its end instead.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such entry.
        ConflictError
            When another revision is in force.
        """
        require(principal, "roster")
        for _ in range(ROUNDS):
            head, entries = self._present()
            old = _find(entries, kind, entry_id)
            if old is None:
                raise NotFoundError("There is no such entry of the roster, or it ended more than a year ago.")
            scoping.require_within(principal, old, self._accounts, self._people)
            _same(old, kind, entry_id, rev)
            if old.kind == "office":
                raise InvalidInputError("Office hours are not withdrawn. Put them in without hours: always open.")
            if made := self._commit(principal, head, old, None, idem):
                return made
        raise ConflictError("The roster is changed by others at this moment. Try again in a few seconds.")

    def hand_over(self, principal: Principal, account_id: str, *, text: str, idem: Idempotency) -> HandOver:
        """Leave a note for whoever answers next; the record says that there is one and where its words are kept.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the account is out of reach, or the role writes no notes.
        InvalidInputError
            Without words.
        """
        account = self._accounts.get(account_id)
        authorise(principal, "note", account)
        clean = text.strip()
        if not 0 < len(clean) <= MAX_NOTE:
            raise InvalidInputError(f"A hand-over note has 1 to {MAX_NOTE} characters.")
        now = self._clock()
        by = PersonName(id=principal.id, name=principal.name)
        note = HandOver(id=new_ulid(), account=account.id, at=iso(now), by=by, text=clean)
        packed = self._vault().pack([Kept(account.id, clean.encode("utf-8", "surrogatepass"))])
        digest = self._pseudonyms.words(account.id, note.id, clean, ())
        leaf = draft(
            type="roster",
            at=now,
            actor=principal.actor(),
            account=account.id,
            obj=Obj(kind=OBJECT, key=f"note/{note.id}", hmac_key=self._pseudonyms.key_id, rev=1, digest=digest),
            content=packed.contents[0],
            roster=Part(kind="note"),
        )
        chunk = Chunk.of([leaf])
        answer = note.model_dump(mode="json")
        self._store.table.transact([self._store.note(note), chunk.put(), *packed.writes, idem.put(answer)])
        self._wake()
        return note

    # reading ---------------------------------------------------------------------------------------------------------

    def list_for(self, principal: Principal) -> RosterList:
        """Return the entries within a person's reach that have not ended. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role does not see the roster: it says why people are away.
        """
        require(principal, "roster")
        found = [
            one
            for one in self._store.since(self._clock())
            if scoping.within(principal, one, self._accounts, self._people)
        ]
        self._looked(principal, Query(view="roster", hits=len(found)), account=None)
        people = self._people.names(i for one in found for i in scoping.people_in(one))
        return RosterList(entries=tuple(found), people=named(people))

    def notes(self, principal: Principal, account_id: str) -> HandOvers:
        """Return the newest hand-over notes of an account. Recorded as a search.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the account is out of reach, or the role sees no posts and so no notes on them.
        """
        account = self._accounts.get(account_id)
        authorise(principal, "see", account)
        found = self._store.notes(account.id, NOTES)
        self._looked(principal, Query(view="hand_over", hits=len(found)), account=account.id)
        return HandOvers(notes=tuple(found))

    def responsible_for(self, principal: Principal, account_id: str, *, at: datetime | None = None) -> RosterAnswer:
        """Return who is responsible for an account, now or at another minute. Recorded as a search.

        A minute that is over is answered from the sealed record; the present one and those to come from the table.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the account is out of the person's reach.
        """
        account = self._accounts.get_for(principal, account_id)
        found = self._answering.answer(account, at)
        query = Query(view="responsible", filters={"at": found.minute})
        self._looked(principal, query, account=account.id)
        return found

    # inside ----------------------------------------------------------------------------------------------------------

    def _present(self) -> tuple[int, list[AnyEntry]]:
        head = self._store.head()  # first: what is read after it can only be newer
        return head, self._store.since(self._clock() - CORRECTABLE)

    def _commit(
        self,
        principal: Principal,
        head: int,
        old: AnyEntry | None,
        new: AnyEntry | None,
        idem: Idempotency,
        *,
        given: frozenset[str] = frozenset(),
    ) -> Changed | None:
        """Write a change with its record; None when somebody else changed the roster meanwhile.

        `given` are the accounts that a cover lets somebody reach: those that were asked about, and no others.
        """
        leaf = self._leaf(principal, old, new)
        chunk = Chunk.of([leaf])
        made = Changed(entry=new.model_copy(update={"head": leaf.digest}) if new else None)
        try:
            self._store.table.transact(
                [
                    *self._store.replaced(old, made.entry),
                    self._store.moved(head),
                    chunk.put(),
                    line(ROSTER, chunk),
                    *self._stand_ins(old, made.entry, given),
                    *self._on_shift(old, made.entry),
                    idem.put(made.model_dump(mode="json")),
                ]
            )
        except (ConditionFailedError, ContentionError):
            if idem.replay(self._store.table) is not None:
                raise ConflictError("This change was made by its twin a moment ago.") from None
            return None
        self._wake()
        return made

    def _stand_ins(self, old: AnyEntry | None, new: AnyEntry | None, given: frozenset[str]) -> list[Put]:
        """Return the writes by which whoever stands in reaches the accounts that they stand in for."""
        before, after = (one if isinstance(one, Cover) else None for one in (old, new))
        one = after or before
        if one is None:
            return []
        said = _stand_in(after, given) if after else None
        return self._people.standing(
            one.id,
            before=rules.id_of(before.by) if before else None,
            after=rules.id_of(after.by) if after else None,
            new=said,
        )

    def _on_shift(self, old: AnyEntry | None, new: AnyEntry | None) -> list[Put]:
        """Return the writes by which a shift stands with the person who has it; one of a team is of no person."""
        before, after = (one if isinstance(one, Shift) else None for one in (old, new))
        one = after or before
        if one is None:
            return []
        said = _duty(after) if after else None
        return self._people.on_shift(one.id, before=_person_of(before), after=_person_of(after), new=said)

    def _leaf(self, principal: Principal, old: AnyEntry | None, new: AnyEntry | None) -> Leaf:
        said = new or old
        if said is None:
            raise ValueError("a change has something before it or after it")
        rev = new.rev if new else said.rev + 1
        return draft(
            type="roster",
            at=self._clock(),
            actor=principal.actor(),
            obj=Obj(kind=OBJECT, key=key_of(said), rev=rev, prev=old.head if old else None),
            roster=part_of(said, withdrawn=new is None),
        )

    def _looked(self, principal: Principal, query: Query, *, account: str | None) -> None:
        leaf = draft(type="search", at=self._clock(), actor=principal.actor(), account=account, query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()


def _find(entries: Iterable[AnyEntry], kind: str, entry_id: str) -> AnyEntry | None:
    return next((one for one in entries if one.kind == kind and one.id == entry_id), None)


def _stand_in(cover: Cover, given: frozenset[str]) -> StandIn:
    return StandIn(
        id=cover.id,
        who=rules.id_of(cover.who),
        begins_at=cover.begin,
        ends_at=cover.end,
        accounts=tuple(sorted(given)),
    )


def _duty(shift: Shift) -> DutyShift:
    return DutyShift(
        id=shift.id,
        duty=shift.duty,
        begins_at=shift.begin,
        ends_at=shift.end,
        weekly=shift.weekly.pattern if shift.weekly else None,
    )


def _person_of(shift: Shift | None) -> str | None:
    return rules.id_of(shift.who) if shift and shift.who.startswith("person:") else None


def _same(old: AnyEntry | None, kind: str, entry_id: str, rev: int) -> None:
    if old is None and rev:
        raise NotFoundError(f"There is no {kind} {entry_id} in the roster any more. Look at it again.")
    if old is not None and old.rev != rev:
        raise ConflictError("Somebody else changed this entry since you looked. Look at it again.", rev=old.rev)


def _fits(entries: list[AnyEntry], wanted: AnyEntry) -> None:
    other = rules.clash(entries, wanted)
    if other is not None:
        raise OverlapError(
            f"This {wanted.kind} contradicts the {other.kind} {other.id}, which speaks of the same. "
            "Change or withdraw that one first.",
            rev=other.rev,
        )
    if isinstance(wanted, Cover):
        covers = [one for one in entries if isinstance(one, Cover)]
        if ring := rules.circle(covers, wanted):
            raise CircularCoverError(
                f"These would stand in for each other in a circle: {', '.join((*ring, ring[0]))}. "
                "Name somebody outside it."
            )
