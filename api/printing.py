"""What the register says of certificates, ready to be printed.

One certificate is read from the facts of its award, so it is never behind. Those of a decision
are read from the registers, a page of awards with their artifacts at a time.

A paper's moment is when its text was last recorded, not when it is printed: the same text gives
the same bytes tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from api.papers.blanks import overprint_document
from api.papers.certificate import AwardText, CertificateText, certificates_document, compose
from api.records import award_of_serial, decision_of, read_award
from projections.artifacts import artifacts_of
from projections.awards import AwardFilter, list_awards
from projections.decisions import find_decision
from projections.paging import PAGE_ROWS_MAX
from registry.award import AwardCorrected, AwardRecorded
from registry.award.artifact_state import (
    find_current,
    reissues_before,
    stage_name,
    wrong_stage,
)
from registry.award.doubts import require_free
from registry.award.recorded import require_standing
from registry.errors import NotFound, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor

    from api.papers.blanks import Blank, Nudge
    from api.papers.press import Layout
    from api.records import AwardRecord, DecisionRecord
    from projections.artifacts import ArtifactRow
    from projections.awards import AwardRow
    from projections.decisions import DecisionRow
    from registry.award.artifact_state import Artifact
    from registry.register import Registry

# Papers with the text of an award; a confirmation letter is written from its case.
CERTIFICATES: Final = frozenset({"certificate", "board", "confirmation_certificate"})
NAMES_TOLD_MAX: Final = 5
# What has been replaced, recalled or destroyed is not printed once more under its old serial.
_PRINTABLE: Final = frozenset({"issued", "printed", "delivered", "undelivered"})


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to set: a layout, its document, and the moment that the file says."""

    layout: Layout
    document: Mapping[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class OnBlank:
    """A blank to print on, and how far the office nudges it."""

    blank: Blank
    nudge: Nudge


@dataclass(frozen=True, slots=True)
class HeldAward:
    """An award of a decision whose certificates are not printed while a doubt holds it back."""

    award_id: UUID
    name: str
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates of a decision; `without` is how many of its awards have none to print.

    `held_back` are those that have some which a doubt keeps from being printed.

    `serials` are those of `texts`, in their order.
    """

    title: str
    texts: tuple[CertificateText, ...]
    serials: tuple[str, ...]
    without: int
    made_at: datetime
    held_back: tuple[HeldAward, ...] = ()


def certificate_text(registry: Registry, serial: str) -> tuple[CertificateText, datetime]:
    """The text of the certificate with this serial, in any spelling, and when it was recorded.

    Raises `NotFound`, or `Rejected` for an artifact that is no certificate, for one that was
    replaced or is out of our hands, and for an award that was taken away or is held back.
    """
    record = read_award(registry, award_of_serial(registry, serial))
    artifacts = require_free(require_standing(record.state)).artifacts
    one = find_current(artifacts, serial)
    _check_printable(one)
    decision = decision_of(registry, record)
    own = [fact for fact in record.facts if isinstance(fact.event, AwardRecorded | AwardCorrected)]
    of_decision = decision.facts if decision is not None else ()
    made_at = max(fact.recorded_at for fact in (*own, *of_decision))
    said = _record_to_text(record, decision)
    return compose(replace(said, reissued=reissues_before(artifacts, one))), made_at


def certificates_of(cursor: Cursor[Any], decision_id: UUID) -> Certificates:
    """The certificates that a decision's awards have. Raises `NotFound`, `Rejected` if none.

    What is held back is told and left out.
    """
    decision = find_decision(cursor, decision_id)
    if decision is None:
        raise NotFound("decision-unknown")
    texts: list[CertificateText] = []
    serials: list[str] = []
    made_at, without = decision.changed_at, 0
    held: list[HeldAward] = []
    for row, own in _awards_with_certificates(cursor, decision_id):
        if row.held_back and own:
            held.append(HeldAward(row.id, row.name, tuple(own)))
            continue
        made_at = max(made_at, row.recorded_at)
        without += not own
        said = _row_to_text(row, decision)
        texts += [compose(replace(said, reissued=count)) for count in own.values()]
        serials += own
    if not texts and held:
        names = ", ".join(one.name for one in held[:NAMES_TOLD_MAX])
        raise Rejected(
            "certificates-held-back", number=decision.number, awards=len(held), names=names
        )
    if not texts:
        raise Rejected("decision-has-no-certificates", field="id", number=decision.number)
    title = f"Quyết định {decision.number}"
    return Certificates(title, tuple(texts), tuple(serials), without, made_at, tuple(held))


def one_paper(text: CertificateText, made_at: datetime, on_blank: OnBlank | None) -> Paper:
    """A certificate as a paper: whole, or only what a blank has room for."""
    return papers((text,), f"{text.form_name} - {text.recipient}", made_at, on_blank)


def papers(
    texts: tuple[CertificateText, ...], title: str, made_at: datetime, on_blank: OnBlank | None
) -> Paper:
    """Certificates as one paper with a page for each."""
    if on_blank is None:
        return Paper("certificate", certificates_document(texts, title), made_at)
    document = overprint_document(on_blank.blank, texts, on_blank.nudge, title)
    return Paper("overprint", document, made_at)


def _awards_with_certificates(
    cursor: Cursor[Any], decision_id: UUID
) -> Iterator[tuple[AwardRow, dict[str, int]]]:
    """Each award, and its printable papers by serial with how often each was issued again."""
    wanted, token = AwardFilter(decision_id=decision_id), None
    while True:
        page = list_awards(cursor, wanted, PAGE_ROWS_MAX, token)
        found = artifacts_of(cursor, [row.id for row in page.rows])
        serials: dict[UUID, dict[str, int]] = {}
        for artifact in found:
            if _is_printable(artifact):
                of_award = serials.setdefault(artifact.award_id, {})
                of_award[artifact.serial] = _reissues_before(artifact, found)
        yield from (
            (row, serials.get(row.id, {}) if row.standing == "standing" else {})
            for row in page.rows
        )
        token = page.next_token
        if token is None:
            return


def _is_printable(row: ArtifactRow) -> bool:
    return row.is_live and row.component in CERTIFICATES and row.stage in _PRINTABLE


def _reissues_before(row: ArtifactRow, rows: Iterable[ArtifactRow]) -> int:
    """As `reissues_before`, of the rows of an award's artifacts."""
    before, count = row.supersedes, 0
    # Most papers are the first of their award: nothing is gathered for them.
    of_serial = {one.serial: one for one in rows if one.award_id == row.award_id} if before else {}
    while before is not None:
        count += of_serial[before].succession == "reissue"
        before = of_serial[before].supersedes
    return count


def _check_printable(artifact: Artifact) -> None:
    if artifact.component not in CERTIFICATES:
        raise Rejected("artifact-no-certificate", field="serial", component=artifact.component)
    if stage_name(artifact.stage) not in _PRINTABLE:
        raise wrong_stage(artifact)


def _record_to_text(record: AwardRecord, decision: DecisionRecord | None) -> AwardText:
    content, recipient = record.state.content, record.state.content.recipient
    paper = decision.state.content if decision is not None else None
    return AwardText(
        form=content.form,
        award_class=content.award_class,
        conferral=content.conferral,
        name=recipient.name,
        honorific=recipient.honorific,
        position=recipient.position,
        unit=recipient.unit,
        native_places=tuple(one.native_place for one in recipient.persons if one.native_place),
        merit=content.merit,
        awarded_on=content.awarded_on,
        number=paper.number if paper is not None else content.number_typed,
        decided_on=paper.decided_on if paper is not None else content.awarded_on,
        issuer=paper.issuer if paper is not None else content.issuer_typed,
        signatory=paper.signatory if paper is not None else None,
        signatory_title=paper.signatory_title if paper is not None else None,
        golden_number=content.golden_book.number if content.golden_book is not None else None,
    )


def _row_to_text(row: AwardRow, decision: DecisionRow) -> AwardText:
    return AwardText(
        form=row.form,
        award_class=row.award_class,
        conferral=row.conferral,
        name=row.name,
        honorific=row.honorific,
        position=row.recipient_position,
        unit=row.unit,
        native_places=tuple(one.native_place for one in row.persons if one.native_place),
        merit=row.merit,
        awarded_on=row.awarded_on,
        number=decision.number,
        decided_on=decision.decided_on,
        issuer=decision.issuer,
        signatory=decision.signatory,
        signatory_title=decision.signatory_title,
        golden_number=row.golden_number,
    )
