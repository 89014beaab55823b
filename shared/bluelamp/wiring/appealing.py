"""Appeals to the public: their use cases for the API, the gate that publishing asks, and the tick's reminder."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, desk, force, publishing

if TYPE_CHECKING:
    from bluelamp.appeals.gate import AppealGate
    from bluelamp.appeals.leads import LeadDesk
    from bluelamp.appeals.publications import FromPublishing
    from bluelamp.appeals.reminding import Reminding
    from bluelamp.appeals.service import Appeals

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


def appeal_gate() -> AppealGate:
    """Return what says whether the publication of an appeal may go out."""
    from bluelamp.appeals.gate import AppealGate
    from bluelamp.appeals.store import AppealStore

    return AppealGate(AppealStore(base.table()))


def publications() -> FromPublishing:
    """Return publishing, as appeals make use of it."""
    from bluelamp.appeals.publications import FromPublishing
    from bluelamp.publishing.belonging import Belonging

    return FromPublishing(publishing.publishing(), Belonging(publishing.books()))


@lru_cache(maxsize=1)
def appeals() -> Appeals:
    """Return the use cases of the appeal routes."""
    from bluelamp.appeals.service import Appeals
    from bluelamp.appeals.store import AppealStore

    return Appeals(
        AppealStore(base.table()),
        publications=publications(),
        accounts=force.accounts(),
        pseudonyms=base.pseudonyms(),
        cursors=base.cursors(),
        wake=base.wake(),
        notify=base.notify_wake(),
    )


@lru_cache(maxsize=1)
def leads() -> LeadDesk:
    """Return the use cases of what the public answers to appeals."""
    from bluelamp.appeals.leads import LeadDesk

    return LeadDesk(appeals(), publications=publications(), changer=desk.changer())


def appeal_reminding() -> Reminding:
    """Return what tells people of appeals that are to be looked at again."""
    from bluelamp.appeals.reminding import Reminding
    from bluelamp.appeals.store import AppealStore

    return Reminding(AppealStore(base.table()), notify=base.notify_wake())
