"""A PDF from nobody knows where, read by a process of its own that may die of it.

The library that reads it unpacks whatever it is given: a small file can hold more than any memory,
or keep a processor busy for hours. So the reading has a limit of both.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import msgspec

from api.child import environment_of_child
from api.verification.carried import PDF_BYTES_MAX, Carried
from registry.errors import VerificationFailed
from registry.proofs.key_list import format_key_list, parse_key_list

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList

MEMORY_BYTES_MAX: Final = 1 << 30
# A certificate takes two, nearly all of them to load the library.
CPU_SECONDS_MAX: Final = 20
_WAIT_SECONDS_MAX: Final = 300


class Order(msgspec.Struct):
    """What the process is given: the file, and the key list as it is signed."""

    content: bytes
    key_list: bytes


class Word(msgspec.Struct):
    """What it says: what the file carries, or why it is refused."""

    carried: Carried | None = None
    code: str = ""
    params: dict[str, str | int] = {}


def read_pdf(content: bytes, key_list: KeyList) -> Carried:
    """What `verify_pdf` finds in a file. Raises `VerificationFailed` as it does, or too complex."""
    if len(content) > PDF_BYTES_MAX:
        raise VerificationFailed("pdf-too-large", limit=PDF_BYTES_MAX)
    limits = (str(MEMORY_BYTES_MAX), str(CPU_SECONDS_MAX))
    order = msgspec.msgpack.encode(Order(content, format_key_list(key_list)))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "api.verification.pdf_reading", *limits],
            input=order,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment_of_child(),
            timeout=_WAIT_SECONDS_MAX,
            check=True,
        )
        word = msgspec.msgpack.decode(done.stdout, type=Word)
    except (subprocess.SubprocessError, msgspec.DecodeError) as error:
        raise VerificationFailed("pdf-too-complex") from error
    if word.carried is None:
        raise VerificationFailed(word.code, field=None, **word.params)
    return word.carried


def main() -> None:
    """Read the one file that is given, within the limits."""
    memory_bytes, cpu_seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from api.verification.pdf_checking import verify_pdf  # noqa: PLC0415 - for the process alone

    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    try:
        word = Word(verify_pdf(order.content, parse_key_list(order.key_list)))
    except VerificationFailed as error:
        word = Word(code=error.code, params=dict(error.params))
    sys.stdout.buffer.write(msgspec.msgpack.encode(word))


if __name__ == "__main__":
    main()
