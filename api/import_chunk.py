"""Judge one chunk of rows inside one unit of work: each row is in, known already, or refused.

Every award passes through the same `decide` as if a clerk had typed it. A row stands or falls
as a whole; what falls leaves nothing in the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from api.import_report import Params, ReportedProblem
from api.sheets.rows import Problem, ReadableRow, ReadRow, SkippedLine, UnreadableRow
from registry.award import (
    AwardRecorded,
    IssueArtifacts,
    RecordAward,
    Standing,
    _golden_claim,
    expected_components,
    meaning_of,
)
from registry.decision import RegisterDecision, identity_claim
from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim
from registry.importing import Tally
from registry.log import claim_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from api.sheets.layout import Layout
    from api.sheets.rows import DecisionMention
    from registry.catalogue import Catalogue
    from registry.register import Registry, Work
    from registry.remark import Remark

GOLDEN_REPEATED: Final = "golden-number-repeated"

_DUPLICATE: Final = "award-recorded-already"
# Doubts about this very row. Others say what the catalogue recalls of a period or an authority:
# they hold for many rows alike and become notes. With each the column it is about.
_ROW_REMARKS: Final[Mapping[str, str]] = {
    GOLDEN_REPEATED: "golden_number",
    "class-missing": "form",
    "born-after-award": "born",
}
# Where a field of a command came from on the sheet; those not named here are called the same.
_SHEET_FIELDS: Final[Mapping[str, str]] = {
    "award_class": "form",
    "awarded_on": "decided_on",
    "number_typed": "number",
    "issuer_typed": "issuer",
    "golden_book": "golden_number",
    "form_typed": "form",
}


@dataclass(slots=True)
class Seen:
    """What a dry run would have recorded so far: row by short digest of each name taken.

    A real run does not need it: the register itself knows.
    """

    rows: dict[int, int] = field(default_factory=dict)
    decision_ids: dict[Claim, UUID] = field(default_factory=dict)

    def row_of(self, claim: Claim) -> int | None:
        """The row that took a name in this dry run, or None."""
        return self.rows.get(_short(claim)) if self.rows else None

    def take(self, claim: Claim, row: int) -> None:
        """Note that a row would take a name."""
        self.rows.setdefault(_short(claim), row)


def _short(claim: Claim) -> int:
    return int.from_bytes(claim_key(claim)[:8], "big")


@dataclass(slots=True)
class Judged:
    """What became of a chunk's rows."""

    last_row: int = 0
    tally: Tally = field(default_factory=Tally)
    problems: list[ReportedProblem] = field(default_factory=list)
    notes: list[tuple[str, Params, int]] = field(default_factory=list)


class ChunkJudge:
    """Judges the rows of one chunk in one work. Use once."""

    def __init__(
        self,
        registry: Registry,
        work: Work,
        layout: Layout,
        allot_serials: Callable[[int], Sequence[str]] | None,
        seen: Seen | None,
    ) -> None:
        """Prepare; `allot_serials` is None where no artifacts are issued, `seen` in a real run."""
        self._registry = registry
        self._work = work
        self._layout = layout
        self._allot_serials = allot_serials
        self._seen = seen
        self._rows: dict[UUID, int] = {}
        self._judged = Judged()
        self._counts = [0, 0, 0, 0, 0]

    def judge(self, rows: Sequence[ReadRow]) -> Judged:
        """Judge all rows of the chunk, in their order."""
        readable = [row for row in rows if isinstance(row, ReadableRow)]
        self._prefetch(readable)
        for row in rows:
            match row:
                case ReadableRow():
                    self._judge_row(row)
                case UnreadableRow():
                    self._reject(list(row.problems))
                case SkippedLine():
                    self._judged.problems.append(_reported(row.problem))
        self._judged.last_row = rows[-1].row if rows else 0
        self._judged.tally = Tally(*self._counts)
        return self._judged

    # Who holds the names ------------------------------------------------------------------

    def _prefetch(self, rows: Sequence[ReadableRow]) -> None:
        """Ask once who holds the decisions, then once who holds awards and book numbers."""
        mentions = {row.mention for row in rows if row.mention is not None}
        claims = {mention: _identity(mention) for mention in mentions}
        listed = any(award.listed for row in rows for award in row.awards[:1])
        if listed:
            self._work.prefetch(claims.values())
        self._identities = claims
        names = [claim for row in rows for claim in self._award_claims(row)]
        self._work.prefetch(names if listed else [*claims.values(), *names])

    def _award_claims(self, row: ReadableRow) -> Iterable[Claim]:
        decision_id = self._decision_id(row)
        for award in row.awards:
            if not award.listed or decision_id is not None:
                yield _meaning(award, decision_id)
            yield from _golden(award)

    def _decision_id(self, row: ReadableRow) -> UUID | None:
        if row.mention is None:
            return None
        claim = self._identities[row.mention]
        holder = self._work.holder(claim)
        if holder is None and self._seen is not None:
            return self._seen.decision_ids.get(claim)
        return holder

    # One row ------------------------------------------------------------------------------

    def _judge_row(self, row: ReadableRow) -> None:
        decision_id = self._decision_id(row)
        new = [award for award in row.awards if not self._is_known(award, decision_id)]
        if not new:
            self._count_duplicate(row, decision_id)
            return
        try:
            with self._work.attempt():
                remarks = self._record(row, new)
        except AlreadyRecorded as error:
            self._report_duplicate(row.row, {"holder": str(error.holder)})
        except Rejected as error:
            self._reject([self._rejection(row.row, error)])
        else:
            self._accept(row, remarks)

    def _is_known(self, award: RecordAward, decision_id: UUID | None) -> bool:
        if award.listed and decision_id is None:
            return False
        claim = _meaning(award, decision_id)
        if self._work.holder(claim) is not None:
            return True
        return self._seen is not None and self._seen.row_of(claim) is not None

    def _record(self, row: ReadableRow, awards: Sequence[RecordAward]) -> list[Remark]:
        decision_id = self._decision_record(row, awards[0])
        remarks: list[Remark] = []
        for award in awards:
            command = award if decision_id is None else replace(award, decision_id=decision_id)
            stream_id, outcome = self._work.create("award", command)
            remarks.extend(outcome.remarks)
            remarks.extend(self._issue(stream_id))
            self._rows[stream_id] = row.row
        return remarks

    def _decision_record(self, row: ReadableRow, award: RecordAward) -> UUID | None:
        """The record of the row's decision; it is registered if nobody has done so."""
        mention = row.mention
        if mention is None:
            return None
        claim = self._identities[mention]
        holder = self._work.holder(claim)
        if holder is not None:
            return holder
        command = RegisterDecision(
            mention.number, mention.issuer, mention.decided_on, source=award.source
        )
        if self._seen is None or not award.listed:
            return self._work.create("decision", command)[0]
        return self._register_again(claim, command)

    def _register_again(self, claim: Claim, command: RegisterDecision) -> UUID:
        """In a dry run a list's decision keeps its id from chunk to chunk."""
        assert self._seen is not None  # noqa: S101 - only called in a dry run
        known = self._seen.decision_ids.get(claim)
        if known is not None:
            self._work.execute("decision", known, command, new=True)
            return known
        created, _ = self._work.create("decision", command)
        self._seen.decision_ids[claim] = created
        return created

    def _issue(self, stream_id: UUID) -> tuple[Remark, ...]:
        """Issue every component that belongs to the award, if this import issues artifacts."""
        if self._allot_serials is None:
            return ()
        content = self._work.state_of(stream_id).content
        components = expected_components(content, self._catalogue)
        if not components:
            return ()
        serials = self._allot_serials(len(components))
        items = tuple(zip(components, serials, strict=True))
        return self._work.execute("award", stream_id, IssueArtifacts(items)).remarks

    @property
    def _catalogue(self) -> Catalogue:
        return self._registry.catalogue

    # What became of it --------------------------------------------------------------------

    def _accept(self, row: ReadableRow, remarks: Iterable[Remark]) -> None:
        warnings = [_reported(problem) for problem in row.warnings]
        for remark in remarks:
            params: Params = dict(remark.params)
            if remark.code in _ROW_REMARKS:
                warnings.append(self._warning(row, remark.code, params))
            else:
                self._judged.notes.append((remark.code, params, row.row))
        if self._seen is not None:
            warnings.extend(self._take_unseen(row))
        self._judged.problems.extend(warnings)
        self._count(accepted=1, warnings=1 if warnings else 0)

    def _take_unseen(self, row: ReadableRow) -> list[ReportedProblem]:
        """Keep in mind, in a dry run, what the row would take; warn of numbers taken before."""
        assert self._seen is not None  # noqa: S101 - only called in a dry run
        warnings = []
        decision_id = self._decision_id(row)
        for award in row.awards:
            self._seen.take(_meaning(award, decision_id), row.row)
            for claim in _golden(award):
                before = self._seen.row_of(claim)
                holder = self._work.holder(claim)
                if before is not None and holder is not None and self._rows.get(holder) == row.row:
                    # The work sees no other award: it stood in an earlier chunk, which is gone.
                    params: Params = {"number": claim.key.rpartition("|")[2], "other_row": before}
                    warnings.append(self._warning(row, GOLDEN_REPEATED, params))
                self._seen.take(claim, row.row)
        return warnings

    def _warning(self, row: ReadableRow, code: str, params: Params) -> ReportedProblem:
        if code == GOLDEN_REPEATED:
            params = self._both(row, params)
        column = self._layout.headers.get(_ROW_REMARKS[code])
        return ReportedProblem(row.row, column, code, "warning", params)

    def _both(self, row: ReadableRow, params: Params) -> Params:
        """Name both awards that carry one golden-book number."""
        named = {**params, "name": row.awards[0].recipient.name}
        if "holder" in params:
            named |= self._other(UUID(str(params["holder"])))
        return named

    def _other(self, stream_id: UUID) -> dict[str, str | int]:
        if stream_id in self._rows:
            state = self._work.state_of(stream_id)
        else:
            state = self._registry.load("award", stream_id).state
        if not isinstance(state, Standing):
            return {}
        content = state.content
        other: dict[str, str | int] = {"other_name": content.recipient.name}
        if content.source.row is not None:
            other["other_row"] = content.source.row
        return other

    def _count_duplicate(self, row: ReadableRow, decision_id: UUID | None) -> None:
        claim = _meaning(row.awards[0], decision_id)
        holder = self._work.holder(claim)
        params: dict[str, str | int] = {} if holder is None else {"holder": str(holder)}
        before = self._rows.get(holder) if holder is not None else None
        if before is None and self._seen is not None:
            before = self._seen.row_of(claim)
        if before is not None:
            params["other_row"] = before
        self._report_duplicate(row.row, params)

    def _report_duplicate(self, row: int, params: Params) -> None:
        column = self._layout.headers.get("name")
        problem = ReportedProblem(row, column, _DUPLICATE, "duplicate", params)
        self._judged.problems.append(problem)
        self._count(duplicates=1)

    def _reject(self, problems: Iterable[Problem]) -> None:
        self._judged.problems.extend(map(_reported, problems))
        self._count(rejected=1)

    def _rejection(self, row: int, error: Rejected) -> Problem:
        field_name = (error.field or "").rpartition(".")[2]
        column = self._layout.headers.get(_SHEET_FIELDS.get(field_name, field_name))
        return Problem(row, column, error.code, "error", error.params)

    def _count(
        self, accepted: int = 0, duplicates: int = 0, rejected: int = 0, warnings: int = 0
    ) -> None:
        for place, more in enumerate((1, accepted, duplicates, rejected, warnings)):
            self._counts[place] += more


def _reported(problem: Problem) -> ReportedProblem:
    return ReportedProblem(
        problem.row, problem.column, problem.code, problem.severity, problem.params
    )


def _identity(mention: DecisionMention) -> Claim:
    return identity_claim(mention.issuer, mention.number, mention.decided_on)


def _meaning(award: RecordAward, decision_id: UUID | None) -> Claim:
    """The claim that recording an award takes.

    `meaning_of` reads nothing of the fact that the command does not have under the same name.
    """
    if award.decision_id != decision_id and award.listed:
        award = replace(award, decision_id=decision_id)
    return Claim("award", meaning_of(cast("AwardRecorded", award)))


def _golden(award: RecordAward) -> tuple[Claim, ...]:
    return _golden_claim(award.golden_book)
