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

from registry import award, decision, erasure, importing, service_case, status_list, stock, user
from registry.artifact import format_serial
from registry.codec import decode_fact, encode_facts
from registry.errors import AlreadyRecorded, Conflict, Rejected
from registry.fact import (
    Authorship,
    Claim,
    Decider,
    Fact,
    Named,
    Outcome,
    RecordKind,
    World,
)
from registry.identifiers import new_id
from registry.log import BULK_FACTS_MIN, Appending, ClaimTaken, FactLog
from registry.personal import Clear, Personal
from registry.remark import Remark
from registry.remembered import LongRecords, Snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from registry.catalogue import Catalogue
    from registry.log import Appended
    from registry.sealing import Keyring

DECIDERS: Mapping[RecordKind, Decider] = {
    "decision": cast("Decider", decision),
    "award": cast("Decider", award),
    "service-case": cast("Decider", service_case),
    "status-list": cast("Decider", status_list),
    "import": cast("Decider", importing),
    "stock": cast("Decider", stock),
    "user": cast("Decider", user),
    "erasure": cast("Decider", erasure),
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
        self._long_records = LongRecords()

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
        named: Named | None = None,
    ) -> Recorded:
        """Judge commands one after the other, each seeing the last; record all of them or none.

        What is returned is about the first order's record; doubts are those about all of them.
        `expected_version` is that of the record which is `named`, or else of the first order's.
        With a request key in the authorship, asking again changes nothing and returns what was
        recorded the first time. Raises `Rejected`, `AlreadyRecorded`, `Conflict` when the record
        is not at `expected_version`, and what `FactLog.append` raises.
        """
        first = orders[0].stream_id
        for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
            work = self.work(authorship)
            try:
                work.claim_request(first)
                outcomes = work.execute_all(orders, expected_version, named)
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
        known = self._long_records.get(kind, stream_id)
        facts = self.facts_of(stream_id, _version_known(known))
        return self._fold(kind, stream_id, known, facts)

    def load_all(self, kinds: Mapping[UUID, RecordKind]) -> dict[UUID, Loaded]:
        """Records by their ids, each of its kind, as `load` but in one query."""
        known = {one: self._long_records.get(kind, one) for one, kind in kinds.items()}
        stories = self.stories_of({one: _version_known(known[one]) for one in kinds})
        return {
            one: self._fold(kind, one, known[one], stories.get(one, ()))
            for one, kind in kinds.items()
        }

    def facts_of(self, stream_id: UUID, first_version: int = 1) -> tuple[Fact[Any], ...]:
        """The facts of a record in order, from a version on. Raises `CorruptFact`."""
        return tuple(
            decode_fact(stream_id, version, position, name, bytes(state))
            for version, position, name, state in self.log.read_stream(stream_id, first_version)
        )

    def stories_of(self, first_versions: Mapping[UUID, int]) -> dict[UUID, list[Fact[Any]]]:
        """The facts of records in order, each from a version on; what has none is left out.

        Raises `CorruptFact`.
        """
        stories: dict[UUID, list[Fact[Any]]] = {}
        for stream_id, version, position, name, state in self.log.read_streams(first_versions):
            fact = decode_fact(stream_id, version, position, name, bytes(state))
            stories.setdefault(stream_id, []).append(fact)
        return stories

    def _fold(
        self,
        kind: RecordKind,
        stream_id: UUID,
        known: Snapshot | None,
        facts: Sequence[Fact[Any]],
    ) -> Loaded:
        """A record as these facts leave it, on what was `known` of it if the log still has that."""
        decider = DECIDERS[kind]
        if known is not None and tuple(facts[:1]) != (known.last,):
            known, facts = None, self.facts_of(stream_id)
        if not facts or KIND_OF_EVENT[type(facts[0].event)] != kind:
            return Loaded(decider.INITIAL, 0)
        state = decider.INITIAL if known is None else known.state
        for fact in facts if known is None else facts[1:]:
            state = decider.evolve(state, fact.event)
        last = facts[-1]
        self._long_records.keep(stream_id, Snapshot(kind, state, last))
        return Loaded(state, last.version, last.recorded_at)

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


def _version_known(known: Snapshot | None) -> int:
    """From which version on a record must be read to tell whether what is known still holds."""
    return 1 if known is None else known.last.version


def request_claim(authorship: Authorship) -> Claim | None:
    """The name that a request key takes: each actor has keys of its own."""
    if authorship.request is None:
        return None
    return Claim("request", f"{authorship.actor}|{authorship.request}")


@dataclass(slots=True)
class _Undo:
    """What an attempt changed, so that it can be taken back."""

    pending: int
    records: dict[UUID, Loaded | None] = field(default_factory=dict)
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
        self._records: dict[UUID, Loaded] = {}
        self._read_only: dict[UUID, int] = {}
        self._pending: list[tuple[UUID, int, Any]] = []
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
            self._pending.append((stream_id, version, event))
        self._remember(stream_id, Loaded(state, version, loaded.recorded_at))
        return Outcome(outcome.events, outcome.remarks + remarks)

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
        return self._records[stream_id].version

    def state_of(self, stream_id: UUID) -> Any:
        """The state of a record as this work leaves it."""
        return self._records[stream_id].state

    def look_at(self, kind: RecordKind, stream_id: UUID) -> Any:
        """The state of a record as far as this work knows, without relying on it."""
        loaded = self._records.get(stream_id) or self._record_before(stream_id)
        return (loaded or self._registry.load(kind, stream_id)).state

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
        loaded = self._records.get(stream_id)
        if loaded is None:
            if new:
                return Loaded(DECIDERS[kind].INITIAL, 0)
            before = self._record_before(stream_id)
            loaded = before or self._registry.load(kind, stream_id)
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
        return self._after._records.get(stream_id) if self._after else None  # noqa: SLF001

    def _world(self, decider: Decider, stream_id: UUID, command: Any) -> World:
        names = decider.named_records(command)
        if not names:
            return self._plain_world
        named = {one: self._record(kind, one).state for kind, one in names}
        return World(self._registry.catalogue, named, stream_id)

    def _remember(self, stream_id: UUID, loaded: Loaded) -> None:
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
        facts = self._facts()
        sealer = self._registry.keyring.sealer(subjects_of(facts))
        events = encode_facts(facts, sealer)
        self._refuse_erased(sealer.new_keys)
        written = {fact.stream_id for fact in facts}
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
            sealer.new_keys,
            self._held,
            subjects_erased(facts),
        )

    def _refuse_erased(self, new_keys: Mapping[UUID, bytes]) -> None:
        """Raise `Rejected` for a new value of a person who was erased.

        The new key would seem to be that of what is sealed already. An erasure's record has the
        person's id. Bulk appends are imports, which make their persons' ids themselves.
        """
        if not new_keys or len(self._pending) >= BULK_FACTS_MIN:
            return
        for erased in self._registry.log.known_streams(list(new_keys)):
            raise Rejected("person-erased", person=str(erased))

    def _facts(self) -> list[Fact[Any]]:
        now = self._registry.clock()
        facts = []
        for stream_id, version, event in self._pending:
            last = self._records[stream_id].recorded_at
            recorded_at = now if last is None or last <= now else last
            facts.append(Fact(stream_id, version, 0, recorded_at, self._authorship, event))
        return facts

    def _already_recorded(self, error: ClaimTaken) -> AlreadyRecorded:
        claim, _, kind = self._claims[error.key]
        if kind is None:
            return AlreadyRecorded("request-repeated", error.holder)
        return DECIDERS[kind].taken(claim, error.holder)

    def _late_remarks(self, appended: Appended) -> tuple[Remark, ...]:
        return tuple(
            _repeated_number(self._claims[key][0], holder) for key, holder in appended.held.items()
        )


def subjects_of(facts: Iterable[Fact[Any]]) -> set[str]:
    """Ids of the persons about whom these facts hold values in the clear."""
    return {
        value.subject
        for fact in facts
        for value in personal_values(fact.event)
        if isinstance(value, Clear)
    }


def subjects_erased(facts: Iterable[Fact[Any]]) -> tuple[UUID, ...]:
    """Persons whose keys go with the appending of these facts."""
    return tuple(
        fact.event.subject for fact in facts if isinstance(fact.event, erasure.PersonErased)
    )


def personal_values(event: Any) -> Iterable[Personal]:
    """Values in an event of any record that must be sealed, or are."""
    return DECIDERS[KIND_OF_EVENT[type(event)]].personal_values(event)


def _repeated_number(claim: Claim, holder: UUID) -> Remark:
    _, _, number = claim.key.rpartition("|")
    return Remark("golden-number-repeated", (("number", number), ("holder", str(holder))))
