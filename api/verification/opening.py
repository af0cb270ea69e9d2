"""The keys of a home and the key list of its database, put together for whoever signs."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any

from api.verification.signing import SigningDesk
from api.verification.trust import Trust
from projections.sealed_log import read_key_list
from registry.errors import NotReady
from registry.trust import prepare_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Cursor

    from registry.database import Database
    from registry.key_set import KeySet
    from registry.proofs.key_list import KeyList
    from registry.proofs.keys import Purpose, Signer
    from registry.settings import Settings


def trust_of(database: Database, key_set: KeySet | None) -> Trust:
    """What a register signs with and tells others to trust; it may have no secrets here."""
    load = partial(_load, database)
    if key_set is None:
        return Trust(load)
    return Trust(load, partial(_find_signer, key_set), key_set.certificate)


def open_signing_desk(database: Database, settings: Settings) -> SigningDesk:
    """What signs at a shell; in a home without keys it signs nothing."""
    try:
        key_set, _ = prepare_keys(database.registry(), settings)
    except NotReady:
        trust = trust_of(database, None)
    else:
        trust = trust_of(database, key_set)
    return SigningDesk(
        database.registry(),
        partial(reading_of, database),
        trust,
        settings.public_url,
        database.home_key,
    )


def _load(database: Database) -> bytes:
    with reading_of(database) as cursor:
        return read_key_list(cursor, database.marks)


@contextmanager
def reading_of(database: Database) -> Iterator[Cursor[Any]]:
    """A cursor on the registers."""
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        yield cursor


def _find_signer(key_set: KeySet, key_list: KeyList, use: Purpose) -> Signer:
    return key_set.signer(key_list, use, int(time()))
