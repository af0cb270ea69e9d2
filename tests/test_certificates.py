"""Certificates over HTTP and at a shell: one by its serial, a decision's in one job."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from api import desk, service
from api.records import award_of_serial
from registry.award.artifact import FileSigned
from registry.database import Database
from tests.api_house import House, open_house, problem
from tests.artifact_life import permitting_case, post
from tests.command_shell import Shell
from tests.pdf_reading import PdfPage, read_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as house:
        yield house


OF_PROVINCE: dict[str, Any] = {
    "form": "CERT-BK-BT",
    "award_class": None,
    "awarded_on": "2019-12-20",
    "number_typed": "1234/QĐ-UBND",
    "issuer_typed": "Chủ tịch UBND tỉnh Lào Cai",
}


def an_award(house: House, name: str = "Giàng Seo Phử", **fields: Any) -> dict[str, Any]:
    return house.award(name, issue_artifacts=True, **fields)


def serial_of(award: dict[str, Any], component: str = "certificate") -> str:
    (serial,) = [one["serial"] for one in award["artifacts"] if one["component"] == component]
    return str(serial)


def a_decision_with_awards(house: House, count: int, **fields: Any) -> str:
    decision = house.decision(signatory="Trần Văn Thử")
    body = {
        "issue_artifacts": True,
        "awards": [
            {
                "recipient": {"name": f"Người Thứ{n}", "honorific": "Ông", "persons": [{}]},
                "form": "ORD-LAODONG",
                "award_class": "III",
                "golden_book": {"number": str(n)},
            }
            for n in range(count)
        ],
    } | fields
    house.done(house.post(f"/api/decisions/{decision['id']}/awards", body))
    house.catch_up()
    return str(decision["id"])


def page_of(response: Response) -> PdfPage:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    (page,) = read_pages(response.content)
    return page


def over(house: House, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (state := house.done(house.get(path, "clerk")))["state"] in {"waiting", "running"}:
        assert time.monotonic() < deadline, state
        time.sleep(0.05)
    return state


def test_a_certificate_is_printed_with_the_text_of_its_award(house: House) -> None:
    serial = serial_of(an_award(house, golden_book={"number": "83"}))
    path = f"/api/artifacts/{serial.lower()}/certificate.pdf"
    response = house.get(path, "clerk")
    page = page_of(response)
    assert "HỘI ĐỒNG NHÀ NƯỚC" in page.text
    assert "Giàng Seo Phử" in page.text
    assert "Quê quán: xã Bản Cái" in page.text
    assert "Quyết định số: 263 KT/HĐNN năm 1985" in page.text
    assert f'filename="{serial}.pdf"' in response.headers["content-disposition"]
    before = house.facts()
    assert house.get(path, "clerk").content == response.content
    assert house.facts() == before, "printing to a file changes nothing"
    house.done(house.post(f"/api/artifacts/{serial}/print", {}))
    assert house.get(path, "clerk").content == response.content, "the text is the same still"


def test_a_proof_marks_seal_and_signature_and_has_no_code(house: House) -> None:
    serial = serial_of(an_award(house))
    path = f"/api/artifacts/{serial}/certificate.pdf"
    before = house.facts()
    proof, final = (
        page_of(house.get(f"{path}?proof=true", "clerk")),
        page_of(house.get(path, "clerk")),
    )
    assert house.facts() == before
    for words in ("Đóng dấu", "Ký tên", "BẢN IN THỬ"):
        assert words in proof.text
        assert words not in final.text
    assert "Giàng Seo Phử" in proof.text
    for code in ("Mã kiểm tra", "Số hiệu", serial):
        assert code not in proof.text
    on_blank = house.get(f"{path}?proof=true&blank=bang-khen", "clerk")
    problem(on_blank, 422, "proof-on-blank")


def test_a_serial_of_old_may_be_anything(house: House) -> None:
    award = house.award()
    old = 'Đ "12" ẵ;x'
    items = [{"component": "certificate", "serial": old}]
    house.done(house.post(f"/api/awards/{award['id']}/artifacts", {"artifacts": items}))
    response = house.get(f"/api/artifacts/{quote(old)}/certificate.pdf", "clerk")
    assert page_of(response).words
    name = response.headers["content-disposition"].partition("filename=")[2]
    assert name.count('"') == 2


def test_the_registered_decision_says_who_signed(house: House) -> None:
    serial = serial_of(an_award(house))
    house.decision(
        number="263 KT-HĐNN",
        issuer="Hội đồng Nhà nước",
        decided_on="1985",
        signatory="Nguyễn Văn Mẫu",
        signatory_title="Phó Chủ tịch",
    )
    page = page_of(house.get(f"/api/artifacts/{serial}/certificate.pdf", "leader"))
    assert "PHÓ CHỦ TỊCH" in page.text
    assert "Nguyễn Văn Mẫu" in page.text
    assert "263 KT-HĐNN" in page.text


def test_on_a_blank_only_what_varies_is_printed(house: House) -> None:
    serial = serial_of(an_award(house, **OF_PROVINCE))
    path = f"/api/artifacts/{serial}/certificate.pdf?blank=bang-khen"
    still = page_of(house.get(path, "clerk"))
    moved = page_of(house.get(path + "&nudge_x_mm=2.5&nudge_y_mm=-1", "clerk"))
    assert "ỦY BAN" not in still.text
    assert moved.word("Phử").left - still.word("Phử").left == pytest.approx(2.5, abs=0.001)
    assert moved.word("Phử").top - still.word("Phử").top == pytest.approx(-1, abs=0.001)


def test_a_paper_that_was_issued_again_says_how_often(house: House) -> None:
    decision = a_decision_with_awards(house, 2)
    awards = house.done(house.get(f"/api/awards?decision={decision}"))["awards"]
    award = next(one for one in awards if "Người Thứ0" in str(one))
    serial = serial_of(house.done(house.get(f"/api/awards/{award['id']}")))
    for count in (1, 2):
        case = permitting_case(house.registry, award["id"], "reissue", "certificate")
        new = post(house, serial, "reissue", reason="lost", case_id=case)
        serial = str(new["serial"])
        page = page_of(house.get(f"/api/artifacts/{serial}/certificate.pdf", "clerk"))
        assert f"Cấp lại lần {count}" in page.text
    house.catch_up()
    headers = house.headers() | {"Prefer": "wait=5"}
    path = f"/api/decisions/{decision}/certificates"
    made = house.done(house.client.post(path, json={}, headers=headers))
    over(house, f"/api/print-jobs/{made['id']}")
    file = f"/api/print-jobs/{made['id']}/certificates.pdf"
    pages = read_pages(house.get(file, "clerk").content)
    said = {("Thứ0" in page.text): ("Cấp lại lần 2" in page.text) for page in pages}
    assert said == {True: True, False: False}


def test_a_blank_of_another_form_is_refused_before_anything_is_signed(house: House) -> None:
    serial, decision = serial_of(an_award(house)), a_decision_with_awards(house, 1)
    facts = house.facts()
    one = house.get(f"/api/artifacts/{serial}/certificate.pdf?blank=bang-khen", "clerk")
    told = problem(one, 422, "blank-of-other-form")
    assert told["errors"][0]["params"]["recipient"] == "Giàng Seo Phử"
    body = {"blank": "giay-khen"}
    headers = house.headers() | {"Prefer": "wait=5"}
    path = f"/api/decisions/{decision}/certificates"
    all_of_them = house.client.post(path, json=body, headers=headers)
    problem(all_of_them, 422, "blank-of-other-form")
    assert house.facts() == facts


def test_who_is_not_signed_in_or_may_not_see_people_gets_no_certificate(house: House) -> None:
    serial, decision = serial_of(an_award(house)), a_decision_with_awards(house, 1)
    paths = [f"/api/artifacts/{serial}/certificate.pdf", "/api/blanks/bang-khen/test-sheet.pdf"]
    for path in paths:
        problem(house.get(path, None), 401, "sign-in-missing")
        problem(house.get(path, "operator"), 403, "role-may-not-print")
    posted = f"/api/decisions/{decision}/certificates"
    problem(house.post(posted, {}, None), 401, "sign-in-missing")
    problem(house.get("/api/print-jobs/" + decision, None), 401, "sign-in-missing")


def test_what_cannot_be_printed_is_refused_by_name(house: House) -> None:
    award = an_award(house)
    certificate = f"/api/artifacts/{serial_of(award)}/certificate.pdf"
    problem(house.get("/api/artifacts/LA-1/certificate.pdf", "clerk"), 404, "artifact-unknown")
    medal = serial_of(award, "order_insignia")
    answer = house.get(f"/api/artifacts/{medal}/certificate.pdf", "clerk")
    problem(answer, 422, "artifact-no-certificate")
    problem(house.get(certificate + "?blank=la", "clerk"), 422, "blank-unknown")
    far = house.get(certificate + "?blank=bang-khen&nudge_x_mm=51", "clerk")
    problem(far, 422, "nudge-too-far")
    wrong = house.get(certificate + "?blank=bang-khen&nudge_x_mm=xa", "clerk")
    assert "value-wrong-type" in wrong.text
    odd = serial_of(an_award(house, "Trần 中 Thử"))
    body = problem(
        house.get(f"/api/artifacts/{odd}/certificate.pdf", "clerk"), 422, "paper-character-missing"
    )
    assert "中" in body["detail"]


def test_a_decision_is_printed_in_one_job(house: House) -> None:
    decision = a_decision_with_awards(house, 60)
    taken = house.post(f"/api/decisions/{decision}/certificates", {})
    assert taken.status_code in {200, 202}
    path = taken.headers["location"]
    state = over(house, path)
    assert (state["state"], state["pages"], state["total"]) == ("done", 60, 60)
    assert state["without_certificate"] == 0
    file = house.get(state["file"], "clerk")
    pages = read_pages(file.content)
    assert [page.word(f"Thứ{n}").text for n, page in enumerate(pages)] == [
        f"Thứ{n}" for n in range(60)
    ]
    assert "Trần Văn Thử" in pages[0].text
    assert "Quyết định số: 212 QĐ/CTN ngày 09 tháng 5 năm 2024" in pages[59].text


def test_nothing_is_printed_while_the_registers_are_late(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = a_decision_with_awards(house, 1)
    an_award(house)
    monkeypatch.setattr(service, "READ_YOUR_WRITES_SECONDS_MAX", 0.0)
    path = f"/api/decisions/{decision}/certificates"
    problem(house.post(path, {}), 503, "registers-late")
    house.catch_up()
    assert over(house, house.post(path, {}).headers["location"])["state"] == "done"


def test_a_small_decision_is_answered_at_once_on_a_blank(house: House) -> None:
    decision = a_decision_with_awards(house, 2)
    address = f"/api/decisions/{decision}/certificates"
    body = {"blank": "bang-huan-chuong", "nudge_x_mm": 1}
    headers = house.headers() | {"Prefer": "wait=5"}
    answer = house.client.post(address, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    pages = read_pages(house.get(answer.json()["file"], "clerk").content)
    assert len(pages) == 2
    assert "CHỦ TỊCH" not in pages[0].text


def test_awards_without_a_certificate_are_counted(house: House) -> None:
    decision = a_decision_with_awards(house, 1)
    more = {"recipient": {"name": "Chưa Có", "persons": [{}]}, "form": "ORD-DUNGCAM"}
    house.done(house.post(f"/api/decisions/{decision}/awards", {"awards": [more]}))
    house.catch_up()
    taken = house.post(f"/api/decisions/{decision}/certificates", {})
    state = over(house, taken.headers["location"])
    assert (state["total"], state["without_certificate"]) == (1, 1)


def test_a_decision_without_certificates_and_one_that_is_none(house: House) -> None:
    bare = house.decision(number="9 QĐ/CTN")["id"]
    house.catch_up()
    headers = house.headers() | {"Prefer": "wait=5"}

    def ask(decision: str) -> Response:
        return house.client.post(
            f"/api/decisions/{decision}/certificates", json={}, headers=headers
        )

    problem(ask(bare), 422, "decision-has-no-certificates")
    unknown = "01939bd7-3a5e-7c00-8000-0000000000d1"
    problem(ask(unknown), 404, "decision-unknown")
    problem(ask("x"), 400, "identifier-malformed")
    problem(house.get(f"/api/print-jobs/{unknown}", "clerk"), 404, "print-job-unknown")


def test_a_job_that_fails_says_why(house: House) -> None:
    awards = [
        {"recipient": {"name": "Trần 中", "persons": [{}]}, "form": "ORD-DUNGCAM"},
    ]
    decision = a_decision_with_awards(house, 0, awards=awards)
    taken = house.post(f"/api/decisions/{decision}/certificates", {})
    if taken.status_code == 202:
        state = over(house, taken.headers["location"])
        assert state["problem"]["code"] == "paper-character-missing"
        file = house.get(taken.headers["location"] + "/certificates.pdf", "clerk")
        problem(file, 422, "paper-character-missing")
    else:
        problem(taken, 422, "paper-character-missing")


def test_too_many_jobs_are_turned_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = a_decision_with_awards(house, 1)
    monkeypatch.setattr(desk, "WAITING_MAX", 0)
    monkeypatch.setattr(desk, "RUNNING_MAX", 0)
    problem(house.post(f"/api/decisions/{decision}/certificates", {}), 503, "prints-busy")


def test_blanks_and_their_test_sheets(house: House) -> None:
    blanks = house.done(house.get("/api/blanks"))["blanks"]
    assert {"bang-khen", "giay-khen"} <= {blank["id"] for blank in blanks}
    assert all(blank["fields"] and blank["source"] for blank in blanks)
    page = page_of(house.get("/api/blanks/giay-khen/test-sheet.pdf?nudge_y_mm=3", "clerk"))
    assert "y +3 mm" in page.text
    problem(house.get("/api/blanks/la/test-sheet.pdf", "clerk"), 422, "blank-unknown")


# At a shell ---------------------------------------------------------------------------------


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    database: Database,
) -> Shell:
    # The shell opens the register that the house fills, with the same key.
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "personal.key").write_bytes(bytes(range(32)))
    (home / "keys" / "personal.key").chmod(0o600)
    return Shell(monkeypatch, capsys, home, database.administrator)


def test_the_shell_prints_one_and_all(house: House, shell: Shell, tmp_path: Path) -> None:
    decision = a_decision_with_awards(house, 3)
    everything = tmp_path / "tat-ca.pdf"
    ended = shell("certificates", "--decision", decision, "--out", everything, "--json")
    assert ended.code == 0, ended.err
    assert ended.answer["certificates"] == 3
    assert len(read_pages(everything.read_bytes())) == 3
    serial, one = serial_of(an_award(house)), tmp_path / "mot.pdf"
    assert shell("certificate", serial, "--out", one).code == 0
    (page,) = read_pages(one.read_bytes())
    assert "Giàng Seo Phử" in page.text
    facts = house.registry.facts_of(award_of_serial(house.registry, serial))
    # The signed file is in the log, the page for the printing house is not.
    assert [fact.event.sha256 for fact in facts if isinstance(fact.event, FileSigned)] == [
        sha256(one.read_bytes()).hexdigest()
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "mot.pdf", "tat-ca.pdf"]


def test_the_shell_prints_on_a_blank_with_the_nudge_that_is_kept(
    house: House, shell: Shell, tmp_path: Path
) -> None:
    serial, out = serial_of(an_award(house, **OF_PROVINCE)), tmp_path / "phoi.pdf"
    command = ("certificate", serial, "--out", out, "--overprint", "bang-khen")
    assert shell(*command).code == 0
    (still,) = read_pages(out.read_bytes())
    (shell.home / "papers").mkdir()
    kept = [{"blank": "bang-khen", "x_mm": 4.0, "y_mm": 1.0}]
    (shell.home / "papers" / "nudges.json").write_text(json.dumps(kept))
    assert shell(*command, "--nudge-y", "0").code == 0
    (moved,) = read_pages(out.read_bytes())
    assert moved.word("Phử").left - still.word("Phử").left == pytest.approx(4, abs=0.001)
    assert moved.word("Phử").top == pytest.approx(still.word("Phử").top, abs=0.001)


def test_the_shell_prints_a_test_sheet_without_a_register(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "thu.pdf"
    ended = shell("certificate", "--test-sheet", "giay-khen", "--out", out, "--nudge-x", "-1.5")
    assert ended.code == 0, ended.err
    assert "x -1.5 mm" in read_pages(out.read_bytes())[0].text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "serial-or-test-sheet"),
        (("S", "--test-sheet", "bang-khen"), "serial-or-test-sheet"),
        (("--test-sheet", "la"), "blank-unknown"),
        (("--test-sheet", "bang-khen", "--nudge-x", "60"), "nudge-too-far"),
    ],
)
def test_the_shell_says_what_cannot_be(
    shell: Shell, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    ended = shell("certificate", *arguments, "--out", tmp_path / "a.pdf", "--json")
    assert (ended.code, ended.answer["error"]["code"]) == (2, code)
    assert not (tmp_path / "a.pdf").exists()


def test_a_folder_that_is_not_there_is_said_before_printing(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "la" / "a.pdf"
    ended = shell("certificate", "--test-sheet", "bang-khen", "--out", out, "--json")
    assert (ended.code, ended.answer["error"]["code"]) == (2, "file-unwritable")
