"""Statements of correction: what somebody says is wrong about a post, bound to it for whoever reads it from now on.

What was kept is evidence and stays as it is (Data Protection Act 2018 s46(2): an inaccuracy that is one of
incompleteness is rectified by a supplementary statement). The statement stands among the notes of the post, its words
are kept in the vault, and its record carries their keyed digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Op
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import InvalidInputError
from bluelamp.ids import new_ulid
from bluelamp.posts import store
from bluelamp.posts.changing import Entry, name_of
from bluelamp.posts.model import Note
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

MOST = 4_000


class Corrections:
    """Binds statements to posts; whoever asks has been let in already.

    Parameters
    ----------
    changer
        Commits changes of posts.
    """

    def __init__(self, changer: Changer) -> None:
        self._changer = changer

    def state(self, principal: Principal, post: Post, *, text: str, case: str, ref: str, also: Sequence[Write]) -> None:
        """Bind a statement of correction to a post; `also` are writes of the same transaction.

        Raises
        ------
        InvalidInputError
            Without words, or with too many.
        ConflictError
            When the post changed meanwhile.
        """
        clean = text.strip()
        if not 0 < len(clean) <= MOST:
            raise InvalidInputError(f"A statement of correction has 1 to {MOST} characters.")
        words = f"Statement of correction ({ref}): {clean}"
        note = Note(id=new_ulid(), at=iso(self._changer.clock()), by=name_of(principal), text=words)
        entry = Entry(
            type="note",
            actor=principal.actor(),
            by=name_of(principal),
            reason=LeafReason(code="rectification", ref=ref),
            op=Op(verb="correct"),
            change=Change(field="correction"),
            correlation=case,
            words=words,
            detail={"what": "correction"},
        )
        self._changer.commit(post, post, entry, also=lambda _: [store.note_item(post.id, note), *also])
