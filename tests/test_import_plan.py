"""What a block of rows would record: each its own awards, whatever became of those before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from api.imports.plan import Plan, meaning, plan_rows
from api.sheets.row_results import Problem as RowProblem
from api.sheets.row_results import ReadableRow, SkippedLine
from registry.prepared import Preparer
from registry.rules import NAME_CHARACTERS_MAX
from tests.test_prepared import CATALOGUE, a_line, open_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.award import RecordAward

SKIPPED = SkippedLine(0, RowProblem(0, None, "line-skipped", "warning", {"typed": "PHẦN HAI"}))


def line(row: int, place: int, kind: str) -> RecordAward:
    """An award that says which row it stands in; `refused` by a rule, or `listed`."""
    name = f"Lò Văn {row} {place}"
    if kind == "refused":
        return a_line(name.ljust(NAME_CHARACTERS_MAX + 1, "a"))
    return replace(a_line(name), listed=kind == "listed")


ROWS = st.lists(
    st.one_of(
        st.just(["skipped"]),
        st.just(["listed"]),
        st.lists(st.sampled_from(["good", "refused"]), min_size=1, max_size=2),
    ),
    max_size=12,
)


@given(ROWS)
def test_each_row_has_its_own_awards_prepared_or_is_left_to_be_judged(
    rows: Sequence[Sequence[str]],
) -> None:
    read: list[Any] = [
        SKIPPED
        if kinds == ["skipped"]
        else ReadableRow(row, None, tuple(line(row, at, kind) for at, kind in enumerate(kinds)))
        for row, kinds in enumerate(rows)
    ]
    planned = plan_rows(read, Preparer(CATALOGUE, date.max))
    assert len(planned) == len(rows)
    for row, (kinds, plan) in enumerate(zip(rows, planned, strict=True)):
        if kinds == ["skipped"]:
            assert plan is SKIPPED
            continue
        assert isinstance(plan, Plan)
        assert plan.row == row
        if set(kinds) == {"good"}:
            names = [open_event(one).recipient.name for one in plan.prepared]
            assert names == [f"Lò Văn {row} {at}" for at in range(len(kinds))]
            assert plan.read is None
            plan.take_names()
            assert plan.meanings == [meaning(one) for one in read[row].awards]
        else:
            # A row stands or falls as a whole.
            assert not plan.prepared
            assert plan.read is read[row]
