"""A force in memory that is asked for what it holds: the real services on the fake cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cloud.memory_files import MemoryFiles
from bluelamp.cursors import Cursors
from bluelamp.posts.correcting import Corrections
from bluelamp.posts.store import PostStore
from bluelamp.rights.answering import Answers
from bluelamp.rights.casefiles import CaseFiles
from bluelamp.rights.erasing import Erasures
from bluelamp.rights.model import CaseBody, CaseView, Criteria, Ruling, Span
from bluelamp.rights.outgoing import Compiler
from bluelamp.rights.packing import Packing
from bluelamp.rights.reminding import Reminding
from bluelamp.rights.reviewing import Review
from bluelamp.rights.searching import Searching
from bluelamp.rights.service import Cases
from bluelamp.rights.store import RightsStore
from tests.support.world import SECRET, idem
from tests.unit.retention.retention_kit import ADMIN, AUDITOR, SUPERVISOR, Office

PERIOD = {"since": "2026-01-01", "until": "2026-12-31"}
NAME = "Quentin Requester"


def bodied(kind: str = "access", law: str = "dpa_part3", received: str = "2026-11-20") -> CaseBody:
    requester = {"name": NAME, "contact": "q@requester.example", "request": "All about me."}
    return CaseBody(kind=kind, law=law, ref="SAR/2026/12", received_on=received, requester=requester)


class Bureau(Office):
    """The office with rights cases."""

    def __init__(self, scratch: Path | None = None, on: Office | None = None) -> None:
        if on is None:
            super().__init__()
        else:
            self.__dict__.update(on.__dict__)
        self.files = MemoryFiles(self.faults)
        self.export_queue = MemoryQueue(self.faults)
        self.told = 0
        posts = PostStore(self.table)
        self.work_store = RightsStore(self.table)
        work = CaseFiles(self.work_store, queue=self.export_queue, wake=lambda: None, clock=self.clock)
        compiler = Compiler(self.work_store, posts=posts, dossiers=self.dossiers)
        self.answers = Answers(work, compiler=compiler, files=self.files)
        self.cases = Cases(
            work, answers=self.answers, accounts=self.accounts, pseudonyms=self.pseudonyms, cursors=Cursors(SECRET)
        )
        self.review = Review(work, changer=self.changer, dossiers=self.dossiers, corrections=Corrections(self.changer))
        self.erasures = Erasures(work, posts=posts, disposals=self.disposals)
        self.searching = Searching(
            work, posts=posts, dossiers=self.dossiers, pseudonyms=self.pseudonyms,
            accounts=lambda: [one.id for one in self.accounts.all()],
        )  # fmt: skip
        self.packing = Packing(
            work, compiler=compiler, posts=posts, dossiers=self.dossiers, vault=lambda: self.vault,
            files=self.files, force="Wealdshire Police", scratch=scratch,
        )  # fmt: skip
        self.reminding = Reminding(self.work_store, wake=lambda: None, notify=self._notified, clock=self.clock)

    def _notified(self) -> None:
        self.told += 1

    def jobs(self) -> None:
        """Do what the export function is asked for."""
        while self.export_queue.messages:
            body = self.export_queue.messages.pop(0).body
            (self.packing if body["job"] == "package" else self.searching).run(body["rights"])

    def asked(self, **how: str) -> CaseView:
        return self.cases.open_case(AUDITOR, bodied(**how), idem=idem())

    def step(self, case: CaseView, step: Any, **given: Any) -> CaseView:
        return self.cases.step(AUDITOR, case.id, step=step, rev=self.rev(case), idem=idem(), **given)

    def rev(self, case: CaseView) -> int:
        found = self.work_store.case(case.id)
        assert found is not None
        return found.rev

    def search(self, case: CaseView, **criteria: Any) -> CaseView:
        wanted = Criteria(**PERIOD | criteria)
        self.cases.search(AUDITOR, case.id, criteria=wanted, rev=self.rev(case), idem=idem())
        self.jobs()
        return self.cases.get(AUDITOR, case.id)

    def found(self, case: CaseView) -> list[str]:
        found = [one.post for one in self.review.items(AUDITOR, case.id).items]
        return sorted(found, key=lambda one: self.post(one).native_id)

    def decide(self, case: CaseView, post: str, verdict: Any, *spans: tuple[int, int], **more: Any) -> None:
        marked = tuple(Span(begin=begin, end=end, ground="third_party") for begin, end in spans)
        ruling = Ruling(verdict=verdict, spans=marked, **more)
        rev = next(one.rev for one in self.review.items(AUDITOR, case.id).items if one.post == post)
        self.review.decide(AUDITOR, case.id, post, ruling=ruling, rev=rev, idem=idem())

    def approve(self, case: CaseView, by: Any = SUPERVISOR) -> CaseView:
        version = self.answers.answer(by, case.id).version
        return self.answers.decide(by, case.id, decision="approve", rev=self.rev(case), version=version, idem=idem())

    def answered(self, case: CaseView) -> CaseView:
        """Submit, approve and make the answer."""
        self.step(case, "submit", outcome="answer")
        self.approve(case)
        self.jobs()
        return self.cases.get(AUDITOR, case.id)


__all__ = ["ADMIN", "AUDITOR", "NAME", "SUPERVISOR", "Bureau", "bodied"]
