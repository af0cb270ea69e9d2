"""What every command on one artifact has in common: find it, carry it out, show what it became."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.award_answers import changed_artifact_answer
from api.commands import typed_to_date
from api.recording import carry_out, serials_for
from api.records import award_of_serial, read_award
from api.stock.use import issue_orders, piece_orders, purpose_of
from registry.award.artifact import Succession
from registry.errors import NotFound
from registry.messages import VIETNAM_TIME
from registry.numbers import normalise_serial
from registry.register import Order

if TYPE_CHECKING:
    from starlette.responses import Response

    from api.artifact_bodies import SuccessionBody
    from api.bodies import PieceBody
    from api.records import AwardRecord
    from api.service import Writing
    from registry.award import ExchangeArtifact, ReissueArtifact, ReplaceArtifact
    from registry.register import Recorded, Registry
    from registry.remark import Remark


def find_artifact(registry: Registry, serial: str) -> tuple[AwardRecord, str]:
    """The award of an artifact, and its serial as recorded. Raises `NotFound`."""
    record = read_award(registry, award_of_serial(registry, serial))
    return record, serial_as_recorded(record, serial)


def serial_as_recorded(record: AwardRecord, typed: str) -> str:
    """The serial as the register has it. Raises `NotFound` if it was not issued by then."""
    key = normalise_serial(typed)
    for own in record.state.artifacts:
        if normalise_serial(own) == key:
            return own
    raise NotFound("artifact-unknown", field="serial", serial=typed[:100])


def carry_out_on(  # noqa: PLR0917 - the parts of one request
    writing: Writing,
    record: AwardRecord,
    serial: str,
    command: Any,
    basis: str | None,
    used: tuple[Order, ...] = (),
    remarks: tuple[Remark, ...] = (),
) -> Response:
    """Carry out a command on an award, with what it uses of the stock, as one.

    The answer shows one artifact after it; `remarks` are doubts that are known already.
    """
    orders = (Order("award", record.id, command), *used)
    done, recorded = carry_out(writing, orders, basis=basis)
    done = replace(done, remarks=done.remarks + remarks)
    return changed_artifact_answer(writing, done, recorded, serial)


def carry_out_succession(
    writing: Writing,
    record: AwardRecord,
    command: ExchangeArtifact | ReissueArtifact | ReplaceArtifact,
    on: str,
    body: SuccessionBody,
) -> Response:
    """Carry out what puts a new artifact in an old one's place; the answer shows the new one.

    The new one is made of the piece of stock that the client names, or of the one under whose
    serial it is issued.
    """
    component = record.state.artifacts[command.serial].component
    purpose = purpose_of(record.id, record.state.content, component, command.successor)
    used = piece_orders(writing, body.stock, purpose, on) or issue_orders(writing, [purpose], on)
    orders = (Order("award", record.id, command), *used)
    done, recorded = carry_out(writing, orders, basis=body.basis)
    return changed_artifact_answer(writing, done, recorded, _successor(recorded))


def piece_of(
    writing: Writing, record: AwardRecord, serial: str, piece: PieceBody | None, on: str
) -> tuple[Order, ...]:
    """The order that uses the piece of stock which the artifact is made of, if one is named."""
    component = record.state.artifacts[serial].component
    purpose = purpose_of(record.id, record.state.content, component, serial)
    return piece_orders(writing, piece, purpose, on)


def _successor(recorded: Recorded) -> str:
    """The new serial: of a repeated request, the one that was allotted the first time."""
    return next(event.successor for event in recorded.events if isinstance(event, Succession))


def successor_serial(
    writing: Writing, record: AwardRecord, serial: str, given: str | None, on: str
) -> str:
    """The serial of the new artifact: as given, or one that the registry allots."""
    if given is not None:
        return given
    component = record.state.artifacts[serial].component
    (allotted,) = serials_for(writing.service.registry, [component], on)
    return allotted


def day_or_today(writing: Writing, field: str, typed: str | None) -> str:
    """A date that was typed, or today in Viet Nam. Raises `Rejected` naming the field."""
    today = writing.service.registry.clock().astimezone(VIETNAM_TIME).date()
    return typed_to_date(field, typed) or today.isoformat()
