"""The cloud in memory: the same behaviour as the adapters beside it, with a place to inject faults.

Every call goes through `Faults.around`, which tests use to kill a writer before or after any call. The fakes pass the
same suite as the real adapters (``tests/unit/cloud``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from bluelamp.cloud.dynamodb import (
    MAX_TRANSACTION,
    Absent,
    Before,
    Check,
    Condition,
    ConditionFailedError,
    Delete,
    Equals,
    Exists,
    Item,
    Key,
    Missing,
    Page,
    Put,
    Update,
    Write,
)
from bluelamp.cloud.kms import DataKeyRefusedError
from bluelamp.cloud.s3 import ObjectExistsError, ObjectMissingError
from bluelamp.cloud.secrets import SecretMissingError
from bluelamp.cloud.sqs import Message
from bluelamp.cloud.wire import to_wire

T = TypeVar("T")
_GONE = object()
PAGE_BYTES = 1024 * 1024


class Faults:
    """Hooks around each call: `before(name)` and `after(name)` may raise to kill the caller there."""

    def __init__(self) -> None:
        self.before: Callable[[str], None] | None = None
        self.after: Callable[[str], None] | None = None

    def around(self, name: str, call: Callable[[], T]) -> T:
        """Run `call` between the hooks."""
        if self.before:
            self.before(name)
        result = call()
        if self.after:
            self.after(name)
        return result


def _copied(value: T) -> T:
    """Return a value of an item without anything changeable in common: what a deep copy does, several times as fast."""
    if isinstance(value, dict):
        return cast("T", {name: _copied(inner) for name, inner in value.items()})
    if isinstance(value, (list, tuple)):
        return cast("T", type(value)(map(_copied, value)))
    return value


def _resolve(item: Mapping[str, Any] | None, path: str) -> Any:
    value: Any = item
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _GONE
        value = value[part]
    return value


def _holds(item: Item | None, condition: Condition) -> bool:
    match condition:
        case Absent():
            return item is None
        case Exists():
            return item is not None
        case Missing(attr):
            return _resolve(item, attr) is _GONE
        case Equals(attr, value):
            return bool(_resolve(item, attr) == value)
        case Before(attr, value):
            found = _resolve(item, attr)
            return found is not _GONE and type(found) is type(value) and found < value


def _assign(item: Item, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    target = item
    for part in parents:
        target = target[part]
    target[last] = value


def _updated(old: Item | None, update: Update) -> Item:
    item: Item = _copied(old) if old is not None else {"pk": update.key[0], "sk": update.key[1]}
    for path, value in update.set.items():
        _assign(item, path, _copied(value))
    for path in update.remove:
        *parents, last = path.split(".")
        target: Any = item
        for part in parents:
            target = target.get(part, {})
        target.pop(last, None)
    for attr, number in update.add.items():
        item[attr] = item.get(attr, 0) + number
    for attr, values in update.append.items():
        item[attr] = [*item.get(attr, []), *_copied(values)]
    return item


def _one_page(items: list[Item]) -> list[Item]:
    """Return as many items as fit into a page: DynamoDB ends one after a megabyte."""
    size = 0
    for count, item in enumerate(items, 1):
        size += len(repr(item))
        if size >= PAGE_BYTES:
            return items[:count]
    return items


class MemoryTable:
    """A table in memory; `beside` are the tables that its transactions may put into, too."""

    def __init__(
        self, faults: Faults | None = None, *, name: str = "memory", beside: Sequence[MemoryTable] = ()
    ) -> None:
        self.name = name
        self.items: dict[Key, Item] = {}
        self._held = {name: self.items} | {table.name: table.items for table in beside}
        self.faults = faults or Faults()
        self._lock = threading.RLock()

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """See `Table.get`."""
        del consistent  # memory is always consistent
        return self.faults.around("get", lambda: _copied(self.items.get(key)))

    def batch_get(self, keys: Sequence[Key], *, consistent: bool = False) -> dict[Key, Item]:
        """See `Table.batch_get`."""
        del consistent
        if not keys:
            return {}
        return self.faults.around("batch_get", lambda: {k: _copied(self.items[k]) for k in keys if k in self.items})

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
        """See `Table.query`."""
        del consistent
        return self.faults.around("query", lambda: self._query(pk, prefix, after, before, index, limit, start, forward))

    def _query(  # noqa: PLR0917 -- the public method has keywords only
        self,
        pk: str,
        prefix: str,
        after: str | None,
        before: str | None,
        index: str | None,
        limit: int | None,
        start: Item | None,
        forward: bool,  # noqa: FBT001
    ) -> Page:
        key_pk, key_sk = (f"{index}pk", f"{index}sk") if index else ("pk", "sk")

        def order(item: Item) -> tuple[str, str, str]:
            return (item[key_sk], item["pk"], item["sk"])

        found = sorted(
            (i for i in self._near(key_pk, pk) if i.get(key_pk) == pk and key_sk in i),
            key=order,
            reverse=not forward,
        )
        if prefix:
            found = [i for i in found if i[key_sk].startswith(prefix)]
        elif after is not None:
            found = [i for i in found if i[key_sk] > after]
        elif before is not None:
            found = [i for i in found if i[key_sk] < before]
        if start:
            place = order(start)
            found = [i for i in found if (order(i) > place) == forward and order(i) != place]
        chosen = _one_page(found[:limit] if limit else found)
        more = chosen and len(chosen) < len(found)
        last = {k: chosen[-1][k] for k in {"pk", "sk", key_pk, key_sk}} if more else None
        return Page(_copied(chosen), last)

    def write(self, write: Put | Update | Delete) -> Item | None:
        """See `Table.write`."""

        def run() -> Item | None:
            with self._lock:
                self._check([write])
                self._apply(write)
                return _copied(self.items[write.key]) if isinstance(write, Update) else None

        return self.faults.around("write", run)

    def _near(self, attribute: str, value: str) -> Iterable[Item]:
        """Return the items among which a query looks: all of them; a larger table knows them by the attribute."""
        del attribute, value
        return self.items.values()

    def transact(self, writes: Sequence[Write], *, token: str | None = None) -> None:
        """See `Table.transact`."""
        del token
        keys = [(id(self._items(w)), w.key) for w in writes]
        if len(keys) > MAX_TRANSACTION or len(set(keys)) != len(keys):
            raise ValueError(
                f"a transaction takes {MAX_TRANSACTION} writes for different keys; this one has {len(keys)}"
            )

        def run() -> None:
            with self._lock:
                self._check(writes)
                for write in writes:
                    self._apply(write)

        self.faults.around("transact", run)

    def _check(self, writes: Sequence[Write]) -> None:
        failed = {
            n: _copied(self._items(w).get(w.key))
            for n, w in enumerate(writes)
            if not all(_holds(self._items(w).get(w.key), c) for c in w.conditions)
        }
        if failed:
            raise ConditionFailedError(failed)

    def _items(self, write: Write) -> dict[Key, Item]:
        return self._held[write.table] if isinstance(write, Put) and write.table else self.items

    def _apply(self, write: Write) -> None:
        match write:
            case Put(item):
                to_wire(item)  # refuses what DynamoDB would refuse
                self._items(write)[write.key] = _copied(item)
            case Update(key):
                item = _updated(self.items.get(key), write)
                to_wire(item)
                self.items[key] = item
            case Delete():
                self.items.pop(write.key, None)
            case Check():
                pass


class MemoryBucket:
    """A bucket in memory; like an Object Lock bucket it never forgets what was put if absent, and numbers versions."""

    def __init__(self, faults: Faults | None = None, name: str = "memory") -> None:
        self.name = name
        self.objects: dict[str, bytes] = {}
        self.versions: dict[str, str] = {}
        self.held: set[tuple[str, str]] = set()
        self.faults = faults or Faults()
        self._lock = threading.RLock()
        self._puts = 0

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> str | None:
        """See `Bucket.put_if_absent`."""
        del content_type

        def run() -> str:
            with self._lock:
                if key in self.objects:
                    raise ObjectExistsError(f"{self.name}/{key} is there already")
                self.objects[key] = bytes(body)
                self._puts += 1
                self.versions[key] = f"v{self._puts}"
                return self.versions[key]

        return self.faults.around("put_if_absent", run)

    def put(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> None:
        """See `Bucket.put`."""
        del content_type
        self.faults.around("put", lambda: self.objects.__setitem__(key, bytes(body)))

    def get(self, key: str) -> bytes:
        """See `Bucket.get`."""

        def run() -> bytes:
            if key not in self.objects:
                raise ObjectMissingError(f"{self.name}/{key} is not there")
            return self.objects[key]

        return self.faults.around("get_object", run)

    def get_range(self, key: str, offset: int, length: int, *, version_id: str | None = None) -> bytes:
        """See `Bucket.get_range`."""

        def run() -> bytes:
            if key not in self.objects or version_id not in {None, self.versions.get(key)}:
                raise ObjectMissingError(f"{self.name}/{key} is not there")
            return self.objects[key][offset : offset + length]

        return self.faults.around("get_range", run)

    def hold(self, key: str, *, version_id: str | None = None) -> None:
        """See `Bucket.hold`."""

        def run() -> None:
            if key not in self.objects or version_id not in {None, self.versions.get(key)}:
                raise ObjectMissingError(f"{self.name}/{key} is not there")
            self.held.add((key, self.versions[key]))

        self.faults.around("hold", run)

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[str]:
        """See `Bucket.list`."""
        return iter(sorted(k for k in self.objects if k.startswith(prefix) and k > after))


class MemoryQueue:
    """A queue in memory; `messages` holds what was sent, oldest first."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.url = "memory"
        self.messages: list[Message] = []
        self.faults = faults or Faults()

    def send(self, messages: Sequence[Message]) -> None:
        """See `Queue.send`."""
        self.faults.around("send", lambda: self.messages.extend(messages))


class MemorySecrets:
    """Secrets in memory."""

    def __init__(self, values: Mapping[str, dict[str, Any]] | None = None, faults: Faults | None = None) -> None:
        self.values = dict(values or {})
        self.faults = faults or Faults()

    def get(self, name: str) -> dict[str, Any]:
        """See `Secrets.get`."""
        if name not in self.values:
            raise SecretMissingError(f"there is no secret {name}; create it, or check the prefix")
        return self.values[name]

    def fresh(self, name: str) -> dict[str, Any]:
        """See `Secrets.fresh`."""
        return self.get(name)

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """See `Secrets.put`."""
        self.faults.around("put_secret", lambda: self.values.__setitem__(name, dict(value)))


class MemoryDataKeys:
    """Data keys in memory; `calls` counts what KMS would be asked."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.calls: list[str] = []
        self.faults = faults or Faults()
        self._plain: dict[bytes, bytes] = {}

    def generate(self) -> tuple[bytes, bytes]:
        """See `KmsDataKeys.generate`."""

        def run() -> tuple[bytes, bytes]:
            self.calls.append("generate")
            plain, sealed = os.urandom(32), os.urandom(64)
            self._plain[sealed] = plain
            return plain, sealed

        return self.faults.around("generate_data_key", run)

    def decrypt(self, sealed: bytes) -> bytes:
        """See `KmsDataKeys.decrypt`."""

        def run() -> bytes:
            self.calls.append("decrypt")
            if sealed not in self._plain:
                raise DataKeyRefusedError("no data key of this key")
            return self._plain[sealed]

        return self.faults.around("decrypt_data_key", run)
