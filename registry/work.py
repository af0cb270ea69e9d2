"""A unit of work: commands judged one after the other, recorded together or not at all.

Beside what it judges itself, a work adopts awards that were judged where their rows were read
(`registry.prepared`): of those only the names are left to take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from registry import award
from registry.appending import BULK_FACTS_MIN, Appending
from registry.codec import decode_fact, event_name
from registry.days import check_days
from registry.encoding import EventEncoder, enclose, enclosure
from registry.errors import AlreadyRecorded, Conflict, Rejected
from registry.fact import Authorship, Claim, Named, Outcome, RecordKind, World
from registry.identifiers import new_id
from registry.kinds import DECIDERS, subjects_erased, subjects_of
from registry.outages import ClaimTaken
from registry.prepared import Prepared, command_again
from registry.released import heir_of, names_of, withdraws
from registry.remark import Remark

if TYPE_CHECKING:
    from registry.appending import Appended
    from registry.fact import Decider, Fact
    from registry.register import Registry
    from registry.sealing import Sealer


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
class Committed:
    """Positions that a work took in the log; `remarks` tells doubts found only then.

    `events` are those that were appended, as they are stored, in order.
    """

    first_position: int
    last_position: int
    remarks: tuple[Remark, ...] = ()
    events: Sequence[StoredEvent] = ()

    def facts_of(self, stream_id: UUID) -> tuple[Fact[Any], ...]:
        """The facts that were added to a record, as whoever reads the log finds them."""
        return tuple(
            decode_fact(stream_id, event.originator_version, position, event.topic, event.state)
            for position, event in enumerate(self.events, self.first_position)
            if event.originator_id == stream_id
        )


def request_claim(authorship: Authorship) -> Claim | None:
    """The name that a request key takes: each actor has keys of its own."""
    if authorship.request is None:
        return None
    return Claim("request", f"{authorship.actor}|{authorship.request}")


class _Decided(NamedTuple):
    """An event that was decided here: the `version`-th of its record."""

    stream_id: UUID
    version: int
    event: Any


_Begun: TypeAlias = "Loaded | Prepared"
"""A record as far as this work has it: read or judged here, or adopted as it was prepared."""


@dataclass(slots=True)
class _Undo:
    """What an attempt changed, so that it can be taken back."""

    pending: int
    adopted: int
    records: list[tuple[UUID, _Begun | None]] = field(default_factory=list)
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
        self._records: dict[UUID, _Begun] = {}
        self._read_only: dict[UUID, int] = {}
        self._pending: list[_Decided | Prepared] = []
        self._adopted: list[Prepared] = []
        self._claims: dict[bytes, tuple[Claim, UUID, RecordKind | None]] = {}
        self._held: dict[bytes, UUID | None] = {}
        self._undo: _Undo | None = None
        self._recorded_at: datetime | None = None
        self._plain_world = World(registry.catalogue, {})
        self._today = registry.today()

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
        check_days(kind, command, self._today)
        if expected_version is not None:
            self._require_version(kind, stream_id, expected_version, new=new)
        loaded = self._record(kind, stream_id, new=new)
        outcome = decider.decide(loaded.state, command, self._world(decider, stream_id, command))
        state, version = loaded.state, loaded.version
        remarks: tuple[Remark, ...] = ()
        for event in outcome.events:
            state, version = decider.evolve(state, event), version + 1
            for claim in decider.claims(state, event):
                remarks += self._take(kind, stream_id, claim)
            self._pending.append(_Decided(stream_id, version, event))
        self._remember(stream_id, Loaded(state, version, loaded.recorded_at))
        return Outcome(outcome.events, outcome.remarks + remarks)

    def adopt(self, prepared: Prepared, decision_id: UUID | None = None) -> tuple[Remark, ...]:
        """Begin a new award whose first fact was judged elsewhere; its names are taken here.

        If its decision turns out to have a record, it is judged anew as an award of that
        decision. Raises `AlreadyRecorded` for a name that is known to be taken, and `Rejected`.
        """
        if decision_id is not None:
            command = command_again(self._event_of(prepared), decision_id)
            remarks = self.execute("award", prepared.stream_id, command, new=True).remarks
        else:
            remarks = prepared.remarks
            for claim in prepared.claims:
                remarks += self._take("award", prepared.stream_id, claim)
            self._pending.append(prepared)
            self._remember(prepared.stream_id, prepared)
        self._adopted.append(prepared)
        return remarks

    def execute_all(
        self,
        orders: Sequence[Order],
        expected_version: int | None = None,
        named: Named | None = None,
    ) -> list[Outcome]:
        """Judge several commands. Raises as `execute`.

        `expected_version` is that of the record which is `named`, or else of the first order's.
        """
        self.load_all(orders)
        first = orders[0]
        if expected_version is not None:
            kind, stream_id = named or (first.kind, first.stream_id)
            new = first.new and stream_id == first.stream_id
            self._require_version(kind, stream_id, expected_version, new=new)
        return [
            self.execute(order.kind, order.stream_id, order.command, new=order.new)
            for order in orders
        ]

    def load_all(self, orders: Sequence[Order]) -> None:
        """Load in one query what these orders will need: their records and those they name."""
        needed: dict[UUID, RecordKind] = {}
        for order in orders:
            for kind, one in DECIDERS[order.kind].named_records(order.command):
                needed.setdefault(one, kind)
            if not order.new:
                needed.setdefault(order.stream_id, order.kind)
        made_here = {order.stream_id for order in orders if order.new}
        missing = {
            one: kind
            for one, kind in needed.items()
            if one not in self._records and one not in made_here and not self._record_before(one)
        }
        # One record is loaded when it is asked for.
        if len(missing) > 1:
            for one, loaded in self._registry.load_all(missing).items():
                self._records[one] = loaded
                self._read_only.setdefault(one, loaded.version)

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
        self._undo = _Undo(len(self._pending), len(self._adopted))
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
        remarks = self._late_remarks(appended) + self._clock_remarks()
        return Committed(appended.first_position, appended.last_position, remarks, appending.events)

    def _record(self, kind: RecordKind, stream_id: UUID, *, new: bool = False) -> Loaded:
        if stream_id in self._records:
            return self._known(stream_id)
        if new:
            return Loaded(DECIDERS[kind].INITIAL, 0)
        loaded = self._record_before(stream_id) or self._registry.load(kind, stream_id)
        self._records[stream_id] = loaded
        self._read_only.setdefault(stream_id, loaded.version)
        return loaded

    def _require_version(
        self, kind: RecordKind, stream_id: UUID, version: int, *, new: bool = False
    ) -> None:
        """Raise `Conflict` unless a record is at a version; it must still be so at `commit`."""
        found = self._record(kind, stream_id, new=new).version
        if found != version:
            raise Conflict("record-changed", expected=version, found=found)

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

    def _world(self, decider: Decider, stream_id: UUID, command: Any) -> World:
        names = decider.named_records(command)
        if not names:
            return self._plain_world
        named = {one: self._record(kind, one).state for kind, one in names}
        return World(self._registry.catalogue, named, stream_id)

    def _remember(self, stream_id: UUID, loaded: _Begun) -> None:
        if self._undo is not None:
            self._undo.records.append((stream_id, self._records.get(stream_id)))
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
        del self._adopted[undo.adopted :]
        for key in undo.claims:
            del self._claims[key]
        for stream_id, before in reversed(undo.records):
            if before is None:
                del self._records[stream_id]
            else:
                self._records[stream_id] = before

    def _appending(self) -> Appending:
        decided = [one.event for one in self._pending if isinstance(one, _Decided)]
        released = self._released()
        sealer = self._registry.keyring.sealer(subjects_of(decided))
        for adopted in self._adopted:
            sealer.new_keys.update(adopted.keys)
        events = self._stored(sealer)
        new_keys = self._registry.keyring.wrapped(sealer.new_keys)
        self._refuse_erased(new_keys)
        return Appending(
            events,
            [
                (key, claim.kind, stream_id, claim.soft)
                for key, (claim, stream_id, _) in self._claims.items()
            ],
            [
                (stream_id, version)
                for stream_id, version in self._read_only.items()
                if self._known(stream_id).version == version
            ],
            new_keys,
            self._held,
            subjects_erased(decided),
            [(claim.digest, stream) for stream, claim, _ in released],
            [(claim.digest, heir) for _, claim, heir in released if heir is not None],
        )

    def _released(self) -> list[tuple[UUID, Claim, UUID | None]]:
        """Names that are given up with what is withdrawn here: all that its facts ever took.

        Each with who gives it up and, if it is known, who has it from then on.
        """
        fresh: dict[UUID, list[Any]] = {}
        for one in self._pending:
            if isinstance(one, _Decided):
                fresh.setdefault(one.stream_id, []).append(one.event)
        gone = {stream: events for stream, events in fresh.items() if withdraws(events)}
        if not gone:
            return []
        stories = self._registry.stories_of(dict.fromkeys(gone, 1))
        return [
            (stream, claim, heir_of(claim, events[-1]))
            for stream, events in gone.items()
            for claim in names_of([*(fact.event for fact in stories.get(stream, ())), *events])
        ]

    def _refuse_erased(self, new_keys: Mapping[UUID, bytes]) -> None:
        """Raise `Rejected` for a new value of a person who was erased.

        The new key would seem to be that of what is sealed already. An erasure's record has the
        person's id. Bulk appends are imports, which make their persons' ids themselves.
        """
        if not new_keys or len(self._pending) >= BULK_FACTS_MIN:
            return
        for erased in self._registry.log.known_streams(list(new_keys)):
            raise Rejected("person-erased", person=str(erased))

    def _stored(self, sealer: Sealer) -> list[StoredEvent]:
        """What was decided and adopted as it is stored, in order, all recorded now."""
        now = self._recorded_at = self._registry.recorded_time.at(self._registry.clock())
        encoder = EventEncoder(sealer)
        before, after = enclosure(self._authorship, now)
        stored = []
        for one in self._pending:
            if isinstance(one, Prepared):
                state = before + one.event + after
                stored.append(StoredEvent(one.stream_id, 1, one.name, state))
            else:
                name = event_name(one.event)
                event = encoder.encode((one.stream_id, one.version, name), one.event)
                at = self._in_order(one.stream_id, now)
                state = enclose(event, self._authorship, at)
                stored.append(StoredEvent(one.stream_id, one.version, name, state))
        return stored

    def _in_order(self, stream_id: UUID, now: datetime) -> datetime:
        """Now; but a clock that went back does not put a record's facts out of order."""
        last = self._known(stream_id).recorded_at
        return now if last is None or last <= now else last

    def _already_recorded(self, error: ClaimTaken) -> AlreadyRecorded:
        claim, _, kind = self._claims[error.key]
        if kind is None:
            return AlreadyRecorded("request-repeated", error.holder)
        return DECIDERS[kind].taken(claim, error.holder)

    def _clock_remarks(self) -> tuple[Remark, ...]:
        """Tell that the clock is behind the log, under whose time this was recorded."""
        time, now = self._registry.recorded_time, self._registry.clock()
        seconds = time.seconds_behind(now)
        if self._recorded_at is not None:
            time.saw(self._recorded_at)
        return (Remark("clock-behind-log", (("seconds", str(seconds)),)),) if seconds else ()

    def _late_remarks(self, appended: Appended) -> tuple[Remark, ...]:
        return tuple(
            _repeated_number(self._claims[key][0], holder) for key, holder in appended.held.items()
        )


def _repeated_number(claim: Claim, holder: UUID) -> Remark:
    _, _, number = claim.key.rpartition("|")
    return Remark("golden-number-repeated", (("number", number), ("holder", str(holder))))
