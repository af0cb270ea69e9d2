"""Judge one chunk of rows inside one unit of work: each row is in, known already, or refused.

Every award passes through the same `decide` as if a clerk had typed it. A row stands or falls
as a whole; what falls leaves nothing in the work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from api.imports.plan import Plan, PlannedRow, Seen
from api.imports.tally import Judged, reported
from api.sheets.lines import row_of
from api.sheets.row_results import ReadableRow, SkippedLine, UnreadableRow
from registry.award import (
    AwardRecorded,
    IssueArtifacts,
    Recorded,
    expected_components,
)
from registry.decision import RegisterDecision
from registry.errors import AlreadyRecorded, Rejected
from registry.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from api.imports.report import Params
    from api.sheets.layout import Layout
    from registry.award import RecordAward
    from registry.fact import Claim
    from registry.register import Registry
    from registry.remark import Remark
    from registry.work import Work


AllotSerials: TypeAlias = "Callable[[Sequence[str]], Sequence[str]]"
"""Gives components their serials, in order."""


class ChunkJudge:
    """Judges the rows of one chunk in one work. Use once."""

    def __init__(
        self,
        registry: Registry,
        work: Work,
        layout: Layout,
        allot_serials: AllotSerials | None,
        seen: Seen | None,
    ) -> None:
        """Prepare; `allot_serials` is None where no artifacts are issued, `seen` in a real run."""
        self._registry = registry
        self._work = work
        self._allot_serials = allot_serials
        self._seen = seen
        self._judged = Judged(layout)

    def judge(self, rows: Sequence[PlannedRow]) -> Judged:
        """Judge all rows of the chunk, in their order."""
        self._prefetch([row for row in rows if isinstance(row, Plan)])
        for row in rows:
            match row:
                case Plan():
                    self._judge_row(row)
                case UnreadableRow():
                    self._judged.reject(row.problems)
                case SkippedLine():
                    self._judged.problems.append(reported(row.problem))
        self._judged.last_row = rows[-1].row if rows else 0
        return self._judged

    # Who holds the names ------------------------------------------------------------------

    def _prefetch(self, plans: Sequence[Plan]) -> None:
        """Ask who holds the names that the rows would take.

        A line of a decision's list means another award under another decision, so there the
        decision is asked for first.
        """
        identities = {plan.identity for plan in plans if plan.identity is not None}
        golden = (claim for plan in plans for claim in plan.golden)
        unlisted = (claim for plan in plans if not plan.listed for claim in plan.meanings)
        self._work.prefetch([*identities, *golden, *unlisted])
        listed = [plan for plan in plans if plan.listed]
        for plan in listed:
            plan.settle(self._decision_id(plan))
        if any(plan.meanings for plan in listed):
            self._work.prefetch([claim for plan in listed for claim in plan.meanings])

    def _decision_id(self, plan: Plan) -> UUID | None:
        if plan.identity is None:
            return None
        holder = self._work.holder(plan.identity)
        if holder is None and self._seen is not None:
            return self._seen.decision_ids.get(plan.identity)
        return holder

    # One row ------------------------------------------------------------------------------

    def _judge_row(self, plan: Plan) -> None:
        if not plan.meanings:
            # The first line of a list registers its decision; those after it are settled here.
            plan.settle(self._decision_id(plan))
        known = [self._is_known(claim) for claim in plan.meanings]
        if known and all(known):
            self._judged.duplicate(plan.row, *self._recorded_by(plan.meanings[0]))
            return
        try:
            with self._work.attempt():
                remarks = self._record(plan, known)
        except AlreadyRecorded as error:
            self._judged.duplicate(plan.row, error.holder, None)
        except Rejected as error:
            self._judged.refuse(plan.row, error)
        else:
            more = list(self._take_unseen(plan)) if self._seen is not None else ()
            self._judged.accept(plan, remarks, self._find_award, more)

    def _is_known(self, meaning: Claim) -> bool:
        if self._work.holder(meaning) is not None:
            return True
        return self._seen is not None and self._seen.row_of(meaning) is not None

    def _recorded_by(self, meaning: Claim) -> tuple[UUID | None, int | None]:
        """The record that holds a meaning, and the row of this chunk or dry run that made it."""
        holder = self._work.holder(meaning)
        row = None if holder is None else self._judged.rows_by_award.get(holder)
        if self._seen is None:
            return holder, row
        # What a dry run would have recorded is not there to be looked up.
        in_run = row if row is not None else self._seen.row_of(meaning)
        return (holder if in_run is None else None), in_run

    def _record(self, plan: Plan, known: Sequence[bool]) -> list[Remark]:
        decision_id = self._decision_record(plan)
        awards: Sequence[Prepared | RecordAward] = plan.prepared or _read(plan).awards
        remarks: list[Remark] = []
        # Of a list whose decision is new, nothing is known.
        for award, is_known in zip(awards, known or [False] * len(awards), strict=True):
            if is_known:
                continue
            stream_id, more = self._begin(award, decision_id)
            remarks += more
            if self._allot_serials is not None:
                remarks += self._issue(stream_id, self._allot_serials)
            self._judged.rows_by_award[stream_id] = plan.row
        return remarks

    def _begin(
        self, award: Prepared | RecordAward, decision_id: UUID | None
    ) -> tuple[UUID, tuple[Remark, ...]]:
        """Begin the record of an award."""
        if isinstance(award, Prepared):
            return award.stream_id, self._work.adopt(award, decision_id)
        command = award if decision_id is None else replace(award, decision_id=decision_id)
        stream_id, outcome = self._work.create("award", command)
        return stream_id, outcome.remarks

    def _decision_record(self, plan: Plan) -> UUID | None:
        """The record of the row's decision; a list's own is registered if nobody has done so.

        A line of a register only cites a decision: that has a record once its paper is
        registered, and the lines that cite it belong to it then.
        """
        if plan.identity is None:
            return None
        holder = self._work.holder(plan.identity)
        if holder is not None or not plan.listed:
            return holder
        mention, source = _read(plan).mention, _read(plan).awards[0].source
        assert mention is not None  # noqa: S101 - what has a name was mentioned
        command = RegisterDecision(mention.number, mention.issuer, mention.decided_on, source)
        if self._seen is None:
            return self._work.create("decision", command)[0]
        return self._register_again(self._seen, plan.identity, command)

    def _register_again(self, seen: Seen, identity: Claim, command: RegisterDecision) -> UUID:
        """In a dry run a list's decision keeps its id from chunk to chunk."""
        known = seen.decision_ids.get(identity)
        if known is not None:
            self._work.execute("decision", known, command, new=True)
            return known
        seen.decision_ids[identity] = created = self._work.create("decision", command)[0]
        return created

    def _issue(self, stream_id: UUID, allot_serials: AllotSerials) -> tuple[Remark, ...]:
        """Issue every component that belongs to the award; some forms have none."""
        content = self._work.state_of(stream_id).content
        components = expected_components(content, self._registry.catalogue)
        if not components:
            return ()
        items = tuple(zip(components, allot_serials(components), strict=True))
        return self._work.execute("award", stream_id, IssueArtifacts(items)).remarks

    def _take_unseen(self, plan: Plan) -> Iterator[Params]:
        """Keep in mind, in a dry run, what the row takes; tell of numbers taken chunks before.

        The work of an earlier chunk is gone, so this work took such a number as if it were free.
        """
        seen = self._seen
        assert seen is not None  # noqa: S101 - only called in a dry run
        plan.settle(self._decision_id(plan))
        for claim in plan.meanings:
            seen.take(claim, plan.row)
        for claim in plan.golden:
            before, holder = seen.row_of(claim), self._work.holder(claim)
            taken_here = holder is not None and self._judged.rows_by_award.get(holder) == plan.row
            if before is not None and taken_here:
                yield {"number": claim.key.rpartition("|")[2], "other_row": row_of(before)}
            seen.take(claim, plan.row)

    def _find_award(self, record: str) -> AwardRecorded | None:
        state = self._work.look_at("award", UUID(record))
        return state.content if isinstance(state, Recorded) else None


def _read(plan: Plan) -> ReadableRow:
    """The row that could not be prepared."""
    assert plan.read is not None  # noqa: S101 - see `Plan`
    return plan.read
