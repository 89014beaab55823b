"""What a digest says: numbers by account, the calls that wait, and the notes that were left. No words of posts."""

from pydantic import ConfigDict

from bluelamp.calls.model import CallView
from bluelamp.models import Model
from bluelamp.roster.model import HandOver


class Frozen(Model):
    """Base of the values here."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class AccountDigest(Frozen):
    """What happened on one account since.

    `open` posts arrived and still need a person, `urgent` are those of high risk or more; `done` posts were closed, of
    which `hidden` and `deleted` were taken away.
    """

    account: str
    name: str
    team: str
    open: int = 0
    urgent: int = 0
    done: int = 0
    hidden: int = 0
    deleted: int = 0
    notes: tuple[HandOver, ...] = ()


class Digest(Frozen):
    """What happened since a moment on the accounts within reach on which anything did, the most urgent first.

    `quiet` counts the others. With `more` there was more than is counted: the figures are of the part that was read.
    """

    since: str
    until: str
    accounts: tuple[AccountDigest, ...]
    calls: tuple[CallView, ...]
    quiet: int
    more: bool
