"""What an export is: which posts it takes, why, for whom it was made, and how far it has come."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from bluelamp.models import Model
from bluelamp.posts.model import Frozen, PersonName

State = Literal["queued", "running", "done", "failed", "expired"]
# Why a case leaves the system. The reference beside it names the force's own file.
Purpose = Literal[
    "investigation",
    "prosecution",
    "cpia_disclosure",
    "subject_access",
    "freedom_of_information",
    "court_order",
    "complaint",
    "audit",
]
MOST_NAMED = 500

Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", description="A day in the United Kingdom, YYYY-MM-DD.")]
PostId = Annotated[str, Field(pattern=r"^p[a-z0-9_-]{1,64}$")]
Words = Annotated[str, Field(min_length=2, max_length=100)]


class _Scope(Model):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PostsScope(_Scope):
    """Posts by id."""

    kind: Literal["posts"]
    posts: tuple[PostId, ...] = Field(min_length=1, max_length=MOST_NAMED)


class ThreadScope(_Scope):
    """All posts of a thread."""

    kind: Literal["thread"]
    thread: str = Field(pattern=r"^t[a-z0-9_-]{1,64}$")


class _Period(_Scope):
    since: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for day in (self.since, self.until):
            date.fromisoformat(day)
        if self.since > self.until:
            raise ValueError("the period ends before it begins")
        return self


class AccountScope(_Period):
    """All posts of an account that were made in a period; both days count."""

    kind: Literal["account"]
    account: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")


class AuthorScope(_Period):
    """All posts of one author in a period, by the pseudonym that stands in the log."""

    kind: Literal["author"]
    author: str = Field(pattern=r"^[0-9a-f]{64}$")
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,128}$")


class SearchScope(_Period):
    """All posts of a period in whose text one of the words stands, whatever the case of the letters."""

    kind: Literal["search"]
    words: tuple[Words, ...] = Field(min_length=1, max_length=20)
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,128}$")


Scope = Annotated[
    PostsScope | ThreadScope | AccountScope | AuthorScope | SearchScope,
    Field(discriminator="kind"),
]


class Figures(Frozen):
    """What came into the bag.

    `examined` posts were looked at and `posts` taken; `unsealed` records were not under a checkpoint yet. Of the
    contents, `destroyed` have no key any more and `broken` are not the bytes that were sealed.
    """

    examined: int = 0
    posts: int = 0
    missing: int = 0
    records: int = 0
    unsealed: int = 0
    contents: int = 0
    destroyed: int = 0
    broken: int = 0


class ExportJob(Frozen):
    """An export as stored.

    `leaf` and `chunk` say where the record of the request is. `lease` names the worker that is at it until
    `lease_until`; nobody else may write then.
    """

    id: str
    scope: Scope
    purpose: Purpose
    ref: str
    by: PersonName
    role: str
    created_at: str
    leaf: str
    chunk: str
    state: State = "queued"
    done: int = 0
    total: int | None = None
    attempts: int = 0
    sent_at: str = ""
    lease: str = ""
    lease_until: str = ""
    started_at: str = ""
    finished_at: str = ""
    sha256: str | None = None
    size: int | None = None
    expires_at: str | None = None
    figures: Figures | None = None
    error: str | None = None
    links: int = 0
    rev: int = 1


class Progress(Frozen):
    """How many of the posts are in the bag; `total` is not known before they have been looked for."""

    done: int
    total: int | None


class ExportView(Frozen):
    """An export as callers see it. `sha256` and `size` are those of the zipped bag."""

    id: str
    state: State
    scope: Scope
    purpose: Purpose
    ref: str
    by: PersonName
    created_at: str
    finished_at: str | None
    progress: Progress
    sha256: str | None
    size: int | None
    expires_at: str | None
    figures: Figures | None
    error: str | None


class ExportPage(Frozen):
    """One page of the exports, newest first."""

    exports: tuple[ExportView, ...]
    next: str | None


class Link(Frozen):
    """Where the zipped bag can be fetched, without signing in, until `expires_at`."""

    url: str
    expires_at: str
    name: str
    sha256: str
    size: int
