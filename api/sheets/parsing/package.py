"""Parts of a zipped document, found however a program wrote their names.

Names of parts are compared without case (ECMA-376 part 2, 6.2.2.3); programs also write
backslashes, `./` and a workbook that is not in `xl/`.
"""

from __future__ import annotations

import zipfile
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Final

from api.sheets.parsing.frames import Refused, local, new_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_BYTES: Final = 1 << 17
PART_BYTES_MAX: Final = 16 << 20
"""The small parts (workbook, relations, styles) are read whole up to this size."""

Elements = list[tuple[str, dict[str, str]]]


class Package:
    """An open zip archive by the names of its parts."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for entry in archive.infolist():
            key = _key(entry.filename)
            # A second part of the same name that is empty does not replace the first.
            if key not in self._parts or entry.file_size:
                self._parts[key] = entry

    def __contains__(self, part: str) -> bool:
        """Whether there is such a part."""
        return _key(part) in self._parts

    def pieces(self, part: str) -> Iterator[bytes]:
        """A part's bytes, piece by piece."""
        with self._archive.open(self._parts[_key(part)]) as stream:
            while piece := stream.read(READ_BYTES):
                yield piece

    def whole(self, part: str) -> bytes:
        """A small part's bytes. Raises `Refused`."""
        entry = self._parts[_key(part)]
        if entry.file_size > PART_BYTES_MAX:
            raise Refused("file-too-large")
        return self._archive.read(entry)

    def elements(self, part: str) -> Elements:
        """Every element of a small part with its attributes, in document order."""
        found: Elements = []
        parser = new_parser()
        parser.StartElementHandler = lambda name, given: found.append(
            (local(name), {local(key): value for key, value in given.items()})
        )
        parser.Parse(self.whole(part), True)  # noqa: FBT003 - the C function takes no keywords
        return found

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Type and part of each relation of a part (of the package itself: ""), by its id."""
        folder, name = dirname(part), part.rpartition("/")[2]
        relations = join(folder, "_rels", f"{name}.rels")
        if relations not in self:
            return {}
        return {
            given["Id"]: (given.get("Type", ""), _target(folder, given["Target"]))
            for tag, given in self.elements(relations)
            if tag == "Relationship" and "Id" in given and "Target" in given
        }

    def main_part(self) -> str | None:
        """The document itself, by the package's relations; by its usual names if they are lost."""
        for kind, part in self.related("").values():
            if kind.rpartition("/")[2].lower() == "officedocument" and part in self:
                return part
        usual = ("xl/workbook.xml", "word/document.xml")
        return next((part for part in usual if part in self), None)


def _key(name: str) -> str:
    return normpath(name.replace("\\", "/")).lstrip("/").lower()


def _target(folder: str, target: str) -> str:
    slashed = target.replace("\\", "/")
    return slashed.lstrip("/") if slashed.startswith("/") else normpath(join(folder, slashed))
