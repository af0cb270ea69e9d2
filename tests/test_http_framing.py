"""Heads and bodies that two programs could read in two ways are not read at all."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.http.framing import (
    FIELDS_MAX,
    HEAD_BYTES_MAX,
    BadFraming,
    Framing,
    HeadTooLarge,
)

HOST = b"Host: so.laocai.gov.vn\r\n"
GET = b"GET / HTTP/1.1\r\n"
POST = b"POST /api/decisions HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

TAKEN = {
    "plain": GET + HOST + b"\r\n",
    "query": b"GET /api/decisions?number=212%2FQ%C4%90&a=../b HTTP/1.1\r\n" + HOST + b"\r\n",
    "port": GET + b"Host: 127.0.0.1:8000\r\n\r\n",
    "IPv6": GET + b"Host: [::1]:8000\r\n\r\n",
    "HTTP/1.0 without a host": b"GET / HTTP/1.0\r\n\r\n",
    "empty value": GET + HOST + b"Accept:\r\n\r\n",
    "letters of Latin": GET + HOST + b"X-Name: \xe9\xff\r\n\r\n",
    "length": POST + b"Content-Length: 2\r\n\r\n{}",
    "length of nothing": POST + b"Content-Length: 0\r\n\r\n",
    "chunks": CHUNKED + b"2\r\n{}\r\n0\r\n\r\n",
    "chunks in capitals": CHUNKED + b"A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n",
    "forwarded twice": GET + HOST + b"X-Forwarded-For: a\r\nX-Forwarded-For: b\r\n\r\n",
    "a dot in a name": b"GET /a.b/..c/.well-known HTTP/1.1\r\n" + HOST + b"\r\n",
}

REFUSED: dict[str, tuple[bytes, str]] = {
    "length twice": (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "field-repeated"),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy", "field-repeated"),
    "list of lengths": (POST + b"Content-Length: 1, 1\r\n\r\nx", "length-ambiguous"),
    "length with a sign": (POST + b"Content-Length: +1\r\n\r\nx", "length-ambiguous"),
    "negative length": (POST + b"Content-Length: -1\r\n\r\nx", "length-ambiguous"),
    "length with a gap": (POST + b"Content-Length: 1 1\r\n\r\nx", "length-ambiguous"),
    "length of Python": (POST + b"Content-Length: 1_0\r\n\r\nx", "length-ambiguous"),
    "hexadecimal length": (POST + b"Content-Length: 0x1\r\n\r\nx", "length-ambiguous"),
    "octal length": (POST + b"Content-Length: 010\r\n\r\nx", "length-ambiguous"),
    "empty length": (POST + b"Content-Length:\r\n\r\nx", "length-ambiguous"),
    "huge length": (POST + b"Content-Length: 9999999999999\r\n\r\n", "length-ambiguous"),
    "length and chunks": (
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "length-ambiguous",
    ),
    "chunks twice": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "field-repeated",
    ),
    "coding of another name": (POST + b"Transfer-Encoding: xchunked\r\n\r\n", "length-ambiguous"),
    "identity": (POST + b"Transfer-Encoding: identity\r\n\r\n", "length-ambiguous"),
    "two codings": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "length-ambiguous"),
    "chunks of HTTP/1.0": (
        b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n",
        "length-ambiguous",
    ),
    "folded line": (GET + HOST + b"X: a\r\n b\r\n\r\n", "head-malformed"),
    "space in front of the colon": (GET + HOST + b"X : a\r\n\r\n", "head-malformed"),
    "bare line feeds": (b"GET / HTTP/1.1\nHost: a\n\n", "head-malformed"),
    "one bare line feed": (GET + b"Host: a\nX: b\r\n\r\n", "head-malformed"),
    "carriage return in a value": (GET + HOST + b"X: a\rb\r\n\r\n", "head-malformed"),
    "NUL in a value": (GET + HOST + b"X: a\0b\r\n\r\n", "head-malformed"),
    "no name": (GET + HOST + b": a\r\n\r\n", "head-malformed"),
    "no colon": (GET + HOST + b"abc\r\n\r\n", "head-malformed"),
    "first line folded": (GET + b" X: a\r\n" + HOST + b"\r\n", "head-malformed"),
    "another spelling": (POST + b"Content_Length: 5\r\n\r\n", "head-malformed"),
    "no host": (GET + b"\r\n", "host-malformed"),
    "two hosts": (GET + HOST + HOST + b"\r\n", "field-repeated"),
    "host with a user": (GET + b"Host: a@b\r\n\r\n", "host-malformed"),
    "host with a path": (GET + b"Host: a/b\r\n\r\n", "host-malformed"),
    "who asks, twice": (
        POST + b"Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n",
        "field-repeated",
    ),
    "address of a proxy": (b"GET http://b/ HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "tunnel": (b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "address of another host": (b"GET //b/ HTTP/1.1\r\n" + HOST + b"\r\n", "address-ambiguous"),
    "dot segments": (b"GET /v/../log HTTP/1.1\r\n" + HOST + b"\r\n", "address-ambiguous"),
    "encoded dots": (b"GET /v/%2e%2E HTTP/1.1\r\n" + HOST + b"\r\n", "address-ambiguous"),
    "encoded slash": (b"GET /v/a%2fb HTTP/1.1\r\n" + HOST + b"\r\n", "address-ambiguous"),
    "encoded NUL": (b"GET /v/a%00b HTTP/1.1\r\n" + HOST + b"\r\n", "address-ambiguous"),
    "half an escape": (b"GET /v/a%2 HTTP/1.1\r\n" + HOST + b"\r\n", "address-ambiguous"),
    "space in the address": (b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "fragment": (b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "backslash": (b"GET /a\\b HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "letters beyond ASCII": (b"GET /\xc3\xa1 HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "two spaces": (b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "tab": (b"GET\t/ HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "small letters": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", "head-malformed"),
    "HTTP/0.9": (b"GET /\r\n\r\n", "head-malformed"),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + HOST + b"\r\n", "head-malformed"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "head-malformed"),
    "empty lines in front": (b"\r\n\r\n" + GET + HOST + b"\r\n", "head-malformed"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "head-malformed"),
    "web socket": (
        GET + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "upgrade-refused",
    ),
    "chunk with an extension": (CHUNKED + b"1;a=b\r\nx\r\n0\r\n\r\n", "chunks-malformed"),
    "chunk with a prefix": (CHUNKED + b"0x1\r\nx\r\n0\r\n\r\n", "chunks-malformed"),
    "chunk with bare line feeds": (CHUNKED + b"1\nx\n0\n\n", "chunks-malformed"),
    "chunk longer than it says": (CHUNKED + b"1\r\nxyz0\r\n\r\n", "chunks-malformed"),
    "chunk with a space": (CHUNKED + b"1 \r\nx\r\n0\r\n\r\n", "chunks-malformed"),
    "chunk with many zeros": (CHUNKED + b"0000000001\r\nx\r\n0\r\n\r\n", "chunks-malformed"),
    "fields behind the body": (
        CHUNKED + b"1\r\nx\r\n0\r\nContent-Length: 5\r\n\r\n",
        "chunks-malformed",
    ),
    "many fields": (GET + HOST + b"X: a\r\n" * FIELDS_MAX + b"\r\n", "fields-too-many"),
    "long head": (GET + HOST + b"X: " + b"a" * HEAD_BYTES_MAX + b"\r\n\r\n", "head-too-large"),
    "long head without end": (GET + b"X: " + b"a" * HEAD_BYTES_MAX, "head-too-large"),
}


def read(pieces: list[bytes]) -> tuple[list[bytes], str | None]:
    """The requests that were whole, and why the next was refused."""
    framing, received = Framing(), bytearray()
    requests, begun = [], b""
    try:
        for piece in pieces:
            received += piece
            while (taken := framing.take(received)) is not None:
                begun += taken
                if framing.is_between:
                    requests.append(begun)
                    begun = b""
    except BadFraming as error:
        return requests, error.code
    return requests, None


class Parser:
    """What llhttp sees: bodies of whole messages."""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.bodies: list[bytes] = []
        self._body = b""

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.bodies.append(self._body)
        self._body = b""


def bodies(content: bytes) -> list[bytes]:
    parser = Parser()
    parser.parser.feed_data(content)
    return parser.bodies


@pytest.mark.parametrize("name", TAKEN)
def test_what_has_one_meaning_is_read_as_the_parser_reads_it(name: str) -> None:
    content = TAKEN[name]
    assert read([content]) == ([content], None)
    assert len(bodies(content)) == 1


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_two_meanings_is_refused(name: str) -> None:
    content, code = REFUSED[name]
    requests, found = read([content])
    assert (requests, found) == ([], code)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_byte_by_byte_too(name: str) -> None:
    content, code = REFUSED[name]
    assert read([bytes([one]) for one in content]) == ([], code)


@given(
    st.lists(st.sampled_from(sorted(TAKEN)), min_size=1, max_size=3),
    st.none() | st.sampled_from(sorted(REFUSED)),
    st.lists(st.integers(min_value=1, max_value=40), max_size=30),
)
@example(["length", "chunks", "plain"], "length and chunks", [1] * 30)
def test_however_it_arrives_it_is_the_same(
    names: list[str], bad: str | None, sizes: list[int]
) -> None:
    expected = [TAKEN[name] for name in names]
    content = b"".join(expected) + (REFUSED[bad][0] if bad is not None else b"")
    pieces, start = [], 0
    for size in sizes:
        pieces.append(content[start : start + size])
        start += size
    requests, found = read([*pieces, content[start:]])
    assert requests == expected
    assert (found is None) == (bad is None)


@given(st.binary(max_size=60), st.sampled_from([b"", GET, POST, CHUNKED, GET + HOST]))
def test_whatever_is_read_the_parser_reads_as_the_same_requests(more: bytes, begin: bytes) -> None:
    """Two programs, one meaning: what llhttp makes of it ends where ours does."""
    requests, _ = read([begin + more])
    for request in requests:
        try:
            assert len(bodies(request)) == 1
        except httptools.HttpParserError:
            continue


def test_sizes_have_an_answer_of_their_own() -> None:
    framing = Framing()
    with pytest.raises(HeadTooLarge):
        framing.take(bytearray(REFUSED["long head"][0]))


def test_many_spaces_cost_no_time() -> None:
    """Reading a head takes one look at each byte, whatever stands in it."""
    value = b" " * (HEAD_BYTES_MAX - 200) + b"a"
    content = GET + HOST + b"X: b" + value + b"\r\n\r\n"
    assert read([content] * 20)[1] is None
