"""What AWS says when it does not send a message, in one word: its text might name an address or a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from bluelamp.errors import BluelampError

_THROTTLED: Final = frozenset(
    {"TooManyRequestsException", "Throttling", "ThrottlingException", "ThrottledException", "LimitExceededException"}
)
# The account may not send for now, or AWS is unwell: nothing is wrong with the message.
_UNWELL: Final = frozenset({"InternalServerErrorException", "InternalError", "InternalFailure", "ServiceUnavailable"})
_PAUSED: Final = frozenset({"AccountSuspendedException", "SendingPausedException", "KMSThrottlingException"})
_SERVER_ERROR: Final = 500


class NotSentError(BluelampError):
    """AWS did not take a message; `why` is its code, `wait` whether it may be tried again.

    Attributes
    ----------
    why
        The code, in lower case with underscores.
    wait, throttled
        Whether another attempt may help, and whether it was too much at once.
    """

    code = "not_sent"

    def __init__(self, why: str, *, wait: bool, throttled: bool = False) -> None:
        super().__init__(f"AWS did not take the message: {why}")
        self.why = why
        self.wait = wait
        self.throttled = throttled


@contextmanager
def told_apart() -> Iterator[None]:
    """Turn what boto3 raises into `NotSentError`."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

    try:
        yield
    except ClientError as error:
        answer: Any = error.response
        code = str(answer.get("Error", {}).get("Code") or "unknown")
        status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
        throttled = code in _THROTTLED
        wait = throttled or code in _UNWELL | _PAUSED or status >= _SERVER_ERROR
        raise NotSentError(_word(code), wait=wait, throttled=throttled) from None
    except BotoCoreError as error:
        raise NotSentError(_word(type(error).__name__), wait=True) from None


def _word(code: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).lower()
    return re.sub(r"[^a-z0-9_.-]", "_", spaced)[:48] or "unknown"
