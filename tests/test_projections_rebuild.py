"""A rebuild gives the same tables as following the log, and readers never see half of one."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import ledger
from projections.projection import Batch
from projections.rebuild import Cancelled, RebuildProgress, rebuild
from projections.registers import REGISTERS
from projections.runner import Runner
from registry import award, decision, importing, user, working_calendar
from registry.award import artifact
from registry.award.artifact import Receiver
from registry.errors import Conflict, RegistryError, Rejected
from registry.identifiers import new_id
from registry.personal import Clear
from tests import stock_rules
from tests.artifact_life import permitting_case
from tests.histories import (  # noqa: F401 - fixtures
    AUTHORSHIP,
    PAPER,
    award_to,
    follower,
    record_award,
    register_decision,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from registry.database import Database
    from registry.register import Registry

NAMES = ("Nguyễn Văn Hòa", "Nguyễn Văn Hoà", "Giàng Thị Mẩy", "Lý Seo Páo", "Hộ ông Tẩn Láo Tả")


def paper_of(person: UUID) -> Clear:
    return Clear(str(person), "identity-paper", "012345678901")


class History:
    """Steps of an invented history; a step that a rule refuses is no step."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.decisions: list[UUID] = []
        self.awards: list[UUID] = []
        self.users: list[UUID] = []
        self.imports: list[UUID] = []
        self.items: list[UUID] = []
        self.serials: list[tuple[UUID, str]] = []
        self.numbers = count(1)

    def take(self, step: str, choice: int) -> None:
        with suppress(Rejected):
            getattr(self, step)(choice)

    def _do(self, kind: Any, stream: UUID, command: object) -> None:
        self.registry.execute(kind, stream, command, AUTHORSHIP)

    def decide(self, choice: int) -> None:
        number = f"{next(self.numbers)}/QĐ-CTN"
        on = ("1985", "1985-04", None)[choice % 3]
        self.decisions.append(register_decision(self.registry, number, decided_on=on))

    def correct_decision(self, choice: int) -> None:
        if self.decisions:
            number = f"{next(self.numbers)} KT/HĐNN"
            stream = self.decisions[choice % len(self.decisions)]
            number_or_date = (
                decision.CorrectDecision({"number": number}, "gõ nhầm"),
                decision.CorrectDecision({"decided_on": "1986"}, "gõ nhầm"),
            )
            self._do("decision", stream, number_or_date[choice % 2])

    def award(self, choice: int) -> None:
        chosen = self.decisions[choice % len(self.decisions)] if self.decisions else None
        command = award_to(
            f"{NAMES[choice % len(NAMES)]} {next(self.numbers)}",
            born=(None, "1930", "1941~")[choice % 3],
            place=(None, "xã Y Tý, huyện Bát Xát", "X. Bản Cái")[choice // 3 % 3],
            decision_id=chosen if choice % 2 else None,
            golden=str(choice) if choice % 5 == 0 else None,
        )
        self.awards.append(record_award(self.registry, command).stream_id)

    def cite(self, choice: int) -> None:
        cited = replace(
            award_to(
                f"{NAMES[choice % len(NAMES)]} {next(self.numbers)}",
                # Who was born after his award is doubted.
                born="1990" if choice % 4 == 1 else "1930",
            ),
            number_typed=f"{choice % 9}/QĐ-CTN",
            issuer_typed=("Chủ tịch nước", None)[choice % 4 == 0],
            awarded_on=("1985", "1985-04", None)[choice % 3],
        )
        self.awards.append(record_award(self.registry, cited).stream_id)

    def correct_award(self, choice: int) -> None:
        if self.awards:
            name = f"{NAMES[choice % len(NAMES)]} {choice % 7}"
            on = ("1985", "1986")[choice % 2]
            command = award.CorrectAward(
                {"name": name, "born": "1932", "awarded_on": on}, "theo bằng gốc"
            )
            self._do("award", self.awards[choice % len(self.awards)], command)

    def issue(self, choice: int) -> None:
        if self.awards:
            stream = self.awards[choice % len(self.awards)]
            serial = f"SV-{next(self.numbers):07d}"
            command = award.IssueArtifacts((("certificate", serial),), "2020")
            self._do("award", stream, command)
            self.serials.append((stream, serial))

    def sign(self, choice: int) -> None:
        if self.serials:
            stream, serial = self.serials[choice % len(self.serials)]
            command = award.SignArtifact(serial, "9eeeab1b", next(self.numbers), "0oRJ")
            self._do("award", stream, command)

    def move(self, choice: int) -> None:
        if self.serials:
            stream, serial = self.serials[choice % len(self.serials)]
            person = new_id()
            receiver = Receiver("representative", person, "Giàng A Sáng", "con", paper_of(person))
            commands = (
                award.PrintArtifact(serial, "2020-02"),
                award.DeliverArtifact(serial, "2020-03-01", receiver),
                award.ReturnUndelivered(serial, "2020-04", "không tìm thấy người nhận"),
            )
            self._do("award", stream, commands[choice % 3])

    def keep(self, choice: int) -> None:
        """What citizens hand in, where it lies, what takes its place, how it ends."""
        if self.serials:
            stream, serial = self.serials[choice % len(self.serials)]
            person = new_id()
            son = Receiver("representative", person, "Lý A Con", "con", paper_of(person))
            successor = f"SV-{next(self.numbers):07d}"
            purpose = artifact.PURPOSES[choice // 9 % len(artifact.PURPOSES)]
            items = ((serial, None),)
            commands = (
                award.SurrenderArtifacts(items, "2021", son, f"BN-{successor}", purpose, "tủ 3"),
                award.MoveArtifact(serial, "2022", "kho"),
                award.HandBackArtifact(serial, "2023-01-02", son),
                award.ReplaceArtifact(serial, successor, "2023"),
                award.OrderRecall(serial, "2024-01-02", "2024-02"),
                award.RecoverArtifact(serial, "2024-03", "kho"),
                award.DeclareUnrecoverable(serial, "2024-04", "5/BB", "mất"),
                award.DestroyArtifact(serial, "2024-05", "9/BB", ("Thử", "Mẫu")),
                award.ReportFound(serial, "2024-06"),
            )
            self._do("award", stream, commands[choice % len(commands)])
            if choice % len(commands) == 3:
                self.serials.append((stream, successor))

    def refuse(self, choice: int) -> None:
        """An award declined before anything of it was handed over, or accepted after all."""
        if self.awards and choice % 7 > 4:
            stream = self.awards[choice % len(self.awards)]
            commands = (
                award.DeclineAward("2024-03", "đơn"),
                award.TakeDecliningBack("2024-04", "đơn"),
            )
            self._do("award", stream, commands[choice % 2])

    def hold(self, choice: int) -> None:
        """Who holds an artifact after its recipient's death."""
        if self.serials:
            stream, serial = self.serials[choice % len(self.serials)]
            holders = (
                artifact.Holder("heir", "Lý A Con", relation="con"),
                artifact.Holder("museum", "Bảo tàng", decision="5/QĐ", until="2031"),
                artifact.Holder("state", "UBND tỉnh", kept_at="kho"),
            )
            self._do("award", stream, award.ChangeHolder(serial, "2022", holders[choice % 3]))

    def days(self, choice: int) -> None:
        """A swap of working days; the next one of the same day takes it back."""
        day = f"2026-{choice % 12 + 1:02}-{choice % 27 + 1:02}"
        for off, worked in (((day,), ()), ((), (day,))):
            with suppress(Rejected):
                swap = working_calendar.DecideWorkingDays(off, worked, "Công văn 7")
                self._do("working-days", working_calendar.CALENDAR_ID, swap)
                return

    def revoke(self, choice: int) -> None:
        """Awards cancelled and restored, each by a decision made for it."""
        if self.awards:
            stream = self.awards[choice % len(self.awards)]
            kind: Any = ("cancel", "restore")[choice % 2]
            number = f"{next(self.numbers)}/HB"
            make = decision.RegisterDecision(number, "Chủ tịch nước", "2024", PAPER, kind)
            by = self.registry.create("decision", make, AUTHORSHIP).stream_id
            commands = (
                award.CancelAward(
                    by, "fraud", None, "2024-02-01", ("2024-01-05", None)[choice % 3 // 2]
                ),
                award.RestoreAward(by),
            )
            self._do("award", stream, commands[choice % 2])
            if choice % 2 == 0 and self.decisions:
                of = self.decisions[choice % len(self.decisions)]
                self._do("decision", of, decision.CancelDecision(by, "fraud"))

    def take_back(self, choice: int) -> None:
        """What was entered by mistake: awards, decisions, deliveries, an import."""
        if self.awards and choice % 4 == 0:
            stream = self.awards[choice % len(self.awards)]
            self._do("award", stream, award.WithdrawAward("ghi nhầm", with_signed=True))
        elif self.serials and choice % 4 == 1:
            stream, serial = self.serials[choice % len(self.serials)]
            person = new_id()
            fields: dict[Any, str | None] = {"delivered_on": "2020-05", "relation": "cháu"}
            paper = paper_of(person)
            right = award.CorrectDelivery(serial, fields, person, paper, "đọc lại giấy")
            wrong = award.WithdrawDelivery(serial, "ghi nhầm")
            self._do("award", stream, wrong if choice % 8 == 1 else right)
        elif self.decisions and choice % 12 == 2:
            of = self.decisions[choice % len(self.decisions)]
            self._do("decision", of, decision.WithdrawDecision("ghi nhầm"))
        elif choice % 16 == 3:
            stream = importing.import_id(f"tệp {choice % 2}")
            self._do("import", stream, importing.BeginWithdrawal("nhầm tệp"))
            self._do("import", stream, importing.WithdrawRecords(choice))
            self._do("import", stream, importing.FinishWithdrawal())

    def serve(self, choice: int) -> None:
        if self.awards and choice % 4 == 0:
            award_id = str(self.awards[(choice + 1) % len(self.awards)])
            permitting_case(self.registry, award_id, "reissue", "certificate")

    def user(self, choice: int) -> None:
        if choice % 3 == 0 or not self.users:
            command = user.AddUser(f"can-bo-{next(self.numbers)}", "clerk", "Sở Nội vụ")
            self.users.append(self.registry.create("user", command, AUTHORSHIP).stream_id)
            return
        stream = self.users[choice % len(self.users)]
        token = user.GrantToken(user.token_digest(f"token {next(self.numbers)}"))
        self._do("user", stream, token if choice % 3 == 1 else user.DisableUser("nghỉ việc"))

    def import_rows(self, choice: int) -> None:
        stream = importing.import_id(f"tệp {choice % 2}")
        state = self.registry.load("import", stream).state
        if not isinstance(state, importing.Running):
            begin = importing.BeginImport("so-cu.csv", "0" * 64, "legacy")
            self._do("import", stream, begin)
            return
        if choice % 4 == 0:
            self._do("import", stream, importing.FinishImport())
            return
        problem = importing.RowProblem(state.last_row + 1, "Họ và tên", "name-missing", "error")
        tally = importing.Tally(10, 8, 1, 1, 0)
        rows = importing.ImportRows(state.last_row + 10, tally, (problem,) * (choice % 3))
        self._do("import", stream, rows)

    def stock(self, choice: int) -> None:
        if choice % 9 == 0 or not self.items:
            design = f"mẫu {next(self.numbers)}"
            opened = stock_rules.blanks(numbered=choice % 2 == 0, design=design)
            self.items.append(self.registry.create("stock", opened, AUTHORSHIP).stream_id)
            return
        item = self.items[choice % len(self.items)]
        state = self.registry.load("stock", item).state
        first = choice % 30
        some = f"AB {first:03d}..AB {first + choice % 7:03d}"
        lot = stock_rules.pieces(some if state.item.numbered else choice % 7 + 1)
        one = stock_rules.pieces(f"AB {first:03d}" if state.item.numbered else 1)
        for command in stock_rules.a_bit_of_everything(lot, one)[choice % 3 :: 3]:
            with suppress(Rejected):
                self._do("stock", item, command)


STEPS = (
    "decide",
    "correct_decision",
    "award",
    "cite",
    "correct_award",
    "issue",
    "sign",
    "move",
    "keep",
    "refuse",
    "hold",
    "days",
    "revoke",
    "take_back",
    "serve",
    "user",
    "import_rows",
    "stock",
)


def contents(database: Database, *names: str) -> dict[str, list[str]]:
    """Every row of every table of these registers."""
    found = {}
    with psycopg.connect(database.administrator) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", (list(names),)
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(f"SELECT t::text FROM {schema}.{table} t ORDER BY 1")  # noqa: S608
            found[f"{schema}.{table}"] = [row for (row,) in rows]
    return found


NAMES_OF_REGISTERS = tuple(projection.name for projection in REGISTERS)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 60), st.booleans()), max_size=40
    ),
    batch_facts=st.integers(1, 9),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_rebuild_gives_what_following_gave(
    database: Database,
    registry: Registry,
    steps: list[tuple[str, int, bool]],
    batch_facts: int,
) -> None:
    """The log goes on from one example to the next, so later ones have a longer past."""
    history = History(registry)
    runner = Runner(
        database.conninfo("projector"), database.marks, REGISTERS, batch_facts=batch_facts
    )
    for step, choice, follow in steps:
        history.take(step, choice)
        if follow:
            runner.catch_up()
    runner.catch_up()
    runner.close()
    followed = contents(database, *NAMES_OF_REGISTERS)
    rebuild(database.conninfo("projector"), database.marks, REGISTERS, batch_facts=batch_facts + 3)
    assert contents(database, *NAMES_OF_REGISTERS) == followed
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        assert {one.completeness for one in ledger.status(cursor)} == {"complete"}


def test_a_correction_behind_an_artifact_of_one_batch_counts_as_the_last(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    """A batch that has both once left the artifact's version on the award."""
    stream = record_award(registry, award_to("Tẩn Láo Lở")).stream_id
    issue = award.IssueArtifacts((("certificate", "SV-1"),), "2020")
    correct = award.CorrectAward({"name": "Tẩn Láo Tả"}, "theo bằng gốc")
    for command in (issue, correct):
        registry.execute("award", stream, command, AUTHORSHIP)
    follower.catch_up()
    with psycopg.connect(database.administrator) as connection:
        rows = connection.execute("SELECT version, name FROM awards.award").fetchall()
    assert rows == [(3, "Tẩn Láo Tả")]


def test_the_histories_reach_every_table(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    history = History(registry)
    for choice in range(24):
        for step in STEPS:
            history.take(step, choice)
    follower.catch_up()
    found = contents(database, *NAMES_OF_REGISTERS)
    assert len(found) == 25
    assert [table for table, rows in found.items() if not rows] == []


def test_readers_see_a_whole_register_all_the_time(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    for number in range(30):
        record_award(registry, award_to(f"Vàng Seo {number}"))
    follower.catch_up()
    stop, counts = threading.Event(), set()

    def read() -> None:
        with database.pool("reader").connection() as connection:
            while not stop.is_set():
                found = connection.execute("SELECT count(*) FROM awards.award").fetchone()
                counts.add(found[0] if found else None)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(8):
        rebuild(database.conninfo("projector"), database.marks, REGISTERS, batch_facts=4)
    stop.set()
    reader.join()
    assert counts == {30}


def schemas(database: Database) -> set[str]:
    with psycopg.connect(database.administrator) as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ '_(next|old)$'"
        ).fetchall()
    return {name for (name,) in rows}


def record_many(registry: Registry, number: int) -> None:
    work = registry.work(AUTHORSHIP)
    for one in range(number):
        work.create("award", award_to(f"Tẩn Láo Lở {one}"))
    work.commit()


def test_a_cancelled_rebuild_leaves_the_old_register(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    record_many(registry, 700)
    follower.catch_up()
    before = contents(database, "awards")
    seen: list[RebuildProgress] = []
    with pytest.raises(Cancelled):
        rebuild(
            database.conninfo("projector"),
            database.marks,
            REGISTERS,
            seen.append,
            lambda: len(seen) == 2,
            batch_facts=50,
        )
    assert [one.position for one in seen] == [50, 100]
    assert {one.head for one in seen} == {700}
    assert contents(database, "awards") == before
    assert schemas(database) == set()


def test_what_a_killed_rebuild_left_is_dropped_at_the_next_start(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    record_award(registry, award_to("Cư Seo Sáng"))
    with psycopg.connect(database.conninfo("projector"), autocommit=True) as connection:
        for left in ("awards_next", "users_old"):
            connection.execute(f"CREATE SCHEMA {left}")
        follower.prepare()
        assert schemas(database) == set()
        connection.execute("CREATE SCHEMA awards_next")
        connection.execute(
            "SELECT pg_advisory_lock(hashtext(%s))", (ledger.rebuild_lock("awards"),)
        )
        follower.prepare()
        assert schemas(database) == {"awards_next"}
        with pytest.raises(Conflict, match="rebuild-running"):
            rebuild(database.conninfo("projector"), database.marks, REGISTERS)


def test_facts_recorded_during_a_rebuild_are_in_it(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    record_many(registry, 600)
    follower.catch_up()

    def meanwhile(progress: RebuildProgress) -> None:
        if progress.position == 100:
            record_award(registry, award_to("Lục Thị Nguyệt"))
            follower.catch_up()

    rebuild(database.conninfo("projector"), database.marks, REGISTERS, meanwhile, batch_facts=100)
    record_award(registry, award_to("Lù Seo Chứ"))
    follower.catch_up()
    assert len(contents(database, "awards")["awards.award"]) == 602
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        assert {one.completeness for one in ledger.status(cursor)} == {"complete"}


def test_a_register_that_cannot_be_rebuilt_keeps_the_old_one(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    record_award(registry, award_to("Hà Thị Lụa"))
    follower.catch_up()

    def fail(_batch: Batch) -> None:
        raise RegistryError("no-such-luck")

    broken = [
        replace(one, version=99, apply=fail) if one.name == "awards" else replace(one, version=99)
        for one in REGISTERS
    ]
    runner = Runner(database.conninfo("projector"), database.marks, broken)
    rebuilt: Callable[[], tuple[str, ...]] = runner.prepare
    assert set(rebuilt()) == set(NAMES_OF_REGISTERS) - {"awards"}
    record_award(registry, award_to("Hà Thị Thơm"))
    runner.catch_up()
    runner.close()
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        found = {one.name: one for one in ledger.status(cursor)}
    assert found["awards"].failure is not None
    assert found["awards"].failure.code == "no-such-luck"
    assert (found["awards"].lag, found["recipients"].lag) == (1, 0)
    assert len(contents(database, "awards")["awards.award"]) == 1
