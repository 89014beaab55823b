"""What must lie under lock before a platform is called: the intent, and all evidence of what is to disappear.

For a hide or delete that is what the platform said of the post, byte for byte, its media or why they could not be had,
and what stood around it. Where that was not kept with the intent (`bluelamp.actions.ordering`), the first release has
the rest of it kept, and what is committed with it releases the action again. So the call waits for a seal and never for
a clock, and whoever dies in between leaves a message that goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bluelamp.actions.errors import LaterError, NotSealedError, SealingError, WaitingError
from bluelamp.actions.model import TAKES_AWAY, Action
from bluelamp.actions.rules import evidence_is_stale, kept, leased
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.media.keeping import StillMissingError, Taking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bluelamp.actions.model import Lane
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.sqs import Queue
    from bluelamp.media.keeping import Keeper
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

# When to look again after somebody else was at the same post, and at the latest whether everything is sealed.
AGAIN_SECONDS = 2
LONGEST_SECONDS = 60
# Leaves that carry what the platform said of a post.
WORDS = frozenset({"ingest", "edit"})


class Seals:
    """Lets an action pass once everything that it needs is sealed.

    Parameters
    ----------
    changer
        Reads posts and where their leaves are.
    actions
        Where actions are kept.
    queues
        The queues of the lanes.
    keeper
        Keeps the evidence of what is to be taken away.
    """

    def __init__(self, *, changer: Changer, actions: ActionStore, queues: Mapping[Lane, Queue], keeper: Keeper) -> None:
        self._changer = changer
        self._actions = actions
        self._queues = queues
        self._keeper = keeper

    def check(self, post: Post, action: Action, message: dict[str, Any]) -> None:
        """Return when the platform may be called; have kept what must be and is not.

        Parameters
        ----------
        message
            `seq` and `year` of the leaf whose seal released it; `tries` and `waits` count how often it came back.

        Raises
        ------
        NotSealedError
            When the intent is not in the log.
        SealingError
            When the evidence was kept just now, or is not sealed yet.
        WaitingError
            When a medium may still be had, or somebody else is at it.
        LaterError
            When another worker is carrying the action out.
        """
        evidence = action.kept.chunks if action.kept else ()
        words = [p.chunk for p in post.trail if p.type in WORDS] if action.verb in TAKES_AWAY else []
        unsealed = self._unsealed([action.chunk, *evidence, *words], message)
        if action.chunk in unsealed:
            raise NotSealedError("the intent of this action is not in the sealed log; the platform was not called")
        if action.verb not in TAKES_AWAY:
            return
        if leased(action, self._changer.clock()):
            raise LaterError("another worker is carrying out this action")
        if evidence_is_stale(action, post):
            self._keep(post, action, message)
            raise SealingError("the evidence is on its way to the seal, which releases this action again")
        if unsealed:
            # A first release that came twice, or a leaf of another worker's that goes into the next commit.
            waits = message.get("waits", 0) + 1
            self._again(action, dict(message, waits=waits), min(2**waits, LONGEST_SECONDS))
            raise SealingError(f"the platform is not called before {len(unsealed)} more chunks are sealed")

    def _unsealed(self, chunks: list[str], message: dict[str, Any]) -> set[str]:
        """Return those chunks that are not known to be under lock.

        The sealer releases what it has published a moment before the head says so: what stands in the log at or before
        the released leaf is sealed whatever the head says.
        """
        wanted = list(dict.fromkeys(chunks))
        released = (message.get("year", 0), message.get("seq", -1))
        places = self._changer.posts.sequences(wanted, consistent=True)
        left = {c for c in wanted if c not in places or (places[c]["year"], places[c]["first_seq"]) > released}
        return left - self._changer.posts.sealed(list(left), consistent=True).keys() if left else left

    def _keep(self, post: Post, action: Action, message: dict[str, Any]) -> None:
        taking = Taking(
            verb=action.verb,
            intent=action.intent,
            correlation=action.id,
            incident=action.incident,
            release={"post_id": post.id, "action_id": action.id},
            also=lambda sealing: [self._actions.replace(kept(action, sealing.pointer, sealing.chunks, post.seen_at))],
            queue="bulk" if action.lane == "bulk" else "action",
        )
        tries = message.get("tries", 0)
        try:
            self._keeper.keep_before(post, taking, tries=tries)
        except StillMissingError as missing:
            self._again(action, dict(message, tries=tries + 1), missing.seconds)
            raise WaitingError(f"{missing}; tried again in {missing.seconds} s") from missing
        except ConflictError as conflict:
            self._again(action, message, AGAIN_SECONDS)
            raise WaitingError(f"{conflict}; tried again in {AGAIN_SECONDS} s") from conflict

    def _again(self, action: Action, message: dict[str, Any], seconds: int) -> None:
        self._queues[action.lane].send([Message(dict(message), delay_seconds=seconds)])
