"""Rules as they are written: YAML files, typed and checked when loaded, and one hash over all of them.

A file holds one subject: its banks, its patterns, its rules. A force's own files are loaded beside the national
base; names must not clash, so that nothing in the base can be replaced without being seen.
"""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import ConfigDict, Field, ValidationError, model_validator

from bluelamp.errors import BluelampError
from bluelamp.models import Model
from bluelamp.moderation import normalise
from bluelamp.moderation.banks import Bank, BankIndex
from bluelamp.moderation.logic import MAX_DEPTH, BankHas, Condition, Not, ParentFinds, PatternFinds, walk
from bluelamp.moderation.model import Code, Effect
from bluelamp.moderation.patterns import CompiledPattern, Pattern

BASE = Path(__file__).parent / "data"
# Part of the hash: a change in how rules are evaluated is a change of what they say.
ENGINE = "1"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RulesetError(BluelampError):
    """The rules as written cannot be used."""

    code = "bad_ruleset"


class Tier(StrEnum):
    """What goes before what, in this order."""

    LIFE = "life"
    CRIME = "crime"
    PROTECT = "protect"
    ABUSE = "abuse"
    LEAD = "lead"
    SPAM = "spam"


_TIERS = tuple(Tier)
_BANDS = {
    Tier.LIFE: (8, 9),
    Tier.CRIME: (6, 7),
    Tier.PROTECT: (5, 6),
    Tier.ABUSE: (1, 5),
    Tier.LEAD: (1, 4),
    Tier.SPAM: (1, 2),
}
_Grade = Annotated[int, Field(ge=1, le=9)]
_Label = Annotated[str, Field(min_length=5, max_length=90)]


class Lowered(Model):
    """When a match weighs less: all of it stands inside a pattern's matches, or a condition holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inside: str | None = None
    when: Condition | None = None
    grade: _Grade
    label: _Label


class Rule(Model):
    """One rule: when it holds, what it is called for an officer, how grave it is, what it asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9-]+$")]
    code: Code
    tier: Tier
    grade: _Grade
    label: _Label
    effects: tuple[Effect, ...] = ()
    timer_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    when: Condition
    unless: Condition | None = None
    lowered: Lowered | None = None

    @property
    def precedence(self) -> int:
        """Where the rule stands in the order of precedence, 0 first."""
        return _TIERS.index(self.tier)

    def conditions(self) -> Iterable[tuple[Condition, int]]:
        """Give every condition of the rule with its depth."""
        for condition in (self.when, self.unless, self.lowered.when if self.lowered else None):
            if condition is not None:
                yield from walk(condition)

    @model_validator(mode="after")
    def _keeps_the_promises(self) -> "Rule":
        least, most = _BANDS[self.tier]
        if not least <= self.grade <= most:
            raise ValueError(f"{self.id}: a rule of tier {self.tier} has a grade from {least} to {most}")
        if (Effect.QUEUE_TIMER in self.effects) != (self.timer_minutes is not None):
            raise ValueError(f"{self.id}: the effect queue_timer and timer_minutes belong together")
        if any(depth > MAX_DEPTH for _, depth in self.conditions()):
            raise ValueError(f"{self.id}: conditions nest deeper than {MAX_DEPTH}")
        silenced = self.unless or self.lowered or any(isinstance(part, Not) for part, _ in self.conditions())
        if self.tier is Tier.LIFE and silenced:
            raise ValueError(f"{self.id}: an alert for somebody's life has no unless, lowered or not")
        return self


class RuleFile(Model):
    """One YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str
    banks: dict[str, Bank] = Field(default_factory=dict)
    patterns: dict[str, Pattern] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


class Ruleset:
    """All rules that are in force, compiled, with their hash.

    Parameters
    ----------
    files
        Validated rule files; later ones may refer to what earlier ones define.

    Raises
    ------
    RulesetError
        When two things have one name, or a rule names a bank or pattern that there is not.
    """

    def __init__(self, files: Iterable[RuleFile]) -> None:
        banks: dict[str, Bank] = {}
        patterns: dict[str, Pattern] = {}
        rules: dict[str, Rule] = {}
        for file in files:
            _add(banks, file.banks, "bank", file.subject)
            _add(patterns, file.patterns, "pattern", file.subject)
            _add(rules, {rule.id: rule for rule in file.rules}, "rule", file.subject)
            if len({rule.id for rule in file.rules}) != len(file.rules):
                raise RulesetError(f"{file.subject}: two rules have one id")
        for rule in rules.values():
            _check_names(rule, banks, patterns)
        self.rules = tuple(sorted(rules.values(), key=lambda rule: (rule.precedence, -rule.grade, rule.id)))
        self.banks = BankIndex(banks)
        self.patterns = {name: CompiledPattern(pattern) for name, pattern in patterns.items()}
        self.hash = _hash(banks, patterns, rules)


def load_ruleset(*directories: Path) -> Ruleset:
    """Load the base and what lies in further directories, validated.

    Raises
    ------
    RulesetError
        Naming the file and what is wrong in it.
    """
    return Ruleset(_read(path) for directory in (BASE, *directories) for path in sorted(directory.glob("*.yaml")))


def read_rules(text: str, name: str) -> RuleFile:
    """Read one rule file from its text; `name` is for the message.

    Raises
    ------
    RulesetError
        When it is no YAML, or no valid rule file.
    """
    try:
        return RuleFile.model_validate(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValidationError) as error:
        raise RulesetError(f"the rule file {name} cannot be used: {error}") from error


def _read(path: Path) -> RuleFile:
    return read_rules(path.read_text(encoding="utf-8"), path.name)


def _add(known: dict[str, Any], more: dict[str, Any], what: str, subject: str) -> None:
    if clash := known.keys() & more.keys():
        raise RulesetError(f"{subject}: there is already a {what} called {', '.join(sorted(clash))}")
    known.update(more)


def _check_names(rule: Rule, banks: dict[str, Bank], patterns: dict[str, Pattern]) -> None:
    missing = {part.bank for part, _ in rule.conditions() if isinstance(part, BankHas)} - banks.keys()
    used = {part.pattern for part, _ in rule.conditions() if isinstance(part, PatternFinds)}
    used |= {part.parent for part, _ in rule.conditions() if isinstance(part, ParentFinds)}
    if rule.lowered and rule.lowered.inside:
        used.add(rule.lowered.inside)
    missing |= used - patterns.keys()
    if missing:
        raise RulesetError(f"{rule.id} refers to {', '.join(sorted(missing))}, which no file defines")


def _hash(banks: dict[str, Bank], patterns: dict[str, Pattern], rules: dict[str, Rule]) -> str:
    content = {
        "engine": ENGINE,
        "normaliser": normalise.VERSION,
        **{
            part: {name: model.model_dump(mode="json", by_alias=True) for name, model in models.items()}
            for part, models in (("banks", banks), ("patterns", patterns), ("rules", rules))
        },
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
