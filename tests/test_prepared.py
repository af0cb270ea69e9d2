"""What is judged, sealed and encoded away from the register is what it would have recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from registry import award
from registry.award import CorrectAward, GoldenBook, RecordAward
from registry.catalogue import load_catalogue
from registry.codec import decode_fact
from registry.encoding import enclose
from registry.errors import AlreadyRecorded
from registry.fact import Authorship, Claim, World
from registry.identifiers import new_id
from registry.personal import Clear
from registry.prepared import Preparer
from registry.recipient import Person, Recipient
from registry.rules import Source
from registry.sealing import open_value
from tests.strangers import decision as a_decision

if TYPE_CHECKING:
    from uuid import UUID

    from registry.prepared import Prepared
    from registry.register import Registry

CATALOGUE = load_catalogue()


def a_line(name: str = "Lò Thị Mai", residence: str = "xã Y Tý", **fields: Any) -> RecordAward:
    """A line of an old register about a person whose residence is known."""
    person_id = new_id()
    person = Person(
        person_id,
        born="1931",
        native_place="xã Tả Phìn, tỉnh Lào Cai",
        residence=Clear(str(person_id), "residence", residence),
    )
    said: dict[str, Any] = {
        "recipient": Recipient("individual", name, (person,)),
        "form": "ORD-KC-US",
        "source": Source("golden-book", reference="so-cu.csv", row=7),
        "number_typed": "5 KT/HĐNN",
        "issuer_typed": "Hội đồng Nhà nước",
        "awarded_on": "1985-03-12",
        "award_class": "II",
        "listed": False,
    }
    return RecordAward(**said | fields)


def prepared_of(command: RecordAward) -> Prepared:
    (prepared,) = Preparer(CATALOGUE, date.max).prepare([command])
    assert prepared is not None
    return prepared


def open_event(prepared: Prepared) -> Any:
    """The prepared event, its residence opened with the keys that come with it."""
    stored = enclose(prepared.event, Authorship("a", "b"), datetime(2026, 9, 2, tzinfo=UTC))
    event = decode_fact(prepared.stream_id, 1, 0, prepared.name, stored).event
    keys = {subject: AESGCM(key) for subject, key in prepared.keys.items()}
    (person,) = event.recipient.persons
    place = (prepared.stream_id, 1, prepared.name)
    opened = replace(person, residence=open_value(keys, person.residence, place))
    return replace(event, recipient=replace(event.recipient, persons=(opened,)))


def recorded(registry: Registry, stream_id: UUID) -> Any:
    """The last event of a record's only fact, its residence opened."""
    (fact,) = registry.facts_of(stream_id)
    return with_open_residence(registry, fact.event, stream_id)


def with_open_residence(registry: Registry, event: Any, stream_id: UUID) -> Any:
    (person,) = event.recipient.persons
    opened = registry.keyring.open(person.residence, (stream_id, 1, "award-recorded.v1"))
    recipient = replace(event.recipient, persons=(replace(person, residence=opened),))
    return replace(event, recipient=recipient)


texts = st.text(st.characters(categories=["L", "M", "N", "P", "Zs"]), min_size=1, max_size=20)


@given(
    name=texts.filter(lambda text: bool(text.strip())),
    residence=texts,
    award_class=st.sampled_from(["I", "II", "III", None]),
    golden=st.none() | st.builds(GoldenBook, st.integers(1, 999).map(str)),
    awarded_on=st.sampled_from(["1985", "1930~", "1999-02", None]),
)
def test_preparing_decides_as_the_register_does(**drawn: Any) -> None:
    golden = drawn.pop("golden")
    command = a_line(**drawn, golden_book=golden)
    outcome = award.decide(award.INITIAL, command, World(CATALOGUE, {}))
    event, *doubted = outcome.events
    if doubted:
        # A doubt is a fact of its own: such a line is judged where it is recorded.
        assert Preparer(CATALOGUE, date.max).prepare([command]) == [None]
        return
    prepared = prepared_of(command)
    assert prepared.remarks == outcome.remarks
    assert prepared.claims == award.claims(award.evolve(award.INITIAL, event), event)
    assert open_event(prepared) == event


def test_what_is_adopted_is_stored_as_if_it_had_been_judged_here(
    registry: Registry, authorship: Authorship
) -> None:
    command = a_line(golden_book=GoldenBook("12"))
    prepared = prepared_of(command)
    work = registry.work(authorship)
    work.adopt(prepared)
    work.commit()

    (expected,) = award.decide(award.INITIAL, command, World(CATALOGUE, {})).events
    assert recorded(registry, prepared.stream_id) == expected
    (fact,) = registry.facts_of(prepared.stream_id)
    assert (fact.version, fact.authorship) == (1, authorship)
    for claim in prepared.claims:
        assert registry.holder(claim) == prepared.stream_id


@pytest.mark.parametrize(
    "command", [a_line(form="NO-SUCH"), a_line(decision_id=new_id())], ids=["refused", "named"]
)
def test_what_the_rules_refuse_or_the_register_must_know_is_not_prepared(
    command: RecordAward,
) -> None:
    assert Preparer(CATALOGUE, date.max).prepare([command]) == [None]


def test_a_name_that_is_held_is_not_adopted_and_leaves_nothing(
    registry: Registry, authorship: Authorship
) -> None:
    first = registry.create("award", a_line(), authorship).stream_id
    again, other = prepared_of(a_line()), prepared_of(a_line("Má A Páo"))
    work = registry.work(authorship)
    work.prefetch([*again.claims, *other.claims])

    def adopt_both() -> None:
        with work.attempt():
            work.adopt(other)
            work.adopt(again)

    with pytest.raises(AlreadyRecorded) as caught:
        adopt_both()
    work.adopt(prepared_of(a_line("Sùng Seo Dờ")))
    work.commit()

    assert caught.value.holder == first
    assert registry.log.head().facts == 2
    assert registry.holder(other.claims[0]) is None
    people = [key for one in (again, other) for key in one.keys]
    assert registry.keyring.keys_of(people) == {}


def test_under_a_registered_decision_it_is_judged_anew(
    registry: Registry, authorship: Authorship
) -> None:
    of_the_council = a_decision("5 KT/HĐNN", issuer="Hội đồng Nhà nước", decided_on="1985")
    decision_id = registry.create("decision", of_the_council, authorship).stream_id
    command = a_line(awarded_on="1985-03-12")
    prepared = prepared_of(command)
    work = registry.work(authorship)
    work.adopt(prepared, decision_id)
    work.commit()

    event = recorded(registry, prepared.stream_id)
    assert event.decision_id == decision_id
    residence = event.recipient.persons[0].residence
    assert residence == command.recipient.persons[0].residence


def test_an_adopted_record_can_go_on_in_the_same_work(
    registry: Registry, authorship: Authorship
) -> None:
    command = a_line()
    person_id = str(command.recipient.persons[0].id)
    prepared = prepared_of(command)
    correction = CorrectAward(
        {"note": "đã đối chiếu"}, "bổ sung", (Clear(person_id, "phone", "0912345678"),)
    )
    work = registry.work(authorship)
    work.adopt(prepared)
    work.execute("award", prepared.stream_id, correction)
    work.commit()

    first, second = registry.facts_of(prepared.stream_id)
    opened = with_open_residence(registry, first.event, prepared.stream_id)
    assert opened.recipient.persons[0].residence.value == "xã Y Tý"
    place = (prepared.stream_id, 2, "award-corrected.v1")
    phone = registry.keyring.open(second.event.personal[0], place)
    assert phone == Clear(person_id, "phone", "0912345678")


def test_a_claim_brings_its_digest_or_works_it_out() -> None:
    claim = Claim("award", "một")
    assert Claim("award", "một", digest=claim.digest).digest == claim.digest
    assert Claim("award", "hai").digest != claim.digest
