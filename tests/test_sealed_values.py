"""What is sealed is never repeated: in no answer, log, error or report of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry.errors import Rejected
from registry.messages import describe
from registry.personal import SEALED_FIELDS, is_sealed_field, without_sealed
from registry.rules import check_date
from tests.api_house import House, an_award, open_house, problem
from tests.case_house import a_request
from tests.made_sheets import LEGACY_HEADER, legacy_row, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry
    from registry.settings import Language

# What a clerk mistypes is still most of the value.
MISTYPED = {
    "born": ["31/02/1952", "1952-13-30", "sinh 30.11.1952 tại", "30/11/19522"],
    "residence": ["tổ 14 Duyên Hải\x07", "tổ 14 Duyên Hải " * 400],
    "identity_paper": ["CCCD 010199001234\x07", "010199001234" * 600],
    "phone": ["0912000111\x07", "0912000111" * 600],
}
TRACES = ("1952", "30/11", "Duyên", "010199001234", "0912000111")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def assert_silent(text: str) -> None:
    for trace in TRACES:
        assert trace not in text, trace


def sendings(
    house: House, number: int, field: str, typed: Any
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every command that takes such a value."""
    line = an_award(recipient={"persons": [{field: typed}]})
    yield "/api/awards", line
    decision = house.decision(number=f"{number}/QĐ-CTN")["id"]
    yield f"/api/decisions/{decision}/awards", {"awards": [line]}
    if field != "born":
        request = a_request()
        yield "/api/cases", request | {"applicant": request["applicant"] | {field: typed}}


@pytest.mark.parametrize(
    ("field", "typed"), [(field, one) for field, all_ in MISTYPED.items() for one in all_]
)
def test_an_answer_names_the_field_and_not_the_value(
    house: House, capsys: pytest.CaptureFixture[str], field: str, typed: str
) -> None:
    for number, wrong in enumerate((typed, [typed], {"value": typed})):
        for path, body in sendings(house, number, field, wrong):
            answer = house.post(path, body)
            assert answer.status_code == 422
            assert field in answer.text
            assert_silent(answer.text)
    captured = capsys.readouterr()
    assert_silent(captured.out + captured.err)


def test_a_correction_names_the_field_and_not_the_value(house: House) -> None:
    award = house.award()
    for sent in (
        {"corrections": {"born": "31/02/1952"}, "reason": "x"},
        {"personal": [{"kind": "phone", "value": "0912000111\x07"}], "reason": "x"},
        {"personal": [{"kind": "identity-paper", "value": "010199001234" * 600}], "reason": "x"},
    ):
        answer = house.post(f"/api/awards/{award['id']}/correct", sent)
        assert answer.status_code == 422
        assert_silent(answer.text)


def test_a_date_that_is_published_is_repeated_as_typed(house: House) -> None:
    body = problem(
        house.post("/api/awards", an_award(awarded_on="31/02/1952")), 422, "date-impossible"
    )
    assert "31/02/1952" in body["detail"]


def test_a_report_of_an_import_names_the_column_and_not_the_value(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    header = [*LEGACY_HEADER, "CCCD"]
    rows = [
        header,
        [*legacy_row(1, born="31/02/1952"), None],
        [*legacy_row(2, sex="0912000111"), None],
        [*legacy_row(3, posthumous="010199001234"), None],
        # No recipient, so a line that is skipped: what stands there belongs to somebody yet.
        [None, None, None, None, None, "tổ 14 Duyên Hải", *[None] * 7, None],
        [*[None] * 13, "010199001234"],
        [*legacy_row(6), None],
    ]
    path = write_xlsx(tmp_path / "sổ.xlsx", rows)
    report = import_sheet(registry, path, ImportOptions(kind="legacy"), authorship)
    codes = {one.code for one in report.problems}
    assert {"date-impossible", "sex-unknown", "posthumous-unclear", "line-skipped"} <= codes
    languages: tuple[Language, ...] = ("vi", "en")
    for language in languages:
        assert_silent(str(report.as_json(describe, language)))


def test_a_rule_of_the_register_does_not_repeat_a_birth_date() -> None:
    with pytest.raises(Rejected) as caught:
        check_date("person.born", "1952-11-31")
    assert_silent(f"{caught.value!r} {caught.value} {caught.value.params}")


@given(st.sampled_from(sorted(SEALED_FIELDS)), st.text(), st.integers(0, 99))
def test_whatever_is_typed_into_a_sealed_field_is_left_out(
    field: str, typed: str, index: int
) -> None:
    for path in (field, f"recipient.persons[{index}].{field}", f"personal[{index}].value"):
        assert is_sealed_field(path)
        assert without_sealed(path, {"typed": typed, "limit": 3}) == {"limit": 3}
    assert without_sealed("awarded_on", {"typed": typed}) == {"typed": typed}
