"""A witness: another office that cosigns a log's heads, never two histories (C2SP tlog-witness).

It keeps one thing for each log: the last head that it cosigned, which anybody may ask it for. A
request is

    old 200                      the size that the log believes the witness has seen
    PlRNCrwHpqhGrupue0L7...      a consistency proof from there
                                 (an empty line)
    the checkpoint, signed by the log

and is judged in this order, each refusal with the status that the protocol gives it:

  400  the form is wrong, or `old` is beyond the checkpoint
  404  the log is not one of ours
  403  no key of the log signed it
  409  `old` is not what we have seen; the answer says what we have
  422  the new tree does not continue the one that we cosigned: history was rewritten; or it is
       empty and has another root than nothing has
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from registry.errors import VerificationFailed
from registry.proofs.checkpoints import (
    Checkpoint,
    LogPolicy,
    cosign,
    parse_checkpoint,
    verify_checkpoint,
)
from registry.proofs.keys import Signer
from registry.proofs.merkle import EMPTY_ROOT, PROOF_HASHES_MAX, verify_consistency
from registry.proofs.notes import NOTE_BYTES_MAX, Note, decode_base64

REQUEST_BYTES_MAX: Final = NOTE_BYTES_MAX + 8_192

_OLD: Final = re.compile(rb"old (0|[1-9][0-9]{0,18})")


class WitnessRefusal(VerificationFailed):
    """A witness does not cosign; `status` is that of the protocol, `body` its answer."""

    def __init__(self, status: int, code: str, body: str = "") -> None:
        self.status = status
        self.body = body
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Seen:
    """The last head of a log that a witness cosigned.

    `note` is that head with the signatures of the log that were verified, and the witness's own.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns, and for which logs, by origin."""

    name: str
    signer: Signer
    logs: Mapping[str, LogPolicy]

    def origin_of(self, request: bytes) -> str:
        """The log that a request is about. Raises `WitnessRefusal`."""
        return parse_request(request)[2].origin

    def judge(self, request: bytes, seen: Seen, now: int) -> tuple[Seen, str]:
        """What has been seen after this request, and the line that says so.

        The caller keeps what was seen before he gives the line away: else two requests at one
        time could be cosigned. Raises `WitnessRefusal`.
        """
        old, proof, checkpoint, note = parse_request(request)
        policy = self.logs.get(checkpoint.origin)
        if policy is None:
            raise WitnessRefusal(404, "witness-log-unknown")
        try:
            # Whether other witnesses have signed is not ours to ask.
            own = replace(policy, witnesses=(), witnesses_needed=0)
            verify_checkpoint(bytes(note), own)
        except VerificationFailed as error:
            raise WitnessRefusal(403, error.code) from error
        if old > checkpoint.size:
            raise WitnessRefusal(400, "witness-request-malformed")
        if old != seen.size:
            raise WitnessRefusal(409, "witness-size-stale", f"{seen.size}\n")
        _check_continues(seen, checkpoint, proof)
        line = cosign(checkpoint, self.name, self.signer, now)
        by_log = (one for one in note.signatures if any(map(one.is_by, policy.log_keys)))
        kept = Note(note.text, (*by_log, line))
        return Seen(checkpoint.size, checkpoint.root, bytes(kept)), str(line)


def format_request(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body that asks a witness to cosign."""
    lines = [f"old {old}", *[b64encode(one).decode() for one in proof]]
    return "\n".join(lines).encode() + b"\n\n" + checkpoint


def parse_request(content: bytes) -> tuple[int, list[bytes], Checkpoint, Note]:
    """Old size, proof, checkpoint and its note. Raises `WitnessRefusal` for another form."""
    malformed = WitnessRefusal(400, "witness-request-malformed")
    head, separator, signed = content[:REQUEST_BYTES_MAX].partition(b"\n\n")
    first, *lines = head.split(b"\n")
    old = _OLD.fullmatch(first)
    if not separator or old is None or len(lines) > PROOF_HASHES_MAX or not head.isascii():
        raise malformed
    try:
        proof = [decode_base64(line.decode(), "proof-malformed") for line in lines]
        checkpoint, note = parse_checkpoint(signed)
    except VerificationFailed as error:
        raise malformed from error
    return int(old[1]), proof, checkpoint, note


def _check_continues(seen: Seen, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    rewritten = WitnessRefusal(422, "consistency-wrong")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise rewritten
    if seen.size == 0:
        # From nothing everything follows, and nothing need be proved.
        if proof:
            raise rewritten
        return
    try:
        verify_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, proof)
    except VerificationFailed as error:
        raise rewritten from error
