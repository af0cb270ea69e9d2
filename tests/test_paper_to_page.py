"""From the printed page back to the verdict: rasterised, read by two programs, and damaged.

The same file is looked at by programs that know nothing of us.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp

from api.verification.pdf_checking import PROOF_NAME, verify_pdf
from api.verification.qr import QUIET_MODULES, SIDE_MILLIMETRES, correction_for, link_to_svg
from projections.sealing import Sequencer
from registry.errors import VerificationFailed
from registry.proofs.checkpoints import policy_of
from registry.proofs.credentials import add_proof, verify_proof
from registry.proofs.digits import digits_of_link, digits_to_bytes, make_link
from registry.proofs.payload import CUT, NAME_BYTES_MAX, parse_envelope, read_claims
from registry.proofs.proof_files import parse_proof
from registry.proofs.proof_files import verify_proof as verify_proof_file
from tests.command_shell import Shell
from tests.grey_pages import Page, read_page
from tests.made_keys import listed, signed
from tests.signing_house import (
    Keys,
    an_issued_certificate,
    cancel,
    open_signing_house,
    publish_lists,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from registry.proofs.keys import Signer
    from tests.api_house import House

NAME = "Nguyễn Thị Ánh Tuyết"
MILLIMETRES_PER_INCH = 25.4
RESOLUTION = 250


@dataclass(frozen=True)
class Paper:
    """A signed certificate, as a file and as what it must lead to."""

    house: House
    keys: Keys
    serial: str
    link: str
    pdf: Path

    def page(self, resolution: int = RESOLUTION) -> Page:
        """The page as a scanner sees it."""
        target = self.pdf.with_suffix("")
        command = ["pdftoppm", "-gray", "-r", str(resolution), "-singlefile", self.pdf, target]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        return read_page(target.with_suffix(".pgm"))


@pytest.fixture
def paper(database: Database, tmp_path: Path) -> Iterator[Paper]:
    with open_signing_house(database) as (house, keys):
        serial = an_issued_certificate(house, NAME)
        made = sign(house, serial)
        answer = house.get(f"/api/artifacts/{serial}/certificate.pdf", "clerk")
        assert answer.status_code == 200, answer.text
        pdf = tmp_path / "certificate.pdf"
        pdf.write_bytes(answer.content)
        yield Paper(house, keys, serial, made["link"], pdf)


def read_by_zbar(page: Page, folder: Path) -> str:
    path = folder / "page.pgm"
    page.save(path)
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    return found.stdout.strip()


def read_by_zxing(page: Page) -> str:
    found = zxingcpp.read_barcodes(page.as_array())
    return found[0].text if found else ""


def side_without_quiet_zone(link: str) -> float:
    modules = modules_of(link)
    return SIDE_MILLIMETRES * (modules - 2 * QUIET_MODULES) / modules


def modules_of(link: str) -> int:
    """Modules to a side of a link's code, with its quiet zone."""
    (modules,) = re.findall(rb'viewBox="0 0 (\d+) ', link_to_svg(link))
    return int(modules)


def where_the_code_is(page: Page) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the code, its quiet zone not included."""
    (found,) = zxingcpp.read_barcodes(page.as_array())
    corners = found.position
    return (
        corners.top_left.x,
        corners.top_left.y,
        corners.bottom_right.x,
        corners.bottom_right.y,
    )


@pytest.mark.parametrize("resolution", [150, 200, 300])
def test_the_printed_page_is_read_by_two_programs(
    paper: Paper, tmp_path: Path, resolution: int
) -> None:
    page = paper.page(resolution)
    assert read_by_zbar(page, tmp_path) == paper.link
    assert read_by_zxing(page) == paper.link
    left, top, right, bottom = where_the_code_is(page)
    side = (right - left + bottom - top) / 2 / resolution * MILLIMETRES_PER_INCH
    assert side == pytest.approx(side_without_quiet_zone(paper.link), abs=0.5)
    answer = paper.house.client.post("/api/verify", json={"p": read_by_zxing(page)}).json()
    assert answer["authentic"] is True


def test_the_code_of_the_longest_name_is_read_by_two_programs(
    database: Database, tmp_path: Path
) -> None:
    with open_signing_house(database) as (house, keys):
        name = "Nguyễn Thị " + "Ửưỡộậẫ" * 40
        serial = an_issued_certificate(house, name, number_typed="1234/QĐ-UBND-TĐKT/1985")
        link = sign(house, serial)["link"]
        pdf = tmp_path / "certificate.pdf"
        pdf.write_bytes(house.get(f"/api/artifacts/{serial}/certificate.pdf", "clerk").content)
        said = read_claims(parse_envelope(digits_to_bytes(digits_of_link(link)))).name
        # Cut to what the payload allows: another letter would be too much.
        assert said.endswith(CUT)
        assert NAME_BYTES_MAX - 3 < len(said.encode()) <= NAME_BYTES_MAX
        paper = Paper(house, keys, serial, link, pdf)
        for resolution in (200, 300):
            page = paper.page(resolution)
            assert read_by_zbar(page, tmp_path) == link
            assert read_by_zxing(page) == link
        left, _, right, _ = where_the_code_is(paper.page())
        side = (right - left) / RESOLUTION * MILLIMETRES_PER_INCH
        assert side == pytest.approx(side_without_quiet_zone(link), abs=0.3)


@pytest.mark.parametrize(
    ("size", "level"), [(180, "h"), (208, "h"), (225, "q"), (280, "q"), (300, "m"), (390, "m")]
)
def test_a_code_has_the_most_correction_that_leaves_its_modules_large(
    size: int, level: str
) -> None:
    link = make_link("https://tracuu.laocai.gov.vn", (bytes(range(1, 251)) * 2)[:size])
    digits = digits_of_link(link)
    assert correction_for(link.removesuffix(digits), digits) == level
    assert SIDE_MILLIMETRES / modules_of(link) >= 0.6


def test_a_worn_and_blotted_code_is_still_read(paper: Paper, tmp_path: Path) -> None:
    page = paper.page()
    left, top, right, bottom = where_the_code_is(page)
    around = (right - left) // 8
    code = page.crop(left - around, top - around, right + around, bottom + around)
    chance = random.Random(7)
    read = 0
    for _ in range(4):
        worn = code.turned(2.0).blotted(chance, 4, 0.05, 0.1).blurred(chance, 12)
        read += paper.link in {read_by_zbar(worn, tmp_path), read_by_zxing(worn)}
    assert read >= 3


def test_a_code_that_is_read_wrong_is_never_taken_for_genuine(paper: Paper) -> None:
    digits = paper.link.rpartition("#")[2]
    chance = random.Random(8)
    for _ in range(40):
        at = chance.randrange(len(digits))
        wrong = digits[:at] + str((int(digits[at]) + chance.randint(1, 9)) % 10) + digits[at + 1 :]
        answer = paper.house.client.post("/api/verify", json={"p": wrong}).json()
        assert answer["authentic"] is False


def test_a_picture_has_no_size_of_its_own() -> None:
    picture = link_to_svg("https://sovang.test/v#" + "1" * 400).decode()
    assert picture.startswith("<svg")
    assert "width=" not in picture.split(">")[0]


# The file -----------------------------------------------------------------------------------


def said(*command: Any) -> str:
    """What a program says of a file that it must accept."""
    done = subprocess.run(
        [str(part) for part in command], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_programs_that_know_nothing_of_us_accept_the_file(paper: Paper, tmp_path: Path) -> None:
    report = said("pdfsig", paper.pdf)
    assert "Signature is Valid" in report
    assert "ETSI.CAdES.detached" in report
    assert "Total document signed" in report
    assert "No syntax or stream encoding errors" in said("qpdf", "--check", paper.pdf)
    assert "credential.json" in said("pdfdetach", "-list", paper.pdf)
    said("pdfdetach", "-save", "1", "-o", tmp_path / "credential.json", paper.pdf)
    inside = verify_pdf(paper.pdf.read_bytes(), paper.keys.key_list).credential
    assert (tmp_path / "credential.json").read_bytes() == inside
    assert NAME in said("pdftotext", paper.pdf, "-")


def test_openssl_accepts_the_signature_over_the_file(paper: Paper, tmp_path: Path) -> None:
    content = paper.pdf.read_bytes()
    at = content.rindex(b"/ByteRange")
    numbers = content[content.index(b"[", at) + 1 : content.index(b"]", at)].split()
    begin, length, second, rest = (int(one) for one in numbers)
    (tmp_path / "signed").write_bytes(
        content[begin : begin + length] + content[second : second + rest]
    )
    encoded = content[begin + length + 1 : second - 1]
    (tmp_path / "signature").write_bytes(bytes.fromhex(encoded.decode()))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-noverify"]
    command += ["-in", tmp_path / "signature", "-content", tmp_path / "signed"]  # type: ignore[list-item]
    said(*command, "-out", "/dev/null")


def test_a_changed_file_is_refused_for_its_reason(paper: Paper) -> None:
    content, key_list = paper.pdf.read_bytes(), paper.keys.key_list

    def refusal(changed: bytes) -> str:
        with pytest.raises(VerificationFailed) as caught:
            verify_pdf(changed, key_list)
        return caught.value.code

    at = content.index(b"/Type")
    assert refusal(content[:at] + b"/Tipe" + content[at + 5 :]) in {
        "pdf-signature",
        "pdf-malformed",
    }
    middle = len(content) // 3
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    assert refusal(flipped) in {"pdf-signature", "pdf-malformed"}
    assert refusal(content + b"\n% more\n") == "pdf-signature"
    assert refusal(content[:-600]) in {"pdf-malformed", "pdf-not-signed"}
    assert refusal(b"") == "pdf-malformed"
    assert refusal(b"%PDF-1.7 nothing") == "pdf-malformed"
    assert refusal(bytes(21 << 20)) == "pdf-too-large"
    others = replace(key_list, keys=tuple(key for key in key_list.keys if key.use != "pdf"))
    with pytest.raises(VerificationFailed) as caught:
        verify_pdf(content, others)
    assert caught.value.code == "pdf-key-unknown"


def test_from_the_printed_page_to_the_log_that_everybody_sees(
    database: Database, tmp_path: Path
) -> None:
    with open_signing_house(database) as (house, keys):
        serial = an_issued_certificate(house, NAME)
        sign(house, serial)
        house.catch_up()
        log = keys.signers["log"]
        seal(database, log)
        content = house.get(f"/api/artifacts/{serial}/certificate.pdf", "clerk").content
        pdf = tmp_path / "certificate.pdf"
        pdf.write_bytes(content)
        page = Paper(house, keys, serial, "", pdf).page(200)
        payload = digits_to_bytes(digits_of_link(read_by_zxing(page)))
        assert PROOF_NAME in said("pdfdetach", "-list", pdf)
        said("pdfdetach", "-savefile", PROOF_NAME, "-o", tmp_path / "proof", pdf)
        proof = parse_proof((tmp_path / "proof").read_bytes())
        checkpoint = verify_proof_file(proof, policy_of(keys.key_list))
        assert proof.index < checkpoint.size
        entry = json.loads(proof.entry)
        assert entry["q"] == urlsafe_b64encode(sha256(payload).digest()).decode().rstrip("=")
        forged = replace(proof, entry=proof.entry.replace(b'"v":1', b'"v":2'))
        with pytest.raises(VerificationFailed) as caught:
            verify_proof_file(forged, policy_of(keys.key_list))
        assert caught.value.code == "inclusion-wrong"


def seal(database: Database, log: Signer) -> None:
    """Put everything that was recorded under the log's signature."""
    sequencer = Sequencer(database.conninfo("projector"), database.marks, lambda *_: [log])
    sequencer.seal_all()
    sequencer.close()


# At a shell, without database and network ---------------------------------------------------


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Shell:
    # Whoever needed the database would fail: there is nobody at this address.
    return Shell(monkeypatch, capsys, tmp_path / "home", "postgresql://nobody@127.0.0.1:9/none")


def test_a_shell_checks_payload_file_and_credential_offline(
    paper: Paper, shell: Shell, tmp_path: Path
) -> None:
    house = paper.house
    (tmp_path / "keys").write_bytes(signed(paper.keys.key_list))
    keys = ("--keys", str(tmp_path / "keys"))
    credential = house.get(f"/api/artifacts/{paper.serial}/credential").text
    (tmp_path / "credential.json").write_text(credential)
    verify_proof(
        house.done(house.get(f"/api/artifacts/{paper.serial}/credential")),
        {key.kid: key.public for key in paper.keys.key_list.of("issue")},
    )
    house.catch_up()
    publish_lists(house)
    (tmp_path / "list").write_text(house.client.get("/log/status/0").text)
    for given in (paper.link, str(paper.pdf), str(tmp_path / "credential.json")):
        ended = shell("verify", given, *keys, "--json")
        assert ended.code == 0, ended.err
        assert ended.answer["authentic"] is True
        assert ended.answer["name"] == NAME
        assert ended.answer["standing"]["state"] == "unknown"
        listed = shell("verify", given, *keys, "--status", str(tmp_path / "list"), "--json")
        assert listed.answer["standing"]["state"] == "not-revoked"
    told = shell("verify", paper.link, *keys).out
    assert "Đúng là nội dung do cơ quan ký" in told
    assert "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba" in told

    cancel(house, paper.serial)
    house.catch_up()
    now = house.registry.clock()
    house.registry.clock = lambda: now.replace(year=now.year + 1)
    publish_lists(house)
    (tmp_path / "later").write_text(house.client.get("/log/status/0").text)
    ended = shell("verify", paper.link, *keys, "--status", str(tmp_path / "later"), "--json")
    assert (ended.code, ended.answer["code"]) == (4, "status-list-not-yet")


def test_a_shell_says_no_with_its_reason_and_code_four(
    paper: Paper, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_bytes(signed(paper.keys.key_list))
    keys = ("--keys", str(tmp_path / "keys"))
    wrong = paper.link[:-1] + str((int(paper.link[-1]) + 1) % 10)
    ended = shell("verify", wrong, *keys, "--json")
    assert (ended.code, ended.answer["authentic"]) == (4, False)
    (tmp_path / "other.json").write_text('{"proof": 1}')
    ended = shell("verify", str(tmp_path / "other.json"), *keys, "--json")
    assert (ended.code, ended.answer["code"]) == (4, "credential-malformed")
    (tmp_path / "spoilt").write_bytes(signed(paper.keys.key_list, "root-1.test"))
    ended = shell("verify", paper.link, "--keys", str(tmp_path / "spoilt"), "--json")
    assert (ended.code, ended.answer["code"]) == (4, "key-list-threshold")
    (tmp_path / "list").write_text("no list")
    ended = shell("verify", paper.link, *keys, "--status", str(tmp_path / "list"), "--json")
    assert (ended.code, ended.answer["code"]) == (4, "status-list-malformed")
    assert shell("verify", "missing.pdf", *keys).code == 2
    assert shell("verify", paper.link, "--keys", str(tmp_path / "missing")).code == 2
    assert "KHÔNG xác nhận được" in shell("verify", wrong, *keys).out


def test_a_shell_says_what_it_trusted_unless_the_roots_were_known(
    paper: Paper, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_bytes(signed(paper.keys.key_list))
    keys = ("--keys", str(tmp_path / "keys"))
    told = shell("verify", paper.link, *keys)
    assert str(tmp_path / "keys") in told.err
    assert all(str(root) in told.err for root in paper.keys.key_list.roots)
    roots = tmp_path / "roots"
    roots.write_text("\n".join(str(root) for root in paper.keys.key_list.roots))
    told = shell("verify", paper.link, *keys, "--roots", str(roots))
    assert str(tmp_path / "keys") not in told.err


def test_what_a_stolen_key_signed_is_judged_offline_by_its_leaf(
    paper: Paper, shell: Shell, tmp_path: Path, database: Database
) -> None:
    other = sign(paper.house, an_issued_certificate(paper.house, "Người Khác"))["link"]
    paper.house.catch_up()
    seal(database, paper.keys.signers["log"])
    content = paper.house.get(f"/api/artifacts/{paper.serial}/certificate.pdf", "clerk").content
    paper.pdf.write_bytes(content)
    proof = tmp_path / "proof"
    said("pdfdetach", "-savefile", PROOF_NAME, "-o", proof, paper.pdf)
    credential = tmp_path / "credential.json"
    credential.write_bytes(verify_pdf(content, paper.keys.key_list).credential)
    leaf = parse_proof(proof.read_bytes()).index

    def verdict(given: object, stolen_at: int, *more: object) -> tuple[int, object]:
        others = [key for key in paper.keys.key_list.keys if key.use != "issue"]
        stolen = listed(paper.keys.signers["issue"], compromised_at_leaf=stolen_at)
        newer = replace(paper.keys.key_list, version=2, keys=(stolen, *others))
        (tmp_path / "keys").write_bytes(signed(newer))
        shell.forget()
        keys = ("--keys", str(tmp_path / "keys"))
        ended = shell("verify", str(given), *keys, *(str(one) for one in more), "--json")
        return ended.code, ended.answer.get("code", ended.answer.get("leaf_index"))

    for given in (paper.link, credential):
        assert verdict(given, leaf + 1) == (4, "payload-needs-log")
        assert verdict(given, leaf + 1, "--proof", proof) == (0, leaf)
        assert verdict(given, leaf, "--proof", proof) == (4, "payload-after-compromise")
    assert verdict(paper.pdf, leaf + 1) == (0, leaf)
    assert verdict(paper.pdf, leaf) == (4, "payload-after-compromise")
    assert verdict(other, leaf + 1, "--proof", proof) == (4, "proof-of-another-paper")
    proof.write_bytes(proof.read_bytes().replace(f"index {leaf}".encode(), b"index 0"))
    assert verdict(paper.link, leaf + 1, "--proof", proof) == (4, "inclusion-wrong")


def test_a_credential_that_speaks_of_another_paper_than_its_text_is_refused(
    paper: Paper, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_bytes(signed(paper.keys.key_list))
    document = paper.house.get(f"/api/artifacts/{paper.serial}/credential").json()
    key = paper.keys.signers["issue"]
    document["credentialSubject"]["identifier"][0]["identityHash"] = "Kẻ Mạo Danh"
    method = document.pop("proof")["verificationMethod"]
    forged = add_proof(document, key.sign, method, document["validFrom"])
    (tmp_path / "forged.json").write_text(json.dumps(forged))
    given = (str(tmp_path / "forged.json"), "--keys", str(tmp_path / "keys"))
    ended = shell("verify", *given, "--json")
    assert (ended.code, ended.answer["code"]) == (4, "credential-of-another-paper")
