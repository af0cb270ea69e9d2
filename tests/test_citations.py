"""Awards of an old register cite their decision; whoever registers its paper gets them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from projections.artifacts import ArtifactFilter, list_artifacts
from projections.awards import AwardFilter, AwardRow, find_award, list_awards
from projections.decisions import find_decision
from projections.search import AwardHit, DecisionHit, find
from registry import award, decision
from registry.errors import Rejected
from tests.histories import (  # noqa: F401 - fixtures
    AUTHORSHIP,
    award_to,
    follower,
    record_award,
    register_decision,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from projections.runner import Runner
    from registry.database import Database
    from registry.register import Registry

STATE_COUNCIL = "Hội đồng Nhà nước"


class Shelf:
    """Old registers whose lines cite decisions, and the registers that follow."""

    def __init__(self, registry: Registry, runner: Runner, cursor: psycopg.Cursor[Any]) -> None:
        self.registry = registry
        self.runner = runner
        self.cursor = cursor

    def line(
        self,
        name: str,
        number: str | None = "263 KT/HĐNN",
        issuer: str | None = STATE_COUNCIL,
        on: str | None = "1985-04-12",
    ) -> UUID:
        """A line that cites a decision as somebody wrote it."""
        cited = replace(award_to(name), number_typed=number, issuer_typed=issuer, awarded_on=on)
        return record_award(self.registry, cited).stream_id

    def paper(
        self,
        number: str = "263 KT/HĐNN",
        issuer: str = STATE_COUNCIL,
        on: str | None = "1985-04-12",
    ) -> UUID:
        """A decision whose paper somebody registers."""
        return register_decision(self.registry, number, issuer, on)

    def correct(self, decided: UUID, **fields: str) -> None:
        command = decision.CorrectDecision(fields, "theo bản gốc")  # type: ignore[arg-type]
        self.registry.execute("decision", decided, command, AUTHORSHIP)

    def row(self, award_id: UUID) -> AwardRow:
        self.runner.catch_up()
        found = find_award(self.cursor, award_id)
        assert found is not None
        return found

    def listed(self, decided: UUID, limit: int = 200, **more: Any) -> list[str]:
        """Names of a decision's awards, read page by page; its count must agree."""
        self.runner.catch_up()
        names: list[str] = []
        token = None
        while True:
            wanted = AwardFilter(decision_id=decided, **more)
            page = list_awards(self.cursor, wanted, limit, token)
            names += [row.name for row in page.rows]
            assert {row.decision_id for row in page.rows} <= {decided}
            token = page.next_token
            if token is None:
                break
        row = find_decision(self.cursor, decided)
        assert row is not None
        assert more or row.award_count == len(names)
        return names

    def hits(self, text: str) -> list[str | UUID]:
        """Names of awards and ids of decisions that a search finds, in its order."""
        self.runner.catch_up()
        return [
            hit.award.name if isinstance(hit, AwardHit) else hit.decision.id
            for hit in find(self.cursor, text).hits
        ]


@pytest.fixture
def shelf(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> Iterator[Shelf]:
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        yield Shelf(registry, follower, cursor)


def test_an_award_shows_what_it_cites_until_the_paper_is_registered(shelf: Shelf) -> None:
    line = shelf.line("Giàng Seo Phử", "số 263 KT/HDNN", "hội đồng nhà nước")
    row = shelf.row(line)
    assert (row.decision_id, row.number, row.issuer, row.decided_on) == (
        None,
        "số 263 KT/HDNN",
        "hội đồng nhà nước",
        "1985-04-12",
    )
    decided = shelf.paper()
    row = shelf.row(line)
    assert (row.decision_id, row.number, row.issuer, row.decided_on) == (
        decided,
        "263 KT/HĐNN",
        STATE_COUNCIL,
        "1985-04-12",
    )
    assert (row.number_typed, row.issuer_typed) == ("số 263 KT/HDNN", "hội đồng nhà nước")
    assert row.version == 1


def test_a_paper_registered_later_lists_the_lines_that_cite_it(shelf: Shelf) -> None:
    shelf.line("Lù Thị Một")
    decided = shelf.paper()
    record_award(shelf.registry, award_to("Lù Thị Hai", decision_id=decided))
    shelf.line("Lù Thị Ba", "0263-KT/HĐNN")
    record_award(shelf.registry, award_to("Lù Thị Bốn", decision_id=decided))
    shelf.line("Lù Thị Năm", "264 KT/HĐNN")
    for limit in (1, 2, 3, 200):
        names = shelf.listed(decided, limit)
        assert names == ["Lù Thị Một", "Lù Thị Hai", "Lù Thị Ba", "Lù Thị Bốn"], limit
    assert len(shelf.listed(decided, form="CERT-CCVN")) == 4
    assert shelf.listed(decided, form="FAM-GDVV") == []


def test_the_artifacts_of_a_decision_include_those_of_lines_that_cite_it(shelf: Shelf) -> None:
    decided = shelf.paper()
    named = record_award(shelf.registry, award_to("Tẩn Tả Mẩy", decision_id=decided)).stream_id
    other = shelf.line("Tẩn Láo Lở", "264 KT/HĐNN")
    for number, one in enumerate((named, shelf.line("Tẩn Láo Tả"), other)):
        issue = award.IssueArtifacts((("certificate", f"SV-{number}"),), "1985")
        shelf.registry.execute("award", one, issue, AUTHORSHIP)
    shelf.runner.catch_up()
    page = list_artifacts(shelf.cursor, ArtifactFilter(decision_id=decided), 10)
    assert [row.serial for row in page.rows] == ["SV-1", "SV-0"]


@pytest.mark.parametrize(
    ("number", "issuer", "on"),
    [
        ("263 KT/HĐNN", "Hội đồng Bộ trưởng", "1985-04-12"),
        ("263 KT/HĐNN", None, "1985-04-12"),
        ("263 KT/HĐNN", STATE_COUNCIL, "1985"),
        ("263 KT/HĐNN", STATE_COUNCIL, None),
        ("263 KT", STATE_COUNCIL, "1985-04-12"),
        (" / ", STATE_COUNCIL, "1985-04-12"),
        (None, STATE_COUNCIL, "1985-04-12"),
    ],
)
def test_what_says_something_else_or_too_little_cites_another_decision(
    shelf: Shelf, number: str | None, issuer: str | None, on: str | None
) -> None:
    line = shelf.line("Má A Chứ", number, issuer, on)
    decided = shelf.paper()
    assert shelf.listed(decided) == []
    row = shelf.row(line)
    assert (row.decision_id, row.number, row.issuer) == (None, number, issuer)
    assert row.decided_on == (on if number else None)


def test_two_issuers_with_one_number_are_told_apart(shelf: Shelf) -> None:
    shelf.line("Vàng A Lào", "1234/QĐ-UBND", "UBND tỉnh Lào Cai", "2010-05-09")
    shelf.line("Vàng A Yên", "1234/QĐ-UBND", "UBND tỉnh Yên Bái", "2010-05-09")
    lao_cai = shelf.paper("1234/QĐ-UBND", "UBND tỉnh Lào Cai", "2010-05-09")
    assert shelf.listed(lao_cai) == ["Vàng A Lào"]
    assert shelf.hits("1234 qd ubnd") == [lao_cai, "Vàng A Yên"]
    yen_bai = shelf.paper("1234/QĐ-UBND", "UBND tỉnh Yên Bái", "2010-05-09")
    assert shelf.listed(yen_bai) == ["Vàng A Yên"]
    assert shelf.hits("1234 qd ubnd") == [yen_bai, lao_cai]


def test_an_undated_decision_is_cited_without_a_date(shelf: Shelf) -> None:
    shelf.line("Sùng Thị Súa", on=None)
    assert shelf.listed(shelf.paper(on=None)) == ["Sùng Thị Súa"]


def test_correcting_a_decision_moves_the_lines_that_cite_it(shelf: Shelf) -> None:
    early = shelf.line("Cư Seo Sớm", on="1985-04-12")
    late = shelf.line("Cư Seo Muộn", on="1985-04-21")
    decided = shelf.paper(on="1985-04-12")
    assert shelf.listed(decided) == ["Cư Seo Sớm"]
    shelf.correct(decided, decided_on="1985-04-21")
    assert shelf.listed(decided) == ["Cư Seo Muộn"]
    assert (shelf.row(early).decision_id, shelf.row(late).decision_id) == (None, decided)
    shelf.correct(decided, decided_on="1985-04-12", number="236 KT/HĐNN")
    assert shelf.listed(decided) == []
    shelf.correct(decided, number="263 KT/HĐNN")
    assert shelf.listed(decided) == ["Cư Seo Sớm"]


def test_correcting_an_award_moves_it_to_the_decision_of_its_date(shelf: Shelf) -> None:
    line = shelf.line("Lục Thị Xuyến", on="1985-04-21")
    decided = shelf.paper(on="1985-04-12")
    assert shelf.listed(decided) == []
    correct = award.CorrectAward({"awarded_on": "1985-04-12"}, "theo bằng gốc")
    shelf.registry.execute("award", line, correct, AUTHORSHIP)
    assert shelf.listed(decided) == ["Lục Thị Xuyến"]


def test_a_decision_that_an_award_names_is_its_decision_whatever_it_cites(shelf: Shelf) -> None:
    named, cited = shelf.paper("1/QĐ-CTN"), shelf.paper()
    command = replace(
        award_to("Nông Thị Lan", decision_id=named),
        number_typed="263 KT/HĐNN",
        issuer_typed=STATE_COUNCIL,
        awarded_on="1985-04-12",
    )
    line = record_award(shelf.registry, command).stream_id
    assert (shelf.listed(named), shelf.listed(cited)) == (["Nông Thị Lan"], [])
    assert shelf.row(line).number == "1/QĐ-CTN"


@pytest.mark.parametrize("typed", ["263 KT/HĐNN", "263-kt-hdnn", "số 263 KT/HĐNN", "263"])
def test_a_number_finds_the_decision_once_and_the_lines_of_one_not_registered(
    shelf: Shelf, typed: str
) -> None:
    shelf.line("Hà Thị Lụa")
    shelf.line("Hà Thị Thơm", issuer=None)
    assert set(shelf.hits(typed)) == {"Hà Thị Lụa", "Hà Thị Thơm"}
    decided = shelf.paper()
    assert shelf.hits(typed) == [decided, "Hà Thị Thơm"]
    page = find(shelf.cursor, typed)
    assert isinstance(page.hits[0], DecisionHit)
    assert page.hits[0].decision.award_count == 1
    assert len({hit.matched for hit in page.hits}) == 1


def test_lines_that_cite_a_number_are_paged_behind_the_decisions_that_bear_it(
    shelf: Shelf,
) -> None:
    others = ["Chủ tịch nước", "Thủ tướng Chính phủ"]
    decided = {shelf.paper(issuer=issuer) for issuer in others}
    names = {f"Thào A {number}" for number in range(5)}
    for name in names:
        shelf.line(name)
    shelf.runner.catch_up()
    for typed in ("263 KT/HĐNN", "263"):
        seen: list[Any] = []
        token = None
        while True:
            page = find(shelf.cursor, typed, 2, token)
            seen += [
                hit.award.name if isinstance(hit, AwardHit) else hit.decision.id
                for hit in page.hits
            ]
            token = page.next_token
            if token is None:
                break
        assert len(seen) == 7
        assert (set(seen[:2]), set(seen[2:])) == (decided, names)


def test_an_identity_that_is_held_makes_no_second_decision(shelf: Shelf) -> None:
    """The index that joins lines to one decision is unique because the claim is."""
    shelf.paper("263 KT/HĐNN")
    with pytest.raises(Rejected):
        shelf.paper("0263 KT-HĐNN")
