"""The command `sovang`: everything that an operator does at a shell.

Reading order: `declarations` (which commands there are), `application` (how one is run and how
it ends), `session` (what a command is given), then a module per command.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process and end with its exit code."""
    from scripts.command_line.application import run  # noqa: PLC0415 - the package stays light

    sys.exit(run(sys.argv[1:]))
