"""What README says can be typed: the commands are there, and the examples find something."""

from __future__ import annotations

import re
import shlex
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from projections.registers import REGISTERS
from projections.runner import Runner
from projections.search import find
from scripts.command_line.declarations import application

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
TYPED = [
    shlex.split(line, comments=True)
    for line in re.findall(r"^(?:\.venv/bin/)?sovang (.+)$", README, re.MULTILINE)
]


def test_every_command_of_the_readme_is_there_with_its_options() -> None:
    assert len(TYPED) > 20
    for words in TYPED:
        command: Any = get_command(application)
        for word in [*words, "--help"]:
            if word in ("&&", "audit") and command is not get_command(application):
                break
            children = getattr(command, "commands", {})
            if word in children:
                command = children[word]
            elif word.startswith("--") and word != "--help":
                options = {name for one in command.params for name in one.opts}
                assert word in options, words


def test_what_the_readme_looks_for_is_in_the_sample(
    database: Database, authorship: Authorship
) -> None:
    with as_file(files("api").joinpath("samples", "legacy-register-3000.xlsx")) as path:
        import_sheet(database.registry(), path, ImportOptions(kind="legacy"), authorship)
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    runner.close()
    looked_for = [" ".join(words[1:]) for words in TYPED if words[0] == "find"]
    assert looked_for
    with database.reading() as cursor:
        for text in looked_for:
            assert find(cursor, text).hits, text
