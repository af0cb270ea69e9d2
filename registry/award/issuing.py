"""From stock to hand: an artifact is issued, printed, handed over, or comes back undelivered.

Rules kept here, with their sources in the domain reference:
  * a title without artifacts issues none (scenario 13); a component has one artifact, and what
    takes its place names it (see `replacing`);
  * what a posthumous award brings is handed to a representative: name, relation, identity paper
    and date are required, and the recipient stays the deceased (scenario 10);
  * nothing is issued, printed or delivered under an award that does not stand, and nothing
    printed under one that a doubt holds back; what left the office long ago is recorded as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from registry.award.artifact import (
    ArtifactDelivered,
    ArtifactIssued,
    ArtifactPrinted,
    ArtifactReturnedUndelivered,
    Receiver,
)
from registry.award.artifact_state import (
    Artifact,
    Issued,
    Printed,
    Undelivered,
    find,
    find_current,
    wrong_stage,
)
from registry.award.doubts import held_by, require_free
from registry.award.recorded import AwardRecorded, Recorded, Standing, require_standing
from registry.catalogue import AwardForm, Catalogue
from registry.dates import parse_edtf
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.numbers import normalise_serial
from registry.remark import Remark
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_date,
    check_text,
    require_text,
)

# Papers that are printed; insignia, boxes, frames and flags are made.
PRINTED_COMPONENTS = frozenset(
    {"certificate", "board", "confirmation_certificate", "confirmation_letter"}
)


@dataclass(frozen=True, slots=True)
class IssueArtifacts:
    """Enter artifacts for components of the award: pairs of component and serial."""

    items: tuple[tuple[str, str], ...]
    issued_on: str | None = None


@dataclass(frozen=True, slots=True)
class PrintArtifact:
    """Record that the paper with this serial was printed."""

    serial: str
    printed_on: str


@dataclass(frozen=True, slots=True)
class DeliverArtifact:
    """Record that somebody took the artifact with this serial in hand."""

    serial: str
    delivered_on: str
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class ReturnUndelivered:
    """Record that the artifact with this serial came back undelivered."""

    serial: str
    returned_on: str
    reason: str
    returned_by: str | None = None


Command: TypeAlias = IssueArtifacts | PrintArtifact | DeliverArtifact | ReturnUndelivered


def decide(state: Recorded, command: Command, world: World) -> Outcome:
    """Judge a command on an award's artifacts on their way out. Raises `Rejected`."""
    match command:
        case IssueArtifacts():
            return _issue(require_standing(state), command, world)
        case PrintArtifact():
            return _print(require_free(require_standing(state)), command)
        case DeliverArtifact():
            return _deliver(require_standing(state), command)
        case ReturnUndelivered():
            return _return(state, command)
        case _:
            assert_never(command)


def expected_components(content: AwardRecorded, catalogue: Catalogue) -> tuple[str, ...]:
    """Components that belong to the award by the catalogue as in force at its date."""
    on = parse_edtf(content.awarded_on) if content.awarded_on else None
    return catalogue.components(content.form, content.recipient.kind, on)


def check_serial(artifacts: Mapping[str, Artifact], serial: str) -> None:
    """Raise `Rejected` for no serial, or one that this award has used already.

    That no other award has used it is a claim (see `award.claims`).
    """
    require_text("serial", serial, NAME_CHARACTERS_MAX)
    key = normalise_serial(serial)
    if any(normalise_serial(one) == key for one in artifacts):
        raise Rejected("serial-used-already", field="serial", serial=serial)


def check_receiver(content: AwardRecorded, field: str, receiver: Receiver) -> None:
    """Raise `Rejected` unless it is known who takes an artifact in hand, or gives it away."""
    require_text(f"{field}.name", receiver.name, NAME_CHARACTERS_MAX)
    check_text(f"{field}.relation", receiver.relation)
    if receiver.kind == "recipient":
        if content.conferral == "posthumous":
            raise Rejected("representative-required", field=f"{field}.kind")
        return
    if receiver.relation is None or not receiver.relation.strip():
        raise Rejected("relation-missing", field=f"{field}.relation")
    if receiver.identity_paper is None:
        raise Rejected("identity-paper-missing", field=f"{field}.identity_paper")


def _issue(state: Standing, command: IssueArtifacts, world: World) -> Outcome:
    form = world.catalogue.form(state.content.form)
    expected = expected_components(state.content, world.catalogue)
    if not expected:
        raise Rejected("form-without-artifacts", field="component", form=form.name_vi)
    check_date("issued_on", command.issued_on)
    used = dict(state.artifacts)
    events, remarks = [], []
    for component, serial in command.items:
        _check_place_free(used, component)
        check_serial(used, serial)
        if component not in expected:
            remarks.append(_unexpected(component, expected, form))
        used[serial] = Artifact(serial, component, Issued(command.issued_on))
        events.append(ArtifactIssued(serial, component, command.issued_on))
    if not events:
        raise Rejected("nothing-to-issue", field="component")
    return Outcome(tuple(events), tuple(remarks))


def _check_place_free(artifacts: Mapping[str, Artifact], component: str) -> None:
    """A component has one artifact; even one that is no more is replaced by one that names it."""
    for one in artifacts.values():
        if one.component == component and one.superseded_by is None:
            code = "component-issued-already" if one.is_live else "component-to-be-replaced"
            raise Rejected(code, field="component", component=component, serial=one.serial)


def _unexpected(component: str, expected: tuple[str, ...], form: AwardForm) -> Remark:
    """A component the form does not have: refused if the catalogue read it, else doubted."""
    params = {"component": component, "form": form.name_vi, "allowed": ", ".join(expected)}
    if form.components_confidence == "read":
        raise Rejected("component-not-of-form", field="component", **params)
    return Remark("component-not-of-form", tuple(params.items()))


def _print(state: Standing, command: PrintArtifact) -> Outcome:
    one = find_current(state.artifacts, command.serial)
    check_date("printed_on", command.printed_on)
    if one.component not in PRINTED_COMPONENTS:
        raise Rejected("component-not-printed", field="serial", component=one.component)
    if not isinstance(one.stage, Issued):
        raise wrong_stage(one)
    return Outcome((ArtifactPrinted(one.serial, command.printed_on),))


def _deliver(state: Standing, command: DeliverArtifact) -> Outcome:
    one = find_current(state.artifacts, command.serial)
    check_date("delivered_on", command.delivered_on)
    if not isinstance(one.stage, Issued | Printed | Undelivered):
        raise wrong_stage(one)
    check_receiver(state.content, "receiver", command.receiver)
    held = held_by(state)
    event = ArtifactDelivered(one.serial, command.delivered_on, command.receiver)
    return Outcome((event,), () if held is None else (held,))


def _return(state: Recorded, command: ReturnUndelivered) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("returned_on", command.returned_on)
    check_text("returned_by", command.returned_by)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if not isinstance(one.stage, Issued | Printed):
        raise wrong_stage(one)
    event = ArtifactReturnedUndelivered(
        one.serial, command.returned_on, command.returned_by, reason
    )
    return Outcome((event,))
