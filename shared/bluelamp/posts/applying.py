"""One round of ingesting: events applied to posts in memory, then written as one transaction.

Several events to one post within a batch become one change of it, with one leaf, of which the last one gives type and
time; what the leaf's content keeps are the exact bytes of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.audit.outbox import Chunk
from bluelamp.ids import post_id, thread_id
from bluelamp.platforms.contract import Event, PostEvent, StateChange, Tombstone
from bluelamp.posts import rules, store
from bluelamp.posts.model import Author, Case, Media, Pointer, Post
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Write


@dataclass(frozen=True)
class Changed:
    """A post that a batch changed: as it was, as it is, and the events that did it, in their order."""

    old: Post | None
    post: Post
    events: tuple[Event, ...]

    @property
    def raw(self) -> bytes:
        """What the platform said: the one event's bytes, or a JSON array of each event's."""
        said = list(dict.fromkeys(event.raw for event in self.events))
        return said[0] if len(said) == 1 else b"[" + b",".join(said) + b"]"


class Round:
    """Events applied to posts in memory.

    Parameters
    ----------
    source, received_at
        How and when the events came.
    known
        The posts that are there already, as far as they were read.
    author_key
        Gives the pseudonym of an author, by platform and id.
    """

    def __init__(
        self,
        *,
        source: rules.Source,
        received_at: str,
        known: Mapping[str, Post],
        author_key: Callable[[str, str | None], str | None],
    ) -> None:
        self._source = source
        self._received_at = received_at
        self._known = known
        self._author_key = author_key
        self.changed: dict[str, Changed] = {}

    def apply(self, event: Event, account: Account) -> None:
        """Apply one event."""
        wanted = post_id(account.id, event.native_id)
        before = self.changed.get(wanted)
        old = before.old if before else self._known.get(wanted)
        post = self._outcome(event, account, before.post if before else old)
        if post is not None:
            post = post.changed(rev=old.rev + 1 if old else 1)
            self.changed[wanted] = Changed(old, post, (*(before.events if before else ()), event))

    def _outcome(self, event: Event, account: Account, current: Post | None) -> Post | None:
        received = self._received_at
        match event:
            case PostEvent():
                seen, key = self._seen_at(event.event_at), self._author_key(event.platform, event.author_id)
                fresh = new_post(event, account, received_at=received, seen_at=seen, author_key=key)
                return fresh if current is None else rules.merge_content(current, fresh, source=self._source)
            case Tombstone():
                if current is None:
                    return self._stub(event, account, "removed")
                return rules.merge_removal(current, received_at=received)
            case StateChange():
                if current is None:
                    return self._stub(event, account, event.state)
                return rules.merge_state(current, event.state, received_at=received)

    def _seen_at(self, event_at: datetime) -> str:
        # A poll saw the text as it stood when the page was read, however old the post is.
        return self._received_at if self._source == "poll" else iso(event_at)

    def _stub(self, event: Tombstone | StateChange, account: Account, state: Any) -> Post:
        return rules.stub_post(
            event.platform,
            event.native_id,
            account,
            state=state,
            at=iso(event.event_at),
            received_at=self._received_at,
        )

    def writes(self, leaf: Callable[[Changed], Leaf]) -> list[Write]:
        """Return the transaction: each post under the condition that nobody else was there, and one outbox chunk.

        Parameters
        ----------
        leaf
            Makes the leaf of a change.
        """
        chunk = Chunk.of([leaf(change) for change in self.changed.values()])
        writes: list[Write] = []
        for place, (wanted, change) in enumerate(self.changed.items()):
            pointer = Pointer.model_validate(chunk.pointer(place))
            post, spilt = store.spill(
                change.post.changed(head=chunk.leaves[place].digest, trail=(*change.post.trail, pointer))
            )
            self.changed[wanted] = Changed(change.old, post, change.events)
            writes += [store.put_new(post) if post.rev == 1 else store.put_changed(post), *spilt]
        writes.append(chunk.put())
        return writes

    def posts(self, wanted: list[str]) -> list[Post]:
        """Return every post that the events were about, as it stands now."""
        now = {**self._known, **{i: change.post for i, change in self.changed.items()}}
        return [now[i] for i in dict.fromkeys(wanted) if i in now]


def new_post(
    event: PostEvent, owner: rules.Owner, *, received_at: str, seen_at: str, author_key: str | None = None
) -> Post:
    """Return the post that an event describes, at revision 1 and not yet judged."""
    outgoing = event.direction == "out"
    return Post(
        id=post_id(owner.id, event.native_id),
        platform=event.platform,
        account=owner.id,
        account_name=owner.name,
        team=owner.team,
        native_id=event.native_id,
        kind=event.kind,
        direction=event.direction,
        thread=thread_id(event.platform, event.thread_native),
        thread_native=event.thread_native,
        parent=post_id(owner.id, event.parent_native) if event.parent_native else None,
        parent_native=event.parent_native,
        author=Author(id=event.author_id, name=event.author_name, handle=event.author_handle, key=author_key),
        text=event.text,
        media=tuple(Media(kind=m.kind, url=m.url) for m in event.media),
        permalink=event.permalink,
        private=event.private,
        edited=event.edited,
        event_at=iso(event.event_at),
        seen_at=seen_at,
        received_at=received_at,
        updated_at=received_at,
        # What the force itself wrote needs no decision; it is kept and shown in its thread.
        case=Case(state="closed") if outgoing else Case(),
    )
