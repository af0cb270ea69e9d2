"""Golden examples of what takes back entries made by mistake.

Add to this file; never change what is in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.award import AwardWithdrawn
from registry.award.artifact import DeliveryCorrected, DeliveryWithdrawn
from registry.decision import DecisionWithdrawn
from registry.importing import ImportWithdrawalBegun, ImportWithdrawn, RecordsWithdrawn
from registry.personal import Sealed
from registry.rules import Change

_DECISION = UUID("01939bd7-3a5e-7c00-8000-0000000000d1")
_HEIR = UUID("01939bd7-3a5e-7c00-8000-0000000000a1")
_PERSON = UUID("01939bd7-3a5e-7c00-8000-0000000000e2")
_IMPORT = UUID("5a1d9f0e-6f3c-5c39-9a59-2a8f1b7f5e11")

EXAMPLES: dict[str, Any] = {
    "award-withdrawn.v1": AwardWithdrawn("ghi nhầm người cùng tên", _DECISION, None, _HEIR),
    "decision-withdrawn.v1": DecisionWithdrawn("ghi nhầm số quyết định", _IMPORT),
    "import-withdrawal-begun.v1": ImportWithdrawalBegun("nhập nhầm tệp năm trước", True),
    "import-records-withdrawn.v1": RecordsWithdrawn(2000, 0),
    "import-withdrawn.v1": ImportWithdrawn(2875, 1),
    "artifact-delivery-withdrawn.v1": DeliveryWithdrawn("C2026-0000002-V", "ghi nhầm số hiệu"),
    "artifact-delivery-corrected.v1": DeliveryCorrected(
        "C2026-0000002-V",
        (Change("relation", "con trai", "cháu nội"),),
        _PERSON,
        Sealed(str(_PERSON), "identity-paper", "bm9uY2U", "Y2lwaGVy", "Y29tbWl0"),
        "đọc lại giấy giới thiệu",
    ),
}
BYTES: dict[str, str] = {
    "import-withdrawal-begun.v1": '{"reason":"nhập nhầm tệp năm trước","with_signed":true}',
    "import-records-withdrawn.v1": '{"awards":2000,"decisions":0}',
    "import-withdrawn.v1": '{"awards":2875,"decisions":1}',
    "award-withdrawn.v1": (
        '{"decision_id":"01939bd7-3a5e-7c00-8000-0000000000d1","golden_heir":"01939bd7-3a5e-7'
        'c00-8000-0000000000a1","import_id":null,"reason":"ghi nhầm người cùng tên"}'
    ),
    "decision-withdrawn.v1": (
        '{"import_id":"5a1d9f0e-6f3c-5c39-9a59-2a8f1b7f5e11","reason":"ghi nhầm số quyết định"}'
    ),
    "artifact-delivery-withdrawn.v1": ('{"reason":"ghi nhầm số hiệu","serial":"C2026-0000002-V"}'),
    "artifact-delivery-corrected.v1": (
        '{"changes":[{"after":"cháu nội","before":"con trai","field":"relation"}],"identity_p'
        'aper":{"ciphertext":"Y2lwaGVy","commitment":"Y29tbWl0","kind":"identity-paper","nonc'
        'e":"bm9uY2U","subject":"01939bd7-3a5e-7c00-8000-0000000000e2"},"person":"01939bd7-3a'
        '5e-7c00-8000-0000000000e2","reason":"đọc lại giấy giới thiệu","serial":"C2026-000000'
        '2-V"}'
    ),
}
