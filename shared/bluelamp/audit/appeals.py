"""The part of records about appeals to the public."""

from __future__ import annotations

from typing import Literal

from bluelamp.audit.parts import Code, Count, Day, Part, Ref, Ulid


class AppealPart(Part):
    """A step in the life of an appeal to the public; its words are bound by `obj.digest` and told nowhere.

    `basis` is the lawful basis that was given, `review` the day on which it must be looked at again, `pictures` how
    many there are and `sources` where they come from. `publications` are what was sent out. `verdict` says what a reply
    to it was taken for, `passed` the force's own number of whom it was passed on to. `minutes` is how long the appeal
    was public when its outcome was known.
    """

    id: Ulid
    step: Literal[
        "drafted", "changed", "proposed", "approved", "rejected", "kept", "triaged", "passed_on", "closed", "cleared",
        "seen",
    ]  # fmt: skip
    kind: Code | None = None
    basis: Code | None = None
    review: Day | None = None
    pictures: Count | None = None
    sources: tuple[Code, ...] = ()
    publications: tuple[Ulid, ...] = ()
    ref: Ref | None = None
    verdict: Code | None = None
    passed: Ref | None = None
    outcome: Code | None = None
    minutes: Count | None = None
    ending: Code | None = None
