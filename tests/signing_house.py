"""The application with keys: what it signs, anybody can check."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.verification.buckets import Allowance, Buckets
from registry.proofs.key_list import KeyList
from registry.proofs.keys import Purpose, Signer
from registry.trust import publish
from tests.api_house import House, open_house
from tests.made_keys import key_list, listed, signed, signer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

URL = "https://sovang.test"
# Tests ask more often than people do; that asking has a limit has a test of its own.
PATIENT = Allowance(per_second=1e6, at_once=1_000_000)


@dataclass
class Keys:
    """The keys of a register in tests, and the list that names them."""

    database: Database
    signers: dict[Purpose, Signer] = field(default_factory=dict)
    key_list: KeyList = field(default_factory=key_list)

    def publish(self, key_list: KeyList) -> None:
        """Put a list in force."""
        self.key_list = key_list
        with self.database.pool("writer").connection() as connection:
            publish(connection, signed(key_list), int(time.time()))

    def find(self, _key_list: KeyList, use: Purpose) -> Signer:
        """What signs for a purpose."""
        return self.signers[use]


@contextmanager
def open_signing_house(database: Database, **options: Any) -> Iterator[tuple[House, Keys]]:
    """The application with keys for certificates, status lists and the log."""
    now = int(time.time())
    uses: dict[Purpose, Signer] = {
        "issue": signer("issue"),
        "status": signer("status", "status"),
        "log": signer("log", "log"),
    }
    keys = Keys(database, uses)
    listing = key_list(
        issued_at=now - 60,
        expires_at=now + 86_400,
        keys=tuple(listed(one) for one in uses.values()),
    )
    keys.publish(listing)
    settings = {
        "public_url": URL,
        "find_signer": keys.find,
        "buckets": Buckets(PATIENT, PATIENT),
        **options,
    }
    with open_house(database, **settings) as house:
        yield house, keys


def an_issued_certificate(house: House, name: str = "Giàng Seo Phử", **fields: Any) -> str:
    """The serial of a certificate that was entered with a new award."""
    award = house.award(name, issue_artifacts=True, **fields)
    (serial,) = (one["serial"] for one in award["artifacts"] if one["component"] == "certificate")
    return str(serial)


def sign(house: House, serial: str) -> dict[str, Any]:
    """What the certificate was given to print."""
    return house.done(house.post(f"/api/artifacts/{serial}/sign", {}))
