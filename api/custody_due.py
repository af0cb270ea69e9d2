"""Until when a citizen who hands something in is answered, if the clerk names no day.

For an exchange it is the day of its case: the case that the clerk names, or the one that is open
about the artifact. Else the term of the procedures, which stands in openly. What is asked back or
turned up is owed to nobody; and what a receipt of long ago did not promise is not made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.cases.records import read_case
from api.commands import parse_identifier, typed_to_date
from api.terms_of_law import custody_due_on
from api.working_days.calendar import days_decided
from projections.cases import open_cases_of_award
from registry.cases.states import Closed
from registry.dates import parse_edtf
from registry.errors import Rejected
from registry.remark import Remark

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

    from api.artifact_bodies import SurrenderBody
    from api.records import AwardRecord
    from api.service import Writing

_OWED: Final = frozenset({"exchange", "safekeeping"})


def promised(
    writing: Writing, record: AwardRecord, body: SurrenderBody, serials: Sequence[str], on: str
) -> tuple[str | None, tuple[Remark, ...]]:
    """The day that the receipt promises, and where it comes from. Raises `Rejected`.

    A case that the clerk names must be an open exchange of these artifacts, whatever the day.
    """
    components = {record.state.artifacts[serial].component for serial in serials}
    case_id = parse_identifier(body.case_id, "case_id") if body.case_id is not None else None
    named = None if case_id is None else _named_case(writing, record, components, case_id)
    typed = typed_to_date("due_on", body.due_on)
    if typed is not None or body.purpose not in _OWED or body.receipt is not None:
        return typed, ()
    case = named
    if case is None and body.purpose == "exchange":
        case = _open_case(writing, record, components)
    if case is not None:
        receipt, due = case
        if due is not None and due >= parse_edtf(on).earliest:
            params = (("receipt", receipt), ("on", due.isoformat()))
            return due.isoformat(), (Remark("custody-due-by-case", params),)
    due_on, source = custody_due_on(on, days_decided(writing.service.registry))
    if due_on is None:
        return None, ()
    return due_on, (Remark("custody-due-by-term", (("on", due_on), ("source", source))),)


def _named_case(
    writing: Writing, record: AwardRecord, components: Collection[str], case_id: UUID
) -> tuple[str, date | None]:
    """Receipt and due day of the case that the clerk names."""
    state = read_case(writing.service.registry, case_id).state
    opened = state.file.opened
    if isinstance(state, Closed):
        raise Rejected("case-closed", field="case_id", receipt=opened.receipt)
    if state.file.award_id != record.id:
        raise Rejected("case-of-other-award", field="case_id")
    if opened.kind != "exchange":
        raise Rejected("case-of-other-kind", field="case_id", replacement=opened.kind)
    for component in components:
        if component not in opened.components:
            allowed = ", ".join(opened.components)
            raise Rejected(
                "case-of-other-component", field="case_id", component=component, allowed=allowed
            )
    return opened.receipt, state.clock.due_on(days_decided(writing.service.registry))


def _open_case(
    writing: Writing, record: AwardRecord, components: Collection[str]
) -> tuple[str, date | None] | None:
    """Receipt and due day of the first open exchange of one of these artifacts."""
    with writing.service.reading() as rows:
        cases = open_cases_of_award(rows, record.id)
    return next(
        (
            (one.receipt, one.due_on)
            for one in cases
            if one.kind == "exchange" and not set(components).isdisjoint(one.component_codes)
        ),
        None,
    )
