"""The switch that stops publishing: everywhere or on some accounts, with its reason, until somebody lets it go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import NotPermittedError, authorise, require
from bluelamp.posts.changing import name_of
from bluelamp.publishing.model import Pause, PauseReason, Pauses, PauseView
from bluelamp.publishing.rules import paused, view_pause
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books


class Pausing:
    """The use cases of the switch.

    Parameters
    ----------
    books
        Commits.
    """

    def __init__(self, *, books: Books) -> None:
        self._books = books

    def pause(
        self,
        principal: Principal,
        accounts: Sequence[str] | None,
        *,
        reason: PauseReason,
        idem: Idempotency,
        incident: str | None = None,
    ) -> PauseView:
        """Stop what is scheduled, and what was asked for and is not being sent yet; None is the whole force.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, for the force or for one of the accounts.
        """
        self._may(principal, accounts)
        pause = Pause(
            id=new_ulid(),
            accounts=tuple(dict.fromkeys(accounts)) if accounts is not None else None,
            reason=reason,
            incident=incident,
            by=name_of(principal),
            at=iso(self._books.clock()),
            head="",
        )
        leaf = self._books.pause_leaf(pause, principal.actor(), "paused")
        made = pause.model_copy(update={"head": leaf.digest})
        view = view_pause(made)
        put = self._books.store.put_pause(made)
        self._books.commit([leaf], [put], idem=idem, answer=view.model_dump(mode="json"))
        return view

    def resume(self, principal: Principal, pause_id: str, *, idem: Idempotency) -> PauseView:
        """Let publishing go on. What is overdue by more than four hours then waits for a person.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is no such pause.
        ConflictError
            When it has ended already.
        """
        ended = self._closed(principal, self._running(principal, pause_id))
        leaf = self._books.pause_leaf(ended, principal.actor(), "resumed")
        made = ended.model_copy(update={"head": leaf.digest})
        view = view_pause(made)
        put = self._books.store.put_pause(made)
        self._books.commit([leaf], [put], idem=idem, answer=view.model_dump(mode="json"))
        return view

    def narrow(self, principal: Principal, pause_id: str, accounts: Sequence[str], *, idem: Idempotency) -> PauseView:
        """Let publishing go on where a pause holds, but not on these of its accounts; with none of them it ends.

        The pause with fewer accounts is another one, so that the record of each says of which accounts it is.

        Raises
        ------
        NotPermittedError, NotFoundError, ConflictError
            As `resume`.
        """
        old = self._running(principal, pause_id)
        if not accounts:
            return self.resume(principal, pause_id, idem=idem)
        ended = self._closed(principal, old)
        kept = Pause(
            id=new_ulid(), accounts=tuple(accounts), reason=old.reason, incident=old.incident, by=old.by, at=old.at,
            head="",
        )  # fmt: skip
        first = self._books.pause_leaf(kept, principal.actor(), "paused")
        then = self._books.pause_leaf(ended, principal.actor(), "resumed")
        made = kept.model_copy(update={"head": first.digest})
        view = view_pause(made)
        puts = [self._books.store.put_pause(made)]
        puts.append(self._books.store.put_pause(ended.model_copy(update={"head": then.digest})))
        self._books.commit([first, then], puts, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def list_for(self, principal: Principal) -> Pauses:
        """Return the pauses in force: whoever writes for the public is told that it would not go out.

        Raises
        ------
        NotPermittedError
            When the role has nothing to do with publishing.
        """
        require(principal, "draft")
        return Pauses(pauses=tuple(view_pause(pause) for pause in self._books.store.pauses()))

    def _running(self, principal: Principal, pause_id: str) -> Pause:
        require(principal, "pause")
        found = self._books.store.pause(pause_id)
        if found is None:
            raise NotFoundError("There is no pause with this id.")
        self._may(principal, found.accounts)
        if found.ended_at:
            by = found.ended_by.name if found.ended_by else None
            raise ConflictError(f"{by or 'Somebody'} has ended this pause already.", rev=found.rev, by=by)
        return found

    def _closed(self, principal: Principal, old: Pause) -> Pause:
        now = iso(self._books.clock())
        return old.model_copy(update={"ended_at": now, "ended_by": name_of(principal), "rev": old.rev + 1})

    def _may(self, principal: Principal, accounts: Sequence[str] | None) -> None:
        require(principal, "pause")
        for account_id in accounts or ():
            authorise(principal, "pause", self._books.account(account_id))
        if accounts is None and not principal.all_accounts:
            raise NotPermittedError(
                "Refused because this would stop publishing for the whole force, and you answer for some accounts; "
                "name these, or ask the communications team. Asked for: pause.",
                reason="role",
            )


class ForIncidents:
    """The switch as a critical incident uses it: on its accounts, and under its id.

    Parameters
    ----------
    pausing
        The use cases of the switch.
    books
        Reads which pauses there are.
    """

    def __init__(self, pausing: Pausing, books: Books) -> None:
        self._pausing = pausing
        self._books = books

    def pause(
        self, principal: Principal, *, accounts: Sequence[str], reason: str, incident: str, idem: Idempotency
    ) -> None:
        """Stop publishing on the incident's accounts, or everywhere when it names none; what stands still stays so.

        Raises
        ------
        NotPermittedError, NotFoundError
            As `Pausing.pause`.
        """
        del reason  # the incident's own words stand in its record
        mine = self._mine(incident)
        left = [one for one in accounts if not paused(mine, one)]
        if left or not mine:
            self._pausing.pause(principal, left or None, reason="incident", incident=incident, idem=idem)

    def resume(self, principal: Principal, *, accounts: Sequence[str], incident: str, idem: Idempotency) -> None:
        """End what the incident stopped, and no other pause. Asked again it does nothing.

        Raises
        ------
        NotPermittedError
            As `Pausing.resume`.
        """
        del accounts  # those that it stopped, whatever its scope is by now
        for one in self._mine(incident):
            self._pausing.resume(principal, one.id, idem=replace(idem, key=f"{idem.key[:90]}.{one.id}"))

    def leave(self, principal: Principal, *, accounts: Sequence[str], incident: str, idem: Idempotency) -> None:
        """Let publishing go on where the incident stopped it, but not on these accounts. Asked again it does nothing.

        Raises
        ------
        NotPermittedError
            As `Pausing.resume`.
        """
        for one in self._mine(incident):
            # What it stopped for the whole force is not about its accounts.
            kept = [account for account in one.accounts or () if account in accounts]
            if one.accounts is not None and len(kept) < len(one.accounts):
                own = replace(idem, key=f"{idem.key[:90]}.{one.id}")
                self._pausing.narrow(principal, one.id, kept, idem=own)

    def _mine(self, incident: str) -> list[Pause]:
        return [one for one in self._books.store.pauses() if one.incident == incident]
