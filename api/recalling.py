"""Routes of recall: ordered, recovered or given up, destroyed or kept as a specimen."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.artifact_bodies import (
    ArchiveBody,
    DestroyBody,
    RecallBody,
    RecoverBody,
    UnrecoverableBody,
)
from api.artifact_orders import carry_out_on, day_or_today, find_artifact
from api.commands import require_date, typed_to_date
from api.http.direct_route import DirectRoute
from api.service import Writes
from registry.award import (
    ArchiveArtifact,
    DeclareUnrecoverable,
    DestroyArtifact,
    OrderRecall,
    RecoverArtifact,
)

router = APIRouter(prefix="/api/artifacts", tags=["recalling"], route_class=DirectRoute)


@router.post("/{serial}/recall")
def recall(serial: str, body: RecallBody, writing: Writes) -> Response:
    """The owner is told to give the artifact back; nothing has come back yet."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "ordered_on", body.ordered_on)
    command = OrderRecall(own, on, typed_to_date("due_on", body.due_on), body.note)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/recover")
def recover(serial: str, body: RecoverBody, writing: Writes) -> Response:
    """The artifact came back to the State."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "recovered_on", body.recovered_on)
    command = RecoverArtifact(own, on, body.kept_at, body.handed_in_by, body.condition)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/declare-unrecoverable")
def declare_unrecoverable(serial: str, body: UnrecoverableBody, writing: Writes) -> Response:
    """The recalled artifact cannot be had, and minutes say so."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "declared_on", body.declared_on)
    command = DeclareUnrecoverable(own, on, body.minutes, body.reason)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/destroy")
def destroy(serial: str, body: DestroyBody, writing: Writes) -> Response:
    """The artifact was destroyed: minutes, the day and witnesses are required."""
    record, own = find_artifact(writing.service.registry, serial)
    on = require_date("destroyed_on", body.destroyed_on)
    command = DestroyArtifact(own, on, body.minutes, tuple(body.witnesses))
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/{serial}/archive")
def archive(serial: str, body: ArchiveBody, writing: Writes) -> Response:
    """The artifact is kept for good as a specimen."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "archived_on", body.archived_on)
    command = ArchiveArtifact(own, on, body.kept_at, body.minutes)
    return carry_out_on(writing, record, own, command, body.basis)
