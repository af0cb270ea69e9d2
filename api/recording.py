"""Commands that come over HTTP: carried out once, however often they are asked for.

One command on one record is `Registry.execute`. Recording awards, one or five thousand, each
perhaps with its artifacts, is one unit of work: all of it stands or nothing.

A request that was carried out before, under the same Idempotency-Key, gets the answer that it
got then: the record as that request left it, and the same doubts.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, NoReturn

from api.refusals import FieldProblem, InvalidBody, Outdated
from registry import award
from registry.award import IssueArtifacts, RecordAward, Standing, expected_components
from registry.codec import decode_fact
from registry.dates import parse_edtf
from registry.errors import AlreadyRecorded, Conflict, Rejected
from registry.fact import World
from registry.identifiers import new_id
from registry.kinds import DECIDERS, KIND_OF_EVENT
from registry.messages import VIETNAM_TIME
from registry.register import CONFLICT_ATTEMPTS_MAX, Order, Recorded, request_claim
from registry.remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from api.service import Writing
    from registry.fact import Authorship, Claim, Fact, Named, RecordKind
    from registry.register import Registry
    from registry.work import Work

FACTS_PER_REQUEST_MAX: Final = 100_000
ERRORS_MAX: Final = 100
_GOLDEN_REPEATED: Final = "golden-number-repeated"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An award to record, and whether its artifacts are issued with it."""

    command: RecordAward
    issue_artifacts: bool = False
    issued_on: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a request did to one record: its facts up to then, and doubts about it."""

    facts: Sequence[Fact[Any]]
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What a request recorded, in the order in which it was asked for."""

    done: Sequence[Done]
    position: int
    repeated: bool = False


@dataclass(slots=True)
class _Judged:
    ids: list[UUID] = field(default_factory=list)
    remarks: list[tuple[Remark, ...]] = field(default_factory=list)
    errors: list[tuple[int, Rejected]] = field(default_factory=list)


def execute(
    writing: Writing,
    kind: RecordKind,
    stream_id: UUID,
    command: Any,
    *,
    basis: str | None = None,
    new: bool = False,
) -> tuple[Done, Recorded]:
    """Carry out one command on one record. Raises as `carry_out`."""
    return carry_out(writing, (Order(kind, stream_id, command, new),), basis=basis)


def carry_out(
    writing: Writing,
    orders: Sequence[Order],
    *,
    basis: str | None = None,
    named: Named | None = None,
) -> tuple[Done, Recorded]:
    """Carry out commands on several records, all or none; the answer is about the first.

    Raises what `Registry.carry_out` raises; `Outdated` if the record that the client `named`,
    the first one unless told, is not at the version that he saw.
    """
    registry, authorship = writing.service.registry, writing.authorship(basis)
    with _outdated(writing):
        recorded = registry.carry_out(
            orders, authorship, expected_version=writing.expected_version, named=named
        )
    facts = recorded.facts or registry.facts_of(recorded.stream_id)[: recorded.version]
    remarks = recorded.remarks
    if recorded.repeated:
        remarks = _remarks_again(registry, orders[0].kind, facts, orders[0].command, authorship)
    return Done(facts, remarks), recorded


def rehearse(
    writing: Writing,
    orders: Sequence[Order],
    *,
    basis: str | None = None,
    named: Named | None = None,
) -> tuple[Remark, ...]:
    """The doubts that commands would meet; nothing is recorded. Raises as `carry_out`."""
    work = writing.service.registry.work(writing.authorship(basis))
    with _outdated(writing):
        outcomes = work.execute_all(orders, writing.expected_version, named)
    return tuple(remark for outcome in outcomes for remark in outcome.remarks)


@contextmanager
def _outdated(writing: Writing) -> Iterator[None]:
    """Say `Outdated` of a record that is not at the version which the client saw."""
    try:
        yield
    except Conflict as error:
        if writing.expected_version is None:
            raise
        raise Outdated(error.code, field="If-Match", **error.params) from error


def record_awards(writing: Writing, wanted: Sequence[Wanted], basis: str | None = None) -> Batch:
    """Record awards, all or none.

    Raises `InvalidBody` naming every line that is refused, or for a single award the refusal
    itself; `Conflict` when other writers were faster again and again.
    """
    registry, authorship = writing.service.registry, writing.authorship(basis)
    for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
        repeated = _carried_out_before(registry, authorship)
        if repeated is not None:
            return repeated
        work = registry.work(authorship)
        work.prefetch(_claims(registry, wanted, authorship))
        judged = _judge(registry, work, wanted)
        if judged.errors:
            # What stands in the way may be this very request, carried out since we looked.
            repeated = _carried_out_before(registry, authorship)
            if repeated is not None:
                return repeated
            _refuse(judged.errors, len(wanted))
        work.claim_request(judged.ids[0])
        try:
            committed = work.commit()
        except (Conflict, AlreadyRecorded):
            # Somebody took a name or moved a record meanwhile: judging again says which.
            if attempt == CONFLICT_ATTEMPTS_MAX:
                raise
            continue
        facts = _facts_between(registry, committed.first_position, committed.last_position)
        stories = _by_stream(facts)
        late = committed.remarks if len(judged.ids) == 1 else ()
        done = [
            Done(stories[award_id], remarks + late)
            for award_id, remarks in zip(judged.ids, judged.remarks, strict=True)
        ]
        return Batch(done, committed.last_position)
    raise AssertionError


def serials_for(
    registry: Registry, components: Sequence[str], issued_on: str | None
) -> tuple[str, ...]:
    """New serials for components, in their order; the year in them is that of the issue."""
    year = (
        parse_edtf(issued_on).year if issued_on else registry.clock().astimezone(VIETNAM_TIME).year
    )
    return registry.allot_serials(components, year)


def _claims(registry: Registry, wanted: Iterable[Wanted], authorship: Authorship) -> list[Claim]:
    """Names that these awards would take, found by judging them without recording."""
    work = registry.work(authorship)
    claims: list[Claim] = []
    for one in wanted:
        award_id = new_id()
        try:
            with work.attempt():
                outcome = work.execute("award", award_id, one.command, new=True)
                state = work.state_of(award_id)
        except Rejected:
            continue
        claims += [claim for event in outcome.events for claim in award.claims(state, event)]
    return claims


def _judge(registry: Registry, work: Work, wanted: Sequence[Wanted]) -> _Judged:
    judged = _Judged()
    for index, one in enumerate(wanted):
        award_id = new_id()
        try:
            with work.attempt():
                outcome = work.execute("award", award_id, one.command, new=True)
        except Rejected as error:
            judged.errors.append((index, error))
            continue
        judged.ids.append(award_id)
        judged.remarks.append(outcome.remarks)
    if not judged.errors:
        _issue(registry, work, wanted, judged)
    return judged


def _issue(registry: Registry, work: Work, wanted: Sequence[Wanted], judged: _Judged) -> None:
    """Issue what belongs to each award that asks for it; serials come from one allotment."""
    by_day: dict[str | None, list[tuple[UUID, tuple[str, ...]]]] = {}
    for award_id, one in zip(judged.ids, wanted, strict=True):
        components = _components(registry, work.state_of(award_id)) if one.issue_artifacts else ()
        if components:
            by_day.setdefault(one.issued_on, []).append((award_id, components))
    for issued_on, awards in by_day.items():
        flat = [component for _, components in awards for component in components]
        serials = iter(serials_for(registry, flat, issued_on))
        for award_id, components in awards:
            items = tuple((component, next(serials)) for component in components)
            work.execute("award", award_id, IssueArtifacts(items, issued_on))


def _components(registry: Registry, state: Standing) -> tuple[str, ...]:
    return expected_components(state.content, registry.catalogue)


def _refuse(errors: Sequence[tuple[int, Rejected]], count: int) -> NoReturn:
    """Raise the refusal of a single award itself, or one that names the lines of a list."""
    if count == 1:
        raise errors[0][1]
    refuse_lines(errors)
    raise AssertionError


def refuse_lines(errors: Sequence[tuple[int, Rejected]]) -> None:
    """Raise `InvalidBody` naming the lines of a list that are refused, if there are any."""
    if errors:
        problems = [_placed(index, error) for index, error in errors[:ERRORS_MAX]]
        known = all(isinstance(error, AlreadyRecorded) for _, error in errors)
        raise InvalidBody(problems, known_already=known)


def _placed(index: int, error: Rejected) -> FieldProblem:
    place = f"awards[{index}]"
    path = f"{place}.{error.field}" if error.field else place
    return FieldProblem(path, error.code, error.params)


# Repeated requests --------------------------------------------------------------------------


def _carried_out_before(registry: Registry, authorship: Authorship) -> Batch | None:
    """What the same request recorded the first time, or None.

    The facts of a request stand one behind the other in the log, because they were one append.
    Raises `Rejected` if the key stood for another request.
    """
    claim = request_claim(authorship)
    holder = registry.holder(claim) if claim is not None else None
    if holder is None:
        return None
    first = next((f for f in registry.facts_of(holder) if _is_of(f, authorship)), None)
    if first is None or first.authorship.request_digest != authorship.request_digest:
        raise Rejected("request-key-reused", field="Idempotency-Key")
    following = _facts_between(registry, first.position, first.position + FACTS_PER_REQUEST_MAX)
    facts = list(takewhile(lambda fact: _is_of(fact, authorship), following))
    stories = _by_stream(facts).values()
    done = [Done(story, _doubts_again(registry, story)) for story in stories]
    return Batch(done, facts[-1].position, repeated=True)


def _facts_between(registry: Registry, first: int, last: int) -> Iterator[Fact[Any]]:
    rows = registry.log.read_after(first - 1, last - first + 1)
    return (decode_fact(*row) for row in rows)


def _by_stream(facts: Iterable[Fact[Any]]) -> dict[UUID, list[Fact[Any]]]:
    streams: dict[UUID, list[Fact[Any]]] = {}
    for fact in facts:
        streams.setdefault(fact.stream_id, []).append(fact)
    return streams


def _is_of(fact: Fact[Any], authorship: Authorship) -> bool:
    return (fact.authorship.actor, fact.authorship.request) == (
        authorship.actor,
        authorship.request,
    )


def _doubts_again(registry: Registry, facts: Sequence[Fact[Any]]) -> tuple[Remark, ...]:
    """The doubts about an award, as when it was recorded."""
    event = facts[0].event
    if not isinstance(event, award.AwardRecorded):
        return ()
    fields = {name: getattr(event, name) for name in RecordAward.__dataclass_fields__}
    return _remarks_again(registry, "award", facts[:1], RecordAward(**fields), facts[0].authorship)


def _remarks_again(
    registry: Registry,
    kind: RecordKind,
    facts: Sequence[Fact[Any]],
    command: Any,
    authorship: Authorship,
) -> tuple[Remark, ...]:
    """The doubts that a command met when it was carried out, found by judging it again."""
    if KIND_OF_EVENT[type(facts[0].event)] != kind:
        # What was first then is done; what the request would do first now was done with it.
        return ()
    decider = DECIDERS[kind]
    before = after = decider.INITIAL
    claims: list[Claim] = []
    for fact in facts:
        after = decider.evolve(after, fact.event)
        if _is_of(fact, authorship):
            claims += decider.claims(after, fact.event)
        else:
            before = after
    named = {one: kind for kind, one in decider.named_records(command)}
    records = {one: loaded.state for one, loaded in registry.load_all(named).items()}
    try:
        outcome = decider.decide(
            before, command, World(registry.catalogue, records, facts[0].stream_id)
        )
    except Rejected:
        return ()
    return outcome.remarks + tuple(_repeated_numbers(registry, claims, facts[0].stream_id))


def _repeated_numbers(registry: Registry, claims: Iterable[Claim], own: UUID) -> Iterator[Remark]:
    for claim in claims:
        holder = registry.holder(claim) if claim.soft else None
        if holder is not None and holder != own:
            yield _repeated(claim, holder)


def _repeated(claim: Claim, holder: UUID) -> Remark:
    _, _, number = claim.key.rpartition("|")
    return Remark(_GOLDEN_REPEATED, (("number", number), ("holder", str(holder))))


def asked_awards(wanted: Iterable[Wanted], issue: bool, issued_on: str | None) -> list[Wanted]:  # noqa: FBT001
    """The same awards, with the list's own wish for artifacts where a line has none."""
    return [
        replace(
            one,
            issue_artifacts=one.issue_artifacts or issue,
            issued_on=one.issued_on or issued_on,
        )
        for one in wanted
    ]
