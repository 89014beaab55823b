"""What the control API takes, typed once at the border."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sandbox.clock import parse_time
from sandbox.faults import KINDS

PlatformName = Literal["facebook", "x"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountBody(_Body):
    """A page or X user of the force's."""

    platform: PlatformName
    name: str
    id: str | None = Field(default=None, pattern=r"^\d{1,20}$")
    handle: str | None = None
    token: str | None = None


class AccountPatch(_Body):
    """What may change about an account."""

    name: str | None = None
    handle: str | None = None
    token: str | None = None
    token_state: Literal["valid", "expired", "revoked"] | None = None
    subscribed: bool | None = None
    permitted: bool | None = None
    scopes: list[str] | None = None


class AuthorBody(_Body):
    """A member of the public."""

    platform: PlatformName
    name: str
    id: str | None = Field(default=None, pattern=r"^\d{1,20}$")
    handle: str | None = None
    nameless: bool = False


class AuthorChoice(_Body):
    """Who writes: somebody known by id, or somebody by name."""

    author: str | None = None
    author_name: str | None = None
    author_handle: str | None = None


class _Written(AuthorChoice):
    media: list[str] = []
    at: str | None = None
    push: bool = True

    @field_validator("at")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            parse_time(value)
        return value

    def when(self) -> int | None:
        """Return the time it is written at, None for now."""
        return None if self.at is None else parse_time(self.at)


class PagePostBody(_Written):
    """A post on a page's timeline."""

    page: str
    text: str


class CommentBody(_Written):
    """A comment or reply on Facebook."""

    on: str
    text: str


class PageMessageBody(_Written):
    """A message to a page."""

    page: str
    text: str


class ReactionBody(AuthorChoice):
    """A reaction on Facebook."""

    on: str
    reaction: str = "like"


class XPostBody(_Written):
    """A post or reply on X."""

    text: str
    reply_to: str | None = None


class XMessageBody(_Written):
    """A direct message on X."""

    account: str
    text: str


class EditBody(_Body):
    """A new text, by its author."""

    text: str
    push: bool = True


class DeleteBody(_Body):
    """A deletion by the author."""

    push: bool = True


class FaultBody(_Body):
    """A fault; the README lists kinds and options."""

    kind: str
    platform: PlatformName | None = None
    times: int | None = Field(default=None, ge=1)
    after: int | None = Field(default=None, ge=0)
    rate: float | None = Field(default=None, ge=0, le=1)
    seed: int | None = None
    method: str | None = None
    path: str | None = None
    account: str | None = None
    event: str | None = None
    copies: int | None = Field(default=None, ge=1, le=1000)
    window: int | None = Field(default=None, ge=2, le=1000)
    seconds: float | None = Field(default=None, ge=0)
    minutes: float | None = Field(default=None, ge=0)
    bytes: int | None = Field(default=None, ge=1)
    status: int | None = Field(default=None, ge=200, le=599)
    code: int | None = None
    subcode: int | None = None
    message: str | None = None

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in KINDS:
            raise ValueError(f"no fault of that kind; there are {', '.join(sorted(KINDS))}")
        return value


class SettingsPatch(_Body):
    """Settings that may change."""

    x_shape: Literal["activity", "legacy"] | None = None
    x_deletes: Literal["own", "all"] | None = None
    push: bool | None = None
    graph_calls_per_hour: int | None = Field(default=None, ge=0)
    x_calls_per_window: int | None = Field(default=None, ge=0)
    retry_base: float | None = Field(default=None, ge=0)
    retry_cap: float | None = Field(default=None, ge=0)
    retry_attempts: int | None = Field(default=None, ge=1)
    reply_window_hours: float | None = Field(default=None, ge=0)
    x_token_seconds: int | None = Field(default=None, ge=1)
    upload_hours: float | None = Field(default=None, ge=0)
    video_part: int | None = Field(default=None, ge=1)
    processing_looks: int | None = Field(default=None, ge=0)


class SendBody(_Body):
    """A webhook of the caller's own making."""

    platform: PlatformName
    body: Any = None
    raw: str | None = None
    pad_to: int | None = Field(default=None, ge=1, le=20_000_000)
    signature: Literal["valid", "previous", "wrong", "none"] = "valid"
    times: int = Field(default=1, ge=1, le=1000)

    @model_validator(mode="after")
    def _one_body(self) -> "SendBody":
        if (self.raw is None) == (self.body is None):
            raise ValueError("give either body or raw")
        return self


class HandshakeBody(_Body):
    """Which receivers to challenge."""

    platforms: list[PlatformName] = ["facebook", "x"]


class IdleBody(_Body):
    """How long to wait, in seconds."""

    timeout: float = Field(default=10.0, ge=0, le=600)
