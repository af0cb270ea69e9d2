"""Decisions, imports and users: given what happened, when a command comes, then this happens."""

from __future__ import annotations

from typing import Any

import pytest

from registry import decision, importing, user
from registry.catalogue import load_catalogue
from registry.decision import CorrectDecision, identity_claim
from registry.errors import Rejected
from registry.fact import World
from registry.importing import BeginImport, FinishImport, ImportRows, Tally
from registry.numbers import normalise_number
from registry.user import AddUser, DisableUser, GrantToken
from tests.strangers import decision as a_decision

WORLD = World(load_catalogue(), {})


def state_after(decider: Any, *commands: Any) -> Any:
    state = decider.INITIAL
    for command in commands:
        for event in decider.decide(state, command, WORLD).events:
            state = decider.evolve(state, event)
    return state


def refused(decider: Any, command: Any, *before: Any) -> str:
    with pytest.raises(Rejected) as caught:
        decider.decide(state_after(decider, *before), command, WORLD)
    return caught.value.code


# Decisions


def test_a_number_is_kept_as_written_beside_its_normalised_form() -> None:
    content = state_after(decision, a_decision("212 QĐ/CTN")).content
    assert content.number == "212 QĐ/CTN"
    assert content.number_key == normalise_number("212/QD-CTN")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"number": ""}, "number-missing"),
        ({"number": " / "}, "number-missing"),
        ({"issuer": " "}, "issuer-missing"),
        ({"decided_on": "31/02/1985"}, "date-unreadable"),
        ({"decided_on": "1985-02-31"}, "date-impossible"),
        ({"scan_sha256": "xyz"}, "digest-malformed"),
        ({"summary": "x" * 4_001}, "text-too-long"),
        ({"signatory": "\x07"}, "text-unprintable"),
    ],
)
def test_decisions_that_cannot_be_registered(fields: dict[str, Any], code: str) -> None:
    number = fields.pop("number", "1/QĐ")
    assert refused(decision, a_decision(number, **fields)) == code


def test_two_decisions_with_one_number_are_told_apart_by_issuer() -> None:
    lao_cai = identity_claim("UBND tỉnh Lào Cai", "1234/QĐ-UBND", "2019-05-09")
    assert lao_cai != identity_claim("UBND tỉnh Yên Bái", "1234/QĐ-UBND", "2019-05-09")
    assert lao_cai != identity_claim("UBND tỉnh Lào Cai", "1234/QĐ-UBND", "2019-05-10")
    assert lao_cai == identity_claim("ubnd  tỉnh LÀO CAI", "1234 QĐ/UBND", "2019-05-09")


def test_a_decision_is_corrected_with_before_and_after() -> None:
    correct = CorrectDecision({"number": "1235/QĐ-UBND", "signatory": None}, "gõ nhầm")
    state = state_after(decision, a_decision(), correct)
    assert state.content.number == "1235/QĐ-UBND"
    assert state.content.number_key == normalise_number("1235/QĐ-UBND")
    assert refused(decision, correct, a_decision(), correct) == "nothing-to-correct"
    assert refused(decision, CorrectDecision({"number": ""}, "x"), a_decision()) == "number-missing"
    assert refused(decision, correct) == "decision-unknown"


def test_a_decision_is_registered_once() -> None:
    assert refused(decision, a_decision(), a_decision()) == "decision-registered-already"


# Imports

BEGIN = BeginImport("so-cu.xlsx", "ab" * 32, "legacy")
FIRST = ImportRows(10, Tally(10, 8, 1, 1, 2))


def test_an_import_goes_on_where_it_stopped() -> None:
    state = state_after(importing, BEGIN, FIRST, BEGIN)
    assert (state.last_row, state.tally.accepted) == (10, 8)
    assert importing.decide(state, BEGIN, WORLD).events == ()


def test_rows_are_judged_once() -> None:
    assert refused(importing, FIRST, BEGIN, FIRST) == "import-rows-judged-already"
    assert refused(importing, FIRST) == "import-not-running"


def test_a_finished_import_can_begin_anew() -> None:
    finished = state_after(importing, BEGIN, FIRST, FinishImport())
    assert finished.tally == FIRST.tally
    assert refused(importing, FinishImport(), BEGIN, FIRST, FinishImport()) == "import-not-running"
    again = state_after(importing, BEGIN, FIRST, FinishImport(), BEGIN)
    assert (again.last_row, again.tally) == (0, Tally())


def test_one_file_is_one_import() -> None:
    assert importing.import_id("a") == importing.import_id("a") != importing.import_id("b")


# Users

ADD = AddUser("Nguyễn Thị Mẫu", "clerk", "Sở Nội vụ")


def test_a_disabled_user_gets_no_token() -> None:
    grant = GrantToken(user.token_digest("secret"))
    state = state_after(user, ADD, grant)
    assert state.tokens == (user.Token(user.token_digest("secret"), None),)
    gone = DisableUser("nghỉ hưu")
    assert refused(user, grant, ADD, gone) == "user-unknown"
    assert refused(user, gone, ADD, gone) == "user-unknown"
    assert refused(user, grant) == "user-unknown"


def test_users_have_a_known_role_and_a_name() -> None:
    assert refused(user, AddUser("x", "king", "y")) == "not-a-choice"  # type: ignore[arg-type]
    assert refused(user, AddUser(" ", "clerk", "y")) == "name-missing"
    assert refused(user, AddUser("x", "clerk", "")) == "office-missing"
