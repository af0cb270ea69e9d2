"""Stored bytes: canonical JSON (RFC 8785) under permanent names, read strictly.

A fact is stored under a permanent name such as `award-recorded.v1`, as the canonical JSON of
`{actor, basis, event, office, recorded_at, request, request_digest}`. What is stored is what
is hashed and signed.

Reading is strict by construction: the bytes are decoded into the event's own dataclass with
exact types, encoded again, and must come out the same to the byte. An unknown name, a missing
or extra field, a wrong type, another spelling of the same JSON: `CorruptFact`.

Released names and shapes never change; a new shape is a new name (`award-recorded.v2`).
`tests/golden_events.py` holds the bytes of every version ever released.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent

from registry import (
    award,
    decision,
    disclosure,
    erasure,
    importing,
    key_list,
    put_back,
    status_list,
    stock,
    user,
    working_calendar,
)
from registry.cases import events as case_events
from registry.encoding import STRICT_ENCODER, EventEncoder, enclose, format_time
from registry.errors import CorruptFact
from registry.fact import Authorship, Fact
from registry.personal import PERSONAL_KINDS, Personal, Sealed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from registry.sealing import Keyring, Sealer

EventT = TypeVar("EventT")

EVENTS: Mapping[str, type] = {
    **decision.EVENTS,
    **award.EVENTS,
    **case_events.EVENTS,
    **status_list.EVENTS,
    **key_list.EVENTS,
    **importing.EVENTS,
    **stock.EVENTS,
    **user.EVENTS,
    **erasure.EVENTS,
    **disclosure.EVENTS,
    **put_back.EVENTS,
    **working_calendar.EVENTS,
}
NAMES: Mapping[type, str] = {event: name for name, event in EVENTS.items()}

_SEALED_FIELDS = ("ciphertext", "commitment", "kind", "nonce", "subject")


@dataclass(frozen=True, slots=True)
class Envelope(Generic[EventT]):
    """The JSON object that is stored for a fact."""

    actor: str
    basis: str | None
    event: EventT
    office: str
    recorded_at: str
    request: str | None
    request_digest: str | None


def _open_sealed(kind: type, stored: Any) -> Personal:
    """Build a personal value from its stored object; it stays sealed."""
    if kind is not Personal or not isinstance(stored, dict):
        raise CorruptFact("fact-malformed", reason="not a sealed value")
    if tuple(sorted(stored)) != _SEALED_FIELDS or stored["kind"] not in PERSONAL_KINDS:
        raise CorruptFact("fact-malformed", reason="not a sealed value")
    if not all(isinstance(part, str) for part in stored.values()):
        raise CorruptFact("fact-malformed", reason="not a sealed value")
    return Sealed(**stored)


_decoders: dict[str, msgspec.json.Decoder[Envelope[Any]]] = {}


def _make_decoder(name: str) -> msgspec.json.Decoder[Envelope[Any]] | None:
    """What reads facts of a name; made when the first is read: there are many, most stay unused."""
    event = EVENTS.get(name)
    if event is None:
        return None
    decoder = msgspec.json.Decoder(Envelope[event], dec_hook=_open_sealed)  # type: ignore[valid-type]
    return _decoders.setdefault(name, decoder)


def parse_time(text: str) -> datetime:
    """The moment that `format_time` wrote. Raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    if format_time(moment) != text:
        raise ValueError(text)
    return moment


def event_name(event: object) -> str:
    """Permanent name under which an event is stored. Raises `KeyError` for no event of ours."""
    return NAMES[type(event)]


def encode_facts(facts: Sequence[Fact[Any]], sealer: Sealer) -> list[StoredEvent]:
    """Canonical bytes of facts, their personal values sealed."""
    encoder = EventEncoder(sealer)
    stored = []
    for fact in facts:
        name = event_name(fact.event)
        event = encoder.encode((fact.stream_id, fact.version, name), fact.event)
        state = enclose(event, fact.authorship, fact.recorded_at)
        stored.append(StoredEvent(fact.stream_id, fact.version, name, state))
    return stored


class FactMapper(Mapper[UUID]):
    """Shows our facts to the `eventsourcing` library: its notification log and its projections."""

    def __init__(self, keyring: Keyring) -> None:
        # The library's own initialiser wants a transcoder, compressor and cipher; none is used.
        self.keyring = keyring

    def to_stored_event(self, domain_event: Fact[Any]) -> StoredEvent:  # type: ignore[override]
        """Canonical bytes of a fact. Personal values must be sealed already."""
        return encode_facts([domain_event], self.keyring.sealer(()))[0]

    def to_domain_event(self, stored_event: StoredEvent) -> Fact[Any]:  # type: ignore[override]
        """The fact that a stored event holds; personal values stay sealed.

        Raises `CorruptFact` unless this program could have written exactly these bytes.
        """
        return decode_fact(
            stored_event.originator_id,  # type: ignore[arg-type]
            stored_event.originator_version,
            getattr(stored_event, "id", 0),
            stored_event.topic,
            stored_event.state,
        )


def decode_fact(stream_id: UUID, version: int, position: int, name: str, state: bytes) -> Fact[Any]:
    """The fact stored under a name in these bytes; see the rules at the head of this module."""
    decoder = _decoders.get(name) or _make_decoder(name)
    if decoder is None:
        raise CorruptFact("fact-name-unknown", name=name, position=position)
    try:
        envelope = decoder.decode(state)
        recorded_at = parse_time(envelope.recorded_at)
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorruptFact(
            "fact-malformed", name=name, position=position, reason=str(error)
        ) from error
    if STRICT_ENCODER.encode(envelope) != state:
        raise CorruptFact("fact-not-canonical", name=name, position=position)
    authorship = Authorship(
        envelope.actor,
        envelope.office,
        envelope.basis,
        envelope.request,
        envelope.request_digest,
    )
    return Fact(stream_id, version, position, recorded_at, authorship, envelope.event)
