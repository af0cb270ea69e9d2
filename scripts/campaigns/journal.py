"""What was acknowledged, on disk before the next request: the campaign's own memory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["decision", "award", "import"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer: `id` is the record's, `name` what only this record is called.

    Of an import, `id` is its own and `name` the file; `rows` are the names of its awards.
    """

    kind: Kind
    id: str
    name: str
    rows: tuple[str, ...] = ()


class Journal:
    """Appends entries to a file and flushes it to disk; for any number of threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._path = path
        self._lock = Lock()
        self._count = 0

    @property
    def count(self) -> int:
        """How many answers so far."""
        return self._count

    def note(self, entry: Entry) -> None:
        """Keep an answer."""
        with self._lock:
            self._file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._count += 1

    def entries(self) -> list[Entry]:
        """Everything that is in the file."""
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [Entry(**{**one, "rows": tuple(one["rows"])}) for one in map(json.loads, lines)]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
