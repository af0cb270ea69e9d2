"""Who holds an artifact after its recipient's death: heirs, a museum by decision, or the State.

The award stays the recipient's, whoever holds what belongs to it. Heirs are persons; a museum
holds for a time or for good, by a decision that is named; what comes to the State lies somewhere.
When a museum's time is over somebody has to say who holds it then. A new artifact that takes an
old one's place has the same holder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.award.artifact import HOLDER_KINDS, ArtifactHolderChanged, Holder
from registry.award.artifact_state import (
    Delivered,
    InCustody,
    Issued,
    Printed,
    Undelivered,
    find_current,
    wrong_stage,
)
from registry.award.recorded import Recorded, Standing, require_standing
from registry.errors import Rejected
from registry.fact import Outcome
from registry.remark import Remark
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_date,
    check_text,
    require_text,
)

_PERSONS: Final = frozenset({"individual", "couple", "family", "household"})


@dataclass(frozen=True, slots=True)
class ChangeHolder:
    """Record who holds the artifact now, and since when; `died_on` is when its recipient died."""

    serial: str
    since: str
    holder: Holder
    died_on: str | None = None
    note: str | None = None


Command = ChangeHolder


def decide(state: Recorded, command: Command) -> Outcome:
    """Judge who holds an artifact. Raises `Rejected`."""
    standing = require_standing(state)
    one = find_current(standing.artifacts, command.serial)
    if not isinstance(one.stage, Issued | Printed | Delivered | Undelivered | InCustody):
        raise wrong_stage(one)
    _check_days(command)
    _check_holder(command.holder)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    event = ArtifactHolderChanged(
        one.serial, command.since, command.died_on, command.holder, command.note
    )
    return Outcome((event,), _doubts(standing, command))


def _check_days(command: ChangeHolder) -> None:
    since, until = check_date("since", command.since), check_date("until", command.holder.until)
    check_date("died_on", command.died_on)
    if since is not None and until is not None and until.latest < since.earliest:
        raise Rejected("due-before-start", field="until", on=command.since)


def _check_holder(holder: Holder) -> None:
    check_choice("kind", holder.kind, HOLDER_KINDS)
    require_text("holder.name", holder.name, NAME_CHARACTERS_MAX)
    check_text("relation", holder.relation)
    check_text("decision", holder.decision)
    check_text("kept_at", holder.kept_at)
    needed = {"heir": "relation", "museum": "decision", "state": "kept_at"}[holder.kind]
    require_text(f"holder.{needed}", getattr(holder, needed))
    if holder.until is not None and holder.kind != "museum":
        raise Rejected("until-only-for-museums", field="until")
    paper = holder.identity_paper
    if paper is not None and paper.subject != str(holder.person):
        raise Rejected("personal-value-of-another", field="identity-paper")


def _doubts(state: Standing, command: ChangeHolder) -> tuple[Remark, ...]:
    """Doubts about heirs of what is no person, and about a holder before the recipient's death."""
    if state.content.recipient.kind not in _PERSONS:
        return (Remark("holder-of-collective"),)
    died, since = check_date("died_on", command.died_on), check_date("since", command.since)
    if died is not None and since is not None and since.latest < died.earliest:
        return (Remark("holder-before-death", (("on", command.died_on or ""),)),)
    return ()
