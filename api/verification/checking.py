"""A stranger's question about a certificate, answered in the order that gives nothing away.

The signature first: until it holds, nothing is looked up. Then whether the register has these
very bytes (a stolen key signs perfectly, but nobody entered its work), and only then what became
of the paper. For a serial typed by hand the check code stands in the signature's place; a wrong
code and an unknown serial get one and the same answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.moment import parse_moment
from api.records import award_of_serial
from api.refusals import BadRequest
from api.verification.answers import Question, match_facts, status_of_paper, view_of_standing
from api.verification.check_codes import is_check_code
from api.verification.signing import signature_of
from projections.signatures import find_current_signature, payload_bytes
from projections.standing import form_of, holder_of
from registry.award import INITIAL, Entered, evolve
from registry.award.artifact import ArtifactSigned
from registry.award.signing import index_claim
from registry.errors import NotFound, VerificationFailed
from registry.messages import describe, term
from registry.numbers import normalise_serial
from registry.proofs.payload import Signed, verify_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from api.moment import Moment
    from api.service import Service
    from api.verification.answers import StatusView
    from projections.signatures import CurrentSignature
    from projections.standing import Holder
    from registry.fact import Fact
    from registry.register import Registry
    from registry.settings import Language

Answer = dict[str, Any]


def check_payload(
    service: Service, text: str, question: Question, address: str | None = None
) -> Answer:
    """The verdict on what a QR code holds: a link or its digits.

    Raises `TooManyRequests` once the signature holds and too many have asked; of questions about
    the holder those of the network of `address` are counted.
    """
    try:
        signed = service.verified.verify(text, service.trust.key_list)
        if question.holds_facts:
            service.buckets.take(address)
        else:
            service.buckets.take_common()
        known = _known(service, signed, question)
        if known is not None:
            verify_place(signed, known.position - 1)
            return _answer_known(service, known, question)
        facts, place = _find(service.registry, signed)
        verify_place(signed, place.position - 1)
    except VerificationFailed as error:
        return {
            "authentic": False,
            "code": error.code,
            "detail": describe(error.code, error.params, question.language),
        }
    serial = signed.claims.serial
    view = status_of_paper(service.registry, facts, serial, question)
    if view.in_force and signature_of(facts, serial) != place:
        view = _corrected_since(view, question.language)
    return _answer(service, view, facts, question)


def check_typed(service: Service, serial: str, code: str, question: Question) -> Answer:
    """The verdict on a serial and its check code. Raises `NotFound` unless they belong together.

    The code is judged before anything is looked up: what is in the register and what is not cost
    the same. Raises `TooManyRequests` after too many wrong codes for one serial.
    """
    key = normalise_serial(serial)
    service.buckets.codes.take(key)
    if not is_check_code(service.database.home_key, serial, code):
        raise NotFound("certificate-unknown")
    service.buckets.codes.give_back(key)
    facts = facts_of_serial(service.registry, serial)
    if facts is None:
        raise NotFound("certificate-unknown")
    view = status_of_paper(service.registry, facts, serial, question)
    return _answer(service, view, facts, question)


def status_by_serial(service: Service, serial: str, question: Question) -> StatusView:
    """What anybody may know of a serial: its status. Raises `NotFound` if there is none such."""
    facts = facts_of_serial(service.registry, serial)
    if facts is None:
        raise NotFound("certificate-unknown")
    return status_of_paper(service.registry, facts, serial, question)


def facts_of_serial(registry: Registry, serial: str) -> Sequence[Fact[Any]] | None:
    """The facts of the award whose artifact has a serial, or had it last by mistake."""
    try:
        return registry.facts_of(award_of_serial(registry, serial))
    except NotFound:
        return None


def _find(registry: Registry, signed: Signed) -> tuple[Sequence[Fact[Any]], Fact[ArtifactSigned]]:
    """The facts of a payload's award, and that of the payload itself. Raises as the log says."""
    # By its place in the status lists, which is its own for ever; a serial may be another's since.
    holder = registry.holder(index_claim(signed.claims.status_index))
    facts = registry.facts_of(holder) if holder is not None else ()
    for fact in facts:
        if isinstance(fact.event, ArtifactSigned) and payload_bytes(fact.event) == signed.content:
            return facts, fact
    raise VerificationFailed("payload-not-in-register")


def _known(service: Service, signed: Signed, question: Question) -> CurrentSignature | None:
    """What the register of signatures has of a payload; None where the facts must be read.

    It knows the present only, and not what a decision says.
    """
    if not question.moment.is_now:
        return None
    readers = service.database.pool("reader")
    # One look needs no transaction around it, which `readers.connection()` would see to.
    connection = readers.getconn()
    try:
        known = find_current_signature(connection, signed.claims.status_index)
    finally:
        readers.putconn(connection)
    if known is None or known.standing.held.decision_id is not None:
        return None
    return known if known.digest == signed.digest else None


def _answer_known(service: Service, known: CurrentSignature, question: Question) -> Answer:
    view = view_of_standing(service.registry, known.standing, question)
    if view.in_force and not known.in_force:
        view = _corrected_since(view, question.language)
    matches = _matches(service, view, known.holder, question) if question.holds_facts else {}
    return {"authentic": True, **_fields(view), "form": known.form, "matches": matches}


def _matches(
    service: Service, view: StatusView, holder: Holder, question: Question
) -> dict[str, bool]:
    """Whether what the asker holds matches. Raises `TooManyRequests` after a few that did not."""
    # All papers that took each other's place tell of one holder.
    paper = normalise_serial(view.chain[0].serial if view.chain else view.serial)
    service.buckets.facts.take(paper)
    matches = match_facts(holder, question)
    if all(matches.values()):
        service.buckets.facts.give_back(paper)
    return matches


def _corrected_since(view: StatusView, language: Language) -> StatusView:
    said = term("paper-status", "text-corrected", language)
    return replace(view, status="text-corrected", status_text=said, in_force=False)


def _answer(
    service: Service, view: StatusView, facts: Sequence[Fact[Any]], question: Question
) -> Answer:
    state = INITIAL
    for fact in facts:
        state = evolve(state, fact.event)
    content = state.content if isinstance(state, Entered) else None
    matches = {}
    if content is not None and question.holds_facts:
        matches = _matches(service, view, holder_of(content), question)
    return {
        "authentic": True,
        **_fields(view),
        "form": form_of(content) if content is not None else None,
        "matches": matches,
    }


def _fields(view: StatusView) -> Answer:
    """The view's own fields; what is inside them is encoded as it is."""
    return {name: getattr(view, name) for name in view.__slots__}


def question_moment(request: Request) -> Moment:
    """The day and moment of a question in a query. Raises `BadRequest`."""
    return parse_question_moment(request.query_params)


def parse_question_moment(query: Mapping[str, str]) -> Moment:
    """The day and moment of a question; here the day is called `on`. Raises `BadRequest`."""
    try:
        return parse_moment({"as_of": query.get("on", ""), "known_at": query.get("known_at", "")})
    except BadRequest as error:
        if error.field == "as_of":
            raise BadRequest(error.code, field="on", **error.params) from None
        raise
