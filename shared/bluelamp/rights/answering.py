"""The answer of a case: submitted by one person, approved by another who reads just what goes out, then fetched.

Whoever approves sees no word that is redacted or withheld: a supervisor answers for accounts, a case is of the whole
force (docs/decisions/0083-rights-cases.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bluelamp.audit.leaf import Obj, Op, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, InvalidInputError, RefusedError
from bluelamp.people.rules import two_people
from bluelamp.posts.changing import name_of
from bluelamp.rights import law
from bluelamp.rights.errors import PackageNotReadyError, StepRefusedError
from bluelamp.rights.model import (
    Answer,
    Case,
    CaseView,
    Outcome,
    Package,
    RightsLink,
)
from bluelamp.rights.packing import LINK, package_key, package_name
from bluelamp.rights.service import view_of
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.files import Files
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.rights.casefiles import CaseFiles
    from bluelamp.rights.outgoing import Compiler

PART = 50


class Answers:
    """The use cases of the routes of a case's answer.

    Parameters
    ----------
    case_files
        Commits changes of cases.
    compiler
        Makes answers from posts and rulings.
    files
        Where the answers are fetched from.
    """

    def __init__(self, case_files: CaseFiles, *, compiler: Compiler, files: Files) -> None:
        self._work = case_files
        self._compiler = compiler
        self._files = files

    def submitted(self, case: Case, principal: Principal, outcome: Outcome | None, exemption: str | None) -> Case:
        """Return a case as it is submitted for approval; whoever asks has been let in already.

        Raises
        ------
        InvalidInputError
            Without an outcome; or when a refusal names no exemption of the law, or an answer names one.
        StepRefusedError
            When who asks is not proven, and the law wants that before anything is told.
        NotReviewedError
            When not everything that was found is decided.
        """
        if outcome is None or (outcome == "refuse") != (exemption is not None):
            raise InvalidInputError("A case is submitted to be answered, or to be refused under an exemption.")
        if exemption is not None:
            law.check_exemption(case.law, exemption)
        if outcome == "answer" and case.identity == "unverified":
            raise StepRefusedError("Who asks is not confirmed yet: nothing is told, changed or erased before that is.")
        if outcome == "answer" and not case.searches:
            raise StepRefusedError("Nothing was searched for yet. Search first, or refuse the case.")
        named = {"state": "submitted", "outcome": outcome, "exemption": exemption, "submitted_by": name_of(principal)}
        new = case.model_copy(update=named)
        return new.model_copy(update={"version": self._compiler.compiled(new).version})

    def answer(self, principal: Principal, case_id: str, *, start: int = 0) -> Answer:
        """Return a part of the answer as it goes out. Recorded as a view.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role approves no answers, or there is no such case.
        StepRefusedError
            When nothing is submitted.
        NotReviewedError
            When something has changed since it was.
        """
        case = self._work.load(principal, "approve_answer", case_id)
        if case.state not in {"submitted", "approved"}:
            raise StepRefusedError(f"This case is {case.state.replace('_', ' ')}: there is no answer to be approved.")
        found = self._compiler.compiled(case)
        leaf = draft(
            type="view",
            at=self._work.clock(),
            actor=principal.actor(),
            case=case.id,
            obj=Obj(kind="rights", key=case.id, rev=case.rev),
            op=Op(verb="answer"),
            correlation=case.id,
        )
        self._work.record(leaf)
        return found.part(case, start, PART)

    def decide(
        self,
        principal: Principal,
        case_id: str,
        *,
        decision: Literal["approve", "send_back"],
        rev: int,
        version: str | None,
        idem: Idempotency,
    ) -> CaseView:
        """Approve what somebody else submitted, or send it back to be reviewed again.

        Parameters
        ----------
        version
            The digest of the answer that was read; an approval needs it.

        Raises
        ------
        NotPermittedError, NotFoundError
            As `answer`.
        RefusedError
            When the person submitted it.
        ConflictError
            When it is not submitted, or is not any more what was read.
        """
        case = self._work.load(principal, "approve_answer", case_id, rev=rev)
        if case.state != "submitted":
            raise StepRefusedError(f"This case is {case.state.replace('_', ' ')}: nothing is to be approved.")
        second = two_people(case.submitted_by.id if case.submitted_by else "", principal.id, "answer")
        if not second.allowed:
            raise RefusedError(second.for_person, reason_code=second.reason_code)
        now = iso(self._work.clock())
        changes = {"decided_by": name_of(principal), "decided_at": now}
        if decision == "approve":
            if version != case.version or version != self._compiler.compiled(case).version:
                raise ConflictError("This is not the answer any more that you read. Read it again.", rev=case.rev)
            package = Package(asked_at=now) if case.outcome == "answer" else None
            new = case.model_copy(update={**changes, "state": "approved", "package": package})
        else:
            new = case.model_copy(update={"state": "reviewing", "outcome": None, "exemption": None, "version": None})
        after = new.model_copy(update={"rev": case.rev + 1})
        view = view_of(after, self._work.today(), requester=None, works=False)
        also = [idem.put(view.model_dump(mode="json"))]
        self._work.commit(case, new, principal.actor(), step=decision, also=also)
        if new.package is not None:
            self._work.ask(new, "package")
        return view

    def link(self, principal: Principal, case_id: str) -> RightsLink:
        """Make a link to the finished answer that works for ten minutes; each one is recorded as a disclosure.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role works no cases, or there is none.
        PackageNotReadyError
            When the answer is not there: not yet, no longer, or it could not be made.
        """
        case = self._work.load(principal, "rights", case_id)
        package, now = case.package, self._work.clock()
        if package is None or package.state != "made" or package.sha256 is None or package.size is None:
            why = f"it could not be made ({package.error})" if package and package.error else "it is not made yet"
            raise PackageNotReadyError(f"This answer cannot be fetched: {why}.")
        if package.expires_at is None or parse_iso(package.expires_at) <= now:
            raise PackageNotReadyError("This answer is kept no longer. Reopen the case to have it made again.")
        leaf = draft(
            type="export",
            at=now,
            actor=principal.actor(),
            case=case.id,
            obj=Obj(kind="rights", key=case.id, digest=package.sha256),
            reason=LeafReason(code=case.kind, ref=case.ref),
            op=Op(verb="link"),
            correlation=case.id,
        )
        self._work.record(leaf)
        name = f"{package_name(case.id)}.zip"
        url = self._files.link(package_key(case.id), seconds=int(LINK.total_seconds()), name=name)
        return RightsLink(url=url, expires_at=iso(now + LINK), name=name, sha256=package.sha256, size=package.size)
