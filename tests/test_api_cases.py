"""Service cases over HTTP: intake, lists and queues, batches, bad input, two clerks at once."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from projections import cases
from projections.rebuild import rebuild
from registry.numbers import has_valid_check
from tests.api_house import House, fields_of, open_house, problem
from tests.case_house import Desk, a_request, serial_of
from tests.moved_clock import today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.database import Database


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


# Intake -------------------------------------------------------------------------------------


@pytest.mark.any_day
def test_an_intake_gets_a_receipt_a_checklist_and_a_due_date(house: House, desk: Desk) -> None:
    award = house.award()
    answer = house.post("/api/cases", a_request(award_id=award["id"], papers=[]))
    case = house.done(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/cases/{case['id']}"
    assert case["receipt"].startswith(f"GH{today()[:4]}-")
    assert has_valid_check(case["receipt"])
    assert [one["code"] for one in case["missing"]] == ["application-reissue", "reason-confirmed"]
    assert case["checklist"][0]["form"] == "2.2"
    assert case["due_on_receipt"] == case["clock"]["due_on"] == "2026-02-23"
    assert case["rule"]["id"] == "reissue-2026"
    assert "submitting-body-unknown" in {one["code"] for one in case["remarks"]}
    assert desk.open(award_id=award["id"])["receipt"] != case["receipt"]


def test_a_second_open_case_about_the_same_artifact_names_the_first(
    house: House, desk: Desk
) -> None:
    """Allowed, but never silently."""

    def named(case: dict[str, Any]) -> set[str]:
        return {
            receipt
            for receipt in (first["receipt"], proof["receipt"])
            for one in case["remarks"]
            if one["code"] == "case-open-already" and receipt in one["detail"]
        }

    award_id = house.award()["id"]
    first, proof = desk.open(award_id=award_id), desk.open("confirmation", award_id=award_id)
    house.catch_up()
    assert named(first) == named(proof) == set()
    assert named(desk.open("exchange", award_id=award_id)) == {first["receipt"]}
    assert named(desk.open("confirmation", award_id=award_id)) == {proof["receipt"]}
    assert named(desk.open(award_id=award_id, components=["frame"])) == set()
    stated = {"recipient": "Giàng Seo Phử", "form": "ORD-KC-US", "award_class": "III"}
    later = desk.open(stated=stated)
    assert named(later) == set()
    assert named(desk.step(later, "identify", on="2026-02-03", award_id=award_id)) == {
        first["receipt"]
    }
    assert named(desk.hit(later)) == set()
    desk.step(first, "close", outcome="withdrawn", reason="rút đơn")
    house.catch_up()
    assert first["receipt"] not in named(desk.open(award_id=award_id))


def test_contacts_are_sealed_and_read_by_those_who_may(house: House, desk: Desk) -> None:
    case = desk.open(award_id=house.award()["id"])
    assert case["applicant"]["phone"] == {"state": "open", "value": "0912 345 678"}
    path = f"/api/cases/{case['id']}"
    problem(house.get(path, role="operator"), 403, "role-may-not-read")
    with psycopg.connect(house.database.conninfo("reader")) as connection:
        states = connection.execute("SELECT state FROM log.facts").fetchall()
    assert not any(b"0912" in bytes(state) for (state,) in states)
    assert not any(b"Na Ang" in bytes(state) for (state,) in states)


def test_cases_name_people_and_are_shown_to_those_who_sign_in(house: House, desk: Desk) -> None:
    case = desk.open(award_id=house.award()["id"])
    house.catch_up()
    for path in ("", f"/{case['id']}", f"/{case['id']}/history"):
        problem(house.get(f"/api/cases{path}", None), 401, "sign-in-missing")
        assert house.get(f"/api/cases{path}", role="auditor").status_code == 200
    assert house.post("/api/cases", a_request(), role=None).status_code == 401
    problem(house.post("/api/cases", a_request(), role="auditor"), 403, "role-may-not-write")


def test_an_award_that_is_not_in_the_register_is_what_the_applicant_says_until_identified(
    house: House, desk: Desk
) -> None:
    stated = {
        "recipient": "Giàng Thị Mẩy",
        "form": "Huân chương Kháng chiến chống Mỹ hạng Ba",
        "awarded_on": "khoảng 1985",
        "submitting_body": "UBND tỉnh Yên Bái",
    }
    case = desk.hit(desk.open(stated=stated))
    assert case["award_id"] is None
    assert case["form"] == "ORD-KC-US"
    assert case["route"]["body"] == "UBND tỉnh Lào Cai"
    assert case["as_printed"]["awarded_on"] == "1985~"
    assert case["permission"]["code"] == "award-not-identified"
    problem(desk.ask(case, "confirm", number="4"), 422, "award-not-identified")

    award = house.award("Giàng Thị Mẩy")
    unknown = desk.ask(case, "identify", award_id=str(uuid4()))
    problem(unknown, 422, "award-unknown")
    case = desk.step(case, "identify", on="2026-02-04", award_id=award["id"])
    assert case["award_id"] == award["id"]
    assert desk.confirm(case)["confirmation"] is not None
    problem(desk.ask(case, "identify", award_id=award["id"]), 422, "award-identified-already")


def test_an_intake_that_cannot_be_used_names_its_field(house: House) -> None:
    house.token()
    before = house.facts()
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": "gift"}, "kind", "not-a-choice"),
        ({"applicant": {"name": "A", "age": 3}}, "applicant.age", "value-unexpected"),
        ({"received_on": "31/2/2026"}, "received_on", "date-impossible"),
        ({"received_on": "2026-01"}, "received_on", "day-needed"),
        ({"received_on": "2100-01-01"}, "received_on", "day-in-the-future"),
        ({"award_id": "mẩy"}, "award_id", "identifier-malformed"),
        ({"components": ["sword"]}, "components[0]", "component-unknown"),
        ({"components": []}, "components", "components-do-not-fit"),
        ({"reason": "misprinted"}, "reason", "not-a-choice"),
        ({"papers": ["bribe"]}, "papers", "paper-unknown"),
        ({"stated": {"recipient": "A", "form": "Huân chương lạ"}}, "stated.form", "form-unknown"),
        ({}, "award_id", "award-not-named"),
    ]
    for fields, field, code in refused:
        answer = house.post("/api/cases", a_request(**fields))
        assert answer.status_code in {400, 422}
        assert fields_of(answer.json())[field] == code
    assert house.facts() == before


def test_a_request_that_is_repeated_is_one_case(house: House) -> None:
    award = house.award()
    sent = a_request(award_id=award["id"])
    first = house.done(house.post("/api/cases", sent, Idempotency_Key="k"))
    again = house.done(house.post("/api/cases", sent, Idempotency_Key="k"))
    assert (again["id"], again["receipt"]) == (first["id"], first["receipt"])
    assert (first["repeated"], again["repeated"]) == (False, True)


# Status, queues, lists ----------------------------------------------------------------------


def test_a_citizen_reads_by_the_receipt_how_far_the_case_is_and_what_is_missing(
    house: House, desk: Desk
) -> None:
    case = desk.open(award_id=house.award()["id"], papers=["application-reissue"])
    desk.step(
        case, "ask-supplement", on="2026-02-04", papers=["relation-shown"], reason="chưa rõ quan hệ"
    )
    typed = quote(case["receipt"].lower().replace("-", " "))
    status = house.done(house.get(f"/api/cases/receipts/{typed}"))
    assert status["stage_name"] == "chờ bổ sung giấy tờ"
    assert status["clock"] == "waiting"
    assert [one["name"] for one in status["missing"]] == [
        "Xác nhận lý do mất, hư hỏng của chính quyền địa phương hoặc cơ quan quản lý",
        "Giấy tờ chứng minh quan hệ, khi người đề nghị không phải là người được khen thưởng",
    ]
    assert status["reasons"][0].startswith("Hồ sơ còn thiếu: Xác nhận lý do mất")
    assert "Giàng" not in str(status)
    in_english = house.get(f"/api/cases/receipts/{typed}", Accept_Language="en")
    assert house.done(in_english)["stage_name"] == "waiting for papers"
    problem(house.get("/api/cases/receipts/GH2026-1"), 404, "receipt-unknown")
    ending = {"outcome": "withdrawn", "reason": "ông Giàng Seo Dờ xin rút"}
    desk.step(case, "close", on="2026-02-05", **ending)
    status = house.done(house.get(f"/api/cases/receipts/{typed}"))
    assert status["reasons"] == ["người đề nghị rút hồ sơ"]


def test_what_to_bring_is_told_before_there_is_a_case(house: House) -> None:
    told = house.done(house.get("/api/procedures/exchange?on=2025-06-20"))
    assert told["rule"]["id"] == "exchange-2024"
    papers = {one["code"]: one["form"] for one in told["checklists"]["person"]}
    assert papers["application-exchange"] == "4.1a"
    assert told["rule"]["limits"][0]["certainty"] == "assumed"
    assert house.done(house.get("/api/procedures/recall"))["checklists"] == {}
    problem(house.get("/api/procedures/gift"), 404, "procedure-unknown")
    problem(house.get("/api/procedures/recall?on=2025"), 422, "day-needed")


def test_queues_are_questions_with_a_day(house: House, desk: Desk) -> None:
    award = house.award()
    soon = desk.open(award_id=award["id"], received_on="2026-02-02")
    late = desk.open(award_id=award["id"], received_on="2026-01-05")
    waiting = desk.open(award_id=award["id"], received_on="2026-01-06")
    desk.step(waiting, "ask-supplement", on="2026-01-08", papers=["decision-named"], reason="thiếu")
    blocked = desk.open(award_id=award["id"], received_on="2026-01-07")
    desk.step(blocked, "suspend", on="2026-01-09", legal_basis="căn cứ", reason="chờ")
    ended = desk.open(award_id=award["id"])
    desk.step(ended, "close", on="2026-02-03", outcome="withdrawn", reason="rút hồ sơ")

    assert desk.queue("overdue", "2026-01-20") == []
    assert desk.queue("overdue", "2026-02-19") == [late["receipt"]]
    assert desk.queue("overdue", "2026-02-24") == [late["receipt"], soon["receipt"]]
    assert desk.queue("due-soon", "2026-02-19") == [soon["receipt"]]
    assert desk.queue("due-soon", "2026-02-10") == []
    assert desk.queue("due-soon", "2026-02-10", within="30") == [soon["receipt"]]
    assert desk.queue("waiting", "2026-02-19") == [waiting["receipt"]]
    assert desk.queue("blocked", "2026-02-19") == [blocked["receipt"]]
    in_order = [late, waiting, blocked, soon]
    assert desk.queue("open", "2026-02-19") == [one["receipt"] for one in in_order]

    answer = house.get("/api/cases?queue=late", role="clerk")
    problem(answer, 422, "queue-unknown")
    problem(house.get("/api/cases?queue=open&on=2026", role="clerk"), 422, "day-needed")
    answer = house.get("/api/cases?queue=due-soon&within=-1", role="clerk")
    problem(answer, 422, "value-out-of-range")


def test_lists_and_queues_go_page_by_page(house: House, desk: Desk) -> None:
    award = house.award()
    receipts = [
        desk.open(award_id=award["id"], received_on=f"2026-02-{day:02}")["receipt"]
        for day in (3, 2, 2, 4, 2)
    ]
    house.catch_up()

    def pages(address: str) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            body = house.done(house.get(f"{address}&limit=2{token}", role="clerk"))
            found += [one["receipt"] for one in body["cases"]]
            if body["next"] is None:
                return found
            token = f"&cursor={body['next']}"

    assert pages("/api/cases?kind=reissue") == list(reversed(receipts))
    by_day = [receipts[n] for n in (1, 2, 4, 0, 3)]
    assert pages("/api/cases?queue=open&on=2026-03-01") == by_day
    for cursor in ("x", "WyJjYXNlcyIsIDFd"):
        address = f"/api/cases?queue=open&on=2026-03-01&cursor={cursor}"
        problem(house.get(address, role="clerk"), 422, "page-token-unreadable")
    assert pages(f"/api/cases?award={award['id']}&stage=received&desk=Kh%C3%B4ng") == []
    problem(house.get("/api/cases?as_of=2026-01-01", role="clerk"), 400, "not-yet-for-lists")


def test_a_case_is_shown_as_it_was_and_as_it_was_known(house: House, desk: Desk) -> None:
    case = desk.confirm(desk.hit(desk.open(award_id=house.award()["id"])))
    assert desk.read(case, as_of="2026-02-02")["stage"] == "received"
    assert desk.read(case, as_of="2026-02-03")["confirmation"] is None
    assert desk.read(case, as_of="2026-02-12")["clock"]["days_used"] == 10
    first = desk.read(case)["recorded_at"].replace("+", "%2B")
    assert desk.read(case, known_at=first)["version"] == 1
    address = f"/api/cases/{case['id']}?as_of=2026-02-01"
    problem(house.get(address, role="clerk"), 404, "not-recorded-then")
    etag = house.get(f"/api/cases/{case['id']}", role="clerk").headers["ETag"]
    same = house.get(f"/api/cases/{case['id']}", role="clerk", If_None_Match=etag)
    assert same.status_code == 304


def test_a_rebuilt_register_is_the_same(house: House, desk: Desk) -> None:
    award = house.award()
    sent = [desk.ready(award_id=award["id"]) for _ in range(3)]
    house.done(desk.send(*sent))
    desk.step(sent[0], "return", on="2026-03-01", reason="thiếu tệp")
    desk.step(sent[1], "receive-result", on="2026-03-02", result="refused", reason="trùng")
    desk.step(sent[1], "close", on="2026-03-03", outcome="refused", reason="trùng")
    house.catch_up()

    def rows() -> list[Any]:
        with psycopg.connect(house.database.conninfo("reader")) as connection:
            ours = connection.execute("SELECT * FROM cases.service_case ORDER BY id").fetchall()
            sendings = "SELECT * FROM cases.sending ORDER BY case_id, batch_id"
            return [*ours, *connection.execute(sendings).fetchall()]

    before = rows()
    assert len(before) == 6
    rebuild(house.database.conninfo("projector"), house.database.marks, [cases.PROJECTION])
    assert rows() == before


def test_a_paper_that_is_brought_without_being_asked_for_is_taken_in(
    house: House, desk: Desk
) -> None:
    case = desk.open(award_id=house.award()["id"], papers=["application-reissue"])
    assert [one["code"] for one in case["missing"]] == ["reason-confirmed"]
    brought = desk.step(case, "receive-supplement", on="2026-02-03", papers=["reason-confirmed"])
    assert brought["missing"] == []
    assert {one["code"]: one["present"] for one in brought["checklist"]}["reason-confirmed"]
    for kept in ("stage", "clock"):
        assert brought[kept] == case[kept]
    assert desk.titles(case)[-1] != desk.titles(case)[0]
    found = desk.hit(case, on="2026-02-04")
    more = desk.step(found, "receive-supplement", on="2026-02-04", papers=["decision-named"])
    assert more["stage"] == "verified"
    sent = desk.send(desk.confirm(more, on="2026-02-04"))
    assert sent.is_success, sent.text
    late = desk.ask(case, "receive-supplement", papers=["relation-shown"])
    problem(late, 422, "case-sent-already")


def test_the_next_step_is_told_and_what_lies_in_custody_is_not_missing(
    house: House, desk: Desk
) -> None:
    award = house.award(issue_artifacts=True, issued_on="1985")
    papers = ["application-exchange"]
    case = desk.open("exchange", award_id=award["id"], papers=papers)

    def told() -> tuple[list[str], list[str]]:
        shown = desk.read(case)
        missing, steps = shown["missing"], shown["next_steps"]
        return [one["code"] for one in missing], [one["code"] for one in steps]

    both = ["take-old-item", "ask-for-papers"]
    assert told() == (["old-item", "reason-confirmed"], [*both, "check-archive"])
    intake = house.get(f"/api/cases/{case['id']}/receipt.pdf", "clerk").content
    desk.surrender(serial_of(award))
    assert told() == (["reason-confirmed"], ["ask-for-papers", "check-archive"])
    status = house.done(house.get(f"/api/cases/receipts/{case['receipt']}"))
    assert [one["code"] for one in status["missing"]] == ["reason-confirmed"]
    present = {one["code"]: one["present"] for one in desk.read(case)["checklist"]}
    assert present["old-item"]
    assert house.get(f"/api/cases/{case['id']}/receipt.pdf", "clerk").content == intake
    asked = {"papers": ["reason-confirmed"], "reason": "thiếu"}
    desk.step(case, "ask-supplement", on="2026-02-03", **asked)
    assert told()[1] == ["receive-papers"]
    desk.step(case, "receive-supplement", on="2026-02-03", papers=["reason-confirmed"])
    desk.hit(case)
    assert told() == ([], ["send-to-centre"])
    desk.step(case, "suspend", on="2026-02-04", legal_basis="98/2023", reason="chờ")
    assert told()[1] == ["resume-when-clear"]
    desk.step(case, "resume", on="2026-02-04", legal_basis="hết vướng")
    assert desk.send(case).is_success
    assert told()[1] == ["await-centre"]
    desk.step(case, "receive-result", on="2026-02-20", result="approved")
    assert told()[1] == ["make-anew"]
    replacing = {"reason": "faded", "case_id": case["id"], "exchanged_on": "2026-02-21"}
    house.done(house.post(f"/api/artifacts/{serial_of(award)}/exchange", replacing))
    assert told() == ([], ["hand-over-and-close"])
    desk.step(case, "close", on="2026-02-22", outcome="delivered", reason="đã trao")
    assert told() == ([], [])


def test_what_stands_in_the_way_of_a_case_is_its_next_step(house: House, desk: Desk) -> None:
    stated = {"recipient": "Giàng Seo Phử", "form": "ORD-KC-US", "award_class": "III"}
    case = desk.open(stated=stated, decision_wrong=True)
    codes = [one["code"] for one in case["next_steps"]]
    assert codes == ["accept-correction", "identify-award", "check-archive"]
    assert all(one["name"] != one["code"] for one in case["next_steps"])
    award_id = house.award()["id"]
    found = desk.hit(desk.open(award_id=award_id))
    assert [one["code"] for one in found["next_steps"]] == ["confirm-award"]
    proof = desk.confirm(desk.hit(desk.open("confirmation", award_id=award_id)))
    assert [one["code"] for one in proof["next_steps"]] == ["hand-over-and-close"]
    sent = desk.ready(award_id=award_id)
    assert desk.send(sent).is_success
    no = desk.step(sent, "receive-result", on="2026-03-02", result="refused", reason="không đủ")
    assert [one["code"] for one in no["next_steps"]] == ["close-refused"]


# Steps that cannot be taken -----------------------------------------------------------------


def test_steps_out_of_order_name_the_rule_and_change_nothing(house: House, desk: Desk) -> None:
    case = desk.open(award_id=house.award()["id"])
    before = house.facts()
    for step, fields, code in (
        ("confirm", {"number": "1"}, "archive-not-checked"),
        ("return", {"reason": "x"}, "case-not-sent"),
        ("receive-result", {"result": "approved"}, "case-not-sent"),
        ("resume", {"legal_basis": "x"}, "case-not-suspended"),
        ("reopen", {"legal_basis": "x"}, "case-not-closed"),
        ("receive-supplement", {"papers": ["old-item"]}, "paper-unknown"),
        ("accept-correction", {"decision_id": case["id"]}, "decision-not-wrong"),
        ("transfer", {"reason": "x"}, "desk-stays-the-same"),
        ("suspend", {"reason": "x", "legal_basis": " "}, "legal-basis-missing"),
        ("close", {"outcome": "delivered", "reason": "x"}, "replacement-missing"),
        ("close", {"outcome": "withdrawn", "reason": ""}, "reason-missing"),
        ("close", {"outcome": "no-legal-basis", "reason": "x"}, "legal-source-missing"),
        ("ask-supplement", {"papers": [], "reason": "x"}, "papers-not-named"),
        ("check-archive", {"result": "hit", "archive": "x"}, "evidence-missing"),
        ("return", {"on": "2026-01-01", "reason": "x"}, "day-before-last-step"),
        ("return", {"on": "2199-01-01", "reason": "x"}, "day-in-the-future"),
    ):
        problem(desk.ask(case, step, **fields), 422, code)
    problem(desk.ask(case, "close", reason="x"), 422, "body-invalid")
    problem(desk.ask(case, "vanish"), 404, "route-unknown")
    problem(desk.ask({"id": str(uuid4())}, "resume", legal_basis="x"), 404, "service-case-unknown")
    problem(desk.ask({"id": "7"}, "resume", legal_basis="x"), 400, "identifier-malformed")
    award_id = house.award("Vàng A Thử")["id"]
    before += 1
    problem(
        desk.ask({"id": award_id}, "close", outcome="withdrawn", reason="x"),
        404,
        "service-case-unknown",
    )
    assert house.facts() == before


def test_nothing_is_confirmed_or_sent_for_an_award_that_stands_no_longer(
    house: House, desk: Desk
) -> None:
    award = house.award(submitting_body="UBND tỉnh Lào Cai")
    ready, checked = desk.ready(award_id=award["id"]), desk.hit(desk.open(award_id=award["id"]))
    paper = house.decision(number="9/QĐ-CTN", issuer="Hội đồng Nhà nước", kind="cancel")
    cancelled = {"decision_id": paper["id"], "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", cancelled))

    problem(desk.ask(checked, "confirm", number="4"), 422, "award-taken-away")
    refusal = problem(desk.send(ready), 422, "body-invalid")
    assert fields_of(refusal) == {"case_ids[0]": "award-taken-away"}
    problem(house.post("/api/cases", a_request(award_id=award["id"])), 422, "award-taken-away")
    closed = desk.step(ready, "close", outcome="refused", reason="khen thưởng đã bị hủy bỏ")
    assert closed["stage"] == "closed"


# Batches ------------------------------------------------------------------------------------


def test_a_batch_goes_whole_or_not_at_all(house: House, desk: Desk) -> None:
    award = house.award()
    ready = [desk.ready(award_id=award["id"]) for _ in range(2)]
    unready = desk.open(award_id=award["id"])
    before = house.facts()
    refusal = problem(desk.send(ready[0], unready, ready[1]), 422, "body-invalid")
    assert fields_of(refusal) == {"case_ids[1]": "archive-not-checked"}
    problem(desk.send(ready[0], ready[0]), 422, "cases-named-twice")
    problem(desk.send(ready[0], {"id": str(uuid4())}), 404, "service-case-unknown")
    problem(desk.send(), 422, "body-invalid")
    assert house.facts() == before

    batch = house.done(desk.send(*ready))
    assert house.facts() == before + 2
    assert batch["sent_to"] == "Bộ Nội vụ"
    refusal = problem(desk.send(ready[0]), 422, "body-invalid")
    assert fields_of(refusal) == {"case_ids[0]": "case-sent-already"}
    problem(house.get(f"/api/case-batches/{uuid4()}", role="clerk"), 404, "batch-unknown")
    problem(house.get(f"/api/case-batches/{batch['id']}.csv", None), 401, "sign-in-missing")


def test_a_batch_that_is_repeated_is_one_batch(house: House, desk: Desk) -> None:
    award = house.award()
    ready = [desk.ready(award_id=award["id"])["id"] for _ in range(2)]
    body = {"case_ids": ready, "on": "2026-02-05"}
    first = house.done(house.post("/api/case-batches", body, Idempotency_Key="k"))
    again = house.done(house.post("/api/case-batches", body, Idempotency_Key="k"))
    assert (again["id"], again["repeated"]) == (first["id"], True)


def test_what_looks_like_a_formula_is_text_in_the_data_file(house: House, desk: Desk) -> None:
    award = house.award("=HYPERLINK(1)", number_typed="@12")
    batch = house.done(desk.send(desk.ready(award_id=award["id"])))
    house.catch_up()
    content = house.get(f"/api/case-batches/{batch['id']}.csv", role="clerk").content.decode()
    assert "'=HYPERLINK(1)" in content
    assert "'@12" in content


# Two clerks ---------------------------------------------------------------------------------


def together(count: int, act: Callable[[int], None]) -> None:
    barrier = Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        act(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_clerks_who_act_on_one_case_at_once_one_is_told_what_the_other_did(
    house: House, desk: Desk
) -> None:
    case = desk.ready(award_id=house.award()["id"])
    before = house.facts()
    codes: dict[int, str] = {}

    def act(number: int) -> None:
        if number % 2:
            answer = desk.send(case)
        else:
            answer = desk.ask(case, "close", on="2026-02-05", outcome="withdrawn", reason="rút")
        codes[number] = "" if answer.is_success else answer.text

    together(4, act)
    won = [number for number, text in codes.items() if not text]
    events = desk.titles(case)[3:]
    assert house.facts() == before + len(events)
    assert events[-1] == "service-case-closed.v1"
    assert events[:-1] in ([], ["service-case-sent.v1"])
    assert len(won) == len(events)
    lost = [text for text in codes.values() if text]
    assert all("case-closed" in text or "case-sent-already" in text for text in lost)


def test_a_step_holds_for_the_version_that_was_seen(house: House, desk: Desk) -> None:
    case = desk.open(award_id=house.award()["id"])
    path = f"/api/cases/{case['id']}/suspend"
    body = {"legal_basis": "căn cứ", "reason": "chờ"}
    etag = house.get(f"/api/cases/{case['id']}", role="clerk").headers["ETag"]
    house.done(house.post(path, body, If_Match=etag))
    resume = {"legal_basis": "hết vướng"}
    answer = house.post(f"/api/cases/{case['id']}/resume", resume, If_Match=etag)
    problem(answer, 412, "record-changed")


def test_the_history_says_who_did_what_in_words(house: House, desk: Desk) -> None:
    case = desk.ready(award_id=house.award()["id"])
    desk.step(case, "suspend", legal_basis="98/2023", reason="chờ mẫu dấu", basis="CV 12/BNV")
    answer = house.get(f"/api/cases/{case['id']}/history", role="clerk")
    opened, checked, confirmed, suspended = house.done(answer)["history"]
    assert opened["title"] == "Tiếp nhận hồ sơ"
    assert opened["reason"] == "bị mất, thất lạc"
    said = {one["field"]: one["value"] for one in opened["details"]}
    assert said["intake_receipt"] == case["receipt"]
    assert said["received_on"] == "02/02/2026"
    assert said["papers"].startswith("Đơn đề nghị cấp lại")
    assert {one["field_name"] for one in opened["details"]} >= {"Số giấy hẹn", "Người đề nghị"}
    assert checked["title"] == "Đối chiếu hồ sơ lưu trữ"
    assert confirmed["details"][1]["value"] == "45/XN-SNV"
    assert suspended["reason"] == "chờ mẫu dấu"
    assert suspended["basis"] == "CV 12/BNV"


def test_the_history_names_other_records_as_people_do(house: House, desk: Desk) -> None:
    stated = {"recipient": "Giàng Seo Phử", "form": "ORD-KC-US", "award_class": "III"}
    case, award = desk.open(stated=stated), house.award()
    desk.step(case, "identify", on="2026-02-03", award_id=award["id"])
    answer = house.get(f"/api/cases/{case['id']}/history", role="clerk")
    *_, identified = house.done(answer)["history"]
    said = {one["field"]: one for one in identified["details"]}
    assert said["award_id"]["value"] == (
        "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba, Giàng Seo Phử"
    )
    assert said["award_id"]["record_id"] == award["id"]
    assert said["route"]["record_id"] is None

    by = house.decision(kind="cancel", number="803/QĐ-CTN")
    cancel = {"decision_id": by["id"], "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", cancel))
    answer = house.get(f"/api/awards/{award['id']}/history")
    *_, cancelled = house.done(answer)["history"]
    (rests_on,) = [one for one in cancelled["details"] if one["field"] == "decision_id"]
    assert rests_on["value"] == "Quyết định số 803/QĐ-CTN ngày 09/5/2024, Chủ tịch nước"
    assert rests_on["record_id"] == by["id"]
    page = house.get(f"/awards/{award['id']}").text
    assert f'<a href="/decisions/{by["id"]}">{rests_on["value"]}</a>' in page
