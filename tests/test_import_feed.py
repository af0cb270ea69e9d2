"""Rows read by a process of their own are the rows read here; what it dies of is an answer."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from api import import_feed
from api.importing import ImportOptions, import_sheet
from api.sheets.cells import SheetError
from tests.test_import_samples import LEGACY, LIST, SAMPLES, expected_tally, options_for

if TYPE_CHECKING:
    from pathlib import Path

    from registry.fact import Authorship
    from registry.register import Registry


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every file counts as large; the processes started for reading, by their ids."""
    started: list[int] = []
    start = import_feed._start_child

    def noting(*arguments: Any) -> subprocess.Popen[bytes]:
        process = start(*arguments)
        started.append(process.pid)
        return process

    monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 0)
    monkeypatch.setattr(import_feed, "_start_child", noting)
    return started


@pytest.mark.parametrize("name", [LEGACY, LIST])
def test_a_reading_process_gives_the_same_rows(
    registry: Registry,
    authorship: Authorship,
    children: list[int],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    report = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    assert len(children) == 1
    assert report.tally == expected_tally(name)

    monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 1 << 40)
    again = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    assert len(children) == 1
    assert again.tally.accepted == 0
    assert again.tally.rejected == report.tally.rejected
    errors = [
        [
            (one.row, one.column, one.code, one.params)
            for one in told.problems
            if one.severity == "error"
        ]
        for told in (report, again)
    ]
    assert errors[0] == errors[1] != []


def test_a_residence_comes_over_the_pipe_and_is_sealed(
    registry: Registry, authorship: Authorship, children: list[int]
) -> None:
    import_sheet(registry, SAMPLES / LEGACY, ImportOptions(chunk_rows=500), authorship)
    stream, version, _, name, state = next(
        row for row in registry.log.read_after(0, 100) if row[3] == "award-recorded.v1"
    )
    fact = registry.facts_of(stream)[0]
    residence = fact.event.recipient.persons[0].residence
    opened = registry.keyring.open(residence, (stream, version, name))
    assert opened is not None
    assert opened.value.startswith("xã ")
    assert opened.value.encode() not in bytes(state)
    assert children


def test_what_a_reading_process_cannot_read_is_the_same_answer(
    registry: Registry, authorship: Authorship, children: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "so-cu.csv"
    lines = ["STT,Họ và tên,Năm sinh,Hình thức khen thưởng,Số quyết định,Ngày quyết định"]
    lines += [f"{n},Lò Văn {n},1930,Bảng gia đình vẻ vang,1 LCT,1970" for n in range(1, 3_000)]
    lines += ['9,"' + "x" * (1 << 22)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SheetError, match="file-damaged"):
        import_sheet(registry, path, ImportOptions(kind="legacy"), authorship)
    assert children


def test_a_reading_process_that_dies_without_a_word_is_noticed(
    registry: Registry, authorship: Authorship, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "pass"])

    monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 0)
    monkeypatch.setattr(import_feed, "_start_child", dying)
    with pytest.raises(SheetError, match="file-damaged"):
        import_sheet(registry, SAMPLES / LEGACY, ImportOptions(), authorship)
    assert registry.log.head().position == 0
