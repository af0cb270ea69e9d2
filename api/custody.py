"""Routes of custody: what citizens hand in, where it lies, that they get it back; who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from api.artifact_bodies import FoundBody, HandBackBody, HolderBody, MoveBody, SurrenderBody
from api.artifact_orders import carry_out_on, day_or_today, find_artifact, serial_as_recorded
from api.commands import receiver_body_to_receiver, sealed_value, typed_to_date
from api.custody_due import promised
from api.http.direct_route import DirectRoute
from api.service import Writes
from registry.award import (
    ChangeHolder,
    HandBackArtifact,
    MoveArtifact,
    ReportFound,
    SurrenderArtifacts,
)
from registry.award.artifact import Holder, format_receipt
from registry.dates import parse_edtf
from registry.identifiers import new_id

if TYPE_CHECKING:
    from api.records import AwardRecord
    from registry.register import Registry

router = APIRouter(prefix="/api/artifacts", tags=["custody"], route_class=DirectRoute)


@router.post("/{serial}/surrender")
def surrender(serial: str, body: SurrenderBody, writing: Writes) -> Response:
    """A citizen hands the artifact in, alone or with others of the award, on one receipt."""
    registry = writing.service.registry
    record, own = find_artifact(registry, serial)
    on = day_or_today(writing, "surrendered_on", body.surrendered_on)
    items = ((own, body.condition), *_also(record, body))
    due_on, remarks = promised(writing, record, body, [serial for serial, _ in items], on)
    command = SurrenderArtifacts(
        items=items,
        surrendered_on=on,
        surrendered_by=receiver_body_to_receiver(body.surrendered_by, record.state),
        receipt=_allot_receipt(registry, on) if body.receipt is None else body.receipt,
        purpose=body.purpose,
        kept_at=body.kept_at,
        due_on=due_on,
    )
    return carry_out_on(writing, record, own, command, body.basis, remarks=remarks)


@router.post("/{serial}/move")
def move(serial: str, body: MoveBody, writing: Writes) -> Response:
    """An artifact that an office keeps lies elsewhere now."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "moved_on", body.moved_on)
    command = MoveArtifact(own, on, body.kept_at, body.note)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/hand-back")
def hand_back(serial: str, body: HandBackBody, writing: Writes) -> Response:
    """The artifact itself is in its owner's hand again."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "handed_back_on", body.handed_back_on)
    receiver = receiver_body_to_receiver(body.receiver, record.state)
    command = HandBackArtifact(own, on, receiver, body.note)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/holder")
def change_holder(serial: str, body: HolderBody, writing: Writes) -> Response:
    """Somebody else holds the artifact after its recipient's death."""
    record, own = find_artifact(writing.service.registry, serial)
    since = day_or_today(writing, "since", body.since)
    died_on = typed_to_date("died_on", body.died_on)
    command = ChangeHolder(own, since, _holder(body), died_on, body.note)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/found")
def found(serial: str, body: FoundBody, writing: Writes) -> Response:
    """An artifact that was lost or given up turned up; it must be handed in."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "found_on", body.found_on)
    command = ReportFound(own, on, body.found_by, body.note)
    return carry_out_on(writing, record, own, command, body.basis)


def _holder(body: HolderBody) -> Holder:
    person = new_id() if body.kind == "heir" else None
    paper = None
    if person is not None:
        paper = sealed_value(str(person), "identity-paper", body.identity_paper)
    return Holder(
        kind=body.kind,
        name=body.name,
        person=person,
        relation=body.relation,
        identity_paper=paper,
        decision=body.decision,
        kept_at=body.kept_at,
        until=typed_to_date("until", body.until),
    )


def _also(record: AwardRecord, body: SurrenderBody) -> tuple[tuple[str, str | None], ...]:
    return tuple((serial_as_recorded(record, one.serial), one.condition) for one in body.also)


def _allot_receipt(registry: Registry, surrendered_on: str) -> str:
    """A receipt's number that was never given before and never will be again."""
    (number,) = registry.log.serial_numbers(1)
    return format_receipt(parse_edtf(surrendered_on).year, number)
