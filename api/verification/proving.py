"""Certificates on paper made verifiable: QR code, check code, and what a file carries along.

Where there are no keys nothing is signed, and papers are printed as they are.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from api.papers.certificate import Attachment
from api.verification.badges import badge, badge_with_proof
from api.verification.finishing import Sheet, finishers, processes_here
from api.verification.pdf_checking import CREDENTIAL_NAME, PROOF_NAME
from api.verification.qr import link_to_svg
from api.verification.signing import SignedCertificate, sign_certificates
from projections.sealed_log import proofs_of
from registry.errors import RegistryError
from registry.proofs.payload import parse_envelope, verify_envelope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.papers.certificate import CertificateText
    from api.printing import Certificates
    from api.verification.signing import SigningDesk
    from registry.fact import Authorship

# Starting other processes takes as long as drawing so many codes.
PICTURES_SHARED_MIN: Final = 200


def prove_text(
    desk: SigningDesk, text: CertificateText, made: SignedCertificate
) -> CertificateText:
    """A certificate with its QR code and, inside the file, its credential and log proof."""
    (proof,) = log_proofs(desk, (made,))
    return replace(with_proof(desk, text, made, proof), qr=link_to_svg(made.link))


def prove_texts(
    desk: SigningDesk, found: Certificates, author: Authorship, processes: int | None = None
) -> Certificates:
    """All certificates of a decision with their QR codes; a file for the press carries no more."""
    if not desk.trust.signs:
        return found
    made = sign_certificates(desk, found.serials, author)
    pictures = _pictures([one.link for one in made], processes or processes_here())
    return replace(
        found,
        texts=tuple(
            replace(_lettered(desk, text, one), qr=picture)
            for text, one, picture in zip(found.texts, made, pictures, strict=True)
        ),
    )


def with_proof(
    desk: SigningDesk, text: CertificateText, made: SignedCertificate, proof: str | None
) -> CertificateText:
    """A certificate with all but its QR code, for a file of its own."""
    credential = Attachment(
        CREDENTIAL_NAME,
        _credential(desk, made),
        "application/vc",
        "Chứng nhận số / verifiable credential (Open Badges 3.0)",
        "data",
    )
    attachments = (credential,) if proof is None else (credential, _proof_file(proof))
    return replace(_lettered(desk, text, made), attachments=attachments)


def log_proofs(desk: SigningDesk, made: Sequence[SignedCertificate]) -> tuple[str | None, ...]:
    """The proofs that the log has these very signatures; None for all until all are sealed."""
    try:
        with desk.reading() as cursor:
            proofs = proofs_of(cursor, desk.registry.log.marks, [one.position for one in made])
    except RegistryError:
        return (None,) * len(made)
    return tuple(bytes(proof).decode() for proof in proofs)


def _pictures(links: Sequence[str], processes: int) -> list[bytes]:
    if len(links) < PICTURES_SHARED_MIN:
        return [link_to_svg(link) for link in links]
    with finishers(processes) as others:
        return list(others.finish(Sheet(link) for link in links))


def _lettered(desk: SigningDesk, text: CertificateText, made: SignedCertificate) -> CertificateText:
    return replace(
        text,
        serial=made.serial,
        check_code=made.check_code,
        address=f"{desk.public_url}/v",
    )


def _proof_file(proof: str) -> Attachment:
    described = "Bằng chứng trong nhật ký công khai / log proof"
    return Attachment(PROOF_NAME, proof, "text/plain", described)


def _credential(desk: SigningDesk, made: SignedCertificate) -> str:
    signed = verify_envelope(parse_envelope(made.payload), desk.trust.key_list)
    document = badge(signed, made.office, desk.public_url)
    secured = badge_with_proof(document, desk.trust.signer("issue"), desk.public_url)
    return json.dumps(secured, ensure_ascii=False, indent=1)
