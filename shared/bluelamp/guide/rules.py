"""What is decided without looking anything up: text as plain blocks, who lacks what, and when somebody is reminded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from bluelamp.errors import InvalidInputError
from bluelamp.guide.model import Block, Guide, GuideView, Kind, Lacking, Training
from bluelamp.people.model import Gate, GuideDue, Person

MAX_TEXT: Final = 256 * 1024
MAX_PDF: Final = 5 * 1024 * 1024
# A day or two late is somebody on leave; after a week it is for the supervisor to know as well.
FIRST_STEPS: Final = (3, 7)
WEEK: Final = 7
WARN_DAYS: Final = (30, 7)
COURSE_FORM: Final = "lower-case letters, digits, hyphens and _, 40 at most, a letter first"
_COURSE = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
_VERSION = re.compile(r"20\d\d\.[1-9]\d{0,2}", re.ASCII)
_HEADING = re.compile(r"#{1,6} +")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)]) +")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def is_course(name: str) -> bool:
    """Return whether this is a short name of a course, such as ``media_law``."""
    return _COURSE.fullmatch(name) is not None


def number_of(version: str) -> tuple[int, int]:
    """Return what versions sort by: 2026.10 comes after 2026.9.

    Raises
    ------
    InvalidInputError
        When it is none.
    """
    if not _VERSION.fullmatch(version):
        raise InvalidInputError("A version of the guide is the year and a number in it, like 2026.1.")
    year, _, number = version.partition(".")
    return int(year), int(number)


def kind_of(body: bytes) -> Kind:
    """Return what the bytes of a guide are, or say why they are none.

    Raises
    ------
    InvalidInputError
        When they are empty, too many, or neither a PDF nor text in UTF-8.
    """
    if not body.strip():
        raise InvalidInputError("The guide is empty. Nothing was published.")
    if body.startswith(b"%PDF-"):
        if len(body) > MAX_PDF:
            raise InvalidInputError(f"The PDF is larger than {MAX_PDF // 1024**2} MB: make its pictures smaller.")
        return "pdf"
    if len(body) > MAX_TEXT:
        raise InvalidInputError(f"The text is larger than {MAX_TEXT // 1024} KB: publish it as a PDF.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InvalidInputError("The guide is neither a PDF nor text in UTF-8. Save it as one of them.") from None
    if not blocks(text):
        raise InvalidInputError("The guide holds no words. Nothing was published.")
    return "text"


def blocks(text: str) -> tuple[Block, ...]:
    """Return Markdown as plain headings, paragraphs and items of lists. All else in it stays the letters that it is."""
    return tuple(_blocks(_UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))))


def _blocks(text: str) -> Iterator[Block]:
    held: list[str] = []

    def rest() -> Iterator[Block]:
        if held:
            yield Block(kind="paragraph", text=" ".join(held))
            held.clear()

    for raw in text.split("\n"):
        line = " ".join(raw.split())
        heading, item = _HEADING.match(line + " "), _ITEM.match(line + " ")
        if line and not heading and not item:
            held.append(line)
            continue
        yield from rest()
        found = heading or item
        if found and (words := line[found.end() :]):
            yield Block(kind="heading" if heading else "item", text=words)
    yield from rest()


def shown(guide: Guide, gate: Gate, day: date) -> GuideView:
    """Return a version as the page lists it."""
    due = gate.due_on(day)
    state = "in_force" if due and due.version == guide.version else "to_come" if guide.day > day else "over"
    given = guide.model_dump(exclude={"day", "by"})
    return GuideView(**given, effective_from=guide.day, state=state)


def with_guide(gate: Gate, due: GuideDue, day: date) -> tuple[GuideDue, ...]:
    """Return the guides that matter once another one is published: the one in force, those to come, and it.

    Raises
    ------
    InvalidInputError
        When it would come before one that is published already: nobody could tell which of them holds.
    """
    number = number_of(due.version)
    if gate.guides:
        last = gate.guides[-1]
        if number <= number_of(last.version):
            raise InvalidInputError(f"Force Media Guide {last.version} is published: choose a version after it.")
        if due.day < last.day:
            raise InvalidInputError(
                f"Force Media Guide {last.version} holds from {last.day}: this one cannot hold before it."
            )
    now = gate.due_on(day)
    kept = gate.guides[gate.guides.index(now) :] if now else gate.guides
    return (*kept, due)


def until_of(training: Iterable[Training]) -> dict[str, date]:
    """Return by course the last day on which somebody's training counts."""
    found: dict[str, date] = {}
    for one in training:
        found[one.course] = max(found.get(one.course, one.until), one.until)
    return found


def lacking(person: Person, gate: Gate, day: date) -> Lacking | None:
    """Return what somebody lacks on a day, or will within a month; None when it is nothing."""
    due = gate.due_on(day)
    without = due is not None and not gate.has(person.guide_version, due)
    until: Mapping[str, date] = person.trained_until
    # When a course was taken does not stand in the person: here it is the last day alone that matters.
    held = [
        Training(course=course, on=until[course], until=until[course]) for course in gate.courses if course in until
    ]
    missing = tuple(course for course in gate.courses if course not in until)
    expired = tuple(one for one in held if one.until < day)
    expiring = tuple(one for one in held if 0 <= (one.until - day).days <= max(WARN_DAYS))
    if not (without or missing or expired or expiring):
        return None
    return Lacking(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        teams=person.teams,
        acknowledged=person.guide_version,
        guide_missing=without,
        training_missing=missing,
        training_expired=expired,
        training_expiring=expiring,
    )


def guide_step(since: date, day: date) -> int:
    """Return how many reminders of a guide are due by a day: after 3 days, 7, and each further week."""
    days = (day - since).days
    first = sum(days >= step for step in FIRST_STEPS)
    return first + max(0, (days - FIRST_STEPS[-1]) // WEEK)


def training_step(until: date, day: date) -> int:
    """Return which warning of a training's end is due by a day: none, or 30 or 7 days before it."""
    left = (until - day).days
    return min((step for step in WARN_DAYS if 0 <= left <= step), default=0)


def supervisors_of(person: Person, everybody: Iterable[Person]) -> list[str]:
    """Return the ids of the active supervisors who share a team with somebody."""
    teams = set(person.teams)
    return [
        one.id
        for one in everybody
        if one.role == "supervisor" and one.active and one.id != person.id and teams & set(one.teams)
    ]
