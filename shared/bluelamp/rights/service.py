"""What those who work rights cases do: take one in, go on with it step by step, have it searched, look at the list.

The auditor works a case; a supervisor approves its answer (`answering`), an administrator proposes what is erased
(`erasing`). Who asks, and what was searched for, is shown to those who work the case and to nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Obj, Op, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import InvalidInputError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise, permitted, require
from bluelamp.posts.changing import name_of
from bluelamp.rights import clock, law, rules
from bluelamp.rights.errors import StepRefusedError
from bluelamp.rights.model import (
    MOST_SEARCHES,
    Case,
    CaseBody,
    CasePage,
    CaseSummary,
    CaseView,
    Criteria,
    Extension,
    Outcome,
    Pause,
    Requester,
    Search,
    SearchView,
    Step,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.rights.answering import Answers
    from bluelamp.rights.casefiles import CaseFiles

MAX_PAGE = 100
EARLIEST = date(2000, 1, 1)
_QUERY = {"list": "rights"}


class Cases:
    """The use cases of the rights routes that concern a whole case.

    Parameters
    ----------
    case_files
        Commits changes of cases.
    answers
        Fixes what is submitted.
    accounts
        The accounts of the force.
    pseudonyms
        Names authors as the log does, and makes the keyed digest of what was searched for.
    cursors
        Makes and opens cursors.
    """

    def __init__(
        self, case_files: CaseFiles, *, answers: Answers, accounts: Accounts, pseudonyms: Pseudonyms, cursors: Cursors
    ) -> None:
        self._work = case_files
        self._answers = answers
        self._accounts = accounts
        self._pseudonyms = pseudonyms
        self._cursors = cursors

    def open_case(self, principal: Principal, body: CaseBody, *, idem: Idempotency) -> CaseView:
        """Take in a request; its time to answer runs from the day that it was received on.

        Raises
        ------
        NotPermittedError
            When the role works no cases.
        InvalidInputError
            When it was received on a day to come, or before 2000.
        """
        require(principal, "rights")
        received, today = date.fromisoformat(body.received_on), self._work.today()
        if not EARLIEST <= received <= today:
            raise InvalidInputError(f"A request was received between {EARLIEST} and today, {today}.")
        by, now = name_of(principal), iso(self._work.clock())
        case = Case(
            id=new_ulid(),
            kind=body.kind,
            law=body.law,
            ref=body.ref,
            received_on=body.received_on,
            runs_from=body.received_on,
            by=by,
            handler=by,
            created_at=now,
            changed_at=now,
            identity="not_needed" if body.law == "foia" else "unverified",
        )
        also = [self._work.store.put_requester(case.id, body.requester)]
        return self._commit(principal, None, case, "open", idem, also=also, requester=body.requester)

    def step(
        self,
        principal: Principal,
        case_id: str,
        *,
        step: Step,
        rev: int,
        idem: Idempotency,
        on: str | None = None,
        extension: Extension | None = None,
        outcome: Outcome | None = None,
        exemption: str | None = None,
    ) -> CaseView:
        """Go on with a case by one step.

        Parameters
        ----------
        on
            The day that it happened on (asked, confirmed, sent); today when left out.
        extension, outcome, exemption
            Why the time is extended; how the case is submitted, and under which exemption it is refused as a whole.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role works no cases, or there is none.
        StepRefusedError
            When the step does not lead on from here, or the day does not fit.
        ConflictError
            When another revision is in force.
        """
        case = self._work.load(principal, "rights", case_id, rev=rev)
        rules.check_step(case, step)
        today = self._work.today()
        day = date.fromisoformat(on) if on else today
        rules.check_day(case, day, today)
        if step == "extend":
            if extension is None:
                raise InvalidInputError("To extend the time needs its reason.")
            rules.check_extension(case, day, extension)
            new = case.model_copy(update={"extended_on": day.isoformat(), "extension": extension})
        elif step == "submit":
            new = self._answers.submitted(case, principal, outcome, exemption)
        else:
            new = _after(case, step, day.isoformat(), principal)
        return self._commit(principal, case, new, step, idem)

    def search(
        self, principal: Principal, case_id: str, *, criteria: Criteria, rev: int, idem: Idempotency
    ) -> CaseView:
        """Have posts searched for a case, in the background. Recorded as a search; its words are not in the record.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role works no cases, or there is no such case or account.
        StepRefusedError
            When the case is not being worked on, or was searched too often.
        """
        case = self._work.load(principal, "rights", case_id, rev=rev)
        if case.state not in {"received", "reviewing"}:
            raise StepRefusedError(f"This case is {case.state.replace('_', ' ')}: it cannot be searched for now.")
        if len(case.searches) >= MOST_SEARCHES:
            raise StepRefusedError(f"This case was searched for {MOST_SEARCHES} times. Decide what was found.")
        if criteria.account is not None:
            authorise(principal, "rights", self._accounts.get(criteria.account))
        made = Search(id=new_ulid(), criteria=criteria, asked_at=iso(self._work.clock()))
        new = case.model_copy(update={"searches": (*case.searches, made), "state": "searching"})
        asked = json.dumps(criteria.model_dump(mode="json"), sort_keys=True, separators=(",", ":")).encode()
        leaf = draft(
            type="search",
            at=self._work.clock(),
            actor=principal.actor(),
            account=criteria.account,
            author_key=criteria.author or self._pseudonyms.author(criteria.platform or "", criteria.author_id),
            case=case.id,
            reason=LeafReason(code=case.kind, ref=case.ref),
            query=Query(
                view="rights",
                filters={"since": criteria.since, "until": criteria.until, "words": len(criteria.words)},
                key=self._pseudonyms.content("rights", asked),
            ),
            correlation=case.id,
        )
        view = self._commit(principal, case, new, "search", idem, beside=[leaf])
        self._work.ask(new, "search")
        return view

    def list_for(
        self, principal: Principal, *, which: str = "open", cursor: str | None = None, limit: int = 50
    ) -> CasePage:
        """Return the open cases, the nearest due first; or a page of all, newest first. Recorded as a search.

        Raises
        ------
        NotPermittedError, CursorError
            When the role sees no cases, or the cursor is not theirs.
        """
        require(principal, "cases")
        more = None
        if which == "open":
            due = sorted(self._work.store.reminders(), key=lambda one: (one.due is None, one.due or "", one.case))
            found = self._work.store.cases([one.case for one in due])
        else:
            before = self._cursors.open(principal.id, _QUERY, cursor)["before"] if cursor else None
            found, more = self._work.store.page(before=before, limit=max(1, min(limit, MAX_PAGE)))
        self._work.searched(principal, Query(view="rights_cases", filters={"which": which}, hits=len(found)))
        today = self._work.today()
        return CasePage(
            cases=tuple(summary(case, today) for case in found),
            next=self._cursors.seal(principal.id, _QUERY, {"before": more}) if more else None,
        )

    def get(self, principal: Principal, case_id: str) -> CaseView:
        """Return a case; who asks only for those who work it. Recorded as a view.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role sees no cases, or there is none.
        """
        case = self._work.load(principal, "cases", case_id)
        leaf = draft(
            type="view",
            at=self._work.clock(),
            actor=principal.actor(),
            case=case.id,
            obj=Obj(kind="rights", key=case.id, rev=case.rev),
            op=Op(verb="case"),
            correlation=case.id,
        )
        self._work.record(leaf)
        self._work.ask_again(case)
        works = permitted(principal, "rights")
        requester = self._work.store.requester(case.id) if works else None
        return view_of(case, self._work.today(), requester=requester, works=works)

    def _commit(
        self,
        principal: Principal,
        old: Case | None,
        new: Case,
        step: str,
        idem: Idempotency,
        *,
        beside: Sequence[Any] = (),
        also: Sequence[Any] = (),
        requester: Requester | None = None,
    ) -> CaseView:
        shown = requester or self._work.store.requester(new.id)
        after = new.model_copy(update={"rev": (old.rev if old else 0) + 1})
        view = view_of(after, self._work.today(), requester=shown, works=True)
        # The kept answer lies in the table for a day, under a key of the person: without who asks.
        kept = view.model_copy(update={"requester": None})
        writes = [*also, idem.put(kept.model_dump(mode="json"))]
        self._work.commit(old, new, principal.actor(), step=step, beside=beside, also=writes)
        return view


def _after(case: Case, step: Step, day: str, principal: Principal) -> Case:
    """Return the case as a step leaves it that needs no more than its day."""
    ended = tuple(one if one.end else one.model_copy(update={"end": day}) for one in case.pauses)
    back = {"state": case.before_pause or case.state, "before_pause": None, "pauses": ended}
    changes: dict[str, Any]
    match step:
        case "ask_identity":
            pauses = (*case.pauses, Pause(why="identity", begin=day))
            changes = {"state": "awaiting_identity", "before_pause": case.state, "pauses": pauses}
        case "ask_clarification":
            pauses = (*case.pauses, Pause(why="clarification", begin=day))
            changes = {"state": "awaiting_clarification", "before_pause": case.state, "pauses": pauses}
        case "identity_confirmed":
            # The month begins with the information only where it was asked for (DPA 2018 s54(3)(b)).
            asked = case.state == "awaiting_identity"
            changes = {"identity": "confirmed"} | (back | {"runs_from": day} if asked else {})
        case "clarified":
            changes = back | ({"runs_from": day} if case.law == "foia" else {})
        case "take":
            changes = {"handler": name_of(principal)}
        case "reopen":
            changes = {"state": "reviewing", "outcome": None, "exemption": None, "version": None, "package": None}
            changes |= {"submitted_by": None, "decided_by": None, "decided_at": None}
        case "sent":
            state = "refused" if case.outcome == "refuse" else "answered"
            changes = {"state": state, "finished_on": day}
        case _:
            changes = {"state": "withdrawn", "finished_on": day, "pauses": ended}
    return case.model_copy(update=changes)


def summary(case: Case, today: date) -> CaseSummary:
    """Return a case as a list shows it."""
    return CaseSummary(**_summed(case, today))


def view_of(case: Case, today: date, *, requester: Requester | None, works: bool) -> CaseView:
    """Return a case as it is opened; what was searched for only for those who work it."""
    searches = tuple(
        SearchView(**one.model_dump(include={"id", "state", "criteria", "examined", "found", "added", "error"}))
        for one in case.searches
    )
    same = ("identity", "extended_on", "outcome", "exemption", "submitted_by", "decided_by", "finished_on", "package")
    return CaseView(
        **_summed(case, today),
        **{name: getattr(case, name) for name in (*same, "disposals")},
        requester=requester,
        searches=searches if works else (),
        steps=rules.steps(case) if works else (),
        verdicts=law.VERDICTS[case.kind],
        exemptions=dict(law.EXEMPTIONS[case.law]),
    )


def _summed(case: Case, today: date) -> dict[str, Any]:
    same = ("id", "kind", "law", "ref", "received_on", "state", "handler", "rev")
    return {"due": clock.due(case, today), **{name: getattr(case, name) for name in same}}
