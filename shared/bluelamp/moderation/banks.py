"""Keyword banks: lists of words and phrases with an owner and a date, searched in one pass.

A bank says who answers for it, which version it is, and until when it holds. What an expired bank means is
said by the bank: `stop` (a case is over, the names no longer count) or `unknown` (the list should have been
looked at by now, and its silence proves nothing). Time is the post's, not the clock's, so replays agree.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

import ahocorasick
from pydantic import ConfigDict, Field

from bluelamp.models import Model
from bluelamp.moderation.logic import NO, UNKNOWN, Finding, Truth
from bluelamp.moderation.model import Span
from bluelamp.moderation.normalise import Normalised, View, normalise

_LEAST_MASKED = 4
_LEAST_SPACED = 3


class Bank(Model):
    """One bank as it is written in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: Annotated[str, Field(min_length=3)]
    version: Annotated[int, Field(ge=1)]
    expires: date
    on_expiry: Literal["stop", "unknown"] = "unknown"
    evasions: bool = False
    terms: Annotated[tuple[Annotated[str, Field(min_length=2, max_length=80)], ...], Field(min_length=1)]


class _Hit(NamedTuple):
    view: View
    start: int
    end: int


class BankIndex:
    """All banks in two automata: one for the readings of a text, one for its squeezed reading.

    Parameters
    ----------
    banks
        By name.
    """

    def __init__(self, banks: dict[str, Bank]) -> None:
        self._banks = banks
        as_read: dict[str, set[str]] = {}
        squeezed: dict[str, set[str]] = {}
        for name, bank in banks.items():
            for term in bank.terms:
                for key in _readings(term, masked=bank.evasions):
                    as_read.setdefault(key, set()).add(name)
                if bank.evasions:
                    squeezed.setdefault(normalise(term).squeezed.text, set()).add(name)
        self._as_read = _automaton(as_read)
        self._squeezed = _automaton(squeezed)

    def search(self, text: Normalised) -> dict[str, tuple[Span, ...]]:
        """Find the terms of every bank as whole words; spans are of the original text."""
        found: dict[str, set[Span]] = {}
        for view in text.distinct:
            for hit, names in _hits(self._as_read, view):
                for name in names:
                    found.setdefault(name, set()).add(view.span(hit.start, hit.end))
        for hit, names in _hits(self._squeezed, text.squeezed):
            # Without a run in it, "con" would be read as a squeezed "coon".
            if any(place in text.squeezed.squeezed for place in range(hit.start, hit.end)):
                for name in names:
                    found.setdefault(name, set()).add(text.squeezed.span(hit.start, hit.end))
        return {name: _outermost(spans) for name, spans in found.items()}

    def finding(self, name: str, found: dict[str, tuple[Span, ...]], on: date) -> Finding:
        """Say what one bank found in a post of that date, its expiry taken into account."""
        bank = self._banks[name]
        if on > bank.expires:
            return NO if bank.on_expiry == "stop" else UNKNOWN
        return Finding(Truth.TRUE, found[name]) if name in found else NO


def _readings(term: str, *, masked: bool) -> Iterator[str]:
    views = normalise(term)
    yield views.plain.text
    yield views.folded.text
    if masked and " " not in term:
        yield from _masked(views.plain.text)


def _masked(word: str) -> Iterator[str]:
    """Give `word` with one stretch behind its first letter starred, two letters at least still to be seen."""
    size = len(word)
    if size < _LEAST_MASKED or not word.isalpha():
        return
    for start in range(1, size):
        for end in range(start + 1, size + 1):
            if size - (end - start) >= 2:  # noqa: PLR2004 - fewer letters name too many words
                yield word[:start] + "*" * (end - start) + word[end:]


def _automaton(keys: dict[str, set[str]]) -> Any:
    automaton = ahocorasick.Automaton()
    for key in sorted(keys):
        automaton.add_word(key, (len(key), tuple(sorted(keys[key]))))
    automaton.make_automaton()
    return automaton


def _hits(automaton: Any, view: View) -> Iterator[tuple[_Hit, tuple[str, ...]]]:
    if not len(automaton):
        return
    for last, (size, names) in automaton.iter(view.text):
        start, end = last + 1 - size, last + 1
        spaced = size >= _LEAST_SPACED or not view.glued
        if spaced and view.is_word(start, end) and (end == len(view.text) or view.text[end] != "*"):
            yield _Hit(view, start, end), names


def _outermost(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Drop spans that lie inside another."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.end > kept[-1].end:
            kept.append(span)
    return tuple(kept)
