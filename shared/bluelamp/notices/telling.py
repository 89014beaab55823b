"""Putting a notice into the table with the change that it tells of: neither is there without the other.

Whoever changes something that people should hear of adds `told(…)` to its transaction and calls the wake of the notify
function afterwards; without that the notice goes out within a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bluelamp.cloud.dynamodb import Absent, Put
from bluelamp.ids import new_ulid
from bluelamp.notices.model import Notice, NoticeKind

# What waits to be delivered, in the order in which it came to be.
WAITING = "NOTICES"
SCHEMA = 1


def told(
    kind: NoticeKind, *, to: Iterable[str], at: datetime, about: Mapping[str, str] | None = None, urgent: bool = False
) -> Put:
    """Return the write of a notice; it belongs in the transaction of what it tells of.

    Parameters
    ----------
    to
        ``person:<id>``, ``team:<id>`` or ``role:<role>``, one at least; each person is told once.
    about
        Ids and codes alone: ``{"account": …, "post": …}``.
    urgent
        Whether it goes out at once, in quiet hours too.

    Raises
    ------
    pydantic.ValidationError
        When an id is none: a fault of the caller, not of a user.
    """
    notice = Notice(
        id=new_ulid(), kind=kind, to=tuple(dict.fromkeys(to)), about=dict(about or {}), urgent=urgent, at=at
    )
    item = {"pk": WAITING, "sk": notice.id, "schema": SCHEMA, "rev": 1, **notice.model_dump(mode="json")}
    return Put(item, Absent())
