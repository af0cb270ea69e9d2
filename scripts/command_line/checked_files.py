"""What `sovang verify` finds out: payload, credential and page, each against the key list."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from api.verification.badges import badge
from api.verification.carried import Page, Voucher, vouch_for_page
from api.verification.pdf_page import JUDGED, not_on_page
from api.verification.pdf_reading import read_pdf
from registry.errors import VerificationFailed
from registry.messages import form_with_class
from registry.proofs.checkpoints import policy_of
from registry.proofs.credentials import signed_with, verify_proof
from registry.proofs.digits import digits_of_link, digits_to_bytes
from registry.proofs.payload import Claims, Signed, parse_envelope, verify_envelope, verify_place
from registry.proofs.proof_files import parse_proof
from registry.proofs.proof_files import verify_proof as verify_log_proof
from registry.proofs.status_lists import BITS

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList

CREDENTIAL_BYTES_MAX: Final = 1 << 20
_SHAPELESS: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)


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

    @property
    def claims(self) -> Claims:
        """What was signed for the paper."""
        return Claims(
            self.serial,
            self.name,
            self.form,
            self.decision,
            self.awarded_on,
            self.status_index,
        )


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """What the page of a file says, who vouches for it, and what it does not say.

    `refusal` is why the page is not to be believed, though what is inside the file is genuine.
    """

    says: tuple[str, ...]
    sha256: str
    vouched_by: Voucher | None
    not_on_page: tuple[str, ...]
    refusal: VerificationFailed | None = None

    def as_json(self) -> dict[str, Any]:
        """The page's part of an answer."""
        return {
            "says": self.says,
            "sha256": self.sha256,
            "vouched_by": self.vouched_by,
            "not_on_page": self.not_on_page,
        }


def check_file(
    content: bytes, key_list: KeyList, proof: bytes | None, file_proof: bytes | None
) -> tuple[Checked, CheckedPage]:
    """A PDF: the credential and the proof inside it, and its page. Raises `VerificationFailed`."""
    carried = read_pdf(content, key_list)
    checked = check_credential("pdf", carried.credential, key_list, proof or carried.proof)
    return checked, _check_page(carried.page, checked, key_list, file_proof)


def _check_page(
    page: Page, checked: Checked, key_list: KeyList, file_proof: bytes | None
) -> CheckedPage:
    missing = not_on_page(page.says, checked.claims)
    said, judged = page.says, [field for field in missing if field in JUDGED]
    try:
        voucher = vouch_for_page(page, key_list, file_proof)
    except VerificationFailed as error:
        return CheckedPage(said, page.digest.hex(), None, missing, error)
    # What the log vouches for was made by the office, however it looks to this program.
    differs = voucher == "key" and judged
    other = VerificationFailed("pdf-page-differs", fields=", ".join(judged)) if differs else None
    return CheckedPage(said, page.digest.hex(), voucher, missing, other)


def check_payload(what: str, text: str, key_list: KeyList, proof: bytes | None) -> Checked:
    """What a QR code holds: a link or its digits. Raises `VerificationFailed`."""
    signed = _verify_payload(text, key_list)
    leaf = None if proof is None else _proved_leaf(proof, signed, key_list)
    verify_place(signed, leaf)
    signed_at = datetime.fromtimestamp(signed.signed_at, UTC).isoformat()
    claims = asdict(signed.claims)
    return Checked(what, **claims, signed_at=signed_at, leaf_index=leaf)


def check_credential(what: str, content: bytes, key_list: KeyList, proof: bytes | None) -> Checked:
    """A credential and the paper's text in it, which must speak of the same paper.

    What is told is what the text says: only that can be found in the log. Raises
    `VerificationFailed`.
    """
    if len(content) > CREDENTIAL_BYTES_MAX:
        raise VerificationFailed("credential-malformed")
    try:
        document = json.loads(content)
        verify_proof(document, {key.kid: key.public for key in key_list.of("issue")})
        text = document["evidence"][0]["id"]
        checked = check_payload(what, text, key_list, proof)
        _verify_same(document, checked.claims)
        _verify_credential_key(document, _verify_payload(text, key_list), key_list)
    except _SHAPELESS as error:
        raise VerificationFailed("credential-malformed") from error
    return checked


def _verify_payload(text: str, key_list: KeyList) -> Signed:
    return verify_envelope(parse_envelope(digits_to_bytes(digits_of_link(text))), key_list)


def _proved_leaf(content: bytes, signed: Signed, key_list: KeyList) -> int:
    """The place in the log where these very bytes stand. Raises `VerificationFailed`."""
    proof = parse_proof(content)
    verify_log_proof(proof, policy_of(key_list))
    digest = urlsafe_b64encode(signed.digest).decode().rstrip("=")
    try:
        named = json.loads(proof.entry)["q"]
    except _SHAPELESS as error:
        raise VerificationFailed("proof-of-another-paper") from error
    if named != digest:
        raise VerificationFailed("proof-of-another-paper")
    return proof.index


def _verify_same(document: dict[str, Any], claims: Claims) -> None:
    """Raise unless whatever a reader takes from the credential is what the paper's text says."""
    entry, subject = document["credentialStatus"], document["credentialSubject"]
    achievement = subject["achievement"]
    number = int(entry["statusListCredential"].rpartition("/")[2])
    form, _, award_class = claims.form.partition(":")
    said = (
        document["id"].rpartition("/")[2],
        subject["identifier"][0]["identityHash"],
        number * BITS + int(entry["statusListIndex"]),
        achievement["id"].rpartition("#")[2],
        achievement["name"],
        document["name"],
    )
    called = form_with_class(form, award_class or None, "vi")
    if said != (claims.serial, claims.name, claims.status_index, form, called, called):
        raise VerificationFailed("credential-of-another-paper")
    if claims.decision is not None and not achievement["description"].endswith(claims.decision):
        raise VerificationFailed("credential-of-another-paper")


def _verify_credential_key(document: dict[str, Any], signed: Signed, key_list: KeyList) -> None:
    """Raise if a stolen key signed a credential that is not, to the letter, the text's own.

    The log has the paper's text and not the credential: what is made of the text alone is as good
    as the text, whoever signed it; anything else a thief may have written.
    """
    kid = signed_with(document)
    key = key_list.find(kid, "issue")
    if key is None or key.compromised_at_leaf is None:
        return
    public_url = document["id"].rpartition("/v/")[0]
    unsecured = {name: one for name, one in document.items() if name != "proof"}
    if unsecured != badge(signed, document["issuer"]["name"], public_url):
        raise VerificationFailed("credential-not-vouched", kid=kid.hex())
