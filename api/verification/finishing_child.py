"""A process that finishes certificates, one after the other, until nobody wants more."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import msgspec

from api.papers.press import typeset
from api.papers.run_child import MEMORY_BYTES_MAX
from api.verification.finishing import Begin, Sheet, Word, encode
from api.verification.pdf_signing import PdfKey, sign_file
from api.verification.qr import link_to_svg
from registry.errors import Rejected
from registry.proofs.keys import Signer

if TYPE_CHECKING:
    from typing import NoReturn


def main() -> None:
    """Work for whoever holds the other end of the connection that is named."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, ConnectionError):
        _work(connection)


def _work(connection: Connection) -> NoReturn:
    begin = msgspec.msgpack.decode(connection.recv_bytes(), type=Begin)
    key = _key(connection, begin) if begin.certificate else None
    while True:
        sheet = msgspec.msgpack.decode(connection.recv_bytes(), type=Sheet)
        try:
            word = Word(content=_finish(sheet, key))
        except Rejected as error:
            word = Word(failure=error.code, params=dict(error.params))
        connection.send_bytes(encode(word))


def _key(connection: Connection, begin: Begin) -> PdfKey:
    """The key for files, which signs at the other end of the connection."""

    def sign(message: bytes) -> bytes:
        connection.send_bytes(encode(Word(to_sign=message)))
        return connection.recv_bytes()

    return PdfKey(Signer(begin.kid, "pdf", "P-256", begin.public, sign), begin.certificate)


def _finish(sheet: Sheet, key: PdfKey | None) -> bytes:
    picture = link_to_svg(sheet.link)
    if sheet.document is None or sheet.made_at is None:
        return picture
    for page in sheet.document["pages"]:
        page["qr"] = picture.decode()
    content = typeset("certificate", sheet.document, sheet.made_at)
    return content if key is None else sign_file(key, content)


if __name__ == "__main__":
    main()
