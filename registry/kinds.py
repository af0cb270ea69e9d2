"""Every kind of record with its rules, and what can be asked of an event of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from registry import (
    award,
    decision,
    disclosure,
    erasure,
    importing,
    key_list,
    put_back,
    status_list,
    stock,
    user,
    working_calendar,
)
from registry.cases import service_case
from registry.personal import Clear

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from registry.fact import Decider, RecordKind
    from registry.personal import Personal

DECIDERS: Mapping[RecordKind, Decider] = {
    "decision": cast("Decider", decision),
    "award": cast("Decider", award),
    "service-case": cast("Decider", service_case),
    "status-list": cast("Decider", status_list),
    "key-list": cast("Decider", key_list),
    "import": cast("Decider", importing),
    "stock": cast("Decider", stock),
    "user": cast("Decider", user),
    "erasure": cast("Decider", erasure),
    "disclosure": cast("Decider", disclosure),
    "put-back": cast("Decider", put_back),
    "working-days": cast("Decider", working_calendar),
}
KIND_OF_EVENT: Mapping[type, RecordKind] = {
    event: kind for kind, decider in DECIDERS.items() for event in decider.EVENTS.values()
}


def personal_values(event: Any) -> Iterable[Personal]:
    """Values in an event of any record that must be sealed, or are."""
    return DECIDERS[KIND_OF_EVENT[type(event)]].personal_values(event)


def subjects_of(events: Iterable[Any]) -> set[str]:
    """Ids of the persons about whom these events hold values in the clear."""
    return {
        value.subject
        for event in events
        for value in personal_values(event)
        if isinstance(value, Clear)
    }


def subjects_erased(events: Iterable[Any]) -> tuple[UUID, ...]:
    """Persons whose keys go with the appending of these events."""
    return tuple(event.subject for event in events if isinstance(event, erasure.PersonErased))
