"""The judge's side of a post: what it is shown, and how its judgement becomes a case in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Model, Rule
from bluelamp.audit.leaf import Judgement as LeafJudgement
from bluelamp.errors import ConflictError
from bluelamp.moderation.model import Subject
from bluelamp.posts.changing import Changer, Entry
from bluelamp.posts.model import Case, CaseReason, CaseScore, Post
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.moderation.model import Judgement
    from bluelamp.pseudonyms import Pseudonyms


class Judging:
    """What the moderate function does with posts.

    Parameters
    ----------
    changer
        Loads and commits posts.
    pseudonyms
        Names authors to the judge: it sees who is the same, never who it is.
    """

    def __init__(self, *, changer: Changer, pseudonyms: Pseudonyms) -> None:
        self._changer = changer
        self._pseudonyms = pseudonyms

    def get_for_judging(self, post_id: str) -> tuple[Subject, int] | None:
        """Return what the judge needs and the post's revision; None when nothing is to be judged any more."""
        post = self._changer.posts.get(post_id, consistent=True)
        if post is None or post.case.state != "unjudged":
            return None
        parent = self._changer.posts.get(post.parent) if post.parent else None
        subject = Subject(
            text=post.text,
            platform=post.platform,
            kind=post.kind,
            private=post.private,
            at=parse_iso(post.received_at),
            parent_text=parent.text if parent else None,
            author_key=self._pseudonyms.author(post.platform, post.author.id),
        )
        return subject, post.rev

    def file_case(self, post_id: str, rev: int, judgement: Judgement) -> None:
        """Open the case of a post as judged, unless the post has changed or was filed meanwhile.

        Raises
        ------
        ConflictError
            The post changed while it was judged; the new text is to be judged.
        """
        post = self._changer.posts.get(post_id, consistent=True)
        if post is None or post.case.state != "unjudged":
            return
        if post.rev != rev:
            raise ConflictError("the post changed while it was judged; it is judged again", rev=post.rev)
        case = _case(post, judgement)
        entry = Entry(
            type="classify",
            actor=Actor.system("moderate"),
            judgement=LeafJudgement(
                risk=case.risk,
                grade=case.grade,
                codes=tuple(dict.fromkeys(r.code for r in case.reasons)),
                rules=tuple(r.rule for r in case.reasons),
            ),
            model=_model(judgement),
            rule=Rule(id="ruleset", version=judgement.ruleset),
            detail={"risk": case.risk},
        )
        self._changer.commit(post, post.changed(case=case), entry)


def _case(post: Post, judgement: Judgement) -> Case:
    return post.case.model_copy(
        update={
            "state": "open",
            "grade": judgement.grade,
            "risk": judgement.risk.value,
            "reasons": tuple(CaseReason.model_validate(reason.as_item()) for reason in judgement.reasons),
            "scores": tuple(CaseScore.model_validate(score.as_item()) for score in judgement.scores),
            "unknown": judgement.unknown,
            "ruleset": judgement.ruleset,
            "normaliser": judgement.normaliser,
            "content": judgement.content,
        }
    )


def _model(judgement: Judgement) -> Model | None:
    scores = {s.head: s.value_permille for s in judgement.scores if s.value_permille is not None}
    if not scores:
        return None
    first = judgement.scores[0]
    return Model(id=first.provider, version=first.version, scores=scores)
