"""Where the pieces of one item type are: how many in each place on each day, and which serials.

Everything is a transfer of pieces from one whereabouts to another, so what leaves one arrives in
the other and the books balance by construction. A count is kept for every day on which it
changed, because a movement that is recorded late must not have taken what was not there yet.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from registry.stock.serial_range import SerialRange, Series

Condition = Literal["usable", "spoiled"]


@dataclass(frozen=True, slots=True)
class Place:
    """An office, and a store of it where it has several; None is its main one."""

    office: str
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """In a place, fit for use or spoiled."""

    place: Place
    condition: Condition = "usable"


@dataclass(frozen=True, slots=True)
class Used:
    """Became an artifact."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """Destroyed with minutes."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Not found when its office counted; may be found there again."""

    office: str


Whereabouts: TypeAlias = Held | Used | Destroyed | Missing


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces, by their number; `ranges` are their serials where they carry any."""

    pieces: int
    ranges: tuple[SerialRange, ...] = ()


TransferKind = Literal[
    "received",
    "moved",
    "allocated",
    "returned",
    "used",
    "spoiled",
    "destroyed",
    "short",
    "over",
]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Pieces that left one whereabouts for another; None is outside the books."""

    kind: TransferKind
    lot: Lot
    source: Whereabouts | None
    target: Whereabouts | None


@dataclass(frozen=True, slots=True)
class Account:
    """How many pieces a place has: the days on which it changed, ascending, and what it then was.

    Days are ordinals of `datetime.date`.
    """

    days: tuple[int, ...] = ()
    balances: tuple[int, ...] = ()

    @property
    def pieces(self) -> int:
        """How many there are after everything known."""
        return self.balances[-1] if self.balances else 0

    @property
    def last_day(self) -> int:
        """The last day on which it changed; 0 if it never did."""
        return self.days[-1] if self.days else 0

    def on(self, day: int) -> int:
        """How many there were at the end of a day."""
        place = bisect_right(self.days, day)
        return self.balances[place - 1] if place else 0

    def free_from(self, pieces: int) -> int | None:
        """The first day from which on so many are there and stay; None if there are too few."""
        if self.pieces < pieces:
            return None
        place = len(self.days)
        while place and self.balances[place - 1] >= pieces:
            place -= 1
        return self.days[place] if place < len(self.days) else 0

    def changed(self, day: int, pieces: int) -> Account:
        """The account with pieces more, or less, from a day on."""
        place = bisect_left(self.days, day)
        days, balances = self.days, self.balances
        if place == len(days) or days[place] != day:
            days = (*days[:place], day, *days[place:])
            balances = (*balances[:place], self.on(day), *balances[place:])
        return Account(days, (*balances[:place], *(one + pieces for one in balances[place:])))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Serials that are all in one whereabouts since a day."""

    range: SerialRange
    at: Whereabouts
    since: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """All pieces of an item type."""

    accounts: Mapping[Held, Account] = field(default_factory=dict)
    stretches: Mapping[Series, tuple[Stretch, ...]] = field(default_factory=dict)

    def account(self, held: Held) -> Account:
        """What a place has; an empty account if it never had anything."""
        return self.accounts.get(held) or Account()

    def over(self, asked: SerialRange) -> tuple[Stretch, ...]:
        """What is known of these serials: the stretches in which some of them lie, in order."""
        stretches = self.stretches.get(asked.series, ())
        begin = bisect_left(stretches, asked.first, key=lambda one: one.range.last)
        end = bisect_right(stretches, asked.last, key=lambda one: one.range.first)
        return stretches[begin:end]

    def ranges_at(self, at: Whereabouts) -> tuple[SerialRange, ...]:
        """The serials in one whereabouts, in their order."""
        return tuple(
            stretch.range
            for series in sorted(self.stretches)
            for stretch in joined(one for one in self.stretches[series] if one.at == at)
        )

    def applied(self, transfer: Transfer, day: int) -> Holdings:
        """The holdings after a transfer on a day."""
        accounts = dict(self.accounts)
        for held, sign in ((transfer.source, -1), (transfer.target, 1)):
            if isinstance(held, Held):
                before = accounts.get(held) or Account()
                accounts[held] = before.changed(day, sign * transfer.lot.pieces)
        stretches = dict(self.stretches)
        if transfer.target is not None:
            for moved in transfer.lot.ranges:
                old = stretches.get(moved.series, ())
                stretches[moved.series] = _placed(old, Stretch(moved, transfer.target, day))
        return Holdings(accounts, stretches)


def _placed(stretches: tuple[Stretch, ...], placed: Stretch) -> tuple[Stretch, ...]:
    """The stretches of a series with one more, which takes the place of what it covers."""
    first, last = placed.range.first, placed.range.last
    begin = bisect_left(stretches, first, key=lambda one: one.range.last)
    end = bisect_right(stretches, last, key=lambda one: one.range.first)
    rest = [
        replace(one, range=part)
        for one in stretches[begin:end]
        for part in one.range.without(placed.range)
    ]
    middle = sorted([*rest, placed], key=lambda one: one.range.first)
    around = (*stretches[max(begin - 1, 0) : begin], *middle, *stretches[end : end + 1])
    return (
        *stretches[: max(begin - 1, 0)],
        *_together(around, same_day=True),
        *stretches[end + 1 :],
    )


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Neighbours in one whereabouts as one stretch, whenever they came there."""
    return _together(stretches, same_day=False)


def _together(stretches: Iterable[Stretch], *, same_day: bool) -> tuple[Stretch, ...]:
    made: list[Stretch] = []
    for one in stretches:
        last = made[-1] if made else None
        if (
            last is not None
            and last.at == one.at
            and last.range.prefix == one.range.prefix
            and last.range.last + 1 == one.range.first
            and (last.since == one.since or not same_day)
        ):
            since = max(last.since, one.since)
            made[-1] = replace(last, range=replace(last.range, last=one.range.last), since=since)
        else:
            made.append(one)
    return tuple(made)
