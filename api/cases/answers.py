"""What a client gets about a service case: after a command, on asking, by a receipt's number."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import PoolTimeout

from api.answers import json_answer
from api.cases.next_steps import Items, items_of
from api.cases.records import fold_case
from api.cases.story import CaseContext, case_to_view
from api.conditional import format_etag
from api.moment import NOW, Moment
from api.outcome import place_of
from api.records import decision_of, open_personal, read_award
from api.views import remark_to_view
from api.working_days.calendar import calendar_facts
from projections.as_of import award_as_of, known
from projections.cases import open_cases_of_award
from registry.award import recorded as award_record
from registry.cases.events import ServiceCaseAwardIdentified, ServiceCaseOpened
from registry.messages import VIETNAM_TIME, describe, term
from registry.remark import Remark

if TYPE_CHECKING:
    from datetime import date

    from starlette.responses import Response

    from api.cases.records import CaseRecord
    from api.cases.views import CaseView
    from api.personal_views import Opened
    from api.recording import Done
    from api.service import Asking, Writing
    from projections.cases import CaseRow
    from registry.register import Recorded, Registry
    from registry.settings import Language


def today_of(registry: Registry) -> date:
    """Today in Viet Nam."""
    return registry.clock().astimezone(VIETNAM_TIME).date()


def case_view_for(asking: Asking, record: CaseRecord, moment: Moment = NOW) -> CaseView:
    """A case as this reader may see it."""
    registry = asking.service.registry
    readable = asking.may("read-sealed", *record.units)
    opened = open_personal(registry, record.facts) if readable else None
    return case_view(registry, record, asking.language, moment, opened)


def case_view(
    registry: Registry,
    record: CaseRecord,
    language: Language,
    moment: Moment = NOW,
    opened: Opened | None = None,
) -> CaseView:
    """A case at a moment; `opened` is None for who may not read sealed values."""
    today = moment.as_of or today_of(registry)
    award_id, file = record.state.file.award_id, record.state.file
    decisions = known(calendar_facts(registry), moment.known_at)
    if award_id is None:
        context = CaseContext(None, None, today, language, opened, decisions=decisions)
        return case_to_view(record, context)
    # The award as it was known then; what happened to its artifacts, also as of the day.
    award = read_award(registry, award_id, Moment(known_at=moment.known_at))
    decision = decision_of(registry, award)
    then = award_as_of(award.facts, moment.as_of, moment.known_at)
    context = CaseContext(
        award.state.content,
        None if decision is None else decision.state.content,
        today,
        language,
        opened,
        items_of(file, then, record.id) if isinstance(then, award_record.Recorded) else Items(),
        decisions,
    )
    return case_to_view(record, context)


def case_link(asking: Asking, record: CaseRecord) -> str:
    """What a case shows beside its own facts: its award's version, the day, the calendar."""
    registry, award_id = asking.service.registry, record.state.file.award_id
    version = 0 if award_id is None else registry.load("award", award_id).version
    days = len(calendar_facts(registry))
    return f"{version}-{today_of(registry).isoformat()}" + (f"-{days}" if days else "")


def case_answer(writing: Writing, done: Done, recorded: Recorded, status: int = 200) -> Response:
    """The case after a command, as that command left it."""
    record = fold_case(done.facts)
    # First of all, so that the registers also know every case that was received before this one.
    place = place_of(writing, recorded)
    remarks = done.remarks + _also_open(writing, record)
    body = {
        **asdict(case_view_for(writing, record)),
        "remarks": [remark_to_view(one, writing.language) for one in remarks],
        **place,
    }
    headers = {"ETag": format_etag(record.version)}
    if status == 201:  # noqa: PLR2004 - created
        headers["Location"] = f"/api/cases/{record.id}"
    return json_answer(body, status, headers)


def _also_open(writing: Writing, record: CaseRecord) -> tuple[Remark, ...]:
    """That others are open about the same artifacts, said when it comes out: it is allowed."""
    award_id = record.state.file.award_id
    names_award = isinstance(record.facts[-1].event, ServiceCaseOpened | ServiceCaseAwardIdentified)
    if award_id is None or not names_award:
        return ()
    components = set(record.state.file.opened.components)
    try:
        with writing.service.reading() as rows:
            others = open_cases_of_award(rows, award_id)
    except (psycopg.Error, PoolTimeout):
        # What was recorded stands, whether the registers can be asked or not.
        return ()
    return tuple(
        Remark("case-open-already", (("receipt", one.receipt),))
        for one in others
        if one.id != record.id
        and (components.intersection(one.component_codes) or not (components or one.components))
    )


def case_status(view: CaseView, language: Language) -> dict[str, Any]:
    """What a citizen is told who knows the receipt's number: plain reasons, no names.

    Receipts are numbered one after the other, so nothing is told here that a clerk typed freely.
    """
    return {
        "receipt": view.receipt,
        "kind": view.kind,
        "kind_name": view.kind_name,
        "form_name": view.form_name,
        "received_on": view.received_on,
        "desk": view.desk,
        "route": view.route.body,
        "stage": view.stage,
        "stage_name": view.stage_name,
        "clock": view.clock.state,
        "clock_name": view.clock.state_name,
        "due_on": view.clock.due_on,
        "overdue": view.clock.overdue,
        "missing": [
            {"code": one.code, "name": one.name, "form": _form_of(view, one.code)}
            for one in view.missing
        ],
        "reasons": _reasons(view, language),
        "outcome": view.closing.outcome if view.closing else None,
        "outcome_name": view.closing.outcome_name if view.closing else None,
    }


def _form_of(view: CaseView, paper: str) -> str | None:
    return next((one.form for one in view.checklist if one.code == paper), None)


def _reasons(view: CaseView, language: Language) -> list[str]:
    """Why the case stands where it stands, in sentences of the rules."""
    if view.closing is not None:
        source = view.closing.legal_source if view.obstacle is not None else None
        return [one for one in (view.closing.outcome_name, source) if one]
    reasons = []
    if view.obstacle is not None:
        reasons.append(describe(view.obstacle.outcome, {"reason": view.obstacle.source}, language))
    if view.permission.detail is not None:
        reasons.append(view.permission.detail)
    return reasons


def case_row_to_view(row: CaseRow, on: date, language: Language) -> dict[str, Any]:
    """A case in a list, on a day."""
    return {
        "id": row.id,
        "version": row.version,
        "receipt": row.receipt,
        "kind": row.kind,
        "kind_name": term("case-kind", row.kind, language),
        "award_id": row.award_id,
        "recipient": row.recipient,
        "form": row.form,
        "components": list(row.component_codes),
        "reason": row.reason,
        "applicant": row.applicant,
        "relation": row.relation,
        "received_on": row.received_on,
        "age_days": max(0, (on - row.received_on).days),
        "desk": row.desk,
        "route": row.route,
        "rule": row.rule,
        "level": row.level,
        "obstacle": row.obstacle,
        "stage": row.stage,
        "stage_name": term("case-stage", row.stage, language),
        "clock": row.clock,
        "clock_name": term("case-clock", row.clock, language),
        "step": row.step,
        "since": row.since,
        "due_on": row.due_on,
        "overdue": row.due_on is not None and row.due_on < on,
        "missing": row.missing.split(", ") if row.missing else [],
        "batch_id": row.batch_id,
        "outcome": row.outcome,
        "watch": row.watch,
        "closed_on": row.closed_on,
        "priority": row.priority,
        "artifact_due_on": row.artifact_due_on,
        "recorded_at": row.recorded_at,
        "changed_at": row.changed_at,
    }
