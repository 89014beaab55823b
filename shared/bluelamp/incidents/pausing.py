"""What incidents ask of publishing: to stand still on their accounts, and to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal


class Pausing(Protocol):
    """Stops what is scheduled for publication, and lets it go on; the publishing feature does."""

    def pause(
        self, principal: Principal, *, accounts: Sequence[str], reason: str, incident: str, idem: Idempotency
    ) -> object:
        """Stop everything scheduled on some accounts."""

    def resume(self, principal: Principal, *, accounts: Sequence[str], incident: str, idem: Idempotency) -> object:
        """Let it go on."""

    def leave(self, principal: Principal, *, accounts: Sequence[str], incident: str, idem: Idempotency) -> object:
        """Let it go on everywhere but on these accounts."""
