"""Text messages and pushes to telephones through SNS."""

from __future__ import annotations

from typing import Any

from bluelamp.cloud.sending import told_apart

# What an alert of a police force is: delivered before advertising.
_KIND = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}


class Phones:
    """Publishes to a number, or to the endpoint of one device.

    Parameters
    ----------
    client
        A boto3 client of SNS.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def sms(self, number: str, text: str) -> None:
        """Send a text message.

        Raises
        ------
        NotSentError
            When SNS did not take it.
        """
        with told_apart():
            self._client.publish(PhoneNumber=number, Message=text, MessageAttributes=_KIND)

    def push(self, endpoint: str, text: str) -> None:
        """Push to a device.

        Raises
        ------
        NotSentError
            When SNS did not take it.
        """
        with told_apart():
            self._client.publish(TargetArn=endpoint, Message=text)
