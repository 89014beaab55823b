"""DynamoDB's typed form of values, and plain Python's: text, whole numbers, bytes, lists and objects, and no floats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_wire(value: Any) -> dict[str, Any]:  # noqa: PLR0911 -- one return per DynamoDB type reads best
    """Turn a plain value into DynamoDB's typed form.

    Raises
    ------
    TypeError
        For a type that the table does not keep (floats above all: say permille, or text).
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [to_wire(v) for v in value]}
        case dict():
            return {"M": {k: to_wire(v) for k, v in value.items()}}
        case _:
            raise TypeError(f"the table keeps no {type(value).__name__}; convert {value!r} first")


def from_wire(value: Mapping[str, Any]) -> Any:
    """Turn DynamoDB's typed form into a plain value."""
    ((kind, inner),) = value.items()
    match kind:
        case "S" | "BOOL":
            return inner
        case "N":
            return int(inner) if inner.lstrip("-").isdigit() else int(Decimal(inner))
        case "L":
            return [from_wire(v) for v in inner]
        case "M":
            return {k: from_wire(v) for k, v in inner.items()}
        case "B":
            return bytes(inner)
        case "NULL":
            return None
        case _:
            raise TypeError(f"unexpected attribute type {kind}")


def item_from_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a whole item from its typed form."""
    return {k: from_wire(v) for k, v in item.items()}
