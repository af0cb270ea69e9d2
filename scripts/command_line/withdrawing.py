"""`sovang withdraw`: what was entered by mistake is taken back, by whoever has the machine.

An id tells what it is of; a number is a decision's; a serial means that its artifact was not
delivered, as was last entered. Asked again after a kill, an import's withdrawal goes on.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from api.imports.withdrawing import ImportWithdrawal, WithdrawalReport
from api.records import award_of_serial, read_decision
from api.withdrawals.decisions import plan_decision
from api.withdrawals.judged import Asked, refuse_in_the_way, view_of
from api.withdrawals.obstacles import seen_by_registers
from registry.award import WithdrawAward, WithdrawDelivery
from registry.errors import NotFound
from registry.kinds import KIND_OF_EVENT
from registry.messages import describe_remark
from registry.rules import require_text
from scripts.command_line.failures import DONE, DONE_IN_PART
from scripts.command_line.naming import decision_named
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from api.imports.withdrawing import RowOutcome
    from api.withdrawals.judged import InTheWay
    from registry.database import Database
    from registry.register import Registry
    from registry.remark import Remark
    from scripts.command_line.session import Session

ROWS_SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked at the shell."""

    record: str
    reason: str
    with_signed: bool
    dry_run: bool

    def command(self) -> WithdrawAward:
        """The command for an award; a dry run needs no reason. Raises `Rejected`."""
        reason = self.reason
        if not self.dry_run:
            require_text("reason", reason)
        return WithdrawAward(reason or "?", self.with_signed)


def run(session: Session, request: Request) -> int:
    """Withdraw; return 0, or 3 when something is left of an import.

    Raises `NotFound`, `Rejected`, `NotReady` and what recording raises.
    """
    request.command()
    with session.database() as database:
        bring_up_to_date(session, database)
        registry = database.registry()
        kind, found = _meant(session, database, registry, request.record)
        asked = Asked(registry, authorship(), lambda _office: True, session.language)
        match kind:
            case "import":
                return _withdraw_import(session, database, asked, found, request)
            case "decision":
                return _withdraw_decision(session, database, asked, found, request)
            case "artifact":
                return _withdraw_delivery(session, asked, found, request)
            case _:
                return _withdraw_award(session, database, asked, found, request)


def _meant(
    session: Session, database: Database, registry: Registry, typed: str
) -> tuple[str, UUID]:
    """What kind of record is meant, and its id; of an artifact that of its award."""
    try:
        found = UUID(typed)
    except ValueError:
        try:
            return "artifact", award_of_serial(registry, typed)
        except NotFound:
            return "decision", decision_named(session, database, typed, "ID")
    facts = registry.facts_of(found)
    kind = KIND_OF_EVENT[type(facts[0].event)] if facts else None
    if kind not in {"award", "decision", "import"}:
        raise NotFound("nothing-so-named", field="ID", typed=typed)
    return str(kind), found


def _withdraw_award(
    session: Session, database: Database, asked: Asked, award_id: UUID, request: Request
) -> int:
    with database.reading() as cursor:
        command = seen_by_registers(cursor, [award_id]).command_for(award_id, request.command())
    if request.dry_run:
        asked.registry.work(asked.authorship).execute("award", award_id, command)
        _tell(session, {"awards": 1, "to_withdraw": 1, "in_the_way": []}, dry_run=True)
        return DONE
    done = asked.registry.execute("award", award_id, command, asked.authorship)
    _remark(done.remarks, session)
    _tell(session, {"awards": 1, "withdrawn": 1, "position": done.position}, dry_run=False)
    return DONE


def _withdraw_delivery(session: Session, asked: Asked, award_id: UUID, request: Request) -> int:
    command = WithdrawDelivery(request.record, request.reason or "?")
    if request.dry_run:
        asked.registry.work(asked.authorship).execute("award", award_id, command)
        _tell(session, {"awards": 0, "to_withdraw": 0, "in_the_way": []}, dry_run=True)
        return DONE
    done = asked.registry.execute("award", award_id, command, asked.authorship)
    if session.as_json:
        session.answer({"serial": request.record, "position": done.position})
    else:
        print(session.text("withdraw.delivery", serial=request.record))
    return DONE


def _withdraw_decision(
    session: Session, database: Database, asked: Asked, decision_id: UUID, request: Request
) -> int:
    record = read_decision(asked.registry, decision_id)
    with database.reading() as cursor:
        plan = plan_decision(asked, cursor, record, request.command())
    view = asdict(view_of(plan.judged, plan.citing, ()))
    if request.dry_run:
        _tell(session, view, dry_run=True)
        return DONE
    refuse_in_the_way(plan.judged)
    done = asked.registry.carry_out(plan.orders, asked.authorship)
    _remark(dict.fromkeys(plan.judged.remarks), session)
    withdrawn = {"withdrawn": view["to_withdraw"], "position": done.position}
    _tell(session, {**view, **withdrawn}, dry_run=False)
    return DONE


def _withdraw_import(
    session: Session, database: Database, asked: Asked, import_id: UUID, request: Request
) -> int:
    work = ImportWithdrawal(asked, database.reading, import_id, request.command())
    with session.progress() as progress:
        task = progress.add_task(session.text("withdrawing", file=str(import_id)), total=None)

        def show(now: WithdrawalReport) -> None:
            progress.update(task, completed=now.withdrawn + now.withdrawn_before)

        report = work.rehearse() if request.dry_run else work.carry_out(show)
    document = asdict(report)
    if session.as_json:
        session.answer(document)
    else:
        _print_rows(session, report.rows, report.rows_left_out)
        _print_obstacles(session, [one for one in report.in_the_way if one.row is None])
        _say(session, document, dry_run=request.dry_run)
    return DONE_IN_PART if report.in_the_way_count and not request.dry_run else DONE


def _remark(remarks: Iterable[Remark], session: Session) -> None:
    """Tell doubts beside the answer."""
    for remark in remarks:
        print(describe_remark(remark, session.language), file=sys.stderr)


def _tell(session: Session, document: dict[str, Any], *, dry_run: bool) -> None:
    if session.as_json:
        session.answer({**document, "dry_run": dry_run})
        return
    rows = [(one["name"], one["detail"]) for one in document.get("in_the_way", ())]
    if rows:
        session.table(["column.name", "column.why"], rows[:ROWS_SHOWN_MAX])
    _say(session, document, dry_run=dry_run)


def _say(session: Session, document: dict[str, Any], *, dry_run: bool) -> None:
    if dry_run:
        count = document.get("in_the_way_count", 0)
        print(session.text("withdraw.dry-run", awards=document["to_withdraw"], count=count))
    else:
        before = document.get("withdrawn_before", 0)
        print(session.text("withdraw.done", awards=document["withdrawn"], before=before))


def _print_rows(session: Session, rows: Sequence[RowOutcome], left_out: int) -> None:
    """Row by row; of a long sheet those first that somebody must see to."""
    ordered = sorted(rows, key=lambda one: one.outcome != "in-the-way")[:ROWS_SHOWN_MAX]
    session.table(
        ["column.row", "column.name", "column.outcome", "column.why"],
        [
            (one.row, one.name, session.text(f"withdraw.{one.outcome}"), one.detail)
            for one in ordered
        ],
    )
    more = len(rows) - len(ordered) + left_out
    if more:
        session.say("withdraw.more", count=more)


def _print_obstacles(session: Session, found: Sequence[InTheWay]) -> None:
    """What is in the way and no row of the sheet."""
    if found:
        rows = [(one.name, one.detail) for one in found[:ROWS_SHOWN_MAX]]
        session.table(["column.name", "column.why"], rows)
