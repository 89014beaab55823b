"""The one way out to the platforms: every call of every connector passes here.

It promises: the token goes in a header and nowhere else, so no log or error can show it; calls are bounded in time and
size; no redirect and no ``paging.next`` leads to another host; reads are tried again with jitter when that may help,
writes are made once; an account that a platform has throttled is left alone until it regains access, by every
invocation, because the throttle store outlives this one.

What an answer means is the platform's affair: connectors pass a `Dialect` with each call.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bluelamp.platforms.contract import (
    BrokenPayloadError,
    PlatformError,
    PolicyBlockedError,
    ReauthoriseError,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.platforms.reading import load
from bluelamp.times import Clock, iso

if TYPE_CHECKING:
    import requests

Scope = Literal["all", "polls", "acts"]
Purpose = Literal["poll", "act"]
Scheme = Literal["Bearer", "Basic"]

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
WHOLE_ANSWER_SECONDS = 20.0
UPLOAD_SECONDS = 30.0
MAX_ANSWER_BYTES = 8 * 1024 * 1024
ATTEMPTS = 3
BACKOFF_SECONDS = 0.5
MAX_REDIRECTS = 3
POLICY_STOP = timedelta(hours=24)
POLICY = "policy"
_SECRET_PARAMETERS = frozenset({"access_token", "appsecret_proof"})
# Meta takes videos elsewhere ("Uploading videos with the Graph API"); where a sandbox stands there is one host only.
_FILM_HOSTS = {"graph.facebook.com": "graph-video.facebook.com"}
_NO_CONTENT = 204
_SUCCESSES = range(200, 300)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Throttle(NamedTuple):
    """Until when an account is to be left alone: altogether, by polls, and by actions."""

    all_until: datetime | None = None
    polls_until: datetime | None = None
    acts_until: datetime | None = None
    acts_code: str = ""


class ThrottleStore(Protocol):
    """Where throttles outlive the invocation."""

    def read(self, account_id: str) -> Throttle:
        """Return what holds for the account."""

    def stop(self, account_id: str, until: datetime, *, scope: Scope, code: str) -> None:
        """Leave the account alone until then."""


@dataclass(frozen=True)
class Answer:
    """What a platform answered; `headers` have lower-case names, `data` is the body's JSON object."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def success(self) -> bool:
        """Whether HTTP says that it went well; a platform may say otherwise in the body."""
        return self.status in _SUCCESSES


class Part(NamedTuple):
    """A piece of a medium as it is uploaded: `field` is what the platform calls it."""

    field: str
    content: bytes
    name: str = "part"
    type: str = "application/octet-stream"


class Dialect(Protocol):
    """How a platform speaks of failure."""

    request_id_header: str
    whole_account: bool
    """Whether a throttled call means that the whole account is throttled."""

    def failure(self, answer: Answer, now: datetime) -> PlatformError | None:
        """Return the error that the answer stands for, if any."""

    def regain(self, answer: Answer, now: datetime) -> datetime | None:
        """Return when polling may go on, when a successful answer shows that the allowance is nearly used up."""


class _OversizeError(PlatformError):
    """The answer was cut off by us: a read is of no use, a write may have been carried out."""


class PlatformHttp:
    """Calls to one platform for one account.

    Parameters
    ----------
    session
        A requests session to use; None takes the process's own, made at the first call of all.
    base_url
        Scheme, host and path that every call stands under; it pins the host.
    token
        The account's access token.
    throttle
        Where throttles are kept.
    clock
        The present.
    account_id
        Whose calls these are.
    purpose
        Polls also respect warnings that the allowance is nearly used up, actions do not.
    scheme
        How the token is shown: ``Basic`` to the addresses that give out tokens, where it is the app's own credential.
    fresh
        Reads the token anew: one that is refused may have been renewed since a warm function read it.
    sleep, jitter
        Waiting and chance, for tests.
    """

    def __init__(
        self,
        session: "requests.Session | None",
        base_url: str,
        token: str,
        throttle: ThrottleStore,
        clock: Clock,
        *,
        account_id: str,
        purpose: Purpose = "act",
        scheme: Scheme = "Bearer",
        fresh: Callable[[], str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.clock = clock
        self._session = session
        self._base = base_url.rstrip("/")
        self._token = token
        self._store = throttle
        self._account_id = account_id
        self._purpose = purpose
        self._scheme = scheme
        self._fresh = fresh
        self._sleep = sleep
        self._jitter = jitter
        self._throttle: Throttle | None = None

    def pause(self, seconds: float) -> None:
        """Wait while the platform is at work."""
        self._sleep(seconds)

    def read(self, dialect: Dialect, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Get ``base_url + path``, trying again up to three times when that may help.

        Raises
        ------
        PlatformError
            The one that the answer stands for.
        """
        query = f"?{urlencode(params)}" if params else ""
        return self._read(dialect, f"{self._base}{path}{query}")

    def follow(self, dialect: Dialect, url: str) -> Answer:
        """Get the next page under the address the platform gave, without the token it put there.

        Raises
        ------
        PlatformError
            When the address leads to another host, or the one that the answer stands for.
        """
        return self._read(dialect, self._pinned(self._base + "/", url))

    def write(
        self,
        dialect: Dialect,
        method: Literal["POST", "PUT", "DELETE"],
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        part: "Part | None" = None,
        films: bool = False,
    ) -> Answer:
        """Make one call that changes something, as a form, as JSON, or as a form with a piece of a medium.

        `films` sends it where the platform takes videos, which some have a host of their own for.

        Raises
        ------
        TimedOutError
            When it may have been carried out: no answer, half an answer, or a server's failure.
        PlatformError
            Else the one that the answer stands for.
        """
        self._heed()
        home = urlsplit(self._base)
        host = _FILM_HOSTS.get(home.netloc, home.netloc) if films else home.netloc
        url = f"{home.scheme}://{host}{home.path}{path}"
        return self._with_fresh_token(
            lambda: self._written(dialect, lambda: self._send(method, url, form=form, body=body, part=part))
        )

    def _with_fresh_token(self, call: Callable[[], Answer]) -> Answer:
        """Make a call, and once more when its token is refused and another lies there by now: nothing was done yet."""
        try:
            return call()
        except ReauthoriseError:
            token = self._fresh() if self._fresh else self._token
            if token == self._token:
                raise
            self._token = token
            return call()

    def _written(self, dialect: Dialect, send: Callable[[], Answer]) -> Answer:
        try:
            answer = send()
        except _OversizeError as error:
            raise TimedOutError(f"{error}; it may have acted: read back before trying again") from error
        if answer.status in _REDIRECTS:
            raise PlatformError(f"the platform answered a write with a redirect ({answer.status}); nothing is repeated")
        try:
            return self._judged(dialect, answer)
        except TryAgainError as error:
            # The platform heard the call and failed somewhere: what it did before that, only reading back can tell.
            raise TimedOutError(
                f"the platform failed ({answer.status}) and may have acted: read back before trying again",
                platform_code=error.platform_code,
                request_id=error.request_id,
            ) from error

    def _read(self, dialect: Dialect, url: str) -> Answer:
        self._heed()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._with_fresh_token(lambda: self._judged(dialect, self._get(url)))
            except (TryAgainError, TimedOutError) as error:
                if attempt == ATTEMPTS:
                    raise TryAgainError(
                        f"{error} (tried {ATTEMPTS} times)",
                        platform_code=error.platform_code,
                        request_id=error.request_id,
                    ) from error
                self._sleep(self._jitter() * BACKOFF_SECONDS * 2**attempt)
        raise AssertionError  # the loop returns or raises

    def _get(self, url: str) -> Answer:
        for _ in range(MAX_REDIRECTS):
            answer = self._send("GET", url)
            if answer.status not in _REDIRECTS:
                return answer
            url = self._pinned(url, answer.headers.get("location", ""))
        raise PlatformError(f"the platform redirected more than {MAX_REDIRECTS} times")

    def _pinned(self, base: str, url: str) -> str:
        target, home = urlsplit(urljoin(base, url)), urlsplit(self._base)
        if (target.scheme, target.netloc) != (home.scheme, home.netloc):
            raise PlatformError(f"the platform points to another host ({target.hostname}); it is not followed")
        query = [(k, v) for k, v in parse_qsl(target.query, keep_blank_values=True) if k not in _SECRET_PARAMETERS]
        return urlunsplit((target.scheme, target.netloc, target.path, urlencode(query), ""))

    def _heed(self) -> None:
        if self._throttle is None:
            self._throttle = self._store.read(self._account_id)
        held, now = self._throttle, self.clock()
        own = held.polls_until if self._purpose == "poll" else held.acts_until
        for until in (held.all_until, own):
            if until is None or until <= now:
                continue
            if until is held.acts_until and held.acts_code == POLICY and self._purpose == "act":
                raise PolicyBlockedError(
                    f"the platform blocked this account's actions; none is tried before {iso(until)}"
                )
            raise ThrottledError(f"{self._account_id} is throttled until {iso(until)}", until=until)

    def _judged(self, dialect: Dialect, answer: Answer) -> Answer:
        now = self.clock()
        failure = dialect.failure(answer, now)
        own: Scope = "polls" if self._purpose == "poll" else "acts"
        if isinstance(failure, ThrottledError):
            self._stop(failure.until, "all" if dialect.whole_account else own, failure.platform_code or "throttled")
        elif isinstance(failure, PolicyBlockedError):
            self._stop(now + POLICY_STOP, "acts", POLICY)
        if failure is not None:
            raise failure
        until = dialect.regain(answer, now)
        if until is not None and until > now:
            self._stop(until, "polls", "nearly")
        return _with_data(answer)

    def _stop(self, until: datetime, scope: Scope, code: str) -> None:
        self._store.stop(self._account_id, until, scope=scope, code=code)
        self._throttle = None

    def _send(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        part: "Part | None" = None,
    ) -> Answer:
        import requests  # noqa: PLC0415 -- 125 ms that only a function which calls a platform should pay

        session = self._session or _shared_session()
        headers = {
            "Authorization": f"{self._scheme} {self._token}",
            "Accept": "application/json",
            "User-Agent": "Bluelamp",
        }
        try:
            with session.request(
                method,
                url,
                data=form,
                json=body,
                files=None if part is None else {part.field: (part.name, part.content, part.type)},
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS if part is None else max(READ_SECONDS, UPLOAD_SECONDS)),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = b"".join(_bounded(response.iter_content(65536)))
                return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)
        except requests.exceptions.RequestException as error:
            if _never_sent(error):
                raise TryAgainError("the platform could not be reached; nothing was sent") from None
            # The cause is left out: requests' own messages show whole addresses.
            raise TimedOutError(
                f"no whole answer from {urlsplit(url).hostname} ({type(error).__name__}); it may have acted"
            ) from None


@cache
def _shared_session() -> "requests.Session":
    import requests  # noqa: PLC0415 -- see PlatformHttp._send

    session = requests.Session()
    # Neither a proxy of the environment nor a .netrc may see or replace the token.
    session.trust_env = False
    return session


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size, started = 0, time.monotonic()
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise _OversizeError(f"the platform's answer is larger than {MAX_ANSWER_BYTES} bytes")
        if time.monotonic() - started > WHOLE_ANSWER_SECONDS:
            raise TimedOutError("the platform's answer trickles in too slowly; it may have acted")
        yield chunk


def _never_sent(error: "requests.exceptions.RequestException") -> bool:
    import requests  # noqa: PLC0415 -- loaded already by whoever raised
    from urllib3.exceptions import NewConnectionError  # noqa: PLC0415

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _with_data(answer: Answer) -> Answer:
    if answer.status == _NO_CONTENT:
        return answer
    try:
        _, data = load(answer.body)
    except BrokenPayloadError:
        raise TimedOutError(f"the platform's answer ({answer.status}) is cut short; it may have acted") from None
    return Answer(answer.status, answer.headers, answer.body, data)
