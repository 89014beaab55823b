"""Three-valued logic and the conditions a rule may be written in.

A condition is a finite tree without names of other rules, so that evaluation always ends. `unknown` is what a
failed detector answers; Kleene's tables carry it upwards, and nowhere does it turn into "false" by itself.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import ConfigDict, Field

from bluelamp.models import Model
from bluelamp.moderation.model import Span

MAX_DEPTH = 5


class Truth(Enum):
    """Kleene's three values."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Finding(NamedTuple):
    """What a detector or a condition says, and where it saw it."""

    truth: Truth
    spans: tuple[Span, ...] = ()


NO = Finding(Truth.FALSE)
UNKNOWN = Finding(Truth.UNKNOWN)


class Facts(Protocol):
    """What conditions may ask about one post; each detector runs at most once."""

    platform: str
    kind: str
    private: bool

    def bank(self, name: str) -> Finding:
        """Where terms of a keyword bank stand."""

    def pattern(self, name: str) -> Finding:
        """Where a pattern matches."""

    def parent(self, name: str) -> Finding:
        """Whether a pattern matches the post that this one answers."""

    def score(self, head: str, at_least: int) -> Finding:
        """Whether a scorer's head reaches a threshold in thousandths."""


class _Condition(Model):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def holds(self, facts: Facts) -> Finding:
        """Evaluate against the facts of one post."""
        raise NotImplementedError

    def inner(self) -> "tuple[Condition, ...]":
        """Give the conditions directly inside this one."""
        return ()


class AnyOf(_Condition):
    """True when one is true; unknown when none is true and one is unknown."""

    any: Annotated[tuple["Condition", ...], Field(min_length=1)]

    def holds(self, facts: Facts) -> Finding:
        """Evaluate every part: each match is to be recorded."""
        findings = [part.holds(facts) for part in self.any]
        return _joined(max((found.truth for found in findings), key=lambda truth: truth.value), findings)

    def inner(self) -> "tuple[Condition, ...]":
        """Give the parts."""
        return self.any


class AllOf(_Condition):
    """False when one is false; unknown when none is false and one is unknown."""

    all: Annotated[tuple["Condition", ...], Field(min_length=1)]

    def holds(self, facts: Facts) -> Finding:
        """Evaluate part by part, ending at the first that is false."""
        findings = []
        for part in self.all:
            found = part.holds(facts)
            if found.truth is Truth.FALSE:
                return NO
            findings.append(found)
        return _joined(min((found.truth for found in findings), key=lambda truth: truth.value), findings)

    def inner(self) -> "tuple[Condition, ...]":
        """Give the parts."""
        return self.all


class Not(_Condition):
    """Turns true and false round; unknown stays unknown."""

    not_: Annotated["Condition", Field(alias="not")]

    def holds(self, facts: Facts) -> Finding:
        """Evaluate; a negation has no place in the text."""
        return Finding(Truth(Truth.TRUE.value - self.not_.holds(facts).truth.value))

    def inner(self) -> "tuple[Condition, ...]":
        """Give the negated part."""
        return (self.not_,)


class BankHas(_Condition):
    """A term of the keyword bank stands in the text."""

    bank: str

    def holds(self, facts: Facts) -> Finding:
        """Ask the bank."""
        return facts.bank(self.bank)


class PatternFinds(_Condition):
    """The pattern matches the text."""

    pattern: str

    def holds(self, facts: Facts) -> Finding:
        """Ask the pattern."""
        return facts.pattern(self.pattern)


class ParentFinds(_Condition):
    """The pattern matches the post that this one answers; false when it answers none."""

    parent: str

    def holds(self, facts: Facts) -> Finding:
        """Ask the pattern about the parent."""
        return facts.parent(self.parent)


class ScoreAtLeast(_Condition):
    """A head of the scorer reaches a threshold in thousandths."""

    score: str
    at_least: Annotated[int, Field(ge=0, le=1000)]

    def holds(self, facts: Facts) -> Finding:
        """Ask the scorer."""
        return facts.score(self.score, self.at_least)


class KindIs(_Condition):
    """The post is of one of these kinds."""

    kind: tuple[Literal["post", "comment", "reply", "mention", "message"], ...]

    def holds(self, facts: Facts) -> Finding:
        """Compare."""
        return Finding(Truth.TRUE) if facts.kind in self.kind else NO


class PlatformIs(_Condition):
    """The post is on one of these platforms."""

    platform: tuple[str, ...]

    def holds(self, facts: Facts) -> Finding:
        """Compare."""
        return Finding(Truth.TRUE) if facts.platform in self.platform else NO


class PrivateIs(_Condition):
    """The post is private (a message), or public."""

    private: bool

    def holds(self, facts: Facts) -> Finding:
        """Compare."""
        return Finding(Truth.TRUE) if facts.private is self.private else NO


Condition = AnyOf | AllOf | Not | BankHas | PatternFinds | ParentFinds | ScoreAtLeast | KindIs | PlatformIs | PrivateIs
for _model in (AnyOf, AllOf, Not):
    _model.model_rebuild()


def walk(condition: Condition, depth: int = 1) -> Iterable[tuple[Condition, int]]:
    """Give every condition of the tree with its depth."""
    yield condition, depth
    for part in condition.inner():
        yield from walk(part, depth + 1)


def _joined(truth: Truth, findings: Iterable[Finding]) -> Finding:
    if truth is Truth.FALSE:
        return NO
    spans = {span for found in findings if found.truth is Truth.TRUE for span in found.spans}
    return Finding(truth, tuple(sorted(spans)))
