"""Personal values: opened only in their place, gone with their key."""

from __future__ import annotations

import dataclasses
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.award import CorrectAward
from registry.errors import CorruptFact, NotReady
from registry.fact import Authorship
from registry.identifiers import new_id
from registry.personal import PERSONAL_KINDS, Clear, Sealed
from registry.personal_key import make_key_file, read_key_file
from registry.sealing import Keyring, open_value
from tests.strangers import award, individual

if TYPE_CHECKING:
    from pathlib import Path

    from registry.database import Database
    from registry.register import Registry

STREAM, OTHER = new_id(), new_id()
PLACE = (STREAM, 1, "award-recorded.v1")


def sealed(value: Clear) -> tuple[Keyring, Sealed]:
    stored: dict[UUID, bytes] = {}
    keyring = Keyring(bytes(range(32)), lambda asked: {s: stored[s] for s in asked if s in stored})
    sealer = keyring.sealer([value.subject])
    result = sealer.seal(value, PLACE)
    stored.update(keyring.wrapped(sealer.new_keys))
    return keyring, result


@given(st.text(), st.sampled_from(PERSONAL_KINDS))
def test_what_is_sealed_opens_in_its_place(text: str, kind: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    value = Clear(str(new_id()), kind, text)  # type: ignore[arg-type]
    keyring, result = sealed(value)
    assert keyring.open(result, PLACE) == value


@pytest.mark.parametrize(
    "place",
    [
        (OTHER, 1, "award-recorded.v1"),
        (STREAM, 2, "award-recorded.v1"),
        (STREAM, 1, "award-corrected.v1"),
    ],
)
def test_moved_to_another_place_it_does_not_open(place: tuple[UUID, int, str]) -> None:
    keyring, result = sealed(Clear(str(new_id()), "residence", "xã Y Tý"))
    with pytest.raises(CorruptFact, match="sealed-value-altered"):
        keyring.open(result, place)


def test_passed_off_as_another_kind_it_does_not_open() -> None:
    keyring, result = sealed(Clear(str(new_id()), "phone", "0214"))
    other = Sealed(
        result.subject, "identity-paper", result.nonce, result.ciphertext, result.commitment
    )
    with pytest.raises(CorruptFact):
        keyring.open(other, PLACE)


@pytest.mark.parametrize("part", ["nonce", "ciphertext", "commitment"])
def test_every_altered_part_is_noticed(part: str) -> None:
    keyring, result = sealed(Clear(str(new_id()), "residence", "xã Y Tý"))
    text = getattr(result, part)
    setattr(result, part, ("B" if text[0] == "A" else "A") + text[1:])
    with pytest.raises(CorruptFact):
        keyring.open(result, PLACE)


def test_without_its_key_nothing_is_left() -> None:
    _, result = sealed(Clear(str(new_id()), "residence", "xã Y Tý"))
    assert open_value({}, result, PLACE) is None


def test_another_registry_s_key_does_not_unwrap() -> None:
    stored: dict[UUID, bytes] = {}
    person = new_id()
    sealer = Keyring(bytes(32), lambda _: {}).sealer([])
    sealer.seal(Clear(str(person), "phone", "1"), PLACE)
    stored.update(Keyring(bytes(32), lambda _: {}).wrapped(sealer.new_keys))
    with pytest.raises(CorruptFact, match="subject-key-altered"):
        Keyring(bytes([1]) * 32, lambda _: stored).keys_of([str(person)])


def test_two_persons_with_the_same_value_look_different() -> None:
    first = sealed(Clear(str(new_id()), "residence", "xã Y Tý"))[1]
    second = sealed(Clear(str(new_id()), "residence", "xã Y Tý"))[1]
    assert first.ciphertext != second.ciphertext
    assert first.commitment != second.commitment


def test_a_person_s_second_value_uses_the_first_one_s_key(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    recipient = individual(residence="xã Y Tý")
    subject = str(recipient.persons[0].id)
    recorded = registry.create("award", award(recipient), authorship)
    phone = (Clear(subject, "phone", "0214 000 111"),)
    correct = CorrectAward({}, "bổ sung", personal=phone)
    registry.execute("award", recorded.stream_id, correct, authorship)
    state = registry.load("award", recorded.stream_id).state
    keys = registry.keyring.keys_of([subject])
    person = state.content.recipient.persons[0]
    name = "award-corrected.v1"
    opened = open_value(keys, person.phone, (recorded.stream_id, 2, name))
    assert opened == phone[0]
    with psycopg.connect(database.administrator) as connection:
        assert connection.execute("SELECT count(*) FROM log.subject_keys").fetchone() == (1,)


def test_destroying_a_key_erases_the_person_and_nothing_else(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    recipient = individual("Nông Thị Lụa", residence="xã Võ Lao")
    recorded = registry.create("award", award(recipient), authorship)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("DELETE FROM log.subject_keys")
    fact = registry.facts_of(recorded.stream_id)[0]
    person = fact.event.recipient.persons[0]
    place = (recorded.stream_id, 1, "award-recorded.v1")
    assert registry.keyring.open(person.residence, place) is None
    assert fact.event.recipient.name == "Nông Thị Lụa"


def test_the_key_file_is_private_and_the_same_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "personal.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: make_key_file(path), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600  # noqa: PTH116
    assert [one.name for one in path.parent.iterdir()] == ["personal.key"]


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "personal.key"
    path.write_bytes(b"short")
    with pytest.raises(NotReady, match="key-encryption-key-malformed"):
        read_key_file(path)


def test_a_person_s_value_cannot_be_given_to_another(
    registry: Registry, authorship: Authorship
) -> None:
    recipient = individual()
    stranger = Clear(str(new_id()), "residence", "xã Y Tý")
    person = dataclasses.replace(recipient.persons[0], residence=stranger)
    wrong = dataclasses.replace(recipient, persons=(person,))
    with pytest.raises(Exception, match="personal-value-of-another"):
        registry.create("award", award(wrong), authorship)
