"""The erasure of a person: everything sealed under the person's key is gone for good.

One record for each person, under the person's own random id. The fact says on what basis and
with whose consent; the key goes in the same transaction, so that neither stands without the
other. What stays: the facts, their leaves and every proof over them, and what a decision
published (name, year of birth, native place). Two people are needed, because nothing brings a
key back.

Old backups still hold the key. Until the last of them has expired, the erasure is not complete:
`backup_days` names that delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.rights import roles_with
from registry.rules import require_text
from registry.user import Active

if TYPE_CHECKING:
    from typing import NoReturn

BACKUP_DAYS_MAX = 36_500


@dataclass(frozen=True, slots=True)
class PersonErased:
    """The key of a person was destroyed; copies of it end with the last backup that has one."""

    subject: UUID
    reason: str
    consented_by: str
    backup_days: int


Event = PersonErased
EVENTS: Mapping[str, type] = {"person-erased.v1": PersonErased}


@dataclass(frozen=True, slots=True)
class NotErased:
    """Nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The person's key is gone."""

    event: PersonErased


State = NotErased | Erased
INITIAL: State = NotErased()


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """Destroy a person's key. `asked_by` records it; `consents` is another user, by id."""

    subject: UUID
    reason: str
    asked_by: str
    consents: UUID
    backup_days: int


Command = ErasePerson


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: it says who decided, nothing about the person."""
    return ()


def named_records(command: Command) -> tuple[Named, ...]:
    """The user who consents."""
    return (("user", command.consents),)


def decide(state: State, command: Command, world: World) -> Outcome:
    """Judge a command. Raises `Rejected`."""
    if isinstance(state, Erased):
        raise Rejected("person-erased-already")
    if not 0 <= command.backup_days <= BACKUP_DAYS_MAX:
        raise Rejected("value-out-of-range", field="backup_days", limit=BACKUP_DAYS_MAX, least=0)
    reason = require_text("reason", command.reason)
    consenting = world.records[command.consents]
    if not isinstance(consenting, Active):
        raise Rejected("user-unknown", field="consents")
    user = consenting.added
    if user.name == command.asked_by:
        raise Rejected("consent-of-another-needed", field="consents")
    if user.role not in roles_with("consent-to-erasure"):
        raise Rejected("consent-role-unfit", field="consents", name=user.name, role=user.role)
    return Outcome((PersonErased(command.subject, reason, user.name, command.backup_days),))


def evolve(_state: State, event: Event) -> State:
    """Apply what happened."""
    return Erased(event)


def claims(_after: State, _event: Event) -> tuple[Claim, ...]:
    """None: the record's id is the person's."""
    return ()


def taken(_claim: Claim, holder: UUID) -> NoReturn:
    """Never asked: an erasure takes no names."""
    raise AlreadyRecorded("person-erased-already", holder)
