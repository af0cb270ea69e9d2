"""`sovang withdraw`: an award, a decision, a delivery or an import that was a mistake."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from registry.award import DeliverArtifact, IssueArtifacts
from registry.award.artifact import Receiver
from registry.database import Database
from registry.identifiers import new_id
from tests.command_shell import Shell, bare_database
from tests.histories import AUTHORSHIP, award_to, record_award, register_decision
from tests.made_sheets import legacy_file, legacy_row
from tests.test_register_check import names_and_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres
    from registry.register import Registry

REASON = "ghi nhầm sang người cùng tên"


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
        yield opened


@pytest.fixture
def database(shell: Shell) -> Iterator[Database]:
    key = (shell.home / "keys" / "personal.key").read_bytes()
    opened = Database(os.environ["DATABASE_URL"], home_key=key)
    yield opened
    opened.close()


@pytest.fixture
def registry(database: Database) -> Registry:
    return database.registry()


def withdraw(shell: Shell, record: object, *options: str) -> Any:
    ended = shell("withdraw", str(record), "--reason", REASON, "--json", *options)
    assert ended.code == 0, ended.err
    return ended.answer


def test_an_award_is_withdrawn_and_shown_as_such(shell: Shell, registry: Registry) -> None:
    award_id = record_award(registry, award_to("Giàng Thị Mẩy")).stream_id
    assert withdraw(shell, award_id, "--dry-run")["to_withdraw"] == 1
    assert shell("find", "Giàng Thị Mẩy", "--json").answer["hits"]
    assert shell("withdraw", str(award_id)).code == 2
    assert withdraw(shell, award_id)["withdrawn"] == 1
    assert shell("find", "Giàng Thị Mẩy", "--json").answer["hits"] == []
    shown = shell("show", str(award_id))
    assert "ghi nhầm" in shown.out
    assert REASON in shown.out
    again = shell("withdraw", str(award_id), "--reason", REASON)
    assert again.code == 2
    assert "ghi nhầm" in again.err
    record_award(registry, award_to("Giàng Thị Mẩy"))


def test_a_decision_by_its_number_and_a_delivery_by_its_serial(
    shell: Shell, registry: Registry, database: Database
) -> None:
    decision_id = register_decision(registry, "212 QĐ/CTN")
    award = record_award(
        registry, award_to("Giàng Thị Mẩy", decision_id=decision_id, form="ORD-KC-US")
    )
    issue = IssueArtifacts((("certificate", "A-7"),))
    registry.execute("award", award.stream_id, issue, AUTHORSHIP)
    given = DeliverArtifact("A-7", "2026-02-01", Receiver("recipient", new_id(), "Giàng Thị Mẩy"))
    registry.execute("award", award.stream_id, given, AUTHORSHIP)
    shown = withdraw(shell, "212 QĐ/CTN", "--dry-run")
    assert [one["code"] for one in shown["in_the_way"]] == ["withdraw-artifact-delivered"]
    refused = shell("withdraw", "212 QĐ/CTN", "--reason", REASON)
    assert refused.code == 2
    assert "A-7" in refused.err
    assert withdraw(shell, "a-7")["serial"] == "a-7"
    done = withdraw(shell, "212 QĐ/CTN")
    assert (done["awards"], done["withdrawn"]) == (1, 1)
    assert shell("find", "212 QĐ/CTN", "--json").answer["hits"] == []
    assert names_and_keys(database) == []


def test_an_import_row_by_row(shell: Shell, tmp_path: Path) -> None:
    names = ("Vàng Seo Một", "Vàng Seo Hai")
    rows = [legacy_row(number, name=name) for number, name in enumerate(names, 1)]
    path = legacy_file(tmp_path / "so-cu.xlsx", *rows)
    import_id = shell("import", str(path), "--json").answer["import_id"]
    trial = shell("withdraw", import_id, "--dry-run")
    assert trial.code == 0
    assert all(name in trial.out for name in names), trial.out
    done = withdraw(shell, import_id)
    assert (done["state"], done["withdrawn"]) == ("withdrawn", 2)
    assert [one["outcome"] for one in done["rows"]] == ["withdrawn", "withdrawn"]
    (listed,) = shell("imports", "--json").answer["imports"]
    assert (listed["state"], listed["withdrawn"]) == ("withdrawn", 2)
    assert "đã rút lại" in shell("imports").out
    anew = shell("import", str(path), "--json").answer
    assert (anew["import_id"], anew["accepted"]) == (import_id, 2)


def test_what_is_nothing_is_said_to_be(shell: Shell) -> None:
    assert shell("withdraw", str(new_id()), "--reason", REASON).code == 2
    assert shell("withdraw", "không có", "--reason", REASON).code == 2
