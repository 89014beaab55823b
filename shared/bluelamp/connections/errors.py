"""What can go wrong when somebody connects an account, besides what the platforms' own errors say."""

from bluelamp.errors import ConflictError, RefusedError


class ConsentError(RefusedError):
    """A platform sent somebody back whom we did not send off, or not in this session, or too long ago."""

    code = "consent"


class NotConnectedError(ConflictError):
    """The platform gave no tokens, or they could not be kept; nothing was changed here."""

    code = "not_connected"
