"""Service cases as clients send them. All names are invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx2 import Response

    from tests.api_house import House

ARCHIVE = "Chi cục Văn thư - Lưu trữ tỉnh"
SUBMITTED_BY = "UBND tỉnh Hoàng Liên Sơn"
_REASONS = {"exchange": "faded", "confirmation": "proof-needed"}


def a_request(kind: str = "reissue", **fields: Any) -> dict[str, Any]:
    """A request as a clerk enters it; complete, unless it says otherwise."""
    usual: dict[str, Any] = {
        "kind": kind,
        "reason": _REASONS.get(kind, "lost"),
        "components": [] if kind == "confirmation" else ["certificate"],
        "applicant": {
            "name": "Giàng Seo Dờ",
            "relation": "con trai",
            "phone": "0912 345 678",
            "residence": "thôn Na Ang B",
        },
        "received_on": "2026-02-02",
        "desk": "Sở Nội vụ tỉnh Lào Cai",
        "papers": [f"application-{kind}"]
        + ([] if kind == "confirmation" else ["reason-confirmed"]),
    }
    return usual | fields


class Desk:
    """A clerk who works on cases of one house."""

    def __init__(self, house: House) -> None:
        self.house = house

    def open(self, kind: str = "reissue", **fields: Any) -> dict[str, Any]:
        """A case that was received."""
        return self.house.done(self.house.post("/api/cases", a_request(kind, **fields)))

    def step(self, case: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
        """The case after a step, which must succeed."""
        return self.house.done(self.ask(case, name, **fields))

    def ask(self, case: dict[str, Any], name: str, **fields: Any) -> Response:
        """The answer to a step."""
        return self.house.post(f"/api/cases/{case['id']}/{name}", fields)

    def hit(self, case: dict[str, Any], on: str = "2026-02-03") -> dict[str, Any]:
        """The archive has the award."""
        found = {"result": "hit", "archive": ARCHIVE, "evidence": "hộp 3, tờ 14"}
        return self.step(case, "check-archive", on=on, **found)

    def confirm(self, case: dict[str, Any], on: str = "2026-02-04") -> dict[str, Any]:
        """A confirmation letter is issued."""
        return self.step(case, "confirm", on=on, number="45/XN-SNV", signatory="Trần Văn Thử")

    def ready(self, **fields: Any) -> dict[str, Any]:
        """A re-issue that can be sent."""
        return self.confirm(self.hit(self.open(**fields)))

    def send(self, *cases: dict[str, Any], on: str = "2026-02-05") -> Response:
        """The answer to sending cases to the central body."""
        body = {"case_ids": [one["id"] for one in cases], "on": on}
        return self.house.post("/api/case-batches", body)

    def read(self, case: dict[str, Any], **query: str) -> dict[str, Any]:
        """The case as it is now, or as it was."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return self.house.done(self.house.get(f"/api/cases/{case['id']}?{asked}", role="clerk"))

    def queue(self, name: str, on: str, **query: str) -> list[str]:
        """Receipts of a queue on a day."""
        asked = "".join(f"&{key}={value}" for key, value in query.items())
        self.house.catch_up()
        answer = self.house.get(f"/api/cases?queue={name}&on={on}{asked}", role="clerk")
        return [one["receipt"] for one in self.house.done(answer)["cases"]]

    def titles(self, case: dict[str, Any]) -> list[str]:
        """The titles of a case's history."""
        answer = self.house.get(f"/api/cases/{case['id']}/history", role="clerk")
        return [one["event"] for one in self.house.done(answer)["history"]]

    def surrender(self, serial: str, on: str = "2026-02-02") -> dict[str, Any]:
        """The old item is handed in against a receipt."""
        body = {
            "surrendered_by": {
                "kind": "representative",
                "name": "Giàng Seo Dờ",
                "relation": "con trai",
                "identity_paper": "CCCD 010000000002",
            },
            "purpose": "exchange",
            "kept_at": "Kho Sở Nội vụ, tủ 2",
            "surrendered_on": on,
        }
        return self.house.done(self.house.post(f"/api/artifacts/{serial}/surrender", body))


def serial_of(award: dict[str, Any], component: str = "certificate") -> str:
    """The serial of an award's component."""
    (serial,) = [one["serial"] for one in award["artifacts"] if one["component"] == component]
    return str(serial)
