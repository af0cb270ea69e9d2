"""Roots away from the server: made, asked to sign, and never needed where the register is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.command_shell import Shell, bare_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres


@pytest.fixture
def shell(
    server: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Shell]:
    """An office with a trial set and a sealed log."""
    with bare_database(server) as url:
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        shell("user", "add", "Nguyễn Thị Mẫu", "--role", "clerk")
        shell("log", "checkpoint")
        yield shell


class Keeper:
    """The roots of an office, each with its passphrase on paper."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self._shell = shell
        self.folder = folder
        self.roots = shell("key", "roots", folder / "roots", "--json").answer["roots"]

    @property
    def public(self) -> Path:
        """The file that is no secret."""
        return self.folder / "roots" / "roots"

    def sign(self, proposal: Path, which: int, words: str | None = None) -> Any:
        """Add the signature of one root."""
        root, paper = self.roots[which], self.folder / "paper"
        paper.write_text(words or root["passphrase"])
        key = self.folder / "roots" / root["file"]
        given = ("--root", key, "--passphrase-file", paper, "--json")
        return self._shell("key", "sign", proposal, *given).answer


def refused(shell: Shell, *arguments: str | Path) -> str:
    code: str = shell(*arguments, "--json").answer["error"]["code"]
    return code


def test_an_office_leaves_its_trial_set_and_signs_with_roots_that_are_elsewhere(
    shell: Shell, tmp_path: Path
) -> None:
    keeper, proposal = Keeper(shell, tmp_path), tmp_path / "proposal"
    assert len({root["passphrase"] for root in keeper.roots}) == 3
    assert shell("key", "adopt-roots", keeper.public, "--propose", proposal).code == 0
    assert shell("key", "list", "--json").answer["trial"] is True
    # The old roots alone do not give the office away, nor does one of the new, however often.
    assert refused(shell, "key", "publish", proposal) == "key-list-threshold"
    first = keeper.sign(proposal, 0)
    assert keeper.sign(proposal, 0) == first
    assert refused(shell, "key", "publish", proposal) == "key-list-threshold"
    wrong = keeper.sign(proposal, 1, "0000")
    assert wrong["error"]["code"] == "key-passphrase-wrong"
    second = keeper.sign(proposal, 2)
    assert second["digest"] == first["digest"]
    assert second["signatures"] == first["signatures"] + 1
    assert second["list"]["roots"] == [root["key"] for root in keeper.roots]
    assert shell("key", "publish", proposal).code == 0
    listed = shell("key", "list", "--json").answer
    assert (listed["trial"], listed["version"]) == (False, 2)

    # From now on the trial roots sign nothing, and no key is made that nobody would know.
    assert refused(shell, "key", "new", "--use", "issue") == "root-keys-missing"
    changed = tmp_path / "changed"
    made = shell("key", "new", "--use", "issue", "--propose", changed, "--json").answer
    assert made["done"] == "proposed"
    assert made["digest"] == keeper.sign(changed, 1)["digest"]
    keeper.sign(changed, 2)
    assert shell("key", "publish", changed).code == 0
    assert made["kid"] in {key["kid"] for key in shell("key", "list", "--json").answer["keys"]}
    assert refused(shell, "key", "publish", proposal) == "key-list-rolled-back"

    # Before it ends, the same keys are signed again.
    renewal = tmp_path / "renewal"
    shell("key", "renew", "--propose", renewal)
    for which in (0, 1):
        keeper.sign(renewal, which)
    assert shell("key", "publish", renewal).code == 0
    renewed = shell("key", "list", "--json").answer
    assert renewed["version"] == 4
    assert [key["kid"] for key in renewed["keys"]][:-1] == [key["kid"] for key in listed["keys"]]

    # What counted, and as known when, is asked of the log.
    was = shell("key", "list", "--known-at", listed["published_at"], "--json").answer
    assert (was["version"], was["position"]) == (2, listed["position"])
    assert was["published_by"].startswith("shell:")
    ended = shell("key", "list", "--as-of", "2099-01-01", "--json").answer
    assert {key["state"] for key in ended["keys"]} == {"not-valid-then"}
    early = shell("key", "list", "--known-at", "2020-01-01", "--json").answer
    assert early["error"]["code"] == "key-list-unknown"
    assert "vị trí" in shell("key", "list").err

    # An auditor needs to know the office's own roots only.
    shell("log", "export", tmp_path / "kit")
    audited = shell("audit", tmp_path / "kit", "--roots", keeper.public, "--json").answer
    assert (audited["findings"], audited["roots_pinned"], audited["trial"]) == ([], True, False)


def test_what_is_signed_is_read_before(shell: Shell, tmp_path: Path) -> None:
    keeper, proposal = Keeper(shell, tmp_path), tmp_path / "proposal"
    shell("key", "adopt-roots", keeper.public, "--propose", proposal)
    (tmp_path / "paper").write_text(keeper.roots[0]["passphrase"])
    key = tmp_path / "roots" / keeper.roots[0]["file"]
    said = shell("key", "sign", proposal, "--root", key, "--passphrase-file", tmp_path / "paper")
    assert "127.0.0.1:8000/log" in said.err
    assert "ký bằng" in said.out
    assert "Mã so khớp: " in said.out


def test_a_trial_set_renews_its_list_at_once(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shell("key", "list", "--json").answer
    assert "thêm một năm" in shell("key", "renew").err
    after = shell("key", "list", "--json").answer
    assert (after["version"], after["keys"]) == (2, before["keys"])
    assert after["expires_at"] >= before["expires_at"]
    assert "renew" not in shell("key", "list").err
    # Whoever looks shortly before the end is told what to do; a look back is only an answer.
    monkeypatch.setattr("scripts.command_line.keys.RENEW_DAYS_BEFORE", 400)
    assert "sovang key renew" in shell("key", "list").err
    assert "renew" not in shell("key", "list", "--as-of", "2099-01-01").err


def test_what_cannot_be_signed_or_proposed_says_why(shell: Shell, tmp_path: Path) -> None:
    keeper, proposal = Keeper(shell, tmp_path), tmp_path / "proposal"
    key = tmp_path / "roots" / keeper.roots[0]["file"]
    assert refused(shell, "key", "roots", tmp_path / "roots") == "new-file-unusable"
    assert refused(shell, "key", "sign", proposal, "--root", key) == "proposal-unreadable"
    shell("key", "adopt-roots", keeper.public, "--propose", proposal)
    again = ("key", "adopt-roots", keeper.public, "--propose", proposal)
    assert refused(shell, *again) == "new-file-unusable"
    none = tmp_path / "none"
    assert refused(shell, "key", "sign", proposal, "--root", none) == "key-set-missing"
    paper = ("--passphrase-file", none)
    assert (
        refused(shell, "key", "sign", proposal, "--root", key, *paper) == "key-passphrase-missing"
    )
    other = next((shell.home / "keys" / "signing").glob("issue-*.key"))
    paper = ("--passphrase-file", other.parent / "passphrase")
    assert refused(shell, "key", "sign", proposal, "--root", other, *paper) == "key-no-root"
    proposal.write_bytes(proposal.read_bytes().replace(b'"version":2', b'"version":02'))
    assert keeper.sign(proposal, 0)["error"]["code"] == "key-list-malformed"
    keeper.public.write_text(keeper.public.read_text().splitlines()[0])
    few = ("key", "adopt-roots", keeper.public, "--propose", tmp_path / "few")
    assert refused(shell, *few) == "root-keys-missing"
