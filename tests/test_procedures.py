"""Versions of procedures: one for every day, each with its source and what is not known."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from registry.catalogue import load_catalogue
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
        (date(2025, 7, 1), "reissue-2025", "assumed"),
        (date(2026, 2, 1), "reissue-2026", "assumed"),
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
    assert persons["application-reissue"] == "4.2a"
    assert collectives["letter-reissue"] == "4.2b"
    assert "relation-shown" not in collectives
    exchange = rule_for("exchange", date(2026, 2, 1))
    assert "old-item" in {item.code for item in exchange.checklist("person") if item.required}


def test_the_centre_makes_again_what_the_state_gave_and_the_province_its_own() -> None:
    catalogue = load_catalogue()
    assert deciding_level(catalogue.form("ORD-KC-US")) == "centre"
    assert deciding_level(catalogue.form("CERT-BK-TTG")) == "centre"
    assert deciding_level(catalogue.form("CERT-BK-BT")) == "province"
    assert deciding_level(catalogue.form("CERT-GK-XA")) == "province"
