"""The version of a procedure for what is received on a day: limits, papers, sources.

For whoever fills in a form, or tells a citizen what to bring, before there is a case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.cases.answers import today_of
from api.commands import typed_to_date
from api.procedure_views import paper_views, rule_to_view
from api.service import Reads
from registry.cases.opening import check_day
from registry.errors import NotFound
from registry.law.procedures import PROCEDURES, rule_for
from registry.messages import term

if TYPE_CHECKING:
    from registry.law.procedures import ProcedureRule
    from registry.settings import Language

router = APIRouter(prefix="/api/procedures", tags=["cases"])


@router.get("/{procedure}")
def procedure(procedure: str, asking: Reads, on: str | None = None) -> Response:
    """The version in force on a day (`on`; today if it is left out)."""
    typed = typed_to_date("on", on)
    day = today_of(asking.service.registry) if typed is None else check_day("on", typed)
    for known in PROCEDURES:
        if known == procedure:
            return json_answer(_shown(rule_for(known, day), asking.language))
    raise NotFound("procedure-unknown", typed=procedure[:40], allowed=", ".join(PROCEDURES))


def _shown(rule: ProcedureRule, language: Language) -> dict[str, Any]:
    view = rule_to_view(rule, language)
    return {
        "procedure": rule.procedure,
        "rule": view,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "decided_by": rule.decided_by,
        "forms": [
            {
                "code": code,
                "name": term("office-form", code, language),
                "number": form.number,
                "source": form.source,
                "certainty": form.certainty,
            }
            for code, form in rule.forms.items()
        ],
        "checklists": {
            applicant: paper_views(rule, applicant, (), language) for applicant in rule.checklists
        },
    }
