"""One record of the register, read from its own facts: as it is now, or as it was.

Registers are not asked: the facts of one record are few, they are never behind, and any day
and moment is a fold over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.moment import NOW, Moment
from projections.as_of import award_as_of, decision_as_of, known
from projections.citation import cited_claim, cited_identity, decision_identity
from registry import award, decision
from registry.codec import event_name
from registry.errors import NotFound
from registry.fact import Claim
from registry.kinds import personal_values
from registry.numbers import normalise_serial
from registry.personal import Clear, Personal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from registry.fact import Fact
    from registry.register import Registry
    from registry.sealing import Place

FACTS_SHOWN_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class AwardRecord:
    """An award at a moment: its state, and the facts known then.

    Facts may tell of what happened after `as_of`; the state does not.
    """

    id: UUID
    state: award.Entered
    facts: Sequence[Fact[Any]]
    moment: Moment = NOW

    @property
    def as_of(self) -> date | None:
        """The day on which the state is asked for; None is now."""
        return self.moment.as_of

    @property
    def version(self) -> int:
        """The version of the last fact known then."""
        return self.facts[-1].version


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision at a moment: its state, and the facts known then."""

    id: UUID
    state: decision.Entered
    facts: Sequence[Fact[Any]]

    @property
    def version(self) -> int:
        """The version of the last fact known then."""
        return self.facts[-1].version


def read_award(registry: Registry, award_id: UUID, moment: Moment = NOW) -> AwardRecord:
    """An award. Raises `NotFound` if the register has, or then had, none of this id.

    One that was entered by mistake is read as what it is now; of no day is there anything.
    """
    facts = registry.facts_of(award_id)
    if not facts or not isinstance(facts[0].event, award.AwardRecorded):
        raise NotFound("award-unknown")
    state = award_as_of(facts, moment.as_of, moment.known_at)
    if isinstance(state, award.Withdrawn) and moment.as_of is not None:
        raise NotFound("award-withdrawn")
    if not isinstance(state, award.Entered):
        raise NotFound("not-recorded-then")
    return AwardRecord(award_id, state, known(facts, moment.known_at), moment)


def read_decision(registry: Registry, decision_id: UUID, moment: Moment = NOW) -> DecisionRecord:
    """A decision. Raises `NotFound` if the register has, or then had, none of this id."""
    return _decision_at(decision_id, registry.facts_of(decision_id), moment)


def _decision_at(decision_id: UUID, facts: Sequence[Fact[Any]], moment: Moment) -> DecisionRecord:
    if not facts or not isinstance(facts[0].event, decision.DecisionRegistered):
        raise NotFound("decision-unknown")
    state = decision_as_of(facts, moment.as_of, moment.known_at)
    if isinstance(state, decision.Withdrawn) and moment.as_of is not None:
        raise NotFound("decision-withdrawn", number=state.content.number)
    if not isinstance(state, decision.Entered):
        raise NotFound("not-recorded-then")
    return DecisionRecord(decision_id, state, known(facts, moment.known_at))


def refuse_withdrawn(record: AwardRecord | DecisionRecord) -> None:
    """Raise `NotFound` for what was entered by mistake, where it is as if it never was."""
    match record.state:
        case award.Withdrawn():
            raise NotFound("award-withdrawn")
        case decision.Withdrawn(content=content):
            raise NotFound("decision-withdrawn", number=content.number)
        case _:
            return


def decision_of(registry: Registry, record: AwardRecord) -> DecisionRecord | None:
    """The decision of an award at its moment: the one it names, or the one that it cites.

    None if no such decision was in the register then. Whoever bears what the award cites holds
    the claim on it, and perhaps bears another number or date since: so both are looked at.
    """
    return decisions_of(registry, (record,))[0]


def decisions_of(
    registry: Registry, records: Sequence[AwardRecord]
) -> tuple[DecisionRecord | None, ...]:
    """The decision of each of these awards, as `decision_of`; each decision is read once."""
    claims = [cited_claim(record.state.content) for record in records]
    asked = {claim.digest for claim in claims if claim is not None}
    holders = registry.log.holders(list(asked)) if asked else {}
    wanted = [
        record.state.content.decision_id if claim is None else holders.get(claim.digest)
        for record, claim in zip(records, claims, strict=True)
    ]
    stories = registry.stories_of({one: 1 for one in wanted if one is not None})
    return tuple(
        None if decision_id is None else _decision_for(record, decision_id, stories)
        for record, decision_id in zip(records, wanted, strict=True)
    )


def _decision_for(
    record: AwardRecord, decision_id: UUID, stories: Mapping[UUID, Sequence[Fact[Any]]]
) -> DecisionRecord | None:
    try:
        found = _decision_at(decision_id, stories.get(decision_id, ()), record.moment)
    except NotFound:
        return None
    cited = cited_identity(record.state.content)
    return found if cited in {None, decision_identity(found.state.content)} else None


def decision_id_of(registry: Registry, record: AwardRecord) -> UUID | None:
    """The id of an award's decision; None if it only cites one that is not in the register."""
    named = record.state.content.decision_id
    if named is not None:
        return named
    found = decision_of(registry, record)
    return None if found is None else found.id


def fold_award(facts: Sequence[Fact[Any]]) -> AwardRecord:
    """An award as these facts leave it; the first must be its recording."""
    state = award.INITIAL
    for fact in facts:
        state = award.evolve(state, fact.event)
    if not isinstance(state, award.Entered):
        raise NotFound("award-unknown")
    return AwardRecord(facts[0].stream_id, state, facts)


def fold_decision(facts: Sequence[Fact[Any]]) -> DecisionRecord:
    """A decision as these facts leave it; the first must be its registration."""
    state = decision.INITIAL
    for fact in facts:
        state = decision.evolve(state, fact.event)
    if not isinstance(state, decision.Entered):
        raise NotFound("decision-unknown")
    return DecisionRecord(facts[0].stream_id, state, facts)


def award_of_serial(registry: Registry, serial: str) -> UUID:
    """The award whose artifact has a serial, in any spelling. Raises `NotFound`.

    Where nothing has it, the one whose artifact had it last and was entered by mistake.
    """
    return awards_of_serials(registry, (serial,))[0]


def awards_of_serials(registry: Registry, serials: Sequence[str]) -> tuple[UUID, ...]:
    """The award of each serial, asked at once, as `award_of_serial`. Raises `NotFound`."""
    claims = [Claim("serial", normalise_serial(serial)) for serial in serials]
    holders = registry.log.holders([claim.digest for claim in claims], or_last=True)
    for serial, claim in zip(serials, claims, strict=True):
        if claim.digest not in holders:
            raise NotFound("artifact-unknown", field="serial", serial=serial[:100])
    return tuple(holders[claim.digest] for claim in claims)


def refuse_declined(registry: Registry, award_id: UUID) -> None:
    """Raise `NotFound` for what was declined: to who does not read the register it is no award.

    Whatever day he asks for: that it stood until it was declined would tell the same.
    """
    if isinstance(registry.load("award", award_id).state, award.Declined):
        raise NotFound("award-unknown")


def open_personal(
    registry: Registry, facts: Sequence[Fact[Any]]
) -> Mapping[tuple[str, str], str | None]:
    """Sealed values of a record by person and kind; None where the person's key is gone.

    Later facts win. Raises `CorruptFact` if a value was altered or moved.
    """
    return {
        (value.subject, value.kind): _opened(registry, value, place)
        for value, place in _sealed_values(facts)
    }


def _opened(registry: Registry, value: Personal, place: Place) -> str | None:
    clear = registry.keyring.open(value, place)
    return clear.value if isinstance(clear, Clear) else None


def _sealed_values(facts: Sequence[Fact[Any]]) -> Iterator[tuple[Personal, Place]]:
    for fact in facts:
        place = (fact.stream_id, fact.version, event_name(fact.event))
        for value in personal_values(fact.event):
            yield value, place
