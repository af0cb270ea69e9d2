"""Time stamps: OpenSSL is the authority, and judges what we keep."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from registry.errors import VerificationFailed
from registry.proofs.auditing import audit
from registry.proofs.checkpoints import Checkpoint, parse_checkpoint
from registry.proofs.kits import HEADS, Kit, parse_head, stamp_name
from registry.proofs.stamps import (
    StampRequest,
    digest_of_head,
    parse_request,
    stamp_in,
    verify_stamp,
)
from tests import made_keys as made
from tests.command_shell import Shell, bare_database
from tests.made_kits import make_kit
from tests.stamping_authority import StampingAuthority
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres
    from registry.proofs.kits import MemoryFiles

NONCE = 2**62 + 1
FLIPS = 150


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampingAuthority:
    return StampingAuthority(tmp_path_factory.mktemp("tsa") / "authority")


def der(authority: StampingAuthority) -> bytes:
    return load_pem_x509_certificate(authority.root.read_bytes()).public_bytes(Encoding.DER)


def heads_of(kit: MemoryFiles) -> list[Checkpoint]:
    lines = enumerate(kit[HEADS].splitlines(keepends=True), 1)
    return [parse_checkpoint(parse_head(line, number))[0] for number, line in lines]


def stamped(authority: StampingAuthority, text: bytes) -> bytes:
    return stamp_in(authority.answer(bytes(StampRequest(digest_of_head(text), NONCE))))


def test_a_request_is_what_openssl_understands_and_its_answer_what_we_do(
    authority: StampingAuthority,
) -> None:
    text = b"a head\n"
    digest = digest_of_head(text)
    request = StampRequest(digest, NONCE)
    assert parse_request(bytes(request)) == request
    token = stamp_in(authority.answer(bytes(request)))
    at = verify_stamp(token, digest, [der(authority)], NONCE)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert verify_stamp(token, digest) == at
    assert authority.judge(text, token)
    assert not authority.judge(b"another head\n", token)


def test_a_stamp_for_something_else_is_refused(
    authority: StampingAuthority, tmp_path: Path
) -> None:
    digest, token = digest_of_head(b"x"), stamped(authority, b"x")
    root = der(authority)
    other = der(StampingAuthority(tmp_path / "other"))
    checks = (
        (partial(verify_stamp, token, digest_of_head(b"y"), [root]), "stamp-other-head"),
        (partial(verify_stamp, token, digest, [root], NONCE + 1), "stamp-nonce"),
        (partial(verify_stamp, token, digest, [other]), "stamp-untrusted"),
        (partial(verify_stamp, b"", digest), "stamp-malformed"),
        (partial(verify_stamp, token[:-1], digest), "stamp-malformed"),
        (partial(verify_stamp, token + b"x", digest), "stamp-malformed"),
        (partial(stamp_in, b""), "stamp-malformed"),
        (partial(parse_request, b"x"), "stamp-request-malformed"),
    )
    for check, code in checks:
        assert refusal(check) == code


def test_an_authority_that_refuses_is_told(authority: StampingAuthority) -> None:
    weak = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": weak, "nonce": NONCE})
    with pytest.raises(VerificationFailed) as caught:
        stamp_in(authority.answer(request.dump()))
    assert (caught.value.code, caught.value.params) == ("stamp-refused", {"status": "rejection"})


def test_no_changed_bit_makes_another_time_or_another_head(authority: StampingAuthority) -> None:
    digest, token, root = digest_of_head(b"x"), stamped(authority, b"x"), der(authority)
    at = verify_stamp(token, digest, [root])
    chance = random.Random(3161)
    refused = 0
    for _ in range(FLIPS):
        content = bytearray(token)
        bit = chance.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        try:
            # What nobody signs, such as a hint that is not used, may differ and changes nothing.
            assert verify_stamp(bytes(content), digest, [root]) == at
        except VerificationFailed:
            refused += 1
    assert refused > FLIPS * 0.9


# In the audit -------------------------------------------------------------------------------


@pytest.fixture
def kit(authority: StampingAuthority) -> MemoryFiles:
    kit = make_kit(20, (3, 9))
    for head in heads_of(kit)[:2]:
        kit[stamp_name(head.size)] = stamped(authority, head.text)
    return kit


def told(kit: MemoryFiles, *roots: bytes) -> list[tuple[str, dict[str, str | int]]]:
    found = audit(Kit(kit), now=made.NOW, authorities=roots)
    return [(one.code, one.params) for one in found.findings]


def test_stamps_are_part_of_a_kit_and_audited(
    kit: MemoryFiles, authority: StampingAuthority
) -> None:
    found = audit(Kit(kit), now=made.NOW, authorities=[der(authority)])
    assert (found.findings, found.stamped_size) == ([], 9)
    assert found.stamped_at is not None
    # Without the authority's certificate the stamp itself must still hold.
    assert told(kit) == []


def test_a_stamp_that_is_wrong_is_named_with_its_head(
    kit: MemoryFiles, authority: StampingAuthority, tmp_path: Path
) -> None:
    foreign = der(StampingAuthority(tmp_path / "foreign"))
    assert told(kit, foreign) == [("stamp-untrusted", {"size": size}) for size in (3, 9)]
    kit[stamp_name(3)], kit[stamp_name(9)] = kit[stamp_name(9)], kit[stamp_name(3)]
    assert told(kit) == [("stamp-other-head", {"size": size}) for size in (3, 9)]
    del kit[stamp_name(9)]
    kit[stamp_name(3)] = b"x"
    assert told(kit) == [("stamp-malformed", {"size": 3})]
    kit[stamp_name(4)] = kit.pop(stamp_name(3))
    assert told(kit, der(authority)) == [("stamp-without-head", {"size": 4})]


# At a shell ---------------------------------------------------------------------------------


def test_an_office_has_its_log_stamped_by_network_or_by_file(
    server: EmbeddedPostgres,
    authority: StampingAuthority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with bare_database(server) as url, authority.serving() as address:
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        shell("user", "add", "Nguyễn Thị Mẫu", "--role", "clerk")

        def refused(*arguments: str | Path) -> str:
            return str(shell("log", "stamp", *arguments, "--json").answer["error"]["code"])

        root = ("--tsa", authority.root)
        assert refused(*root) == "tsa-unnamed"
        shell.set(SOVANG_TSA_URL="http://127.0.0.1:9")
        assert refused() == "tsa-certificate-unnamed"
        assert refused(*root) == "tsa-unreachable"
        assert refused("--tsa", tmp_path / "none") == "tsa-certificate-unreadable"
        shell.set(SOVANG_TSA_URL=address, SOVANG_TSA_CERTIFICATE=str(authority.root))
        first = shell("log", "stamp", "--json").answer
        assert (first["done"], first["size"]) == ("kept", 2)
        assert shell("log", "stamp").code == 0

        # Without network: the request goes out by file, the log goes on, the answer comes back.
        request, answer = tmp_path / "request", tmp_path / "answer"
        shell("user", "add", "Trần Văn Thử", "--role", "clerk")
        assert shell("log", "stamp", "--request", request, "--json").answer["size"] == 3
        shell("user", "add", "Lý Thị Thử", "--role", "clerk")
        shell("log", "checkpoint")
        answer.write_bytes(authority.answer(request.read_bytes()))
        assert refused("--answer", answer) == "stamp-request-unnamed"
        assert refused("--answer", tmp_path / "none", "--request", request) == (
            "stamp-file-unreadable"
        )
        strange = tmp_path / "strange"
        strange.write_bytes(bytes(StampRequest(bytes(32), NONCE)))
        assert refused("--answer", answer, "--request", strange) == "stamp-head-unknown"
        asked = parse_request(request.read_bytes())
        strange.write_bytes(bytes(StampRequest(asked.digest, NONCE)))
        assert refused("--answer", answer, "--request", strange) == "stamp-nonce"
        kept = shell("log", "stamp", "--request", request, "--answer", answer)
        assert "cỡ 3" in kept.err

        checked = shell("log", "check", *root, "--json")
        assert (checked.code, checked.answer["findings"]) == (0, [])
        assert checked.answer["stamped_size"] == 3
        assert shell("log", "export", tmp_path / "kit").code == 0
        names = sorted(path.name for path in (tmp_path / "kit/log/stamps").iterdir())
        assert names == ["000000000002.tst", "000000000003.tst"]
        audited = shell("audit", tmp_path / "kit", *root)
        assert audited.code == 0
        assert "dấu thời gian" in audited.err
        backup = shell("backup", tmp_path / "backup", "--json").answer
        assert backup["log"]["rows"]["log.stamps"] == 2
