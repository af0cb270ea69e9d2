"""The little of CBOR (RFC 8949) that a certificate's payload needs, in its one deterministic form.

Integers, byte and text strings, arrays, maps and tags; no floats, no simple values, no
indefinite lengths. Reading accepts exactly what `encode` writes (RFC 8949, 4.2.1): shortest
lengths, map keys in the order of their bytes and each once, nothing behind the end. So one
meaning has one spelling, and what was signed cannot be written in another way.

Depth and length are limited before any work is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

BYTES_MAX: Final = 2_000
DEPTH_MAX: Final = 6

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_DIRECT_MAX: Final = 23
_FOLLOWING: Final = {24: 1, 25: 2, 26: 4, 27: 8}


class BadCbor(ValueError):  # noqa: N818 - named for what is wrong
    """These bytes are not deterministic CBOR of the kind that is read here."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged value."""

    number: int
    value: Value


Value: TypeAlias = "int | bytes | str | tuple[Value, ...] | Mapping[int, Value] | Tag"
"""What is read and written; keys of maps are integers, as COSE and CWT have them."""


def encode(value: Value) -> bytes:
    """The one deterministic form of a value."""
    match value:
        case int():
            return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case bytes():
            return _head(_BYTES, len(value)) + value
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case tuple():
            return _head(_ARRAY, len(value)) + b"".join(encode(one) for one in value)
        case Tag(number, tagged):
            return _head(_TAG, number) + encode(tagged)
        case _:
            pairs = sorted((encode(key), encode(one)) for key, one in value.items())
            return _head(_MAP, len(pairs)) + b"".join(key + one for key, one in pairs)


def decode(content: bytes) -> Value:
    """The value in these bytes. Raises `BadCbor`."""
    if len(content) > BYTES_MAX:
        raise BadCbor("too long")
    reader = _Reader(content)
    value = reader.value(0)
    if reader.place != len(content):
        raise BadCbor("bytes behind the end")
    return value


def _head(major: int, argument: int) -> bytes:
    if argument <= _DIRECT_MAX:
        return bytes([major << 5 | argument])
    for code, length in _FOLLOWING.items():
        if argument < 1 << 8 * length:
            return bytes([major << 5 | code]) + argument.to_bytes(length, "big")
    raise BadCbor("integer too large")


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadCbor("not UTF-8") from error


class _Reader:
    """Reads one value after the other; `place` is where the next begins."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.place = 0

    def value(self, depth: int) -> Value:
        if depth > DEPTH_MAX:
            raise BadCbor("nested too deep")
        major, argument = self._read_head()
        match major:
            case 0 | 1:
                return argument if major == _UNSIGNED else -1 - argument
            case 2 | 3:
                content = self._take(argument)
                return content if major == _BYTES else _text(content)
            case 4:
                return tuple(self.value(depth + 1) for _ in range(self._count(argument)))
            case 5:
                return self._map(argument, depth)
            case 6:
                return Tag(argument, self.value(depth + 1))
            case _:
                raise BadCbor("neither number, text, list, map nor tag")

    def _read_head(self) -> tuple[int, int]:
        first = self._take(1)[0]
        major, code = first >> 5, first & 0x1F
        if code <= _DIRECT_MAX:
            return major, code
        length = _FOLLOWING.get(code)
        if length is None:
            raise BadCbor("length unknown")
        argument = int.from_bytes(self._take(length), "big")
        shortest = _DIRECT_MAX if length == 1 else (1 << 4 * length) - 1
        if argument <= shortest:
            raise BadCbor("not in its shortest form")
        return major, argument

    def _take(self, length: int) -> bytes:
        piece = self._content[self.place : self.place + length]
        if len(piece) != length:
            raise BadCbor("cut short")
        self.place += length
        return piece

    def _count(self, argument: int) -> int:
        """A number of items; each has at least one byte, so a greater one is a lie."""
        if argument > len(self._content) - self.place:
            raise BadCbor("cut short")
        return argument

    def _map(self, argument: int, depth: int) -> Mapping[int, Value]:
        pairs: dict[int, Value] = {}
        before = b""
        for _ in range(self._count(argument)):
            begun = self.place
            key = self.value(depth + 1)
            written = self._content[begun : self.place]
            if not isinstance(key, int) or written <= before:
                raise BadCbor("keys of a map out of order")
            before = written
            pairs[key] = self.value(depth + 1)
        return pairs
