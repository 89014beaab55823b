"""What every use case of appeals needs: who may see and work on one, how it is shown, and how a step is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bluelamp.appeals import rules
from bluelamp.appeals.model import (
    Appeal,
    AppealView,
    CopyView,
    Facts,
)
from bluelamp.appeals.rules import AppealNotReadyError
from bluelamp.audit.leaf import AppealPart, Obj, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import NotPermittedError, authorise, decide, require, two_people
from bluelamp.times import Clock, parse_iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.appeals.publications import Publications, Sent
    from bluelamp.appeals.store import AppealStore
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal, Verb
    from bluelamp.pseudonyms import Pseudonyms

LONDON = ZoneInfo("Europe/London")


class Docket:
    """Loads appeals for a person, shows them, and commits their steps with their records.

    Parameters
    ----------
    store
        Where appeals are kept.
    publications
        What is sent out for them.
    accounts
        Names accounts.
    pseudonyms
        Makes the digests of words.
    cursors
        Makes and opens cursors.
    wake, notify
        Wake the sequencer, and whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self,
        store: AppealStore,
        *,
        publications: Publications,
        accounts: Accounts,
        pseudonyms: Pseudonyms,
        cursors: Cursors,
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self.store = store
        self._publications = publications
        self._accounts = accounts
        self._pseudonyms = pseudonyms
        self._cursors = cursors
        self._wake = wake
        self._notify = notify
        self.clock = clock

    def seen(self, principal: Principal, appeal_id: str) -> Appeal:
        """Return an appeal that is out, or is to go out, on an account in the person's reach; raises as `open`."""
        require(principal, "appeals")
        appeal = self._get(appeal_id)
        if not self._reaches(principal, appeal.accounts, self._accounts.many(set(appeal.accounts))):
            raise _none(appeal_id)
        return appeal

    # inside ----------------------------------------------------------------------------------------------------------

    def _today(self) -> date:
        return self.clock().astimezone(LONDON).date()

    def _check(self, facts: Facts, sent: Sent) -> None:
        if not sent.accounts:
            raise AppealNotReadyError("Choose in the publication where the appeal goes out.", what="publication")
        rules.check(facts, assets=frozenset(sent.assets), today=self._today())

    def _get(self, appeal_id: str) -> Appeal:
        appeal = self.store.get(appeal_id)
        if appeal is None:
            raise _none(appeal_id)
        return appeal

    @staticmethod
    def _reaches(principal: Principal, accounts: Iterable[str], known: Mapping[str, Account]) -> bool:
        return any(decide(principal, "appeals", known[one]).allowed for one in accounts if one in known)

    def _on_all(self, principal: Principal, verb: Verb, accounts: Iterable[str]) -> None:
        """Refuse what the person may not do on every one of these accounts."""
        known = self._accounts.many(set(accounts))
        for one in sorted(set(accounts)):
            if one not in known:
                raise NotFoundError(f"There is no account {one}.")
            authorise(principal, verb, known[one])

    def _worked(self, principal: Principal, appeal_id: str, verb: Verb = "appeal") -> tuple[Appeal, Sent]:
        """Return an appeal that the person may work on, on all accounts of its publication as that is now."""
        require(principal, verb)
        appeal = self.seen(principal, appeal_id)
        sent = self._publications.read(appeal.publications)
        self._on_all(principal, verb, sent.accounts)
        return appeal, sent

    def _at(self, principal: Principal, appeal_id: str, rev: int) -> tuple[Appeal, Sent]:
        old, sent = self._worked(principal, appeal_id)
        self._same(old, rev)
        return old, sent

    @staticmethod
    def _same(appeal: Appeal, rev: int) -> None:
        if appeal.rev != rev:
            raise ConflictError("Somebody was quicker: this appeal has changed. Look at it again.", rev=appeal.rev)

    def _to_decide(self, principal: Principal, appeal_id: str) -> tuple[Appeal, Sent]:
        """Return an appeal that the person may decide: neither it nor what it publishes is of their hand."""
        appeal, sent = self._worked(principal, appeal_id, "approve_appeal")
        for author in (*appeal.authors, *sent.authors):
            decision = two_people(author, principal.id, "appeal")
            if not decision.allowed:
                raise NotPermittedError(decision.for_person, reason=decision.reason_code)
        return appeal, sent

    def _view(self, principal: Principal, appeal: Appeal) -> AppealView:
        sent = self._publications.read(appeal.publications)
        known = self._accounts.many({one.account for one in sent.copies} | set(sent.accounts))
        copies = tuple(
            CopyView(**one._asdict(), account_name=known[one.account].name if one.account in known else one.account)
            for one in sent.copies
        )
        appeal = public(appeal, sent)
        void = appeal.state in {"proposed", "approved"} and sent.words != appeal.words
        remaining = sum(one.remaining and not one.updated for one in sent.copies)

        def on_all(verb: Verb) -> bool:
            return all(one in known and decide(principal, verb, known[one]).allowed for one in sent.accounts)

        standing = rules.Standing(
            author=principal.id in {*appeal.authors, *sent.authors},
            works=decide(principal, "appeal").allowed and on_all("appeal"),
            approves=decide(principal, "approve_appeal").allowed and on_all("approve_appeal"),
            void=void,
            unsent=sent.unsent,
            again=bool(appeal.approved_by and appeal.approved_by.id == principal.id and "draft" in sent.states),
            remaining=remaining,
        )
        return AppealView(
            appeal=appeal,
            states=sent.states,
            texts=sent.texts,
            assets=sent.assets,
            copies=copies,
            remaining=remaining,
            minutes=rules.minutes(appeal),
            due=rules.due(appeal, self._today()),
            void=void,
            can=rules.possible(appeal, standing),
        )

    def _part(self, appeal: Appeal, step: str) -> AppealPart:
        facts = appeal.facts
        return AppealPart.model_validate(
            {
                "id": appeal.id,
                "step": step,
                "kind": facts.kind,
                "basis": facts.basis,
                "review": facts.review_on,
                "pictures": len(facts.pictures),
                "sources": tuple(sorted({one.source for one in facts.pictures})),
                "publications": appeal.publications,
                "ref": facts.ref,
                "outcome": appeal.outcome,
                "minutes": rules.minutes(appeal),
                "ending": appeal.ending,
            }
        )

    def _leaf(
        self,
        principal: Principal,
        appeal: Appeal,
        what: AppealPart,
        *,
        prev: str | None,
        view: bool = False,
        reason: LeafReason | None = None,
    ) -> Leaf:
        words = f"{appeal.facts.title}\n{appeal.facts.reason}"
        return draft(
            type="view" if view else "appeal",
            at=self.clock(),
            actor=principal.actor(),
            reason=reason,
            correlation=appeal.id,
            obj=Obj(
                kind="appeal",
                key=f"appeal/{appeal.id}",
                hmac_key=self._pseudonyms.key_id,
                rev=appeal.rev,
                prev=prev,
                digest=self._pseudonyms.words("appeals", f"{appeal.id}/{appeal.rev}", words, ()),
            ),
            appeal=what,
        )

    def _save(
        self,
        principal: Principal,
        old: Appeal | None,
        new: Appeal,
        what: AppealPart,
        idem: Idempotency,
        *also: Put,
        reason: LeafReason | None = None,
    ) -> AppealView:
        leaf = self._leaf(principal, new, what, prev=old.head if old else None, reason=reason)
        made = new.model_copy(update={"head": leaf.digest})
        view = self._view(principal, made)
        self._write(old, made, leaf, idem.put(view.model_dump(mode="json")), *also)
        return view

    def _saved(self, principal: Principal, old: Appeal, new: Appeal, step: str) -> Appeal:
        """Write a step that something follows: its answer is not kept, so that a repeat goes on with what follows."""
        leaf = self._leaf(principal, new, self._part(new, step), prev=old.head)
        made = new.model_copy(update={"head": leaf.digest})
        self._write(old, made, leaf)
        return made

    def _write(self, old: Appeal | None, new: Appeal, leaf: Leaf, *also: Put) -> None:
        try:
            self.store.table.transact([self.store.saved(old, new), Chunk.of([leaf]).put(), *also])
        except (ConditionFailedError, ContentionError) as error:
            raise ConflictError("Somebody else changed this appeal. Look at it again.") from error
        self._wake()

    def _record(self, leaf: Leaf) -> None:
        self.store.table.write(Chunk.of([leaf]).put())
        self._wake()


def public(appeal: Appeal, sent: Sent) -> Appeal:
    """Return the appeal with the time at which it was first public, as the platforms' answers say."""
    times = [one.out_at for one in sent.copies if one.out_at]
    if appeal.public_at or not times:
        return appeal
    return appeal.model_copy(update={"public_at": min(times, key=parse_iso)})


def _none(appeal_id: str) -> NotFoundError:
    return NotFoundError(f"There is no appeal {appeal_id}.")
