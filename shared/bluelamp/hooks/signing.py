"""Signing what goes out, as the Standard Webhooks specification has it, so that any of its libraries can check it.

`webhook-id`, `webhook-timestamp` and the body, joined by full stops, under HMAC-SHA256; the header `webhook-signature`
holds one ``v1,<base64>`` for each secret that counts. The secrets of all hooks are made from one key of the deployment
by HKDF (RFC 5869), so none of them is stored, and whoever reads the table learns none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "whsec_"
_BYTES = 32


def secret(key: bytes, hook_id: str, generation: int) -> bytes:
    """Return the secret of a hook: 32 bytes that nobody derives without the deployment's key."""
    info = f"bluelamp/hook/{hook_id}/{generation}".encode()
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=info).derive(key)


def shown(value: bytes) -> str:
    """Return a secret as the receiving side enters it: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(value).decode()


def headers(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers that let the other side check who sent a body, and when."""
    moment = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), moment.encode(), body))
    marks = [base64.b64encode(hmac.new(one, signed, hashlib.sha256).digest()).decode() for one in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
