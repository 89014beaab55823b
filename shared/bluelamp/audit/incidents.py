"""The part of records about critical incidents: what was ordered, by which version of the strategy, over what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluelamp.audit.parts import Code, Count, Part, Time, Token, Ulid


class IncidentStep(Part):
    """A step of an incident, and the incident, or its bulk job, as this record leaves it.

    Its code name, the words that it is about, its area, the strategy and the log book's entries are words: their bytes
    are where `content` of the leaf says, and `obj.digest` binds them. `words` counts those that posts are found by.
    `roles` are people by their ids. `posts` are how many a job was ordered for, `tally` what became of them;
    `second` says that another person has to agree. The keyed digest of the frozen selection is `obj.digest`.
    """

    step: Code
    state: Code | None = None
    accounts: tuple[Token, ...] | None = None
    words: Count | None = None
    begin: Time | None = Field(default=None, alias="from")
    end: Time | None = Field(default=None, alias="to")
    roles: dict[Code, tuple[Token, ...]] | None = None
    strategy: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None
    slow: Count | None = None
    job: Ulid | None = None
    verb: Code | None = None
    posts: Count | None = None
    second: Literal[True] | None = None
    grade: Count | None = None
    codes: tuple[Code, ...] | None = None
    everything: Literal[True] | None = None
    bound: Count | None = None
    tally: dict[Code, Count] | None = None
