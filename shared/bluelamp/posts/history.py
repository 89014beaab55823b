"""A post's history as its sealed leaves tell it, each with its place in the log once it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bluelamp.posts.model import HistoryEntry, Pointer, Post

if TYPE_CHECKING:
    from bluelamp.posts.store import PostStore


def history_of(post: Post, parts: list[dict[str, Any]], posts: PostStore) -> list[HistoryEntry]:
    """Return the history of a post, oldest first: what changed it, and who looked at it.

    Parameters
    ----------
    post
        The post; its trail points at the leaves that changed it.
    parts
        The items that hang on it; views among them.
    posts
        Tells where chunks were sequenced.
    """
    pointers = sorted(all_pointers(post, parts), key=lambda p: (p.at, p.leaf))
    places = posts.sealed([p.chunk for p in pointers])
    return [_entry(p, places.get(p.chunk)) for p in pointers]


def _entry(pointer: Pointer, place: dict[str, Any] | None) -> HistoryEntry:
    return HistoryEntry(
        leaf_id=pointer.leaf,
        type=pointer.type,
        at=pointer.at,
        sealed=place is not None,
        year=place["year"] if place else None,
        seq=place["first_seq"] + pointer.i if place else None,
        by=pointer.by,
        role=pointer.role,
        duty=pointer.duty,
        detail=pointer.detail,
    )


def pointer_to(leaf_id: str, post: Post, parts: list[dict[str, Any]]) -> Pointer | None:
    """Return the line of a post's history with this leaf, or None."""
    return next((p for p in all_pointers(post, parts) if p.leaf == leaf_id), None)


def all_pointers(post: Post, parts: list[dict[str, Any]]) -> list[Pointer]:
    """Return every line of a post's history, in no order: what changed it, what was kept of it, who looked at it."""
    older = [p for i in parts if i["sk"].startswith("TRAIL#") for p in i["trail"]]
    views = [i["pointer"] for i in parts if i["sk"].startswith("VIEW#")]
    media = [p for i in parts if i["sk"].startswith("MEDIA#") for p in i["pointers"]]
    context = [p for i in parts if i["sk"].startswith("ACTION#") and "kept" in i for p in i["kept"]["pointers"]]
    return [*(Pointer.model_validate(p) for p in (*older, *views, *media, *context)), *post.trail]
