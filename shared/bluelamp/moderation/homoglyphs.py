# ruff: noqa: RUF001 - characters that look alike are what this module is about
"""Characters that are drawn like a Latin letter and are used to slip a word past a filter.

A short list by eye of what is seen in posts, not all of Unicode's confusables: what NFKD already
folds (full width, mathematical and circled letters) is left to it.
"""

_DRAWN_ALIKE = {
    "a": "аαɑᴀдӓ",
    "b": "вьʙƀъ",
    "c": "сϲᴄ¢ɔ",
    "d": "ԁᴅđɗð",
    "e": "еєεᴇəɘё",
    "f": "ғꜰƒ",
    "g": "ɡɢց",
    "h": "һнʜհ",
    "i": "іιıɩɪї",
    "j": "јᴊ",
    "k": "кκᴋ",
    "l": "ʟłӏⅼ",
    "m": "мᴍ",
    "n": "пηɴиո",
    "o": "оοσᴏøօθ",
    "p": "рρᴘ",
    "q": "ԛ",
    "r": "гʀя",
    "s": "ѕꜱʂ",
    "t": "тτᴛŧ",
    "u": "υᴜцս",
    "v": "ѵνᴠ",
    "w": "шѡωᴡщԝ",
    "x": "хχ×",
    "y": "уγʏү",
    "z": "ᴢʐ",
    "ae": "æ",
    "oe": "œ",
    "th": "þ",
    "'": "’‘ʼ`´",
    '"': "“”„«»",
    "-": "‐‑‒–—−",
    "*": "•●∗✱✲＊⁎",
}
_SQUARED_A, _CIRCLED_A, _LETTERS = 0x1F170, 0x1F150, 26

HOMOGLYPHS = {look: letter for letter, looks in _DRAWN_ALIKE.items() for look in looks} | {
    chr(first + place): chr(ord("a") + place) for first in (_SQUARED_A, _CIRCLED_A) for place in range(_LETTERS)
}
