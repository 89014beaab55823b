"""Open WebSockets of API Gateway."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

_GONE = frozenset({"GoneException", "410"})
ATTEMPTS = 2
_log = logging.getLogger(__name__)


class Sockets:
    """Sends to connections of one WebSocket API. One connection's trouble is logged and never raised.

    Parameters
    ----------
    client
        A boto3 client of the management API, at the stage's endpoint.
    """

    def __init__(self, client: ApiGatewayManagementApiClient) -> None:
        self._client = client

    def send(self, connection_id: str, data: bytes) -> bool:
        """Send to a connection; return False when it is gone, or cannot be sent to.

        A message that did not arrive is sent once more; whoever gets it twice sees by its revisions that it is known.
        When that fails too the connection is closed: its page opens another and asks for what it missed, where it
        would else wait for the next message of that account to find the gap.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

        for _ in range(ATTEMPTS):
            try:
                self._client.post_to_connection(ConnectionId=connection_id, Data=data)
            except (ClientError, BotoCoreError) as error:
                code = _code(error)
                if code in _GONE:
                    return False
                _log.warning("a message did not reach its page: %s", code)
            else:
                return True
        self.close(connection_id)
        return False

    def close(self, connection_id: str) -> None:
        """Close a connection; one that is gone already is as good as closed."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except (ClientError, BotoCoreError) as error:
            code = _code(error)
            if code not in _GONE:
                _log.warning("a page could not be closed: %s", code)


def _code(error: ClientError | BotoCoreError) -> str:
    """Return what went wrong in one word; the error's text would name the connection."""
    response = getattr(error, "response", None) or {}  # a broken connection's error has the attribute, and None in it
    return str(response.get("Error", {}).get("Code") or type(error).__name__)
