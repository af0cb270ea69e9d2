"""Examples and released bytes of events about the law's own time; see `golden_events`."""

from __future__ import annotations

from typing import Any

from registry.award import VerdictNotedOnGround
from registry.working_calendar import WorkingDaysDecided

EXAMPLES: dict[str, Any] = {
    "award-verdict-noted.v2": VerdictNotedOnGround(
        "2026-02-01",
        "Tòa án nhân dân tỉnh Lào Cai",
        "12/2026/HS-ST",
        "tù chung thân",
        "2026-03-03",
        "strip-2025",
        "life-or-death",
    ),
    "working-days-decided.v1": WorkingDaysDecided(
        off=("2027-01-04",),
        worked=("2027-01-09",),
        source="Công văn 99/VPCP-KGVX ngày 20/12/2026",
    ),
}

BYTES: dict[str, str] = {
    "award-verdict-noted.v2": (
        '{"court":"Tòa án nhân dân tỉnh Lào Cai","effective_on":"2026-02-01",'
        '"ground":"life-or-death","judgment":"12/2026/HS-ST","rule":"strip-2025",'
        '"sentence":"tù chung thân","strip_due_on":"2026-03-03"}'
    ),
    "working-days-decided.v1": (
        '{"off":["2027-01-04"],"source":"Công văn 99/VPCP-KGVX ngày 20/12/2026",'
        '"worked":["2027-01-09"]}'
    ),
}
