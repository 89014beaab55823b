"""The typed parts of a record, and the narrow patterns that keep text and names out of it.

A feature that records something new adds its part here and a field in `leaf`; everybody imports them from `leaf`.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bluelamp import models

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]
# The force's own number for a file (``WP/2026/1234``): parts of up to four capitals or of digits, a number among them.
# No words and no names fit in, nor what begins with 0 and is as long as a telephone number.
_NUMBER = "[A-Z]{0,4}(?:[1-9][0-9]{0,13}|0[0-9]{0,7})(?:[A-Z]{1,4}[0-9]{0,14})?"
_REF = f"^(?:(?:[A-Z]{{1,4}}|{_NUMBER})[./_-])*{_NUMBER}(?:[./_-](?:[A-Z]{{1,4}}|{_NUMBER}))*$"
# The pattern itself helps nobody who typed a reference; nothing of what was typed is repeated.
_REF_HELP = (
    "a reference is the force's own number for a file, like WP/2026/1234: capitals (up to four together) and digits, a "
    "number among them, parts divided by / - _ or a point, 40 characters at the most; no spaces, no names and no "
    "telephone numbers"
)


def _explained(given: Any, check: ValidatorFunctionWrapHandler) -> str:
    try:
        return str(check(given))
    except ValidationError:
        raise PydanticCustomError("reference", _REF_HELP) from None


Ref = Annotated[str, Field(pattern=_REF, max_length=40), WrapValidator(_explained)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Ulid = Annotated[str, Field(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
# A time by the clock on the wall; a day ends at 24:00.
Wall = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{4,8192}={0,2}$")]
# S3 gives version ids that begin with a dot, a dash or an underscore, too.
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/+=-]{1,1024}$")]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]

# What a machine calls a request: a digit is in nearly all of them and in no name.
_REQUEST_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9_:/+=-]{0,127}")
_PSEUDONYMOUS = frozenset({"post", "comment", "reply", "mention", "message", "author", "thread"})


class Part(models.Model):
    """What every part of a record is: exact, closed, and silent about what was wrong with its input."""

    # An error that repeats its input would carry into the logs what must not even get into a leaf.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)


class Actor(Part):
    """Who did it: an officer with role and duty, or a part of the system.

    `on_duty_as` is as what the roster had them on duty, `guide_version` the Force Media Guide they had acknowledged,
    `session` the hash that the session is stored under, `grants` the access given for a time that was in force for
    them.
    """

    kind: Literal["person", "system", "platform", "anonymous"]
    sub: Token | None = None
    session: Token | None = None
    role: Code | None = None
    on_duty_as: Code | None = None
    guide_version: Token | None = None
    grants: tuple[Ulid, ...] | None = None

    @classmethod
    def system(cls, name: str) -> Self:
        """Return the actor for a part of Bluelamp, e.g. ``Actor.system("ingest")``."""
        return cls(kind="system", sub=name)

    @classmethod
    def anonymous(cls) -> Self:
        """Return the actor for somebody who is not signed in."""
        return cls(kind="anonymous")


class Reason(Part):
    """Why: a code of a fixed vocabulary, and a reference number of the force (``WP/2026/1234``), never a sentence."""

    code: Code
    ref: Ref | None = None


class Obj(Part):
    """What it was done to.

    `key` is the HMAC of the platform's id for everything the public made. `rev` is the revision after a change, or the
    one that was seen. Each revision from 1 on has exactly one changing leaf; `prev` is the digest of the one before.
    `digest` is an HMAC, under the key that `hmac_key` names, of the words that came, were answered or noted: it binds
    them to the record without telling them, and nobody without the key can test a guess.
    """

    kind: Code
    key: Token
    hmac_key: Token | None = None
    rev: Count | None = None
    prev: Hash | None = None
    digest: Hash | None = None

    @model_validator(mode="after")
    def _pseudonymous(self) -> Self:
        if self.kind in _PSEUDONYMOUS and not re.fullmatch(r"[0-9a-f]{64}", self.key):
            raise ValueError(f"the key of a {self.kind} is its HMAC in hex, never the platform's id")
        return self


class Content(Part):
    """Where the exact bytes lie: a pack, the place in it, the digest of the ciphertext and the key to it."""

    sha256: Hash
    length: Count
    pack: Token | None = None
    version_id: Version | None = None
    offset: Count | None = None
    key_id: Token | None = None


class Change(Part):
    """A field that went from one state to another."""

    field: Code | None = None
    from_: Token | None = Field(default=None, alias="from")
    to: Token | None = None


class Op(Part):
    """An action on a platform: what was intended (`verb`), and what came of which intent.

    `result` "deferred" says that the action is still to come (throttled, platform down); the last result counts.
    """

    verb: Code | None = None
    intent: Ulid | None = None
    result: Literal["done", "already", "failed", "cancelled", "unknown", "deferred"] | None = None
    error: Code | None = None
    status: Count | None = None
    platform_request_id: Token | None = None
    response_sha256: Hash | None = None

    @field_validator("platform_request_id", mode="before")
    @classmethod
    def _odd_id(cls, value: Any) -> Any:
        """Keep a platform's odd id by its hash: its header may not cost us the record, nor smuggle text into it."""
        if isinstance(value, str) and not _REQUEST_ID.fullmatch(value):
            return "sha256:" + hashlib.sha256(value.encode()).hexdigest()
        return value


class Model(Part):
    """A scorer and its scores in permille."""

    id: Token
    version: Token
    scores: dict[Code, Annotated[int, Field(ge=0, le=1000)]] = Field(default_factory=dict)


class Rule(Part):
    """The rule, or the set of rules, that decided."""

    id: Token
    version: Token


class Judgement(Part):
    """What moderation found: the grade, and the codes and rules that led to it."""

    risk: Code
    grade: Annotated[int, Field(ge=0, le=9)]
    codes: tuple[Code, ...] = ()
    rules: tuple[Token, ...] = ()


class Query(Part):
    """What was listed or searched: filters by name, the HMAC of searched words, and how many came."""

    view: Code
    filters: dict[Code, Token | Count] = Field(default_factory=dict)
    key: Hash | None = None
    hits: Count | None = None


class Tally(Part):
    """Refusals without an identity, counted: one leaf per source and minute, so that nobody outside writes records."""

    source: Token
    minute: Time
    n: Annotated[int, Field(ge=1, le=2**53 - 1)]


class StatementGap(Part):
    """A time that no poll read: read later on ("recovered"), out of reach ("lost"), or not read yet ("open")."""

    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    state: Literal["recovered", "lost", "open"]


class Statement(Part):
    """How complete an account's day is, as far as polls prove it; a later `version` takes an earlier one's place."""

    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    status: Literal["complete", "gap"]
    gaps: tuple[StatementGap, ...] = ()
    streams: tuple[Code, ...] = ()
    version: Annotated[int, Field(ge=1, le=2**53 - 1)]

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if (self.status == "gap") != bool(self.gaps):
            raise ValueError("a statement is complete without gaps, and only then")
        return self


class Restore(Part):
    """The table was restored to an earlier point, or began anew.

    It knew the log of `year` up to `known` and nothing behind that. From this record on, an object that has records at
    or behind `first` may go on from an earlier revision: from the one before any of those. `chunks` were found both in
    the table and in the log and are not written a second time; `intents` are those that nobody can finish any more.
    """

    year: Count
    known: Count
    first: Count
    chunks: Count
    intents: Count


class Anchor(Part):
    """An anchor outside the force over the log `log` at `size`, or `error`: why none was had.

    `by` is ``sha256:`` and the authority's certificate, or ``witness:`` and its name and key; `at` is the time by its
    own clock. `place` is its name in the archive, `sha256` the digest of its bytes.
    """

    kind: Literal["timestamp", "cosignature"]
    log: Token
    size: Count
    by: Token
    at: Time | None = None
    place: Token | None = None
    sha256: Hash | None = None
    error: Code | None = None


class Erasure(Part):
    """How much a disposal destroys: keys of contents, and the contexts of other posts that may hold its words still.

    Of a whole disposal `posts` are those destroyed and `skipped` those left as they were.
    """

    contents: Count
    remaining: Count
    posts: Count | None = None
    skipped: Count | None = None


class Software(Part):
    """The commit that ran."""

    commit: Token


class Previous(Part):
    """The last checkpoint of the year before, whole, in the first leaf of a year."""

    origin: Token
    size: Count
    root: Base64
    checkpoint: Base64


class Seal(Part):
    """A commit's own leaf: when it was sealed, the sequence of this leaf, and how many leaves the commit has."""

    sealed_at: Time
    first: Count
    leaves: Count
    chunks: Count
    previous: Previous | None = None
