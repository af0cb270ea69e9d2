"""`sovang doubts`: what does not fit about which award; with `--review` all are judged anew first.

A register that was kept before there was a table of authorities has no doubts of its own, and one
whose table was corrected has those of the old table. What was confirmed stays confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from api.doubts.reviewing import review_all
from api.doubts.routes import doubt_row_to_view
from projections.doubts import DoubtFilter, list_doubts
from projections.paging import PAGE_ROWS_MAX
from registry.messages import format_number
from scripts.command_line.queues import read_all
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from scripts.command_line.session import Session

_HEADINGS: Final = ("award", "name", "form", "held", "doubt")


def run(session: Session, *, holds: bool, review: bool) -> None:
    """Print the open doubts, the oldest first."""
    if review:
        _review(session)
    wanted = DoubtFilter(holds=True if holds else None)
    rows = read_all(
        session, lambda cursor, token: list_doubts(cursor, wanted, PAGE_ROWS_MAX, token)
    )
    views = [doubt_row_to_view(row, session.language) for row in rows]
    if session.as_json:
        session.answer(msgspec.to_builtins({"doubts": views}))
        return
    session.table(
        [f"column.{heading}" for heading in _HEADINGS],
        [
            (
                str(view["award_id"]),
                view["name"],
                view["form_name"],
                "×" if view["holds_back"] else "",
                view["detail"],
            )
            for view in views
        ],
    )


def _review(session: Session) -> None:
    """Judge every award anew, and say what came of it."""
    with session.database() as database:
        bring_up_to_date(session, database)
        done = review_all(database, authorship())
    counts = {"count": done.awards, "doubted": done.doubted, "settled": done.settled}
    shown = {name: format_number(count, session.language) for name, count in counts.items()}
    session.say("doubts.reviewed", **shown)
