"""At what time a question is asked of the register.

Two times, everywhere: `as_of` is the day on which something was so, `known_at` the moment at
which the register said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from api.refusals import BadRequest
from registry.dates import BadDate, parse_edtf, parse_typed_date
from registry.messages import VIETNAM_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME_CHARACTERS_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Moment:
    """The day and the moment of a question; None is now."""

    as_of: date | None = None
    known_at: datetime | None = None

    @property
    def is_now(self) -> bool:
        """Whether the question is about the present."""
        return self.as_of is None and self.known_at is None


NOW: Final = Moment()


def parse_moment(query: Mapping[str, str]) -> Moment:
    """The moment that `as_of` and `known_at` of a query name. Raises `BadRequest`."""
    return Moment(_parse_day(query.get("as_of")), _parse_time(query.get("known_at")))


def refuse_moment(query: Mapping[str, str]) -> None:
    """Raise `BadRequest` if a list is asked for at another time than now."""
    for name in ("as_of", "known_at"):
        if name in query:
            raise BadRequest("not-yet-for-lists", field=name)


def _parse_day(text: str | None) -> date | None:
    """The last day that a date can mean: the register as it was by the end of a year or month."""
    if not text:
        return None
    try:
        edtf = parse_typed_date(text)
    except BadDate as error:
        raise BadRequest(error.code, field="as_of", **error.params) from None
    return parse_edtf(edtf).latest if edtf is not None else None


def _parse_time(text: str | None) -> datetime | None:
    """A time of ISO 8601; without a zone it is Viet Nam's, and a day alone is its end."""
    if not text:
        return None
    # In a query an unescaped "+" of the zone arrives as a space.
    typed = text.strip().replace(" ", "+")[:TIME_CHARACTERS_MAX]
    try:
        moment = datetime.fromisoformat(typed)
        if len(typed) == len("2024-12-15"):
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=VIETNAM_TIME)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest("time-unreadable", field="known_at", typed=typed) from None
