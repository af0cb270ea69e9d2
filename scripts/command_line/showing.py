"""`sovang show`: one record with its history, as it is or as it was.

The record is read from its own facts, so it is never behind. Sealed values stay sealed here: a
shell keeps what it prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from api.history import HistoryEntry
from api.history_names import read_history
from api.moment import Moment, parse_moment
from api.records import award_of_serial, decision_of, read_award, read_decision
from api.views import AwardView, DecisionView, award_to_view, decision_to_view
from registry.decision import DecisionRegistered
from registry.errors import NotFound
from registry.kinds import KIND_OF_EVENT
from registry.messages import form_with_class, format_date, format_time, term
from scripts.command_line.naming import decision_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.cases.views import CaseView
    from registry.register import Registry
    from registry.settings import Language
    from scripts.command_line.session import Session


@dataclass(frozen=True, slots=True)
class Shown:
    """A record with its history; of an award also its decision, if that is registered."""

    kind: str
    view: AwardView | DecisionView | CaseView
    history: Sequence[HistoryEntry]
    decision: DecisionView | None = None


def run(session: Session, record: str, as_of: str | None, known_at: str | None) -> None:
    """Show an award, a decision, a case, or what a serial, receipt or number belongs to.

    Raises `NotFound`, and `BadRequest` for a day or a time that is none.
    """
    asked = {"as_of": as_of, "known_at": known_at}
    moment = parse_moment({name: text for name, text in asked.items() if text is not None})
    with session.database() as database:
        registry = database.registry()
        stream_id = _stream_of(registry, record)
        if stream_id is None:
            stream_id = decision_named(session, database, record, "ID")
        shown = read_record(registry, stream_id, moment, session.language)
    if session.as_json:
        import msgspec  # noqa: PLC0415 - only for programs

        body = msgspec.to_builtins(shown.view)
        history = msgspec.to_builtins(shown.history)
        session.answer({"record": shown.kind, **body, "history": history})
    else:
        _print(session, shown)


def read_record(registry: Registry, stream_id: UUID, moment: Moment, language: Language) -> Shown:
    """A record by its id. Raises `NotFound`."""
    facts = registry.facts_of(stream_id)
    if facts and isinstance(facts[0].event, DecisionRegistered):
        decision = read_decision(registry, stream_id, moment)
        view = decision_to_view(decision, language)
        return Shown("decision", view, read_history(registry, decision.facts, language))
    if facts and KIND_OF_EVENT[type(facts[0].event)] == "service-case":
        return _read_case(registry, stream_id, moment, language)
    award = read_award(registry, stream_id, moment)
    made_by = decision_of(registry, award)
    decision_id = made_by.id if made_by else award.state.content.decision_id
    return Shown(
        "award",
        award_to_view(award, decision_id, language, None),
        read_history(registry, award.facts, language),
        decision_to_view(made_by, language) if made_by else None,
    )


def _read_case(registry: Registry, stream_id: UUID, moment: Moment, language: Language) -> Shown:
    from api.cases.answers import case_view  # noqa: PLC0415 - most records are no cases
    from api.cases.records import read_case  # noqa: PLC0415

    case = read_case(registry, stream_id, moment)
    shown = case_view(registry, case, language, moment)
    return Shown("case", shown, read_history(registry, case.facts, language))


def _stream_of(registry: Registry, record: str) -> UUID | None:
    """What an id, a receipt or a serial names; None where it may be a decision's number."""
    try:
        return UUID(record)
    except ValueError:
        pass
    from api.cases.records import case_of_receipt  # noqa: PLC0415 - not for an id

    try:
        return case_of_receipt(registry, record)
    except NotFound:
        pass
    try:
        return award_of_serial(registry, record)
    except NotFound:
        return None


def _print(session: Session, shown: Shown) -> None:
    view = shown.view
    session.heading(session.text(f"show.{shown.kind}", id=view.id))
    if isinstance(view, AwardView):
        lines = _award(view, shown.decision, session)
    elif isinstance(view, DecisionView):
        lines = _decision(view, session)
    else:
        from scripts.command_line.case_lines import case_lines  # noqa: PLC0415 - as `_read_case`

        lines = case_lines(view, session.language)
    for field, value in lines:
        if value:
            print(f"  {term('field', field, session.language)}: {value}")
    if isinstance(view, AwardView) and view.artifacts:
        session.heading(session.text("show.artifacts"))
        for artifact in view.artifacts:
            parts = (artifact.component_name, artifact.serial, artifact.stage_name)
            print("  " + " · ".join(part for part in parts if part))
    session.heading(session.text("show.history"))
    for entry in shown.history:
        for line in _entry(entry, session.language):
            print(f"  {line}")


def _award(
    view: AwardView, decision: DecisionView | None, session: Session
) -> Iterator[tuple[str, str | None]]:
    language, recipient = session.language, view.recipient
    yield "name", " ".join(part for part in (recipient.honorific, recipient.name) if part)
    for person in recipient.persons:
        born = format_date(person.born, language) if person.born else None
        yield "born", born and born.removeprefix("năm ")
        yield "native_place", person.native_place
        for value in person.personal:
            kind = value.replace("_", "-")
            yield kind, session.text("show.sealed")
    yield "position", recipient.position
    yield "unit", recipient.unit
    yield "form", form_with_class(view.form, view.award_class, language)
    yield "conferral", term("conferral", view.conferral, language)
    yield from _standing(view, language)
    for doubt in view.doubts:
        yield "doubt", doubt.detail
    yield from _made_by(view, decision, session)
    yield "awarded_on", view.awarded_on_text
    yield "golden_number", view.golden_book.number if view.golden_book else None
    yield "merit", view.merit
    yield "note", view.note


def _made_by(
    view: AwardView, decision: DecisionView | None, session: Session
) -> Iterator[tuple[str, str | None]]:
    """The decision as its own record has it, or else as this award's source cites it."""
    if decision is not None:
        yield "number", decision.number
        yield "issuer", decision.issuer
        yield "decided_on", decision.decided_on_text
        return
    number = view.number_typed
    yield "number", session.text("show.cited", number=number) if number else None
    yield "issuer", view.issuer_typed


def _decision(view: DecisionView, session: Session) -> Iterator[tuple[str, str | None]]:
    yield "number", view.number
    yield "issuer", view.issuer
    yield "decided_on", view.decided_on_text
    yield "kind", term("decision-kind", view.kind, session.language)
    yield from _standing(view, session.language)
    yield "signatory", view.signatory
    yield "signatory_title", view.signatory_title
    yield "summary", view.summary
    yield "legal_basis", view.legal_basis


def _standing(
    view: AwardView | DecisionView, language: Language
) -> Iterator[tuple[str, str | None]]:
    """Whether a record stands, and since when and why it does not."""
    if view.withdrawn is not None:
        yield "standing", f"{view.standing_name}: {view.withdrawn.reason}"
    if view.taken_away is None:
        return
    by = view.taken_away
    words = (view.standing_name, by.on_text, by.reason_name)
    yield "standing", ", ".join(word for word in words if word)
    yield "recall_due_on", format_date(by.recall_due_on, language) if by.recall_due_on else None


def _entry(entry: HistoryEntry, language: Language) -> Iterator[str]:
    when = format_time(entry.recorded_at, language)
    yield f"{entry.version}. {when} · {entry.actor} ({entry.office}) · {entry.title}"
    for detail in entry.details:
        yield f"     {detail.field_name}: {detail.value}"
    for change in entry.changes:
        yield f"     {change.field_name}: {change.before or '—'} → {change.after or '—'}"
    for word in (entry.reason, entry.basis):
        if word:
            yield f"     {word}"
