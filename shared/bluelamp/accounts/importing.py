"""Decides, for each line of a file, what it would change in the register. Pure: nothing is read or written here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bluelamp.accounts import rules
from bluelamp.accounts.csvfile import APPROVE, MAY, Line
from bluelamp.accounts.model import POLICY_ACTS, Account, Officer, Policy
from bluelamp.accounts.registering import Step
from bluelamp.people.model import Person
from bluelamp.tabular.importing import ImportReport, report
from bluelamp.tabular.reading import Finding, Wrong


@dataclass(frozen=True, slots=True)
class Known:
    """What lines are checked against: the accounts, the people, and the teams that there are."""

    accounts: Mapping[str, Account]
    by_key: Mapping[str, Person]
    teams: Collection[str]

    @classmethod
    def of(cls, accounts: Iterable[Account], people: Iterable[Person]) -> Known:
        """Return what is known; a person is found by address, in whatever case, and by id."""
        there, everybody = {a.id: a for a in accounts}, list(people)
        by_key = {p.email.casefold(): p for p in everybody if p.email} | {p.id: p for p in everybody}
        return cls(there, by_key, {a.team for a in there.values()} | {t for p in everybody for t in p.teams})


@dataclass
class Plan:
    """What is to be written, which line each step came from, and what is wrong."""

    steps: list[Step] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)

    def report(self, *, applied: bool) -> ImportReport:
        """Return the plan as it is told."""
        created = sum(step.old is None for step in self.steps)
        return report(
            applied=applied,
            created=created,
            changed=len(self.steps) - created,
            unchanged=self.unchanged,
            findings=self.findings,
        )


def plan(lines: Iterable[Line], known: Known, *, by: Officer | None, at: datetime, new_teams: bool) -> Plan:
    """Return what the lines come to.

    Parameters
    ----------
    by, at
        Who changes the register, and when.
    new_teams
        A team that no account and no person belongs to is meant, and no slip.
    """
    found = Plan()
    for line in lines:
        wrong = Wrong(line.line)
        step = _step(line, known, wrong, by, at)
        if not new_teams and line.values["team"] not in known.teams:
            wrong("team", "is a team that nobody and no account belongs to: correct it, or allow new teams")
        if wrong.findings:
            found.findings += wrong.findings
        elif step.new is step.old:
            found.unchanged += 1
        else:
            found.steps.append(step)
            found.lines[line.id] = line.line
    return found


def _step(line: Line, known: Known, bad: Wrong, by: Officer | None, at: datetime) -> Step:
    old = known.accounts.get(line.id)
    wanted: dict[str, Any] = {n: v for n, v in line.values.items() if n in rules.FIELDS and n not in {"lead", "deputy"}}
    for column in ("lead", "deputy"):
        if column in line.values:
            wanted[column] = _officer(line.values[column], getattr(old, column, None), known, bad, column)
    present = old.policy if old else Policy()
    acts: dict[str, Any] = {act: line.values[MAY[act]] for act in POLICY_ACTS if MAY[act] in line.values}
    acts |= {APPROVE[act]: line.values[APPROVE[act]] for act in POLICY_ACTS if APPROVE[act] in line.values}
    wanted["policy"] = present.model_copy(update=acts)
    lead, deputy = (wanted.get(n, getattr(old, n, None)) for n in ("lead", "deputy"))
    if lead and deputy and lead.id == deputy.id:
        bad("deputy", "is the lead too: put somebody else, or nobody")
    if old is None:
        made = Account(
            id=line.id, platform=line.platform, native_id=line.native_id, since=at, changed_at=at, changed_by=by,
            **wanted,
        )  # fmt: skip
        return Step(None, made)
    new = rules.changed(old, wanted, by=by, at=at)
    if new is not old and line.rev not in {None, old.rev}:
        there = "; ".join(f"{n} is {rules.shown(getattr(old, n))}" for n in rules.differing(old, wanted))
        bad("rev", f"is {line.rev}, and {old.rev} is in force by now ({there}): export anew, or empty it")
    return Step(old, new)


def _officer(typed: str | None, present: Officer | None, known: Known, bad: Wrong, column: str) -> Officer | None:
    if typed is None:
        return None
    person = known.by_key.get(typed) or known.by_key.get(typed.casefold())
    if present and typed == present.id and person is None:
        return present  # as it was exported: somebody whom the table no longer has
    if person is None:
        bad(column, "is nobody here: put an e-mail address that bluelamp person list shows, or nothing")
    elif not person.active and (present is None or present.id != person.id):
        bad(column, f"is {person.status}: put somebody who is active, or nothing")
    return Officer(id=person.id, name=person.name) if person else None
