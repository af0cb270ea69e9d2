"""What a clerk can do next about a service case, most urgent first, by where it stands.

A hint, not a rule: the rules say no by themselves, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from registry.cases.artifacts import components_replaced_by, held_components
from registry.cases.states import (
    OLD_ITEM,
    Approved,
    AwaitingSupplement,
    CaseFile,
    Closed,
    Open,
    ProofMissing,
    Received,
    Refused,
    Sent,
    SentBack,
    Suspended,
    Verified,
    papers_lacking,
)

if TYPE_CHECKING:
    from uuid import UUID

    from registry.award.recorded import Recorded

# What can still be done when the archive has no proof, in this order (scenario 17).
_WITHOUT_PROOF: Final = (
    "search-other-archives",
    "ask-applicant-for-copies",
    "ask-central-body",
    "close-proof-unobtainable",
)


@dataclass(frozen=True, slots=True)
class Items:
    """Whether the old items that an exchange is about were handed in, and new ones made."""

    handed_in: bool = False
    replaced: bool = False


def items_of(file: CaseFile, award: Recorded, case_id: UUID) -> Items:
    """What became of the artifacts of a case: an old item that was replaced had come in."""
    asked = frozenset(file.opened.components)
    replaced = components_replaced_by(award, case_id)
    return Items(
        handed_in=file.opened.kind == "exchange" and asked <= held_components(award) | replaced,
        replaced=bool(asked) and asked <= replaced,
    )


def missing_papers(file: CaseFile, items: Items) -> tuple[str, ...]:
    """Papers that are not there; what lies in custody with its receipt is there."""
    return papers_lacking(file) if items.handed_in else file.missing


def next_steps(  # noqa: PLR0911 - one for each stage
    state: Open | Closed, items: Items
) -> tuple[str, ...]:
    """Codes of vocabulary `next-step`."""
    if isinstance(state, Closed):
        return ()
    stage, file = state.stage, state.file
    match stage:
        case Suspended():
            return ("resume-when-clear",)
        case AwaitingSupplement():
            return ("receive-papers",)
        case ProofMissing():
            return _WITHOUT_PROOF
        case Sent():
            return ("await-centre",)
        case Refused():
            return ("close-refused",)
        case Approved():
            return _with_result(items)
        case Received() | Verified() | SentBack():
            if file.routing.obstacle is not None:
                return ("close-without-basis",)
            return (*_preparing(file, items), *_at_the_province(stage, file, items))
        case _:
            assert_never(stage)


def _preparing(file: CaseFile, items: Items) -> tuple[str, ...]:
    """What has to come in before a case can go on."""
    wanted = {
        "accept-correction": file.decision_wrong,
        "identify-award": file.award_id is None,
        "take-old-item": OLD_ITEM in missing_papers(file, items),
        "ask-for-papers": bool(papers_lacking(file)),
    }
    return tuple(step for step, needed in wanted.items() if needed)


AtTheProvince: TypeAlias = Received | Verified | SentBack


def _at_the_province(stage: AtTheProvince, file: CaseFile, items: Items) -> tuple[str, ...]:
    kind = file.opened.kind
    if isinstance(stage, Received):
        return ("check-archive",)
    if kind != "exchange" and file.confirmation is None:
        return ("confirm-award",)
    if kind == "confirmation":
        return ("hand-over-and-close",)
    if file.routing.level == "centre":
        return ("send-to-centre",)
    return _with_result(items)


def _with_result(items: Items) -> tuple[str, ...]:
    return ("hand-over-and-close",) if items.replaced else ("make-anew",)
