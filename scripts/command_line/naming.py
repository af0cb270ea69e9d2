"""A decision as an operator names it: by its id, or by its number in any spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from registry.errors import NotFound, Rejected
from registry.messages import format_date
from registry.numbers import normalise_number
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from registry.database import Database
    from scripts.command_line.session import Session

SHOWN_MAX = 5
TYPED_CHARACTERS_MAX = 100


def decision_named(session: Session, database: Database, typed: str, field: str) -> UUID:
    """The one decision that is meant.

    Raises `NotFound`, and `Rejected` for a number that several decisions bear, naming their ids.
    """
    try:
        return UUID(typed)
    except ValueError:
        pass
    from projections.decisions import DecisionFilter, list_decisions  # noqa: PLC0415 - not for ids

    bring_up_to_date(session, database)
    wanted = DecisionFilter(number_key=normalise_number(typed))
    with database.reading() as cursor:
        found = list_decisions(cursor, wanted, SHOWN_MAX).rows
    if not found:
        raise NotFound("nothing-so-named", field=field, typed=typed[:TYPED_CHARACTERS_MAX])
    if len(found) > 1:
        several = "; ".join(
            f"{row.id} ({row.issuer}, {_decided(row.decided_on, session)})" for row in found
        )
        raise Rejected("decision-number-ambiguous", field=field, number=typed, decisions=several)
    return found[0].id


def _decided(on: str | None, session: Session) -> str:
    return format_date(on, session.language) if on else "—"
