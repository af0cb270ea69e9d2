"""Golden examples of what takes back entries made by mistake.

Add to this file; never change what is in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.award import AwardWithdrawn
from registry.decision import DecisionWithdrawn

_DECISION = UUID("01939bd7-3a5e-7c00-8000-0000000000d1")
_IMPORT = UUID("5a1d9f0e-6f3c-5c39-9a59-2a8f1b7f5e11")

EXAMPLES: dict[str, Any] = {
    "award-withdrawn.v1": AwardWithdrawn("ghi nhầm người cùng tên", _DECISION, None),
    "decision-withdrawn.v1": DecisionWithdrawn("ghi nhầm số quyết định", _IMPORT),
}
BYTES: dict[str, str] = {
    "award-withdrawn.v1": (
        '{"decision_id":"01939bd7-3a5e-7c00-8000-0000000000d1","import_id":null,"reason":"ghi'
        ' nhầm người cùng tên"}'
    ),
    "decision-withdrawn.v1": (
        '{"import_id":"5a1d9f0e-6f3c-5c39-9a59-2a8f1b7f5e11","reason":"ghi nhầm số quyết định"}'
    ),
}
