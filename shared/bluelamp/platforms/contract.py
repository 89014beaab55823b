"""The connector contract: what every platform is translated to, and what may be asked of it.

A connector turns signed webhooks and polled pages into the three events below, and carries out verbs. It promises:

* ``parse`` keeps every entry: understood (an event), known and of no use to a desk (counted in ``ignored``) or kept
  whole as ``Unrecognised``. One odd entry never costs the batch.
* ``act`` calls the platform's writing endpoint once. A call whose result is unknown raises ``TimedOutError``, and
  ``read_back`` then says what happened.
* ``capabilities`` names only what the platform really offers.

The errors::

    BluelampError
     ├── BrokenPayloadError       not JSON at all
     └── PlatformError            the platform would not or could not
          ├── TryAgainError       nothing happened; the same call may be made again
          ├── TimedOutError       it may have happened: read back first
          ├── ThrottledError      leave the account alone until ``until``
          ├── ReauthoriseError    the token is dead: a person must connect the account again
          ├── NotAllowedError     the token lives, the permission is missing
          ├── GoneError           the object is not there any more
          ├── PolicyBlockedError  the platform stopped the account's writes
          └── OutsideWindowError  the messaging window has closed
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import ConfigDict, Field

from bluelamp.errors import BluelampError
from bluelamp.models import Model
from bluelamp.platforms.signatures import Handshake, PlatformSecrets

if TYPE_CHECKING:
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.platforms.publishing import Asset, AssetLimits

Verb = Literal["hide", "unhide", "delete", "reply", "ban", "unban", "like", "message"]
PostKind = Literal["post", "comment", "reply", "mention", "message"]
Direction = Literal["in", "out"]
Cursor = dict[str, Any]
"""Where one stream of one account was left: JSON of text, whole numbers, lists and objects. The connector's own."""


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaRef(_Frozen):
    """Something attached to a post, by reference: ``url`` is empty where the platform gives none."""

    kind: str
    url: str


class _Said(_Frozen):
    """Something that a platform said.

    ``raw`` is the smallest JSON value of the body that holds it, byte for byte; where the platform keeps the parts
    apart (X's ``includes``), a JSON array of these values.
    """

    raw: bytes = Field(default=b"", repr=False)


class PostEvent(_Said):
    """A post as it stood at ``event_at``: new, or edited.

    ``account_native`` is the force's account that the event is about, ``thread_native`` the conversation's root (for
    private messages the other person's id). ``author_id`` is None where the platform withholds it.
    """

    platform: str
    account_native: str
    native_id: str
    kind: PostKind
    direction: Direction
    thread_native: str
    parent_native: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    text: str
    media: tuple[MediaRef, ...] = ()
    permalink: str | None = None
    event_at: datetime
    edited: bool = False
    private: bool = False


class Tombstone(_Said):
    """The post is gone from the platform. It may arrive before the post itself."""

    platform: str
    account_native: str
    native_id: str
    event_at: datetime


class StateChange(_Said):
    """Somebody hid or unhid the post on the platform."""

    platform: str
    account_native: str
    native_id: str
    state: Literal["hidden", "visible"]
    event_at: datetime


Event = PostEvent | Tombstone | StateChange


class Unrecognised(_Frozen):
    """An entry no rule of the connector covers: its exact bytes, and why it was not understood."""

    raw: bytes
    why: str


class ParsedBatch(_Frozen):
    """What one webhook or polled page held, in its order. ``ignored`` counts known noise such as typing notices."""

    events: tuple[Event, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
    ignored: int = 0


class AccountRef(_Frozen):
    """The force's account, as far as a connector needs to know it."""

    account_id: str
    platform: str
    native_id: str
    handle: str | None = None


class Target(_Frozen):
    """The post a verb is aimed at."""

    account_native: str
    native_id: str
    kind: PostKind
    parent_native: str | None = None
    thread_native: str
    author_id: str | None = None
    private: bool = False


class ActResult(_Frozen):
    """A verb was carried out, or (``already``) had been before; ``native_id`` is what a reply made."""

    status: Literal["done", "already"]
    native_id: str | None = None
    request_id: str | None = None
    response: bytes = b""


class ReadBack(_Frozen):
    """What the platform shows after a call whose answer was lost.

    ``gone`` means that the target itself is no longer there, ``unknown`` that the platform cannot be asked, does not
    show enough of the past, or shows something that may be this call's work or another's.
    """

    state: Literal["done", "not_done", "gone", "unknown"]
    native_id: str | None = None


class PollPage(_Frozen):
    """One raw page. ``cursor`` may be stored for ``stream`` once the page is safe, never before.

    ``more`` says that the walk stops here and goes on at the next poll; ``lost`` that it could not go on where the last
    one ended, so that something between the two may be missing. Without either, a walk that ends has read all.
    """

    stream: str
    kind: str
    raw: bytes
    cursor: Cursor
    more: bool = False
    lost: bool = False


class BrokenPayloadError(BluelampError):
    """The body is no JSON object: nothing in it can be told apart."""

    code: ClassVar[str] = "broken_payload"


class PlatformError(BluelampError):
    """The platform would not or could not do it; ``platform_code`` is its own code, for the record."""

    code: ClassVar[str] = "platform_failed"

    def __init__(self, message: str, *, platform_code: str | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.platform_code = platform_code
        self.request_id = request_id


class TryAgainError(PlatformError):
    """A passing failure; nothing was changed."""

    code: ClassVar[str] = "platform_try_again"


class TimedOutError(PlatformError):
    """No answer came, or one that says nothing: the platform may have acted. Read back before trying again."""

    code: ClassVar[str] = "platform_timed_out"


class ThrottledError(PlatformError):
    """The account has used up its calls; the platform will listen again at ``until``."""

    code: ClassVar[str] = "platform_throttled"

    def __init__(
        self,
        message: str,
        *,
        until: datetime,
        platform_code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, platform_code=platform_code, request_id=request_id)
        self.until = until


class ReauthoriseError(PlatformError):
    """The token is expired or revoked; never retried."""

    code: ClassVar[str] = "platform_reauthorise"


class NotAllowedError(PlatformError):
    """The account lacks the permission, or the platform does not offer the verb for this post."""

    code: ClassVar[str] = "platform_not_allowed"


class GoneError(PlatformError):
    """The post, or what it hangs on, is not on the platform any more."""

    code: ClassVar[str] = "platform_gone"


class PolicyBlockedError(PlatformError):
    """The platform blocked the account's writes for breaking its rules: writes stop and the lead is told."""

    code: ClassVar[str] = "platform_policy_blocked"


class OutsideWindowError(PlatformError):
    """The time in which a private message may be answered has passed."""

    code: ClassVar[str] = "platform_outside_window"


class Connector(Protocol):
    """One platform. Connectors keep no state: whatever lasts is in the cursor, the throttle store or the table."""

    name: str

    def capabilities(
        self, kind: str, account: AccountRef | None = None, *, direction: Direction = "in"
    ) -> frozenset[Verb]:
        """Name the verbs the platform offers for a post of this kind and direction."""

    def picture_with(self, verb: Verb, kind: str) -> "AssetLimits | None":
        """Say what picture may go with the words of ``verb`` to a post of this kind, or None where none may."""

    def handshake(self, query: Mapping[str, str], secrets: PlatformSecrets) -> Handshake:
        """Answer the platform's question whether this address is ours; raise ``SignatureError`` when it is not its."""

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: PlatformSecrets) -> None:
        """Raise ``SignatureError`` unless the platform signed exactly these bytes."""

    def parse(self, raw: bytes) -> ParsedBatch:
        """Translate a webhook; raise ``BrokenPayloadError`` and nothing else."""

    def parse_page(self, kind: str, raw: bytes, account: AccountRef) -> ParsedBatch:
        """Translate a polled page of ``kind``; raise ``BrokenPayloadError`` and nothing else."""

    def poll(self, account: AccountRef, cursors: Mapping[str, Cursor], http: "PlatformHttp") -> Iterator[PollPage]:
        """Walk through what is new since ``cursors`` (by stream)."""

    def act(
        self,
        verb: Verb,
        target: Target,
        http: "PlatformHttp",
        *,
        text: str | None = None,
        assets: tuple["Asset", ...] = (),
    ) -> ActResult:
        """Carry out ``verb`` with one call that anybody sees; ``text`` is what a reply or message says.

        ``assets`` go with what is said, where `picture_with` offers that; they are uploaded before, which nobody sees,
        and can be repeated.
        """

    def read_back(
        self, verb: Verb, target: Target, http: "PlatformHttp", *, text: str | None = None, since: datetime
    ) -> ReadBack:
        """Say whether ``verb``, asked for after ``since``, has taken effect, by reading only."""
