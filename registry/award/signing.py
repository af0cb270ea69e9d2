"""A paper is signed: what its QR code carries becomes a fact of its award.

The signature itself is made outside, over the text as this register has it (no key and no
library is here); the rule says for which artifacts there may be one: papers that are printed,
that count, under an award that stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.award.artifact import ArtifactSigned
from registry.award.artifact_state import Artifact, find_current, wrong_stage
from registry.award.issuing import PRINTED_COMPONENTS
from registry.award.recorded import Recorded, require_standing
from registry.errors import Rejected
from registry.fact import Claim, Outcome


@dataclass(frozen=True, slots=True)
class SignArtifact:
    """Record what was signed for the paper with this serial; fields as in `ArtifactSigned`."""

    serial: str
    kid: str
    status_index: int
    payload: str


def decide(state: Recorded, command: SignArtifact) -> Outcome:
    """Judge a signature. Raises `Rejected`."""
    one = signable(state, command.serial)
    event = ArtifactSigned(one.serial, command.kid, command.status_index, command.payload)
    return Outcome((event,))


def signable(state: Recorded, serial: str) -> Artifact:
    """The paper with this serial, in any spelling. Raises `Rejected` if none may be signed."""
    one = find_current(require_standing(state).artifacts, serial)
    if one.component not in PRINTED_COMPONENTS:
        raise Rejected("component-not-printed", field="serial", component=one.component)
    if not one.is_live:
        raise wrong_stage(one)
    return one


def index_claim(status_index: int) -> Claim:
    """A place in the status lists: each is one paper's own."""
    return Claim("status-index", str(status_index))
