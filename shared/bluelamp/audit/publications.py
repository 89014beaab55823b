"""The part of records about what the force publishes, and about its pauses."""

from __future__ import annotations

from typing import Literal

from bluelamp.audit.parts import Code, Count, Part, Time, Token, Ulid


class PublicationPart(Part):
    """A step of a publication or of a copy of it, and how it stands then; or a pause, which names its accounts.

    Or one of a picture or film on its way in, of so many bytes, whose digest is the object's.
    Its words are where `content` of the leaf says. `despite` says that it goes out during a pause.
    """

    step: Literal[
        "drafted", "edited", "proposed", "approved", "rejected", "scheduled", "released", "held", "withdrawn",
        "seen", "missing", "still_there", "paused", "resumed",
        "begun", "received", "again", "checked", "refused", "dropped", "expired",
    ]  # fmt: skip
    state: Code | None = None
    publication: Ulid | None = None
    accounts: tuple[Token, ...] | None = None
    run: Count | None = None
    due: Time | None = None
    why: Code | None = None
    despite: Literal[True] | None = None
    kind: Code | None = None
    size: Count | None = None
