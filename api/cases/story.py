"""From a service case to what clients see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from api.cases.next_steps import Items, missing_papers, next_steps
from api.cases.papers import as_printed, cover_letter, template
from api.cases.views import (
    ApplicantView,
    ArchiveView,
    ArtifactTermView,
    CaseView,
    ClockView,
    ClosingView,
    DueMoveView,
    LetterView,
    ObstacleView,
    PaperView,
    PermissionView,
    PriorityView,
    ResultView,
    RouteView,
    RuleView,
    WordView,
)
from api.personal_views import PersonalView, personal_to_view
from api.procedure_views import paper_views, rule_to_view
from api.working_days.calendar import days_of, moves_of
from registry.cases.clock import Clock
from registry.cases.events import ServiceCaseClosed
from registry.cases.priority import ground_of
from registry.cases.states import (
    OLD_ITEM,
    Approved,
    CaseFile,
    Closed,
    Open,
    Sent,
    Suspended,
    stage_name,
    working,
)
from registry.law.procedures import find_rule
from registry.law.unavailable import obstacle_by_code, obstacles
from registry.messages import describe, form_name, term
from registry.replacement import Withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from api.cases.records import CaseRecord
    from api.personal_views import Opened
    from registry.award.recorded import AwardRecorded
    from registry.decision import DecisionRegistered
    from registry.fact import Fact
    from registry.law.working_days import DaysDecided
    from registry.personal import Personal
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What a case is shown with: its award and decision as far as known, the day, the reader."""

    award: AwardRecorded | None
    decision: DecisionRegistered | None
    today: date
    language: Language
    opened: Opened | None
    items: Items = Items()  # noqa: RUF009 - frozen
    decisions: Sequence[Fact[Any]] = ()

    @property
    def days(self) -> DaysDecided:
        """The working days that were decided up to then."""
        return days_of(self.decisions)

    def word(self, vocabulary: str, code: str) -> WordView:
        """A code with its word."""
        return WordView(code, term(vocabulary, code, self.language))

    def words(self, vocabulary: str, codes: Iterable[str]) -> tuple[WordView, ...]:
        """Codes with their words."""
        return tuple(self.word(vocabulary, code) for code in codes)


def case_to_view(record: CaseRecord, context: CaseContext) -> CaseView:
    """A case as this reader may see it."""
    state, language = record.state, context.language
    file, opened = state.file, state.file.opened
    printed = as_printed(file, context)
    received_on = date.fromisoformat(opened.received_on)
    stage = working(state.stage)
    return CaseView(
        id=str(record.id),
        version=record.version,
        receipt=opened.receipt,
        kind=opened.kind,
        kind_name=term("case-kind", opened.kind, language),
        award_id=str(file.award_id) if file.award_id else None,
        recipient=printed.recipient,
        form=file.routing.form,
        form_name=form_name(file.routing.form, language),
        components=context.words("component", opened.components),
        reason=opened.reason,
        reason_name=term("case-reason", opened.reason, language),
        reason_text=opened.reason_text,
        applicant=_applicant(file, context.opened),
        received_on=opened.received_on,
        due_on_receipt=opened.due_on,
        desk=file.desk,
        route=_route(file, language),
        rule=_rule(file, language),
        checklist=_checklist(file, context),
        missing=context.words("paper", missing_papers(file, context.items)),
        stage=stage_name(state),
        stage_name=term("case-stage", stage_name(state), language),
        legal_basis=state.stage.legal_basis if isinstance(state.stage, Suspended) else None,
        clock=_clock(state.clock, record.facts[0].recorded_at, context),
        priority=_priority(file, context),
        artifact_term=_artifact_term(state, context),
        age_days=max(0, (context.today - received_on).days),
        archive=_archive(file, language),
        confirmation=_confirmation(file),
        result=_result(file, language),
        batch_id=str(stage.batch_id) if isinstance(stage, Sent) else None,
        obstacle=_obstacle(file, language),
        decision_wrong=file.decision_wrong,
        confirming_decision=file.confirming_decision,
        permission=_permission(state, language),
        next_steps=context.words("next-step", next_steps(state, context.items)),
        closing=_closing(state.closing, language) if isinstance(state, Closed) else None,
        as_printed=printed,
        template=template(file, context),
        cover_letter=cover_letter(file, printed, context),
        recorded_at=record.facts[0].recorded_at,
        recorded_by=record.facts[0].authorship.actor,
        office=record.facts[0].authorship.office,
        changed_at=record.facts[-1].recorded_at,
    )


def _applicant(file: CaseFile, opened: Opened | None) -> ApplicantView:
    one = file.opened.applicant

    def shown(value: Personal | None) -> PersonalView | None:
        return None if value is None else personal_to_view(value.subject, value.kind, opened)

    return ApplicantView(
        one.kind,
        one.name,
        one.relation,
        shown(one.phone),
        shown(one.residence),
        shown(one.identity_paper),
    )


def _route(file: CaseFile, language: Language) -> RouteView:
    routing = file.routing
    level_name = term("level", routing.level, language)
    return RouteView(routing.submitted_by, routing.route, routing.level, level_name)


def _rule(file: CaseFile, language: Language) -> RuleView:
    rule = find_rule(file.opened.rule)
    if rule is None:
        return RuleView(file.opened.rule, None, None, None, ())
    return rule_to_view(rule, language)


def _checklist(file: CaseFile, context: CaseContext) -> Sequence[PaperView]:
    rule = find_rule(file.opened.rule)
    if rule is None:
        return ()
    there = (*file.papers, OLD_ITEM) if context.items.handed_in else file.papers
    return paper_views(rule, file.opened.applicant.kind, there, context.language)


def _clock(clock: Clock, received_at: datetime, context: CaseContext) -> ClockView:
    due_on = clock.due_on(context.days)
    return ClockView(
        state=clock.state,
        state_name=term("case-clock", clock.state, context.language),
        step=clock.step,
        step_name=term("case-step", clock.step, context.language),
        since=clock.since.isoformat(),
        due_on=due_on.isoformat() if due_on else None,
        days_used=clock.days_used(context.today, context.days),
        overdue=due_on is not None and due_on < context.today,
        moved_by=[
            DueMoveView(one.before.isoformat(), one.after.isoformat(), one.source, one.recorded_at)
            for one in moves_of(clock, received_at, context.decisions)
        ],
    )


def _priority(file: CaseFile, context: CaseContext) -> PriorityView | None:
    given = file.priority
    if given is None:
        return None
    ground = personal_to_view(given.ground.subject, given.ground.kind, context.opened)
    ground = replace(ground, value=ground_of(ground.value) if ground.value else None)
    evidence = given.evidence
    return PriorityView(
        since=given.on,
        ground=ground,
        ground_name=term("priority-ground", ground.value, context.language)
        if ground.value
        else None,
        evidence=None
        if evidence is None
        else personal_to_view(evidence.subject, evidence.kind, context.opened),
    )


def _artifact_term(state: Open | Closed, context: CaseContext) -> ArtifactTermView | None:
    """The artifact's own term, until the new artifact is there."""
    result, rule = state.file.result, find_rule(state.file.opened.rule)
    limit = None if rule is None else rule.limit_of("artifact")
    approved = isinstance(state, Open) and isinstance(state.stage, Approved)
    if result is None or limit is None or not approved or context.items.replaced:
        return None
    due_on = limit.due_on(date.fromisoformat(result.on), decided=context.days)
    return ArtifactTermView(
        result.on, due_on.isoformat(), due_on < context.today, limit.source, limit.certainty
    )


def _archive(file: CaseFile, language: Language) -> ArchiveView | None:
    one = file.archive
    if one is None:
        return None
    name = term("archive-result", one.result, language)
    return ArchiveView(one.on, one.result, name, one.archive, one.evidence, one.remark)


def _confirmation(file: CaseFile) -> LetterView | None:
    one = file.confirmation
    return None if one is None else LetterView(one.on, one.number, one.signatory)


def _result(file: CaseFile, language: Language) -> ResultView | None:
    one = file.result
    if one is None:
        return None
    name = term("case-result", one.result, language)
    return ResultView(one.on, one.result, name, one.number, one.reason)


def _obstacle(file: CaseFile, language: Language) -> ObstacleView | None:
    one = obstacle_by_code(file.routing.obstacle or "")
    if one is None:
        return None
    return ObstacleView(
        code=one.code,
        outcome=one.outcome,
        outcome_name=term("case-outcome", one.outcome, language),
        source=one.source,
        certainty=one.certainty,
        trigger=one.trigger,
        trigger_text=one.trigger_vi if language == "vi" else one.trigger_en,
    )


def _permission(state: Open | Closed, language: Language) -> PermissionView:
    permission = state.permission
    if isinstance(permission, Withheld):
        detail = describe(permission.code, permission.params, language)
        return PermissionView(allowed=False, code=permission.code, detail=detail)
    return PermissionView(allowed=True, code=None, detail=None)


def _closing(one: ServiceCaseClosed, language: Language) -> ClosingView:
    return ClosingView(
        on=one.on,
        outcome=one.outcome,
        outcome_name=term("case-outcome", one.outcome, language),
        reason=one.reason,
        legal_source=one.legal_source,
        watch=one.watch,
        watch_text=_trigger_text(one.watch, language),
        transferred_to=one.transferred_to,
    )


def _trigger_text(watch: str | None, language: Language) -> str | None:
    """A trigger of the data in words; what a clerk typed as it is."""
    for one in obstacles():
        if one.trigger == watch:
            return one.trigger_vi if language == "vi" else one.trigger_en
    return watch
