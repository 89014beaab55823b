"""Carries a hold out to its end: every post marked, and S3's own legal hold on all that was kept of it.

Woken by the sealed record of the hold, a slice of its posts at a time. A repeat changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Actor
from bluelamp.cloud.sqs import Message
from bluelamp.errors import NotFoundError

if TYPE_CHECKING:
    from bluelamp.cloud.sqs import Queue
    from bluelamp.content.custody import Custody
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.retention.sealed import SealedRecords
    from bluelamp.retention.settling import Settling
    from bluelamp.retention.store import RetentionStore

# How many posts one message works on; the next message goes on behind them.
SLICE = 20
_ACTOR = Actor.system("dispose")


class Locking:
    """Holds posts and what was kept of them.

    Parameters
    ----------
    store
        Where holds are kept.
    settling
        Brings posts to what a hold says of them.
    dossiers
        Reads all that hangs on a post.
    sealed
        Reads the log.
    custody
        Puts legal holds on packs.
    queue
        The disposal queue, for what goes on.
    """

    def __init__(
        self,
        *,
        store: RetentionStore,
        settling: Settling,
        dossiers: Dossiers,
        sealed: SealedRecords,
        custody: Custody,
        queue: Queue,
    ) -> None:
        self._store = store
        self._settling = settling
        self._dossiers = dossiers
        self._sealed = sealed
        self._custody = custody
        self._queue = queue

    def run(self, message: Mapping[str, Any]) -> str:
        """Settle the next slice of a hold's posts; return what was done, as a code.

        Raises
        ------
        NotYetError
            When records of a post are not sealed yet.
        NotFoundError
            When there is no such hold.
        """
        hold = self._store.hold(message["hold"])
        if hold is None:
            raise NotFoundError("a message names a hold that is not in the table")
        start, packs = message.get("at", 0), message.get("packs", 0)
        posts = hold.posts[start : start + SLICE]
        self._settling.settle(hold, posts, _ACTOR)
        if hold.active:
            packs += sum(self._lock(post_id) for post_id in posts)
        if start + SLICE < len(hold.posts):
            self._queue.send([Message(dict(message, at=start + SLICE, packs=packs, waits=0))])
            return "hold_goes_on"
        self._settling.ended(hold, packs=packs)
        return "held" if hold.active else "released"

    def _lock(self, post_id: str) -> int:
        """Put S3's legal hold on all that was kept of a post; return on how many objects.

        It is never lifted: a pack holds contents of many posts, and to count whose hold is the last could go wrong
        once, which is once too often. Held bytes whose keys are destroyed tell nobody anything.
        """
        dossier = self._dossiers.whole(post_id, consistent=True)
        contents = self._sealed.contents(dossier.pointers) if dossier else []
        packs = {(content.pack, content.version_id): content for content in contents}
        for content in packs.values():
            self._custody.hold(content)
        return len(packs)
