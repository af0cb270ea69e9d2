"""Checking a certificate over HTTP: what it says, when it says no, and what it never tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from api.refusals import TooManyRequests
from api.service import Service
from api.verification import signing as certificate_signing
from api.verification.buckets import Allowance, Buckets, network_of
from api.verification.check_codes import check_code, is_check_code
from api.verification.signing import sign_certificates
from registry.codec import decode_fact
from registry.proofs.credentials import did_web, verify_jwt, verify_proof
from registry.proofs.digits import bytes_to_digits, digits_of_link, digits_to_bytes
from registry.proofs.payload import parse_envelope, sign_claims, verify_envelope
from registry.proofs.status_lists import list_of, read_list, verify_list
from registry.status_list import StatusListPublished
from tests.api_house import OPERATOR, House, fields_of, open_house, problem
from tests.made_keys import listed
from tests.signing_house import (
    Keys,
    an_issued_certificate,
    award_of,
    cancel,
    open_signing_house,
    publish_lists,
    restore,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database


@pytest.fixture
def signing(database: Database) -> Iterator[tuple[House, Keys]]:
    with open_signing_house(database) as opened:
        yield opened


@pytest.fixture
def house(signing: tuple[House, Keys]) -> House:
    return signing[0]


@pytest.fixture
def keys(signing: tuple[House, Keys]) -> Keys:
    return signing[1]


def verify(house: House, **body: Any) -> dict[str, Any]:
    return house.done(house.client.post("/api/verify", json=body))


def status(house: House, serial: str, **query: str) -> dict[str, Any]:
    return house.done(house.client.get(f"/api/verify/{serial}", params=query))


def log_reads(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of everything that is looked up in the log and the registers from now on."""
    seen: list[str] = []
    reading = Service.reading

    def watching_registers(service: Service) -> Any:
        seen.append("reading")
        return reading(service)

    monkeypatch.setattr(Service, "reading", watching_registers)
    for name in ("read_stream", "read_streams", "holders"):
        own = getattr(house.registry.log, name)

        def watching(*given: Any, _name: str = name, _own: Any = own, **options: Any) -> Any:
            seen.append(_name)
            return _own(*given, **options)

        monkeypatch.setattr(house.registry.log, name, watching)
    return seen


# Genuine ------------------------------------------------------------------------------------


def test_a_signed_certificate_is_genuine_and_in_force(house: House) -> None:
    serial = an_issued_certificate(house)
    made = sign(house, serial)
    for p in (made["link"], digits_of_link(made["link"]), f" {made['link']}\n"):
        answer = verify(house, p=p)
        assert answer["authentic"] is True
        assert answer["serial"] == serial
        assert answer["status"] == "valid"
        assert answer["in_force"] is True
        assert answer["form"] == "ORD-KC-US:III"
        assert [one["serial"] for one in answer["chain"]] == [serial]
    assert len(digits_to_bytes(digits_of_link(made["link"]))) < 250


def test_signing_again_gives_the_same_until_the_text_is_corrected(house: House) -> None:
    serial = an_issued_certificate(house, "Giàng Seo Phử")
    first = sign(house, serial)
    facts = house.facts()
    assert sign(house, serial.lower()) == first
    assert house.facts() == facts
    body = {"corrections": {"name": "Giàng Seo Phừ"}, "reason": "chép nhầm"}
    house.done(house.post(f"/api/awards/{award_of(house, serial)}/correct", body))
    second = sign(house, serial)
    assert second["link"] != first["link"]
    assert second["status_index"] != first["status_index"]
    assert verify(house, p=second["link"])["status"] == "valid"
    old = verify(house, p=first["link"])
    assert (old["authentic"], old["status"], old["in_force"]) == (True, "text-corrected", False)


def test_only_papers_that_count_are_signed(house: House) -> None:
    award = house.award("Vàng A Sử", issue_artifacts=True)
    serials = {one["component"]: one["serial"] for one in award["artifacts"]}
    refused = house.post(f"/api/artifacts/{serials['order_insignia']}/sign", {})
    problem(refused, 422, "component-not-printed")
    problem(house.post("/api/artifacts/C1999-0000001-X/sign", {}), 404, "artifact-unknown")
    problem(
        house.post(f"/api/artifacts/{serials['certificate']}/sign", {}, role=None),
        401,
        "sign-in-missing",
    )
    cancel(house, serials["certificate"])
    problem(
        house.post(f"/api/artifacts/{serials['certificate']}/sign", {}), 422, "award-taken-away"
    )


def test_a_name_with_letters_of_two_alphabets_is_not_signed(house: House) -> None:
    serial = an_issued_certificate(house, "Nguyễn Vаn A")  # Cyrillic а
    problem(house.post(f"/api/artifacts/{serial}/sign", {}), 422, "letters-of-two-alphabets")


def test_thousands_of_a_decision_would_be_signed_in_one_transaction(house: House) -> None:

    serials = [an_issued_certificate(house, f"Người Thứ {letter}") for letter in "ABCD"]
    service = house.client.app.state.service  # type: ignore[attr-defined]
    made = sign_certificates(service.signing, serials, OPERATOR)
    facts = house.registry.log.read_after(0, 1_000)
    last = [decode_fact(*fact) for fact in facts[-4:]]
    assert [fact.event.serial for fact in last] == serials
    assert len({fact.recorded_at for fact in last}) == 1
    assert len({one.status_index for one in made}) == 4
    assert sign_certificates(service.signing, serials, OPERATOR) == made


def test_two_papers_of_one_award_are_signed_together(house: House) -> None:
    award = house.award("Vàng A Sử", issue_artifacts=True)
    items = [{"component": "board"}]
    house.done(house.post(f"/api/awards/{award['id']}/artifacts", {"artifacts": items}))
    shown = house.done(house.get(f"/api/awards/{award['id']}"))["artifacts"]
    serials = [one["serial"] for one in shown if one["component"] in {"certificate", "board"}]
    service = house.client.app.state.service  # type: ignore[attr-defined]
    made = sign_certificates(service.signing, serials, OPERATOR)
    assert [one.serial for one in made] == serials
    recorded = [decode_fact(*fact) for fact in house.registry.log.read_after(0, 1_000)][-2:]
    assert [(one.position, one.event.serial) for one in recorded] == [
        (one.position, one.serial) for one in made
    ]
    assert sign_certificates(service.signing, serials, OPERATOR) == made


def test_papers_signed_together_draw_indexes_that_nobody_has(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lowest:
        """Draws the same numbers each time, as chance may."""

        def sample(self, places: range, count: int) -> list[int]:
            return list(places[:count])

    monkeypatch.setattr(certificate_signing, "_random", Lowest())
    service = house.client.app.state.service  # type: ignore[attr-defined]
    serials = [an_issued_certificate(house, f"Người Thứ {letter}") for letter in "ABC"]
    (first,) = sign_certificates(service.signing, serials[:1], OPERATOR)
    others = sign_certificates(service.signing, serials[1:], OPERATOR)
    assert [one.status_index for one in (first, *others)] == [0, 1, 2]


# Status on any day --------------------------------------------------------------------------


def test_scenario_38_cancelled_then_restored_is_told_for_every_day_and_as_known_then(
    house: House,
) -> None:
    serial = an_issued_certificate(house, issued_on="2018-05-01")
    before = datetime.now(UTC)
    cancel(house, serial, on="2019-03-01")
    restore(house, serial, on="2020-06-15")
    for day, expected in (
        ("2018-04-30", "not-yet"),
        ("2018-05-01", "valid"),
        ("2019-02-28", "valid"),
        ("2019-03-01", "cancelled"),
        ("2019-05-09", "cancelled"),
        ("2020-06-15", "restored"),
    ):
        answer = status(house, serial, on=day)
        assert (answer["on"], answer["status"]) == (day, expected)
    then = status(house, serial, on="2019-05-09")
    assert then["decision"]["number"] == "477/QĐ-CTN"
    assert then["reason"] == "fraud"
    assert "gian dối" in then["reason_text"]
    assert then["since"] == "2019-03-01"
    assert datetime.fromisoformat(then["recorded_at"]) > before
    unknowing = status(house, serial, on="2019-05-09", known_at=before.isoformat())
    assert unknowing["status"] == "valid"
    now = status(house, serial)
    assert (now["status"], now["in_force"], now["on"]) == ("restored", True, None)
    assert now["decision"]["number"] == "510/QĐ-CTN"


def test_a_replaced_certificate_names_its_successor_and_the_whole_chain(house: House) -> None:
    old = an_issued_certificate(house)
    signed_old = sign(house, old)
    house.done(house.post(f"/api/artifacts/{old}/print", {"printed_on": "2026-11-19"}))
    body = {"replaced_on": "2026-11-20"}
    house.done(house.post(f"/api/artifacts/{old}/replace", body))
    successor = status(house, old)["superseded_by"]
    answer = verify(house, p=signed_old["link"])
    assert answer["authentic"] is True
    assert (answer["status"], answer["superseded_by"]) == ("superseded", successor)
    assert [one["serial"] for one in answer["chain"]] == [old, successor]
    assert status(house, successor)["status"] == "valid"
    problem(house.post(f"/api/artifacts/{old}/sign", {}), 422, "artifact-superseded")


def test_by_serial_alone_nothing_is_told_about_a_person(house: House) -> None:
    serial = an_issued_certificate(house, "Giàng Seo Phử", merit="công lao to lớn")
    told = house.client.get(f"/api/verify/{serial}").text
    page = house.client.get(f"/v/{serial}").text
    for text in (told, page):
        assert serial in text
        for hidden in ("Giàng", "Phử", "1930", "Bản Cái", "công lao", "ORD-KC"):
            assert hidden not in text


def test_facts_that_the_asker_holds_match_or_do_not(house: House) -> None:
    serial = an_issued_certificate(house, "Giàng Seo Phử")
    made = sign(house, serial)
    asked = {"serial": serial, "check_code": made["check_code"]}
    good = verify(house, **asked, name="GIÀNG SEO PHỬ", birth_year=1930)
    assert good["matches"] == {"name": True, "birth_year": True}
    bad = verify(house, p=made["link"], name="Giàng Seo Phừ", birth_year=1931)
    assert bad["matches"] == {"name": False, "birth_year": False}
    assert "Giàng" not in str(bad)


def test_a_page_says_the_status_of_a_serial_in_both_languages(house: House) -> None:
    serial = an_issued_certificate(house)
    assert "còn hiệu lực" in house.client.get(f"/v/{serial}").text
    cancel(house, serial)
    page = house.client.get(f"/v/{serial}?lang=en").text
    assert "award cancelled" in page
    assert "477/QĐ-CTN" in page
    missing = house.client.get("/v/C1999-0000001-X?lang=vi")
    assert missing.status_code == 404
    assert "không khớp với bằng nào" in missing.text


# Refused ------------------------------------------------------------------------------------


def test_an_unknown_serial_and_a_wrong_code_get_the_very_same_answer(house: House) -> None:
    serial = an_issued_certificate(house)
    sign(house, serial)
    wrong = {"serial": serial, "check_code": "AAAA-AAAA"}
    unknown = {"serial": "C1999-0000001-X", "check_code": "AAAA-AAAA"}
    answers = [house.client.post("/api/verify", json=body) for body in (wrong, unknown)]
    assert answers[0].content == answers[1].content
    assert problem(answers[0], 404, "certificate-unknown")
    problem(house.client.get("/api/verify/C1999-0000001-X"), 404, "certificate-unknown")
    lacking = problem(
        house.client.post("/api/verify", json={"serial": serial}), 422, "body-invalid"
    )
    assert fields_of(lacking) == {"check_code": "value-missing"}


def test_a_forged_payload_is_refused_before_anything_is_looked_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = an_issued_certificate(house)
    made = sign(house, serial)
    content = bytearray(digits_to_bytes(digits_of_link(made["link"])))
    content[-1] ^= 1
    seen = log_reads(house, monkeypatch)
    for p, code in (
        (bytes_to_digits(bytes(content)), "payload-signature"),
        (bytes_to_digits(bytes(content[:-1])), "payload-malformed"),
        ("٣٣٣", "payload-not-digits"),
        ("1" * 4_001, "payload-too-long"),
        ("", "payload-not-digits"),
    ):
        answer = verify(house, p=p)
        assert (answer["authentic"], answer["code"]) == (False, code)
        assert answer["detail"] != code
    assert seen == []
    assert verify(house, p=made["link"])["authentic"] is True
    assert seen != []


def test_a_million_digits_are_turned_away_at_the_door(house: House) -> None:
    begun = perf_counter()
    answer = house.client.post("/api/verify", json={"p": "1" * 1_000_000})
    problem(answer, 413, "body-too-large")
    assert perf_counter() - begun < 1


def test_a_stolen_issuing_key_signs_perfectly_but_nobody_entered_its_work(
    house: House, keys: Keys
) -> None:
    serial = an_issued_certificate(house)
    made = sign(house, serial)
    genuine = verify_envelope(
        parse_envelope(digits_to_bytes(digits_of_link(made["link"]))), keys.key_list
    )
    for claims in (
        replace(genuine.claims, name="Kẻ Mạo Danh"),
        replace(genuine.claims, serial="C2026-9999999-X"),
    ):
        forged = sign_claims(claims, bytes(16), genuine.signed_at, keys.signers["issue"])
        answer = verify(house, p=bytes_to_digits(forged))
        assert (answer["authentic"], answer["code"]) == (False, "payload-not-in-register")


def test_after_a_theft_only_what_the_log_had_before_counts(house: House, keys: Keys) -> None:
    early, late = (
        an_issued_certificate(house, "Người Trước"),
        an_issued_certificate(house, "Người Sau"),
    )
    signed_early = sign(house, early)
    leaf = house.registry.log.head().position
    signed_late = sign(house, late)
    others = [key for key in keys.key_list.keys if key.use != "issue"]
    stolen = listed(keys.signers["issue"], compromised_at_leaf=leaf)
    keys.publish(replace(keys.key_list, version=2, keys=(stolen, *others)))
    house.client.app.state.service.trust._read = None  # type: ignore[attr-defined]
    assert verify(house, p=signed_early["link"])["status"] == "valid"
    answer = verify(house, p=signed_late["link"])
    assert (answer["authentic"], answer["code"]) == (False, "payload-after-compromise")


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"on": "9/9/99999"}, "on", None),
        ({"on": "yesterday"}, "on", None),
        ({"known_at": "later"}, "known_at", "time-unreadable"),
    ],
)
def test_days_and_moments_that_are_none_are_named(
    house: House, query: dict[str, str], field: str, code: str | None
) -> None:
    answer = house.client.get("/api/verify/C1", params=query)
    assert answer.status_code == 400
    assert list(fields_of(answer.json())) == [field]
    assert code is None or answer.json()["code"] == code


# How often ----------------------------------------------------------------------------------


def test_one_network_may_ask_so_often_and_its_neighbours_are_not_kept_waiting() -> None:
    now = [0.0]
    buckets = Buckets(Allowance(2, 3), Allowance(100, 5), clock=lambda: now[0])
    for address in ("10.1.2.3", "10.1.2.200", "10.1.2.7"):
        buckets.take(address)
    with pytest.raises(TooManyRequests):
        buckets.take("10.1.2.99")
    buckets.take("10.1.3.1")
    now[0] += 0.5
    buckets.take("10.1.2.99")
    with pytest.raises(TooManyRequests):
        buckets.take("10.1.2.99")
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:ffff::9")
    assert network_of("2001:db8:1::1") != network_of("2001:db8:2::1")
    assert network_of("testclient") == network_of(None)


def test_all_together_may_ask_so_often() -> None:
    buckets = Buckets(Allowance(2, 3), Allowance(1, 5), clock=lambda: 0.0)
    for number in range(5):
        buckets.take(f"10.1.{number}.1")
    with pytest.raises(TooManyRequests):
        buckets.take("10.9.9.9")
    with pytest.raises(TooManyRequests):
        buckets.take_common()


def test_a_hundred_thousand_networks_are_not_remembered() -> None:
    buckets = Buckets(Allowance(2, 3), Allowance(1e9, 1_000_000))
    for number in range(60_000):
        buckets.take(f"10.{number >> 8}.{number & 255}.1" if number < 65_536 else None)
    assert len(buckets) <= 50_001


def test_whoever_asks_too_often_is_told_to_wait(database: Database) -> None:
    few = Buckets(Allowance(0.001, 2), Allowance(100, 100))
    with open_signing_house(database, buckets=few) as (house, _):
        serial = an_issued_certificate(house)
        assert [house.client.get(f"/api/verify/{serial}").status_code for _ in range(3)] == [
            200,
            200,
            429,
        ]
        answer = house.client.post("/api/verify", json={"serial": serial, "check_code": "A"})
        problem(answer, 429, "asked-too-often")
        assert answer.headers["Retry-After"]
        problem(house.client.get("/log/status/0"), 429, "asked-too-often")


# Check codes --------------------------------------------------------------------------------


def test_a_check_code_is_that_of_its_serial_in_any_spelling() -> None:
    key = bytes(32)
    code = check_code(key, "C2026-0000001-H")
    assert code == check_code(key, "c2026 0000001/h")
    assert len(code) == 9
    for typed in (
        code,
        code.lower(),
        code.replace("-", " "),
        code.replace("O", "0").replace("I", "1"),
    ):
        assert is_check_code(key, "C2026-0000001-H", typed)
    for typed in ("", "AAAA-AAAA", code[:-1], code + "A", "é" * 9, "A" * 1_000):
        assert not is_check_code(key, "C2026-0000001-H", typed)
    assert not is_check_code(key, "C2026-0000002-H", code)
    assert not is_check_code(bytes(31) + b"1", "C2026-0000001-H", code)


# Status lists and keys ----------------------------------------------------------------------


def a_list(house: House, keys: Keys, number: int) -> Any:
    publish_lists(house)
    answer = house.client.get(f"/log/status/{number}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vc+jwt"
    status_key = keys.signers["status"]
    return read_list(answer.text, {status_key.kid: status_key.public})


def test_a_list_says_what_is_not_in_force_and_every_version_is_a_fact(
    house: House, keys: Keys
) -> None:
    first, second = (
        an_issued_certificate(house, "Người Một"),
        an_issued_certificate(house, "Người Hai"),
    )
    index, other = sign(house, first)["status_index"], sign(house, second)["status_index"]
    house.catch_up()
    now = datetime.now(UTC)
    found = a_list(house, keys, list_of(index))
    verify_list(found, index, now)
    assert not found.is_set(index)
    facts = house.facts()
    assert a_list(house, keys, list_of(index)) == found
    assert house.facts() == facts, "unchanged, it is not published again"

    cancel(house, first)
    house.catch_up()
    house.registry.clock = lambda: now + timedelta(seconds=10)
    changed = a_list(house, keys, list_of(index))
    assert changed.is_set(index)
    assert not changed.is_set(other)
    assert changed.valid_from > found.valid_from
    house.registry.clock = lambda: now + timedelta(days=2)
    assert a_list(house, keys, list_of(index)).valid_from > changed.valid_from
    rows = house.registry.log.read_after(0, 1_000)
    events = [decode_fact(*row).event for row in rows]
    published = [event for event in events if isinstance(event, StatusListPublished)]
    assert [one.revoked for one in published] == [0, 1, 1]
    assert published[-1].credential == house.client.get("/log/status/0").text


def test_a_restored_award_is_in_force_in_the_next_list(house: House, keys: Keys) -> None:
    serial = an_issued_certificate(house)
    index = sign(house, serial)["status_index"]
    cancel(house, serial, on="2026-11-02")
    house.catch_up()
    now = datetime.now(UTC)
    assert a_list(house, keys, 0).is_set(index)
    restore(house, serial, on="2026-11-03")
    house.catch_up()
    house.registry.clock = lambda: now + timedelta(seconds=10)
    assert not a_list(house, keys, 0).is_set(index)


def test_a_list_is_also_a_document_with_a_proof(house: House, keys: Keys) -> None:
    sign(house, an_issued_certificate(house))
    house.catch_up()
    publish_lists(house)
    asked = house.client.get("/log/status/0", headers={"Accept": "application/vc, */*"})
    document = house.client.get("/log/status/0.json").json()
    assert asked.json() == document
    assert asked.headers["content-type"] == "application/vc"
    status_key = keys.signers["status"]
    verify_proof(document, {status_key.kid: status_key.public})
    assert document["id"] == "https://sovang.test/log/status/0"
    methods = house.client.get("/.well-known/did.json").json()["assertionMethod"]
    assert document["proof"]["verificationMethod"] in methods


@pytest.mark.parametrize(
    "url",
    ["https://a.test", "https://a.test:8443", "https://a.test/so-vang", "http://a.test:81/s/v"],
)
def test_the_issuer_s_name_leads_to_its_keys_as_did_web_says(database: Database, url: str) -> None:
    with open_signing_house(database, public_url=url) as (house, _):
        # did:web 1.0, "Read": colons are slashes, no path means the well-known place.
        name = did_web(url)
        host, *path = name.removeprefix("did:web:").split(":")
        folder = "/".join(path) or ".well-known"
        found = f"{url.partition(':')[0]}://{unquote(host)}/{folder}/did.json"
        asked = found.removeprefix(url)
        assert house.client.get(asked).json()["id"] == name
        other = {"/did.json": "/.well-known/did.json"}.get(asked, "/did.json")
        assert house.client.get(other).status_code == 404


@pytest.mark.parametrize("number", ["0", "7", "-1", "x", "9" * 30, "٣"])
def test_a_list_that_no_certificate_is_in_does_not_exist(house: House, number: str) -> None:
    problem(house.client.get(f"/log/status/{number}"), 404, "status-list-unknown")


def test_a_credential_says_what_the_paper_says_and_where_its_status_is(
    house: House, keys: Keys
) -> None:
    serial = an_issued_certificate(house, "Giàng Seo Phử")
    problem(house.get(f"/api/artifacts/{serial}/credential"), 404, "certificate-not-signed")
    made = sign(house, serial)
    issue = {keys.signers["issue"].kid: keys.signers["issue"].public}
    document = house.done(house.get(f"/api/artifacts/{serial}/credential"))
    verify_proof(document, issue)
    assert document["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert document["credentialSubject"]["identifier"][0]["identityHash"] == "Giàng Seo Phử"
    assert document["credentialStatus"]["statusListIndex"] == str(made["status_index"] % 131_072)
    line = house.get(f"/api/artifacts/{serial}/credential", Accept="application/vc+jwt")
    assert verify_jwt(line.text, issue)["id"] == document["id"]
    assert b"<svg" in house.get(f"/api/artifacts/{serial}/qr.svg").content
    problem(house.get("/api/artifacts/C1999-0000001-X/qr.svg"), 404, "artifact-unknown")


def test_without_keys_nothing_is_signed_and_the_page_says_so(database: Database) -> None:
    with open_house(database) as house:
        serial = an_issued_certificate(house)
        problem(house.post(f"/api/artifacts/{serial}/sign", {}), 503, "signing-key-missing")
        assert house.client.get("/v").status_code == 404
        assert status(house, serial)["status"] == "valid"
