"""Persons' keys for one auditor: he opens everything, nobody else anything."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from projections.recount import Recount
from projections.sealed_archive import Disclosure, write_kit
from registry import disclosure
from registry.catalogue import load_catalogue
from registry.disclosure import DisclosePersonalKeys
from registry.erasure import ErasePerson
from registry.errors import VerificationFailed
from registry.fact import World
from registry.proofs.auditing import audit
from registry.proofs.disclosure import new_secret, public_of, read_lines, write_lines
from registry.proofs.kits import AUDITOR_KEYS, FolderFiles, Kit
from registry.user import AddUser
from tests import made_keys as made
from tests.api_house import OPERATOR, House, open_house
from tests.made_log import publish_list, sequencer, tamper
from tests.strangers import award, individual
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.database import Database
    from registry.personal import Clear

SECRET = bytes(range(32))
FLIPS = 300


def lines_for(secret: bytes, keys: dict[UUID, bytes]) -> list[bytes]:
    return list(write_lines(public_of(secret), sorted(keys.items())))


def keys_in(secret: bytes, lines: list[bytes]) -> dict[UUID, bytes]:
    box, keys = read_lines(secret, iter(lines))
    return {one.person: box.open(one) for one in keys}


def some_keys() -> dict[UUID, bytes]:
    return {uuid4(): os.urandom(32) for _ in range(5)}


def test_the_auditor_opens_what_was_given_to_him() -> None:
    keys = some_keys()
    lines = lines_for(SECRET, keys)
    assert keys_in(SECRET, lines) == keys
    assert not any(key.hex().encode() in b"".join(lines) for key in keys.values())


def test_nobody_else_does() -> None:
    lines = lines_for(SECRET, some_keys())
    assert refusal(lambda: keys_in(new_secret(), lines)) == "auditor-key-of-another"
    # Not even by putting his own name on it.
    other = new_secret()
    head = lines_for(other, {})[0]
    assert refusal(lambda: keys_in(other, [head, *lines[1:]])) == "auditor-keys-altered"


def test_every_changed_bit_of_the_keys_is_found() -> None:
    genuine = b"".join(lines_for(SECRET, some_keys()))
    chance = random.Random(4)
    for _ in range(FLIPS):
        content = bytearray(genuine)
        bit = chance.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationFailed):
            keys_in(SECRET, bytes(content).splitlines(keepends=True))


def test_keys_that_were_swapped_or_doubled_are_found() -> None:
    head, one, two, *_ = lines_for(SECRET, some_keys())
    for lines in ([head, two, one], [head, one, one], [one], []):
        assert refusal(partial(keys_in, SECRET, lines)) == "auditor-keys-altered"


@pytest.mark.parametrize("text", ["", "sovang-auditor+", "sovang-auditor+zz", "ab" * 31])
def test_what_is_no_auditors_key_is_refused(text: str) -> None:
    assert refusal(lambda: list(write_lines(text, ()))) == "auditor-key-malformed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"auditor": " "}, "auditor-missing"),
        ({"reason": ""}, "reason-missing"),
        ({"auditor_key": "ab" * 31}, "auditor-key-malformed"),
    ],
)
def test_keys_are_given_to_somebody_on_a_basis(changes: dict[str, str], code: str) -> None:
    command = DisclosePersonalKeys("Đoàn thanh tra số 3", public_of(SECRET), "Quyết định 15")
    world = World(load_catalogue(), {})
    (event,) = disclosure.decide(disclosure.INITIAL, command, world).events
    assert disclosure.evolve(disclosure.INITIAL, event) == disclosure.Disclosed(event)
    # A key typed in capitals is the same key.
    typed = replace(command, auditor_key=f" {public_of(SECRET).upper()[-64:]}")
    assert disclosure.decide(disclosure.INITIAL, typed, world).events == (event,)
    bad = replace(command, **changes)
    assert refusal(lambda: disclosure.decide(disclosure.INITIAL, bad, world)) == code


# In the audit -------------------------------------------------------------------------------


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    publish_list(database)
    with open_house(database) as house:
        yield house


def a_person(house: House, residence: str) -> UUID:
    recipient = individual(f"Người ở {residence}", residence=residence, phone="0214 000 111")
    house.registry.create("award", award(recipient), OPERATOR)
    return recipient.persons[0].id


def audited(house: House, folder: Path) -> tuple[list[tuple[str, str | int]], list[str], int]:
    """Audit a new kit with the auditor's key: findings, what was opened, how many were not."""
    house.catch_up()
    sealing = sequencer(house.database)
    sealing.seal_all()
    sealing.close()
    disclosure = Disclosure(public_of(SECRET), house.registry.keyring.unwrap)
    write_kit(
        house.database.conninfo("reader"), house.database.marks, folder, disclosure=disclosure
    )
    files, values = FolderFiles(folder), list[str]()

    def tell(_position: int, value: Clear) -> None:
        values.append(value.value)

    with Recount(Kit(files), 0) as recount:
        recount.open_persons(SECRET, files.lines(AUDITOR_KEYS), tell)
        found = audit(recount, now=made.NOW)
        recount.said(found)
        assert recount.persons is not None
        told = [(one.code, one.params["position"]) for one in found.findings]
        return told, values, recount.persons.unopened


def test_every_sealed_value_opens_for_the_auditor(house: House, tmp_path: Path) -> None:
    a_person(house, "xã Bản Cái")
    a_person(house, "xã Y Tý")
    findings, values, unopened = audited(house, tmp_path / "kit")
    assert (findings, unopened) == ([], 0)
    assert sorted(values) == ["0214 000 111", "0214 000 111", "xã Bản Cái", "xã Y Tý"]


def test_who_was_erased_stays_erased(house: House, tmp_path: Path) -> None:
    person = a_person(house, "xã Bản Cái")
    a_person(house, "xã Y Tý")
    leader = house.registry.create(
        "user", AddUser("Trần Văn Thử", "leader", "Sở"), OPERATOR
    ).stream_id
    command = ErasePerson(person, "Đơn đề nghị", "quản trị", leader, 90)
    house.registry.execute("erasure", person, command, OPERATOR)
    findings, values, unopened = audited(house, tmp_path / "kit")
    assert (findings, unopened) == ([], 2)
    assert "xã Bản Cái" not in values
    assert str(person).encode() not in (tmp_path / "kit" / AUDITOR_KEYS).read_bytes()


def test_a_key_that_was_lost_without_an_erasure_is_told(house: House, tmp_path: Path) -> None:
    person = a_person(house, "xã Bản Cái")
    position = house.registry.log.head().position
    tamper(house.database, "DELETE FROM log.subject_keys WHERE subject = %s", person)
    findings, _, _ = audited(house, tmp_path / "kit")
    assert findings == [("personal-key-missing", position)]


def mark_again(database: Database, position: int) -> None:
    """As who also has the home's key."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("ALTER TABLE log.facts DISABLE TRIGGER USER")
        row = connection.execute(
            "SELECT originator_id, originator_version, topic, state FROM log.facts"
            " WHERE notification_id = %s",
            (position,),
        ).fetchone()
        assert row is not None
        stream, version, name, state = row
        event = StoredEvent(stream, version, name, bytes(state))
        mark = database.marks.of(event)
        connection.execute(
            "UPDATE log.facts SET mark = %s WHERE notification_id = %s", (mark, position)
        )


def test_a_value_that_does_not_fit_its_commitment_is_told(house: House, tmp_path: Path) -> None:
    a_person(house, "xã Bản Cái")
    position = house.registry.log.head().position
    # Whoever forged the log before it was sealed is found by the auditor alone.
    tamper(
        house.database,
        "UPDATE log.facts SET state = convert_to(regexp_replace(convert_from(state, 'UTF8'),"
        " '\"commitment\":\"[^\"]{4}', '\"commitment\":\"AAAA', 'g'), 'UTF8')"
        " WHERE notification_id = %s",
        position,
    )
    mark_again(house.database, position)
    findings, values, _ = audited(house, tmp_path / "kit")
    assert findings == [("sealed-value-altered", position)] * 2
    assert values == []
