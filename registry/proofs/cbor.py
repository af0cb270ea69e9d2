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
    value, end = _read(content, 0, 0)
    if end != len(content):
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


# Everything below returns what it read and where the next begins. Every certificate that anybody
# checks is read here, so the common kinds, numbers and strings, take one call each.


def _read(content: bytes, place: int, depth: int) -> tuple[Value, int]:
    if depth > DEPTH_MAX:
        raise BadCbor("nested too deep")
    if place >= len(content):
        raise BadCbor("cut short")
    first = content[place]
    major, argument, place = first >> 5, first & 0x1F, place + 1
    if argument > _DIRECT_MAX:
        argument, place = _read_argument(content, place, argument)
    if major <= _NEGATIVE:
        return argument if major == _UNSIGNED else -1 - argument, place
    if major > _TEXT:
        return _read_nested(content, place, depth + 1, major, argument)
    end = place + argument
    if end > len(content):
        raise BadCbor("cut short")
    piece = content[place:end]
    return piece if major == _BYTES else _text(piece), end


def _read_argument(content: bytes, place: int, code: int) -> tuple[int, int]:
    """A number that did not fit into the first byte."""
    length = _FOLLOWING.get(code)
    if length is None:
        raise BadCbor("length unknown")
    end = place + length
    if end > len(content):
        raise BadCbor("cut short")
    argument = int.from_bytes(content[place:end], "big")
    shortest = _DIRECT_MAX if length == 1 else (1 << 4 * length) - 1
    if argument <= shortest:
        raise BadCbor("not in its shortest form")
    return argument, end


def _read_nested(
    content: bytes, place: int, depth: int, major: int, argument: int
) -> tuple[Value, int]:
    match major:
        case 4:
            return _read_array(content, place, depth, argument)
        case 5:
            return _read_map(content, place, depth, argument)
        case 6:
            value, end = _read(content, place, depth)
            return Tag(argument, value), end
        case _:
            raise BadCbor("neither number, text, list, map nor tag")


def _read_array(content: bytes, place: int, depth: int, count: int) -> tuple[Value, int]:
    _check_count(content, place, count)
    values = []
    for _ in range(count):
        value, place = _read(content, place, depth)
        values.append(value)
    return tuple(values), place


def _read_map(content: bytes, place: int, depth: int, count: int) -> tuple[Value, int]:
    _check_count(content, place, count)
    pairs: dict[int, Value] = {}
    before = b""
    for _ in range(count):
        key, end = _read(content, place, depth)
        written = content[place:end]
        if not isinstance(key, int) or written <= before:
            raise BadCbor("keys of a map out of order")
        before = written
        pairs[key], place = _read(content, end, depth)
    return pairs, place


def _check_count(content: bytes, place: int, count: int) -> None:
    """Each item has at least one byte, so a greater number of them is a lie."""
    if count > len(content) - place:
        raise BadCbor("cut short")
