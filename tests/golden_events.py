"""One example of every event ever released, and the bytes under which it was released.

Add to this file; never change what is in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.award import AwardCorrected, AwardRecorded, GoldenBook
from registry.award.artifact import (
    ArtifactDelivered,
    ArtifactIssued,
    ArtifactPrinted,
    ArtifactReturnedUndelivered,
    Receiver,
)
from registry.decision import DecisionCorrected, DecisionRegistered
from registry.importing import (
    ImportBegun,
    ImportFileRead,
    ImportFinished,
    RowProblem,
    RowsImported,
    Tally,
)
from registry.personal import Sealed
from registry.recipient import Person, Recipient
from registry.rules import Change, Source
from registry.user import TokenGranted, TokenIssued, TokenRevoked, UserAdded, UserDisabled
from tests import (
    golden_cases,
    golden_doubts,
    golden_law,
    golden_life,
    golden_seal,
    golden_stock,
    golden_verify,
    golden_withdraw,
)

_DECISION = UUID("01939bd7-3a5e-7c00-8000-0000000000d1")
_PERSON = UUID("01939bd7-3a5e-7c00-8000-0000000000e1")
_RECEIVER = UUID("01939bd7-3a5e-7c00-8000-0000000000e2")


def _sealed(kind: Any, person: UUID = _PERSON) -> Sealed:
    return Sealed(str(person), kind, nonce="bm9uY2U", ciphertext="Y2lwaGVy", commitment="Y29tbWl0")


EXAMPLES: dict[str, Any] = {
    "decision-registered.v1": DecisionRegistered(
        number="212 QĐ/CTN",
        number_key="212-qd-ctn",
        issuer="Chủ tịch nước",
        issuer_key="chủ tịch nước",
        decided_on="1985",
        kind="award",
        signatory="Nguyễn Văn Mẫu",
        signatory_title="Chủ tịch",
        summary=None,
        legal_basis='Điều lệ "khen thưởng"',
        scan_sha256="00" * 32,
        source=Source("original-decision", "certain", "hộp 12, tờ 3", None),
    ),
    "decision-corrected.v1": DecisionCorrected(
        changes=(Change("decided_on", "1985", "1985-04-12"),),
        number_key="212-qd-ctn",
        issuer_key="chủ tịch nước",
        decided_on="1985-04-12",
        reason="đọc lại bản gốc",
    ),
    "award-recorded.v1": AwardRecorded(
        decision_id=_DECISION,
        number_typed="212/QĐ-CTN",
        issuer_typed=None,
        awarded_on="1985~",
        recipient=Recipient(
            kind="individual",
            name="Giàng Thị Mẩy",
            persons=(
                Person(
                    id=_PERSON,
                    name=None,
                    sex="female",
                    born="1930",
                    native_place="xã Bản Cái, huyện Bắc Hà",
                    birth_date=_sealed("birth-date"),
                    residence=_sealed("residence"),
                ),
            ),
            honorific="Bà",
        ),
        form="ORD-KC-US",
        form_typed="HCKC chống Mỹ hạng III",
        award_class="III",
        conferral="posthumous",
        merit=None,
        golden_book=GoldenBook("83", None),
        field_of_activity=None,
        mode=None,
        submitting_body="Ty Lao động tỉnh Hoàng Liên Sơn",
        note="giấy ố",
        listed=False,
        distinct_because=None,
        source=Source("golden-book", "probable", "so-cu.xlsx!DANHSACH", 12),
    ),
    "award-corrected.v1": AwardCorrected(
        changes=(Change("name", "Giàng Thị Mẩy", "Giàng Thị Mảy"),),
        personal=(_sealed("phone"),),
        reason="chép nhầm",
    ),
    "artifact-issued.v1": ArtifactIssued("C2024-0000001-H", "certificate", "2024-05-09"),
    "artifact-printed.v1": ArtifactPrinted("C2024-0000001-H", "2024-06"),
    "artifact-delivered.v1": ArtifactDelivered(
        "C2024-0000001-H",
        "2024-07-27",
        Receiver(
            "representative",
            _RECEIVER,
            "Giàng Seo Dờ",
            "con trai",
            _sealed("identity-paper", _RECEIVER),
        ),
    ),
    "artifact-returned-undelivered.v1": ArtifactReturnedUndelivered(
        "C2024-0000001-H", "2024-08-01", "UBND xã Bản Cái", "không còn ở địa phương"
    ),
    "import-begun.v1": ImportBegun("so-cu.xlsx", "ab" * 32, "legacy", None),
    "import-file-read.v1": ImportFileRead('{"format":"xlsx","kind":"legacy"}'),
    "rows-imported.v1": RowsImported(
        2003,
        Tally(2000, 1990, 4, 6, 3),
        (RowProblem(68, "Ngày quyết định", "date-impossible", "error"),),
    ),
    "import-finished.v1": ImportFinished(Tally(3000, 2875, 62, 63, 24)),
    "user-added.v1": UserAdded("can-bo-thu", "clerk", "Sở Nội vụ tỉnh Lào Cai"),
    "token-granted.v1": TokenGranted("cd" * 32),
    "token-issued.v1": TokenIssued("ce" * 32, "2027-11-30T17:00:00Z"),
    "token-revoked.v1": TokenRevoked("ce" * 32, "lộ mã"),
    "user-disabled.v1": UserDisabled("nghỉ hưu"),
}
EXAMPLES |= golden_doubts.EXAMPLES | golden_stock.EXAMPLES | golden_seal.EXAMPLES

EXAMPLES |= golden_cases.EXAMPLES | golden_life.EXAMPLES | golden_verify.EXAMPLES
EXAMPLES |= golden_withdraw.EXAMPLES | golden_law.EXAMPLES

_HEAD = '{"actor":"can-bo-thu","basis":"Tờ trình 12/TTr-SNV","event":'
_TAIL = (
    ',"office":"Sở Nội vụ tỉnh Lào Cai","recorded_at":"2026-11-23T14:05:16.123456Z",'
    '"request":null,"request_digest":null}'
)

_EVENTS: dict[str, str] = {
    "decision-registered.v1": (
        '{"decided_on":"1985","issuer":"Chủ tịch nước","issuer_key":"chủ tịch nước","kind'
        '":"award","legal_basis":"Điều lệ \\"khen thưởng\\"","number":"212 QĐ/CTN","number_'
        'key":"212-qd-ctn","scan_sha256":"00000000000000000000000000000000000000000000000'
        '00000000000000000","signatory":"Nguyễn Văn Mẫu","signatory_title":"Chủ tịch","so'
        'urce":{"certainty":"certain","kind":"original-decision","reference":"hộp 12, tờ '
        '3","row":null},"summary":null}'
    ),
    "decision-corrected.v1": (
        '{"changes":[{"after":"1985-04-12","before":"1985","field":"decided_on"}],"decide'
        'd_on":"1985-04-12","issuer_key":"chủ tịch nước","number_key":"212-qd-ctn","reaso'
        'n":"đọc lại bản gốc"}'
    ),
    "award-recorded.v1": (
        '{"award_class":"III","awarded_on":"1985~","conferral":"posthumous","decision_id"'
        ':"01939bd7-3a5e-7c00-8000-0000000000d1","distinct_because":null,"field_of_activi'
        'ty":null,"form":"ORD-KC-US","form_typed":"HCKC chống Mỹ hạng III","golden_book":'
        '{"book":null,"number":"83"},"issuer_typed":null,"listed":false,"merit":null,"mod'
        'e":null,"note":"giấy ố","number_typed":"212/QĐ-CTN","recipient":{"category":null'
        ',"honorific":"Bà","kind":"individual","name":"Giàng Thị Mẩy","persons":[{"birth_'
        'date":{"ciphertext":"Y2lwaGVy","commitment":"Y29tbWl0","kind":"birth-date","nonc'
        'e":"bm9uY2U","subject":"01939bd7-3a5e-7c00-8000-0000000000e1"},"born":"1930","id'
        '":"01939bd7-3a5e-7c00-8000-0000000000e1","identity_paper":null,"name":null,"nati'
        've_place":"xã Bản Cái, huyện Bắc Hà","phone":null,"residence":{"ciphertext":"Y2l'
        'waGVy","commitment":"Y29tbWl0","kind":"residence","nonce":"bm9uY2U","subject":"0'
        '1939bd7-3a5e-7c00-8000-0000000000e1"},"sex":"female"}],"position":null,"unit":nu'
        'll},"source":{"certainty":"probable","kind":"golden-book","reference":"so-cu.xls'
        'x!DANHSACH","row":12},"submitting_body":"Ty Lao động tỉnh Hoàng Liên Sơn"}'
    ),
    "award-corrected.v1": (
        '{"changes":[{"after":"Giàng Thị Mảy","before":"Giàng Thị Mẩy","field":"name"}],"'
        'personal":[{"ciphertext":"Y2lwaGVy","commitment":"Y29tbWl0","kind":"phone","nonc'
        'e":"bm9uY2U","subject":"01939bd7-3a5e-7c00-8000-0000000000e1"}],"reason":"chép n'
        'hầm"}'
    ),
    "artifact-issued.v1": (
        '{"component":"certificate","issued_on":"2024-05-09","serial":"C2024-0000001-H"}'
    ),
    "artifact-printed.v1": ('{"printed_on":"2024-06","serial":"C2024-0000001-H"}'),
    "artifact-delivered.v1": (
        '{"delivered_on":"2024-07-27","receiver":{"identity_paper":{"ciphertext":"Y2lwaGV'
        'y","commitment":"Y29tbWl0","kind":"identity-paper","nonce":"bm9uY2U","subject":"'
        '01939bd7-3a5e-7c00-8000-0000000000e2"},"kind":"representative","name":"Giàng Seo'
        ' Dờ","person":"01939bd7-3a5e-7c00-8000-0000000000e2","relation":"con trai"},"ser'
        'ial":"C2024-0000001-H"}'
    ),
    "artifact-returned-undelivered.v1": (
        '{"reason":"không còn ở địa phương","returned_by":"UBND xã Bản Cái","returned_on"'
        ':"2024-08-01","serial":"C2024-0000001-H"}'
    ),
    "import-begun.v1": (
        '{"decision_id":null,"file_name":"so-cu.xlsx","file_sha256":"abababababababababab'
        'abababababababababababababababababababababab","kind":"legacy"}'
    ),
    "import-file-read.v1": ('{"reading":"{\\"format\\":\\"xlsx\\",\\"kind\\":\\"legacy\\"}"}'),
    "rows-imported.v1": (
        '{"last_row":2003,"problems":[{"code":"date-impossible","column":"Ngày quyết định'
        '","row":68,"severity":"error"}],"tally":{"accepted":1990,"duplicates":4,"rejecte'
        'd":6,"rows":2000,"warnings":3}}'
    ),
    "import-finished.v1": (
        '{"tally":{"accepted":2875,"duplicates":62,"rejected":63,"rows":3000,"warnings":24}}'
    ),
    "user-added.v1": ('{"name":"can-bo-thu","office":"Sở Nội vụ tỉnh Lào Cai","role":"clerk"}'),
    "token-granted.v1": (
        '{"digest":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}'
    ),
    "token-issued.v1": (
        '{"digest":"cececececececececececececececececececececececececececececececece",'
        '"expires_at":"2027-11-30T17:00:00Z"}'
    ),
    "token-revoked.v1": (
        '{"digest":"cececececececececececececececececececececececececececececececece",'
        '"reason":"lộ mã"}'
    ),
    "user-disabled.v1": ('{"reason":"nghỉ hưu"}'),
}

_EVENTS |= golden_cases.BYTES | golden_life.BYTES | golden_seal.BYTES | golden_stock.EVENTS
_EVENTS |= golden_doubts.BYTES | golden_verify.BYTES | golden_withdraw.BYTES | golden_law.BYTES

GOLDEN: dict[str, str] = {name: _HEAD + event + _TAIL for name, event in _EVENTS.items()}
