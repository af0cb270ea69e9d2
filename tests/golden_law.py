"""Examples and released bytes of events about the law's own time; see `golden_events`."""

from __future__ import annotations

from typing import Any

from registry.award import AwardDeclined, DecliningTakenBack, VerdictNotedOnGround
from registry.award.artifact import ArtifactHolderChanged, Holder
from registry.cases.events import ServiceCasePriorityEnded, ServiceCasePriorityGiven
from registry.personal import Sealed
from registry.working_calendar import WorkingDaysDecided

_APPLICANT = "01939bd7-3a5e-7c00-8000-0000000000f1"

EXAMPLES: dict[str, Any] = {
    "award-declined.v1": AwardDeclined("2026-03-02", "đơn ngày 01/3/2026", None),
    "award-declining-taken-back.v1": DecliningTakenBack("2026-04-02", "đơn ngày 01/4/2026", None),
    "artifact-holder-changed.v1": ArtifactHolderChanged(
        "C1985-0000001-N",
        "2026-03-02",
        "2026-02-01",
        Holder("museum", "Bảo tàng tỉnh Lào Cai", decision="45/QĐ-UBND", until="2031-03-01"),
        None,
    ),
    "service-case-priority-given.v1": ServiceCasePriorityGiven(
        "2026-02-02",
        Sealed(_APPLICANT, "priority-ground", "bm9uY2U", "Y2lwaGVy", "Y29tbWl0"),
        None,
    ),
    "service-case-priority-ended.v1": ServiceCasePriorityEnded("2026-03-02", "ghi nhầm hồ sơ"),
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
    "award-declined.v1": '{"declined_on":"2026-03-02","note":null,"paper":"đơn ngày 01/3/2026"}',
    "award-declining-taken-back.v1": (
        '{"accepted_on":"2026-04-02","note":null,"paper":"đơn ngày 01/4/2026"}'
    ),
    "artifact-holder-changed.v1": (
        '{"died_on":"2026-02-01","holder":{"decision":"45/QĐ-UBND","identity_paper":null,'
        '"kept_at":null,"kind":"museum","name":"Bảo tàng tỉnh Lào Cai","person":null,'
        '"relation":null,"until":"2031-03-01"},"note":null,"serial":"C1985-0000001-N",'
        '"since":"2026-03-02"}'
    ),
    "service-case-priority-given.v1": (
        '{"evidence":null,"ground":{"ciphertext":"Y2lwaGVy","commitment":"Y29tbWl0",'
        '"kind":"priority-ground","nonce":"bm9uY2U",'
        '"subject":"01939bd7-3a5e-7c00-8000-0000000000f1"},"on":"2026-02-02"}'
    ),
    "service-case-priority-ended.v1": '{"on":"2026-03-02","reason":"ghi nhầm hồ sơ"}',
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
