"""The tree, its tiles, its signed heads and proofs: as another program sees them, and spoilt."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import (
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from registry.errors import NotFound, VerificationFailed
from registry.proofs.checkpoints import (
    Checkpoint,
    LogPolicy,
    cosign,
    log_key,
    parse_checkpoint,
    policy_of,
    sign_checkpoint,
    verify_checkpoint,
    witness_key,
)
from registry.proofs.leaves import StoredFact, leaf_entry
from registry.proofs.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    MemoryTiles,
    Tree,
    append,
    leaf_hash,
    leaf_hashes,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from registry.proofs.notes import Note, NoteSignature
from registry.proofs.proof_files import LogProof, parse_proof, verify_proof
from registry.proofs.tiles import Tile, edge_of, parse_tile, tiles_for_proof, tiles_of
from tests import made_keys as made
from tests.test_proofs_keys import refusal

LOG = made.signer("log", "log")
LOG_PQ = made.signer("log", "log", "ML-DSA-44")
WITNESS = made.signer("witness", "witness")
KEYS = (log_key(made.LOG, "Ed25519", LOG.public), log_key(made.LOG, "ML-DSA-44", LOG_PQ.public))
POLICY = LogPolicy(made.LOG, KEYS)


def entries(count: int, prefix: bytes = b"") -> list[bytes]:
    return [prefix + b"%d" % number for number in range(count)]


def grown(leaves: list[bytes], steps: tuple[int, ...] = ()) -> Tree:
    tiles, size = MemoryTiles(), 0
    for start, end in pairwise((0, *steps, len(leaves))):
        size = append(tiles, size, leaf_hashes(leaves[start:end]))
    return Tree(tiles, size)


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, 2.1, as it is written there."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else EMPTY_ROOT
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(plain_root(leaves[:middle]), plain_root(leaves[middle:]))


LARGE = grown(entries(70_000))


# The tree -----------------------------------------------------------------------------------


Proved = tuple[int, int, bytes, list[bytes], bytes]
"""Two numbers, a hash, a path, a root: what either kind of proof is checked with."""
SIZES = (*range(1, 20), 255, 256, 257, 1_000)


def spoilt(proof: Proved) -> Iterator[Proved]:
    """A proof with one thing wrong or moved, in every way that the field's own vectors try."""
    first, second, one, path, root = proof
    for number in (first - 1, first + 1, first * 2, first // 2, first ^ 2):
        yield max(number, 0), second, one, path, root
    for number in (second - 1, second + 1, second * 2, second // 2, second + (1 << 40)):
        yield first, max(number, 0), one, path, root
    for other in (sha256(b"").digest(), sha256(b"\0").digest(), bytes(HASH_BYTES), root, one):
        yield first, second, other, path, root
        yield first, second, one, path, other
    yield first, second, root, path, one
    yield first, second, one, [], root
    for other in (root, one, bytes(HASH_BYTES)):
        yield first, second, one, [*path, other], root
        yield first, second, one, [other, *path], root
    for place, known in enumerate(path):
        yield first, second, one, path[:place], root
        yield first, second, one, path[place + 1 :], root
        wrong = bytes([known[0] ^ 4]) + known[1:]
        yield first, second, one, [*path[:place], wrong, *path[place + 1 :]], root


def is_included(proof: Proved) -> bool:
    index, size, leaf, path, root = proof
    try:
        verify_inclusion(index, size, leaf, path, root)
    except VerificationFailed:
        return False
    return True


def is_included_for_others(proof: Proved) -> bool:
    index, size, leaf, path, root = proof
    try:
        InclusionProof(index, size, path).check(leaf, root)
    except InclusionProofInvalid:
        return False
    return True


def is_consistent(proof: Proved) -> bool:
    old, size, old_root, path, root = proof
    try:
        verify_consistency(old, size, old_root, root, path)
    except VerificationFailed:
        return False
    return True


def is_consistent_for_others(proof: Proved) -> bool:
    old, size, old_root, path, root = proof
    if old == 0:
        # From the empty tree others let everything follow; nothing is proved by that.
        return False
    try:
        ConsistencyProof(old, size, path).check(old_root, root)
    except ConsistencyProofInvalid:
        return False
    return True


@pytest.mark.parametrize("size", SIZES)
def test_another_program_says_the_same_of_every_inclusion_right_or_spoilt(size: int) -> None:
    leaves = entries(size)
    tree = grown(leaves)
    accepted = refused = 0
    for index in sorted({0, 1, size // 2, size - 2, size - 1} & set(range(size))):
        proof = (index, size, leaf_hash(leaves[index]), tree.inclusion(index), tree.root())
        assert is_included(proof)
        for each in (proof, *spoilt(proof)):
            assert is_included(each) == is_included_for_others(each), each
            accepted, refused = accepted + is_included(each), refused + (not is_included(each))
    assert accepted
    assert refused > accepted


@pytest.mark.parametrize("size", SIZES)
def test_another_program_says_the_same_of_every_consistency_right_or_spoilt(size: int) -> None:
    tree = grown(entries(size))
    for old in sorted({1, 2, size // 2, size - 1, size} & set(range(1, size + 1))):
        proof = (old, size, tree.root(old), tree.consistency(old), tree.root())
        assert is_consistent(proof)
        for each in (proof, *spoilt(proof)):
            assert is_consistent(each) == is_consistent_for_others(each), each
    assert not is_consistent((0, size, EMPTY_ROOT, [], tree.root()))


def test_every_proof_of_every_small_tree_holds() -> None:
    leaves = entries(40)
    tree = grown(leaves)
    for size in range(len(leaves) + 1):
        root = tree.root(size)
        assert root == plain_root(leaves[:size])
        for index in range(size):
            verify_inclusion(
                index, size, leaf_hash(leaves[index]), tree.inclusion(index, size), root
            )
        for old in range(1, size + 1):
            verify_consistency(old, size, tree.root(old), root, tree.consistency(old, size))


@given(st.data())
def test_a_tree_is_the_same_however_it_grew(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 1_500))
    steps = tuple(sorted(data.draw(st.lists(st.integers(0, size), max_size=6))))
    leaves = entries(size)
    tree = grown(leaves, steps)
    assert tree.root() == plain_root(leaves)
    if size:
        past = data.draw(st.integers(1, size))
        index = data.draw(st.integers(0, past - 1))
        verify_inclusion(
            index,
            past,
            leaf_hash(leaves[index]),
            tree.inclusion(index, past),
            plain_root(leaves[:past]),
        )
        proof = tree.consistency(past)
        verify_consistency(past, size, tree.root(past), tree.root(), proof)


@given(st.data())
def test_every_changed_bit_of_a_proof_is_found(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 700))
    tree = grown(entries(size))
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index)
    parts = [leaf_hash(b"%d" % index), *proof, tree.root()]
    which = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, HASH_BYTES * 8 - 1))
    changed = bytearray(parts[which])
    changed[bit // 8] ^= 1 << bit % 8
    parts[which] = bytes(changed)
    with pytest.raises(VerificationFailed):
        verify_inclusion(index, size, parts[0], parts[1:-1], parts[-1])


def test_a_tile_that_lost_hashes_is_noticed() -> None:
    tiles = MemoryTiles()
    append(tiles, 0, leaf_hashes(entries(300)))
    tiles[0, 1] = tiles[0, 1][:-HASH_BYTES]
    assert refusal(lambda: Tree(tiles, 300).root()) == "tile-too-short"
    assert refusal(lambda: append(tiles, 300, leaf_hashes([b"x"]))) == "tile-too-short"


@pytest.mark.parametrize(
    "attempt",
    [
        lambda t: t.inclusion(5),
        lambda t: t.inclusion(-1),
        lambda t: t.root(6),
        lambda t: t.consistency(6),
    ],
)
def test_what_is_not_in_the_tree_has_no_proof(attempt: Any) -> None:
    assert refusal(lambda: attempt(grown(entries(5)))) == "proof-out-of-range"


# Tiles --------------------------------------------------------------------------------------


def test_tiles_are_named_and_counted_as_c2sp_says() -> None:
    assert str(Tile(0, 1_234_067)) == "tile/0/x001/x234/067"
    assert str(Tile(1, 4, 17)) == "tile/1/004.p/17"
    tiles = list(tiles_of(70_000))
    assert sum(1 for tile in tiles if tile.level == 0 and tile.is_full) == 273
    partial = [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert [tile for tile in tiles if not tile.is_full] == partial == list(edge_of(70_000))
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_tile_is_found_again_by_its_path(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    _, named, path = str(tile).split("/", 2)
    assert parse_tile(named, path) == tile


@pytest.mark.parametrize(
    ("level", "path"),
    [("0", "1"), ("0", "x001"), ("0", "x000/001"), ("00", "001"), ("64", "000"), ("-1", "000"),
     ("0", "000.p/0"), ("0", "000.p/256"), ("0", "000.p/01"), ("0", "000.p/300"), ("0", "../000"),
     ("0", ""), ("٠", "000"), ("0", "x999/" * 7 + "999")],
)  # fmt: skip
def test_another_spelling_is_no_tile(level: str, path: str) -> None:
    with pytest.raises(NotFound):
        parse_tile(level, path)


@given(st.data())
def test_a_proof_needs_no_tile_but_those_above_the_leaf_and_at_the_edge(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(1, LARGE.size))
    index = data.draw(st.integers(0, size - 1))
    needed = tiles_for_proof(index, size)
    tiles: MemoryTiles = LARGE._tiles  # type: ignore[assignment]
    some = MemoryTiles({place: tiles[place] for place in needed if place in tiles})
    assert Tree(some, size).inclusion(index) == LARGE.inclusion(index, size)
    assert len(needed) <= 6


def test_which_tiles_a_size_has() -> None:
    assert Tile(0, 273, 112).is_in(70_000)
    assert Tile(0, 273, 1).is_in(70_000)
    assert not Tile(0, 273, 113).is_in(70_000)
    assert not Tile(3, 0, 1).is_in(70_000)
    assert not Tile(63, 0, 1).is_in(70_000)


# Checkpoints --------------------------------------------------------------------------------


def head(tree: Tree, *lines: NoteSignature, signers: tuple[Any, ...] = (LOG, LOG_PQ)) -> bytes:
    checkpoint = Checkpoint(made.LOG, tree.size, tree.root())
    note = sign_checkpoint(checkpoint, signers, made.NOW)
    return bytes(Note(note.text, note.signatures + lines))


def cosigned(tree: Tree, name: str = "witness.test") -> NoteSignature:
    return cosign(Checkpoint(made.LOG, tree.size, tree.root()), name, WITNESS, made.NOW)


def test_a_checkpoint_holds_as_it_was_signed() -> None:
    tree = grown(entries(300))
    found = verify_checkpoint(head(tree, cosigned(tree)), POLICY)
    assert found == Checkpoint(made.LOG, 300, tree.root())
    key_list = made.key_list()
    assert policy_of(key_list).log_keys == KEYS[:1]


@given(st.data())
def test_every_changed_bit_of_a_checkpoint_is_found(data: st.DataObject) -> None:
    content = head(grown(entries(3)), signers=(LOG,))
    place = data.draw(st.integers(0, len(content) * 8 - 1))
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(VerificationFailed):
        verify_checkpoint(bytes(changed), POLICY)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n3\n", b"\n03\n"), (b"\n3\n", b"\n-3\n"), (b"\n3\n", b"\n3\nmore\n"), (b"=\n\n", b"\n\n"),
     (b"sovang.test/2026\n3", b"\n3"), (b"\n3\n", b"\n" + b"9" * 20 + b"\n")],
)  # fmt: skip
def test_a_checkpoint_of_another_form_is_refused(old: bytes, new: bytes) -> None:
    content = head(grown(entries(3)))
    assert old in content
    assert refusal(lambda: parse_checkpoint(content.replace(old, new, 1))) == "checkpoint-malformed"


def test_another_log_and_another_key_do_not_count() -> None:
    content = head(grown(entries(3)))
    elsewhere = LogPolicy("elsewhere.test", KEYS)
    assert refusal(lambda: verify_checkpoint(content, elsewhere)) == "checkpoint-other-log"
    foreign = LogPolicy(made.LOG, (log_key(made.LOG, "Ed25519", WITNESS.public),))
    assert refusal(lambda: verify_checkpoint(content, foreign)) == "checkpoint-unsigned"


def test_a_stolen_log_key_convinces_nobody_without_witnesses() -> None:
    forged = grown(entries(299, b"forged "))
    witness = witness_key("witness.test", WITNESS)
    careful = LogPolicy(made.LOG, KEYS, (witness,), 1)
    assert refusal(lambda: verify_checkpoint(head(forged), careful)) == "witnesses-missing"
    honest = grown(entries(299))
    verify_checkpoint(head(honest, cosigned(honest)), careful)
    # A cosignature of the honest head does not fit the forged one.
    mixed = head(forged, cosigned(honest))
    assert refusal(lambda: verify_checkpoint(mixed, careful)) == "signature-wrong"


def test_one_witness_under_two_names_counts_once() -> None:
    tree = grown(entries(3))
    names = ("witness.test", "other.test")
    keys = tuple(witness_key(name, WITNESS) for name in names)
    content = head(tree, *[cosigned(tree, name) for name in names])
    verify_checkpoint(content, LogPolicy(made.LOG, KEYS, keys, 1))
    careful = LogPolicy(made.LOG, KEYS, keys, 2)
    assert refusal(lambda: verify_checkpoint(content, careful)) == "witnesses-missing"


def test_behind_the_theft_a_log_key_counts_no_more() -> None:
    listed = made.listed(LOG, compromised_at_leaf=3)
    policy = policy_of(made.key_list(keys=(listed,)))
    verify_checkpoint(head(grown(entries(3)), signers=(LOG,)), policy)
    later = head(grown(entries(4)), signers=(LOG,))
    assert refusal(lambda: verify_checkpoint(later, policy)) == "log-key-compromised"


# Proof files --------------------------------------------------------------------------------


def proof_of(index: int, size: int) -> LogProof:
    leaves = entries(size)
    tree = grown(leaves)
    return LogProof(index, leaves[index], tuple(tree.inclusion(index)), head(tree))


def test_a_proof_file_proves_its_entry() -> None:
    proof = proof_of(17, 300)
    again = parse_proof(bytes(proof))
    assert again == proof
    assert verify_proof(again, POLICY).size == 300


def test_a_perfect_signature_without_a_leaf_is_found() -> None:
    # Whoever stole the issuing key signs what he likes; his paper has no place in the log.
    genuine = proof_of(17, 300)
    forged = LogProof(17, b"forged", genuine.path, genuine.checkpoint)
    assert refusal(lambda: verify_proof(forged, POLICY)) == "inclusion-wrong"


@given(st.data())
def test_every_changed_bit_of_a_proof_file_is_found(data: st.DataObject) -> None:
    leaves = entries(5)
    tree = grown(leaves)
    content = bytes(LogProof(2, leaves[2], tuple(tree.inclusion(2)), head(tree, signers=(LOG,))))
    place = data.draw(st.integers(0, len(content) * 8 - 1))
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(VerificationFailed):
        verify_proof(parse_proof(bytes(changed)), POLICY)


@pytest.mark.parametrize(
    "content",
    [b"", b"c2sp.org/tlog-proof@v1\n", b"c2sp.org/tlog-proof@v1\n\n", b"x\nextra AA==\nindex 0\n\n",
     b"c2sp.org/tlog-proof@v1\nextra AA==\n\n", b"c2sp.org/tlog-proof@v1\nextra AA==\nindex 01\n\n",
     b"c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\nAA==\n\n", b"\xff\n\n",
     b"c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n" + b"AA==\n" * 70 + b"\n"],
)  # fmt: skip
def test_what_is_no_proof_is_refused(content: bytes) -> None:
    assert refusal(lambda: parse_proof(content)) == "proof-malformed"


# Leaves -------------------------------------------------------------------------------------


STREAM = UUID("0198a3f0-7f7c-7cc2-9a4b-1f6f4b1d2c3e")


def base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def test_a_leaf_is_canonical_and_holds_hashes_only() -> None:
    sealed = {"ciphertext": "AA", "commitment": "x" * 43, "kind": "phone"}
    state = rfc8785.dumps(
        {"actor": 'a,"commitment":"no', "event": {"phone": sealed, "text": ',"commitment":"no'}}
    )
    entry = leaf_entry(StoredFact(1, STREAM, 7, "award-recorded.v1", state))
    assert json.loads(entry) == {
        "c": ["x" * 43],
        "o": str(STREAM),
        "ov": 7,
        "s": base64url(sha256(state).digest()),
        "t": "award-recorded.v1",
        "v": 1,
    }
    assert entry == rfc8785.dumps(json.loads(entry))


def test_the_leaf_of_an_issue_names_the_bytes_on_the_paper() -> None:
    paper = bytes(range(200))
    state = rfc8785.dumps({"event": {"payload": base64url(paper)}})
    entry = leaf_entry(StoredFact(1, STREAM, 7, "artifact-signed.v1", state))
    assert json.loads(entry)["q"] == base64url(sha256(paper).digest())
    assert entry == rfc8785.dumps(json.loads(entry))
    for other in (b"", b"{}", b'{"event":{"payload":7}}', b'{"event":{"payload":"\xc3\xa9"}}'):
        assert "q" not in json.loads(
            leaf_entry(StoredFact(1, STREAM, 7, "artifact-signed.v1", other))
        )


def test_a_name_that_json_would_write_otherwise_has_no_leaf() -> None:
    fact = StoredFact(1, STREAM, 7, 'x","v":2', b"{}")
    assert refusal(lambda: leaf_entry(fact)) == "fact-name-unfit"


# An independent program ---------------------------------------------------------------------


def test_another_program_accepts_checkpoint_tiles_and_proofs(tmp_path: Path) -> None:
    leaves, tree = entries(70_000), LARGE
    tiles: MemoryTiles = tree._tiles  # type: ignore[assignment]
    for tile in tiles_of(tree.size):
        path = tmp_path / str(tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tiles[tile.level, tile.index][: tile.bytes])
    content = head(tree, cosigned(tree))
    (tmp_path / "checkpoint").write_bytes(content)
    reader = TilesReader(LocalBackend(tmp_path))
    checkpoint = reader.get_checkpoint()
    for key in (*KEYS, witness_key("witness.test", WITNESS)):
        vkey = Vkey.from_string(str(key))
        line = next(one for one in checkpoint.signatures if vkey.match(one))
        vkey.get_verifier().verify_note(line, checkpoint)
    reader.set_size(checkpoint.size)
    assert reader.calculate_root_hash() == tree.root()
    theirs = reader.get_inclusion_proof(34_567, 65_321)
    assert list(theirs.node_hashes) == tree.inclusion(34_567, 65_321)
    theirs.check(leaf_hash(leaves[34_567]), tree.root(65_321))
    InclusionProof(99, 70_000, tree.inclusion(99)).check(leaf_hash(leaves[99]), tree.root())
    ConsistencyProof(65_321, 70_000, tree.consistency(65_321)).check(tree.root(65_321), tree.root())
    with pytest.raises(InclusionProofInvalid):
        InclusionProof(99, 70_000, tree.inclusion(99)).check(leaf_hash(b"no"), tree.root())
