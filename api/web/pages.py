"""The pages: search, one award, one decision; and what a page says when something is wrong.

Who is not signed in sees what is public (`api.http.public_fields`); whoever reads the register also
sees artifacts and histories. Sealed values are never shown here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from api.commands import parse_identifier
from api.history import history_of
from api.history_names import words_named
from api.moment import Moment, parse_moment
from api.problems import status_of
from api.records import (
    decision_of,
    read_award,
    read_decision,
    refuse_declined,
    refuse_withdrawn,
)
from api.refusals import BadRequest
from api.service import asking_of, check_query, client_address, service_of
from api.verification.answers import Question
from api.verification.checking import question_moment, status_by_serial
from api.views import award_to_view, decision_to_view
from api.web.artifact_lines import artifact_lines
from api.web.shapes import (
    Line,
    LineT,
    award_line,
    award_lines,
    decision_line,
    decision_words,
    happenings,
    hit_line,
    public_line,
    recipient_lines,
)
from api.web.texts import Texts
from projections.awards import AwardFilter, list_awards
from projections.decisions import DecisionFilter, find_decision, list_decisions
from projections.search import find
from registry.errors import NotFound, Rejected
from registry.messages import (
    describe,
    form_with_class,
    format_date,
    format_number,
    format_time,
    term,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fastapi import FastAPI
    from starlette.exceptions import HTTPException

    from api.records import AwardRecord, DecisionRecord
    from api.service import Asking
    from api.views import DecisionView
    from registry.errors import RegistryError
    from registry.settings import Language

LANGUAGE_COOKIE: Final = "lang"
COOKIE_SECONDS: Final = 365 * 24 * 3600
HITS_PER_PAGE: Final = 20
AWARDS_PER_PAGE: Final = 50
DECISIONS_PER_PAGE: Final = 10

_NOT_PAGES: Final = (
    "/api/",
    "/.well-known/",
    "/health/",
    "/log/",
    "/metrics",
    "/openapi.json",
    "/static/",
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def add_style(application: FastAPI) -> None:
    """Give an application the style sheet of its pages."""
    folder = Path(__file__).with_name("static")
    application.mount("/static", StaticFiles(directory=folder), name="static")


def is_page(request: Request) -> bool:
    """Whether a person with a browser asks, so that an error is a page too."""
    return not request.url.path.startswith(_NOT_PAGES)


@router.get("/")
def search_page(request: Request, q: str = "", cursor: str | None = None) -> Response:
    """The search box, with what was found; without a question, the newest decisions."""
    asking, language = asking_of(request), language_of(request)
    if q.strip():
        return _results(request, asking, language, q.strip(), cursor)
    texts, whole = Texts(language), asking.may("read-register")
    with asking.service.reading() as rows:
        page = list_decisions(rows, DecisionFilter(), DECISIONS_PER_PAGE, cursor)
    return render_page(
        request,
        "search.html",
        q="",
        whole=whole,
        decisions=[_seen(decision_line(row, language, texts), whole=whole) for row in page.rows],
        next=_address(request, cursor=page.next_token) if page.next_token else None,
        first_page=cursor is None,
    )


@router.get("/awards/{award_id}")
def award_page(request: Request, award_id: str) -> Response:
    """One award with its artifacts, issued or still expected, and its history."""
    asking, language = asking_of(request), language_of(request)
    service = asking.service
    moment, texts = parse_moment(request.query_params), Texts(language)
    record = read_award(service.registry, _identifier(award_id), moment)
    decision = decision_of(service.registry, record)
    named = record.state.content.decision_id
    words = words_named(service.registry, record.facts, language)
    view = award_to_view(record, decision.id if decision else named, language, None)
    content = record.state.content
    whole = asking.may("read-register")
    if not whole:
        refuse_withdrawn(record)
        refuse_declined(service.registry, record.id)
    return render_page(
        request,
        "award.html" if whole else "award_public.html",
        whole=whole,
        award=view,
        form=form_with_class(content.form, content.award_class, language),
        decision=_words_of(decision, record, language, texts),
        recipient_lines=recipient_lines(view, language, texts),
        award_lines=award_lines(view, language, texts),
        artifacts=artifact_lines(view.artifacts, language, texts),
        history=happenings(history_of(record.facts, language, words)),
        named=words,
        **_moment(request, moment, language),
    )


@router.get("/decisions/{decision_id}")
def decision_page(request: Request, decision_id: str, cursor: str | None = None) -> Response:
    """One decision with the awards that it made, and its history."""
    asking, language = asking_of(request), language_of(request)
    service, whole = asking.service, asking.may("read-register")
    moment, texts = parse_moment(request.query_params), Texts(language)
    record = read_decision(service.registry, _identifier(decision_id), moment)
    if not whole:
        refuse_withdrawn(record)
    words = words_named(service.registry, record.facts, language)
    view = decision_to_view(record, language)
    with service.reading() as rows:
        page = list_awards(
            rows, AwardFilter(decision_id=record.id, public=not whole), AWARDS_PER_PAGE, cursor
        )
        row = find_decision(rows, record.id)
    return render_page(
        request,
        "decision.html" if whole else "decision_public.html",
        whole=whole,
        decision=view,
        lines=_decision_lines(view, language, texts),
        awards=[_seen(award_line(one, language, texts), whole=whole) for one in page.rows],
        award_count=row.award_count if row is not None else 0,
        next=_address(request, cursor=page.next_token) if page.next_token else None,
        first_page=cursor is None,
        history=happenings(history_of(record.facts, language, words)),
        named=words,
        **_moment(request, moment, language),
    )


@router.get("/v/{serial}")
def status_page(request: Request, serial: str) -> Response:
    """Whether a serial is in force, for whoever asks; nothing about a person."""
    check_query(request)
    service, language = service_of(request), language_of(request)
    service.buckets.take(client_address(request))
    view = status_by_serial(service, serial, Question(question_moment(request), language))
    decided = view.decision.decided_on if view.decision is not None else None
    return render_page(
        request,
        "status.html",
        held=view,
        since=format_date(view.since, language) if view.since else None,
        decided=format_date(decided, language) if decided else None,
        on=format_date(view.on, language) if view.on else None,
    )


def language_of(request: Request) -> Language:
    """The language of a page: as asked for, as chosen before, or the register's own."""
    chosen = request.query_params.get(LANGUAGE_COOKIE) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen == "en":
        return "en"
    if chosen == "vi":
        return "vi"
    return service_of(request).language


def error_page(request: Request, error: RegistryError) -> Response:
    """What a page says when the register says no."""
    language = language_of(request)
    message = describe(error.code, error.params, language)
    return _error(request, int(status_of(error)), message)


def refusal_page(request: Request, error: HTTPException) -> Response:
    """What a page says about an address that is none."""
    code = "method-not-allowed" if error.status_code == 405 else "route-unknown"  # noqa: PLR2004
    return _error(request, error.status_code, describe(code, {}, language_of(request)))


def _results(
    request: Request, asking: Asking, language: Language, q: str, cursor: str | None
) -> Response:
    texts, whole = Texts(language), asking.may("read-register")
    try:
        with asking.service.reading() as rows:
            found = find(rows, q, HITS_PER_PAGE, cursor, public=not whole)
    except Rejected as error:
        message = describe(error.code, error.params, language)
        return render_page(request, "results.html", status=422, q=q, message=message, hits=())
    return render_page(
        request,
        "results.html",
        q=q,
        message=None,
        hits=[_seen(hit_line(hit, language, texts), whole=whole) for hit in found.hits],
        only_similar=all(hit.matched == "similar-name" for hit in found.hits),
        next=_address(request, cursor=found.next_token) if found.next_token else None,
        similar=_address(request, cursor=found.similar_token) if found.similar_token else None,
        first_page=cursor is None,
    )


def _seen(line: LineT, *, whole: bool) -> LineT:
    """A line as whoever asks may see it."""
    return line if whole else public_line(line)


def _words_of(
    decision: DecisionRecord | None, record: AwardRecord, language: Language, texts: Texts
) -> str:
    """The decision as its own record has it, or else as this award's source cites it."""
    if decision is not None:
        made = decision.state.content
        return decision_words(made.number, made.issuer, made.decided_on, language, texts)
    cited = record.state.content
    number, issuer = cited.number_typed, cited.issuer_typed
    return decision_words(number, issuer, cited.awarded_on, language, texts)


def _decision_lines(view: DecisionView, language: Language, texts: Texts) -> list[Line]:
    signed = ", ".join(part for part in (view.signatory, view.signatory_title) if part)
    lines = [
        Line(texts["decision-kind"], term("decision-kind", view.kind, language)),
        Line(texts["decided-on"], view.decided_on_text or texts["undated"]),
        Line(texts["signatory"], signed),
        Line(texts["summary"], view.summary or ""),
        Line(texts["legal-basis"], view.legal_basis or ""),
    ]
    return [line for line in lines if line.value]


def _moment(request: Request, moment: Moment, language: Language) -> dict[str, Any]:
    """What a page says about the time that it shows."""
    return {
        "is_now": moment.is_now,
        "as_of_typed": request.query_params.get("as_of", ""),
        "known_at_typed": request.query_params.get("known_at", ""),
        "as_of": format_date(moment.as_of.isoformat(), language) if moment.as_of else None,
        "known_at": format_time(moment.known_at, language) if moment.known_at else None,
        "path": request.url.path,
    }


def _identifier(text: str) -> Any:
    try:
        return parse_identifier(text)
    except BadRequest:
        raise NotFound("route-unknown") from None


def _error(request: Request, status: int, message: str) -> Response:
    return render_page(request, "error.html", status=status, message=message)


def render_page(request: Request, template: str, status: int = 200, **shown: Any) -> Response:
    """A page made of a template, in the language of the request."""
    language = language_of(request)
    other: Language = "vi" if language == "en" else "en"
    words = Texts(language)
    context = {
        "t": words,
        "language": language,
        "other_language": other,
        "other_address": _address(request, lang=other),
        "in_time": lambda moment: format_time(moment, language),
        "machine_time": machine_time,
        "in_number": lambda number: format_number(number, language),
        "q": "",
        "whole": False,
        "next": None,
        "similar": None,
        "first_page": True,
        **shown,
    }
    html = _templates().get_template(template).render(context)
    headers = {"Content-Language": language, "Cache-Control": "private, no-cache"}
    answer = HTMLResponse(html, status, headers)
    if request.query_params.get(LANGUAGE_COOKIE) in {"vi", "en"}:
        answer.set_cookie(LANGUAGE_COOKIE, language, COOKIE_SECONDS, httponly=True, samesite="lax")
    return answer


def machine_time(moment: datetime) -> str:
    """A moment as HTML's `time` element takes it: no more than three decimals of a second."""
    return moment.isoformat(timespec="milliseconds")


def _address(request: Request, **changed: str) -> str:
    """This page's address with parameters changed; only path and query."""
    address = request.url.include_query_params(**changed)
    return f"{address.path}?{address.query}"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
