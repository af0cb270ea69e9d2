"""The commands on users and their tokens, with their arguments; see `declarations` for others."""
# ruff: noqa: PLC0415, PLR0917, FBT002, D103 - as in `declarations`
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from scripts.command_line.session import session_of as _session

TOKEN_DAYS_DEFAULT = 365
TOKEN_DAYS_MAX = 1_096

Role: TypeAlias = Literal["clerk", "verifier", "leader", "auditor", "operator"]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="of.json")]
Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="of.name")]
Days: TypeAlias = Annotated[int, typer.Option(help="of.token-days", min=1, max=TOKEN_DAYS_MAX)]
TokenName: TypeAlias = Annotated[str, typer.Argument(metavar="TOKEN-ID", help="of.token-id")]

users = typer.Typer(name="user", no_args_is_help=True)
tokens = typer.Typer(name="token", no_args_is_help=True)
users.add_typer(tokens)


@users.command("add")
def user_add(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="of.role")],
    unit: Annotated[str, typer.Option(help="of.unit")] = "",
    token: Annotated[bool, typer.Option("--token", help="of.token")] = False,
    days: Days = TOKEN_DAYS_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.users import add

    add(_session(context, as_json=as_json), name, role, unit, days if token else None)


@users.command("list")
def user_list(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.users import show_all

    show_all(_session(context, as_json=as_json))


@users.command("disable")
def user_disable(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option(help="of.reason")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.users import disable

    disable(_session(context, as_json=as_json), name, reason)


@tokens.command("grant")
def token_grant(
    context: typer.Context, name: Name, days: Days = TOKEN_DAYS_DEFAULT, as_json: AsJson = False
) -> None:
    from scripts.command_line.tokens import grant

    grant(_session(context, as_json=as_json), name, days)


@tokens.command("list")
def token_list(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="of.token-user")] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.tokens import show_all

    show_all(_session(context, as_json=as_json), name)


@tokens.command("renew")
def token_renew(
    context: typer.Context,
    token: TokenName,
    days: Days = TOKEN_DAYS_DEFAULT,
    keep_old: Annotated[bool, typer.Option("--keep-old", help="of.keep-old")] = False,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.tokens import renew

    renew(_session(context, as_json=as_json), token, days, keep_old=keep_old)


@tokens.command("revoke")
def token_revoke(
    context: typer.Context,
    token: TokenName,
    reason: Annotated[str, typer.Option(help="of.reason")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.tokens import revoke

    revoke(_session(context, as_json=as_json), token, reason)
