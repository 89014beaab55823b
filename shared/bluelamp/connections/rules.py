"""Pure decisions about connections: when a token is renewed, what each end of a renewal makes of the connection."""

from __future__ import annotations

from datetime import datetime, timedelta

from bluelamp.connections.model import Connection, State, Why

# Well before its end, so that a platform may be down for half an hour and nobody notices.
BEFORE_THE_END = timedelta(minutes=30)
# Longer than any function that renews or connects may live: who holds it is done, or dead.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)
# A token that is refused so soon after it was made is not refused for its age: another would fare no better.
YOUNG = timedelta(minutes=10)


def connected(
    old: Connection | None, account: str, *, attempt: str, expires_at: datetime | None, renews: bool, now: datetime
) -> Connection:
    """Return the connection once its new tokens are kept, by consent or by renewal.

    Parameters
    ----------
    renews
        Whether a token came along that renews this one.
    """
    return Connection(
        account=account,
        state="connected",
        expires_at=expires_at,
        due_at=_due(expires_at, now) if renews else None,
        renewed_at=now,
        attempt=attempt,
        rev=old.rev + 1 if old else 1,
    )


def claimed(old: Connection | None, account: str, *, attempt: str, now: datetime) -> Connection:
    """Return the connection while one renews it or connects it anew; nobody else does until the lease is over."""
    base = old or Connection(account=account, state="by_hand", rev=0)
    update = {
        "state": "renewing",
        "attempt": attempt,
        "due_at": now + LEASE,
        "doubted": base.doubted or base.state == "renewing",
        "rev": base.rev + 1,
    }
    return base.model_copy(update=update)


def held(connection: Connection | None, now: datetime) -> bool:
    """Return whether somebody is at it at this moment."""
    return bool(
        connection and connection.state == "renewing" and connection.due_at is not None and connection.due_at > now
    )


def put_off(claim: Connection, *, now: datetime, until: datetime | None = None, doubted: bool = False) -> Connection:
    """Return the connection after a renewal that failed for now: it is tried again, each time after a longer pause."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(claim.failures, 10))
    update = {
        "state": "connected",
        "due_at": max(until or now, now + pause),
        "failures": claim.failures + 1,
        "doubted": claim.doubted or doubted,
        "rev": claim.rev + 1,
    }
    return claim.model_copy(update=update)


def given_up(claim: Connection, why: Why) -> Connection:
    """Return the connection when only a person can help."""
    return claim.model_copy(update={"state": "reconnect", "due_at": None, "why": why, "rev": claim.rev + 1})


def left_alone(claim: Connection, old: Connection | None) -> Connection:
    """Return the connection as it was before a claim that came to nothing."""
    was = old or Connection(account=claim.account, state="by_hand")
    return was.model_copy(update={"rev": claim.rev + 1})


def stranded(claim: Connection, *, consented: bool, expires_at: datetime | None) -> Connection:
    """Return the connection after somebody died while connecting it, and before anything was kept.

    Parameters
    ----------
    consented, expires_at
        Whether the token that still lies there was had by consent, and its end.
    """
    state: State = "connected" if consented else "by_hand"
    return Connection(account=claim.account, state=state, expires_at=expires_at, rev=claim.rev + 1)


def ended(old: Connection) -> Connection:
    """Return the connection when somebody disconnected the account."""
    return Connection(account=old.account, state="disconnected", rev=old.rev + 1)


def in_vain(connection: Connection) -> bool:
    """Return whether the platform refused a token that it had only just given."""
    refused, renewed = connection.refused_at, connection.renewed_at
    return refused is not None and renewed is not None and timedelta() <= refused - renewed < YOUNG


def _due(expires_at: datetime | None, now: datetime) -> datetime | None:
    """Return when to renew: half an hour before the end, and no earlier than at half of its life."""
    if expires_at is None:
        return None
    return max(expires_at - BEFORE_THE_END, now + (expires_at - now) / 2)
