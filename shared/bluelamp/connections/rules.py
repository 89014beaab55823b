"""Pure decisions about connections: when a token is renewed, what each end of a renewal makes of the connection."""

from __future__ import annotations

from datetime import datetime, timedelta

from bluelamp.connections.model import Connection, Over, State, Why

# Well before its end, so that a platform may be down for half an hour and nobody notices.
BEFORE_THE_END = timedelta(minutes=30)
# Longer than any function that renews or connects may live: who holds it is done, or dead.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)
# How often a platform is asked how a token stands, and how soon again when it did not say.
LOOK_EVERY, LOOK_AGAIN = timedelta(days=1), timedelta(hours=1)
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


def seen(
    connection: Connection,
    *,
    expires_at: datetime | None,
    data_until: datetime | None,
    lacks: tuple[str, ...],
    now: datetime,
) -> Connection:
    """Return the connection with what the platform said of its token; it is asked again after a day."""
    update = {
        "expires_at": expires_at,
        "data_until": data_until,
        "lacks": lacks,
        "look_at": now + LOOK_EVERY,
    }
    return connection.model_copy(update=update)


def claimed(
    old: Connection | None, account: str, *, attempt: str, now: datetime, by_person: bool = False
) -> Connection:
    """Return the connection while one renews it or connects it anew; nobody else does until the lease is over.

    That a person began it stands until it has come to an end, whoever goes on with it.
    """
    base = old or Connection(account=account, state="by_hand", rev=0)
    update = {
        "state": "renewing",
        "attempt": attempt,
        "due_at": now + LEASE,
        "by_person": by_person or (base.by_person and base.state == "renewing"),
        "doubted": base.doubted or base.state == "renewing",
        # Whoever was ending a consent and died is not at it any more.
        "consent": "to_end" if base.consent == "ending" else base.consent,
        "rev": base.rev + 1,
    }
    return base.model_copy(update=update)


def held(connection: Connection | None, now: datetime) -> bool:
    """Return whether somebody is at it at this moment."""
    if connection is None or (connection.state != "renewing" and connection.consent != "ending"):
        return False
    return connection.due_at is not None and connection.due_at > now


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


def stranded(
    claim: Connection, *, consented: bool, usable: bool, expires_at: datetime | None, now: datetime
) -> Connection:
    """Return the connection after somebody died while connecting it, and before anything was kept.

    Parameters
    ----------
    consented, expires_at
        Whether the token that still lies there was had by consent, and its end.
    usable
        Whether a token lies there that calls; none does where the account was disconnected before.
    """
    if consented and not usable:
        due = now if claim.consent == "to_end" else None
        update = {"state": "disconnected", "due_at": due, "doubted": False, "failures": 0, "rev": claim.rev + 1}
        return claim.model_copy(update=update)
    state: State = "connected" if consented else "by_hand"
    return Connection(
        account=claim.account, state=state, expires_at=expires_at, data_until=claim.data_until, lacks=claim.lacks,
        look_at=claim.look_at, rev=claim.rev + 1,
    )  # fmt: skip


def ended(old: Connection | None, account: str, *, chunk: str, now: datetime, to_end: bool = True) -> Connection:
    """Return the connection when somebody disconnected the account.

    Parameters
    ----------
    chunk
        The record of it: the platform is told of nothing that is not sealed.
    to_end
        Whether there are tokens whose consent the platform is to end, or may be.
    """
    return Connection(
        account=account,
        state="disconnected",
        due_at=now if to_end else None,
        consent="to_end" if to_end else None,
        chunk=chunk if to_end else None,
        rev=old.rev + 1 if old else 1,
    )


def ending(found: Connection, *, attempt: str, now: datetime) -> Connection:
    """Return the connection while one ends the platform's consent; nobody connects it until the lease is over."""
    update = {"consent": "ending", "attempt": attempt, "due_at": now + LEASE, "rev": found.rev + 1}
    return found.model_copy(update=update)


def end_later(claim: Connection, *, now: datetime, until: datetime | None = None, tried: bool = True) -> Connection:
    """Return the connection when the consent is to be ended later.

    Parameters
    ----------
    until
        When the platform wants to be asked again, where it said so.
    tried
        Whether the platform was asked, and did not do it; else the record is not sealed yet.
    """
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**claim.failures) if tried else timedelta()
    update = {
        "consent": "to_end",
        "due_at": max(until or now, now + pause),
        "failures": claim.failures + tried,
        "rev": claim.rev + 1,
    }
    return claim.model_copy(update=update)


def consent_over(claim: Connection, how: Over | None, said: str | None = None) -> Connection:
    """Return the connection once there is nothing more to be done about the consent.

    Parameters
    ----------
    how
        How it ended, or that it may still stand; None when there was none to end.
    said
        The code of what the platform answered in place of ending it.
    """
    update = {"consent": how, "said": said, "due_at": None, "chunk": None, "failures": 0, "rev": claim.rev + 1}
    return claim.model_copy(update=update)


def in_vain(connection: Connection) -> bool:
    """Return whether the platform refused a token that it had only just given."""
    refused, renewed = connection.refused_at, connection.renewed_at
    return refused is not None and renewed is not None and timedelta() <= refused - renewed < YOUNG


def _due(expires_at: datetime | None, now: datetime) -> datetime | None:
    """Return when to renew: half an hour before the end, and no earlier than at half of its life."""
    if expires_at is None:
        return None
    return max(expires_at - BEFORE_THE_END, now + (expires_at - now) / 2)
