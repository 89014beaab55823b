"""The Python client of the control API, for the demonstration, the trickle and the tests."""

from typing import Any

import requests

Doc = dict[str, Any]


class ControlError(Exception):
    """The control API refused; ``status`` is HTTP's, the text is its sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ControlClient:
    """Calls a sandbox's control API.

    Examples
    --------
    >>> client = ControlClient("http://127.0.0.1:4700/_control")  # doctest: +SKIP
    >>> client.post("/facebook/comments", on=post_id, author_name="Jo", text="Thank you")  # doctest: +SKIP
    """

    def __init__(self, url: str, session: requests.Session | None = None) -> None:
        self._url = url.rstrip("/")
        self._session = session or requests.Session()

    def get(self, path: str, /, **query: str | int) -> Doc:
        """GET; return the JSON object."""
        return self._call("GET", path, params=query)

    def post(self, path: str, /, **body: Any) -> Doc:
        """POST a JSON object; return the answer's."""
        return self._call("POST", path, json=body)

    def patch(self, path: str, /, **body: Any) -> Doc:
        """PATCH with a JSON object; return the answer's."""
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> Doc:
        """DELETE; return the JSON object."""
        return self._call("DELETE", path)

    def object(self, platform: str, key: str) -> Doc:
        """Return an object's state on the platform, deleted ones too."""
        return self.get(f"/objects/{platform}/{key}")

    def publications(self, platform: str, **query: str) -> list[Doc]:
        """Return what accounts published, of these words or any, deleted ones too."""
        return list(self.get(f"/publications/{platform}", **query)["publications"])

    def calls(self, **query: str | int) -> list[Doc]:
        """Return the API calls received that match."""
        return list(self.get("/calls", **query)["calls"])

    def idle(self, timeout: float = 10.0) -> bool:
        """Wait until every webhook is delivered or given up; say whether that came to pass."""
        return bool(self.post("/idle", timeout=timeout)["idle"])

    def medium(self, name: str) -> str:
        """Return the address of a picture or video that the sandbox serves: ``name`` ends in .jpg, .png or .mp4."""
        return f"{self._url.removesuffix('/_control')}/media/{name}"

    def _call(self, method: str, path: str, **options: Any) -> Doc:
        answer = self._session.request(method, self._url + path, timeout=610, **options)
        body: Doc = answer.json()
        if not answer.ok:
            raise ControlError(answer.status_code, str(body.get("error", answer.reason)))
        return body
