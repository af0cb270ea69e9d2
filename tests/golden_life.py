"""Golden examples of an artifact's life: custody, exchange, recall; cancelling and restoring.

Add to this file; never change what is in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.award import (
    AwardCancelled,
    AwardCorrectedByDecision,
    AwardRestored,
    TitleStripped,
    VerdictNoted,
)
from registry.award.artifact import (
    ArtifactArchived,
    ArtifactDeclaredUnrecoverable,
    ArtifactDestroyed,
    ArtifactExchanged,
    ArtifactFound,
    ArtifactHandedBack,
    ArtifactMoved,
    ArtifactRecovered,
    ArtifactReissued,
    ArtifactReplaced,
    ArtifactSurrendered,
    RecallOrdered,
    Receiver,
)
from registry.decision import DecisionCancelled
from registry.personal import Sealed
from registry.rules import Change

_BY = UUID("01939bd7-3a5e-7c00-8000-0000000000d2")
_CASE = UUID("01939bd7-3a5e-7c00-8000-0000000000c1")
_SON = UUID("01939bd7-3a5e-7c00-8000-0000000000e2")
_OLD = "C1985-0000001-N"
_NEW = "C2026-0000002-V"
_REPRESENTATIVE = Receiver(
    "representative",
    _SON,
    "Giàng Seo Dờ",
    "con trai",
    Sealed(str(_SON), "identity-paper", "bm9uY2U", "Y2lwaGVy", "Y29tbWl0"),
)

EXAMPLES: dict[str, Any] = {
    "decision-cancelled.v1": DecisionCancelled(_BY, "2026-03-01", "unlawful-appraisal", "cả lô"),
    "award-corrected-by-decision.v1": AwardCorrectedByDecision(
        _BY,
        "2026-03-01",
        (Change("name", "Giàng Thị Mẩy", "Giàng Thị Mảy"),),
        (),
        "quyết định ghi sai tên đệm",
    ),
    "award-cancelled.v1": AwardCancelled(_BY, "2026-03-01", "fraud", "2026-03-20", None),
    "award-verdict-noted.v1": VerdictNoted(
        "2026-02-01",
        "Tòa án nhân dân tỉnh Lào Cai",
        "12/2026/HS-ST",
        "7 năm tù",
        "2026-03-03",
        "strip-2024",
    ),
    "award-stripped.v1": TitleStripped(_BY, "2026-03-01", "2026-03-20", "theo bản án"),
    "award-restored.v1": AwardRestored(_BY, "2026-09", None),
    "artifact-surrendered.v1": ArtifactSurrendered(
        _OLD,
        "2026-01-15",
        _REPRESENTATIVE,
        "BN2026-0000007-K",
        "exchange",
        "2026-03-01",
        "mối mọt góc trái",
        "tủ 3, Sở Nội vụ",
    ),
    "artifact-moved.v1": ArtifactMoved(_OLD, "2026-01-20", "Ban TĐKT Trung ương", "đợt 1"),
    "artifact-handed-back.v1": ArtifactHandedBack(_OLD, "2041-01-15", _REPRESENTATIVE, None),
    "artifact-exchanged.v1": ArtifactExchanged(_OLD, _NEW, "2026-03-01", "faded", _CASE),
    "artifact-reissued.v1": ArtifactReissued(_OLD, _NEW, "2026-03-01", "lost", _CASE),
    "artifact-replaced.v1": ArtifactReplaced(_OLD, _NEW, "2026-03-01", "destroyed"),
    "artifact-found.v1": ArtifactFound(_OLD, "2027-02", "Giàng Seo Dờ", "trong hòm cũ"),
    "artifact-recall-ordered.v1": RecallOrdered(_OLD, "2026-03-02", "2026-03-20", _BY, None),
    "artifact-recovered.v1": ArtifactRecovered(
        _OLD, "2026-03-10", "UBND xã Bản Cái", "kho Sở Nội vụ", "còn nguyên"
    ),
    "artifact-declared-unrecoverable.v1": ArtifactDeclaredUnrecoverable(
        _OLD, "2026-03-18", "05/BB-UBND", "người giữ đã mất, gia đình không còn hiện vật"
    ),
    "artifact-destroyed.v1": ArtifactDestroyed(
        _OLD, "2026-04-01", "09/BB-SNV", ("Trần Văn Thử", "Lý Thị Mẫu")
    ),
    "artifact-archived.v1": ArtifactArchived(_OLD, "2026-04-01", "Phòng truyền thống", None),
}

BYTES: dict[str, str] = {
    "decision-cancelled.v1": (
        '{"cancelled_on":"2026-03-01","decision_id":"01939bd7-3a5e-7c00-8000-0000000000d2","n'
        'ote":"cả lô","reason":"unlawful-appraisal"}'
    ),
    "award-corrected-by-decision.v1": (
        '{"changes":[{"after":"Giàng Thị Mảy","before":"Giàng Thị Mẩy","field":"name"}],"corr'
        'ected_on":"2026-03-01","decision_id":"01939bd7-3a5e-7c00-8000-0000000000d2","persona'
        'l":[],"reason":"quyết định ghi sai tên đệm"}'
    ),
    "award-cancelled.v1": (
        '{"cancelled_on":"2026-03-01","decision_id":"01939bd7-3a5e-7c00-8000-0000000000d2","n'
        'ote":null,"reason":"fraud","recall_due_on":"2026-03-20"}'
    ),
    "award-verdict-noted.v1": (
        '{"court":"Tòa án nhân dân tỉnh Lào Cai","effective_on":"2026-02-01","judgment":"12/2'
        '026/HS-ST","rule":"strip-2024","sentence":"7 năm tù","strip_due_on":"2026-03-03"}'
    ),
    "award-stripped.v1": (
        '{"decision_id":"01939bd7-3a5e-7c00-8000-0000000000d2","note":"theo bản án","recall_d'
        'ue_on":"2026-03-20","stripped_on":"2026-03-01"}'
    ),
    "award-restored.v1": (
        '{"decision_id":"01939bd7-3a5e-7c00-8000-0000000000d2","note":null,"restored_on":"2026-09"}'
    ),
    "artifact-surrendered.v1": (
        '{"condition":"mối mọt góc trái","due_on":"2026-03-01","kept_at":"tủ 3, Sở Nội vụ","p'
        'urpose":"exchange","receipt":"BN2026-0000007-K","serial":"C1985-0000001-N","surrende'
        'red_by":{"identity_paper":{"ciphertext":"Y2lwaGVy","commitment":"Y29tbWl0","kind":"i'
        'dentity-paper","nonce":"bm9uY2U","subject":"01939bd7-3a5e-7c00-8000-0000000000e2"},"'
        'kind":"representative","name":"Giàng Seo Dờ","person":"01939bd7-3a5e-7c00-8000-00000'
        '00000e2","relation":"con trai"},"surrendered_on":"2026-01-15"}'
    ),
    "artifact-moved.v1": (
        '{"kept_at":"Ban TĐKT Trung ương","moved_on":"2026-01-20","note":"đợt 1","serial":"C1'
        '985-0000001-N"}'
    ),
    "artifact-handed-back.v1": (
        '{"handed_back_on":"2041-01-15","note":null,"receiver":{"identity_paper":{"ciphertext'
        '":"Y2lwaGVy","commitment":"Y29tbWl0","kind":"identity-paper","nonce":"bm9uY2U","subj'
        'ect":"01939bd7-3a5e-7c00-8000-0000000000e2"},"kind":"representative","name":"Giàng S'
        'eo Dờ","person":"01939bd7-3a5e-7c00-8000-0000000000e2","relation":"con trai"},"seria'
        'l":"C1985-0000001-N"}'
    ),
    "artifact-exchanged.v1": (
        '{"case_id":"01939bd7-3a5e-7c00-8000-0000000000c1","exchanged_on":"2026-03-01","reaso'
        'n":"faded","serial":"C1985-0000001-N","successor":"C2026-0000002-V"}'
    ),
    "artifact-reissued.v1": (
        '{"case_id":"01939bd7-3a5e-7c00-8000-0000000000c1","reason":"lost","reissued_on":"202'
        '6-03-01","serial":"C1985-0000001-N","successor":"C2026-0000002-V"}'
    ),
    "artifact-replaced.v1": (
        '{"reason":"destroyed","replaced_on":"2026-03-01","serial":"C1985-0000001-N","success'
        'or":"C2026-0000002-V"}'
    ),
    "artifact-found.v1": (
        '{"found_by":"Giàng Seo Dờ","found_on":"2027-02","note":"trong hòm cũ","serial":"C198'
        '5-0000001-N"}'
    ),
    "artifact-recall-ordered.v1": (
        '{"decision_id":"01939bd7-3a5e-7c00-8000-0000000000d2","due_on":"2026-03-20","note":n'
        'ull,"ordered_on":"2026-03-02","serial":"C1985-0000001-N"}'
    ),
    "artifact-recovered.v1": (
        '{"condition":"còn nguyên","handed_in_by":"UBND xã Bản Cái","kept_at":"kho Sở Nội vụ"'
        ',"recovered_on":"2026-03-10","serial":"C1985-0000001-N"}'
    ),
    "artifact-declared-unrecoverable.v1": (
        '{"declared_on":"2026-03-18","minutes":"05/BB-UBND","reason":"người giữ đã mất, gia đ'
        'ình không còn hiện vật","serial":"C1985-0000001-N"}'
    ),
    "artifact-destroyed.v1": (
        '{"destroyed_on":"2026-04-01","minutes":"09/BB-SNV","serial":"C1985-0000001-N","witne'
        'sses":["Trần Văn Thử","Lý Thị Mẫu"]}'
    ),
    "artifact-archived.v1": (
        '{"archived_on":"2026-04-01","kept_at":"Phòng truyền thống","minutes":null,"serial":"'
        'C1985-0000001-N"}'
    ),
}
