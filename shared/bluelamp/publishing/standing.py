"""What is out: taken down, put in other words, and looked at as the public sees it. Each with an intent of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError, UnsupportedError
from bluelamp.people.rules import authorise
from bluelamp.posts.changing import name_of
from bluelamp.publishing.books import TOGETHER
from bluelamp.publishing.drafting import undue
from bluelamp.publishing.errors import FixedWordsError, NotReadyError
from bluelamp.publishing.model import MAX_TEXT, Copy, DownReason, PublicationView
from bluelamp.publishing.releasing import LOOK_AFTER
from bluelamp.publishing.rules import ending, open_to
from bluelamp.publishing.unwanted import called_off, carried_out, wished
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.model import Publication, Result
    from bluelamp.publishing.releasing import Releasing
    from bluelamp.publishing.views import Views


class Standing:
    """The use cases of what is out.

    Parameters
    ----------
    books, views, fitting, releasing
        Commits; shows; knows platforms; has copies looked at.
    """

    def __init__(self, *, books: Books, views: Views, fitting: Fitting, releasing: Releasing) -> None:
        self._books = books
        self._views = views
        self._fitting = fitting
        self._releasing = releasing

    def take_down(
        self,
        principal: Principal,
        publication_id: str,
        accounts: Sequence[str] | None,
        *,
        reason: DownReason,
        idem: Idempotency,
    ) -> PublicationView:
        """Have the copies that are out deleted, on these accounts or on all; nothing of it is sent any more then.

        Without `accounts` what was still to be sent is withdrawn. Copies that wait for their turn, for their platform
        or for the end of a pause are ended; a worker that uploads one finds so before its public call. Of one whose
        call is being made, or whose fate nobody knows, the wish is kept: it is taken down once it is known to be out.

        Raises
        ------
        NotPermittedError, NotFoundError
            When there is no such publication in reach, or the person may not publish on one of the accounts.
        ConflictError
            When nothing of it is out and nothing waits, or somebody else was quicker.
        """
        old = self._books.load(principal, publication_id, verb="publish")
        copies = self._books.store.copies(old.id)
        wanted = [copy for copy in copies if accounts is None or copy.account in accounts]
        out = [copy for copy in wanted if "take_down" in open_to(copy, edits=False)]
        waiting = [copy for copy in wanted if copy.to_come]
        doubt = [copy for copy in wanted if copy.in_doubt and copy.unwanted is None]
        withdrawn = accounts is None and old.state in {"scheduled", "held"}
        if not out and not waiting and not doubt and not withdrawn:
            raise ConflictError("Nothing of this is out on these accounts.", rev=old.rev)
        # What still has a time goes first, so that nothing more of it is let out meanwhile; the answer comes last.
        new, leaves, writes = self._withdrawn(principal, old, copies, reason) if withdrawn else (old, [], [])
        changed: dict[str, Copy] = {}
        left = [*waiting, *doubt, *out]
        while True:
            some, left = left[:TOGETHER], left[TOGETHER:]
            ended, said, more = called_off(self._books, [copy for copy in some if copy.to_come], principal.actor())
            wishes = [
                wished(self._books, copy, principal.actor(), name_of(principal), reason)
                for copy in some
                if copy.in_doubt
            ]
            ended |= {copy.id: copy for copy, _ in wishes}
            said += [leaf for _, leaf in wishes]
            more += [self._books.store.put_copy(copy) for copy, _ in wishes]
            down = [copy.model_copy(update={"job": _job(copy, None)}) for copy in some if copy in out]
            intended = self._books.intend(down, "take_down", principal.actor(), name_of(principal), why=reason)
            changed |= ended | {copy.id: copy for copy in intended.copies}
            leaves, writes = [*leaves, *said], [*writes, *more]
            if not left:
                break
            self._books.commit(leaves, writes, intended=intended)
            leaves, writes = [], []
        view = self._views.of(principal, new, [changed.get(copy.id, copy) for copy in copies])
        self._books.commit(leaves, writes, intended=intended, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def edit_out(
        self, principal: Principal, publication_id: str, variants: Mapping[str, str], *, idem: Idempotency
    ) -> PublicationView:
        """Put other words in the place of those that are out, by account.

        Where an account asks for a second person's word, words that are out are not changed: taken down, and published
        anew with that word, is the way.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not publish on one of the accounts.
        UnsupportedError, FixedWordsError
            When a platform changes no words; or an account asks for a second person's word.
        NotReadyError, ConflictError
            When words are missing or too long, or nothing is out on an account, or somebody else was quicker.
        """
        old = self._books.load(principal, publication_id, verb="publish")
        if not variants:
            raise InvalidInputError("Say which account is to have which words.")
        copies = self._books.store.copies(old.id)
        changed: list[Copy] = []
        for account_id, text in variants.items():
            copy = next((c for c in reversed(copies) if c.account == account_id and c.state == "out"), None)
            if copy is None:
                raise ConflictError(f"Nothing of this is out on {account_id}.", rev=old.rev)
            self._may_edit(principal, old, copy, text)
            changed.append(copy.model_copy(update={"job": _job(copy, text)}))
        intended = self._books.intend(changed, "edit", principal.actor(), name_of(principal))
        by_id = {copy.id: copy for copy in intended.copies}
        view = self._views.of(principal, old, [by_id.get(copy.id, copy) for copy in copies])
        self._books.commit([], [], intended=intended, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def verify(self, principal: Principal, publication_id: str, *, idem: Idempotency) -> PublicationView:
        """Have each copy looked at on its platform; what is found is recorded, and shown within seconds.

        Raises
        ------
        NotFoundError, NotPermittedError
            When there is no such publication in reach.
        """
        old = self._books.load(principal, publication_id, verb="draft")
        copies = self._books.store.copies(old.id)
        view = self._views.of(principal, old, copies)
        for copy in copies:
            if copy.state in {"out", "down", "missing"}:
                self._releasing.look(copy.publication, copy.id)
        self._books.looked(principal, "publication_verified", len(copies), publication=old.id)
        self._books.store.table.write(idem.put(view.model_dump(mode="json")))
        return view

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
        """Say what came of a copy that nobody knows of, having looked at the platform oneself.

        What did not go out can be sent again by that. With the platform's number of what did, it can be looked at and
        taken down from here; without it, on the platform alone.

        Raises
        ------
        NotPermittedError, NotFoundError
            When there is no such copy in reach, or the person may not publish on its account.
        ConflictError
            When it is known by now, or somebody else was quicker.
        """
        old = self._books.load(principal, publication_id, verb="publish")
        copies = self._books.store.copies(old.id)
        copy = next((one for one in copies if one.id == copy_id), None)
        if copy is None:
            raise NotFoundError("There is no such copy of this publication.")
        authorise(principal, "publish", self._books.account(copy.account))
        if copy.state != "unknown":
            raise ConflictError(f"Nothing is left to say here: it is known to be {copy.state}.", rev=old.rev)
        now = self._books.clock()
        result: Result = "done" if happened else "failed"
        said, leaf = self._books.outcome(copy, result, looked=principal.actor())
        known = ending(said, result, error=None, native_id=native_id or copy.native_id, now=iso(now))
        if not happened and known.state == "failed":
            known = known.model_copy(update={"error": "not_there"})
        known, gone = carried_out(self._books, known)
        writes: list[Write] = [] if gone else [self._books.store.put_copy(known)]
        if known.state in {"out", "down"} and known.native_id:
            writes.append(self._books.store.look(known, iso(now + LOOK_AFTER)))
        view = self._views.of(principal, old, [known if one.id == copy_id else one for one in copies])
        self._books.commit([leaf], writes, intended=gone, idem=idem, answer=view.model_dump(mode="json"))
        return view

    def _withdrawn(
        self, principal: Principal, old: Publication, copies: Sequence[Copy], reason: DownReason
    ) -> tuple[Publication, list[Leaf], list[Write]]:
        """Return a publication that nothing more is let out of, with its record and writes."""
        update = {"state": "running" if copies else "withdrawn", "due": None, "changed_by": name_of(principal)}
        gone = old.model_copy(update=update | {"changed_at": iso(self._books.clock())})
        new, leaf, _ = self._books.step(gone, principal.actor(), "withdrawn", why=reason)
        return new, [leaf], [self._books.store.put(new), *undue(self._books, old)]

    def _may_edit(self, principal: Principal, publication: Publication, copy: Copy, text: str) -> None:
        account = self._books.account(copy.account)
        authorise(principal, "publish", account)
        limits = self._fitting.publisher(copy.platform).limits()
        if not limits.edits:
            raise UnsupportedError(
                f"{copy.platform} changes no words that are out. Take it down on {copy.account}, and publish it anew."
            )
        if account.policy.approver("publish"):
            raise FixedWordsError(
                f"{copy.account} asks for a second person's word. Take this down there, and submit the new words.",
                rev=publication.rev,
            )
        length = self._fitting.publisher(copy.platform).length(text, copy.link)
        if not text.strip() or len(text) > MAX_TEXT or length > limits.characters:
            raise NotReadyError(f"{copy.account}: words of 1 to {limits.characters} characters; these are {length}.")


def _job(copy: Copy, text: str | None) -> object:
    return copy.job.model_copy(update={"text": text, "back": copy.state})
