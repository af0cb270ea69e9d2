"""The key lists of an archive, each as a verifier who accepted those before goes on to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import VerificationFailed
from registry.proofs.checkpoints import policy_of
from registry.proofs.key_list import TrustedKeys, parse_key_list
from registry.proofs.notes import parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.proofs.notes import NoteKey


class FollowedLists:
    """The key lists so far: what a verifier of them trusts, and the place of the last one."""

    def __init__(self, roots: Sequence[NoteKey]) -> None:
        self.trusted: TrustedKeys | None = None
        self.pinned = _PinnedRoots(roots)
        self.known: set[NoteKey] = set()
        self.position = 0

    def go_on(self, position: int, content: bytes) -> None:
        """Go on to the list at a position. Raises `VerificationFailed`."""
        self.position = position
        listed = parse_key_list(parse_note(content).text)
        if self.trusted is None:
            self.trusted = TrustedKeys(listed.roots, listed.threshold)
        # A list that a later one followed was good in its time; only the last must be now.
        policy = policy_of(self.trusted.accept(content, listed.issued_at))
        self.known |= {*policy.log_keys, *policy.witnesses}
        self.pinned.look_at(content, listed.issued_at)


class _PinnedRoots:
    """Roots that the auditor brings: from some list on they must have signed, the last included.

    Not from the first: an office that left its trial set has lists that trial roots signed. What
    those lists let sign counts only as far as the last list has it too.
    """

    def __init__(self, roots: Sequence[NoteKey]) -> None:
        self._trusted = TrustedKeys(roots) if roots else None
        self._refusal: VerificationFailed | None = None

    def look_at(self, content: bytes, now: int) -> None:
        """Go on with a list. Raises `VerificationFailed` once these roots have begun."""
        if self._trusted is None:
            return
        try:
            self._trusted.accept(content, now)
        except VerificationFailed as error:
            if self._trusted.has_begun:
                raise
            self._refusal = error
        else:
            self._refusal = None

    def finish(self) -> None:
        """Raise `VerificationFailed` if these roots have signed nothing."""
        if self._refusal is not None:
            raise self._refusal
