"""Takes the platforms' webhooks. Woken by API Gateway: GET for a platform's handshake, POST for what it has to say.

Plain ``logging`` instead of Powertools: this function starts for every burst of webhooks, and what it does not import
it need not start. No body, address or header is logged.
"""

import base64
import binascii
import json
import logging
from collections.abc import Mapping
from typing import Any

from bluelamp import wiring
from bluelamp.cloud.secrets import SecretMissingError
from bluelamp.errors import BluelampError, NotFoundError, SignatureError, TooLargeError

log = logging.getLogger("bluelamp.receive")
log.setLevel(logging.INFO)

_STATUS: dict[str, Mapping[type[BluelampError], int]] = {
    "GET": {NotFoundError: 404, SignatureError: 403},
    "POST": {NotFoundError: 404, TooLargeError: 413, SignatureError: 401},
}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request."""
    method = event["httpMethod"]
    platform = (event.get("pathParameters") or {}).get("platform", "")
    if method not in _STATUS:
        wiring.receiver().refuse_method(platform)
        return _answer(405, {"code": "bad_method"}, {"Allow": "GET, POST"})
    try:
        if method == "GET":
            query = event.get("queryStringParameters") or {}
            shake = wiring.receiver().handshake(platform, query)
            return _plain(200, shake.body, shake.content_type)
        received = wiring.receiver().receive(platform, raw_body(event), _headers(event))
    except SecretMissingError:
        # Ours to mend, so the platform is asked to come again: it does, for hours.
        log.exception("webhook not taken: the platform's secret is not there")
        return _answer(503, {"code": SecretMissingError.code})
    except (NotFoundError, TooLargeError, SignatureError) as error:
        status = next(status for kind, status in _STATUS[method].items() if isinstance(error, kind))
        log.warning("webhook refused: %s", error.code)
        return _answer(status, {"code": error.code})
    log.info("webhook received: %s%s", received.key, " (broken JSON)" if received.broken else "")
    return _answer(200, {"received": True})


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Return the bytes that the platform signed."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error:
            return b""  # signed by nobody, so refused as such
    return str(body).encode("utf-8", "surrogatepass")


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _answer(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return _plain(status, json.dumps(body), "application/json", headers)


def _plain(status: int, body: str, content_type: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    safe = {"Content-Type": content_type, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return {"statusCode": status, "headers": {**safe, **(headers or {})}, "body": body, "isBase64Encoded": False}
