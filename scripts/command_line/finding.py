"""`sovang find`: what a clerk half remembers, found in the registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.rows import artifact_row_to_view, award_row_to_view, decision_row_to_view
from projections.search import AwardHit, DecisionHit, Hit, SearchPage, find
from registry.messages import form_with_class, format_date
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.awards import AwardRow
    from registry.settings import Language
    from scripts.command_line.session import Session


def run(session: Session, typed: str, limit: int) -> None:
    """Find and print, best first. Raises `Rejected` for a text that cannot be looked for."""
    with session.database() as database:
        bring_up_to_date(session, database)
        with database.reading() as cursor:
            page = find(cursor, typed, limit)
    if session.as_json:
        session.answer(_document(page, session.language))
    elif page.hits:
        for hit in page.hits:
            for line in _lines(session, hit):
                print(line)
        if page.next_token is not None:
            session.say("find.more")
    else:
        session.say("find.nothing", typed=typed)


def _document(page: SearchPage, language: Language) -> Any:
    import msgspec  # noqa: PLC0415 - only for programs

    hits = [_hit_json(hit, language) for hit in page.hits]
    return msgspec.to_builtins({"hits": hits, "more": page.next_token is not None})


def _hit_json(hit: Hit, language: Language) -> dict[str, Any]:
    if isinstance(hit, DecisionHit):
        return {
            "matched": hit.matched,
            "decision": decision_row_to_view(hit.decision, language),
        }
    record = {"matched": hit.matched, "award": award_row_to_view(hit.award, language)}
    if hit.artifact is not None:
        record["artifact"] = artifact_row_to_view(hit.artifact, language)
    return record


def _lines(session: Session, hit: Hit) -> Iterator[str]:
    """A hit as people read it: who, what, and the id that `sovang show` takes."""
    match hit:
        case DecisionHit(decision=row):
            yield _listed(_decision(row.number, row.decided_on, session.language), row.issuer)
            if row.summary:
                yield f"    {row.summary}"
            yield f"    {row.id}"
        case AwardHit(award=row):
            yield from _award(session, row, hit)


def _award(session: Session, row: AwardRow, hit: AwardHit) -> Iterator[str]:
    # Under the word for "born" a year needs none of its own.
    born = [
        format_date(person.born, session.language).removeprefix("năm ")
        for person in row.persons
        if person.born
    ]
    places = [person.native_place for person in row.persons if person.native_place]
    serial = hit.artifact.serial if hit.artifact is not None else None
    yield _listed(
        " ".join(part for part in (row.honorific, row.name) if part),
        session.text("find.born", years=", ".join(born)) if born else None,
        *places,
        row.recipient_position,
        row.unit,
    )
    yield "    " + _listed(
        form_with_class(row.form, row.award_class, session.language),
        _decision(row.number, row.awarded_on, session.language),
        session.text("find.golden", number=row.golden_number) if row.golden_number else None,
        session.text("find.serial", serial=serial) if serial else None,
    )
    yield f"    {row.id}"


def _listed(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _decision(number: str | None, on: str | None, language: Language) -> str:
    words = (number, format_date(on, language) if on else None)
    return ", ".join(word for word in words if word)
