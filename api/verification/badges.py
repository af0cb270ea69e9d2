"""A certificate as an Open Badge (1EdTech Open Badges 3.0, a W3C credential), for other programs.

It says what the paper says, points to the same index of the status lists, and has the paper's own
signed text as its evidence: that is what the log knows. Two securings of one document: a proof
inside it, or a signed line (see `registry.proofs.credentials`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from registry.dates import parse_edtf
from registry.messages import form_with_class
from registry.proofs.credentials import (
    CREDENTIALS_CONTEXT,
    add_proof,
    did_web,
    format_moment,
    key_name,
    sign_jwt,
)
from registry.proofs.digits import make_link
from registry.proofs.payload import Signed
from registry.proofs.status_lists import status_entry

if TYPE_CHECKING:
    from registry.proofs.keys import Signer

BADGES_CONTEXT: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def badge(signed: Signed, issuer_name: str, public_url: str) -> dict[str, Any]:
    """The credential of a certificate, not yet secured."""
    claims = signed.claims
    form, _, award_class = claims.form.partition(":")
    name = form_with_class(form, award_class or None, "vi")
    return {
        "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT],
        "id": f"{public_url}/v/{claims.serial}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": did_web(public_url), "type": ["Profile"], "name": issuer_name},
        "validFrom": _beginning(claims.awarded_on, signed.signed_at),
        "name": name,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityHash": claims.name,
                    "identityType": "name",
                    "hashed": False,
                }
            ],
            "achievement": {
                "id": f"{public_url}/api/catalogue#{form}",
                "type": ["Achievement"],
                "achievementType": "Award",
                "name": name,
                "description": f"Quyết định số {claims.decision}" if claims.decision else name,
                "criteria": {"narrative": "Luật Thi đua, khen thưởng"},
            },
        },
        "evidence": [{"id": make_link(public_url, signed.content), "type": ["Evidence"]}],
        "credentialStatus": status_entry(public_url, claims.status_index),
    }


def badge_with_proof(document: dict[str, Any], signer: Signer, public_url: str) -> dict[str, Any]:
    """The credential with a proof inside, made as of its own beginning: the same every time."""
    method = key_name(did_web(public_url), signer.kid)
    return add_proof(document, signer.sign, method, document["validFrom"])


def badge_as_jwt(document: dict[str, Any], signer: Signer, public_url: str) -> str:
    """The credential as a signed line."""
    return sign_jwt(document, signer, key_name(did_web(public_url), signer.kid))


def _beginning(awarded_on: str | None, signed_at: int) -> str:
    """The first moment of the award's date; of the signature, where the date is not known."""
    if awarded_on is None:
        return format_moment(datetime.fromtimestamp(signed_at, UTC))
    return f"{parse_edtf(awarded_on).earliest.isoformat()}T00:00:00Z"
