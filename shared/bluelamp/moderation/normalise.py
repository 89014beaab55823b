"""Reads a text as a person would, however it was spelt, and remembers where each letter came from.

One text gives several *views*, because one reading cannot serve every detector: `plain` keeps digits as they
are (telephone numbers need them), `folded` undoes leet, dotted and spaced letters, `squeezed` undoes repeated
letters, `starred` keeps the stars of a masked word. Every view is idempotent, and every span of a view maps
to a span of the original text. A change of behaviour here needs a new `VERSION`: judgements carry it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bluelamp.moderation.homoglyphs import HOMOGLYPHS
from bluelamp.moderation.model import Span

VERSION = "1"

# These expressions are ours, fixed and without nested repetition; what people write goes through RE2.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACED = re.compile(r"(?<![a-z0-9@$!])[a-z0-9@$!](?:[ ._\-*/,|~']{1,3}[a-z0-9@$!](?![a-z0-9@$])){2,}")
_BETWEEN = re.compile(r"[^a-z0-9@$!]+")
_IN_WORD = re.compile(r"(?<=[a-z0-9])[._\-*~'|^]{1,3}(?=[a-z])")
_LEET_TOKEN = re.compile(r"[a-z0-9@$!|+€£]*[0-9@$!|+€£][a-z0-9@$!|+€£]*")
_LEET_HINT = re.compile(r"[a-z][0-9@$!|+€£]|[0-9@$!|+€£][a-z]")
_RUN = re.compile(r"([a-z])\1+")
_MASK = re.compile(r"(?<=[a-z])(?:[*#%^_]+|[.\-]+(?=[a-z]))")
_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"} | {
    "@": "a", "$": "s", "!": "i", "|": "i", "+": "t", "€": "e", "£": "l",
}  # fmt: skip
_READ_I = str.maketrans(_LEET)
_READ_L = str.maketrans(_LEET | {"1": "l", "!": "l", "|": "l"})
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a text, with its way back to the original.

    `starts[i]` and `ends[i]` bound the original of character `i`; `glued` marks characters before which a
    separator was taken out, `squeezed` those that stand for a run.
    """

    name: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    glued: frozenset[int] = frozenset()
    squeezed: frozenset[int] = frozenset()

    def span(self, start: int, end: int) -> Span:
        """Map `[start, end)` of this view to the original; an empty range maps to where it stands."""
        if start >= end:
            place = self.starts[start] if start < len(self.text) else (self.ends[-1] if self.ends else 0)
            return Span(place, place)
        return Span(self.starts[start], self.ends[end - 1])

    def is_word(self, start: int, end: int) -> bool:
        """Tell whether `[start, end)` begins and ends where a word does, taken-out separators included."""
        text = self.text
        opens = start == 0 or not text[start - 1].isalnum() or start in self.glued
        closes = end == len(text) or not text[end].isalnum() or end in self.glued
        return opens and closes


@dataclass(frozen=True, slots=True)
class Normalised:
    """The views of one text; views that read like an earlier one are left out of `distinct`."""

    plain: View
    folded: View
    folded_l: View
    squeezed: View
    starred: View

    @property
    def distinct(self) -> tuple[View, ...]:
        """The views to search, each text once."""
        seen: dict[str, View] = {}
        for view in (self.plain, self.folded, self.folded_l, self.starred):
            seen.setdefault(view.text, view)
        return tuple(seen.values())


def normalise(text: str) -> Normalised:
    """Give every view of `text`; spans count code points of `text`."""
    plain = _plain(text)
    folded = _settle(plain, "folded", _join_spaced, _join_words, _read_leet_i)
    folded_l = folded
    if any(mark in text for mark in "1!|"):
        folded_l = _settle(plain, "folded_l", _join_spaced, _join_words, _read_leet_l)
    squeezed = _settle(folded, "squeezed", _join_spaced, _join_words, _read_leet_i, _squeeze)
    return Normalised(plain, folded, folded_l, squeezed, _mask(plain))


@lru_cache(maxsize=8192)
def _fold(character: str) -> str:
    """Fold one character until it no longer changes: NFKD, no marks or controls, look-alikes, case."""
    if character in HOMOGLYPHS:  # before NFKD, which reads a lunate sigma as a sigma
        return HOMOGLYPHS[character]
    folded = unicodedata.normalize("NFKD", character).casefold()
    kept = "".join(
        HOMOGLYPHS.get(part, part)
        for part in folded
        if part in "\t\n\r" or unicodedata.category(part) not in {"Mn", "Me", "Cf", "Cc"}
    )
    return kept if kept == character else "".join(_fold(part) for part in kept)


def _plain(text: str) -> View:
    if text.isascii() and not _CONTROL.search(text):
        # A backquote is the one printable ASCII character that is folded besides case.
        return View("plain", text.lower().replace("`", "'"), range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, character in enumerate(text):
        folded = _fold(character)
        if not folded and ends:
            ends[-1] = place + 1  # marks and zero-width characters belong to the letter before them
        letters.append(folded)
        starts.extend([place] * len(folded))
        ends.extend([place + 1] * len(folded))
    return View("plain", "".join(letters), starts, ends)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace `[start, end)` by one letter, or take it out and glue what follows."""

    start: int
    end: int
    letter: str = ""


def _edited(view: View, edits: Sequence[_Edit]) -> View:
    """Apply ordered edits that do not overlap, carrying the offsets along."""
    if not edits:
        return view
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    glued: set[int] = set()
    squeezed: set[int] = set()
    done = 0
    for edit in (*edits, _Edit(len(view.text), len(view.text))):
        shift = len(starts) - done
        for marks, carried in ((view.glued, glued), (view.squeezed, squeezed)):
            if marks:
                carried.update(place + shift for place in marks if done <= place < edit.start)
        text.append(view.text[done : edit.start])
        starts += view.starts[done : edit.start]
        ends += view.ends[done : edit.start]
        if edit.letter:
            if edit.start in view.glued:
                glued.add(len(starts))
            squeezed.add(len(starts))
            text.append(edit.letter)
            starts.append(view.starts[edit.start])
            ends.append(view.ends[edit.end - 1])
        else:
            glued.add(len(starts))
        done = edit.end
    glued.discard(len(starts))
    return View(view.name, "".join(text), starts, ends, frozenset(glued), frozenset(squeezed))


def _settle(view: View, name: str, *steps: Callable[[View], View]) -> View:
    """Repeat the steps until the text no longer changes; each change shortens it or removes a leet sign."""
    settled = View(name, view.text, view.starts, view.ends, view.glued, view.squeezed)
    while True:
        before = settled.text
        for step in steps:
            settled = step(settled)
        if settled.text == before:
            return settled


def _join_spaced(view: View) -> View:
    """`i d i o t`, `i.d.i.o.t` → one word, when at least two of the signs are letters."""
    edits: list[_Edit] = []
    for run in _SPACED.finditer(view.text):
        if sum(sign.isalpha() for sign in run[0]) >= _LEAST_LETTERS:
            edits.extend(_Edit(run.start() + gap.start(), run.start() + gap.end()) for gap in _BETWEEN.finditer(run[0]))
    return _edited(view, edits)


def _join_words(view: View) -> View:
    """`id-iot`, `id.iot`, `don't` → one word."""
    return _edited(view, [_Edit(*found.span()) for found in _IN_WORD.finditer(view.text)])


def _read_leet(view: View, table: dict[int, str]) -> View:
    if not _LEET_HINT.search(view.text):
        return view

    def read(token: re.Match[str]) -> str:
        word = token[0].rstrip("!|+")  # at the end of a word these are punctuation
        if not any(sign.isalpha() for sign in word):
            return token[0]
        return word.translate(table) + token[0][len(word) :]

    text = _LEET_TOKEN.sub(read, view.text)
    return View(view.name, text, view.starts, view.ends, view.glued, view.squeezed)


def _read_leet_i(view: View) -> View:
    return _read_leet(view, _READ_I)


def _read_leet_l(view: View) -> View:
    return _read_leet(view, _READ_L)


def _squeeze(view: View) -> View:
    """`idiooot` → one of each."""
    return _edited(view, [_Edit(*run.span(), letter=run[1]) for run in _RUN.finditer(view.text)])


def _mask(view: View) -> View:
    """Write every way of masking letters as stars: `id##t`, `id--t` → `id**t`."""
    text = _MASK.sub(lambda mask: "*" * len(mask[0]), view.text)
    return View("starred", text, view.starts, view.ends)
