"""The route that finds anything from a half-remembered word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer
from api.http.public_fields import shown_to
from api.moment import refuse_moment
from api.rows import artifact_row_to_view, award_row_to_view, decision_row_to_view
from api.service import Reads
from projections.paging import PAGE_ROWS_DEFAULT
from projections.search import AwardHit, find
from registry.messages import term

if TYPE_CHECKING:
    from projections.search import Hit
    from registry.settings import Language

router = APIRouter(prefix="/api/search", tags=["search"])


@router.get("")
def search(
    request: Request,
    asking: Reads,
    q: str,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Names with or without diacritics, decision numbers in any spelling, serials, golden book.

    Who is not signed in finds by names and decision numbers only.

    `similar` is the cursor of a page with similar names, where such were not looked for.
    """
    refuse_moment(request.query_params)
    with asking.service.reading() as rows:
        page = find(rows, q, limit, cursor, public=not asking.may("read-register"))
    hits = [shown_to(asking, hit_to_view(hit, asking.language)) for hit in page.hits]
    return page_answer(request, "hits", hits, page.next_token, more={"similar": page.similar_token})


def hit_to_view(hit: Hit, language: Language) -> dict[str, Any]:
    """A hit with what matched, and the record that was found."""
    view: dict[str, Any] = {
        "matched": hit.matched,
        "matched_text": term("matched", hit.matched, language),
    }
    if isinstance(hit, AwardHit):
        view["award"] = award_row_to_view(hit.award, language)
        if hit.artifact is not None:
            view["artifact"] = artifact_row_to_view(hit.artifact, language)
    else:
        view["decision"] = decision_row_to_view(hit.decision, language)
    return view
