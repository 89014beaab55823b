"""All there is about posts, for an export: read page by page and without the bounds that a screen has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Content
from bluelamp.media.model import media_key
from bluelamp.posts.history import all_pointers
from bluelamp.posts.model import ActionView, Note, Pointer, Post, parse_stored
from bluelamp.posts.store import PARTS, note_from

if TYPE_CHECKING:
    from bluelamp.posts.store import PostStore
    from bluelamp.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Dossier:
    """One post with everything that hangs on it; `pointers` say where its records are, oldest first."""

    post: Post
    pointers: tuple[Pointer, ...]
    actions: tuple[ActionView, ...]
    notes: tuple[Note, ...]


class Dossiers:
    """Reads posts for an export.

    Parameters
    ----------
    posts
        Where they are kept.
    pseudonyms
        Names authors as the log does.
    """

    def __init__(self, posts: PostStore, pseudonyms: Pseudonyms) -> None:
        self._posts = posts
        self._pseudonyms = pseudonyms

    def known(self, post_ids: Sequence[str]) -> list[str]:
        """Return those of the ids under which there is a post, in their order and once each."""
        found = self._posts.get_many(dict.fromkeys(post_ids))
        return [i for i in dict.fromkeys(post_ids) if i in found]

    def in_thread(self, thread: str) -> Iterator[str]:
        """Yield the ids of all posts of a thread, by time."""
        for item in self._posts.every(f"T#{thread}", index="g3"):
            yield item["pk"].removeprefix("POST#")

    def of_account(self, account: str, *, changed_since: str) -> Iterator[Post]:
        """Yield the judged posts of an account: all open ones, and those closed that changed since then."""
        for item in self._posts.every(f"A#{account}#open", index="g1"):
            yield parse_stored(item)
        for item in self._posts.every(f"A#{account}#done", index="g1", after=changed_since):
            yield parse_stored(item)

    def whole(self, post_id: str, *, consistent: bool = False) -> Dossier | None:
        """Return everything about one post, or None when there is none.

        With `consistent` what hangs on it is read as of this moment, too.
        """
        post = self._posts.get(post_id, consistent=True)
        if post is None:
            return None
        parts: list[dict[str, Any]] = []
        for prefix in PARTS:
            parts += self._posts.every(f"POST#{post_id}", prefix=prefix, consistent=consistent)
        return Dossier(
            post=post,
            pointers=tuple(sorted(all_pointers(post, parts), key=lambda p: (p.at, p.leaf))),
            actions=tuple(ActionView.model_validate(_ACTION | i) for i in parts if i["sk"].startswith("ACTION#")),
            notes=tuple(note_from(i) for i in parts if i["sk"].startswith("NOTE#")),
        )

    def kept_media(self, post_id: str) -> Iterator[tuple[str, Content]]:
        """Yield the attachments of a post that were kept: type and place of each."""
        for item in self._posts.every(f"POST#{post_id}", prefix="MEDIA#"):
            if item["state"] == "kept":
                yield item["type"], Content.model_validate(item["content"])

    def media_now(self, post: Post) -> Iterator[tuple[str, Content]]:
        """Yield those of the kept attachments that the post has as it stands; an edit may have taken others away."""
        now = {f"MEDIA#{media_key(one.url)}" for one in post.media if one.url}
        for item in self._posts.every(f"POST#{post.id}", prefix="MEDIA#"):
            if item["sk"] in now and item["state"] == "kept":
                yield item["type"], Content.model_validate(item["content"])

    def context(self, post: Post) -> list[Post]:
        """Return the posts of the same account around this one in its thread, oldest first, at most a hundred."""
        return [p for p in self._posts.thread(post.thread) if p.account == post.account]

    def author_key(self, post: Post) -> str | None:
        """Return the pseudonym of the post's author, as it stands in the log."""
        return self._pseudonyms.author(post.platform, post.author.id)

    def words_key(self, post: Post) -> str:
        """Return the keyed digest of the words and attachments as they stand in the table."""
        return self._pseudonyms.words(post.account, post.native_id, post.text, post.media)

    def places(self, chunks: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return where those chunks are that a signed checkpoint covers: year, first_seq, n, start and end."""
        return self._posts.sealed(chunks)


_ACTION = {"state": "pending", "reason": None, "done_at": None, "error": None}
