"""The Force Media Guide, training, and the reminders of both."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, force

if TYPE_CHECKING:
    from bluelamp.guide.reminding import Reminders
    from bluelamp.guide.service import Guides
    from bluelamp.guide.training import Trainings

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def guides() -> Guides:
    """Return the use cases of the guide."""
    from bluelamp.guide.service import Guides
    from bluelamp.guide.store import GuideStore

    return Guides(store=GuideStore(base.table()), people=force.people(), wake=base.wake(), notify=base.notify_wake())


@lru_cache(maxsize=1)
def trainings() -> Trainings:
    """Return the use cases of training."""
    from bluelamp.guide.store import GuideStore
    from bluelamp.guide.training import Trainings

    return Trainings(store=GuideStore(base.table()), people=force.people(), wake=base.wake())


@lru_cache(maxsize=1)
def guide_reminders() -> Reminders:
    """Return what reminds people of the guide and of training that runs out."""
    from bluelamp.guide.reminding import Reminders
    from bluelamp.guide.store import GuideStore

    return Reminders(store=GuideStore(base.table()), people=force.people(), notify=base.notify_wake())
