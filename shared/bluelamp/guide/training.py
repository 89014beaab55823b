"""Training: entered one by one or as a file, each with its record; who sees and enters it, and who lacks what.

The last day of each course stands in the person, too, where the gate reads it with the request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bluelamp.audit.leaf import Actor, Obj, Query, draft
from bluelamp.audit.leaf import Training as Part
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import BluelampError, ConflictError, InvalidInputError, NotFoundError, OutOfScopeError
from bluelamp.exports.london import london
from bluelamp.guide import csvfile, rules
from bluelamp.guide.model import MissingList, Training, TrainingList
from bluelamp.people.access import OneselfError
from bluelamp.people.rules import require
from bluelamp.tabular.importing import ImportReport, report
from bluelamp.tabular.reading import Finding
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.guide.store import GuideStore
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Person, Principal
    from bluelamp.people.service import People

ROUNDS: Final = 8
MAX_EACH: Final = 200
Within = Callable[["Person"], bool]


@dataclass
class _Plan:
    steps: list[tuple[csvfile.Line, str, bool]] = field(default_factory=list)
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)

    def report(self, *, applied: bool) -> ImportReport:
        created = sum(new for _, _, new in self.steps)
        return report(
            applied=applied,
            created=created,
            changed=len(self.steps) - created,
            unchanged=self.unchanged,
            findings=self.findings,
        )


class Trainings:
    """The use cases of training, and the report of who lacks what.

    Parameters
    ----------
    store
        Where training is kept.
    people
        Whose it is.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(self, *, store: GuideStore, people: People, wake: Callable[[], None], clock: Clock = utc_now) -> None:
        self._store = store
        self._people = people
        self._wake = wake
        self._clock = clock

    def of_person(self, principal: Principal, person_id: str) -> TrainingList:
        """Return somebody's training. Recorded as a search, unless it is one's own.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not see it, or the person is not within reach.
        """
        if person_id != principal.id:
            self._reached(principal, person_id)
        found = tuple(sorted(self._store.training(person_id), key=lambda one: one.on, reverse=True))
        if person_id != principal.id:
            obj, query = Obj(kind="person", key=person_id), Query(view="training", hits=len(found))
            self._record(draft(type="search", at=self._clock(), actor=principal.actor(), obj=obj, query=query))
        return TrainingList(person=person_id, training=found)

    def enter(self, principal: Principal, person_id: str, training: Training, *, idem: Idempotency) -> TrainingList:
        """Enter a course that somebody took, or correct what was entered for it and its day.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not enter it, or the person is not within reach.
        OneselfError
            When it is one's own.
        InvalidInputError
            When the days cannot be.
        """
        self._reached(principal, person_id)
        if person_id == principal.id:
            raise OneselfError(
                "Refused because nobody enters his own training; ask another supervisor or an administrator.",
                reason_code="oneself",
            )
        if wrong := csvfile.why_not(training):
            raise InvalidInputError(f"The last day of the training {wrong}.")
        found = self._write(person_id, training, principal.actor(), idem)
        self._wake()
        return found

    def import_for(self, principal: Principal, text: str, *, dry_run: bool, keep_going: bool) -> ImportReport:
        """Import a file of the people within reach; see `import_file`.

        Raises
        ------
        NotPermittedError
            When the role does not enter training.
        """
        require(principal, "training")
        raw = text.encode("utf-8", "surrogatepass")  # half a character is told as what it is: no UTF-8
        return self.import_file(
            raw,
            principal.actor(),
            dry_run=dry_run,
            keep_going=keep_going,
            within=lambda person: person.id != principal.id and _within(principal, person),
        )

    def import_file(
        self,
        raw: bytes,
        by: Actor,
        *,
        dry_run: bool,
        keep_going: bool = False,
        within: Within = lambda _: True,
    ) -> ImportReport:
        """Enter what the lines of a file say; nothing that is not in it goes.

        Each line that is written is recorded; a trial, and a file that changes nothing, is recorded as a search.

        Raises
        ------
        TooLargeError, TableError
            When the file as a whole cannot be read.
        """
        lines = csvfile.parse(raw)
        plan = self._plan(lines.good, within)
        plan.findings += lines.findings
        if dry_run or not plan.steps or (plan.findings and not keep_going):
            query = Query(view="training_import", hits=len(lines.good))
            self._record(draft(type="search", at=self._clock(), actor=by, query=query))
            return plan.report(applied=not dry_run and not plan.findings)
        written = []
        for step in plan.steps:
            try:
                self._write(step[1], step[0].training, by, None)
            except BluelampError as error:
                plan.findings.append(Finding(step[0].line, "", str(error)))
            else:
                written.append(step)
        plan.steps = written
        self._wake()
        return plan.report(applied=True)

    def missing(self, principal: Principal) -> MissingList:
        """Return who lacks the guide or a course, among those within reach. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role does not see it.
        """
        found = self._missing(principal)
        query = Query(view="guide_missing", hits=len(found.missing))
        self._record(draft(type="search", at=self._clock(), actor=principal.actor(), query=query))
        return found

    def missing_file(self, principal: Principal) -> str:
        """Return the same as a file. Recorded as an export; raises as `missing`."""
        found = self._missing(principal)
        query = Query(view="guide_missing", hits=len(found.missing))
        self._record(draft(type="export", at=self._clock(), actor=principal.actor(), query=query))
        return csvfile.export(found.missing)

    # inside ----------------------------------------------------------------------------------------------------------

    def _missing(self, principal: Principal) -> MissingList:
        require(principal, "training")
        gate, day = self._people.gate(), london(self._clock()).date()
        reached = [one for one in self._people.everybody() if one.active and _within(principal, one)]
        found = (rules.lacking(one, gate, day) for one in reached)
        due = gate.due_on(day)
        return MissingList(
            day=day,
            guide=due.version if due else None,
            courses=gate.courses,
            people=len(reached),
            missing=tuple(one for one in found if one is not None),
        )

    def _reached(self, principal: Principal, person_id: str) -> None:
        require(principal, "training")
        person = self._people.among([person_id]).get(person_id)
        if person is None:
            raise NotFoundError("there is no such person")
        if not _within(principal, person):
            raise OutOfScopeError("there is no such person")

    def _plan(self, lines: tuple[csvfile.Line, ...], within: Within) -> _Plan:
        everybody = self._people.by_address()
        known: dict[str, list[Training]] = {}
        plan = _Plan()
        for line in lines:
            person = everybody.get(line.email)
            if person is None or not within(person):
                problem = "is nobody whose training you enter: correct the address, or take the line out"
                plan.findings.append(Finding(line.line, "email", problem))
                continue
            if person.id not in known:
                known[person.id] = self._store.training(person.id)
            if line.training in known[person.id]:
                plan.unchanged += 1
                continue
            new = not any(_same(one, line.training) for one in known[person.id])
            plan.steps.append((line, person.id, new))
        return plan

    def _write(self, person_id: str, training: Training, by: Actor, idem: Idempotency | None) -> TrainingList:
        """Write one training with its record and the person's last days, in one transaction.

        Raises
        ------
        ConflictError
            When the person is changed by others again and again.
        InvalidInputError
            When they have so much training that nobody entered it for them alone.
        """
        for _ in range(ROUNDS):
            person = self._people.get(person_id)  # first: training read after it can only be newer
            rest = [one for one in self._store.training(person_id) if not _same(one, training)]
            if len(rest) >= MAX_EACH:
                raise InvalidInputError(f"This person has {MAX_EACH} trainings already.")
            held = sorted([*rest, training], key=lambda one: one.on, reverse=True)
            made = TrainingList(person=person_id, training=tuple(held))
            until = dict(sorted(rules.until_of(held).items()))
            chunk = Chunk.of([self._leaf(person_id, training, by)])
            kept = [idem.put(made.model_dump(mode="json"))] if idem else []
            writes = [self._store.put_training(person_id, training), self._people.changed(person, trained_until=until)]
            try:
                self._store.table.transact([chunk.put(), *writes, *kept])
            except (ConditionFailedError, ContentionError):
                continue
            return made
        raise ConflictError("This person is changed by others at this moment. Try again in a few seconds.")

    def _leaf(self, person_id: str, training: Training, by: Actor) -> Leaf:
        part = Part(course=training.course, on=training.on.isoformat(), until=training.until.isoformat())
        obj = Obj(kind="person", key=person_id)
        return draft(type="config", at=self._clock(), actor=by, obj=obj, training=part)

    def _record(self, leaf: Leaf) -> None:
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()


def _same(one: Training, other: Training) -> bool:
    return (one.course, one.on) == (other.course, other.on)


def _within(principal: Principal, person: Person) -> bool:
    return principal.all_accounts or bool(principal.teams & set(person.teams))
