"""As much ASN.1 as a timestamp token needs: a strict reader of DER, and a writer for the request.

Strict means one way to write each thing: definite lengths in their shortest form, and nothing behind the end. What is
written otherwise is refused, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BOOLEAN, INTEGER, OCTETS, NULL, OID, TIME = 0x01, 0x02, 0x04, 0x05, 0x06, 0x18
SEQUENCE, SET = 0x30, 0x31
# Tags that a definition gives by number: around a whole value, and in place of its own tag.
TAGGED_0, TAGGED_1, BARE_0 = 0xA0, 0xA1, 0x80
_HEADER = 2
_MANY_BYTES_TAG = 0x1F
_LONG = 0x80
_MOST_LENGTH_BYTES = 4
_TIME = re.compile(r"(\d{14})(?:\.(\d*[1-9]))?Z")


class DerError(ValueError):
    """The bytes are no DER, or hold another thing than was looked for."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag, its content, and both together as they stood."""

    tag: int
    body: bytes
    raw: bytes

    def inside(self) -> Fields:
        """Return the values inside, to be taken one by one."""
        return Fields(list(_elements(self.body)))

    def integer(self) -> int:
        """Return the value of an INTEGER."""
        self._must_be(INTEGER)
        body = self.body
        if not body or (len(body) > 1 and body[0] in {0x00, 0xFF} and (body[0] >> 7) == (body[1] >> 7)):
            raise DerError("an integer is not in its shortest form")
        return int.from_bytes(body, "big", signed=True)

    def octets(self) -> bytes:
        """Return the value of an OCTET STRING."""
        self._must_be(OCTETS)
        return self.body

    def oid(self) -> str:
        """Return an OBJECT IDENTIFIER in dotted decimals."""
        self._must_be(OID)
        if not self.body or self.body[-1] & _LONG:
            raise DerError("an object identifier ends within a number")
        numbers: list[int] = []
        value, fresh = 0, True
        for byte in self.body:
            if fresh and byte == _LONG:
                raise DerError("an object identifier is not in its shortest form")
            value, fresh = value << 7 | byte & 0x7F, not byte & _LONG
            if fresh:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))

    def time(self) -> datetime:
        """Return a GeneralizedTime, which DER writes in UTC."""
        self._must_be(TIME)
        match = _TIME.fullmatch(self.body.decode("ascii", "replace"))
        if match is None:
            raise DerError("a time is not written as DER wants it")
        try:
            whole = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise DerError("there is no such time") from None
        return whole + timedelta(microseconds=int((match[2] or "0").ljust(6, "0")[:6]))

    def _must_be(self, tag: int) -> None:
        if self.tag != tag:
            raise DerError(f"tag {tag:#04x} was expected, and {self.tag:#04x} is there")


class Fields:
    """The values of a SEQUENCE or SET, taken in order."""

    def __init__(self, elements: list[Element]) -> None:
        self._left = elements[::-1]

    def take(self, tag: int) -> Element:
        """Return the next value, which must have this tag."""
        if not self._left or self._left[-1].tag != tag:
            there = f"{self._left[-1].tag:#04x} is there" if self._left else "nothing is left"
            raise DerError(f"tag {tag:#04x} was expected, and {there}")
        return self._left.pop()

    def maybe(self, tag: int) -> Element | None:
        """Return the next value if it has this tag."""
        return self._left.pop() if self._left and self._left[-1].tag == tag else None

    def rest(self) -> list[Element]:
        """Return what is left, in order."""
        rest, self._left = self._left[::-1], []
        return rest

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._left:
            raise DerError(f"there is more than was expected: tag {self._left[-1].tag:#04x}")


def parse(raw: bytes) -> Element:
    """Read one value that fills `raw`.

    Raises
    ------
    DerError
        When it is none, or something is behind it.
    """
    elements = list(_elements(raw))
    if len(elements) != 1:
        raise DerError(f"one value was expected, and {len(elements)} are there")
    return elements[0]


def encode(tag: int, body: bytes) -> bytes:
    """Return a value with its tag and length."""
    length = len(body)
    if length < _LONG:
        return bytes([tag, length]) + body
    packed = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG | len(packed)]) + packed + body


def encode_integer(value: int) -> bytes:
    """Return an INTEGER."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _elements(data: bytes) -> Iterator[Element]:
    place = 0
    while place < len(data):
        start = place
        header = data[place : place + _HEADER]
        if len(header) != _HEADER or header[0] & _MANY_BYTES_TAG == _MANY_BYTES_TAG:
            raise DerError("the bytes end within a value, or have a tag that no token has")
        place, length = place + _HEADER, header[1]
        if length & _LONG:
            width = length & 0x7F
            packed = data[place : place + width]
            if not 0 < width <= _MOST_LENGTH_BYTES or len(packed) != width or not packed[0]:
                raise DerError("a length is not written as DER wants it")
            place, length = place + width, int.from_bytes(packed, "big")
            if length < _LONG:
                raise DerError("a length is not in its shortest form")
        if place + length > len(data):
            raise DerError("a value is cut short")
        yield Element(header[0], data[place : place + length], data[start : place + length])
        place += length
