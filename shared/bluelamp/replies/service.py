"""Saved replies: written, changed and retired, each with its record; and filled in for a post.

Their words are the force's own and stay in the table. The record has id, version and the keyed digest of the words, so
that whoever changes them there cannot say that it was always so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Obj, Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import NotPermittedError, authorise, require
from bluelamp.posts.model import PersonName, Post
from bluelamp.replies import rules
from bluelamp.replies.model import Filled, SavedReplies, SavedReply, Use
from bluelamp.replies.naming import addressed
from bluelamp.replies.store import ReplyStore, saved
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from bluelamp.accounts.service import Accounts
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.pseudonyms import Pseudonyms

_SCOPE = {"force": "the whole force", "team": "this team", "account": "this account"}


class Replies:
    """The use cases of saved replies.

    Parameters
    ----------
    store
        Where they are kept.
    accounts
        Tells who leads what, and who reaches what.
    changer
        Loads posts, and records what was read.
    pseudonyms
        Makes the digests of words.
    wake
        Wakes the sequencer.
    fit
        Whether the words of a name of somebody of the public may be repeated.
    clock
        The present.
    """

    def __init__(
        self,
        store: ReplyStore,
        *,
        accounts: Accounts,
        changer: Changer,
        pseudonyms: Pseudonyms,
        wake: Callable[[], None],
        fit: Callable[[str], bool],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._changer = changer
        self._pseudonyms = pseudonyms
        self._wake = wake
        self._fit = fit
        self._clock = clock

    # reading ---------------------------------------------------------------------------------------------------------

    def list_for(self, principal: Principal, *, account: str, words: str | None = None) -> SavedReplies:
        """Return the saved replies for an account, by title. Recorded as a search.

        Parameters
        ----------
        words
            Only those whose title or text has all of these words.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the account is out of reach, or the role sees no posts.
        """
        found = self._accounts.get(account)
        authorise(principal, "see", found)
        wanted = (words or "").casefold().split()
        replies = [
            one for one in self._store.every() if not one.retired and rules.fits(one.scope, found) and _has(one, wanted)
        ]
        self._changer.searched(principal, Query(view="replies", hits=len(replies)), account=account)
        return SavedReplies(replies=tuple(sorted(replies, key=lambda one: one.title.casefold())))

    def preview(self, principal: Principal, reply_id: str, *, post: str) -> Filled:
        """Return a saved reply as it would be published below a post. Recorded as a view of the post.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the post or the reply is not there, or not for this person.
        MissingVariableError
            When the post lacks what the reply asks for.
        """
        found = self._changer.load(principal, "see", post)
        self._changer.look(principal, found, detail={"what": "reply"})
        reply = self._get(reply_id)
        return self.fill(principal, found, Use(id=reply.id, version=reply.version))

    def fill(self, principal: Principal, post: Post, use: Use) -> Filled:
        """Return the words of a saved reply for a post, by its version that stands.

        Raises
        ------
        NotFoundError
            When there is none, or it is not for the post's account.
        ConflictError
            When it is retired, or was changed since the person saw it.
        MissingVariableError
            When the post lacks what the reply asks for.
        """
        reply = self._get(use.id)
        account = self._accounts.get(post.account)
        if not rules.fits(reply.scope, account):
            raise NotFoundError("there is no such saved reply for this account")
        if reply.retired:
            raise ConflictError("This saved reply is retired. Choose another.", rev=reply.rev)
        if reply.version != use.version:
            raise ConflictError(
                f"{reply.by.name} changed this saved reply since you chose it. Look at it again.",
                rev=reply.version,
                by=reply.by.name,
            )
        values = {
            "name": addressed((post.author.name, post.author.handle), self._fit),
            "account": account.name,
            "reference": post.case.refs[-1] if post.case.refs else None,
            "officer": principal.name,
        }
        return Filled(id=reply.id, version=reply.version, text=rules.fill(reply.text, values))

    # changes ---------------------------------------------------------------------------------------------------------

    def create(self, principal: Principal, *, scope: str, title: str, text: str, idem: Idempotency) -> SavedReply:
        """Write a saved reply.

        Raises
        ------
        NotPermittedError
            When the person does not write them for this scope.
        UnknownVariableError
            When braces hold what is no variable.
        """
        self._require(principal, scope)
        title, text = _clean(title, text)
        by = PersonName(id=principal.id, name=principal.name)
        new = SavedReply(id=new_ulid(), scope=scope, title=title, text=text, by=by, at=iso(self._clock()))
        return self._save(principal, None, new, Change(field="scope", to=scope), idem)

    def change(
        self, principal: Principal, reply_id: str, *, title: str, text: str, rev: int, idem: Idempotency
    ) -> SavedReply:
        """Put other words in its place, as a new version. Raises as `create`, or on another revision."""
        old = self._at(principal, reply_id, rev)
        title, text = _clean(title, text)
        words: dict[str, object] = {"title": title, "text": text, "version": old.version + 1}
        return self._save(principal, old, self._next(principal, old, words), Change(field="text"), idem)

    def retire(self, principal: Principal, reply_id: str, *, idem: Idempotency) -> SavedReply:
        """Have a saved reply used no more; what was answered with it stays told by its versions. Raises as `change`."""
        old = self._at(principal, reply_id, None)
        if old.retired:
            raise ConflictError("This saved reply is retired already.", rev=old.rev)
        new = self._next(principal, old, {"retired": True})
        return self._save(principal, old, new, Change(field="status", from_="active", to="retired"), idem)

    # inside ----------------------------------------------------------------------------------------------------------

    def _get(self, reply_id: str) -> SavedReply:
        reply = self._store.get(reply_id)
        if reply is None:
            raise NotFoundError(f"there is no saved reply {reply_id}")
        return reply

    def _at(self, principal: Principal, reply_id: str, rev: int | None) -> SavedReply:
        require(principal, "replies")
        old = self._get(reply_id)
        self._require(principal, old.scope)
        if rev is not None and old.rev != rev:
            raise ConflictError(f"{old.by.name} was quicker. Look at it again.", rev=old.rev, by=old.by.name)
        return old

    def _require(self, principal: Principal, scope: str) -> None:
        require(principal, "replies")
        leads: set[str] = set()
        if principal.role == "local":
            for account in self._accounts.reached_by(principal):
                if account.lead is not None and account.lead.id == principal.id:
                    leads |= {f"account:{account.id}", f"team:{account.team}"}
        if not rules.may_write(principal, scope, frozenset(leads)):
            what = _SCOPE[scope.partition(":")[0]]
            raise NotPermittedError(
                f"Refused because you do not write saved replies for {what}: communications does for the force, "
                "a supervisor for their team, a lead for their account; ask one of them. Asked for: replies.",
                reason="role",
            )

    def _next(self, principal: Principal, old: SavedReply, words: dict[str, object]) -> SavedReply:
        by = PersonName(id=principal.id, name=principal.name)
        return old.model_copy(update=words | {"by": by, "at": iso(self._clock()), "rev": old.rev + 1})

    def _save(
        self, principal: Principal, old: SavedReply | None, new: SavedReply, change: Change, idem: Idempotency
    ) -> SavedReply:
        leaf = draft(
            type="config",
            at=self._clock(),
            actor=principal.actor(),
            obj=Obj(
                kind="saved_reply",
                key=f"saved-reply/{new.id}",
                hmac_key=self._pseudonyms.key_id,
                rev=new.rev,
                prev=old.head if old else None,
                digest=self._pseudonyms.words("replies", f"{new.id}/{new.version}", f"{new.title}\n{new.text}", ()),
            ),
            change=change,
        )
        made = new.model_copy(update={"head": leaf.digest})
        writes = [*saved(old, made), Chunk.of([leaf]).put(), idem.put(made.model_dump(mode="json"))]
        try:
            self._store.table.transact(writes)
        except (ConditionFailedError, ContentionError) as error:
            raise ConflictError("Somebody else changed this saved reply. Look at it again.") from error
        self._wake()
        return made


def _clean(title: str, text: str) -> tuple[str, str]:
    title, text = " ".join(title.split()), text.strip()
    if not title or not text:
        raise InvalidInputError("A saved reply needs a title and some words.")
    rules.check(text)
    return title, text


def _has(reply: SavedReply, words: list[str]) -> bool:
    said = f"{reply.title} {reply.text}".casefold()
    return all(word in said for word in words)
