"""What every command on one artifact has in common: find it, carry it out, show what it became."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.award_answers import changed_artifact_answer
from api.commands import typed_to_date
from api.recording import execute, serials_for
from api.records import award_of_serial, read_award
from registry.artifact import Succession
from registry.errors import NotFound
from registry.messages import VIETNAM_TIME
from registry.numbers import normalise_serial

if TYPE_CHECKING:
    from starlette.responses import Response

    from api.records import AwardRecord
    from api.service import Writing
    from registry.register import Recorded, Registry


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


def carry_out_on(
    writing: Writing, record: AwardRecord, serial: str, command: Any, basis: str | None
) -> Response:
    """Carry out a command on an award; the answer shows one artifact after it."""
    done, recorded = execute(writing, "award", record.id, command, basis=basis)
    return changed_artifact_answer(writing, done, recorded, serial)


def carry_out_succession(
    writing: Writing, record: AwardRecord, command: Any, basis: str | None
) -> Response:
    """Carry out what puts a new artifact in an old one's place; the answer shows the new one."""
    done, recorded = execute(writing, "award", record.id, command, basis=basis)
    return changed_artifact_answer(writing, done, recorded, _successor(recorded))


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
