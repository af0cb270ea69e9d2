"""What a command is given: the settings, the language, the two streams it may write to.

Standard output carries the answer and nothing else: with `--json` one document, otherwise text
for people. Everything else (messages, progress) goes to standard error.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from scripts.command_line.tables import table_lines
from scripts.command_line.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.progress import Progress

    from registry.database import Database
    from registry.fact import Authorship
    from registry.settings import Language, Settings

OFFICE = "sovang"


@dataclass(slots=True)
class Session:
    """One call of the command line."""

    settings: Settings
    as_json: bool = False

    @property
    def language(self) -> Language:
        """The language of everything that people read."""
        return self.settings.language

    def text(self, code: str, **params: object) -> str:
        """A sentence or label of the command line in the session's language."""
        return text(code, self.language, **params)

    def say(self, code: str, **params: object) -> None:
        """Tell people something; never part of the answer."""
        print(self.text(code, **params), file=sys.stderr, flush=True)

    def answer(self, document: Any) -> None:
        """Print the answer as the one JSON document."""
        print(json.dumps(document, ensure_ascii=False, indent=2))

    def tell_address(self, address: str) -> None:
        """Tell a program where a server takes connections: its one document, before it serves."""
        if self.as_json:
            self.answer({"address": address})
            sys.stdout.flush()

    def heading(self, line: str) -> None:
        """Print a line of the answer above others: bold where that is a terminal."""
        print(f"\x1b[1m{line}\x1b[0m" if sys.stdout.isatty() else line)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows under headings; headings are codes of texts.

        Where the terminal is too narrow words go on in a line below, and what has no space in
        it, as a serial has none, is never cut: such a line is longer than the terminal.
        """
        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        for line in table_lines([self.text(heading) for heading in headings], cells):
            print(line)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress bar on standard error; silent where that is no terminal."""
        from rich.console import Console  # noqa: PLC0415 - not for --help
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        shown = console.is_terminal
        with Progress(*columns, console=console, disable=not shown, transient=True) as progress:
            yield progress

    @contextmanager
    def database(self, *, doubted: bool = False) -> Iterator[Database]:
        """The register's database, migrated; the embedded server runs meanwhile.

        One that is `doubted` is opened though the home remembers another log: to be checked.
        """
        from registry.database import open_database  # noqa: PLC0415 - not for --help

        with open_database(self.settings, doubted=doubted) as database:
            yield database


def session_of(context: typer.Context, *, as_json: bool = False) -> Session:
    """The session in which a command runs."""
    session = context.find_object(Session)
    assert session is not None  # noqa: S101 - `application.run` sets it
    session.as_json = as_json
    return session


def authorship() -> Authorship:
    """Who records from a shell: the account of the operating system."""
    from getpass import getuser  # noqa: PLC0415 - not for --help

    from registry.fact import Authorship  # noqa: PLC0415

    try:
        account = getuser()
    except (KeyError, OSError):  # a bare number, as containers allow
        account = "?"
    return Authorship(actor=f"shell:{account}", office=OFFICE)
