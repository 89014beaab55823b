"""Posting to a hook: one signed message, to a host that the deployment lists, on the public internet alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bluelamp.hooks import signing
from bluelamp.media.addresses import is_public
from bluelamp.media.errors import MediaError
from bluelamp.media.fetching import Resolve, resolve
from bluelamp.notices.channels import PermanentError, TemporaryError, judge
from bluelamp.times import Clock, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.hooks.model import Hook
    from bluelamp.media.addresses import Allowed, Target
    from bluelamp.notices.model import Message

SECONDS: Final = 5.0
# Hosts that did not answer are left alone for the rest of a run, so that one of them does not hold up everybody.
REST: Final = 60.0


class ByHook:
    """Posts messages to hooks.

    Parameters
    ----------
    hook
        Gives a hook by its id.
    key
        Gives the key that all secrets are made from.
    allowed
        The hosts that may be posted to.
    resolver
        How a name becomes addresses.
    clock, running
        The present, and what measures how long a host is left alone.
    """

    def __init__(
        self,
        hook: Callable[[str], Hook | None],
        key: Callable[[], bytes],
        allowed: Allowed,
        *,
        resolver: Resolve = resolve,
        clock: Clock = utc_now,
        running: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hook = hook
        self._key = key
        self._allowed = allowed
        self._resolve = resolver
        self._clock = clock
        self._running = running
        self._silent: dict[str, float] = {}

    def send(self, message: Message) -> None:
        """Post one message; `message.to` is the hook's id, `message.key` what the other side tells repeats by.

        Raises
        ------
        ThrottledError, TemporaryError, PermanentError
            When it was not taken; a hook that was switched off takes nothing any more.
        """
        hook = self._hook(message.to)
        if hook is None or not hook.active:
            raise PermanentError("hook_off")
        try:
            target = self._allowed.target(hook.url)
        except MediaError as error:
            raise PermanentError("address_not_allowed") from error
        if self._silent.get(target.host, 0.0) > self._running():
            raise TemporaryError("host_rests")
        self._require_public(target)
        self._post(hook, target, message)

    def _require_public(self, target: Target) -> None:
        if target.local:
            return
        try:
            found = self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise TemporaryError("name_not_known") from None
        if not found or not all(map(is_public, found)):
            raise PermanentError("address_not_public")

    def _post(self, hook: Hook, target: Target, message: Message) -> None:
        import requests  # noqa: PLC0415 -- a deployment without hooks does not pay for it

        now, body = self._clock(), message.text.encode()
        counts = [hook.generation]
        if hook.overlap_until and now < parse_iso(hook.overlap_until):
            counts.append(hook.generation - 1)
        secrets = [signing.secret(self._key(), hook.id, one) for one in counts]
        headers = signing.headers(secrets, message.key, now, body)
        headers |= {"Content-Type": "application/json", "User-Agent": "Bluelamp"}
        try:
            with requests.Session() as session:
                # Neither a proxy of the environment nor a .netrc has a say in where messages go.
                session.trust_env = False
                with session.post(
                    hook.url,
                    data=body,
                    headers=headers,
                    timeout=SECONDS,
                    allow_redirects=False,  # it would leave the list of hosts
                    stream=True,  # what is answered is of no use: it is not read
                ) as response:
                    status = response.status_code
        except requests.exceptions.RequestException as error:
            self._silent[target.host] = self._running() + REST
            # Without the cause: its text holds the address.
            raise TemporaryError(f"no_answer_{type(error).__name__.lower()}"[:64]) from None
        judge(status)
