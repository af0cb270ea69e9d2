"""Routes of exchange and re-issue: a new artifact for an old one, never a new award."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.artifact_bodies import ExchangeBody, ReissueBody, ReplaceBody
from api.artifact_orders import (
    carry_out_succession,
    day_or_today,
    find_artifact,
    successor_serial,
)
from api.commands import parse_identifier
from api.http.direct_route import DirectRoute
from api.service import Writes
from registry.award import ExchangeArtifact, ReissueArtifact, ReplaceArtifact

router = APIRouter(prefix="/api/artifacts", tags=["replacing"], route_class=DirectRoute)


@router.post("/{serial}/exchange")
def exchange(serial: str, body: ExchangeBody, writing: Writes) -> Response:
    """A new artifact takes the place of one that was handed in, by a case that allows it."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "exchanged_on", body.exchanged_on)
    successor = successor_serial(writing, record, own, body.serial, on)
    case_id = parse_identifier(body.case_id, "case_id") if body.case_id else None
    command = ExchangeArtifact(own, successor, on, body.reason, case_id)
    return carry_out_succession(writing, record, command, on, body)


@router.post("/{serial}/reissue")
def reissue(serial: str, body: ReissueBody, writing: Writes) -> Response:
    """A new artifact takes the place of one that is lost, by a case that allows it."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "reissued_on", body.reissued_on)
    successor = successor_serial(writing, record, own, body.serial, on)
    case_id = parse_identifier(body.case_id, "case_id") if body.case_id else None
    command = ReissueArtifact(own, successor, on, body.reason, case_id)
    return carry_out_succession(writing, record, command, on, body)


@router.post("/{serial}/replace")
def replace(serial: str, body: ReplaceBody, writing: Writes) -> Response:
    """The office replaces what it spoiled before handing it over, or destroyed itself."""
    record, own = find_artifact(writing.service.registry, serial)
    on = day_or_today(writing, "replaced_on", body.replaced_on)
    successor = successor_serial(writing, record, own, body.serial, on)
    command = ReplaceArtifact(own, successor, on)
    return carry_out_succession(writing, record, command, on, body)
