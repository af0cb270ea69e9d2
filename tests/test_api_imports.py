"""Imports over HTTP: the same job as on the command line, watched from afar."""

from __future__ import annotations

import io
import json
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from openpyxl import Workbook

from api import desk
from api.imports import desk as import_desk
from api.imports.options import ImportOptions
from registry.fact import Authorship
from tests.api_house import House, fields_of, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from registry.database import Database

SAMPLES = Path(__file__).parent / "samples"
DECISION = {"number": "1200/QĐ-UBND", "date": "2/9/2024", "issuer": "UBND tỉnh Lào Cai"}
HEADER = ["STT", "Họ và tên", "Năm sinh", "Hình thức khen thưởng", "Số quyết định"]
ROWS = [
    [1, "Giàng Seo Phử", "1930", "Huân chương Kháng chiến chống Mỹ hạng Ba", "263 KT/HĐNN"],
    [2, "", "1931", "Huân chương Kháng chiến chống Mỹ hạng Ba", "263 KT/HĐNN"],
    [3, "Vàng A Sử", "1932", "Huân chương gì đó xa lạ", "263 KT/HĐNN"],
]


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        opened.token()
        yield opened


def sheet(rows: list[list[Any]]) -> bytes:
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    for row in [HEADER, *rows]:
        page.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def send(
    house: House, content: bytes, name: str = "sổ cũ.xlsx", prefer: str = "", **fields: str
) -> Response:
    headers = house.headers()
    headers["Prefer"] = prefer
    files = {"file": (name, content)}
    return house.client.post("/api/imports", files=files, data=fields, headers=headers)


def test_a_small_sheet_is_answered_with_its_report(house: House) -> None:
    answer = send(house, sheet(ROWS), kind="legacy")
    report = house.done(answer)
    assert answer.status_code == 200
    counts = {k: report[k] for k in ("rows", "accepted", "duplicates", "rejected")}
    assert counts == {"rows": 3, "accepted": 1, "duplicates": 0, "rejected": 2}
    problems = {one["row"]: (one["code"], one["severity"]) for one in report["problems"]}
    assert problems == {3: ("name-missing", "error"), 4: ("form-unknown", "error")}
    assert all(one["message"] != one["code"] for one in report["problems"])
    state = house.done(house.get(answer.headers["Location"]))
    assert state["state"] == "done"
    assert state["accepted"] == 1
    house.catch_up()
    (award,) = house.done(house.get("/api/awards"))["awards"]
    assert award["name"] == "Giàng Seo Phử"


def test_the_same_file_again_adds_nothing(house: House) -> None:
    content = sheet(ROWS[:1])
    house.done(send(house, content))
    house.catch_up()
    again = house.done(send(house, content))
    assert (again["accepted"], again["duplicates"]) == (0, 1)


def test_a_dry_run_reports_and_changes_nothing(house: House) -> None:
    before = house.facts()
    report = house.done(send(house, sheet(ROWS), dry_run="true"))
    assert report["dry_run"] is True
    assert report["accepted"] == 1
    assert house.facts() == before


def test_the_decision_list_of_1200_comes_in_as_expected(house: House) -> None:
    name = "decision-list-1200.xlsx"
    content = (SAMPLES / name).read_bytes()
    expected = json.loads((SAMPLES / f"{name}.expected.json").read_text())
    answer = send(house, content, name, "respond-async", kind="decision", **DECISION)
    assert answer.status_code == 202
    job = house.client.app.state.service.imports.job(  # type: ignore[attr-defined]
        UUID(answer.json()["id"])
    )
    assert job.over.wait(60)
    report = house.done(house.get(answer.headers["Location"]))
    for count in ("rows", "accepted", "duplicates", "rejected"):
        assert report[count] == expected[count]
    by_import = house.done(house.get(f"/api/imports/{report['import_id']}"))
    assert by_import["accepted"] == expected["accepted"]


def test_an_import_is_known_by_its_id_after_the_server_forgot_the_job(house: House) -> None:
    report = house.done(send(house, sheet(ROWS)))
    service = house.client.app.state.service  # type: ignore[attr-defined]
    service.imports._jobs.clear()  # as after a restart
    problem(house.get(f"/api/imports/{report['id']}"), 404, "import-unknown")
    state = house.done(house.get(f"/api/imports/{report['import_id']}"))
    assert state["state"] == "done"
    assert state["file"] == "sổ cũ.xlsx"
    assert [one["row"] for one in state["problems"]] == [3, 4]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file-empty"),
        (b"PK\x03\x04 cut off", 422, "file-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 422, "file-damaged"),
        (b"%PDF-1.7", 422, "file-not-a-sheet"),
        (b"a,b,c\n1,2,3\n", 422, "header-not-found"),
    ],
)
def test_files_that_are_no_list(house: House, content: bytes, status: int, code: str) -> None:
    before = house.facts()
    problem(send(house, content), status, code)
    assert house.facts() == before
    assert house.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({"kind": "medal"}, 400, "not-a-choice", "kind"),
        ({"dry_run": "perhaps"}, 400, "value-wrong-type", "dry_run"),
        ({"answers": "{"}, 400, "answers-malformed", "answers"),
        ({"answers": '{"BK": 1}'}, 400, "answers-malformed", "answers"),
        ({"answers": '{"BK": "KHONG-CO"}'}, 422, "form-unknown", "answers"),
        ({"colour": "red"}, 400, "value-unexpected", "colour"),
    ],
)
def test_options_that_cannot_be_used(
    house: House, fields: dict[str, str], status: int, code: str, field: str
) -> None:
    body = problem(send(house, sheet(ROWS), **fields), status, code)
    assert fields_of(body) == {field: code}


def test_a_decisions_list_must_name_its_decision(house: House) -> None:
    content = (SAMPLES / "decision-list-1200.xlsx").read_bytes()
    problem(send(house, content, kind="decision"), 422, "decision-not-named")


def test_a_request_without_a_file_says_so(house: House) -> None:
    answer = house.client.post("/api/imports", data={"kind": "auto"}, headers=house.headers())
    assert fields_of(problem(answer, 400, "value-missing")) == {"file": "value-missing"}
    answer = house.client.post("/api/imports", json={}, headers=house.headers())
    problem(answer, 400, "value-missing")


def test_a_form_that_is_damaged_is_a_problem(house: House) -> None:
    headers = house.headers() | {"Content-Type": "multipart/form-data; boundary=x"}
    answer = house.client.post("/api/imports", content=b"--y\r\nnonsense", headers=headers)
    assert answer.status_code == 400
    assert house.get("/health/live").status_code == 200


def test_an_upload_larger_than_its_limit_is_refused_while_it_arrives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.edge.UPLOAD_BYTES_MAX", 10_000)
    problem(send(house, bytes(20_000)), 413, "body-too-large")

    def pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(20):
            yield bytes(1_000)

    headers = house.headers() | {"Content-Type": "multipart/form-data; boundary=x"}
    untold = house.client.post("/api/imports", content=pieces(), headers=headers)
    problem(untold, 413, "body-too-large")


def test_a_folder_in_a_file_name_goes_nowhere(house: House) -> None:
    report = house.done(send(house, sheet(ROWS[:1]), name="../../etc/..\\passwd.xlsx"))
    state = house.registry.load("import", UUID(report["import_id"])).state
    assert state.begun.file_name == "passwd.xlsx"


def test_too_many_files_at_once_are_turned_away(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(desk, "WAITING_MAX", 0)
    monkeypatch.setattr(desk, "RUNNING_MAX", 1)
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(uploads))
    let_go = Event()

    def slow(*_arguments: object, **_named: object) -> None:
        let_go.wait(30)

    with monkeypatch.context() as patched:
        patched.setattr(import_desk, "import_sheet", slow)
        service = house.client.app.state.service  # type: ignore[attr-defined]
        folder = tmp_path / "upload"
        folder.mkdir()
        options = ImportOptions(file_name="a.csv")
        service.imports.submit(folder, folder / "a", options, Authorship("x", "y"))
        answer = send(house, sheet(ROWS))
        problem(answer, 503, "imports-busy")
        assert answer.headers["Retry-After"]
        assert list(uploads.iterdir()) == []
        let_go.set()


def test_uploads_leave_nothing_behind(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    house.done(send(house, sheet(ROWS)))
    problem(send(house, b"%PDF"), 422, "file-not-a-sheet")
    assert list(tmp_path.iterdir()) == []
