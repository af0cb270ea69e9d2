"""The application with keys: what it signs, anybody can check."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.verification.buckets import Allowance, Buckets
from api.verification.lists import publish_due
from api.verification.trust import Trust
from registry.award import CancelAward, RestoreAward
from registry.key_set import trial_certificate
from registry.proofs.key_list import KeyList
from registry.proofs.keys import Purpose, Signer
from registry.trust import publish
from tests.api_house import OPERATOR, House, open_house
from tests.made_keys import key_list, listed, secret_of, signed, signer

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
        publish(self.database.registry(), signed(key_list), int(time.time()))

    def load(self) -> bytes:
        """The list in force."""
        return signed(self.key_list)

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
        "pdf": signer("pdf", "pdf"),
    }
    certificate = trial_certificate(secret_of("pdf"))
    keys = Keys(database, uses)
    listing = key_list(
        issued_at=now - 60,
        expires_at=now + 86_400,
        keys=tuple(listed(one) for one in uses.values()),
    )
    keys.publish(listing)
    settings = {
        "public_url": URL,
        "trust": Trust(keys.load, keys.find, lambda _: certificate),
        "buckets": Buckets(PATIENT, PATIENT, facts=PATIENT, codes=PATIENT),
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


def publish_lists(house: House) -> int:
    """Publish what is due of the status lists, as the server does by itself."""
    application: Any = house.client.app
    return publish_due(application.state.service)


def award_of(house: House, serial: str) -> UUID:
    """The award of a certificate."""
    return UUID(house.done(house.get(f"/api/artifacts/{serial}"))["award_id"])


def cancel(house: House, serial: str, on: str = "2026-11-02") -> None:
    """Make the award of a certificate void, by a decision of its own."""
    by = house.decision(number="477/QĐ-CTN", kind="cancel", decided_on=on)
    command = CancelAward(UUID(by["id"]), "fraud")
    house.registry.execute("award", award_of(house, serial), command, OPERATOR)


def restore(house: House, serial: str, on: str) -> None:
    """Let it stand again."""
    by = house.decision(number="510/QĐ-CTN", kind="restore", decided_on=on)
    command = RestoreAward(UUID(by["id"]))
    house.registry.execute("award", award_of(house, serial), command, OPERATOR)
