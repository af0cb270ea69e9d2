"""Key lists as facts: what keys counted when, and as known when, stands in the log itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pytest
from structlog.testing import capture_logs

from api.verification.expiry import warn
from projections import sealed_log
from projections.registers import REGISTERS
from projections.runner import Runner
from projections.sealed_archive import DatabaseArchive, one_moment, write_kit
from registry import key_list
from registry.catalogue import load_catalogue
from registry.errors import RegistryError
from registry.fact import Authorship, World
from registry.identifiers import new_id
from registry.key_list import KeyListPublished, PublishKeyList
from registry.proofs.auditing import audit
from registry.proofs.kits import FolderFiles, Kit
from registry.settings import read_settings
from registry.trust import RENEW_DAYS_BEFORE, list_in_force, prepare_keys, publish
from tests import made_keys as made
from tests.api_house import open_house
from tests.made_log import publish_list, record, sealed_key_list, sequencer
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from pathlib import Path

    from registry.database import Database
    from registry.register import Registry

AUTHOR = Authorship("shell:thu", "Sở Nội vụ", basis="Quyết định 12/QĐ-SNV")


def note(version: int, **changes: object) -> str:
    return made.signed(replace(sealed_key_list(), version=version, **changes)).decode()  # type: ignore[arg-type]


def judged(*before: str, now: int = made.NOW) -> tuple[object, ...]:
    *kept, newest = before
    state = key_list.INITIAL
    for one in kept:
        state = key_list.evolve(state, KeyListPublished(one))
    return key_list.decide(state, PublishKeyList(newest, now), World(load_catalogue(), {})).events


def test_a_list_that_a_verifier_goes_on_to_is_published_to_the_byte() -> None:
    assert judged(note(1)) == (KeyListPublished(note(1)),)
    assert judged(note(1), note(2)) == (KeyListPublished(note(2)),)
    # Earlier lists may be past their ends by now.
    later = sealed_key_list().expires_at + 10
    renewed = note(2, issued_at=later, expires_at=later + 10)
    assert judged(note(1), renewed, now=later) == (KeyListPublished(renewed),)


@pytest.mark.parametrize(
    ("newest", "code"),
    [
        (note(2), "key-list-in-force"),
        (note(1), "key-list-rolled-back"),
        (note(2, witnesses_needed=1), "key-list-replaced"),
        (note(3, log="another.test/log"), "key-list-other-log"),
        (note(3, expires_at=made.NOW), "key-list-stale"),
        (note(3, keys=sealed_key_list().keys[1:]), "key-list-key-dropped"),
        (made.signed(sealed_key_list(version=3), made.ROOTS[0]).decode(), "key-list-threshold"),
        ("no note", "note-malformed"),
    ],
)
def test_any_other_list_is_refused(newest: str, code: str) -> None:
    assert refusal(lambda: judged(note(1), note(2), newest)) == code


def test_who_published_a_list_when_and_on_what_basis_is_in_the_log(
    database: Database, registry: Registry
) -> None:
    publish(registry, note(1).encode(), made.NOW, AUTHOR)
    publish(registry, note(2).encode(), made.NOW, AUTHOR)
    stream = registry.holder(key_list.THE_LIST)
    assert stream is not None
    facts = registry.facts_of(stream)
    assert [fact.event for fact in facts] == [KeyListPublished(note(1)), KeyListPublished(note(2))]
    assert {fact.authorship for fact in facts} == {AUTHOR}
    assert list_in_force(registry).version == 2
    with database.pool("reader").connection() as connection:
        cursor = connection.cursor()
        assert sealed_log.read_key_list(cursor, database.marks) == note(2).encode()
        assert sealed_log.read_key_list(cursor, database.marks, 1) == note(1).encode()
        assert (
            refusal(lambda: sealed_log.read_key_list(cursor, database.marks, 3))
            == "key-list-unknown"
        )


def test_two_that_publish_a_first_list_at_once_make_one(registry: Registry) -> None:
    command = PublishKeyList(note(1), made.NOW)
    registry.execute("key-list", new_id(), command, AUTHOR)
    with pytest.raises(RegistryError) as caught:
        registry.execute("key-list", new_id(), command, AUTHOR)
    assert caught.value.code == "key-list-begun-already"


def seal_everything(database: Database) -> None:
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    runner.close()
    sealing = sequencer(database)
    sealing.seal_all()
    sealing.close()


def test_a_kit_has_every_version_beside_its_fact(
    database: Database, registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    publish_list(database)
    record(registry, authorship, 3)
    publish(registry, note(2).encode(), made.NOW, AUTHOR)
    seal_everything(database)
    assert write_kit(database.conninfo("reader"), database.marks, tmp_path / "kit") == 5
    kept = {path.name: path.read_bytes() for path in (tmp_path / "kit/log/keys").iterdir()}
    assert kept == {"000000000001": note(1).encode(), "000000000005": note(2).encode()}
    found = audit(Kit(FolderFiles(tmp_path / "kit")), made.key_list().roots, now=made.NOW)
    assert (found.findings, found.key_list) == ([], sealed_key_list(version=2))


def test_a_kit_waits_until_the_newest_list_is_sealed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_list(database)
    seal_everything(database)
    publish_list(database, version=2)
    monkeypatch.setattr("projections.sealed_archive.ATTEMPTS_MAX", 1)
    late = refusal(lambda: write_kit(database.conninfo("reader"), database.marks, tmp_path / "kit"))
    assert late == "registers-behind"
    # In place the audit sees both, and nothing is wrong.
    with one_moment(database.conninfo("reader")) as connection:
        found = audit(DatabaseArchive(connection, database.marks), now=made.NOW)
    assert (found.findings, found.unsealed) == ([], 1)


def test_a_home_from_before_lists_were_facts_publishes_the_one_that_it_keeps(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    settings = read_settings({"SOVANG_HOME": str(tmp_path)})
    _, first = prepare_keys(registry, settings)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE log.facts, log.claims")
        connection.execute("UPDATE log.head SET position = 0, facts = 0, digest = 0")
    anew = database.registry()
    assert prepare_keys(anew, settings)[1] == first
    assert anew.log.head().facts == 1
    assert prepare_keys(anew, settings)[1] == first
    assert anew.log.head().facts == 1


def test_the_end_of_the_list_is_told_ahead(database: Database) -> None:
    with open_house(database) as house:
        assert house.done(house.get("/health/ready"))["key_list"] is None
        assert "sovang_key_list_days_left" not in house.client.get("/metrics").text
        with capture_logs() as said:
            warn(database, datetime.now(UTC))
        assert said == []
        publish_list(database)
        ends = datetime.fromtimestamp(sealed_key_list().expires_at, UTC)
        for days, due in ((RENEW_DAYS_BEFORE, False), (RENEW_DAYS_BEFORE - 1, True), (-1, True)):
            now = ends - timedelta(days=days)
            house.registry.clock = partial(datetime.fromtimestamp, now.timestamp(), UTC)
            told = house.done(house.get("/health/ready"))["key_list"]
            assert (told["version"], told["days_left"], told["renew"]) == (1, days, due)
            assert f"sovang_key_list_days_left {float(days)}" in house.client.get("/metrics").text
            with capture_logs() as said:
                warn(database, now)
            assert [one["days_left"] for one in said] == [days] * due
