"""What the command line says about itself and about arguments that cannot be used."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from scripts.command_line import texts
from scripts.command_line.declarations import application
from scripts.command_line.help import translate
from scripts.command_line.tables import table_lines
from scripts.command_line.texts import TEXTS, text
from tests.command_shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = {"rich", "fastapi", "pydantic", "msgspec", "cryptography", "eventsourcing", "api"}


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Shell:
    return Shell(monkeypatch, capsys, tmp_path / "home")


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}".strip())


COMMANDS = dict(commands(get_command(application)))


def test_the_commands_are_those_of_the_interface() -> None:
    leaves = {path for path, command in COMMANDS.items() if not hasattr(command, "commands")}
    assert leaves == {
        "serve",
        "verify",
        "project",
        "import",
        "imports",
        "withdraw",
        "find",
        "show",
        "export",
        "custody",
        "doubts",
        "duties",
        "catalogue",
        "certificate",
        "certificates",
        "cases",
        "user add",
        "user list",
        "user disable",
        "user token grant",
        "user token list",
        "user token renew",
        "user token revoke",
        "log status",
        "log checkpoint",
        "log check",
        "log export",
        "log cosign",
        "log stamp",
        "witness",
        "audit",
        "erase",
        "key new",
        "key auditor",
        "key roots",
        "key sign",
        "key publish",
        "key adopt-roots",
        "key list",
        "key renew",
        "key rewrap",
        "key witness",
        "key retire",
        "key revoke",
        "projections status",
        "projections rebuild",
        "backup",
        "restore",
        "migrate",
        "report",
        "working-days list",
        "working-days add",
        *(f"stock {name}" for name in ("list", "ledger", "where", "open", "receive", "move")),
        *(f"stock {name}" for name in ("allocate", "return", "spoil", "destroy", "count")),
    }


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_parameter_has_help_in_both_languages(path: str) -> None:
    assert f"help.{path or 'sovang'}" in TEXTS
    for parameter in COMMANDS[path].params:
        assert parameter.help in TEXTS, parameter.name


LEAVES = [path for path, command in COMMANDS.items() if not hasattr(command, "commands")]


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_takes_json_and_prints_one_document(shell: Shell, path: str) -> None:
    """One that is refused too: programs read why."""
    ended = shell(*path.split(), "--json", "--khong-co")
    assert ended.code == 2
    assert ended.answer["error"]["code"] == "usage"


@pytest.mark.parametrize("path", LEAVES)
def test_help_names_every_value_of_a_closed_list(shell: Shell, path: str) -> None:
    shown = shell(*path.split(), "--help").out
    for parameter in COMMANDS[path].params:
        for choice in parameter.type_descriptor.choices or ():
            assert str(choice) in shown, parameter.name


def test_a_serial_is_whole_in_a_table_of_any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    serial = "C2026-0000001-H"
    rows = [[serial, "Giàng Seo Phử, xã Bản Cái, huyện Bắc Hà, tỉnh Lào Cai " * 3, serial, serial]]
    for columns in (20, 40, 80, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = list(table_lines(["Số hiệu", "Tên", "Cũ", "Mới"], rows))
        assert sum(line.count(serial) for line in lines) == 3
        if columns >= 80:
            assert max(map(len, lines)) <= columns
        words = " ".join(" ".join(line.split()) for line in lines)
        assert words.count("Bắc Hà,") == 3


def test_every_text_differs_between_the_languages_and_has_the_same_parameters() -> None:
    def parameters(template: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(template) if name}

    for code, (vietnamese, english) in TEXTS.items():
        assert vietnamese != english, code
        assert parameters(vietnamese) == parameters(english), code


def test_help_is_in_the_language_of_the_settings(shell: Shell) -> None:
    assert "Nhập danh sách kèm quyết định" in shell("--help").out
    shell.set(SOVANG_LANG="en")
    assert "Import a decision's list" in shell("--help").out
    ended = shell("import", "--help")
    assert ended.code == 0
    assert "--answer TEXT=CODE[:CLASS]" in ended.out
    assert "of." not in ended.out


def test_help_loads_no_heavy_library() -> None:
    """The speed of `--help` is not timed here; what makes it slow is."""
    program = (
        "import sys; from scripts.command_line.application import run; code = run(['--help']);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert not HEAVY & set(ended.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["impor"], "Không có lệnh impor"),
        (["import"], "Thiếu FILE"),
        (["import", "a.csv", "--knd"], "Không có tùy chọn --knd"),
        (["import", "a.csv", "--kind", "x"], "--kind không dùng được (auto, decision, legacy)"),
        (["serve", "--port", "x"], "--port không dùng được"),
        (["serve", "--port", "65536"], "--port không dùng được"),
        (["user", "add", "Lý Thị Thử"], "Thiếu --role"),
        (["show", "x", "--as-of"], "Lệnh gõ chưa đúng"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_is_wrong(
    shell: Shell, arguments: list[str], said: str
) -> None:
    ended = shell(*arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
    assert not shell.home.exists()


def test_no_arguments_show_the_help(shell: Shell) -> None:
    ended = shell()
    assert ended.code == 2
    assert "Lệnh:" in ended.out


def test_a_failure_with_json_is_one_document(shell: Shell) -> None:
    ended = shell("import", "--json")
    assert ended.code == 2
    assert ended.answer == {"error": {"code": "usage", "message": ended.err.strip()}}


def test_a_bad_setting_is_named(shell: Shell) -> None:
    shell.set(SOVANG_HOME="relative/folder")
    ended = shell("log", "status")
    assert ended.code == 2
    assert "SOVANG_HOME" in ended.err
    shell.set(SOVANG_HOME=str(shell.home), SOVANG_LANG="fr")
    ended = shell("log", "status")
    assert ended.code == 2
    assert "SOVANG_LANG" in ended.err


def test_an_unexpected_error_is_kept_with_its_trace(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("chuyện lạ")

    monkeypatch.setattr("scripts.command_line.sealing.status", fail)
    ended = shell("log", "status")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    (kept,) = (shell.home / "logs").iterdir()
    assert str(kept) in ended.err
    assert "chuyện lạ" in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_control_c_is_no_error(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scripts.command_line.sealing.status", interrupt)
    ended = shell("log", "status")
    assert ended.code == 130
    assert ended.err.strip() == "Đã dừng theo yêu cầu."


def test_translating_twice_changes_the_language_back() -> None:
    command = get_command(application)
    translate(command, "en")
    translate(command, "vi")
    assert command.help == text("help.sovang", "vi")


def test_no_text_takes_the_place_of_another() -> None:
    """A key in two modules would say of one option what another does."""
    folder = Path(texts.__file__).parent
    keys = [
        key.value
        for path in sorted(folder.glob("*texts.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    assert len(keys) > 300
    assert {key for key, count in Counter(keys).items() if count > 1} == set()
    assert set(keys) == set(TEXTS)
