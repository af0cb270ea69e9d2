"""Stock of one item type: where pieces must be before they can go anywhere.

Every refusal says which serial stands in the way and where it is: in another office's range, in
another store, used, destroyed, missing.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, assert_never, get_args

from registry.errors import Rejected
from registry.rules import check_choice, check_date, check_text, require_text
from registry.stock.holdings import (
    Condition,
    Destroyed,
    Held,
    Holdings,
    Missing,
    Place,
    Stretch,
    Used,
)
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from registry.stock.commands import OnPieces
    from registry.stock.serial_range import SerialRange

CONDITIONS: Final[tuple[Condition, ...]] = get_args(Condition)


def taken_from(
    holdings: Holdings, command: OnPieces, place: Place, condition: Condition = "usable"
) -> tuple[Held, str]:
    """Where the pieces of a command are now, and the day on which they can leave. Raises."""
    check_choice("condition", condition, CONDITIONS)
    lot = command.lot
    known = known_place(holdings, "store", place)
    held, since = Held(known, condition), 0
    if lot.ranges:
        held, since = _located(holdings, lot.ranges, known, condition)
    account = holdings.account(held)
    free_from = account.free_from(lot.pieces)
    if free_from is None:
        raise Rejected(
            "stock-short",
            field="quantity",
            pieces=lot.pieces,
            held=account.pieces,
            office=known.office,
        )
    return held, booked_day(command.happened_on, max(since, free_from))


def _located(
    holdings: Holdings, ranges: Sequence[SerialRange], place: Place, condition: Condition
) -> tuple[Held, int]:
    """The one place of the office where all these serials are, and since when."""
    found: set[Held] = set()
    since = 0
    for asked in ranges:
        for stretch in known_serials(holdings, asked):
            at = stretch.at
            if not isinstance(at, Held) or not _fits(at, place, condition):
                raise not_at(stretch, asked, place, condition)
            found.add(at)
            since = max(since, stretch.since)
    if len(found) > 1:
        raise Rejected("serials-in-several-stores", field="serials")
    return found.pop(), since


def _fits(at: Held, place: Place, condition: Condition) -> bool:
    """Whether serials are in the office, in its store if one is named, and in the condition."""
    in_store = place.store is None or at.place.store == place.store
    return same_office(at.place.office, place.office) and in_store and at.condition == condition


def known_serials(holdings: Holdings, asked: SerialRange) -> Iterator[Stretch]:
    """The stretches in which these serials lie. Raises `Rejected` for a serial in none."""
    following = asked.first
    for stretch in holdings.over(asked):
        if stretch.range.first > following:
            break
        yield stretch
        following = stretch.range.last + 1
    if following <= asked.last:
        raise Rejected("serial-outside-ranges", field="serials", serial=asked.serial(following))


def not_at(stretch: Stretch, asked: SerialRange, place: Place, condition: Condition) -> Rejected:
    """The refusal for serials that are not where they are wanted from."""
    serial = asked.serial(max(asked.first, stretch.range.first))
    match stretch.at:
        case Used():
            return Rejected("piece-used-already", field="serials", serial=serial)
        case Destroyed():
            return Rejected("serial-destroyed-already", field="serials", serial=serial)
        case Missing(office=office):
            return Rejected(
                "serial-not-found-when-counted", field="serials", serial=serial, office=office
            )
        case Held(place=other) if not same_office(other.office, place.office):
            return Rejected(
                "serial-of-another-office",
                field="serials",
                serial=serial,
                office=other.office,
                **ends_of(stretch.range),
            )
        case Held(condition=other_condition) if other_condition != condition:
            code = "serial-not-spoiled" if condition == "spoiled" else "serial-spoiled-already"
            return Rejected(code, field="serials", serial=serial)
        case Held(place=other):
            return Rejected(
                "serial-in-another-store", field="serials", serial=serial, store=other.store or "–"
            )
        case _:
            assert_never(stretch.at)


def known_place(holdings: Holdings, field: str, place: Place) -> Place:
    """A place as it was first written, whatever its spelling now. Raises `Rejected`."""
    require_text(f"{field}.office", place.office)
    check_text(field, place.store)
    key = _place_key(place)
    known = (held.place for held in holdings.accounts)
    return next((one for one in known if _place_key(one) == key), place)


def _place_key(place: Place) -> tuple[str, str]:
    return comparison_key(place.office), comparison_key(place.store or "")


def same_office(office: str, other: str) -> bool:
    """Whether two spellings mean one office."""
    return comparison_key(office) == comparison_key(other)


def booked_day(happened_on: str, not_before: int) -> str:
    """The first day that a date can mean on which the pieces are there. Raises `Rejected`."""
    when = check_date("on", happened_on)
    if when is None:
        raise Rejected("value-missing", field="on")
    day = max(when.earliest.toordinal(), not_before)
    if day > when.latest.toordinal():
        since = date.fromordinal(not_before).isoformat()
        raise Rejected("stock-day-too-early", field="on", on=happened_on, valid_from=since)
    return date.fromordinal(day).isoformat()


def ends_of(serials: SerialRange) -> dict[str, str]:
    """The ends of a range, as a sentence names them."""
    return {"first": serials.first_serial, "last": serials.last_serial}
