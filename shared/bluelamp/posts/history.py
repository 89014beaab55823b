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
    pointers = sorted(_pointers(post, parts), key=lambda p: (p.at, p.leaf))
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
        detail=pointer.detail,
    )


def pointer_to(leaf_id: str, post: Post, parts: list[dict[str, Any]]) -> Pointer | None:
    """Return the line of a post's history with this leaf, or None."""
    return next((p for p in _pointers(post, parts) if p.leaf == leaf_id), None)


def _pointers(post: Post, parts: list[dict[str, Any]]) -> list[Pointer]:
    older = [p for i in parts if i["sk"].startswith("TRAIL#") for p in i["trail"]]
    views = [i["pointer"] for i in parts if i["sk"].startswith("VIEW#")]
    return [*(Pointer.model_validate(p) for p in (*older, *views)), *post.trail]
