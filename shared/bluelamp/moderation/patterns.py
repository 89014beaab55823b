"""Patterns: written by people, so run by RE2 only, whose time grows with the length of the text and no worse.

A pattern says which reading of the text it looks at, and may name a check that a match has to pass
(a card number its Luhn digit, an NI number its allowed prefix).
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import re2
from pydantic import ConfigDict, Field, field_validator

from bluelamp.models import Model
from bluelamp.moderation.checks import CHECKS
from bluelamp.moderation.logic import NO, Finding, Truth
from bluelamp.moderation.model import Span
from bluelamp.moderation.normalise import Normalised, View

_MAX_MEMORY = 8 << 20


class Pattern(Model):
    """One pattern as it is written in YAML; `any` are alternatives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    view: Literal["plain", "folded", "raw"] = "plain"
    check: str | None = None
    any: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("check")
    @classmethod
    def _known(cls, check: str | None) -> str | None:
        if check is not None and check not in CHECKS:
            raise ValueError(f"no check is called {check!r}; there are {', '.join(sorted(CHECKS))}")
        return check

    @field_validator("any")
    @classmethod
    def _compiles(cls, alternatives: tuple[str, ...]) -> tuple[str, ...]:
        for alternative in alternatives:
            try:
                _compile(alternative)
            except re2.error as error:
                raise ValueError(f"RE2 refuses {alternative!r}: {error}") from error
        return alternatives


class CompiledPattern:
    """A pattern ready to search.

    Parameters
    ----------
    pattern
        As it was written and validated.
    """

    def __init__(self, pattern: Pattern) -> None:
        self._view = pattern.view
        self._check: Callable[[str], bool] | None = CHECKS[pattern.check] if pattern.check else None
        self._search = _compile("|".join(f"(?:{alternative})" for alternative in pattern.any))

    def finding(self, raw: str, text: Normalised) -> Finding:
        """Find every match; spans are of the original text."""
        view: View | None = {"plain": text.plain, "folded": text.folded}.get(self._view)
        found = (match.span() for match in self._search.finditer(view.text if view else raw))
        spans = [view.span(*place) if view else Span(*place) for place in found if place[0] < place[1]]
        if self._check is not None:
            spans = [span for span in spans if self._check(raw[span.start : span.end])]
        return Finding(Truth.TRUE, tuple(spans)) if spans else NO


def _compile(source: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return re2.compile(source, options)  # type: ignore[no-untyped-call]
