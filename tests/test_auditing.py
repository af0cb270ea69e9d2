"""The audit over kits in memory: every single bit that changes is found, each lie has its name."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from registry.errors import VerificationFailed
from registry.messages import describe
from registry.proofs.auditing import FINDINGS_MAX, Audit, audit
from registry.proofs.checkpoints import witness_key
from registry.proofs.copies import key_list_name
from registry.proofs.keys import Signer
from registry.proofs.kits import (
    HEADS,
    REGISTERS,
    FolderFiles,
    Kit,
    MemoryFiles,
    facts_name,
    format_fact,
)
from registry.proofs.leaves import StoredFact
from registry.proofs.notes import plain_key
from registry.proofs.payload import Claims, sign_claims
from tests import made_keys as made
from tests.made_kits import (
    facts_with_copies,
    make_kit,
    plain_facts,
    published_keys,
    published_list,
    stored_fact,
)
from tests.made_log import LOG_SIGNERS, sealed_key_list

ROOTS = made.key_list().roots
SIZE = 300
HEAD_SIZES = (1, 7, 256)
FLIPS = 3_000


def audited(files: MemoryFiles, now: int = made.NOW) -> Audit:
    return audit(Kit(files), ROOTS, now=now)


def codes(files: MemoryFiles, now: int = made.NOW) -> set[str]:
    return {finding.code for finding in audited(files, now).findings}


@pytest.fixture
def kit() -> MemoryFiles:
    return make_kit(SIZE, HEAD_SIZES, facts=facts_with_copies(SIZE))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700, 10_000, 10_001])
def test_a_genuine_kit_is_good(size: int) -> None:
    found = audited(make_kit(size))
    assert found.findings == []
    assert found.is_good
    assert (found.size, found.facts, found.unsealed, found.heads) == (size, size, 0, 1)
    assert found.roots_pinned


def test_every_changed_bit_is_found() -> None:
    # A small kit, so that thousands of audits take seconds.
    genuine = make_kit(20, (3,), facts=facts_with_copies(20))
    assert audited(genuine).is_good
    chance = random.Random(20261124)
    names = sorted(genuine.keys() - {REGISTERS})
    for _ in range(FLIPS):
        name = chance.choice(names)
        content = bytearray(genuine[name])
        bit = chance.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        assert not audited(MemoryFiles(genuine | {name: bytes(content)})).is_good, (name, bit)


def test_every_lost_or_doubled_byte_is_found() -> None:
    genuine = make_kit(20, (3,), facts=facts_with_copies(20), signers=LOG_SIGNERS[:1])
    chance = random.Random(7)
    for name in sorted(genuine.keys() - {REGISTERS}):
        content = genuine[name]
        for _ in range(20):
            place = chance.randrange(len(content))
            for changed in (
                content[:place] + content[place + 1 :],
                content[:place] + content[place : place + 1] + content[place:],
                content[:place],
            ):
                if changed != content:
                    assert not audited(MemoryFiles(genuine | {name: changed})).is_good, name


def test_every_file_that_is_missing_is_missed(kit: MemoryFiles) -> None:
    for name in kit.keys() - {REGISTERS}:
        rest = MemoryFiles({other: kit[other] for other in kit if other != name})
        assert not audited(rest).is_good, name


def test_a_changed_fact_is_named_by_its_position(kit: MemoryFiles) -> None:
    name = facts_name(1)
    lines = kit[name].splitlines(keepends=True)
    lines[41] = format_fact(stored_fact(42, " khác"))
    kit[name] = b"".join(lines)
    findings = audited(kit).findings
    assert [(one.code, one.params) for one in findings] == [("fact-differs", {"position": 42})]


def test_a_changed_leaf_spoils_its_fact_and_every_later_root(kit: MemoryFiles) -> None:
    tile = bytearray(kit["log/tile/0/000"])
    tile[41 * 32] ^= 1
    kit["log/tile/0/000"] = bytes(tile)
    findings = audited(kit).findings
    assert [(one.code, one.params) for one in findings] == [
        ("fact-differs", {"position": 42}),
        ("root-differs", {"size": 256}),
        ("root-differs", {"size": 300}),
        ("tile-differs", {"path": "tile/1/000.p/1"}),
    ]


def test_a_changed_tile_is_named_by_its_path(kit: MemoryFiles) -> None:
    kit["log/tile/1/000.p/1"] = bytes(32)
    findings = audited(kit).findings
    assert [(one.code, one.params) for one in findings] == [
        ("tile-differs", {"path": "tile/1/000.p/1"})
    ]


def test_a_changed_copy_is_named_with_the_fact_that_it_repeats(kit: MemoryFiles) -> None:
    names = sorted(name for name in kit if name.startswith(("decisions/", "status/")))
    for name, position in zip(names, (4, 6), strict=True):
        changed = MemoryFiles(kit | {name: kit[name] + b"x"})
        findings = audited(changed).findings
        assert [(one.code, one.params) for one in findings] == [
            ("copy-differs", {"name": name, "position": position})
        ]


def test_facts_that_swapped_places_are_found(kit: MemoryFiles) -> None:
    lines = kit[facts_name(1)].splitlines(keepends=True)
    lines[4], lines[5] = lines[5], lines[4]
    kit[facts_name(1)] = b"".join(lines)
    assert codes(kit) == {"fact-misplaced", "fact-differs"}


def test_a_fact_behind_the_last_head_is_counted_as_unsealed(kit: MemoryFiles) -> None:
    kit[facts_name(1)] += format_fact(stored_fact(SIZE + 1))
    found = audited(kit)
    assert (found.is_good, found.unsealed) == (True, 1)


def test_a_rewritten_history_is_refused_even_with_a_stolen_log_key(kit: MemoryFiles) -> None:
    facts = plain_facts(SIZE)
    facts[41] = stored_fact(42, " giả")
    # Without the old heads the forger's log is whole in itself ...
    forged = make_kit(SIZE, facts=facts)
    assert audited(forged).is_good
    # ... but any head that somebody kept does not fit it,
    heads = kit[HEADS].splitlines(keepends=True)
    forged[HEADS] = b"".join([*heads[:-1], *forged[HEADS].splitlines(keepends=True)])
    assert codes(forged) == {"root-differs"}
    # ... and where witnesses are asked for, it has none.
    witness = witness_key("witness.test", made.signer("witness", "witness"))
    careful = sealed_key_list(witnesses=(witness,), witnesses_needed=1)
    facts[0] = published_keys(1, made.signed(careful))
    forged = make_kit(SIZE, facts=facts)
    assert codes(forged) == {"witnesses-missing"}


def with_stolen(key: Signer, **theft: int) -> bytes:
    """The second key list, in which one key of the log or of papers was stolen."""
    keys = tuple(
        made.listed(key, **theft) if one.kid == key.kid else one for one in sealed_key_list().keys
    )
    return made.signed(sealed_key_list(version=2, keys=keys))


def with_later(*lists: bytes) -> MemoryFiles:
    """The kit with more key lists, the second at position 2 and so on."""
    return make_kit(SIZE, HEAD_SIZES, later_lists=lists)


def test_a_stolen_log_key_that_is_listed_as_such_signs_nothing_more() -> None:
    keys = tuple(
        replace(one, compromised_at_leaf=256) if one.use == "log" else one
        for one in sealed_key_list().keys
    )
    found = audited(with_later(made.signed(sealed_key_list(version=2, keys=keys))))
    assert found.findings[0].code == "log-key-compromised"
    assert found.size == 256


def told(files: MemoryFiles) -> list[tuple[str, str | int]]:
    return [(one.code, one.params["position"]) for one in audited(files).findings]


def test_a_rolled_back_key_list_is_refused_at_its_position() -> None:
    third, second = (made.signed(sealed_key_list(version=version)) for version in (3, 2))
    assert told(with_later(third, second)) == [("key-list-rolled-back", 3)]
    (finding,) = audited(with_later(third, second)).findings
    assert describe(finding.code, finding.params, "en").startswith("Position 3: ")
    assert told(with_later(second, third)) == []


def test_a_key_list_signed_by_one_root_is_refused_at_its_position() -> None:
    second = made.signed(sealed_key_list(version=2), made.ROOTS[0])
    assert told(with_later(second)) == [("key-list-threshold", 2)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_from": made.BEGINNING - 1}, "key-list-key-changed"),
        ({"valid_to": made.END + 1}, "key-list-key-changed"),
        ({"valid_to": made.NOW - 1_001}, "key-list-key-changed"),
        ({"use": "status"}, "key-list-key-changed"),
        ({"valid_to": made.NOW}, None),
        ({"compromised_at_leaf": 9}, None),
    ],
)
def test_a_key_whose_window_is_silently_changed_is_told(
    changes: dict[str, Any], code: str | None
) -> None:
    first, *rest = sealed_key_list().keys
    changed = sealed_key_list(version=2, keys=(replace(first, **changes), *rest))
    expected = [] if code is None else [(code, 2)]
    assert told(with_later(made.signed(changed))) == expected


def test_a_theft_once_told_is_not_taken_back_or_put_off() -> None:
    first, *rest = sealed_key_list().keys
    second, *others = (
        made.signed(
            sealed_key_list(version=2 + (at != 9), keys=(replace(first, **stolen(at)), *rest))
        )
        for at in (9, None, 10, 8)
    )
    expected = [[("key-list-key-changed", 3)], [("key-list-key-changed", 3)], []]
    assert [told(with_later(second, third)) for third in others] == expected


def stolen(at: int | None) -> dict[str, Any]:
    return {"compromised_at_leaf": at}


def test_a_key_that_vanishes_from_the_list_is_told() -> None:
    fewer = sealed_key_list(version=2, keys=sealed_key_list().keys[1:])
    assert told(with_later(made.signed(fewer))) == [("key-list-key-dropped", 2)]


def test_a_key_list_that_is_no_fact_of_the_log_is_told(kit: MemoryFiles) -> None:
    kit[key_list_name(2)] = made.signed(sealed_key_list(version=2))
    findings = audited(kit).findings
    assert [(one.code, one.params) for one in findings] == [
        ("archive-stray", {"name": key_list_name(2)})
    ]


def test_a_key_list_that_a_fact_publishes_and_that_was_left_out_is_told() -> None:
    kit = with_later(made.signed(sealed_key_list(version=2)))
    del kit[key_list_name(2)]
    assert told(kit) == [("copy-differs", 2)]


def test_a_stale_key_list_is_told(kit: MemoryFiles) -> None:
    end = sealed_key_list().expires_at
    assert codes(kit, now=end - 1) == set()
    assert codes(kit, now=end) == {"key-list-stale"}


def test_foreign_roots_are_refused_unless_nobody_knows_better(kit: MemoryFiles) -> None:
    foreign = tuple(plain_key(name, made.signer(f"foreign {name}", "root")) for name in made.ROOTS)
    assert [one.code for one in audit(Kit(kit), foreign, now=made.NOW).findings] == [
        "key-list-threshold"
    ]
    unpinned = audit(Kit(kit), now=made.NOW)
    assert (unpinned.is_good, unpinned.roots_pinned) == (True, False)


def test_roots_that_took_over_later_are_enough_for_the_auditor() -> None:
    # As an office does that leaves its trial set: the old roots let go, the new ones sign on.
    names = tuple(f"office {name}".replace(" ", "-") for name in made.ROOTS)
    office = tuple(plain_key(*made.root(name)) for name in names)
    first, second = (sealed_key_list(version=version, roots=office) for version in (2, 3))
    last = made.signed(second, *names[1:])
    kit = with_later(made.signed(first, *made.ROOTS[:2], *names[:2]), last)
    for roots in (ROOTS, office):
        assert audit(Kit(kit), roots, now=made.NOW).findings == []
    foreign = tuple(plain_key(name, made.signer(f"foreign {name}", "root")) for name in names)
    findings = audit(Kit(kit), foreign, now=made.NOW).findings
    assert [one.code for one in findings] == ["key-list-threshold"]
    # One root of theirs among the old ones is not enough.
    kit = with_later(made.signed(first, *made.ROOTS[:2], names[0]), last)
    assert told(kit) == [("key-list-threshold", 2)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (HEADS, b"", "log-not-sealed"),
        (HEADS, b"{}\n", "kit-head-malformed"),
        (HEADS, b'"x"\n', "note-malformed"),
        (facts_name(1), b"", "fact-missing"),
        (facts_name(1), b"{}\n", "kit-line-malformed"),
        (key_list_name(1), b"", "note-malformed"),
        ("log/tile/0/001.p/44", b"short", "tile-differs"),
        ("log/tile/0/002", b"", "archive-stray"),
        ("note.txt", b"", "archive-stray"),
    ],
)
def test_what_is_no_kit_says_why(kit: MemoryFiles, name: str, content: bytes, code: str) -> None:
    kit[name] = content
    assert code in codes(kit)


def test_of_very_many_findings_only_the_first_are_kept() -> None:
    kit = make_kit(SIZE)
    kit[facts_name(1)] = b""
    assert len(audited(kit).findings) == FINDINGS_MAX


def test_a_head_of_no_larger_size_is_out_of_order(kit: MemoryFiles) -> None:
    lines = kit[HEADS].splitlines(keepends=True)
    kit[HEADS] = b"".join([lines[1], lines[0], *lines[2:]])
    assert codes(kit) == {"checkpoints-disordered"}


@pytest.mark.parametrize("state", [b"{}\n{}", b"[]", b""])
def test_a_fact_that_is_no_object_on_one_line_is_not_exported(state: bytes) -> None:
    with pytest.raises(VerificationFailed) as caught:
        format_fact(replace(stored_fact(9), state=state))
    assert (caught.value.code, caught.value.params["position"]) == ("kit-line-malformed", 9)


def test_a_kit_in_a_folder_is_the_same(kit: MemoryFiles, tmp_path: Path) -> None:
    for name, content in kit.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert audit(Kit(FolderFiles(tmp_path)), ROOTS, now=made.NOW).is_good
    # A link leads out of the kit: what it shows is not what was handed over.
    target = tmp_path / HEADS
    outside = tmp_path.parent / f"{tmp_path.name}-heads"
    target.rename(outside)
    target.symlink_to(outside)
    found: Any = audit(Kit(FolderFiles(tmp_path)), ROOTS, now=made.NOW)
    assert {one.code for one in found.findings} == {"log-not-sealed", "archive-stray"}


# Papers -------------------------------------------------------------------------------------


def with_paper(content: bytes) -> list[StoredFact]:
    """Facts of which the last signs a QR code."""
    payload = urlsafe_b64encode(content).decode().rstrip("=")
    state = rfc8785.dumps({"event": {"payload": payload}})
    paper = replace(stored_fact(10), name="artifact-signed.v1", state=state)
    return [*plain_facts(9), paper]


def paper_signed_by(name: str) -> bytes:
    claims = Claims("C2026-0000001-H", "Giàng Thị Mẩy", "ORD-KC-US:III", "263", "1985", 7)
    return sign_claims(claims, bytes(16), made.NOW, made.signer(name))


def test_the_signature_on_every_paper_is_checked() -> None:
    genuine = make_kit(10, facts=with_paper(paper_signed_by("issue")))
    assert audited(genuine).findings == []
    for content, code in (
        (paper_signed_by("stranger"), "payload-key-unknown"),
        (paper_signed_by("issue")[:-1] + b"\x00", "payload-signature"),
        (b"no paper", "payload-malformed"),
    ):
        forged = make_kit(10, facts=with_paper(content))
        assert [(one.code, one.params["position"]) for one in audited(forged).findings] == [
            (code, 10)
        ]


def test_papers_behind_the_theft_of_their_key_are_told() -> None:
    for stolen_at, expected in ((10, []), (9, ["payload-after-compromise"])):
        second = with_stolen(made.signer("issue"), compromised_at_leaf=stolen_at)
        facts = with_paper(paper_signed_by("issue"))
        kit = make_kit(10, facts=facts, later_lists=[second])
        assert [one.code for one in audited(kit).findings] == expected


# Status lists -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (published_list(10, "stranger"), "status-list-key-unknown"),
        (published_list(10, number=7), "status-list-of-another"),
        (replace(published_list(10), state=b'{"event":{"number":0}}'), "status-list-malformed"),
    ],
)
def test_the_signature_on_every_status_list_is_checked(fact: StoredFact, code: str) -> None:
    genuine = [*facts_with_copies(9), published_list(10)]
    assert audited(make_kit(10, facts=genuine)).findings == []
    kit = make_kit(10, facts=genuine)
    kit[facts_name(1)] = b"".join(format_fact(one) for one in [*genuine[:9], fact])
    assert code in codes(kit)


def test_status_lists_behind_the_theft_of_their_key_are_told() -> None:
    for changes, expected in (
        ({"compromised_at_leaf": 6}, []),
        ({"compromised_at_leaf": 5}, ["status-list-key-not-valid-then"]),
        ({"valid_to": made.NOW}, ["status-list-key-not-valid-then"]),
    ):
        second = with_stolen(made.signer("status", "status"), **changes)
        kit = make_kit(10, facts=facts_with_copies(10), later_lists=[second])
        assert [one.code for one in audited(kit).findings] == expected
