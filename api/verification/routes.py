"""Routes for whoever holds a certificate (no sign-in), and for the office that makes it verifiable.

POST /api/verify               {p} or {serial, check_code}, perhaps with facts the asker holds
GET  /api/verify/SERIAL        ?on=DATE&known_at=TIME
GET  /log/status/NUMBER        a signed status list
GET  /log/files/SHA256         the log's proof that the office gave a file away
GET  /.well-known/did.json, /did.json       the keys of credentials
POST /api/artifacts/SERIAL/sign
GET  /api/artifacts/SERIAL/qr.svg, /credential
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.bodies import Body, Line, Name, TypedDate
from api.http.direct_route import DirectRoute
from api.moment import NOW
from api.problems import language_for
from api.records import fold_award
from api.refusals import FieldProblem as Problem
from api.refusals import InvalidBody
from api.service import Reads, Writes, check_query, client_address, service_of
from api.verification.answers import Question
from api.verification.badges import badge, badge_as_jwt, badge_with_proof
from api.verification.checking import (
    check_payload,
    check_typed,
    facts_of_serial,
    parse_question_moment,
    question_moment,
    status_by_serial,
)
from api.verification.file_records import proof_of_file
from api.verification.lists import credential_of, current_list
from api.verification.qr import link_to_svg
from api.verification.signing import SignedCertificate, sign_certificates, signed_certificate
from api.whole_body import describe_body, parse_body
from registry.award import AwardWithdrawn, held_by
from registry.award.doubts import held_back
from registry.errors import NotFound
from registry.proofs.credentials import did_document, did_document_path, did_web
from registry.proofs.payload import parse_envelope, verify_envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.service import Service

NEVER_KEPT: Final = {"Cache-Control": "no-store"}
LIST_SECONDS: Final = 300
JWT_TYPE: Final = "application/vc+jwt"
CREDENTIAL_TYPE: Final = "application/vc"
BIRTH_YEAR_MIN, BIRTH_YEAR_MAX = 1850, 2100

router = APIRouter(tags=["public"], route_class=DirectRoute)


class VerifyBody(Body):
    """What is read from a certificate, and what the asker knows of its holder already.

    `p` is what the QR code holds; its length is bounded by that of the body, so that too many
    digits get the verdict they deserve.
    """

    p: str | None = None
    serial: Name | None = None
    check_code: Name | None = None
    name: Name | None = None
    birth_year: Annotated[int, Field(ge=BIRTH_YEAR_MIN, le=BIRTH_YEAR_MAX)] | None = None
    on: TypedDate | None = None
    known_at: Line | None = None


_VERIFY_BODY: Final = TypeAdapter(VerifyBody)


@router.post("/api/verify", openapi_extra=describe_body(VerifyBody))
def verify(request: Request) -> Response:
    """The verdict on a certificate: genuine or not, and what became of it."""
    body = parse_body(request, _VERIFY_BODY)
    service, language = service_of(request), language_for(request)
    moment = NOW
    if body.on or body.known_at:
        moment = parse_question_moment({"on": body.on or "", "known_at": body.known_at or ""})
    question = Question(moment, language, body.name, body.birth_year)
    if body.p is not None:
        answer = check_payload(service, body.p, question, client_address(request))
        return json_answer(answer, 200, NEVER_KEPT)
    if body.serial is None or body.check_code is None:
        raise InvalidBody(
            [Problem("serial" if body.serial is None else "check_code", "value-missing")]
        )
    service.buckets.take(client_address(request))
    answer = check_typed(service, body.serial, body.check_code, question)
    return json_answer(answer, 200, NEVER_KEPT)


@router.get("/api/verify/{serial}")
def status(request: Request, serial: str) -> Response:
    """The status of a serial on a day, as far as it was known at a moment."""
    check_query(request)
    service, language = service_of(request), language_for(request)
    service.buckets.take(client_address(request))
    question = Question(question_moment(request), language)
    view = status_by_serial(service, serial, question)
    return json_answer(asdict(view), 200, NEVER_KEPT)


@router.get("/log/status/{number}")
def status_list(request: Request, number: str) -> Response:
    """A status list: a signed line, or a JSON document for whoever asks for one."""
    digits = number.removesuffix(".jwt").removesuffix(".json")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len("999999")):
        raise NotFound("status-list-unknown")
    service = service_of(request)
    service.buckets.take(client_address(request))
    published = current_list(service, int(digits))
    headers = {
        "Cache-Control": f"public, max-age={LIST_SECONDS}",
        "Vary": "Accept",
        "Access-Control-Allow-Origin": "*",
    }
    wanted = request.headers.get("Accept", "")
    as_line = JWT_TYPE in wanted or CREDENTIAL_TYPE not in wanted
    if number.endswith(".json") or not (as_line or number.endswith(".jwt")):
        answer = json_answer(credential_of(service, published), 200, headers)
        answer.headers["Content-Type"] = CREDENTIAL_TYPE
        return answer
    return Response(published.credential, 200, headers, media_type=JWT_TYPE)


@router.get("/log/files/{digest}")
def file_proof(request: Request, digest: str) -> Response:
    """The log's proof of a signed file, for whoever has it and so knows its SHA-256."""
    service = service_of(request)
    service.buckets.take(client_address(request))
    proof = proof_of_file(service.signing, digest)
    headers = {**NEVER_KEPT, "Access-Control-Allow-Origin": "*"}
    return Response(bytes(proof), 200, headers, media_type="text/plain; charset=utf-8")


@router.get("/.well-known/did.json")
@router.get("/did.json")
def issuer(request: Request) -> Response:
    """The keys that sign credentials and status lists, under the name that these carry.

    An address with a path has them below that path, one without in the well-known place. Raises
    `NotFound` for the other of the two.
    """
    service = service_of(request)
    if request.url.path != did_document_path(service.public_url):
        raise NotFound("route-unknown")
    trust = service.trust
    keys = trust.public_keys("issue") | trust.public_keys("status")
    headers = {
        "Cache-Control": f"public, max-age={LIST_SECONDS}",
        "Access-Control-Allow-Origin": "*",
    }
    return json_answer(did_document(did_web(service.public_url), keys), 200, headers)


# For the office -----------------------------------------------------------------------------


@router.post("/api/artifacts/{serial}/sign")
def sign(serial: str, writing: Writes) -> Response:
    """Make a certificate verifiable: sign it, unless a signature over the same text holds."""
    (made,) = sign_certificates(writing.service.signing, (serial,), writing.authorship())
    return json_answer(_as_json(made))


@router.get("/api/artifacts/{serial}/qr.svg")
def qr(serial: str, asking: Reads) -> Response:
    """The QR code of a signed certificate."""
    made = _signed(asking.service, serial)
    return Response(link_to_svg(made.link), 200, NEVER_KEPT, media_type="image/svg+xml")


@router.get("/api/artifacts/{serial}/credential")
def credential(request: Request, serial: str, asking: Reads) -> Response:
    """A signed certificate as an Open Badge: JSON with a proof, or a signed line if asked for."""
    service = asking.service
    made = _signed(service, serial)
    trust = service.trust
    signed = verify_envelope(parse_envelope(made.payload), trust.key_list)
    document = badge(signed, made.office, service.public_url)
    signer = trust.signer("issue")
    if JWT_TYPE in request.headers.get("Accept", ""):
        line = badge_as_jwt(document, signer, service.public_url)
        return Response(line, 200, NEVER_KEPT, media_type=JWT_TYPE)
    return json_answer(badge_with_proof(document, signer, service.public_url), 200, NEVER_KEPT)


def _signed(service: Service, serial: str) -> SignedCertificate:
    """A certificate that was signed, and may be shown. Raises `NotFound`, `Rejected`."""
    facts = facts_of_serial(service.registry, serial)
    if facts is None:
        raise NotFound("artifact-unknown", field="serial", serial=serial[:100])
    if isinstance(facts[-1].event, AwardWithdrawn):
        raise NotFound("award-withdrawn")
    held = held_by(fold_award(facts).state)
    if held is not None:
        raise held_back(held)
    made = signed_certificate(service.signing, facts, serial)
    if made is None:
        raise NotFound("certificate-not-signed", field="serial", serial=serial[:100])
    return made


def _as_json(made: SignedCertificate) -> Mapping[str, Any]:
    return {
        "serial": made.serial,
        "link": made.link,
        "check_code": made.check_code,
        "status_index": made.status_index,
    }
