"""Runs the command line in this process, as a shell would: arguments in, answer and code out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from registry.database import make_database
from scripts.command_line.application import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from registry.embedded import EmbeddedPostgres

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)


class Shell:
    """A shell with an environment of its own."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        home: Path,
        url: str | None = None,
    ) -> None:
        self._capsys = capsys
        self.home = home
        self._monkeypatch = monkeypatch
        self.set(SOVANG_HOME=str(home), SOVANG_LANG="vi", XDG_STATE_HOME=f"{home}-state")
        if url is None:
            monkeypatch.delenv("DATABASE_URL", raising=False)
        else:
            self.set(DATABASE_URL=url)

    def set(self, **variables: str) -> None:
        """Set variables of the environment."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def forget(self) -> None:
        """Let the machine forget which key lists it has seen."""
        shutil.rmtree(f"{self.home}-state", ignore_errors=True)

    def __call__(self, *arguments: str | Path) -> Ended:
        """Run `sovang` with arguments."""
        self._capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return Ended(code, captured.out, captured.err)


@contextmanager
def bare_database(server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database with nothing in it."""
    administrator = server.conninfo("postgres", "postgres")
    name = f"shell_{os.getpid()}_{next(_numbers)}"
    make_database(administrator, name)
    yield server.conninfo(name, "postgres")
    with psycopg.connect(administrator, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
