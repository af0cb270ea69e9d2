"""What every answer to a command says beside the record: where it was recorded, and doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.views import remark_to_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.recording import Batch
    from api.service import Writing
    from registry.register import Recorded
    from registry.remark import Remark


def outcome_of(
    writing: Writing, recorded: Recorded | Batch, remarks: Iterable[Remark]
) -> dict[str, Any]:
    """Where a command was recorded, and the doubts about it."""
    shown = [remark_to_view(one, writing.language) for one in remarks]
    return {"remarks": shown, **place_of(writing, recorded)}


def place_of(writing: Writing, recorded: Recorded | Batch) -> dict[str, Any]:
    """Where a command was recorded, and whether the registers show it already."""
    return {
        "position": recorded.position,
        "repeated": recorded.repeated,
        "in_registers": writing.waits and writing.service.wait_for(recorded.position),
    }
