"""From where a request comes: the address of its connection, or what a trusted proxy says of it.

Anybody can write `X-Forwarded-For`. It counts only as far as those who wrote it are trusted
(`SOVANG_TRUSTED_PROXIES`): from its end, over every hop that is one of ours, to the first that is
not. Without the setting the header counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Scope

Network = IPv4Network | IPv6Network

FORWARDED: Final = b"x-forwarded-for"
# A chain of more hops than this was written by somebody who wants us to read long.
HOPS_MAX: Final = 16
HEADER_BYTES_MAX: Final = 2_000
# Headers by which a proxy on this machine gives itself away.
_PROXIED: Final = frozenset({FORWARDED, b"forwarded", b"x-real-ip", b"via"})


def client_of(scope: Scope, trusted: Sequence[Network]) -> str | None:
    """The address that asks, as far as it can be believed; None where there is none."""
    peer = scope["client"][0] if scope.get("client") else None
    believed = _parse(peer) if trusted else None
    if believed is None or not _is_in(believed, trusted):
        return peer
    for hop in reversed(_hops(scope)):
        address = _parse(hop)
        if address is None:
            break
        believed = address
        if not _is_in(address, trusted):
            break
    return str(believed)


def is_local(scope: Scope) -> bool:
    """Whether a program on this machine asks by itself, and no proxy for somebody else."""
    address = _parse(scope["client"][0] if scope.get("client") else None)
    proxied = any(name in _PROXIED for name, _ in scope["headers"])
    return address is not None and address.is_loopback and not proxied


def _hops(scope: Scope) -> list[str]:
    """The hops of all such headers, the nearest last."""
    lines = b",".join(value for name, value in scope["headers"] if name == FORWARDED)
    text = lines[-HEADER_BYTES_MAX:].decode("latin-1")
    return [one.strip() for one in text.split(",")][-HOPS_MAX:]


def _parse(text: str | None) -> IPv4Address | IPv6Address | None:
    """An address; one of IPv4 that comes as IPv6 is that of IPv4."""
    try:
        address = ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_in(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
