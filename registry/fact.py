"""A fact: one event at its place in the register, with who recorded it, when and on what basis.

Two times, everywhere. The event itself says since when it was so (a date that may be partial,
such as `1985`); the fact says when we knew it (`recorded_at`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Self
    from uuid import UUID

    from registry.catalogue import Catalogue
    from registry.errors import AlreadyRecorded
    from registry.personal import Personal
    from registry.remark import Remark

EventT = TypeVar("EventT")


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who records, for which office, on what basis, in answer to which request.

    `request` is the caller's idempotency key or the id of an import; `request_digest` a
    fingerprint of what was asked, so that one key cannot stand for two different requests.
    """

    actor: str
    office: str
    basis: str | None = None
    request: str | None = None
    request_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Fact(Generic[EventT]):
    """An event at its place.

    `version` counts from 1 within the stream. `position` counts from 1 over the whole log
    without gaps; it is 0 until the fact is stored.
    """

    stream_id: UUID
    version: int
    position: int
    recorded_at: datetime
    authorship: Authorship
    event: EventT


CLAIM_DIGEST_BYTES = 16

RecordKind = Literal[
    "decision",
    "award",
    "service-case",
    "stock",
    "status-list",
    "key-list",
    "import",
    "user",
    "erasure",
    "disclosure",
    "put-back",
    "working-days",
]
ClaimKind = Literal[
    "decision",
    "award",
    "golden-number",
    "serial",
    "receipt",
    "status-index",
    "signed-file",
    "status-list",
    "key-list",
    "service-case",
    "stock",
    "request",
    "import",
    "user",
]


class _ClaimParts(NamedTuple):
    kind: ClaimKind
    key: str
    soft: bool
    digest: bytes


class Claim(_ClaimParts):
    """A name that only one stream of the register may hold.

    `key` is the text whose meaning must be unique. A soft claim that is taken already does
    not stop the fact: its holder is reported, and the caller warns. `digest` is what the claim is
    kept by: short, and says nothing of persons. Never given by hand: a claim that comes from
    another process of ours brings its own.

    A tuple, because a bulk import makes and moves three of them for every row.
    """

    __slots__ = ()

    def __new__(cls, kind: ClaimKind, key: str, soft: bool = False, digest: bytes = b"") -> Self:  # noqa: FBT001, FBT002
        """Work out the digest."""
        if not digest:
            digest = sha256(f"{kind}|{key}".encode()).digest()[:CLAIM_DIGEST_BYTES]
        return tuple.__new__(cls, (kind, key, soft, digest))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule decided: events to record, and doubts that somebody should look at."""

    events: tuple[Any, ...]
    remarks: tuple[Remark, ...] = ()


Named: TypeAlias = "tuple[RecordKind, UUID]"
"""A record by its kind and id."""


@dataclass(frozen=True, slots=True)
class World:
    """What a rule may know beside its own record: the catalogue, and the records it names.

    `record_id` is its own record's, for a rule that asks another record about it; None where
    the command names no other.
    """

    catalogue: Catalogue
    records: Mapping[UUID, Any]
    record_id: UUID | None = None


class Decider(Protocol):
    """One kind of record: a module with these names, pure functions all of them."""

    INITIAL: Any
    EVENTS: Mapping[str, type]

    def decide(self, state: Any, command: Any, world: World) -> Outcome:
        """Judge a command. Raises `Rejected`."""

    def evolve(self, state: Any, event: Any) -> Any:
        """Apply what happened. Refuses nothing."""

    def claims(self, after: Any, event: Any) -> tuple[Claim, ...]:
        """Names that an event takes for its stream; `after` is the state it leads to."""

    def taken(self, claim: Claim, holder: UUID) -> AlreadyRecorded:
        """The error for a name of this kind of record that another one holds."""

    def personal_values(self, event: Any) -> Iterable[Personal]:
        """Values in an event that must be sealed, or are."""

    def named_records(self, command: Any) -> tuple[Named, ...]:
        """Other records that judging this command reads, each with its kind."""
