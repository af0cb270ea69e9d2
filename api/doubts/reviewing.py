"""Awards judged anew after what their authority rests on was corrected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from projections.awards import awards_behind, awards_naming
from registry.award import AwardDoubted, AwardDoubtsSettled, AwardRecorded, ReviewAward
from registry.codec import decode_fact
from registry.errors import Conflict, NotReady
from registry.register import CONFLICT_ATTEMPTS_MAX, Order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.service import Writing
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

AWARDS_AT_ONCE: Final = 1_000
FACTS_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many awards were judged anew, and of how many doubts came up or went."""

    awards: int = 0
    doubted: int = 0
    settled: int = 0

    def __add__(self, other: Reviewed) -> Reviewed:
        return Reviewed(
            self.awards + other.awards,
            self.doubted + other.doubted,
            self.settled + other.settled,
        )


def reviews_under(writing: Writing, decision_id: UUID) -> tuple[Order, ...]:
    """The review of every award that names a decision, to be carried out with its correction.

    Raises `NotReady` unless the registers know all of the log: an award left out would be printed
    under an authority that nobody looked at.
    """
    service = writing.service
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names="awards")
    with service.reading() as rows:
        found = awards_naming(rows, decision_id)
    return tuple(Order("award", one.id, ReviewAward(decision_id)) for one in found)


def review_late(writing: Writing, decision_id: UUID, after: int, until: int) -> None:
    """Judge anew what was recorded under a decision between two positions of the log.

    Whoever recorded while the awards were gathered saw the decision as it was before.
    """
    registry = writing.service.registry
    found: list[UUID] = []
    while after < until:
        rows = registry.log.read_after(after, min(FACTS_AT_ONCE, until - after))
        facts = [decode_fact(*row) for row in rows]
        if not facts:
            break
        found += [
            fact.stream_id
            for fact in facts
            if isinstance(fact.event, AwardRecorded) and fact.event.decision_id == decision_id
        ]
        after = facts[-1].position
    if found:
        # Not in answer to the request: that was answered with the decision's own facts.
        author = replace(writing.authorship(), request=None, request_digest=None)
        orders = [Order("award", one, ReviewAward(decision_id)) for one in found]
        registry.carry_out(orders, author)


def review_all(database: Database, authorship: Authorship) -> Reviewed:
    """Judge every award that the registers know anew, so many in one transaction each.

    What is true if we die: what was reviewed stands; asked again, it is found as it should be.
    """
    registry, behind, done = database.registry(), 0, Reviewed()
    while True:
        with database.pool("reader").connection() as connection, connection.cursor() as cursor:
            found = awards_behind(cursor, behind, AWARDS_AT_ONCE)
        if not found:
            return done
        orders = [Order("award", one, ReviewAward(by)) for one, by, _ in found]
        done += _review(registry, orders, authorship)
        behind = found[-1][2]


def _review(registry: Registry, orders: Sequence[Order], authorship: Authorship) -> Reviewed:
    for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
        work = registry.work(authorship)
        outcomes = work.execute_all(orders)
        events = [event for outcome in outcomes for event in outcome.events]
        try:
            work.commit()
        except Conflict:
            # Somebody else wrote to one of these awards meanwhile: judge again.
            if attempt == CONFLICT_ATTEMPTS_MAX:
                raise
            continue
        return Reviewed(
            len(orders),
            sum(isinstance(event, AwardDoubted) for event in events),
            sum(isinstance(event, AwardDoubtsSettled) for event in events),
        )
    raise AssertionError
