"""Files that somebody made to harm whoever checks them: a verdict with a code, never a crash."""

from __future__ import annotations

import json
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from api.verification import pdf_reading
from api.verification.pdf_reading import read_pdf
from api.verification.pdf_text import NODES_MAX, PAGES_MAX, STREAM_BYTES_MAX, page_blocks
from registry.errors import VerificationFailed
from registry.proofs.credentials import verify_proof
from registry.proofs.key_list import NUMBER_MAX, parse_key_list
from tests.command_shell import Shell
from tests.made_keys import NOW, key_list, signed, signer

if TYPE_CHECKING:
    from pathlib import Path

DEEP = 200_000
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def pdf(*objects: bytes) -> bytes:
    """A file of these objects, the first its catalogue."""
    content, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        content
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + b"trailer\n<</Size %d/Root 1 0 R>>\n" % size
        + b"startxref\n%d\n%%%%EOF\n" % len(content)
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    return b"<</Filter/FlateDecode/Length %d%b>>\nstream\n%b\nendstream" % (
        len(packed),
        entries,
        packed,
    )


def page(contents: bytes, *more: bytes) -> bytes:
    font = b"/Resources<</Font<</f0<</Type/Font/ToUnicode 5 0 R>>>>>>"
    one = b"<</Type/Page/Contents 4 0 R%b>>" % (font if more else b"")
    return pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", one, contents, *more)


def refused(content: bytes) -> str:
    with pytest.raises(VerificationFailed) as caught:
        page_blocks(PdfFileReader(BytesIO(content)))
    return caught.value.code


# Pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        pdf(CATALOG, b"<</Kids[3 0 R]>>", b"<</Kids[2 0 R 2 0 R]>>"),
        pdf(CATALOG, b"<</Kids[%b]>>" % (b"3 0 R " * 9), b"<</Kids[2 0 R]>>"),
        pdf(CATALOG, *(b"<</Kids[%d 0 R]>>" % at for at in range(3, NODES_MAX + 9)), b"<<>>"),
        pdf(CATALOG, b"<</Kids[%b]>>" % (b"<</Type/Page>>" * (PAGES_MAX + 1))),
        page(stream(b" " * (STREAM_BYTES_MAX + 1))),
        page(stream(b"BT"), stream(b" " * (STREAM_BYTES_MAX + 1))),
        page(b"<</Filter/LZWDecode/Length 1>>\nstream\nx\nendstream"),
        page(b"<</Filter/FlateDecode/Length 1>>\nstream\nx\nendstream"),
    ],
)
def test_a_page_tree_or_a_page_that_is_none_of_ours_is_refused(content: bytes) -> None:
    assert refused(content) == "pdf-malformed"


def test_text_is_told_as_far_as_it_can_be_read() -> None:
    letters = stream(b"endcodespacerange 1 beginbfchar\n<0001> <0041>\nendbfchar")
    said = rb"/P<</MCID 0>>BDC BT /f0 9 Tf (\000\001)Tj<00010002>Tj ET EMC "

    def told(content: bytes) -> list[str]:
        return page_blocks(PdfFileReader(BytesIO(page(stream(content), letters))))

    assert told(said) == ["AA\ufffd"]
    assert told(said.replace(b"/f0", b"/f9")) == ["\ufffd" * 3]
    for odd in (b"(", b"(" * 9_999, b"(\\", b"<0001", b"(\\(\\)\\\\\\n)", b"(\\9\\18\\777)"):
        told(said.replace(rb"(\000\001)", odd))
    assert told(b"EMC" * 10_000) == []


# Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), "pdf-not-signed"),
        (pdf(b"1 0 R"), "pdf-malformed"),
        (pdf(b"[" * DEEP + b"]" * DEEP), "pdf-malformed"),
    ],
    ids=["pages name themselves", "catalogue names itself", "deep"],
)
def test_a_pdf_that_harms_its_reader_gets_a_verdict(content: bytes, code: str) -> None:
    with pytest.raises(VerificationFailed) as caught:
        read_pdf(content, key_list())
    assert caught.value.code == code


def test_a_pdf_that_would_keep_its_reader_busy_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reading, "CPU_SECONDS_MAX", 4)
    fields = b"/AcroForm<</Fields[%b]>>" % (b"3 0 R " * 600_000)
    content = pdf(b"<</Type/Catalog/Pages 2 0 R%b>>" % fields, b"<</Kids[]>>", b"<</FT/Sig>>")
    with pytest.raises(VerificationFailed, match="pdf-too-complex"):
        read_pdf(content, key_list())


def test_a_pdf_that_wants_more_memory_than_any_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reading, "MEMORY_BYTES_MAX", 60 << 20)
    with pytest.raises(VerificationFailed, match="pdf-too-complex"):
        read_pdf(pdf(CATALOG), key_list())


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Shell:
    return Shell(monkeypatch, capsys, tmp_path / "home")


DEEP_JSON = b"[" * DEEP + b"]" * DEEP
DEEP_OBJECT = b'{"a":' * DEEP + b"1" + b"}" * DEEP


@pytest.mark.parametrize(
    "content",
    [
        DEEP_JSON,
        DEEP_OBJECT,
        b'{"proof":%b}' % DEEP_JSON,
        b'{"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022",'
        b'"proofPurpose":"assertionMethod","verificationMethod":"#00","proofValue":"z%b"}}'
        % (b"2" * 900_000),
        b'{"a":%b}' % (b"9" * 900_000),
        b'{"a":"\\ud800"}',
        b"\xff\xfe",
        b"",
        b"null",
        b" " * (2 << 20),
    ],
)
def test_a_credential_of_any_form_gets_a_verdict(
    shell: Shell, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "keys").write_bytes(signed(key_list(expires_at=NUMBER_MAX)))
    given = tmp_path / "credential.json"
    given.write_bytes(content)
    ended = shell("verify", given, "--keys", tmp_path / "keys", "--json")
    code = "credential-key-unknown" if b'"#00"' in content else "credential-malformed"
    assert (ended.code, ended.answer["code"]) == (4, code)
    for option in ("--proof", "--status"):
        told = shell("verify", "1" * 400, "--keys", tmp_path / "keys", option, given, "--json")
        assert told.code == 4
        assert told.answer["authentic"] is False
    for option in ("--keys", "--roots"):
        told = shell("verify", "1" * 400, "--keys", tmp_path / "keys", option, given, "--json")
        assert told.code in {2, 4}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":1', b'"version":%d' % (NUMBER_MAX + 1)),
        (b'"version":1', b'"version":%b' % (b"9" * 5_000)),
        (b'"version":1', b'"version":1.0'),
        (b'"version":1', b'"version":1e400'),
        (b'"version":1', b'"version":true'),
        (b'"issued":', b'"issued":9999999999999'),
        (b'"expires":', b'"expires":99999999999999999999'),
        (b'"log":"', b'"log":"\\ud800'),
        (b'"keys":[', b'"keys":[[],'),
        (b'"keys":[', b'"keys":[%b,' % DEEP_JSON),
        (b'"witnesses":[', b'"witnesses":["%b",' % (b"+" * 100_000)),
    ],
)
def test_a_key_list_of_any_form_is_refused(old: bytes, new: bytes) -> None:
    text = signed(key_list()).partition(b"\n\n")[0] + b"\n"
    assert old in text
    with pytest.raises(VerificationFailed, match=r"^(key-list|note-key)-malformed"):
        parse_key_list(text.replace(old, new, 1))


def test_a_long_proof_value_is_refused_before_it_is_worked_out() -> None:
    document = {
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "proofPurpose": "assertionMethod",
            "verificationMethod": f"#{signer('issue').kid.hex()}",
            # Worked out, this would take hours.
            "proofValue": "z" + "2" * 10_000_000,
        }
    }
    keys = {signer("issue").kid: signer("issue").public}
    with pytest.raises(VerificationFailed, match="credential-signature"):
        verify_proof(json.loads(json.dumps(document)), keys)
    assert NOW < NUMBER_MAX
