"""An award that was entered by mistake is taken back: it never was, and its names are free."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from projections.register_check import check_registers
from projections.registers import REGISTERS
from registry.proofs.status_lists import list_of
from registry.rights import Units
from tests.api_house import House, an_award, open_house, problem
from tests.case_house import Desk
from tests.conftest import fresh_database
from tests.signing_house import Keys, award_of, open_signing_house, sign
from tests.test_api_stock_use import stocked
from tests.test_register_check import names_and_keys
from tests.test_verification import a_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from registry.embedded import EmbeddedPostgres

REASON = "ghi nhầm sang người cùng tên"
NAME = "Giàng Seo Phử"


@pytest.fixture
def signing(database: Database) -> Iterator[tuple[House, Keys]]:
    with open_signing_house(database) as opened:
        yield opened


@pytest.fixture
def house(signing: tuple[House, Keys]) -> House:
    return signing[0]


def withdraw(house: House, award_id: str, **body: Any) -> dict[str, Any]:
    house.catch_up()
    answer = house.done(house.post(f"/api/awards/{award_id}/withdraw", {"reason": REASON} | body))
    house.catch_up()
    return answer


def refused(house: House, award_id: str, code: str, **body: Any) -> dict[str, Any]:
    house.catch_up()
    answer = house.post(f"/api/awards/{award_id}/withdraw", {"reason": REASON} | body)
    said = problem(answer, answer.status_code, code)
    assert answer.is_client_error
    assert not re.search(r"\{\w+\}", said["detail"])
    return said


def serial_in(award: dict[str, Any], component: str = "certificate") -> str:
    return next(str(one["serial"]) for one in award["artifacts"] if one["component"] == component)


def now(house: House) -> str:
    return house.registry.clock().isoformat().replace("+00:00", "Z")


def consistent(house: House) -> None:
    """What the registers and the names say is what the facts make."""
    house.catch_up()
    told: list[Any] = []
    with psycopg.connect(house.database.conninfo("projector")) as kept:
        kept.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        check_registers(
            kept,
            house.database.conninfo("projector"),
            house.database.marks,
            REGISTERS,
            tell=lambda code, **params: told.append((code, params)),
        )
    assert told == []
    assert names_and_keys(house.database) == []


def test_it_counts_nowhere_and_its_history_tells_why(house: House) -> None:
    award = house.award(golden_book={"number": "83"}, issue_artifacts=True)
    serial = serial_in(award)
    answer = withdraw(house, award["id"])
    assert (answer["standing"], answer["withdrawn"]["reason"]) == ("withdrawn", REASON)
    assert answer["withdrawn"]["withdrawn_by"] == "clerk Thử"
    found = house.done(house.get(f"/api/search?q={NAME}"))
    assert found["hits"] == []
    for question in ("83", serial, "263 KT/HĐNN"):
        assert house.done(house.get(f"/api/search?q={question}"))["hits"] == []
    assert house.done(house.get("/api/awards"))["awards"] == []
    assert house.done(house.get("/api/artifacts"))["artifacts"] == []
    entries = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    last = entries[-1]
    assert (last["event"], last["reason"]) == ("award-withdrawn.v1", REASON)
    assert "ghi nhầm" in last["title"]
    assert last["actor"] == "clerk Thử"
    consistent(house)


def test_the_right_record_is_entered_at_once_with_all_its_names(house: House) -> None:
    fields: dict[str, Any] = {"golden_book": {"number": "83"}}
    items = {"artifacts": [{"component": "certificate", "serial": "A-00123"}]}
    wrong = house.award(**fields)
    house.done(house.post(f"/api/awards/{wrong['id']}/artifacts", items))
    problem(house.post("/api/awards", an_award(NAME, **fields)), 409, "award-recorded-already")
    withdraw(house, wrong["id"])
    right = house.award(**fields)
    assert right["remarks"] == []
    issued = house.done(house.post(f"/api/awards/{right['id']}/artifacts", items))
    assert serial_in(issued) == "A-00123"
    problem(house.post("/api/awards", an_award(NAME, **fields)), 409, "award-recorded-already")
    house.catch_up()
    assert house.done(house.get("/api/artifacts/a-00123"))["award_id"] == right["id"]
    (hit,) = house.done(house.get("/api/search?q=a-00123"))["hits"]
    assert hit["award"]["id"] == right["id"]
    consistent(house)


def test_a_piece_of_stock_issued_by_mistake_is_issued_again_under_its_serial(
    house: House,
) -> None:
    item_id = stocked(house)
    items = {"artifacts": [{"component": "certificate", "serial": "AB 007"}]}
    wrong = house.award()
    house.done(house.post(f"/api/awards/{wrong['id']}/artifacts", items))
    withdraw(house, wrong["id"])
    right = house.award("Vàng Thị Mỷ")
    house.done(house.post(f"/api/awards/{right['id']}/artifacts", items))
    house.catch_up()
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99
    # Paper that was printed is spoiled, and becomes nothing else.
    house.done(house.post("/api/artifacts/AB 007/print", {"printed_on": "2026-05-10"}))
    withdraw(house, right["id"])
    third = house.award("Lý Seo Páo")
    answer = house.post(f"/api/awards/{third['id']}/artifacts", items)
    problem(answer, 422, "piece-used-already")


def test_a_golden_number_that_another_bears_too_is_that_one_s_from_then_on(house: House) -> None:
    golden = {"golden_book": {"number": "83"}}
    first = house.award("Vàng Seo Một", **golden)
    second = house.award("Vàng Seo Hai", **golden)
    assert [one["code"] for one in second["remarks"]] == ["golden-number-repeated"]
    withdraw(house, first["id"])
    third = house.award("Vàng Seo Ba", **golden)
    (remark,) = third["remarks"]
    assert remark["params"]["holder"] == second["id"]
    consistent(house)
    entry = house.done(house.get(f"/api/awards/{first['id']}/history"))["history"][-1]
    assert [one["record_id"] for one in entry["details"]] == [second["id"]]
    # The heir may be withdrawn in its turn, and the last bearer too.
    withdraw(house, second["id"])
    fourth = house.award("Vàng Seo Bốn", **golden)
    assert fourth["remarks"][0]["params"]["holder"] == third["id"]
    withdraw(house, third["id"])
    withdraw(house, fourth["id"])
    assert house.award("Vàng Seo Năm", **golden)["remarks"] == []
    consistent(house)


def test_what_a_correction_once_said_is_free_again_too(house: House) -> None:
    award = house.award("Giàng Seo Phủ")
    corrected = {"corrections": {"name": "Giàng Seo Phử"}, "reason": "đọc lại bản gốc"}
    house.done(house.post(f"/api/awards/{award['id']}/correct", corrected))
    withdraw(house, award["id"])
    house.award("Giàng Seo Phủ")
    house.award("Giàng Seo Phử")
    consistent(house)


def test_as_known_before_it_is_shown_as_known_then_and_of_no_day_since(house: House) -> None:
    award = house.award()
    known = now(house)
    withdraw(house, award["id"])
    path = f"/api/awards/{award['id']}"
    then = house.done(house.get(f"{path}?as_of=1990-01-01&known_at={known}"))
    assert (then["standing"], then["recipient"]["name"]) == ("standing", NAME)
    problem(house.get(f"{path}?as_of=1990-01-01"), 404, "award-withdrawn")
    assert house.done(house.get(path))["standing"] == "withdrawn"


def test_nobody_outside_is_told_whose_name_was_entered_by_mistake(house: House) -> None:
    award = house.award()
    withdraw(house, award["id"])
    problem(house.get(f"/api/awards/{award['id']}", role=None), 404, "award-withdrawn")
    page = house.client.get(f"/awards/{award['id']}")
    assert page.status_code == 404
    assert NAME not in page.text
    whole = house.client.get(f"/awards/{award['id']}", headers=house.headers())
    assert REASON in whole.text


def test_a_signed_certificate_goes_along_only_if_that_is_said(
    signing: tuple[House, Keys],
) -> None:
    house, keys = signing
    award = house.award(issue_artifacts=True)
    serial = serial_in(award)
    paper = sign(house, serial)
    index = paper["status_index"]
    house.catch_up()
    assert not a_list(house, keys, list_of(index)).is_set(index)
    said = refused(house, award["id"], "withdraw-certificate-signed")
    assert serial in said["detail"]
    before = now(house)
    answer = withdraw(house, award["id"], with_signed=True)
    assert [one["code"] for one in answer["remarks"]] == ["withdrawn-paper-exists"]
    verdict = house.done(house.post("/api/verify", {"p": paper["link"]}, role=None))
    assert (verdict["authentic"], verdict["status"], verdict["in_force"]) == (
        True,
        "withdrawn",
        False,
    )
    assert verdict["status_text"] == "ghi nhầm, chưa từng có giá trị"
    assert verdict["since"] is None
    typed = {"serial": serial, "check_code": paper["check_code"]}
    assert house.done(house.post("/api/verify", typed, role=None))["status"] == "withdrawn"
    status = house.done(house.get(f"/api/verify/{serial}?on=2026-01-01", role=None))
    assert status["status"] == "withdrawn"
    then = house.done(house.get(f"/api/verify/{serial}?known_at={before}", role=None))
    assert (then["status"], then["in_force"]) == ("valid", True)
    for one in ("credential", "qr.svg", "certificate.pdf"):
        told = house.get(f"/api/artifacts/{serial}/{one}")
        problem(told, told.status_code, "award-withdrawn")
    page = house.client.get(f"/v/{serial}")
    assert "ghi nhầm" in page.text
    soon = house.registry.clock() + timedelta(seconds=10)
    house.registry.clock = lambda: soon
    assert a_list(house, keys, list_of(index)).is_set(index)


def test_a_withdrawn_paper_is_known_though_its_serial_is_another_s_since(house: House) -> None:
    items = {"artifacts": [{"component": "certificate", "serial": "A-00123"}]}
    wrong = house.award()
    house.done(house.post(f"/api/awards/{wrong['id']}/artifacts", items))
    paper = sign(house, "A-00123")
    withdraw(house, wrong["id"], with_signed=True)
    right = house.award("Vàng Thị Mỷ")
    house.done(house.post(f"/api/awards/{right['id']}/artifacts", items))
    good = sign(house, "A-00123")
    for caught_up in (False, True):
        if caught_up:
            house.catch_up()
        old = house.done(house.post("/api/verify", {"p": paper["link"]}, role=None))
        assert (old["authentic"], old["status"]) == (True, "withdrawn")
        new = house.done(house.post("/api/verify", {"p": good["link"]}, role=None))
        assert (new["authentic"], new["status"]) == (True, "valid")
    assert str(award_of(house, "A-00123")) == right["id"]
    consistent(house)


def test_what_stands_in_the_way_is_named(house: House) -> None:
    award = house.award(issue_artifacts=True)
    serial = serial_in(award)
    given = {"delivered_on": "2026-02-01", "receiver": {"kind": "recipient"}}
    house.done(house.post(f"/api/artifacts/{serial}/deliver", given))
    said = refused(house, award["id"], "withdraw-artifact-delivered")
    assert serial in said["detail"]
    assert "01/02/2026" in said["detail"] or "01/2/2026" in said["detail"]
    taken = {
        "surrendered_by": {"kind": "recipient"},
        "purpose": "safekeeping",
        "kept_at": "tủ 3",
        "surrendered_on": "2026-03-01",
    }
    house.done(house.post(f"/api/artifacts/{serial}/surrender", taken))
    refused(house, award["id"], "withdraw-artifact-moved")


def test_an_open_case_stands_in_the_way_until_it_is_closed(house: House) -> None:
    award = house.award(issue_artifacts=True)
    case = Desk(house).open(award_id=award["id"])
    said = refused(house, award["id"], "withdraw-case-open")
    assert case["receipt"] in said["detail"]


def test_an_award_that_a_decision_took_away_is_no_mistake_of_entry(house: House) -> None:
    award = house.award()
    by = house.decision(number="477/QĐ-CTN", kind="cancel", decided_on="2026-11-02")
    body = {"decision_id": by["id"], "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", body))
    refused(house, award["id"], "withdraw-award-taken-away")


def test_what_was_withdrawn_takes_no_command_any_more(house: House) -> None:
    award = house.award(issue_artifacts=True)
    serial = serial_in(award)
    withdraw(house, award["id"])
    refused(house, award["id"], "award-withdrawn")
    corrected = {"corrections": {"note": "x"}, "reason": "y"}
    answer = house.post(f"/api/awards/{award['id']}/correct", corrected)
    problem(answer, answer.status_code, "award-withdrawn")
    for path in (f"/api/artifacts/{serial}", f"/api/artifacts/{serial}/family"):
        problem(house.get(path), 404, "award-withdrawn")
    answer = house.post(f"/api/artifacts/{serial}/print", {})
    problem(answer, answer.status_code, "award-withdrawn")
    answer = house.post(f"/api/artifacts/{serial}/sign", {})
    problem(answer, answer.status_code, "award-withdrawn")


def test_a_reason_is_said_and_a_repeated_request_records_nothing_more(house: House) -> None:
    award = house.award()
    house.catch_up()
    answer = house.post(f"/api/awards/{award['id']}/withdraw", {"reason": "  "})
    problem(answer, answer.status_code, "reason-missing")
    path, body = f"/api/awards/{award['id']}/withdraw", {"reason": REASON}
    first = house.done(house.post(path, body, Idempotency_Key="rut-1"))
    house.catch_up()
    again = house.done(house.post(path, body, Idempotency_Key="rut-1"))
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert again["position"] == first["position"]


def test_two_clerks_at_once_give_one_fact(house: House) -> None:
    award = house.award()
    house.catch_up()
    path = f"/api/awards/{award['id']}/withdraw"
    house.token()

    def ask(_: int) -> Any:
        return house.post(path, {"reason": REASON})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert sorted(one.is_success for one in answers) == [False, False, False, True]
    for answer in answers:
        if not answer.is_success:
            problem(answer, answer.status_code, "award-withdrawn")
    entries = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    assert [one["event"] for one in entries].count("award-withdrawn.v1") == 1
    consistent(house)


def test_a_hand_that_frees_a_name_is_named(database: Database) -> None:
    with open_house(database) as house:
        award = house.award()
        for statement in (
            "UPDATE log.claims SET released = true",
            "UPDATE log.claims SET stream = gen_random_uuid()",
            "DELETE FROM log.claims",
        ):
            with (
                psycopg.connect(database.administrator, autocommit=True) as connection,
                pytest.raises(psycopg.Error, match=r"refused|released only"),
            ):
                connection.execute(statement)
        _force(database, "UPDATE log.claims SET released = true WHERE kind = 'award'")
        assert [code for code, _ in names_and_keys(database)] == ["claim-released"]
        _force(database, "UPDATE log.claims SET released = false")
        withdraw(house, award["id"])
        assert names_and_keys(database) == []
        _force(database, "UPDATE log.claims SET released = false WHERE kind = 'award'")
        assert [code for code, _ in names_and_keys(database)] == ["claim-not-released"]


def _force(database: Database, statement: str) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)


def test_the_unit_that_entered_it_takes_it_back_and_no_superior_one(
    server: EmbeddedPostgres,
) -> None:
    province = "UBND tỉnh Lào Cai"
    with (
        fresh_database(server) as database,
        open_house(database, units=Units(province)) as house,
    ):
        award = house.award()
        house.catch_up()
        path, body = f"/api/awards/{award['id']}/withdraw", {"reason": REASON}
        for office in (province, "UBND xã Cốc Lầu"):
            for role in ("clerk", "leader"):
                house.token(role, office)
                answer = house.client.post(path, json=body, headers=house.headers(role, office))
                problem(answer, 403, "record-of-other-unit")
        house.token("leader")
        house.catch_up()
        house.done(house.post(path, body, role="leader"))
