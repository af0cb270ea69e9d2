"""A paper is signed: what its QR code carries becomes a fact of its award, and each file of it.

The signature itself is made outside, over the text as this register has it (no key and no
library is here); the rule says for which artifacts there may be one: papers that are printed,
that count, under an award that stands and that no doubt holds back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from registry.award.artifact import ArtifactSigned, FileSigned
from registry.award.artifact_state import Artifact, find_current, wrong_stage
from registry.award.doubts import require_free
from registry.award.issuing import PRINTED_COMPONENTS
from registry.award.recorded import Recorded, State, require_standing
from registry.errors import Rejected
from registry.fact import Claim, Outcome


@dataclass(frozen=True, slots=True)
class SignArtifact:
    """Record what was signed for the paper with this serial; fields as in `ArtifactSigned`."""

    serial: str
    kid: str
    status_index: int
    payload: str


@dataclass(frozen=True, slots=True)
class RecordSignedFile:
    """Record the digest of a file that was signed for a paper; fields as in `FileSigned`."""

    serial: str
    kid: str
    sha256: str


Command: TypeAlias = SignArtifact | RecordSignedFile


def decide(state: Recorded, command: Command) -> Outcome:
    """Judge a signature. Raises `Rejected`."""
    one = signable(state, command.serial)
    if isinstance(command, RecordSignedFile):
        return Outcome((FileSigned(one.serial, command.kid, command.sha256),))
    event = ArtifactSigned(one.serial, command.kid, command.status_index, command.payload)
    return Outcome((event,))


def signable(state: State, serial: str) -> Artifact:
    """The paper with this serial, in any spelling. Raises `Rejected` if none may be signed."""
    one = find_current(require_free(require_standing(state)).artifacts, serial)
    if one.component not in PRINTED_COMPONENTS:
        raise Rejected("component-not-printed", field="serial", component=one.component)
    if not one.is_live:
        raise wrong_stage(one)
    return one


def claim_of(event: ArtifactSigned | FileSigned) -> Claim:
    """What only one signature may have: its place in the status lists, or its file."""
    if isinstance(event, FileSigned):
        return file_claim(event.sha256)
    return index_claim(event.status_index)


def file_claim(digest: str) -> Claim:
    """A signed file, by the SHA-256 of its bytes in hexadecimal: by it the file's fact is found."""
    return Claim("signed-file", digest)


def index_claim(status_index: int) -> Claim:
    """A place in the status lists: each is one paper's own."""
    return Claim("status-index", str(status_index))
