"""The judge: a post in, a judgement out, the same every time.

Every rule is asked and every match recorded. The order of reasons is the order of precedence: risk to life,
crime report, personal data and sub judice, abuse, leads, spam. A rule that cannot be answered counts as if it
might be true, up to the top of "high": it can call a person to the post, but not raise an alarm.
"""

import logging
from functools import cache

from bluelamp.moderation import normalise
from bluelamp.moderation.evidence import Evidence
from bluelamp.moderation.logic import NO, Finding, Truth
from bluelamp.moderation.model import Code, Judgement, Reason, Subject, risk_of
from bluelamp.moderation.ruleset import Rule, Ruleset, load_ruleset
from bluelamp.moderation.scorer import AbsentScorer, ModelError, Scorer, load_scorer

_log = logging.getLogger(__name__)

UNKNOWN_CEILING = 7
UNKNOWN_RULE = "moderation.unknown"


class Judge:
    """Judges posts by one ruleset and one scorer.

    Parameters
    ----------
    ruleset
        What is in force.
    scorer
        What orders by likelihood; it never acts.
    """

    def __init__(self, ruleset: Ruleset, scorer: Scorer) -> None:
        self._ruleset = ruleset
        self._scorer = scorer

    def judge(self, subject: Subject) -> Judgement:
        """Judge one post."""
        evidence = Evidence(subject, self._ruleset, self._scorer)
        answers = [(rule, _answer(rule, evidence)) for rule in self._ruleset.rules]
        reasons = [_reason(rule, found, evidence) for rule, found in answers if found.truth is Truth.TRUE]
        unknown = [rule for rule, found in answers if found.truth is Truth.UNKNOWN]
        if unknown:
            reasons.append(_unknown_reason(unknown))
        grade = max((reason.grade for reason in reasons), default=0)
        return Judgement(
            risk=risk_of(grade),
            grade=grade,
            reasons=tuple(reasons),
            scores=evidence.scores,
            ruleset=self._ruleset.hash,
            normaliser=normalise.VERSION,
            content=subject.content,
            unknown=tuple(rule.id for rule in unknown),
        )


@cache
def default_judge() -> Judge:
    """Build, once a process, the judge of the national base and the default scorer."""
    scorer: Scorer
    try:
        scorer = load_scorer()
    except ModelError:
        _log.exception("the scorer cannot be loaded: posts are judged by the rules alone, and graded up")
        scorer = AbsentScorer()
    return Judge(load_ruleset(), scorer)


def judge(subject: Subject) -> Judgement:
    """Judge one post by the national base and the default scorer.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> judge(Subject(text="Lovely day at the fair", platform="x", kind="reply", private=False, at=at)).grade
    0
    """
    return default_judge().judge(subject)


def _answer(rule: Rule, evidence: Evidence) -> Finding:
    found = rule.when.holds(evidence)
    if found.truth is Truth.FALSE or rule.unless is None:
        return found
    excused = rule.unless.holds(evidence).truth
    if excused is Truth.TRUE:
        return NO
    # An excuse that cannot be checked is no excuse.
    return found


def _reason(rule: Rule, found: Finding, evidence: Evidence) -> Reason:
    lowered = rule.lowered if _is_lowered(rule, found, evidence) else None
    return Reason(
        code=rule.code,
        rule=rule.id,
        label=lowered.label if lowered else rule.label,
        grade=lowered.grade if lowered else rule.grade,
        spans=found.spans,
        effects=rule.effects,
        timer_minutes=rule.timer_minutes,
    )


def _is_lowered(rule: Rule, found: Finding, evidence: Evidence) -> bool:
    lowered = rule.lowered
    if lowered is None:
        return False
    if lowered.when is not None and lowered.when.holds(evidence).truth is Truth.TRUE:
        return True
    if lowered.inside is None or not found.spans:
        return False
    around = evidence.pattern(lowered.inside).spans
    return all(any(out.start <= span.start and span.end <= out.end for out in around) for span in found.spans)


def _unknown_reason(unknown: list[Rule]) -> Reason:
    """Tell the officer that some checks did not run, graded as the gravest of them, below an alarm."""
    grade = min(max(rule.grade for rule in unknown), UNKNOWN_CEILING)
    return Reason(
        code=Code.UNJUDGED,
        rule=UNKNOWN_RULE,
        label=f"{len(unknown)} automatic checks did not run: please read this post",
        grade=grade,
    )
