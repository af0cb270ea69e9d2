"""A house with one record of every kind, whose every private word is told apart from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.case_house import Desk
from tests.signing_house import award_of, publish_lists, sign

if TYPE_CHECKING:
    from api.http.acts import Address
    from tests.api_house import House

NAME = "Giàng Seo Phử"
DECISION = "212 QĐ/CTN"
CLERK = "clerk Thử"
# What nobody without a role may read anywhere, beside serials and receipts.
PRIVATE = (
    "1937",
    "xã Tả Van Chư",
    "Tổ trưởng dân quân",
    "đã nuôi giấu",
    "sổ vàng 8317",
    "8317",
    "Giàng Thị Mỷ",
    "con gái út",
    "tủ số 9, kho lưu",
    "phường Cốc Lếu",
    "0912 345 678",
    "CCCD 010199001234",
    "Phôi bằng thử",
    CLERK,
    "Trần Văn Ký",
    "ghi chú riêng",
)


class FullHouse:
    """Fills the places of addresses with records that there are."""

    def __init__(self, house: House) -> None:
        self.house = house
        decision = house.decision(signatory="Trần Văn Ký", summary="ghi chú riêng")
        person = {
            "born": "2/3/1937",
            "native_place": "xã Tả Van Chư",
            "residence": "phường Cốc Lếu",
        }
        line = {
            "recipient": {"name": NAME, "persons": [person], "position": "Tổ trưởng dân quân"},
            "form": "ORD-KC-US",
            "award_class": "III",
            "conferral": "posthumous",
            "merit": "đã nuôi giấu",
            "note": "ghi chú riêng",
            "golden_book": {"number": "8317", "book": "sổ vàng 8317"},
            "issue_artifacts": True,
        }
        award = house.done(house.post(f"/api/decisions/{decision['id']}/awards", line))
        self.serials = {one["component"]: one["serial"] for one in award["artifacts"]}
        serial = self.serials["certificate"]
        sign(house, serial)
        self._give_away()
        desk = Desk(house)
        sent = desk.ready(award_id=award["id"])
        batch = house.done(desk.send(sent))
        item = {"name": "Phôi bằng thử", "component": "certificate", "numbered": True}
        stock = house.done(house.post("/api/stock", item))
        house.catch_up()
        publish_lists(house)
        house.catch_up()
        printing = f"/api/decisions/{decision['id']}/certificates"
        job = house.done(house.post(printing, {}, Prefer=""))
        self.receipts = (
            sent["receipt"],
            house.done(house.get(f"/api/artifacts/{serial}"))["receipt"],
        )
        self.names = {
            "serial": serial,
            "award_id": str(award_of(house, serial)),
            "decision_id": decision["id"],
            "case_id": sent["id"],
            "receipt": sent["receipt"],
            "batch_id": batch["id"],
            "item_id": stock["id"],
            "job_id": job["id"],
            "import_id": str(uuid4()),
            "procedure": "reissue",
            "blank_id": "bang-khen",
            "level": "0",
            "path": "000",
            "version": "1",
            "number": "0",
            "digest": "0" * 64,
        }
        house.catch_up()

    def _give_away(self) -> None:
        """One part is with the family, another lies with the office."""
        daughter = {
            "kind": "representative",
            "name": "Giàng Thị Mỷ",
            "relation": "con gái út",
            "identity_paper": "CCCD 010199001234",
        }
        given = {"delivered_on": "2024-06-01", "receiver": daughter}
        box = self.serials["order_insignia"]
        self.house.done(self.house.post(f"/api/artifacts/{box}/deliver", given))
        kept = {
            "surrendered_by": daughter,
            "purpose": "safekeeping",
            "kept_at": "tủ số 9, kho lưu",
            "surrendered_on": "2026-01-15",
        }
        self.house.done(self.house.post(f"/api/artifacts/{box}/surrender", kept))

    def fill(self, address: Address) -> str:
        """The address with records in its places."""
        path = address.path.replace(":path}", "}")
        for name, value in self.names.items():
            path = path.replace("{" + name + "}", value)
        assert "{" not in path, path
        return path
