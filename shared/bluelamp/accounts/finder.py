"""Accounts by id, kept for half a minute: a page of fifty posts asks for the same few again and again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.platforms.contract import AccountRef
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts

# A change of an account's team or policy takes effect everywhere within this time.
KEEP = timedelta(seconds=30)


class AccountFinder:
    """Finds accounts, remembering them for `KEEP`.

    Parameters
    ----------
    accounts
        Reads them.
    clock
        The present.
    """

    def __init__(self, accounts: Accounts, clock: Clock = utc_now) -> None:
        self._accounts = accounts
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Account | None]] = {}

    def find(self, account_id: str) -> Account | None:
        """Return the account, or None."""
        now = self._clock()
        kept = self._kept.get(account_id)
        if kept is None or now - kept[0] > KEEP:
            kept = (now, self._accounts.many([account_id]).get(account_id))
            self._kept[account_id] = kept
        return kept[1]

    def preload(self, account_ids: set[str]) -> None:
        """Fetch in one request what is not remembered of these."""
        now = self._clock()
        wanted = [a for a in account_ids if a not in self._kept or now - self._kept[a][0] > KEEP]
        if wanted:
            found = self._accounts.many(wanted)
            self._kept |= {a: (now, found.get(a)) for a in wanted}


def ref_of(account: Account) -> AccountRef:
    """Return the account as a connector takes it."""
    return AccountRef(
        account_id=account.id, platform=account.platform, native_id=account.native_id, handle=account.handle
    )
