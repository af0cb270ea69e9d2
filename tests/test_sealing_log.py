"""The sequencer on a real database: one leaf for each fact, whatever happens in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from projections import sealed_log
from projections.sealed_archive import DatabaseArchive, one_moment
from projections.sealing import SEAL_LOCK
from registry.errors import CorruptFact, NotFound, NotReady
from registry.proofs.auditing import audit
from registry.proofs.checkpoints import cosign, parse_checkpoint, verify_checkpoint, witness_key
from registry.proofs.leaves import leaf_entry
from registry.proofs.merkle import MemoryTiles, Tree, append, leaf_hashes, verify_consistency
from registry.proofs.proof_files import parse_proof, verify_proof
from registry.proofs.tiles import Tile, tiles_of
from tests import made_keys as made
from tests.api_house import open_house, problem
from tests.made_log import publish_list, record, sealed_key_list, sequencer, tamper
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

ROOT = Path(__file__).parent.parent
ROOTS = made.key_list().roots


def expected_root(database: Database, size: int) -> bytes:
    """The root over the facts themselves, without the tiles of the database."""
    with database.pool("reader").connection() as connection:
        cursor = connection.cursor()
        facts = [
            sealed_log.read_fact(cursor, database.marks, position)
            for position in range(1, size + 1)
        ]
    tiles = MemoryTiles()
    append(tiles, 0, leaf_hashes(leaf_entry(fact) for fact in facts))
    return Tree(tiles, size).root()


def test_every_fact_becomes_a_leaf_and_every_head_is_signed(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    policy = publish_list(database)
    sealing = sequencer(database, batch_facts=200)
    # The key list itself is the first leaf.
    assert [sealing.seal(), sealing.seal()] == [1, 0]
    for number, count in enumerate((5, 250, 300)):
        record(registry, authorship, count, f"Người {number}")
        sealing.seal_all()
    sealing.close()
    with database.pool("reader").connection() as connection:
        cursor = connection.cursor()
        heads = list(sealed_log.heads(cursor))
        assert [head.size for head in heads] == [1, 6, 206, 256, 456, 556]
        tree = Tree(sealed_log.DatabaseTiles(cursor), 556)
        for head in heads:
            checkpoint = verify_checkpoint(head.note, policy)
            assert checkpoint.root == expected_root(database, head.size) == tree.root(head.size)
            proof = sealed_log.consistency_with(cursor, heads[-1], head.size)
            verify_consistency(head.size, 556, checkpoint.root, tree.root(), proof)
        for tile in tiles_of(556):
            assert len(sealed_log.read_tile(cursor, tile)) == tile.bytes
        for position in (1, 256, 257, 556):
            proof_file = bytes(sealed_log.proof_of(cursor, database.marks, position))
            assert verify_proof(parse_proof(proof_file), policy).size == 556
        state = sealed_log.seal_state(cursor)
        assert (state.size, state.unsealed) == (556, 0)


def test_many_heads_are_read_a_part_at_a_time(
    database: Database,
    registry: Registry,
    authorship: Authorship,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish_list(database)
    record(registry, authorship, 8)
    sealing = sequencer(database, batch_facts=1)
    sealing.seal_all()
    sealing.close()
    monkeypatch.setattr(sealed_log, "HEADS_PER_READ", 4)
    with database.pool("reader").connection() as connection:
        sizes = [head.size for head in sealed_log.heads(connection.cursor())]
        assert sizes == list(range(1, 10))
        sizes = [head.size for head in sealed_log.heads(connection.cursor(), after=3, last=8)]
        assert sizes == [4, 5, 6, 7, 8]


def test_one_sequencer_seals_at_a_time(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    publish_list(database)
    record(registry, authorship, 2)
    sealing = sequencer(database)
    with psycopg.connect(database.conninfo("projector")) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (SEAL_LOCK,))
        assert sealing.seal() == 0
    assert sealing.seal() == 3
    sealing.close()


def test_without_a_key_list_nothing_is_sealed(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    record(registry, authorship, 3)
    sealing = sequencer(database)
    assert refusal(sealing.seal) == "key-list-unpublished"
    publish_list(database)
    assert sealing.seal_all() == 4
    sealing.close()


def test_facts_are_sealed_within_a_second_of_their_commit(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    publish_list(database)
    stop = Event()
    sealing = sequencer(database)
    thread = Thread(target=sealing.run, args=(stop,))
    thread.start()
    try:
        record(registry, authorship, 1, "Trước")
        wait_until_sealed(database, 2, 10.0)
        started = time.monotonic()
        record(registry, authorship, 2, "Sau")
        wait_until_sealed(database, 4, 1.0)
        assert time.monotonic() - started < 1.0
    finally:
        stop.set()
        thread.join()


def sealed_size(database: Database) -> int:
    with database.pool("reader").connection() as connection:
        return sealed_log.seal_state(connection.cursor()).size


def wait_until_sealed(database: Database, size: int, seconds_max: float) -> None:
    deadline = time.monotonic() + seconds_max
    with database.pool("reader").connection() as connection:
        while sealed_log.seal_state(connection.cursor()).size < size:
            assert time.monotonic() < deadline, "not sealed in time"
            time.sleep(0.005)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.tiles SET hashes = substring(hashes FOR 32)",
        "UPDATE log.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)",
        "UPDATE log.tiles SET index = index + 1",
        "DELETE FROM log.tiles",
        "TRUNCATE log.tiles",
        "UPDATE log.checkpoints SET note = ''",
        "DELETE FROM log.checkpoints",
        "TRUNCATE log.checkpoints CASCADE",
        "INSERT INTO log.checkpoints (size, note) VALUES (1, '')",
        "INSERT INTO log.checkpoints (size, note) VALUES (1000, '')",
        "UPDATE log.key_lists SET note = ''",
        "DELETE FROM log.key_lists",
    ],
)
def test_the_database_refuses_everything_but_extension(
    database: Database, registry: Registry, authorship: Authorship, statement: str
) -> None:
    publish_list(database)
    record(registry, authorship, 5)
    sealing = sequencer(database)
    sealing.seal_all()
    sealing.close()
    # Even its owner.
    with (
        psycopg.connect(database.administrator, autocommit=True) as connection,
        pytest.raises(psycopg.DatabaseError) as caught,
    ):
        connection.execute(statement)
    assert caught.value.sqlstate == "SV003"


def test_tiles_that_lost_hashes_stop_the_sealing(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    publish_list(database)
    sealing = sequencer(database)
    record(registry, authorship, 5)
    sealing.seal_all()
    tamper(database, "UPDATE log.tiles SET hashes = substring(hashes FOR 64) WHERE level = 0")
    record(registry, authorship, 1, "Sau")
    assert refusal(sealing.seal) == "tile-too-short"
    sealing.close()


KILLED = """
import sys
from tests.made_log import sequencer
from registry.database import Database
database = Database(sys.argv[1], home_key=bytes(range(32)))
sealing = sequencer(database, batch_facts=5)
while True:
    sealing.seal()
"""


def test_a_sequencer_killed_at_any_moment_leaves_a_whole_log(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    policy = publish_list(database)
    record(registry, authorship, 4_999)
    for round_number in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, database.administrator],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        # Somewhere between two batches, in the midst of one, or at a commit.
        wait_until_sealed(database, sealed_size(database) + 1, 60.0)
        time.sleep(0.003 * round_number)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert sealed_size(database) < 5_000, "it was done before it was killed"
    sealing = sequencer(database)
    sealing.seal_all()
    sealing.close()
    with database.pool("reader").connection() as connection:
        cursor = connection.cursor()
        heads = list(sealed_log.heads(cursor))
        tree = Tree(sealed_log.DatabaseTiles(cursor), 5_000)
        assert heads[-1].size == 5_000
        for head in heads:
            assert verify_checkpoint(head.note, policy).root == tree.root(head.size)
    assert tree.root() == expected_root(database, 5_000)


def test_a_head_is_served_with_its_witnesses(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    witness = made.signer("witness", "witness")
    key = witness_key("witness.test", witness)
    policy = publish_list(database, witnesses=(key,), witnesses_needed=1)
    record(registry, authorship, 2)
    sealing = sequencer(database)
    sealing.seal_all()
    with database.pool("writer").connection() as connection:
        cursor = connection.cursor()
        head = sealed_log.latest_head(cursor)
        assert refusal(lambda: verify_checkpoint(head.note, policy)) == "witnesses-missing"
        assert refusal(lambda: sealed_log.latest_head(cursor, 1)) == "log-not-sealed"
        line = str(cosign(parse_checkpoint(head.note)[0], key.name, witness, made.NOW))
        for _ in range(2):
            sealed_log.add_cosignature(cursor, head.size, key.name, line)
        assert verify_checkpoint(sealed_log.latest_head(cursor, 1).note, policy).size == 3
        record(registry, authorship, 1, "Sau")
        sealing.seal_all()
        assert sealed_log.latest_head(cursor).size == 4
        assert sealed_log.latest_head(cursor, 1).size == 3
        with pytest.raises(NotReady) as caught:
            sealed_log.proof_of(cursor, database.marks, 4, witnesses=1)
        assert caught.value.code == "fact-not-sealed"
        with pytest.raises(NotFound):
            sealed_log.proof_of(cursor, database.marks, 5)
    sealing.close()


def test_the_log_is_served_as_static_files(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    with open_house(database) as house:
        problem(house.get("/log/checkpoint"), 503, "log-not-sealed")
        problem(house.get("/log/keys"), 404, "key-list-unknown")
        policy = publish_list(database)
        record(registry, authorship, 299)
        sealing = sequencer(database)
        sealing.seal_all()
        sealing.close()
        head = house.client.get("/log/checkpoint")
        assert head.headers["content-type"] == "text/plain; charset=utf-8"
        assert head.headers["cache-control"] == "public, max-age=2"
        assert verify_checkpoint(head.content, policy).size == 300
        full = house.client.get("/log/tile/0/000")
        assert full.headers["content-type"] == "application/octet-stream"
        assert "immutable" in full.headers["cache-control"]
        assert full.headers["access-control-allow-origin"] == "*"
        assert len(full.content) == Tile(0, 0).bytes
        assert house.client.get("/log/tile/0/001.p/44").status_code == 200
        for path in ("0/001.p/45", "0/001", "1/001", "0/1", "0/..%2f000", "9/000", "x/000"):
            problem(house.get(f"/log/tile/{path}"), 404, "tile-unknown")
        keys = house.client.get("/log/keys")
        assert keys.content == made.signed(sealed_key_list())
        assert house.client.get("/log/keys/1").content == keys.content
        problem(house.get("/log/keys/2"), 404, "key-list-unknown")
        problem(house.get("/log/keys/99999999999999999999"), 404, "key-list-unknown")


def test_health_and_metrics_tell_the_age_of_the_last_head(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    with open_house(database) as house:
        sealed = house.done(house.get("/health/ready"))["sealed"]
        assert sealed == {"size": 0, "sealed_at": None, "age_seconds": None, "unsealed": 0}
        publish_list(database)
        record(registry, authorship, 2)
        sealing = sequencer(database)
        sealing.seal_all()
        sealing.close()
        record(registry, authorship, 2, "Sau")
        sealed = house.client.get("/health/ready").json()["sealed"]
        assert (sealed["size"], sealed["unsealed"]) == (3, 2)
        assert 0 <= sealed["age_seconds"] < 60
        metrics = house.client.get("/metrics").text
        assert "sovang_sealed_size 3.0" in metrics
        assert "sovang_unsealed_facts 2.0" in metrics
        assert "sovang_checkpoint_age_seconds" in metrics


FLIPS_IN_DATABASE = 60
PLACES = (
    ("facts", "state", "notification_id"),
    ("tiles", "hashes", "level * 1000 + index"),
    ("checkpoints", "note", "size"),
)


def test_every_changed_bit_in_the_database_is_found(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    publish_list(database)
    sealing = sequencer(database)
    for number in range(3):
        record(registry, authorship, 9, f"Người {number}")
        sealing.seal_all()
    sealing.close()
    chance = random.Random(8)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        # As somebody who controls the database could: no trigger asks him.
        connection.execute("SET session_replication_role = replica")
        assert is_good(database)
        for _ in range(FLIPS_IN_DATABASE):
            flip = choose_bit(connection, chance)
            connection.execute(flip)
            assert not is_good(database), flip.as_string(connection)
            connection.execute(flip)
    assert is_good(database)


def choose_bit(connection: psycopg.Connection[Any], chance: random.Random) -> sql.Composed:
    """A statement that changes one bit of what is kept; the same again puts it back."""
    table, column, key = chance.choice(PLACES)
    query = sql.SQL("SELECT {key}, octet_length({column}) FROM log.{table} ORDER BY 1")
    names = {
        "table": sql.Identifier(table),
        "column": sql.Identifier(column),
        "key": sql.SQL(key),
    }
    row, length = chance.choice(connection.execute(query.format(**names)).fetchall())
    return sql.SQL(
        "UPDATE log.{table} SET {column} = set_bit({column}, {bit}, 1 - get_bit({column}, {bit}))"
        " WHERE {key} = {row}"
    ).format(bit=chance.randrange(length * 8), row=row, **names)


def is_good(database: Database) -> bool:
    with one_moment(database.conninfo("reader")) as connection:
        try:
            archive = DatabaseArchive(connection, database.marks)
            return audit(archive, ROOTS, now=made.NOW).is_good
        except CorruptFact:
            # A fact whose mark does not fit is refused before it is compared.
            return False
