"""Verdicts that are remembered: never beyond the state of the register that they tell of."""

from __future__ import annotations

from api.verification.recent import VERDICTS_MAX, RecentVerdicts


class World:
    """A register, a clock, and how often each was asked."""

    def __init__(self) -> None:
        self.position, self.now, self.looks, self.finds = 1, 0.0, 0, 0
        self.verdicts = RecentVerdicts(self._look, lambda: self.now)

    def _look(self) -> int:
        self.looks += 1
        return self.position

    def ask(self, payload: str = "p", keys: bytes = b"1", *, genuine: bool = True) -> bytes:
        def find() -> tuple[bytes, bool]:
            self.finds += 1
            return f"{payload} at {self.position} under {keys!r}".encode(), genuine

        return self.verdicts.answer((payload, "vi"), keys, find)


def test_a_verdict_is_found_twice_and_then_known_while_nothing_is_recorded() -> None:
    world = World()
    assert {world.ask() for _ in range(100)} == {b"p at 1 under b'1'"}
    assert (world.finds, world.looks) == (2, 1)
    world.now += 5
    world.ask()
    assert (world.finds, world.looks) == (2, 2)


def test_a_forged_payload_makes_nobody_look_and_is_not_remembered() -> None:
    world = World()
    for _ in range(100):
        world.ask(genuine=False)
    assert (world.finds, world.looks, len(world.verdicts)) == (100, 0, 0)


def test_whatever_is_recorded_makes_all_verdicts_be_found_again() -> None:
    world = World()
    for _ in range(3):
        world.ask()
    world.position = 2
    world.now += 0.1
    assert world.ask() == b"p at 2 under b'1'"
    assert world.ask(keys=b"2") == b"p at 2 under b'2'"
    assert world.finds == 4


def test_what_was_found_while_something_was_recorded_is_not_kept() -> None:
    world = World()
    for payload in ("q", "q", "p"):
        world.ask(payload)

    def slow() -> tuple[bytes, bool]:
        world.position, world.now = 2, world.now + 1
        world.ask("q")
        return b"old", True

    assert world.verdicts.answer(("p", "vi"), b"1", slow) == b"old"
    assert world.ask() == b"p at 2 under b'1'"


def test_memory_is_bounded() -> None:
    world = World()
    for number in range(VERDICTS_MAX + 100):
        world.ask(str(number))
        world.ask(str(number))
    assert len(world.verdicts) == VERDICTS_MAX
    assert len(world.verdicts._answers) <= VERDICTS_MAX
