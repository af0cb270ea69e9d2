"""GET records nothing, whoever asks; a certificate is signed by who may sign, not by who looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.http.acts import ADDRESSES
from projections.background import Task
from registry.award.artifact import ArtifactSigned
from registry.errors import NotReady
from registry.rights import ASKERS
from tests.api_house import House, problem
from tests.full_house import FullHouse
from tests.pdf_reading import read_pages
from tests.signing_house import (
    Keys,
    an_issued_certificate,
    award_of,
    open_signing_house,
    publish_lists,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from registry.database import Database


@pytest.fixture
def signing(database: Database) -> Iterator[tuple[House, Keys]]:
    with open_signing_house(database) as opened:
        yield opened


@pytest.fixture
def house(signing: tuple[House, Keys]) -> House:
    return signing[0]


def test_no_get_of_any_role_moves_the_head_of_the_log(house: House) -> None:
    full = FullHouse(house)
    unsigned = an_issued_certificate(house, "Vàng A Sử")
    house.catch_up()
    for asker in ASKERS:
        role = None if asker == "nobody" else asker
        headers = house.headers(role)
        head = house.registry.log.head()
        answered = 0
        for address in ADDRESSES:
            if address.method == "GET":
                path = full.fill(address)
                answer = house.client.get(path, headers=headers)
                answered += answer.is_success
                assert answer.status_code < 500 or "checkpoint" in path, f"{path}: {answer.text}"
        for path in ("certificate.pdf", "qr.svg", "credential"):
            house.client.get(f"/api/artifacts/{unsigned}/{path}", headers=headers)
        assert house.registry.log.head() == head, asker
        assert answered > 15, asker


def signatures(house: House, serial: str) -> list[Any]:
    facts = house.registry.facts_of(award_of(house, serial))
    return [fact for fact in facts if isinstance(fact.event, ArtifactSigned)]


@pytest.mark.parametrize("role", ["clerk", "verifier", "leader", "auditor"])
def test_a_certificate_that_nobody_signed_is_not_signed_by_looking(house: House, role: Any) -> None:
    serial = an_issued_certificate(house)
    path = f"/api/artifacts/{serial}/certificate.pdf"
    said = problem(house.get(path, role), 404, "certificate-not-signed")
    assert f"/api/artifacts/{serial}/sign" in said["detail"]
    problem(house.get(f"{path}?blank=bang-khen", role), 404, "certificate-not-signed")
    assert signatures(house, serial) == []
    made = sign(house, serial)
    answer = house.get(path, role)
    assert answer.content.startswith(b"%PDF")
    (signature,) = signatures(house, serial)
    assert signature.authorship.actor == "clerk Thử"
    assert made["serial"] == serial


def test_a_proof_is_made_before_signing_and_bears_no_code_after(house: House) -> None:
    serial = an_issued_certificate(house)
    path = f"/api/artifacts/{serial}/certificate.pdf"
    before = house.get(f"{path}?proof=true", "clerk").content
    assert signatures(house, serial) == []
    sign(house, serial)
    assert house.get(f"{path}?proof=true", "clerk").content == before
    assert b"/ByteRange" not in before
    (proof,), (final,) = read_pages(before), read_pages(house.get(path, "clerk").content)
    for code in ("Mã kiểm tra", serial):
        assert code in final.text
        assert code not in proof.text
    assert "Đóng dấu" in proof.text
    assert "Đóng dấu" not in final.text


def test_a_text_that_was_corrected_must_be_signed_again_first(house: House) -> None:
    serial = an_issued_certificate(house)
    sign(house, serial)
    path = f"/api/artifacts/{serial}/certificate.pdf"
    assert house.get(path).status_code == 200
    sent = {"corrections": {"name": "Giàng Seo Phủ"}, "reason": "theo bằng gốc"}
    house.done(house.post(f"/api/awards/{award_of(house, serial)}/correct", sent))
    problem(house.get(path), 404, "certificate-not-signed")
    sign(house, serial)
    assert house.get(path).status_code == 200
    assert len(signatures(house, serial)) == 2


def test_an_auditor_starts_no_print_job(house: House) -> None:
    decision = house.decision()
    line = {"recipient": {"name": "A"}, "form": "ORD-LAODONG", "award_class": "I"}
    sent = {"awards": [line], "issue_artifacts": True}
    house.done(house.post(f"/api/decisions/{decision['id']}/awards", sent))
    path = f"/api/decisions/{decision['id']}/certificates"
    house.token("auditor")
    house.catch_up()
    head = house.registry.log.head()
    for body in ({}, {"signed": True}):
        problem(house.post(path, body, "auditor", Prefer=""), 403, "role-may-not-print")
    assert house.registry.log.head() == head
    job = house.post(path, {}, Prefer="")
    assert job.status_code == 200, job.text
    assert house.get(job.json()["file"], "auditor").content.startswith(b"%PDF")
    assert house.registry.log.head() != head, "the clerk's job signed"


def test_a_list_is_published_by_the_server_and_not_by_who_asks(house: House) -> None:
    sign(house, an_issued_certificate(house))
    house.catch_up()
    head = house.registry.log.head()
    problem(house.client.get("/log/status/0"), 503, "status-list-not-published")
    assert house.registry.log.head() == head
    assert publish_lists(house) == 1
    assert house.client.get("/log/status/0").status_code == 200
    assert publish_lists(house) == 0


def test_publishing_goes_on_after_a_failure(house: House) -> None:
    from threading import Event  # noqa: PLC0415 - only here

    from api.verification import lists  # noqa: PLC0415

    sign(house, an_issued_certificate(house))
    house.catch_up()
    application: Any = house.client.app
    service = application.state.service
    find_signer = service.trust._find_signer
    tries: list[str] = []

    class Looks(Event):
        """Three looks, none of which waits."""

        def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
            tries.append("")
            return len(tries) > 3

    def fails_once(*given: Any) -> Any:
        if len(tries) == 1:
            raise NotReady("signing-key-missing", use="status")
        return find_signer(*given)

    service.trust._find_signer = fails_once
    task = Task("status lists")
    lists.follow(service, task, Looks())
    assert task.state().failures_total == 1
    assert house.client.get("/log/status/0").status_code == 200
