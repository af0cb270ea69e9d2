"""The application on a real database, and the people who use it in tests. All are invented."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from starlette.testclient import TestClient

from api.application import create_application
from api.http.acts import find_address
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.fact import Authorship
from registry.user import AddUser, DisableUser, GrantToken, Role, token_digest

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import Response

    from registry.database import Database
    from registry.register import Registry

OFFICE = "Sở Nội vụ tỉnh Lào Cai"
OPERATOR = Authorship("quản trị", OFFICE)


Usual = Literal["usual"]


def usual_role(method: str, path: str) -> Role | None:
    """Who asks: a clerk, a leader what a clerk may not, nobody what is open or about the server."""
    found = find_address(method, path.partition("?")[0])
    act = found[0].act if found is not None else None
    if act is None or act.name in {"read-open", "read-operations"} or path == "/health/ready":
        return None
    return "leader" if act.reach["clerk"] == "-" else "clerk"


class House:
    """A running application, asked from the machine that it runs on; `clerk` signs requests."""

    def __init__(self, database: Database, client: TestClient, registry: Registry) -> None:
        self.database = database
        self.registry = registry
        self.client = client
        self.tokens: dict[Role | tuple[Role, str], str] = {}
        self.users: dict[Role | tuple[Role, str], UUID] = {}
        self._runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)

    def token(self, role: Role = "clerk", office: str = OFFICE) -> str:
        """A token of somebody in a role at an office; made at first use."""
        somebody = role if office == OFFICE else (role, office)
        if somebody not in self.tokens:
            token = f"token-{role}-{uuid4()}"
            name = f"{role} Thử" if office == OFFICE else f"{role} Thử, {office}"
            added = self.registry.create("user", AddUser(name, role, office), OPERATOR)
            grant = GrantToken(token_digest(token))
            self.registry.execute("user", added.stream_id, grant, OPERATOR)
            self.tokens[somebody], self.users[somebody] = token, added.stream_id
        return self.tokens[somebody]

    def disable(self, role: Role) -> None:
        """Take every right from the user of a role."""
        self.registry.execute("user", self.users[role], DisableUser("nghỉ việc"), OPERATOR)

    def headers(
        self, role: Role | None = "clerk", office: str = OFFICE, **more: str
    ) -> dict[str, str]:
        """Headers of a request by a role that does not wait for the registers."""
        headers = {"Prefer": "respond-async"}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.token(role, office)}"
        return headers | {name.replace("_", "-"): value for name, value in more.items()}

    def post(
        self, path: str, body: Any, role: Role | Usual | None = "usual", **more: str
    ) -> Response:
        """Send a command; as usual by a clerk, or by a leader what a clerk may not."""
        asker = usual_role("POST", path) if role == "usual" else role
        return self.client.post(path, json=body, headers=self.headers(asker, **more))

    def get(self, path: str, role: Role | Usual | None = "usual", **more: str) -> Response:
        """Ask for something, as usual by a clerk; without a role nobody is signed in."""
        asker = usual_role("GET", path) if role == "usual" else role
        return self.client.get(path, headers=self.headers(asker, **more))

    def decision(self, **fields: Any) -> dict[str, Any]:
        """A decision in the register."""
        return self.done(self.post("/api/decisions", a_decision(**fields)))

    def award(self, name: str = "Giàng Seo Phử", **fields: Any) -> dict[str, Any]:
        """An award in the register."""
        return self.done(self.post("/api/awards", an_award(name, **fields)))

    def catch_up(self) -> None:
        """Let the registers follow the log to its end."""
        self._runner.catch_up()

    def facts(self) -> int:
        """How many facts the log has beside those of the users made here, two of each."""
        return self.registry.log.head().facts - 2 * len(self.tokens)

    def close(self) -> None:
        """Let go of the database."""
        self._runner.close()

    @staticmethod
    def done(response: Response) -> dict[str, Any]:
        """The body of an answer that must be good."""
        assert response.is_success, response.text
        body: dict[str, Any] = response.json()
        return body


@contextmanager
def open_house(database: Database, **options: Any) -> Iterator[House]:
    """The application on a database, with its registers made; `options` are those it takes."""
    registry = database.registry()
    application = create_application(database, registry=registry, **options)
    asked_from = ("127.0.0.1", 50_000)
    with TestClient(application, raise_server_exceptions=False, client=asked_from) as client:
        house = House(database, client, registry)
        house.catch_up()
        try:
            yield house
        finally:
            house.close()


def a_decision(**fields: Any) -> dict[str, Any]:
    """A decision as a client sends it."""
    return {
        "number": "212 QĐ/CTN",
        "issuer": "Chủ tịch nước",
        "decided_on": "2024-05-09",
        "signatory": "Trần Văn Thử",
    } | fields


def an_award(name: str = "Giàng Seo Phử", **fields: Any) -> dict[str, Any]:
    """An award of an old register as a client sends it."""
    recipient = {"name": name, "persons": [{"born": "1930", "native_place": "xã Bản Cái"}]}
    return {
        "recipient": recipient | fields.pop("recipient", {}),
        "form": "ORD-KC-US",
        "award_class": "III",
        "awarded_on": "1985",
        "number_typed": "263 KT/HĐNN",
        "issuer_typed": "Hội đồng Nhà nước",
    } | fields


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """The problem in an answer, which must have this status and code and the shape of all."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"] != code, f"no sentence for {code}"
    assert "{" not in body["detail"] or code == "answers-malformed"
    assert all(one["detail"] != one["code"] for one in body["errors"]), body["errors"]
    return body


def fields_of(body: dict[str, Any]) -> dict[str, str]:
    """Code by field of a problem's errors."""
    return {one["field"]: one["code"] for one in body["errors"]}
