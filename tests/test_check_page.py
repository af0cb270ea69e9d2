"""The page in a real browser of a phone's size: the signature, the status, the network off."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from api.verification.page import Page, make_page
from projections.sealing import Sequencer
from registry.errors import VerificationFailed
from registry.proofs.checkpoints import Checkpoint, sign_checkpoint
from registry.proofs.credentials import did_web, key_name, sign_jwt
from registry.proofs.digits import bytes_to_digits, digits_of_link, digits_to_bytes, make_link
from registry.proofs.payload import Claims, parse_envelope, sign_claims, verify_envelope
from registry.proofs.status_lists import bits_of, list_credential
from registry.user import AddUser
from tests import made_keys
from tests.api_house import OPERATOR, House
from tests.browser import PHONE, Browser, open_browser
from tests.made_keys import listed, signed
from tests.signing_house import (
    Keys,
    an_issued_certificate,
    cancel,
    open_signing_house,
    publish_lists,
    sign,
)
from tests.test_proofs_payload import cose, made
from tests.web_server import WebServer, listen, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

PAGE_BYTES_MAX = 80_000
OUTCOME = "document.body && document.body.dataset.outcome"


@dataclass
class Scene:
    """A register with one signed certificate, a server and a browser."""

    house: House
    keys: Keys
    server: WebServer
    url: str
    serial: str
    certificate: dict[str, Any]

    @property
    def digits(self) -> str:
        return digits_of_link(self.certificate["link"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def unpublished(database: Database) -> Iterator[Scene]:
    """A register whose status list nobody has published yet."""
    listening, url = listen()
    with open_signing_house(database, public_url=url) as (house, keys):
        serial = an_issued_certificate(house)
        certificate = sign(house, serial)
        house.catch_up()
        with serving(house.client.app, listening) as server:
            yield Scene(house, keys, server, url, serial, certificate)


@pytest.fixture
def scene(unpublished: Scene) -> Scene:
    assert publish_lists(unpublished.house) == 1
    return unpublished


def outcome(browser: Browser, address: str) -> str:
    browser.open(address)
    return str(browser.wait_for(OUTCOME))


def outcome_of_digits(browser: Browser, digits: str) -> str:
    """The same without loading the page again, which must be open."""
    browser.run("delete document.body.dataset.outcome")
    browser.run(f"location.hash = '#{digits}'")
    return str(browser.wait_for(OUTCOME))


def pretend(browser: Browser, path: str, content: str) -> None:
    """Let the server seem to answer so under a path."""
    browser.run(
        f"window.fetched ??= window.fetch; window.fetch = (address, options) =>"
        f" String(address).startsWith({json.dumps(path)})"
        f" ? Promise.resolve(new Response({json.dumps(content)}))"
        f" : window.fetched(address, options)"
    )


def press(browser: Browser, label: str) -> None:
    buttons = "[...document.querySelectorAll('button')]"
    browser.run(f"{buttons}.find(one => one.textContent === {json.dumps(label)}).click()")


def test_a_genuine_certificate_is_shown_as_the_paper_must_say_it(
    scene: Scene, browser: Browser
) -> None:
    assert outcome(browser, scene.certificate["link"]) == "verified"
    text = browser.text()
    for expected in (
        "Đúng là nội dung do cơ quan ký",
        "Giàng Seo Phử",
        "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba",
        "263 KT/HĐNN",
        "năm 1985",
        scene.serial,
        "Chưa bị hủy bỏ hay thu hồi, tính đến",
        "photocopy",
    ):
        assert expected in text
    press(browser, "English")
    assert "The authority signed this text" in browser.wait_for(
        f"{OUTCOME} && document.body.innerText"
    )
    press(browser, "Tiếng Việt")
    browser.wait_for(OUTCOME)
    press(browser, "Hỏi sổ gốc bây giờ")
    browser.wait_for("document.body.innerText.includes('Có trong sổ gốc: còn hiệu lực')")


def test_the_day_of_signing_is_that_of_viet_nam(scene: Scene, browser: Browser) -> None:
    """Signed at seven in the evening of London, on the next day in Ha Noi."""
    browser.open(f"{scene.url}/v")
    browser.wait_for(OUTCOME)
    levels = "[...document.querySelectorAll('h1,h2,h3')].map(one => one.tagName).join()"
    assert browser.wait_for(levels).startswith("H1,H2")
    evening = int(datetime(2026, 5, 8, 19, tzinfo=UTC).timestamp())
    claims = Claims("C2026-0000001-H", "Giàng Seo Phử", "ORD-DOCLAP:I", None, "1985", 7)
    payload = sign_claims(claims, bytes(16), evening, scene.keys.signers["issue"])
    link = make_link(scene.url, payload)
    assert outcome(browser, link) == "verified"
    assert "09/5/2026" in browser.text()
    assert "08/5/2026" not in browser.text()
    press(browser, "English")
    assert "9 May 2026" in browser.wait_for(f"{OUTCOME} && document.body.innerText")


def test_a_stolen_key_s_status_list_answers_nothing(scene: Scene, browser: Browser) -> None:
    browser.open(f"{scene.url}/v")
    browser.wait_for(OUTCOME)
    others = tuple(key for key in scene.keys.key_list.keys if key.use != "status")
    stolen = listed(scene.keys.signers["status"], compromised_at_leaf=1_000)
    newer = replace(scene.keys.key_list, version=2, keys=(*others, stolen))
    pretend(browser, "/log/keys", signed(newer).decode())
    assert "Khóa không có giá trị vào lúc ký danh sách tình trạng" in shown(browser, scene)
    assert "Chưa biết" in browser.text()


def test_without_webcrypto_the_kept_library_says_the_same(scene: Scene, browser: Browser) -> None:
    address = f"{scene.url}/v?without-webcrypto#{scene.digits}"
    assert outcome(browser, address) == "verified"
    changed = bytearray(digits_to_bytes(scene.digits))
    changed[60] ^= 1
    assert outcome_of_digits(browser, bytes_to_digits(bytes(changed))) == "payload-signature"
    changed[60] ^= 1
    changed[-1] ^= 1
    assert outcome_of_digits(browser, bytes_to_digits(bytes(changed))) == "payload-signature"


def test_the_page_and_the_program_refuse_the_same_for_the_same_reasons(
    scene: Scene, browser: Browser
) -> None:
    browser.open(f"{scene.url}/v")
    browser.wait_for(OUTCOME)
    content = digits_to_bytes(scene.digits)
    texts = [scene.digits[:-1], scene.digits[:-2], scene.digits[:40], "9" * 17, "12", "x12"]
    texts += ["1" * 4_001, "٣" * 20]
    payloads = [bytes([*content[:at], content[at] ^ 1, *content[at + 1 :]]) for at in range(60)]
    payloads += [content + b"\0", content[:-1], b"\xd2" * 200, bytes(1_999)]
    payloads += [made(key="stranger"), made(signed_at=1), cose(), cose(unprotected={4: b"abcd"})]
    payloads += [cose({1: -7, 4: b"abcd"}), cose(claims={6: 1, -70001: {1: 2}})]
    texts += [bytes_to_digits(one) for one in payloads]
    for text in texts:
        with pytest.raises(VerificationFailed) as caught:
            verify_envelope(parse_envelope(digits_to_bytes(text)), scene.keys.key_list)
        assert outcome_of_digits(browser, text) == caught.value.code, text


def test_with_the_server_stopped_it_still_verifies(scene: Scene, browser: Browser) -> None:
    assert outcome(browser, scene.certificate["link"]) == "verified"
    browser.run("navigator.serviceWorker.ready.then(() => true)")
    assert outcome(browser, scene.certificate["link"]) == "verified"
    scene.server.stop()
    assert outcome(browser, scene.certificate["link"]) == "verified"
    text = browser.text()
    assert "Giàng Seo Phử" in text
    assert "Chưa bị hủy bỏ hay thu hồi, tính đến" in text
    changed = scene.digits[:-1] + str((int(scene.digits[-1]) + 1) % 10)
    assert outcome_of_digits(browser, changed).startswith("payload-")
    outcome_of_digits(browser, scene.digits)
    press(browser, "Hỏi sổ gốc bây giờ")
    browser.wait_for("document.body.innerText.includes('Không hỏi được sổ gốc')")


def status_index(scene: Scene) -> int:
    return int(scene.certificate["status_index"])


def a_list(scene: Scene, indexes: tuple[int, ...], age: int = 0, number: int | None = None) -> str:
    """A status list that began so many seconds ago."""
    key = scene.keys.signers["status"]
    issuer = did_web(scene.url)
    began = datetime.now(UTC) - timedelta(seconds=age)
    which = status_index(scene) // 131_072 if number is None else number
    credential = list_credential(issuer, scene.url, which, bits_of(indexes), began)
    return sign_jwt(credential, key, key_name(issuer, key.kid))


def shown(browser: Browser, scene: Scene) -> str:
    """What the page says of the certificate now."""
    assert outcome_of_digits(browser, "1") == "payload-short"
    assert outcome_of_digits(browser, scene.digits) == "verified"
    return browser.text()


def test_a_revocation_once_seen_stays_and_bad_lists_are_refused_for_their_reasons(
    scene: Scene, browser: Browser
) -> None:
    browser.open(f"{scene.url}/v")
    browser.wait_for(OUTCOME)
    index = status_index(scene)
    pretend(browser, "/log/status/", a_list(scene, (), age=3_000))
    assert "Chưa bị hủy bỏ hay thu hồi" in shown(browser, scene)
    pretend(browser, "/log/status/", a_list(scene, (), age=4_000))
    assert "cũ hơn danh sách đã thấy" in shown(browser, scene)
    pretend(browser, "/log/status/", a_list(scene, (), number=7))
    assert "không phải danh sách tình trạng của bằng này" in shown(browser, scene)
    pretend(browser, "/log/status/", a_list(scene, ())[:-8] + "AAAAAAA_")
    assert "danh sách đã bị thay" in shown(browser, scene)

    pretend(browser, "/log/status/", a_list(scene, (index,), age=2_000))
    assert "KHÔNG còn hiệu lực" in shown(browser, scene)
    pretend(browser, "/log/status/", a_list(scene, (), age=2_500))
    assert "KHÔNG còn hiệu lực" in shown(browser, scene)
    pretend(browser, "/log/status/", "nonsense")
    assert "KHÔNG còn hiệu lực" in shown(browser, scene)
    pretend(browser, "/log/status/", a_list(scene, (), age=1_000))
    assert "Có hiệu lực trở lại" in shown(browser, scene)


def test_a_list_past_its_end_answers_nothing(scene: Scene, browser: Browser) -> None:
    browser.open(f"{scene.url}/v")
    browser.wait_for(OUTCOME)
    pretend(browser, "/log/status/", a_list(scene, (), age=8 * 86_400))
    text = shown(browser, scene)
    assert "Chưa biết" in text
    assert "hết hạn" in text


def test_an_older_key_list_is_refused_and_a_stolen_key_needs_the_log(
    scene: Scene, browser: Browser
) -> None:
    old = signed(scene.keys.key_list).decode()
    issue, *others = scene.keys.key_list.keys
    stolen = listed(scene.keys.signers["issue"], compromised_at_leaf=1_000)
    assert issue.kid == stolen.kid
    newer = replace(scene.keys.key_list, version=2, keys=(stolen, *others))
    browser.open(f"{scene.url}/v")
    browser.wait_for(OUTCOME)
    pretend(browser, "/log/keys", signed(newer).decode())
    assert outcome_of_digits(browser, scene.digits) == "payload-needs-log"
    pretend(browser, "/log/keys", old)
    assert outcome_of_digits(browser, "1") == "payload-short"
    assert outcome_of_digits(browser, scene.digits) == "payload-needs-log"
    assert "danh sách khóa không dùng được" in browser.text()
    pretend(browser, "/log/keys", signed(newer, "root-1.test").decode())
    assert outcome_of_digits(browser, "1") == "payload-short"
    assert "danh sách khóa không dùng được" in browser.text()


def test_a_cancelled_award_is_told_with_its_reason(unpublished: Scene, browser: Browser) -> None:
    scene = unpublished
    cancel(scene.house, scene.serial)
    scene.house.catch_up()
    assert publish_lists(scene.house) == 1
    assert outcome(browser, scene.certificate["link"]) == "verified"
    assert "KHÔNG còn hiệu lực" in browser.text()
    press(browser, "Hỏi sổ gốc bây giờ")
    browser.wait_for("document.body.innerText.includes('khen thưởng đã bị hủy bỏ')")
    text = browser.text()
    assert "gian dối" in text
    assert "477/QĐ-CTN" in text


def test_whoever_cannot_scan_types_serial_and_check_code(scene: Scene, browser: Browser) -> None:
    assert outcome(browser, f"{scene.url}/v?serial={scene.serial}") == "start"
    code = scene.certificate["check_code"].lower()
    browser.run(f"document.getElementById('code').value = '{code}'")
    press(browser, "Kiểm tra")
    browser.wait_for("document.body.innerText.includes('Có trong sổ gốc: còn hiệu lực')")
    browser.run("document.getElementById('code').value = 'AAAA-AAAA'")
    press(browser, "Kiểm tra")
    browser.wait_for("document.body.innerText.includes('không khớp với bằng nào')")


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_runs_over_the_edge_of_a_phone(scene: Scene, browser: Browser, width: int) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", **{**PHONE, "width": width})
    assert outcome(browser, scene.certificate["link"]) == "verified"
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert outcome_of_digits(browser, "1") == "payload-short"
    assert browser.run("document.documentElement.scrollWidth") <= width


HEAD = "document.body && document.body.dataset.head"


def test_the_page_shows_the_head_that_it_saw_and_warns_of_an_older_one(
    scene: Scene, browser: Browser
) -> None:
    """A register that was put back, or is another: the browser of a visitor remembers."""
    database, sealed = scene.keys.database, []
    sequencer = Sequencer(
        database.conninfo("projector"), database.marks, lambda *_: [scene.keys.signers["log"]]
    )
    for name in ("Một", "Hai"):
        scene.house.registry.create("user", AddUser(name, "clerk", "Sở"), OPERATOR)
        sequencer.seal_all()
        sealed.append(scene.house.client.get("/log/checkpoint").text)
    sequencer.close()
    size = sealed[1].split("\n")[1]
    outcome(browser, scene.url + "/v")
    assert browser.wait_for(HEAD) == "seen"
    assert f"{size} bản ghi" in browser.text()

    def head_after(content: str) -> str:
        pretend(browser, "/log/checkpoint", content)
        browser.run("delete document.body.dataset.head")
        browser.run("location.hash = location.hash ? '' : '#1'")
        return str(browser.wait_for(HEAD))

    assert head_after(sealed[0]) == "head-shorter"
    assert "CẢNH BÁO" in browser.text()
    assert head_after(sealed[1]) == "seen"
    assert "CẢNH BÁO" not in browser.text()
    origin, _, *_ = sealed[1].split("\n")
    fork = Checkpoint(origin, int(size), bytes(32))
    note = sign_checkpoint(fork, [scene.keys.signers["log"]], made_keys.NOW)
    assert head_after(bytes(note).decode()) == "head-differs"
    assert head_after(sealed[1].replace(f"\n{size}\n", "\n9999\n")) == "head-unsigned"
    assert head_after("x") == "head-unreadable"
    # None of it is what it remembers from then on.
    assert head_after(sealed[1]) == "seen"


def test_the_page_is_one_small_file_under_a_policy_that_lets_nothing_else_run(
    scene: Scene,
) -> None:
    answer = scene.house.client.get("/v")
    assert len(answer.content) < PAGE_BYTES_MAX
    policy = answer.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "default-src 'none'" in policy[0]
    assert "unsafe" not in policy[0]
    again = scene.house.client.get("/v", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert "MIT License (c) 2019 Paul Miller" in answer.text


def test_a_page_that_changed_is_shown_and_kept_in_its_place(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome(browser, scene.certificate["link"]) == "verified"
    browser.run("navigator.serviceWorker.ready.then(() => true)")

    def changed(*arguments: Any) -> Page:
        page = make_page(*arguments)
        content = page.content.replace(b"<main", "<p>Trang mới.</p><main".encode())
        return replace(page, content=content)

    monkeypatch.setattr("api.verification.check_page.make_page", changed)
    assert outcome(browser, scene.certificate["link"]) == "verified"
    assert "Trang mới." in browser.text()
    # An answer that is no page does not take its place, nor does no answer.
    monkeypatch.setattr("api.verification.check_page.make_page", lambda *_: 1 / 0)
    assert outcome(browser, scene.certificate["link"]) == "verified"
    assert "Trang mới." in browser.text()
    scene.server.stop()
    assert outcome(browser, scene.certificate["link"]) == "verified"
    assert "Trang mới." in browser.text()


# A camera --------------------------------------------------------------------------------

# Chromium on Linux reads no codes itself: the stream is a real one, what is seen in it is told.
CAMERA = """(() => {
  window.seen = [];
  window.BarcodeDetector = class {
    constructor({ formats }) { if (formats.join() !== "qr_code") throw new TypeError(formats); }
    async detect(video) {
      if (!video.srcObject.active) throw new DOMException("no picture", "InvalidStateError");
      return window.seen.map((rawValue) => ({ rawValue }));
    }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    if (window.refused) throw new DOMException("refused", "NotAllowedError");
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 9, 9);
    return (window.stream = canvas.captureStream(5));
  };
  return true;
})()"""
FILMING = "window.stream?.getTracks().some((one) => one.readyState === 'live')"


def start_with_camera(scene: Scene, browser: Browser) -> None:
    """The page's start, in a browser that can read codes from a camera."""
    assert outcome(browser, f"{scene.url}/v") == "start"
    assert browser.run(CAMERA)
    press(browser, "English")
    press(browser, "Tiếng Việt")
    browser.wait_for(f"{OUTCOME} && document.body.innerText.includes('Quét mã QR')")


def test_a_certificate_before_the_camera_is_checked_and_the_camera_put_out(
    scene: Scene, browser: Browser
) -> None:
    start_with_camera(scene, browser)
    press(browser, "Quét mã QR")
    browser.wait_for("document.body.innerText.includes('Đưa mã QR vào giữa khung hình')")
    browser.wait_for(FILMING)
    browser.run("window.seen = ['https://quan-nuoc.test/thuc-don', '12345']")
    browser.wait_for("document.body.innerText.includes('không phải của bằng do Sổ Vàng in')")
    assert browser.run(FILMING)
    link = json.dumps(scene.certificate["link"])
    browser.run(f"window.seen = ['https://quan-nuoc.test/thuc-don', {link}]")
    assert browser.wait_for(f"{OUTCOME} !== 'start' && {OUTCOME}") == "verified"
    assert "Giàng Seo Phử" in browser.text()
    browser.wait_for(f"!({FILMING})")


def test_a_scan_can_be_given_up_and_a_refused_camera_leaves_the_other_way(
    scene: Scene, browser: Browser
) -> None:
    start_with_camera(scene, browser)
    press(browser, "Quét mã QR")
    browser.wait_for(FILMING)
    press(browser, "Thôi quét")
    browser.wait_for(f"!({FILMING})")
    browser.wait_for("document.body.innerText.includes('Quét mã QR')")
    browser.run("window.refused = true")
    press(browser, "Quét mã QR")
    browser.wait_for("document.body.innerText.includes('Không mở được máy ảnh')")
    assert "gõ số hiệu" in browser.text()
    assert browser.run("document.getElementById('serial') !== null")
    browser.run("window.refused = false")
    press(browser, "Quét mã QR")
    browser.wait_for(FILMING)


def test_turning_to_something_else_puts_the_camera_out(scene: Scene, browser: Browser) -> None:
    start_with_camera(scene, browser)
    for label, again in (("English", "Scan the QR code"), ("Tiếng Việt", "Quét mã QR")):
        scan = browser.run("document.querySelector('.scanner button').textContent")
        press(browser, scan)
        browser.wait_for(FILMING)
        press(browser, label)
        browser.wait_for(f"!({FILMING})")
        browser.wait_for(f"document.body.innerText.includes({json.dumps(again)})")


def test_without_a_reader_of_codes_no_camera_is_offered(scene: Scene, browser: Browser) -> None:
    assert outcome(browser, f"{scene.url}/v") == "start"
    assert browser.run("'BarcodeDetector' in window") is False
    assert "Quét mã QR" not in [
        *browser.run("[...document.querySelectorAll('button')].map((one) => one.textContent)")
    ]
