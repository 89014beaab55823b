"""Fills a bag: records, proofs, contents and the three tellings of a case (HTML, PDF, JSON), post by post.

What is not to be had never stops an export: a content whose key was destroyed is shown as destroyed, one whose bytes
are not those that were sealed is shown as broken, a record that no checkpoint covers yet as not sealed yet.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, Protocol

from bluelamp.audit.leaf import Content
from bluelamp.content.model import ContentBrokenError, ContentGoneError
from bluelamp.exports import pictures
from bluelamp.exports.london import shown
from bluelamp.exports.pages import Line, Page, Said
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.content.model import Revealed
    from bluelamp.exports.bag import BagWriter
    from bluelamp.exports.report import HtmlReport
    from bluelamp.exports.report_pdf import PdfReport
    from bluelamp.exports.sealed import SealedYear
    from bluelamp.posts.dossier import Dossier
    from bluelamp.posts.model import Pointer, Post

NOT_SEALED = "not sealed yet"
# An answer or a note is shown with its record; what is longer lies in the bag as a file.
_INLINE = 10_000
_SPOKEN = frozenset({"intent", "note"})
_CAME = frozenset({"ingest", "edit"})


class Reveals(Protocol):
    """Gives content back; `content.vault.Vault` does."""

    def reveal(self, account: str, content: Content) -> Revealed:
        """Return ciphertext, key and plain bytes of an entry."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk of records lies: in the log of which year, from which number on, in which bundle."""

    year: int
    first: int
    bundle: tuple[int, int]


@dataclass
class Tally:
    """What came into the bag."""

    records: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    unsealed: int = 0
    contents: int = 0
    destroyed: int = 0
    broken: int = 0
    keys: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class _Post:
    """One post while it is gathered."""

    lines: list[Line] = field(default_factory=list)
    pictures: list[tuple[str, pictures.Picture]] = field(default_factory=list)
    json: list[dict[str, Any]] = field(default_factory=list)
    words_key: str | None = None
    gone: str | None = None
    erased: list[str] = field(default_factory=list)

    def destroyed(self, at: str) -> str:
        """Return when the content of a record of this time was destroyed, in words."""
        later = [moment for moment in self.erased if moment >= at]
        when = f" on {shown(parse_iso(min(later)))}" if later else ": its key is no more"
        return f"The content was destroyed{when}."


class CaseFile:
    """Writes ``case.json`` post by post.

    Parameters
    ----------
    out
        A text file.
    about
        What stands before the posts.
    """

    def __init__(self, out: IO[str], about: Mapping[str, Any]) -> None:
        self._out = out
        self._first = True
        out.write(json.dumps({"format": "bluelamp-case/1", **about}, indent=1)[:-2] + ',\n "posts": [')

    def post(self, entry: Mapping[str, Any]) -> None:
        """Write one post."""
        self._out.write(("" if self._first else ",") + "\n" + json.dumps(entry, indent=1))
        self._first = False

    def end(self) -> None:
        """Close the file."""
        self._out.write("\n ]\n}\n")


class Filler:
    """Puts posts into a bag.

    Parameters
    ----------
    bag
        The bag.
    years
        The logs, by year.
    vault
        Gives contents back; None for a bag of records alone.
    html, pdf, case
        The tellings.
    """

    def __init__(
        self,
        bag: BagWriter,
        *,
        years: Mapping[int, SealedYear],
        vault: Reveals | None,
        html: HtmlReport,
        pdf: PdfReport,
        case: CaseFile,
    ) -> None:
        self._bag = bag
        self._years = years
        self._vault = vault
        self._html = html
        self._pdf = pdf
        self._case = case
        self._taken: set[tuple[int, int]] = set()
        self._threads: dict[str, int] = {}
        self.tally = Tally()

    def post(
        self, dossier: Dossier, places: Mapping[str, Place], *, thread: Callable[[], Sequence[Post]], words_key: str
    ) -> None:
        """Put one post in, with all its records.

        Parameters
        ----------
        places
            Where the chunks are that its records came in.
        thread
            Gives the posts around it; asked for with the first post of a thread, where the reports show it.
        words_key
            The keyed digest of its words as they stand in the table.
        """
        gathered = _Post(erased=[p.at for p in dossier.pointers if p.type == "erase"])
        for pointer in dossier.pointers:
            place = places.get(pointer.chunk)
            year = self._years.get(place.year) if place else None
            if place is None or year is None or place.first + pointer.i >= year.size:
                self._unsealed(gathered, pointer)
            else:
                body = self._record(year, place.first + pointer.i, place.bundle)
                self._sealed(gathered, year.year, place.first + pointer.i, body, pointer)
        self.tally.posts += 1
        self.tally.accounts[dossier.post.account] += 1
        first = self._threads.setdefault(dossier.post.thread, self.tally.posts)
        page = _page(
            self.tally.posts, dossier, gathered, words_key, around=thread() if first == self.tally.posts else ()
        )
        if first != self.tally.posts:
            page = replace(page, facts=(*page.facts, ("Thread", f"shown with post {first}")))
        self._html.page(page)
        self._pdf.page(page)
        self._case.post(_case_entry(dossier.post, gathered, page))

    def bare(self, number: int, title: str, records: Iterator[tuple[int, int, bytes]]) -> None:
        """Put an object in of which nothing is known but its records: year, number and bytes of each."""
        gathered = _Post()
        for year, seq, body in records:
            self._record(self._years[year], seq, None)
            self._sealed(gathered, year, seq, body, None)
        self.tally.posts += 1
        page = Page(
            number=number,
            title=title,
            facts=(),
            text=None,
            withheld="Taken from the archive alone: the records are here, the words are not.",
            agrees="",
            pictures=(),
            thread=(),
            notes=(),
            lines=gathered.lines,
        )
        self._html.page(page)
        self._pdf.page(page)
        self._case.post({"object": title, "records": gathered.json})

    def record(self, year: int, seq: int, bundle: tuple[int, int]) -> bool:
        """Put a record in that belongs to no post; False when the bag's checkpoint does not cover it."""
        log = self._years.get(year)
        if log is None or seq >= log.size:
            return False
        self._record(log, seq, bundle)
        return True

    def end(self) -> None:
        """Close the tellings."""
        self._html.end()
        self._pdf.end()
        self._case.end()

    def _record(self, year: SealedYear, seq: int, bundle: tuple[int, int] | None) -> bytes:
        body = year.record(seq, bundle)
        if (year.year, seq) not in self._taken:
            self._taken.add((year.year, seq))
            self._bag.write(f"records/{year.year:04d}/{seq:012d}.json", body)
            self._bag.write(f"proofs/{year.year:04d}/{seq:012d}.tlog-proof", year.proof(seq))
            self.tally.records[str(json.loads(body).get("type"))] += 1
        return body

    def _unsealed(self, gathered: _Post, pointer: Pointer) -> None:
        self.tally.unsealed += 1
        gathered.json.append({"leaf": pointer.leaf, "type": pointer.type, "at": pointer.at, "sealed": False})
        gathered.lines.append(
            Line(
                type=pointer.type,
                at=shown(parse_iso(pointer.at)),
                who=pointer.by.name if pointer.by else "system",
                role=pointer.role or "",
                reason=pointer.detail.get("reason", ""),
                detail=_detail(pointer),
                sha256="",
                place=NOT_SEALED,
                remark="This record was not under a signed checkpoint when the bag was made; it is not in it.",
            )
        )

    def _sealed(self, gathered: _Post, year: int, seq: int, body: bytes, pointer: Pointer | None) -> None:
        leaf: dict[str, Any] = json.loads(body)
        name = f"{year:04d}-{seq:012d}"
        digest = hashlib.sha256(body).hexdigest()
        entry: dict[str, Any] = {"year": year, "seq": seq, "leaf": leaf["id"], "type": leaf["type"], "sha256": digest}
        obj = leaf.get("obj") or {}
        if leaf["type"] in _CAME and "digest" in obj:
            gathered.words_key, gathered.gone = obj["digest"], None
        readable = self._vault is not None and "content" in leaf and leaf["type"] != "erase"
        given = self._content(gathered, name, leaf) if readable else _Given()
        entry |= {"content": given.state} if given.state else {}
        gathered.json.append(entry)
        actor = leaf.get("actor") or {}
        reason = leaf.get("reason") or {}
        gathered.lines.append(
            Line(
                type=leaf["type"],
                at=shown(parse_iso(leaf["at"])),
                who=pointer.by.name if pointer and pointer.by else str(actor.get("sub") or actor.get("kind", "")),
                role=str(actor.get("role") or ""),
                reason=" ".join(filter(None, (reason.get("code"), reason.get("ref")))),
                detail=_detail(pointer) if pointer else _op(leaf),
                sha256=digest,
                place=f"{year} record {seq}",
                words=given.words,
                file=given.file,
                remark=given.remark,
            )
        )

    def _content(self, gathered: _Post, name: str, leaf: Mapping[str, Any]) -> _Given:
        content = Content.model_validate(leaf["content"])
        account = str(leaf.get("account") or "")
        assert self._vault is not None  # noqa: S101 -- the caller looked
        try:
            found = self._vault.reveal(account, content)
        except ContentGoneError:
            self.tally.destroyed += 1
            remark = gathered.destroyed(leaf["at"])
            if leaf["type"] in _CAME:
                gathered.gone = remark
            return _Given("destroyed", remark=remark)
        except ContentBrokenError:
            self.tally.broken += 1
            return _Given(
                "broken", remark="The bytes that lie there are not those that were sealed; they are left out."
            )
        kind = pictures.kind_of(found.plain)
        file = f"content/{name}/plain.{kind}"
        self._bag.write(f"content/{name}/cipher", found.cipher)
        self._bag.write(file, found.plain)
        self.tally.contents += 1
        self.tally.keys[name] = {
            "key_id": content.key_id or "",
            "key": base64.b64encode(found.key).decode("ascii"),
            "account": account,
        }
        if leaf["type"] == "media" and (picture := pictures.small(found.plain)):
            gathered.pictures.append((f"Picture sealed as {name}, shown in small", picture))
        words = None
        if leaf["type"] in _SPOKEN and kind in {"txt", "json"} and len(found.plain) <= _INLINE:
            words = found.plain.decode("utf-8", "replace")
        return _Given("given", words=words, file=file)


@dataclass(frozen=True, slots=True)
class _Given:
    """What became of a record's content."""

    state: str | None = None
    words: str | None = None
    file: str | None = None
    remark: str | None = None


def _page(number: int, dossier: Dossier, gathered: _Post, words_key: str, *, around: Sequence[Post]) -> Page:
    post = dossier.post
    facts = [
        ("Account", f"{post.account_name} ({post.account})"),
        ("Author", _author(post)),
        ("Written", shown(parse_iso(post.event_at))),
        ("Received", shown(parse_iso(post.received_at))),
        ("State", post.state + (", edited" if post.edited else "") + (", private" if post.private else "")),
        ("Id", post.id),
        ("Id on the platform", post.native_id),
    ]
    if post.permalink:
        facts.append(("Address", post.permalink))
    if post.case.decision:
        facts.append(
            ("Decision", f"{post.case.decision} by {post.case.decided_by.name if post.case.decided_by else '?'}")
        )
    return Page(
        number=number,
        title=f"{post.platform.capitalize()} {post.kind}",
        facts=facts,
        text=None if gathered.gone else post.text,
        withheld=gathered.gone,
        agrees="" if gathered.gone else _agreement(gathered.words_key, words_key),
        pictures=gathered.pictures,
        thread=[
            Said(shown(parse_iso(p.event_at)), _author(p), p.text, "this post" if p.id == post.id else "")
            for p in around
            if len(around) > 1 and not (p.id == post.id and gathered.gone)
        ],
        notes=[Said(shown(parse_iso(n.at)), n.by.name, n.text) for n in dossier.notes],
        lines=gathered.lines,
    )


def _agreement(sealed: str | None, stored: str) -> str:
    if sealed is None:
        return "No sealed digest of these words is in this bag."
    if sealed == stored:
        return "These words agree with the digest that was sealed when they came."
    return "WARNING: these words do not agree with the digest that was sealed. Read the sealed content instead."


def _case_entry(post: Post, gathered: _Post, page: Page) -> dict[str, Any]:
    hidden = {"text", "media"} if gathered.gone else {"media"}
    stored = post.model_dump(mode="json", exclude={"trail", "pending", "head", *hidden})
    return {**stored, "words": page.agrees or page.withheld, "records": gathered.json}


def _author(post: Post) -> str:
    if post.direction == "out":
        return f"{post.account_name} (the force)"
    handle = f" @{post.author.handle}" if post.author.handle else ""
    return f"{post.author.name or 'not named by the platform'}{handle}"


def _detail(pointer: Pointer) -> str:
    return ", ".join(f"{k} {v}" for k, v in sorted(pointer.detail.items()) if k != "reason")


def _op(leaf: Mapping[str, Any]) -> str:
    op = leaf.get("op") or {}
    return " ".join(str(op[name]) for name in ("verb", "result", "error") if name in op)
