"""Has each function of the way from a post to the platform start a worker before anybody waits for one.

The embedded cloud starts a worker for a function's first event, and that takes a second or two. A post goes through
seven functions, so the first one after a start would wait for seven workers, one after the other. Here they start while
people and accounts are loaded, each by an event that changes nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from bluelamp.times import iso

# Nobody waits for what the schedule wakes, for a disposal, a bulk job or a publication; a bag takes longer than a start
# anyway; the witness is deployed elsewhere.
LEFT_ALONE = frozenset({"poll", "tick", "notify", "anchor", "witness", "export", "dispose", "incident", "publish"})
# The embedded cloud unpacks one worker's layers after the other; meanwhile another worker can import what it unpacked.
SIDE_BY_SIDE = 2


def events(verify_token: str) -> dict[str, dict[str, Any]]:
    """Return an event for each function: one that it takes, and that leaves nothing behind.

    Parameters
    ----------
    verify_token
        What Facebook and we agreed for the handshake.
    """
    handshake = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": "1"}
    nothing = {
        "v": 1,
        "platform": "facebook",
        "source": "webhook",
        "key": "facebook/nothing",
        "received_at": iso(datetime.now(UTC)),
        "inline": base64.b64encode(b'{"object":"page","entry":[]}').decode(),
    }
    return {
        "receive": {
            "httpMethod": "GET",
            "pathParameters": {"platform": "facebook"},
            "queryStringParameters": handshake,
        },
        "ingest": _message(nothing),
        # Names no post, so that nothing is fetched.
        "keep": _message({"post_id": "none"}),
        "moderate": {"Records": []},
        # Asks for the way to the sign-in: what a browser needs first.
        "api": {"httpMethod": "GET", "path": "/auth/login", "requestContext": {"resourcePath": "/auth/login"}},
        # Seals what waits, as it does each minute.
        "seal": {},
        # Names no action, so that nothing is called.
        "act": _message({"post_id": "none", "action_id": "none", "seq": 0, "year": 0}),
        "live": {"Records": []},
    }


def _message(body: Mapping[str, Any]) -> dict[str, Any]:
    # Received often already: nothing is to bring it again.
    often = {"ApproximateReceiveCount": "9"}
    return {
        "Records": [{"messageId": "warming", "eventSource": "aws:sqs", "attributes": often, "body": json.dumps(body)}]
    }


class Warming:
    """Sends each function its event, in the background.

    Parameters
    ----------
    client
        A Lambda client of the embedded cloud.
    stack
        The stack's name, with which the functions' names begin.
    wanted
        The event of each function, by verb.
    """

    def __init__(self, client: Any, stack: str, wanted: Mapping[str, Mapping[str, Any]]) -> None:
        self._client = client
        self._stack = stack
        self._wanted = wanted
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="warming")
        self._failures: dict[str, str] = {}

    def start(self) -> None:
        """Begin."""
        for verb, event in self._wanted.items():
            self._pool.submit(self._wake, verb, event)

    def finish(self) -> dict[str, str]:
        """Wait for all; return what went wrong, by verb. It stops nobody: the first real event tries again."""
        self._pool.shutdown()
        return dict(sorted(self._failures.items()))

    def stop(self) -> None:
        """Leave out those that have not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _wake(self, verb: str, event: Mapping[str, Any]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see ministack.client

        try:
            answer = self._client.invoke(FunctionName=f"{self._stack}-{verb}", Payload=json.dumps(event).encode())
        except (BotoCoreError, ClientError) as error:
            self._failures[verb] = str(error)
            return
        if "FunctionError" in answer:
            said = json.loads(answer["Payload"].read())
            self._failures[verb] = f"{said.get('errorType', 'error')}: {said.get('errorMessage', '')}"
