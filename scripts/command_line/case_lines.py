"""What `sovang show` prints of a service case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.messages import format_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from api.cases.views import CaseView, WordView
    from registry.settings import Language


def case_lines(view: CaseView, language: Language) -> Iterator[tuple[str, str | None]]:
    """Fields and values of a case, in the order in which people read them."""
    yield "intake_receipt", view.receipt
    yield "case_kind", view.kind_name
    yield "name", view.recipient
    yield "form", view.form_name
    yield "components", _names(view.components)
    yield "reason", f"{view.reason_name} {view.reason_text or ''}".strip()
    yield "applicant", view.applicant.name
    yield "relation", view.applicant.relation
    yield "received_on", format_date(view.received_on, language)
    yield "desk", view.desk
    yield "route", view.route.body
    yield "rule", " · ".join(one for one in (view.rule.id, view.rule.source, view.rule.note) if one)
    yield "case_stage", view.stage_name
    yield "legal_basis", view.legal_basis
    yield "missing", _names(view.missing)
    yield "case_clock", f"{view.clock.step_name}: {view.clock.state_name}"
    yield "answer_due_on", format_date(view.clock.due_on, language) if view.clock.due_on else None
    yield "obstacle", view.obstacle.source if view.obstacle else None
    yield "permission", view.permission.detail
    yield "next_steps", _names(view.next_steps)
    if view.closing is not None:
        yield "outcome", f"{view.closing.outcome_name}: {view.closing.reason}"
        yield "legal_source", view.closing.legal_source
        yield "watch", view.closing.watch_text


def _names(words: Iterable[WordView]) -> str | None:
    return "; ".join(word.name for word in words) or None
