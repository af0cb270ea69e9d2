"""`sovang verify`: a certificate checked without database and network. Exit code 4 means no.

What is checked may be what the QR code holds (a link, or its digits), a PDF file, or a credential
as JSON. Whose keys count is in the key list: the file given, else the one in the register's home.
Its roots are those of a file known beforehand, or else taken from the list itself, which is as
good as the way on which the list came.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.verification.pdf_checking import PDF_BYTES_MAX, verify_pdf
from registry.errors import Rejected, VerificationFailed
from registry.key_set import signing_folder
from registry.messages import describe, form_with_class, format_date, format_time
from registry.proofs.checkpoints import policy_of
from registry.proofs.credentials import verify_proof
from registry.proofs.digits import digits_of_link, digits_to_bytes
from registry.proofs.key_list import KeyList, TrustedKeys, parse_key_list
from registry.proofs.notes import parse_note
from registry.proofs.payload import Signed, parse_envelope, verify_envelope, verify_place
from registry.proofs.proof_files import parse_proof
from registry.proofs.proof_files import verify_proof as verify_log_proof
from registry.proofs.status_lists import BITS, read_list, verify_list
from scripts.command_line.failures import DONE, REFUTED
from scripts.command_line.sealing import read_roots

if TYPE_CHECKING:
    from scripts.command_line.session import Session

FILE_BYTES_MAX = PDF_BYTES_MAX + 1


@dataclass(frozen=True, slots=True)
class Checked:
    """What a certificate that is genuine says, its index in the status lists, its proved leaf."""

    what: str
    serial: str
    name: str
    form: str
    decision: str | None
    awarded_on: str | None
    status_index: int
    signed_at: str
    leaf_index: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`not-revoked` or `revoked` as of a moment; `unknown`, and why."""

    state: str
    as_of: str | None = None
    until: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What the check relies on beside what is checked; None where nothing was given."""

    keys: Path | None
    roots: Path | None
    status: Path | None
    proof: Path | None


def run(session: Session, given: str, files: Files) -> int:
    """Check and say. Raises `Rejected` for files that cannot be used."""
    now = datetime.now(UTC)
    try:
        key_list = _key_list(session, files, now)
        proof = _read(files.proof, "--proof") if files.proof is not None else None
        checked = _check(given, key_list, proof)
        standing = _standing(checked, key_list, files.status, now)
    except VerificationFailed as error:
        return _refuse(session, error)
    if session.as_json:
        trusted = {
            "key_list_version": key_list.version,
            "trial": key_list.trial,
            "roots_pinned": files.roots is not None,
        }
        told = {**asdict(checked), "standing": asdict(standing), "trusted": trusted}
        session.answer({"authentic": True, **told})
    else:
        _tell(session, checked, standing)
        _tell_trust(session, key_list, files)
    return REFUTED if standing.state == "revoked" else DONE


def _key_list(session: Session, files: Files, now: datetime) -> KeyList:
    content = _read(_keys_path(session, files), "--keys")
    named = read_roots(files.roots)
    listed = parse_key_list(parse_note(content).text)
    trusted = TrustedKeys(named or listed.roots, listed.threshold)
    return trusted.accept(content, int(now.timestamp()))


def _keys_path(session: Session, files: Files) -> Path:
    return files.keys or signing_folder(session.settings.home) / "key-list"


def _check(given: str, key_list: KeyList, proof: bytes | None) -> Checked:
    lowered = given.lower()
    if lowered.endswith(".pdf"):
        carried = verify_pdf(_read(Path(given), "PAYLOAD"), key_list)
        return _check_credential("pdf", carried.credential, key_list, proof or carried.proof)
    if lowered.endswith(".json"):
        return _check_credential("credential", _read(Path(given), "PAYLOAD"), key_list, proof)
    return _check_payload("payload", given, key_list, proof)


def _check_payload(what: str, text: str, key_list: KeyList, proof: bytes | None) -> Checked:
    signed = verify_envelope(parse_envelope(digits_to_bytes(digits_of_link(text))), key_list)
    leaf = None if proof is None else _proved_leaf(proof, signed, key_list)
    verify_place(signed, leaf)
    signed_at = datetime.fromtimestamp(signed.signed_at, UTC).isoformat()
    claims = asdict(signed.claims)
    return Checked(what, **claims, signed_at=signed_at, leaf_index=leaf)


def _proved_leaf(content: bytes, signed: Signed, key_list: KeyList) -> int:
    """The place in the log where these very bytes stand. Raises `VerificationFailed`."""
    proof = parse_proof(content)
    verify_log_proof(proof, policy_of(key_list))
    digest = urlsafe_b64encode(signed.digest).decode().rstrip("=")
    try:
        named = json.loads(proof.entry)["q"]
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationFailed("proof-of-another-paper") from error
    if named != digest:
        raise VerificationFailed("proof-of-another-paper")
    return proof.index


def _check_credential(what: str, content: bytes, key_list: KeyList, proof: bytes | None) -> Checked:
    """A credential and the paper's text in it, which must speak of the same paper.

    What is told is what the text says: only that can be found in the log.
    """
    try:
        document = json.loads(content)
        verify_proof(document, {key.kid: key.public for key in key_list.of("issue")})
        checked = _check_payload(what, document["evidence"][0]["id"], key_list, proof)
        entry = document["credentialStatus"]
        number = int(entry["statusListCredential"].rpartition("/")[2])
        index = number * BITS + int(entry["statusListIndex"])
        serial = document["id"].rpartition("/")[2]
        name = document["credentialSubject"]["identifier"][0]["identityHash"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise VerificationFailed("credential-malformed") from error
    if (serial, name, index) != (checked.serial, checked.name, checked.status_index):
        raise VerificationFailed("credential-of-another-paper")
    return checked


def _standing(checked: Checked, key_list: KeyList, status: Path | None, now: datetime) -> Standing:
    """What the list says; one that cannot answer leaves it unknown, a foreign one is refused."""
    if status is None:
        return Standing("unknown", code="status-list-not-given")
    text = _read(status, "--status").decode("ascii", "replace").strip()
    found = read_list(text, {key.kid: key.public for key in key_list.of("status")})
    verify_list(found, checked.status_index, now)
    state = "revoked" if found.is_set(checked.status_index) else "not-revoked"
    return Standing(state, found.valid_from.isoformat(), found.valid_until.isoformat())


def _refuse(session: Session, error: VerificationFailed) -> int:
    sentence = describe(error.code, error.params, session.language)
    if session.as_json:
        session.answer({"authentic": False, "code": error.code, "detail": sentence})
    else:
        print(session.text("verify.refused", reason=sentence))
    return REFUTED


def _tell(session: Session, checked: Checked, standing: Standing) -> None:
    form, _, award_class = checked.form.partition(":")
    print(session.text("verify.genuine"))
    for code, value in (
        ("name", checked.name),
        ("form", form_with_class(form, award_class or None, session.language)),
        ("decision", checked.decision),
        ("awarded-on", format_date(checked.awarded_on or "", session.language)),
        ("serial", checked.serial),
    ):
        if value:
            print(f"  {session.text(f'verify.{code}')}: {value}")
    if checked.leaf_index is not None:
        print(session.text("verify.in-log", leaf=checked.leaf_index))
    as_of = standing.as_of
    when = format_time(datetime.fromisoformat(as_of), session.language) if as_of else ""
    print(session.text(f"verify.{standing.state}", when=when))


def _tell_trust(session: Session, key_list: KeyList, files: Files) -> None:
    """Say whose word the verdict rests on, where nobody named the roots beforehand."""
    if key_list.trial:
        session.say("audit.trial")
    if files.roots is None:
        roots = "\n".join(str(root) for root in key_list.roots)
        session.say("verify.unpinned", keys=_keys_path(session, files), roots=roots)


def _read(path: Path, argument: str) -> bytes:
    """The content of a file. Raises `Rejected` naming the argument."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Rejected("file-unreadable", field=argument, path=str(path), reason=reason) from error
