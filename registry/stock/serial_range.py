"""Serials that follow one another: a million blanks are one range, not a million serials.

A serial ends in digits, which count; what stands before them is kept as printed. Two spellings
of a serial are the same if `registry.numbers.normalise_serial` says so, and serials with more
or fewer digits are others: 0123 is not 123.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from registry.errors import Rejected
from registry.numbers import normalise_serial

SERIAL_DIGITS_MAX: Final = 12
SERIAL_CHARACTERS_MAX: Final = 100
PREFIXES_CACHED_MAX: Final = 4_096

_SERIAL: Final = re.compile(r"(?P<prefix>.*?)(?P<digits>[0-9]+)")

Series: TypeAlias = "tuple[str, int]"
"""Serials that can follow one another: what stands before the digits, compared; and how many."""


@dataclass(frozen=True, slots=True)
class SerialRange:
    """Serials from `first` to `last`, both included, printed with `width` digits."""

    prefix: str
    first: int
    last: int
    width: int

    @property
    def pieces(self) -> int:
        """How many serials these are."""
        return self.last - self.first + 1

    @property
    def series(self) -> Series:
        """What makes the serials of two ranges comparable."""
        return _compared(self.prefix), self.width

    @property
    def first_serial(self) -> str:
        """The first serial as printed."""
        return self.serial(self.first)

    @property
    def last_serial(self) -> str:
        """The last serial as printed."""
        return self.serial(self.last)

    def serial(self, number: int) -> str:
        """One serial as printed."""
        return f"{self.prefix}{number:0{self.width}d}"

    def overlap(self, other: SerialRange) -> SerialRange | None:
        """The serials of this range that are in another of the same series too."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return replace(self, first=first, last=last) if first <= last else None

    def without(self, other: SerialRange) -> tuple[SerialRange, ...]:
        """The serials of this range that are not in another of the same series."""
        if self.overlap(other) is None:
            return (self,)
        rest = []
        if self.first < other.first:
            rest.append(replace(self, last=other.first - 1))
        if self.last > other.last:
            rest.append(replace(self, first=other.last + 1))
        return tuple(rest)


def parse_serials(field: str, first: str, last: str | None = None) -> SerialRange:
    """The serials from one to another as printed; one alone is a range of one.

    Raises `Rejected` naming the field unless both are of one series and in their order.
    """
    prefix, begun = _split(field, first)
    if last is None:
        return SerialRange(prefix, int(begun), int(begun), len(begun))
    _, ended = _split(field, last)
    one = SerialRange(prefix, int(begun), int(begun), len(begun))
    if one.series != parse_serials(field, last).series:
        raise Rejected("serials-of-two-series", field=field, first=first, last=last)
    if int(ended) < one.first:
        raise Rejected("serials-reversed", field=field, first=first, last=last)
    return replace(one, last=int(ended))


def ends_in_digits(serial: str) -> bool:
    """Whether a serial could stand in a range at all."""
    match = _SERIAL.fullmatch(serial.strip()) if len(serial) <= SERIAL_CHARACTERS_MAX else None
    return match is not None and len(match["digits"]) <= SERIAL_DIGITS_MAX


def check_ranges(field: str, ranges: Sequence[SerialRange]) -> None:
    """Raise `Rejected` if a range cannot be, or a serial stands in two of them."""
    for one in ranges:
        _check_range(field, one)
    ordered = sorted(ranges, key=lambda one: (one.series, one.first))
    for before, after in pairwise(ordered):
        if before.series == after.series and after.first <= before.last:
            raise Rejected("stock-serial-named-twice", field=field, serial=after.first_serial)


def pieces_of(ranges: Iterable[SerialRange]) -> int:
    """How many serials the ranges have together."""
    return sum(one.pieces for one in ranges)


def minus(ranges: Iterable[SerialRange], taken: Iterable[SerialRange]) -> tuple[SerialRange, ...]:
    """The serials of some ranges that are in none of others."""
    left = list(ranges)
    for other in taken:
        series = other.series
        left = [
            rest
            for one in left
            for rest in (one.without(other) if one.series == series else (one,))
        ]
    return tuple(left)


@lru_cache(PREFIXES_CACHED_MAX)
def _compared(prefix: str) -> str:
    """What stands before the digits, as serials are compared; thousands share it."""
    return normalise_serial(f"{prefix}0")[:-1]


def _check_range(field: str, one: SerialRange) -> None:
    if not 1 <= one.width <= SERIAL_DIGITS_MAX or one.prefix[-1:].isdigit():
        raise Rejected("serial-without-number", field=field, serial=one.prefix)
    if not 0 <= one.first <= one.last < 10**one.width:
        raise Rejected(
            "serials-reversed", field=field, first=one.first_serial, last=one.last_serial
        )


def _split(field: str, serial: str) -> tuple[str, str]:
    """What stands before the digits at the end of a serial, and these digits."""
    match = _SERIAL.fullmatch(serial.strip())
    if match is None or len(match["digits"]) > SERIAL_DIGITS_MAX:
        raise Rejected("serial-without-number", field=field, serial=serial[:SERIAL_CHARACTERS_MAX])
    if len(serial) > SERIAL_CHARACTERS_MAX:
        raise Rejected(
            "text-too-long", field=field, limit=SERIAL_CHARACTERS_MAX, length=len(serial)
        )
    return match["prefix"], match["digits"]
