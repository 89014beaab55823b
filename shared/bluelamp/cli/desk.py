"""An officer without a browser: signs in through the same pages, calls the same API, hears the same live events.

The demonstration and the tests of the deployed stack use it; nothing in it knows more than the page does.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any, Self
from urllib.parse import urljoin

import requests
from websockets.sync.client import connect

from bluelamp.cli.local.front_signin import STEP_SECONDS, one_time_code
from bluelamp.errors import BluelampError
from bluelamp.ids import new_ulid

TIMEOUT = 30
FORMS = 6


class DeskError(BluelampError):
    """The stack did not do what an officer may expect of it; the text says at which step.

    Parameters
    ----------
    message
        For the person.
    instead
        What the API says could be done in place of what it refused, as verbs, the nearest first.
    """

    code = "desk"

    def __init__(self, message: str, *, instead: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.instead = instead


class Desk:
    """One signed-in officer.

    Parameters
    ----------
    origin
        Address of the page, without a slash at the end.
    user
        `username`, `password` and, for those with a second factor, `totp_secret`.
    """

    def __init__(self, origin: str, user: Mapping[str, str]) -> None:
        self.origin = origin.rstrip("/")
        self._user = user
        self._http = requests.Session()

    def sign_in(self) -> Self:
        """Go through the hosted sign-in as a browser does, one-time code and all.

        Raises
        ------
        DeskError
            When the way does not end on our page with a session.
        """
        status = self._through_the_forms()
        if status is not None and "totp_secret" in self._user:
            # A code is good once: whoever signed in with it a moment ago has to wait for the next.
            time.sleep(STEP_SECONDS - time.time() % STEP_SECONDS)
            status = self._through_the_forms()
        if status is not None:
            raise DeskError(f"{self._user['username']} could not sign in: the last page answered {status}")
        return self

    def _through_the_forms(self) -> int | None:
        """Fill in what is asked for; return None when that opens a session, else the last page's status."""
        answer = self._http.get(f"{self.origin}/api/auth/login", timeout=TIMEOUT)
        for _ in range(FORMS):
            form = _form(answer.text)
            if form is None:
                break
            action, fields = form
            answer = self._http.post(urljoin(answer.url, action), data=fields | self._typed(fields), timeout=TIMEOUT)
        me = self._http.get(f"{self.origin}/api/me", timeout=TIMEOUT)
        return None if me.ok else answer.status_code

    def _typed(self, fields: Mapping[str, str]) -> dict[str, str]:
        if "password" in fields:
            return {"username": self._user["username"], "password": self._user["password"]}
        return {"code": one_time_code(self._user["totp_secret"], time.time())}

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """GET from the API; raise `DeskError` with the problem it names."""
        return answered(self._http.get(f"{self.origin}/api{path}", params=query, timeout=TIMEOUT))

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> dict[str, Any]:
        """POST to the API as the page does: with its header, its origin and a key that makes a repeat harmless."""
        return answered(self.try_post(path, body, key=key))

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """PUT to the API as `post` does."""
        headers = {"X-Bluelamp": "1", "Origin": self.origin, "Idempotency-Key": new_ulid()}
        sent = self._http.put(f"{self.origin}/api{path}", json=dict(body), headers=headers, timeout=TIMEOUT)
        return answered(sent)

    def delete(self, path: str, **query: Any) -> dict[str, Any]:
        """DELETE on the API as `post` does."""
        headers = {"X-Bluelamp": "1", "Origin": self.origin, "Idempotency-Key": new_ulid()}
        return answered(self._http.delete(f"{self.origin}/api{path}", params=query, headers=headers, timeout=TIMEOUT))

    def try_post(
        self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> requests.Response:
        """POST, and return the answer whatever it is."""
        headers = {"X-Bluelamp": "1", "Origin": self.origin, "Idempotency-Key": key or new_ulid()}
        return self._http.post(f"{self.origin}/api{path}", json=dict(body or {}), headers=headers, timeout=TIMEOUT)

    def try_get(self, path: str) -> requests.Response:
        """GET, and return the answer whatever it is."""
        return self._http.get(f"{self.origin}/api{path}", timeout=TIMEOUT)

    def listen(self) -> Listener:
        """Open the page's WebSocket."""
        ticket = self.post("/live/ticket")
        return Listener(f"{ticket['url']}?ticket={ticket['ticket']}")


class Listener:
    """Hears live events in the background, and remembers when each post was first seen in each revision."""

    def __init__(self, url: str) -> None:
        self._socket = connect(url, open_timeout=TIMEOUT, max_size=2**20)
        self._heard: list[tuple[float, dict[str, Any]]] = []
        self._news = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for message in self._socket:
            event = json.loads(message)
            with self._news:
                self._heard.extend((time.time(), post) for post in event.get("posts", ()))
                self._news.notify_all()

    def wait(
        self, wanted: Callable[[dict[str, Any]], bool], *, seconds: float = TIMEOUT
    ) -> tuple[float, dict[str, Any]]:
        """Return the first post heard that is wanted, and when it was heard (seconds since 1970).

        Raises
        ------
        DeskError
            When none came in time.
        """
        end = time.monotonic() + seconds
        with self._news:
            while True:
                for at, post in self._heard:
                    if wanted(post):
                        return at, post
                if not self._news.wait(max(0.0, end - time.monotonic())):
                    raise DeskError(f"nothing of that kind came over the WebSocket within {seconds:.0f} s")

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def answered(answer: requests.Response) -> dict[str, Any]:
    """Return what the API answered; raise `DeskError` with the problem that it names."""
    if answer.ok:
        body: dict[str, Any] = answer.json() if answer.content else {}
        return body
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    what = problem.get("detail") or problem.get("title") or answer.text[:200]
    where = f"{answer.request.method} {answer.request.path_url.split('?')[0]}"
    raise DeskError(f"{where} answered {answer.status_code}: {what}", instead=tuple(problem.get("instead") or ()))


def _form(page: str) -> tuple[str, dict[str, str]] | None:
    """Return the action and the fields of a page's first form, or None when it has none."""
    form = re.search(r"<form\b([^>]*)>(.*?)</form>", page, flags=re.DOTALL | re.IGNORECASE)
    if form is None:
        return None
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", form[2], flags=re.IGNORECASE):
        name = _attribute(tag, "name")
        if name:
            fields[name] = _attribute(tag, "value")
    return _attribute(form[1], "action"), fields


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\b{name}\s*=\s*["']([^"']*)["']""", tag, flags=re.IGNORECASE)
    return unescape(found[1]) if found else ""
