"""Whatever half-remembered word somebody types, the right records come first."""

from __future__ import annotations

import base64
import json
import os
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.registers import REGISTERS
from projections.runner import Runner
from projections.search import AwardHit, DecisionHit, SearchPage, find
from projections.search_names import NAMES_SORTED_MAX
from registry import award
from registry.database import Database, make_database
from registry.errors import Rejected
from registry.identifiers import new_id
from registry.recipient import Person, Recipient
from tests.histories import (  # noqa: F401 - fixtures
    AUTHORSHIP,
    award_to,
    follower,
    record_award,
    register_decision,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.embedded import EmbeddedPostgres
    from registry.register import Registry

    Searching = Callable[..., SearchPage]

BAN_CAI = "xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn"
Y_TY = "X. Y Tý, H. Bát Xát, T. Lào Cai"


def searching(database: Database) -> Searching:
    def search(text: str, limit: int = 20, token: str | None = None) -> SearchPage:
        with database.pool("reader").connection() as connection, connection.cursor() as cursor:
            return find(cursor, text, limit, token)

    return search


@pytest.fixture
def search(database: Database, follower: Runner) -> Searching:  # noqa: F811, ARG001
    """Search in a register that the test fills itself."""
    return searching(database)


@pytest.fixture(scope="module")
def known(server: EmbeddedPostgres) -> Iterator[Searching]:
    """Search in a small register of people who are easily taken for one another."""
    name = f"sovang_search_{os.getpid()}"
    make_database(server.conninfo("postgres", "postgres"), name)
    database = Database(server.conninfo(name, "postgres"), home_key=bytes(32))
    database.migrate()
    record_known(database.registry())
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    runner.close()
    yield searching(database)
    database.close()


def record_known(registry: Registry) -> None:
    decision = register_decision(registry, "212 QĐ/CTN", decided_on="1996-03-08")
    register_decision(registry, "212 QĐ/CTN", decided_on="1997-03-08")
    register_decision(registry, "212/QĐ-UBND", issuer="UBND tỉnh Yên Bái", decided_on="1996")
    people = (
        award_to("Nguyễn Văn Hòa", born="1930", place=BAN_CAI, decision_id=decision, golden="83"),
        award_to("Nguyễn Văn Hoa", born="1931", place=Y_TY),
        award_to("Nguyễn Văn Hoà", born=None, place=Y_TY),
        award_to("Nguyễn Văn Hòa Bình", born="1930", place=None),
        award_to("Hòa Văn Nguyễn", born="1944", place="Bản Cái, Bắc Hà"),
        award_to("Giàng Thị Mẩy", born="1941~", place=BAN_CAI),
        award_to("Đặng Thị Phương", born="1952", place="phường Cam Đường"),
        award_to("Lý Seo Páo", born="1938", place="thôn Bản Cái Xã, xã Gia Phú"),
    )
    for command in people:
        record_award(registry, command)


def names(page: SearchPage) -> list[str]:
    return [hit.award.name for hit in page.hits if isinstance(hit, AwardHit)]


def matched(page: SearchPage) -> set[str]:
    return {hit.matched for hit in page.hits}


class TestNames:
    @pytest.mark.parametrize(
        "typed", ["nguyen van hoa", "NGUYEN VAN HOA", "  nguyen   van hoa ", "Nguyễn Văn Hòa"]
    )
    def test_whole_names_first_then_longer_then_other_orders(
        self, known: Searching, typed: str
    ) -> None:
        found = names(known(typed))
        assert sorted(found[:3]) == ["Nguyễn Văn Hoa", "Nguyễn Văn Hoà", "Nguyễn Văn Hòa"] or (
            typed == "Nguyễn Văn Hòa"
        )
        assert set(found) == {
            "Nguyễn Văn Hòa",
            "Nguyễn Văn Hoa",
            "Nguyễn Văn Hoà",
            "Nguyễn Văn Hòa Bình",
            "Hòa Văn Nguyễn",
        }

    @pytest.mark.parametrize("typed", ["Nguyễn Văn Hòa", "Nguyễn Văn Hoà", "nguyễn văn hoà"])
    def test_diacritics_that_were_typed_rank_first(self, known: Searching, typed: str) -> None:
        found = names(known(typed))
        assert set(found[:2]) == {"Nguyễn Văn Hòa", "Nguyễn Văn Hoà"}
        assert found[-1] == "Nguyễn Văn Hoa"

    @pytest.mark.parametrize("typed", ["hoa nguyen van", "van hoa", "hoa", "Hòa", "văn hòa nguyễn"])
    def test_words_in_any_order(self, known: Searching, typed: str) -> None:
        assert len(names(known(typed))) == 5

    def test_decomposed_input_is_the_same(self, known: Searching) -> None:
        typed = unicodedata.normalize("NFD", "Giàng Thị Mẩy")
        assert names(known(typed)) == ["Giàng Thị Mẩy"]

    @pytest.mark.parametrize(
        "typed", ["nguyen van hoa 1930", "Nguyễn Văn Hòa sinh năm 1930", "hoa nguyen sn 1930"]
    )
    def test_a_year_of_birth_tells_people_apart(self, known: Searching, typed: str) -> None:
        page = known(typed)
        found = [(hit.matched, name) for hit, name in zip(page.hits, names(page), strict=True)]
        assert set(found[:2]) == {
            ("name-and-year", "Nguyễn Văn Hòa"),
            ("name-and-year", "Nguyễn Văn Hòa Bình"),
        }
        assert found[2:] == [("name-and-unknown-year", "Nguyễn Văn Hoà")]

    def test_a_year_remembered_wrongly_still_finds_the_name(self, known: Searching) -> None:
        page = known("giang thi may 1951")
        assert (names(page), matched(page)) == (["Giàng Thị Mẩy"], {"name"})

    def test_an_approximate_year_is_found_by_the_year(self, known: Searching) -> None:
        assert matched(known("giang thi may 1941")) == {"name-and-year"}

    @pytest.mark.parametrize(
        "typed",
        [
            "gang thi may",  # left out
            "giangg thi may",  # added
            "giang thi mai",  # replaced
            "gianh thi may",
            "giang tih may",  # swapped
            "iang thi may",  # the first letter left out
            "kiang thi may",  # the first letter replaced
            "igang thi may",  # the first letters swapped
            "may thi gang",  # in another order
            "gang may",
            "giangthi may",  # a space left out
            "gi ang thi may",  # a space added
            "gang thi may 1941",
            "Giàng Thị Mảyy",
        ],
    )
    def test_one_typing_error(self, known: Searching, typed: str) -> None:
        page = known(typed)
        assert names(page)[0] == "Giàng Thị Mẩy"
        assert matched(page) == {"similar-name"}

    @pytest.mark.parametrize("typed", ["gang tih may", "xxxx yyyy", "trống"])
    def test_what_nobody_is_called_is_not_found(self, known: Searching, typed: str) -> None:
        assert known(typed) == SearchPage((), None)

    def test_similar_names_are_offered_beside_exact_ones(self, known: Searching) -> None:
        page = known("Lý Seo Páo")
        assert matched(page) == {"name"}
        assert page.similar_token is not None
        assert matched(known("Lý Seo Páo", token=page.similar_token)) <= {"similar-name"}

    @pytest.mark.parametrize("typed", ["Bằng Văn Tài", "Bảng Văn Tài", "bang van tai"])
    def test_board_and_certificate_are_found_by_either(
        self,
        search: Searching,
        registry: Registry,
        follower: Runner,  # noqa: F811
        typed: str,
    ) -> None:
        for name in ("Bằng Văn Tài", "Bảng Văn Tài"):
            record_award(registry, award_to(name))
        follower.catch_up()
        found = names(search(typed))
        assert sorted(found) == ["Bảng Văn Tài", "Bằng Văn Tài"]
        if not typed.isascii():
            assert found[0] == typed


class TestNumbersAndPlaces:
    @pytest.mark.parametrize(
        "typed", ["212/QD-CTN", "212 QĐ/CTN", "212 qđ ctn", "số 212/QĐ-CTN", "0212-QĐ-CTN"]
    )
    def test_a_decision_number_in_any_spelling(self, known: Searching, typed: str) -> None:
        hits = known(typed).hits
        decisions = [hit.decision for hit in hits if isinstance(hit, DecisionHit)]
        assert {(one.number, one.issuer, one.decided_on) for one in decisions} == {
            ("212 QĐ/CTN", "Chủ tịch nước", "1996-03-08"),
            ("212 QĐ/CTN", "Chủ tịch nước", "1997-03-08"),
        }
        assert sorted(one.award_count for one in decisions) == [0, 1]

    def test_the_beginning_of_a_decision_number(self, known: Searching) -> None:
        page = known("212")
        assert matched(page) == {"decision-number-begins"}
        assert len(page.hits) == 3

    @pytest.mark.parametrize("typed", ["83", "083", "sổ vàng số 83", "Vào sổ vàng số: 83"])
    def test_a_golden_book_number(self, known: Searching, typed: str) -> None:
        page = known(typed)
        assert (names(page), matched(page)) == (["Nguyễn Văn Hòa"], {"golden-number"})

    def test_a_hit_tells_people_apart(self, known: Searching) -> None:
        (hit,) = known("83").hits
        assert isinstance(hit, AwardHit)
        row = hit.award
        assert (row.persons[0].born, row.persons[0].native_place) == ("1930", BAN_CAI)
        assert (row.form, row.award_class, row.golden_number) == ("CERT-CCVN", None, "83")
        assert (row.number, row.decided_on) == ("212 QĐ/CTN", "1996-03-08")

    def test_a_serial(
        self,
        search: Searching,
        registry: Registry,
        follower: Runner,  # noqa: F811
    ) -> None:
        recorded = record_award(registry, award_to("Tẩn Láo Lở"))
        issue = award.IssueArtifacts((("certificate", "SV-0000017-K"),))
        registry.execute("award", recorded.stream_id, issue, AUTHORSHIP)
        follower.catch_up()
        (hit,) = search("sv 0000017 k").hits
        assert isinstance(hit, AwardHit)
        assert hit.artifact is not None
        assert (hit.matched, hit.artifact.serial, hit.award.name) == (
            "serial",
            "SV-0000017-K",
            "Tẩn Láo Lở",
        )

    def test_an_award_whose_decision_is_not_registered(
        self,
        search: Searching,
        registry: Registry,
        follower: Runner,  # noqa: F811
    ) -> None:
        command = replace(award_to("Lục Thị Xuyến"), number_typed="47 KT/HĐNN")
        record_award(registry, command)
        follower.catch_up()
        page = search("47/KT-HDNN")
        assert (names(page), matched(page)) == (["Lục Thị Xuyến"], {"decision-number"})

    @pytest.mark.parametrize("typed", ["xã Bản Cái", "xa ban cai", "X. Bản Cái", "x.ban cai"])
    def test_a_commune_in_any_spelling(self, known: Searching, typed: str) -> None:
        page = known(typed)
        assert matched(page) == {"place"}
        assert sorted(names(page)) == ["Giàng Thị Mẩy", "Hòa Văn Nguyễn", "Nguyễn Văn Hòa"]

    def test_a_place_without_its_kind(self, known: Searching) -> None:
        assert len(names(known("bản cái"))) == 4
        assert sorted(names(known("y ty"))) == ["Nguyễn Văn Hoa", "Nguyễn Văn Hoà"]

    @pytest.mark.parametrize(
        "typed",
        ["nguyen van hoa, Y Tý", "Nguyễn Văn Hoa xã Y Tý", "hoa nguyen xã y tý", "van hoa y ty"],
    )
    def test_a_name_and_a_place(self, known: Searching, typed: str) -> None:
        page = known(typed)
        assert matched(page) == {"name-and-place"}
        assert sorted(names(page)) == ["Nguyễn Văn Hoa", "Nguyễn Văn Hoà"]

    def test_phuong_is_a_name_and_phuong_with_its_mark_a_ward(self, known: Searching) -> None:
        assert matched(known("Đặng Thị Phương")) == {"name"}
        assert matched(known("Đặng Thị Phương phường Cam Đường")) == {"name-and-place"}


class TestOtherRecipients:
    def test_both_of_a_couple_and_a_collective(
        self,
        search: Searching,
        registry: Registry,
        follower: Runner,  # noqa: F811
    ) -> None:
        pair = (Person(new_id(), "Má A Dờ", born="1901"), Person(new_id(), "Sùng Thị Súa"))
        couple = Recipient("couple", "Ông Má A Dờ và bà Sùng Thị Súa", pair)
        record_award(registry, replace(award_to("x"), recipient=couple))
        ward = Recipient("collective", "Khoa Ngoại 12", unit="Bệnh viện Đa khoa tỉnh")
        record_award(registry, replace(award_to("x"), recipient=ward, form="CERT-BK-BT"))
        follower.catch_up()
        assert names(search("sung thi sua")) == ["Ông Má A Dờ và bà Sùng Thị Súa"]
        assert names(search("ma a do 1901")) == ["Ông Má A Dờ và bà Sùng Thị Súa"]
        assert names(search("khoa ngoai 12")) == ["Khoa Ngoại 12"]
        assert names(search("benh vien da khoa tinh")) == ["Khoa Ngoại 12"]

    def test_a_name_that_was_corrected_is_found_and_marked(
        self,
        search: Searching,
        registry: Registry,
        follower: Runner,  # noqa: F811
    ) -> None:
        recorded = record_award(registry, award_to("Vũ Đức Thuỵ"))
        follower.catch_up()
        correct = award.CorrectAward({"name": "Vũ Đức Thụy Sỹ"}, "theo bằng gốc")
        registry.execute("award", recorded.stream_id, correct, AUTHORSHIP)
        follower.catch_up()
        hits = {
            (hit.award.name, hit.name, hit.is_current)
            for text in ("vu duc thuy", "vu duc thuy sy")
            for hit in search(text).hits
            if isinstance(hit, AwardHit)
        }
        assert hits == {
            ("Vũ Đức Thụy Sỹ", "Vũ Đức Thuỵ", False),
            ("Vũ Đức Thụy Sỹ", "Vũ Đức Thụy Sỹ", True),
        }


# Pages --------------------------------------------------------------------------------------


def all_pages(search: Searching, text: str, limit: int) -> list[str]:
    """Names in the order in which page after page shows them."""
    found: list[str] = []
    token = None
    while True:
        page = search(text, limit, token)
        assert len(page.hits) <= limit
        found += names(page)
        token = page.next_token
        if token is None:
            return found


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
@pytest.mark.parametrize("text", ["hoa", "Hòa", "nguyen van hoa", "hoa 1930", "Y Tý, Bát Xát"])
def test_pages_show_everything_once_in_one_order(known: Searching, text: str, limit: int) -> None:
    whole = names(known(text, 200))
    assert len(whole) >= 2
    assert all_pages(known, text, limit) == whole


def test_namesakes_are_paged_and_new_ones_repeat_nobody(
    search: Searching,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    for year in range(1900, 1907):
        record_award(registry, award_to("Chảo Láo Tả", born=str(year)))
    follower.catch_up()
    first = search("chao lao ta", 3)
    record_award(registry, award_to("Chảo Láo Tả", born="1950"))
    record_award(registry, award_to("Chảo A Láo Tả", born="1950"))
    follower.catch_up()
    seen = [hit.award.id for hit in first.hits if isinstance(hit, AwardHit)]
    token = first.next_token
    while token is not None:
        page = search("chao lao ta", 3, token)
        seen += [hit.award.id for hit in page.hits if isinstance(hit, AwardHit)]
        token = page.next_token
    assert len(seen) == len(set(seen)) == 9


def test_very_common_words_are_paged_without_sorting_them_all(
    search: Searching,
    registry: Registry,
    follower: Runner,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("projections.search_names.NAMES_SORTED_MAX", 5)
    everybody = [f"Tẩn Thị {number}" for number in range(17)] * 2
    for born, name in enumerate(everybody, start=1900):
        record_award(registry, award_to(name, born=str(born)))
    follower.catch_up()
    assert sorted(all_pages(search, "thi tan", 5)) == sorted(everybody)
    assert NAMES_SORTED_MAX > 5


@pytest.mark.parametrize("text", ["", "   ", "-/-", "a" * 201, "a " * 20, "hoa\x00", "\ud800"])
def test_a_text_that_says_nothing_is_refused(known: Searching, text: str) -> None:
    with pytest.raises(Rejected):
        known(text)


@given(text=st.text(max_size=60))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_breaks_the_search(known: Searching, text: str) -> None:
    try:
        known(text)
    except Rejected as refused:
        assert refused.code in {"search-empty", "search-too-long", "text-unprintable"}  # noqa: PT017


def token_of(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "%%%",
        token_of("awards", 3),
        token_of("find"),
        token_of("find", "no-such-stage"),
        token_of("find", "whole", "x", 1, 2, 3, 4),
        token_of("find", "any", 1, "no-number", "a", "0" * 32, 0),
        token_of("find", "whole", 0, "\ud800", "a", "0" * 32, 0),
        token_of("find", "whole", 0, "\x00", "a", "0" * 32, 0),
        token_of("find", "whole", 2**70, "", "a", "0" * 32, 0),
        "[" * 5_000,
    ],
)
def test_a_token_that_we_did_not_write_is_refused(known: Searching, token: str) -> None:
    with pytest.raises(Rejected, match="page-token-unreadable"):
        known("nguyen van hoa", token=token)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_its_limit(known: Searching, limit: int) -> None:
    with pytest.raises(Rejected, match="page-rows-out-of-range"):
        known("hoa", limit)
