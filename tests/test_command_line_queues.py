"""`sovang custody` and `sovang duties` on a real register."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from registry.award import (
    CancelAward,
    IssueArtifacts,
    RecoverArtifact,
    RestoreAward,
    SurrenderArtifacts,
)
from registry.award.artifact import Receiver
from registry.database import Database
from registry.decision import RegisterDecision
from registry.identifiers import new_id
from registry.personal import Clear
from tests.command_shell import Shell, bare_database
from tests.histories import AUTHORSHIP, PAPER, award_to, record_award

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from registry.embedded import EmbeddedPostgres
    from registry.register import Registry


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server: EmbeddedPostgres,
) -> Iterator[Shell]:
    with bare_database(server) as url:
        monkeypatch.setenv("COLUMNS", "200")
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        assert shell("migrate").code == 0
        key = (shell.home / "keys" / "personal.key").read_bytes()
        with closing(Database(url, home_key=key)) as database:
            record_life(database.registry())
        yield shell


def record_life(registry: Registry) -> None:
    """One certificate in custody since 2011; another recovered from an award that was restored."""
    held = an_award(registry, "Lý Thị Thử", "C-1")
    person = new_id()
    paper = Clear(str(person), "identity-paper", "010 000 000 000")
    son = Receiver("representative", person, "Lý A Con", "con trai", paper)
    taking = SurrenderArtifacts(
        (("C-1", None),), "2011-03-01", son, "BN-1", "exchange", "tủ 3", "2011-05-01"
    )
    registry.execute("award", held, taking, AUTHORSHIP)
    restored = an_award(registry, "Vàng A Thử", "C-2")
    for command in (
        CancelAward(a_decision(registry, "cancel"), "fraud", recall_due_on="2026-03-16"),
        RecoverArtifact("C-2", "2026-03-10", "kho"),
        RestoreAward(a_decision(registry, "restore")),
    ):
        registry.execute("award", restored, command, AUTHORSHIP)
    cancelled = an_award(registry, "Giàng A Thử", "C-3")
    cancel = CancelAward(a_decision(registry, "cancel", 2), "fraud", recall_due_on="2026-03-16")
    registry.execute("award", cancelled, cancel, AUTHORSHIP)


def an_award(registry: Registry, name: str, serial: str) -> UUID:
    stream = record_award(registry, award_to(name)).stream_id
    registry.execute("award", stream, IssueArtifacts((("certificate", serial),)), AUTHORSHIP)
    return stream


def a_decision(registry: Registry, kind: str, number: int = 1) -> UUID:
    command = RegisterDecision(f"{number}/{kind}", "Chủ tịch nước", "2026-03-01", PAPER, kind)  # type: ignore[arg-type]
    return registry.create("decision", command, AUTHORSHIP).stream_id


def test_what_lies_with_the_office_and_what_is_due_are_listed(shell: Shell) -> None:
    table = shell("custody", "--on", "2026-03-01")
    assert table.code == 0
    assert "BN-1" in table.out
    assert "01/5/2011 (quá hạn)" in table.out
    (held,) = shell("custody", "--longer-than", "5000", "--past-due", "--owed", "--json").answer[
        "held"
    ]
    assert (held["serial"], held["kept_at"], held["past_due"]) == ("C-1", "tủ 3", True)
    assert shell("custody", "--longer-than", "10", "--on", "2011-03-05", "--json").answer == {
        "on": "2011-03-05",
        "held": [],
    }
    table = shell("duties", "--on", "2026-03-17")
    assert "16/3/2026 (quá hạn)" in table.out
    assert "trao lại hiện vật cho chủ" in table.out
    listed = shell("duties", "--on", "2026-03-16", "--json").answer["duties"]
    assert [(one["kind"], one["serial"], one["overdue"]) for one in listed] == [
        ("recall", "C-3", False),
        ("hand-back", "C-2", False),
    ]
    late = shell("duties", "--overdue", "--kind", "recall", "--on", "2026-03-17", "--json")
    assert [one["serial"] for one in late.answer["duties"]] == ["C-3"]


def test_an_award_that_does_not_stand_is_shown_as_such(shell: Shell) -> None:
    shown = shell("show", "C-3").out
    assert "Hiệu lực: đã bị hủy bỏ, 01/3/2026, gian dối" in shown
    assert "Hạn thu hồi: 16/3/2026" in shown
    assert "Hiệu lực" not in shell("show", "C-2").out


def test_a_day_or_a_kind_that_is_none_is_refused(shell: Shell) -> None:
    for arguments in (
        ("custody", "--on", "hôm kia"),
        ("custody", "--longer-than", "-1"),
        ("duties", "--kind", "party"),
    ):
        ended = shell(*arguments)
        assert ended.code == 2
        assert ended.err
