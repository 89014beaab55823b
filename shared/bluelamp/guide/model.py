"""The guide's versions, who acknowledged them, and training, as they are kept and as they are shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from bluelamp.models import Model
from bluelamp.people.model import GateState

# The year and a number in it: what people call it, and what sorts.
Version = Annotated[str, Field(pattern=r"^20\d\d\.[1-9]\d{0,2}$")]
# A course by the force's own short name for it, such as ``media_law``.
Course = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Kind = Literal["text", "pdf"]
BlockKind = Literal["heading", "paragraph", "item"]


class _Kept(Model):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Guide(_Kept):
    """A version that was published: never changed afterwards. Its bytes lie beside it, under their SHA-256."""

    version: Version
    day: date
    kind: Kind
    sha256: str
    length: int
    published_at: str
    by: str


class Acknowledgement(_Kept):
    """That a person acknowledged a version, and when."""

    version: Version
    at: str


class Training(_Kept):
    """That a person took a course, and the last day on which it counts."""

    course: Course
    on: date
    until: date


class Block(Model):
    """A heading, a paragraph or an item of a list, as plain text: nothing in it is ever taken for a command."""

    kind: BlockKind
    text: str


class GuideView(Model):
    """A version as the page lists it. `state` is whether it is over, in force or to come."""

    version: str
    effective_from: date
    kind: Kind
    sha256: str
    length: int
    published_at: str
    state: Literal["over", "in_force", "to_come"]


class Mine(Model):
    """Where the person who asks stands themselves."""

    acknowledged: tuple[Acknowledgement, ...]
    training: tuple[Training, ...]
    gate: GateState


class GuideOverview(Model):
    """The guide in force, all versions with the newest first, what is asked, and where the person stands.

    `courses` are asked of whoever acts, `rev` the revision of what is asked.
    """

    current: GuideView | None
    versions: tuple[GuideView, ...]
    courses: tuple[str, ...]
    rev: int
    mine: Mine


class GuideContent(Model):
    """What a version says: its blocks, or for a PDF in how many parts its bytes are fetched."""

    guide: GuideView
    blocks: tuple[Block, ...]
    parts: int


class GuidePart(Model):
    """Some of the bytes of a version, in base64."""

    part: int
    parts: int
    base64: str


class Asked(Model):
    """What is asked of whoever acts, as a change left it."""

    courses: tuple[str, ...]
    rev: int


class TrainingList(Model):
    """The training of one person, the newest first."""

    person: str
    training: tuple[Training, ...]


class Lacking(Model):
    """Somebody who lacks something: the guide in force, or a course, and which one by when."""

    id: str
    name: str
    email: str
    role: str
    teams: tuple[str, ...]
    acknowledged: str | None
    guide_missing: bool
    training_missing: tuple[str, ...]
    training_expired: tuple[Training, ...] = ()
    training_expiring: tuple[Training, ...] = ()


class MissingList(Model):
    """Who lacks what on a day, by name, out of how many people."""

    day: date
    guide: str | None
    courses: tuple[str, ...]
    people: int
    missing: tuple[Lacking, ...]
