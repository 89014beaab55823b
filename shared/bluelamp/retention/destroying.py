"""Carries out what was decided: disposals that two people put their names to, and (by `locking`) holds.

For each post of an approved disposal there are two steps, each begun by a sealed record. First the destruction is
announced: one leaf in the post's chain, and one for each content, which names its key. Only when these lie under lock
are keys destroyed, and only the keys that the sealed leaves name: the table alone makes nobody destroy anything. The
words in the table go before the keys; the post without its words, and the leaf that says that it is done, are one
transaction at the end. Whoever dies in between leaves a message that goes on from there; every step may be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Actor, Content, Erasure, Leaf, Obj, Op, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.posts.changing import Entry
from bluelamp.posts.model import Pointer
from bluelamp.posts.rules import disposed
from bluelamp.retention import rules
from bluelamp.retention.model import FINAL, Disposal, Fate, NotYetError, Remaining, SkipReason, TwoPeopleError
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.sqs import Queue
    from bluelamp.content.custody import Custody
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.posts.model import Post
    from bluelamp.pseudonyms import Pseudonyms
    from bluelamp.retention.locking import Locking
    from bluelamp.retention.sealed import SealedRecords
    from bluelamp.retention.store import RetentionStore

# How many posts one message works on; the next message goes on behind them.
SLICE = 20
ROUNDS = 8
LONGEST_SECONDS = 60
# A medium that is being fetched when the destruction is announced is recorded within this time, and then destroyed too.
FETCHING_SECONDS = 60
# A chunk of the outbox takes 64 KB, a leaf with the place of a content some two hundred bytes of it.
NAMED = 200
TAKES_AWAY = frozenset({"hide", "delete"})
# Beyond this revision the trail's beginning lies beside the post.
_SPILT = 32
_ACTOR = Actor.system("dispose")
_log = logging.getLogger(__name__)


class Destroying:
    """The use case of the dispose function.

    Parameters
    ----------
    store
        Where holds, disposals and fates are kept.
    locking
        Carries out holds.
    changer
        Commits posts.
    dossiers
        Reads all that hangs on a post.
    sealed
        Reads the log.
    custody
        Destroys keys.
    pseudonyms
        Makes the digest that two people put their names to.
    queue
        The disposal queue, for what must wait or goes on.
    wake
        Wakes the sequencer.
    """

    def __init__(
        self,
        *,
        store: RetentionStore,
        locking: Locking,
        changer: Changer,
        dossiers: Dossiers,
        sealed: SealedRecords,
        custody: Custody,
        pseudonyms: Pseudonyms,
        queue: Queue,
        wake: Wake,
    ) -> None:
        self._store = store
        self._locking = locking
        self._changer = changer
        self._dossiers = dossiers
        self._sealed = sealed
        self._custody = custody
        self._pseudonyms = pseudonyms
        self._queue = queue
        self._wake = wake

    def run(self, message: Mapping[str, Any]) -> str:
        """Do what one message asks for; a repeat finds it done and does nothing. Return what was done, as a code.

        Raises
        ------
        NotYetError
            When something has to be sealed first, or others were at the same post; the message is in the queue again.
        TwoPeopleError
            When the sealed log does not bear the disposal out.
        NotFoundError
            When the message names what is not there.
        """
        try:
            if "hold" in message:
                return self._locking.run(message)
            if "post_id" in message:
                return self._destroy(message)
            return self._begin(message)
        except (NotYetError, ConflictError, ContentionError) as error:
            waits = message.get("waits", 0) + 1
            delay = min(2**waits, LONGEST_SECONDS)
            self._queue.send([Message(dict(message, waits=waits), delay_seconds=delay)])
            raise NotYetError(f"{error}; tried again in {delay} s") from error

    # first step: announce --------------------------------------------------------------------------------------------

    def _begin(self, message: Mapping[str, Any]) -> str:
        disposal = self._approved(message["disposal"])
        start = message.get("at", 0)
        for post_id in disposal.posts[start : start + SLICE]:
            if self._store.fate(disposal.id, post_id) is None:
                self._announce(disposal, post_id)
        if start + SLICE < len(disposal.posts):
            self._go_on(message, at=start + SLICE)
            return "disposal_goes_on"
        self._finish(disposal)
        return "announced"

    def _approved(self, disposal_id: str) -> Disposal:
        """Return a disposal that two people stand for, by what the sealed log says of them."""
        disposal = self._store.disposal(disposal_id)
        if disposal is None:
            raise NotFoundError("a message names a disposal that is not in the table")
        if disposal.state not in {"approved", "done"}:
            raise TwoPeopleError(f"disposal {disposal.id} is {disposal.state}; nothing is destroyed")
        records = self._sealed.at(disposal.records[:2])
        proposal, approval = (records[p.leaf].record for p in disposal.records[:2])
        digest = self._pseudonyms.content("disposal", rules.asked(disposal))
        said = [
            (one["op"]["verb"], one["obj"]["key"], one["obj"]["digest"], one["type"]) for one in (proposal, approval)
        ]
        wanted = [(verb, disposal.id, digest, "retain") for verb in ("propose_disposal", "approve_disposal")]
        if said != wanted or proposal["actor"]["sub"] == approval["actor"]["sub"]:
            raise TwoPeopleError(
                f"the log does not say that two people decided disposal {disposal.id} as it stands in the table; "
                "nothing is destroyed: treat it as tampering"
            )
        return disposal

    def _announce(self, disposal: Disposal, post_id: str) -> None:
        for _ in range(ROUNDS):
            dossier = self._dossiers.whole(post_id, consistent=True)
            why = rules.obstacle(dossier.post if dossier else None)
            if dossier is None or why is not None:
                self._skip(disposal, post_id, dossier.post if dossier else None, why or "missing")
                return
            fate = Fate(disposal=disposal.id, post=post_id, account=dossier.post.account, state="erasing", rev=0)
            try:
                self._erase(disposal, dossier.post, fate, self._sealed.contents(dossier.pointers))
            except ConflictError:
                if self._store.fate(disposal.id, post_id) is not None:
                    return  # another worker has announced it
                continue
            return
        raise ConflictError("others kept changing a post that is to be disposed of")

    def _erase(self, disposal: Disposal, post: Post, fate: Fate, contents: Sequence[Content]) -> None:
        """Commit the announcement: the post's own leaf, one for each content, and the release of the second step."""
        remaining = tuple(self._remaining(post))
        leaves = [self._named(disposal, post, content) for content in contents]
        chunks = [Chunk.of(leaves[n : n + NAMED]) for n in range(0, len(leaves), NAMED)]
        self._changer.commit(
            post,
            post.changed(disposal=disposal.id),
            Entry(
                type="erase",
                actor=_ACTOR,
                reason=LeafReason(code=disposal.reason, ref=disposal.ref),
                op=Op(verb="dispose"),
                erasure=Erasure(contents=len(contents), remaining=len(remaining)),
                correlation=disposal.id,
                detail={"verb": "dispose", "reason": disposal.reason},
            ),
            also=lambda pointer: [
                *(chunk.put() for chunk in chunks),
                self._store.put(
                    fate.model_copy(
                        update={
                            "key": self._obj(post).key,
                            "contents": fate.contents + len(contents),
                            "remaining": remaining,
                            "erase": (*fate.erase, pointer),
                            "chunks": (*fate.chunks, *(chunk.id for chunk in chunks)),
                            "rev": fate.rev + 1,
                        }
                    )
                ),
            ],
            release={"v": 1, "disposal": disposal.id, "post_id": post.id},
            release_delay=FETCHING_SECONDS if post.media else 0,
            release_to="disposal",
        )

    def _named(self, disposal: Disposal, post: Post, content: Content) -> Leaf:
        """Return the leaf that names a content and the key that is to be destroyed; it is no revision of the post."""
        return draft(
            type="erase",
            at=self._changer.clock(),
            actor=_ACTOR,
            account=post.account,
            obj=self._obj(post),
            content=content,
            reason=LeafReason(code=disposal.reason, ref=disposal.ref),
            op=Op(verb="dispose"),
            correlation=disposal.id,
        )

    def _obj(self, post: Post) -> Obj:
        return self._changer.obj(post, prev=None).model_copy(update={"rev": None})

    def _skip(self, disposal: Disposal, post_id: str, post: Post | None, why: SkipReason) -> None:
        """Leave a post as it is, and say why."""
        now = self._changer.clock()
        leaf = draft(
            type="retain",
            at=now,
            actor=_ACTOR,
            account=post.account if post else None,
            obj=self._obj(post) if post else None,
            reason=LeafReason(code=disposal.reason, ref=disposal.ref),
            op=Op(verb="dispose", result="cancelled", error=why),
            correlation=disposal.id,
        )
        chunk = Chunk.of([leaf])
        fate = Fate(
            disposal=disposal.id,
            post=post_id,
            account=post.account if post else "",
            key=self._obj(post).key if post else "",
            state="skipped",
            why=why,
            outcome=Pointer(**chunk.pointer(0)),
            done_at=iso(now),
        )
        try:
            self._store.table.transact([self._store.put(fate), chunk.put()])
        except ConditionFailedError:
            _log.info("another worker has begun with this post")

    def _remaining(self, post: Post) -> Iterator[Remaining]:
        """Yield what was kept around other posts of the thread, from this one's time on."""
        others = [i for i in self._dossiers.in_thread(post.thread) if i != post.id]
        for other in self._changer.posts.get_many(others).values():
            taken = any(p.type == "intent" and p.detail.get("verb") in TAKES_AWAY for p in other.trail)
            if not (taken or other.rev > _SPILT) or other.disposed_at:
                continue
            dossier = self._dossiers.whole(other.id)
            for pointer in dossier.pointers if dossier else ():
                if pointer.type == "context" and pointer.at >= post.received_at:
                    yield Remaining(leaf=pointer.leaf, at=pointer.at, post=other.id, key=self._obj(other).key)

    # second step: destroy --------------------------------------------------------------------------------------------

    def _destroy(self, message: Mapping[str, Any]) -> str:
        disposal = self._approved(message["disposal"])
        fate = self._store.fate(disposal.id, message["post_id"])
        if fate is None:
            raise NotFoundError("a message names a post that no disposal has announced; nothing is destroyed")
        if fate.state in FINAL:
            self._finish(disposal)
            return fate.state
        self._sealed.require({p.chunk for p in fate.erase})
        announced = [Content.model_validate(one.record["content"]) for one in self._sealed.of_chunks(fate.chunks)]
        dossier = self._dossiers.whole(fate.post, consistent=True)
        if dossier is None or dossier.post.disposal != disposal.id:
            raise TwoPeopleError("the post of an announced disposal is not as the announcement left it")
        known = {(content.pack, content.key_id) for content in announced}
        late = [
            content
            for content in self._sealed.contents(dossier.pointers)
            if (content.pack, content.key_id) not in known
        ]
        if late:
            # Something was kept after all while it was announced: that is announced as well, before anything goes.
            self._erase(disposal, dossier.post, fate, late)
            return "announced_again"
        self._changer.posts.forget_words(fate.post)
        for content in announced:
            self._custody.destroy(content)
        self._end(disposal, fate, len(announced))
        self._finish(disposal)
        return "destroyed"

    def _end(self, disposal: Disposal, fate: Fate, contents: int) -> None:
        """Commit the post without its words, and that it is done."""
        entry = Entry(
            type="erase",
            actor=_ACTOR,
            reason=LeafReason(code=disposal.reason, ref=disposal.ref),
            op=Op(verb="dispose", intent=fate.erase[0].leaf, result="done"),
            erasure=Erasure(contents=contents, remaining=len(fate.remaining)),
            correlation=disposal.id,
            detail={"verb": "dispose", "result": "done"},
        )
        for _ in range(ROUNDS):
            post = self._changer.posts.get(fate.post, consistent=True)
            now = iso(self._changer.clock())
            done = fate.model_copy(update={"state": "destroyed", "done_at": now, "rev": fate.rev + 1})
            if post is None:
                raise NotFoundError("the post of a disposal has vanished from the table; see the recovery runbook")
            try:
                self._changer.commit(post, disposed(post, now), entry, also=self._ended(done))
            except ConflictError:
                current = self._store.fate(fate.disposal, fate.post)
                if current is not None and current.state in FINAL:
                    return  # another worker has written it
                continue
            return
        raise ConflictError("others kept changing a post that was disposed of")

    def _ended(self, done: Fate) -> Callable[[Pointer], list[Write]]:
        return lambda pointer: [self._store.put(done.model_copy(update={"outcome": pointer}))]

    # the end ---------------------------------------------------------------------------------------------------------

    def _finish(self, disposal: Disposal) -> None:
        """Note that a disposal is done, once every post of it has come to its end."""
        fates = self._store.fates(disposal.id)
        if disposal.state != "approved" or not rules.finished(disposal, fates):
            return
        now = self._changer.clock()
        destroyed = [fate for fate in fates if fate.state == "destroyed"]
        leaf = draft(
            type="retain",
            at=now,
            actor=_ACTOR,
            obj=Obj(
                kind="disposal",
                key=disposal.id,
                hmac_key=self._pseudonyms.key_id,
                rev=len(disposal.records) + 1,
                prev=disposal.head,
                digest=self._pseudonyms.content("disposal", rules.asked(disposal)),
            ),
            reason=LeafReason(code=disposal.reason, ref=disposal.ref),
            op=Op(verb="dispose", result="done"),
            erasure=Erasure(
                contents=sum(fate.contents for fate in destroyed),
                remaining=sum(len(fate.remaining) for fate in destroyed),
                posts=len(destroyed),
                skipped=len(fates) - len(destroyed),
            ),
            correlation=disposal.id,
        )
        chunk = Chunk.of([leaf])
        done = disposal.model_copy(
            update={
                "state": "done",
                "done_at": iso(now),
                "records": (*disposal.records, Pointer(**chunk.pointer(0))),
                "head": leaf.digest,
                "rev": disposal.rev + 1,
            }
        )
        try:
            self._store.table.transact([self._store.put(done), chunk.put()])
        except ConditionFailedError:
            _log.info("another worker has ended this disposal")
        self._wake()

    def _go_on(self, message: Mapping[str, Any], **place: int) -> None:
        self._queue.send([Message(dict(message, waits=0, **place))])
