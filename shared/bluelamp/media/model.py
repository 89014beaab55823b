"""What is known of a picture or other medium of a post: that it is kept and where, or why it cannot be.

Marks lie beside the post and are no part of it. A post with a picture goes to the judge and to the fetcher at the same
moment: were a mark a change of the post, each would overtake the other, and officers would be told that the post has
changed when nothing that anybody reads has.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from bluelamp.audit.leaf import Content
from bluelamp.posts.model import Frozen, Pointer


class Mark(Frozen):
    """What became of one medium of a post.

    `pointers` lead to the leaves that say so: one, or a second when what was given up could be had after all. `why` is
    the code of the last failure, `attempts` how often it was asked for; `type` is read from the bytes.
    """

    key: str
    kind: str
    state: Literal["kept", "lost"]
    at: str
    pointers: tuple[Pointer, ...]
    content: Content | None = None
    type: str | None = None
    size: int = 0
    why: str | None = None
    attempts: int = 1
    rev: int = 1


def media_key(url: str) -> str:
    """Return the name of a medium within its post, from its address: 32 hex digits."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32]
