"""The province's work on a service case: papers, the award, the archive, the confirmation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry.award.doubts import require_free
from registry.cases import opening as case_opening
from registry.cases.events import (
    ArchiveResult,
    ServiceCaseArchiveChecked,
    ServiceCaseAwardIdentified,
    ServiceCaseConfirmed,
    ServiceCaseSupplementAsked,
    ServiceCaseSupplementReceived,
)
from registry.cases.opening import routing_of
from registry.cases.rules import require_proof, require_stage, standing_award, wrong_stage
from registry.cases.states import (
    AwaitingSupplement,
    Open,
    ProofMissing,
    Received,
    SentBack,
    Suspended,
    Verified,
)
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.law.procedures import find_rule
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_text,
    require_text,
)


@dataclass(frozen=True, slots=True)
class AskSupplement:
    """Ask the applicant for papers of the checklist, by their codes."""

    on: str
    papers: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiveSupplement:
    """Take in papers that the applicant brought, whether anybody asked for them or not."""

    on: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentifyAward:
    """Name the award in the register of which the applicant spoke."""

    on: str
    award_id: UUID
    decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CheckArchive:
    """Say what the archive has; a hit names its evidence."""

    on: str
    result: ArchiveResult
    archive: str
    evidence: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmAward:
    """Issue a confirmation letter. `award_id` is that of the case, as far as it has one."""

    on: str
    number: str
    award_id: UUID | None
    signatory: str | None = None


# Rules --------------------------------------------------------------------------------------


def ask(state: Open, command: AskSupplement) -> Outcome:
    """Judge a request for papers. Raises `Rejected`."""
    require_stage(state, Received, ProofMissing, Verified, SentBack)
    papers = _papers(state, command.papers)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseSupplementAsked(command.on, papers, reason),))


def receive_papers(state: Open, command: ReceiveSupplement) -> Outcome:
    """Judge papers that were brought. Raises `Rejected`."""
    require_stage(state, AwaitingSupplement, Received, ProofMissing, Verified, SentBack)
    papers = _papers(state, command.papers)
    return Outcome((ServiceCaseSupplementReceived(command.on, papers),))


def _papers(state: Open, papers: tuple[str, ...]) -> tuple[str, ...]:
    opened = state.file.opened
    if not papers:
        raise Rejected("papers-not-named", field="papers")
    case_opening.check_papers(find_rule(opened.rule), opened.applicant.kind, papers)
    return papers


def identify(state: Open, command: IdentifyAward, on: date, world: World) -> Outcome:
    """Judge which award of the register a case is about. Raises `Rejected`."""
    require_stage(state, Received, ProofMissing, Verified, AwaitingSupplement, SentBack)
    if state.file.award_id is not None:
        raise Rejected("award-identified-already", award=str(state.file.award_id))
    content = case_opening.require_award(command.award_id, world).content
    opened = state.file.opened
    doubts = case_opening.check_components(opened.components, content, world.catalogue)
    routing, remarks = routing_of(
        content,
        opened.kind,
        on,
        world,
        judged_on=state.file.judged_on,
        confirmed=state.file.confirming_decision is not None,
    )
    event = ServiceCaseAwardIdentified(command.on, command.award_id, routing)
    return Outcome((event,), doubts + remarks)


def check_archive(state: Open, command: CheckArchive) -> Outcome:
    """Judge what was found in the archive. Raises `Rejected`."""
    require_stage(state, Received, ProofMissing, Verified, SentBack)
    check_choice("result", command.result, ("hit", "miss"))
    archive = require_text("archive", command.archive)
    check_text("remark", command.remark, TEXT_CHARACTERS_MAX)
    check_text("evidence", command.evidence, TEXT_CHARACTERS_MAX)
    if command.result == "hit":
        require_text("evidence", command.evidence, TEXT_CHARACTERS_MAX)
    event = ServiceCaseArchiveChecked(
        command.on, command.result, archive, command.evidence, command.remark
    )
    return Outcome((event,))


def confirm(state: Open, command: ConfirmAward, world: World) -> Outcome:
    """Judge a confirmation letter: without proof in the archive there is none.

    Nor is there one of an award that a doubt holds back.
    """
    file = state.file
    if isinstance(state.stage, Suspended | AwaitingSupplement):
        raise wrong_stage(state)
    require_proof(state)
    if file.confirmation is not None:
        raise Rejected("confirmed-already", number=file.confirmation.number)
    award = standing_award(state, command.award_id, world)
    if award is None:
        raise Rejected("award-not-identified")
    require_free(award)
    number = require_text("number", command.number, NAME_CHARACTERS_MAX)
    check_text("signatory", command.signatory, NAME_CHARACTERS_MAX)
    return Outcome((ServiceCaseConfirmed(command.on, number, command.signatory),))
