"""How X counts characters: a letter one, an ideogram or emoji two, a link 23, whatever its length.

Source: X, "Counting characters", and twitter-text's configuration version 3 with its published conformance cases, read
on 2026-11-23. X keeps no library of it for Python, so these are the rules, written anew. A name without
``https://`` is a link when its ending is a country's or a usual one; of the 1,500 others X knows (``.london``) a name
counts by its letters here, and X has the last word.
"""

import re
import unicodedata
from collections.abc import Iterator

LINK = 23
_LONGEST_LABEL = 63
_LONGEST_LINK = 4096
_SCALE = 100
_LIGHT, _HEAVY = 100, 200
_LIGHT_RANGES = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd "
    "cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd "
    "ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg "
    "kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv "
    "mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa "
    "sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug "
    "uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_USUAL = "com org net info gov edu mil int biz name pro aero coop museum jobs mobi travel tel cat asia post app dev xyz"
_ENDINGS = frozenset(_COUNTRIES.split()) | frozenset(_USUAL.split())

_NAME = r"(?:[^\W_](?:[\w-]{0,200}[^\W_])?\.)+[^\W\d_]{2,}"
_PATH = r"(?:/[^\s<>\"'()]*(?:\([^\s<>\"'()]*\)[^\s<>\"'()]*)*)?(?:\?[^\s<>\"]*)?"
_LINK = re.compile(
    rf"(?<![A-Za-z0-9@\uff20$#\uff03_./-])(?P<scheme>https?://)?(?P<name>{_NAME})(?![\w@-])(?P<port>:\d+)?(?P<path>{_PATH})",
    re.IGNORECASE,
)
_AFTER_LINK = re.compile(r"[^\w/=#&+)-]+$")

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_STYLED = rf"{_PICTURE}(?:[\U0001f3fb-\U0001f3ff]|\ufe0f)?"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a country's flag
    r"|[0-9#*]\ufe0f?\u20e3"  # a key
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"  # the flag of England, Scotland or Wales
    rf"|{_STYLED}(?:\u200d{_STYLED})*"
)


def length(text: str) -> int:
    """Return how many characters of X's the text takes.

    Examples
    --------
    >>> length("Have you seen Jo? https://www.police.uk/appeals/a-very-long-address-indeed 🙏🏽")
    44
    """
    plain = unicodedata.normalize("NFC", text)
    weight, at = 0, 0
    for start, end in links(plain):
        weight += _weight(plain[at:start]) + LINK * _SCALE
        at = end
    return (weight + _weight(plain[at:])) // _SCALE


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the links of a text begin and end, in its order."""
    for found in _LINK.finditer(text):
        address = found[0]
        labels = found["name"].split(".")
        known = labels[-1].lower() in _ENDINGS or (found["scheme"] and labels[-1].isascii())
        if not known or any(len(_ascii(label)) > _LONGEST_LABEL for label in labels):
            continue
        if not found["scheme"] and not found["name"].isascii():
            continue
        trailing = _AFTER_LINK.search(address)
        address = address[: trailing.start()] if trailing else address
        if address and len(address) <= _LONGEST_LINK:
            yield found.start(), found.start() + len(address)


def _ascii(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _weight(text: str) -> int:
    weight, at = 0, 0
    for found in _EMOJI.finditer(text):
        weight += sum(_of(letter) for letter in text[at : found.start()]) + _HEAVY
        at = found.end()
    return weight + sum(_of(letter) for letter in text[at:])


def _of(letter: str) -> int:
    return _LIGHT if any(low <= ord(letter) <= high for low, high in _LIGHT_RANGES) else _HEAVY
