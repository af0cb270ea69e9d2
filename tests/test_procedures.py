"""Versions of procedures: one for every day, each with its source and what is not known."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from registry.catalogue import load_catalogue
from registry.law.instruments import ended_law_doubts
from registry.law.procedures import (
    PROCEDURES,
    Procedure,
    TimeLimit,
    all_rules,
    deciding_level,
    find_rule,
    rule_for,
    rules_of,
)


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_one_version_holds_on_every_day(procedure: Procedure) -> None:
    rules = rules_of(procedure)
    assert rules[0].valid_from is None
    assert rules[-1].valid_to is None
    for earlier, later in pairwise(rules):
        assert earlier.valid_to is not None
        assert later.valid_from == earlier.valid_to + timedelta(days=1)


def test_ids_are_unique_and_lead_back() -> None:
    ids = [rule.id for rule in all_rules()]
    assert len(set(ids)) == len(ids)
    assert [find_rule(one) for one in ids] == list(all_rules())
    assert find_rule("reissue-1066") is None


@pytest.mark.parametrize(
    ("received_on", "rule", "certainty"),
    [
        (date(2012, 1, 4), "reissue-old", "assumed"),
        (date(2014, 11, 1), "reissue-2014", "assumed"),
        (date(2018, 7, 19), "reissue-2014", "assumed"),
        (date(2018, 7, 20), "reissue-2018", "read"),
        (date(2023, 12, 31), "reissue-2018", "read"),
        (date(2024, 1, 1), "reissue-2024", "assumed"),
        (date(2025, 6, 20), "reissue-2024", "assumed"),
        (date(2025, 6, 30), "reissue-2024", "assumed"),
        (date(2025, 7, 1), "reissue-2025", "assumed"),
        (date(2025, 10, 10), "reissue-2025", "assumed"),
        (date(2025, 10, 11), "reissue-2025-10", "assumed"),
        (date(2026, 2, 1), "reissue-2026", "assumed"),
        (date(2026, 7, 7), "reissue-2026", "assumed"),
        (date(2026, 7, 8), "reissue-2026-07", "assumed"),
    ],
)
def test_the_day_of_receipt_chooses_the_version(
    received_on: date, rule: str, certainty: str
) -> None:
    found = rule_for("reissue", received_on)
    assert found.id == rule
    limit = found.limit_of("province")
    assert limit is not None
    assert (limit.days, limit.kind, limit.certainty) == (15, "calendar", certainty)


def test_a_limit_that_was_not_found_is_never_silent() -> None:
    for rule in all_rules():
        for step in rule.steps:
            certain = step.limit is not None and step.limit.certainty in {"read", "inferred"}
            assert certain or rule.note_vi, rule.id
        assert bool(rule.note_vi) == bool(rule.note_en), rule.id


def test_limits_end_on_working_days_and_know_days_used_before() -> None:
    calendar = TimeLimit(15, "calendar", "", "read")
    assert calendar.due_on(date(2026, 10, 1)) == date(2026, 10, 16)
    assert calendar.due_on(date(2026, 10, 2)) == date(2026, 10, 19), "the 17th is a Saturday"
    assert calendar.due_on(date(2026, 10, 1), used=10) == date(2026, 10, 6)
    assert calendar.days_between(date(2026, 10, 1), date(2026, 10, 5)) == 4
    assert calendar.days_between(date(2026, 10, 5), date(2026, 10, 1)) == 0
    working = TimeLimit(5, "working", "", "read")
    assert working.due_on(date(2026, 10, 2)) == date(2026, 10, 9)
    assert working.days_between(date(2026, 10, 2), date(2026, 10, 6)) == 2


def test_papers_to_bring_depend_on_who_applies() -> None:
    rule = rule_for("reissue", date(2026, 2, 1))
    persons = {item.code: item.form for item in rule.checklist("person")}
    collectives = {item.code: item.form for item in rule.checklist("collective")}
    assert persons["application-reissue"] == "2.2"
    assert collectives["letter-reissue"] == "2.1"
    assert "relation-shown" not in collectives
    exchange = rule_for("exchange", date(2026, 2, 1))
    assert "old-item" in {item.code for item in exchange.checklist("person") if item.required}


def test_the_centre_makes_again_what_the_state_gave_and_the_province_its_own() -> None:
    catalogue = load_catalogue()
    assert deciding_level(catalogue.form("ORD-KC-US")) == "centre"
    assert deciding_level(catalogue.form("CERT-BK-TTG")) == "centre"
    assert deciding_level(catalogue.form("CERT-BK-BT")) == "province"
    assert deciding_level(catalogue.form("CERT-GK-XA")) == "province"


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_no_version_cites_what_had_ended_or_had_not_begun(procedure: Procedure) -> None:
    """A version holds on every day of its own: so does each instrument that it rests on."""
    begun = {"98/2023": "2024-01-01", "152/2025": "2025-07-01", "20/2025": "2025-10-11"}
    begun |= {"01/2026": "2026-01-01", "276/2026": "2026-07-08", "06/2022": "2024-01-01"}
    for rule in rules_of(procedure):
        assert not ended_law_doubts(rule.source, rule.valid_from or date.min), rule.id
        if rule.valid_to is not None:
            assert not ended_law_doubts(rule.source, rule.valid_to), rule.id
        for number, first in begun.items():
            if number in rule.source:
                assert rule.valid_from is not None, rule.id
                assert rule.valid_from >= date.fromisoformat(first), (rule.id, number)


@pytest.mark.parametrize("procedure", ["exchange", "reissue", "confirmation"])
def test_decrees_98_and_28_hold_on_no_day_since_july_2025(procedure: Procedure) -> None:
    for rule in rules_of(procedure):
        if rule.valid_to is None or rule.valid_to >= date(2025, 7, 1):
            told = (rule.source, *(step.limit.source for step in rule.steps if step.limit))
            assert not any("98/2023" in one or "28/2024" in one for one in told), rule.id
    assert "98/2023" in rule_for(procedure, date(2025, 6, 30)).source
    assert "152/2025" in rule_for(procedure, date(2025, 7, 1)).source


@pytest.mark.parametrize(
    ("day", "exchange", "forms"),
    [
        (date(2025, 6, 20), ("4.1a", "4.1b"), {"list": "4.4"}),
        (date(2025, 10, 10), ("4.1a", "4.1b"), {"list": "4.4"}),
        (date(2025, 10, 11), ("2.2", "2.1"), {"list": "2.3", "certificate": "2.4"}),
        (date(2026, 12, 1), ("2.2", "2.1"), {"list": "2.3", "certificate": "2.4"}),
    ],
)
def test_forms_have_the_numbers_of_their_day(
    day: date, exchange: tuple[str, str], forms: dict[str, str]
) -> None:
    rule = rule_for("exchange", day)
    assert rule.checklist("person")[0].form == exchange[0]
    assert rule.checklist("household")[0].form == exchange[0]
    assert rule.checklist("collective")[0].form == exchange[1]
    assert {name: form.number for name, form in rule.forms.items()} == forms
    assert rule.names("household") is (exchange[0] == "2.2")


@pytest.mark.parametrize(
    ("text", "on", "cited"),
    [
        ("Căn cứ Nghị định số 98/2023/NĐ-CP, Điều 114", "2025-07-01", 1),
        ("theo 98/2023, Điều 114", "2026-02-06", 1),
        ("theo 98/2023", "2025-06-30", 0),
        ("Nghị định 28/2024/NĐ-CP và 98/2023/NĐ-CP", "2025-08-01", 2),
        ("Quyết định 98/2023/QĐ-UBND", "2026-01-01", 0),
        ("Quyết định 28/2024/QĐ-UBND", "2026-01-01", 0),
        ("198/2023", "2026-01-01", 0),
        ("Nghị định 152/2025/NĐ-CP", "2026-01-01", 0),
        (None, "2026-01-01", 0),
    ],
)
def test_what_is_cited_is_compared_with_what_had_ended(
    text: str | None, on: str, cited: int
) -> None:
    assert len(ended_law_doubts(text, date.fromisoformat(on))) == cited
