"""E-mail through SES."""

from __future__ import annotations

from typing import Any

from bluelamp.cloud.sending import told_apart


class Mail:
    """Sends plain text; links are not rewritten and nobody is watched opening it, for no configuration set is named.

    Parameters
    ----------
    client
        A boto3 client of SES, version 2.
    sender
        The address that it comes from, verified with SES.
    """

    def __init__(self, client: Any, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, to: str, subject: str, text: str) -> None:
        """Send one e-mail.

        Raises
        ------
        NotSentError
            When SES did not take it.
        """
        simple = {
            "Subject": {"Data": subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
        }
        with told_apart():
            self._client.send_email(
                FromEmailAddress=self._sender, Destination={"ToAddresses": [to]}, Content={"Simple": simple}
            )
