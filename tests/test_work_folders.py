"""What people sent is under the home while it is worked on, and gone after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.imports.desk import ImportDesk
from api.sheet_files import open_writer
from projections.recount import Recount
from registry.work_folders import WorkFolders
from tests.api_house import open_house

if TYPE_CHECKING:
    from registry.database import Database

_WORK_AND_WAIT = """
import sys
from pathlib import Path
from registry.work_folders import WorkFolders
folders = WorkFolders(Path(sys.argv[1]))
(folders.make("upload") / "upload").write_bytes(b"Giang A Thu")
print("working", flush=True)
sys.stdin.read()
"""


def working(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORK_AND_WAIT, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    return process


def files_in(home: Path) -> list[Path]:
    return [path for path in (home / "work").rglob("*") if path.is_file() and path.name != ".lock"]


def test_what_a_killed_process_left_is_gone_with_the_next_start(tmp_path: Path) -> None:
    with working(tmp_path) as process:
        (left,) = files_in(tmp_path)
        folders = [left.parent, left.parent.parent, left.parent.parent.parent]
        assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
        # While it lives, nobody takes its files away.
        other = WorkFolders(tmp_path)
        assert files_in(tmp_path) == [left]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert files_in(tmp_path) == [left]
    mine = other.make("print")
    again = WorkFolders(tmp_path)
    assert files_in(tmp_path) == []
    assert mine.is_dir()
    again.close()
    other.close()
    assert [path.name for path in (tmp_path / "work").iterdir()] == [".lock"]


def test_an_upload_never_lies_in_the_machines_temporary_folder(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, home = tmp_path / "machine", tmp_path / "home"
    machine.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(machine))
    seen: list[Path] = []
    real = ImportDesk.submit

    def submit(desk: ImportDesk, folder: Path, path: Path, *rest: Any) -> Any:
        seen.append(path)
        assert not any(machine.rglob("*"))
        return real(desk, folder, path, *rest)

    monkeypatch.setattr(ImportDesk, "submit", submit)
    with open_house(database, home=home) as house:
        headers = {**house.headers(), "Prefer": ""}
        # Larger than what is kept in memory while it arrives.
        files = {"file": ("danh-sach.csv", b"ho ten\n" * 400_000)}
        house.client.post("/api/imports", files=files, headers=headers)
    assert [path.is_relative_to(home / "work") for path in seen] == [True]
    assert not any(machine.rglob("*"))


def test_an_audit_leaves_no_name_of_its_file_of_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    class _Nothing:
        def __getattr__(self, _name: str) -> None:
            return None

    with Recount(_Nothing(), 0):  # type: ignore[arg-type]
        assert not any(tmp_path.rglob("*"))


def test_an_export_removes_what_a_killed_one_left_of_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "khen [thưởng].csv"
    # No process has a number above the kernel's limit.
    dead = tmp_path / ".khen [thưởng].csv.4999999.csv"
    living = tmp_path / f".khen [thưởng].csv.{os.getppid()}.csv"
    others = tmp_path / ".khen [thưởng].csv.bak.csv"
    for left in (dead, living, others):
        left.write_text("Giàng A Thử")
    with open_writer(path, ["Tên"]) as writer:
        writer.write(["Lý Thị Thử"])
    assert sorted(tmp_path.iterdir()) == sorted([path, living, others])
