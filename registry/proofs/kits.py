"""The auditor's kit: a log as plain files, read strictly, a bounded part at a time.

    facts/000000000001.jsonl     10,000 facts each, one a line, with their exact stored bytes
    log/checkpoints.jsonl        every signed head, each with its witnesses
    log/keys/000000000001        every key list, as the roots signed it, see `copies`
    log/stamps/000000000012.tst  what a time stamping authority said about the head of this size
    log/tile/0/000 ...           the tree, as the log serves it
    log/tile/entries/000 ...     what its leaves hash, see `bundles`
    log/checkpoint               the last head once more: so `log/` is a log that can be served
    registers.json               what the registers said, to be derived again
    decisions/ status/           decisions and status lists once more, likewise
    auditor-keys.jsonl           persons' keys, for one auditor alone, see `disclosure`

The stored bytes of a fact stand inside its line as they are; since they are canonical JSON, the
line is JSON too. Private values in them stay sealed, but for an auditor who was given the keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

from registry.errors import VerificationFailed
from registry.proofs.bundles import bundle_name, parse_bundle
from registry.proofs.checkpoints import parse_checkpoint
from registry.proofs.copies import copies_of
from registry.proofs.leaves import StoredFact
from registry.proofs.merkle import TILE_HASHES, leaf_hashes
from registry.proofs.stamps import STAMP_BYTES_MAX
from registry.proofs.tiles import Tile, tiles_of

FACTS_PER_FILE: Final = 10_000
FILE_BYTES_MAX: Final = 1 << 30
HEADS: Final = "log/checkpoints.jsonl"
LAST_HEAD: Final = "log/checkpoint"
REGISTERS: Final = "registers.json"
AUDITOR_KEYS: Final = "auditor-keys.jsonl"
_ENTRIES: Final = "log/tile/entries/"
KEY_LISTS_MAX: Final = 10_000

_KEY_LIST: Final = re.compile(r"log/keys/([0-9]{12})")
_STAMP: Final = re.compile(r"log/stamps/([0-9]{12})\.tst")
_LINE: Final = re.compile(
    rb'\{"name":"([^"\\]{1,100})","position":([1-9][0-9]{0,18}),"state":(\{.*\}),'
    rb'"stream":"([0-9a-f-]{36})","version":([1-9][0-9]{0,18})\}\n'
)


class Files(Protocol):
    """The files of a kit: a folder, or memory."""

    def names(self) -> Iterable[str]:
        """Every file, by its path inside the kit."""

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if it is not there."""

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, with their newlines; none if it is not there."""


class FolderFiles:
    """A kit in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Iterator[str]:
        """Every file below the folder."""
        for path in self._folder.rglob("*"):
            if not path.is_dir() or path.is_symlink():
                yield path.relative_to(self._folder).as_posix()

    def read(self, name: str) -> bytes | None:
        """The content of a file. Raises `VerificationFailed` for one too large."""
        path = self._folder / name
        if not path.is_file() or path.is_symlink():
            return None
        if path.stat().st_size > FILE_BYTES_MAX:
            raise VerificationFailed("kit-file-too-large", name=name, limit=FILE_BYTES_MAX)
        return path.read_bytes()

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, each limited in length by being read as it comes."""
        path = self._folder / name
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                yield from iter(lambda: file.readline(FILE_BYTES_MAX), b"")


class MemoryFiles(dict[str, bytes]):
    """A kit in memory."""

    def names(self) -> Iterator[str]:
        """Every file."""
        return iter(self)

    def read(self, name: str) -> bytes | None:
        """The content of a file."""
        return self.get(name)

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file."""
        return iter(self.get(name, b"").splitlines(keepends=True))


class Kit:
    """A kit as an archive to audit."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._copies: set[str] = set()
        self._served: tuple[int, bytes] | None = None

    def key_lists(self) -> Iterator[tuple[int, bytes]]:
        """The key lists from the first on, each with the position of its fact."""
        places = [match for name in self.files.names() if (match := _KEY_LIST.fullmatch(name))]
        for match in sorted(places, key=lambda place: place[0])[:KEY_LISTS_MAX]:
            yield int(match[1]), self.files.read(match[0]) or b""

    def heads(self) -> Iterator[bytes]:
        """The signed heads."""
        for number, line in enumerate(self.files.lines(HEADS), 1):
            yield parse_head(line, number)

    def stamps(self) -> Iterator[tuple[int, bytes]]:
        """The stamps, each with the size of its head."""
        for name in sorted(self.files.names()):
            match = _STAMP.fullmatch(name)
            if match is not None:
                yield int(match[1]), (self.files.read(name) or b"")[: STAMP_BYTES_MAX + 1]

    def facts(self) -> Iterator[StoredFact]:
        """The facts, file by file. Raises `VerificationFailed` for a line of another form."""
        first = 1
        while True:
            count = 0
            for count, line in enumerate(self.files.lines(facts_name(first)), 1):
                if count > FACTS_PER_FILE:
                    raise VerificationFailed("kit-line-malformed", position=first + count - 1)
                yield parse_fact(line, first + count - 1)
            if count < FACTS_PER_FILE:
                return
            first += FACTS_PER_FILE

    def tile(self, tile: Tile) -> bytes | None:
        """The file of a tile."""
        return self.files.read(f"log/{tile}")

    def differing_copies(self, fact: StoredFact) -> Iterator[str]:
        """Files that should repeat a fact and do not. Raises `VerificationFailed`."""
        for name, content in copies_of(fact):
            self._copies.add(name)
            if self.files.read(name) != content:
                yield name
        yield from self._differing_served(fact.position)

    def strays(self, size: int) -> Iterator[str]:
        """Files that are no part of a kit of this size, once its facts were read."""
        expected = {f"log/{tile}" for tile in tiles_of(size)} | {HEADS, REGISTERS, AUDITOR_KEYS}
        expected |= self._copies | {stamp_name(stamped) for stamped, _ in self.stamps()}
        expected |= {facts_name(first) for first in range(1, size + 1, FACTS_PER_FILE)}
        yield from sorted(set(self.files.names()) - expected)

    def _differing_served(self, position: int) -> Iterator[str]:
        """Of the files for who serves the log, those that end here and do not say what it says."""
        if self._served is None:
            self._served = self._read_served()
        size, note = self._served
        if position > size or (position % TILE_HASHES and position != size):
            return
        tile = Tile(0, (position - 1) // TILE_HASHES, (position - 1) % TILE_HASHES + 1)
        name = f"log/{bundle_name(tile)}"
        self._copies.add(name)
        if not _hashes_to(self.files.read(name), self.tile(tile)):
            yield name
        if position == size:
            self._copies.add(LAST_HEAD)
            if self.files.read(LAST_HEAD) != note:
                yield LAST_HEAD

    def _read_served(self) -> tuple[int, bytes]:
        """Size and text of the last head; nothing in a kit from before logs could be served."""
        names = self.files.names()
        if not any(name == LAST_HEAD or name.startswith(_ENTRIES) for name in names):
            return 0, b""
        try:
            *_, note = self.heads()
            return parse_checkpoint(note)[0].size, note
        except (VerificationFailed, ValueError):
            # It is told where heads are checked.
            return 0, b""


def _hashes_to(bundle: bytes | None, tile: bytes | None) -> bool:
    try:
        return bundle is not None and b"".join(leaf_hashes(parse_bundle(bundle))) == tile
    except VerificationFailed:
        return False


def stamp_name(size: int) -> str:
    """The file of the stamp on the head of a size."""
    return f"log/stamps/{size:012d}.tst"


def facts_name(first: int) -> str:
    """The file that begins with the fact at this position."""
    return f"facts/{first:012d}.jsonl"


def format_fact(fact: StoredFact) -> bytes:
    """A fact's line. Raises `VerificationFailed` if its bytes are no JSON object on one line."""
    line = (
        f'{{"name":"{fact.name}","position":{fact.position},"state":'.encode()
        + fact.state
        + f',"stream":"{fact.stream}","version":{fact.version}}}\n'.encode()
    )
    if _LINE.fullmatch(line) is None:
        raise VerificationFailed("kit-line-malformed", position=fact.position)
    return line


def parse_fact(line: bytes, position: int) -> StoredFact:
    """The fact in a line. Raises `VerificationFailed`, naming the position expected there."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise VerificationFailed("kit-line-malformed", position=position)
    name, place, state, stream, version = match.groups()
    try:
        fact = StoredFact(int(place), UUID(stream.decode()), int(version), name.decode(), state)
    except ValueError as error:
        raise VerificationFailed("kit-line-malformed", position=position) from error
    if format_fact(fact) != line:
        raise VerificationFailed("kit-line-malformed", position=position)
    return fact


def format_registers(said: dict[str, Any]) -> bytes:
    """What the registers said: one spelling, so that it can be compared to the byte."""
    return json.dumps(said, sort_keys=True, indent=1).encode() + b"\n"


def registers_position(content: bytes | None) -> int:
    """Up to which position registers had come; 0 if that cannot be read."""
    try:
        position = json.loads(content or b"")["position"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return position if type(position) is int else 0


def format_head(note: bytes) -> bytes:
    """A head's line."""
    return json.dumps(note.decode(), ensure_ascii=False).encode() + b"\n"


def parse_head(line: bytes, number: int) -> bytes:
    """The head in a line. Raises `VerificationFailed` for any other spelling."""
    malformed = VerificationFailed("kit-head-malformed", head=number)
    try:
        note = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise malformed from error
    # The one spelling, or a changed bit could hide in an escape.
    if not isinstance(note, str) or format_head(note.encode()) != line:
        raise malformed
    return note.encode()
