"""Golden examples of service cases: one of each event ever released, and its stored bytes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.cases.events import (
    Applicant,
    Routing,
    ServiceCaseArchiveChecked,
    ServiceCaseAwardIdentified,
    ServiceCaseClosed,
    ServiceCaseConfirmed,
    ServiceCaseDecisionCorrected,
    ServiceCaseDecisionErrorFound,
    ServiceCaseOpened,
    ServiceCaseReopened,
    ServiceCaseResultReceived,
    ServiceCaseResumed,
    ServiceCaseSent,
    ServiceCaseSentBack,
    ServiceCaseSupplementAsked,
    ServiceCaseSupplementReceived,
    ServiceCaseSuspended,
    ServiceCaseTransferred,
    StatedAward,
)
from registry.personal import Sealed

_APPLICANT = UUID("01939bd7-3a5e-7c00-8000-0000000000f1")
_AWARD = UUID("01939bd7-3a5e-7c00-8000-0000000000f2")
_BATCH = UUID("01939bd7-3a5e-7c00-8000-0000000000f3")
_DECISION = UUID("01939bd7-3a5e-7c00-8000-0000000000f4")
_ROUTING = Routing(
    "ORD-KC-US", "centre", "Ty Lao động tỉnh Hoàng Liên Sơn", "Sở Nội vụ tỉnh Lào Cai", None
)
_PHONE = Sealed(str(_APPLICANT), "phone", "bm9uY2U", "Y2lwaGVy", "Y29tbWl0")

EXAMPLES: dict[str, Any] = {
    "service-case-opened.v1": ServiceCaseOpened(
        receipt="GH2025-0000012-K",
        kind="reissue",
        award_id=None,
        stated=StatedAward(
            "Giàng Thị Mẩy", "ORD-KC-US", "III", "212/QĐ-CTN", None, "1985~", "xã Bản Cái"
        ),
        components=("certificate",),
        reason="lost",
        reason_text="lũ cuốn năm 2008",
        applicant=Applicant("person", _APPLICANT, "Giàng Seo Dờ", "con trai", _PHONE),
        received_on="2025-06-20",
        desk="UBND huyện Bắc Hà",
        rule="reissue-2024",
        routing=_ROUTING,
        papers=("application-reissue",),
        missing=("reason-confirmed",),
        decision_wrong=False,
        confirming_decision=None,
        due_on="2025-07-07",
    ),
    "service-case-supplement-asked.v1": ServiceCaseSupplementAsked(
        "2025-06-23", ("reason-confirmed",), "chưa có xác nhận của xã"
    ),
    "service-case-supplement-received.v1": ServiceCaseSupplementReceived(
        "2025-06-30", ("reason-confirmed",)
    ),
    "service-case-award-identified.v1": ServiceCaseAwardIdentified("2025-07-01", _AWARD, _ROUTING),
    "service-case-archive-checked.v1": ServiceCaseArchiveChecked(
        "2025-07-02", "hit", "Chi cục Văn thư - Lưu trữ", "tờ 14, hộp 3", None
    ),
    "service-case-confirmed.v1": ServiceCaseConfirmed("2025-07-03", "45/XN-SNV", "Trần Văn Thử"),
    "service-case-sent.v1": ServiceCaseSent("2025-07-04", _BATCH, "Bộ Nội vụ"),
    "service-case-sent-back.v1": ServiceCaseSentBack("2025-07-20", _BATCH, "thiếu tệp dữ liệu"),
    "service-case-suspended.v1": ServiceCaseSuspended(
        "2025-08-01", "chưa có mẫu dấu cũ được phép dùng", "chờ hướng dẫn"
    ),
    "service-case-resumed.v1": ServiceCaseResumed("2026-01-15", "Quyết định 01/2026/QĐ-TTg"),
    "service-case-result-received.v1": ServiceCaseResultReceived(
        "2026-02-10", "approved", "99/BNV-TĐKT", None
    ),
    "service-case-transferred.v1": ServiceCaseTransferred(
        "2025-07-01", "Sở Nội vụ tỉnh Lào Cai", "Sở Nội vụ tỉnh Lào Cai", "bỏ cấp huyện"
    ),
    "service-case-decision-error-found.v1": ServiceCaseDecisionErrorFound(
        "2025-07-02", "danh sách ghi sai tên đệm"
    ),
    "service-case-decision-corrected.v1": ServiceCaseDecisionCorrected("2025-09-02", _DECISION),
    "service-case-closed.v1": ServiceCaseClosed(
        "2026-03-01",
        "no-legal-basis",
        "đã thông báo cho gia đình",
        "Nghị định 85/2014/NĐ-CP",
        "rule-for-family-boards",
        None,
    ),
    "service-case-reopened.v1": ServiceCaseReopened(
        "2027-01-04", "Nghị định mới", "88/QĐ-CTN", None
    ),
}

BYTES: dict[str, str] = {
    "service-case-opened.v1": (
        '{"applicant":{"identity_paper":null,"kind":"person","name":"Giàng Seo Dờ","perso'
        'n":"01939bd7-3a5e-7c00-8000-0000000000f1","phone":{"ciphertext":"Y2lwaGVy","comm'
        'itment":"Y29tbWl0","kind":"phone","nonce":"bm9uY2U","subject":"01939bd7-3a5e-7c0'
        '0-8000-0000000000f1"},"relation":"con trai","residence":null},"award_id":null,"c'
        'omponents":["certificate"],"confirming_decision":null,"decision_wrong":false,"de'
        'sk":"UBND huyện Bắc Hà","due_on":"2025-07-07","kind":"reissue","missing":["reaso'
        'n-confirmed"],"papers":["application-reissue"],"reason":"lost","reason_text":"lũ'
        ' cuốn năm 2008","receipt":"GH2025-0000012-K","received_on":"2025-06-20","routing'
        '":{"form":"ORD-KC-US","level":"centre","obstacle":null,"route":"Sở Nội vụ tỉnh L'
        'ào Cai","submitted_by":"Ty Lao động tỉnh Hoàng Liên Sơn"},"rule":"reissue-2024",'
        '"stated":{"award_class":"III","awarded_on":"1985~","form":"ORD-KC-US","issuer_ty'
        'ped":null,"native_place":"xã Bản Cái","number_typed":"212/QĐ-CTN","recipient":"G'
        'iàng Thị Mẩy","submitting_body":null}}'
    ),
    "service-case-supplement-asked.v1": (
        '{"on":"2025-06-23","papers":["reason-confirmed"],"reason":"chưa có xác nhận của xã"}'
    ),
    "service-case-supplement-received.v1": ('{"on":"2025-06-30","papers":["reason-confirmed"]}'),
    "service-case-award-identified.v1": (
        '{"award_id":"01939bd7-3a5e-7c00-8000-0000000000f2","on":"2025-07-01","routing":{'
        '"form":"ORD-KC-US","level":"centre","obstacle":null,"route":"Sở Nội vụ tỉnh Lào '
        'Cai","submitted_by":"Ty Lao động tỉnh Hoàng Liên Sơn"}}'
    ),
    "service-case-archive-checked.v1": (
        '{"archive":"Chi cục Văn thư - Lưu trữ","evidence":"tờ 14, hộp 3","on":"2025-07-0'
        '2","remark":null,"result":"hit"}'
    ),
    "service-case-confirmed.v1": (
        '{"number":"45/XN-SNV","on":"2025-07-03","signatory":"Trần Văn Thử"}'
    ),
    "service-case-sent.v1": (
        '{"batch_id":"01939bd7-3a5e-7c00-8000-0000000000f3","on":"2025-07-04","sent_to":"'
        'Bộ Nội vụ"}'
    ),
    "service-case-sent-back.v1": (
        '{"batch_id":"01939bd7-3a5e-7c00-8000-0000000000f3","on":"2025-07-20","reason":"t'
        'hiếu tệp dữ liệu"}'
    ),
    "service-case-suspended.v1": (
        '{"legal_basis":"chưa có mẫu dấu cũ được phép dùng","on":"2025-08-01","reason":"c'
        'hờ hướng dẫn"}'
    ),
    "service-case-resumed.v1": ('{"legal_basis":"Quyết định 01/2026/QĐ-TTg","on":"2026-01-15"}'),
    "service-case-result-received.v1": (
        '{"number":"99/BNV-TĐKT","on":"2026-02-10","reason":null,"result":"approved"}'
    ),
    "service-case-transferred.v1": (
        '{"desk":"Sở Nội vụ tỉnh Lào Cai","on":"2025-07-01","reason":"bỏ cấp huyện","rout'
        'e":"Sở Nội vụ tỉnh Lào Cai"}'
    ),
    "service-case-decision-error-found.v1": (
        '{"on":"2025-07-02","reason":"danh sách ghi sai tên đệm"}'
    ),
    "service-case-decision-corrected.v1": (
        '{"decision_id":"01939bd7-3a5e-7c00-8000-0000000000f4","on":"2025-09-02"}'
    ),
    "service-case-closed.v1": (
        '{"legal_source":"Nghị định 85/2014/NĐ-CP","on":"2026-03-01","outcome":"no-legal-'
        'basis","reason":"đã thông báo cho gia đình","transferred_to":null,"watch":"rule-'
        'for-family-boards"}'
    ),
    "service-case-reopened.v1": (
        '{"confirming_decision":"88/QĐ-CTN","legal_basis":"Nghị định mới","obstacle":null'
        ',"on":"2027-01-04"}'
    ),
}
