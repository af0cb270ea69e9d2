"""Awards that are to be withdrawn together, each judged: what may go, and what is in the way.

Nothing is recorded here. Whoever withdraws records what is returned in one transaction, or in
some of thousands each, and only if nothing is in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from api.withdrawals.obstacles import Seen
from registry.award import Recorded, WithdrawAward
from registry.errors import Rejected
from registry.messages import describe
from registry.register import Order

if TYPE_CHECKING:
    from uuid import UUID

    from api.views import RemarkView
    from registry.fact import Authorship
    from registry.register import Registry
    from registry.remark import Remark
    from registry.settings import Language

SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """An award of a list: whose it is, which unit entered it, and its row in a sheet."""

    id: UUID
    name: str
    office: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Why a record cannot be withdrawn, or not yet; `row` is that of the sheet it came from."""

    id: str
    name: str
    row: int | None
    code: str
    detail: str
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Judged:
    """What would be withdrawn, what is in the way, and what somebody must look at then."""

    awards: int
    orders: Sequence[Order]
    in_the_way: Sequence[InTheWay]
    artifacts: int
    signed: int
    remarks: Sequence[Remark]


@dataclass(frozen=True, slots=True)
class WithdrawalView:
    """What a withdrawal means: how many awards go, what is in the way, what stays.

    `in_the_way` shows the first of them, `in_the_way_count` is how many there are. `citing` awards
    only cite a decision and stay. `signed` papers are told to be valid no longer.
    """

    awards: int
    to_withdraw: int
    citing: int
    artifacts: int
    signed: int
    in_the_way_count: int
    in_the_way: Sequence[InTheWay]
    remarks: Sequence[RemarkView]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who withdraws, of which units' records he may, and in which language he is answered."""

    registry: Registry
    authorship: Authorship
    may_withdraw: Callable[[str], bool]
    language: Language


def judge_awards(
    asked: Asked,
    listed: Sequence[Listed],
    seen: Seen,
    command: WithdrawAward,
) -> Judged:
    """Judge each of these awards alone; those that are withdrawn already are not among them."""
    work = asked.registry.work(asked.authorship)
    if listed:
        work.load_all([Order("award", one.id, command) for one in listed])
    ready: list[Order] = []
    in_the_way: list[InTheWay] = []
    remarks: list[Remark] = []
    artifacts = signed = 0
    for one in listed:
        state: Any = work.look_at("award", one.id)
        if isinstance(state, Recorded):
            artifacts += len(state.artifacts)
            signed += sum(artifact.signed for artifact in state.artifacts.values())
        try:
            _check_unit(asked, one)
            own = seen.command_for(one.id, command)
            with work.attempt():
                remarks += work.execute("award", one.id, own).remarks
            ready.append(Order("award", one.id, own))
        except Rejected as error:
            in_the_way.append(obstacle(one, error, asked.language))
    return Judged(len(listed), ready, in_the_way, artifacts, signed, remarks)


def refuse_in_the_way(judged: Judged) -> None:
    """Raise `Rejected` if something is in the way of a withdrawal as a whole."""
    if judged.in_the_way:
        refuse_first(judged.in_the_way, len(judged.in_the_way))


def refuse_first(in_the_way: Sequence[InTheWay], count: int) -> NoReturn:
    """Raise `Rejected` that names the first of what is in the way, and how much there is."""
    first = in_the_way[0]
    raise Rejected("withdraw-in-the-way", pieces=count, name=first.name, reason=first.detail)


def view_of(judged: Judged, citing: int, remarks: Sequence[RemarkView]) -> WithdrawalView:
    """What a withdrawal means, as clients see it."""
    return WithdrawalView(
        awards=judged.awards,
        to_withdraw=len(judged.orders),
        citing=citing,
        artifacts=judged.artifacts,
        signed=judged.signed,
        in_the_way_count=len(judged.in_the_way),
        in_the_way=judged.in_the_way[:SHOWN_MAX],
        remarks=remarks[:SHOWN_MAX],
    )


def obstacle(one: Listed, error: Rejected, language: Language) -> InTheWay:
    """What a rule says of one record, in words."""
    said = describe(error.code, error.params, language)
    return InTheWay(str(one.id), one.name, one.row, error.code, said, dict(error.params))


def _check_unit(asked: Asked, one: Listed) -> None:
    """Raise `Rejected` for an award that another unit entered."""
    if not asked.may_withdraw(one.office):
        raise Rejected("withdraw-of-other-unit", unit=one.office)
