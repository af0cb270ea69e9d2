"""Keys in a token: SoftHSM2 signs, files only say where the key is."""

from __future__ import annotations

import json
import subprocess
import tarfile
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from pkcs11 import Attribute, ObjectClass

from registry import token_keys
from registry.errors import NotReady
from registry.key_set import KeySet
from registry.proofs.keys import kid_of, verify_signature
from registry.token_keys import (
    TokenKey,
    format_token_key,
    make_token_key,
    open_token_key,
    parse_token_key,
)
from tests import made_keys as made
from tests.command_shell import Shell, bare_database
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from registry.embedded import EmbeddedPostgres

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "2468"
PINS = ("--pin", PIN, "--so-pin", "13579135")
LABEL = "so vang"
USES = ("log", "issue")


@pytest.fixture(scope="module", autouse=True)
def token(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A token of this module's own; the library reads its place once in a process."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", LABEL, *PINS],
            check=True,
            capture_output=True,
        )
        # Loaded while the variable is set.
        make_token_key("issue", LABEL, LIBRARY, PIN)


@pytest.fixture
def key() -> TokenKey:
    return make_token_key("log", LABEL, LIBRARY, PIN)


def test_what_a_token_signs_is_a_signature_like_any_other(key: TokenKey) -> None:
    signer = open_token_key(key, PIN)
    assert (signer.use, signer.algorithm, signer.public) == ("log", "Ed25519", key.public)
    verify_signature("Ed25519", key.public, signer.sign(b"a head"), b"a head")


def test_several_keys_of_a_token_sign_at_one_time(key: TokenKey) -> None:
    keys = [key, make_token_key("status", LABEL, LIBRARY, PIN)]
    signers = [open_token_key(one, PIN) for one in keys]
    signed: list[tuple[bytes, bytes, bytes]] = []

    def work(which: int) -> None:
        for number in range(20):
            message = b"%d %d" % (which, number)
            signer = signers[which % 2]
            signed.append((signer.public, signer.sign(message), message))

    threads = [Thread(target=work, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signed) == 80
    for public, signature, message in signed:
        verify_signature("Ed25519", public, signature, message)


# What looks for a key in a lost session complains once more when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_session_that_was_lost_is_begun_anew(key: TokenKey) -> None:
    signer = open_token_key(key, PIN)
    token_keys._TOKENS[LIBRARY, LABEL]._session.close()
    verify_signature("Ed25519", key.public, signer.sign(b"x"), b"x")


def test_a_token_that_signs_with_another_key_is_refused() -> None:
    # Somebody gave his key the name of ours.
    own = make_token_key("log", LABEL, LIBRARY, PIN)
    named = TokenKey("log", made.signer("named", "log").public, LABEL, LIBRARY)
    session = token_keys._TOKENS[LIBRARY, LABEL]._session
    private_key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=kid_of(own.public))
    private_key[Attribute.ID] = kid_of(named.public)
    assert refusal(partial(open_token_key, named, PIN)) == "token-key-other"


def test_a_key_that_is_not_in_the_token_is_missed(key: TokenKey) -> None:
    other = made.signer("other", "log")
    listed = TokenKey("log", other.public, LABEL, LIBRARY)
    with pytest.raises(NotReady) as caught:
        open_token_key(listed, PIN)
    assert (caught.value.code, caught.value.params["reason"]) == ("token-unusable", "NoSuchKey")
    assert key.public != other.public


@pytest.mark.parametrize(
    ("label", "library", "reason"),
    [("none", LIBRARY, "NoSuchToken"), (LABEL, "/none.so", "PKCS11Error")],
)
def test_a_token_that_is_not_there_says_so(label: str, library: str, reason: str) -> None:
    with pytest.raises(NotReady) as caught:
        make_token_key("log", label, library, PIN)
    assert (caught.value.code, caught.value.params["reason"]) == ("token-unusable", reason)


def test_a_file_says_where_the_key_is_and_nothing_secret(key: TokenKey) -> None:
    content = format_token_key(key)
    assert parse_token_key(content) == key
    assert PIN.encode() not in content
    stored = json.loads(content)
    for changed in ({"v": 2}, {"use": "x"}, {"pub": "00"}, {"pub": "zz"}, {"more": 1}):
        bad = json.dumps({**stored, **changed}).encode()
        assert refusal(partial(parse_token_key, bad)) == "key-file-malformed"
    assert refusal(lambda: parse_token_key(b"[]")) == "key-file-malformed"


def test_without_a_pin_nothing_is_opened(tmp_path: Path) -> None:
    keys = KeySet(tmp_path, b"")
    assert refusal(lambda: keys.make_in_token("log", LABEL, LIBRARY)) == "token-pin-missing"
    keys = KeySet(tmp_path, b"", tmp_path / "none")
    assert refusal(lambda: keys.make_in_token("log", LABEL, LIBRARY)) == "token-pin-missing"


def test_an_office_seals_its_log_with_a_key_in_a_token(
    server: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with bare_database(server) as url:
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        (tmp_path / "pin").write_text(f"{PIN}\n")
        shell.set(SOVANG_TOKEN_PIN_FILE=str(tmp_path / "pin"))
        given = ("--token", LABEL, "--library", LIBRARY, "--json")
        made_key = shell("key", "new", "--use", "log", *given).answer
        folder = tmp_path / "home" / "keys" / "signing"
        assert (folder / f"log-{made_key['kid']}.token").is_file()
        assert not (folder / f"log-{made_key['kid']}.key").exists()
        shell("user", "add", "Nguyễn Thị Mẫu", "--role", "clerk")
        head = shell("log", "checkpoint")
        assert head.code == 0
        kit = tmp_path / "kit"
        shell("log", "export", kit)
        assert shell("audit", kit, "--json").answer["findings"] == []
        # Without the PIN nothing is sealed, and nobody is told otherwise.
        shell("user", "add", "Trần Văn Thử", "--role", "clerk")
        monkeypatch.delenv("SOVANG_TOKEN_PIN_FILE")
        refused = shell("log", "checkpoint", "--json").answer
        assert refused["error"]["code"] == "token-pin-missing"
        for arguments, code in (
            (("--use", "log", "--token", LABEL), "token-half-named"),
            (("--use", "pdf", "--token", LABEL, "--library", LIBRARY), "token-use-unfit"),
        ):
            answer = shell("key", "new", *arguments, "--json").answer
            assert answer["error"]["code"] == code


def test_a_restored_home_goes_on_with_the_keys_in_its_token(
    server: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    backup, pin = tmp_path / "backup", tmp_path / "pin"
    pin.write_text(PIN)
    given = ("--token", LABEL, "--library", LIBRARY, "--json")
    with bare_database(server) as url, bare_database(server) as other:
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        shell.set(SOVANG_TOKEN_PIN_FILE=str(pin))
        kids = {use: shell("key", "new", "--use", use, *given).answer["kid"] for use in USES}
        shell("user", "add", "Nguyễn Thị Mẫu", "--role", "clerk")
        head = shell("log", "checkpoint").out
        assert shell("backup", backup).code == 0
        # A backup says where the keys are; what opens the token is kept elsewhere.
        with tarfile.open(backup / "signing-keys.tar") as archive:
            held = {Path(member.name).name for member in archive.getmembers()}
        assert {f"{use}-{kid}.token" for use, kid in kids.items()} <= held
        assert not any(pin.name == name for name in held)
        home = tmp_path / "restored"
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(home))
        monkeypatch.delenv("SOVANG_TOKEN_PIN_FILE")
        assert shell("restore", backup).code == 0
        for use, kid in kids.items():
            path = home / "keys" / "signing" / f"{use}-{kid}.token"
            assert path.stat().st_mode & 0o777 == 0o600
            assert parse_token_key(path.read_bytes()).use == use
        assert shell("log", "check", "--json").answer["findings"] == []
        shell("user", "add", "Trần Văn Thử", "--role", "clerk")
        refused = shell("log", "checkpoint", "--json").answer
        assert refused["error"]["code"] == "token-pin-missing"
        shell.set(SOVANG_TOKEN_PIN_FILE=str(pin))
        after = shell("log", "checkpoint").out
        assert after.split("\n")[1] == str(int(head.split("\n")[1]) + 1)
        assert shell("log", "check", "--json").answer["findings"] == []
        # Changing the passphrase of the key files leaves keys in tokens where they are.
        (tmp_path / "new").write_text("mật khẩu mới")
        done = shell("key", "rewrap", "--new-passphrase-file", tmp_path / "new", "--json").answer
        assert not set(kids.values()) & set(done["keys"])
