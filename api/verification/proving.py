"""Certificates on paper made verifiable: QR code, check code, and what a file carries along.

Where there are no keys nothing is signed, and papers are printed as they are.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from api.papers.certificate import Attachment
from api.records import award_of_serial
from api.verification.badges import badge, badge_with_proof
from api.verification.pdf_checking import CREDENTIAL_NAME, PROOF_NAME
from api.verification.qr import link_to_svg
from api.verification.signing import SignedCertificate, sign_certificates
from projections.sealed_log import proof_of
from projections.signatures import find_signature
from registry.errors import RegistryError
from registry.proofs.payload import parse_envelope, verify_envelope

if TYPE_CHECKING:
    from api.papers.certificate import CertificateText
    from api.printing import Certificates
    from api.verification.signing import SigningDesk
    from registry.fact import Authorship


def prove_text(
    desk: SigningDesk, text: CertificateText, serial: str, author: Authorship
) -> CertificateText:
    """A certificate with its QR code and, inside the file, its credential and log proof."""
    if not desk.trust.signs:
        return text
    (made,) = sign_certificates(desk, (serial,), author)
    return replace(_printed(desk, text, made), attachments=_attachments(desk, made))


def prove_texts(desk: SigningDesk, found: Certificates, author: Authorship) -> Certificates:
    """All certificates of a decision with their QR codes; a file for the press carries no more."""
    if not desk.trust.signs:
        return found
    made = sign_certificates(desk, found.serials, author)
    pairs = zip(found.texts, made, strict=True)
    return replace(found, texts=tuple(_printed(desk, text, one) for text, one in pairs))


def _printed(desk: SigningDesk, text: CertificateText, made: SignedCertificate) -> CertificateText:
    return replace(
        text,
        qr=link_to_svg(made.link),
        check_code=made.check_code,
        proof_lines=(f"Số hiệu: {made.serial}", f"Kiểm tra tại {desk.public_url}/v"),
    )


def _attachments(desk: SigningDesk, made: SignedCertificate) -> tuple[Attachment, ...]:
    credential = Attachment(
        CREDENTIAL_NAME,
        _credential(desk, made),
        "application/vc",
        "Chứng nhận số / verifiable credential (Open Badges 3.0)",
        "data",
    )
    proof = _log_proof(desk, made)
    if proof is None:
        return (credential,)
    return (
        credential,
        Attachment(
            PROOF_NAME, proof, "text/plain", "Bằng chứng trong nhật ký công khai / log proof"
        ),
    )


def _credential(desk: SigningDesk, made: SignedCertificate) -> str:
    office = desk.registry.facts_of(award_of_serial(desk.registry, made.serial))[0].authorship
    signed = verify_envelope(parse_envelope(made.payload), desk.trust.key_list)
    document = badge(signed, office.office, desk.public_url)
    secured = badge_with_proof(document, desk.trust.signer("issue"), desk.public_url)
    return json.dumps(secured, ensure_ascii=False, indent=1)


def _log_proof(desk: SigningDesk, made: SignedCertificate) -> str | None:
    """The proof that the log has this very signature; None until it is sealed."""
    try:
        with desk.reading() as cursor:
            row = find_signature(cursor, made.status_index)
            return bytes(proof_of(cursor, row.position)).decode() if row is not None else None
    except RegistryError:
        return None
