"""What every status list must have said when it was published, told again from the facts alone.

A bit is set where a paper that was signed is not in force. Lists are made from a register, which
follows the log at a distance: a bit counts as right if it was so at any moment from
`BEHIND_MAX` before the list's own time up to its place in the log. Beyond that it is told: a list
that hid a recall so long deceived somebody, whatever the cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from projections.signatures import signatures_of
from registry.errors import VerificationFailed
from registry.proofs.credentials import format_moment
from registry.proofs.status_lists import BITS, StatusList, bits_of, list_of, verify_published

if TYPE_CHECKING:
    from sqlite3 import Connection

    from registry.fact import Fact
    from registry.proofs.auditing import Audit
    from registry.status_list import StatusListPublished

BEHIND_MAX: Final = timedelta(hours=1)

_TABLES: Final = (
    "CREATE TABLE published (number, position, valid_from, valid_until, revoked, credential)",
    "CREATE TABLE status (number, place, position, at, in_force)",
    "CREATE INDEX status_place ON status (number, place, position)",
)
_VERSIONS: Final = "SELECT * FROM published ORDER BY number, position"
_CHANGES: Final = (
    "SELECT position, place, in_force FROM status WHERE number = ? ORDER BY position DESC"
)
_PAST: Final = (
    "SELECT at, in_force FROM status WHERE number = ? AND place = ? AND position < ?"
    " ORDER BY position"
)


class ListRecount:
    """Status lists and what became of each paper, kept in a file until both are complete."""

    def __init__(self, waiting: Connection) -> None:
        self._waiting = waiting
        for statement in _TABLES:
            waiting.execute(statement)

    def add_list(self, position: int, event: StatusListPublished) -> None:
        """A version of a list."""
        moments = (event.valid_from, event.valid_until)
        row = (event.number, position, *moments, event.revoked, event.credential)
        self._waiting.execute("INSERT INTO published VALUES (?, ?, ?, ?, ?, ?)", row)

    def add_award(self, facts: Sequence[Fact[Any]]) -> None:
        """The papers of an award: what became of each with every fact."""
        known: dict[int, bool] = {}
        for count, fact in enumerate(facts, 1):
            for signed, in_force in signatures_of(facts[:count]):
                index = signed.event.status_index
                if known.get(index) != in_force:
                    known[index] = in_force
                    at = fact.recorded_at.timestamp()
                    row = (list_of(index), index % BITS, fact.position, at, in_force)
                    self._waiting.execute("INSERT INTO status VALUES (?, ?, ?, ?, ?)", row)

    def check(self, found: Audit) -> None:
        """Tell of every bit that is not what the facts make it."""
        if found.key_list is None:
            return
        versions = self._waiting.execute(_VERSIONS)
        for number, own in groupby(versions, lambda row: row[0]):
            bits, changes = bytearray(bits_of(())), self._changes(number)
            for _, position, *said, credential in own:
                while changes and changes[-1][0] < position:
                    _, place, in_force = changes.pop()
                    _put(bits, place, revoked=not in_force)
                try:
                    listed = verify_published(number, credential, found.key_list, position - 1)
                except VerificationFailed:
                    # The audit has told of it already.
                    continue
                if said != _described(listed):
                    found.blame("status-list-misdescribed", position=position)
                self._compare(listed, bytes(bits), position, found)

    def _changes(self, number: int) -> list[tuple[int, int, bool]]:
        """What became of the papers of one list, the first change at the end."""
        return self._waiting.execute(_CHANGES, (number,)).fetchall()

    def _compare(self, listed: StatusList, bits: bytes, position: int, found: Audit) -> None:
        if listed.bits == bits:
            return
        for place in _differing(listed.bits, bits):
            if not self._was_so(listed, place, position):
                found.blame("status-differs", position=position, list=listed.number, index=place)

    def _was_so(self, listed: StatusList, place: int, position: int) -> bool:
        """Whether a bit was right at some moment from which the list may have been made."""
        begins = (listed.valid_from - BEHIND_MAX).timestamp()
        states = [False]
        for at, in_force in self._waiting.execute(_PAST, (listed.number, place, position)):
            states = [not in_force] if at <= begins else [*states, not in_force]
        return listed.is_set(place) in states


def _described(listed: StatusList) -> list[Any]:
    """What the fact that publishes a list must say of it."""
    moments = (listed.valid_from, listed.valid_until)
    return [*map(format_moment, moments), int.from_bytes(listed.bits, "big").bit_count()]


def _put(bits: bytearray, place: int, *, revoked: bool) -> None:
    mask = 0x80 >> place % 8
    bits[place // 8] = bits[place // 8] | mask if revoked else bits[place // 8] & ~mask


def _differing(one: bytes, other: bytes) -> Iterator[int]:
    for byte, (left, right) in enumerate(zip(one, other, strict=True)):
        for bit in range(8):
            if (left ^ right) & (0x80 >> bit):
                yield byte * 8 + bit
