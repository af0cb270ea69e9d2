"""Service cases at a shell: queues, one case by id or receipt, the whole register as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from registry.cases.events import Applicant
from registry.cases.service_case import OpenCase
from registry.database import Database
from registry.personal import Clear
from tests.command_shell import Shell, bare_database
from tests.histories import AUTHORSHIP, award_to, record_award

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres

RECEIPT = "GH2026-0000001-Q"


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server: EmbeddedPostgres,
) -> Iterator[Shell]:
    with bare_database(server) as url:
        opened = Shell(monkeypatch, capsys, tmp_path / "home", url)
        assert opened("migrate").code == 0
        _receive_a_case(Database(url, home_key=_key(opened)))
        yield opened


def _key(shell: Shell) -> bytes:
    return (shell.home / "keys" / "personal.key").read_bytes()


def _receive_a_case(database: Database) -> None:
    registry = database.registry()
    award = record_award(registry, award_to("Giàng Thị Mẩy", form="ORD-KC-US"))
    person = uuid4()
    command = OpenCase(
        receipt=RECEIPT,
        kind="reissue",
        reason="lost",
        applicant=Applicant(
            "person", person, "Giàng Seo Dờ", phone=Clear(str(person), "phone", "0912 345 678")
        ),
        received_on="2026-02-02",
        desk="Sở Nội vụ tỉnh Lào Cai",
        award_id=award.stream_id,
        components=("certificate",),
        papers=("application-reissue",),
    )
    registry.create("service-case", command, AUTHORSHIP)
    database.close()


def test_a_queue_is_printed_for_people_and_for_programs(shell: Shell) -> None:
    printed = shell("cases", "--queue", "overdue", "--on", "1/3/2026")
    assert printed.code == 0
    assert RECEIPT in printed.out
    assert "23/02/2026" in printed.out
    assert "quá hạn, ngày 01/3/2026" in printed.err
    answer = shell("cases", "--queue", "overdue", "--on", "2026-03-01", "--json").answer
    (case,) = answer["cases"]
    assert (case["receipt"], case["overdue"], case["age_days"]) == (RECEIPT, True, 27)
    early = shell("cases", "--queue", "overdue", "--on", "2026-02-23", "--json").answer
    assert early["cases"] == []
    assert shell("cases", "--queue", "late").code == 2
    assert shell("cases", "--on", "2026").code == 2


def test_a_case_is_shown_by_its_receipt_and_its_id(shell: Shell) -> None:
    shown = shell("show", RECEIPT.lower(), "--json").answer
    assert shown["record"] == "case"
    assert [one["event"] for one in shown["history"]] == ["service-case-opened.v1"]
    printed = shell("show", shown["id"]).out
    for said in (RECEIPT, "cấp lại", "Giàng Thị Mẩy", "Còn thiếu: Xác nhận lý do", "Tiếp nhận"):
        assert said in printed
    assert "0912" not in printed + json.dumps(shown)
    assert shell("show", "GH2026-0000009-1").code == 2


def test_the_register_of_cases_is_exported(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    assert shell("export", "cases", "--out", out).code == 0
    rows: list[dict[str, Any]] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(row["receipt"], row["due_on"], row["stage"]) for row in rows] == [
        (RECEIPT, "2026-02-23", "received")
    ]
    assert "0912" not in out.read_text("utf-8")
