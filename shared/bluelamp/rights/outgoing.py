"""The answer of a case as it goes out, made anew from posts and rulings each time: nothing of it is stored.

Its digest is what is submitted, approved and made: a post or ruling that changed since gives another one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bluelamp.exports.london import shown
from bluelamp.rights import rules
from bluelamp.rights.errors import NotReviewedError
from bluelamp.rights.model import (
    Answer,
    Case,
    Item,
    Outgoing,
    Ruling,
)
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.posts.model import Post
    from bluelamp.rights.casefiles import Posts
    from bluelamp.rights.store import RightsStore


@dataclass(frozen=True)
class Compiled:
    """An answer, whole; `sources` are the ids of the posts behind `posts`, in their order."""

    version: str
    posts: tuple[Outgoing, ...]
    sources: tuple[str, ...]
    verdicts: Mapping[str, int]
    withheld: Mapping[str, int]
    redactions: Mapping[str, int]

    def part(self, case: Case, start: int, number: int) -> Answer:
        """Return a part of it for whoever approves it."""
        return Answer(
            version=self.version,
            outcome=case.outcome or "answer",
            exemption=case.exemption,
            posts=self.posts[start : start + number],
            total=len(self.posts),
            withheld=dict(self.withheld),
            redactions=dict(self.redactions),
            out_of_scope=self.verdicts.get("out_of_scope", 0),
            erased=self.verdicts.get("erase", 0),
            corrected=self.verdicts.get("correct", 0),
        )


class Compiler:
    """Makes answers.

    Parameters
    ----------
    store
        Where cases and their items are.
    posts
        Reads posts.
    dossiers
        Makes the keyed digest of a post's words.
    """

    def __init__(self, store: RightsStore, *, posts: Posts, dossiers: Dossiers) -> None:
        self._store = store
        self._posts = posts
        self._dossiers = dossiers

    def compiled(self, case: Case) -> Compiled:
        """Return the answer of a case as posts and rulings now make it.

        Raises
        ------
        NotReviewedError
            When a post is not decided, or its words changed since; the message says how many.
        """
        if case.outcome == "refuse":
            return _whole(case, [], Counter(), Counter(), Counter())
        items = self._store.items(case.id)
        posts = self._posts.get_many([item.post for item in items], consistent=True)
        found = list(self._decided(items, posts))
        verdicts = Counter[str](ruling.verdict for _, ruling in found)
        withheld = Counter[str](ruling.exemption for _, ruling in found if ruling.exemption)
        redactions = Counter[str](span.exemption or span.ground for _, ruling in found for span in ruling.spans)
        out = [(post, ruling) for post, ruling in found if ruling.verdict in {"disclose", "redact"}]
        return _whole(case, out, verdicts, withheld, redactions)

    def _decided(self, items: Sequence[Item], posts: Mapping[str, Post]) -> Iterator[tuple[Post, Ruling]]:
        stale = [
            item.post
            for item in items
            if item.ruling is None or item.post not in posts or item.words != self._dossiers.words_key(posts[item.post])
        ]
        if stale:
            raise NotReviewedError(
                f"{len(stale)} of {len(items)} posts of this case are not decided, or have changed since they were: "
                f"{', '.join(stale[:5])}. Decide them first."
            )
        for item in items:
            if item.ruling is not None:
                yield posts[item.post], item.ruling


def _whole(
    case: Case,
    out: Sequence[tuple[Post, Ruling]],
    verdicts: Counter[str],
    withheld: Counter[str],
    redactions: Counter[str],
) -> Compiled:
    posts = tuple(_outgoing(number, post, ruling) for number, (post, ruling) in enumerate(out, 1))
    counted = [sorted(one.items()) for one in (verdicts, withheld, redactions)]
    told = [case.id, case.outcome, case.exemption, [one.model_dump(mode="json") for one in posts], counted]
    version = hashlib.sha256(json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()
    return Compiled(version, posts, tuple(post.id for post, _ in out), verdicts, withheld, redactions)


def _outgoing(number: int, post: Post, ruling: Ruling) -> Outgoing:
    return Outgoing(
        number=number,
        at=shown(parse_iso(post.event_at)),
        account=post.account_name,
        direction=post.direction,
        author=(post.author.name or post.author.handle) if ruling.author else None,
        text=rules.redacted(post.text, ruling.spans),
        redacted=tuple(dict.fromkeys(span.exemption or span.ground for span in ruling.spans)),
        media=tuple(one.kind for one in post.media) if ruling.media else (),
        media_withheld=0 if ruling.media else len(post.media),
    )
