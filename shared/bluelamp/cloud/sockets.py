"""Open WebSockets of API Gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


class Sockets:
    """Sends to connections of one WebSocket API.

    Parameters
    ----------
    client
        A boto3 client of the management API, at the stage's endpoint.
    """

    def __init__(self, client: ApiGatewayManagementApiClient) -> None:
        self._client = client

    def send(self, connection_id: str, data: bytes) -> bool:
        """Send to a connection; return False when it is gone."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=data)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"GoneException", "410"}:
                return False
            raise
        return True

    def close(self, connection_id: str) -> None:
        """Close a connection; one that is gone already is as good as closed."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in {"GoneException", "410"}:
                raise
