"""What PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) want, as far as our files could break it.

No validator can be had here as a package, so the rules stand here under their numbers: of the
bytes, over each revision of a file, and of the objects that they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader

_EOL = b"\r\n"
_SECTION = re.compile(rb"(\d+) (\d+)[ \r\n]*[\r\n]")
_ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf])(?: \r| \n|\r\n)")
_BEGIN = re.compile(rb"(\d+) (\d+) obj(\r\n|\r|\n)")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")


def broken_rules(content: bytes) -> list[str]:
    """The rules that a file breaks, each by its number and what is wrong."""
    return [*_bytes_wrong(content), *_objects_wrong(content)]


def _bytes_wrong(content: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7][\r\n]+%[\x80-\xff]{4}", content):
        yield "6.1.2 header"
    if not re.search(rb"%%EOF(\r\n|\r|\n)?\Z", content):
        yield "6.1.3 something behind the last %%EOF"
    for at in _revisions(content):
        if not re.match(rb"xref(\r\n|\r|\n)\d", content[at : at + 8]):
            yield f"6.1.4 xref at {at}"
        trailer = content[content.index(b"trailer", at) : content.index(b"startxref", at)]
        if b"/ID" not in trailer or b"/Encrypt" in trailer:
            yield f"6.1.3 trailer at {at}"
        for begin in _objects_at(content, at):
            yield from _object_wrong(content, begin)
    for found in _HEX.finditer(_without_streams(content)):
        if len(b"".join(found[1].split())) % 2:
            yield f"6.1.6 odd digits at {found.start()}"


def _revisions(content: bytes) -> list[int]:
    """Where the cross-reference sections begin, the newest first."""
    found = [int(content[content.rindex(b"startxref") :].split()[1])]
    for _ in range(10):
        trailer = content[content.index(b"trailer", found[-1]) :]
        earlier = re.search(rb"/Prev (\d+)", trailer[: trailer.index(b"startxref")])
        if earlier is None:
            return found
        found.append(int(earlier[1]))
    raise AssertionError("more revisions than ever made")


def _objects_at(content: bytes, at: int) -> Iterator[int]:
    at = content.index(b"xref", at) + len("xref")
    at += len(content[at:]) - len(content[at:].lstrip())
    while (section := _SECTION.match(content, at)) is not None:
        at = section.end()
        for _ in range(int(section[2])):
            entry = _ENTRY.match(content, at)
            assert entry is not None, content[at : at + 25]
            at = entry.end()
            if entry[2] == b"n":
                yield int(entry[1])


def _object_wrong(content: bytes, at: int) -> Iterator[str]:
    begin = _BEGIN.match(content, at)
    if begin is None or content[at - 1] not in _EOL:
        yield f"6.1.9 object at {at}: {content[at - 8 : at + 12]!r}"
        return
    number, body = begin[1].decode(), content[begin.end() :]
    stream = re.match(rb"(?:(?!endobj).)*?>>\s*stream(\r\n|\n|.)", body, re.DOTALL)
    end = body.index(b"endobj")
    if stream is not None:
        if stream[1] not in {b"\r\n", b"\n"}:
            yield f"6.1.7.1 stream of object {number}"
        length = re.search(rb"/Length (\d+)", stream[0])
        assert length is not None
        behind = body[stream.end() + int(length[1]) :]
        if not re.match(rb"(\r\n|\r|\n)endstream", behind):
            yield f"6.1.7.1 length or endstream of object {number}"
        end = stream.end() + int(length[1]) + behind.index(b"endobj")
    if body[end - 1] not in _EOL or body[end + len("endobj")] not in _EOL:
        yield f"6.1.9 endobj of object {number}"


def _without_streams(content: bytes) -> bytes:
    plain = re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL)
    return re.sub(rb"\((?:[^\\()]|\\.)*\)", b"()", plain, flags=re.DOTALL)


def _objects_wrong(content: bytes) -> Iterator[str]:
    reader = PdfFileReader(BytesIO(content))
    root = reader.root
    yield from _metadata_wrong(root)
    if "/OutputIntents" not in root:
        yield "6.2.4 no output intent"
    for found in _everything(root):
        yield from _dictionary_wrong(found)
    yield from _structure_wrong(root)


def _metadata_wrong(root: Any) -> Iterator[str]:
    metadata = root["/Metadata"]
    if "/Filter" in metadata:
        yield "6.6.2 metadata are compressed"
    text = metadata.data.decode()
    for name, value in (("pdfaid:part", "3"), ("pdfaid:conformance", "A"), ("pdfuaid:part", "1")):
        if not re.search(rf'{name}(="{value}"|>{value}<)', text):
            yield f"6.6.4 {name}"
    if "dc:title" not in text:
        yield "UA 7.1 title"


def _everything(root: Any) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached."""
    waiting, seen = [root], set[tuple[int, int]]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()  # type: ignore[no-untyped-call]
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [one.raw_get(name) for name in one]
        elif isinstance(one, list):
            waiting += [one.raw_get(at) for at in range(len(one))]  # type: ignore[attr-defined]


def _dictionary_wrong(one: DictionaryObject) -> Iterator[str]:
    if isinstance(one, StreamObject) and {"/F", "/FFilter", "/FDecodeParms"} & one.keys():
        yield "6.1.7.1 a stream outside the file"
    if "LZW" in str(one.get("/Filter", "")):
        yield "6.1.7.2 LZW"
    kind = one.get("/Type")
    yield from _parts_wrong(one, kind)
    yield from _form_wrong(one, kind)


def _parts_wrong(one: DictionaryObject, kind: object) -> Iterator[str]:
    if kind == "/FontDescriptor" and not {"/FontFile", "/FontFile2", "/FontFile3"} & one.keys():
        yield "6.2.11.4 a font that is not embedded"
    if kind == "/Font" and one["/Subtype"] == "/Type0" and "/ToUnicode" not in one:
        yield "6.2.11.7 a font without letters"
    if kind == "/Filespec" and not {"/F", "/UF", "/AFRelationship", "/Desc"} <= one.keys():
        yield "6.8 an attachment without its relationship"
    if kind == "/EmbeddedFile" and "/Subtype" not in one:
        yield "6.8 an attachment without its kind"


def _form_wrong(one: DictionaryObject, kind: object) -> Iterator[str]:
    if one.get("/Subtype") == "/Widget":
        # Print, and none of Invisible, Hidden, NoView (and ToggleNoView).
        if not one["/F"] & 4 or one["/F"] & (1 | 2 | 32 | 256):
            yield "6.3.2 flags of a field"
        if "/AP" not in one and any(one["/Rect"]):
            yield "6.3.3 a field without an appearance"
        if "/TU" not in one:
            yield "UA 7.18.1 a field without a name"
    if {"/XFA", "/NeedAppearances"} & one.keys() or one.get("/S") in {"/JavaScript", "/Launch"}:
        yield "6.4.1 a form or an action"
    if kind == "/Page" and "/Annots" in one and one.get("/Tabs") != "/S":
        yield "UA 7.18.3 order of fields"


def _structure_wrong(root: Any) -> Iterator[str]:
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "6.7.2 not tagged"
    if "/Lang" not in root:
        yield "6.7.4 no language"
    if not root["/ViewerPreferences"].get("/DisplayDocTitle"):
        yield "UA 7.1 the title is not shown"
    tags = list(tags_of(root))
    for tag in tags:
        if tag["/S"] == "/Figure" and "/Alt" not in tag:
            yield "UA 7.3 a figure without words"
    levels = [int(tag["/S"][2]) for tag in tags if re.fullmatch(r"/H[1-6]", tag["/S"])]
    before = 0
    for level in levels:
        if level > before + 1:
            yield f"UA 7.4 heading {level} behind {before}"
        before = level


def tags_of(root: Any) -> Iterator[Any]:
    """The elements of the structure, in the order in which they are read."""
    waiting = [root["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            one = one.get_object()  # type: ignore[no-untyped-call]
        if not isinstance(one, DictionaryObject):
            continue
        if "/S" in one:
            yield one
        kids = one["/K"] if "/K" in one else []  # noqa: SIM401 - `get` follows no reference
        waiting += reversed(kids) if isinstance(kids, list) else [kids]
