"""The people of a force taken out as a CSV file and brought back: tried first, told line by line, each person whole.

A new person needs a sign-in of the identity provider, whose subject is the person's key. It is made first and opens
nothing alone; so an import that was cut off is run again with the same file and completes what the first began.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Actor, Change, Leaf, Obj, Query, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.people.changes import changes_between
from bluelamp.people.csvfile import Line, export, parse
from bluelamp.people.matrix import BY_TEAM
from bluelamp.people.model import Person
from bluelamp.people.moving import Covers, ended
from bluelamp.people.rules import require
from bluelamp.tabular.importing import ImportReport, report
from bluelamp.tabular.reading import Finding, Wrong
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.people.model import Principal
    from bluelamp.people.store import PeopleStore

FIELDS = ("name", "role", "teams", "status")
# Each new sign-in is a request to the provider, which takes few a second; a request of the API has twenty seconds.
MOST_NEW = 100


@dataclass(frozen=True, slots=True)
class _Step:
    line: int
    old: Person | None
    new: Person


@dataclass
class _Plan:
    steps: list[_Step] = field(default_factory=list)
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)

    def report(self, *, applied: bool) -> ImportReport:
        created = sum(step.old is None for step in self.steps)
        return report(
            applied=applied,
            created=created,
            changed=len(self.steps) - created,
            unchanged=self.unchanged,
            findings=self.findings,
        )


class PeopleFiles:
    """Imports and exports of people.

    Parameters
    ----------
    store
        Where they are kept.
    sign_in
        Makes the sign-in of an address and a name where it is missing, and returns its subject.
    teams
        The teams that accounts belong to.
    covers
        Ends in the roster what somebody who moves stands in for.
    wake
        Wakes the sequencer.
    closing
        Closes the open pages of somebody whose sign-ins have ended.
    clock
        The present.
    """

    def __init__(
        self,
        store: PeopleStore,
        *,
        sign_in: Callable[[str, str], str],
        teams: Callable[[], Collection[str]],
        covers: Covers,
        wake: Callable[[], None],
        closing: Callable[[str], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._sign_in = sign_in
        self._teams = teams
        self._covers = covers
        self._wake = wake
        self._closing = closing
        self._clock = clock

    def import_for(
        self, principal: Principal, text: str, *, dry_run: bool, keep_going: bool, new_teams: bool
    ) -> ImportReport:
        """Import a file for an administrator; see `import_file`.

        The one who asks stays an active administrator, and at most `MOST_NEW` people are new: `bluelamp person import`
        takes more.

        Raises
        ------
        NotPermittedError
            When the role does not manage people.
        """
        require(principal, "people")
        raw = text.encode("utf-8", "surrogatepass")  # half a character is told as what it is: no UTF-8
        return self.import_file(
            raw,
            principal.actor(),
            dry_run=dry_run,
            keep_going=keep_going,
            new_teams=new_teams,
            oneself=principal.id,
            most_new=MOST_NEW,
        )

    def export_for(self, principal: Principal) -> str:
        """Return all people as a file for an administrator; see `export_file`.

        Raises
        ------
        NotPermittedError
            When the role does not manage people.
        """
        require(principal, "people")
        return self.export_file(principal.actor())

    def import_file(
        self,
        raw: bytes,
        by: Actor,
        *,
        dry_run: bool,
        keep_going: bool = False,
        new_teams: bool = False,
        oneself: str = "",
        most_new: int | None = None,
    ) -> ImportReport:
        """Bring the people to what a file says; who is not in it stays as they are.

        Each person who is written is recorded; a trial, and a file that changes nothing, is recorded as a search.

        Parameters
        ----------
        dry_run, keep_going, new_teams
            As `bluelamp.accounts.files.AccountFiles.import_file`.
        oneself
            Who asks, by their id: nobody takes their own access away by a slip in a file.
        most_new
            How many people may be new; the lines of the others are bad.

        Raises
        ------
        TooLargeError, TableError
            When the file as a whole cannot be read.
        """
        lines = parse(raw)
        plan = self._plan(lines.good, new_teams=new_teams, oneself=oneself, most_new=most_new)
        plan.findings += lines.findings
        if dry_run or not plan.steps or (plan.findings and not keep_going):
            query = Query(view="people_import", hits=len(lines.good))
            self._record(draft(type="search", at=self._clock(), actor=by, query=query))
            return plan.report(applied=not dry_run and not plan.findings)
        written = []
        for step in plan.steps:
            try:
                self._write(step, by)
            except BluelampError as error:
                plan.findings.append(Finding(step.line, "", str(error)))
            else:
                written.append(step)
        plan.steps = written
        self._wake()
        return plan.report(applied=True)

    def export_file(self, by: Actor) -> str:
        """Return all people as a file. Recorded as an export: their names and addresses leave the system.

        A line is known by its address. Where somebody left and came anew with the same one there is one line, of who is
        here: two of one address could not be brought back.
        """
        everybody = sorted(self._store.by_address().values(), key=lambda one: one.name.casefold())
        self._record(draft(type="export", at=self._clock(), actor=by, query=Query(view="people", hits=len(everybody))))
        return export(everybody)

    def _record(self, leaf: Leaf) -> None:
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()

    def _plan(
        self, lines: Collection[Line], *, new_teams: bool, oneself: str = "", most_new: int | None = None
    ) -> _Plan:
        everybody = self._store.by_address()
        teams = set(self._teams()) | {team for person in everybody.values() for team in person.teams}
        plan, new_ones = _Plan(), 0
        for row in lines:
            bad = Wrong(row.line)
            old = everybody.get(row.email)
            if row.id and (old is None or old.id != row.id):
                there = f"belongs to {old.id}" if old else "belongs to nobody here"
                bad("id", f"and email are not of one person, the address {there}: empty it, or correct the address")
            new = _changed(old, row, self._clock)
            if new.role in BY_TEAM and not new.teams:
                bad("teams", f"are missing: a {new.role} reaches the accounts of their teams alone")
            if not new_teams and (unknown := [t for t in new.teams if t not in teams]):
                bad(
                    "teams",
                    f"hold {unknown[0]}, which nobody and no account belongs to: correct it, or allow new teams",
                )
            if old is not None and old.id == oneself and (new.role, new.status) != (old.role, old.status):
                bad("email", "is your own: ask another administrator to change your role or status")
            new_ones += old is None
            if old is None and most_new is not None and new_ones > most_new:
                bad("email", f"is of a new person, and a file may have {most_new}: use bluelamp person import")
            if bad.findings:
                plan.findings += bad.findings
            elif new is old:
                plan.unchanged += 1
            else:
                plan.steps.append(_Step(row.line, old, new))
        return plan

    def _write(self, step: _Step, by: Actor) -> None:
        """Write one person with the records of what changes, in one transaction.

        Raises
        ------
        ConflictError
            When somebody else changed or added them meanwhile.
        """
        new, over = ended(self._store, self._covers, step.old, step.new, by=by, at=self._clock())
        if step.old is None:
            new = new.model_copy(update={"id": self._sign_in(new.email, new.name)})
            put = self._store.insert(new)
        else:
            put = self._store.replace(new)
        leaves = [self._leaf(new, by, change) for change in changes_between(step.old, new)]
        chunk = Chunk.of([*leaves, *over.leaves])
        try:
            self._store.table.transact([put, chunk.put(), line(ROSTER, chunk), *over.writes])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("changed meanwhile by somebody else: run the import again") from None
        if step.old is not None and not new.active:
            self._closing(new.id)

    def _leaf(self, person: Person, by: Actor, change: Change) -> Leaf:
        return draft(type="config", at=self._clock(), actor=by, obj=Obj(kind="person", key=person.id), change=change)


def _changed(old: Person | None, row: Line, clock: Clock) -> Person:
    """Return the person as the line has them; `old` itself when nothing differs."""
    values: Mapping[str, Any] = row.values
    if old is None:
        return Person(id="", email=row.email, **values)
    update = {name: values[name] for name in FIELDS if name in values and values[name] != getattr(old, name)}
    if not update:
        return old
    if update.get("status", "active") != "active":
        # Without this an old cookie would work again after reinstatement.
        update["signed_out_at"] = clock()
    return old.model_copy(update=update | {"rev": old.rev + 1})
