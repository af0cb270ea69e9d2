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

from scripts.command_line import (
    seal_declarations,
    stock_declarations,
    user_declarations,
    verify_declarations,
    working_days_declarations,
)
from scripts.command_line.seal_declarations import AsOf, KnownAt
from scripts.command_line.session import session_of as _session

HOST_DEFAULT = "127.0.0.1"
PORT_DEFAULT = 8000
RESULTS_DEFAULT = 20
PROCESSES_MAX = 32
SOON_DAYS = 5

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="of.json")]
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

application = typer.Typer(
    name="sovang", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)
projections = typer.Typer(name="projections", no_args_is_help=True)
application.command()(seal_declarations.audit)
application.command()(seal_declarations.erase)
application.command()(seal_declarations.witness)
application.command()(verify_declarations.verify)
for group in (
    user_declarations.users,
    seal_declarations.log,
    projections,
    stock_declarations.stock,
    seal_declarations.keys,
    working_days_declarations.working_days,
):
    application.add_typer(group)


@application.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="of.host")] = HOST_DEFAULT,
    port: Annotated[int, typer.Option(help="of.port", min=0, max=65_535)] = PORT_DEFAULT,
    no_projections: Annotated[
        bool, typer.Option("--no-projections", help="of.no-projections")
    ] = False,
    with_sample: Annotated[bool, typer.Option("--with-sample", help="of.with-sample")] = False,
    as_json: AsJson = False,
) -> None:
    from api.server import serve as run

    session = _session(context, as_json=as_json)
    run(
        session.settings,
        host,
        port,
        projections=not no_projections,
        with_sample=with_sample,
        tell=session.tell_address,
    )


@application.command()
def project(context: typer.Context, as_json: AsJson = False) -> None:
    from scripts.command_line.registers import follow

    follow(_session(context, as_json=as_json))


@application.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="of.file")],
    kind: Annotated[Literal["auto", "decision", "legacy"], typer.Option(help="of.kind")] = "auto",
    number: Annotated[str | None, typer.Option(help="of.number")] = None,
    date: Annotated[str | None, typer.Option(help="of.date")] = None,
    issuer: Annotated[str | None, typer.Option(help="of.issuer")] = None,
    book: Annotated[str | None, typer.Option(help="of.book")] = None,
    office: Annotated[str, typer.Option(help="of.import-office")] = "",
    answer: Annotated[
        list[str] | None, typer.Option(metavar="TEXT=CODE[:CLASS]", help="of.answer")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="of.dry-run")] = False,
    no_artifacts: Annotated[bool, typer.Option("--no-artifacts", help="of.no-artifacts")] = False,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.importing import Request, run

    request = Request(
        file,
        kind,
        number,
        date,
        issuer,
        book,
        tuple(answer or ()),
        dry_run,
        not no_artifacts,
        office,
    )
    return run(_session(context, as_json=as_json), request)


@application.command()
def catalogue(
    context: typer.Context,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]", help="of.catalogue-text")
    ] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.catalogue import run

    run(_session(context, as_json=as_json), " ".join(text or ()))


@application.command()
def imports(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="of.limit", min=1, max=200)] = RESULTS_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.imports import run

    run(_session(context, as_json=as_json), limit)


@application.command()
def withdraw(
    context: typer.Context,
    record: Annotated[str, typer.Argument(metavar="ID", help="of.withdraw-id")],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="of.withdraw-reason")
    ] = "",
    with_signed: Annotated[bool, typer.Option("--with-signed", help="of.with-signed")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="of.dry-run")] = False,
    as_json: AsJson = False,
) -> int:
    from scripts.command_line.withdrawing import Request, run

    request = Request(record, reason, with_signed, dry_run)
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
def custody(
    context: typer.Context,
    longer_than: Annotated[
        int | None, typer.Option(metavar="DAYS", min=0, help="of.longer-than")
    ] = None,
    past_due: Annotated[bool, typer.Option("--past-due", help="of.past-due")] = False,
    owed: Annotated[bool, typer.Option("--owed", help="of.owed")] = False,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="of.on")] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.queues import custody as run

    run(_session(context, as_json=as_json), longer_than, on, past_due=past_due, owed=owed)


@application.command()
def duties(
    context: typer.Context,
    kind: Annotated[
        Literal["strip", "recall", "hand-in-found", "hand-back", "replace-destroyed", "museum-term"]
        | None,
        typer.Option(help="of.duty"),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="of.overdue")] = False,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="of.on")] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.queues import duties as run

    run(_session(context, as_json=as_json), kind, on, overdue=overdue)


@application.command()
def doubts(
    context: typer.Context,
    holds: Annotated[bool, typer.Option("--held-back", help="of.held-back")] = False,
    review: Annotated[bool, typer.Option("--review", help="of.review")] = False,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.doubts import run

    run(_session(context, as_json=as_json), holds=holds, review=review)


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
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="of.out-certificates")],
    signed: Annotated[bool, typer.Option("--signed", help="of.signed")] = False,
    processes: Annotated[
        int | None, typer.Option(help="of.processes", min=1, max=PROCESSES_MAX)
    ] = None,
    overprint: Overprint = None,
    nudge_x: NudgeX = None,
    nudge_y: NudgeY = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.printing import BlankRequest, signed_decision, whole_decision

    request = BlankRequest(overprint, nudge_x, nudge_y)
    session = _session(context, as_json=as_json)
    if signed:
        signed_decision(session, decision, out, request, processes)
    else:
        whole_decision(session, decision, out, request, processes)


@application.command()
def cases(
    context: typer.Context,
    queue: Annotated[
        Literal["due-soon", "overdue", "blocked", "waiting", "open", "artifact-overdue"],
        typer.Option(help="of.queue"),
    ] = "open",
    on: Annotated[str | None, typer.Option(metavar="DATE", help="of.on")] = None,
    within: Annotated[int, typer.Option(help="of.within", min=0, max=366)] = SOON_DAYS,
    limit: Annotated[int, typer.Option(help="of.limit", min=1, max=200)] = RESULTS_DEFAULT,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.cases import run

    run(_session(context, as_json=as_json), queue, on, within, limit)


@application.command()
def report(
    context: typer.Context,
    report: Annotated[Literal["artifacts"], typer.Argument(metavar="REPORT", help="of.report")],
    year: Annotated[str, typer.Option(metavar="Y", help="of.year")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="of.report-out")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.reporting import report_artifacts

    match report:
        case "artifacts":
            report_artifacts(_session(context, as_json=as_json), year, out, as_of, known_at)


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
    plain_keys: Annotated[bool, typer.Option("--plain-keys", help="of.plain-keys")] = False,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="of.unsigned")] = False,
    portable: Annotated[bool, typer.Option("--portable", help="of.portable")] = False,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.backup import Wanted, run

    run(_session(context, as_json=as_json), folder, Wanted(plain_keys, unsigned, portable))


@application.command()
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="of.folder")],
    roots: Annotated[
        Path | None, typer.Option("--roots", metavar="FILE", help="of.restore-roots")
    ] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="of.restore-unsigned")] = False,
    older_because: Annotated[
        str | None, typer.Option("--older-because", metavar="REASON", help="of.older-because")
    ] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.restoring import Restoring, run

    wanted = Restoring(roots=roots, unsigned=unsigned, older_because=older_because)
    run(_session(context, as_json=as_json), folder, wanted)


@application.command()
def migrate(
    context: typer.Context,
    roles_sql: Annotated[bool, typer.Option("--roles-sql", help="of.roles-sql")] = False,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.operations import migrate as run
    from scripts.command_line.operations import print_roles_sql

    session = _session(context, as_json=as_json)
    if roles_sql:
        print_roles_sql(session)
    else:
        run(session)
