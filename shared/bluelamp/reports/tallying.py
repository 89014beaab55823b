"""Counts the days of an account from its posts: the same posts give the same figures, however often.

Everything is read off the lines of a post's history, which say when something happened and never change: so a day can
be counted again weeks later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from bluelamp.posts.model import Pointer, Post
from bluelamp.reports.definitions import WAITS
from bluelamp.reports.model import DayFigures, Overturn
from bluelamp.reports.rules import day_of, ends, hour_of
from bluelamp.times import iso, parse_iso

# The machine's word, and what a person did against it.
_RAISED, _PASSED, _TAKEN = frozenset({"high", "critical"}), frozenset({"none", "low"}), frozenset({"hidden", "deleted"})
_DONE = frozenset({"done", "already"})
_DECISION = {"hide": "hidden", "delete": "deleted", "reply": "replied", "message": "replied"}
NO_RULE = "none"
ALL = "*"


class Seen(NamedTuple):
    """A post, and the lines of its history, oldest first."""

    post: Post
    lines: Sequence[Pointer]


class _Decided(NamedTuple):
    at: str
    decision: str
    person: str
    risk: str


@dataclass
class _Told:
    """What a post's history tells."""

    risk: str
    decisions: list[_Decided] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    answered: str | None = None
    removed: str | None = None


class _Day:
    """One day while it is counted."""

    def __init__(self) -> None:
        self.published = 0
        self.answers: dict[str, list[int]] = {}
        self.counts: dict[str, Counter[str]] = {
            part: Counter() for part in ("arrived", "decided", "decisions", "people", "overturned", "waiting")
        }
        self.last: dict[str, str] = {}

    def count(self, part: str, *key: str) -> None:
        self.counts[part]["|".join(key)] += 1

    def saw(self, what: str, at: str) -> None:
        self.last[what] = max(at, self.last.get(what, ""))


def count_days(
    account: str, days: Sequence[date], posts: Iterable[Seen], before: DayFigures | None = None
) -> list[DayFigures]:
    """Count the days of an account.

    Parameters
    ----------
    days
        One after the other, without a gap.
    posts
        All that are open, and all that changed since the first of these days began.
    before
        The day before the first, whose last times are carried on.
    """
    found = {day: _Day() for day in days}
    for seen in posts:
        _count(seen, found)
    counted: list[DayFigures] = []
    for day, one in found.items():
        previous = counted[-1] if counted else before
        counted.append(_closed(account, day, one, previous))
    return counted


def _closed(account: str, day: date, one: _Day, previous: DayFigures | None) -> DayFigures:
    last = {
        name: max(filter(None, (one.last.get(name), getattr(previous, name, None))), default=None)
        for name in ("last_in", "last_out", "last_answer")
    }
    answers = {key: tuple(sorted(seconds)) for key, seconds in sorted(one.answers.items())}
    parts = {name: dict(sorted(counts.items())) for name, counts in one.counts.items()}
    return DayFigures.model_validate(
        {"account": account, "day": day, "published": one.published, "answers": answers, **parts, **last}
    )


def _count(seen: Seen, days: dict[date, _Day]) -> None:
    post, told = seen.post, _told(seen)
    if post.stub:
        return
    if day := days.get(_day(post.received_at)):
        if post.direction == "out":
            day.published += 1
            day.saw("last_out", post.event_at)
        else:
            day.count("arrived", post.kind, _first_risk(seen), hour_of(parse_iso(post.event_at)))
            day.saw("last_in", post.event_at)
    if post.direction == "out":
        return
    rules = tuple(dict.fromkeys(reason.rule for reason in post.case.reasons)) or (NO_RULE,)
    for one in told.decisions:
        if day := days.get(_day(one.at)):
            _count_decision(day, one, rules)
    for at in told.undone:
        if day := days.get(_day(at)):
            _overturned(day, "undone", rules)
    if told.answered and (day := days.get(_day(told.answered))):
        wrote, answered = parse_iso(post.event_at), parse_iso(told.answered)
        seconds = max(0, int((answered - wrote).total_seconds()))
        day.answers.setdefault(f"{post.kind}|{hour_of(wrote)}", []).append(seconds)
        day.saw("last_answer", told.answered)
    _count_waiting(post, told, days)


def _count_decision(day: _Day, one: _Decided, rules: Sequence[str]) -> None:
    day.count("decided", one.decision, one.risk)
    day.count("people", one.person, one.decision)
    for rule in rules:
        day.count("decisions", one.decision, rule)
    if one.decision == "dismissed" and one.risk in _RAISED:
        _overturned(day, "raised_dismissed", rules)
    if one.decision in _TAKEN and one.risk in _PASSED:
        _overturned(day, "passed_removed", rules)


def _overturned(day: _Day, what: Overturn, rules: Sequence[str]) -> None:
    for rule in (ALL, *rules):
        day.count("overturned", what, rule)


def _count_waiting(post: Post, told: _Told, days: dict[date, _Day]) -> None:
    closed = None if post.case.state != "closed" else post.case.decided_at or told.removed or post.updated_at
    for day, figures in days.items():
        end = ends(day)
        midnight = iso(end)
        if post.received_at >= midnight or (closed is not None and closed < midnight):
            continue
        age = end - parse_iso(post.received_at)
        figures.count("waiting", "0")
        for hours in WAITS:
            if age > timedelta(hours=hours):
                figures.count("waiting", str(hours))


def _told(seen: Seen) -> _Told:
    """Read what became of a post off the lines of its history."""
    told = _Told(risk=seen.post.case.risk)
    intents: dict[str, Pointer] = {}
    for line in seen.lines:
        verb = line.detail.get("verb", "")
        match line.type:
            case "classify":
                told.risk = line.detail.get("risk", told.risk)
            case "removed":
                told.removed = line.at
            case "intent":
                intents[verb] = line
            case "decide" if not verb:  # the others are of proposals, and of what was reported to the platform
                told.decisions.append(_Decided(line.at, "dismissed", line.by.id if line.by else ALL, told.risk))
            case "outcome" if line.detail.get("result") in _DONE and verb in intents:
                _done(told, intents.pop(verb), line)
    return told


def _done(told: _Told, intent: Pointer, outcome: Pointer) -> None:
    verb = intent.detail["verb"]
    if verb == "unhide":
        told.undone.append(outcome.at)
        return
    if verb not in _DECISION:
        return  # done to the author, or in passing: the case is as it was
    person = intent.by.id if intent.by else ALL
    told.decisions.append(_Decided(outcome.at, _DECISION[verb], person, told.risk))
    if verb in {"reply", "message"} and told.answered is None:
        told.answered = outcome.at


def _first_risk(seen: Seen) -> str:
    first = next((line for line in seen.lines if line.type == "classify"), None)
    return first.detail.get("risk", seen.post.case.risk) if first else seen.post.case.risk


def _day(at: str) -> date:
    return day_of(parse_iso(at))
