"""The command that checks a certificate; see `declarations`."""
# ruff: noqa: PLC0415, PLR0917, FBT002, D103 - as in `declarations`

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scripts.command_line.seal_declarations import AsJson, Roots
from scripts.command_line.session import session_of as _session


def verify(
    context: typer.Context,
    given: Annotated[str, typer.Argument(metavar="PAYLOAD|FILE.pdf|FILE.json", help="of.payload")],
    keys: Annotated[Path | None, typer.Option("--keys", metavar="FILE", help="of.keys")] = None,
    roots: Roots = None,
    status: Annotated[
        Path | None, typer.Option("--status", metavar="FILE", help="of.status-list")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", metavar="FILE", help="of.log-proof")
    ] = None,
    file_proof: Annotated[
        Path | None, typer.Option("--file-proof", metavar="FILE", help="of.file-proof")
    ] = None,
    version_min: Annotated[
        int, typer.Option("--min-version", metavar="N", min=0, help="of.version-min")
    ] = 0,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.verifying import Files, run

    files = Files(keys, roots, status, proof, file_proof)
    return run(_session(context, as_json=as_json), given, files, version_min)
