"""Invented awards for benchmarks that need facts without a sheet."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from registry import award
from registry.appending import Appending
from registry.award import GoldenBook, RecordAward
from registry.catalogue import load_catalogue
from registry.codec import encode_facts
from registry.decision import RegisterDecision
from registry.fact import Authorship, Claim, Fact, World
from registry.identifiers import new_id
from registry.kinds import subjects_of
from registry.personal import Clear
from registry.recipient import Person, Recipient
from registry.register import Registry
from registry.rules import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

BENCH_AUTHOR = Authorship(actor="benchmark", office="benchmark")
SEED = 1

_FAMILIES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Vàng",
    "Giàng",
    "Lý",
    "Lò",
    "Hà",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Ngô",
    "Thào",
    "Sùng",
    "Má",
]
_MIDDLES = [
    "Văn",
    "Đức",
    "Xuân",
    "Hữu",
    "Quang",
    "Seo",
    "Láo",
    "Minh",
    "Đình",
    "Thị",
    "Thu",
    "Ngọc",
    "Mỹ",
    "Thanh",
    "Hồng",
]
_GIVEN = [
    "Hòa",
    "Thắng",
    "Sơn",
    "Tỏa",
    "Páo",
    "Dờ",
    "Long",
    "Khánh",
    "Thụy",
    "Huy",
    "Phú",
    "Hoa",
    "Lan",
    "Mai",
    "Thúy",
    "Hạnh",
    "Súa",
    "Dung",
]
_COMMUNES = ("Bản Cái", "Cốc Lầu", "Nậm Lúc", "Tả Phìn", "Sa Pả", "Mường Hum", "Y Tý", "Bảo Hà")
_FORMS: tuple[tuple[str, award.AwardClass | None, str], ...] = (
    ("ORD-KC-US", "I", "Huân chương Kháng chiến chống Mỹ hạng Nhất"),
    ("ORD-KC-FR", "III", "Huân chương Kháng chiến chống Pháp hạng Ba"),
    ("MED-KC-US", "II", "Huy chương Kháng chiến chống Mỹ hạng Nhì"),
    ("CERT-CCVN", None, "Bằng Có công với nước"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts ready to append, with the names that they take and the new persons' keys."""

    appending: Appending

    @property
    def size(self) -> int:
        """How many facts."""
        return len(self.appending.events)


def award_commands(count: int, seed: int = SEED, *, sealed: bool = True) -> Iterator[RecordAward]:
    """Lines of an old register as commands; `sealed` gives each person a residence."""
    chance = random.Random(seed)  # noqa: S311 - invented names, not secrets
    for number in range(1, count + 1):
        yield _command(chance, number, sealed=sealed)


def _command(chance: random.Random, number: int, *, sealed: bool) -> RecordAward:
    form, award_class, typed = chance.choice(_FORMS)
    name = " ".join(chance.choice(words) for words in (_FAMILIES, _MIDDLES, _GIVEN))
    return RecordAward(
        Recipient("individual", name, (_person(chance, sealed=sealed),)),
        form,
        Source("golden-book", reference="benchmark.csv!1", row=number + 1),
        number_typed=f"{chance.randint(1, 900)} QĐ/CTN",
        issuer_typed="Chủ tịch nước",
        awarded_on=f"{chance.randint(1992, 2003)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}",
        form_typed=typed,
        award_class=award_class,
        golden_book=GoldenBook(str(number)),
        listed=False,
    )


def _person(chance: random.Random, *, sealed: bool) -> Person:
    person_id = new_id()
    commune = chance.choice(_COMMUNES)
    return Person(
        person_id,
        sex="male",
        born=str(chance.randint(1900, 1958)),
        native_place=f"xã {commune}, huyện Bắc Hà, tỉnh Hoàng Liên Sơn",
        residence=Clear(str(person_id), "residence", f"xã {commune}, tỉnh Lào Cai")
        if sealed
        else None,
    )


def make_batches(registry: Registry, count: int, batch_facts: int) -> list[Batch]:
    """Award facts decided and encoded beforehand, each with the claim on its meaning."""
    world = World(load_catalogue(), {})
    facts: list[Fact[Any]] = []
    claims: list[tuple[Claim, UUID]] = []
    for command in award_commands(count):
        stream_id = new_id()
        event = award.decide(award.INITIAL, command, world).events[0]
        facts.append(Fact(stream_id, 1, 0, datetime.now(UTC), BENCH_AUTHOR, event))
        meaning = award.claims(award.evolve(award.INITIAL, event), event)[0]
        # Invented lines repeat now and then; the line's number makes each its own award.
        claims.append((Claim("award", f"{meaning.key}|{len(facts)}"), stream_id))
    return [
        _batch(registry, facts[start : start + batch_facts], claims[start : start + batch_facts])
        for start in range(0, count, batch_facts)
    ]


def _batch(
    registry: Registry, facts: Sequence[Fact[Any]], claims: Sequence[tuple[Claim, UUID]]
) -> Batch:
    sealer = registry.keyring.sealer(subjects_of(fact.event for fact in facts))
    events = encode_facts(facts, sealer)
    taken = [(claim.digest, claim.kind, stream, False) for claim, stream in claims]
    return Batch(Appending(events, taken, (), registry.keyring.wrapped(sealer.new_keys)))


def record_register(registry: Registry, rows: int, chunk_rows: int = 2_000) -> int:
    """Record an old register as an import does: a decision and an award for each line.

    Returns how many facts that made.
    """
    before = registry.log.head().facts
    commands = award_commands(rows)
    numbers = iter(range(rows))
    for _ in range(-(-rows // chunk_rows)):
        work = registry.work(BENCH_AUTHOR)
        for number, command in zip(islice(numbers, chunk_rows), commands, strict=False):
            decision = RegisterDecision(
                f"{number} QĐ/CTN", "Chủ tịch nước", command.awarded_on, command.source
            )
            decision_id, _ = work.create("decision", decision)
            work.create(
                "award",
                replace(command, decision_id=decision_id, distinct_because=str(number)),
            )
        work.commit()
    return registry.log.head().facts - before
