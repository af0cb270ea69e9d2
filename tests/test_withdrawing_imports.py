"""A whole import that was a mistake is taken back: in one request, once, also after a kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry.award import AwardRecorded, AwardWithdrawn
from registry.importing import Withdrawing, Withdrawn
from registry.rights import Units
from tests.api_house import OFFICE, House, open_house, problem
from tests.conftest import TEST_KEY
from tests.made_sheets import decision_file, decision_row, legacy_file, legacy_row
from tests.signing_house import open_signing_house, sign
from tests.test_import_samples import all_facts
from tests.test_register_check import names_and_keys
from tests.test_withdrawing import REASON, consistent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from registry.fact import Authorship

NAMES = ("Vàng Seo Một", "Vàng Seo Hai", "Vàng Seo Ba", "Vàng Seo Bốn", "Vàng Seo Năm")
LINES = [decision_row(number, name=name) for number, name in enumerate(NAMES, 1)]
DECISION = {"number": "1200/QĐ-UBND", "date": "2/9/2024", "issuer": "UBND tỉnh Lào Cai"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_signing_house(database) as (opened, _):
        yield opened


def legacy(folder: Path, names: tuple[str, ...] = NAMES) -> Path:
    rows = [legacy_row(ordinal, name=name) for ordinal, name in enumerate(names, 1)]
    return legacy_file(folder / "so-cu.xlsx", *rows)


def take_in(house: House, path: Path, author: Authorship, **options: Any) -> UUID:
    made = ImportOptions(chunk_rows=2, **options)
    report = import_sheet(house.registry, path, made, author)
    assert report.import_id is not None
    house.catch_up()
    return report.import_id


def ask(house: House, import_id: UUID, **body: Any) -> Any:
    house.token()
    house.catch_up()
    return house.post(f"/api/imports/{import_id}/withdraw", {"reason": REASON} | body)


def awards(house: House) -> list[dict[str, Any]]:
    house.catch_up()
    found: list[dict[str, Any]] = house.done(house.get("/api/awards?limit=100"))["awards"]
    return found


def test_all_that_it_recorded_goes_and_the_file_is_imported_anew(
    house: House, authorship: Authorship, tmp_path: Path
) -> None:
    path = legacy(tmp_path)
    other = house.award("Người Khác")
    import_id = take_in(house, path, authorship)
    assert len(awards(house)) == 6
    facts = house.facts()
    shown = house.done(ask(house, import_id, dry_run=True, reason=None))
    assert (shown["awards"], shown["to_withdraw"], shown["in_the_way"]) == (5, 5, [])
    assert [one["name"] for one in shown["rows"]] == list(NAMES)
    assert {one["outcome"] for one in shown["rows"]} == {"to-withdraw"}
    assert [one["row"] for one in shown["rows"]] == [4, 5, 6, 7, 8]
    assert house.facts() == facts
    done = house.done(ask(house, import_id))
    assert (done["state"], done["withdrawn"], done["withdrawn_before"]) == ("withdrawn", 5, 0)
    assert [one["id"] for one in awards(house)] == [other["id"]]
    state = house.registry.load("import", import_id).state
    assert isinstance(state, Withdrawn)
    assert (state.awards, state.by.reason) == (5, REASON)
    told = house.done(house.get(f"/api/imports/{import_id}"))
    assert (told["state"], told["withdrawn"]) == ("withdrawn", 5)
    entries = house.done(house.get(f"/api/awards/{done['rows'][0]['id']}/history"))["history"]
    assert entries[-1]["details"][0]["value"] == str(import_id)
    # Asked again, it answers with its report and records nothing.
    facts = house.facts()
    again = house.done(ask(house, import_id))
    assert (again["state"], again["withdrawn_before"], house.facts()) == ("withdrawn", 5, facts)
    consistent(house)
    assert take_in(house, path, authorship) == import_id
    assert len(awards(house)) == 6
    anew = house.done(ask(house, import_id, dry_run=True))
    assert (anew["awards"], anew["to_withdraw"]) == (5, 5)
    house.done(ask(house, import_id))
    assert [one["id"] for one in awards(house)] == [other["id"]]
    consistent(house)


def test_a_decision_that_it_registered_goes_with_its_list(
    house: House, authorship: Authorship, tmp_path: Path
) -> None:
    path = decision_file(tmp_path / "ds.xlsx", *LINES)
    import_id = take_in(house, path, authorship, kind="decision", **DECISION)
    (made,) = house.done(house.get("/api/decisions"))["decisions"]
    shown = house.done(ask(house, import_id, dry_run=True))
    assert (shown["awards"], shown["decisions"], shown["in_the_way"]) == (5, 1, [])
    house.done(ask(house, import_id))
    house.catch_up()
    assert house.done(house.get("/api/decisions"))["decisions"] == []
    assert awards(house) == []
    entry = house.done(house.get(f"/api/decisions/{made['id']}"))
    assert entry["withdrawn"]["import_id"] == str(import_id)
    consistent(house)
    take_in(house, path, authorship, kind="decision", **DECISION)
    assert len(awards(house)) == 5


def test_a_decision_that_was_there_before_stays(
    house: House, authorship: Authorship, tmp_path: Path
) -> None:
    house.decision(number="1200/QĐ-UBND", decided_on="2024-09-02", issuer="UBND tỉnh Lào Cai")
    path = decision_file(tmp_path / "ds.xlsx", *LINES)
    import_id = take_in(house, path, authorship, kind="decision", **DECISION)
    done = house.done(ask(house, import_id))
    assert (done["withdrawn"], done["decisions"]) == (5, 0)
    house.catch_up()
    assert len(house.done(house.get("/api/decisions"))["decisions"]) == 1


def test_what_was_touched_since_is_in_the_way_until_it_is_withdrawn_itself(
    house: House, authorship: Authorship, tmp_path: Path
) -> None:
    path = decision_file(tmp_path / "ds.xlsx", *LINES)
    import_id = take_in(house, path, authorship, kind="decision", **DECISION)
    by_name = {one["name"]: one["id"] for one in awards(house)}
    first = by_name[NAMES[0]]
    corrected = {"corrections": {"note": "đã sửa tay"}, "reason": "đọc lại"}
    house.done(house.post(f"/api/awards/{first}/correct", corrected))
    second = house.done(house.get(f"/api/awards/{by_name[NAMES[1]]}"))
    sign(house, next(one["serial"] for one in second["artifacts"] if one["serial"]))
    (decision,) = house.done(house.get("/api/decisions"))["decisions"]
    line = {"recipient": {"name": "Thêm Tay"}, "form": "CERT-PROV"}
    added = house.post(f"/api/decisions/{decision['id']}/awards", line)
    facts = house.facts()
    shown = house.done(ask(house, import_id, dry_run=True))
    codes = {one["name"]: one["code"] for one in shown["in_the_way"]}
    wanted = {NAMES[0]: "withdraw-touched-since", NAMES[1]: "withdraw-certificate-signed"}
    if added.is_success:
        wanted["Thêm Tay"] = "withdraw-decision-used"
    assert codes == wanted
    blocked = [one for one in shown["rows"] if one["outcome"] == "in-the-way"]
    assert [one["name"] for one in blocked] == list(NAMES[:2])
    assert all(one["detail"] for one in blocked)
    answer = ask(house, import_id, with_signed=True)
    problem(answer, answer.status_code, "withdraw-in-the-way")
    assert house.facts() == facts
    house.done(house.post(f"/api/awards/{first}/withdraw", {"reason": REASON}))
    if added.is_success:
        house.catch_up()
        path_added = f"/api/awards/{added.json()['id']}/withdraw"
        house.done(house.post(path_added, {"reason": REASON}))
    done = house.done(ask(house, import_id, with_signed=True))
    assert (done["state"], done["withdrawn"], done["withdrawn_before"]) == ("withdrawn", 4, 1)
    assert awards(house) == []
    consistent(house)


PROGRAM = """
import sys
from uuid import UUID
from api.imports.withdrawing import ImportWithdrawal
from api.withdrawals.judged import Asked
from registry.award import WithdrawAward
from registry.database import Database
from registry.fact import Authorship

administrator, key, import_id = sys.argv[1:]
database = Database(administrator, home_key=bytes.fromhex(key))
asked = Asked(database.registry(), Authorship("can-bo-thu", "Sở Nội vụ"), lambda _: True, "vi")
work = ImportWithdrawal(asked, database.reading, UUID(import_id), WithdrawAward("ghi nhầm"))
report = work.carry_out(lambda report: print(report.withdrawn, flush=True))
print(report.state, flush=True)
"""


def start(database: Database, import_id: UUID) -> subprocess.Popen[str]:
    arguments = [database.administrator, TEST_KEY.hex(), str(import_id)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


@pytest.mark.parametrize("chunks_before", [1, 3])
def test_kill_minus_9_in_the_middle_withdraws_everything_once(
    database: Database, authorship: Authorship, tmp_path: Path, chunks_before: int
) -> None:
    names = tuple(f"Vàng Seo {number}" for number in range(40))
    with open_house(database) as house:
        path = legacy(tmp_path, names)
        import_id = take_in(house, path, authorship)
        process = start(database, import_id)
        assert process.stdout is not None
        for _ in range(chunks_before):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        state = house.registry.load("import", import_id).state
        assert isinstance(state, Withdrawing)
        assert 2 * chunks_before <= state.awards < len(names)
        report = house.done(house.get(f"/api/imports/{import_id}"))
        assert (report["state"], report["withdrawn"]) == ("withdrawing", state.awards)
        # Until all of it is back, nobody takes the file in again.
        with pytest.raises(Exception, match="import-being-withdrawn"):
            import_sheet(house.registry, path, ImportOptions(chunk_rows=2), authorship)
        house.catch_up()
        answer = house.done(ask(house, import_id))
        assert (answer["state"], answer["withdrawn_before"]) == ("withdrawn", state.awards)
        assert answer["withdrawn"] == len(names) - state.awards
        facts = list(all_facts(database))
        recorded = [fact.stream_id for fact in facts if isinstance(fact.event, AwardRecorded)]
        withdrawn = [fact.stream_id for fact in facts if isinstance(fact.event, AwardWithdrawn)]
        assert sorted(withdrawn) == sorted(recorded)
        assert awards(house) == []
        assert names_and_keys(database) == []
        take_in(house, path, authorship)
        assert len(awards(house)) == len(names)


def test_two_at_once_withdraw_everything_once(
    database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    names = tuple(f"Vàng Seo {number}" for number in range(20))
    with open_house(database) as house:
        import_id = take_in(house, legacy(tmp_path, names), authorship)
        both = [start(database, import_id) for _ in range(2)]
        said = [one.communicate()[0].split() for one in both]
        assert [lines[-1] for lines in said] == ["withdrawn", "withdrawn"]
        withdrawn = [f for f in all_facts(database) if isinstance(f.event, AwardWithdrawn)]
        assert len(withdrawn) == len({fact.stream_id for fact in withdrawn}) == len(names)
        state = house.registry.load("import", import_id).state
        assert isinstance(state, Withdrawn)
        assert state.awards == len(names)


def test_only_the_unit_that_imported_it_takes_it_back(
    database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    province = "UBND tỉnh Lào Cai"
    assert authorship.office == OFFICE
    with open_house(database, units=Units(province)) as house:
        import_id = take_in(house, legacy(tmp_path), authorship)
        path, body = f"/api/imports/{import_id}/withdraw", {"reason": REASON}
        for office in (province, "UBND xã Cốc Lầu"):
            house.token("leader", office)
            answer = house.client.post(path, json=body, headers=house.headers("leader", office))
            problem(answer, 403, "record-of-other-unit")
        house.token("verifier")
        answer = house.post(path, body, role="verifier")
        problem(answer, 403, "role-may-not-write")
        house.done(ask(house, import_id))


def test_the_job_that_did_it_is_a_name_for_it_and_tells_what_became_of_it(
    house: House, tmp_path: Path
) -> None:
    content = legacy(tmp_path).read_bytes()
    headers = house.headers()
    headers["Prefer"] = ""
    files = {"file": ("so-cu.xlsx", content)}
    job = house.done(house.client.post("/api/imports", files=files, headers=headers))
    assert (job["state"], job["accepted"]) == ("done", 5)
    assert job["id"] != job["import_id"]
    done = house.done(ask(house, UUID(job["id"])))
    assert (done["import_id"], done["withdrawn"]) == (job["import_id"], 5)
    for name in (job["id"], job["import_id"]):
        told = house.done(house.get(f"/api/imports/{name}"))
        assert (told["state"], told["withdrawn"]) == ("withdrawn", 5)


def test_an_unknown_import_is_unknown(house: House) -> None:
    answer = ask(house, UUID("01939bd7-3a5e-7c00-8000-00000000abcd"))
    problem(answer, 404, "import-unknown")
