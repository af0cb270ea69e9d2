"""Stored bytes: canonical, permanent, read strictly."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.codec import EVENTS, NAMES, FactMapper, decode_fact, encode_facts
from registry.encoding import format_time
from registry.errors import CorruptFact
from registry.fact import Authorship, Fact
from registry.identifiers import new_id
from registry.personal import Clear, Sealed
from registry.sealing import Keyring
from tests.golden_events import EXAMPLES, GOLDEN

STREAM = UUID("01939bd7-3a5e-7c00-8000-000000000001")
WHEN = datetime(2026, 11, 23, 14, 5, 16, 123456, tzinfo=UTC)
AUTHOR = Authorship("can-bo-thu", "Sở Nội vụ tỉnh Lào Cai", basis="Tờ trình 12/TTr-SNV")


def keyring() -> Keyring:
    return Keyring(bytes(32), lambda _: {})


def store(event: Any, version: int = 1) -> bytes:
    fact = Fact(STREAM, version, 0, WHEN, AUTHOR, event)
    return encode_facts([fact], keyring().sealer(()))[0].state


def read(name: str, state: bytes) -> Fact[Any]:
    return decode_fact(STREAM, 1, 9, name, state)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_golden_bytes_of_every_event_ever_released(name: str) -> None:
    """Written once, readable for ever: a change here is a new version, not an edit."""
    event = EXAMPLES[name]
    state = store(event)
    assert state.decode() == GOLDEN[name]
    assert read(name, state).event == event


def test_every_released_name_is_still_known() -> None:
    assert set(EVENTS) == set(GOLDEN) == set(EXAMPLES)
    assert len(NAMES) == len(EVENTS)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_bytes_are_rfc_8785(name: str) -> None:
    state = GOLDEN[name].encode()
    assert rfc8785.dumps(json.loads(state)) == state


@given(st.text(), st.text(), st.none() | st.text())
def test_any_text_is_stored_canonically_and_comes_back(
    actor: str, office: str, basis: str | None
) -> None:
    event = EXAMPLES["user-disabled.v1"]
    author = Authorship(actor, office, basis)
    fact = Fact(STREAM, 1, 9, WHEN, author, dataclasses.replace(event, reason=actor))
    state = encode_facts([fact], keyring().sealer(()))[0].state
    assert rfc8785.dumps(json.loads(state)) == state
    assert read("user-disabled.v1", state) == fact


def altered(change: Any) -> bytes:
    document = json.loads(GOLDEN["artifact-issued.v1"])
    change(document)
    return rfc8785.dumps(document)


@pytest.mark.parametrize(
    "state",
    [
        altered(lambda d: d["event"].update(extra=1)),
        altered(lambda d: d["event"].pop("serial")),
        altered(lambda d: d["event"].update(serial=7)),
        altered(lambda d: d["event"].update(serial=None)),
        altered(lambda d: d.update(extra=None)),
        altered(lambda d: d.pop("basis")),
        altered(lambda d: d.update(recorded_at="2026-11-23 14:05:16")),
        altered(lambda d: d.update(recorded_at="2026-11-23T14:05:16.123Z")),
        GOLDEN["artifact-issued.v1"].encode() + b" ",
        GOLDEN["artifact-issued.v1"].replace(",", ", ", 1).encode(),
        GOLDEN["artifact-issued.v1"].encode()[:-1],
        b"",
        b"null",
        b"\xff",
    ],
)
def test_other_bytes_than_ours_are_refused(state: bytes) -> None:
    with pytest.raises(CorruptFact):
        read("artifact-issued.v1", state)


@pytest.mark.parametrize("name", ["artifact-issued.v2", "os:system", "", "registry.award:Standing"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(CorruptFact, match="fact-name-unknown"):
        read(name, GOLDEN["artifact-issued.v1"].encode())


def test_one_kind_of_event_cannot_pass_for_another() -> None:
    with pytest.raises(CorruptFact):
        read("artifact-printed.v1", GOLDEN["artifact-issued.v1"].encode())


def test_a_value_in_the_clear_never_reaches_the_log() -> None:
    """What is sealed in one field is not legible anywhere in the bytes."""
    example = EXAMPLES["award-recorded.v1"]
    person = dataclasses.replace(
        example.recipient.persons[0],
        id=new_id(),
    )
    secret = Clear(str(person.id), "residence", "thôn Nà Khoang, xã Nghĩa Đô")
    person = dataclasses.replace(person, residence=secret, birth_date=None)
    event = dataclasses.replace(
        example, recipient=dataclasses.replace(example.recipient, persons=(person,))
    )
    state = store(event)
    assert "Nà Khoang".encode() not in state
    residence = read("award-recorded.v1", state).event.recipient.persons[0].residence
    assert isinstance(residence, Sealed)
    assert "Nà Khoang" not in repr(secret)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2999, 1, 1)))  # noqa: DTZ001
def test_times_sort_as_text(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert (format_time(aware) < format_time(WHEN)) == (aware < WHEN)


def test_the_library_s_mapper_reads_and_writes_the_same_bytes() -> None:
    mapper = FactMapper(keyring())
    fact = Fact(STREAM, 1, 0, WHEN, AUTHOR, EXAMPLES["artifact-issued.v1"])
    stored = mapper.to_stored_event(fact)
    assert stored.state.decode() == GOLDEN["artifact-issued.v1"]
    assert mapper.to_domain_event(stored) == fact
