"""The ways out as delivery sees them, and what can go wrong on each: wait, try again, or never again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Protocol
from urllib.parse import urlsplit

from bluelamp.cloud.sending import NotSentError
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from bluelamp.cloud.mail import Mail
    from bluelamp.cloud.phone import Phones
    from bluelamp.notices.model import Channel, Message

TEAMS_HOSTS: Final = (".webhook.office.com", ".logic.azure.com")
TEAMS_SECONDS: Final = 5.0


class SendingError(BluelampError):
    """A message did not go out. `code` says why and is what is kept of it; an answer's text might name an address."""

    code: ClassVar[str] = "sending"

    def __init__(self, why: str) -> None:
        super().__init__(f"the message did not go out: {why}")
        self.why = why


class ThrottledError(SendingError):
    """Too many at once: later."""


class TemporaryError(SendingError):
    """The other side is unwell, or nobody answered: later."""


class PermanentError(SendingError):
    """It will never go out so: a wrong address, or something that is not set up."""


class Sender(Protocol):
    """One way out."""

    def send(self, message: Message) -> None:
        """Send, or raise ThrottledError, TemporaryError or PermanentError."""


Senders = Mapping["Channel", Sender]


class ByMail:
    """E-mail."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def send(self, message: Message) -> None:
        """Send the sentences and the link."""
        _told_apart(lambda: self._mail.send(message.to, message.subject, f"{message.text}\n\n{message.link}\n"))


class BySms:
    """A text message: the subject and the link, for each part of 160 characters is paid for."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def send(self, message: Message) -> None:
        """Send the subject and the link."""
        _told_apart(lambda: self._phones.sms(message.to, f"{message.subject}: {message.link}"))


class ByPush:
    """A push to one device: the subject alone; the device's app opens the page."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def send(self, message: Message) -> None:
        """Send the subject."""
        _told_apart(lambda: self._phones.push(message.to, message.subject))


def _told_apart(call: Callable[[], None]) -> None:
    try:
        call()
    except NotSentError as error:
        if error.throttled:
            raise ThrottledError(error.why) from None
        raise (TemporaryError if error.wait else PermanentError)(error.why) from None


class Teams:
    """Posts a card to the force's room in Microsoft Teams, by an incoming webhook or a workflow's address.

    Parameters
    ----------
    url
        Returns the address, which is a secret: whoever has it may post.
    allowed
        Whether an address may be posted to; a test lets in its own server.
    """

    def __init__(self, url: Callable[[], str], *, allowed: Callable[[str], bool] | None = None) -> None:
        self._url = url
        self._allowed = allowed or _of_teams

    def send(self, message: Message) -> None:
        """Post one card. Redirects are not followed: the address would leave the list of those allowed."""
        import requests  # noqa: PLC0415 -- a function without Teams does not pay for it

        url = self._url()
        if not self._allowed(url):
            raise PermanentError("address_not_allowed")
        try:
            with requests.Session() as session:
                # Neither a proxy of the environment nor a .netrc has a say in where notices go.
                session.trust_env = False
                with session.post(
                    url,
                    data=json.dumps(card(message)).encode(),
                    headers={"Content-Type": "application/json", "User-Agent": "Bluelamp"},
                    timeout=TEAMS_SECONDS,
                    allow_redirects=False,
                    stream=True,  # what is answered is of no use: it is not read
                ) as response:
                    status = response.status_code
        except requests.exceptions.RequestException as error:
            # Without the cause: its text holds the address.
            raise TemporaryError(f"no_answer_{type(error).__name__.lower()}"[:64]) from None
        judge(status)


def card(message: Message) -> dict[str, object]:
    """Return the Adaptive Card of a message, as both kinds of webhook take it."""
    body = [
        {"type": "TextBlock", "text": message.subject, "weight": "bolder", "size": "medium", "wrap": True},
        {"type": "TextBlock", "text": message.text, "wrap": True},
    ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open Bluelamp", "url": message.link}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _of_teams(url: str) -> bool:
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        return False
    host = address.hostname or ""
    return address.scheme == "https" and port in {None, 443} and not address.username and host.endswith(TEAMS_HOSTS)


def judge(status: int) -> None:
    """Raise what an HTTP status means for a message: nothing, later, or never."""
    if status == 429:  # noqa: PLR2004 -- the status itself says it
        raise ThrottledError("http_429")
    if status >= 500 or status == 408:  # noqa: PLR2004
        raise TemporaryError(f"http_{status}")
    if not 200 <= status < 300:  # noqa: PLR2004
        raise PermanentError(f"http_{status}")
