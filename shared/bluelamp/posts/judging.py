"""The judge's side of a post: what it is shown, and how its judgement becomes a case in the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Model, Rule
from bluelamp.audit.leaf import Judgement as LeafJudgement
from bluelamp.moderation.model import Subject
from bluelamp.notices.telling import told
from bluelamp.posts.changing import MAX_TOGETHER, Changer, Entry
from bluelamp.posts.joint import Brings, Change
from bluelamp.posts.model import Case, CaseReason, CaseScore, Post
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.moderation.model import Judgement
    from bluelamp.pseudonyms import Pseudonyms


# What systems of the force are told of: the two bands that no person may leave standing.
RISKY = frozenset({"high", "critical"})


class Judging:
    """What the moderate function does with posts.

    Parameters
    ----------
    changer
        Loads and commits posts.
    pseudonyms
        Names authors to the judge: it sees who is the same, never who it is.
    told
        Told the posts that were judged, once that is written down; the same again when their messages come again.
    systems
        Whether the deployment may tell systems of the force of what is risky; if not, no notice is written for them.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        pseudonyms: Pseudonyms,
        told: Callable[[Sequence[Post]], object] = lambda _: None,
        systems: bool = False,
    ) -> None:
        self._told = told
        self._systems = systems
        self._changer = changer
        self._pseudonyms = pseudonyms
        self._read: dict[str, Post] = {}

    def get_for_judging(self, post_ids: Iterable[str]) -> dict[str, tuple[Subject, int]]:
        """Return what the judge needs and the revision of each post that is still to be judged."""
        found = self._changer.posts.get_many(dict.fromkeys(post_ids), consistent=True)
        waiting = {post.id: post for post in found.values() if post.case.state == "unjudged"}
        self._read = waiting
        # Judged already: the message came again, perhaps because nobody could be told the first time.
        again = [post for post in found.values() if post.case.state == "open"]
        if again:
            self._changer.announce(*again)
            self._told(again)
        parents = self._changer.posts.get_many({p.parent for p in waiting.values() if p.parent})
        return {post.id: (self._subject(post, parents.get(post.parent or "")), post.rev) for post in waiting.values()}

    def _subject(self, post: Post, parent: Post | None) -> Subject:
        return Subject(
            text=post.text,
            platform=post.platform,
            kind=post.kind,
            private=post.private,
            at=parse_iso(post.received_at),
            parent_text=parent.text if parent else None,
            author_key=self._pseudonyms.author(post.platform, post.author.id),
        )

    def file_cases(self, judged: Mapping[str, tuple[int, Judgement]]) -> set[str]:
        """Open the cases of posts as judged, by id: the revision that was judged, and the judgement.

        Returns
        -------
        set of str
            The ids of posts that changed while they were judged; their new words are to be judged.
        """
        # As they were read for the judge: the write is on condition of that revision, so nothing newer is lost.
        changes = [
            (post, post.changed(case=_case(post, judgement)), _entry(judgement))
            for post_id, (rev, judgement) in judged.items()
            if (post := self._read.get(post_id)) is not None and post.rev == rev
        ]
        overtaken = judged.keys() - {post.id for post, _, _ in changes}
        for start in range(0, len(changes), MAX_TOGETHER):
            part = changes[start : start + MAX_TOGETHER]
            overtaken |= self._changer.commit_many(part, brings=self._notices(part))
        self._told([new for _, new, _ in changes if new.id not in overtaken])
        return overtaken

    def _notices(self, changes: Sequence[Change]) -> dict[str, Brings]:
        """Return the notice of each risky post for the force's own systems, where there may be any."""
        if not self._systems:
            return {}
        now = self._changer.clock()

        def brings(post: Post) -> Brings:
            about = {"account": post.account, "post": post.id, "risk": post.case.risk, "grade": str(post.case.grade)}
            return Brings(also=lambda _pointer, _beside: [told("case_opened", to=["systems"], at=now, about=about)])

        return {new.id: brings(new) for _, new, _ in changes if new.case.risk in RISKY}


def _entry(judgement: Judgement) -> Entry:
    return Entry(
        type="classify",
        actor=Actor.system("moderate"),
        judgement=LeafJudgement(
            risk=judgement.risk.value,
            grade=judgement.grade,
            codes=tuple(dict.fromkeys(reason.code.value for reason in judgement.reasons)),
            rules=tuple(reason.rule for reason in judgement.reasons),
        ),
        model=_model(judgement),
        rule=Rule(id="ruleset", version=judgement.ruleset),
        detail={"risk": judgement.risk.value},
    )


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
