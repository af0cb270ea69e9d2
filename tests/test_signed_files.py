"""A decision's certificates as signed files: whole, in other processes, and never signed twice."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import zipfile
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from api import signed_files
from api.papers.run import Printing
from api.printing import certificates_of
from api.signed_files import INDEX_NAME, sign_decision
from api.verification import finishing, proving
from api.verification.carried import vouch_for_page
from api.verification.file_records import FILE_PROOF_SUFFIX
from api.verification.finishing import Sheet, finishers
from api.verification.pdf_checking import verify_pdf
from api.verification.proving import prove_texts
from api.verification.qr import link_to_svg
from projections.sealing import Sequencer
from registry.award.artifact import ArtifactSigned
from registry.codec import decode_fact
from registry.errors import NotReady, Rejected
from registry.messages import terms
from registry.proofs.checkpoints import policy_of
from registry.proofs.proof_files import parse_proof, verify_proof
from tests.api_house import OPERATOR, House, open_house, problem
from tests.command_shell import Shell
from tests.made_keys import secret_of
from tests.signing_house import Keys, open_signing_house
from tests.test_certificates import a_decision_with_awards, over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.verification.signing import SigningDesk
    from registry.database import Database

LINK = "https://sovang.test/v#" + "1" * 400


@pytest.fixture
def sealed_house(database: Database) -> Iterator[tuple[House, Keys]]:
    """A register with keys whose log is sealed as it grows."""
    with open_signing_house(database) as (house, keys):
        stop = Event()
        sequencer = Sequencer(
            database.conninfo("projector"), database.marks, lambda *_: [keys.signers["log"]]
        )
        sealing = Thread(target=sequencer.run, args=(stop,))
        sealing.start()
        try:
            yield house, keys
        finally:
            stop.set()
            sealing.join()


def desk_of(house: House) -> SigningDesk:
    desk: SigningDesk = house.client.app.state.service.signing  # type: ignore[attr-defined]
    return desk


def signatures(house: House) -> list[ArtifactSigned]:
    facts = [decode_fact(*fact).event for fact in house.registry.log.read_after(0, 10_000)]
    return [event for event in facts if isinstance(event, ArtifactSigned)]


def nobody_watches(_: Printing) -> None:
    pass


def index_of(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read(INDEX_NAME).decode("utf-8-sig")
    columns = terms()["signed-file"]
    names = {said["vi"]: name for name, said in columns.items()}
    rows = csv.DictReader(io.StringIO(text))
    return [{names[heading]: cell for heading, cell in row.items()} for row in rows]


# Over HTTP ----------------------------------------------------------------------------------


def test_each_certificate_is_a_signed_file_with_credential_and_log_proof(
    sealed_house: tuple[House, Keys], tmp_path: Path
) -> None:
    house, keys = sealed_house
    decision = a_decision_with_awards(house, 7)
    taken = house.post(f"/api/decisions/{decision}/certificates", {"signed": True})
    state = over(house, taken.headers["location"])
    assert (state["state"], state["pages"], state["total"]) == ("done", 7, 7)
    assert (state["without_certificate"], state["without_log_proof"]) == (0, 0)
    answer = house.get(state["file"], "clerk")
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    rows = index_of(archive)
    assert [row["file"] for row in rows] == [f"{n}_ong-nguoi-thu{n}.pdf" for n in range(7)]
    files = [row["file"] for row in rows]
    proofs = [f"{name}{FILE_PROOF_SUFFIX}" for name in files]
    assert archive.namelist() == [*files, *proofs, INDEX_NAME]
    signed = {event.serial: event for event in signatures(house)}
    assert signed.keys() == {row["serial"] for row in rows}
    for row in rows:
        content = archive.read(row["file"])
        assert sha256(content).hexdigest() == row["sha256"]
        inside = verify_pdf(content, keys.key_list)
        assert json.loads(inside.credential)["id"].endswith(f"/v/{row['serial']}")
        proof = parse_proof(inside.proof or b"")
        verify_proof(proof, policy_of(keys.key_list))
        assert proof.index + 1 == int(row["log_position"])
        recorded = archive.read(row["file"] + FILE_PROOF_SUFFIX)
        assert vouch_for_page(inside.page, keys.key_list, recorded) == "log"
        assert vouch_for_page(inside.page, keys.key_list, None) == "key"
        assert house.client.get(f"/log/files/{row['sha256']}").status_code == 200
    problem(house.client.get(f"/log/files/{'0' * 64}"), 404, "signed-file-unknown")
    path = tmp_path / "one.pdf"
    path.write_bytes(archive.read(rows[0]["file"]))
    report = subprocess.run(["pdfsig", path], check=True, capture_output=True, text=True).stdout
    assert "Signature is Valid" in report
    assert "Total document signed" in report


def test_the_file_for_the_printing_house_is_still_one_and_not_signed(
    sealed_house: tuple[House, Keys], tmp_path: Path
) -> None:
    house, _ = sealed_house
    decision = a_decision_with_awards(house, 2)
    taken = house.post(f"/api/decisions/{decision}/certificates", {})
    state = over(house, taken.headers["location"])
    path = tmp_path / "all.pdf"
    path.write_bytes(house.get(state["file"], "clerk").content)
    said = subprocess.run(["pdfsig", path], check=False, capture_output=True, text=True)
    assert "does not contain any signatures" in said.stdout + said.stderr
    assert state["without_log_proof"] is None
    other = state["file"].replace(".pdf", ".zip")
    problem(house.get(other, "clerk"), 404, "print-job-unknown")


def test_signed_files_are_not_printed_on_a_blank(sealed_house: tuple[House, Keys]) -> None:
    house, _ = sealed_house
    decision = a_decision_with_awards(house, 1)
    body = {"signed": True, "blank": "bang-huan-chuong"}
    answer = house.post(f"/api/decisions/{decision}/certificates", body)
    problem(answer, 422, "signed-files-on-blank")


def test_who_may_not_print_gets_no_signed_files(sealed_house: tuple[House, Keys]) -> None:
    house, _ = sealed_house
    decision = a_decision_with_awards(house, 1)
    taken = house.post(f"/api/decisions/{decision}/certificates", {"signed": True})
    state = over(house, taken.headers["location"])
    problem(house.get(state["file"], None), 401, "sign-in-missing")
    problem(house.get(state["file"], "operator"), 403, "role-may-not-print")


# In other processes -------------------------------------------------------------------------


def test_a_killed_process_is_told_and_doing_it_again_signs_nothing_twice(
    sealed_house: tuple[House, Keys], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, keys = sealed_house
    decision = UUID(a_decision_with_awards(house, 6))
    started, popen = list[subprocess.Popen[bytes]](), subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))
        return started[-1]

    def kill_one(made: Printing) -> None:
        if made.pages == 2:
            os.kill(started[0].pid, signal.SIGKILL)

    monkeypatch.setattr(subprocess, "Popen", start)
    # Or else the other one may have made all by then, and this one would not be missed.
    monkeypatch.setattr(finishing, "WAITING_MAX", 1)
    path = tmp_path / "all.zip"
    with pytest.raises(NotReady, match=r"^finisher-died"):
        sign_decision(desk_of(house), decision, path, kill_one, OPERATOR, processes=2)
    assert [process.poll() for process in started] == [-signal.SIGKILL] * 2
    before = signatures(house)
    assert len(before) == 6
    made = sign_decision(desk_of(house), decision, path, nobody_watches, OPERATOR, processes=2)
    assert (made.certificates, made.unproved) == (6, 0)
    assert signatures(house) == before
    with zipfile.ZipFile(path) as archive:
        for row in index_of(archive):
            verify_pdf(archive.read(row["file"]), keys.key_list)


def test_no_secret_leaves_the_process_that_holds_it(
    sealed_house: tuple[House, Keys], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = sealed_house
    decision = UUID(a_decision_with_awards(house, 2))
    told: list[bytes] = []
    encode, popen = finishing.encode, subprocess.Popen

    def listen(message: Any) -> bytes:
        told.append(encode(message))
        return told[-1]

    def start(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
        assert options["stdin"] == subprocess.DEVNULL
        told.append(repr((arguments, dict(options["env"]))).encode())
        return popen(arguments, **options)

    monkeypatch.setattr(finishing, "encode", listen)
    monkeypatch.setattr(subprocess, "Popen", start)
    desk, path = desk_of(house), tmp_path / "a.zip"
    sign_decision(desk, decision, path, nobody_watches, OPERATOR, processes=1)
    assert len(told) == len(("the process", "its beginning", "one sheet", "another sheet"))
    for secret in (secret_of("pdf"), secret_of("issue")):
        shapes = (secret, secret.hex().encode(), b64encode(secret)[:40])
        assert not any(shape in one for one in told for shape in shapes)


def test_what_was_not_sealed_in_time_is_counted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_files, "SEAL_SECONDS_MAX", 0.0)
    with open_signing_house(database) as (house, keys):
        decision = UUID(a_decision_with_awards(house, 2))
        path = tmp_path / "all.zip"
        made = sign_decision(desk_of(house), decision, path, nobody_watches, OPERATOR)
        assert (made.certificates, made.unproved) == (2, 2)
        with zipfile.ZipFile(path) as archive:
            rows = index_of(archive)
            assert [row["log_proof"] for row in rows] == ["chưa có", "chưa có"]
            assert verify_pdf(archive.read(rows[0]["file"]), keys.key_list).proof is None
        # Again, for somebody who reads English: no second signature, the index in his language.
        desk = desk_of(house)
        sign_decision(desk, decision, path, nobody_watches, OPERATOR, language="en")
        with zipfile.ZipFile(path) as archive:
            headings, first, _ = archive.read(INDEX_NAME).decode("utf-8-sig").splitlines()
        assert headings.startswith("File,Golden-book number,Serial,Recipient,")
        assert ",not yet," in first
        assert len(signatures(house)) == 2


def test_a_name_that_cannot_be_printed_is_told_from_the_other_process(
    sealed_house: tuple[House, Keys], tmp_path: Path
) -> None:
    house, _ = sealed_house
    awards = [{"recipient": {"name": "中國", "persons": [{}]}, "form": "ORD-DUNGCAM"}]
    decision = UUID(a_decision_with_awards(house, 0, awards=awards))
    with pytest.raises(Rejected) as caught:
        sign_decision(desk_of(house), decision, tmp_path / "a.zip", nobody_watches, OPERATOR)
    assert caught.value.code == "paper-character-missing"


def test_without_a_key_for_files_nothing_is_recorded(
    sealed_house: tuple[House, Keys], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = sealed_house
    decision = UUID(a_decision_with_awards(house, 1))
    desk = desk_of(house)
    monkeypatch.setattr(desk.trust, "_find_certificate", None)
    with pytest.raises(NotReady, match=r"^signing-key-missing"):
        sign_decision(desk, decision, tmp_path / "a.zip", nobody_watches, OPERATOR)
    assert signatures(house) == []


def test_pictures_come_in_the_order_of_their_links_however_many_draw_them() -> None:
    links = [f"{LINK[:-3]}{number:03}" for number in range(40)]
    with finishers(3) as others:
        drawn = list(others.finish(Sheet(link) for link in links))
    assert drawn == [link_to_svg(link) for link in links]


def test_codes_for_the_printing_house_are_drawn_by_others_when_there_are_many(
    sealed_house: tuple[House, Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = sealed_house
    decision = UUID(a_decision_with_awards(house, 3))
    desk = desk_of(house)
    with desk.reading() as cursor:
        found = certificates_of(cursor, decision)
    here = prove_texts(desk, found, OPERATOR)
    monkeypatch.setattr(proving, "PICTURES_SHARED_MIN", 1)
    assert prove_texts(desk, found, OPERATOR, processes=2) == here
    assert all(text.qr for text in here.texts)


# Names --------------------------------------------------------------------------------------


def test_files_have_names_of_their_own(sealed_house: tuple[House, Keys], tmp_path: Path) -> None:
    house, _ = sealed_house
    names = ["Lê Văn Tám", "Le Van Tam", "Đặng " + "Thị " * 60, "Hoàng Văn Lù"]
    awards: list[dict[str, Any]] = [
        {"recipient": {"name": name, "persons": [{}]}, "form": "ORD-DUNGCAM"} for name in names
    ]
    for one in awards[:2]:
        one["golden_book"] = {"number": "15/SV"}
    decision = UUID(a_decision_with_awards(house, 0, awards=awards))
    path = tmp_path / "all.zip"
    sign_decision(desk_of(house), decision, path, nobody_watches, OPERATOR)
    with zipfile.ZipFile(path) as archive:
        rows = index_of(archive)
    serials = [row["serial"].lower() for row in rows]
    assert [row["file"] for row in rows] == [
        "15-sv_le-van-tam.pdf",
        f"15-sv_le-van-tam_{serials[1]}.pdf",
        f"{serials[2]}_dang{'-thi' * 14}.pdf",
        f"{serials[3]}_hoang-van-lu.pdf",
    ]


# At a shell ---------------------------------------------------------------------------------


def test_the_shell_makes_signed_files_and_seals_the_log_for_them(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    home, out = tmp_path / "home", tmp_path / "tat-ca.zip"
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "personal.key").write_bytes(bytes(range(32)))
    (home / "keys" / "personal.key").chmod(0o600)
    shell = Shell(monkeypatch, capsys, home, database.administrator)
    with open_house(database) as house:
        decision = a_decision_with_awards(house, 3)
        command = ("certificates", "--decision", decision, "--out", out, "--signed")
        ended = shell(*command, "--processes", "2", "--json")
        assert ended.code == 0, ended.err
        assert ended.answer["certificates"] == 3
        assert ended.answer["without_log_proof"] == 0
        with zipfile.ZipFile(out) as archive:
            rows = index_of(archive)
            assert [row["log_proof"] for row in rows] == ["có trong tệp"] * 3
            (tmp_path / "one.pdf").write_bytes(archive.read(rows[0]["file"]))
        keys = (home / "keys" / "signing" / "key-list").as_posix()
        ended = shell("verify", tmp_path / "one.pdf", "--keys", keys, "--json")
        assert (ended.code, ended.answer["authentic"]) == (0, True)
        assert len(signatures(house)) == 3
        ended = shell(*command, "--overprint", "bang-khen", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (2, "signed-files-on-blank")
        assert "Đã ký 3 bằng" in shell(*command).err
        assert len(signatures(house)) == 3
