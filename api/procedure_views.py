"""A version of a procedure as clients see it: time limits, papers, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cases.views import LimitView, PaperView, RuleView
from registry.messages import term

if TYPE_CHECKING:
    from collections.abc import Collection

    from registry.law.procedures import ApplicantKind, ProcedureRule
    from registry.settings import Language


def rule_to_view(rule: ProcedureRule, language: Language) -> RuleView:
    """A version of a procedure, with its time limits and where they come from."""
    limits = tuple(
        LimitView(
            step=step.code,
            step_name=term("case-step", step.code, language),
            days=step.limit.days,
            day_kind=step.limit.kind,
            source=step.limit.source,
            certainty=step.limit.certainty,
            certainty_name=term("rule-certainty", step.limit.certainty, language),
        )
        for step in rule.steps
        if step.limit is not None
    )
    note = rule.note_vi if language == "vi" else rule.note_en
    return RuleView(rule.id, rule.source, rule.certainty, note or None, limits)


def paper_views(
    rule: ProcedureRule, applicant: ApplicantKind, present: Collection[str], language: Language
) -> tuple[PaperView, ...]:
    """The checklist of a kind of applicant, and which of its papers are there."""
    return tuple(
        PaperView(
            code=item.code,
            name=term("paper", item.code, language),
            form=item.form,
            required=item.required,
            present=item.code in present,
            source=item.source,
            certainty=item.certainty,
        )
        for item in rule.checklist(applicant)
    )
