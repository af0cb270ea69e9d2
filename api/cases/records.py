"""One service case, read from its own facts: as it is now, or as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.moment import NOW, Moment
from projections.as_of import by_day, known
from registry.cases import states as case_states
from registry.cases.events import ServiceCaseOpened, day_of
from registry.cases.progress import evolve
from registry.cases.service_case import receipt_claim
from registry.cases.states import Unopened
from registry.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from registry.fact import Fact
    from registry.register import Registry


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case at a moment: its state, and the facts known then."""

    id: UUID
    state: case_states.Open | case_states.Closed
    facts: Sequence[Fact[Any]]

    @property
    def units(self) -> tuple[str, str]:
        """The unit that received the case, and the desk that has it now."""
        return self.facts[0].authorship.office, self.state.file.desk

    @property
    def version(self) -> int:
        """The version of the last fact known then."""
        return self.facts[-1].version


def read_case(registry: Registry, case_id: UUID, moment: Moment = NOW) -> CaseRecord:
    """A case. Raises `NotFound` if the register has, or then had, none of this id."""
    return _found(registry.facts_of(case_id), moment)


def read_cases(registry: Registry, case_ids: Sequence[UUID]) -> list[CaseRecord]:
    """Cases in the order of their ids, by one query. Raises as `read_case`."""
    stories = registry.stories_of(dict.fromkeys(case_ids, 1))
    return [_found(stories.get(one, ()), NOW) for one in case_ids]


def _found(facts: Sequence[Fact[Any]], moment: Moment) -> CaseRecord:
    if not facts or not isinstance(facts[0].event, ServiceCaseOpened):
        raise NotFound("service-case-unknown")
    return fold_case(known(facts, moment.known_at), moment)


def fold_case(facts: Sequence[Fact[Any]], moment: Moment = NOW) -> CaseRecord:
    """A case as these facts leave it on a day. Raises `NotFound` if it was not received by then."""
    state = case_states.INITIAL
    for fact in facts:
        if by_day(day_of(fact.event), moment.as_of):
            state = evolve(state, fact.event)
    if isinstance(state, Unopened):
        raise NotFound("not-recorded-then")
    return CaseRecord(facts[0].stream_id, state, facts)


def case_of_receipt(registry: Registry, receipt: str) -> UUID:
    """The case whose intake receipt bears a number, in any spelling. Raises `NotFound`."""
    holder = registry.holder(receipt_claim(receipt))
    if holder is None:
        raise NotFound("receipt-unknown", field="receipt", typed=receipt[:100])
    return holder
