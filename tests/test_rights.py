"""Who may do what: every cell of the table over HTTP, and that it is judged before the body.

One house for all cells: a cell asks with an empty body, so what is allowed reaches the command's
own answer, whatever that is, and what is refused leaves no trace.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any, get_args
from uuid import uuid4

import pytest
from starlette.routing import Mount

from api.http.acts import ADDRESSES, Address, find_address
from registry import erasure
from registry.award import RecordAward
from registry.catalogue import load_catalogue
from registry.erasure import ErasePerson
from registry.errors import Rejected
from registry.fact import Authorship, World
from registry.identifiers import new_id
from registry.recipient import Person, Recipient
from registry.rights import ACTS, ASKERS, Units, allows, reach_of, roles_with
from registry.rules import Source
from registry.user import Active, Role, UserAdded
from tests.api_house import OFFICE, House, a_decision, an_award, open_house, problem
from tests.case_house import Desk, a_request
from tests.conftest import fresh_database
from tests.signing_house import an_issued_certificate, award_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from registry.database import Database
    from registry.embedded import EmbeddedPostgres
    from registry.rights import Asker, Relation

COMMUNE = "UBND xã Cốc Lầu"
PROVINCE = "UBND tỉnh Lào Cai"
UNITS: dict[Relation, str] = {"own": OFFICE, "under": PROVINCE, "other": COMMUNE}
OWN: dict[Relation, str] = {"own": OFFICE}
REFUSALS = {
    "role-may-not-write": 403,
    "role-may-not-read": 403,
    "role-may-not-print": 403,
    "record-of-other-unit": 403,
    "sign-in-missing": 401,
}
# Records whose unit the layer in front finds; of others the route itself asks.
BOUND = ("{serial}", "{award_id}", "{decision_id}", "{case_id}")
WRITES = sorted(name for name, act in ACTS.items() if act.kind == "write")


class Names:
    """Records of the office, one of each kind that an address may name."""

    def __init__(self, house: House) -> None:
        self.house = house
        serial = an_issued_certificate(house)
        case = Desk(house).open(award_id=str(award_of(house, serial)))
        self.names = {
            "serial": serial,
            "award_id": str(award_of(house, serial)),
            "decision_id": house.decision()["id"],
            "case_id": case["id"],
            "receipt": case["receipt"],
            "procedure": "reissue",
            "blank_id": "bang-khen",
            "level": "0",
            "path": "000",
            "version": "1",
            "number": "0",
        }
        sealed = house.award(recipient={"persons": [{"residence": "phường Cốc Lếu"}]})
        self.sealed = f"/api/awards/{sealed['id']}"
        house.catch_up()

    def fill(self, path: str) -> str:
        """An address with records of the office in its places."""
        for name, value in self.names.items():
            path = path.replace("{%s}" % name, value).replace("{%s:path}" % name, value)  # noqa: UP031
        while "{" in path:
            begin, end = path.index("{"), path.index("}")
            path = path[:begin] + str(uuid4()) + path[end + 1 :]
        return path


@pytest.fixture(scope="module")
def names(server: EmbeddedPostgres) -> Iterator[Names]:
    with (
        fresh_database(server) as database,
        open_house(database, units=Units(PROVINCE)) as opened,
    ):
        yield Names(opened)


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database, units=Units(PROVINCE)) as opened:
        yield opened


def ask(house: House, address: Address, path: str, asker: Asker, office: str) -> Response:
    role = None if asker == "nobody" else asker
    headers = house.headers(role, office)
    # From elsewhere: who asks from this machine may see how the server does.
    headers["X-Forwarded-For"] = "203.0.113.7"
    if address.method == "GET":
        return house.client.get(path, headers=headers)
    return house.client.post(path, json={}, headers=headers)


def is_bound(address: Address) -> bool:
    return any(piece in address.pieces for piece in BOUND)


CELLS = [(address, asker) for address in ADDRESSES for asker in ASKERS]


@pytest.mark.parametrize(
    ("address", "asker"), CELLS, ids=[f"{a.act.name}-{a.path}-{asker}" for a, asker in CELLS]
)
def test_each_cell(names: Names, address: Address, asker: Asker) -> None:
    house, path = names.house, names.fill(address.path)
    bound = is_bound(address) and asker != "nobody"
    for relation, office in UNITS.items() if bound else OWN.items():
        if asker != "nobody":
            house.token(asker, office)
        head = house.registry.log.head()
        answer = ask(house, address, path, asker, office)
        allowed = allows(address.act.name, asker, relation)
        said = f"{asker} at {office}: {answer.status_code} {answer.text[:200]}"
        if allowed:
            assert answer.status_code not in {401, 403}, said
            continue
        assert answer.status_code in {401, 403}, said
        if path.startswith("/api/") or path == "/metrics":
            code = answer.json()["code"]
            assert REFUSALS[code] == answer.status_code, said
            may_elsewhere = reach_of(address.act.name, asker) != "-"
            assert (code == "record-of-other-unit") == may_elsewhere, said
        assert house.registry.log.head() == head, said


@pytest.mark.parametrize("role", get_args(Role))
def test_each_cell_of_what_is_sealed(names: Names, role: Role) -> None:
    for relation, office in UNITS.items():
        answer = names.house.client.get(names.sealed, headers=names.house.headers(role, office))
        shown = "phường Cốc Lếu" in answer.text
        assert answer.status_code == 200
        assert shown == allows("read-sealed", role, relation), relation
    assert "phường Cốc Lếu" not in names.house.get(names.sealed, None).text


@pytest.mark.parametrize("role", get_args(Role))
def test_each_cell_of_consent_to_an_erasure(role: Role) -> None:
    consents = new_id()
    user = Active(UserAdded("Người đồng ý", role, OFFICE))
    command = ErasePerson(new_id(), "theo đơn", "shell:root", consents, 30)
    world = World(load_catalogue(), {consents: user})
    if role in roles_with("consent-to-erasure"):
        (event,) = erasure.decide(erasure.INITIAL, command, world).events
        assert event.consented_by == "Người đồng ý"
        return
    with pytest.raises(Rejected) as refused:
        erasure.decide(erasure.INITIAL, command, world)
    assert refused.value.code == "consent-role-unfit"


def test_every_route_has_a_line_and_every_line_a_route(house: House) -> None:
    routed = set()
    application: Any = house.client.app
    for route in application.routes:
        path = f"{route.path}/{{path:path}}" if isinstance(route, Mount) else route.path
        methods = {"GET"} if isinstance(route, Mount) else route.methods - {"HEAD"}
        routed |= {(method, path) for method in methods}
    assert routed == {(one.method, one.path) for one in ADDRESSES}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda one: f"{one.method}-{one.path}")
def test_each_line_is_found_by_its_own_address(address: Address) -> None:
    path = address.path.replace(":path}", "}").replace("{", "").replace("}", "")
    found = find_address(address.method, path)
    assert found is not None
    assert found[0] == address
    assert set(found[1]) == {
        piece.strip("{").partition("}")[0].partition(":")[0]
        for piece in address.pieces
        if piece.startswith("{")
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/api/nothing", 404, "route-unknown"),
        ("POST", "/api/awards/x/y/z", 404, "route-unknown"),
        ("PUT", "/api/awards", 405, "method-not-allowed"),
        ("DELETE", "/api/decisions", 405, "method-not-allowed"),
    ],
)
def test_what_is_no_address_is_said_before_its_body_is_read(
    house: House, method: str, path: str, status: int, code: str
) -> None:
    problem(house.client.request(method, path, json={}), status, code)
    assert asyncio.run(status_without_body(house, method, path, {})) == status


async def status_without_body(house: House, method: str, path: str, headers: dict[str, str]) -> int:
    """The status of an answer that must come without a look at the body."""
    application: Any = house.client.app
    status = 0

    async def receive() -> Any:
        raise AssertionError("the body was asked for")

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "server": ("127.0.0.1", 80),
        "client": ("203.0.113.7", 50_000),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await application(scope, receive, send)
    return status


@pytest.mark.parametrize("asker", ["nobody", "auditor", "stranger"])
def test_a_body_is_read_only_from_who_may(names: Names, asker: str) -> None:
    house = names.house
    headers = {"auditor": house.headers("auditor"), "stranger": {"Authorization": "Bearer x"}}
    for address in ADDRESSES:
        if address.method == "POST" and address.act.name != "read-open":
            path = names.fill(address.path)
            status = asyncio.run(status_without_body(house, "POST", path, headers.get(asker, {})))
            assert status == (403 if asker == "auditor" else 401), path


def test_the_body_of_a_record_of_another_unit_is_not_read_either(names: Names) -> None:
    headers = names.house.headers("clerk", COMMUNE)
    for path in ("/api/awards/{award_id}/correct", "/api/artifacts/{serial}/sign"):
        asked = status_without_body(names.house, "POST", names.fill(path), headers)
        assert asyncio.run(asked) == 403


# The table itself ---------------------------------------------------------------------------


def test_an_auditor_writes_nothing_and_reads_everything() -> None:
    assert all(reach_of(act, "auditor") == "-" for act in (*WRITES, "print-certificates"))
    reading = {name for name, act in ACTS.items() if act.kind == "read"}
    assert all(reach_of(act, "auditor") == "any" for act in reading)


def test_nobody_without_a_role_has_more_than_what_is_public() -> None:
    assert {act for act in ACTS if reach_of(act, "nobody") != "-"} == {"read-open", "read-public"}


def test_operators_and_verifiers_decide_nothing() -> None:
    for act in ("register-decision", "record-award", "correct-award", "sign-certificate"):
        assert roles_with(act) == {"clerk", "leader"}
    assert not [act for act in WRITES if reach_of(act, "operator") != "-"]


@pytest.mark.parametrize(
    "act", ["cancel-award", "cancel-decision", "strip-title", "restore-award", "destroy-artifact"]
)
def test_what_takes_away_or_ends_is_a_leader_s(act: str) -> None:
    assert roles_with(act) == {"leader"}


def test_keys_and_users_are_nobody_s_over_the_web() -> None:
    for act in ("manage-keys", "manage-users"):
        assert not roles_with(act)
    assert roles_with("consent-to-erasure") == {"verifier", "leader"}
    unreachable = {"manage-keys", "manage-users", "consent-to-erasure", "read-sealed"}
    assert set(ACTS) - {one.act.name for one in ADDRESSES} == unreachable


def test_every_cell_says_how_far() -> None:
    for act in ACTS.values():
        assert tuple(act.reach) == ASKERS
        assert set(act.reach.values()) <= {"-", "own", "under", "any"}
        assert act.reach["nobody"] in {"-", "any"}


# Units --------------------------------------------------------------------------------------

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("own", "other", "relation"),
    [
        (OFFICE, OFFICE, "own"),
        (OFFICE, "sở nội vụ  tỉnh Lào Cai", "own"),
        # What merged offices recorded is their successor's.
        (OFFICE, "Sở Nội vụ tỉnh Yên Bái", "own"),
        ("Sở Nội vụ tỉnh Yên Bái", OFFICE, "other"),
        (OFFICE, COMMUNE, "other"),
        (COMMUNE, OFFICE, "other"),
        (PROVINCE, OFFICE, "under"),
        (PROVINCE, COMMUNE, "under"),
        # Recorded at a shell, for no unit: the superior one's.
        (PROVINCE, "sovang", "under"),
        (COMMUNE, "sovang", "other"),
    ],
)
def test_how_units_stand_to_each_other(own: str, other: str, relation: Relation) -> None:
    assert Units(PROVINCE).relation(own, other, TODAY) == relation


def test_without_a_superior_unit_none_is_under_another() -> None:
    assert Units().relation(PROVINCE, COMMUNE, TODAY) == "other"
    assert Units().relation(COMMUNE, "sovang", TODAY) == "own"


def test_a_province_that_was_not_yet_merged_has_no_successor() -> None:
    assert Units().relation(OFFICE, "Sở Nội vụ tỉnh Yên Bái", date(2024, 1, 1)) == "other"


# What a body names, and what is shown -------------------------------------------------------


def as_commune(house: House, path: str, body: Any, role: Role = "clerk") -> Response:
    return house.client.post(path, json=body, headers=house.headers(role, COMMUNE))


def test_a_clerk_of_another_unit_neither_renames_nor_signs_nor_reads_what_is_sealed(
    house: House,
) -> None:
    person = {"residence": "tổ 3, phường Cốc Lếu", "phone": "0912 345 678"}
    award = house.award(recipient={"persons": [person]}, issue_artifacts=True)
    serial = next(one["serial"] for one in award["artifacts"] if one["component"] == "certificate")
    renaming = {"corrections": {"name": "Người Khác"}, "reason": "x"}
    house.token("clerk", COMMUNE)
    before = house.registry.log.head()
    renamed = as_commune(house, f"/api/awards/{award['id']}/correct", renaming)
    said = problem(renamed, 403, "record-of-other-unit")["detail"]
    assert OFFICE in said
    problem(as_commune(house, f"/api/artifacts/{serial}/sign", {}), 403, "record-of-other-unit")
    headers = house.headers("clerk", COMMUNE)
    for path in (f"/api/awards/{award['id']}", f"/api/artifacts/{serial}"):
        seen = house.client.get(path, headers=headers)
        assert seen.status_code == 200
        assert "Cốc Lếu" not in seen.text
        assert "0912" not in seen.text
    for path in ("certificate.pdf", "receipt.pdf", "qr.svg", "credential"):
        seen = house.client.get(f"/api/artifacts/{serial}/{path}", headers=headers)
        problem(seen, 403, "record-of-other-unit")
    assert house.registry.log.head() == before
    assert "Cốc Lếu" in house.get(f"/api/awards/{award['id']}").text


def test_nobody_adds_awards_to_a_decision_of_another_unit(house: House) -> None:
    decision = house.decision()
    body = an_award() | {"decision_id": decision["id"]}
    problem(as_commune(house, "/api/awards", body), 403, "record-of-other-unit")
    listed = as_commune(house, f"/api/decisions/{decision['id']}/awards", an_award())
    problem(listed, 403, "record-of-other-unit")
    assert house.done(house.post("/api/awards", body))["decision_id"] == decision["id"]


def test_nobody_sends_a_case_of_another_unit(house: House) -> None:
    desk = Desk(house)
    ready = desk.ready(award_id=house.award()["id"])
    body = {"case_ids": [ready["id"]], "on": "2026-02-05"}
    problem(as_commune(house, "/api/case-batches", body), 403, "record-of-other-unit")
    batch = house.done(desk.send(ready))
    house.catch_up()
    letter = f"/api/case-batches/{batch['id']}/letter.pdf"
    refused = house.client.get(letter, headers=house.headers("clerk", COMMUNE))
    problem(refused, 403, "record-of-other-unit")


def test_the_desk_that_a_case_went_to_works_on_it(house: House) -> None:
    case = Desk(house).open(award_id=house.award()["id"])
    path = f"/api/cases/{case['id']}"
    asked = {"on": "2026-02-03", "papers": ["reason-confirmed"], "reason": "thiếu"}
    problem(as_commune(house, f"{path}/ask-supplement", asked), 403, "record-of-other-unit")
    sealed = house.client.get(path, headers=house.headers("clerk", COMMUNE)).json()
    assert sealed["applicant"]["phone"] == {"state": "sealed", "value": None}
    moved = {"on": "2026-02-03", "desk": COMMUNE, "reason": "nơi nộp"}
    house.done(house.post(f"{path}/transfer", moved))
    assert as_commune(house, f"{path}/ask-supplement", asked).status_code != 403
    opened = house.client.get(path, headers=house.headers("clerk", COMMUNE)).json()
    assert opened["applicant"]["phone"]["value"] == "0912 345 678"


def test_jobs_are_those_of_their_office(house: House) -> None:
    sheet = "STT,Họ và tên,Năm sinh,Hình thức khen thưởng,Số quyết định\n1,Giàng,1930,x,1\n"
    files = {"file": ("so.csv", sheet.encode())}
    headers = house.headers() | {"Prefer": ""}
    made = house.client.post("/api/imports", files=files, data={"kind": "legacy"}, headers=headers)
    place = f"/api/imports/{house.done(made)['id']}"
    recorded = f"/api/imports/{made.json()['import_id']}" if made.json().get("import_id") else place
    for path in (place, recorded):
        assert house.get(path).status_code == 200
        refused = house.client.get(path, headers=house.headers("clerk", COMMUNE))
        problem(refused, 403, "record-of-other-unit")
        assert house.client.get(path, headers=house.headers("leader", PROVINCE)).is_success


def test_what_a_shell_recorded_is_the_superior_unit_s(house: House) -> None:
    recipient = Recipient("individual", "Giàng Seo Phử", (Person(new_id()),))
    command = RecordAward(recipient, "ORD-KC-US", Source("golden-book"), award_class="III")
    shell = Authorship("shell:root", "sovang")
    award_id = house.registry.create("award", command, shell).stream_id
    body = {"corrections": {"note": "x"}, "reason": "y"}
    problem(as_commune(house, f"/api/awards/{award_id}/correct", body), 403, "record-of-other-unit")
    leader = house.headers("leader", PROVINCE)
    done = house.client.post(f"/api/awards/{award_id}/correct", json=body, headers=leader)
    assert done.is_success, done.text


@pytest.mark.parametrize("role", get_args(Role))
def test_roles_register_decisions_or_do_not(house: House, role: Role) -> None:
    answer = house.post("/api/decisions", a_decision(), role)
    if role in {"clerk", "leader"}:
        assert answer.status_code == 201
    else:
        problem(answer, 403, "role-may-not-write")


def test_a_request_is_taken_in_by_clerks(house: House) -> None:
    problem(house.post("/api/cases", a_request(), "verifier"), 403, "role-may-not-write")
    assert house.post("/api/cases", a_request()).status_code != 403


def test_nobody_imports_into_a_decision_of_another_unit(house: House) -> None:
    decision = house.decision(number="1200/QĐ-UBND", issuer=PROVINCE, decided_on="2024-09-02")
    sheet = "STT,Họ và tên,Hình thức khen thưởng\n1,Giàng Seo Phử,Huân chương Lao động hạng Nhất\n"
    said = {"number": decision["number"], "date": "2/9/2024", "issuer": decision["issuer"]}
    fields = said | {"kind": "decision"}
    house.token("clerk", COMMUNE)
    head = house.registry.log.head()

    def send(office: str) -> Response:
        headers = house.headers("clerk", office) | {"Prefer": ""}
        files = {"file": ("ds.csv", sheet.encode())}
        return house.client.post("/api/imports", files=files, data=fields, headers=headers)

    problem(send(COMMUNE), 403, "record-of-other-unit")
    assert house.registry.log.head() == head
    assert house.done(send(OFFICE))["accepted"] == 1
