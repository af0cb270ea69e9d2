"""A witness cosigns what continues, and refuses a second history; over HTTP and at a shell."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.testclient import TestClient

from api.http.listening import address_of, listen
from api.witness import create_witness
from projections import sealed_log
from projections.witnesses import ask, follow
from registry.errors import NotReady
from registry.proofs.checkpoints import (
    Checkpoint,
    LogPolicy,
    cosign,
    is_cosigner,
    log_key,
    parse_checkpoint,
    sign_checkpoint,
    verify_signatures,
    witness_key,
)
from registry.proofs.merkle import EMPTY_ROOT, Tree
from registry.proofs.notes import ED25519, Note, NoteKey, NoteSignature, parse_note
from registry.proofs.witnessing import (
    REQUEST_BYTES_MAX,
    Seen,
    Witness,
    WitnessRefusal,
    format_request,
)
from registry.witness_book import WitnessBook, origin_hash, witness_signer
from scripts.command_line.witnessing import read_key_list
from tests import made_keys as made
from tests.command_shell import Shell
from tests.made_keys import signer as signer_of
from tests.made_log import publish_list, record, sealed_key_list, sequencer
from tests.test_proofs_keys import refusal
from tests.test_proofs_tree import entries, grown

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

LOG = made.signer("log", "log")
POLICY = LogPolicy(made.LOG, (log_key(made.LOG, "Ed25519", LOG.public),))
SIGNER = made.signer("witness", "witness")
KEY = witness_key("witness.test", SIGNER)
WITNESS = Witness("witness.test", SIGNER, {made.LOG: POLICY})


def head(tree: Tree, size: int | None = None) -> bytes:
    size = tree.size if size is None else size
    return bytes(sign_checkpoint(Checkpoint(made.LOG, size, tree.root(size)), [LOG], made.NOW))


def request(tree: Tree, old: int, size: int) -> bytes:
    proof = tree.consistency(old, size) if old else []
    return format_request(old, proof, head(tree, size))


def status(content: bytes, seen: Seen = Seen()) -> tuple[int, str, str]:  # noqa: B008 - frozen
    with pytest.raises(WitnessRefusal) as caught:
        WITNESS.judge(content, seen, made.NOW)
    return caught.value.status, caught.value.code, caught.value.body


def test_a_witness_follows_a_log_as_it_grows() -> None:
    tree, seen = grown(entries(300)), Seen()
    for old, size in ((0, 100), (100, 100), (100, 256), (256, 300)):
        seen, line = WITNESS.judge(request(tree, old, size), seen, made.NOW)
        assert seen == Seen(size, tree.root(size))
        checkpoint, note = parse_checkpoint(head(tree, size) + f"{line}\n".encode())
        assert verify_signatures(checkpoint, note, [KEY]) == {KEY: made.NOW}


def test_a_witness_refuses_a_rewritten_history() -> None:
    honest = grown(entries(300))
    forged = grown([*entries(150), b"forged", *entries(320)[151:]])
    seen = Seen(200, honest.root(200))
    assert status(request(forged, 200, 320), seen)[:2] == (422, "consistency-wrong")
    assert status(request(forged, 200, 200), seen)[:2] == (422, "consistency-wrong")
    assert status(format_request(200, [], head(honest)), seen)[0] == 422
    assert status(format_request(0, honest.consistency(200), head(honest)))[0] == 422
    WITNESS.judge(request(honest, 200, 300), seen, made.NOW)


def test_an_empty_log_has_one_root(tmp_path: Path) -> None:
    def empty(root: bytes) -> bytes:
        head = sign_checkpoint(Checkpoint(made.LOG, 0, root), [LOG], made.NOW)
        return format_request(0, [], bytes(head))

    assert status(empty(bytes(32)))[:2] == (422, "consistency-wrong")
    book = WitnessBook(tmp_path)
    book.answer(WITNESS, empty(EMPTY_ROOT), made.NOW)
    assert book.seen(made.LOG) == Seen()
    book.answer(WITNESS, request(grown(entries(3)), 0, 3), made.NOW)


def test_lines_that_a_log_adds_are_cosigned_with_the_rest() -> None:
    tree = grown(entries(3))
    checkpoint = Checkpoint(made.LOG, 3, tree.root(), ("an extension", "and another"))
    content = bytes(sign_checkpoint(checkpoint, [LOG], made.NOW))
    assert parse_checkpoint(content)[0] == checkpoint
    seen, line = WITNESS.judge(format_request(0, [], content), Seen(), made.NOW)
    again, note = parse_checkpoint(content + f"{line}\n".encode())
    assert verify_signatures(again, note, [KEY]) == {KEY: made.NOW}
    assert b"an extension\nand another\n\n" in seen.note
    plain = replace(checkpoint, extensions=())
    assert refusal(lambda: verify_signatures(plain, note, [KEY])) == "signature-wrong"


def test_a_time_that_no_clock_shows_is_refused() -> None:
    tree = grown(entries(3))
    checkpoint = Checkpoint(made.LOG, 3, tree.root())
    for at, code in ((2**63 - 1, None), (2**63, "cosignature-time-wrong")):
        note = Note(checkpoint.text, (cosign(checkpoint, "witness.test", SIGNER, at),))
        if code is None:
            assert verify_signatures(checkpoint, note, [KEY]) == {KEY: at}
        else:
            said = note
            assert refusal(lambda: verify_signatures(checkpoint, said, [KEY])) == code  # noqa: B023


@pytest.mark.parametrize("letters", [256, 300, 200_000])
def test_a_name_too_long_for_a_cosignature_is_refused(letters: int) -> None:
    long = signer_of("log", "log", "ML-DSA-44")
    checkpoint = Checkpoint("a" * letters, 3, bytes(32))
    assert refusal(lambda: sign_checkpoint(checkpoint, [long], 1)) == "checkpoint-malformed"
    key = log_key("a" * letters, "ML-DSA-44", long.public)
    note = Note(checkpoint.text, (NoteSignature(key.name, key.key_id, bytes(2428)),))
    assert refusal(lambda: verify_signatures(checkpoint, note, [key])) == "checkpoint-malformed"


def test_who_cosigns_has_a_key_for_it() -> None:
    assert is_cosigner(KEY)
    assert is_cosigner(witness_key("w.test", signer_of("w", "witness", "ML-DSA-44")))
    for kind, public in ((ED25519, SIGNER.public), (0x05, bytes(32)), (KEY.kind, bytes(31))):
        assert not is_cosigner(NoteKey("w.test", kind, public))
    other = NoteKey("witness.test", 0x05, SIGNER.public)
    checkpoint = Checkpoint(made.LOG, 3, bytes(32))
    note = Note(checkpoint.text, (NoteSignature(other.name, other.key_id, bytes(72)),))
    assert refusal(lambda: verify_signatures(checkpoint, note, [other])) == "note-key-malformed"


def test_a_shell_takes_no_other_key_for_a_witness(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shell = Shell(monkeypatch, capsys, tmp_path / "home")
    key = str(log_key("log.test", "Ed25519", LOG.public))
    ended = shell("key", "witness", key, "--needed", "1", "--json")
    assert (ended.code, ended.answer["error"]["code"]) == (2, "key-no-cosigner")


def test_a_witness_goes_back_to_no_smaller_size() -> None:
    tree = grown(entries(300))
    seen = Seen(300, tree.root())
    assert status(request(tree, 0, 200), seen) == (409, "witness-size-stale", "300\n")
    assert status(request(tree, 200, 300), seen) == (409, "witness-size-stale", "300\n")
    stale = format_request(300, [], head(tree, 200))
    assert status(stale, seen)[:2] == (400, "witness-request-malformed")


def test_a_witness_signs_for_no_other_log_and_no_other_key() -> None:
    tree = grown(entries(3))
    other = bytes(sign_checkpoint(Checkpoint("elsewhere", 3, tree.root()), [LOG], made.NOW))
    assert status(format_request(0, [], other))[:2] == (404, "witness-log-unknown")
    checkpoint = Checkpoint(made.LOG, 3, tree.root())
    unsigned = bytes(sign_checkpoint(checkpoint, [SIGNER], made.NOW))
    assert status(format_request(0, [], unsigned))[:2] == (403, "checkpoint-unsigned")
    forged = head(tree).replace(b"\n3\n", b"\n4\n")
    assert status(format_request(0, [], forged))[:2] == (403, "signature-wrong")


@pytest.mark.parametrize(
    "content",
    [b"", b"old 0\n", b"old 00\n\n", b"old -1\n\n", b"new 0\n\n", b"old 0\nAAA\n\n", b"\xff\n\n",
     b"old 0\n" + b"AA==\n" * 64 + b"\n", b"old 0\n\nno note"],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(content: bytes) -> None:
    assert status(content)[:2] == (400, "witness-request-malformed")


# Its memory ---------------------------------------------------------------------------------


def test_a_witness_remembers_across_starts(tmp_path: Path) -> None:
    tree = grown(entries(300))
    WitnessBook(tmp_path).answer(WITNESS, request(tree, 0, 200), made.NOW)
    again = WitnessBook(tmp_path)
    assert again.seen(made.LOG) == Seen(200, tree.root(200))
    with pytest.raises(WitnessRefusal):
        again.answer(WITNESS, request(tree, 0, 300), made.NOW)
    again.answer(WITNESS, request(tree, 200, 300), made.NOW)
    assert witness_signer(tmp_path / "k").kid == witness_signer(tmp_path / "k").kid


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"origin":"x","root":"00","size":1}'])
def test_a_witness_with_a_spoilt_memory_signs_nothing(tmp_path: Path, content: bytes) -> None:
    tree, book = grown(entries(3)), WitnessBook(tmp_path)
    book.answer(WITNESS, request(tree, 0, 3), made.NOW)
    (kept,) = [path for path in (tmp_path / "seen").iterdir() if path.name != ".lock"]
    kept.write_bytes(content)
    with pytest.raises(NotReady) as caught:
        book.answer(WITNESS, request(tree, 3, 3), made.NOW)
    assert caught.value.code == "witness-state-spoilt"


def test_a_witness_that_lost_its_memory_or_its_key_begins_no_new_one(tmp_path: Path) -> None:
    kid = witness_signer(tmp_path).kid
    tree, book = grown(entries(3)), WitnessBook(tmp_path)
    book.answer(WITNESS, request(tree, 0, 3), made.NOW)
    (kept,) = [path for path in (tmp_path / "seen").iterdir() if path.name != ".lock"]
    content = kept.read_bytes()
    kept.unlink()
    with pytest.raises(NotReady, match="witness-state-spoilt"):
        book.answer(WITNESS, request(tree, 0, 3), made.NOW)
    assert not kept.exists()
    kept.write_bytes(content)
    (tmp_path / "seen").rename(tmp_path / "away")
    with pytest.raises(NotReady, match="witness-state-missing"):
        witness_signer(tmp_path)
    (tmp_path / "away").rename(tmp_path / "seen")
    (key,) = tmp_path.glob("witness-*.key")
    key.rename(tmp_path / "away")
    with pytest.raises(NotReady, match="witness-key-missing"):
        witness_signer(tmp_path)
    (tmp_path / "away").rename(key)
    assert witness_signer(tmp_path).kid == kid


def test_a_witness_killed_while_it_made_its_key_makes_it_again(tmp_path: Path) -> None:
    (tmp_path / "seen").mkdir()
    (tmp_path / "passphrase").write_bytes(b"half a start")
    assert witness_signer(tmp_path).kid == witness_signer(tmp_path).kid


def test_of_two_histories_at_one_time_one_is_cosigned(tmp_path: Path) -> None:
    books = [WitnessBook(tmp_path) for _ in range(8)]
    trees = [grown(entries(5, b"%d " % number)) for number in range(8)]
    signed: list[int] = []

    def race(number: int) -> None:
        try:
            books[number].answer(WITNESS, request(trees[number], 0, 5), made.NOW)
        except WitnessRefusal:
            return
        signed.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signed) == 1
    assert books[0].seen(made.LOG).root == trees[signed[0]].root()


@pytest.mark.parametrize("content", [b'{"origin":"%s","root":"00","size":-1}', b"[" * 100_000])
def test_a_spoilt_memory_is_told_over_http(tmp_path: Path, content: bytes) -> None:
    tree, book = grown(entries(3)), WitnessBook(tmp_path)
    book.answer(WITNESS, request(tree, 0, 3), made.NOW)
    path = tmp_path / "seen" / origin_hash(made.LOG)
    path.write_bytes(content.replace(b"%s", made.LOG.encode()))
    with TestClient(create_witness(WITNESS, book)) as client:
        assert client.post("/add-checkpoint", content=request(tree, 3, 3)).status_code == 503
        assert client.get(f"/{origin_hash(made.LOG)}/checkpoint").status_code == 503


# Over HTTP ----------------------------------------------------------------------------------


def test_the_witness_answers_as_c2sp_says(tmp_path: Path) -> None:
    tree = grown(entries(300))
    with TestClient(create_witness(WITNESS, WitnessBook(tmp_path))) as client:
        answer = client.post("/add-checkpoint", content=request(tree, 0, 200))
        assert answer.status_code == 200
        note = parse_note(b"x\n\n" + answer.content)
        assert [line.name for line in note.signatures] == ["witness.test"]
        stale = client.post("/add-checkpoint", content=request(tree, 0, 300))
        assert (stale.status_code, stale.text) == (409, "200\n")
        assert stale.headers["content-type"] == "text/x.tlog.size"
        assert client.post("/add-checkpoint", content=b"").status_code == 400
        large = b"x" * (REQUEST_BYTES_MAX + 1)
        assert client.post("/add-checkpoint", content=large).status_code == 413
        assert client.get("/add-checkpoint").status_code == 405
        # Whoever watches a log asks the witness what it has seen.
        shown = client.get(f"/{origin_hash(made.LOG)}/checkpoint")
        assert shown.headers["content-type"] == "text/plain; charset=utf-8"
        checkpoint, note = parse_checkpoint(shown.content)
        assert (checkpoint.size, checkpoint.root) == (200, tree.root(200))
        keys = (*POLICY.log_keys, KEY)
        assert verify_signatures(checkpoint, note, keys).keys() == set(keys)
        assert client.get(f"/{origin_hash('elsewhere')}/checkpoint").status_code == 404
        assert client.get(f"/{origin_hash(made.LOG).upper()}/checkpoint").status_code == 404


def test_a_witness_that_has_seen_nothing_shows_nothing(tmp_path: Path) -> None:
    with TestClient(create_witness(WITNESS, WitnessBook(tmp_path))) as client:
        assert client.get(f"/{origin_hash(made.LOG)}/checkpoint").status_code == 404


def test_what_a_witness_shows_is_by_the_log_and_itself_alone(tmp_path: Path) -> None:
    tree = grown(entries(3))
    stranger = cosign(Checkpoint(made.LOG, 3, tree.root()), "else.test", LOG, made.NOW)
    book = WitnessBook(tmp_path)
    book.answer(WITNESS, request(tree, 0, 3) + f"{stranger}\n".encode(), made.NOW)
    _, note = parse_checkpoint(book.seen(made.LOG).note)
    assert [line.name for line in note.signatures] == [made.LOG, "witness.test"]


@contextmanager
def running(witness: Witness, folder: Path) -> Iterator[str]:
    """A witness on a port of its own."""
    with listen("127.0.0.1", 0) as listening:
        application = create_witness(witness, WitnessBook(folder))
        server = uvicorn.Server(uvicorn.Config(application, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield address_of(listening)
        finally:
            server.should_exit = True
            thread.join()


def test_a_log_lets_its_heads_be_cosigned(
    database: Database, registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    publish_list(database, witnesses=(KEY,), witnesses_needed=1)
    (tmp_path / "keys").write_bytes(made.signed(sealed_key_list()))
    witness = Witness("witness.test", SIGNER, {made.LOG: POLICY})
    sealing = sequencer(database)
    with (
        running(witness, tmp_path / "state") as address,
        database.pool("writer").connection() as connection,
    ):
        cursor = connection.cursor()
        for number, count in enumerate((3, 400)):
            record(registry, authorship, count, f"Người {number}")
            sealing.seal_all()
            assert ask(cursor, sealed_log.latest_head(cursor), (KEY,), address) == ["witness.test"]
        assert [head.size for head in sealed_log.heads(cursor, witnesses=1)] == [4, 404]
        first = sealed_log.head_at(cursor, 4)
        assert refusal(lambda: ask(cursor, first, (KEY,), address)) == "witness-size-stale"
        last = sealed_log.latest_head(cursor)
        assert refusal(lambda: ask(cursor, last, (), address)) == "witness-unlisted"
        record(registry, authorship, 1, "Sau")
        sealing.seal_all()
        # In the server's process it is asked without anybody saying so.
        stop = threading.Event()
        asking = threading.Thread(
            target=follow, args=(database.conninfo("writer"), database.marks, [address], stop)
        )
        asking.start()
        deadline = time.monotonic() + 30
        while sealed_log.latest_head(cursor, witnesses=1).size < 405:
            assert time.monotonic() < deadline, "nobody asked"
            time.sleep(0.05)
        stop.set()
        asking.join()
        nowhere = "http://127.0.0.1:9"
        assert refusal(lambda: ask(cursor, last, (KEY,), nowhere)) == "witness-unreachable"
    sealing.close()
    assert read_key_list(tmp_path / "keys").log == made.LOG
