"""The words of administering access: what was given for a time, open sign-ins, and why somebody was shut out."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict

from bluelamp.audit.leaf import Ref
from bluelamp.errors import InvalidInputError, RefusedError
from bluelamp.models import Model
from bluelamp.people.model import Access, Gives, PersonStatus

GrantReason = Literal["cover", "investigation", "complaint", "audit", "incident", "training"]
GlassReason = Literal["threat_to_life", "major_incident", "nobody_answers", "security"]
WithdrawReason = Literal["no_longer_needed", "given_in_error", "misuse", "person_left"]
SuspendReason = Literal["absence", "investigation", "security", "left", "other"]
GrantState = Literal["to_come", "in_force", "ended", "withdrawn"]
FileRef = Ref


class OneselfError(RefusedError):
    """Somebody wants to decide about his own access: that takes somebody else."""

    code = "oneself"


class GrantTimesError(InvalidInputError):
    """From and until make no sense, or are further apart than the force allows."""

    code = "grant_times"


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Grant(_Frozen):
    """Access to one account for a time, as stored. `head` is the digest of its last record.

    With `glass` it was taken in an emergency by the person themselves (`emergency`), and `account` may be all of them.
    """

    id: str
    person: str
    account: str
    gives: Gives
    begins_at: datetime
    ends_at: datetime
    reason: GrantReason | GlassReason
    ref: str
    by: str
    given_at: datetime
    glass: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    head: str = ""
    rev: int = 1

    @property
    def access(self) -> Access:
        """Return what of it stands with the person."""
        return Access(
            id=self.id, account=self.account, gives=self.gives, begins_at=self.begins_at, ends_at=self.ends_at
        )

    def state(self, now: datetime) -> GrantState:
        """Return how it stands."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if now < self.begins_at:
            return "to_come"
        return "in_force" if self.access.in_force(now) else "ended"


class GrantView(_Frozen):
    """Access for a time, as a page shows it; people by their ids."""

    id: str
    person: str
    account: str
    gives: Gives
    begins_at: datetime
    ends_at: datetime
    reason: GrantReason | GlassReason
    ref: str
    by: str
    given_at: datetime
    glass: bool = False
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    state: GrantState


class GrantPage(_Frozen):
    """Access given for a time, newest first."""

    grants: tuple[GrantView, ...]
    next: str | None


class SignInView(_Frozen):
    """One open sign-in. `id` names it in the record and opens nothing."""

    id: str
    kind: Literal["browser", "token"]
    since: datetime
    until: datetime
    this: bool


class SignInList(_Frozen):
    """The open sign-ins of a person, newest first."""

    sessions: tuple[SignInView, ...]


class PersonView(_Frozen):
    """What an administrator is told of somebody after a change."""

    id: str
    status: PersonStatus
    signed_out_at: datetime | None
    rev: int
