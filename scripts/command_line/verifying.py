"""`sovang verify`: a certificate checked without database and network. Exit code 4 means no.

What is checked may be what the QR code holds (a link, or its digits), a PDF file, or a credential
as JSON. Whose keys count is in the key list: the file given, else the one in the register's home.
Its roots are those of a file known beforehand, or else taken from the list itself, which is as
good as the way on which the list came.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.verification.pdf_checking import PDF_BYTES_MAX, verify_pdf
from registry.errors import Rejected, VerificationFailed
from registry.key_set import signing_folder
from registry.messages import describe, form_with_class, format_date, format_time
from registry.proofs.credentials import verify_proof
from registry.proofs.digits import digits_of_link, digits_to_bytes
from registry.proofs.key_list import KeyList, TrustedKeys, parse_key_list
from registry.proofs.notes import parse_note
from registry.proofs.payload import parse_envelope, verify_envelope, verify_place
from registry.proofs.status_lists import BITS, read_list, verify_list
from scripts.command_line.failures import DONE, REFUTED
from scripts.command_line.sealing import read_roots

if TYPE_CHECKING:
    from scripts.command_line.session import Session

FILE_BYTES_MAX = PDF_BYTES_MAX + 1


@dataclass(frozen=True, slots=True)
class Checked:
    """What a certificate that is genuine says, and its index in the status lists."""

    what: str
    serial: str
    name: str
    form: str
    decision: str | None
    awarded_on: str | None
    signed_at: str
    status_index: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`not-revoked` or `revoked` as of a moment; `unknown`, and why."""

    state: str
    as_of: str | None = None
    until: str | None = None
    code: str | None = None


def run(
    session: Session, given: str, keys: Path | None, roots: Path | None, status: Path | None
) -> int:
    """Check and say. Raises `Rejected` for files that cannot be used."""
    now = datetime.now(UTC)
    try:
        key_list = _key_list(session, keys, roots, now)
        checked = _check(given, key_list)
        standing = _standing(checked, key_list, status, now)
    except VerificationFailed as error:
        return _refuse(session, error)
    if session.as_json:
        session.answer({"authentic": True, **asdict(checked), "standing": asdict(standing)})
    else:
        _tell(session, checked, standing)
    return REFUTED if standing.state == "revoked" else DONE


def _key_list(session: Session, keys: Path | None, roots: Path | None, now: datetime) -> KeyList:
    path = keys or signing_folder(session.settings.home) / "key-list"
    content = _read(path, "--keys")
    named = read_roots(roots)
    listed = parse_key_list(parse_note(content).text)
    trusted = TrustedKeys(named or listed.roots, listed.threshold)
    return trusted.accept(content, int(now.timestamp()))


def _check(given: str, key_list: KeyList) -> Checked:
    if given.lower().endswith(".pdf"):
        return _check_credential(
            "pdf", verify_pdf(_read(Path(given), "PAYLOAD"), key_list), key_list
        )
    if given.lower().endswith(".json"):
        return _check_credential("credential", _read(Path(given), "PAYLOAD"), key_list)
    signed = verify_envelope(parse_envelope(digits_to_bytes(digits_of_link(given))), key_list)
    verify_place(signed, None)
    claims = signed.claims
    signed_at = datetime.fromtimestamp(signed.signed_at, UTC).isoformat()
    return Checked(
        "payload",
        claims.serial,
        claims.name,
        claims.form,
        claims.decision,
        claims.awarded_on,
        signed_at,
        claims.status_index,
    )


def _check_credential(what: str, content: bytes, key_list: KeyList) -> Checked:
    try:
        document = json.loads(content)
        verify_proof(document, {key.kid: key.public for key in key_list.of("issue")})
        entry, subject = document["credentialStatus"], document["credentialSubject"]
        number = int(entry["statusListCredential"].rpartition("/")[2])
        return Checked(
            what,
            document["id"].rpartition("/")[2],
            subject["identifier"][0]["identityHash"],
            document["name"],
            subject["achievement"]["description"].removeprefix("Quyết định số "),
            document["validFrom"][:10],
            document["proof"]["created"],
            number * BITS + int(entry["statusListIndex"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise VerificationFailed("credential-malformed") from error


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
    as_of = standing.as_of
    when = format_time(datetime.fromisoformat(as_of), session.language) if as_of else ""
    print(session.text(f"verify.{standing.state}", when=when))


def _read(path: Path, argument: str) -> bytes:
    """The content of a file. Raises `Rejected` naming the argument."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Rejected("file-unreadable", field=argument, path=str(path), reason=reason) from error
