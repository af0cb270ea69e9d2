"""Artifacts in the table of their award: the one that counts first, those before it below.

Each line says where the artifact is, on which days it passed its stages, on which receipt it
came, and what took its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from registry.messages import format_date

if TYPE_CHECKING:
    from api.artifact_views import ArtifactView
    from api.web.texts import Texts
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class ArtifactLine:
    """An artifact in a table: its stage and the days on which it passed the earlier ones.

    `earlier` says that another took its place: `successor`, in the way that `succession` tells.
    """

    name: str
    serial: str | None
    stage: str
    stage_name: str
    milestones: Sequence[str]
    earlier: bool
    supersedes: str | None
    successor: str | None
    succession: str | None


def artifact_lines(
    views: Sequence[ArtifactView], language: Language, texts: Texts
) -> list[ArtifactLine]:
    """The artifacts of an award, component by component, the newest of each first."""
    lines = []
    for _, of_component in groupby(views, lambda one: one.component):
        newest_first = list(of_component)[::-1]
        lines += [_line(view, language, texts) for view in newest_first]
    return lines


def _line(view: ArtifactView, language: Language, texts: Texts) -> ArtifactLine:
    by = view.superseded_by
    succession = None
    if by is not None:
        on = format_date(by.on, language)
        succession = f"{by.kind_name}, {on} ({by.reason_name})"
    name = view.component_name[:1].upper() + view.component_name[1:]
    return ArtifactLine(
        name,
        view.serial,
        view.stage,
        view.stage_name,
        tuple(_milestones(view, language, texts)),
        earlier=by is not None,
        supersedes=view.supersedes,
        successor=by.serial if by is not None else None,
        succession=succession,
    )


def _milestones(view: ArtifactView, language: Language, texts: Texts) -> Iterator[str]:
    for word, day in (
        ("issued", view.issued_on),
        ("printed", view.printed_on),
        ("returned", view.returned_on),
        ("delivered", view.delivered_on),
    ):
        if day is not None:
            yield f"{texts[word]} {format_date(day, language)}"
    if view.receiver is not None:
        relation = f" ({view.receiver.relation})" if view.receiver.relation else ""
        yield f"{texts['delivered-to']} {view.receiver.name}{relation}"
    if view.stage == "undelivered" and view.return_reason:
        yield f"{texts['reason']}: {view.return_reason}"
    yield from _custody(view, language, texts)
    if view.found_on is not None:
        by = f", {view.found_by}" if view.found_by else ""
        yield f"{texts['found']} {format_date(view.found_on, language)}{by}"
    yield from _recall(view, language, texts)
    yield from _end(view, language, texts)
    if view.kept_at is not None:
        yield f"{texts['kept-at']}: {view.kept_at}"


def _custody(view: ArtifactView, language: Language, texts: Texts) -> Iterator[str]:
    custody = view.custody
    if custody is None:
        return
    on = format_date(custody.surrendered_on, language)
    yield f"{texts['surrendered']} {on}, {texts['receipt']} {custody.receipt}"
    if custody.held and custody.due_on is not None and view.superseded_by is None:
        yield f"{texts['answer-by']} {format_date(custody.due_on, language)}"


def _recall(view: ArtifactView, language: Language, texts: Texts) -> Iterator[str]:
    recall = view.recall
    if recall is None:
        return
    if recall.ordered_on is not None:
        words = f"{texts['recall-ordered']} {format_date(recall.ordered_on, language)}"
        if recall.due_on is not None:
            words += f", {texts['until']} {format_date(recall.due_on, language)}"
        yield words
    if recall.recovered_on is not None:
        by = f", {texts['from']} {recall.handed_in_by}" if recall.handed_in_by else ""
        yield f"{texts['recovered']} {format_date(recall.recovered_on, language)}{by}"
    if recall.unrecoverable_on is not None:
        on = format_date(recall.unrecoverable_on, language)
        yield f"{texts['given-up']} {on}, {texts['minutes']} {recall.minutes}: {recall.reason}"


def _end(view: ArtifactView, language: Language, texts: Texts) -> Iterator[str]:
    end = view.end
    if end is None:
        return
    ended = texts["destroyed"] if end.kind == "destroyed" else texts["archived"]
    words = f"{ended} {format_date(end.on, language)}"
    if end.minutes is not None:
        words += f", {texts['minutes']} {end.minutes}"
    yield words
    if end.witnesses:
        yield f"{texts['witnesses']}: {', '.join(end.witnesses)}"
