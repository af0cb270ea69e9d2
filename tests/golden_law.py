"""Examples and released bytes of events about the law's own time; see `golden_events`."""

from __future__ import annotations

from typing import Any

from registry.working_calendar import WorkingDaysDecided

EXAMPLES: dict[str, Any] = {
    "working-days-decided.v1": WorkingDaysDecided(
        off=("2027-01-04",),
        worked=("2027-01-09",),
        source="Công văn 99/VPCP-KGVX ngày 20/12/2026",
    ),
}

BYTES: dict[str, str] = {
    "working-days-decided.v1": (
        '{"off":["2027-01-04"],"source":"Công văn 99/VPCP-KGVX ngày 20/12/2026",'
        '"worked":["2027-01-09"]}'
    ),
}
