"""What many threads ask at the same time, asked of the database once for all of them.

While one thread has the server answer, those that come gather; then one of them asks for all.
Who comes alone asks at once and waits for nobody. Nobody shares an answer that was on its way
before he came, so each sees what stood when he asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

AskedT = TypeVar("AskedT")
AnswerT = TypeVar("AnswerT")

GATHERED_MAX = 64


class Together(Generic[AskedT, AnswerT]):
    """Gathers questions of one kind. For any thread."""

    def __init__(
        self, answer: Callable[[Sequence[AskedT]], Sequence[AnswerT | BaseException]]
    ) -> None:
        """`answer` is given what was gathered and returns as many answers, in that order.

        What it raises, everybody is told who had asked.
        """
        self._answer = answer
        self._lock = Lock()
        self._gathered: list[_Question[AskedT, AnswerT]] = []
        self._is_asking = False

    def ask(self, one: AskedT) -> AnswerT:
        """The answer to a question. Raises what stands in its place."""
        question: _Question[AskedT, AnswerT] = _Question(one)
        with self._lock:
            self._gathered.append(question)
            leads, self._is_asking = not self._is_asking, True
        if not leads:
            question.woken.acquire()
        if question.found is None:
            self._ask_for_all()
        found = question.found
        assert found is not None  # noqa: S101 - whoever asks for all asks for himself
        if isinstance(found, _Failure):
            raise found.error
        return found.answer

    def _ask_for_all(self) -> None:
        """Ask what was gathered, oneself among it; let the first of those who came meanwhile go on.

        Whoever leads was the first of those that wait, so he is always in what is taken.
        """
        with self._lock:
            taken = self._gathered[:GATHERED_MAX]
            del self._gathered[:GATHERED_MAX]
        try:
            found = self._answer([question.asked for question in taken])
            told = list(zip(taken, found, strict=True))
        except BaseException as error:  # noqa: BLE001 - everybody who waits must be told
            told = [(question, error) for question in taken]
        with self._lock:
            following = self._gathered[0] if self._gathered else None
            self._is_asking = following is not None
        for question, answer in told:
            question.found = (
                _Failure(answer) if isinstance(answer, BaseException) else _Answer(answer)
            )
            question.woken.release()
        if following is not None:
            following.woken.release()


class _Answer(Generic[AnswerT]):
    __slots__ = ("answer",)

    def __init__(self, answer: AnswerT) -> None:
        self.answer = answer


class _Failure:
    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Question(Generic[AskedT, AnswerT]):
    """What one thread asks; it sleeps until somebody answers, or until it is his turn to ask."""

    __slots__ = ("asked", "found", "woken")

    def __init__(self, asked: AskedT) -> None:
        self.asked = asked
        self.found: _Answer[AnswerT] | _Failure | None = None
        self.woken = Lock()
        self.woken.acquire()
