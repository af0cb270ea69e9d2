"""Where a request begins and ends in the bytes of a connection: no two programs may differ.

RFC 9112 lets a server be liberal: bare line feeds, folded lines, lengths said twice, extensions of
chunks. Two programs that are liberal in different ways see two requests where a third sees one,
and the second of them passed no check. So what is not exactly of one form is refused here, before
the parser sees it:

  the line    METHOD /path?query HTTP/1.x, one space between, an origin-form path without dot
              segments, without an encoded slash, backslash or NUL
  fields      name, colon, visible text, CRLF; what frames a message or says who asks stands once;
              Host always (HTTP/1.1), one spelling of a name (`Content_Length` is none)
  the body    a decimal length or `chunked`, never both; chunks without extensions or trailers

`Framing` has no input or output of its own: it cuts pieces off what was received, and says when a
message is whole.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from registry.errors import RegistryError

HEAD_BYTES_MAX: Final = 16_384
FIELDS_MAX: Final = 64
LENGTH_DIGITS_MAX: Final = 12

_LINE: Final = re.compile(rb"([A-Z]{1,16}) (/[!$-;=?-\[\]^-~]*) HTTP/1\.([01])\r\n")
_FIELDS: Final = re.compile(
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*(?:[!-~\x80-\xff][\t -~\x80-\xff]*)?\r\n)*\r\n"
)
_FIELD: Final = re.compile(rb"([^:\r\n]+):([^\r\n]*)\r\n")
_ESCAPE_WRONG: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_PATH_WRONG: Final = re.compile(rb"//|%2[fF]|%5[cC]|%00|/(?:\.|%2[eE]){1,2}(?:/|$)")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_LENGTH: Final = re.compile(rb"0|[1-9][0-9]*")
_CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_CHUNK_LINE_BEGUN: Final = re.compile(rb"[0-9A-Fa-f]{0,7}|[0-9A-Fa-f]{1,8}\r?")
_END: Final = b"\r\n"
_HEAD_END: Final = b"\r\n\r\n"
_ONCE: Final = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"expect",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"transfer-encoding",
    }
)

_State = Literal["head", "length", "chunk-line", "chunk", "chunk-end", "end"]


class BadFraming(RegistryError):  # noqa: N818 - named for what is wrong, like its siblings
    """The bytes of a request are not of the one form that is read."""


class HeadTooLarge(BadFraming):
    """A head of too many bytes or fields."""


class Framing:
    """Cuts what one connection receives into pieces that a parser may see."""

    def __init__(self) -> None:
        self._state: _State = "head"
        self._left = 0
        self._searched = 0

    @property
    def is_between(self) -> bool:
        """Whether no request has begun, or the last one is whole."""
        return self._state == "head"

    @property
    def is_in_body(self) -> bool:
        """Whether the head is read and the body is not."""
        return self._state != "head"

    def take(self, received: bytearray) -> bytes | None:
        """Cut the next piece off; None if more must come. Raises `BadFraming`."""
        match self._state:
            case "head":
                return self._take_head(received)
            case "chunk-line":
                return self._take_chunk_line(received)
            case "chunk-end" | "end":
                return self._take_line_end(received)
            case "length" | "chunk":
                return self._take_content(received)

    def _take_head(self, received: bytearray) -> bytes | None:
        end = received.find(_HEAD_END, max(0, self._searched - len(_HEAD_END) + 1))
        self._searched = len(received)
        if end < 0:
            _check_begun(received)
            return None
        self._searched = 0
        head = _cut(received, end + len(_HEAD_END))
        if len(head) > HEAD_BYTES_MAX:
            raise HeadTooLarge("head-too-large", limit=HEAD_BYTES_MAX)
        length = body_length(head)
        if length is None:
            self._state = "chunk-line"
        elif length > 0:
            self._state, self._left = "length", length
        return head

    def _take_content(self, received: bytearray) -> bytes | None:
        if not received:
            return None
        piece = _cut(received, self._left)
        self._left -= len(piece)
        if self._left == 0:
            self._state = "head" if self._state == "length" else "chunk-end"
        return piece

    def _take_chunk_line(self, received: bytearray) -> bytes | None:
        found = _CHUNK_LINE.match(received)
        if found is None:
            if _CHUNK_LINE_BEGUN.fullmatch(received) is None:
                raise BadFraming("chunks-malformed")
            return None
        self._left = int(found[1], 16)
        self._state = "chunk" if self._left else "end"
        return _cut(received, found.end())

    def _take_line_end(self, received: bytearray) -> bytes | None:
        if not _END.startswith(received[: len(_END)]):
            # Behind the last chunk: fields that would stand behind the body are not read either.
            raise BadFraming("chunks-malformed")
        if len(received) < len(_END):
            return None
        self._state = "chunk-line" if self._state == "chunk-end" else "head"
        return _cut(received, len(_END))


def body_length(head: bytes) -> int | None:
    """Bytes of the body behind a head; None for a body in chunks.

    Raises `BadFraming`.
    """
    line = _LINE.match(head)
    if line is None or _FIELDS.fullmatch(head, line.end()) is None:
        raise BadFraming("head-malformed")
    target = line[2]
    path = target.partition(b"?")[0]
    if _ESCAPE_WRONG.search(target) or _PATH_WRONG.search(path):
        raise BadFraming("address-ambiguous")
    found = _FIELD.findall(head, line.end())
    if len(found) > FIELDS_MAX:
        raise HeadTooLarge("fields-too-many", limit=FIELDS_MAX)
    return _framed(_said_once(found), line[3] == b"1")


def _said_once(found: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The fields that must not stand twice, by their names. Raises `BadFraming`."""
    fields: dict[bytes, bytes] = {}
    for name, value in found:
        lower = name.lower()
        if lower in _ONCE and lower in fields:
            raise BadFraming("field-repeated", name=lower.decode())
        if b"_" in lower and lower.replace(b"_", b"-") in _ONCE:
            raise BadFraming("head-malformed")
        fields[lower] = value.strip(b" \t")
    return fields


def _framed(fields: dict[bytes, bytes], is_1_1: bool) -> int | None:  # noqa: FBT001
    host = fields.get(b"host")
    if (host is None and is_1_1) or (host and _HOST.fullmatch(host) is None):
        raise BadFraming("host-malformed")
    if b"upgrade" in fields:
        raise BadFraming("upgrade-refused")
    length, coding = fields.get(b"content-length"), fields.get(b"transfer-encoding")
    if coding is not None:
        if length is not None or not is_1_1 or coding.lower() != b"chunked":
            raise BadFraming("length-ambiguous")
        return None
    if length is None:
        return 0
    if _LENGTH.fullmatch(length) is None or len(length) > LENGTH_DIGITS_MAX:
        raise BadFraming("length-ambiguous")
    return int(length)


def _check_begun(received: bytearray) -> None:
    """Refuse at once what cannot become a head. Raises `BadFraming`."""
    if len(received) > HEAD_BYTES_MAX:
        raise HeadTooLarge("head-too-large", limit=HEAD_BYTES_MAX)
    line = received.partition(b"\n")[0]
    if received[:1] and not received[:1].isupper():
        raise BadFraming("head-malformed")
    if len(line) < len(received) and _LINE.match(received) is None:
        raise BadFraming("head-malformed")


def _cut(received: bytearray, count: int) -> bytes:
    piece = bytes(received[:count])
    del received[:count]
    return piece
