"""Papers that keep what they claim: PDF/A-3a and PDF/UA-1, signed and not."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from api.papers.blanks import Nudge, load_blanks, overprint_document, trial_sheet_document
from api.papers.certificate import (
    Attachment,
    AwardText,
    certificates_document,
    compose,
    trial_document,
)
from api.papers.press import typeset
from api.papers.receipts import custody_document
from api.verification.pdf_signing import PdfKey, sign_file
from api.verification.qr import link_to_svg
from registry.key_set import trial_certificate
from tests.archival_rules import broken_rules, tags_of
from tests.made_awards import MADE_AT
from tests.made_keys import secret_of, signer
from tests.test_slips import CUSTODY

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = replace(
    compose(
        AwardText(
            "ORD-DOCLAP",
            "Nguyễn Thị Ánh Tuyết",
            "I",
            native_places=("xã Bản Hồ, huyện Sa Pa, tỉnh Lào Cai",),
            number="1234/QĐ-CTN",
            decided_on="1985-04-12",
        )
    ),
    qr=link_to_svg("https://sovang.test/v#" + "1" * 400),
    check_code="ABCD-EFGH",
    attachments=(Attachment("credential.json", "{}", "application/vc", "chứng nhận", "data"),),
)


def certificate() -> bytes:
    return typeset("certificate", certificates_document((TEXT,), "Huân chương"), MADE_AT)


def signed(content: bytes) -> bytes:
    return sign_file(PdfKey(signer("pdf", "pdf"), trial_certificate(secret_of("pdf"))), content)


def overprint() -> bytes:
    text = replace(TEXT, design="president-1992")
    document = overprint_document(load_blanks()[0], (text,), Nudge(), "Huân chương")
    return typeset("overprint", document, MADE_AT)


PAPERS: dict[str, Callable[[], bytes]] = {
    "certificate": certificate,
    "signed": lambda: signed(certificate()),
    "slip": lambda: typeset("slip", custody_document(CUSTODY, "vi"), MADE_AT),
    "overprint": overprint,
    "proof": lambda: typeset("certificate", trial_document(TEXT), MADE_AT),
    "test sheet": lambda: typeset(
        "test_sheet", trial_sheet_document(load_blanks()[0], Nudge(), "vi"), MADE_AT
    ),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_breaks_no_rule_that_it_claims_to_keep(paper: str) -> None:
    assert broken_rules(PAPERS[paper]()) == []


def test_a_signature_stands_on_a_line_of_its_own() -> None:
    content = certificate()
    assert content.endswith(b"%%EOF\n")
    assert "6.1.9" in broken_rules(signed(content.rstrip()))[0]


def test_a_certificate_is_read_aloud_by_its_headings() -> None:
    root = PdfFileReader(BytesIO(certificate())).root
    tags = [str(tag["/S"]) for tag in tags_of(root)]
    assert [tag for tag in tags if tag.startswith("/H")] == ["/H1", "/H2"]
    (figure,) = (tag for tag in tags_of(root) if tag["/S"] == "/Figure")
    assert figure["/Alt"] == "Mã QR để kiểm tra bằng của Nguyễn Thị Ánh Tuyết"


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (b"endobj\n", b"endobj ", "6.1.9"),
        (b"%%EOF\n", b"%%EOF\nx", "6.1.3"),
        (b"/AFRelationship", b"/AFRelationshit", "6.8"),
        (b"/DisplayDocTitle true", b"/DisplayDocTitla true", "7.1"),
        (b"/Marked true", b"/Marken true", "6.7.2"),
        (b"/FontFile", b"/FontFale", "6.2.11.4"),
        (b"/Alt", b"/Alp", "7.3"),
        (b"/H1", b"/H3", "7.4"),
        (b"/Lang", b"/Long", "6.7.4"),
    ],
)
def test_each_rule_is_told_when_it_is_broken(before: bytes, after: bytes, rule: str) -> None:
    content = certificate()
    assert before in content
    spoilt: Any = content.replace(before, after)
    assert any(rule in said for said in broken_rules(spoilt))
