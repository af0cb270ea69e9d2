"""The forms of commendation that can be recorded, for those who fill in forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.commands import typed_to_date
from api.service import Reads
from registry.dates import overlaps
from registry.messages import form_name, term

if TYPE_CHECKING:
    from registry.award_form import AwardForm
    from registry.settings import Language

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])


@router.get("")
def catalogue(asking: Reads, on: str | None = None) -> Response:
    """Forms, their classes and artifacts; with `on`, those that existed on a date."""
    date = typed_to_date("on", on)
    forms = [
        _form(form, asking.language)
        for form in asking.service.registry.catalogue.forms
        if overlaps(form.valid_from, form.valid_to, date)
    ]
    return json_answer({"on": date, "forms": forms})


def _form(form: AwardForm, language: Language) -> dict[str, Any]:
    return {
        "code": form.code,
        "name": form_name(form.code, language),
        "name_vi": form.name_vi,
        "name_en": form.name_en,
        "kind": form.kind,
        "kind_name": term("form-kind", form.kind, language),
        "classes": [
            {"code": one, "name": term("class", one, language)} for one in form.class_codes
        ],
        "components": [
            {"code": one, "name": term("component", one, language)} for one in form.components
        ],
        "components_confidence": form.components_confidence,
        "recipients": form.recipients,
        "posthumous_allowed": form.posthumous_allowed,
        "valid_from": form.valid_from,
        "valid_to": form.valid_to,
        "status": form.status,
        "confidence": form.confidence,
    }
