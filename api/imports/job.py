"""One run of an import: the chunks of its rows judged, written and, if need be, done anew.

One chunk is one transaction that holds the awards of its rows and the fact that these rows are
done.

What is true if we die:
  before a chunk's commit    nothing of the chunk stands; the import goes on in front of it;
  after a chunk's commit     its rows stand and are known to be done; the import goes on behind.
Two runs of the same import at once share the work: each chunk is committed by one of them, and
the other sees that and goes on behind it.

Three things go on at once, each in a thread of its own: the next chunk is read and prepared (a
large file by other processes, see `api.imports.feed`), this one is judged as far as the register
itself has to be asked, the one before it is written.
"""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, count, repeat
from typing import TYPE_CHECKING, Final, TypeAlias

from api.imports.ahead import ahead
from api.imports.chunk import AllotSerials, ChunkJudge
from api.imports.options import import_digest
from api.imports.plan import Seen
from api.imports.reading import reading_for_log
from api.imports.report import Findings, ReportedProblem
from api.sheets.layout import Layout
from api.sheets.row_results import DecisionMention
from registry.award.artifact import format_serial
from registry.decision import identity_claim
from registry.errors import AlreadyRecorded, Conflict, NotReady, OutcomeUnknown
from registry.importing import (
    BeginImport,
    Finished,
    FinishImport,
    ImportBegun,
    ImportRows,
    RowsImported,
    Running,
    import_id,
)
from registry.messages import VIETNAM_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future
    from uuid import UUID

    from api.imports.feed import Feed
    from api.imports.options import ImportOptions
    from api.imports.plan import PlannedRow
    from api.imports.tally import Judged
    from registry.fact import Authorship
    from registry.importing import Tally
    from registry.register import Registry
    from registry.work import Committed, Work

LEGACY_CHUNK_ROWS: Final = 2_000
DECISION_CHUNK_ROWS: Final = 5_000
"""A decision's list up to this length is one transaction."""
COMMIT_ATTEMPTS_MAX: Final = 8
RETRY_SECONDS: Final = 0.05
SERIALS_AT_ONCE: Final = 500
CHUNKS_BETWEEN_COLLECTIONS: Final = 50
CHUNKS_AHEAD: Final = 3
"""Read while one is judged and one is written, so that nobody waits for a slow disk's flush."""

Named: TypeAlias = "Callable[[UUID, int], None]"
"""Is told the import's record, and the version at which this run takes it up."""

# Another writer was faster, or the connection broke (the server's owner may change while an
# import runs): look again and do it anew.
_TRY_AGAIN: Final = (Conflict, AlreadyRecorded, OutcomeUnknown, NotReady)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come: `fraction` of the file between 0 and 1, roughly."""

    tally: Tally
    fraction: float


class ImportJob:
    """One run of an import."""

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        registry: Registry,
        feed: Feed,
        layout: Layout,
        options: ImportOptions,
        decision: DecisionMention | None,
        authorship: Authorship,
        digest: str,
    ) -> None:
        self._registry = registry
        self._layout = layout
        self._options = options
        self._digest = digest
        self._decision = decision
        self._feed = feed
        self.import_id = import_id(import_digest(digest, layout, options, self._decision))
        self._authorship = replace(authorship, request=str(self.import_id))
        self.findings = Findings()
        self._seen = Seen() if options.dry_run else None
        self._serials = _serials(registry, dry_run=options.dry_run)
        self._last_row = self._version = self._chunks_done = 0
        self._begun = self._over = False

    def run(self, progress: Callable[[Progress], None], named: Named) -> None:
        """Judge and record every row that is not done yet."""
        self._take_up()
        named(self.import_id, self._version)
        under_way: _UnderWay | None = None
        fraction = 0.0
        with ahead(self._chunks(), CHUNKS_AHEAD) as chunks, ThreadPoolExecutor(1) as writing:
            for chunk in chunks:
                if self._over:
                    break
                self._collect_sometimes()
                judged_before = self.findings.tally.rows
                under_way = self._proceed(chunk, under_way, writing)
                if self.findings.tally.rows > judged_before:
                    progress(Progress(self.findings.tally, fraction))
                fraction = chunk.fraction
            self._finish(under_way)
            progress(Progress(self.findings.tally, fraction))

    def _collect_sometimes(self) -> None:
        """What other threads left in cycles meanwhile; objects of chunks are gone by then."""
        self._chunks_done += 1
        if self._chunks_done % CHUNKS_BETWEEN_COLLECTIONS == 0:
            gc.collect(1)

    def _take_up(self) -> None:
        """Find where an interrupted run of this import left off."""
        loaded = self._registry.load("import", self.import_id)
        self._version = loaded.version
        if isinstance(loaded.state, Running):
            self._begun = True
            self._follow(loaded.state.last_row, loaded.state.tally)

    def _look_again(self) -> None:
        """See what became of the import while our commit failed, or seemed to."""
        loaded = self._registry.load("import", self.import_id)
        if loaded.version == self._version:
            return
        self._version = loaded.version
        state = loaded.state
        if isinstance(state, Running):
            self._begun = True
            self._follow(state.last_row, state.tally)
        elif isinstance(state, Finished):
            # Our last commit stands after all, or another run of this import did the rest.
            self._over = True
            self._follow(None, state.tally)

    def _follow(self, last_row: int | None, tally: Tally) -> None:
        """Stand where the register says that this import stands."""
        known = self._last_row
        self._last_row = known if last_row is None else last_row
        self.findings.tally = tally
        self.findings.add_problems([one for one in self._recorded_problems() if one.row > known])

    def _recorded_problems(self) -> list[ReportedProblem]:
        """Problems of rows that are done, since the import last began."""
        problems: list[ReportedProblem] = []
        for fact in self._registry.facts_of(self.import_id):
            match fact.event:
                case ImportBegun():
                    problems = []
                case RowsImported(problems=chunk):
                    problems += [
                        ReportedProblem(one.row, one.column, one.code, one.severity)
                        for one in chunk
                    ]
                case _:
                    pass
        return problems

    # Reading ------------------------------------------------------------------------------

    def _chunks(self) -> Generator[_Chunk]:
        """The rows of the sheet by chunks, the last one marked."""
        rows: list[PlannedRow] = []
        for row in self._feed.rows(self._last_row):
            if len(rows) >= self._chunk_rows:
                yield _Chunk(rows, self._feed.fraction(), last=False)
                rows = []
            rows.append(row)
        yield _Chunk(rows, self._feed.fraction(), last=True)

    @property
    def _chunk_rows(self) -> int:
        usual = DECISION_CHUNK_ROWS if self._layout.kind == "decision" else LEGACY_CHUNK_ROWS
        return self._options.chunk_rows or usual

    # Writing ------------------------------------------------------------------------------

    def _proceed(
        self, chunk: _Chunk, before: _UnderWay | None, writing: ThreadPoolExecutor
    ) -> _UnderWay | None:
        """Judge a chunk while the one before it is being written; then have it written too.

        It is judged as if the one before stood. If that one fails, both are done anew, one
        after the other.
        """
        if self._options.dry_run:
            self._keep(self._judge(self._registry.work(self._authorship), chunk))
            return None
        try:
            after = before.work if before is not None else None
            work = self._registry.work(self._authorship, after)
            judged = self._judge(work, chunk)
            version = self._conclude(work, judged, chunk, before)
        except _TRY_AGAIN:
            self._finish(before)
            self._carry_out(chunk)
            return None
        if not self._finish(before):
            self._carry_out(chunk)
            return None
        return _UnderWay(chunk, work, judged, version, writing.submit(work.commit))

    def _finish(self, under_way: _UnderWay | None) -> bool:
        """Wait until a chunk is written; False if that failed and it had to be done anew."""
        if under_way is None:
            return True
        try:
            committed = under_way.commit.result()
        except _TRY_AGAIN:
            self._look_again()
            self._carry_out(under_way.chunk)
            return False
        self._stand_at(under_way.version, committed)
        self._keep(under_way.judged)
        return True

    def _carry_out(self, chunk: _Chunk) -> None:
        """Record a chunk, judging it anew as often as somebody else was faster."""
        for attempt in range(1, COMMIT_ATTEMPTS_MAX + 1):
            if self._over:
                return
            work = self._registry.work(self._authorship)
            try:
                judged = self._judge(work, chunk)
                version = self._conclude(work, judged, chunk)
                committed = work.commit()
            except _TRY_AGAIN:
                if attempt == COMMIT_ATTEMPTS_MAX:
                    raise
                time.sleep(RETRY_SECONDS * attempt)
                self._look_again()
                continue
            self._stand_at(version, committed)
            self._keep(judged)
            return

    def _judge(self, work: Work, chunk: _Chunk) -> Judged:
        rows = [row for row in chunk.rows if row.row > self._last_row]
        issue = self._options.issue_artifacts
        if issue is None:
            issue = self._layout.kind == "decision"
        serials = self._serials if issue else None
        return ChunkJudge(self._registry, work, self._layout, serials, self._seen).judge(rows)

    def _conclude(
        self, work: Work, judged: Judged, chunk: _Chunk, before: _UnderWay | None = None
    ) -> int:
        """Add to the work what the import itself did with these rows; return its version then."""
        commands: list[BeginImport | ImportRows | FinishImport] = []
        if not self._begun and before is None:
            commands.append(self._begin(work))
        if judged.last_row:
            problems = tuple(problem.as_fact() for problem in judged.problems)
            commands.append(ImportRows(judged.last_row, judged.tally, problems))
        if chunk.last:
            commands.append(FinishImport())
        version = self._version if before is None else before.version
        for command in commands:
            # Not at the version that we know: another run of this import was here.
            work.execute("import", self.import_id, command, expected_version=version)
            version = work.version_of(self.import_id)
        return version

    def _begin(self, work: Work) -> BeginImport:
        decision_id: UUID | None = None
        if self._decision is not None:
            named = self._decision
            decision_id = work.holder(identity_claim(named.issuer, named.number, named.decided_on))
        name = self._options.file_name or ""
        reading = reading_for_log(self._layout)
        return BeginImport(name, self._digest, self._layout.kind, decision_id, reading)

    def _stand_at(self, version: int, committed: Committed) -> None:
        """Note that the import stands at a version."""
        self._begun = True
        self._version = version
        # Numbers that another writer used between our look and our commit.
        for remark in committed.remarks:
            self.findings.add_note(remark.code, dict(remark.params), 1)

    def _keep(self, judged: Judged) -> None:
        """Take over what became of a chunk that stands, or would stand."""
        self._last_row = max(self._last_row, judged.last_row)
        self.findings.tally += judged.tally
        self.findings.add_problems(judged.problems)
        for code, params, row in judged.notes:
            self.findings.add_note(code, params, 1, row)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows that are recorded together; `fraction` of the file was read with them."""

    rows: Sequence[PlannedRow]
    fraction: float
    last: bool


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A chunk that was judged and is being written."""

    chunk: _Chunk
    work: Work
    judged: Judged
    version: int
    commit: Future[Committed]


def _serials(registry: Registry, *, dry_run: bool) -> AllotSerials:
    """Something that hands out serials; a dry run uses up none of the register's."""
    if dry_run:
        pretended = count(1)
        return lambda components: [f"DRY-RUN-{next(pretended)}" for _ in components]
    year = registry.clock().astimezone(VIETNAM_TIME).year
    numbers = chain.from_iterable(
        registry.log.serial_numbers(SERIALS_AT_ONCE) for _ in repeat(None)
    )
    return lambda components: [format_serial(one, year, next(numbers)) for one in components]
