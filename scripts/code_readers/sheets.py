"""Writes a page of every design and every blank, each with a code of its own, and what they hold.

    python -m scripts.code_readers.sheets FOLDER

The codes carry what signatures look like: random bytes, from a seed, as many as a payload has.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from api.papers.blanks import Nudge, load_blanks, overprint_document
from api.papers.certificate import AwardText, CertificateText, certificates_document, compose
from api.papers.designs import load_designs
from api.papers.press import typeset
from api.verification.qr import link_to_svg
from registry.proofs.digits import make_link

if TYPE_CHECKING:
    from collections.abc import Iterator

PAYLOAD_BYTES: Final = 205
ADDRESS: Final = "https://tracuu.laocai.gov.vn"
MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_AWARD: Final = AwardText(
    form="CERT-BK-BT",
    name="Nguyễn Thị Thử Nghiệm",
    honorific="Bà",
    position="Giáo viên",
    unit="Trường Tiểu học số 2 Bản Cái",
    merit="Đã hoàn thành xuất sắc nhiệm vụ năm học 2018 - 2019",
    awarded_on="2019-12-20",
    number="1234/QĐ-UBND",
    issuer="Chủ tịch UBND tỉnh Lào Cai",
    signatory="Đặng Văn Thử",
    golden_number="1234",
)


def main() -> None:
    """Write the pages and `sheets.json`: name, file and link of each."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    made = [_write(folder, *one) for one in (*_designs(), *_blanks())]
    (folder / "sheets.json").write_text(json.dumps(made, indent=1))


def _designs() -> Iterator[tuple[str, str, bytes]]:
    for number, design in enumerate(load_designs().designs):
        link = _link(number)
        text = replace(_proven(link), design=design.id)
        document = certificates_document((text,), design.id)
        yield f"design {design.id}", link, typeset("certificate", document, MADE_AT)


def _blanks() -> Iterator[tuple[str, str, bytes]]:
    for number, blank in enumerate(load_blanks(), 100):
        link = _link(number)
        text = _proven(link)
        text = replace(
            text,
            design=blank.designs[0] if blank.designs else text.design,
            form_name=blank.form_names[0] if blank.form_names else text.form_name,
        )
        document = overprint_document(blank, (text,), Nudge(), blank.id)
        yield f"blank {blank.id}", link, typeset("overprint", document, MADE_AT)


def _proven(link: str) -> CertificateText:
    return replace(
        compose(_AWARD),
        qr=link_to_svg(link),
        serial="C2026-0000001-X",
        check_code="ABCD-EFGH",
        address=f"{ADDRESS}/v",
    )


def _link(seed: int) -> str:
    return make_link(ADDRESS, Random(seed).randbytes(PAYLOAD_BYTES))  # noqa: S311 - no secret


def _write(folder: Path, name: str, link: str, content: bytes) -> dict[str, str]:
    path = folder / f"{name.replace(' ', '-')}.pdf"
    path.write_bytes(content)
    return {"name": name, "file": path.name, "link": link}


if __name__ == "__main__":
    main()
