"""The record of connections: who connected and disconnected an account, and that a renewal failed for good.

Renewals that succeed are counted, not recorded: each account has a dozen a day, and none changes who may do what.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bluelamp.audit.leaf import Actor, Change, Leaf, Obj, Op, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError, Write
from bluelamp.connections.model import Connection, Over, State
from bluelamp.connections.store import ConnectionStore

CONSENT_ENDED = "consent_ended"


def leaf(
    verb: str,
    account: str,
    *,
    at: datetime,
    actor: Actor,
    to: State | Over | None = None,
    error: str | None = None,
) -> Leaf:
    """Return the leaf of a step; it names the account's secret and never what lies in it.

    Parameters
    ----------
    verb
        ``token_asked``, ``token_set``, ``token_renew``, ``token_removed`` or ``consent_ended``.
    to
        How the connection, or the platform's consent, stands afterwards, where the step changed that.
    error
        Why it failed.
    """
    return draft(
        type="key",
        at=at,
        actor=actor,
        account=account,
        obj=Obj(kind="secret", key=f"account/{account}"),
        change=Change(field="consent" if verb == CONSENT_ENDED else "token", to=to) if to else None,
        op=Op(verb=verb, error=error),
    )


def commit(store: ConnectionStore, new: Connection | None, record: Leaf | None, also: Iterable[Write] = ()) -> None:
    """Write a connection and the leaf that tells of it in one transaction.

    Raises
    ------
    ConditionFailedError
        When somebody changed the connection first, or is about to at this moment; nothing was written.
    """
    writes: list[Write] = [store.saved(new)] if new else []
    if record:
        writes.append(Chunk.of([record]).put())
    try:
        store.table.transact([*writes, *also])
    except ContentionError:
        # Whoever holds it is first, as who has changed it already is; what is left to do is found by the next run.
        raise ConditionFailedError({}) from None
