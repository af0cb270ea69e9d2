"""Status lists in the audit: every bit is told again from the facts, for each list's own time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from projections.recount import Recount
from projections.sealed_archive import write_kit
from projections.sealing import Sequencer
from registry.identifiers import new_id
from registry.proofs.auditing import audit
from registry.proofs.credentials import did_web, format_moment, key_name, sign_jwt
from registry.proofs.kits import REGISTERS, FolderFiles, Kit, registers_position
from registry.proofs.status_lists import VALID_FOR, bits_of, list_credential
from registry.status_list import PublishStatusList, list_claim
from tests.api_house import OPERATOR, House
from tests.signing_house import (
    URL,
    Keys,
    an_issued_certificate,
    cancel,
    open_signing_house,
    restore,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from registry.database import Database


@dataclass
class Office:
    """A register whose clock can be turned, and what an auditor finds in its kit."""

    house: House
    keys: Keys
    folder: Path
    kits: int = 0

    def wait(self, **time_passed: float) -> None:
        """Turn the clock on."""
        begun = self.house.registry.clock()
        self.house.registry.clock = lambda: begun + timedelta(**time_passed)

    def publish(self, indexes: Sequence[int], revoked: int | None = None) -> int:
        """Publish a list in which these indexes are set, true or not; its position."""
        registry, signer = self.house.registry, self.keys.signers["status"]
        begins, issuer = registry.clock(), did_web(URL)
        document = list_credential(issuer, URL, 0, bits_of(indexes), begins)
        command = PublishStatusList(
            0,
            format_moment(begins),
            format_moment(begins + VALID_FOR),
            len(indexes) if revoked is None else revoked,
            sign_jwt(document, signer, key_name(issuer, signer.kid)),
        )
        stream = registry.holder(list_claim(0)) or new_id()
        registry.execute("status-list", stream, command, OPERATOR)
        return registry.log.head().position

    def findings(self) -> list[tuple[str, dict[str, str | int]]]:
        """What the audit of a new kit tells."""
        self.house.catch_up()
        database = self.keys.database
        log_key = self.keys.signers["log"]
        sealing = Sequencer(database.conninfo("projector"), database.marks, lambda *_: [log_key])
        sealing.seal_all()
        sealing.close()
        self.kits += 1
        folder = self.folder / str(self.kits)
        write_kit(database.conninfo("reader"), database.marks, folder)
        files = FolderFiles(folder)
        with Recount(Kit(files), registers_position(files.read(REGISTERS))) as recount:
            found = audit(recount, self.keys.key_list.roots, now=int(time.time()))
            recount.said(found)
        return [(one.code, one.params) for one in found.findings]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    with open_signing_house(database) as (house, keys):
        yield Office(house, keys, tmp_path)


def signed_paper(office: Office, name: str = "Giàng Seo Phử") -> tuple[str, int]:
    serial = an_issued_certificate(office.house, name)
    return serial, sign(office.house, serial)["status_index"]


def test_lists_that_were_true_in_their_time_are_good(office: Office) -> None:
    serial, index = signed_paper(office)
    office.publish(())
    office.wait(hours=2)
    cancel(office.house, serial)
    office.publish((index,))
    office.wait(hours=2)
    restore(office.house, serial, on="2026-11-03")
    office.publish(())
    assert office.findings() == []
    # The kit has each version as a file that anybody can check alone.
    names = sorted(path.name for path in (office.folder / "1" / "status" / "000000").iterdir())
    assert len(names) == 3
    assert len(list((office.folder / "1" / "decisions").iterdir())) == 2


def test_a_list_that_hides_a_cancelling_is_told(office: Office) -> None:
    serial, index = signed_paper(office)
    cancel(office.house, serial)
    # Right after it, the register from which lists are made may not have come so far.
    office.publish(())
    assert office.findings() == []
    office.wait(hours=2)
    position = office.publish(())
    assert office.findings() == [
        ("status-differs", {"position": position, "list": 0, "index": index})
    ]


def test_a_list_that_accuses_a_paper_in_force_is_told(office: Office) -> None:
    _, index = signed_paper(office)
    other = (index + 1) % 131_072
    position = office.publish((index, other))
    assert office.findings() == [
        ("status-differs", {"position": position, "list": 0, "index": place})
        for place in sorted((index, other))
    ]


def test_a_fact_that_describes_its_list_wrongly_is_told(office: Office) -> None:
    position = office.publish((), revoked=3)
    assert office.findings() == [("status-list-misdescribed", {"position": position})]
