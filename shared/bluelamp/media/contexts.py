"""The contexts of posts that are to be taken away: put together, packed, and named in a leaf each.

One order may take many posts from one thread. They are read and packed together then, and their leaves go into the
chunk of the intents; so the platform can be called at the first release, and nothing is read or committed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, draft
from bluelamp.content.model import Entry
from bluelamp.media import rules
from bluelamp.media.context import MOST_POSTS, Shown, context_of
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Content
    from bluelamp.content.vault import Packed, Vault
    from bluelamp.media.model import Mark
    from bluelamp.media.store import MarkStore
    from bluelamp.posts.model import Post
    from bluelamp.pseudonyms import Pseudonyms


class Posts(Protocol):
    """What is read of posts."""

    def get(self, post_id: str, *, consistent: bool = False) -> Post | None:
        """Return a post."""

    def get_many(self, post_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Post]:
        """Return those that exist, by id."""

    def thread(self, thread: str) -> list[Post]:
        """Return the latest posts of a thread."""


@dataclass(frozen=True)
class Taken:
    """What takes a post away: the verb, its intent's leaf, the action, by which function, in which incident."""

    verb: str
    intent: str
    correlation: str
    by: str
    incident: str | None = None


@dataclass(frozen=True)
class Around:
    """The context of a post, kept: what its leaf carries, and the chunks of the post's media."""

    content: Content
    chunks: tuple[str, ...]


class Contexts:
    """Keeps what stood around posts.

    Parameters
    ----------
    posts, marks
        Where posts and the marks of their media are.
    vault
        Keeps bytes.
    pseudonyms
        Names posts and authors in leaves.
    clock
        The time.
    """

    def __init__(
        self, *, posts: Posts, marks: MarkStore, vault: Vault, pseudonyms: Pseudonyms, clock: Clock = utc_now
    ) -> None:
        self._posts = posts
        self._marks = marks
        self._vault = vault
        self._pseudonyms = pseudonyms
        self._clock = clock

    def marks(self, post: Post) -> dict[str, Mark]:
        """Return what is known of a post's media; one that never had any is not asked for."""
        return self._marks.of(post.id) if post.media or post.edited else {}

    def keep(self, posts: Sequence[Post], verb: str) -> dict[str, Around]:
        """Keep the contexts of posts, by id, as one pack: one object and one key record.

        A post of which a medium may still be had is left out: whoever takes it away fetches that first.

        Parameters
        ----------
        posts
            As they stand.
        verb
            What is to be done to them.
        """
        known = {post.id: self.marks(post) for post in posts}
        ready = [post for post in posts if not rules.missing(post.media, known[post.id], again=True)]
        if not ready:
            return {}
        kept = self._vault.keep(self._entries(ready, known, verb))
        return {post.id: Around(content, chunks_of(known[post.id])) for post, content in zip(ready, kept, strict=True)}

    def pack(self, post: Post, marks: Mapping[str, Mark], verb: str) -> Packed:
        """Pack the context of one post, whose key record the caller's transaction writes."""
        return self._vault.pack(self._entries([post], {post.id: marks}, verb))

    def leaf(self, post: Post, taken: Taken, content: Content) -> Leaf:
        """Return the leaf of a context."""
        return draft(
            type="context",
            at=self._clock(),
            actor=Actor.system(taken.by),
            account=post.account,
            author_key=self._pseudonyms.author(post.platform, post.author.id),
            obj=obj_of(self._pseudonyms, post),
            op=Op(verb=taken.verb, intent=taken.intent),
            correlation=taken.correlation,
            incident=taken.incident,
            content=content,
        )

    def _entries(self, posts: Sequence[Post], known: Mapping[str, Mapping[str, Mark]], verb: str) -> list[Entry]:
        at = iso(self._clock())
        threads = {thread: self._posts.thread(thread) for thread in dict.fromkeys(post.thread for post in posts)}
        read = {one.id: one for thread in threads.values() for one in thread}
        read |= self._posts.get_many(sorted({post.parent for post in posts if post.parent} - read.keys()))
        shown, entries = Shown(), []
        for post in posts:
            thread = threads[post.thread]
            cut = len(thread) >= MOST_POSTS
            if post.parent in read and post.parent not in {one.id for one in thread}:
                thread = [*thread, read[post.parent]]
            body = context_of(post, thread, known[post.id], at=at, verb=verb, thread_is_cut=cut, shown=shown)
            entries.append(Entry(post.account, body))
        return entries


def chunks_of(marks: Mapping[str, Mark]) -> tuple[str, ...]:
    """Return the chunks in which the leaves of a post's media are."""
    return tuple(dict.fromkeys(pointer.chunk for mark in marks.values() for pointer in mark.pointers))


def obj_of(pseudonyms: Pseudonyms, post: Post, *, digest: str | None = None) -> Obj:
    """Return how a leaf names the post: by the revision it was at, of which these leaves make no new one."""
    return Obj(
        kind="post",
        key=pseudonyms.post(post.account, post.native_id),
        hmac_key=pseudonyms.key_id,
        rev=post.rev,
        digest=digest,
    )
