"""What templates are given: records with their words chosen, lines joined, nothing to compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from registry.messages import form_with_class, format_date, term

if TYPE_CHECKING:
    from api.history import DetailView, HistoryEntry
    from api.views import AwardView
    from api.web.texts import Texts
    from projections.awards import AwardRow
    from projections.decisions import DecisionRow
    from projections.search import Hit
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class Line:
    """A label and what stands beside it."""

    label: str
    value: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision in one line: number, issuer and date tell it from others of its number."""

    id: str
    number: str
    issuer: str
    date: str
    summary: str | None
    award_count: int
    taken_away: str | None


@dataclass(frozen=True, slots=True)
class AwardLine:
    """An award in a list: enough to tell people of one name apart."""

    id: str
    name: str
    honorific: str | None
    form: str
    about: str
    decision: str
    decision_id: str | None
    golden_number: str | None
    posthumous: bool
    doubtful: bool
    taken_away: str | None
    matched: str | None = None
    serial: str | None = None
    other_name: str | None = None


LineT = TypeVar("LineT", DecisionLine, AwardLine, "DecisionLine | AwardLine")


@dataclass(frozen=True, slots=True)
class Happening:
    """What was recorded at one moment; several artifacts issued together are one happening."""

    first: HistoryEntry
    saids: Sequence[Sequence[DetailView]]


def happenings(history: Sequence[HistoryEntry]) -> list[Happening]:
    """The history with the newest first, facts of one kind and moment told as one."""

    def key(entry: HistoryEntry) -> tuple[object, ...]:
        alone = entry.version if entry.changes else 0
        return (entry.event, entry.recorded_at, entry.actor, entry.basis, entry.reason, alone)

    told = []
    for _, entries in groupby(history, key):
        together = tuple(entries)
        told.append(Happening(together[0], tuple(one.details for one in together if one.details)))
    return told[::-1]


def decision_line(row: DecisionRow, language: Language, texts: Texts) -> DecisionLine:
    """A decision in a list or among hits."""
    date = format_date(row.decided_on, language) if row.decided_on else texts["undated"]
    return DecisionLine(
        str(row.id),
        row.number,
        row.issuer,
        date,
        row.summary,
        row.award_count,
        _taken_away(row.standing, language),
    )


def award_line(row: AwardRow, language: Language, texts: Texts) -> AwardLine:
    """An award in a list."""
    return AwardLine(
        id=str(row.id),
        name=row.name,
        honorific=row.honorific,
        form=form_with_class(row.form, row.award_class, language),
        about=_about(row, language, texts),
        decision=decision_words(row.number, row.issuer, _cited_on(row), language, texts),
        decision_id=str(row.decision_id) if row.decision_id else None,
        golden_number=row.golden_number,
        posthumous=row.conferral == "posthumous",
        doubtful=row.certainty == "doubtful",
        taken_away=_taken_away(row.standing, language) or _held_back(row, language),
    )


def hit_line(hit: Hit, language: Language, texts: Texts) -> AwardLine | DecisionLine:
    """What was found, with what matched."""
    from projections.search import AwardHit  # noqa: PLC0415 - a history is told without search

    if not isinstance(hit, AwardHit):
        return decision_line(hit.decision, language, texts)
    line = award_line(hit.award, language, texts)
    return replace(
        line,
        matched=term("matched", hit.matched, language),
        serial=hit.artifact.serial if hit.artifact is not None else None,
        other_name=hit.name if hit.name is not None and hit.name != line.name else None,
    )


def public_line(line: LineT) -> LineT:
    """What anybody may see of a line: form, name, decision, date and status."""
    if isinstance(line, DecisionLine):
        return replace(line, summary=None)
    return replace(
        line,
        honorific=None,
        about="",
        golden_number=None,
        posthumous=False,
        doubtful=False,
        serial=None,
        other_name=None,
    )


def recipient_lines(view: AwardView, language: Language, texts: Texts) -> list[Line]:
    """What the decision publishes about the recipient; of sealed values only that they are."""
    recipient = view.recipient
    lines = [
        Line(texts["kind"], term("recipient-kind", recipient.kind, language)),
        Line(texts["position"], recipient.position or ""),
        Line(texts["unit"], recipient.unit or ""),
    ]
    several = len(recipient.persons) > 1
    for person in recipient.persons:
        if several and person.name:
            lines.append(Line(texts["recipient"], person.name))
        sex = term("sex", person.sex, language) if person.sex else ""
        born = format_date(person.born, language).removeprefix("năm ") if person.born else ""
        lines += [
            Line(texts["sex"], sex),
            Line(texts["year-of-birth"], born),
            Line(texts["native-place"], person.native_place or ""),
        ]
        lines += [
            Line(_capital(term("personal-kind", kind.replace("_", "-"), language)), "", "sealed")
            for kind in person.personal
        ]
    return [line for line in lines if line.value or line.note]


def award_lines(view: AwardView, language: Language, texts: Texts) -> list[Line]:
    """What the register says about the award itself."""
    golden = view.golden_book
    book = f"{golden.number} ({golden.book})" if golden and golden.book else None
    source = view.source
    where = [term("source-kind", source.kind, language), source.reference]
    if source.row is not None:
        where.append(f"{texts['row']} {source.row}")
    certainty = term("certainty", source.certainty, language)
    lines = [
        Line(texts["awarded-on"], view.awarded_on_text or texts["undated"]),
        Line(texts["golden-number"], book or (golden.number if golden else "")),
        Line(texts["merit"], view.merit or ""),
        Line(texts["field"], view.field_of_activity or ""),
        Line(texts["mode"], view.mode or ""),
        Line(texts["submitting-body"], view.submitting_body or ""),
        Line(texts["form-typed"], view.form_typed or ""),
        Line(texts["note"], view.note or ""),
        Line(texts["source"], ", ".join(part for part in where if part)),
        Line(texts["certainty"], certainty if source.certainty != "certain" else ""),
    ]
    return [line for line in lines if line.value]


def decision_words(
    number: str | None, issuer: str | None, date: str | None, language: Language, texts: Texts
) -> str:
    """A decision as people cite it: Quyết định số 212 QĐ/CTN ngày 09/5/2010 của Chủ tịch nước."""
    if not number:
        when = format_date(date, language) if date else None
        return ", ".join(part for part in (texts["no-decision"], issuer, when) if part)
    words = f"{texts['decision-no']} {number}"
    if date:
        day = format_date(date, language)
        words += f" {texts['on']} {day}" if day[:1].isdigit() else f", {day}"
    return f"{words}, {issuer}" if issuer else words


def _taken_away(standing: str, language: Language) -> str | None:
    """What a list must say of a record that does not stand."""
    return None if standing == "standing" else term("standing", standing, language)


def _held_back(row: AwardRow, language: Language) -> str | None:
    """What a list must say of an award that a doubt holds back."""
    return term("paper-status", "held-back", language) if row.held_back else None


def _cited_on(row: AwardRow) -> str | None:
    """The decision's date; the award's own where no decision is known."""
    return row.decided_on if row.number else row.awarded_on


def _about(row: AwardRow, language: Language, texts: Texts) -> str:
    """Born when, from where, in which position: what tells people of one name apart."""
    parts = []
    for person in row.persons:
        if person.born:
            born = format_date(person.born, language).replace("năm ", "")
            parts.append(f"{texts['born']} {born}")
        if person.native_place:
            parts.append(f"{texts['native-of']} {person.native_place}")
    parts += [part for part in (row.recipient_position, row.unit) if part]
    if row.recipient_kind != "individual":
        parts.insert(0, term("recipient-kind", row.recipient_kind, language))
    return " · ".join(parts)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
