"""What can go wrong on a developer's machine, each with its way out."""

from typing import ClassVar

from bluelamp.errors import BluelampError


class LocalError(BluelampError):
    """The local stack cannot start or go on.

    Parameters
    ----------
    message
        One line: what happened.
    way_out
        One line: what to do about it.
    """

    code: ClassVar[str] = "local"

    def __init__(self, message: str, *, way_out: str) -> None:
        super().__init__(message)
        self.way_out = way_out


class StateError(LocalError):
    """The state folder is in use, unreadable, half-written or of another version."""

    code = "local_state"


class InUseError(StateError):
    """Another process uses the state folder."""

    code = "local_in_use"


class MachineError(LocalError):
    """The machine itself lacks what Bluelamp needs."""

    code = "local_machine"


class ToolMissingError(LocalError):
    """A program that the stack is made of is not there."""

    code = "local_tool"


class PortTakenError(LocalError):
    """The port asked for is in use by somebody else."""

    code = "local_port"


class ChildError(LocalError):
    """A program that the stack is made of did not start, or ended by itself."""

    code = "local_child"


class EvidenceUnsafeError(LocalError):
    """The evidence bucket let something be deleted or weakened: nothing may be sealed in it."""

    code = "evidence_unsafe"
