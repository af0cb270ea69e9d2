"""A kit in memory, made without any database: facts that look like ours, sealed and signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import rfc8785

from registry.proofs.bundles import bundle_name, format_bundle, leaf_tiles_of
from registry.proofs.checkpoints import Checkpoint, sign_checkpoint
from registry.proofs.copies import copies_of
from registry.proofs.credentials import key_name, sign_jwt
from registry.proofs.kits import (
    FACTS_PER_FILE,
    HEADS,
    LAST_HEAD,
    REGISTERS,
    MemoryFiles,
    facts_name,
    format_fact,
    format_head,
)
from registry.proofs.leaves import StoredFact, leaf_entry
from registry.proofs.merkle import TILE_HASHES, MemoryTiles, Tree, append, leaf_hashes
from registry.proofs.status_lists import bits_of, list_credential
from registry.proofs.tiles import tiles_of
from tests import made_keys as made
from tests.made_log import LOG_SIGNERS, sealed_key_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.proofs.keys import Signer

BITS = bits_of(())


def stored_fact(position: int, text: str = "") -> StoredFact:
    """A fact with a sealed value in it."""
    sealed = {"ciphertext": "AAAA", "commitment": f"{position:043d}", "kind": "phone"}
    state = rfc8785.dumps({"actor": f"Cán bộ {position}{text}", "event": {"phone": sealed}})
    return StoredFact(position, UUID(int=position), 1, "award-recorded.v1", state)


def published_list(position: int, signer: str = "status", number: int = 0) -> StoredFact:
    """A fact that publishes a status list in which nothing is revoked, signed by a made key."""
    key = made.signer(signer, "status")
    begins = datetime.fromtimestamp(made.NOW, UTC)
    document = list_credential("did:web:sovang.test", "https://sovang.test", 0, BITS, begins)
    text = sign_jwt(document, key, key_name("did:web:sovang.test", key.kid))
    state = rfc8785.dumps({"event": {"credential": text, "number": number}})
    return replace(stored_fact(position), name="status-list-published.v1", state=state)


def published_keys(position: int, note: bytes | None = None) -> StoredFact:
    """A fact that publishes a key list: that of tests, or another."""
    note = made.signed(sealed_key_list()) if note is None else note
    state = rfc8785.dumps({"event": {"note": note.decode()}})
    return replace(stored_fact(position), name="key-list-published.v1", state=state)


def plain_facts(size: int) -> list[StoredFact]:
    """So many facts, of which the first publishes the key list."""
    return [published_keys(1), *[stored_fact(position) for position in range(2, size + 1)]]


def facts_with_copies(size: int) -> list[StoredFact]:
    """Facts of which some stand in a kit twice: a decision, and a status list."""
    facts = plain_facts(size)
    facts[3] = replace(facts[3], name="decision-registered.v1")
    facts[5] = published_list(6)
    return facts


def make_kit(
    size: int,
    heads: Sequence[int] = (),
    *,
    facts: Sequence[StoredFact] | None = None,
    signers: Sequence[Signer] = LOG_SIGNERS,
    later_lists: Sequence[bytes] = (),
    served: bool = False,
) -> MemoryFiles:
    """A kit of so many facts, with heads at these sizes and at the end.

    With `served` it can be served as a log, as kits are made now. Later key lists take the
    places of facts from the second on.
    """
    facts = list(facts or plain_facts(size))
    for position, note in enumerate(later_lists, 2):
        facts[position - 1] = published_keys(position, note)
    tiles = MemoryTiles()
    append(tiles, 0, leaf_hashes(leaf_entry(fact) for fact in facts))
    tree = Tree(tiles, size)
    files = MemoryFiles({REGISTERS: b"{}"})
    notes = [
        sign_checkpoint(Checkpoint(made.LOG, one, tree.root(one)), signers, made.NOW)
        for one in (*heads, size)
    ]
    files[HEADS] = b"".join(format_head(bytes(note)) for note in notes)
    for first in range(1, size + 1, FACTS_PER_FILE):
        part = facts[first - 1 : first - 1 + FACTS_PER_FILE]
        files[facts_name(first)] = b"".join(format_fact(fact) for fact in part)
    files.update(copy for fact in facts for copy in copies_of(fact))
    for tile in tiles_of(size):
        files[f"log/{tile}"] = tiles[tile.level, tile.index][: tile.bytes]
    for tile in leaf_tiles_of(size) if served else ():
        some = facts[tile.index * TILE_HASHES :][: tile.width]
        files[f"log/{bundle_name(tile)}"] = format_bundle(leaf_entry(fact) for fact in some)
    if served:
        files[LAST_HEAD] = bytes(notes[-1])
    return files
