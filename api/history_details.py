"""What an event says, in words: the fields that a person wants to read, in the order to read them.

A decision that an event rests on is told by its id here; pages and lists show it as its own
record has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from api.cases.details import case_details, case_reason
from registry import award, decision
from registry.award import artifact
from registry.award.artifact_state import Moving
from registry.cases import events as case_events
from registry.messages import describe_remark, form_with_class, format_date, term
from registry.working_calendar import WorkingDaysDecided

if TYPE_CHECKING:
    from uuid import UUID

    from registry.settings import Language

Said: TypeAlias = "list[tuple[str, str | None]]"


def reason_of(event: object, language: Language) -> str | None:
    """Why, in words: a point of the law, a reason of a closed list, or what somebody wrote."""
    match event:
        case award.AwardCancelled() | decision.DecisionCancelled():
            return term("cancel-reason", event.reason, language)
        case artifact.ArtifactExchanged() | artifact.ArtifactReissued():
            return term("replacement-reason", event.reason, language)
        case artifact.ArtifactReplaced():
            return term("replacement-reason", event.reason, language)
        case case_events.ServiceCaseOpened():
            return case_reason(event, language)
        case _:
            return getattr(event, "reason", None)


def details_of(event: object, language: Language) -> Said:
    """What an event says beside its reason and its changes."""
    if isinstance(event, award.Event):
        if isinstance(event, artifact.Event):
            return _of_artifact(event, language)
        return _of_award(event, language)
    if isinstance(event, case_events.Event):
        return case_details(event, language)
    if isinstance(event, decision.Event):
        return _of_decision(event, language)
    if isinstance(event, WorkingDaysDecided):
        return [
            ("days_off", ", ".join(format_date(day, language) for day in event.off)),
            ("days_worked", ", ".join(format_date(day, language) for day in event.worked)),
            ("source", event.source),
        ]
    return []


def _of_decision(event: decision.Event, language: Language) -> Said:
    match event:
        case decision.DecisionRegistered():
            return [
                ("number", event.number),
                ("issuer", event.issuer),
                ("decided_on", _date(event.decided_on, language)),
            ]
        case decision.DecisionCancelled():
            return [
                ("decision_id", str(event.decision_id)),
                ("cancelled_on", _date(event.cancelled_on, language)),
                ("note", event.note),
            ]
        case decision.DecisionCorrected():
            return []
        case decision.DecisionWithdrawn():
            return [("import_id", _identifier(event.import_id))]
        case _:
            assert_never(event)


def _of_award(  # noqa: C901, PLR0911 - one for each
    event: award.OwnEvent, language: Language
) -> Said:
    match event:
        case award.AwardRecorded():
            return [
                ("name", event.recipient.name),
                ("form", form_with_class(event.form, event.award_class, language)),
                ("awarded_on", _date(event.awarded_on, language)),
                ("source", _source(event, language)),
            ]
        case award.AwardCorrected():
            return [(value.kind, "•••") for value in event.personal]
        case award.AwardCorrectedByDecision():
            hidden: Said = [(value.kind, "•••") for value in event.personal]
            return [("decision_id", str(event.decision_id)), *hidden]
        case award.AwardCancelled():
            return _taken_away(event, "cancelled_on", event.cancelled_on, language)
        case award.TitleStripped():
            return _taken_away(event, "stripped_on", event.stripped_on, language)
        case award.AwardRestored():
            return [
                ("decision_id", str(event.decision_id)),
                ("restored_on", _date(event.restored_on, language)),
                ("note", event.note),
            ]
        case award.AwardWithdrawn():
            return [
                ("with_decision_id", _identifier(event.decision_id)),
                ("import_id", _identifier(event.import_id)),
                ("golden_heir", _identifier(event.golden_heir)),
            ]
        case award.AwardDoubted() | award.AwardDoubtsConfirmed() | award.AwardDoubtsSettled():
            return [("doubt", describe_remark(one, language)) for one in event.doubts]
        case award.AwardDeclined():
            on = _date(event.declined_on, language)
            return [("declined_on", on), ("paper", event.paper), ("note", event.note)]
        case award.DecliningTakenBack():
            on = _date(event.accepted_on, language)
            return [("accepted_on", on), ("paper", event.paper), ("note", event.note)]
        case award.VerdictNoted():
            return [
                ("effective_on", _date(event.effective_on, language)),
                ("court", event.court),
                ("judgment", event.judgment),
                ("sentence", event.sentence),
                ("verdict_ground", _ground(event, language)),
                ("strip_due_on", _date(event.strip_due_on, language)),
            ]
        case _:
            assert_never(event)


def _ground(event: award.VerdictNoted, language: Language) -> str | None:
    if not isinstance(event, award.VerdictNotedOnGround):
        return None
    return term("verdict-ground", event.ground, language)


def _taken_away(
    event: award.AwardCancelled | award.TitleStripped,
    field: str,
    on: str | None,
    language: Language,
) -> Said:
    return [
        ("decision_id", str(event.decision_id)),
        (field, _date(on, language)),
        ("recall_due_on", _date(event.recall_due_on, language)),
        ("note", event.note),
    ]


def _of_artifact(  # noqa: PLR0911 - one for each kind of event
    event: artifact.Event, language: Language
) -> Said:
    if isinstance(event, artifact.Succession):
        return _of_succession(event, language)
    if isinstance(event, artifact.ArtifactSigned):
        return [("serial", event.serial), ("kid", event.kid)]
    if isinstance(event, artifact.FileSigned):
        return [("serial", event.serial), ("kid", event.kid), ("sha256", event.sha256)]
    if isinstance(event, artifact.DeliveryWithdrawn):
        return [("serial", event.serial)]
    if isinstance(event, artifact.DeliveryCorrected):
        hidden = "•••" if event.identity_paper is not None else None
        return [("serial", event.serial), ("identity-paper", hidden)]
    if isinstance(event, artifact.ArtifactHolderChanged):
        return _of_holder(event, language)
    return [("serial", event.serial), *_of_moving(event, language)]


def _of_holder(event: artifact.ArtifactHolderChanged, language: Language) -> Said:
    holder = event.holder
    return [
        ("serial", event.serial),
        ("holder_kind", term("holder-kind", holder.kind, language)),
        ("holder", holder.name),
        ("relation", holder.relation),
        ("held_since", _date(event.since, language)),
        ("held_until", _date(holder.until, language)),
        ("held_by_decision", holder.decision),
        ("kept_at", holder.kept_at),
        ("died_on", _date(event.died_on, language)),
        ("note", event.note),
    ]


def _of_succession(event: artifact.Succession, language: Language) -> Said:
    on = _date(artifact.succeeded_on(event), language)
    said: Said = [
        ("serial", event.serial),
        ("successor", event.successor),
        ("succeeded_on", on),
    ]
    if not isinstance(event, artifact.ArtifactReplaced):
        said.append(("case_id", str(event.case_id)))
    return said


def _of_moving(  # noqa: C901, PLR0911, PLR0912 - one for each kind of event
    event: artifact.ArtifactIssued | Moving, language: Language
) -> Said:
    match event:
        case artifact.ArtifactIssued():
            return [
                ("component", term("component", event.component, language)),
                ("issued_on", _date(event.issued_on, language)),
            ]
        case artifact.ArtifactPrinted():
            return [("printed_on", _date(event.printed_on, language))]
        case artifact.ArtifactDelivered():
            on = _date(event.delivered_on, language)
            return [("delivered_on", on), *_received(event.receiver)]
        case artifact.ArtifactReturnedUndelivered():
            return [
                ("returned_on", _date(event.returned_on, language)),
                ("returned_by", event.returned_by),
            ]
        case artifact.ArtifactSurrendered():
            return _of_surrender(event, language)
        case artifact.ArtifactMoved():
            return [
                ("moved_on", _date(event.moved_on, language)),
                ("kept_at", event.kept_at),
                ("note", event.note),
            ]
        case artifact.ArtifactHandedBack():
            on = _date(event.handed_back_on, language)
            return [("handed_back_on", on), *_received(event.receiver), ("note", event.note)]
        case artifact.ArtifactFound():
            return [
                ("found_on", _date(event.found_on, language)),
                ("found_by", event.found_by),
                ("note", event.note),
            ]
        case artifact.RecallOrdered():
            return [
                ("ordered_on", _date(event.ordered_on, language)),
                ("recall_due_on", _date(event.due_on, language)),
                ("note", event.note),
            ]
        case artifact.ArtifactRecovered():
            return [
                ("recovered_on", _date(event.recovered_on, language)),
                ("handed_in_by", event.handed_in_by),
                ("kept_at", event.kept_at),
                ("condition", event.condition),
            ]
        case artifact.ArtifactDeclaredUnrecoverable():
            return [
                ("declared_on", _date(event.declared_on, language)),
                ("minutes", event.minutes),
            ]
        case artifact.ArtifactDestroyed():
            return [
                ("destroyed_on", _date(event.destroyed_on, language)),
                ("minutes", event.minutes),
                ("witnesses", ", ".join(event.witnesses)),
            ]
        case artifact.ArtifactArchived():
            return [
                ("archived_on", _date(event.archived_on, language)),
                ("kept_at", event.kept_at),
                ("minutes", event.minutes),
            ]
        case _:
            assert_never(event)


def _of_surrender(event: artifact.ArtifactSurrendered, language: Language) -> Said:
    by = event.surrendered_by
    return [
        ("surrendered_on", _date(event.surrendered_on, language)),
        ("surrendered_by", by.name),
        ("relation", by.relation),
        ("custody_receipt", event.receipt),
        ("purpose", term("purpose", event.purpose, language)),
        ("due_on", _date(event.due_on, language)),
        ("condition", event.condition),
        ("kept_at", event.kept_at),
    ]


def _received(receiver: artifact.Receiver) -> Said:
    return [("receiver", receiver.name), ("relation", receiver.relation)]


def _source(event: award.AwardRecorded, language: Language) -> str:
    source = event.source
    words = [term("source-kind", source.kind, language)]
    if source.reference:
        words.append(source.reference)
    if source.row is not None:
        words.append(f"dòng {source.row}" if language == "vi" else f"row {source.row}")
    if source.certainty != "certain":
        words.append(term("certainty", source.certainty, language))
    return ", ".join(words)


def _identifier(record_id: UUID | None) -> str | None:
    return None if record_id is None else str(record_id)


def _date(text: str | None, language: Language) -> str | None:
    return format_date(text, language) if text is not None else None
