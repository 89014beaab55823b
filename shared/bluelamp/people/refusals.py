"""Every refusal is kept: with a leaf when we know whom we refused, as a count when we do not."""

from collections.abc import Callable

from bluelamp.audit.leaf import Obj, Op, Reason, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import Table
from bluelamp.people.model import Principal
from bluelamp.people.store import RefusalCounts
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.times import Clock, utc_now


class Refusals:
    """Writes `denied` leaves, and counts those refused without a name.

    Parameters
    ----------
    table
        The deployment's table.
    pseudonyms
        Names in the leaf the post that was asked for: the requester may have made the id up, so nothing
        of it stands there in clear.
    wake
        Has the outbox sealed now.
    clock
        The present.
    """

    def __init__(
        self, table: Table, pseudonyms: Pseudonyms, *, wake: Callable[[], None], clock: Clock = utc_now
    ) -> None:
        self._table = table
        self._pseudonyms = pseudonyms
        self._counts = RefusalCounts(table, clock)
        self._wake = wake
        self._clock = clock

    def record(
        self,
        principal: Principal,
        *,
        reason: str,
        verb: str,
        account: str | None = None,
        post_id: str | None = None,
        correlation: str | None = None,
    ) -> None:
        """Write the leaf of one refusal.

        Parameters
        ----------
        reason
            Coded: ``out_of_scope``, ``role``, ``account_policy`` …
        verb
            What was asked for, by the name of the use case.
        account
            On which account, when that is known.
        post_id
            The post id in the request, kept as ``HMAC("bluelamp:" + post id)``.
        correlation
            The id of the request.
        """
        obj = None
        if post_id:
            key = self._pseudonyms.post("bluelamp", post_id)
            obj = Obj(kind="asked_post", key=key, hmac_key=self._pseudonyms.key_id)
        leaf = draft(
            type="denied",
            at=self._clock(),
            actor=principal.actor(),
            account=account,
            obj=obj,
            reason=Reason(code=reason),
            op=Op(verb=verb),
            correlation=correlation,
        )
        self._table.write(Chunk.of([leaf]).put())
        self._wake()

    def count(self, source: str) -> None:
        """Count the refusal of somebody we do not know, e.g. ``api.no_credential``."""
        self._counts.add(source)
