"""Turns a text into hashed features: the one description that training and serving share.

Words, pairs of words, and stretches of three to five letters of each word, hashed by CRC-32 into 2^18 buckets.
Letters let the scorer recognise spellings it never saw; pairs let it tell "the police" from "police scum".
"""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

from bluelamp.moderation.normalise import Normalised

VERSION = "1"
BUCKETS = 1 << 18
_TOKEN = re.compile(r"[a-z']+|\d+|\w|[^\w\s]")
_SHORTEST, _LONGEST = 3, 5
_MAX_TOKENS = 400


def tokens(text: Normalised) -> list[tuple[str, int, int]]:
    """Give the tokens of the folded view with their range in it, at most 400."""
    found = []
    for match in _TOKEN.finditer(text.folded.text):
        found.append((match.group(), match.start(), match.end()))
        if len(found) == _MAX_TOKENS:
            break
    return found


def features(text: Normalised) -> set[int]:
    """Give the buckets of a text, each once."""
    words = [word for word, _, _ in tokens(text)]
    buckets: set[int] = set()
    for word in words:
        buckets.update(word_features(word))
    buckets.update(map(pair_feature, words, words[1:]))
    return buckets


@lru_cache(maxsize=16384)
def word_features(word: str) -> tuple[int, ...]:
    """Give the buckets of one word: itself, and its stretches of letters."""
    if word[0].isdecimal():
        word = "0" * min(len(word), 6)
    return tuple(_bucket(name) for name in _names(word))


@lru_cache(maxsize=16384)
def pair_feature(first: str, second: str) -> int:
    """Give the bucket of two words that follow each other."""
    return _bucket(f"2 {first} {second}")


def _names(word: str) -> Iterator[str]:
    yield f"1 {word}"
    if word[0].isalpha() and word.isascii():
        bounded = f"<{word}>"
        for size in range(_SHORTEST, _LONGEST + 1):
            for start in range(len(bounded) - size + 1):
                yield bounded[start : start + size]


def _bucket(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) & (BUCKETS - 1)
