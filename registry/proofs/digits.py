"""Bytes as decimal digits: what a QR code holds most densely and a link carries unharmed.

Every 7 bytes are 17 digits, big-endian; a tail of 1 to 6 bytes is 3, 5, 8, 10, 13 or 15 digits.
The digits stand behind the `#` of a link, which no browser sends to a server: whoever checks a
paper tells nobody which.
"""

from __future__ import annotations

import re
from struct import pack
from typing import Final

from registry.errors import VerificationFailed

DIGITS_MAX: Final = 4_000
LINK_CHARACTERS_MAX: Final = 300
PAGE_PATH: Final = "/v"

_GROUP_BYTES: Final = 7
_DIGITS_OF: Final = {1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15, 7: 17}
_BYTES_OF: Final = {digits: length for length, digits in _DIGITS_OF.items()}
_GROUP_DIGITS: Final = _DIGITS_OF[_GROUP_BYTES]
_GROUPS: Final = re.compile(f"[0-9]{{{_GROUP_DIGITS}}}")


def bytes_to_digits(content: bytes) -> str:
    """These bytes as digits."""
    groups = (content[at : at + _GROUP_BYTES] for at in range(0, len(content), _GROUP_BYTES))
    return "".join(f"{int.from_bytes(one, 'big'):0{_DIGITS_OF[len(one)]}d}" for one in groups)


def digits_to_bytes(text: str) -> bytes:
    """The bytes that `bytes_to_digits` wrote so. Raises `VerificationFailed`."""
    if len(text) > DIGITS_MAX:
        raise VerificationFailed("payload-too-long", limit=DIGITS_MAX)
    # `isdigit` alone would take the digits of other scripts, which look alike.
    if not (text.isascii() and text.isdigit()):
        raise VerificationFailed("payload-not-digits")
    groups = [*map(int, _GROUPS.findall(text))]
    content = bytearray(pack(f">{len(groups)}Q", *groups))
    # Seventeen digits fit into eight bytes; those that seven bytes make leave the first one empty.
    if any(content[:: _GROUP_BYTES + 1]):
        raise VerificationFailed("payload-not-digits")
    del content[:: _GROUP_BYTES + 1]
    return bytes(content) + _tail_to_bytes(text[len(groups) * _GROUP_DIGITS :])


def make_link(public_url: str, content: bytes) -> str:
    """The link that a QR code carries."""
    return f"{public_url}{PAGE_PATH}#{bytes_to_digits(content)}"


def digits_of_link(text: str) -> str:
    """The digits of a link, of whatever host, or of digits alone; spaces around do not count.

    The host is not looked at: only what was signed counts, never who brings it.
    Raises `VerificationFailed`.
    """
    if len(text) > DIGITS_MAX + LINK_CHARACTERS_MAX:
        raise VerificationFailed("payload-too-long", limit=DIGITS_MAX)
    return text.strip().rpartition("#")[2]


def _tail_to_bytes(digits: str) -> bytes:
    if not digits:
        return b""
    length = _BYTES_OF.get(len(digits))
    if length is None:
        raise VerificationFailed("payload-short")
    number = int(digits)
    if number >> 8 * length:
        raise VerificationFailed("payload-not-digits")
    return number.to_bytes(length, "big")
