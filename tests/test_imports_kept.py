"""How far an import came is known after kill -9 of its server, and to every other process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx2
import msgspec
import pytest

from api.imports import desk as import_desk
from api.imports.importing import Progress, import_sheet
from api.imports.kept import DAYS_KEPT, KeptImport, KeptImports
from api.imports.options import ImportOptions
from registry.importing import Tally
from registry.personal_key import personal_key_path
from registry.work_folders import WorkFolders
from tests.api_house import OFFICE, House, open_house, problem
from tests.command_shell import Shell
from tests.conftest import TEST_KEY
from tests.made_sheets import legacy_file, legacy_row
from tests.test_import_interrupted import award_names
from tests.test_import_samples import LEGACY, SAMPLES, expected_tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

# A server whose imports take small steps, and wait before each of the later ones.
PROGRAM = """
import sys, time
from pathlib import Path
from api.imports import job
from api.server import serve
from registry.settings import Settings
job.LEGACY_CHUNK_ROWS = 100
judge = job.ChunkJudge.judge
def slow(self, rows):
    if rows[0].row > 500:
        time.sleep(0.3)
    return judge(self, rows)
job.ChunkJudge.judge = slow
settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], language="vi")
serve(settings, "127.0.0.1", 0, projections=False,
      tell=lambda address: print(address, flush=True))
"""
LOOKS_MAX = 600


@pytest.fixture
def address(database: Database, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of its own process, and where it is; its home has the key of the tests."""
    key = personal_key_path(tmp_path / "home")
    key.parent.mkdir(mode=0o700, parents=True)
    key.write_bytes(TEST_KEY)
    key.chmod(0o600)
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path / "home"), database.administrator]
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.kill()


def upload(house: House, address: str, **fields: str) -> str:
    """Send the old register; return the id of its job."""
    answer = httpx2.post(
        f"{address}/api/imports",
        files={"file": (LEGACY, (SAMPLES / LEGACY).read_bytes())},
        data=fields,
        headers=house.headers(),
        timeout=60,
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def wait_for_rows(house: House, address: str, job: str, rows: int) -> dict[str, Any]:
    for _ in range(LOOKS_MAX):
        answer = httpx2.get(
            f"{address}/api/imports/{job}", headers=house.headers(), timeout=60
        ).json()
        assert answer["state"] in {"waiting", "running"}, answer
        if answer["rows"] >= rows:
            return dict(answer)
        time.sleep(0.02)
    raise AssertionError(rows)


@contextmanager
def restarted(database: Database, home: Path, before: House) -> Iterator[House]:
    """The application of a new process, asked by the same people."""
    with open_house(database, home=home) as house:
        house.tokens.update(before.tokens)
        yield house


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_servers_import_is_told_and_goes_on(
    database: Database,
    tmp_path: Path,
    address: tuple[str, subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (url, process), home = address, tmp_path / "home"
    shell = Shell(monkeypatch, capsys, home, database.administrator)
    with open_house(database, home=home) as other:
        job = upload(other, url, kind="legacy")
        wait_for_rows(other, url, job, 700)
        # Another server process, and the shell, know that it goes on.
        assert other.done(other.get(f"/api/imports/{job}"))["state"] == "running"
        (listed,) = shell("imports", "--json").answer["imports"]
        by_record = other.done(other.get(f"/api/imports/{listed['import_id']}"))
        assert (listed["state"], by_record["state"]) == ("running", "running")
        kill(process)

    with restarted(database, home, other) as house:
        half = award_names(database)
        state = house.done(house.get(f"/api/imports/{job}"))
        assert (state["id"], state["state"]) == (job, "interrupted")
        assert state["problem"]["code"] == "import-interrupted"
        assert 700 <= state["rows"] < expected_tally(LEGACY).rows
        assert state["accepted"] == len(half)
        by_record = house.done(house.get(f"/api/imports/{state['import_id']}"))
        assert {**by_record, "id": job} == state
        (listed,) = shell("imports", "--json").answer["imports"]
        assert (listed["state"], listed["rows"]) == ("interrupted", state["rows"])
        said = shell("imports")
        assert "bị ngắt" in said.out
        assert "tiếp tục từ chỗ dừng" in said.err
        elsewhere = house.headers(office="Sở Nội vụ tỉnh Hà Giang")
        refused = house.client.get(f"/api/imports/{job}", headers=elsewhere)
        problem(refused, 403, "record-of-other-unit")
        problem(house.get(f"/api/imports/{job}", None), 401, "sign-in-missing")

        content = (SAMPLES / LEGACY).read_bytes()
        again = house.client.post(
            "/api/imports",
            files={"file": (LEGACY, content)},
            data={"kind": "legacy"},
            headers={**house.headers(), "Prefer": ""},
        )
        service = house.client.app.state.service  # type: ignore[attr-defined]
        assert service.imports.job(UUID(again.json()["id"])).over.wait(120)
        report = house.done(house.get(f"/api/imports/{again.json()['id']}"))
        names = award_names(database)
        assert tally_of(report) == expected_tally(LEGACY)
        assert len(names) == len(set(names)) == expected_tally(LEGACY).accepted
        assert house.done(house.get(f"/api/imports/{job}"))["state"] == "done"

    # The report of the second outlives its server as well, to the word.
    with restarted(database, home, house) as last:
        assert last.done(last.get(f"/api/imports/{report['id']}")) == report
        (listed,) = shell("imports", "--json").answer["imports"]
        assert (listed["state"], tally_of(listed)) == ("done", expected_tally(LEGACY))


def test_a_killed_dry_run_says_that_nothing_was_recorded(
    database: Database, tmp_path: Path, address: tuple[str, subprocess.Popen[str]]
) -> None:
    url, process = address
    with open_house(database, home=tmp_path / "home") as other:
        job = upload(other, url, kind="legacy", dry_run="true")
        wait_for_rows(other, url, job, 700)
        kill(process)
        state = other.done(other.get(f"/api/imports/{job}"))
    assert (state["state"], state["rows"]) == ("interrupted", 0)
    assert state["problem"]["code"] == "import-trial-stopped"


def test_a_repeat_that_was_cut_off_before_its_first_chunk_does_not_pass_for_done(
    database: Database, registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    path = legacy_file(tmp_path / "a.csv", legacy_row())
    done = import_sheet(registry, path, ImportOptions(), authorship)
    version = registry.load("import", done.import_id).version
    one = KeptImport(
        id=uuid4(),
        office=OFFICE,
        file="a.csv",
        folder=str(tmp_path / "home" / "work" / "1-gone" / "upload-gone"),
        kind="auto",
        state="running",
        import_id=done.import_id,
        version=version,
    )
    KeptImports(tmp_path / "home").keep(one)
    with open_house(database, home=tmp_path / "home") as house:
        state = house.done(house.get(f"/api/imports/{one.id}"))
    assert (state["state"], state["rows"]) == ("interrupted", 0)


def test_a_failure_is_kept_without_what_is_sealed(database: Database, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_house(database, home=home) as house:
        files = {"file": ("a.xlsx", b"%PDF-1.7")}
        headers = {**house.headers(), "Prefer": ""}
        refused = house.client.post("/api/imports", files=files, headers=headers)
        problem(refused, 422, "file-not-a-sheet")
    (path,) = (home / "imports").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with restarted(database, home, house) as again:
        state = again.done(again.get(f"/api/imports/{path.stem}"))
    assert state["state"] == "failed"
    assert (state["problem"]["code"], state["problem"]["status"]) == ("file-not-a-sheet", 422)
    assert state["problem"]["detail"] == refused.json()["detail"]


def test_no_file_holds_what_is_sealed_or_was_typed_about_forms(
    database: Database, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    sheet = legacy_file(tmp_path / "a.csv", legacy_row(born="31/02/1931"), legacy_row(name=""))
    with open_house(database, home=home) as house:
        answer = house.client.post(
            "/api/imports",
            files={"file": ("a.csv", sheet.read_bytes())},
            data={"kind": "legacy", "answers": '{"Nguyễn Văn Thử": "ORD-KC-US"}'},
            headers={**house.headers(), "Prefer": ""},
        )
        assert house.done(answer)["rejected"]
    (path,) = (home / "imports").iterdir()
    text = path.read_text()
    assert "31/02/1931" not in text
    assert "Nguyễn Văn Thử" not in text


def test_what_nobody_can_write_down_stops_no_import(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.imports.kept.replace_file", full)
    sheet = legacy_file(tmp_path / "a.csv", legacy_row())
    with open_house(database, home=tmp_path / "home") as house:
        files = {"file": ("a.csv", sheet.read_bytes())}
        headers = {**house.headers(), "Prefer": ""}
        answer = house.done(house.client.post("/api/imports", files=files, headers=headers))
    assert (answer["state"], answer["accepted"]) == ("done", 1)


def test_files_go_after_their_days_but_not_while_their_import_goes_on(tmp_path: Path) -> None:
    kept, folders = KeptImports(tmp_path), WorkFolders(tmp_path)
    folder = str(folders.make("upload"))
    one = KeptImport(id=uuid4(), office=OFFICE, file="a", folder=folder, kind="auto")
    over = msgspec.structs.replace(one, id=uuid4(), state="done")
    fresh = msgspec.structs.replace(over, id=uuid4())
    (tmp_path / "imports").mkdir()
    left = tmp_path / "imports" / ".cut-off-while-writing"
    left.write_bytes(b"")
    for each in (one, over, fresh):
        kept.keep(each)
    long_ago = time.time() - DAYS_KEPT * 86_400 - 60
    for name in (f"{one.id}.json", f"{over.id}.json", left.name):
        os.utime(tmp_path / "imports" / name, (long_ago, long_ago))
    kept.remove_old()
    assert (kept.find(one.id), kept.find(over.id), kept.find(fresh.id)) == (one, None, fresh)
    assert not left.exists()
    folders.close()
    kept.remove_old()
    assert kept.find(one.id) is None


def test_an_unreadable_file_is_an_unknown_import(database: Database, tmp_path: Path) -> None:
    job = uuid4()
    (tmp_path / "imports").mkdir()
    (tmp_path / "imports" / f"{job}.json").write_bytes(b"")
    with open_house(database, home=tmp_path) as house:
        problem(house.get(f"/api/imports/{job}"), 404, "import-unknown")


def test_a_server_that_is_told_to_stop_leaves_an_interrupted_import(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress] = []

    def stopped(*arguments: Any, **more: Any) -> Any:
        for number in range(LOOKS_MAX):
            arguments[4](Progress(Tally(rows=number), 0.1))
            seen.append(Progress(Tally(rows=number), 0.1))
            time.sleep(0.05)
        raise AssertionError(more)

    monkeypatch.setattr(import_desk, "import_sheet", stopped)
    with open_house(database, home=tmp_path) as house:
        files = {"file": ("a.csv", b"x")}
        answer = house.client.post("/api/imports", files=files, headers=house.headers())
        job = house.done(answer)["id"]
        while not seen:
            time.sleep(0.01)
    with restarted(database, tmp_path, house) as again:
        assert again.done(again.get(f"/api/imports/{job}"))["state"] == "interrupted"


def test_an_import_at_the_shell_is_told_too(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    shell = Shell(monkeypatch, capsys, home, database.administrator)
    sheet = legacy_file(tmp_path / "a.csv", legacy_row())
    seen: list[frozenset[UUID]] = []
    real = KeptImports.watch

    def watch(kept: KeptImports, one: KeptImport, progress: Any, work: Any) -> Any:
        def looked(made: Progress) -> None:
            seen.append(kept.going_on())
            progress(made)

        return real(kept, one, looked, work)

    monkeypatch.setattr(KeptImports, "watch", watch)
    report = shell("import", sheet, "--kind", "legacy", "--json").answer
    assert seen[0] == {UUID(report["import_id"])}
    assert KeptImports(home).going_on() == frozenset()
    (listed,) = shell("imports", "--json").answer["imports"]
    assert (listed["import_id"], listed["state"]) == (report["import_id"], "done")


def tally_of(document: dict[str, Any]) -> Tally:
    names = ("rows", "accepted", "duplicates", "rejected", "warnings")
    return Tally(**{name: document[name] for name in names})
