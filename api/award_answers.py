"""What a client gets after it recorded or changed awards."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from api.answers import json_answer
from api.artifact_views import ArtifactView, artifact_views
from api.conditional import format_etag
from api.outcome import outcome_of, place_of
from api.records import decision_id_of, fold_award, open_personal
from api.views import award_to_view, remark_to_view
from registry.award import held_by
from registry.messages import form_name

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.responses import Response

    from api.personal_views import Opened
    from api.recording import Batch, Done
    from api.records import AwardRecord
    from api.service import Asking, Writing
    from api.views import AwardView
    from registry.register import Recorded


def opened_for(asking: Asking, record: AwardRecord) -> Opened | None:
    """Sealed values that the reader may see; None if he may see none."""
    if not asking.may("read-sealed", record.facts[0].authorship.office):
        return None
    return open_personal(asking.service.registry, record.facts)


def award_view_for(asking: Asking, record: AwardRecord) -> AwardView:
    """An award as this reader may see it."""
    decision_id = decision_id_of(asking.service.registry, record)
    return award_to_view(record, decision_id, asking.language, opened_for(asking, record))


def link_of(record: AwardRecord, view: AwardView) -> str | None:
    """The decision that an award came to without a fact of its own: it cites it."""
    return view.decision_id if record.state.content.decision_id is None else None


def changed_award_answer(writing: Writing, done: Done, recorded: Recorded) -> Response:
    """The award after a command, as that command left it."""
    return _award_answer(writing, done, recorded)


def changed_artifact_answer(
    writing: Writing, done: Done, recorded: Recorded, serial: str
) -> Response:
    """The artifact after a command, with the award it belongs to."""
    record = fold_award(done.facts)
    view = artifact_with_serial(writing, record, serial)
    body = {
        **asdict(view),
        "award_id": str(record.id),
        **outcome_of(writing, recorded, done.remarks),
    }
    return json_answer(body, headers={"ETag": format_etag(record.version)})


def one_award_answer(writing: Writing, batch: Batch) -> Response:
    """A new award, with the artifacts that were issued with it."""
    headers = {"Location": f"/api/awards/{batch.done[0].facts[0].stream_id}"}
    return _award_answer(writing, batch.done[0], batch, 201, headers)


def batch_answer(writing: Writing, decision_id: UUID, batch: Batch) -> Response:
    """The awards of a list in the order of its lines, each with the serials it got."""
    body = {
        "decision_id": str(decision_id),
        "awards": [_line(writing, done) for done in batch.done],
        **place_of(writing, batch),
    }
    return json_answer(body, 201, {"Location": f"/api/awards?decision={decision_id}"})


def artifact_with_serial(asking: Asking, record: AwardRecord, serial: str) -> ArtifactView:
    """The artifact of an award with a serial as it is written in the register."""
    views = artifact_views(record, asking.language, opened_for(asking, record))
    return next(view for view in views if view.serial == serial)


def _line(writing: Writing, done: Done) -> dict[str, Any]:
    record = fold_award(done.facts)
    content = record.state.content
    return {
        "id": str(record.id),
        "version": record.version,
        "name": content.recipient.name,
        "form": content.form,
        "form_name": form_name(content.form, writing.language),
        "award_class": content.award_class,
        "held_back": held_by(record.state) is not None,
        "artifacts": [
            {"component": one.component, "serial": one.serial}
            for one in record.state.artifacts.values()
        ],
        "remarks": [remark_to_view(one, writing.language) for one in done.remarks],
    }


def _award_answer(
    writing: Writing,
    done: Done,
    recorded: Recorded | Batch,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    record = fold_award(done.facts)
    view = award_view_for(writing, record)
    body = {**asdict(view), **outcome_of(writing, recorded, done.remarks)}
    etag = format_etag(record.version, link_of(record, view))
    return json_answer(body, status, {"ETag": etag, **(headers or {})})
