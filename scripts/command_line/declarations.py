"""Which commands there are, with their arguments; each is carried out in a module of its own.

Those modules are imported when their command runs, not before: `sovang --help` is quick.
Help is written as a code of `texts`; `application` puts the sentence of the language there.
"""
# ruff: noqa: PLC0415, PLR0917, FBT002, D103 - imports wait for their command; flags are
# booleans; help stands in `texts`; Typer reads the annotations
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from scripts.command_line.session import Session

HOST_DEFAULT = "127.0.0.1"
PORT_DEFAULT = 8000
RESULTS_DEFAULT = 20
BACKUP_DAYS_DEFAULT = 90
SOON_DAYS = 5

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="of.json")]
AsOf: TypeAlias = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="of.as-of")]
KnownAt: TypeAlias = Annotated[
    str | None, typer.Option("--known-at", metavar="TIME", help="of.known-at")
]
OutPdf: TypeAlias = Annotated[Path, typer.Option("--out", metavar="FILE.pdf", help="of.out-pdf")]
Overprint: TypeAlias = Annotated[
    str | None, typer.Option("--overprint", metavar="BLANK", help="of.overprint")
]
NudgeX: TypeAlias = Annotated[
    float | None, typer.Option("--nudge-x", metavar="MM", help="of.nudge-x")
]
NudgeY: TypeAlias = Annotated[
    float | None, typer.Option("--nudge-y", metavar="MM", help="of.nudge-y")
]
Roots: TypeAlias = Annotated[Path | None, typer.Option("--roots", metavar="FILE", help="of.roots")]
RootFolder: TypeAlias = Annotated[
    Path | None, typer.Option("--roots", metavar="DIR", help="of.root-folder")
]
Kid: TypeAlias = Annotated[str, typer.Argument(metavar="KID", help="of.kid")]
Role: TypeAlias = Literal["clerk", "verifier", "leader", "auditor", "operator"]

application = typer.Typer(
    name="sovang", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)
users = typer.Typer(name="user", no_args_is_help=True)
log = typer.Typer(name="log", no_args_is_help=True)
projections = typer.Typer(name="projections", no_args_is_help=True)
keys = typer.Typer(name="key", no_args_is_help=True)
for group in (users, log, projections, keys):
    application.add_typer(group)


def _session(context: typer.Context, *, as_json: bool = False) -> Session:
    session = context.find_object(Session)
    assert session is not None  # noqa: S101 - `application.run` sets it
    session.as_json = as_json
    return session


@application.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="of.host")] = HOST_DEFAULT,
    port: Annotated[int, typer.Option(help="of.port", min=0, max=65_535)] = PORT_DEFAULT,
    no_projections: Annotated[
        bool, typer.Option("--no-projections", help="of.no-projections")
    ] = False,
    with_sample: Annotated[bool, typer.Option("--with-sample", help="of.with-sample")] = False,
) -> None:
    from api.server import serve as run

    settings = _session(context).settings
    run(settings, host, port, projections=not no_projections, with_sample=with_sample)


@application.command()
def project(context: typer.Context) -> None:
    from scripts.command_line.registers import follow

    follow(_session(context))


@application.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="of.file")],
    kind: Annotated[Literal["auto", "decision", "legacy"], typer.Option(help="of.kind")] = "auto",
    number: Annotated[str | None, typer.Option(help="of.number")] = None,
    date: Annotated[str | None, typer.Option(help="of.date")] = None,
    issuer: Annotated[str | None, typer.Option(help="of.issuer")] = None,
    book: Annotated[str | None, typer.Option(help="of.book")] = None,
    answer: Annotated[
        list[str] | None, typer.Option(metavar="TEXT=CODE[:CLASS]", help="of.answer")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="of.dry-run")] = False,
    no_artifacts: Annotated[bool, typer.Option("--no-artifacts", help="of.no-artifacts")] = False,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.importing import Request, run

    request = Request(
        file, kind, number, date, issuer, book, tuple(answer or ()), dry_run, not no_artifacts
    )
    return run(_session(context, as_json=as_json), request)


@application.command()
def find(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="of.text")],
    limit: Annotated[int, typer.Option(help="of.limit", min=1, max=200)] = RESULTS_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.finding import run

    run(_session(context, as_json=as_json), " ".join(text), limit)


@application.command()
def show(
    context: typer.Context,
    record: Annotated[str, typer.Argument(metavar="ID", help="of.id")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.showing import run

    run(_session(context, as_json=as_json), record, as_of, known_at)


@application.command()
def export(
    context: typer.Context,
    register: Annotated[
        Literal["awards", "artifacts", "decisions", "cases"],
        typer.Argument(metavar="REGISTER", help="of.register"),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="of.out")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.exporting import run

    run(_session(context, as_json=as_json), register, out, as_of, known_at)


@application.command()
def certificate(
    context: typer.Context,
    out: OutPdf,
    serial: Annotated[str | None, typer.Argument(metavar="SERIAL", help="of.serial")] = None,
    test_sheet: Annotated[
        str | None, typer.Option("--test-sheet", metavar="BLANK", help="of.test-sheet")
    ] = None,
    overprint: Overprint = None,
    nudge_x: NudgeX = None,
    nudge_y: NudgeY = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.printing import BlankRequest, one

    request = BlankRequest(overprint, nudge_x, nudge_y)
    one(_session(context, as_json=as_json), serial, out, request, test_sheet)


@application.command()
def certificates(
    context: typer.Context,
    decision: Annotated[str, typer.Option("--decision", metavar="ID", help="of.decision")],
    out: OutPdf,
    overprint: Overprint = None,
    nudge_x: NudgeX = None,
    nudge_y: NudgeY = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.printing import BlankRequest, whole_decision

    request = BlankRequest(overprint, nudge_x, nudge_y)
    whole_decision(_session(context, as_json=as_json), decision, out, request)


@application.command()
def verify(
    context: typer.Context,
    given: Annotated[str, typer.Argument(metavar="PAYLOAD|FILE.pdf|FILE.json", help="of.payload")],
    keys: Annotated[Path | None, typer.Option("--keys", metavar="FILE", help="of.keys")] = None,
    roots: Roots = None,
    status: Annotated[
        Path | None, typer.Option("--status", metavar="FILE", help="of.status-list")
    ] = None,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.verifying import run

    return run(_session(context, as_json=as_json), given, keys, roots, status)


@application.command()
def cases(
    context: typer.Context,
    queue: Annotated[
        Literal["due-soon", "overdue", "blocked", "waiting", "open"], typer.Option(help="of.queue")
    ] = "open",
    on: Annotated[str | None, typer.Option(metavar="DATE", help="of.on")] = None,
    within: Annotated[int, typer.Option(help="of.within", min=0, max=366)] = SOON_DAYS,
    limit: Annotated[int, typer.Option(help="of.limit", min=1, max=200)] = RESULTS_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.cases import run

    run(_session(context, as_json=as_json), queue, on, within, limit)


@users.command("add")
def user_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="of.name")],
    role: Annotated[Role, typer.Option(help="of.role")],
    unit: Annotated[str, typer.Option(help="of.unit")] = "",
    token: Annotated[bool, typer.Option("--token", help="of.token")] = False,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.users import add

    add(_session(context, as_json=as_json), name, role, unit, with_token=token)


@users.command("list")
def user_list(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.users import show_all

    show_all(_session(context, as_json=as_json))


@users.command("disable")
def user_disable(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="of.name")],
    reason: Annotated[str, typer.Option(help="of.reason")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.users import disable

    disable(_session(context, as_json=as_json), name, reason)


@log.command("status")
def log_status(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.sealing import status

    status(_session(context, as_json=as_json))


@log.command("checkpoint")
def log_checkpoint(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.sealing import checkpoint

    checkpoint(_session(context, as_json=as_json))


@log.command("check")
def log_check(context: typer.Context, roots: Roots = None, as_json: AsJson = False) -> int:
    from scripts.command_line.sealing import check

    return check(_session(context, as_json=as_json), roots)


@log.command("export")
def log_export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="of.kit-folder")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.sealing import export as run

    run(_session(context, as_json=as_json), folder)


@application.command()
def audit(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="KIT_DIR", help="of.kit")],
    roots: Roots = None,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.sealing import audit_kit

    return audit_kit(_session(context, as_json=as_json), folder, roots)


@application.command()
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
    roots: RootFolder = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.keys import new

    new(_session(context, as_json=as_json), use, roots)


@keys.command("list")
def key_list(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.keys import show_all

    show_all(_session(context, as_json=as_json))


@keys.command("retire")
def key_retire(
    context: typer.Context, kid: Kid, roots: RootFolder = None, as_json: AsJson = False
) -> None:
    from scripts.command_line.keys import retire

    retire(_session(context, as_json=as_json), kid, roots)


@keys.command("revoke")
def key_revoke(
    context: typer.Context, kid: Kid, roots: RootFolder = None, as_json: AsJson = False
) -> None:
    from scripts.command_line.keys import revoke

    revoke(_session(context, as_json=as_json), kid, roots)


@projections.command("status")
def projections_status(context: typer.Context, as_json: AsJson = False) -> int:
    from scripts.command_line.registers import show_status

    return show_status(_session(context, as_json=as_json))


@projections.command("rebuild")
def projections_rebuild(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="of.projection")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.registers import rebuild_one

    rebuild_one(_session(context, as_json=as_json), name)


@application.command()
def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="of.folder")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.backup import run

    run(_session(context, as_json=as_json), folder)


@application.command()
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="of.folder")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.restoring import run

    run(_session(context, as_json=as_json), folder)


@application.command()
def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.operations import migrate as run

    run(_session(context, as_json=as_json))
