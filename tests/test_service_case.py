"""Service cases judged by themselves: random histories, and the clock in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.award.recorded import AwardRecorded, Standing
from registry.cases.events import Applicant, StatedAward
from registry.cases.service_case import (
    INITIAL,
    AcceptCorrection,
    AskSupplement,
    CheckArchive,
    CloseCase,
    Command,
    ConfirmAward,
    IdentifyAward,
    OpenCase,
    ReceiveResult,
    ReceiveSupplement,
    ReopenCase,
    ReportDecisionError,
    ResumeCase,
    SendCase,
    State,
    SuspendCase,
    TakeBack,
    TransferCase,
    decide,
    evolve,
)
from registry.cases.states import Closed, Open, Suspended
from registry.catalogue import load_catalogue
from registry.decision import DecisionRegistered
from registry.decision import Standing as StandingDecision
from registry.errors import Rejected
from registry.fact import World
from registry.recipient import Person, Recipient
from registry.replacement import Mandate, Withheld
from registry.rules import Source

AWARD, CORRECTING = uuid4(), uuid4()
START = date(2025, 6, 20)
APPLICANT = Applicant("person", uuid4(), "Giàng Seo Dờ", "con trai")


def an_award(
    form: str = "ORD-KC-US",
    submitting_body: str | None = None,
    issuer: str = "Hội đồng Nhà nước",
) -> Standing:
    return Standing(
        AwardRecorded(
            decision_id=None,
            number_typed="263 KT/HĐNN",
            issuer_typed=issuer,
            awarded_on="1985",
            recipient=Recipient("individual", "Giàng Thị Mẩy", (Person(uuid4()),)),
            form=form,
            form_typed=None,
            award_class=None,
            conferral="living",
            merit=None,
            golden_book=None,
            field_of_activity=None,
            mode=None,
            submitting_body=submitting_body,
            note=None,
            listed=False,
            distinct_because=None,
            source=Source("golden-book"),
        )
    )


def a_correcting_decision() -> StandingDecision:
    paper = Source("original-decision")
    content = DecisionRegistered(
        "9/QĐ", "9-qd", "Bộ", "bộ", "2025", "correct", None, None, None, None, None, paper
    )
    return StandingDecision(content)


def a_world(award: Standing | None = None) -> World:
    records = {AWARD: award or an_award(), CORRECTING: a_correcting_decision()}
    return World(load_catalogue(), records)


def opening(**fields: Any) -> OpenCase:
    usual = OpenCase(
        receipt="GH2025-0000001-X",
        kind="reissue",
        reason="lost",
        applicant=APPLICANT,
        received_on=START.isoformat(),
        desk="UBND huyện Bắc Hà",
        award_id=AWARD,
        components=("certificate",),
        papers=("application-reissue", "reason-confirmed"),
    )
    return replace(usual, **fields)


def after(*commands: Command, world: World | None = None) -> State:
    state: State = INITIAL
    for command in commands:
        for event in decide(state, command, world or a_world()).events:
            state = evolve(state, event)
    return state


def refused(state: State, command: Command, world: World | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        decide(state, command, world or a_world())
    return caught.value.code


def opened(state: State) -> Open:
    assert isinstance(state, Open)
    return state


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


HIT = CheckArchive(day(1), "hit", "Chi cục Văn thư - Lưu trữ", "tờ 14")
CONFIRM = ConfirmAward(day(2), "45/XN-SNV", AWARD)
BATCH = uuid4()
SEND = SendCase(day(3), BATCH, AWARD)


def test_a_reissue_is_permitted_after_hit_confirmation_and_approval() -> None:
    steps: list[Command] = [opening(), HIT, CONFIRM, SEND, ReceiveResult(day(20), "approved")]
    codes = []
    for count in range(1, len(steps)):
        permission = opened(after(*steps[:count])).permission
        assert isinstance(permission, Withheld)
        codes.append(permission.code)
    expected = ["archive-not-checked", "confirmation-missing", "result-not-received"]
    assert codes == [*expected, "result-not-received"]
    assert opened(after(*steps)).permission == Mandate(AWARD, "reissue", ("certificate",))


def test_what_the_province_gave_it_makes_again_itself() -> None:
    world = a_world(an_award("CERT-BK-BT", "UBND tỉnh Yên Bái"))
    state = opened(after(opening(), HIT, CONFIRM, world=world))
    assert state.permission == Mandate(AWARD, "reissue", ("certificate",))
    assert refused(state, SEND, world) == "province-makes-it-itself"


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], HIT, "service-case-unknown"),
        ([opening()], opening(), "service-case-opened-already"),
        ([opening()], CONFIRM, "archive-not-checked"),
        ([opening()], SEND, "archive-not-checked"),
        ([opening(), HIT], SEND, "confirmation-missing"),
        ([opening(), HIT, CONFIRM], ConfirmAward(day(3), "46", AWARD), "confirmed-already"),
        ([opening(), HIT, CONFIRM, SEND], SEND, "case-sent-already"),
        ([opening(), HIT, CONFIRM, SEND], HIT, "day-before-last-step"),
        ([opening()], ReceiveResult(day(1), "approved"), "case-not-sent"),
        ([opening()], TakeBack(day(1), "thiếu"), "case-not-sent"),
        ([opening(), HIT, CONFIRM, SEND], ReceiveResult(day(9), "refused"), "reason-missing"),
        ([opening()], ResumeCase(day(1), "căn cứ"), "case-not-suspended"),
        ([opening()], ReceiveSupplement(day(1), ("decision-named",)), ""),
        (
            [opening(), HIT, CONFIRM, SEND, ReceiveResult(day(9), "approved")],
            ReceiveSupplement(day(9), ("decision-named",)),
            "case-stage",
        ),
        ([opening()], AskSupplement(day(1), ("bribe",), "thiếu"), "paper-unknown"),
        ([opening()], AskSupplement(day(1), (), "thiếu"), "papers-not-named"),
        ([opening()], CheckArchive(day(1), "hit", "lưu trữ"), "evidence-missing"),
        ([opening()], CheckArchive("2025-06", "miss", "lưu trữ"), "day-needed"),
        ([opening()], CheckArchive("2025-06-19", "miss", "lưu trữ"), "day-before-last-step"),
        ([opening()], IdentifyAward(day(1), AWARD), "award-identified-already"),
        ([opening()], AcceptCorrection(day(1), CORRECTING), "decision-not-wrong"),
        ([opening(decision_wrong=True), HIT, CONFIRM], SEND, "correcting-decision-needed"),
        ([opening(decision_wrong=True)], AcceptCorrection(day(1), AWARD), "decision-unknown"),
        ([opening(papers=())], HIT, ""),
        ([opening(papers=()), HIT, CONFIRM], SEND, "papers-missing"),
        ([opening(award_id=AWARD)], SendCase(day(3), BATCH, None), "archive-not-checked"),
        (
            [opening(), HIT, CONFIRM],
            SendCase(day(3), BATCH, uuid4()),
            "award-changed-meanwhile",
        ),
        ([opening()], TransferCase(day(1), "chuyển"), "desk-stays-the-same"),
        ([opening()], ReopenCase(day(1), "căn cứ"), "case-not-closed"),
        (
            [opening(), SuspendCase(day(1), "căn cứ", "chờ")],
            SuspendCase(day(2), "căn cứ", "chờ"),
            "case-suspended",
        ),
        (
            [opening(), SuspendCase(day(1), "căn cứ", "chờ")],
            CheckArchive(day(2), "miss", "lưu trữ"),
            "case-suspended",
        ),
        (
            [opening(), AskSupplement(day(1), ("decision-named",), "thiếu")],
            CheckArchive(day(2), "miss", "lưu trữ"),
            "case-awaits-supplement",
        ),
    ],
)
def test_steps_out_of_order_name_the_rule(
    before: list[Command], command: Command, code: str
) -> None:
    state = after(*before)
    if code:
        assert refused(state, command) == code
    else:
        assert decide(state, command, a_world()).events


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "gift"}, "not-a-choice"),
        ({"reason": "misprinted"}, "not-a-choice"),
        ({"components": ()}, "components-do-not-fit"),
        ({"components": ("frame", "frame")}, "component-named-twice"),
        ({"papers": ("old-item",)}, "paper-unknown"),
        ({"received_on": "2025"}, "day-needed"),
        ({"received_on": "hôm qua"}, "date-unreadable"),
        ({"award_id": None}, "award-not-named"),
        ({"award_id": uuid4()}, "award-unknown"),
        ({"desk": " "}, "desk-missing"),
        ({"applicant": Applicant("person", uuid4(), "")}, "name-missing"),
        ({"award_id": None, "stated": StatedAward("Mẩy", "XX")}, "form-unknown"),
    ],
)
def test_an_intake_that_cannot_be_used_names_the_rule(fields: Any, code: str) -> None:
    assert refused(INITIAL, opening(**fields)) == code


def test_a_component_that_the_form_never_had_is_refused_where_that_was_read() -> None:
    read = a_world(an_award("ORD-LAODONG"))
    assert refused(INITIAL, opening(components=("flag",)), read) == "component-not-of-form"
    (remark, *_) = decide(INITIAL, opening(components=("flag",)), a_world()).remarks
    assert remark.code == "component-not-of-form"


def closing(outcome: Any, offset: int = 5, **fields: Any) -> CloseCase:
    return CloseCase(day(offset), outcome, "đã thông báo", AWARD, **fields)


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([opening()], closing("delivered"), "replacement-missing"),
        ([opening()], closing("lost"), "not-a-choice"),
        ([opening()], closing("no-legal-basis"), "legal-source-missing"),
        ([opening()], closing("no-legal-basis", legal_source="85/2014"), "watch-missing"),
        ([opening()], closing("proof-unobtainable"), "archive-not-checked"),
        ([opening(), HIT], closing("proof-unobtainable"), "archive-has-proof"),
        ([opening()], closing("original-returned"), "not-an-exchange"),
        ([opening()], closing("transferred"), "transferred-to-missing"),
        (
            [opening(), HIT, CONFIRM, SEND, ReceiveResult(day(4), "approved")],
            closing("refused"),
            "case-not-refused",
        ),
        ([opening(), closing("withdrawn")], closing("withdrawn"), "case-closed"),
    ],
)
def test_an_ending_fits_its_case(before: list[Command], command: Command, code: str) -> None:
    assert refused(after(*before), command) == code


def test_a_decision_that_is_wrong_withholds_until_it_is_corrected() -> None:
    steps: list[Command] = [opening(), HIT, ReportDecisionError(day(2), "sai tên đệm")]
    permission = opened(after(*steps)).permission
    assert isinstance(permission, Withheld)
    assert permission.code == "correcting-decision-needed"
    steps.append(AcceptCorrection(day(3), CORRECTING))
    permission = opened(after(*steps)).permission
    assert isinstance(permission, Withheld)
    assert permission.code == "confirmation-missing"


def test_only_an_award_of_the_register_can_be_replaced() -> None:
    stated = StatedAward("Giàng Thị Mẩy", "ORD-KC-US", "III")
    unknown = opening(award_id=None, stated=stated)
    state = opened(after(unknown, HIT))
    assert state.permission == Withheld("award-not-identified")
    assert refused(state, ConfirmAward(day(2), "45", None)) == "award-not-identified"
    state = opened(after(unknown, HIT, IdentifyAward(day(2), AWARD)))
    assert state.file.award_id == AWARD


def test_an_award_of_the_front_that_was_confirmed_stays_so_when_it_is_identified() -> None:
    world = a_world(an_award("ORD-GIAIPHONG", issuer="Ủy ban Trung ương Mặt trận"))
    stated = StatedAward("Giàng Thị Mẩy", "ORD-GIAIPHONG")
    identify = IdentifyAward(day(1), AWARD)
    confirmed = opening(award_id=None, stated=stated, confirming_decision="88/QĐ-CTN")
    state = opened(after(confirmed, identify, world=world))
    assert state.file.routing.obstacle is None
    blank = opening(award_id=None, stated=stated, confirming_decision=" ")
    state = opened(after(blank, identify, world=world))
    assert state.file.routing.obstacle == "liberation-award-not-confirmed"


def test_the_clock_stands_still_while_waiting_or_blocked_and_keeps_the_days_used() -> None:
    state = opened(after(opening()))
    assert state.clock.due_on() == date(2025, 7, 7), "15 days end on a Saturday"
    asked = AskSupplement(day(5), ("decision-named",), "thiếu")
    waiting = opened(after(opening(), asked))
    assert (waiting.clock.state, waiting.clock.due_on()) == ("waiting", None)
    assert waiting.clock.days_used(START + timedelta(days=300)) == 5
    again = opened(after(opening(), asked, ReceiveSupplement(day(35), ("decision-named",))))
    assert again.clock.due_on() == date(2025, 8, 4)
    blocked = opened(after(opening(), asked, SuspendCase(day(9), "căn cứ", "chờ mẫu dấu")))
    assert blocked.clock.state == "blocked"
    resumed = opened(
        after(opening(), asked, SuspendCase(day(9), "a", "b"), ResumeCase(day(99), "c"))
    )
    assert resumed.clock.state == "waiting", "it still waits for the papers"


# Random histories ---------------------------------------------------------------------------

PAPERS = st.sampled_from(["application-reissue", "reason-confirmed", "decision-named"])
TEXT = st.just("lý do")
OUTCOMES = st.sampled_from(["refused", "withdrawn", "proof-unobtainable", "transferred"])


def some_command(draw: Any, on: str) -> Command:
    papers = (draw(PAPERS),)
    choices: list[Command] = [
        AskSupplement(on, papers, "thiếu"),
        ReceiveSupplement(on, papers),
        CheckArchive(on, draw(st.sampled_from(["hit", "miss"])), "lưu trữ", "tờ 14"),
        ConfirmAward(on, "45/XN", AWARD),
        SendCase(on, uuid4(), AWARD),
        TakeBack(on, "thiếu tệp"),
        SuspendCase(on, "căn cứ", "chờ"),
        ResumeCase(on, "căn cứ"),
        ReceiveResult(on, draw(st.sampled_from(["approved", "refused"])), reason="lý do"),
        TransferCase(on, "bỏ cấp huyện"),
        ReportDecisionError(on, "sai tên"),
        AcceptCorrection(on, CORRECTING),
        CloseCase(on, draw(OUTCOMES), "xong", AWARD, transferred_to="Bộ Quốc phòng"),
        ReopenCase(on, "căn cứ"),
    ]
    chosen: Command = draw(st.sampled_from(choices))
    return chosen


@st.composite
def histories(draw: Any) -> list[tuple[State, Command, State, date]]:
    """Steps that the rules let pass: the case before, the command, the case after, the day."""
    papers = draw(st.lists(PAPERS, unique=True))
    state = after(opening(papers=tuple(papers)))
    steps: list[tuple[State, Command, State, date]] = []
    on = START
    for _ in range(draw(st.integers(5, 40))):
        on += timedelta(days=draw(st.integers(0, 20)))
        command = some_command(draw, on.isoformat())
        try:
            events = decide(state, command, a_world()).events
        except Rejected:
            continue
        before = state
        for event in events:
            state = evolve(state, event)
        steps.append((before, command, state, on))
    return steps


@given(histories())
def test_invariants_of_any_history(steps: list[tuple[State, Command, State, date]]) -> None:
    used = 0
    for before, command, state, on in steps:
        assert isinstance(state, Open | Closed)
        if isinstance(before, Closed):
            assert isinstance(command, ReopenCase), "a closed case changes only by reopening"
        stopped = state.clock.state in {"waiting", "blocked", "ended"}
        later = on + timedelta(days=60)
        if stopped:
            assert state.clock.due_on() is None
            assert state.clock.days_used(later) == state.clock.days_used(on)
        if isinstance(state, Open) and isinstance(state.stage, Suspended):
            assert state.clock.state == "blocked"
        assert state.clock.days_used(on) >= used, "days used never shrink"
        used = state.clock.days_used(on)
        _check_permission(state)


def _check_permission(state: Open | Closed) -> None:
    permission = state.permission
    if isinstance(permission, Withheld):
        return
    file = state.file
    assert permission == Mandate(AWARD, "reissue", ("certificate",))
    assert isinstance(state, Open)
    assert file.archive is not None
    assert file.archive.result == "hit"
    assert file.confirmation is not None
    assert file.result is not None
    assert file.result.result == "approved"
    assert not file.decision_wrong
    assert not file.missing
