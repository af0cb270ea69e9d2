"""Status lists as they are published: each version signed, and a fact of the log.

A list is published anew when something of it has changed, and daily so that it never runs out;
not more often than every few seconds, for every version stays in the log for good. The server looks
every few seconds by itself (`follow`). Whoever asks for a list gets the last version that the log
has, and records nothing by asking.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import structlog

from projections.signatures import newest_list, revoked_indexes
from registry.errors import Conflict, NotFound, NotReady, Rejected, VerificationFailed
from registry.fact import Authorship
from registry.identifiers import new_id
from registry.proofs.credentials import (
    add_proof,
    did_web,
    format_moment,
    key_name,
    parse_moment,
    sign_jwt,
    verify_jwt,
)
from registry.proofs.status_lists import (
    VALID_FOR,
    bits_of,
    encode_bits,
    list_credential,
    verify_current,
)
from registry.status_list import (
    Published,
    PublishStatusList,
    StatusListPublished,
    list_claim,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.service import Service
    from projections.background import Task

PUBLISHED_AGAIN_AFTER: Final = timedelta(days=1)
VERSIONS_APART_MIN: Final = timedelta(seconds=5)
LOOK_SECONDS: Final = 2.0

_log = structlog.get_logger(__name__)

_AUTHOR: Final = Authorship("Sổ Vàng", "Sổ Vàng", basis="Công bố danh sách tình trạng")


def current_list(service: Service, number: int) -> StatusListPublished:
    """The last version of a list. Raises `NotFound` for a number that no certificate has."""
    if not 0 <= number < _lists_used(service):
        raise NotFound("status-list-unknown", field="list")
    published = _published(service, number)
    if published is None:
        raise NotReady("status-list-not-published")
    return published


def publish_due(service: Service) -> int:
    """Publish every list that has changed or is a day old; returns how many.

    Raises what reading and recording raise, and `NotReady` without the key.
    """
    return sum(_publish_if_due(service, number) for number in range(_lists_used(service)))


def follow(service: Service, task: Task, stop: Event) -> None:
    """Publish what is due every few seconds until `stop` is set; `task` is told how it goes.

    A version that was not published leaves the one before in force, for at most a week.
    """
    pause = LOOK_SECONDS
    while not stop.wait(pause):
        try:
            publish_due(service)
        except Exception as error:  # noqa: BLE001 - told, counted and tried again
            pause = task.failed(error, LOOK_SECONDS)
        else:
            task.went_well()
            pause = LOOK_SECONDS


def _lists_used(service: Service) -> int:
    with service.reading() as cursor:
        newest, used = newest_list(cursor)
    return newest + 1 if used else 0


def _publish_if_due(service: Service, number: int) -> bool:
    with service.reading() as cursor:
        indexes = revoked_indexes(cursor, number)
    before = _published(service, number)
    if before is not None and not _is_due(service, before, indexes):
        return False
    try:
        _publish(service, number, indexes)
    except (Rejected, Conflict):
        # Another process has published at this very moment: its version is as good.
        if _published(service, number) is None:
            raise
        return False
    return True


def credential_of(service: Service, published: StatusListPublished) -> dict[str, Any]:
    """The same list as a JSON document with a proof inside (eddsa-jcs-2022)."""
    trust = service.trust
    signer = trust.signer("status")
    document = verify_jwt(published.credential, trust.public_keys("status"))
    method = key_name(did_web(service.public_url), signer.kid)
    return add_proof(document, signer.sign, method, published.valid_from)


def _published(service: Service, number: int) -> StatusListPublished | None:
    stream = service.registry.holder(list_claim(number))
    if stream is None:
        return None
    state = service.registry.load("status-list", stream).state
    return state.newest if isinstance(state, Published) else None


def _is_due(service: Service, before: StatusListPublished, indexes: Sequence[int]) -> bool:
    age = service.registry.clock() - parse_moment(before.valid_from)
    if age < VERSIONS_APART_MIN:
        return False
    if age >= PUBLISHED_AGAIN_AFTER:
        return True
    trust = service.trust
    try:
        verify_current(before.credential, trust.key_list)
    except VerificationFailed:
        # Its key was stolen since: nobody believes this version any more.
        return True
    known = verify_jwt(before.credential, trust.public_keys("status"))
    encoded: str = known["credentialSubject"]["encodedList"]
    return encoded != encode_bits(bits_of(indexes))


def _publish(service: Service, number: int, indexes: Sequence[int]) -> StatusListPublished:
    registry, signer = service.registry, service.trust.signer("status")
    issuer = did_web(service.public_url)
    valid_from: datetime = registry.clock()
    credential = list_credential(issuer, service.public_url, number, bits_of(indexes), valid_from)
    command = PublishStatusList(
        number,
        format_moment(valid_from),
        format_moment(valid_from + VALID_FOR),
        len(indexes),
        sign_jwt(credential, signer, key_name(issuer, signer.kid)),
    )
    stream = registry.holder(list_claim(number))
    recorded = registry.execute("status-list", stream or new_id(), command, _AUTHOR)
    event: StatusListPublished = recorded.events[0]
    return event
