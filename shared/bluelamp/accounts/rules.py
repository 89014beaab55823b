"""Pure decisions about accounts: what a change makes of one, what the record says of it, and whether it may send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from bluelamp.accounts.model import POLICY_ACTS, Account, AccountHealth, AccountStatus, Officer
from bluelamp.audit.leaf import Standing
from bluelamp.errors import ConflictError
from bluelamp.times import iso

# A minute lies between two polls; who was not read for so long has a gap that a person should know of.
OVERDUE = timedelta(minutes=10)
# The fields that a change can name, in the order in which a record and a message name them.
FIELDS = ("name", "handle", "kind", "team", "lead", "deputy", "status", "policy")


class Throttled(Protocol):
    """Until when a platform is left alone: altogether, by polls, by actions, and why actions are."""

    @property
    def all_until(self) -> datetime | None:
        """Return until when no call is made."""

    @property
    def polls_until(self) -> datetime | None:
        """Return until when nothing is read."""

    @property
    def acts_until(self) -> datetime | None:
        """Return until when nothing is sent."""

    @property
    def acts_code(self) -> str:
        """Return the code of why nothing is sent."""


class Heard(Protocol):
    """When an account's platform last sent something, and when and by which code it last refused the token."""

    @property
    def webhook_at(self) -> datetime | None:
        """Return when something last came by webhook."""

    @property
    def refused_at(self) -> datetime | None:
        """Return when the token was last refused."""

    @property
    def refused_by(self) -> str | None:
        """Return the code of that refusal."""


class Line(Protocol):
    """How an account's token was had, and until when it is good."""

    @property
    def state(self) -> Literal["connected", "renewing", "reconnect", "disconnected", "by_hand"]:
        """Return how the connection stands."""

    @property
    def expires_at(self) -> datetime | None:
        """Return the token's end."""

    @property
    def why(self) -> str | None:
        """Return why a person must connect it again."""

    @property
    def data_until(self) -> datetime | None:
        """Return when the platform ceases to give data."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """Return the permissions that were asked for and not given."""

    @property
    def consent(self) -> Literal["to_end", "ending", "ended", "page_left", "stands"] | None:
        """Return what became of the platform's consent."""

    @property
    def said(self) -> str | None:
        """Return with which code the platform did not end it."""


def differing(old: Account, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the fields that `wanted` would change; a lead or deputy counts by id, not by name."""

    def known(value: Any) -> Any:
        return value.id if isinstance(value, Officer) else value

    return tuple(n for n in FIELDS if n in wanted and known(wanted[n]) != known(getattr(old, n)))


def changed(old: Account, wanted: Mapping[str, Any], *, by: Officer | None, at: datetime) -> Account:
    """Return the account as a change leaves it; unchanged, with its revision, when nothing differs."""
    names = differing(old, wanted)
    if not names:
        return old
    update = {name: wanted[name] for name in names}
    if "status" in update:
        update["since"] = at
    return old.model_copy(update=update | {"changed_at": at, "changed_by": by, "rev": old.rev + 1})


def registration(account: Account, changed_fields: tuple[str, ...]) -> Standing:
    """Return what the record says of an account: ids and codes of how it stands now, and which fields changed."""
    policy = account.policy
    return Standing(
        rev=account.rev,
        changed=changed_fields,
        kind=account.kind,
        team=account.team,
        status=account.status,
        lead=account.lead.id if account.lead else None,
        deputy=account.deputy.id if account.deputy else None,
        may={act: policy.may(act) for act in POLICY_ACTS},
        approval={act: approver for act in POLICY_ACTS if (approver := policy.approver(act))},
    )


def require_status(account: Account, status: AccountStatus) -> None:
    """Refuse to give an account the status that it has.

    Raises
    ------
    ConflictError
        When it has it.
    """
    if account.status == status:
        raise ConflictError(f"{account.id} is {status} already.", rev=account.rev, by=name_of(account))


def overtaken(now: Account, wanted: Mapping[str, Any]) -> ConflictError:
    """Return the error for a change of an account that somebody else changed first: it tells what is there now."""
    there = [f"{name} is {shown(getattr(now, name))}" for name in differing(now, wanted)]
    what = f" There now: {'; '.join(there)}." if there else ""
    return ConflictError(
        f"{now.id} has changed since you looked; nothing of yours was written.{what} Look at it, and change it again.",
        rev=now.rev,
        by=name_of(now),
    )


def name_of(account: Account) -> str | None:
    """Return the name of whoever changed the account last, when that is known."""
    return account.changed_by.name if account.changed_by else None


def shown(value: Any) -> str:
    """Return a field's value as a message shows it."""
    if isinstance(value, Officer):
        return value.name
    if hasattr(value, "model_dump"):
        return "; ".join(f"{k}: {' '.join(v) if isinstance(v, tuple) else v}" for k, v in value if v)
    return str(value) if value is not None else "empty"


def stopped(account: Account) -> str | None:
    """Return the code of why nothing may be sent from an account, or None."""
    return None if account.status == "active" else f"account_{account.status}"


def health(
    account: Account,
    *,
    until: datetime | None,
    lost: bool,
    throttle: Throttled,
    now: datetime,
    heard: Heard | None = None,
    line: Line | None = None,
) -> AccountHealth:
    """Return how well an account is read.

    Parameters
    ----------
    until, lost
        Up to when polls have read all there was, and whether the next reading is known not to join up with that.
    throttle
        Until when its platform is left alone.
    heard
        When its platform last sent something, and when and why it last refused the token.
    line
        How its token was had; None when it was set by hand.
    """
    refused = heard.refused_at if heard else None
    still = refused is not None and (until is None or until <= refused)
    held = [one for one in (throttle.all_until, throttle.polls_until, throttle.acts_until) if one and one > now]
    overdue = account.status == "active" and (until or account.since or now) < now - OVERDUE
    return AccountHealth(
        read_until=iso(until) if until else None,
        gap=lost or overdue,
        throttled_until=iso(max(held)) if held else None,
        throttled_by=(throttle.acts_code or "limit") if held else None,
        last_webhook_at=iso(heard.webhook_at) if heard and heard.webhook_at else None,
        token="refused" if still else "working" if until else "unknown",
        token_refused_at=iso(refused) if refused and still else None,
        token_refused_by=heard.refused_by if heard and still else None,
        connection=line.state if line else "by_hand",
        token_expires_at=iso(line.expires_at) if line and line.expires_at else None,
        reconnect=line.why if line else None,
        data_until=iso(line.data_until) if line and line.data_until else None,
        lacks=line.lacks if line else (),
        consent=line.consent if line and line.state == "disconnected" else None,
        consent_said=line.said if line and line.state == "disconnected" else None,
    )
