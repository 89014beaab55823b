"""An account that is archived is disconnected by the same transaction: archived and still connected is never seen.

Nothing of the secret store can be part of a transaction. So the tokens go, and the platform is told, by whoever does
what is due (`bluelamp.connections.ending`), within a minute; until then an archived account reads and sends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.audit.outbox import Chunk
from bluelamp.connections import rules
from bluelamp.connections.recording import leaf
from bluelamp.errors import ConflictError

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.audit.leaf import Actor
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.connections.store import ConnectionStore


class Leaving:
    """Gives the writes that disconnect an account, for the transaction of whoever archives it.

    Parameters
    ----------
    store
        Where connections are kept.
    """

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def __call__(self, account: str, actor: Actor, at: datetime) -> tuple[Put, ...]:
        """Return the connection as it stands afterwards, and the record of that; nothing for a disconnected one.

        Raises
        ------
        ConflictError
            When somebody is connecting or renewing it at this moment.
        """
        old = self._store.get(account)
        if old is not None and old.state == "disconnected":
            return ()
        if rules.held(old, at):
            raise ConflictError(
                f"The connection of {account} is being changed at this moment, so it cannot be archived. "
                "Try again in two minutes."
            )
        chunk = Chunk.of([leaf("token_removed", account, at=at, actor=actor, to="disconnected")])
        return self._store.saved(rules.ended(old, account, chunk=chunk.id, now=at)), chunk.put()
