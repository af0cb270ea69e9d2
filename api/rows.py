"""Rows of registers as JSON: what a list shows of a record."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from registry.messages import form_name, format_date, term

if TYPE_CHECKING:
    from projections.artifacts import ArtifactRow
    from projections.awards import AwardRow
    from projections.decisions import DecisionRow
    from registry.settings import Language


def decision_row_to_view(row: DecisionRow, language: Language) -> dict[str, Any]:
    """A decision in a list."""
    return {
        "id": row.id,
        "version": row.version,
        "number": row.number,
        "issuer": row.issuer,
        "decided_on": row.decided_on,
        "decided_on_text": _in_words(row.decided_on, language),
        "kind": row.kind,
        "standing": row.standing,
        "signatory": row.signatory,
        "signatory_title": row.signatory_title,
        "summary": row.summary,
        "award_count": row.award_count,
        "recorded_at": row.recorded_at,
        "changed_at": row.changed_at,
    }


def award_row_to_view(row: AwardRow, language: Language) -> dict[str, Any]:
    """An award in a list: enough to tell people of one name apart, nothing that is sealed."""
    return {
        "id": row.id,
        "version": row.version,
        "decision_id": row.decision_id,
        "number": row.number,
        "issuer": row.issuer,
        "decided_on": row.decided_on,
        "awarded_on": row.awarded_on,
        "awarded_on_text": _in_words(row.awarded_on, language),
        "recipient_kind": row.recipient_kind,
        "name": row.name,
        "honorific": row.honorific,
        "position": row.recipient_position,
        "unit": row.unit,
        "persons": [asdict(person) for person in row.persons],
        "form": row.form,
        "form_name": form_name(row.form, language),
        "award_class": row.award_class,
        "class_name": term("class", row.award_class, language) if row.award_class else None,
        "conferral": row.conferral,
        "standing": row.standing,
        "held_back": row.held_back,
        "golden_number": row.golden_number,
        "golden_book": row.golden_book,
        "certainty": row.certainty,
        "recorded_at": row.recorded_at,
        "changed_at": row.changed_at,
    }


def artifact_row_to_view(row: ArtifactRow, language: Language) -> dict[str, Any]:
    """An artifact in a list."""
    return {
        "serial": row.serial,
        "component": row.component,
        "component_name": term("component", row.component, language),
        "award_id": row.award_id,
        "stage": row.stage,
        "stage_name": term("stage", row.stage, language),
        "issued_on": row.issued_on,
        "printed_on": row.printed_on,
        "delivered_on": row.delivered_on,
        "receiver_name": row.receiver_name,
        "returned_on": row.returned_on,
        "return_reason": row.return_reason,
        "stage_on": row.stage_on,
        "kept_at": row.kept_at,
        "supersedes": row.supersedes,
        "superseded_by": row.superseded_by,
        "succession": row.succession,
        "is_live": row.is_live,
        "recorded_at": row.recorded_at,
        "changed_at": row.changed_at,
    }


def _in_words(date: str | None, language: Language) -> str | None:
    return format_date(date, language) if date is not None else None
