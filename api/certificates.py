"""Routes of certificates on paper: one by its serial, a decision's all at once, test sheets.

Who is not signed in gets none: a certificate that anybody could fetch is a gift to forgers.
Reading here changes nothing in the register: a certificate is signed by
`POST /api/artifacts/{serial}/sign`, or with all others of its decision by a print job; that a paper
was printed says `POST /api/artifacts/{serial}/print`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.answers import PDF_TYPE, json_answer, pdf_answer
from api.bodies import PrintDecisionBody
from api.commands import parse_identifier
from api.conditional import wants_no_waiting
from api.imports.routes import ANSWER_SECONDS_MAX
from api.papers.blanks import Nudge, trial_sheet_document
from api.papers.certificate import trial_document
from api.papers.press import typeset
from api.print_desk import Printed
from api.printing import OnBlank, certificate_text, one_paper
from api.problems import job_problem
from api.service import Reads
from api.signed_files import SignedFiles
from api.verification.pdf_signing import sign_pdf
from api.verification.proving import prove_text, prove_texts
from api.verification.signing import find_standing
from registry.errors import NotFound, NotReady, Rejected
from registry.fact import Authorship
from registry.numbers import normalise_serial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.identity import User
    from api.print_desk import PrintJob
    from api.printing import HeldAward
    from api.service import Asking
    from registry.settings import Language

router = APIRouter(prefix="/api", tags=["certificates"])

_WHOLE: Final = PrintDecisionBody()
ZIP_TYPE: Final = "application/zip"

ReportT = TypeVar("ReportT", Printed, SignedFiles)

Millimetres = Annotated[float | None, Query()]


@router.get("/artifacts/{serial}/certificate.pdf")
def certificate(
    serial: str,
    asking: Reads,
    blank: str | None = None,
    nudge_x_mm: Millimetres = None,
    nudge_y_mm: Millimetres = None,
    *,
    proof: bool = False,
) -> Response:
    """The certificate with this serial: the whole paper, or for a blank only what varies.

    A `proof` shows the places of seal and signature, has no code, and may be made before signing.

    As it was signed, for this records nothing. Raises `NotFound` while nobody has signed what the
    register says now; without keys papers are made as they are.
    """
    user = asking.require("read-paper")
    on_blank = _on_blank(asking, user, blank, nudge_x_mm, nudge_y_mm)
    if proof and blank is not None:
        raise Rejected("proof-on-blank", field="blank")
    text, made_at = certificate_text(asking.service.registry, serial)
    if proof:
        content = typeset("certificate", trial_document(text), made_at)
        return pdf_answer(content, f"{normalise_serial(serial)}-ban-in-thu")
    if asking.service.trust.signs:
        made = find_standing(asking.service.signing, serial)
        if made is None:
            raise NotFound("certificate-not-signed", field="serial", serial=serial[:100])
        text = prove_text(asking.service.signing, text, made)
    paper = one_paper(text, made_at, on_blank)
    content = typeset(paper.layout, paper.document, paper.made_at)
    if on_blank is None:
        content = sign_pdf(asking.service.trust, content)
    return pdf_answer(content, normalise_serial(serial))


@router.post("/decisions/{decision_id}/certificates")
def print_certificates(
    request: Request, decision_id: str, asking: Reads, body: PrintDecisionBody = _WHOLE
) -> Response:
    """Print the certificates of a decision in one job: to one file, or to a signed file each."""
    user, found = asking.require("print-certificates"), parse_identifier(decision_id)
    if body.signed and body.blank is not None:
        raise Rejected("signed-files-on-blank", field="blank")
    on_blank = _on_blank(asking, user, body.blank, body.nudge_x_mm, body.nudge_y_mm)
    registry = asking.service.registry
    if not asking.service.wait_for(registry.log.head().position):
        # What was issued a moment ago would be missing from the pile, and nobody would notice.
        raise NotReady("registers-late")
    signing, prints = asking.service.signing, asking.service.prints
    if body.signed:
        job = prints.submit_signed(signing, found, _author(user), asking.language)
    else:
        prove = partial(prove_texts, signing, author=_author(user))
        job = prints.submit(asking.service.reading, found, on_blank, prove, office=user.office)
    # A small decision is answered at once, and what is wrong with it is this request's problem.
    job.over.wait(0.0 if wants_no_waiting(request.headers.get("Prefer")) else ANSWER_SECONDS_MAX)
    if job.over.is_set() and job.error is not None:
        raise job.error
    status = 200 if job.over.is_set() else 202
    return json_answer(
        _job_state(job, asking.language), status, {"Location": f"/api/print-jobs/{job.id}"}
    )


@router.get("/print-jobs/{job_id}")
def print_job(job_id: str, asking: Reads) -> Response:
    """How far a print job is."""
    return json_answer(_job_state(_find_job(asking, job_id), asking.language))


@router.get("/print-jobs/{job_id}/certificates.pdf")
def printed_certificates(job_id: str, asking: Reads) -> Response:
    """The file of a print job that is done: a page for each certificate, not signed."""
    return FileResponse(_report_of(asking, job_id, Printed).path, media_type=PDF_TYPE)


@router.get("/print-jobs/{job_id}/certificates.zip")
def signed_certificates(job_id: str, asking: Reads) -> Response:
    """The signed files of a print job that is done, and their index."""
    report = _report_of(asking, job_id, SignedFiles)
    return FileResponse(report.path, media_type=ZIP_TYPE, filename="certificates.zip")


@router.get("/blanks")
def blanks(asking: Reads) -> Response:
    """The blanks that can be printed on, and where their fields are."""
    shown = [
        {
            "id": blank.id,
            "name": blank.en if asking.language == "en" else blank.vi,
            "page_mm": blank.page_mm,
            "fields": blank.fields,
            "designs": blank.designs,
            "form_names": blank.form_names,
            "class_name": blank.class_name,
            "labels": blank.labels,
            "needs_labels": blank.needs_labels,
            "source": blank.source,
            "certainty": blank.certainty,
        }
        for blank in asking.service.prints.blanks()
    ]
    return json_answer({"blanks": shown})


@router.get("/blanks/{blank_id}/test-sheet.pdf")
def trial_sheet(
    blank_id: str, asking: Reads, nudge_x_mm: Millimetres = None, nudge_y_mm: Millimetres = None
) -> Response:
    """A sheet to hold against a blank, which shows how far to nudge."""
    user = asking.require("read-blanks")
    on_blank = _on_blank(asking, user, blank_id, nudge_x_mm, nudge_y_mm)
    assert on_blank is not None  # noqa: S101 - a blank is named
    document = trial_sheet_document(on_blank.blank, on_blank.nudge, asking.language)
    now = asking.service.registry.clock()
    return pdf_answer(typeset("test_sheet", document, now), blank_id)


def _author(user: User) -> Authorship:
    return Authorship(user.name, user.office)


def _on_blank(
    asking: Asking, user: User, blank_id: str | None, x_mm: float | None, y_mm: float | None
) -> OnBlank | None:
    """What to print on; a nudge that is not given is the one that the office keeps."""
    if blank_id is None:
        return None
    blank = asking.service.prints.blank(blank_id)
    kept = asking.service.prints.nudge(blank.id, user.office)
    nudge = Nudge(
        kept.x_mm if x_mm is None else x_mm,
        kept.y_mm if y_mm is None else y_mm,
    )
    return OnBlank(blank, nudge)


def _find_job(asking: Asking, job_id: str) -> PrintJob:
    job = asking.service.prints.job(parse_identifier(job_id))
    if job is None:
        raise NotFound("print-job-unknown")
    asking.require("read-print-job", job.office)
    return job


def _report_of(asking: Asking, job_id: str, kind: type[ReportT]) -> ReportT:
    """What a job made. Raises its own error, `NotReady` while it runs, `NotFound`."""
    job = _find_job(asking, job_id)
    if job.error is not None:
        raise job.error
    if job.report is None:
        raise NotReady("print-not-done")
    if not isinstance(job.report, kind):
        raise NotFound("print-job-unknown")
    return job.report


def _held_back(held: Sequence[HeldAward]) -> list[dict[str, Any]]:
    """The awards whose certificates the job left out, because a doubt holds them back."""
    return [
        {"award_id": str(one.award_id), "name": one.name, "serials": one.serials} for one in held
    ]


def _job_state(job: PrintJob, language: Language) -> dict[str, Any]:
    progress, report = job.progress, job.report
    state = {
        "id": str(job.id),
        "state": job.state,
        "decision_id": job.title,
        "pages": progress.pages if progress else 0,
        "total": progress.total if progress else None,
        "without_certificate": report.without if report else None,
        "held_back": _held_back(report.held_back) if report else None,
        "without_log_proof": report.unproved if isinstance(report, SignedFiles) else None,
        "file": f"/api/print-jobs/{job.id}/{report.path.name}" if report else None,
    }
    return (
        state
        if job.error is None
        else {**state, "problem": job_problem(job.error, "print-stopped", language)}
    )
