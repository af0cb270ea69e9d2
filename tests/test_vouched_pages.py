"""Who vouches for the page of a PDF: a stolen key can put any page around a genuine credential."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.papers.press import typeset
from api.printing import certificate_text, one_paper
from api.signed_files import sign_decision
from api.verification.file_records import FILE_PROOF_SUFFIX
from api.verification.lists import VERSIONS_APART_MIN
from api.verification.pdf_checking import verify_pdf
from api.verification.pdf_page import not_on_page
from api.verification.pdf_signing import sign_pdf
from api.verification.proving import prove_text
from api.verification.signing import sign_certificates
from registry.proofs.credentials import add_proof
from registry.proofs.payload import CUT, Claims
from registry.proofs.proof_files import parse_proof
from tests.api_house import OPERATOR, House
from tests.command_shell import Shell
from tests.made_keys import listed, signed, signer
from tests.signing_house import Keys, an_issued_certificate, publish_lists, sign
from tests.test_certificates import a_decision_with_awards
from tests.test_signed_files import desk_of, nobody_watches, sealed_house

NAME = "Nguyễn Thị Ánh Tuyết"
THIEF = "Trần Văn Mạo Danh"

__all__ = ["sealed_house"]


@dataclass
class Desk:
    """A shell that checks files, under key lists in which keys were stolen."""

    house: House
    keys: Keys
    shell: Shell
    folder: Path

    def verdict(
        self, given: str | Path, *more: str | Path, **stolen: int | None
    ) -> tuple[int, dict[str, Any]]:
        """Exit code and answer; `stolen` names from which leaf on a purpose's key counts not."""
        changed = tuple(
            replace(listed(one), compromised_at_leaf=stolen.get(use))
            for use, one in self.keys.signers.items()
        )
        newer = replace(self.keys.key_list, version=2, keys=changed)
        keys = self.folder / "keys"
        keys.write_bytes(signed(newer))
        self.shell.forget()
        ended = self.shell("verify", str(given), "--keys", keys, *more, "--json")
        return ended.code, ended.answer

    def file(self, serial: str, recipient: str | None = None) -> Path:
        """A signed file of a paper; a thief puts another name on its page."""
        desk = desk_of(self.house)
        text, made_at = certificate_text(self.house.registry, serial)
        (made,) = sign_certificates(desk, (serial,), OPERATOR)
        text = prove_text(desk, text, made)
        if recipient is not None:
            text = replace(text, recipient=recipient)
        paper = one_paper(text, made_at, None)
        path = self.folder / f"{recipient is not None}.pdf"
        content = typeset(paper.layout, paper.document, paper.made_at)
        path.write_bytes(sign_pdf(desk.trust, content))
        return path


@pytest.fixture
def desk(
    sealed_house: tuple[House, Keys],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    return Desk(*sealed_house, Shell(monkeypatch, capsys, tmp_path / "home"), tmp_path)


def test_a_thief_s_page_around_a_genuine_credential_is_not_authentic(desk: Desk) -> None:
    serial = an_issued_certificate(desk.house, NAME)
    sign(desk.house, serial)
    genuine, forged = desk.file(serial), desk.file(serial, THIEF)

    code, answer = desk.verdict(genuine)
    assert (code, answer["authentic"], answer["page"]["vouched_by"]) == (0, True, "key")
    assert NAME in answer["page"]["says"]
    assert answer["page"]["not_on_page"] == []

    # Before anybody knows of the theft, the page and the credential still speak of two people.
    code, answer = desk.verdict(forged)
    assert (code, answer["authentic"], answer["code"]) == (4, False, "pdf-page-differs")
    assert THIEF in answer["page"]["says"]
    assert answer["credential"]["name"] == NAME
    assert answer["page"]["not_on_page"] == ["name"]

    # Once it is known, the key alone vouches for no page, not even for the office's own.
    for path, says in ((forged, THIEF), (genuine, NAME)):
        code, answer = desk.verdict(path, pdf=1_000_000)
        assert (code, answer["authentic"], answer["code"]) == (4, False, "pdf-page-not-vouched")
        assert answer["page"]["vouched_by"] is None
        assert says in answer["page"]["says"]
        assert answer["credential"]["authentic"] is True
        assert answer["credential"]["name"] == NAME
    told = desk.shell("verify", forged, "--keys", desk.folder / "keys")
    assert told.code == 4
    assert THIEF in told.out
    assert NAME in told.out
    assert "KHÔNG xác nhận được" in told.out


def test_the_log_vouches_for_a_file_that_it_had_before_the_theft(desk: Desk) -> None:
    decision = UUID(a_decision_with_awards(desk.house, 2))
    path = desk.folder / "all.zip"
    sign_decision(desk_of(desk.house), decision, path, nobody_watches, OPERATOR)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(desk.folder)
        names = [name for name in archive.namelist() if name.endswith(".pdf")]
    one, other = (desk.folder / name for name in names)
    proof = Path(f"{one}{FILE_PROOF_SUFFIX}")
    leaf = parse_proof(proof.read_bytes()).index

    # The proof lies beside the file.
    code, answer = desk.verdict(one, pdf=leaf + 1)
    assert (code, answer["page"]["vouched_by"]) == (0, "log")
    code, answer = desk.verdict(one, pdf=leaf)
    assert (code, answer["code"]) == (4, "pdf-after-compromise")
    code, answer = desk.verdict(other, "--file-proof", proof, pdf=leaf + 1)
    assert (code, answer["code"]) == (4, "proof-of-another-file")
    # The proof of the paper's text is none of the file.
    inside = Path(f"{other}{FILE_PROOF_SUFFIX}")
    fact = desk.house.client.get(f"/log/files/{answer['page']['sha256']}").content
    assert parse_proof(fact).entry == parse_proof(inside.read_bytes()).entry
    proof.unlink()
    code, answer = desk.verdict(one, pdf=leaf + 1)
    assert (code, answer["code"]) == (4, "pdf-page-not-vouched")


def test_a_file_signed_outside_its_key_s_days_is_not_believed(desk: Desk) -> None:
    serial = an_issued_certificate(desk.house, NAME)
    sign(desk.house, serial)
    path = desk.file(serial)
    ended = listed(desk.keys.signers["pdf"], valid_to=desk.keys.key_list.issued_at - 1_000)
    others = tuple(key for key in desk.keys.key_list.keys if key.use != "pdf")
    keys = desk.folder / "keys"
    keys.write_bytes(signed(replace(desk.keys.key_list, keys=(*others, ended))))
    answer = desk.shell("verify", path, "--keys", keys, "--json").answer
    assert answer["code"] == "pdf-key-not-valid-then"
    assert answer["credential"]["name"] == NAME


# Other keys ---------------------------------------------------------------------------------


def test_a_stolen_key_s_status_list_is_refused(desk: Desk) -> None:
    serial = an_issued_certificate(desk.house, NAME)
    link = sign(desk.house, serial)["link"]
    desk.house.catch_up()
    publish_lists(desk.house)
    text = desk.house.client.get("/log/status/0").text
    given = desk.folder / "list"
    given.write_text(text)
    code, answer = desk.verdict(link, "--status", given)
    assert (code, answer["standing"]["state"]) == (0, "not-revoked")
    code, answer = desk.verdict(link, "--status", given, status=1_000_000)
    assert (code, answer["code"]) == (4, "status-list-key-not-valid-then")


def test_a_list_whose_key_was_stolen_is_published_anew(desk: Desk) -> None:
    house, keys = desk.house, desk.keys
    sign(house, an_issued_certificate(house, NAME))
    house.catch_up()
    publish_lists(house)
    before = house.client.get("/log/status/0").text
    now = house.registry.clock()
    house.registry.clock = lambda: now.replace(microsecond=0) + VERSIONS_APART_MIN
    assert publish_lists(house) == 0
    assert house.client.get("/log/status/0").text == before
    fresh = signer("another status key", "status")
    stolen = listed(keys.signers["status"], compromised_at_leaf=1)
    kept = tuple(key for key in keys.key_list.keys if key.use != "status")
    keys.signers["status"] = fresh
    keys.publish(replace(keys.key_list, version=2, keys=(*kept, stolen, listed(fresh))))
    desk_of(house).trust._read = None  # as after five seconds
    assert publish_lists(house) == 1
    assert house.client.get("/log/status/0").text != before


@pytest.mark.parametrize(
    ("where", "value", "code"),
    [
        (("name",), "Huân chương Sao vàng", "credential-of-another-paper"),
        (("credentialSubject", "achievement", "name"), "x", "credential-of-another-paper"),
        (
            ("credentialSubject", "achievement", "id"),
            "/#ORD-SAOVANG",
            "credential-of-another-paper",
        ),
        (("credentialSubject", "achievement", "description"), "x", "credential-of-another-paper"),
        (
            ("credentialSubject", "achievement", "criteria"),
            {"narrative": "y"},
            "credential-not-vouched",
        ),
        (("validFrom",), "1945-09-02T00:00:00Z", "credential-not-vouched"),
    ],
)
def test_a_credential_by_a_stolen_key_says_what_the_log_s_text_says_or_nothing(
    desk: Desk, where: tuple[str, ...], value: object, code: str
) -> None:
    serial = an_issued_certificate(desk.house, NAME, number_typed="1234/QĐ-CTN")
    sign(desk.house, serial)
    proof = desk.folder / "proof"
    desk.house.catch_up()
    # The log is sealed meanwhile, in another thread.
    tries = (verify_pdf(desk.file(serial).read_bytes(), desk.keys.key_list) for _ in range(200))
    carried = next(one for one in tries if one.proof is not None)
    proof.write_bytes(carried.proof or b"")
    document = json.loads(carried.credential)
    method = document.pop("proof")["verificationMethod"]
    path = desk.folder / "credential.json"

    def write() -> None:
        made = add_proof(document, desk.keys.signers["issue"].sign, method, document["validFrom"])
        path.write_text(json.dumps(made))

    write()
    assert desk.verdict(path, "--proof", proof, issue=1_000_000)[0] == 0
    holder = document
    for step in where[:-1]:
        holder = holder[step]
    assert holder[where[-1]] != value
    holder[where[-1]] = value
    write()
    ended, answer = desk.verdict(path, "--proof", proof, issue=1_000_000)
    assert (ended, answer["code"]) == (4, code)


# What the machine remembers -----------------------------------------------------------------


def test_the_shell_says_how_old_the_list_is_and_refuses_an_older_one(desk: Desk) -> None:
    link = sign(desk.house, an_issued_certificate(desk.house, NAME))["link"]
    older, newer = desk.folder / "older", desk.folder / "newer"
    older.write_bytes(signed(desk.keys.key_list))
    newer.write_bytes(signed(replace(desk.keys.key_list, version=2)))
    shell = desk.shell
    first = shell("verify", link, "--keys", older, "--json").answer["trusted"]
    assert (first["key_list_version"], first["key_list_remembered"]) == (1, True)
    assert first["key_list_age_days"] == 0
    assert shell("verify", link, "--keys", newer).code == 0
    ended = shell("verify", link, "--keys", older, "--json")
    assert (ended.code, ended.answer["code"]) == (4, "key-list-rolled-back")
    ended = shell("verify", link, "--keys", newer, "--min-version", "3", "--json")
    assert (ended.code, ended.answer["code"]) == (4, "key-list-too-old")
    told = shell("verify", link, "--keys", newer).err
    assert "Danh sách khóa phiên bản 2" in told
    assert "cách đây 0 ngày" in told


# What a page says ---------------------------------------------------------------------------

SAYS = (
    "HUÂN CHƯƠNG ĐỘC LẬP",
    "HẠNG NHẤT",
    "Bà Nguyễn Thị Ánh Tuyết",
    "Quyết định số: 1234/QĐ-CTN ngày 12 tháng 4 năm 1985",
)
CLAIMS = Claims("C-1", NAME, "ORD-DOCLAP:I", "1234/QĐ-CTN", "1985-04-12", 7)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"name": "Nguyễn Thị Ánh"}, ("name",)),
        ({"name": "nguyễn thị ánh tuyết"}, ()),
        ({"name": f"Nguyễn Thị Ánh{CUT}"}, ()),
        ({"name": f"Nguyễn Thị Ba{CUT}"}, ("name",)),
        ({"form": "ORD-DOCLAP:II"}, ("form",)),
        ({"form": "ORD-HOCHIMINH"}, ("form",)),
        ({"decision": "1234/QĐ"}, ("decision",)),
        ({"decision": "234/QĐ-CTN"}, ("decision",)),
        ({"decision": None, "awarded_on": None}, ()),
        ({"awarded_on": "1985-04-13"}, ("awarded_on",)),
        ({"awarded_on": "1985"}, ()),
    ],
)
def test_a_page_is_compared_field_by_field(
    changes: dict[str, Any], missing: tuple[str, ...]
) -> None:
    assert not_on_page(SAYS, replace(CLAIMS, **changes)) == missing


def test_a_longer_name_is_another_name() -> None:
    assert not_on_page((*SAYS[:2], f"Bà {NAME} Nga", SAYS[3]), CLAIMS) == ("name",)
    assert not_on_page((), CLAIMS) == ("name", "form", "decision", "awarded_on")
