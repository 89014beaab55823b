"""One DynamoDB table as the stores see it: plain Python items, structured conditions, transactions.

Conditions are small values instead of expression strings, so that the table in memory evaluates the very same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bluelamp.cloud.wire import item_from_wire, to_wire
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Key = tuple[str, str]
Item = dict[str, Any]

MAX_TRANSACTION = 100
MAX_BATCH_GET = 100


class ConditionFailedError(BluelampError):
    """One or more conditions of a write did not hold; nothing was written.

    Attributes
    ----------
    failures
        For each failed write (its place in the list) the item as it stands, or None when there is none.
    """

    code = "condition_failed"

    def __init__(self, failures: Mapping[int, Item | None]) -> None:
        super().__init__(f"{len(failures)} condition(s) did not hold; read the item again")
        self.failures = dict(failures)


class ContentionError(BluelampError):
    """Another transaction held one of the items; try again."""

    code = "contention"


@dataclass(frozen=True)
class Absent:
    """The item does not exist."""


@dataclass(frozen=True)
class Exists:
    """The item exists."""


@dataclass(frozen=True)
class Missing:
    """The attribute does not exist (nor need the item)."""

    attr: str


@dataclass(frozen=True)
class Equals:
    """The attribute (``a`` or nested ``a.b``) has this value."""

    attr: str
    value: Any


@dataclass(frozen=True)
class Before:
    """The attribute is less than this value."""

    attr: str
    value: Any


Condition = Absent | Exists | Missing | Equals | Before


@dataclass(frozen=True)
class Put:
    """Write a whole item; the key stands in it as ``pk`` and ``sk``. A transaction may put into another `table`."""

    item: Item
    conditions: tuple[Condition, ...] = ()
    table: str | None = None

    def __init__(self, item: Item, *conditions: Condition, table: str | None = None) -> None:
        object.__setattr__(self, "item", item)
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "table", table)

    @property
    def key(self) -> Key:
        """The key of the item."""
        return (self.item["pk"], self.item["sk"])


@dataclass(frozen=True)
class Update:
    """Change attributes of an item; it is made when it is not there and no condition asks for it.

    `set` replaces, `remove` drops, `add` adds to numbers, `append` adds to the end of lists. Attribute names may be
    nested by dots in `set` and `remove`.
    """

    key: Key
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    add: Mapping[str, int] = field(default_factory=dict)
    append: Mapping[str, list[Any]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Delete:
    """Remove an item."""

    key: Key
    conditions: tuple[Condition, ...] = ()

    def __init__(self, key: Key, *conditions: Condition) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "conditions", conditions)


@dataclass(frozen=True)
class Check:
    """Write nothing, but fail the transaction unless the conditions hold."""

    key: Key
    conditions: tuple[Condition, ...] = ()

    def __init__(self, key: Key, *conditions: Condition) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "conditions", conditions)


Write = Put | Update | Delete | Check


@dataclass(frozen=True)
class Page:
    """One page of a query; `next` is the place to go on from, or None at the end."""

    items: list[Item]
    next: Item | None


class _Expression:
    """Collects names and values while an expression is built."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, path: str) -> str:
        parts = []
        for part in path.split("."):
            token = f"#n{len(self.names)}"
            known = next((t for t, n in self.names.items() if n == part), None)
            if known is None:
                self.names[token] = part
            parts.append(known or token)
        return ".".join(parts)

    def value(self, value: Any) -> str:
        token = f":v{len(self.values)}"
        self.values[token] = to_wire(value)
        return token

    def condition(self, conditions: Sequence[Condition]) -> str | None:
        clauses = []
        for condition in conditions:
            match condition:
                case Absent():
                    clauses.append(f"attribute_not_exists({self.name('pk')})")
                case Exists():
                    clauses.append(f"attribute_exists({self.name('pk')})")
                case Missing(attr):
                    clauses.append(f"attribute_not_exists({self.name(attr)})")
                case Equals(attr, value):
                    clauses.append(f"{self.name(attr)} = {self.value(value)}")
                case Before(attr, value):
                    clauses.append(f"{self.name(attr)} < {self.value(value)}")
        return " AND ".join(clauses) or None

    def update(self, update: Update) -> str:
        sets = [f"{self.name(a)} = {self.value(v)}" for a, v in update.set.items()]
        for attr, values in update.append.items():
            name = self.name(attr)
            sets.append(f"{name} = list_append(if_not_exists({name}, {self.value([])}), {self.value(values)})")
        parts = []
        if sets:
            parts.append("SET " + ", ".join(sets))
        if update.remove:
            parts.append("REMOVE " + ", ".join(self.name(a) for a in update.remove))
        if update.add:
            parts.append("ADD " + ", ".join(f"{self.name(a)} {self.value(n)}" for a, n in update.add.items()))
        return " ".join(parts)

    def into(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


def _wire_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


class Table:
    """A DynamoDB table with keys ``pk`` and ``sk`` and indexes g1 to g4 (named ``g1-index`` …).

    Parameters
    ----------
    client
        A low-level boto3 client.
    name
        The table's name.
    """

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Return the item under `key`, or None."""
        answer = self._client.get_item(TableName=self.name, Key=_wire_key(key), ConsistentRead=consistent)
        found = answer.get("Item")
        return None if found is None else item_from_wire(found)

    def batch_get(self, keys: Sequence[Key], *, consistent: bool = False) -> dict[Key, Item]:
        """Return the items that exist among `keys`; asks again for what DynamoDB left unprocessed."""
        found: dict[Key, Item] = {}
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), MAX_BATCH_GET):
            request: Any = {
                self.name: {
                    "Keys": [_wire_key(k) for k in wanted[start : start + MAX_BATCH_GET]],
                    "ConsistentRead": consistent,
                }
            }
            while request:
                answer = self._client.batch_get_item(RequestItems=request)
                for wire in answer["Responses"].get(self.name, []):
                    item = item_from_wire(wire)
                    found[(item["pk"], item["sk"])] = item
                request = answer.get("UnprocessedKeys")
        return found

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str | None = None,
        before: str | None = None,
        index: str | None = None,
        limit: int | None = None,
        start: Item | None = None,
        forward: bool = True,
        consistent: bool = False,
    ) -> Page:
        """Return one page of the items under `pk`, in the order of the sort key.

        Parameters
        ----------
        prefix
            Only sort keys that begin so. Not together with `after` and `before`.
        after, before
            Exclusive bounds of the sort key; one of them, not both.
        start
            `Page.next` of the page before.
        """
        key_pk, key_sk = (f"{index}pk", f"{index}sk") if index else ("pk", "sk")
        e = _Expression()
        clauses = [f"{e.name(key_pk)} = {e.value(pk)}"]
        if prefix:
            clauses.append(f"begins_with({e.name(key_sk)}, {e.value(prefix)})")
        elif after is not None:
            clauses.append(f"{e.name(key_sk)} > {e.value(after)}")
        elif before is not None:
            clauses.append(f"{e.name(key_sk)} < {e.value(before)}")
        request: dict[str, Any] = e.into(
            {
                "TableName": self.name,
                "KeyConditionExpression": " AND ".join(clauses),
                "ScanIndexForward": forward,
            }
        )
        if index:
            request["IndexName"] = f"{index}-index"  # DynamoDB wants three characters at least
        elif consistent:
            request["ConsistentRead"] = True
        if limit:
            request["Limit"] = limit
        if start:
            request["ExclusiveStartKey"] = {k: to_wire(v) for k, v in start.items()}
        answer = self._client.query(**request)
        last = answer.get("LastEvaluatedKey")
        return Page([item_from_wire(i) for i in answer["Items"]], item_from_wire(last) if last else None)

    def write(self, write: Put | Update | Delete) -> Item | None:
        """Do one write; an `Update` returns the item as it stands afterwards.

        Raises
        ------
        ConditionFailedError
            When a condition does not hold.
        ContentionError
            When a transaction held the item.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        request = self._request(write)
        try:
            match write:
                case Put():
                    self._client.put_item(**request)
                case Delete():
                    self._client.delete_item(**request)
                case Update():
                    answer = self._client.update_item(**request, ReturnValues="ALL_NEW")
                    return item_from_wire(answer["Attributes"])
        except ClientError as error:
            _raise_known(error)
            raise
        return None

    def transact(self, writes: Sequence[Write], *, token: str | None = None) -> None:
        """Do all writes or none.

        Parameters
        ----------
        writes
            At most 100, no two for one key.
        token
            Makes a repeat within ten minutes harmless.

        Raises
        ------
        ConditionFailedError
            With the place of each write whose conditions did not hold.
        ContentionError
            When another transaction was at one of the items, or DynamoDB throttled: try again.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        kinds = {Put: "Put", Update: "Update", Delete: "Delete", Check: "ConditionCheck"}
        request: Any = {"TransactItems": [{kinds[type(w)]: self._request(w)} for w in writes]}
        if token:
            request["ClientRequestToken"] = token
        try:
            self._client.transact_write_items(**request)
        except ClientError as error:
            _raise_known(error)
            raise

    def _request(self, write: Write) -> dict[str, Any]:
        e = _Expression()
        request: dict[str, Any] = {"TableName": self.name}
        if isinstance(write, Put):
            request["TableName"] = write.table or self.name
            request["Item"] = {k: to_wire(v) for k, v in write.item.items()}
        else:
            request["Key"] = _wire_key(write.key)
        if isinstance(write, Update):
            request["UpdateExpression"] = e.update(write)
        condition = e.condition(write.conditions)
        if condition:
            request["ConditionExpression"] = condition
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return e.into(request)


def _raise_known(error: Any) -> None:
    """Raise ours for the errors that callers act on; leave the others to them."""
    response = error.response
    code = response.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        old = response.get("Item")
        raise ConditionFailedError({0: item_from_wire(old) if old else None}) from error
    if code == "TransactionCanceledException":
        reasons = response.get("CancellationReasons", [])
        failed = {
            i: item_from_wire(r["Item"]) if r.get("Item") else None
            for i, r in enumerate(reasons)
            if r.get("Code") == "ConditionalCheckFailed"
        }
        if failed:
            raise ConditionFailedError(failed) from error
        if any(r.get("Code") in {"TransactionConflict", "ThrottlingError"} for r in reasons):
            raise ContentionError("another transaction was at the same item; try again") from error
    if code in {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
    }:
        raise ContentionError(f"DynamoDB answered {code}; try again") from error
