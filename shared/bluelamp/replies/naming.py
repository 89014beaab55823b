"""How an answer addresses somebody. Their name is as they wrote it themselves, and the force publishes it as its own.

So it is repeated only where it looks like a name: no link, no address, no number to call, nothing that turns the text
round or hides in it, nothing that would count against a post. Otherwise the answer is to a member of the public.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

NEUTRAL = "member of the public"
LONGEST = 50
MOST_READ = 200
# A year of birth is common in names; a telephone number has more digits.
MOST_DIGITS = 4
# Vietnamese has two marks on a letter; more is somebody who lets a name grow over the lines around it.
MOST_MARKS = 2
_LINK = re.compile(r"://|[@#\\/]|www\b|[^\W_][.\u3002][^\W\d_]{2,}", re.IGNORECASE)
_KEPT = frozenset(" '\u2019.-,")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def addressed(names: Iterable[str | None], fit: Callable[[str], bool]) -> str | None:
    """Return what somebody is called in an answer, or None where the platform gave no name at all.

    Parameters
    ----------
    names
        What they are called on the platform, in the order in which it is wanted.
    fit
        Whether a name may be repeated, as far as its words go.
    """
    given = [name for name in names if name and name.strip()]
    if not given:
        return None
    return next((clean for clean in map(presentable, given) if clean and fit(clean)), NEUTRAL)


def presentable(name: str) -> str | None:
    """Return a name as one line of letters, or None where it is none.

    Examples
    --------
    >>> presentable("Zoë  O'Neill ✨")
    "Zoë O'Neill"
    >>> presentable("visit evil.example") is None
    True
    """
    read = unicodedata.normalize("NFKC", name[:MOST_READ])
    shown = "".join(char for char in read if unicodedata.category(char) not in _HIDDEN or char.isspace())
    if _LINK.search(shown):
        return None
    kept = "".join(char if _belongs(char) else " " if char.isspace() else "" for char in shown)
    clean = " ".join(kept.split()).strip("".join(_KEPT))
    letters = sum(unicodedata.category(char)[0] == "L" for char in clean)
    if not letters or len(clean) > LONGEST or sum(char.isdigit() for char in clean) > MOST_DIGITS:
        return None
    return None if _LINK.search(clean) or _overgrown(clean) else clean


def _belongs(char: str) -> bool:
    return char in _KEPT or unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd"


def _overgrown(text: str) -> bool:
    marks = 0
    for char in unicodedata.normalize("NFD", text):
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks > MOST_MARKS:
            return True
    return False
