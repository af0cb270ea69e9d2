"""The command line on a real register: in by a sheet, found, shown, out as a file."""

from __future__ import annotations

import csv
import json
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from registry.database import Database
from scripts.sample_registers import make_register, write_register
from tests.command_shell import Shell, bare_database
from tests.histories import register_decision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres

HEADER = ["Họ và tên", "Năm sinh", "Quê quán", "Hình thức khen thưởng", "Số quyết định"]
HEADER += ["Ngày quyết định", "Cơ quan quyết định", "Số sổ vàng"]
GOOD = ["Lý Thị Thử", "1931", "xã Y Tý", "Bằng Có công với nước", "12 QĐ/CTN"]
GOOD += ["19/5/1998", "Chủ tịch nước", "77"]
FORMULA = ["=1+1", "1932", "@xã Bản Cái", "Bằng Có công với nước", "13 QĐ/CTN"]
FORMULA += ["19/5/1998", "Chủ tịch nước", "-78"]
BAD = ["Vàng A Hỏng", "1933", "xã Y Tý", "Huân chương không có thật", "14 QĐ/CTN"]
BAD += ["19/5/1998", "Chủ tịch nước", "79"]


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server: EmbeddedPostgres,
) -> Iterator[Shell]:
    with bare_database(server) as url:
        yield Shell(monkeypatch, capsys, tmp_path / "home", url)


def write_sheet(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_workbook(path: Path) -> tuple[list[Any], list[list[Any]]]:
    workbook = openpyxl.load_workbook(path)
    cells = [list(row) for row in workbook.worksheets[0].iter_rows()]
    workbook.close()
    return [cell.value for cell in cells[0]], cells[1:]


def test_a_register_goes_in_once_and_is_counted(shell: Shell, tmp_path: Path) -> None:
    sample = tmp_path / "so-cu.csv"
    write_register(make_register("legacy", 120), sample)
    expected = json.loads((tmp_path / "so-cu.csv.expected.json").read_bytes())
    first = shell("import", sample, "--json")
    assert first.code == (3 if expected["rejected"] else 0)
    assert {name: first.answer[name] for name in ("rows", "accepted", "rejected")} == {
        name: expected[name] for name in ("rows", "accepted", "rejected")
    }
    assert {problem["severity"] for problem in first.answer["problems"]} <= {
        "error",
        "warning",
        "duplicate",
    }
    again = shell("import", sample, "--json").answer
    assert again["accepted"] == 0
    assert again["duplicates"] == expected["accepted"] + expected["duplicates"]


def test_exit_codes_of_an_import(shell: Shell, tmp_path: Path) -> None:
    assert shell("import", write_sheet(tmp_path / "good.csv", GOOD)).code == 0
    mixed = shell("import", write_sheet(tmp_path / "mixed.csv", FORMULA, BAD))
    assert mixed.code == 3
    assert "2 dòng: 1 đã ghi, 0 đã có, 1 không ghi được" in mixed.out
    assert "Hình thức khen thưởng" in mixed.out
    missing = shell("import", tmp_path / "missing.csv")
    assert missing.code == 2
    assert "missing.csv" in missing.err
    nameless = shell("import", write_sheet(tmp_path / "kind.csv", GOOD), "--kind", "decision")
    assert nameless.code == 2
    wrong = shell("import", tmp_path / "good.csv", "--answer", "không có dấu bằng")
    assert wrong.code == 2
    assert wrong.err.startswith("--answer: ")


def test_what_is_imported_at_a_shell_may_be_that_of_a_unit(shell: Shell, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "good.csv", GOOD)
    assert shell("import", sheet, "--office", "UBND xã Cốc Lầu").code == 0
    (hit,) = shell("find", GOOD[0], "--json").answer["hits"]
    shown = shell("show", hit["award"]["id"], "--json").answer
    assert shown["office"] == "UBND xã Cốc Lầu"
    assert shown["recorded_by"].startswith("shell:")


def test_a_decisions_list_needs_its_decision_by_the_options_of_the_shell(
    shell: Shell, tmp_path: Path
) -> None:
    sample = tmp_path / "danh-sach.xlsx"
    write_register(make_register("decision", 12, clean=True), sample)
    refused = shell("import", sample)
    assert refused.code == 2
    assert refused.err.startswith("--number: ")
    named = ("--number", "1/QĐ-UBND", "--issuer", "UBND tỉnh Lào Cai", "--date", "9/5/2024")
    assert shell("import", sample, *named, "--no-artifacts").code == 0
    assert shell("export", "artifacts", "--out", tmp_path / "a.csv", "--json").answer["rows"] == 0


def test_a_dry_run_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "good.csv", GOOD)
    before = shell("log", "status", "--json").answer
    tried = shell("import", sheet, "--dry-run", "--json").answer
    assert tried["accepted"] == 1
    assert shell("log", "status", "--json").answer == before


def test_an_answer_settles_an_unclear_form(shell: Shell, tmp_path: Path) -> None:
    unclear = [*GOOD]
    unclear[3] = "Giấy ghi công của bản"
    sheet = write_sheet(tmp_path / "unclear.csv", unclear)
    assert shell("import", sheet).code == 3
    ended = shell("import", sheet, "--answer", "Giấy ghi công của bản=CERT-CCVN", "--json")
    assert ended.code == 0
    assert ended.answer["accepted"] == 1


def test_what_was_recorded_is_found_and_shown(shell: Shell, tmp_path: Path) -> None:
    shell("import", write_sheet(tmp_path / "good.csv", GOOD))
    found = shell("find", "thu", "ly", "--json").answer
    (hit,) = found["hits"]
    assert hit["award"]["name"] == "Lý Thị Thử"
    assert not found["more"]
    assert "Lý Thị Thử · sinh 1931 · xã Y Tý" in shell("find", "ly thi thu").out
    assert "12 QĐ/CTN" in shell("find", "12-qd-ctn").out

    award_id = hit["award"]["id"]
    shown = shell("show", award_id, "--json").answer
    assert shown["record"] == "award"
    assert shown["awarded_on"] == "1998-05-19"
    assert [entry["event"] for entry in shown["history"]] == ["award-recorded.v1"]
    assert shown["decision_id"] is None
    text = shell("show", award_id).out
    assert "12 QĐ/CTN (theo sổ)" in text
    assert "19/5/1998" in text
    assert "good.csv" in text


def test_an_award_is_shown_with_the_decision_it_cites_once_that_is_registered(
    shell: Shell, tmp_path: Path
) -> None:
    shell("import", write_sheet(tmp_path / "good.csv", GOOD))
    award_id = shell("find", "ly thi thu", "--json").answer["hits"][0]["award"]["id"]
    key = (shell.home / "keys" / "personal.key").read_bytes()
    with closing(Database(os.environ["DATABASE_URL"], home_key=key)) as database:
        decided = register_decision(database.registry(), "12/QĐ-CTN", decided_on="1998-05-19")
    shown = shell("show", award_id, "--json").answer
    assert (shown["decision_id"], shown["number_typed"]) == (str(decided), "12 QĐ/CTN")
    decision = shell("show", shown["decision_id"], "--json").answer
    assert (decision["record"], decision["number"]) == ("decision", "12/QĐ-CTN")
    text = shell("show", award_id).out
    assert "12/QĐ-CTN" in text
    assert "(theo sổ)" not in text
    (hit,) = shell("find", "12 qd ctn", "--json").answer["hits"]
    assert hit["decision"]["award_count"] == 1
    out = tmp_path / "awards.csv"
    shell("export", "awards", "--out", out)
    (row,) = read_csv(out)
    assert (row["decision_id"], row["number"], row["decided_on"], row["number_typed"]) == (
        str(decided),
        "12/QĐ-CTN",
        "1998-05-19",
        "12 QĐ/CTN",
    )


def test_a_birth_that_is_not_certain_is_said_in_words(shell: Shell, tmp_path: Path) -> None:
    row = [*GOOD]
    row[1] = "khoảng 1931"
    shell("import", write_sheet(tmp_path / "about.csv", row))
    assert "Lý Thị Thử · sinh khoảng năm 1931 · xã Y Tý" in shell("find", "ly thi thu").out
    award_id = shell("find", "ly thi thu", "--json").answer["hits"][0]["award"]["id"]
    shown = shell("show", award_id).out
    assert "khoảng năm 1931" in shown
    assert "1931~" not in shown


def test_a_decision_is_named_by_its_number_in_any_spelling(shell: Shell, tmp_path: Path) -> None:
    assert shell("migrate").code == 0
    key = (shell.home / "keys" / "personal.key").read_bytes()
    with closing(Database(os.environ["DATABASE_URL"], home_key=key)) as database:
        registry = database.registry()
        decided = register_decision(registry, "12/QĐ-CTN", decided_on="1998-05-19")
        others = [
            register_decision(registry, "7/QĐ-UBND", issuer=issuer, decided_on="2019-05-09")
            for issuer in ("UBND tỉnh Lào Cai", "UBND tỉnh Yên Bái")
        ]
    for typed in ("12/QĐ-CTN", "12 qd ctn", "Số: 12-QĐ/CTN", "012 QĐ/CTN", str(decided)):
        shown = shell("show", typed, "--json").answer
        assert (shown["record"], shown["id"]) == ("decision", str(decided)), typed
        out = tmp_path / "bằng.pdf"
        printed = shell("certificates", "--decision", typed, "--out", out, "--json")
        # It has no awards yet, and that is what is said: the decision itself was found.
        assert printed.answer["error"]["code"] == "decision-has-no-certificates", typed
    several = shell("show", "7 QĐ/UBND", "--json").answer["error"]
    assert several["code"] == "decision-number-ambiguous"
    assert all(str(one) in several["message"] for one in others)
    unknown = shell("show", "13 QĐ/CTN", "--json").answer["error"]
    assert unknown["code"] == "nothing-so-named"
    assert "13 QĐ/CTN" in unknown["message"]


def test_a_record_is_shown_as_it_was(shell: Shell, tmp_path: Path) -> None:
    shell("import", write_sheet(tmp_path / "good.csv", GOOD))
    award_id = shell("find", "ly thi thu", "--json").answer["hits"][0]["award"]["id"]
    assert shell("show", award_id, "--as-of", "1999").code == 0
    for option, value in (("--as-of", "1997-12-31"), ("--known-at", "2001-01-01")):
        before = shell("show", award_id, option, value)
        assert before.code == 2
        assert before.out == ""
    assert shell("show", award_id, "--as-of", "31/02/1985").code == 2


def test_an_unknown_record_is_no_crash(shell: Shell) -> None:
    for record in ("SV-1", "01a208e8-df35-7bea-bd9c-1c654ea5d050", "'; DROP TABLE x"):
        ended = shell("show", record)
        assert ended.code == 2
        assert ended.err.strip()
    assert shell("find", "không có ai").code == 0


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
def test_an_export_has_every_row_once(shell: Shell, tmp_path: Path, ending: str) -> None:
    rows = 450
    sample = tmp_path / "so-cu.csv"
    write_register(make_register("legacy", rows, clean=True), sample)
    shell("import", sample)
    out = tmp_path / f"awards{ending}"
    assert shell("export", "awards", "--out", out, "--json").answer["rows"] == rows
    match ending:
        case ".csv":
            assert out.read_bytes().startswith(b"\xef\xbb\xbf")
            ids = [row["id"] for row in read_csv(out)]
        case ".xlsx":
            headings, cells = read_workbook(out)
            ids = [row[headings.index("id")].value for row in cells]
        case _:
            ids = [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]
    assert len(ids) == len(set(ids)) == rows
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_no_cell_of_an_export_becomes_a_formula(shell: Shell, tmp_path: Path) -> None:
    assert shell("import", write_sheet(tmp_path / "formula.csv", FORMULA)).code == 0
    for ending in (".csv", ".xlsx", ".jsonl"):
        shell("export", "awards", "--out", tmp_path / f"awards{ending}")
    (row,) = read_csv(tmp_path / "awards.csv")
    assert row["name"] == "'=1+1"
    assert row["person_native_place"] == "'@xã Bản Cái"
    assert row["golden_number"] == "'-78"
    headings, ((*cells,),) = read_workbook(tmp_path / "awards.xlsx")
    name = cells[headings.index("name")]
    assert (name.value, name.data_type) == ("=1+1", "s")
    exact = json.loads((tmp_path / "awards.jsonl").read_text("utf-8"))
    assert exact["name"] == "=1+1"


def test_exports_that_cannot_be(shell: Shell, tmp_path: Path) -> None:
    past = shell("export", "awards", "--out", tmp_path / "a.csv", "--as-of", "2019-05-01")
    assert past.code == 2
    assert not (tmp_path / "a.csv").exists()
    assert shell("export", "awards", "--out", tmp_path / "a.pdf").code == 2
    assert shell("export", "awards", "--out", tmp_path / "no" / "a.csv").code == 2
    assert shell("export", "people", "--out", tmp_path / "a.csv").code == 2


def test_sealed_values_leave_by_no_command(shell: Shell, tmp_path: Path) -> None:
    sample = tmp_path / "so-cu.csv"
    register = make_register("legacy", 3, clean=True)
    residence = register.rows[0][register.header.index("Nơi ở hiện nay")]
    write_register(register, sample)
    shell("import", sample)
    out = tmp_path / "awards.jsonl"
    shell("export", "awards", "--out", out)
    award_id = json.loads(out.read_text("utf-8").splitlines()[-1])["id"]
    shown = shell("show", award_id)
    assert "đã niêm phong" in shown.out
    for said in (shown.out, shell("show", award_id, "--json").out, out.read_text("utf-8")):
        assert residence not in said
