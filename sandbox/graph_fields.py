"""Reads Graph's ``fields`` notation: ``id,from{id,name},messages.limit(5){id,message}``."""

import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"(\w+)((?:\.\w+\([^)]*\))*)")
_ARGUMENT = re.compile(r"\.(\w+)\(([^)]*)\)")


@dataclass(frozen=True)
class Wanted:
    """One field asked for, with its arguments and what is asked of it in turn."""

    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    inner: tuple["Wanted", ...] = ()


def parse_fields(text: str) -> tuple[Wanted, ...]:
    """Read the notation.

    Raises
    ------
    ValueError
        With the place, when it is malformed.
    """
    wanted = []
    for part in _split(text):
        head = _HEAD.match(part)
        rest = part[head.end() :] if head else part
        if head is None or (rest and not (rest.startswith("{") and rest.endswith("}"))):
            raise ValueError(f"Syntax error at {part!r} in fields")
        inner = parse_fields(rest[1:-1]) if rest else ()
        wanted.append(Wanted(head[1], dict(_ARGUMENT.findall(head[2])), inner))
    return tuple(wanted)


def _split(text: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += letter
    if depth:
        raise ValueError(f"Syntax error: unbalanced brackets in fields {text!r}")
    return [part.strip() for part in (*parts, current) if part.strip()]


def write_fields(wanted: tuple[Wanted, ...]) -> str:
    """Write the notation again, for ``paging.next``."""
    parts = []
    for one in wanted:
        arguments = "".join(f".{name}({value})" for name, value in one.arguments.items())
        parts.append(one.name + arguments + (f"{{{write_fields(one.inner)}}}" if one.inner else ""))
    return ",".join(parts)
