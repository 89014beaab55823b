"""What a page says of itself to whoever makes a card of a link to it: Open Graph, and what X calls Cards. Pure.

Sources: "The Open Graph protocol" (ogp.me), "Markup for Cards" (X, developer documentation), HTML Living Standard
4.2.5.
A page is a stranger's. What is read of it is bounded before it is read, and its words come out without control
characters and without those that turn the direction of writing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

# How much of a page is looked at, in characters, how many of its tags, and how much of each.
HEAD = 256 * 1024
TAGS = 200
TAG = 4_000
TITLE, DESCRIPTION, SITE = 200, 300, 100

_META = re.compile(r"<meta[\s/]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,2000})", re.IGNORECASE)
_END = re.compile(r"</head\s*>|<body[\s>]", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s*/?([A-Za-z][A-Za-z:_-]{0,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]+))""")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
_CHARSETS = frozenset({"utf-8", "utf8", "iso-8859-1", "latin-1", "iso-8859-15", "windows-1252", "us-ascii", "ascii"})


@dataclass(frozen=True, slots=True)
class Card:
    """A page as a card shows it; `picture` is the host that its picture is on, `large` whether X shows that large."""

    title: str | None = None
    description: str | None = None
    site: str | None = None
    picture: str | None = None
    picture_alt: str | None = None
    large: bool = False


def read(body: bytes, said: str, address: str) -> Card:
    """Return the card of a page.

    Parameters
    ----------
    body
        The page, or its beginning.
    said
        Its ``Content-Type``.
    address
        Where it is.
    """
    text = _text(body[:HEAD], said)
    end = _END.search(text)
    head = text[: end.start()] if end else text
    told: dict[str, str] = {}
    for name, value in _tags(head):
        told.setdefault(name, value)  # where a page says it twice, the first counts (ogp.me)
    title = _TITLE.search(head)
    if title:
        told.setdefault("title", title[1])

    def first(*names: str, most: int) -> str | None:
        return next((words for name in names if (words := clean(told.get(name, ""), most))), None)

    return Card(
        title=first("og:title", "twitter:title", "title", most=TITLE),
        description=first("og:description", "twitter:description", "description", most=DESCRIPTION),
        site=first("og:site_name", most=SITE),
        picture=_host(told, address),
        picture_alt=first("og:image:alt", "twitter:image:alt", most=DESCRIPTION),
        large=told.get("twitter:card", "").strip().lower() in {"summary_large_image", "player"},
    )


def clean(words: str, most: int) -> str:
    """Return words on one line, at most so many characters, without what steers a terminal or turns a line round."""
    plain = "".join(
        " " if one.isspace() else one
        for one in html.unescape(words)
        if one.isspace() or unicodedata.category(one)[0] != "C"
    )
    short = " ".join(plain.split())
    return short if len(short) <= most else short[: most - 1].rstrip() + "…"


def _text(body: bytes, said: str) -> str:
    found = _CHARSET.search(said.encode("ascii", "replace")) or _CHARSET.search(body[:2048])
    charset = found[1].decode("ascii").lower() if found else "utf-8"
    return body.decode(charset if charset in _CHARSETS else "utf-8", "replace")


def _tags(head: str) -> Iterator[tuple[str, str]]:
    """Yield name and content of the page's first `meta` tags."""
    for count, tag in enumerate(_META.finditer(head)):
        if count == TAGS:
            return
        told: dict[str, str] = {}
        at, end = tag.end() - 1, tag.end() + TAG
        while (one := _ATTRIBUTE.match(head, at, end)) is not None:
            told.setdefault(one[1].lower(), next(filter(None, one.groups()[1:]), ""))
            at = one.end()
        name = told.get("property") or told.get("name")
        if name and "content" in told:
            yield name.strip().lower(), told["content"]


def _host(told: dict[str, str], address: str) -> str | None:
    for name in ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"):
        if name in told:
            try:
                parts = urlsplit(urljoin(address, html.unescape(told[name]).strip()))
                host = parts.hostname
            except ValueError:
                continue
            if parts.scheme in {"http", "https"} and host:
                return clean(host, SITE)
    return None
