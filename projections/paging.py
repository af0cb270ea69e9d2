"""Pages of lists: what a page is, and the opaque tokens that say where the next one begins.

A token names the last row shown, not a count of rows, so that pages neither repeat nor skip a
row when others are added meanwhile.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from registry.errors import Rejected

if TYPE_CHECKING:
    from typing import LiteralString

PAGE_ROWS_MAX = 200
PAGE_ROWS_DEFAULT = 20
TOKEN_CHARACTERS_MAX = 4_096

Key: TypeAlias = "tuple[str | int, ...]"
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Rows, and the token of the next page; None on the last one."""

    rows: tuple[RowT, ...]
    next_token: str | None


def check_limit(limit: int) -> int:
    """Return the number of rows. Raises `Rejected` outside 1 to `PAGE_ROWS_MAX`."""
    if not 1 <= limit <= PAGE_ROWS_MAX:
        raise Rejected("page-rows-out-of-range", field="limit", typed=limit, limit=PAGE_ROWS_MAX)
    return limit


def format_token(list_name: str, key: Key) -> str:
    """The token for the rows behind `key` in a list."""
    return urlsafe_b64encode(json.dumps([list_name, *key]).encode()).decode().rstrip("=")


def parse_token(list_name: str, token: str, shape: tuple[type, ...]) -> Key:
    """The key in a token. Raises `Rejected` unless it is one of this list with this shape."""
    key = parse_any_token(list_name, token)
    if tuple(type(part) for part in key) != shape:
        raise Rejected("page-token-unreadable", field="cursor")
    return key


def parse_any_token(list_name: str, token: str) -> Key:
    """The key in a token, of whatever shape. Raises `Rejected` unless it is of this list."""
    name, *key = _parse_json(token)
    if name != list_name or not all(_is_key_part(part) for part in key):
        raise Rejected("page-token-unreadable", field="cursor")
    return tuple(key)


def _parse_json(token: str) -> list[Any]:
    try:
        if len(token) <= TOKEN_CHARACTERS_MAX:
            parts = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            if isinstance(parts, list) and parts:
                return parts
    except (ValueError, RecursionError):
        pass
    raise Rejected("page-token-unreadable", field="cursor")


def _is_key_part(part: object) -> bool:
    """Whether PostgreSQL can take it: proper text without a zero, or a number of 64 bits."""
    if type(part) is int:
        return -(2**63) <= part < 2**63
    return isinstance(part, str) and not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in part)


def position_from(list_name: str, token: str | None, start: int = 2**63 - 1) -> int:
    """Position in a list's token; without one, where a list from newest to oldest starts."""
    if token is None:
        return start
    return int(parse_token(list_name, token, (int,))[0])


def where(conditions: Mapping[str, LiteralString], parameters: Mapping[str, Any]) -> LiteralString:
    """The WHERE clause of those conditions whose parameter is given.

    A condition that is not wanted is left out, rather than made true by `IS NULL OR`, which
    would keep the planner from using its index.
    """
    wanted = [text for name, text in conditions.items() if parameters[name] is not None]
    return " WHERE " + " AND ".join(wanted) if wanted else ""


def page_of(
    list_name: str, rows: Sequence[RowT], limit: int, key: Callable[[RowT], Key]
) -> Page[RowT]:
    """The page of `limit` rows out of one row more, which tells whether there is another page."""
    shown = tuple(rows[:limit])
    more = len(rows) > limit
    return Page(shown, format_token(list_name, key(shown[-1])) if more else None)
