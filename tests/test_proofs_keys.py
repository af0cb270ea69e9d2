"""Keys at rest, signed notes and the key list: each attack is refused for its own reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import NotReady, RegistryError, Rejected, VerificationFailed
from registry.proofs.key_list import KeyList, TrustedKeys, parse_key_list, sign_key_list
from registry.proofs.keys import (
    Algorithm,
    derive_key_encryption,
    kid_of,
    make_signer,
    open_secret,
    seal_secret,
    verify_signature,
)
from registry.proofs.notes import (
    NoteKey,
    parse_note,
    parse_note_key,
    plain_key,
    sign_note,
    verified_by,
)
from tests import made_keys as made

SALT = bytes(16)
FAST = bytes(32)


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        attempt()
    return caught.value.code


# Keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "ML-DSA-44"])
def test_what_a_key_signs_holds_and_nothing_else_does(algorithm: Algorithm) -> None:
    signer = made.signer("khóa", "log", algorithm)
    signature = signer.sign(b"text")
    verify_signature(algorithm, signer.public, signature, b"text")
    for public, forged, message in (
        (signer.public, signature, b"texts"),
        (signer.public, bytes([signature[0] ^ 1]) + signature[1:], b"text"),
        (signer.public[:-1], signature, b"text"),
        (made.signer("other", "log", algorithm).public, signature, b"text"),
    ):
        with pytest.raises(VerificationFailed):
            verify_signature(algorithm, public, forged, message)


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "ML-DSA-44"])
def test_a_key_file_opens_to_the_same_key(algorithm: Algorithm) -> None:
    secret = bytes(range(1, 33))
    signer = make_signer("issue", secret, algorithm)
    content = seal_secret(signer, secret, SALT, FAST)
    assert secret.hex().encode() not in content
    opened, again = open_secret(content, lambda _: FAST)
    assert (opened.kid, opened.public, again) == (kid_of(signer.public), signer.public, secret)


def test_the_passphrase_is_stretched_by_scrypt() -> None:
    # RFC 7914 gives N = 2^20 and smaller; this value was made with hashlib.scrypt.
    import hashlib  # noqa: PLC0415 - another implementation

    expected = hashlib.scrypt(
        b"mat khau", salt=SALT, n=2**17, r=8, p=1, dklen=32, maxmem=256 * 2**20
    )
    assert derive_key_encryption(b"mat khau", SALT) == expected


def test_a_wrong_passphrase_opens_nothing() -> None:
    secret = bytes(range(1, 33))
    content = seal_secret(make_signer("issue", secret), secret, SALT, FAST)
    assert refusal(lambda: open_secret(content, lambda _: bytes(31) + b"\1")) == (
        "key-passphrase-wrong"
    )


@pytest.mark.parametrize(
    "change", [{"use": "root"}, {"alg": "P-256"}, {"kid": "00000000"}, {"pub": "00" * 32}, {"v": 2}]
)
def test_a_key_file_that_was_altered_is_refused(change: dict[str, str | int]) -> None:
    secret = bytes(range(1, 33))
    content = json.loads(seal_secret(make_signer("issue", secret), secret, SALT, FAST))
    if "use" in change:
        # What a key is for stands in the key list too; the file alone cannot promote it.
        signer, _ = open_secret(json.dumps({**content, **change}).encode(), lambda _: FAST)
        assert made.key_list().find(signer.kid, "root") is None
        return
    assert refusal(
        lambda: open_secret(json.dumps({**content, **change}).encode(), lambda _: FAST)
    ) in {"key-file-malformed", "key-passphrase-wrong"}


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b"\xff", b'{"v":1}'])
def test_what_is_no_key_file_is_refused(content: bytes) -> None:
    with pytest.raises(NotReady) as caught:
        open_secret(content, lambda _: FAST)
    assert caught.value.code == "key-file-malformed"


# Notes --------------------------------------------------------------------------------------


def test_a_note_is_written_as_c2sp_says() -> None:
    # Key and signature of an example in the C2SP signed-note specification.
    key = parse_note_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    example = parse_note(
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq"
        "6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".encode()
    )
    assert verified_by(example, [key]) == {key}
    signer = made.signer("log", "log")
    own = plain_key(made.LOG, signer)
    note = sign_note(b"one\ntwo\n", [(own, signer)])
    assert bytes(note).startswith(b"one\ntwo\n\n\xe2\x80\x94 sovang.test/2026 ")
    assert parse_note(bytes(note)) == note
    assert verified_by(note, [own]) == {own}
    assert parse_note_key(str(own)) == own


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n- name aaaaaaaa\n",
        "text\n\n— name aaaaaaaa".encode(),
        "text\n\n— na+me aaaaaaaa\n".encode(),
        "text\n\n— name aaaaa\n".encode(),
        "te\x01xt\n\n— name aaaaaaaa\n".encode(),
        b"\xff\n\n" + "— name aaaaaaaa\n".encode(),
        b"text\n\n" + "— name aaaaaaaa\n".encode() * 65,
    ],
)
def test_what_is_no_note_is_refused(content: bytes) -> None:
    assert refusal(lambda: parse_note(content)) == "note-malformed"


def test_a_note_too_long_is_not_read() -> None:
    assert refusal(lambda: parse_note(b"a" * 300_000)) == "note-too-long"


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "na me+1+AQ==", "n+x+AQAAAAAA"])
def test_what_is_no_key_is_refused(text: str) -> None:
    assert refusal(lambda: parse_note_key(text)) == "note-key-malformed"


# The key list -------------------------------------------------------------------------------


def trusting(*lists: KeyList) -> TrustedKeys:
    trusted = TrustedKeys(made.key_list().roots)
    for one in lists:
        trusted.accept(made.signed(one), made.NOW)
    return trusted


def test_two_of_three_roots_are_enough() -> None:
    trusted = trusting(made.key_list())
    assert trusted.key_list == made.key_list()
    trusted.accept(made.signed(made.key_list(2), *made.ROOTS), made.NOW)
    assert trusted.key_list.version == 2


def test_one_root_is_not_enough() -> None:
    content = made.signed(made.key_list(), made.ROOTS[0])
    assert refusal(lambda: trusting().accept(content, made.NOW)) == "key-list-threshold"


def test_a_root_that_signs_twice_counts_once() -> None:
    name = made.ROOTS[0]
    twice = made.signed(made.key_list(), name, name)
    assert refusal(lambda: trusting().accept(twice, made.NOW)) == "key-list-threshold"
    # Not even when it is trusted under two names.
    first = made.root(name)[1]
    roots = (NoteKey("one", 1, first.public), NoteKey("two", 1, first.public))
    content = sign_key_list(made.key_list(), [("one", first), ("two", first)])
    assert refusal(lambda: TrustedKeys(roots).accept(content, made.NOW)) == "key-list-threshold"


def test_foreign_roots_do_not_count() -> None:
    foreign = [(name, made.signer(f"foreign {name}", "root")) for name in made.ROOTS]
    content = sign_key_list(made.key_list(), foreign)
    assert refusal(lambda: trusting().accept(content, made.NOW)) == "key-list-threshold"


def test_a_root_signature_that_does_not_hold_spoils_the_list() -> None:
    content = made.signed(made.key_list(), *made.ROOTS)
    changed = content.replace(b'"version":1', b'"version":9')
    assert refusal(lambda: trusting().accept(changed, made.NOW)) == "signature-wrong"


def test_an_older_version_is_a_rollback() -> None:
    trusted = trusting(made.key_list(3))
    content = made.signed(made.key_list(2))
    assert refusal(lambda: trusted.accept(content, made.NOW)) == "key-list-rolled-back"
    assert trusted.key_list.version == 3


def test_one_version_has_one_content() -> None:
    trusted = trusting(made.key_list(3))
    content = made.signed(made.key_list(3, trial=True))
    assert refusal(lambda: trusted.accept(content, made.NOW)) == "key-list-replaced"
    trusted.accept(made.signed(made.key_list(3)), made.NOW)


def test_a_list_past_its_end_is_stale() -> None:
    content = made.signed(made.key_list())
    end = made.key_list().expires_at
    trusting().accept(content, end - 1)
    assert refusal(lambda: trusting().accept(content, end)) == "key-list-stale"


def test_a_list_for_another_log_is_refused() -> None:
    content = made.signed(made.key_list(2, log="elsewhere.test/2026"))
    trusted = trusting(made.key_list())
    assert refusal(lambda: trusted.accept(content, made.NOW)) == "key-list-other-log"


def test_new_roots_are_signed_by_the_old_and_the_new() -> None:
    names = ("root-4.test", "root-5.test", "root-6.test")
    changed = made.key_list(2, roots=tuple(plain_key(*made.root(name)) for name in names))
    trusted = trusting(made.key_list())
    for signers in (made.ROOTS[:2], names[:2], (made.ROOTS[0], names[0])):
        content = made.signed(changed, *signers)
        assert refusal(lambda content=content: trusted.accept(content, made.NOW)) == (  # type: ignore[misc]
            "key-list-threshold"
        )
    trusted.accept(made.signed(changed, *made.ROOTS[:2], *names[1:]), made.NOW)
    last = made.signed(replace(changed, version=3), *made.ROOTS)
    assert refusal(lambda: trusted.accept(last, made.NOW)) == "key-list-threshold"


def test_a_key_counts_by_the_time_of_signing() -> None:
    key = made.listed(made.signer("issue"), valid_from=100, valid_to=200)
    verdicts = [key.judge(at) for at in (99, 100, 199, 200)]
    assert verdicts == ["not-valid-then", "valid", "valid", "not-valid-then"]


def test_of_a_stolen_key_counts_only_what_the_log_held_before() -> None:
    key = made.listed(made.signer("issue"), compromised_at_leaf=7)
    at = made.NOW
    assert [key.judge(at), key.judge(at, 6), key.judge(at, 7)] == [
        "needs-log",
        "valid",
        "compromised",
    ]


def test_two_keys_of_one_name_are_refused_when_the_second_is_added() -> None:
    key = made.listed(made.signer("issue"))
    assert refusal(lambda: made.key_list().with_key(key)) == "key-id-taken"
    added = made.key_list().with_key(made.listed(made.signer("status", "status")))
    assert [one.use for one in added.keys] == ["issue", "log", "status"]
    with pytest.raises(Rejected):
        made.key_list().with_ended(b"none", 1)


@pytest.mark.parametrize(
    "change",
    [
        (b'"trial":false', b'"trial":0'),
        (b'"version":1', b'"version":1.0'),
        (b'"version":1', b'"version":-1'),
        (b'"version":1', b'"version":1,"extra":1'),
        (b'"expires":', b' "expires":'),
        (b'"threshold":2', b'"threshold":0'),
        (b'"threshold":2', b'"threshold":4'),
        (b'"use":"log"', b'"use":"all"'),
        (b'"alg":"Ed25519"', b'"alg":"none"'),
        (b'"log":"sovang.test/2026"', b'"log":7'),
        (b'"roots":[', b'"roots":["x",'),
    ],
)
def test_a_list_of_another_form_is_refused(change: tuple[bytes, bytes]) -> None:
    text = parse_note(made.signed(made.key_list())).text
    assert parse_key_list(text) == made.key_list()
    assert text.count(change[0]) >= 1
    with pytest.raises(VerificationFailed):
        parse_key_list(text.replace(*change, 1))


@given(st.data())
def test_every_changed_bit_of_a_key_list_is_found(data: st.DataObject) -> None:
    content = made.signed(made.key_list())
    place = data.draw(st.integers(0, len(content) * 8 - 1))
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(VerificationFailed):
        trusting().accept(bytes(changed), made.NOW)


def test_the_package_knows_neither_database_nor_network() -> None:
    folder = Path(__file__).parent.parent / "registry" / "proofs"
    allowed = ("registry.errors", "registry.proofs", "cryptography", "rfc8785")
    # What checks a time stamp is pyHanko's: coroutines, though nothing is fetched.
    stamps = ("asn1crypto", "pyhanko", "asyncio")
    import ast  # noqa: PLC0415 - only here
    import sys  # noqa: PLC0415

    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if path.name == "stamps.py" and name.startswith(stamps):
                    continue
                known = name.startswith(allowed) or name.split(".")[0] in sys.stdlib_module_names
                assert known, (path.name, name)
                # Letters in addresses are written so; nothing is fetched.
                if name != "urllib.parse":
                    assert name.split(".")[0] not in {"socket", "urllib", "http", "asyncio"}
