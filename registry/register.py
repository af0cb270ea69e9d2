"""The register: the one way in.

Every command, from a form, an HTTP body, the command line or a row of a sheet, passes through
a `Work`: load the record, `decide`, and append what was decided in one transaction together
with the names it takes and the versions it relied on. One command is a work with one command;
an import is works of thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from registry.award.artifact import format_serial
from registry.codec import decode_fact
from registry.errors import Conflict, CorruptFact, Rejected
from registry.fact import Authorship, Claim, Fact, Named, RecordKind
from registry.identifiers import new_id
from registry.kinds import DECIDERS, KIND_OF_EVENT
from registry.log import FactLog
from registry.messages import VIETNAM_TIME
from registry.recorded_time import RecordedTime
from registry.remark import Remark
from registry.remembered import LongRecords, Snapshot
from registry.work import Loaded, Order, Work, request_claim

if TYPE_CHECKING:
    from uuid import UUID

    from registry.catalogue import Catalogue
    from registry.sealing import Keyring

# What others may name of the way in: they need not know where a command is judged.
__all__ = ["CONFLICT_ATTEMPTS_MAX", "Order", "Recorded", "Registry", "request_claim"]

CONFLICT_ATTEMPTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a command did: the record, its new version, the log's position, events and doubts.

    `repeated` tells that the request had been carried out before and nothing was added now.
    `facts` are those of a record that began with this command: reading them again is not needed.
    """

    stream_id: UUID
    version: int
    position: int
    events: tuple[Any, ...]
    remarks: tuple[Remark, ...] = ()
    repeated: bool = False
    facts: tuple[Fact[Any], ...] = ()


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
        self.recorded_time = RecordedTime(self._last_recorded_at)
        self._long_records = LongRecords()

    def today(self) -> date:
        """The day that it is in Viet Nam by the register's clock."""
        return self.clock().astimezone(VIETNAM_TIME).date()

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
                facts=committed.facts_of(first) if orders[0].new else (),
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

    def holder(self, claim: Claim, *, or_last: bool = False) -> UUID | None:
        """The record that holds a name, or None.

        With `or_last` also the one that held it last, if it was entered by mistake.
        """
        return self.log.holders([claim.digest], or_last=or_last).get(claim.digest)

    def _last_recorded_at(self) -> datetime | None:
        """When the last fact of the log was recorded; None if there is none, or it is damaged."""
        try:
            for stream_id, version, position, name, state in self.log.read_last():
                return decode_fact(stream_id, version, position, name, bytes(state)).recorded_at
        except CorruptFact:
            # The registers tell of it; recording goes on.
            return None
        return None

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
