"""From where somebody asks: a header that anybody can write counts only from trusted proxies."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.application import create_application
from api.http.addresses import client_of, is_local
from api.http.connections import Connections
from api.server import _configuration
from api.verification.buckets import Allowance, Buckets, network_of
from registry.settings import BadSetting, read_settings

if TYPE_CHECKING:
    from registry.database import Database

PROXIES = [ip_network("10.1.0.0/16"), ip_network("127.0.0.1"), ip_network("fd00::/8")]


def a_request(peer: str | None, *forwarded: str, **others: str) -> Any:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in others.items()]
    return {"client": (peer, 1) if peer is not None else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        # Not from a proxy of ours: what it writes is its own story.
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        # Whatever the client wrote itself stands in front of what the proxy saw.
        ("10.1.2.3", ("1.1.1.1, 2.2.2.2, 198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        # From one proxy of ours to the next.
        ("127.0.0.1", ("1.1.1.1, 198.51.100.1, 10.1.9.9",), "198.51.100.1"),
        ("10.1.2.3", ("10.1.9.9",), "10.1.9.9"),
        ("::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("fd00::1", ("[2001:db8::7]",), "2001:db8::7"),
        # What is no address is not believed, nor what stands in front of it.
        ("10.1.2.3", ("198.51.100.1, unknown",), "10.1.2.3"),
        ("10.1.2.3", ("",), "10.1.2.3"),
        ("10.1.2.3", ("1.1.1.1, " * 5_000 + "198.51.100.1",), "198.51.100.1"),
        ("testclient", ("198.51.100.1",), "testclient"),
        (None, ("198.51.100.1",), None),
    ],
)
def test_whose_word_counts(peer: str | None, forwarded: tuple[str, ...], client: str) -> None:
    assert client_of(a_request(peer, *forwarded), PROXIES) == client


def test_without_trusted_proxies_the_header_counts_for_nothing() -> None:
    assert client_of(a_request("127.0.0.1", "198.51.100.1"), ()) == "127.0.0.1"


def test_who_is_on_this_machine() -> None:
    assert is_local(a_request("127.0.0.1"))
    assert is_local(a_request("::1"))
    assert is_local(a_request("::ffff:127.0.0.1"))
    assert not is_local(a_request("10.1.2.3"))
    assert not is_local(a_request(None))
    # A proxy on this machine asks for somebody else.
    for header in ("x_forwarded_for", "forwarded", "via", "x_real_ip"):
        assert not is_local(a_request("127.0.0.1", **{header: "198.51.100.1"}))


def test_addresses_of_both_kinds_have_one_network() -> None:
    assert network_of("::ffff:198.51.100.9") == network_of("198.51.100.1")
    assert network_of("::ffff:198.51.100.9") != network_of("::ffff:203.0.113.9")


def test_three_hundred_forged_addresses_are_stopped_like_one_network(database: Database) -> None:
    buckets = Buckets(Allowance(0.001, 20), Allowance(1e6, 1_000_000))
    application = create_application(database, buckets=buckets)
    with TestClient(application, client=("127.0.0.1", 1)) as client:
        statuses = [
            client.post(
                "/api/verify",
                json={"serial": f"C2026-{number:07}-H", "check_code": "AAAA-AAAA"},
                headers={"X-Forwarded-For": f"198.{number % 250}.{number // 250}.1"},
            ).status_code
            for number in range(300)
        ]
    assert statuses == [404] * 20 + [429] * 280


def test_behind_a_trusted_proxy_each_network_is_counted_for_itself(database: Database) -> None:
    buckets = Buckets(Allowance(0.001, 2), Allowance(1e6, 1_000_000))
    application = create_application(database, buckets=buckets, proxies=PROXIES)
    with TestClient(application, client=("127.0.0.1", 1)) as client:

        def ask(address: str) -> int:
            headers = {"X-Forwarded-For": f"9.9.9.9, {address}"}
            return int(client.get("/api/verify/C2026-0000001-H", headers=headers).status_code)

        assert [ask("198.51.100.1") for _ in range(3)] == [404, 404, 429]
        assert ask("203.0.113.1") == 404


def test_the_web_server_itself_believes_no_header() -> None:
    assert _configuration(object(), Connections()).proxy_headers is False


def test_trusted_proxies_are_a_setting() -> None:
    assert read_settings({"HOME": "/home/mai"}).trusted_proxies == ()
    given = {"SOVANG_TRUSTED_PROXIES": " 10.1.0.0/16  127.0.0.1 fd00::/8"}
    assert read_settings(given).trusted_proxies == ("10.1.0.0/16", "127.0.0.1/32", "fd00::/8")
    for wrong in ("10.1.0.0/99", "proxy.example", "10.1.2.3/16", "*"):
        with pytest.raises(BadSetting) as refused:
            read_settings({"SOVANG_TRUSTED_PROXIES": wrong})
        assert refused.value.params == {"variable": "SOVANG_TRUSTED_PROXIES", "wants": "networks"}
