"""Withdrawing an import that was a mistake as a whole: all that it recorded, chunk by chunk.

What it recorded is found behind its own facts: a chunk's awards and the fact that its rows are done
were one append, all under the import's own request. So no list of them is kept anywhere.

First everything is judged, and nothing is recorded while something is in the way: what was touched
since by others is taken back by itself first. Then each chunk's awards are withdrawn in one
transaction with the fact that they are.

What is true if we die:
  before a chunk's commit    its awards stand; the same request again withdraws them;
  after a chunk's commit     they are withdrawn and are passed over from then on.
The file cannot be imported again before the last of it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from uuid import UUID

from api.sheets.lines import row_of
from api.withdrawals.decisions import in_the_way_of
from api.withdrawals.judged import Asked, InTheWay, Listed, judge_awards, obstacle
from api.withdrawals.obstacles import seen_by_registers
from projections.awards import awards_naming
from registry import decision
from registry.award import AwardRecorded, AwardWithdrawn, WithdrawAward
from registry.award.artifact import ArtifactSigned, FileSigned
from registry.codec import decode_fact, event_name
from registry.decision import DecisionRegistered, WithdrawDecision
from registry.errors import Conflict, Rejected
from registry.importing import (
    BeginWithdrawal,
    FinishWithdrawal,
    ImportBegun,
    ImportFileRead,
    ImportWithdrawn,
    RowsImported,
    Unknown,
    Withdrawing,
    Withdrawn,
    WithdrawRecords,
)
from registry.messages import VIETNAM_TIME, term
from registry.register import CONFLICT_ATTEMPTS_MAX, Order

if TYPE_CHECKING:
    from psycopg import Cursor

    from registry.fact import Fact
    from registry.register import Registry

FACTS_PER_READ: Final = 2_000
ROWS_REPORTED_MAX: Final = 10_000

Outcome: TypeAlias = Literal["to-withdraw", "withdrawn", "withdrawn-before", "in-the-way"]
Reading: TypeAlias = "Callable[[], AbstractContextManager[Cursor[Any]]]"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What becomes, or became, of the award that a row of the sheet made."""

    row: int | None
    id: str
    name: str
    outcome: Outcome
    code: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class WithdrawalReport:
    """A withdrawal row by row; of very long ones only the first rows, the counts are of all.

    `decisions` are those that the import itself had registered.
    """

    import_id: str
    file: str
    state: str
    dry_run: bool
    awards: int = 0
    to_withdraw: int = 0
    withdrawn: int = 0
    withdrawn_before: int = 0
    decisions: int = 0
    in_the_way_count: int = 0
    in_the_way: tuple[InTheWay, ...] = ()
    rows: tuple[RowOutcome, ...] = ()
    rows_left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What one append of an import recorded."""

    awards: Sequence[Listed]
    decisions: Sequence[Listed]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A chunk's awards: those that go now, by their orders, and what becomes of each row."""

    orders: Sequence[Order]
    rows: Sequence[RowOutcome]
    in_the_way: Sequence[InTheWay]


class ImportWithdrawal:
    """Takes one import back. The registers must know all of the log. Use from one thread."""

    def __init__(
        self, asked: Asked, reading: Reading, import_id: UUID, command: WithdrawAward
    ) -> None:
        """`command` says why, and whether signed papers count no longer either."""
        author = replace(asked.authorship, request=None, request_digest=None)
        self._asked = replace(asked, authorship=author)
        self._registry: Registry = asked.registry
        self._reading = reading
        self._id = import_id
        self._command = replace(command, import_id=import_id)
        self._state = self._registry.load("import", import_id).state
        if isinstance(self._state, Unknown):
            raise Rejected("import-unknown")

    def rehearse(self) -> WithdrawalReport:
        """What would be withdrawn, and what is in the way; nothing is recorded."""
        report = self._new_report(dry_run=True)
        decisions: list[Listed] = []
        ours: set[UUID] = set()
        for chunk in self._chunks():
            self._add(report, chunk, self._judge(chunk))
            decisions += chunk.decisions
            ours |= {one.id for one in chunk.awards}
        for one in decisions:
            self._add_obstacles(report, self._in_the_way_of(one, ours))
        report.decisions = len(decisions)
        return report

    def carry_out(
        self, progress: Callable[[WithdrawalReport], None] = lambda _report: None
    ) -> WithdrawalReport:
        """Withdraw all that is not yet, or go on with it; `progress` is called after each chunk.

        Where something is in the way nothing is recorded, unless it came in the way meanwhile:
        then that is left and reported, and the import stays one that is being withdrawn.
        """
        if isinstance(self._state, Withdrawn):
            return replace(self.rehearse(), dry_run=False)
        if not isinstance(self._state, Withdrawing):
            report = self.rehearse()
            if report.in_the_way_count:
                # Its state says that nothing was begun.
                return replace(report, dry_run=False)
            self._record(lambda: ())
        report = self._new_report(dry_run=False)
        for chunk in self._chunks():
            self._add(report, chunk, self._withdraw(chunk))
            progress(report)
        self._finish(report)
        return report

    # Recording ----------------------------------------------------------------------------

    def _withdraw(self, chunk: _Chunk) -> _Judged:
        """Withdraw what may go of a chunk in one transaction; anew if others were faster."""
        judged = _Judged((), (), ())

        def decide() -> Sequence[Order]:
            nonlocal judged
            judged = self._judge(chunk)
            return judged.orders

        self._record(decide)
        rows = [
            replace(one, outcome="withdrawn") if one.outcome == "to-withdraw" else one
            for one in judged.rows
        ]
        return replace(judged, rows=rows)

    def _finish(self, report: WithdrawalReport) -> None:
        """Withdraw the decisions that the import registered, and say that all of it is done."""
        ours = {one.id for chunk in self._chunks() for one in chunk.awards}
        listed = [one for chunk in self._chunks() for one in chunk.decisions]
        for one in listed:
            self._add_obstacles(report, self._in_the_way_of(one, ours))
        report.decisions = len(listed)
        if report.in_the_way_count:
            return
        withdraw = WithdrawDecision(self._command.reason, self._id)
        self._record(
            lambda: [Order("decision", one.id, withdraw) for one in listed if self._stands(one)],
            last=True,
        )
        report.state = "withdrawn"

    def _record(self, decide: Callable[[], Sequence[Order]], *, last: bool = False) -> None:
        """Carry out orders, and say so in the import's own record, in one transaction.

        What others withdrew between our look and our commit is looked at again.
        """
        for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
            orders = decide()
            if isinstance(self._registry.load("import", self._id).state, Withdrawn):
                return
            try:
                self._commit(orders, last=last)
            except (Conflict, Rejected):
                if attempt == CONFLICT_ATTEMPTS_MAX:
                    raise
                continue
            return

    def _commit(self, orders: Sequence[Order], *, last: bool) -> None:
        work = self._registry.work(self._asked.authorship)
        begin = BeginWithdrawal(self._command.reason, self._command.with_signed)
        work.execute("import", self._id, begin)
        if orders:
            work.execute_all(orders)
            kinds = [order.kind for order in orders]
            counted = WithdrawRecords(kinds.count("award"), kinds.count("decision"))
            work.execute("import", self._id, counted)
        if last:
            work.execute("import", self._id, FinishWithdrawal())
        work.commit()

    def _stands(self, one: Listed) -> bool:
        state = self._registry.load("decision", one.id).state
        return not isinstance(state, decision.Withdrawn)

    # Judging ------------------------------------------------------------------------------

    def _judge(self, chunk: _Chunk) -> _Judged:
        """What may go of a chunk, and what is in the way."""
        stories = self._registry.stories_of({one.id: 1 for one in chunk.awards})
        before = [one for one in chunk.awards if _is_withdrawn(stories.get(one.id, ()))]
        gone = {one.id for one in before}
        left = [one for one in chunk.awards if one.id not in gone]
        with self._reading() as cursor:
            seen = seen_by_registers(cursor, [one.id for one in left])
        judged = judge_awards(self._asked, left, seen, self._command)
        # Withdrawn by somebody else since we read it: no obstacle.
        gone |= {UUID(one.id) for one in judged.in_the_way if one.code == "award-withdrawn"}
        blocked = {one.id: one for one in judged.in_the_way if UUID(one.id) not in gone}
        for one in left:
            touched = self._touched(one, stories.get(one.id, ()))
            if touched is not None and one.id not in gone:
                blocked.setdefault(str(one.id), touched)
        orders = [order for order in judged.orders if str(order.stream_id) not in blocked]
        rows = [_row(one, gone, blocked) for one in chunk.awards]
        return _Judged(orders, rows, tuple(blocked.values()))

    def _touched(self, one: Listed, facts: Sequence[Fact[Any]]) -> InTheWay | None:
        """What others did with an award since; what they signed is for `with_signed` to say."""
        for fact in facts:
            own = fact.authorship.request == str(self._id)
            if own or isinstance(fact.event, ArtifactSigned | FileSigned):
                continue
            error = Rejected(
                "withdraw-touched-since",
                act=term("event", event_name(fact.event), self._asked.language),
                on=fact.recorded_at.astimezone(VIETNAM_TIME).date().isoformat(),
                actor=fact.authorship.actor,
            )
            return obstacle(one, error, self._asked.language)
        return None

    def _in_the_way_of(self, one: Listed, ours: set[UUID]) -> list[InTheWay]:
        """What is in the way of a decision that the import registered; others' awards are."""
        if not self._stands(one):
            return []
        command = WithdrawDecision(self._command.reason, self._id)
        with self._reading() as cursor:
            found = list(in_the_way_of(self._asked, cursor, one.id, command))
            rows = awards_naming(cursor, one.id)
        error = Rejected("withdraw-decision-used", number=one.name)
        others = [
            obstacle(Listed(row.id, row.name, row.office), error, self._asked.language)
            for row in rows
            if row.id not in ours
        ]
        return [*found, *others]

    # Reading ------------------------------------------------------------------------------

    def _chunks(self) -> Iterator[_Chunk]:
        """What each append of the import recorded, since it was last withdrawn."""
        positions: list[int] = []
        over = False
        for fact in self._registry.facts_of(self._id):
            match fact.event:
                case ImportWithdrawn():
                    over = True
                case ImportBegun() if over:
                    positions, over = [], False
                case RowsImported():
                    positions.append(fact.position)
                case _:
                    pass
        for position in positions:
            yield self._chunk_before(position)

    def _chunk_before(self, position: int) -> _Chunk:
        """The first facts of records in the append that ends with a fact of the import."""
        awards: list[Listed] = []
        decisions: list[Listed] = []
        for fact in self._append_before(position):
            listed = _listed(fact)
            if listed is not None and isinstance(fact.event, AwardRecorded):
                awards.append(listed)
            elif listed is not None:
                decisions.append(listed)
        return _Chunk(awards[::-1], decisions)

    def _append_before(self, position: int) -> Iterator[Fact[Any]]:
        """Facts in front of a position, back to the first that was not this import's append."""
        rows_seen = False
        while position > 1:
            first = max(0, position - 1 - FACTS_PER_READ)
            rows = self._registry.log.read_after(first, position - 1 - first)
            for row in reversed(rows):
                fact = decode_fact(*row)
                if fact.authorship.request != str(self._id):
                    return
                if fact.stream_id == self._id:
                    # The append before it ended so; what begins an import stands behind its rows.
                    if not isinstance(fact.event, ImportBegun | ImportFileRead) or rows_seen:
                        return
                    continue
                rows_seen = True
                yield fact
            position = first + 1

    # Reporting ----------------------------------------------------------------------------

    def _new_report(self, *, dry_run: bool) -> WithdrawalReport:
        states = {Withdrawing: "withdrawing", Withdrawn: "withdrawn"}
        state = states.get(type(self._state), "done" if dry_run else "withdrawing")
        name = self._state.begun.file_name
        return WithdrawalReport(str(self._id), name, state, dry_run)

    def _add(self, report: WithdrawalReport, chunk: _Chunk, judged: _Judged) -> None:
        outcomes = [one.outcome for one in judged.rows]
        report.awards += len(chunk.awards)
        report.to_withdraw += outcomes.count("to-withdraw")
        report.withdrawn += outcomes.count("withdrawn")
        report.withdrawn_before += outcomes.count("withdrawn-before")
        room = ROWS_REPORTED_MAX - len(report.rows)
        report.rows += tuple(judged.rows[:room])
        report.rows_left_out += max(0, len(judged.rows) - room)
        self._add_obstacles(report, judged.in_the_way)

    @staticmethod
    def _add_obstacles(report: WithdrawalReport, found: Sequence[InTheWay]) -> None:
        room = ROWS_REPORTED_MAX - len(report.in_the_way)
        report.in_the_way += tuple(found[:room])
        report.in_the_way_count += len(found)


def _is_withdrawn(facts: Sequence[Fact[Any]]) -> bool:
    return bool(facts) and isinstance(facts[-1].event, AwardWithdrawn)


def _row(one: Listed, gone: set[UUID], blocked: dict[str, InTheWay]) -> RowOutcome:
    in_the_way = blocked.get(str(one.id))
    if in_the_way is not None:
        code, detail = in_the_way.code, in_the_way.detail
        return RowOutcome(one.row, str(one.id), one.name, "in-the-way", code, detail)
    outcome: Outcome = "withdrawn-before" if one.id in gone else "to-withdraw"
    return RowOutcome(one.row, str(one.id), one.name, outcome)


def _listed(fact: Fact[Any]) -> Listed | None:
    """A record that begins with a fact; None for a fact of one that began before."""
    event, office = fact.event, fact.authorship.office
    if isinstance(event, AwardRecorded):
        row = event.source.row
        return Listed(fact.stream_id, event.recipient.name, office, row and row_of(row))
    if isinstance(event, DecisionRegistered):
        return Listed(fact.stream_id, event.number, office)
    return None
