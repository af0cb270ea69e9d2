"""The stock book at a shell: opened, filled, given away, counted, reported."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.command_shell import Ended, Shell, bare_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres

PROVINCE = "Sở Nội vụ tỉnh Lào Cai"
COMMUNE = "UBND xã Cốc Lầu"


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server: EmbeddedPostgres,
) -> Iterator[Shell]:
    with bare_database(server) as url:
        yield Shell(monkeypatch, capsys, tmp_path / "home", url)


def done(ended: Ended) -> Ended:
    assert ended.code == 0, ended.err
    return ended


def opened(shell: Shell, *more: str) -> str:
    ended = shell("stock", "open", "Phôi bằng", "--component", "certificate", *more, "--json")
    return str(done(ended).answer["id"])


def stock(shell: Shell, action: str, item: str, *more: str) -> Ended:
    return shell("stock", action, item, *more, "--office", PROVINCE)


def filled(shell: Shell) -> str:
    item = opened(shell, "--numbered", "--form", "ORD-KC-US", "--class", "III")
    papers = ("--supplier", "Ban TĐKT TW", "--delivery-note", "12/PXK", "--on", "2026-01-05")
    done(stock(shell, "receive", item, "AB 001..AB 100", *papers))
    given = ("--to", COMMUNE, "--handed-to", "Lò Thị Thử", "--on", "2026-02-01")
    done(stock(shell, "allocate", item, "AB 011..AB 020", "AB 030", *given))
    return item


def test_the_stock_book_is_kept_at_a_shell(shell: Shell, tmp_path: Path) -> None:
    item = filled(shell)
    back = ("--from", COMMUNE, "--reason", "thừa", "--on", "2026-03-01")
    done(stock(shell, "return", item, "AB 020", *back))
    done(stock(shell, "move", item, "AB 100", "--to-store", "kho 2", "--on", "2026-03-01"))
    done(stock(shell, "spoil", item, "AB 001", "--reason", "in lem", "--on", "2026-03-02"))
    destroyed = ("--minutes", "07/BB", "--witness", "Vàng A Thử", "--witness", "Lý Thị Mẫu")
    said = done(stock(shell, "destroy", item, "AB 001", *destroyed, "--on", "2026-04-01")).err
    assert "99 dùng được" in said
    found = ("AB 002..AB 010", "AB 020..AB 029", "AB 031..AB 099")
    counted = (*found, "--counted-by", "Giàng Seo Mẫu", "--on", "2026-05-01", "--json")
    answer = done(stock(shell, "count", item, *counted)).answer
    assert (answer["usable"], answer["spoiled"], answer["id"]) == (99, 0, item)

    ledger = ("--from", "2026-02", "--to", "2026")
    shown = done(shell("stock", "ledger", item, *ledger, "--json")).answer["items"][0]
    assert (shown["opening"], shown["destroyed"], shown["closing"]) == (100, 1, 99)
    # A narrow table breaks its lines between words.
    shell.set(COLUMNS="200")
    table = done(shell("stock", "ledger", *ledger)).out
    assert "Tồn" in table
    assert "Cốc Lầu" in table

    where = done(shell("stock", "where", "ab 011", "--json")).answer["found"]
    assert [(one["whereabouts"], one["office"]) for one in where] == [("held", COMMUNE)]
    assert COMMUNE in done(shell("stock", "where", "AB 011")).out
    rows = done(shell("stock", "list", "--office", COMMUNE, "--json")).answer["items"]
    assert [(one["id"], one["usable"]) for one in rows] == [(item, 10)]
    assert "Phôi bằng" in done(shell("stock", "list")).out

    out = tmp_path / "bao-cao.json"
    answer = done(shell("report", "artifacts", "--year", "2026", "--out", out, "--json")).answer
    assert answer == {"report": "artifacts", "file": str(out), "rows": 5}
    document = json.loads(out.read_text())
    assert (document["from"], document["to"]) == ("2026-01-01", "2026-12-31")
    total, *places = document["rows"]
    assert (total["office"], total["received"], total["closing"]) == (None, 100, 99)
    assert sum(one["closing"] for one in places) == 99

    sheet = tmp_path / "bao-cao.xlsx"
    done(shell("report", "artifacts", "--year", "2026", "--out", sheet, "--as-of", "2026-01-31"))
    cells = [list(row) for row in openpyxl.load_workbook(sheet).worksheets[0].values]
    assert cells[0][:6] == [
        "loại hiện vật",
        "thành phần",
        "đơn vị",
        "kho",
        "tình trạng",
        "tồn đầu kỳ",
    ]
    assert [row[-1] for row in cells[1:]] == [100, 100]
    lines = tmp_path / "bao-cao.csv"
    shell.set(SOVANG_LANG="en")
    done(shell("report", "artifacts", "--year", "2025", "--out", lines))
    with lines.open(encoding="utf-8-sig", newline="") as file:
        assert [(row["item type"], row["closing"]) for row in csv.DictReader(file)] == [
            ("Phôi bằng", "0")
        ]


def test_what_cannot_be_used_ends_with_two_and_says_why(shell: Shell) -> None:
    item = filled(shell)
    counted = opened(shell)
    bad = [
        (stock(shell, "spoil", item, "AB 015", "--reason", "x"), COMMUNE),
        (stock(shell, "spoil", item, "AB 101", "--reason", "x"), "AB 101"),
        (stock(shell, "spoil", item, "năm tờ", "--reason", "x"), "PIECES"),
        (stock(shell, "spoil", counted, "5", "--reason", "x"), "không đủ 5"),
        (stock(shell, "spoil", counted, "AB 1", "--reason", "x"), "PIECES"),
        (stock(shell, "spoil", "x", "5", "--reason", "x"), "ITEM"),
        (shell("stock", "where", "AB 101"), "SERIAL"),
        (shell("stock", "open", "Tem", "--component", "tem"), "component"),
        (shell("stock", "ledger", "01890a5d-ac96-774b-bcce-b302099a8057"), "ITEM"),
        (shell("report", "artifacts", "--year", "x", "--out", "a.csv"), "year"),
        (shell("report", "artifacts", "--year", "2026", "--out", "a.txt"), "--out"),
        (shell("report", "artifacts", "--year", "2026", "--out", "/no/such/a.json"), "--out"),
    ]
    for ended, said in bad:
        assert ended.code == 2, ended
        assert said in ended.err
