"""Intake of a service case: what the applicant brings is checked, and where it goes worked out.

Nobody is turned away here for what the law does not allow: the request is received, the
receipt given, and the case says what stands in the way, so that it ends with an outcome and not
with a shrug.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from registry import decision as decisions
from registry.award.issuing import expected_components
from registry.award.recorded import (
    AwardRecorded,
    Entered,
    Recorded,
    Standing,
    require_standing,
)
from registry.cases import priority as case_priority
from registry.cases.events import (
    CASE_KINDS,
    REASONS,
    Applicant,
    CaseKind,
    CaseReason,
    Routing,
    ServiceCaseOpened,
    ServiceCasePriorityGiven,
    StatedAward,
)
from registry.catalogue import Catalogue
from registry.dates import is_before
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.law.procedures import (
    ApplicantKind,
    ProcedureRule,
    TimeLimit,
    deciding_level,
    rule_for,
)
from registry.law.successions import successor_of
from registry.law.unavailable import Obstacle, obstacle_for
from registry.law.working_days import NONE_DECIDED, DaysDecided
from registry.numbers import with_check
from registry.remark import Remark
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_date,
    check_text,
    require_text,
)
from registry.working_calendar import CALENDAR_ID, Calendar


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Receive a request. Either `award_id` names the award, or `stated` what is said of it.

    `decision_id` is the award's decision where it names one; `confirming_decision` names a
    decision of the State President that confirms an award of the Liberation Front. Papers are
    codes of the checklist. With `priority` the case goes before others from its beginning.
    """

    receipt: str
    kind: CaseKind
    reason: CaseReason
    applicant: Applicant
    received_on: str
    desk: str
    award_id: UUID | None = None
    decision_id: UUID | None = None
    stated: StatedAward | None = None
    components: tuple[str, ...] = ()
    reason_text: str | None = None
    papers: tuple[str, ...] = ()
    decision_wrong: bool = False
    confirming_decision: str | None = None
    priority: ServiceCasePriorityGiven | None = None


def format_case_receipt(year: int, number: int) -> str:
    """The number of an intake receipt (giấy hẹn): never given twice."""
    return with_check(f"GH{year}-{number:07d}")


def check_day(field: str, typed: str) -> date:
    """A whole day. Raises `Rejected` for anything less certain."""
    on = check_date(field, typed)
    if on is None or on.text != on.earliest.isoformat():
        raise Rejected("day-needed", field=field, typed=typed[:40])
    return on.earliest


def open_case(command: OpenCase, world: World) -> Outcome:
    """Judge an intake. Raises `Rejected`."""
    received_on = _check_intake(command)
    rule = rule_for(command.kind, received_on)
    kind = command.applicant.kind
    check_papers(rule, kind, command.papers)
    routing, remarks = _route(command, received_on, world)
    remarks += _applicant_doubts(rule, command.applicant)
    missing = tuple(
        item.code
        for item in rule.checklist(kind)
        if item.required and item.code not in command.papers
    )
    limit = rule.limit_of("province")
    event = ServiceCaseOpened(
        receipt=command.receipt,
        kind=command.kind,
        award_id=command.award_id,
        stated=command.stated,
        components=command.components,
        reason=command.reason,
        reason_text=command.reason_text,
        applicant=command.applicant,
        received_on=command.received_on,
        desk=command.desk,
        rule=rule.id,
        routing=routing,
        papers=command.papers,
        missing=missing,
        decision_wrong=command.decision_wrong,
        confirming_decision=visible_text(command.confirming_decision),
        due_on=None if limit is None else _due_on(limit, received_on, world),
    )
    remarks += _before_award(command, world)
    if command.priority is None:
        return Outcome((event,), remarks + _age_remark(command, received_on, world))
    case_priority.check_ground(
        command.applicant, command.priority.ground, command.priority.evidence
    )
    return Outcome((event, replace(command.priority, on=command.received_on)), remarks)


def _age_remark(command: OpenCase, received_on: date, world: World) -> tuple[Remark, ...]:
    if command.award_id is None:
        return ()
    content = require_award(command.award_id, world).content
    return case_priority.age_remark(command.applicant, content, received_on.year)


def _due_on(limit: TimeLimit, received_on: date, world: World) -> str:
    """The day that the receipt names: by the calendar as the register has it today."""
    return limit.due_on(received_on, decided=days_decided(world)).isoformat()


def days_decided(world: World) -> DaysDecided:
    """The working days that were decided in the register, for a command that names them."""
    calendar = world.records.get(CALENDAR_ID)
    return calendar.days if isinstance(calendar, Calendar) else NONE_DECIDED


def _before_award(command: OpenCase, world: World) -> tuple[Remark, ...]:
    """A doubt about a request that came before the award was conferred."""
    stated = command.stated
    awarded_on = None if stated is None else stated.awarded_on
    if command.award_id is not None:
        awarded_on = require_award(command.award_id, world).content.awarded_on
    if not is_before(command.received_on, awarded_on):
        return ()
    params = {
        "act": "service-case-opened.v1",
        "on": command.received_on,
        "earlier": "award-recorded.v1",
        "earlier_on": awarded_on or "",
    }
    return (Remark(decisions.DAY_OUT_OF_ORDER, tuple(params.items())),)


def _check_intake(command: OpenCase) -> date:
    check_choice("kind", command.kind, CASE_KINDS)
    check_choice("reason", command.reason, REASONS[command.kind])
    check_text("reason_text", command.reason_text, TEXT_CHARACTERS_MAX)
    check_text("confirming_decision", command.confirming_decision)
    require_text("intake_receipt", command.receipt, NAME_CHARACTERS_MAX)
    require_text("desk", command.desk, NAME_CHARACTERS_MAX)
    if (command.kind == "confirmation") == bool(command.components):
        raise Rejected("components-do-not-fit", field="components", case_kind=command.kind)
    if len(set(command.components)) != len(command.components):
        raise Rejected("component-named-twice", field="components")
    _check_applicant(command.applicant)
    return check_day("received_on", command.received_on)


def _check_applicant(applicant: Applicant) -> None:
    require_text("applicant.name", applicant.name, NAME_CHARACTERS_MAX)
    check_text("applicant.relation", applicant.relation)
    for value in (applicant.phone, applicant.residence, applicant.identity_paper):
        if value is not None and value.subject != str(applicant.person):
            raise Rejected("personal-value-of-another", field=value.kind)


def _applicant_doubts(rule: ProcedureRule, applicant: Applicant) -> tuple[Remark, ...]:
    """Households may apply since Circular 20/2025; of earlier rules nobody read that they may."""
    if applicant.kind != "household" or rule.names("household") or not rule.checklists:
        return ()
    return (Remark("household-not-named", (("reason", rule.source),)),)


def check_papers(
    rule: ProcedureRule | None, applicant: ApplicantKind, papers: tuple[str, ...]
) -> None:
    """Raise `Rejected` for a paper that is not on the checklist."""
    if rule is None:
        return
    known = [item.code for item in rule.checklist(applicant)]
    for paper in papers:
        if paper not in known:
            raise Rejected(
                "paper-unknown", field="papers", typed=paper[:100], papers=", ".join(known)
            )


def check_components(
    components: tuple[str, ...], content: AwardRecorded, catalogue: Catalogue
) -> tuple[Remark, ...]:
    """Doubts about components that the award's form does not have.

    Raises `Rejected` where the catalogue read that; what it only recalls is a doubt.
    """
    form = catalogue.form(content.form)
    expected = expected_components(content, catalogue)
    remarks = []
    for component in components:
        if component in expected:
            continue
        params = {
            "component": component,
            "form": form.name_vi,
            "allowed": ", ".join(expected),
        }
        if form.components_confidence == "read":
            raise Rejected("component-not-of-form", field="components", **params)
        remarks.append(Remark("component-not-of-form", tuple(params.items())))
    return tuple(remarks)


# Where it goes ------------------------------------------------------------------------------


def _route(
    command: OpenCase, received_on: date, world: World
) -> tuple[Routing, tuple[Remark, ...]]:
    if command.award_id is not None:
        content = require_award(command.award_id, world).content
        doubts = check_components(command.components, content, world.catalogue)
        routing, remarks = routing_of(
            content,
            command.kind,
            received_on,
            world,
            judged_on=received_on,
            confirmed=visible_text(command.confirming_decision) is not None,
        )
        return routing, doubts + remarks
    stated = command.stated
    if stated is None:
        raise Rejected("award-not-named", field="award_id")
    _check_stated(stated, world.catalogue)
    return _routing(
        world.catalogue,
        stated.form,
        command.kind,
        received_on,
        judged_on=received_on,
        submitted_by=stated.submitting_body,
        issuer=stated.issuer_typed,
        confirmed=visible_text(command.confirming_decision) is not None,
    )


def routing_of(
    content: AwardRecorded,
    kind: CaseKind,
    on: date,
    world: World,
    *,
    judged_on: date,
    confirmed: bool,
) -> tuple[Routing, tuple[Remark, ...]]:
    """Where a case about an award of the register goes on a day, and what is doubtful about it.

    What stands in its way is judged by the law of the day of receipt, `judged_on`.
    """
    decision = world.records.get(content.decision_id) if content.decision_id else None
    issuer = decision.content.issuer if isinstance(decision, decisions.Standing) else None
    return _routing(
        world.catalogue,
        content.form,
        kind,
        on,
        judged_on=judged_on,
        submitted_by=content.submitting_body,
        issuer=content.issuer_typed or issuer,
        confirmed=confirmed,
    )


def _routing(
    catalogue: Catalogue,
    form: str,
    kind: CaseKind,
    on: date,
    *,
    judged_on: date,
    submitted_by: str | None,
    issuer: str | None,
    confirmed: bool,
) -> tuple[Routing, tuple[Remark, ...]]:
    obstacle = obstacle_for(form, kind, judged_on, issuer=issuer, confirmed=confirmed)
    remarks: tuple[Remark, ...] = () if obstacle is None else (obstacle_remark(obstacle),)
    if submitted_by is None:
        # Nobody knows who put the award forward: the register's own province is asked first.
        route = successor_of("UBND tỉnh Lào Cai", on)
        remarks += (Remark("submitting-body-unknown", (("body", route.name),)),)
    else:
        route = successor_of(submitted_by, on)
        remarks += route.remarks
    code = None if obstacle is None else obstacle.code
    level = deciding_level(catalogue.form(form))
    return Routing(form, level, submitted_by, route.name, code), remarks


def visible_text(text: str | None) -> str | None:
    """The text; None if there is nothing to see in it."""
    return text if text and text.strip() else None


def obstacle_remark(obstacle: Obstacle) -> Remark:
    """That a form cannot be made anew, by which source."""
    return Remark(obstacle.outcome, (("reason", obstacle.source),))


def _check_stated(stated: StatedAward, catalogue: Catalogue) -> None:
    require_text("stated.recipient", stated.recipient, NAME_CHARACTERS_MAX)
    if catalogue.find(stated.form) is None:
        raise Rejected("form-unknown", field="stated.form", typed=stated.form[:100])
    check_date("stated.awarded_on", stated.awarded_on)
    for name in ("award_class", "number_typed", "issuer_typed", "native_place", "submitting_body"):
        check_text(f"stated.{name}", getattr(stated, name))


# The award ----------------------------------------------------------------------------------


def require_award(award_id: UUID, world: World) -> Standing:
    """The award, which must stand. Raises `Rejected`."""
    award = world.records.get(award_id)
    if not isinstance(award, Entered):
        raise Rejected("award-unknown", field="award_id")
    return require_standing(award)


def known_award(award_id: UUID | None, world: World) -> Recorded | None:
    """The award as the register has it, whether it stands or not; None where there is none."""
    award = None if award_id is None else world.records.get(award_id)
    return award if isinstance(award, Recorded) else None
