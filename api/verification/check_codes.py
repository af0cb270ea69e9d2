"""The check code beside a serial: eight letters for whoever cannot scan.

40 bits of HMAC-SHA-256 over the serial, in base32. It is printed, never stored, and says only
that the asker has the paper before him: whoever walks through serials learns nothing. At two
questions a second it takes 17,000 years to try all codes of one serial.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from hashlib import sha256
from typing import Final

from registry.numbers import normalise_serial

CODE_BYTES: Final = 5
TYPED_CHARACTERS_MAX: Final = 40

_CONTEXT: Final = b"sovang/check-code/v1\x00"
_GROUP: Final = 4
# Base32 has no 0, 1 or 8; people type them for the letters that they look like.
_LOOK_ALIKE: Final = str.maketrans("018", "OIB", " -–.")


def check_code(home_key: bytes, serial: str) -> str:
    """The code of a serial as printed: ABCD-EFGH."""
    secret = hmac.digest(home_key, _CONTEXT, sha256)
    digest = hmac.digest(secret, normalise_serial(serial).encode(), sha256)
    code = b32encode(digest[:CODE_BYTES]).decode()
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def is_check_code(home_key: bytes, serial: str, typed: str) -> bool:
    """Whether this is the code of that serial, in any spelling; takes as long either way."""
    expected = _normalised(check_code(home_key, serial))
    return hmac.compare_digest(expected.encode(), _normalised(typed).encode())


def _normalised(typed: str) -> str:
    return typed[:TYPED_CHARACTERS_MAX].upper().translate(_LOOK_ALIKE)
