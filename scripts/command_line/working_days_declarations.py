"""The commands on working days, with their arguments; see `declarations` for others."""
# ruff: noqa: PLC0415, PLR0917, FBT002, D103 - as in `declarations`
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from scripts.command_line.session import session_of as _session

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="of.json")]

working_days = typer.Typer(name="working-days", no_args_is_help=True)


@working_days.command("list")
def working_days_list(
    context: typer.Context,
    year: Annotated[int | None, typer.Option(help="of.swap-year", min=1945, max=2199)] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.working_days import show

    show(_session(context, as_json=as_json), year)


@working_days.command("add")
def working_days_add(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="of.swap-source")],
    off: Annotated[list[str] | None, typer.Option(metavar="DATE", help="of.day-off")] = None,
    worked: Annotated[list[str] | None, typer.Option(metavar="DATE", help="of.day-worked")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="of.swap-dry-run")] = False,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.working_days import add

    session = _session(context, as_json=as_json)
    add(session, off or (), worked or (), source, dry_run=dry_run)
