"""Steps that tests of an artifact's life share: cases that allow to replace, people, decisions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from registry.cases.events import Applicant
from registry.cases.service_case import (
    CheckArchive,
    ConfirmAward,
    OpenCase,
    ReceiveResult,
    SendCase,
)
from registry.identifiers import new_id
from registry.register import Order
from tests.api_house import OPERATOR, House

if TYPE_CHECKING:
    from registry.register import Registry

PAPERS = {
    "exchange": ("application-exchange", "old-item", "reason-confirmed"),
    "reissue": ("application-reissue", "reason-confirmed"),
}
SON = {
    "kind": "representative",
    "name": "Giàng Seo Dờ",
    "relation": "con trai",
    "identity_paper": "CCCD 010199001234",
}
RECEIVED = date(2026, 1, 10)


def permitting_case(
    registry: Registry,
    award_id: str,
    kind: Literal["exchange", "reissue"],
    *components: str,
    **fields: Any,
) -> str:
    """A service case that went through archive, confirmation and centre, and allows it."""
    award, case = UUID(award_id), new_id()

    def day(offset: int) -> str:
        return (RECEIVED + timedelta(days=offset)).isoformat()

    reason = fields.pop("reason", "lost" if kind == "reissue" else "faded")
    opening = OpenCase(
        receipt=f"GH-{case}",
        kind=kind,
        reason=reason,
        applicant=Applicant("person", new_id(), "Giàng Seo Dờ", "con trai"),
        received_on=day(0),
        desk="UBND xã Bản Cái",
        award_id=award,
        components=components,
        papers=PAPERS[kind],
        **fields,
    )
    steps: list[Any] = [
        opening,
        CheckArchive(day(1), "hit", "Chi cục Văn thư - Lưu trữ", "tờ 14"),
        ConfirmAward(day(2), "45/XN-SNV", award),
    ]
    if kind == "exchange":
        steps.pop()
    steps += [SendCase(day(3), new_id(), award), ReceiveResult(day(20), "approved")]
    orders = [Order("service-case", case, step, step is opening) for step in steps]
    registry.carry_out(orders, OPERATOR)
    return str(case)


def serial_of(award: dict[str, Any], component: str = "certificate") -> str:
    """The serial of the artifact that counts for a component."""
    (serial,) = [
        one["serial"]
        for one in award["artifacts"]
        if one["component"] == component and one["is_live"]
    ]
    return str(serial)


def artifact(house: House, serial: str, **query: str) -> dict[str, Any]:
    """An artifact as the clerk sees it."""
    return house.done(
        house.client.get(f"/api/artifacts/{serial}", params=query, headers=house.headers())
    )


def post(house: House, serial: str, verb: str, **body: Any) -> dict[str, Any]:
    """Something that must go well with an artifact."""
    return house.done(house.post(f"/api/artifacts/{serial}/{verb}", body))


def deciding(house: House, kind: str, number: str, **fields: Any) -> str:
    """The id of a registered decision that cancels, strips, restores or corrects."""
    on = fields.pop("decided_on", "2026-03-01")
    return str(house.decision(kind=kind, number=number, decided_on=on, **fields)["id"])
