"""Marks posts as a hold says: held, or no longer.

What holds is the mark on the post, written with its record in one transaction, and the condition that every disposal is
under. The request marks the first posts itself, the function that the sealed record of the hold wakes marks the rest;
both do it here, and both may repeat it at any time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Op
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.errors import ConflictError
from bluelamp.posts.changing import Entry
from bluelamp.retention import rules

if TYPE_CHECKING:
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post
    from bluelamp.retention.model import Hold
    from bluelamp.retention.store import RetentionStore

ROUNDS = 8
_log = logging.getLogger(__name__)


class Settling:
    """Brings posts to what a hold says of them.

    Parameters
    ----------
    store
        Where holds are kept.
    changer
        Commits posts.
    """

    def __init__(self, *, store: RetentionStore, changer: Changer) -> None:
        self._store = store
        self._changer = changer

    def settle(self, hold: Hold, post_ids: Sequence[str], actor: Actor) -> None:
        """Bring posts to what the hold says of them: held, or no longer. What is so already is left alone.

        Raises
        ------
        ConflictError
            When others kept changing a post; the sealed record of the hold has it tried again.
        """
        verb = "hold" if hold.active else "release_hold"
        code, ref = (hold.reason, hold.ref) if hold.active else (hold.lift_reason or "not_needed", hold.lift_ref)
        entry = Entry(
            type="hold",
            actor=actor,
            by=hold.by if hold.active else hold.lifted_by,
            reason=LeafReason(code=code, ref=ref),
            op=Op(verb=verb),
            correlation=hold.id,
            detail={"verb": verb, "reason": code},
        )
        posts = self._changer.posts.get_many(post_ids, consistent=True)
        for post_id in post_ids:
            if not self._settled(hold, posts.get(post_id), entry):
                return

    def _settled(self, hold: Hold, post: Post | None, entry: Entry) -> bool:
        """Bring one post to it; False when the hold is not what it was: whoever changed it goes on from here."""
        for _ in range(ROUNDS):
            new = rules.held(post, hold) if post else None
            if post is None or new is None:
                return True
            try:
                # The hold's own item is in the transaction: a hold that is released meanwhile marks nothing any more.
                self._changer.commit(post, new, entry, also=lambda _: [self._store.mark(hold)])
            except ConflictError:
                now = self._store.hold(hold.id)
                if now is None or now.active != hold.active:
                    return False
                post = self._changer.posts.get(post.id, consistent=True)
                continue
            return True
        raise ConflictError("Others kept changing a post; it is tried again within a minute.")

    def ended(self, hold: Hold, *, packs: int) -> None:
        """Note that every post of a hold is settled; when somebody else was quicker, theirs stands."""
        try:
            self._store.table.write(self._store.settled(hold, packs=packs))
        except ConditionFailedError:
            _log.info("another worker has ended this hold, or it was released meanwhile")
