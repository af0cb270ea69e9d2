"""The commands on the sealed log, its keys, witnesses and erasure; see `declarations`."""
# ruff: noqa: PLC0415, PLR0917, FBT002, D103 - as in `declarations`
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from scripts.command_line.session import session_of as _session

HOST_DEFAULT = "127.0.0.1"
WITNESS_PORT_DEFAULT = 8100
BACKUP_DAYS_DEFAULT = 90

log = typer.Typer(name="log", no_args_is_help=True)
keys = typer.Typer(name="key", no_args_is_help=True)

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="of.json")]
AsOf: TypeAlias = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="of.as-of")]
KnownAt: TypeAlias = Annotated[
    str | None, typer.Option("--known-at", metavar="TIME", help="of.known-at")
]
Roots: TypeAlias = Annotated[Path | None, typer.Option("--roots", metavar="FILE", help="of.roots")]
Authorities: TypeAlias = Annotated[
    Path | None, typer.Option("--tsa", metavar="FILE", help="of.tsa")
]
RootFolder: TypeAlias = Annotated[
    Path | None, typer.Option("--roots", metavar="DIR", help="of.root-folder")
]
Proposal: TypeAlias = Annotated[
    Path | None, typer.Option("--propose", metavar="FILE", help="of.propose")
]
ProposalFile: TypeAlias = Annotated[Path, typer.Argument(metavar="FILE", help="of.proposal")]
Kid: TypeAlias = Annotated[str, typer.Argument(metavar="KID", help="of.kid")]


@log.command("status")
def log_status(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.sealing import status

    status(_session(context, as_json=as_json))


@log.command("checkpoint")
def log_checkpoint(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.sealing import checkpoint

    checkpoint(_session(context, as_json=as_json))


@log.command("check")
def log_check(
    context: typer.Context,
    roots: Roots = None,
    tsa: Authorities = None,
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="FILE", help="of.checkpoint")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="of.sample")] = False,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.checking import Asked, Trusted, check

    asked = Asked(checkpoint, sample)
    return check(_session(context, as_json=as_json), Trusted(roots, tsa), asked)


@log.command("stamp")
def log_stamp(
    context: typer.Context,
    request: Annotated[
        Path | None, typer.Option("--request", metavar="FILE", help="of.stamp-request")
    ] = None,
    answer: Annotated[
        Path | None, typer.Option("--answer", metavar="FILE", help="of.stamp-answer")
    ] = None,
    tsa: Authorities = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.stamping import run

    run(_session(context, as_json=as_json), request, answer, tsa)


@log.command("export")
def log_export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="of.kit-folder")],
    auditor_key: Annotated[
        str | None, typer.Option("--auditor-key", metavar="PUBLIC", help="of.auditor-key")
    ] = None,
    auditor: Annotated[
        str | None, typer.Option("--auditor", metavar="NAME", help="of.auditor")
    ] = None,
    basis: Annotated[str | None, typer.Option("--basis", help="of.auditor-basis")] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.disclosing import asked_by
    from scripts.command_line.sealing import export as run

    run(_session(context, as_json=as_json), folder, asked_by(auditor_key, auditor, basis))


@log.command("cosign")
def log_cosign(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="URL", help="of.witness-url")],
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.witnessing import cosign

    return cosign(_session(context, as_json=as_json), addresses)


def witness(
    context: typer.Context,
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="of.witness-state")],
    name: Annotated[str, typer.Option("--name", help="of.witness-name")],
    keys: Annotated[Path, typer.Option("--keys", metavar="FILE", help="of.witness-keys")],
    host: Annotated[str, typer.Option(help="of.host")] = HOST_DEFAULT,
    port: Annotated[int, typer.Option(help="of.port", min=1, max=65_535)] = WITNESS_PORT_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.witnessing import serve as run

    run(_session(context, as_json=as_json), state, name, keys, host=host, port=port)


def audit(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="KIT_DIR", help="of.kit")],
    roots: Roots = None,
    tsa: Authorities = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="of.secret")] = None,
    opened: Annotated[
        Path | None, typer.Option("--opened", metavar="FILE", help="of.opened")
    ] = None,
    since: Annotated[
        Path | None, typer.Option("--since", metavar="KIT_DIR|FILE", help="of.since")
    ] = None,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.checking import Trusted, audit_kit

    session = _session(context, as_json=as_json)
    return audit_kit(session, folder, Trusted(roots, tsa, since), key, opened)


def erase(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="of.person")],
    basis: Annotated[str, typer.Option("--basis", help="of.basis")],
    consent_by: Annotated[str, typer.Option("--consent-by", metavar="NAME", help="of.consent")],
    backup_days: Annotated[
        int, typer.Option("--backup-days", help="of.backup-days", min=0, max=36_500)
    ] = BACKUP_DAYS_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.erasing import run

    run(_session(context, as_json=as_json), person, basis, consent_by, backup_days)


@keys.command("new")
def key_new(
    context: typer.Context,
    use: Annotated[Literal["issue", "log", "status", "pdf"], typer.Option("--use", help="of.use")],
    token: Annotated[
        str | None, typer.Option("--token", metavar="LABEL", help="of.token-label")
    ] = None,
    library: Annotated[
        Path | None, typer.Option("--library", metavar="FILE", help="of.library")
    ] = None,
    roots: RootFolder = None,
    propose: Proposal = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import Signing, new, token_of

    session = _session(context, as_json=as_json)
    new(session, use, Signing(roots, propose), token_of(token, library))


@keys.command("auditor")
def key_auditor(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="of.secret-file")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.disclosing import make

    make(_session(context, as_json=as_json), file)


@keys.command("list")
def key_list(
    context: typer.Context,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import show_all

    show_all(_session(context, as_json=as_json), as_of, known_at)


@keys.command("renew")
def key_renew(
    context: typer.Context,
    roots: RootFolder = None,
    propose: Proposal = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import Signing, renew

    renew(_session(context, as_json=as_json), Signing(roots, propose))


@keys.command("witness")
def key_witness(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="of.witness-key")],
    needed: Annotated[int, typer.Option("--needed", help="of.needed", min=0, max=64)],
    roots: RootFolder = None,
    propose: Proposal = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import Signing, add_witness

    add_witness(_session(context, as_json=as_json), key, needed, Signing(roots, propose))


@keys.command("retire")
def key_retire(
    context: typer.Context,
    kid: Kid,
    roots: RootFolder = None,
    propose: Proposal = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import Signing, retire

    retire(_session(context, as_json=as_json), kid, Signing(roots, propose))


@keys.command("revoke")
def key_revoke(
    context: typer.Context,
    kid: Kid,
    roots: RootFolder = None,
    propose: Proposal = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import Signing, revoke

    revoke(_session(context, as_json=as_json), kid, Signing(roots, propose))


@keys.command("adopt-roots")
def key_adopt_roots(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="ROOTS", help="of.new-roots")],
    propose: Annotated[Path, typer.Option("--propose", metavar="FILE", help="of.propose")],
    roots: RootFolder = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import Signing, adopt_roots

    adopt_roots(_session(context, as_json=as_json), file, Signing(roots, propose))


@keys.command("roots")
def key_roots(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="of.roots-made")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.roots import make

    make(_session(context, as_json=as_json), folder)


@keys.command("sign")
def key_sign(
    context: typer.Context,
    proposal: ProposalFile,
    root: Annotated[Path, typer.Option("--root", metavar="KEY", help="of.root")],
    passphrase: Annotated[
        Path | None, typer.Option("--passphrase-file", metavar="FILE", help="of.passphrase")
    ] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.roots import sign

    sign(_session(context, as_json=as_json), proposal, root, passphrase)


@keys.command("rewrap")
def key_rewrap(
    context: typer.Context,
    new: Annotated[
        Path, typer.Option("--new-passphrase-file", metavar="FILE", help="of.new-passphrase")
    ],
    key: Annotated[Path | None, typer.Option("--key", metavar="KEY", help="of.rewrapped")] = None,
    old: Annotated[
        Path | None, typer.Option("--passphrase-file", metavar="FILE", help="of.old-passphrase")
    ] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.roots import rewrap

    rewrap(_session(context, as_json=as_json), key, old, new)


@keys.command("publish")
def key_publish(context: typer.Context, proposal: ProposalFile, as_json: AsJson = False) -> None:
    from scripts.command_line.roots import publish

    publish(_session(context, as_json=as_json), proposal)
