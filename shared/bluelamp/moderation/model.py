"""What is judged and what a judgement says.

Plain frozen values, so that a judgement can be stored, sealed and replayed to the same bytes. A judgement
orders the queue and proposes; nothing here can hide, delete or ban. Positions (`Span`) are counted in
Unicode code points of the text as the platform sent it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Risk(StrEnum):
    """The five bands an officer sees."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Code(StrEnum):
    """The fixed vocabulary of reasons; the page and the reports count by it."""

    ABUSE = "abuse"
    HATE = "hate"
    THREAT = "threat"
    PERSONAL_DATA = "personal_data"
    CRIME_REPORT = "crime_report"
    LIFE_RISK = "life_risk"
    SPAM = "spam"
    SELF_HARM = "self_harm"
    APPEAL_LEAD = "appeal_lead"
    SUB_JUDICE = "sub_judice"
    UNJUDGED = "unjudged"


class Effect(StrEnum):
    """All that a reason may ask for. There is deliberately no effect that acts on a post."""

    ALERT_PERSON = "alert_person"
    QUEUE_TIMER = "queue_timer"
    PROPOSE_SIGNPOST = "propose_signpost"
    TAG_LEAD = "tag_lead"
    PRESERVE = "preserve"


class Span(NamedTuple):
    """A half-open range `[start, end)` of code points in the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A post as the judge sees it; `at` decides which banks are in force, so that a replay agrees."""

    text: str
    platform: str
    kind: str
    private: bool
    at: datetime
    parent_text: str | None = None
    author_key: str | None = None

    @property
    def content(self) -> str:
        """SHA-256 of the texts that were read, kept with the judgement."""
        parent = "" if self.parent_text is None else self.parent_text
        read = f"{len(self.text)}\n{self.text}\n{parent}"
        return hashlib.sha256(read.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that matched: what it is called for officers, where it matched, what it asks for."""

    code: Code
    rule: str
    label: str
    grade: int
    spans: tuple[Span, ...] = ()
    effects: tuple[Effect, ...] = ()
    timer_minutes: int | None = None

    def as_item(self) -> dict[str, Any]:
        """Plain data for storage and JSON; spans become `[start, end]` pairs."""
        return {
            "code": self.code.value,
            "rule": self.rule,
            "label": self.label,
            "grade": self.grade,
            "spans": [list(span) for span in self.spans],
            "effects": [effect.value for effect in self.effects],
            "timer_minutes": self.timer_minutes,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One head of one scorer, in thousandths; None when the scorer failed."""

    head: str
    provider: str
    version: str
    value_permille: int | None

    def as_item(self) -> dict[str, Any]:
        """Plain data for storage and JSON."""
        return {
            "head": self.head,
            "provider": self.provider,
            "version": self.version,
            "value_permille": self.value_permille,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything needed to show a judgement, and to replay it bit for bit.

    `reasons` come worst first in the order of precedence; rules that are neither there nor in `unknown`
    were false under `ruleset`. `judged` is False only when the judge itself could not run.
    """

    risk: Risk
    grade: int
    reasons: tuple[Reason, ...]
    scores: tuple[Score, ...]
    ruleset: str
    normaliser: str
    content: str
    unknown: tuple[str, ...] = ()
    judged: bool = field(default=True)

    def as_item(self) -> dict[str, Any]:
        """Plain data for storage and JSON, keys in a fixed order, no floats."""
        return {
            "risk": self.risk.value,
            "grade": self.grade,
            "reasons": [reason.as_item() for reason in self.reasons],
            "scores": [score.as_item() for score in self.scores],
            "ruleset": self.ruleset,
            "normaliser": self.normaliser,
            "content": self.content,
            "unknown": list(self.unknown),
            "judged": self.judged,
        }


MAX_GRADE = 9
UNJUDGED_GRADE = 7
_BANDS = ((8, Risk.CRITICAL), (5, Risk.HIGH), (3, Risk.MEDIUM), (1, Risk.LOW), (0, Risk.NONE))


def risk_of(grade: int) -> Risk:
    """Name the band of a grade from 0 to 9.

    Raises
    ------
    ValueError
        When the grade lies outside 0 to 9.
    """
    if not 0 <= grade <= MAX_GRADE:
        raise ValueError(f"a grade goes from 0 to {MAX_GRADE}, not {grade}")
    return next(risk for least, risk in _BANDS if grade >= least)


def unjudged(subject: Subject, ruleset: str = "none", normaliser: str = "none") -> Judgement:
    """Say that the judge could not run: high, so that a person reads the post."""
    reason = Reason(
        code=Code.UNJUDGED,
        rule="moderation.unjudged",
        label="Could not be judged automatically: please read this post",
        grade=UNJUDGED_GRADE,
    )
    return Judgement(
        risk=risk_of(UNJUDGED_GRADE),
        grade=UNJUDGED_GRADE,
        reasons=(reason,),
        scores=(),
        ruleset=ruleset,
        normaliser=normaliser,
        content=subject.content,
        unknown=(reason.rule,),
        judged=False,
    )
