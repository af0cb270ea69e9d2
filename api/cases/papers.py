"""What papers of a service case say: old names for certificates, names of today for letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cases.views import AsPrintedView, CoverLetterView, TemplateView
from api.views import remark_to_view
from registry.catalogue import load_catalogue
from registry.dates import overlaps
from registry.law.successions import place_on, successor_of
from registry.messages import form_with_class

if TYPE_CHECKING:
    from api.cases.story import CaseContext
    from registry.cases.states import CaseFile


def as_printed(file: CaseFile, context: CaseContext) -> AsPrintedView:
    """What the award says of itself, as far as the register or the applicant knows."""
    award, stated, decision = context.award, file.opened.stated, context.decision
    if award is not None:
        first = award.recipient.persons[0] if award.recipient.persons else None
        return AsPrintedView(
            recipient=award.recipient.name,
            born=first.born if first else None,
            native_place=first.native_place if first else None,
            unit=award.recipient.unit,
            form_name=form_with_class(award.form, award.award_class, "vi"),
            number=award.number_typed or (decision.number if decision else None),
            issuer=award.issuer_typed or (decision.issuer if decision else None),
            awarded_on=award.awarded_on,
        )
    if stated is None:
        # The award was named by its id, and the register cannot be without it.
        return AsPrintedView("", None, None, None, "", None, None, None)
    return AsPrintedView(
        recipient=stated.recipient,
        born=None,
        native_place=stated.native_place,
        unit=None,
        form_name=form_with_class(stated.form, stated.award_class, "vi"),
        number=stated.number_typed,
        issuer=stated.issuer_typed,
        awarded_on=stated.awarded_on,
    )


def template(file: CaseFile, context: CaseContext) -> TemplateView:
    """The design of the award's own time: who decided it, or who did so then by the catalogue."""
    printed = as_printed(file, context)
    authority = printed.issuer
    if authority is None:
        form = load_catalogue().find(file.routing.form)
        periods = form.authorities if form is not None else ()
        authority = next(
            (
                one.authority_vi
                for one in periods
                if overlaps(one.valid_from, one.valid_to, printed.awarded_on)
            ),
            None,
        )
    return TemplateView(printed.awarded_on, authority)


def cover_letter(file: CaseFile, printed: AsPrintedView, context: CaseContext) -> CoverLetterView:
    """Names of today, for letters only."""
    place = place_on(printed.native_place, context.today) if printed.native_place else None
    submitted_by = file.routing.submitted_by
    body = successor_of(submitted_by, context.today) if submitted_by else None
    return CoverLetterView(
        to=file.routing.route,
        native_place_today=place.name if place else None,
        submitted_by_today=body.name if body else None,
        remarks=tuple(
            remark_to_view(one, context.language) for one in (body.remarks if body else ())
        ),
    )
