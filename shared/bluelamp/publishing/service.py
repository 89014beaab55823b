"""The use cases of publishing, as the routes and other features call them; each is done in the module that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.deciding import Deciding
    from bluelamp.publishing.drafting import Drafting
    from bluelamp.publishing.linking import Linking, LinkPreview
    from bluelamp.publishing.listing import Listing
    from bluelamp.publishing.model import (
        Checked,
        DownReason,
        DraftFields,
        LimitsList,
        Origin,
        PauseReason,
        Pauses,
        PauseView,
        PublicationPage,
        PublicationView,
        RejectReason,
    )
    from bluelamp.publishing.pausing import Pausing
    from bluelamp.publishing.standing import Standing


class Publishing:
    """The use cases of publishing.

    Parameters
    ----------
    drafting, deciding, standing, pausing, listing, linking
        Write; decide; change what is out; pause; read; look links up.
    """

    def __init__(
        self,
        *,
        drafting: Drafting,
        deciding: Deciding,
        standing: Standing,
        pausing: Pausing,
        listing: Listing,
        linking: Linking,
    ) -> None:
        self._drafting = drafting
        self._deciding = deciding
        self._standing = standing
        self._pausing = pausing
        self._listing = listing
        self._linking = linking

    def preview(self, principal: Principal, url: str) -> LinkPreview:
        """Return what platforms will show of a link; see `Linking.look`."""
        return self._linking.look(principal, url)

    def draft(
        self,
        principal: Principal,
        fields: DraftFields,
        *,
        idem: Idempotency,
        origin: Origin | None = None,
        incident: str | None = None,
    ) -> PublicationView:
        """Begin a draft. `origin` is the appeal or incident that it belongs to; see `Drafting.draft`."""
        return self._drafting.draft(principal, fields, idem=idem, origin=origin, incident=incident)

    def save(
        self, principal: Principal, publication_id: str, fields: DraftFields, *, rev: int, idem: Idempotency
    ) -> PublicationView:
        """Save what was written. What was proposed or approved before is void by it; see `Drafting.save`."""
        return self._drafting.save(principal, publication_id, fields, rev=rev, idem=idem)

    def submit(
        self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency, despite: bool = False
    ) -> PublicationView:
        """Publish, schedule or propose a draft, whatever its accounts' policies ask for; see `Deciding.submit`.

        `despite` lets it out while publishing is paused; it takes somebody who may pause.
        """
        return self._deciding.submit(principal, publication_id, rev=rev, idem=idem, despite=despite)

    def approve(self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency) -> PublicationView:
        """Give one's word for the accounts that ask for it; with the last word it goes out; see `Deciding.approve`."""
        return self._deciding.approve(principal, publication_id, rev=rev, idem=idem)

    def reject(
        self, principal: Principal, publication_id: str, *, rev: int, reason: RejectReason, idem: Idempotency
    ) -> PublicationView:
        """Say no: it is a draft again; see `Deciding.reject`."""
        return self._deciding.reject(principal, publication_id, rev=rev, reason=reason, idem=idem)

    def withdraw(self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency) -> PublicationView:
        """Take back a draft, a proposal, or what is scheduled and not sent yet; see `Deciding.withdraw`."""
        return self._deciding.withdraw(principal, publication_id, rev=rev, idem=idem)

    def send_held(self, principal: Principal, publication_id: str, *, rev: int, idem: Idempotency) -> PublicationView:
        """Send what was held because its hour had passed; see `Deciding.send_held`."""
        return self._deciding.send_held(principal, publication_id, rev=rev, idem=idem)

    def take_down(
        self,
        principal: Principal,
        publication_id: str,
        accounts: Sequence[str] | None,
        *,
        reason: DownReason,
        idem: Idempotency,
    ) -> PublicationView:
        """Take down the copies that are out, on these accounts or on all; see `Standing.take_down`."""
        return self._standing.take_down(principal, publication_id, accounts, reason=reason, idem=idem)

    def edit_out(
        self, principal: Principal, publication_id: str, variants: Mapping[str, str], *, idem: Idempotency
    ) -> PublicationView:
        """Change the words of copies that are out, by account, where the platform can; see `Standing.edit_out`."""
        return self._standing.edit_out(principal, publication_id, variants, idem=idem)

    def settle(
        self,
        principal: Principal,
        publication_id: str,
        copy_id: str,
        *,
        happened: bool,
        native_id: str | None,
        idem: Idempotency,
    ) -> PublicationView:
        """Say what came of a copy that nobody knows of; see `Standing.settle`."""
        return self._standing.settle(
            principal, publication_id, copy_id, happened=happened, native_id=native_id, idem=idem
        )

    def get(self, principal: Principal, publication_id: str) -> PublicationView:
        """Return a publication with its copies; see `Listing.get`."""
        return self._listing.get(principal, publication_id)

    def list_for(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> PublicationPage:
        """Return the publications in reach, newest first; see `Listing.list_for`."""
        return self._listing.list_for(principal, cursor=cursor, limit=limit)

    def calendar(self, principal: Principal, *, month: str) -> PublicationPage:
        """Return what goes out in a month (2026-03), with clashes; see `Listing.calendar`."""
        return self._listing.calendar(principal, month=month)

    def verify(self, principal: Principal, publication_id: str, *, idem: Idempotency) -> PublicationView:
        """Have each copy looked at on its platform, as the public sees it; see `Standing.verify`."""
        return self._standing.verify(principal, publication_id, idem=idem)

    def check(self, principal: Principal, fields: DraftFields) -> Checked:
        """Count words and find what a platform would not take, before anything is sent; see `Drafting.check`."""
        return self._drafting.check(principal, fields)

    def limits(self, principal: Principal) -> LimitsList:
        """Return what each platform takes; see `Listing.limits`."""
        return self._listing.limits(principal)

    def pause(
        self,
        principal: Principal,
        accounts: Sequence[str] | None,
        *,
        reason: PauseReason,
        idem: Idempotency,
        incident: str | None = None,
    ) -> PauseView:
        """Stop everything that is scheduled and not being sent yet; see `Pausing.pause`."""
        return self._pausing.pause(principal, accounts, reason=reason, idem=idem, incident=incident)

    def resume(self, principal: Principal, pause_id: str, *, idem: Idempotency) -> PauseView:
        """End a pause. What is overdue by hours waits for a person; see `Pausing.resume`."""
        return self._pausing.resume(principal, pause_id, idem=idem)

    def pauses(self, principal: Principal) -> Pauses:
        """Return the pauses in force; see `Pausing.list_for`."""
        return self._pausing.list_for(principal)
