"""Writing down what is decided and done about publications: the change and its record in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, PublicationPart, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.content.model import Entry as Kept
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise
from bluelamp.publishing.model import Copy, CopyState, CopyVerb, Job, Pause, Publication
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.finder import AccountFinder
    from bluelamp.accounts.model import Account
    from bluelamp.audit.leaf import Content
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Put, Write
    from bluelamp.content.vault import Vault
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.model import PersonName
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.publishing.store import PublicationStore

# Under whose key the words are kept that are not yet those of an account.
FORCE = "force"
# What whoever lost a race is told.
OVERTAKEN = "Somebody else changed this publication since you looked. Look at it again before you decide."


# So many copies in one transaction, which takes 100 writes: of one that a pause stopped there are two.
TOGETHER = 40
# Asked with what is to be done to the publication: ``publish`` or ``edit``.
MayGo = Callable[[Publication, CopyVerb], None]


class Intended(NamedTuple):
    """Copies with something to be done to them, and how the log and the queue hear of it."""

    copies: tuple[Copy, ...]
    leaves: tuple[Leaf, ...]
    keys: tuple[Put, ...]


class Books:
    """Loads publications for a person, and commits changes with their records.

    Parameters
    ----------
    store
        Where publications are kept.
    accounts
        Finds accounts.
    pseudonyms, vault
        Bind words to a record, and keep them.
    wake
        Wakes the sequencer.
    notify
        Has those told whom a change concerns.
    clock
        The present.
    may_go
        Raises when what a publication belongs to does not let it go out, or be changed where it is out.
    """

    def __init__(
        self,
        *,
        store: PublicationStore,
        accounts: AccountFinder,
        pseudonyms: Pseudonyms,
        vault: Callable[[], Vault],
        wake: Wake,
        notify: Callable[[], None],
        clock: Clock = utc_now,
        may_go: MayGo | None = None,
    ) -> None:
        self._may_go = may_go
        self.store = store
        self.accounts = accounts
        self.clock = clock
        self._pseudonyms = pseudonyms
        self._vault = vault
        self._wake = wake
        self._notify = notify

    # loading ---------------------------------------------------------------------------------------------------------

    def account(self, account_id: str) -> Account:
        """Return an account.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        account = self.accounts.find(account_id)
        if account is None:
            raise NotFoundError(f"There is no account {account_id}.")
        return account

    def load(self, principal: Principal, publication_id: str, *, verb: Verb, rev: int | None = None) -> Publication:
        """Return a publication all of whose accounts this person may do `verb` on.

        One without accounts yet is its authors' alone.

        Raises
        ------
        NotFoundError
            There is none, or (`OutOfScopeError`) one of its accounts is out of the person's reach.
        NotPermittedError
            The role or an account's policy does not give the verb.
        ConflictError
            When `rev` is given and another revision is in force.
        """
        found = self.store.get(publication_id)
        if found is None or (not found.fields.accounts and principal.id not in found.authors):
            raise NotFoundError("There is no publication with this id.")
        for account_id in found.fields.accounts:
            authorise(principal, verb, self.account(account_id))
        if rev is not None and rev != found.rev:
            raise overtaken(found)
        return found

    def let(self, publication_id: str, verb: CopyVerb = "publish") -> None:
        """Ask what a publication belongs to whether it may go out. To take something down nobody is asked.

        Raises
        ------
        ConflictError
            When it may not.
        """
        if self._may_go is None or verb == "take_down":
            return
        found = self.store.get(publication_id)
        if found is not None:
            self._may_go(found, verb)

    # records ---------------------------------------------------------------------------------------------------------

    def step(
        self, publication: Publication, actor: Actor, step: str, *, why: str | None = None, words: bool = False
    ) -> tuple[Publication, Leaf, tuple[Put, ...]]:
        """Return a publication as it stands after its next record, that record, and the key of its words.

        Parameters
        ----------
        words
            Whether what is to be published is kept with this record.
        """
        said = publication.fields.model_dump_json(exclude_defaults=True) if words else None
        content, keys = self._keep([(FORCE, said)]) if said is not None else ([None], ())
        number = publication.step + 1
        leaf = draft(
            type="publication",
            at=self.clock(),
            actor=actor,
            incident=publication.incident,
            reason=LeafReason(code=why) if why else None,
            obj=self._obj(publication, said),
            content=content[0],
            correlation=publication.id,
            publication=PublicationPart.model_validate(
                {
                    "step": step,
                    "state": publication.state,
                    "accounts": publication.fields.accounts or None,
                    "run": publication.run,
                    "due": publication.due,
                    "despite": publication.despite or None,
                }
            ),
        )
        update = {"step": number, "head": leaf.digest, "rev": publication.rev + 1 if publication.head else 1}
        return publication.model_copy(update=update), leaf, keys

    def copied(self, copy: Copy, actor: Actor, step: str, *, why: str | None = None) -> tuple[Copy, Leaf]:
        """Return a copy after a record of what was seen of it, and that record."""
        number = copy.step + 1
        leaf = draft(
            type="publication",
            at=self.clock(),
            actor=actor,
            account=copy.account,
            incident=copy.incident,
            reason=LeafReason(code=why) if why else None,
            obj=self._obj(copy),
            correlation=copy.publication,
            publication=PublicationPart.model_validate({"step": step, "publication": copy.publication}),
        )
        return copy.model_copy(update={"step": number, "head": leaf.digest, "rev": copy.rev + 1}), leaf

    def intend(
        self, copies: Sequence[Copy], verb: CopyVerb, actor: Actor, by: PersonName, *, why: str | None = None
    ) -> Intended:
        """Return copies with an intent each; `Copy.job.text` and `back` are the caller's to set beforehand.

        A new copy comes with `step` 0 and no head. Whatever goes out passes here, at once, at its time or again, so
        here it is asked whether what the publication belongs to lets it go; raises as `let`.
        """
        for publication_id in {copy.publication for copy in copies}:
            self.let(publication_id, verb)
        texts = [copy.text if verb == "publish" else copy.job.text for copy in copies]
        contents, keys = self._keep([(copy.account, text) for copy, text in zip(copies, texts, strict=True)])
        now = self.clock()
        leaves: list[Leaf] = []
        made: list[Copy] = []
        for copy, text, content in zip(copies, texts, contents, strict=True):
            leaf = draft(
                type="intent",
                at=now,
                actor=actor,
                account=copy.account,
                incident=copy.incident,
                reason=LeafReason(code=why) if why else None,
                obj=self._obj(copy, text),
                content=content,
                op=Op(verb=verb),
                correlation=copy.publication,
            )
            leaves.append(leaf)
            job = copy.job.model_copy(update={"verb": verb, "intent": leaf.id, "at": iso(now), "by": by})
            state: CopyState = "waiting" if verb == "publish" else "changing"
            update = {"state": state, "job": job, "step": copy.step + 1, "head": leaf.digest, "error": None, "looks": 0}
            update |= {"attempts": 0, "deferred_at": "", "lease_until": "", "called_at": "", "maybe_done": False}
            made.append(copy.model_copy(update=update | {"rev": copy.rev + 1 if copy.head else 1}))
        return Intended(tuple(made), tuple(leaves), keys)

    def outcome(
        self, copy: Copy, result: str, *, error: str | None = None, looked: Actor | None = None, **said: str | None
    ) -> tuple[Copy, Leaf]:
        """Return a copy after the record of what came of its intent, and that record; `looked` is who says so."""
        number = copy.step + 1
        leaf = draft(
            type="outcome",
            at=self.clock(),
            actor=looked or Actor.system("publish"),
            reason=LeafReason(code="looked") if looked else None,
            account=copy.account,
            incident=copy.incident,
            obj=self._obj(copy),
            op=Op.model_validate({"intent": copy.job.intent, "result": result, "error": error, **said}),
            correlation=copy.publication,
        )
        return copy.model_copy(update={"step": number, "head": leaf.digest, "rev": copy.rev + 1}), leaf

    def pause_leaf(self, pause: Pause, actor: Actor, step: str) -> Leaf:
        """Return the record of a pause, or of its end."""
        return draft(
            type="publication",
            at=self.clock(),
            actor=actor,
            incident=pause.incident,
            reason=LeafReason(code=pause.reason),
            obj=Obj(kind="pause", key=pause.id, rev=pause.rev, prev=pause.head or None),
            publication=PublicationPart.model_validate({"step": step, "accounts": pause.accounts}),
        )

    # committing ------------------------------------------------------------------------------------------------------

    def commit(
        self,
        leaves: Sequence[Leaf],
        writes: Sequence[Write],
        *,
        intended: Intended | None = None,
        idem: Idempotency | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> tuple[Copy, ...]:
        """Write records and changes together; sealed intents release a message each to the publish function.

        Returns
        -------
        tuple of Copy
            The intended copies, told where their intents are.

        Raises
        ------
        ConflictError
            When somebody else was quicker; nothing was written.
        """
        found = intended or Intended((), (), ())
        all_leaves = [*leaves, *found.leaves]
        releases = [
            Release(
                len(leaves) + n,
                {"publication_id": copy.publication, "copy_id": copy.id, "intent": copy.job.intent},
                queue="publish",
            )
            for n, copy in enumerate(found.copies)
        ]
        chunk = Chunk.of(all_leaves, releases=releases)
        copies = tuple(
            copy.model_copy(update={"job": copy.job.model_copy(update={"chunk": chunk.id})}) for copy in found.copies
        )
        puts = [self.store.put_copy(copy) for copy in copies]
        kept = [idem.put(answer)] if idem is not None and answer is not None else []
        try:
            self.store.table.transact([*writes, *puts, *found.keys, chunk.put(), *kept])
        except (ConditionFailedError, ContentionError):
            raise ConflictError(OVERTAKEN) from None
        self.woken()
        return copies

    def save(self, writes: Sequence[Write], idem: Idempotency, answer: Mapping[str, Any]) -> None:
        """Write what leaves no record: the words of a draft that nobody has submitted; raises as `commit`."""
        try:
            self.store.table.transact([*writes, idem.put(answer)])
        except (ConditionFailedError, ContentionError):
            raise ConflictError(OVERTAKEN) from None

    def looked(self, principal: Principal, view: str, hits: int, *, publication: str | None = None) -> None:
        """Record that a person read a list, or a publication."""
        query = Query(view=view, filters={"publication": publication} if publication else {}, hits=hits)
        leaf = draft(type="search", at=self.clock(), actor=principal.actor(), query=query)
        self.store.table.write(Chunk.of([leaf]).put())
        self._wake()

    def woken(self) -> None:
        """Wake sequencer and notices. What is committed must not look failed: both catch up by themselves."""
        self._wake()
        self._notify()

    def _keep(self, said: Sequence[tuple[str, str | None]]) -> tuple[list[Content | None], tuple[Put, ...]]:
        worded = [(account, text) for account, text in said if text]
        if not worded:
            return [None] * len(said), ()
        packed = self._vault().pack([Kept(a, text.encode("utf-8", "surrogatepass")) for a, text in worded])
        left = iter(packed.contents)
        return [next(left) if text else None for _, text in said], tuple(packed.writes)

    def _obj(self, of: Publication | Copy, words: str | None = None) -> Obj:
        """Return how the next record names a publication or copy, with the digest of the words kept beside it."""
        kind, account = ("copy", of.account) if isinstance(of, Copy) else ("publication", FORCE)
        digest = self._pseudonyms.words(account, of.id, words, ()) if words else None
        return Obj(
            kind=kind,
            key=of.id,
            hmac_key=self._pseudonyms.key_id if digest else None,
            rev=of.step + 1,
            prev=of.head or None,
            digest=digest,
        )


def overtaken(publication: Publication) -> ConflictError:
    """Return the error for a decision on a publication that was not what the person saw."""
    return ConflictError(
        f"{publication.changed_by.name} changed this publication since you looked. Look at it again before you decide.",
        rev=publication.rev,
        by=publication.changed_by.name,
    )


def new_copy(publication: Publication, account: Account, by: PersonName) -> Copy:
    """Return the copy of a publication for an account, before its intent."""
    fields = publication.fields
    return Copy(
        id=new_ulid(),
        publication=publication.id,
        run=publication.run,
        account=account.id,
        platform=account.platform,
        text=fields.words(account.id),
        link=fields.link,
        assets=fields.assets,
        poll=fields.poll,
        despite=publication.despite,
        job=Job(verb="publish", intent="", chunk="", at="", by=by),
        incident=publication.incident,
        step=0,
        head="",
    )
