"""What a witness answers over HTTP: the one table of the statuses that C2SP tlog-witness gives to its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.anchors.witness import (
    BusyError,
    InconsistentError,
    LogNotWitnessedError,
    MalformedRequestError,
    NotSignedByLogError,
    OldSizeError,
    WitnessError,
)

if TYPE_CHECKING:
    from bluelamp.anchors.witness import Witness

TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
INCONSISTENT = 422
STATUS: dict[type[WitnessError], int] = {
    MalformedRequestError: 400,
    NotSignedByLogError: 403,
    LogNotWitnessedError: 404,
    OldSizeError: 409,
    InconsistentError: INCONSISTENT,
    BusyError: 503,
}


def answer(witness: Witness, body: bytes) -> tuple[int, str, bytes]:
    """Answer ``add-checkpoint``: status, media type and body."""
    try:
        return 200, TEXT, witness.add_checkpoint(body)
    except OldSizeError as error:
        return STATUS[OldSizeError], SIZE, b"%d\n" % error.size
    except WitnessError as error:
        return STATUS[type(error)], TEXT, f"{error}\n".encode()
