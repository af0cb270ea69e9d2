"""What a page says: the text of a PDF as our own press sets it, block by block.

Only what the press writes is read (two-byte glyphs with a ToUnicode map, in tagged blocks). Text
that somebody else's program set, or drew as a picture, is not told, and what is not told is not
believed. Everything has a limit: pages, nodes of the page tree, bytes of a page, glyphs of a font.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils.generic import Dereferenceable, IndirectObject, NameObject, StreamObject

from registry.errors import VerificationFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyhanko.pdf_utils.reader import PdfFileReader

PAGES_MAX: Final = 50
NODES_MAX: Final = 500
STREAM_BYTES_MAX: Final = 1 << 20
BLOCKS_MAX: Final = 2_000
BLOCK_CHARACTERS_MAX: Final = 2_000

_TOKEN: Final = re.compile(
    rb"/(?P<font>[A-Za-z0-9]{1,40})\s+[-\d.]{1,20}\s+Tf"
    rb"|<(?P<glyphs>(?:[0-9A-Fa-f]{4}){1,4000})>"
    rb"|(?P<text>\()|(?P<begin>\bBDC\b)|(?P<line>\bET\b)|(?P<end>\bEMC\b)"
)
_BACKSLASH, _OPEN = b"\\("
_PLAIN: Final = re.compile(rb"[^\\()]+")
_ESCAPED: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_MAPPED: Final = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<((?:[0-9A-Fa-f]{4}){1,16})>\s*(?=[<e])")
_RANGE: Final = re.compile(rb"<[0-9A-Fa-f]{4}>\s*<[0-9A-Fa-f]{4}>\s*[<\[]")


def page_blocks(reader: PdfFileReader) -> list[str]:
    """The blocks of text of all pages in their order. Raises `VerificationFailed` as a PDF does."""
    blocks: list[str] = []
    for page in _pages(reader):
        fonts = {
            str(name).lstrip("/"): _letters_of(font)
            for name, font in _named(_entry(_entry(page, "/Resources"), "/Font"))
        }
        blocks += _blocks(_content_of(page), fonts)
    return blocks[:BLOCKS_MAX]


def unpacked(stream: StreamObject) -> bytes:
    """The content of a stream. Raises `VerificationFailed` for one that is larger than any ours.

    The library would unpack a bomb whole.
    """
    raw: bytes = stream.encoded_data
    match _entry(stream, "/Filter"):
        case None:
            content = raw
        case NameObject("/FlateDecode") if "/DecodeParms" not in stream:
            unpacking = zlib.decompressobj()
            try:
                content = unpacking.decompress(raw, STREAM_BYTES_MAX + 1)
            except zlib.error as error:
                raise VerificationFailed("pdf-malformed") from error
            if not unpacking.eof:
                raise VerificationFailed("pdf-malformed")
        case _:
            raise VerificationFailed("pdf-malformed")
    if len(content) > STREAM_BYTES_MAX:
        raise VerificationFailed("pdf-malformed")
    return content


def _pages(reader: PdfFileReader) -> Iterator[Any]:
    """The pages of the tree; one that names itself, or is larger than any ours, is refused."""
    waiting, seen, pages = [reader.root.raw_get("/Pages")], set[tuple[int, int]](), 0
    for _ in range(NODES_MAX):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if (node.idnum, node.generation) in seen:
                raise VerificationFailed("pdf-malformed")
            seen.add((node.idnum, node.generation))
        found = node.get_object() if isinstance(node, Dereferenceable) else node
        kids = _entry(found, "/Kids")
        if kids is not None:
            waiting += [kids.raw_get(at) for at in reversed(range(min(len(kids), NODES_MAX)))]
            continue
        pages += 1
        if pages > PAGES_MAX:
            raise VerificationFailed("pdf-malformed")
        yield found
    if waiting:
        raise VerificationFailed("pdf-malformed")


def _entry(holder: Any, name: str) -> Any:
    """What a dictionary has under a name, wherever in the file it stands; None without it."""
    return holder[name] if holder is not None and name in holder else None


def _named(dictionary: Any) -> list[tuple[str, Any]]:
    return [] if dictionary is None else [(name, dictionary[name]) for name in dictionary]


def _content_of(page: Any) -> bytes:
    content = _entry(page, "/Contents")
    if content is None:
        return b""
    if isinstance(content, StreamObject):
        return unpacked(content)
    return b"\n".join(unpacked(one) for one in list(content)[:PAGES_MAX])


def _letters_of(font: Any) -> Mapping[int, str]:
    """What each glyph of a font stands for; nothing where the font does not say it as ours do."""
    stream = _entry(font, "/ToUnicode")
    if not isinstance(stream, StreamObject):
        return {}
    content = unpacked(stream)
    if _RANGE.search(content.partition(b"endcodespacerange")[2].partition(b"beginbfrange")[2]):
        return {}
    return {
        int(glyph, 16): bytes.fromhex(letters.decode()).decode("utf-16-be", "replace")
        for glyph, letters in _MAPPED.findall(content.partition(b"endcodespacerange")[2])
    }


def _blocks(content: bytes, fonts: Mapping[str, Mapping[int, str]]) -> Iterator[str]:
    """Text between BDC and EMC; lines of one block are set apart by a space."""
    letters: Mapping[int, str] = {}
    said: list[str] = []
    at = 0
    while (token := _TOKEN.search(content, at)) is not None:
        at = token.end()
        if token["font"] is not None:
            letters = fonts.get(token["font"].decode(), {})
        elif token["glyphs"] is not None:
            said += _said(bytes.fromhex(token["glyphs"].decode()), letters)
        elif token["text"] is not None:
            raw, at = _literal(content, at)
            said += _said(raw, letters)
        elif token["line"] is not None:
            said.append(" ")
        else:
            block = " ".join("".join(said).split())
            # What stands before a block begins is the block's own properties.
            if block and token["end"] is not None:
                yield block[:BLOCK_CHARACTERS_MAX]
            said = []


def _said(raw: bytes, letters: Mapping[int, str]) -> list[str]:
    glyphs = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
    return [letters.get(glyph, "\ufffd") for glyph in glyphs]


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """A text in brackets that begins here, and where it ends (ISO 32000-1, 7.3.4.2)."""
    depth, raw = 1, bytearray()
    while at < len(content):
        plain = _PLAIN.match(content, at)
        if plain is not None:
            raw += plain[0]
            at = plain.end()
            continue
        if content[at] == _BACKSLASH:
            escaped = _ESCAPED.match(content, at)
            raw += _unescaped(escaped[1]) if escaped is not None else b""
            at = escaped.end() if escaped is not None else len(content)
            continue
        depth += 1 if content[at] == _OPEN else -1
        at += 1
        if depth == 0:
            return bytes(raw), at
        raw.append(content[at - 1])
    return bytes(raw), at


def _unescaped(escaped: bytes) -> bytes:
    if escaped[0] in b"01234567":
        return bytes([int(escaped, 8) & 0xFF])
    return b"" if escaped[:1] in {b"\r", b"\n"} else _ESCAPES.get(escaped, escaped)
