"""The register: the one way in.

Every command, from a form, an HTTP body, the command line or a row of a sheet, passes through
a `Work`: load the record, `decide`, and append what was decided in one transaction together
with the names it takes and the versions it relied on. One command is a work with one command;
an import is works of thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from eventsourcing.persistence import StoredEvent

from registry import award, decision, importing, user
from registry.artifact import format_serial
from registry.codec import EventEncoder, decode_fact, enclose
from registry.errors import AlreadyRecorded, Conflict, Rejected
from registry.fact import (
    Authorship,
    Claim,
    Decider,
    Fact,
    Outcome,
    RecordKind,
    World,
)
from registry.identifiers import new_id
from registry.log import Appending, ClaimTaken, FactLog
from registry.personal import Clear, Personal
from registry.prepared import Prepared, command_again
from registry.remark import Remark

if TYPE_CHECKING:
    from uuid import UUID

    from registry.catalogue import Catalogue
    from registry.log import Appended
    from registry.sealing import Keyring, Sealer

DECIDERS: Mapping[RecordKind, Decider] = {
    "decision": cast("Decider", decision),
    "award": cast("Decider", award),
    "import": cast("Decider", importing),
    "user": cast("Decider", user),
}
KIND_OF_EVENT: Mapping[type, RecordKind] = {
    event: kind for kind, decider in DECIDERS.items() for event in decider.EVENTS.values()
}

CONFLICT_ATTEMPTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record as its facts leave it: state, version (0 when unknown), last recording."""

    state: Any
    version: int
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A command for one record; `new` says that the record's id was made just now."""

    kind: RecordKind
    stream_id: UUID
    command: Any
    new: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a command did: the record, its new version, the log's position, events and doubts.

    `repeated` tells that the request had been carried out before and nothing was added now.
    """

    stream_id: UUID
    version: int
    position: int
    events: tuple[Any, ...]
    remarks: tuple[Remark, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """Positions that a work took in the log; `remarks` tells doubts found only then."""

    first_position: int
    last_position: int
    remarks: tuple[Remark, ...] = ()


class Registry:
    """The register's write side on one log."""

    def __init__(
        self,
        log: FactLog,
        keyring: Keyring,
        catalogue: Catalogue,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.log = log
        self.keyring = keyring
        self.catalogue = catalogue
        self.clock = clock

    def create(self, kind: RecordKind, command: Any, authorship: Authorship) -> Recorded:
        """Begin a new record with a command. Raises as `execute`."""
        return self.execute(kind, new_id(), command, authorship, new=True)

    def execute(
        self,
        kind: RecordKind,
        stream_id: UUID,
        command: Any,
        authorship: Authorship,
        *,
        expected_version: int | None = None,
        new: bool = False,
    ) -> Recorded:
        """Judge a command on one record and record what was decided. Raises as `carry_out`."""
        order = Order(kind, stream_id, command, new)
        return self.carry_out((order,), authorship, expected_version=expected_version)

    def carry_out(
        self,
        orders: Sequence[Order],
        authorship: Authorship,
        *,
        expected_version: int | None = None,
    ) -> Recorded:
        """Judge commands one after the other, each seeing the last; record all of them or none.

        What is returned, and `expected_version`, are about the first order's record; doubts
        are those about all of them. With a request key in the authorship, asking again changes
        nothing and returns what was recorded the first time. Raises `Rejected`,
        `AlreadyRecorded`, `Conflict` when the record is not at `expected_version`, and what
        `FactLog.append` raises.
        """
        first = orders[0].stream_id
        for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
            work = self.work(authorship)
            try:
                work.claim_request(first)
                outcomes = work.execute_all(orders, expected_version)
                committed = work.commit()
            except Rejected:
                # The rule may say no only because the same request was carried out before.
                return self._repeated_or_raise(authorship)
            except Conflict:
                # Somebody else wrote to the record meanwhile: judge again, unless the caller
                # had said which version he saw.
                if expected_version is not None or attempt == CONFLICT_ATTEMPTS_MAX:
                    return self._repeated_or_raise(authorship)
                continue
            remarks = tuple(remark for outcome in outcomes for remark in outcome.remarks)
            return Recorded(
                first,
                work.version_of(first),
                committed.last_position,
                outcomes[0].events,
                remarks + committed.remarks,
            )
        raise AssertionError

    def work(self, authorship: Authorship, after: Work | None = None) -> Work:
        """A unit of work: many commands, one transaction.

        `after` is a work whose commit is under way: this one judges as if it stood. If that
        commit fails, this work is of no use either.
        """
        return Work(self, authorship, after)

    def load(self, kind: RecordKind, stream_id: UUID) -> Loaded:
        """A record as its facts leave it; version 0 when it is unknown."""
        decider = DECIDERS[kind]
        facts = self.facts_of(stream_id)
        if facts and KIND_OF_EVENT[type(facts[0].event)] != kind:
            return Loaded(decider.INITIAL, 0)
        state = decider.INITIAL
        for fact in facts:
            state = decider.evolve(state, fact.event)
        return Loaded(state, len(facts), facts[-1].recorded_at if facts else None)

    def facts_of(self, stream_id: UUID) -> tuple[Fact[Any], ...]:
        """All facts of a record in order. Raises `CorruptFact`."""
        return tuple(
            decode_fact(stream_id, version, position, name, bytes(state))
            for version, position, name, state in self.log.read_stream(stream_id)
        )

    def holder(self, claim: Claim) -> UUID | None:
        """The record that holds a name, or None."""
        return self.log.holders([claim.digest]).get(claim.digest)

    def allot_serials(self, components: Sequence[str], year: int) -> tuple[str, ...]:
        """New serials for components in their order, never given before or again."""
        numbers = self.log.serial_numbers(len(components))
        return tuple(
            format_serial(component, year, number)
            for component, number in zip(components, numbers, strict=True)
        )

    def _repeated_or_raise(self, authorship: Authorship) -> Recorded:
        """What the same request recorded the first time, or the error that is being handled.

        Raises `Rejected` with `request-key-reused` if the key stood for another request.
        """
        claim = request_claim(authorship)
        holder = self.holder(claim) if claim is not None else None
        if holder is None:
            raise  # noqa: PLE0704 - called while the error is handled
        facts = [
            fact
            for fact in self.facts_of(holder)
            if fact.authorship.request == authorship.request
            and fact.authorship.actor == authorship.actor
        ]
        if not facts or facts[0].authorship.request_digest != authorship.request_digest:
            raise Rejected("request-key-reused", field="Idempotency-Key")
        last = facts[-1]
        events = tuple(fact.event for fact in facts)
        return Recorded(holder, last.version, last.position, events, repeated=True)


def request_claim(authorship: Authorship) -> Claim | None:
    """The name that a request key takes: each actor has keys of its own."""
    if authorship.request is None:
        return None
    return Claim("request", f"{authorship.actor}|{authorship.request}")


@dataclass(slots=True)
class _Undo:
    """What an attempt changed, so that it can be taken back."""

    pending: int
    records: dict[UUID, Loaded | Prepared | None] = field(default_factory=dict)
    claims: list[bytes] = field(default_factory=list)


class Work:
    """Commands judged one after the other, each seeing the last; recorded together or not at all.

    Nothing is written before `commit`. Use from one thread.
    """

    def __init__(
        self, registry: Registry, authorship: Authorship, after: Work | None = None
    ) -> None:
        self._registry = registry
        self._authorship = authorship
        self._after = after
        self._records: dict[UUID, Loaded | Prepared] = {}
        self._read_only: dict[UUID, int] = {}
        self._pending: list[tuple[UUID, int, Any] | Prepared] = []
        self._adopted: list[Prepared] = []
        self._claims: dict[bytes, tuple[Claim, UUID, RecordKind | None]] = {}
        self._held: dict[bytes, UUID | None] = {}
        self._undo: _Undo | None = None
        self._plain_world = World(registry.catalogue, {})

    def prefetch(self, claims: Iterable[Claim]) -> None:
        """Ask the log once who holds these names."""
        keys = [claim.digest for claim in claims]
        holders = self._registry.log.holders(keys)
        self._held.update((key, holders.get(key)) for key in keys)

    def holder(self, claim: Claim) -> UUID | None:
        """Who holds a name as far as this work knows: it was prefetched, or taken here."""
        taken = self._claims.get(claim.digest)
        if taken is not None:
            return taken[1]
        holder = self._held.get(claim.digest)
        if holder is None and self._after is not None:
            taken = self._after._claims.get(claim.digest)  # noqa: SLF001 - a work like this one
            return None if taken is None else taken[1]
        return holder

    def claim_request(self, stream_id: UUID) -> None:
        """Take the authorship's request key for this record, so that a repetition is noticed."""
        claim = request_claim(self._authorship)
        if claim is not None:
            self._claims[claim.digest] = (claim, stream_id, None)

    def create(self, kind: RecordKind, command: Any) -> tuple[UUID, Outcome]:
        """Begin a new record with a command; returns its id. Raises as `execute`."""
        stream_id = new_id()
        return stream_id, self.execute(kind, stream_id, command, new=True)

    def execute(
        self,
        kind: RecordKind,
        stream_id: UUID,
        command: Any,
        *,
        new: bool = False,
        expected_version: int | None = None,
    ) -> Outcome:
        """Judge a command on one record and keep what was decided for `commit`.

        `new` says that the id was made just now, so there is nothing to read. Raises
        `Rejected`, and `AlreadyRecorded` for a name that is known to be taken.
        """
        decider = DECIDERS[kind]
        loaded = self._record(kind, stream_id, new=new)
        if expected_version is not None and loaded.version != expected_version:
            raise Conflict("record-changed", expected=expected_version, found=loaded.version)
        outcome = decider.decide(loaded.state, command, self._world(decider, command))
        state, version = loaded.state, loaded.version
        remarks: tuple[Remark, ...] = ()
        for event in outcome.events:
            state, version = decider.evolve(state, event), version + 1
            for claim in decider.claims(state, event):
                remarks += self._take(kind, stream_id, claim)
            self._pending.append((stream_id, version, event))
        self._remember(stream_id, Loaded(state, version, loaded.recorded_at))
        return Outcome(outcome.events, outcome.remarks + remarks)

    def adopt(self, prepared: Prepared, decision_id: UUID | None = None) -> tuple[Remark, ...]:
        """Begin a new award whose first fact was judged elsewhere; its names are taken here.

        If its decision turns out to have a record, it is judged anew as an award of that
        decision. Raises `AlreadyRecorded` for a name that is known to be taken, and `Rejected`.
        """
        self._adopted.append(prepared)
        if decision_id is not None:
            command = command_again(self._event_of(prepared), decision_id)
            return self.execute("award", prepared.stream_id, command, new=True).remarks
        remarks = prepared.remarks
        for claim in prepared.claims:
            remarks += self._take("award", prepared.stream_id, claim)
        self._pending.append(prepared)
        self._remember(prepared.stream_id, prepared)
        return remarks

    def execute_all(
        self, orders: Sequence[Order], expected_version: int | None = None
    ) -> list[Outcome]:
        """Judge several commands; `expected_version` is that of the first one's record."""
        expected = [expected_version, *[None] * (len(orders) - 1)]
        return [
            self.execute(
                order.kind, order.stream_id, order.command, new=order.new, expected_version=version
            )
            for order, version in zip(orders, expected, strict=True)
        ]

    def version_of(self, stream_id: UUID) -> int:
        """The version of a record after this work."""
        return self._known(stream_id).version

    def state_of(self, stream_id: UUID) -> Any:
        """The state of a record as this work leaves it."""
        return self._known(stream_id).state

    def look_at(self, kind: RecordKind, stream_id: UUID) -> Any:
        """The state of a record as far as this work knows, without relying on it."""
        if stream_id in self._records:
            return self._known(stream_id).state
        return (self._record_before(stream_id) or self._registry.load(kind, stream_id)).state

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back everything that the block did if it raises `Rejected`; the error goes on."""
        self._undo = _Undo(len(self._pending))
        try:
            yield
        except Rejected:
            self._take_back(self._undo)
            raise
        finally:
            self._undo = None

    def commit(self) -> Committed:
        """Append everything in one transaction.

        Raises `AlreadyRecorded` when a name was taken meanwhile, and what `FactLog.append`
        raises; the work is of no use then, and a new one must judge again.
        """
        if not self._pending:
            head = self._registry.log.head().position
            return Committed(head, head)
        appending = self._appending()
        # What stood before us stands or fails before this append begins; nobody asks it now.
        self._after = None
        try:
            appended = self._registry.log.append(appending)
        except ClaimTaken as error:
            raise self._already_recorded(error) from error
        return Committed(
            appended.first_position, appended.last_position, self._late_remarks(appended)
        )

    def _record(self, kind: RecordKind, stream_id: UUID, *, new: bool = False) -> Loaded:
        if stream_id in self._records:
            return self._known(stream_id)
        if new:
            return Loaded(DECIDERS[kind].INITIAL, 0)
        loaded = self._record_before(stream_id) or self._registry.load(kind, stream_id)
        self._records[stream_id] = loaded
        self._read_only.setdefault(stream_id, loaded.version)
        return loaded

    def _record_before(self, stream_id: UUID) -> Loaded | None:
        """A record as the work before this one leaves it."""
        if self._after is None or stream_id not in self._after._records:  # noqa: SLF001
            return None
        return self._after._known(stream_id)  # noqa: SLF001

    def _known(self, stream_id: UUID) -> Loaded:
        """A record that this work has at hand; hardly one that was adopted is looked at again."""
        known = self._records[stream_id]
        if isinstance(known, Prepared):
            return Loaded(award.evolve(award.INITIAL, self._event_of(known)), 1)
        return known

    def _event_of(self, prepared: Prepared) -> Any:
        stored = enclose(prepared.event, self._authorship, self._registry.clock())
        return decode_fact(prepared.stream_id, 1, 0, prepared.name, stored).event

    def _world(self, decider: Decider, command: Any) -> World:
        names = decider.named_records(command)
        if not names:
            return self._plain_world
        named = {one: self._record(kind, one).state for kind, one in names}
        return World(self._registry.catalogue, named)

    def _remember(self, stream_id: UUID, loaded: Loaded | Prepared) -> None:
        if self._undo is not None:
            self._undo.records.setdefault(stream_id, self._records.get(stream_id))
        self._records[stream_id] = loaded

    def _take(self, kind: RecordKind, stream_id: UUID, claim: Claim) -> tuple[Remark, ...]:
        """Take a name for a record; a soft one that is taken already is only remarked."""
        key = claim.digest
        holder = self.holder(claim)
        if holder is not None and holder != stream_id:
            if not claim.soft:
                raise DECIDERS[kind].taken(claim, holder)
            return (_repeated_number(claim, holder),)
        if holder is None:
            self._claims[key] = (claim, stream_id, kind)
            if self._undo is not None:
                self._undo.claims.append(key)
        return ()

    def _take_back(self, undo: _Undo) -> None:
        del self._pending[undo.pending :]
        for key in undo.claims:
            del self._claims[key]
        for stream_id, loaded in undo.records.items():
            if loaded is None:
                del self._records[stream_id]
            else:
                self._records[stream_id] = loaded

    def _appending(self) -> Appending:
        sealer = self._sealer()
        events = self._stored(sealer)
        written = {event.originator_id for event in events}
        return Appending(
            events,
            [
                (key, claim.kind, stream_id, claim.soft)
                for key, (claim, stream_id, _) in self._claims.items()
            ],
            [
                (stream_id, version)
                for stream_id, version in self._read_only.items()
                if stream_id not in written
            ],
            self._registry.keyring.wrapped(sealer.new_keys),
            self._held,
        )

    def _sealer(self) -> Sealer:
        """What seals the values still in the clear, and keeps the keys of those that are not."""
        here = [one[2] for one in self._pending if not isinstance(one, Prepared)]
        sealer = self._registry.keyring.sealer(subjects_of(here))
        for prepared in self._adopted:
            if prepared.stream_id in self._records:
                sealer.new_keys.update(prepared.keys)
        return sealer

    def _stored(self, sealer: Sealer) -> list[StoredEvent]:
        """The facts of this work as they are stored, in order, all recorded now."""
        now = self._registry.clock()
        encoder = EventEncoder(sealer)
        stored = []
        for one in self._pending:
            if isinstance(one, Prepared):
                state = enclose(one.event, self._authorship, now)
                stored.append(StoredEvent(one.stream_id, 1, one.name, state))
                continue
            stream_id, version, event = one
            last = self._known(stream_id).recorded_at
            name, encoded = encoder.encode(stream_id, version, event)
            # A clock that went back does not put a record's facts out of order.
            at = now if last is None or last <= now else last
            state = enclose(encoded, self._authorship, at)
            stored.append(StoredEvent(stream_id, version, name, state))
        return stored

    def _already_recorded(self, error: ClaimTaken) -> AlreadyRecorded:
        claim, _, kind = self._claims[error.key]
        if kind is None:
            return AlreadyRecorded("request-repeated", error.holder)
        return DECIDERS[kind].taken(claim, error.holder)

    def _late_remarks(self, appended: Appended) -> tuple[Remark, ...]:
        return tuple(
            _repeated_number(self._claims[key][0], holder) for key, holder in appended.held.items()
        )


def subjects_of(events: Iterable[Any]) -> set[str]:
    """Ids of the persons about whom these events hold values in the clear."""
    return {
        value.subject
        for event in events
        for value in personal_values(event)
        if isinstance(value, Clear)
    }


def personal_values(event: Any) -> Iterable[Personal]:
    """Values in an event of any record that must be sealed, or are."""
    return DECIDERS[KIND_OF_EVENT[type(event)]].personal_values(event)


def _repeated_number(claim: Claim, holder: UUID) -> Remark:
    _, _, number = claim.key.rpartition("|")
    return Remark("golden-number-repeated", (("number", number), ("holder", str(holder))))
