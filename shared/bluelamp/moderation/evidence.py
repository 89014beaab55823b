"""What the detectors see in one post: each runs once, and one that fails answers "unknown", never "no"."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from bluelamp.moderation.logic import NO, UNKNOWN, Finding, Truth
from bluelamp.moderation.model import Score, Span, Subject
from bluelamp.moderation.normalise import Normalised, normalise
from bluelamp.moderation.ruleset import Ruleset
from bluelamp.moderation.scorer import Scorer, failed_scores

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Evidence:
    """The facts of one post under one ruleset and scorer.

    Parameters
    ----------
    subject
        The post.
    ruleset
        Whose banks and patterns are asked.
    scorer
        Whose heads are asked.
    """

    def __init__(self, subject: Subject, ruleset: Ruleset, scorer: Scorer) -> None:
        self.platform = subject.platform
        self.kind = subject.kind
        self.private = subject.private
        self._subject = subject
        self._ruleset = ruleset
        self._scorer = scorer
        self._patterns: dict[str, Finding] = {}
        self._parents: dict[str, Finding] = {}

    @cached_property
    def _text(self) -> Normalised | None:
        return _safely("the normaliser", lambda: normalise(self._subject.text), None)

    @cached_property
    def _parent(self) -> Normalised | None:
        return _safely("the normaliser", lambda: normalise(self._subject.parent_text or ""), None)

    @cached_property
    def _banks(self) -> dict[str, tuple[Span, ...]] | None:
        text = self._text
        if text is None:
            return None
        return _safely("the banks", lambda: self._ruleset.banks.search(text), None)

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """What every head of the scorer says; None for each when it failed."""
        text = self._text
        if text is None:
            return failed_scores(self._scorer)
        return _safely("the scorer", lambda: self._scorer.score(text), failed_scores(self._scorer))

    def bank(self, name: str) -> Finding:
        """Where terms of a keyword bank stand."""
        found = self._banks
        if found is None:
            return UNKNOWN
        return self._ruleset.banks.finding(name, found, self._subject.at.date())

    def pattern(self, name: str) -> Finding:
        """Where a pattern matches."""
        if name not in self._patterns:
            self._patterns[name] = self._match(name, self._subject.text, self._text)
        return self._patterns[name]

    def parent(self, name: str) -> Finding:
        """Whether a pattern matches the post that this one answers; its spans are not of this text."""
        if self._subject.parent_text is None:
            return NO
        if name not in self._parents:
            found = self._match(name, self._subject.parent_text, self._parent)
            self._parents[name] = Finding(found.truth)
        return self._parents[name]

    def score(self, head: str, at_least: int) -> Finding:
        """Whether a head reaches a threshold; the spans are the words that weighed most."""
        value = next((score.value_permille for score in self.scores if score.head == head), None)
        text = self._text
        if value is None or text is None:
            return UNKNOWN
        if value < at_least:
            return NO
        spans: tuple[Span, ...] = _safely("the explanation", lambda: self._scorer.explain(text, head), ())
        return Finding(Truth.TRUE, spans)

    def _match(self, name: str, raw: str, text: Normalised | None) -> Finding:
        if text is None:
            return UNKNOWN
        return _safely(f"the pattern {name}", lambda: self._ruleset.patterns[name].finding(raw, text), UNKNOWN)


def _safely(what: str, run: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return run()
    except Exception as error:  # noqa: BLE001 - whatever breaks in a detector, the post goes on, to a person
        # The kind of error alone: its text, or a traceback's, may quote the post.
        kind = type(error).__name__
        _log.error("%s failed (%s): rules that need it answer unknown, and the post is graded up", what, kind)
        return otherwise
