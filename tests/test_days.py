"""Every day field of every command: a day to come is refused; a wrong order refused or remarked."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, get_args
from uuid import uuid4

import pytest

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry import award, decision, disclosure, erasure, key_list, put_back, status_list, user
from registry.award.artifact import PURPOSES
from registry.cases import service_case
from registry.days import ACTS, check_days
from registry.errors import Rejected
from registry.personal import Clear
from registry.recipient import Person, Recipient
from registry.stock import commands as stock_commands
from tests.api_house import House, a_decision, an_award, open_house, problem
from tests.case_house import Desk, a_request, serial_of
from tests.conftest import fresh_database
from tests.made_sheets import decision_file, decision_row
from tests.moved_clock import today

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.database import Database
    from registry.embedded import EmbeddedPostgres
    from registry.fact import Authorship
    from registry.register import Registry

CODE = "day-in-the-future"
ORDER = "day-before-earlier-act"
ON = date(2026, 6, 15)
TO_COME = "2026-06-16"
KINDS = {
    "decision": decision.Command,
    "award": award.Command,
    "service-case": service_case.Command,
    "stock": stock_commands.Command,
}
DAYS_BY_NATURE_TO_COME = {"due_on", "recall_due_on", "strip_due_on"}


def commands_of(union: Any) -> Iterator[type]:
    for one in get_args(union):
        yield from commands_of(one) if get_args(one) else (one,)


COMMANDS = sorted(
    ((kind, one) for kind, union in KINDS.items() for one in commands_of(union)),
    key=lambda found: (found[0], found[1].__name__),
)


def day_fields(command: type) -> set[str]:
    names = {one.name for one in dataclasses.fields(command)}
    return {name for name in names if name == "on" or name.endswith("_on")}


def made(command: type, **values: Any) -> Any:
    """A command with nothing in it but these values."""
    empty = {one.name: None for one in dataclasses.fields(command)}
    recipient = Recipient("collective", "Phòng Thử", ())
    usual = {"corrections": {}, "personal": (), "recipient": recipient}
    return command(**{**empty, **{n: v for n, v in usual.items() if n in empty}, **values})


def refused(kind: str, command: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        check_days(kind, command, ON)
    return caught.value


def test_no_command_with_a_day_is_missing_in_the_table() -> None:
    missing = {
        (kind, one.__name__)
        for kind, one in COMMANDS
        if day_fields(one) and (kind, one.__name__) not in ACTS
    }
    assert missing == set()
    known = {(kind, one.__name__) for kind, one in COMMANDS}
    assert set(ACTS) <= known, "an act that there is not"
    others = (erasure, disclosure, key_list, put_back, status_list, user)
    commands = [getattr(one, "Command", None) for one in others]
    for union in filter(None, commands):
        for one in commands_of(union) if get_args(union) else (union,):
            assert not day_fields(one), (
                "days of keys and users are moments, with rules of their own"
            )


@pytest.mark.parametrize(
    ("kind", "command", "field"),
    [
        (kind, one, field)
        for kind, one in COMMANDS
        for field in sorted(day_fields(one) - DAYS_BY_NATURE_TO_COME)
    ],
)
def test_a_day_to_come_is_refused(kind: str, command: type, field: str) -> None:
    error = refused(kind, made(command, **{field: TO_COME}))

    assert error.code == CODE
    assert error.field == ("on" if field == "happened_on" else field)
    for later in ("2027", "2026-07", "2099-01-01", "2100~"):
        assert refused(kind, made(command, **{field: later})).code == CODE
    for fine in (None, "2026-06-15", "2026-06", "2026", "2026~", "1985", "no date"):
        check_days(kind, made(command, **{field: fine}), ON)


@pytest.mark.parametrize(
    ("kind", "command", "due", "start"),
    [
        (kind, one, due, start)
        for kind, one in COMMANDS
        if (kind, one.__name__) in ACTS
        for due, start in ACTS[kind, one.__name__].due
    ],
)
def test_a_due_day_may_be_to_come_and_not_before_its_start(
    kind: str, command: type, due: str, start: str
) -> None:
    before = made(command, **{due: "2026-05-31", start: "2026-06-01"})
    error = refused(kind, before)

    assert (error.code, error.field) == ("due-before-start", due)
    for fine in ("2026-06-01", "2099-01-01", "2026-06", "2026", None):
        check_days(kind, made(command, **{due: fine, start: "2026-06-01"}), ON)
    check_days(kind, made(command, **{due: "2026-05-31"}), ON)


def test_every_due_day_has_a_start() -> None:
    due = {
        (kind, one.__name__, field)
        for kind, one in COMMANDS
        for field in day_fields(one) & DAYS_BY_NATURE_TO_COME
    }
    assert due == {(*act, name) for act, days in ACTS.items() for name, _ in days.due}


def test_nested_days_to_come_are_refused_and_personal_ones_not_told() -> None:
    person = uuid4()
    born = Person(person, born="2027")
    sealed = Person(person, birth_date=Clear(str(person), "birth-date", "2026-06-16"))
    for one, field in ((born, "person.born"), (sealed, "birth-date")):
        command = made(award.RecordAward, recipient=Recipient("individual", "Thử", (one,)))
        error = refused("award", command)
        assert (error.code, error.field) == (CODE, field)
        assert "2026-06-16" not in str(error)
    personal = (Clear(str(person), "birth-date", "2026-06-16"), Clear(str(person), "phone", "2099"))
    assert refused("award", made(award.CorrectAward, personal=personal)).code == CODE
    for kind, command, name in (
        ("award", award.CorrectAward, "awarded_on"),
        ("award", award.CorrectAward, "born"),
        ("decision", decision.CorrectDecision, "decided_on"),
    ):
        wrong = made(command, corrections={name: "2099"})
        assert refused(kind, wrong).field == f"corrections.{name}"


# Over HTTP ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database(server: EmbeddedPostgres) -> Iterator[Database]:
    with fresh_database(server) as database:
        yield database


@pytest.fixture(scope="module")
def house(database: Database) -> Iterator[House]:
    with open_house(database) as house:
        yield house


@pytest.fixture
def registry(database: Database) -> Registry:
    return database.registry()


def tomorrow() -> str:
    return (date.fromisoformat(today()) + timedelta(days=1)).isoformat()


WHO = {"kind": "recipient"}
ARTIFACT_DAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "print": ("printed_on", {}),
    "deliver": ("delivered_on", {"receiver": WHO}),
    "return": ("returned_on", {"reason": "vắng"}),
    "surrender": (
        "surrendered_on",
        {"surrendered_by": WHO, "purpose": "safekeeping", "kept_at": "kho"},
    ),
    "move": ("moved_on", {"kept_at": "kho"}),
    "hand-back": ("handed_back_on", {"receiver": WHO}),
    "holder": ("since", {"kind": "heir", "name": "Lò Văn Thử", "relation": "con"}),
    "found": ("found_on", {}),
    "exchange": ("exchanged_on", {"reason": "faded", "case_id": str(uuid4())}),
    "reissue": ("reissued_on", {"reason": "lost", "case_id": str(uuid4())}),
    "replace": ("replaced_on", {}),
    "recall": ("ordered_on", {}),
    "recover": ("recovered_on", {"kept_at": "kho"}),
    "declare-unrecoverable": ("declared_on", {"minutes": "1", "reason": "mất"}),
    "archive": ("archived_on", {"kept_at": "kho"}),
    "destroy": ("destroyed_on", {"minutes": "1", "witnesses": ["Thử", "Mẫu"]}),
}
CASE_DAYS: dict[str, dict[str, Any]] = {
    "ask-supplement": {"papers": ["reason-confirmed"], "reason": "thiếu"},
    "receive-supplement": {"papers": ["reason-confirmed"]},
    "identify": {"award_id": str(uuid4())},
    "check-archive": {"result": "miss", "archive": "kho"},
    "confirm": {"number": "1"},
    "return": {"reason": "thiếu"},
    "receive-result": {"result": "approved", "number": "1"},
    "suspend": {"legal_basis": "x", "reason": "y"},
    "resume": {"legal_basis": "x"},
    "transfer": {"reason": "x"},
    "report-decision-error": {"reason": "x"},
    "prioritize": {"priority_ground": "over-90"},
    "end-priority": {"reason": "x"},
    "close": {"outcome": "withdrawn", "reason": "x"},
    "reopen": {"legal_basis": "x"},
}
STOCK_DAYS: dict[str, dict[str, Any]] = {
    "receive": {"supplier": "Nhà in", "delivery_note": "1"},
    "move": {"to_store": "kho 2"},
    "allocate": {"to": {"office": "UBND xã Cốc Lầu"}},
    "return": {"from": {"office": "UBND xã Cốc Lầu"}, "reason": "thừa"},
    "spoil": {"reason": "ướt"},
    "destroy": {"minutes": "1", "witnesses": ["Thử"]},
    "count": {"counted_by": ["Thử"]},
}


# What signs has no day; what puts a delivery right needs one: see below.
NO_OWN_DAY = {"sign", "withdraw-delivery", "correct-delivery"}


@pytest.fixture(scope="module")
def serial(house: House) -> str:
    return serial_of(house.award(issue_artifacts=True))


def test_the_tables_over_http_know_every_address() -> None:
    assert PURPOSES
    from api.http.acts import ADDRESSES  # noqa: PLC0415

    def ends(begin: str) -> set[str]:
        found = (one.path for one in ADDRESSES if one.method == "POST")
        return {one.rpartition("/")[2] for one in found if one.startswith(begin)}

    assert ends("/api/artifacts/{serial}/") == set(ARTIFACT_DAYS) | NO_OWN_DAY
    assert ends("/api/cases/{case_id}/") == set(CASE_DAYS) | {"accept-correction"}
    assert ends("/api/stock/{item_id}/") == set(STOCK_DAYS)


@pytest.mark.parametrize("act", sorted(ARTIFACT_DAYS))
def test_an_artifacts_day_to_come_is_refused(house: House, serial: str, act: str) -> None:
    field, body = ARTIFACT_DAYS[act]
    facts = house.facts()
    for day in (tomorrow(), "2090"):
        answer = house.post(f"/api/artifacts/{serial}/{act}", {**body, field: day})
        assert problem(answer, 422, CODE)["errors"][0]["field"] == field
    assert house.facts() == facts


def test_a_delivery_is_not_put_right_to_a_day_to_come_nor_in_silence_to_one_too_early(
    house: House,
) -> None:
    award = house.award("Lò Thị Sửa", awarded_on="2024-05-09", issue_artifacts=True)
    serial, award_id = serial_of(award), award["id"]
    path = f"/api/artifacts/{serial}"
    house.done(house.post(f"{path}/deliver", {"delivered_on": "2024-06-01", "receiver": WHO}))
    wrong = {"delivered_on": tomorrow(), "reason": "ghi nhầm ngày"}
    answer = problem(house.post(f"{path}/correct-delivery", wrong), 422, CODE)
    assert answer["errors"][0]["field"] == "delivered_on"
    early = {"delivered_on": "2024-05-01", "reason": "ghi nhầm ngày"}
    done = house.done(house.post(f"{path}/correct-delivery", early))
    assert [one["code"] for one in done["remarks"]] == [ORDER]
    assert [one["code"] for one in open_doubts(house, award_id)] == [ORDER]
    # Put right again, the doubt is about no day that the register tells.
    late = {"delivered_on": "2024-06-02", "reason": "đúng ngày"}
    done = house.done(house.post(f"{path}/correct-delivery", late))
    assert done["remarks"] == []
    assert open_doubts(house, award_id) == []


def test_the_doubt_about_a_delivery_goes_with_the_delivery(house: House) -> None:
    award = house.award("Lò Thị Gỡ", awarded_on="2024-05-09", issue_artifacts=True)
    path = f"/api/artifacts/{serial_of(award)}"
    early = {"delivered_on": "2024-05-01", "receiver": WHO}
    house.done(house.post(f"{path}/deliver", early))
    assert [one["code"] for one in open_doubts(house, award["id"])] == [ORDER]
    house.done(house.post(f"{path}/withdraw-delivery", {"reason": "ghi nhầm"}))
    assert open_doubts(house, award["id"]) == []


def open_doubts(house: House, award_id: str) -> list[dict[str, Any]]:
    """The open doubts about the order of an award's days."""
    found = house.done(house.get(f"/api/awards/{award_id}"))["doubts"]
    return [one for one in found if one["code"] == ORDER]


@pytest.mark.parametrize("act", sorted(CASE_DAYS))
def test_a_cases_day_to_come_is_refused(house: House, act: str) -> None:
    case = Desk(house).open(award_id=house.award(f"Người Thử {act}")["id"])
    answer = house.post(f"/api/cases/{case['id']}/{act}", {**CASE_DAYS[act], "on": tomorrow()})
    problem(answer, 422, CODE)


def test_a_batchs_day_to_come_is_refused(house: House) -> None:
    desk = Desk(house)
    case = desk.open(award_id=house.award("Người Thử đợt")["id"])
    problem(desk.send(case, on=tomorrow()), 422, CODE)


@pytest.mark.parametrize("act", sorted(STOCK_DAYS))
def test_a_stock_movements_day_to_come_is_refused(house: House, act: str) -> None:
    sent = {"name": f"Phôi {act}", "component": "certificate", "numbered": False, "design": act}
    item = house.done(house.post("/api/stock", sent))
    facts = house.facts()
    body = {**STOCK_DAYS[act], "quantity": 1, "on": tomorrow()}
    problem(house.post(f"/api/stock/{item['id']}/{act}", body), 422, CODE)
    assert house.facts() == facts


def test_other_days_to_come_are_refused(house: House) -> None:
    day = tomorrow()
    standing = house.award("Lò Văn Thử")
    made_here = house.decision(number="77/QĐ-CTN")
    cancel = house.decision(number="78/QĐ-CTN", kind="cancel")["id"]
    strip = house.decision(number="79/QĐ-CTN", kind="strip")["id"]
    of_award, of_decision = f"/api/awards/{standing['id']}", f"/api/decisions/{made_here['id']}"
    by = {"decision_id": cancel, "reason": "fraud"}
    correct = {"corrections": {"awarded_on": day}, "reason": "x"}
    asked = {
        "/api/decisions": a_decision(decided_on="2099-01-01"),
        "/api/awards": an_award("Má A Páo", awarded_on=day),
        f"{of_award}/correct": correct,
        f"{of_award}/artifacts": {"issued_on": day},
        f"{of_award}/cancel": by | {"cancelled_on": day},
        f"{of_award}/strip": {"decision_id": strip, "stripped_on": day},
        f"{of_award}/restore": {"decision_id": strip, "restored_on": day},
        f"{of_award}/note-verdict": {"effective_on": day, "sentence": "7 năm tù"},
        f"{of_decision}/correct": {"corrections": {"decided_on": day}, "reason": "x"},
        f"{of_decision}/awards": an_award("Vàng Seo Dờ", issue_artifacts=True, issued_on=day),
        "/api/cases": a_request(received_on=day),
    }
    house.catch_up()
    asked[f"{of_decision}/cancel"] = by | {"cancelled_on": day}
    facts = house.facts()
    for path, body in asked.items():
        problem(house.post(path, body), 422, CODE)
    born = an_award("Cư Seo Lử", recipient={"persons": [{"born": "2099"}]})
    problem(house.post("/api/awards", born), 422, CODE)
    assert house.facts() == facts


@pytest.mark.any_day
def test_today_is_the_day_in_viet_nam(server: EmbeddedPostgres) -> None:
    with fresh_database(server) as fresh, open_house(fresh) as house:
        house.decision(decided_on=today())
        problem(house.post("/api/decisions", a_decision(decided_on=tomorrow())), 422, CODE)


def delivered(house: House, on: str | None = "2026-03-01", **fields: Any) -> dict[str, Any]:
    """An award of 1985 with its artifacts entered on 2026-02-01, the certificate handed over."""
    award = house.award(issue_artifacts=True, issued_on="2026-02-01", **fields)
    if on is not None:
        sent = {"delivered_on": on, "receiver": WHO}
        answer = house.post(f"/api/artifacts/{serial_of(award)}/deliver", sent)
        assert house.done(answer)["remarks"] == []
    return award


def remarks_of(answer: Any) -> list[tuple[str, str, str]]:
    body = House.done(answer)
    return [
        (one["code"], one["params"].get("act", ""), one["params"].get("earlier", ""))
        for one in body["remarks"]
        if one["code"] == ORDER
    ]


def test_a_delivery_before_the_issue_is_remarked_kept_and_queued(house: House) -> None:
    award = delivered(house, None, recipient={"name": "Thào A Sùng"})
    sent = {"delivered_on": "2026-01-15", "receiver": WHO}
    answer = house.post(f"/api/artifacts/{serial_of(award)}/deliver", sent)

    assert remarks_of(answer) == [(ORDER, "artifact-delivered.v1", "artifact-issued.v1")]
    view = house.done(house.get(f"/api/awards/{award['id']}"))
    assert [one["code"] for one in view["doubts"]] == [ORDER]
    assert not view["held_back"]
    assert "01/02/2026" in view["doubts"][0]["detail"]
    house.catch_up()
    queued = house.done(house.get(f"/api/doubts?code={ORDER}"))["doubts"]
    assert award["id"] in {one["award_id"] for one in queued}
    page = house.get(f"/awards/{award['id']}").text
    assert view["doubts"][0]["detail"].split(" (")[0] in page
    confirmed = house.post(
        f"/api/awards/{award['id']}/confirm-doubts", {"reason": "biên bản ghi thế"}
    )
    assert house.done(confirmed)["doubts"] == []


def test_what_an_office_does_before_what_came_before_is_remarked(house: House) -> None:
    award = delivered(house, recipient={"name": "Sùng Seo Chứ"})
    serial = serial_of(award)
    give = {"surrendered_by": WHO, "purpose": "safekeeping", "kept_at": "kho"}
    path = f"/api/artifacts/{serial}"

    early = house.post(f"{path}/surrender", give | {"surrendered_on": "2026-02-15"})
    assert remarks_of(early) == [(ORDER, "artifact-surrendered.v1", "artifact-delivered.v1")]
    moved = house.post(f"{path}/move", {"moved_on": "2026-02-10", "kept_at": "tủ 2"})
    assert remarks_of(moved) == [(ORDER, "artifact-moved.v1", "artifact-surrendered.v1")]
    back = house.post(f"{path}/hand-back", {"handed_back_on": "2026-02", "receiver": WHO})
    assert remarks_of(back) == [], "somewhere in that month it may be"
    assert len(house.done(house.get(f"/api/awards/{award['id']}"))["doubts"]) == 2


def test_nothing_happens_to_a_paper_before_its_award(house: House) -> None:
    award = house.award("Lý Láo Tả", awarded_on="1985", issue_artifacts=True)
    sent = {"delivered_on": "1984-12-31", "receiver": WHO}
    answer = house.post(f"/api/artifacts/{serial_of(award)}/deliver", sent)

    assert remarks_of(answer) == [(ORDER, "artifact-delivered.v1", "award-recorded.v1")]


def test_a_recall_due_before_its_order_is_refused_and_one_before_the_cancelling_remarked(
    house: House,
) -> None:
    award = delivered(house, recipient={"name": "Tẩn Láo Sử"})
    path = f"/api/awards/{award['id']}"
    by = house.decision(number="91/QĐ-CTN", kind="cancel", decided_on="2026-05-01")["id"]
    cancel = {"decision_id": by, "reason": "fraud"}
    early = house.post(f"{path}/cancel", cancel | {"recall_due_on": "2026-04-30"})
    problem(early, 422, "due-before-start")
    before = house.post(f"{path}/cancel", cancel | {"cancelled_on": "2026-04-01"})
    assert remarks_of(before) == [(ORDER, "award-cancelled.v1", "decision-registered.v1")]

    recall = f"/api/artifacts/{serial_of(award)}/recall"
    wrong = {"ordered_on": "2026-05-10", "due_on": "2026-05-09"}
    problem(house.post(recall, wrong), 422, "due-before-start")
    ordered = house.post(recall, {"ordered_on": "2026-03-20"})
    assert remarks_of(ordered) == [(ORDER, "artifact-recall-ordered.v1", "award-cancelled.v1")]
    back = {"recovered_on": "2026-03-10", "kept_at": "kho"}
    recovered = house.post(f"/api/artifacts/{serial_of(award)}/recover", back)
    assert (ORDER, "artifact-recovered.v1", "artifact-recall-ordered.v1") in remarks_of(recovered)


def test_a_recall_ordered_after_the_awards_own_day_has_none_before_its_order(house: House) -> None:
    award = delivered(house, recipient={"name": "Má A Lử"})
    by = house.decision(number="92/QĐ-CTN", kind="cancel", decided_on="2026-03-02")["id"]
    cancel = {"decision_id": by, "reason": "fraud", "recall_due_on": "2026-03-20"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", cancel))
    serial = serial_of(award)
    ordered = house.done(
        house.post(f"/api/artifacts/{serial}/recall", {"ordered_on": "2026-06-01"})
    )

    assert ordered["recall"]["due_on"] is None
    house.catch_up()
    duties = house.done(house.get("/api/duties?kind=recall&on=2026-06-02"))["duties"]
    [own] = [one for one in duties if one["award_id"] == award["id"] and one["serial"] == serial]
    assert (own["due_on"], own["overdue"]) == ("2026-03-20", True)


def test_births_and_decisions_after_the_award_are_kept_as_doubts(house: House) -> None:
    unborn = an_award("Hầu Seo Sán", recipient={"persons": [{"born": "1990"}]})
    kept = house.done(house.post("/api/awards", unborn))
    assert [one["code"] for one in kept["doubts"]] == ["born-after-award"]
    right = {"corrections": {"born": "1930"}, "reason": "đọc nhầm"}
    settled = house.done(house.post(f"/api/awards/{kept['id']}/correct", right))
    assert settled["doubts"] == []

    made_here = house.decision(number="93/QĐ-CTN", decided_on="2024-05-09")
    line = an_award("Vù Seo Páo", form="ORD-DUNGCAM", award_class=None, awarded_on="2024-05-01")
    early = house.done(house.post(f"/api/decisions/{made_here['id']}/awards", line))
    assert [one["code"] for one in early["doubts"]] == ["awarded-before-decision"]
    assert not early["held_back"]


def test_a_restoring_before_the_cancelling_is_remarked(house: House) -> None:
    award = house.award("Giàng A Pháo")
    by = house.decision(number="94/QĐ-CTN", kind="cancel", decided_on="2026-05-01")["id"]
    again = house.decision(number="95/QĐ-CTN", kind="restore", decided_on="2026-04-01")["id"]
    path = f"/api/awards/{award['id']}"
    house.done(house.post(f"{path}/cancel", {"decision_id": by, "reason": "fraud"}))
    restored = house.post(f"{path}/restore", {"decision_id": again})

    assert remarks_of(restored) == [(ORDER, "award-restored.v1", "award-cancelled.v1")]


def test_a_request_before_the_award_is_remarked(house: House) -> None:
    award = house.award("Chảo Láo Tả", awarded_on="2026-03-01", issuer_typed="Chủ tịch nước")
    sent = a_request(award_id=award["id"], received_on="2026-02-02")
    answer = house.post("/api/cases", sent)

    assert remarks_of(answer) == [(ORDER, "service-case-opened.v1", "award-recorded.v1")]


def test_a_decision_void_before_it_was_made_is_remarked_and_shown(house: House) -> None:
    made_here = house.decision(number="96/QĐ-CTN", decided_on="2024-05-09")
    by = house.decision(number="97/QĐ-CTN", kind="cancel", decided_on="2024-05-08")["id"]
    house.catch_up()
    path = f"/api/decisions/{made_here['id']}"
    answer = house.post(f"{path}/cancel", {"decision_id": by, "reason": "fraud"})

    assert remarks_of(answer) == [(ORDER, "decision-cancelled.v1", "decision-registered.v1")]
    assert [one["code"] for one in house.done(house.get(path))["doubts"]] == [ORDER]


# Imported -----------------------------------------------------------------------------------


def test_a_list_of_a_decision_to_come_is_refused_before_its_rows(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    options = ImportOptions(number="1/QĐ-UBND", date="01/01/2099", issuer="UBND tỉnh Lào Cai")
    path = decision_file(tmp_path / "danh sách.xlsx", decision_row())
    with pytest.raises(Rejected) as caught:
        import_sheet(registry, path, options, authorship)
    assert (caught.value.code, caught.value.field) == (CODE, "date")


def test_a_row_with_a_day_to_come_is_a_rows_error(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    path = tmp_path / "sổ.csv"
    rows = [
        "Họ và tên,Năm sinh,Hình thức khen thưởng,Số quyết định,Ngày quyết định,Cơ quan quyết định",
        "Lù Thị Thử,1931,Huân chương Kháng chiến chống Mỹ hạng Ba,5 KT/HĐNN,1985,Hội đồng Nhà nước",
        "Má Văn Thử,1932,Huân chương Kháng chiến chống Mỹ hạng Ba,6 KT/HĐNN,2099,Hội đồng Nhà nước",
        "Cư Văn Thử,2099,Huân chương Kháng chiến chống Mỹ hạng Ba,7 KT/HĐNN,1985,Hội đồng Nhà nước",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    report = import_sheet(registry, path, ImportOptions(kind="legacy"), authorship)

    assert (report.tally.accepted, report.tally.rejected) == (1, 2)
    found = [(one.row, one.column, one.code) for one in report.problems]
    assert found == [(3, "Ngày quyết định", CODE), (4, "Năm sinh", CODE)]
