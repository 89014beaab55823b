"""Appeals made, approved, looked at again and ended, each step with its record.

An appeal and what is published for it are two things: the publication has words, pictures, accounts and times, and a
state on each account; the appeal has what the law asks for. The appeal is written first and the publication told
afterwards: whoever dies in between leaves an appeal whose next attempt goes on from there.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bluelamp.appeals import rules
from bluelamp.appeals.docket import Docket, public
from bluelamp.appeals.model import (
    Appeal,
    AppealList,
    AppealView,
    Ending,
    Facts,
    Outcome,
    RejectReason,
)
from bluelamp.appeals.publications import part
from bluelamp.appeals.rules import AppealNotReadyError
from bluelamp.audit.leaf import AppealPart, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.people.rules import require
from bluelamp.posts.model import PersonName
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.appeals.publications import Sent
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal

PAGE = 50


class Appeals(Docket):
    """The use cases of appeals; made as a `Docket` is."""

    # reading ---------------------------------------------------------------------------------------------------------

    def every(self, principal: Principal, *, cursor: str | None = None) -> AppealList:
        """Return the appeals within reach, the newest first. Recorded as a search.

        With `next` there are more, even when this part is short.

        Raises
        ------
        NotPermittedError, CursorError
            When the role sees none, or the cursor is not of this person and list.
        """
        require(principal, "appeals")
        asked: dict[str, str | None] = {"list": "appeals"}
        before = str(self._cursors.open(principal.id, asked, cursor)["id"]) if cursor else None
        found = self.store.page(before=before, limit=PAGE + 1)
        page, more = found[:PAGE], len(found) > PAGE
        known = self._accounts.many({account for one in page for account in one.accounts})
        shown = [one for one in page if self._reaches(principal, one.accounts, known)]
        self._record(
            draft(
                type="search",
                at=self.clock(),
                actor=principal.actor(),
                query=Query(view="appeals", hits=len(shown)),
            )
        )
        next_ = self._cursors.seal(principal.id, asked, {"id": page[-1].id}) if more else None
        return AppealList(appeals=tuple(shown), next=next_)

    def open(self, principal: Principal, appeal_id: str) -> AppealView:
        """Return one appeal with what became of it on each account. Recorded as a view.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is none within reach, or the role sees none.
        """
        appeal = self.seen(principal, appeal_id)
        self._record(self._leaf(principal, appeal, AppealPart(id=appeal.id, step="seen"), prev=None, view=True))
        return self._view(principal, appeal)

    # making ----------------------------------------------------------------------------------------------------------

    def make(
        self, principal: Principal, *, facts: Facts, publications: tuple[str, ...], idem: Idempotency
    ) -> AppealView:
        """Begin an appeal around drafted publications, which go out with the appeal's approval only from then on.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person makes none, or one of the publications is not within reach.
        AppealNotReadyError
            When something is missing that an appeal needs.
        """
        require(principal, "appeal")
        sent = self._publications.read(publications)
        if not sent.accounts and principal.id not in sent.authors:
            raise NotFoundError("There is no publication with this id.")
        self._on_all(principal, "appeal", sent.accounts)
        if sent.origins or set(sent.states) != {"draft"}:
            raise ConflictError("This publication belongs to something else, or is no draft any more.")
        self._check(facts, sent)
        new = Appeal(
            id=new_ulid(),
            facts=facts,
            publications=publications,
            accounts=sent.accounts,
            by=_name(principal),
            authors=(principal.id,),
            at=iso(self.clock()),
        )
        view = self._save(principal, None, new, self._part(new, "drafted"), idem)
        self._publications.bind(principal, publications, new.id, part(idem, "bind"))
        return view

    def change(self, principal: Principal, appeal_id: str, *, facts: Facts, rev: int, idem: Idempotency) -> AppealView:
        """Put other facts in place while it is a draft. Raises as `make`, or on another revision."""
        old, sent = self._at(principal, appeal_id, rev)
        rules.require(old, "draft")
        self._check(facts, sent)
        new = _written(old, principal, sent, facts=facts, rejected=None)
        return self._save(principal, old, new, self._part(new, "changed"), idem)

    def propose(self, principal: Principal, appeal_id: str, *, rev: int, idem: Idempotency) -> AppealView:
        """Ask a second person to approve it; whoever may is told. Raises as `make`, or on another revision."""
        old, sent = self._at(principal, appeal_id, rev)
        rules.require(old, "draft")
        self._check(old.facts, sent)
        self._publications.bind(principal, old.publications, old.id, part(idem, "bind"))
        now = self.clock()
        new = _written(old, principal, sent, state="proposed", proposed_at=iso(now), words=sent.words)
        notice = told("approval_wanted", to=["role:supervisor", "role:comms"], at=now, about={"appeal": old.id})
        view = self._save(principal, old, new, self._part(new, "proposed"), idem, notice)
        self._notify()
        return view

    def approve(self, principal: Principal, appeal_id: str, *, rev: int, idem: Idempotency) -> AppealView:
        """Approve it, and with it what it publishes, which goes out at its time.

        Sent again after the line broke, it goes on where it stopped.

        Raises
        ------
        NotPermittedError
            When the person approves none on one of its accounts, or wrote on it or on its publication.
        ConflictError
            When it is not what the person saw.
        """
        old, sent = self._to_decide(principal, appeal_id)
        if sent.words != old.words:
            raise ConflictError(
                "Its publication was changed after it was proposed. It has to be taken back and proposed again.",
                rev=old.rev,
            )
        if old.state == "approved" and old.approved_by and old.approved_by.id == principal.id:
            new = old
        else:
            self._same(old, rev)
            rules.require(old, "proposed")
            self._check(old.facts, sent)
            approved = {"state": "approved", "approved_by": _name(principal), "approved_at": iso(self.clock())}
            new = self._saved(principal, old, old.model_copy(update=approved | {"rev": old.rev + 1}), "approved")
        self._publications.release(principal, new.publications, idem)
        return self._view(principal, new)

    def reject(
        self, principal: Principal, appeal_id: str, *, reason: RejectReason, rev: int, idem: Idempotency
    ) -> AppealView:
        """Give it back to whoever wrote it, who is told, with a reason. Raises as `approve`."""
        old, _ = self._to_decide(principal, appeal_id)
        self._same(old, rev)
        rules.require(old, "proposed")
        new = old.model_copy(update={"state": "draft", "rejected": reason, "rev": old.rev + 1})
        notice = told("appeal_returned", to=[f"person:{old.by.id}"], at=self.clock(), about={"appeal": old.id})
        what, why = self._part(new, "rejected"), LeafReason(code=reason)
        view = self._save(principal, old, new, what, idem, notice, reason=why)
        self._notify()
        return view

    def withdraw(self, principal: Principal, appeal_id: str, *, rev: int, idem: Idempotency) -> AppealView:
        """Take back into a draft what was proposed, or approved and not sent. Raises as `change`."""
        old, sent = self._at(principal, appeal_id, rev)
        rules.require(old, "proposed", *(("approved",) if sent.unsent else ()))
        back: dict[str, object] = {"state": "draft", "approved_by": None, "approved_at": None, "words": {}}
        new = old.model_copy(update=back | {"rev": old.rev + 1})
        return self._save(principal, old, new, self._part(new, "changed"), idem)

    # afterwards ------------------------------------------------------------------------------------------------------

    def keep(self, principal: Principal, appeal_id: str, *, review_on: str, rev: int, idem: Idempotency) -> AppealView:
        """Say after a review that it must stay public, and until when it is looked at again. Raises as `make`."""
        old, sent = self._at(principal, appeal_id, rev)
        rules.require(old, "approved")
        facts = old.facts.model_copy(update={"review_on": review_on})
        self._check(facts, sent)
        new = old.model_copy(update={"facts": facts, "reminded_on": None, "rev": old.rev + 1})
        return self._save(principal, old, new, self._part(new, "kept"), idem)

    def close(
        self,
        principal: Principal,
        appeal_id: str,
        *,
        outcome: Outcome,
        outcome_at: datetime,
        ending: Ending,
        text: str | None,
        rev: int,
        idem: Idempotency,
    ) -> AppealView:
        """End it: what came of it, since when, and that it is taken down or updated everywhere.

        Sent again after the line broke, it goes on where it stopped.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person works on none, or there is none.
        AppealNotReadyError
            When the outcome's time cannot be, the end leaves somebody looked for in vain, or an update has no words.
        ConflictError
            When it is not what the person saw.
        """
        old, sent = self._worked(principal, appeal_id)
        if ending == "update" and not (text or "").strip():
            raise AppealNotReadyError("Write what is to stand in its place.", what="text")
        if ending != "leave":
            self._on_all(principal, "publish", {one.account for one in sent.copies})
        if old.state == "closed" and old.closed_by and old.closed_by.id == principal.id and old.outcome == outcome:
            new = old
        else:
            self._same(old, rev)
            rules.require(old, "draft", "proposed", "approved")
            rules.check_ending(old, outcome, ending)
            ended = rules.closed(
                public(old, sent), outcome, ending, at=outcome_at, by=_name(principal), now=self.clock()
            )
            new = self._saved(principal, old, ended, "closed")
        if ending == "take_down":
            self._publications.take_down(principal, new.publications, idem)
        elif ending == "update":
            self._publications.update(principal, new.publications, (text or "").strip(), idem)
        return self._view(principal, new)

    def clear(self, principal: Principal, appeal_id: str, *, rev: int, idem: Idempotency) -> AppealView:
        """Take down what is still to be seen of an appeal that was closed: what came out late, or was not taken down.

        Sent again after the line broke, it goes on where it stopped. Raises as `close`.
        """
        old, sent = self._worked(principal, appeal_id)
        rules.require(old, "closed")
        self._on_all(principal, "publish", {one.account for one in sent.copies})
        self._same(old, rev)
        self._publications.take_down(principal, old.publications, idem)
        new = self._saved(principal, old, old.model_copy(update={"rev": old.rev + 1}), "cleared")
        return self._view(principal, new)


def _written(old: Appeal, principal: Principal, sent: Sent, **changed: object) -> Appeal:
    """Return an appeal after somebody wrote on it, or stood up for what it says."""
    authors = tuple(dict.fromkeys((*old.authors, principal.id)))
    now = {"authors": authors, "accounts": sent.accounts, "rev": old.rev + 1}
    return old.model_copy(update=changed | now)


def _name(principal: Principal) -> PersonName:
    return PersonName(id=principal.id, name=principal.name)
