"""The client of the command line over the routes in memory: its own reading of answers and refusals, no network."""

from __future__ import annotations

from typing import Any

import requests

from bluelamp.cli.desk import answered


class Client:
    """The API as somebody of a role. `asked` has the method, path and body of each request."""

    def __init__(self, world: Any, role: str, asked: list[tuple[str, str, Any]] | None = None) -> None:
        self._world, self._role = world, role
        self.asked = [] if asked is None else asked

    def _answer(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        self.asked.append((method, path, sent.get("body")))
        got = self._world.call(method, path, by=self._role, **sent)
        answer = requests.Response()
        answer.status_code = got.status
        answer._content = got.body.encode()
        answer.request = requests.Request(method, f"https://lamp.example/api{path}").prepare()
        return answered(answer)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._answer("GET", path, query={name: str(value) for name, value in query.items()} or None)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> dict[str, Any]:
        return self._answer("POST", path, body=body or {}, key=key)

    def put(self, path: str, body: Any) -> dict[str, Any]:
        return self._answer("PUT", path, body=body)

    def delete(self, path: str, **query: Any) -> dict[str, Any]:
        return self._answer("DELETE", path, query=query or None)
