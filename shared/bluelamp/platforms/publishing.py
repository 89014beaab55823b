"""What may be published on a platform, and how: the contract of publishers, beside that of connectors.

To publish is two things. ``prepare`` uploads what belongs to a publication, in as many calls as it takes, and the
public sees nothing of it: it may be broken off and taken up again from what it reported last, and repeated from the
start without harm. ``publish`` is one call, after which the public sees it. A call whose result is unknown raises
``TimedOutError``; ``find`` then says whether it is there. Nothing here ever calls ``publish`` twice.

Errors are those of `bluelamp.platforms.contract`, and two more. ``UnfitError`` is for what the platform would not take:
most of it is found before anything is sent, from the limits it documents, the rest when the platform has looked at a
video. ``UploadLostError`` says that what was prepared lapsed before it was published.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import ConfigDict

from bluelamp.errors import BluelampError
from bluelamp.models import Model
from bluelamp.platforms.contract import AccountRef, ActResult, PlatformError, ReadBack

if TYPE_CHECKING:
    from bluelamp.platforms.http import PlatformHttp

AssetKind = Literal["picture", "video"]
Progress = Mapping[str, Any]
"""How far an upload has come: JSON of text, whole numbers, lists and objects. The publisher's own; {} at first."""


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AssetLimits(_Frozen):
    """What a platform takes of one kind of asset: how many in a publication, of which types, how large and how long.

    ``types`` are media types, ``codecs`` the first part of RFC 6381 names (``avc1``, ``mp4a``); empty where the
    platform names none. ``seconds``, ``width`` and ``height`` are None where there is no limit. ``size`` counts
    bytes. ``alt`` is how many characters a description may have, 0 where the platform takes none.
    """

    count: int
    size: int
    types: frozenset[str]
    alt: int = 0
    seconds: int | None = None
    width: int | None = None
    height: int | None = None
    codecs: frozenset[str] = frozenset()


class PollLimits(_Frozen):
    """What a platform takes of a question with answers to choose from."""

    options: int
    option_characters: int
    minutes: tuple[int, int]


class Limits(_Frozen):
    """What a platform takes of a publication. ``source`` names the documentation, and when it was read.

    ``together`` tells whether pictures and a video go into one publication, ``edits`` whether the words of one that is
    out can be changed.
    """

    characters: int
    picture: AssetLimits | None
    video: AssetLimits | None
    poll: PollLimits | None
    together: bool
    edits: bool
    source: str


class Asset(Protocol):
    """A picture or video as it was checked and kept: its bytes are read in parts, never all at once."""

    id: str
    kind: AssetKind
    type: str
    size: int
    sha256: str
    alt: str
    seconds: int | None
    width: int | None
    height: int | None
    codecs: tuple[str, ...]

    def read(self, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start`` on, fewer at the end."""


class Poll(_Frozen):
    """A question's answers to choose from, and how long one may."""

    options: tuple[str, ...]
    minutes: int


class Outgoing:
    """What is to be published on one account.

    Parameters
    ----------
    text
        The words, as that account's variant has them.
    link
        An address that the platform shows a preview of; None without.
    assets
        Pictures and videos, in their order.
    poll
        Answers to choose from; None without.
    """

    def __init__(
        self, text: str, *, link: str | None = None, assets: tuple[Asset, ...] = (), poll: Poll | None = None
    ) -> None:
        self.text = text
        self.link = link
        self.assets = assets
        self.poll = poll


class Shown(_Frozen):
    """What the platform shows of a publication now; ``unknown`` when it cannot be asked."""

    state: Literal["there", "gone", "unknown"]
    text: str | None = None
    permalink: str | None = None


class UploadLostError(PlatformError):
    """What was uploaded is not there any more, so nothing was published: prepare again, from {}.

    Facebook says no more than that something is invalid, which may be something else: prepare again once, not for ever.
    """

    code: ClassVar[str] = "upload_lost"


class UnfitError(BluelampError):
    """The platform would not take it as it is; ``what`` names the part, for the form to point at."""

    code: ClassVar[str] = "unfit"

    def __init__(self, message: str, *, what: str) -> None:
        super().__init__(message)
        self.what = what


class Publisher(Protocol):
    """Publishing on one platform. Publishers keep no state: how far an upload came is in ``Progress``."""

    name: str

    def limits(self) -> Limits:
        """Say what the platform takes."""

    def length(self, text: str, link: str | None = None) -> int:
        """Count the words as the platform counts them, in the unit of ``Limits.characters``."""

    def check(self, outgoing: Outgoing) -> None:
        """Raise ``UnfitError`` for the first thing that the platform would not take; calls nothing."""

    def prepare(
        self, outgoing: Outgoing, account: AccountRef, http: "PlatformHttp", progress: Progress
    ) -> Iterator[Progress]:
        """Upload the assets from ``progress`` on, and yield how far that is after each call; ends when all is there.

        What lapsed or was lost is uploaded anew by itself. ``TryAgainError`` with progress kept may follow when the
        platform is still at work on a video.

        Raises
        ------
        UnfitError
            When the platform has looked at a video and does not want it.
        """

    def publish(self, outgoing: Outgoing, account: AccountRef, http: "PlatformHttp", progress: Progress) -> ActResult:
        """Make the publication public with one writing call; ``native_id`` names it.

        Raises
        ------
        UploadLostError
            When ``progress`` is not that of a whole upload, or has lapsed: nothing was published.
        TimedOutError
            When it may be public: ``find`` tells.
        """

    def find(
        self, outgoing: Outgoing, account: AccountRef, http: "PlatformHttp", progress: Progress, *, since: datetime
    ) -> ReadBack:
        """Say whether a publication asked for after ``since`` is there, by reading only."""

    def edit(self, native_id: str, text: str, account: AccountRef, http: "PlatformHttp") -> ActResult:
        """Change the words of a publication that is out; ``NotAllowedError`` where ``Limits.edits`` is false."""

    def take_down(self, native_id: str, account: AccountRef, http: "PlatformHttp") -> ActResult:
        """Delete a publication; ``GoneError`` when it is not there any more."""

    def show(self, native_id: str, account: AccountRef, http: "PlatformHttp") -> Shown:
        """Say what the public sees of a publication now, by reading only."""
