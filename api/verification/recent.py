"""Verdicts given lately, so that a certificate that everybody checks costs next to nothing.

A verdict stands until anything is recorded or the key list changes. Whether something was, is
looked at ten times a second at most: an answer is never older than that. Only what was found
genuine once is remembered at all, so that a forged payload makes nobody look at anything.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final, TypeAlias

VERDICTS_MAX: Final = 4_096
LOOK_AGAIN_SECONDS: Final = 0.1

Question: TypeAlias = tuple[str, str]
Find: TypeAlias = Callable[[], tuple[bytes, bool]]
"""Finds the answer to a question; and whether it is about something genuine."""


class RecentVerdicts:
    """Answers by question, all of one state of the register; those asked longest ago go first.

    `position` tells how far the log has come.
    """

    def __init__(self, position: Callable[[], int], clock: Callable[[], float] = monotonic) -> None:
        self._position = position
        self._clock = clock
        self._lock = Lock()
        self._state: tuple[int, bytes] | None = None
        self._looked_at = float("-inf")
        self._genuine: OrderedDict[Question, None] = OrderedDict()
        self._answers: dict[Question, bytes] = {}

    def __len__(self) -> int:
        return len(self._genuine)

    def answer(self, question: Question, keys: bytes, find: Find) -> bytes:
        """The answer to a question under a key list: one that still stands, or a new one."""
        with self._lock:
            seen = question in self._genuine
            if seen:
                self._forget_if_changed(keys)
                self._genuine.move_to_end(question)
            known, state = self._answers.get(question), self._state
        if seen and known is not None:
            return known
        found, genuine = find()
        if genuine:
            with self._lock:
                self._remember(question)
                # What was found before somebody recorded something may be old already.
                if seen and state == self._state:
                    self._answers[question] = found
        return found

    def _remember(self, question: Question) -> None:
        self._genuine[question] = None
        if len(self._genuine) > VERDICTS_MAX:
            oldest, _ = self._genuine.popitem(last=False)
            self._answers.pop(oldest, None)

    def _forget_if_changed(self, keys: bytes) -> None:
        now = self._clock()
        if now - self._looked_at < LOOK_AGAIN_SECONDS and self._state is not None:
            position = self._state[0]
        else:
            position, self._looked_at = self._position(), now
        if (position, keys) != self._state:
            self._state = (position, keys)
            self._answers.clear()
