"""Shapes of a service case as clients see it, with words beside every code.

All that a paper of the case needs is here: the intake receipt (number, day, papers, due date),
the confirmation letter, the cover letter. What a certificate says is as printed on the old one;
today's names of places stand in `cover_letter` and nowhere else (scenario 29).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.personal_views import PersonalView
from api.views import RemarkView


@dataclass(frozen=True, slots=True)
class WordView:
    """A code of a closed list, and its word."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ApplicantView:
    """Who asks; contacts only for those who may read them."""

    kind: str
    name: str
    relation: str | None
    phone: PersonalView | None
    residence: PersonalView | None
    identity_paper: PersonalView | None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper of the checklist, and whether it is there."""

    code: str
    name: str
    form: str | None
    required: bool
    present: bool
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class LimitView:
    """The time limit of a step, where it comes from and how certain that is."""

    step: str
    step_name: str
    days: int
    day_kind: str
    source: str
    certainty: str
    certainty_name: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """The version of the procedure that applies: that of the day of receipt."""

    id: str
    source: str | None
    certainty: str | None
    note: str | None
    limits: Sequence[LimitView]


@dataclass(frozen=True, slots=True)
class RouteView:
    """Through whom the case goes, and who makes the artifacts."""

    submitted_by: str | None
    body: str
    level: str
    level_name: str


@dataclass(frozen=True, slots=True)
class DueMoveView:
    """A swap of working days, decided after the case was received, that moved its due day."""

    before: str
    after: str
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ClockView:
    """The time limit of the present step; `due_on` is None while the clock stands still."""

    state: str
    state_name: str
    step: str
    step_name: str
    since: str
    due_on: str | None
    days_used: int
    overdue: bool
    moved_by: Sequence[DueMoveView]


@dataclass(frozen=True, slots=True)
class PriorityView:
    """That a case goes before others; why only for those who may read it."""

    since: str
    ground: PersonalView
    ground_name: str | None
    evidence: PersonalView | None


@dataclass(frozen=True, slots=True)
class ArtifactTermView:
    """Until when the centre sends the new artifact, from its answer on."""

    since: str
    due_on: str
    overdue: bool
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """What the archive had."""

    on: str
    result: str
    result_name: str
    archive: str
    evidence: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class LetterView:
    """A confirmation letter."""

    on: str
    number: str
    signatory: str | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """The central body's answer."""

    on: str
    result: str
    result_name: str
    number: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ObstacleView:
    """Why the form cannot be made anew today, by which source, and until when."""

    code: str
    outcome: str
    outcome_name: str
    source: str
    certainty: str
    trigger: str
    trigger_text: str


@dataclass(frozen=True, slots=True)
class PermissionView:
    """Whether the artifacts may be replaced now; if not, the rule that says so."""

    allowed: bool
    code: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class ClosingView:
    """How the case ended."""

    on: str
    outcome: str
    outcome_name: str
    reason: str
    legal_source: str | None
    watch: str | None
    watch_text: str | None
    transferred_to: str | None


@dataclass(frozen=True, slots=True)
class AsPrintedView:
    """What the award says of itself, exactly as on the old certificate."""

    recipient: str
    born: str | None
    native_place: str | None
    unit: str | None
    form_name: str
    number: str | None
    issuer: str | None
    awarded_on: str | None


@dataclass(frozen=True, slots=True)
class TemplateView:
    """Which design a new certificate follows: that of the award's time, and whose signature."""

    design_on: str | None
    authority: str | None


@dataclass(frozen=True, slots=True)
class CoverLetterView:
    """What a letter about the case says: names of today, beside the old ones."""

    to: str
    native_place_today: str | None
    submitted_by_today: str | None
    remarks: Sequence[RemarkView]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A service case."""

    id: str
    version: int
    receipt: str
    kind: str
    kind_name: str
    award_id: str | None
    recipient: str
    form: str
    form_name: str
    components: Sequence[WordView]
    reason: str
    reason_name: str
    reason_text: str | None
    applicant: ApplicantView
    received_on: str
    due_on_receipt: str | None
    desk: str
    route: RouteView
    rule: RuleView
    checklist: Sequence[PaperView]
    missing: Sequence[WordView]
    stage: str
    stage_name: str
    legal_basis: str | None
    clock: ClockView
    priority: PriorityView | None
    artifact_term: ArtifactTermView | None
    age_days: int
    archive: ArchiveView | None
    confirmation: LetterView | None
    result: ResultView | None
    batch_id: str | None
    obstacle: ObstacleView | None
    decision_wrong: bool
    confirming_decision: str | None
    permission: PermissionView
    next_steps: Sequence[WordView]
    closing: ClosingView | None
    as_printed: AsPrintedView
    template: TemplateView
    cover_letter: CoverLetterView
    recorded_at: datetime
    recorded_by: str
    office: str
    changed_at: datetime
