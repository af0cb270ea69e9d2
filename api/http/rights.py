"""Who may do what, checked in front of everything: before a body is read, before a record is.

The layer finds the act of an address (`api.http.acts`), the user of the token, and what
`registry.rights` says of both. Where the act is bound to a unit, the record that the path names
tells its unit. That needs the database, so it is done in another thread. What a body names is
judged behind the body, by `Asking.require`. Routes find the user in the request's scope.

A direct route (`api.http.direct_route`) has a thread of its own anyway. Where the token is one that
this process knows, its role may, and no record of a unit is named, the body is read and the
judgement left to that thread. It comes before everything else there, and without it there is no
user in the scope.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Mapping
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final
from uuid import UUID

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http.access_log import note_actor
from api.http.acts import Address, find_address, methods_of
from api.http.addresses import is_local
from api.records import award_of_serial
from api.refusals import NotAllowed, NotSignedIn
from registry import rights
from registry.cases.states import Unopened
from registry.errors import NotFound, RegistryError
from registry.messages import VIETNAM_TIME

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from api.identity import User
    from api.service import Service
    from registry.register import Registry
    from registry.rights import Units

USER: Final = "sovang.user"
"""Where the layer puts the user of a request; None for who is not signed in."""
JUDGE: Final = "sovang.judge"
"""Where the layer leaves the judgement to a direct route: a function that gives the user."""

UNITS_KEPT_MAX: Final = 20_000
_REFUSED: Final = {
    "write": "role-may-not-write",
    "print": "role-may-not-print",
    "read": "role-may-not-read",
}

Refuse = Callable[[Request, Exception], Response]


def may(judging: Judging, user: User | None, act: str, *units: str) -> bool:
    """Whether a user may do an act on a record of these units; new ones are of his own."""
    if user is None:
        return rights.reach_of(act, "nobody") == "any"
    return any(
        rights.allows(act, user.role, judging.relation(user, unit))
        for unit in units or (user.office,)
    )


def require(judging: Judging, user: User | None, act: str, *units: str) -> None:
    """Raise `NotSignedIn` or `NotAllowed` unless a user may do an act on a record."""
    reach = rights.reach_of(act, "nobody" if user is None else user.role)
    if reach == "-":
        if user is None:
            raise NotSignedIn("sign-in-missing")
        raise NotAllowed(_REFUSED[rights.ACTS[act].kind], role=user.role)
    if user is not None and units and not may(judging, user, act, *units):
        raise NotAllowed("record-of-other-unit", office=user.office, unit=units[0])


class Judging:
    """How units stand to each other today, and which unit a record is of."""

    def __init__(self, registry: Registry, units: Units) -> None:
        self._registry = registry
        self._units = units
        self._lock = Lock()
        self._known: OrderedDict[UUID, str] = OrderedDict()

    def relation(self, user: User, unit: str) -> rights.Relation:
        """How the unit of a record stands to that of a user."""
        if user.office == unit:
            return "own"
        today = self._registry.clock().astimezone(VIETNAM_TIME).date()
        return self._units.relation(user.office, unit, today)

    def units_named(self, names: Mapping[str, str]) -> tuple[str, ...]:
        """The units of the record that a path names; none where it names none that there is."""
        try:
            if "serial" in names:
                return self.units_of(award_of_serial(self._registry, names["serial"]))
            for name in ("award_id", "decision_id"):
                if name in names:
                    return self.units_of(UUID(names[name]))
            return self.units_of_case(UUID(names["case_id"])) if "case_id" in names else ()
        except (ValueError, NotFound):
            # The command itself says what is wrong with such a name.
            return ()

    def units_of(self, record_id: UUID) -> tuple[str, ...]:
        """The unit that recorded a record; it never changes, so it is remembered."""
        with self._lock:
            known = self._known.get(record_id)
        if known is not None:
            return (known,)
        facts = self._registry.facts_of(record_id)
        if not facts:
            return ()
        with self._lock:
            self._known[record_id] = facts[0].authorship.office
            if len(self._known) > UNITS_KEPT_MAX:
                self._known.popitem(last=False)
        return (facts[0].authorship.office,)

    def units_of_case(self, case_id: UUID) -> tuple[str, ...]:
        """The unit that received a case, and the desk that has it now."""
        state = self._registry.load("service-case", case_id).state
        desk = () if isinstance(state, Unopened) else (state.file.desk,)
        return (*self.units_of(case_id), *desk)


class CheckedRights:
    """Lets a request pass to its route, or refuses it; the body stays where it is."""

    def __init__(
        self,
        app: ASGIApp,
        service: Service,
        direct: Container[tuple[str, str]],
        on_error: Refuse,
        on_unknown: Refuse,
    ) -> None:
        """`direct` are the methods and paths of routes that carry out a judgement left to them."""
        self._app = app
        self._service = service
        self._direct = direct
        self._on_error = on_error
        self._on_unknown = on_unknown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = find_address(scope["method"], scope["path"])
        if found is None:
            await self._say_unknown(scope)(scope, receive, send)
            return
        # Metrics count by route; the router puts its own here if it comes to that.
        scope["route"] = found[0]
        judge = partial(self._judge, scope, *found)
        try:
            if found[0].act.name == "read-open":
                scope[USER] = None
            elif self._may_be_left_to_route(scope, *found):
                scope[JUDGE] = judge
            else:
                scope[USER] = await to_thread.run_sync(judge)
        except RegistryError as error:
            await self._on_error(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_be_left_to_route(
        self, scope: Scope, address: Address, names: Mapping[str, str]
    ) -> bool:
        """Whether the route can judge itself, and who asks may do this unless he lost a right."""
        if (address.method, address.path) not in self._direct:
            return False
        user = self._service.tokens.remembered(_authorization(scope))
        if user is None:
            return False
        reach = rights.reach_of(address.act.name, user.role)
        return reach == "any" or (reach != "-" and not names)

    def _judge(self, scope: Scope, address: Address, names: Mapping[str, str]) -> User | None:
        """The user of a request who may do what it asks. Raises `NotSignedIn`, `NotAllowed`.

        The log is asked for the token each time: what was revoked is void at once.
        """
        act, judging = address.act.name, self._service.judging
        user = self._service.tokens.user(_authorization(scope))
        if user is not None:
            note_actor(scope, user.name)
        reach = rights.reach_of(act, "nobody" if user is None else user.role)
        if reach == "-" and act == "read-operations" and is_local(scope):
            return user
        bound = user is not None and reach in {"own", "under"} and bool(names)
        require(judging, user, act, *(judging.units_named(names) if bound else ()))
        return user

    def _say_unknown(self, scope: Scope) -> Response:
        """No such address, or not with this method."""
        methods = methods_of(scope["path"])
        headers = {"Allow": ", ".join(methods)} if methods else None
        error = HTTPException(405 if methods else 404, headers=headers)
        return self._on_unknown(Request(scope), error)


def _authorization(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value.decode("latin-1"))
    return None
