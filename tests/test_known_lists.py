"""A machine remembers the newest key list of each log: an older one is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.errors import Rejected, VerificationFailed
from registry.known_lists import KnownLists
from registry.proofs.notes import plain_key
from tests.made_keys import LOG, NOW, ROOTS, key_list, listed, root, signed, signer

if TYPE_CHECKING:
    from pathlib import Path

OWN_ROOTS = tuple(plain_key(*root(name)) for name in ROOTS)
STOLEN = listed(signer("issue"), compromised_at_leaf=7)
NEWER = key_list(2, keys=(STOLEN, listed(signer("log", "log"))))


def refusal(known: KnownLists, content: bytes, version_min: int = 0) -> str:
    with pytest.raises(VerificationFailed) as caught:
        known.accept(content, (), NOW, version_min)
    return caught.value.code


def test_a_list_from_before_a_theft_is_refused_once_the_newer_was_seen(tmp_path: Path) -> None:
    older = signed(key_list(1))
    assert KnownLists(tmp_path / "state").accept(older, (), NOW).version == 1
    known = KnownLists(tmp_path / "state")
    assert known.accept(signed(NEWER), (), NOW) == NEWER
    assert known.remembers
    again = KnownLists(tmp_path / "state")
    assert refusal(again, older) == "key-list-rolled-back"
    # Whoever names the roots is not fooled either.
    with pytest.raises(VerificationFailed, match="key-list-rolled-back"):
        again.accept(older, OWN_ROOTS, NOW)
    assert again.accept(signed(NEWER), (), NOW) == NEWER
    # Somewhere else nothing was seen.
    assert KnownLists(tmp_path / "other").accept(older, (), NOW).version == 1


def test_one_version_has_one_content_and_nothing_is_dropped(tmp_path: Path) -> None:
    known = KnownLists(tmp_path)
    known.accept(signed(NEWER), (), NOW)
    assert refusal(known, signed(replace(NEWER, keys=key_list().keys))) == "key-list-replaced"
    assert refusal(known, signed(key_list(3, keys=NEWER.keys[1:]))) == "key-list-key-dropped"
    assert refusal(known, signed(key_list(3))) == "key-list-key-changed"
    assert known.accept(signed(NEWER), (), NOW) == NEWER


def test_a_list_of_other_roots_does_not_take_a_log_s_place(tmp_path: Path) -> None:
    known = KnownLists(tmp_path)
    known.accept(signed(key_list(1)), (), NOW)
    strangers = tuple(plain_key(*root(name)) for name in ("a.test", "b.test", "c.test"))
    foreign = replace(NEWER, roots=strangers)
    assert refusal(known, signed(foreign, "a.test", "b.test")) == "key-list-threshold"
    # The roots that the caller names count for more than what was seen; another log is another.
    assert known.accept(signed(foreign, "a.test", "b.test"), strangers, NOW) == foreign
    assert known.accept(signed(key_list(1)), OWN_ROOTS, NOW).version == 1
    assert known.accept(signed(key_list(1, log="other.test/log")), (), NOW).log == "other.test/log"


def test_a_version_can_be_asked_for(tmp_path: Path) -> None:
    known = KnownLists(tmp_path)
    assert known.accept(signed(NEWER), (), NOW, 2) == NEWER
    assert refusal(KnownLists(None), signed(NEWER), 3) == "key-list-too-old"


def test_what_is_refused_is_not_remembered(tmp_path: Path) -> None:
    known = KnownLists(tmp_path)
    assert refusal(known, signed(NEWER), 3) == "key-list-too-old"
    assert refusal(known, signed(NEWER, ROOTS[0])) == "key-list-threshold"
    assert list(tmp_path.iterdir()) == []


def test_a_spoilt_memory_is_told_and_no_beginning(tmp_path: Path) -> None:
    known = KnownLists(tmp_path)
    known.accept(signed(NEWER), (), NOW)
    path = known.path(LOG)
    assert path is not None
    for spoilt in (b"", b"nothing", signed(key_list(1, log="other.test/log"))):
        path.write_bytes(spoilt)
        with pytest.raises(Rejected, match="known-list-spoilt"):
            known.accept(signed(NEWER), (), NOW)


def test_a_machine_that_keeps_nothing_checks_all_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where a folder should be")
    for folder in (None, blocked / "key-lists"):
        known = KnownLists(folder)
        assert known.accept(signed(NEWER), (), NOW) == NEWER
        assert not known.remembers
