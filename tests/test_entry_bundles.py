"""The log checked from the server alone, as tessera's fsck does: entries up to the signed root.

Written after transparency-dev/tessera `fsck`: over HTTP only, with no code of ours but the keys.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from projections.sealed_archive import write_kit
from registry.errors import VerificationFailed
from registry.proofs.auditing import audit
from registry.proofs.bundles import format_bundle, parse_bundle
from registry.proofs.kits import LAST_HEAD, FolderFiles, Kit, MemoryFiles
from tests import made_keys as made
from tests.api_house import open_house
from tests.made_kits import make_kit
from tests.made_log import publish_list, record, sequencer

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

Fetch = Callable[[str], bytes | None]
WIDTH = 256


def fsck(fetch: Fetch, public: bytes) -> int:
    """Build the tree from its entries and compare every tile; the size. Fails as fsck would."""
    checkpoint = fetch("checkpoint")
    assert checkpoint is not None
    text, _, lines = checkpoint.partition(b"\n\n")
    for line in lines.decode().splitlines():
        raw = b64decode(line.split(" ")[2])
        if len(raw) == 4 + 64:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text + b"\n")
            break
    else:
        raise AssertionError("no signature of the log")
    size, root = int(text.split(b"\n")[1]), b64decode(text.split(b"\n")[2])
    hashes = [sha256(b"\x00" + entry).digest() for entry in read_entries(fetch, size)]
    assert len(hashes) == size
    level, above = 0, hashes
    while above:
        for index in range(-(-len(above) // WIDTH)):
            some = above[index * WIDTH :][:WIDTH]
            assert fetch(f"tile/{level}/{path_of(index, len(some))}") == b"".join(some)
        full = len(above) // WIDTH
        above = [merkle_root(above[at * WIDTH :][:WIDTH]) for at in range(full)]
        level += 1
    assert merkle_root(hashes) == root
    return size


def read_entries(fetch: Fetch, size: int) -> list[bytes]:
    entries: list[bytes] = []
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        bundle = fetch(f"tile/entries/{path_of(index, width)}")
        assert bundle is not None
        before, at = len(entries), 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            entries.append(bundle[at + 2 : at + 2 + length])
            at += 2 + length
        assert at == len(bundle)
        assert len(entries) - before == width
    return entries


def path_of(index: int, width: int) -> str:
    assert index < 1000
    return f"{index:03d}" + (f".p/{width}" if width < WIDTH else "")


def merkle_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    both = merkle_root(hashes[:half]) + merkle_root(hashes[half:])
    return sha256(b"\x01" + both).digest()


def test_the_tree_can_be_built_again_from_the_server_alone_and_from_a_kit(
    database: Database, registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    publish_list(database)
    record(registry, authorship, 530)
    sealing = sequencer(database)
    sealing.seal_all()
    sealing.close()
    public = made.signer("log", "log").public
    with open_house(database) as house:
        asked: list[str] = []

        def fetch(path: str) -> bytes | None:
            answer = house.client.get(f"/log/{path}")
            asked.append(path)
            return answer.content if answer.status_code == 200 else None

        size = fsck(fetch, public)
        assert size > 2 * WIDTH
        assert f"tile/entries/002.p/{size - 2 * WIDTH}" in asked
        answer = house.client.get("/log/tile/entries/000")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
        partial = house.client.get("/log/tile/entries/000.p/7").content
        assert answer.content.startswith(partial)
        assert len(parse_bundle(partial)) == 7
        beyond = f"002.p/{size - 2 * WIDTH + 1}"
        for wrong in ("003", beyond, "000.p/0", "000.p/256", "0", "x", "-1"):
            assert house.client.get(f"/log/tile/entries/{wrong}").status_code == 404
        house.catch_up()

    write_kit(database.conninfo("reader"), database.marks, tmp_path / "kit")

    def read(path: str) -> bytes | None:
        file = tmp_path / "kit" / "log" / path
        return file.read_bytes() if file.is_file() else None

    assert fsck(read, public) == size
    assert audit(Kit(FolderFiles(tmp_path / "kit")), now=made.NOW).findings == []


def codes_of(kit: MemoryFiles) -> list[str]:
    return [one.code for one in audit(Kit(kit), now=made.NOW).findings]


@pytest.mark.parametrize("name", ["log/tile/entries/000", "log/tile/entries/001.p/44", LAST_HEAD])
def test_what_a_kit_serves_otherwise_than_the_log_is_told(name: str) -> None:
    kit = make_kit(300, served=True)
    assert codes_of(kit) == []
    content = kit[name]
    for spoilt in (content[:-1], content + b"\x00", content[:9] + b"X" + content[10:], b""):
        kit[name] = spoilt
        assert codes_of(kit) == ["copy-differs"]
    del kit[name]
    assert codes_of(kit) == ["copy-differs"]


def test_an_older_kit_serves_nothing_and_is_good() -> None:
    kit = make_kit(300, served=True)
    old = {
        name: content
        for name, content in kit.items()
        if name != LAST_HEAD and not name.startswith("log/tile/entries/")
    }
    assert codes_of(MemoryFiles(old)) == []
    assert codes_of(MemoryFiles({**kit, "log/tile/entries/007": b""})) == ["archive-stray"]


def test_a_bundle_says_the_length_of_each_entry() -> None:
    entries = [b"", b"a", b"b" * 65_535]
    assert parse_bundle(format_bundle(entries)) == entries
    assert format_bundle([b"ab"]) == b"\x00\x02ab"
    for spoilt in (b"\x00", b"\x00\x02a", format_bundle([b"x"] * 257)):
        with pytest.raises(VerificationFailed, match="bundle-malformed"):
            parse_bundle(spoilt)
    with pytest.raises(VerificationFailed, match="entry-too-long"):
        format_bundle([b"c" * 65_536])
