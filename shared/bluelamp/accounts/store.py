"""Accounts in the table: one partition for the whole list (a few thousand small items), an index by team."""

from collections.abc import Iterable, Iterator
from typing import Any

from bluelamp.accounts.model import Account
from bluelamp.cloud.dynamodb import Absent, Equals, Item, Key, Put, Table

SCHEMA = 1
PARTITION = "ACCOUNTS"


def key(account_id: str) -> Key:
    """Return the key of an account's item."""
    return (PARTITION, account_id)


class AccountStore:
    """Reads and writes accounts.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, account_id: str, *, consistent: bool = False) -> Account | None:
        """Return the account, or None. One read."""
        item = self.table.get(key(account_id), consistent=consistent)
        return None if item is None else _account(item)

    def many(self, account_ids: Iterable[str]) -> dict[str, Account]:
        """Return the accounts that exist among `account_ids`. One read a hundred."""
        found = self.table.batch_get([key(i) for i in account_ids])
        return {item["sk"]: _account(item) for item in found.values()}

    def all(self) -> Iterator[Account]:
        """Yield every account, by id."""
        return self._pages(PARTITION)

    def of_team(self, team: str) -> Iterator[Account]:
        """Yield the accounts of one team, by id."""
        return self._pages(f"TEAM#{team}", index="g1")

    def part(
        self, *, team: str | None, platform: str | None, after: str | None, limit: int
    ) -> tuple[list[Account], bool]:
        """Return up to `limit` accounts by id behind `after`, and whether there are more. One read.

        Parameters
        ----------
        team, platform
            Of one team, or of one platform; not both.
        """
        pk, index = (f"TEAM#{team}", "g1") if team else (PARTITION, None)
        bounds: dict[str, Any] = {"after": after} if after else {"prefix": f"{platform}-"} if platform else {}
        page = self.table.query(pk, index=index, limit=limit, **bounds)
        found = [_account(item) for item in page.items]
        of_it = [a for a in found if platform in {None, a.platform}]
        # Behind the last account of a platform those of the next begin.
        return of_it, page.next is not None and len(of_it) == len(found)

    def _pages(self, pk: str, index: str | None = None) -> Iterator[Account]:
        start: Item | None = None
        while True:
            page = self.table.query(pk, index=index, start=start)
            yield from map(_account, page.items)
            start = page.next
            if start is None:
                return

    def insert(self, account: Account) -> Put:
        """Return the write of a new account; it fails when there is one with this id."""
        return Put(_item(account), Absent())

    def replace(self, account: Account) -> Put:
        """Return the write of a changed account; it fails unless the revision before it is the stored one."""
        return Put(_item(account), Equals("rev", account.rev - 1))


def _item(account: Account) -> Item:
    pk, sk = key(account.id)
    stored: dict[str, Any] = account.model_dump(mode="json")
    return stored | {"pk": pk, "sk": sk, "schema": SCHEMA, "g1pk": f"TEAM#{account.team}", "g1sk": account.id}


def _account(item: Item) -> Account:
    return Account.model_validate(item)
