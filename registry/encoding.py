"""Canonical JSON (RFC 8785) of an event, and of a fact around it; `codec` reads it back.

A module of its own, because whoever only prepares awards need not know every other event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from registry.errors import CorruptFact
from registry.fact import Authorship
from registry.personal import Clear, Sealed

if TYPE_CHECKING:
    from registry.sealing import Place, Sealer

# Thousands of facts are recorded at one moment.
TIMES_CACHED_MAX = 64


def _store_sealed(value: Any) -> dict[str, str]:
    """Store a personal value; one in the clear must never come here."""
    if isinstance(value, Sealed):
        return value.as_stored()
    raise CorruptFact("personal-value-in-the-clear", kind=type(value).__name__)


STRICT_ENCODER = msgspec.json.Encoder(enc_hook=_store_sealed, order="sorted")


def format_time(moment: datetime) -> str:
    """A moment as stored: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class EventEncoder:
    """Canonical bytes of events, their personal values sealed.

    Sealing happens here and nowhere else: a personal value leaves for the log only under its
    person's key, bound to its stream, version, event name, person and kind.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._place: Place | None = None
        self._encode = msgspec.json.Encoder(enc_hook=self._seal, order="sorted").encode

    def encode(self, place: Place, event: object) -> bytes:
        """An event's part of the stored bytes."""
        self._place = place
        return self._encode(event)

    def _seal(self, value: Any) -> dict[str, str]:
        if isinstance(value, Clear) and self._place is not None:
            return self._sealer.seal(value, self._place).as_stored()
        return _store_sealed(value)


def enclose(event: bytes, authorship: Authorship, recorded_at: datetime) -> bytes:
    """The stored bytes of a fact: those of its event inside its `Envelope`."""
    before, after = enclosure(authorship, recorded_at)
    return before + event + after


@lru_cache(TIMES_CACHED_MAX)
def enclosure(authorship: Authorship, recorded_at: datetime) -> tuple[bytes, bytes]:
    """What stands before and behind an event; the same for thousands that come together."""
    before = {"actor": authorship.actor, "basis": authorship.basis}
    after = {
        "office": authorship.office,
        "recorded_at": format_time(recorded_at),
        "request": authorship.request,
        "request_digest": authorship.request_digest,
    }
    opening, closing = map(STRICT_ENCODER.encode, (before, after))
    return opening[:-1] + b',"event":', b"," + closing[1:]
