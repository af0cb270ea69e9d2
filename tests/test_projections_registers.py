"""What the registers say, their lists and pages, and records at another time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.artifacts import ArtifactFilter, artifacts_of, find_artifact, list_artifacts
from projections.as_of import award_as_of, decision_as_of
from projections.awards import AwardFilter, find_award, list_awards
from projections.decisions import DecisionFilter, find_decision, list_decisions
from projections.imports import find_import, list_imports, list_problems
from projections.names import is_one_error_away
from projections.users import list_users, user_of_token
from registry import award, decision, importing, user
from registry.award.artifact import Receiver
from registry.award.artifact_state import Delivered
from registry.errors import Rejected
from registry.identifiers import new_id
from registry.personal import Clear
from registry.recipient import Person, Recipient
from tests.histories import (  # noqa: F401 - fixtures
    AUTHORSHIP,
    award_to,
    follower,
    record_award,
    register_decision,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from projections.paging import Page
    from projections.runner import Runner
    from registry.database import Database
    from registry.register import Registry


@pytest.fixture
def cursor(database: Database) -> Iterator[psycopg.Cursor[Any]]:
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        yield cursor


def test_an_award_with_everything_that_a_page_shows(
    registry: Registry,
    follower: Runner,  # noqa: F811
    cursor: psycopg.Cursor[Any],
) -> None:
    decided = register_decision(registry, "803/QĐ-CTN", decided_on="2013-05-14")
    person = Person(new_id(), sex="female", born="1952", native_place="xã Y Tý")
    recipient = Recipient(
        "individual", "Sùng Thị Súa", (person,), "Bà", "Bác sĩ", "Sở Y tế", "Công chức"
    )
    command = replace(
        award_to("x", decision_id=decided, golden="0083"),
        recipient=recipient,
        form="MED-KC-US",
        award_class="I",
        form_typed="Huy chương kháng chiến chống mỹ hạng nhất",
        note="bổ sung",
        merit="nuôi giấu cán bộ",
    )
    recorded = record_award(registry, command)
    follower.catch_up()
    row = find_award(cursor, recorded.stream_id)
    assert row is not None
    assert (row.version, row.position, row.recorded_by) == (1, 2, "can-bo-thu")
    assert (row.name, row.honorific, row.recipient_position, row.unit, row.category) == (
        "Sùng Thị Súa",
        "Bà",
        "Bác sĩ",
        "Sở Y tế",
        "Công chức",
    )
    (shown,) = row.persons
    assert (shown.name, shown.sex, shown.born, shown.native_place) == (
        None,
        "female",
        "1952",
        "xã Y Tý",
    )
    assert (row.number, row.issuer, row.decided_on, row.awarded_on) == (
        "803/QĐ-CTN",
        "Chủ tịch nước",
        "2013-05-14",
        "2013-05-14",
    )
    assert (row.awarded_earliest, row.awarded_latest) == (date(2013, 5, 14), date(2013, 5, 14))
    assert (row.form, row.award_class, row.conferral) == ("MED-KC-US", "I", "living")
    assert (row.golden_number, row.note, row.merit) == ("0083", "bổ sung", "nuôi giấu cán bộ")
    assert (row.source_kind, row.source_row, row.certainty) == ("golden-book", 7, "certain")


def test_a_corrected_decision_shows_on_its_awards(
    registry: Registry,
    follower: Runner,  # noqa: F811
    cursor: psycopg.Cursor[Any],
) -> None:
    decided = register_decision(registry, "83 QĐ/CTN")
    recorded = record_award(registry, award_to("Má A Chứ", decision_id=decided))
    follower.catch_up()
    correct = decision.CorrectDecision({"number": "38 QĐ/CTN"}, "gõ nhầm")
    registry.execute("decision", decided, correct, AUTHORSHIP)
    follower.catch_up()
    row, of = find_award(cursor, recorded.stream_id), find_decision(cursor, decided)
    assert row is not None
    assert of is not None
    assert (row.number, row.version) == ("38 QĐ/CTN", 1)
    assert (of.number, of.number_key, of.version, of.award_count) == (
        "38 QĐ/CTN",
        "38-qd-ctn",
        2,
        1,
    )


def test_an_artifact_from_issue_to_delivery(
    registry: Registry,
    follower: Runner,  # noqa: F811
    cursor: psycopg.Cursor[Any],
) -> None:
    stream = record_award(registry, award_to("Thào A Dờ")).stream_id
    person = new_id()
    paper = Clear(str(person), "identity-paper", "012345678901")
    steps = (
        award.IssueArtifacts((("certificate", "SV-0000001-X"),), "2021"),
        award.PrintArtifact("SV-0000001-X", "2021-02"),
        award.DeliverArtifact(
            "sv 0000001 x",
            "2021-03-04",
            Receiver("representative", person, "Thào A Sáng", "con trai", paper),
        ),
    )
    rows = []
    for step in steps:
        registry.execute("award", stream, step, AUTHORSHIP)
        follower.catch_up()
        found = find_artifact(cursor, "SV-0000001-X")
        assert found is not None
        rows.append(found)
    assert [row.stage for row in rows] == ["issued", "printed", "delivered"]
    row = rows[-1]
    assert (row.issued_on, row.printed_on, row.delivered_on) == ("2021", "2021-02", "2021-03-04")
    assert (row.receiver_name, row.receiver_relation) == ("Thào A Sáng", "con trai")
    assert artifacts_of(cursor, [stream]) == (row,)
    awarded = find_award(cursor, stream)
    assert awarded is not None
    assert awarded.version == 4


@pytest.mark.any_day
def test_no_personal_value_reaches_a_register(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    person = new_id()
    known = Person(
        person,
        born="1952",
        birth_date=Clear(str(person), "birth-date", "1952-11-30"),
        residence=Clear(str(person), "residence", "tổ 14 phường Duyên Hải"),
        phone=Clear(str(person), "phone", "0912000111"),
    )
    command = replace(award_to("x"), recipient=Recipient("individual", "Vũ Thu Chi", (known,)))
    record_award(registry, command)
    follower.catch_up()
    with psycopg.connect(database.administrator) as connection:
        tables = connection.execute(
            "SELECT format('SELECT t::text FROM %I.%I t', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('awards', 'recipients', 'artifacts')"
        ).fetchall()
        rows = "\n".join(row for (table,) in tables for (row,) in connection.execute(table))
    assert "Vũ Thu Chi" in rows
    for trace in ("Duyên Hải", "duyen hai", "0912000111", "ciphertext", str(person)):
        assert trace not in rows
    # Day, month and year in any order and form; a day alone is also that of a recording.
    assert not re.search(r"1952\D{0,3}11\D{0,3}30|30\D{0,3}11\D{0,3}1952", rows)


def test_whose_token_it_is(
    registry: Registry,
    follower: Runner,  # noqa: F811
    cursor: psycopg.Cursor[Any],
) -> None:
    added = registry.create("user", user.AddUser("lan", "clerk", "Sở Nội vụ"), AUTHORSHIP)
    token = user.GrantToken(user.token_digest("bí mật"))
    registry.execute("user", added.stream_id, token, AUTHORSHIP)
    follower.catch_up()
    found = user_of_token(cursor, "bí mật")
    assert found is not None
    assert (found.name, found.role, found.office, found.disabled) == (
        "lan",
        "clerk",
        "Sở Nội vụ",
        False,
    )
    assert user_of_token(cursor, "đoán mò") is None
    registry.execute("user", added.stream_id, user.DisableUser("nghỉ việc"), AUTHORSHIP)
    follower.catch_up()
    assert [one.disabled for one in list_users(cursor)] == [True]
    gone = user_of_token(cursor, "bí mật")
    assert gone is not None
    assert gone.disabled


def test_an_import_and_its_problems(
    registry: Registry,
    follower: Runner,  # noqa: F811
    cursor: psycopg.Cursor[Any],
) -> None:
    stream = importing.import_id("tệp")
    problems = tuple(
        importing.RowProblem(row, "Họ và tên", "name-missing", "error") for row in range(4, 9)
    )
    begin = importing.BeginImport("so-cu.csv", "0" * 64, "legacy")
    steps = (
        begin,
        importing.ImportRows(10, importing.Tally(10, 7, 0, 3, 1), problems[:3]),
        importing.ImportRows(20, importing.Tally(10, 6, 2, 2, 0), problems[3:]),
        importing.FinishImport(),
    )
    for step in steps:
        registry.execute("import", stream, step, AUTHORSHIP)
        follower.catch_up()
    row = find_import(cursor, stream)
    assert row is not None
    assert (row.stage, row.last_row, row.rows, row.accepted) == ("finished", 20, 20, 13)
    assert (row.duplicates, row.rejected, row.warnings, row.run) == (2, 5, 1, 1)
    first = list_problems(cursor, stream, 3)
    rest = list_problems(cursor, stream, 3, first.next_token)
    assert [one.row for one in (*first.rows, *rest.rows)] == [4, 5, 6, 7, 8]
    assert rest.next_token is None
    registry.execute("import", stream, begin, AUTHORSHIP)
    follower.catch_up()
    assert [(one.stage, one.run, one.rows) for one in list_imports(cursor, 5)] == [
        ("running", 2, 0)
    ]
    assert list_problems(cursor, stream, 3).rows == ()


# Lists --------------------------------------------------------------------------------------


def pages(listed: Callable[[int, str | None], Page[Any]], limit: int) -> list[Any]:
    rows: list[Any] = []
    token: str | None = None
    while True:
        page = listed(limit, token)
        assert len(page.rows) <= limit
        rows += page.rows
        token = page.next_token
        if token is None:
            return rows


@pytest.fixture
def filled(registry: Registry, follower: Runner) -> UUID:  # noqa: F811
    """Awards of two decisions and of none; returns the second decision."""
    first = register_decision(registry, "1/QĐ-CTN", decided_on="1985")
    second = register_decision(registry, "2/QĐ-CTN", decided_on="1996-03-08")
    for number in range(5):
        record_award(registry, award_to(f"Lò Văn {number}", decision_id=first))
    for number in range(4):
        place = "X. Y Tý" if number % 2 else "xã Y Tý, huyện Bát Xát"
        command = replace(award_to(f"Lù Thị {number}", decision_id=second, place=place))
        stream = record_award(registry, command).stream_id
        issue = award.IssueArtifacts((("certificate", f"SV-{number}"),), "1996")
        registry.execute("award", stream, issue, AUTHORSHIP)
    record_award(registry, award_to("Nông Thị Lan", form="FAM-GDVV"))
    follower.catch_up()
    return second


def test_lists_run_from_the_newest_and_can_be_filtered(
    filled: UUID, cursor: psycopg.Cursor[Any]
) -> None:
    def count(**wanted: Any) -> int:
        return len(list_awards(cursor, AwardFilter(**wanted), 200).rows)

    whole = [row.position for row in list_awards(cursor, AwardFilter(), 200).rows]
    assert whole == sorted(whole, reverse=True)
    assert len(whole) == 10
    assert count(decision_id=filled) == 4
    assert count(form="FAM-GDVV") == 1
    assert count(form="CERT-CCVN", decision_id=filled) == 4
    assert count(award_class="I") == 0
    assert count(commune="xã Y Tý") == 4
    assert count(commune="Y Ty, Bat Xat") == 2
    assert count(commune="xã Không Có") == 0
    assert count(year_from=1990) == 4
    assert count(year_to=1990) == 6
    assert count(recipient_kind="collective") == 0
    assert count(conferral="living") == 10
    decisions = list_decisions(cursor, DecisionFilter(year_from=1986), 10).rows
    assert [(row.number, row.award_count) for row in decisions] == [("2/QĐ-CTN", 4)]
    assert len(list_decisions(cursor, DecisionFilter(number_key="1-qd-ctn"), 10).rows) == 1
    issued = list_artifacts(cursor, ArtifactFilter(stage="issued", decision_id=filled), 10).rows
    assert [row.serial for row in issued] == ["SV-3", "SV-2", "SV-1", "SV-0"]


@pytest.mark.parametrize("limit", [1, 3, 4, 200])
@pytest.mark.usefixtures("filled")
def test_pages_of_lists_show_everything_once(cursor: psycopg.Cursor[Any], limit: int) -> None:
    awards = pages(lambda rows, token: list_awards(cursor, AwardFilter(), rows, token), limit)
    assert len({row.id for row in awards}) == len(awards) == 10
    decisions = pages(
        lambda rows, token: list_decisions(cursor, DecisionFilter(), rows, token), limit
    )
    assert [row.number for row in decisions] == ["2/QĐ-CTN", "1/QĐ-CTN"]
    artifacts = pages(
        lambda rows, token: list_artifacts(cursor, ArtifactFilter(), rows, token), limit
    )
    assert len({row.serial for row in artifacts}) == 4


@pytest.mark.usefixtures("filled")
def test_new_records_disturb_no_page(
    registry: Registry,
    follower: Runner,  # noqa: F811
    cursor: psycopg.Cursor[Any],
) -> None:
    first = list_awards(cursor, AwardFilter(), 4)
    record_award(registry, award_to("Cư Seo Khánh"))
    follower.catch_up()
    rest = pages(
        lambda rows, token: list_awards(cursor, AwardFilter(), rows, token or first.next_token), 4
    )
    assert len({row.id for row in (*first.rows, *rest)}) == 10


@pytest.mark.parametrize("token", ["", "x", "WzFd", "WyJkZWNpc2lvbnMiLCAxXQ"])
@pytest.mark.usefixtures("follower")
def test_a_token_of_another_list_is_refused(cursor: psycopg.Cursor[Any], token: str) -> None:
    with pytest.raises(Rejected, match="page-token-unreadable"):
        list_awards(cursor, AwardFilter(), 5, token)


# At another time ----------------------------------------------------------------------------


def test_what_held_on_a_day_and_what_was_known_at_a_time(registry: Registry) -> None:
    clock = registry.clock()
    registry.clock = lambda: clock
    stream = record_award(registry, award_to("Hoàng Thị Oanh")).stream_id
    issued = award.IssueArtifacts((("certificate", "SV-9"),), "2010-05")
    delivered = award.DeliverArtifact(
        "SV-9", "2012-07-01", Receiver("recipient", new_id(), "Hoàng Thị Oanh")
    )
    renamed = award.CorrectAward({"name": "Hoàng Thị Loan"}, "theo bằng gốc")
    for day, step in enumerate((issued, delivered, renamed), start=1):
        moment = clock + timedelta(days=day)
        registry.clock = partial(_same, moment)
        registry.execute("award", stream, step, AUTHORSHIP)
    facts = registry.facts_of(stream)

    def at(as_of: date | None, days: int | None = None) -> Any:
        known_at = None if days is None else clock + timedelta(days=days)
        return award_as_of(facts, as_of, known_at)

    now = at(None)
    assert isinstance(now, award.Standing)
    assert now.content.recipient.name == "Hoàng Thị Loan"
    assert isinstance(now.artifacts["SV-9"].stage, Delivered)
    assert at(date(1984, 12, 31)) == award.INITIAL
    assert at(date(1985, 1, 1)).artifacts == {}
    assert at(date(2010, 4, 30)).artifacts == {}
    assert not isinstance(at(date(2010, 5, 1)).artifacts["SV-9"].stage, Delivered)
    assert isinstance(at(date(2012, 7, 1)).artifacts["SV-9"].stage, Delivered)
    assert at(date(1990, 1, 1)).content.recipient.name == "Hoàng Thị Loan"
    assert at(None, 2).content.recipient.name == "Hoàng Thị Oanh"
    assert at(date(2020, 1, 1), 1).artifacts["SV-9"].stage != now.artifacts["SV-9"].stage
    assert at(None, -1) == award.INITIAL


def _same(moment: datetime) -> datetime:
    return moment


def test_a_decision_at_another_time(registry: Registry) -> None:
    stream = register_decision(registry, "6B-VP/MT", decided_on="1966-07-06")
    before = registry.clock()
    correct = decision.CorrectDecision({"decided_on": "1966-07-16"}, "theo bản gốc")
    registry.execute("decision", stream, correct, AUTHORSHIP)
    facts = registry.facts_of(stream)
    assert decision_as_of(facts, date(1966, 7, 10)) == decision.INITIAL
    assert decision_as_of(facts, date(1966, 7, 10), before) != decision.INITIAL
    assert decision_as_of(facts, date(1966, 7, 16)) == decision_as_of(facts)


# Typing errors ------------------------------------------------------------------------------


def distance(one: str, other: str) -> int:
    """Optimal string alignment distance by its textbook table."""
    rows = [
        [max(i, j) if not i or not j else 0 for j in range(len(other) + 1)]
        for i in range(len(one) + 1)
    ]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            changed = rows[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed)
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_one_error_is_a_distance_of_one(one: str, other: str) -> None:
    assert is_one_error_away(one, other) == (distance(one, other) <= 1)
