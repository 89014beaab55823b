"""A picture or film on its way in: what is kept of it, and what pages are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import ConfigDict

from bluelamp.assets.model import PICTURE_BYTES, Kind
from bluelamp.models import Model
from bluelamp.posts.model import PersonName

State = Literal["uploading", "checking", "ready", "refused", "dropped", "expired"]
UNDER_WAY: frozenset[State] = frozenset({"uploading", "checking"})
# Nothing of it is kept but its records.
GONE: frozenset[State] = frozenset({"refused", "dropped", "expired"})

# What the browser sends at a time: S3 takes 5 MB and more, ten thousand of them.
PART = 16 * 1024 * 1024
MOST_PICTURE = PICTURE_BYTES
MOST_FILM = 4 * 1024 * 1024 * 1024
# After so long the bucket has cleared away what was not completed (its lifecycle in infra/data.yaml).
LAPSE = timedelta(days=2)
# The queue gives a look five tries of half an hour each (PublishQueue in infra/data.yaml): after them it is asked for
# again, so many times in all.
LOOK_AGAIN = timedelta(hours=3)
LOOKS = 3
# What nothing carries by then is deleted: longer than a draft waits for whoever is on leave.
UNUSED = timedelta(days=30)
# Links that are given out together.
MOST_LINKS = 20


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Upload(_Frozen):
    """A picture or film.

    `type` and `size` (bytes) are what was announced, and once it is `ready` those of what is kept: a picture is kept
    without what its file says beside the picture. `upload` is what S3 calls the upload. `key` and `etag` are where the
    checked bytes lie and what S3 calls them, `sha256` their digest. `why` is the code of its refusal or end, `problem`
    the sentence. `looks` counts how often it was sent to the check, `due` is when something is done about it should it
    be in the same state still. `step` and `head` are the number and digest of the last record, `rev` counts every
    write.
    """

    id: str
    state: State = "uploading"
    type: str
    size: int
    upload: str
    by: PersonName
    at: str
    kind: Kind
    key: str
    etag: str | None = None
    sha256: str | None = None
    seconds: int | None = None
    width: int | None = None
    height: int | None = None
    codecs: tuple[str, ...] = ()
    why: str | None = None
    problem: str | None = None
    looks: int = 0
    due: str | None = None
    step: int = 0
    head: str | None = None
    rev: int = 0


class AssetView(_Frozen):
    """A picture or film as a page shows it.

    While it is `uploading`, `missing` are the numbers of the parts that have not arrived, `part` bytes each but the
    last. `link` shows what is `ready` for some minutes.
    """

    id: str
    state: State
    kind: Kind
    type: str
    size: int
    by: PersonName
    at: str
    part: int = PART
    missing: tuple[int, ...] = ()
    seconds: int | None = None
    width: int | None = None
    height: int | None = None
    why: str | None = None
    problem: str | None = None
    link: str | None = None


class PartLink(_Frozen):
    """Where one part is PUT, and how many bytes it has."""

    number: int
    size: int
    url: str


class PartLinks(_Frozen):
    """Where parts are PUT, until a time."""

    parts: tuple[PartLink, ...]
    expires_at: str
