"""The passphrase of key files is changed of all or of none, whenever somebody dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from registry.durable_files import WHOLE, finish_replacing, replace_together
from registry.key_set import KeySet, make_key_folder, open_key_set
from registry.proofs.keys import verify_signature
from tests.command_shell import Shell, bare_database
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.embedded import EmbeddedPostgres

PROJECT = Path(__file__).parent.parent
OLD = {"a.key": b"old a", "b.key": b"old b", "passphrase": b"old"}
NEW = {"a.key": b"new a", "b.key": b"new b", "passphrase": b""}
AFTER = {"a.key": b"new a", "b.key": b"new b"}


def fill(folder: Path) -> None:
    folder.mkdir()
    for name, content in OLD.items():
        (folder / name).write_bytes(content)


def kept(folder: Path) -> dict[str, bytes]:
    """What counts in a folder for whoever opens it."""
    finish_replacing(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


class Died(BaseException):
    """The process is gone: nothing catches this."""


def dying_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the process die before its step of this number; count the steps."""
    count = 0

    def wrap(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == steps:
                raise Died
            return real(*arguments, **more)

        return step

    for owner, name in ((os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))
    return lambda: count


def test_whoever_dies_at_any_step_leaves_all_old_or_all_new(tmp_path: Path) -> None:
    seen = []
    for steps in range(1, 30):
        folder = tmp_path / str(steps)
        fill(folder)
        with pytest.MonkeyPatch.context() as patch:
            count = dying_after(steps, patch)
            with contextlib.suppress(Died):
                replace_together(folder, NEW)
            done = count() < steps
        found = kept(folder)
        assert found in (OLD, AFTER), steps
        seen.append(found)
        # Once changed, it stays so: no later death brings the old ones back.
        if done:
            assert found == AFTER
            break
    assert seen == sorted(seen, key=lambda one: one == AFTER)
    assert (seen[0], seen[-1], len(seen) > 8) == (OLD, AFTER, True)


def test_a_second_death_while_the_first_is_made_good_changes_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "x")
    whole = tmp_path / "x" / WHOLE
    whole.mkdir()
    for name, content in NEW.items():
        (whole / name).write_bytes(content)
    for _ in range(10):
        with pytest.MonkeyPatch.context() as patch:
            dying_after(2, patch)
            with contextlib.suppress(Died):
                finish_replacing(tmp_path / "x")
    assert kept(tmp_path / "x") == AFTER
    assert not whole.exists()


KILLED = """
import sys
from pathlib import Path
from registry.durable_files import replace_together
number = 0
while True:
    number += 1
    replace_together(Path(sys.argv[1]), {f"{one}.key": str(number).encode() for one in range(9)})
"""


def test_killed_in_the_middle_all_files_are_of_one_time(tmp_path: Path) -> None:
    seen = set()
    for round_number in range(8):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=PROJECT)
        while not (tmp_path / "8.key").exists():
            time.sleep(0.01)
        time.sleep(0.15 + 0.007 * round_number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = {content for name, content in kept(tmp_path).items() if name.endswith(".key")}
        assert len(found) == 1
        seen |= found
    assert seen


def test_a_folder_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    assert refusal(partial(replace_together, tmp_path / "none", NEW)) == "files-not-replaced"


# Keys ---------------------------------------------------------------------------------------


def test_keys_open_with_the_new_passphrase_and_no_more_with_the_old(tmp_path: Path) -> None:
    keys = make_key_folder(tmp_path / "keys")
    made = [keys.make("issue"), keys.make("log", "ML-DSA-44")]
    token = tmp_path / "keys" / "status-00000000.token"
    token.write_bytes(b"{}")
    assert refusal(lambda: KeySet(keys.folder, b"wrong").rewrap(b"new")) == "key-passphrase-wrong"
    assert refusal(lambda: keys.rewrap(b"")) == "key-passphrase-empty"
    assert {one.kid for one in open_key_set(keys.folder).rewrap(b"new")} == {
        one.kid for one in made
    }
    # The passphrase that lay beside them opens nothing more, so it is not there.
    assert refusal(lambda: open_key_set(keys.folder)) == "key-passphrase-missing"
    assert token.read_bytes() == b"{}"
    for signer in made:
        path = keys.folder / f"{signer.use}-{signer.kid.hex()}.key"
        opened = KeySet(keys.folder, b"new").open_file(path)
        verify_signature(signer.algorithm, signer.public, opened.sign(b"x"), b"x")
        old = KeySet(keys.folder, keys.passphrase)
        assert refusal(partial(old.open_file, path)) == "key-passphrase-wrong"
        assert path.stat().st_mode & 0o777 == 0o600


def test_an_operator_changes_the_passphrases_of_a_home_and_of_a_root(
    server: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with bare_database(server) as url:
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        shell("user", "add", "Nguyễn Thị Mẫu", "--role", "clerk")
        assert shell("log", "checkpoint").code == 0
        new, other = tmp_path / "new", tmp_path / "other"
        new.write_text("mật khẩu mới\n")
        other.write_text("khác")

        def refused(*arguments: str | Path) -> str:
            return str(shell("key", "rewrap", *arguments, "--json").answer["error"]["code"])

        wrong = ("--passphrase-file", other, "--new-passphrase-file", new)
        assert refused(*wrong) == "key-passphrase-wrong"
        assert refused("--new-passphrase-file", tmp_path / "none") == "key-passphrase-missing"
        assert shell("log", "checkpoint").code == 0
        done = shell("key", "rewrap", "--new-passphrase-file", new, "--json").answer
        assert len(done["keys"]) == 5
        said = shell("user", "add", "Trần Văn Thử", "--role", "clerk")
        assert said.code == 0
        assert refused("--new-passphrase-file", other) == "key-passphrase-missing"
        shell.set(SOVANG_KEY_PASSPHRASE_FILE=str(new))
        assert shell("log", "checkpoint").code == 0
        assert shell("log", "check").code == 0

        roots = shell("key", "roots", tmp_path / "roots", "--json").answer["roots"]
        root = tmp_path / "roots" / roots[0]["file"]
        (tmp_path / "paper").write_text(roots[0]["passphrase"])
        given = ("--key", root, "--passphrase-file")
        assert refused(*given, other, "--new-passphrase-file", new) == "key-passphrase-wrong"
        changed = shell("key", "rewrap", *given, tmp_path / "paper", "--new-passphrase-file", other)
        assert "1 tệp khóa" in changed.err
        shell("key", "renew", "--propose", tmp_path / "list")
        sign = ("key", "sign", tmp_path / "list", "--root", root, "--passphrase-file")
        assert shell(*sign, other).code == 0
        assert shell(*sign, tmp_path / "paper").code == 2
