"""Invented people and papers for tests; nobody here exists."""

from __future__ import annotations

from typing import Any

from registry.award import RecordAward
from registry.decision import RegisterDecision
from registry.identifiers import new_id
from registry.personal import PERSONAL_KINDS, Clear
from registry.recipient import Person, Recipient
from registry.rules import Source

ORIGINAL = Source("original-decision")
BOOK = Source("golden-book", reference="so-cu.xlsx!DANHSACH", row=12)


def decision(number: str = "1234/QĐ-UBND", **fields: Any) -> RegisterDecision:
    """A decision of 2024 by the province's chair."""
    given = {"issuer": "Chủ tịch UBND tỉnh Lào Cai", "decided_on": "2024-05-09", "source": ORIGINAL}
    return RegisterDecision(number, **{**given, **fields})


def individual(name: str = "Giàng Seo Páo", **fields: Any) -> Recipient:
    """One person; `born`, `native_place`, `residence`... go to the person."""
    person = new_id()
    plain = ("sex", "born", "native_place")
    of_person: dict[str, Any] = {key: fields.pop(key) for key in plain if key in fields}
    for kind in PERSONAL_KINDS:
        field = kind.replace("-", "_")
        if field in fields:
            of_person[field] = Clear(str(person), kind, fields.pop(field))

    return Recipient("individual", name, (Person(person, **of_person),), **fields)


def collective(name: str = "Phòng Kế hoạch 7") -> Recipient:
    """A unit."""
    return Recipient("collective", name, unit="Sở Y tế")


def award(recipient: Recipient | None = None, **fields: Any) -> RecordAward:
    """A provincial certificate of merit."""
    given = {"form": "CERT-BK-BT", "source": ORIGINAL}
    return RecordAward(recipient or individual(), **{**given, **fields})
