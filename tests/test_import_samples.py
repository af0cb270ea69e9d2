"""The two sample registers come out exactly as expected; a second time they are all known."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.imports.answers import recorded_import
from api.imports.importing import import_sheet
from api.imports.kept import KeptImports
from api.imports.options import ImportOptions
from api.imports.reading import reading_for_log, reading_of
from api.sheets.layout import find_layout
from api.sheets.reader import open_sheets
from registry.award import AwardRecorded
from registry.award.artifact import ArtifactIssued
from registry.codec import decode_fact
from registry.decision import DecisionRegistered
from registry.importing import ImportFileRead, Tally
from scripts.sample_registers import make_register, write_register
from tests.made_documents import write_xls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.imports.report import ImportReport
    from registry.database import Database
    from registry.fact import Authorship, Fact
    from registry.register import Registry

SAMPLES = Path(__file__).with_name("samples")
LEGACY = "legacy-register-3000.xlsx"
LIST = "decision-list-1200.xlsx"
HEADER_ROWS = 3
CLASS_NUMBERS = {None: "", "I": "1", "II": "2", "III": "3"}
PRECISIONS = {4: "year", 5: "approximate", 7: "month", 10: "day"}

THE_DECISION: dict[str, Any] = {
    "number": "1234/QĐ-UBND",
    "date": "02/09/2020",
    "issuer": "Chủ tịch Ủy ban nhân dân tỉnh Lào Cai",
}


def options_for(name: str, **more: Any) -> ImportOptions:
    return ImportOptions(**(THE_DECISION if name == LIST else {}), **more)


def expected_of(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLES / f"{name}.expected.json").read_bytes())
    return document


def expected_tally(name: str) -> Tally:
    expected = expected_of(name)
    counts = {key: expected[key] for key in ("rows", "accepted", "duplicates", "rejected")}
    return Tally(**counts, warnings=expected.get("doubtful", 0))


def all_facts(database: Database) -> Iterator[Fact[Any]]:
    with database.pool("reader").connection() as connection:
        rows = connection.execute(
            "SELECT originator_id, originator_version, notification_id, topic, state"
            " FROM log.facts ORDER BY notification_id"
        ).fetchall()
    for stream, version, position, name, state in rows:
        yield decode_fact(stream, version, position, name, bytes(state))


def bad_rows(report: ImportReport) -> list[int]:
    return sorted({p.row - HEADER_ROWS for p in report.problems if p.severity == "error"})


@pytest.mark.parametrize("name", [LEGACY, LIST])
def test_a_sample_comes_out_exactly_as_expected(
    registry: Registry, database: Database, authorship: Authorship, name: str
) -> None:
    dry = import_sheet(registry, SAMPLES / name, options_for(name, dry_run=True), authorship)
    untouched = registry.log.head()
    real = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    stored = [fact.event for fact in all_facts(database) if type(fact.event) is AwardRecorded]

    assert dry.tally == real.tally == expected_tally(name)
    assert untouched.position == 0
    expected_bad = [
        row if isinstance(row, int) else row["row"] for row in expected_of(name)["bad_rows"]
    ]
    assert bad_rows(dry) == bad_rows(real) == expected_bad
    assert [(p.row, p.column, p.code, p.severity) for p in dry.problems] == [
        (p.row, p.column, p.code, p.severity) for p in real.problems
    ]
    assert len(stored) == real.tally.accepted


def test_the_old_register_by_form_and_class_and_by_precision_of_date(
    registry: Registry, database: Database, authorship: Authorship
) -> None:
    import_sheet(registry, SAMPLES / LEGACY, ImportOptions(), authorship)
    awards = [fact.event for fact in all_facts(database) if type(fact.event) is AwardRecorded]
    forms = Counter(f"{award.form}:{CLASS_NUMBERS[award.award_class]}" for award in awards)
    dates = Counter(
        PRECISIONS[len(award.awarded_on)] if award.awarded_on else "none" for award in awards
    )
    expected = expected_of(LEGACY)

    assert dict(forms) == expected["accepted_by_form_and_class"]
    assert dict(dates) == expected["accepted_by_date_precision"]
    assert not any(type(fact.event) is ArtifactIssued for fact in all_facts(database))


def test_repeated_golden_book_numbers_name_both_awards(
    registry: Registry, authorship: Authorship
) -> None:
    report = import_sheet(registry, SAMPLES / LEGACY, ImportOptions(), authorship)
    warnings = [p for p in report.problems if p.severity == "warning"]

    assert {p.code for p in warnings} == {"golden-number-repeated"}
    assert all({"number", "name", "other_name", "other_row"} <= p.params.keys() for p in warnings)
    assert {p.column for p in warnings} == {"Số sổ vàng"}


def test_a_decisions_list_registers_it_and_issues_every_component(
    registry: Registry, database: Database, authorship: Authorship
) -> None:
    import_sheet(registry, SAMPLES / LIST, options_for(LIST), authorship)
    facts = list(all_facts(database))
    [decision] = [fact for fact in facts if type(fact.event) is DecisionRegistered]
    awards = [fact.event for fact in facts if type(fact.event) is AwardRecorded]
    issued = [fact.event for fact in facts if type(fact.event) is ArtifactIssued]

    assert decision.event.number == THE_DECISION["number"]
    assert {award.decision_id for award in awards} == {decision.stream_id}
    assert {award.awarded_on for award in awards} == {"2020-09-02"}
    components = registry.catalogue.components("CERT-BK-BT", "individual")
    assert Counter(one.component for one in issued) == dict.fromkeys(components, len(awards))
    assert len({one.serial for one in issued}) == len(issued)


def test_a_list_up_to_5000_rows_is_one_transaction(
    registry: Registry, authorship: Authorship
) -> None:
    report = import_sheet(registry, SAMPLES / LIST, options_for(LIST), authorship)

    assert [type(fact.event).__name__ for fact in registry.facts_of(report.import_id)] == [
        "ImportBegun",
        "ImportFileRead",
        "RowsImported",
        "ImportFinished",
    ]


@pytest.mark.parametrize("name", [LEGACY, LIST])
def test_the_same_file_again_is_all_known(
    registry: Registry, database: Database, authorship: Authorship, name: str
) -> None:
    first = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    before = len([fact for fact in all_facts(database) if type(fact.event) is AwardRecorded])
    again = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    after = len([fact for fact in all_facts(database) if type(fact.event) is AwardRecorded])
    known = first.tally.accepted + first.tally.duplicates

    assert again.tally == Tally(first.tally.rows, 0, known, first.tally.rejected)
    assert (before, again.import_id) == (after, first.import_id)


def test_a_dry_run_of_a_known_file_sees_that_it_is_known(
    registry: Registry, authorship: Authorship
) -> None:
    import_sheet(registry, SAMPLES / LIST, options_for(LIST), authorship)
    head = registry.log.head()
    dry = import_sheet(registry, SAMPLES / LIST, options_for(LIST, dry_run=True), authorship)

    assert (dry.tally.accepted, dry.tally.duplicates) == (0, 1185)
    assert registry.log.head() == head


def test_a_dry_run_finds_what_repeats_across_chunks(
    registry: Registry, authorship: Authorship
) -> None:
    for name in (LEGACY, LIST):
        options = options_for(name, dry_run=True, chunk_rows=97)
        report = import_sheet(registry, SAMPLES / name, options, authorship)
        assert report.tally == expected_tally(name)
    assert registry.log.head().position == 0


@pytest.mark.parametrize("kind", ["decision", "legacy"])
def test_the_maker_of_samples_still_makes_these_very_rows(tmp_path: Path, kind: str) -> None:
    name = LEGACY if kind == "legacy" else LIST
    rows = 3_000 if kind == "legacy" else 1_200
    made = make_register(kind, rows)  # type: ignore[arg-type]
    write_register(make_register(kind, 20), tmp_path / "a.csv")  # type: ignore[arg-type]

    assert dict(made.expected) == expected_of(name)
    assert (tmp_path / "a.csv.expected.json").exists()


def test_how_a_file_was_read_stands_in_the_log(registry: Registry, authorship: Authorship) -> None:
    """An auditor sees which columns became what, years later and without the file."""
    report = import_sheet(registry, SAMPLES / LIST, options_for(LIST), authorship)

    [read] = [
        fact.event
        for fact in registry.facts_of(report.import_id)
        if isinstance(fact.event, ImportFileRead)
    ]
    told = json.loads(read.reading)
    assert told["format"] == "xlsx"
    assert told["lists"] == report.reading["lists"]
    recorded = recorded_import(registry, report.import_id, KeptImports(None), "vi")
    assert recorded["reading"] == told


def test_what_a_file_shows_of_its_cells_does_not_stand_in_the_log(tmp_path: Path) -> None:
    font = ".VnTime"
    rows: list[list[Any]] = [
        ["STT", "Họ và tên", "Hình thức khen thưởng"],
        [1, "NguyÔn V¨n HËu", "Huân chương"],
    ]
    with open_sheets(write_xls(tmp_path / "a.xls", rows, font=font)) as sheets:
        layout = find_layout(sheets, "legacy")

    assert "Hậu" in json.dumps(reading_of(layout), ensure_ascii=False)
    assert json.loads(reading_for_log(layout))["encodings"] == [{"encoding": "TCVN3"}]
