"""Pages of several PDF files as one file, the same bytes for the same pages."""
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NumberObject,
    TextStringObject,
    pdf_date,
    pdf_name,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_ID_BYTES: Final = 16


class JoinedPages(PdfFileWriter):
    """A PDF that takes over the page trees of others, one behind the other."""

    def __init__(self, title: str, made_at: datetime) -> None:
        moment = pdf_date(made_at)
        about = {"/Title": TextStringObject(title), "/CreationDate": moment, "/ModDate": moment}
        info = DictionaryObject({pdf_name(name): value for name, value in about.items()})
        super().__init__(stream_xrefs=False, info=info)
        self._tree = self.root["/Pages"]
        self._place = self.root.raw_get("/Pages")
        self._digest = sha256()

    def add(self, part: bytes) -> None:
        """Put the pages of a file behind those that are here."""
        self._digest.update(part)
        copied = self.import_object(PdfFileReader(BytesIO(part)).root.raw_get("/Pages"))
        node = copied.get_object()
        node[pdf_name("/Parent")] = self._place
        self._tree["/Kids"].append(copied)
        self._tree[pdf_name("/Count")] = NumberObject(self._tree["/Count"] + node["/Count"])

    def save(self, path: Path) -> None:
        """Write the file."""
        digest = self._digest.digest()
        first, second = ByteStringObject(digest[:_ID_BYTES]), ByteStringObject(digest[_ID_BYTES:])
        self._document_id = ArrayObject([first, second])
        with path.open("wb") as file:
            self.write(file)

    def _update_meta(self) -> None:
        """Leave the dates alone: the library would put the present moment there."""
