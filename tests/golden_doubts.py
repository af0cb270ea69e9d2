"""Golden examples of doubts about awards.

Add to this file; never change what is in it.
"""

from __future__ import annotations

from typing import Any

from registry.award import AwardDoubted, AwardDoubtsConfirmed, AwardDoubtsSettled
from registry.remark import Remark

_DOUBT = Remark(
    "authority-not-competent",
    (("form", "ORD-SAOVANG"), ("issuer", "Chủ tịch UBND tỉnh Lào Cai"), ("on", "2024-05-09")),
)

EXAMPLES: dict[str, Any] = {
    "award-doubted.v1": AwardDoubted((_DOUBT,)),
    "award-doubts-confirmed.v1": AwardDoubtsConfirmed((_DOUBT,), "có ủy quyền số 5/UQ"),
    "award-doubts-settled.v1": AwardDoubtsSettled((_DOUBT,)),
}
_STORED = (
    '"doubts":[{"code":"authority-not-competent","params":[["form","ORD-SAOVANG"],'
    '["issuer","Chủ tịch UBND tỉnh Lào Cai"],["on","2024-05-09"]]}]'
)
BYTES: dict[str, str] = {
    "award-doubted.v1": "{" + _STORED + "}",
    "award-doubts-confirmed.v1": "{" + _STORED + ',"reason":"có ủy quyền số 5/UQ"}',
    "award-doubts-settled.v1": "{" + _STORED + "}",
}
