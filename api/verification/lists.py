"""Status lists as they are published: each version signed, and a fact of the log.

A list is published anew when something of it has changed, and daily so that it never runs out;
not more often than every few seconds, for every version stays in the log for good. Whoever asks
for a list makes it be published: nobody sees one that the log does not have.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from projections.signatures import newest_list, revoked_indexes
from registry.errors import Conflict, NotFound, Rejected, VerificationFailed
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

PUBLISHED_AGAIN_AFTER: Final = timedelta(days=1)
VERSIONS_APART_MIN: Final = timedelta(seconds=5)

_AUTHOR: Final = Authorship("Sổ Vàng", "Sổ Vàng", basis="Công bố danh sách tình trạng")


def current_list(service: Service, number: int) -> StatusListPublished:
    """The newest version of a list. Raises `NotFound` for a number that no certificate has."""
    with service.reading() as cursor:
        newest, used = newest_list(cursor)
        if not used or not 0 <= number <= newest:
            raise NotFound("status-list-unknown", field="list")
        indexes = revoked_indexes(cursor, number)
    before = _published(service, number)
    if before is not None and not _is_due(service, before, indexes):
        return before
    try:
        return _publish(service, number, indexes)
    except (Rejected, Conflict):
        # Another process has published at this very moment: its version is as good.
        after = _published(service, number)
        if after is None:
            raise
        return after


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
