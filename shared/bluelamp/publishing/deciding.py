"""Submitting and approving: whose word it takes is asked of the policy of each account, and nobody approves his own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.errors import ConflictError
from bluelamp.notices.telling import told
from bluelamp.people.rules import NotPermittedError, authorise, require, second_word
from bluelamp.posts.changing import name_of
from bluelamp.publishing.books import TOGETHER, Intended, overtaken
from bluelamp.publishing.drafting import undue
from bluelamp.publishing.errors import NotReadyError, PausedError
from bluelamp.publishing.model import OPEN, WITHDRAWN, Copy, Need, Publication, PublicationView, RejectReason
from bluelamp.publishing.rules import SOONEST, due, paused, stamp, stuck_in
from bluelamp.publishing.unwanted import CalledOff, called_off, wished
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.releasing import Releasing
    from bluelamp.publishing.views import Views


class Deciding:
    """The use cases of deciding.

    Parameters
    ----------
    books, views, fitting, releasing
        Commits; shows; says what platforms take; lets out.
    """

    def __init__(self, *, books: Books, views: Views, fitting: Fitting, releasing: Releasing) -> None:
        self._books = books
        self._views = views
        self._fitting = fitting
        self._releasing = releasing

    def submit(
        self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency, despite: bool = False
    ) -> PublicationView:
        """Publish or schedule a draft; or propose it, where an account asks for a second person's word.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or the account of one is suspended.
        NotReadyError, ScheduleError
            When something is missing, a platform would not take it, or the time is none.
        PausedError
            When publishing at once is asked for while it stands still.
        ConflictError
            When another revision is in force, or it is no draft any more.
        """
        old = self._books.load(principal, publication_id, verb="draft", rev=rev)
        if old.state != "draft":
            raise ConflictError(f"This is {old.state} already. Look at it again.", rev=old.rev)
        if not old.fields.accounts:
            raise NotReadyError("Choose at least one account to publish on.")
        if despite:
            require(principal, "pause")
        platforms = {one: self._books.account(one).platform for one in old.fields.accounts}
        self._fitting.require(old.fields, platforms)
        self._books.let(old.id)
        moment = due(old.fields.schedule, self._books.clock())
        needs = self._needs(principal, old)
        update = {
            "submitted": old.fields,
            "before": old.submitted,
            "needs": needs,
            "due": stamp(moment),
            "begun": old.run,
            "despite": despite,
            "rejected_by": None,
            "reject_reason": None,
            "changed_at": iso(self._books.clock()),
            "changed_by": name_of(principal),
        }
        ready = old.model_copy(update=update)
        if not needs:
            return self._on_its_way(principal, ready, idem, "scheduled")
        asked = ready.model_copy(update={"state": "proposed", "proposed_at": update["changed_at"]})
        new, leaf, keys = self._books.step(asked, principal.actor(), "proposed", words=True)
        notice = told(
            "approval_wanted", to=self._whom(needs, old), at=self._books.clock(), about={"publication": old.id}
        )
        return self._written(principal, new, [leaf], [*keys, notice], idem)

    def approve(self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency) -> PublicationView:
        """Give one's word for each account that asks for it of this person; with the last one it goes out.

        Raises
        ------
        NotPermittedError, NotFoundError
            When it is not for this person to decide: not named by the policy, or one of its authors.
        ConflictError
            When another revision is in force, or it does not wait for anybody.
        """
        old = self._to_decide(principal, publication_id, rev)
        now, by = iso(self._books.clock()), name_of(principal)
        needs = tuple(
            need.model_copy(update={"by": by, "at": now}) if self._mine(principal, old, need) else need
            for need in old.needs
        )
        given = old.model_copy(update={"needs": needs, "changed_at": now, "changed_by": by})
        if all(need.by for need in needs):
            return self._on_its_way(principal, given, idem, "approved")
        new, leaf, _ = self._books.step(given, principal.actor(), "approved")
        return self._written(principal, new, [leaf], [], idem)

    def reject(
        self, principal: Principal, publication_id: str, *, rev: int, reason: RejectReason, idem: Idempotency
    ) -> PublicationView:
        """Give it back to its author, who is told; raises as `approve`."""
        old = self._to_decide(principal, publication_id, rev)
        by, now = name_of(principal), iso(self._books.clock())
        update = {"state": "draft", "needs": (), "due": None, "rejected_by": by, "reject_reason": reason}
        back = old.model_copy(update=update | {"changed_at": now, "changed_by": by})
        new, leaf, _ = self._books.step(back, principal.actor(), "rejected", why=reason)
        return self._written(principal, new, [leaf], [self._releasing.telling(old.by.id, old.id)], idem)

    def withdraw(self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency) -> PublicationView:
        """Take back what has not gone out: a draft, a proposal, what is scheduled, and copies that are still to come.

        Copies that wait, are being uploaded or were stopped by a pause are ended. What is out stays out. With nothing
        out it is withdrawn as a whole; otherwise its copies say which were.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person writes nothing for one of its accounts; or, where a copy is being made public at this
            moment, may not publish there, so that it cannot be wished down in their name.
        ConflictError
            When another revision is in force, or nothing of it is still to come.
        """
        old = self._books.load(principal, publication_id, verb="draft", rev=rev)
        copies = self._books.store.copies(old.id)
        left = [copy for copy in copies if copy.to_come or (copy.in_flight and copy.unwanted is None)]
        if old.state not in OPEN and not left:
            raise ConflictError("This has gone out, or was withdrawn. Take it down where it is out.", rev=old.rev)
        for copy in left:
            if not copy.to_come:
                authorise(principal, "publish", self._books.account(copy.account))
        whole = old.state in OPEN or all(copy.to_come or copy.error == WITHDRAWN for copy in copies)
        update = {"state": "withdrawn" if whole else old.state, "due": None, "changed_by": name_of(principal)}
        needs = () if old.state in OPEN else old.needs
        gone = old.model_copy(update=update | {"needs": needs, "changed_at": iso(self._books.clock())})
        new, leaf, _ = self._books.step(gone, principal.actor(), "withdrawn")
        leaves, writes = [leaf], [self._books.store.put(new), *undue(self._books, old)]
        changed: dict[str, Copy] = {}
        # What lets more of it out goes first, so that nothing of it begins meanwhile; the answer comes last.
        while True:
            some, left = left[:TOGETHER], left[TOGETHER:]
            ended, said, more = self._unsent(principal, some)
            changed |= ended
            leaves, writes = [*leaves, *said], [*writes, *more]
            if not left:
                break
            self._books.commit(leaves, writes)
            leaves, writes = [], []
        view = self._views.of(principal, new, [changed.get(copy.id, copy) for copy in copies])
        self._books.commit(leaves, writes, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def send_held(self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency) -> PublicationView:
        """Send what was held because its hour had passed, and copies that a pause stopped or that failed for certain.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not publish on one of its accounts.
        PausedError, ConflictError
            While publishing stands still; or when nothing of it waits.
        """
        old = self._books.load(principal, publication_id, verb="publish", rev=rev)
        copies = self._books.store.copies(old.id)
        if old.state == "held":
            return self._on_its_way(principal, old.model_copy(update={"due": None}), idem, "released")
        stuck = stuck_in(copies)
        if not stuck:
            raise ConflictError("Nothing of this waits to be sent again.", rev=old.rev)
        self._not_paused(old)
        stopped = {copy_id for _, copy_id in self._books.store.stopped()}
        sent: dict[str, Copy] = {}
        while True:
            some, stuck = stuck[:TOGETHER], stuck[TOGETHER:]
            again = self._books.intend(some, "publish", principal.actor(), name_of(principal))
            writes: list[Write] = [self._books.store.go(copy.id) for copy in some if copy.id in stopped]
            if not stuck:
                break
            sent |= {copy.id: copy for copy in self._books.commit([], writes, intended=again)}
        copies = [sent.get(copy.id, copy) for copy in copies]
        new, leaf, _ = self._books.step(old, principal.actor(), "released")
        return self._written(principal, new, [leaf], writes, idem, intended=again, copies=copies)

    # inside ----------------------------------------------------------------------------------------------------------

    def _unsent(self, principal: Principal, copies: Sequence[Copy]) -> CalledOff:
        """Return what ends copies that are to come, and what keeps the wish for those in their public call."""
        found = called_off(self._books, [copy for copy in copies if copy.to_come], principal.actor())
        for copy in copies:
            if not copy.to_come:
                kept, leaf = wished(self._books, copy, principal.actor(), name_of(principal), "other")
                found.copies[copy.id] = kept
                found.leaves.append(leaf)
                found.writes.append(self._books.store.put_copy(kept))
        return found

    def _needs(self, principal: Principal, publication: Publication) -> tuple[Need, ...]:
        """Return whose word it takes. Two people stand behind an appeal, so only what a policy asks for is left."""
        found = []
        for account_id in publication.fields.accounts:
            account = self._books.account(account_id)
            word: str | None = account.policy.approver("publish")
            if publication.origin is None or publication.origin.kind != "appeal":
                word = second_word(principal, "publish", account, approver=word)
            if word is not None:
                found.append(Need.model_validate({"account": account_id, "approver": word}))
        return tuple(found)

    def _whom(self, needs: Sequence[Need], publication: Publication) -> list[str]:
        """Return who is told that their word is wanted; a lead or deputy who wrote it himself is not asked."""
        people: list[str] = []
        for need in needs:
            if need.approver != "lead":
                people.append(f"role:{need.approver}")
                continue
            others = self._books.account(need.account).answers - set(publication.authors)
            if not others:
                raise NotPermittedError(
                    "Refused because the lead or the deputy of this account has to approve it, and there is nobody but "
                    "its authors; ask an administrator to name one. Asked for: publish.",
                    reason="no_approver",
                    account=need.account,
                )
            people += [f"person:{one}" for one in sorted(others)]
        return people[:100]

    def _to_decide(self, principal: Principal, publication_id: str, rev: int) -> Publication:
        found = self._books.store.get(publication_id)
        if found is None or not self._views.asked(principal, found):
            found = self._books.load(principal, publication_id, verb="approve_publication")
        if rev != found.rev:
            raise overtaken(found)
        if found.state != "proposed":
            raise ConflictError(f"This waits for nobody's word: it is {found.state}.", rev=found.rev)
        open_needs = [need for need in found.needs if need.by is None]
        if not any(self._mine(principal, found, need) for need in open_needs):
            for decision in self._views.deciders(principal, found, open_needs[0]):
                if not decision.allowed:
                    raise NotPermittedError(
                        decision.for_person, reason=decision.reason_code, account=open_needs[0].account
                    )
        return found

    def _mine(self, principal: Principal, publication: Publication, need: Need) -> bool:
        return need.by is None and all(d.allowed for d in self._views.deciders(principal, publication, need))

    def _on_its_way(
        self, principal: Principal, publication: Publication, idem: Idempotency, step: str
    ) -> PublicationView:
        """Schedule it, or let it out now; what has waited for a word beyond its hour goes to a person."""
        now = self._books.clock()
        if publication.due and parse_iso(publication.due) > now:
            new, leaf, keys = self._books.step(
                publication.model_copy(update={"state": "scheduled"}), principal.actor(), step, words=True
            )
            writes = [*keys, self._books.store.due(new.id, publication.due)]
            writes.append(self._books.store.dated(new.id, publication.due))
            return self._written(principal, new, [leaf], writes, idem)
        if publication.due and now - parse_iso(publication.due) > 5 * SOONEST:
            held = publication.model_copy(update={"state": "held", "held_why": "overdue"})
            new, leaf, _ = self._books.step(held, principal.actor(), step, why="overdue")
            tell = self._releasing.telling(publication.by.id, publication.id)
            return self._written(principal, new, [leaf], [tell], idem)
        self._not_paused(publication)
        for account_id in publication.fields.accounts:
            account = self._books.account(account_id)
            if account.status != "active":
                authorise(principal, "publish", account)
        released = self._releasing.released(
            publication,
            principal.actor(),
            publication.by,
            step="released" if step == "scheduled" else step,
        )
        view = self._views.of(principal, released.publication, released.intended.copies)
        self._books.commit(
            released.leaves,
            released.writes,
            intended=released.intended,
            idem=idem,
            answer=view.model_dump(mode="json"),
        )
        return view

    def _not_paused(self, publication: Publication) -> None:
        if publication.despite:
            return
        pauses = self._books.store.pauses()
        for account_id in publication.fields.accounts:
            if pause := paused(pauses, account_id):
                raise PausedError(
                    f"{pause.by.name} paused publishing on {account_id} ({pause.reason}). Schedule it, or ask somebody "
                    "who may pause to let it out all the same.",
                    by=pause.by.name,
                )

    def _written(
        self,
        principal: Principal,
        publication: Publication,
        leaves: list[Leaf],
        writes: Sequence[Write],
        idem: Idempotency,
        *,
        intended: Intended | None = None,
        copies: Sequence[Copy] | None = None,
    ) -> PublicationView:
        known = copies if copies is not None else self._books.store.copies(publication.id)
        changed = {copy.id: copy for copy in intended.copies} if intended else {}
        view = self._views.of(principal, publication, [changed.get(copy.id, copy) for copy in known])
        self._books.commit(
            leaves,
            [self._books.store.put(publication), *writes],
            intended=intended,
            idem=idem,
            answer=view.model_dump(mode="json"),
        )
        return view
