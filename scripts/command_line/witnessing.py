"""`sovang witness` runs a witness; `sovang log cosign` asks witnesses about the last head.

A witness belongs to another office, on another machine, under another administrator: it needs
nothing of the register but the key list, and keeps its own memory of what it has seen.
"""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from projections.sealed_log import latest_head, list_in_force
from projections.witnesses import ask
from registry.errors import NotReady, Rejected, VerificationFailed
from registry.messages import describe
from registry.proofs.checkpoints import policy_of, witness_key
from registry.proofs.key_list import KeyList, TrustedKeys, parse_key_list
from registry.proofs.notes import parse_note
from registry.proofs.witnessing import Witness
from registry.witness_book import WitnessBook, witness_signer
from scripts.command_line.failures import DONE, DONE_IN_PART

if TYPE_CHECKING:
    from scripts.command_line.session import Session


def serve(session: Session, state: Path, name: str, keys: Path, *, host: str, port: int) -> None:
    """Run a witness for the log of a key list. Raises `Rejected` and `VerificationFailed`."""
    import uvicorn  # noqa: PLC0415 - only here

    from api.http.connections import Connections  # noqa: PLC0415
    from api.http.listening import address_of, listen  # noqa: PLC0415
    from api.witness import create_witness  # noqa: PLC0415

    signer = witness_signer(state)
    policy = policy_of(read_key_list(keys))
    witness = Witness(name, signer, {policy.origin: policy})
    application = create_witness(witness, WitnessBook(state))
    with closing(listen(host, port)) as listening:
        session.say("witness.key", key=witness_key(name, signer))
        session.say("witness.runs", log=policy.origin, address=address_of(listening))
        session.tell_address(address_of(listening))
        configuration = uvicorn.Config(
            application,
            http=Connections(language=session.language).protocol,  # type: ignore[arg-type]
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
        )
        uvicorn.Server(configuration).run(sockets=[listening])


def read_key_list(path: Path) -> KeyList:
    """A key list from a file: signed by its own roots, which its reader has compared."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Rejected("key-list-unreadable", field="--keys", path=str(path)) from error
    listed = parse_key_list(parse_note(content).text)
    # Its time is not ours to judge: a witness goes on while the office renews its list.
    return TrustedKeys(listed.roots, listed.threshold).accept(content, listed.issued_at)


def cosign(session: Session, addresses: list[str]) -> int:
    """Ask witnesses to cosign the last head; keep what they say. Exit code 3 if one did not."""
    results: list[_Asked] = []
    with (
        session.database() as database,
        database.pool("writer").connection() as connection,
    ):
        cursor = connection.cursor()
        head, witnesses = latest_head(cursor), list_in_force(cursor, database.marks).witnesses
        for address in addresses:
            try:
                results.append(_Asked(address, ask(cursor, head, witnesses, address)))
            except (VerificationFailed, NotReady) as error:
                sentence = describe(error.code, error.params, session.language)
                results.append(_Asked(address, error=error.code, sentence=sentence))
    if session.as_json:
        session.answer({"size": head.size, "results": [asdict(one) for one in results]})
    for one in results:
        if one.error is not None:
            print(f"{one.address}: {one.sentence}", file=sys.stderr)
        elif not session.as_json:
            session.say("witness.signed", size=head.size, names=", ".join(one.witnesses))
    return DONE_IN_PART if any(one.error for one in results) else DONE


@dataclass(frozen=True, slots=True)
class _Asked:
    """What came of asking at an address: who cosigned, or why nobody did."""

    address: str
    witnesses: list[str] = field(default_factory=list)
    error: str | None = None
    sentence: str | None = None
