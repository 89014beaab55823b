"""Cuts values out of JSON byte for byte, so that what a platform said is kept as it said it.

The text has been decoded before, so it is known to be well formed. What the decoder let through may still be nested too
deeply for it here, a few calls further in: that is walked with a counter.
"""

import json
import re
from collections.abc import Callable

_DECODER = json.JSONDecoder(parse_float=str)
_SPACE = re.compile(r"[ \t\n\r]*")
# As far as the next bracket that stands outside of a string.
_TO_BRACKET = re.compile(r'(?:[^]\[{}"]++|"(?:[^"\\]++|\\.)*+")*+[]\[{}]', re.DOTALL)


def elements(text: str, key: str) -> list[str]:
    """Return the exact source of each element of the list that the object `text` holds under `key`.

    A value that is no list is its own only element. Of a repeated key the last counts, as it does for the decoder.
    """
    found: list[str] = []

    def cut(name: str, at: int) -> int:
        nonlocal found
        if name != key:
            return _end(text, at)
        found, end = _elements(text, at)
        return end

    _walk_members(text, cut)
    return found


def members(text: str) -> dict[str, str]:
    """Return the exact source of each member of the object `text`, by name; of anything else there are none."""
    found: dict[str, str] = {}

    def cut(name: str, at: int) -> int:
        end = _end(text, at)
        found[name] = text[at:end]
        return end

    _walk_members(text, cut)
    return found


def _walk_members(text: str, cut: Callable[[str, int], int]) -> None:
    """Call `cut` with the name of each member and where its value begins; it returns where that ends."""
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        return
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _next(text, cut(name, _skip(text, _skip(text, at) + 1)))


def _elements(text: str, at: int) -> tuple[list[str], int]:
    """Return the source of each element of the value that begins at `at`, and where that ends."""
    if text[at] != "[":
        end = _end(text, at)
        return [text[at:end]], end
    found: list[str] = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        end = _end(text, at)
        found.append(text[at:end])
        at = _next(text, end)
    return found, at + 1


def _next(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _end(text: str, at: int) -> int:
    """Return where the value that begins at `at` ends."""
    try:
        # Reading it once more is several times faster than walking over it.
        return _DECODER.raw_decode(text, at)[1]
    except RecursionError:
        return _walked(text, at)


def _walked(text: str, at: int) -> int:
    depth = 0
    while True:
        at = _match(_TO_BRACKET, text, at)
        depth += 1 if text[at - 1] in "[{" else -1
        if depth == 0:
            return at


def _skip(text: str, at: int) -> int:
    return _match(_SPACE, text, at)


def _match(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    if found is None:
        raise ValueError(f"no JSON at {at}: only what was decoded before can be cut")
    return found.end()


class Sources:
    """The exact sources of a list's elements, cut out only when one of them is wanted.

    Parameters
    ----------
    text
        Gives the source of the object that holds the list.
    key
        The list's name in that object.
    """

    def __init__(self, text: Callable[[], str], key: str) -> None:
        self._text = text
        self._key = key
        self._found: list[str] | None = None

    def at(self, number: int) -> str:
        """Return the source of one element."""
        if self._found is None:
            self._found = elements(self._text(), self._key)
        return self._found[number]


class Beside:
    """What stands beside the posts of a body (their authors, their media), cut out for the post that it belongs to.

    Parameters
    ----------
    cut
        Gives the exact source of each part by its name.
    most
        Characters that all posts of the body may get of it together: a body cannot make itself many times larger by
        posts that all point at one huge part. What comes after that has its own source alone.
    """

    def __init__(self, cut: Callable[[], dict[str, str]], *, most: int = 4 * 1024 * 1024) -> None:
        self._cut = cut
        self._found: dict[str, str] | None = None
        self._left = most

    def joined(self, own: str, names: list[str]) -> str:
        """Return `own`, or a JSON array of it and of the parts that are there, each as it came."""
        if self._found is None:
            self._found = self._cut()
        parts = [self._found[name] for name in dict.fromkeys(names) if name in self._found]
        size = sum(map(len, parts))
        if not parts or size > self._left:
            return own
        self._left -= size
        return f"[{','.join((own, *parts))}]"
