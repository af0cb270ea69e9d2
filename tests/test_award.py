"""An award and its artifacts: given what happened, when a command comes, then this happens.

Pure: no database, no clock. The helper `given` folds events into a state.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any, get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from registry import award as awards
from registry import decision as decisions
from registry.award import (
    CorrectAward,
    DeliverArtifact,
    GoldenBook,
    IssueArtifacts,
    PrintArtifact,
    ReturnUndelivered,
    Standing,
    meaning_of,
)
from registry.award.artifact import Receiver
from registry.award.artifact_state import Delivered, Undelivered
from registry.catalogue import load_catalogue
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.identifiers import new_id
from registry.personal import Clear
from registry.recipient import Person, Recipient
from tests.golden_life import EXAMPLES
from tests.strangers import BOOK, award, collective, decision, individual

CATALOGUE = load_catalogue()
DECISION = new_id()
RULES = decisions.decide(decisions.INITIAL, decision(), World(CATALOGUE, {}))
WORLD = World(CATALOGUE, {DECISION: decisions.evolve(decisions.INITIAL, RULES.events[0])})


def given(*commands: Any) -> awards.State:
    state = awards.INITIAL
    for command in commands:
        for event in awards.decide(state, command, WORLD).events:
            state = awards.evolve(state, event)
    return state


def when(command: Any, *before: Any) -> Outcome:
    return awards.decide(given(*before), command, WORLD)


def refused(command: Any, *before: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        when(command, *before)
    return caught.value


ISSUED = (award(), IssueArtifacts((("certificate", "C-1"), ("frame", "K-1"))))
TO_RECIPIENT = Receiver("recipient", new_id(), "Giàng Seo Páo")


def representative(**fields: Any) -> Receiver:
    person = new_id()
    paper = Clear(str(person), "identity-paper", "010 000 000 000")
    given_fields = {"name": "Giàng Seo Dờ", "relation": "con trai", "identity_paper": paper}
    return Receiver("representative", person, **{**given_fields, **fields})


# Recording


def test_an_award_takes_the_date_of_its_decision() -> None:
    event = when(award(decision_id=DECISION)).events[0]
    assert (event.awarded_on, event.decision_id) == ("2024-05-09", DECISION)


def test_an_award_under_an_unknown_decision_is_refused() -> None:
    for on in (None, "1985"):
        command = award(decision_id=new_id(), awarded_on=on)
        assert refused(command).code == "decision-unknown"


def test_what_was_typed_is_what_is_kept() -> None:
    typed = "Nguye\u0302\u0303n  Thị ÁNH <b>Tuyết</b>'); DROP TABLE facts;--"
    assert when(award(individual(typed))).events[0].recipient.name == typed


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (individual(""), "name-missing"),
        (individual("   "), "name-missing"),
        (individual("A" * 301), "text-too-long"),
        (individual("Nguyễn\x00Văn"), "text-unprintable"),
        (individual("Nguyễn \u202eVăn"), "text-unprintable"),
        (individual("Lý A", born="1985-02-31"), "date-impossible"),
        (individual("Lý A", born="1985-02"), "birth-date-in-the-clear"),
        (Recipient("individual", "Lý A"), "persons-do-not-fit-kind"),
        (Recipient("couple", "Ông A và bà B", (Person(new_id()),)), "persons-do-not-fit-kind"),
        (Recipient("collective", "Tổ 1", (Person(new_id()),)), "persons-do-not-fit-kind"),
    ],
)
def test_recipients_that_cannot_be_recorded(recipient: Recipient, code: str) -> None:
    assert refused(award(recipient)).code == code


def test_a_class_for_a_form_without_classes_is_refused_with_the_list() -> None:
    error = refused(award(form="CERT-CCVN", award_class="II"))
    assert error.code == "class-not-allowed"
    assert error.params.get("allowed") is None
    error = refused(award(form="MED-KC-US", award_class="III"))
    assert error.params["allowed"] == "I, II"


def test_a_missing_class_is_doubted_not_refused() -> None:
    outcome = when(award(form="ORD-KC-US"))
    assert "class-missing" in {remark.code for remark in outcome.remarks}


def test_born_after_the_award_is_doubted() -> None:
    outcome = when(award(individual(born="2001"), awarded_on="1985"))
    assert "born-after-award" in {remark.code for remark in outcome.remarks}
    outcome = when(award(individual(born="1985"), awarded_on="1985"))
    assert "born-after-award" not in {remark.code for remark in outcome.remarks}


def test_what_the_catalogue_recalls_never_refuses() -> None:
    """Every form, any old date, any kind of recipient: recorded."""
    for form in CATALOGUE.forms:
        for on in (None, "1946", "1985-04~", "2030-01-01"):
            for recipient in (individual(), collective()):
                award_class = form.class_codes[0] if form.class_codes else None
                command = award(recipient, form=form.code, award_class=award_class, awarded_on=on)
                assert when(command).events


# Meaning


def meaning(**fields: Any) -> str:
    return meaning_of(when(award(**fields)).events[0])


SAME = [
    ("Vũ Thị Hòa", "Vũ Thị Hoà"),
    ("Vũ Thị Thúy", "vũ thị THUÝ"),
    ("Trần Văn Kỳ", "Trần Văn Kì"),
    ("Lý A Sỹ", "Lý  A Sĩ"),
    ("Đỗ Văn Tỏa", "Đỗ Văn Toả"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_mean_the_same(one: str, other: str) -> None:
    assert meaning(recipient=individual(one)) == meaning(recipient=individual(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Hoa", "Hòa"), ("Thủy", "Thúy"), ("Lan", "Lân"), ("Dung", "Dũng")]
)
def test_two_people_are_not_one(one: str, other: str) -> None:
    first = meaning(recipient=individual(f"Trần Thị {one}"))
    assert first != meaning(recipient=individual(f"Trần Thị {other}"))


def test_register_lines_mean_the_same_by_name_birth_place_number_and_date() -> None:
    line: dict[str, Any] = {
        "recipient": individual(born="1930", native_place="xã Bản Cái"),
        "form": "ORD-KC-US",
        "award_class": "III",
        "number_typed": "212 QĐ/CTN",
        "awarded_on": "1985",
        "source": BOOK,
        "listed": False,
    }
    same = {**line, "number_typed": "212/QĐ-CTN"}
    assert meaning(**line) == meaning(**same)
    for other in (
        {"recipient": individual(born="1931", native_place="xã Bản Cái")},
        {"recipient": individual(born="1930", native_place="xã Bản Phiệt")},
        {"award_class": "II"},
        {"number_typed": "213 QĐ/CTN"},
        {"awarded_on": "1986"},
        {"distinct_because": "hai người, hai tổ"},
    ):
        assert meaning(**line) != meaning(**{**line, **other})


# Correcting


def test_a_correction_tells_before_and_after() -> None:
    outcome = when(CorrectAward({"name": "Giàng Seo Bảo"}, "chép nhầm"), award())
    change = outcome.events[0].changes[0]
    assert (change.field, change.before, change.after) == (
        "name",
        "Giàng Seo Páo",
        "Giàng Seo Bảo",
    )


@pytest.mark.parametrize("field", get_args(awards.CorrectableField))
def test_every_correctable_field_changes_and_only_it(field: str) -> None:
    values = {
        "form": "CERT-BK-TTG",
        "award_class": None,
        "conferral": "posthumous",
        "awarded_on": "2024",
        "sex": "female",
        "born": "1950",
    }
    first = award(golden_book=GoldenBook("12"), form="ORD-LAODONG", award_class="I")
    new = values.get(field, "giá trị mới")
    corrections = {field: new}
    if field == "form":
        corrections["award_class"] = None
    state = given(first, CorrectAward(corrections, "đọc lại"))  # type: ignore[arg-type]
    before = given(first)
    assert isinstance(state, Standing)
    assert isinstance(before, Standing)
    for name in get_args(awards.CorrectableField):
        expected = corrections.get(name, awards.read_field(before.content, name))
        assert awards.read_field(state.content, name) == expected


def test_a_correction_that_changes_nothing_is_refused() -> None:
    same = CorrectAward({"name": "Giàng Seo Páo"}, "không có gì")
    assert refused(same, award()).code == "nothing-to-correct"


def test_a_correction_needs_a_reason_and_may_not_break_the_rules() -> None:
    assert refused(CorrectAward({"name": "Khác"}, " "), award()).code == "reason-missing"
    assert refused(CorrectAward({"name": ""}, "x"), award()).code == "name-missing"
    assert refused(CorrectAward({"form": "NO-SUCH"}, "x"), award()).code == "form-unknown"
    assert refused(CorrectAward({"conferral": "x"}, "x"), award()).code == "not-a-choice"


# Artifacts


def test_a_title_without_artifacts_issues_none() -> None:
    error = refused(IssueArtifacts((("certificate", "C-1"),)), award(form="EMU-LDTT"))
    assert error.code == "form-without-artifacts"


def test_a_collective_hero_has_a_flag_and_an_individual_none() -> None:
    def expected(recipient: Recipient) -> set[str]:
        state = given(award(recipient, form="HON-AHLD"))
        assert isinstance(state, Standing)
        return set(awards.expected_components(state.content, CATALOGUE))

    without_flag = {"badge", "badge_box", "certificate", "frame"}
    assert expected(individual()) == without_flag
    assert expected(collective()) == without_flag | {"flag"}
    hero = award(individual(), form="HON-AHLD")
    assert refused(IssueArtifacts((("flag", "F-1"),)), hero).code == "component-not-of-form"


def test_a_component_that_the_catalogue_only_recalls_is_doubted() -> None:
    outcome = when(IssueArtifacts((("flag", "F-1"),)), award(form="CERT-CCVN"))
    assert [remark.code for remark in outcome.remarks] == ["component-not-of-form"]


def test_one_component_is_issued_once() -> None:
    error = refused(IssueArtifacts((("certificate", "C-2"),)), *ISSUED)
    assert (error.code, error.params["serial"]) == ("component-issued-already", "C-1")
    twice = IssueArtifacts((("certificate", "C-2"), ("certificate", "C-3")))
    assert refused(twice, award()).code == "component-issued-already"


def test_papers_are_printed_once_and_frames_never() -> None:
    printed = PrintArtifact("C-1", "2024-06-01")
    assert when(printed, *ISSUED).events
    assert refused(printed, *ISSUED, printed).code == "artifact-stage"
    assert refused(PrintArtifact("K-1", "2024-06-01"), *ISSUED).code == "component-not-printed"


def test_a_serial_is_found_in_any_spelling() -> None:
    assert when(PrintArtifact("c 1", "2024-06-01"), *ISSUED).events[0].serial == "C-1"
    assert refused(PrintArtifact("C-9", "2024"), *ISSUED).code == "artifact-unknown"


def test_a_delivered_artifact_is_in_a_hand_and_delivered_once() -> None:
    deliver = DeliverArtifact("C-1", "2024-07-27", TO_RECIPIENT)
    state = given(*ISSUED, deliver)
    assert isinstance(state, Standing)
    assert state.artifacts["C-1"].stage == Delivered("2024-07-27", TO_RECIPIENT)
    assert refused(deliver, *ISSUED, deliver).code == "artifact-stage"


def test_a_posthumous_award_is_handed_to_a_representative() -> None:
    posthumous = (award(conferral="posthumous"), ISSUED[1])

    def deliver(receiver: Receiver) -> DeliverArtifact:
        return DeliverArtifact("C-1", "2024-07-27", receiver)

    assert refused(deliver(TO_RECIPIENT), *posthumous).code == "representative-required"
    assert when(deliver(representative()), *posthumous).events
    for missing, code in (
        ({"relation": None}, "relation-missing"),
        ({"name": ""}, "name-missing"),
        ({"identity_paper": None}, "identity-paper-missing"),
    ):
        assert refused(deliver(representative(**missing)), *posthumous).code == code


def test_what_came_back_undelivered_can_be_delivered_later() -> None:
    back = ReturnUndelivered("C-1", "2024-08-01", "không còn ở địa phương", "UBND xã Bản Cái")
    state = given(*ISSUED, back)
    assert isinstance(state, Standing)
    assert isinstance(state.artifacts["C-1"].stage, Undelivered)
    assert state.content == given(*ISSUED).content  # type: ignore[union-attr]
    assert when(DeliverArtifact("C-1", "2024-09", TO_RECIPIENT), *ISSUED, back).events
    delivered = DeliverArtifact("C-1", "2024-07-27", TO_RECIPIENT)
    assert refused(back, *ISSUED, delivered).code == "artifact-stage"


COMMANDS = st.one_of(
    st.builds(
        IssueArtifacts,
        st.lists(
            st.tuples(
                st.sampled_from(["certificate", "frame", "flag"]), st.text("AB12-", min_size=1)
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(PrintArtifact, st.text("AB12-"), st.just("2024-06")),
    st.builds(DeliverArtifact, st.text("AB12-"), st.just("2024-07"), st.just(TO_RECIPIENT)),
    st.builds(ReturnUndelivered, st.text("AB12-"), st.just("2024-08"), st.just("vắng")),
    st.builds(CorrectAward, st.dictionaries(st.just("note"), st.text(max_size=5)), st.just("x")),
)


@for_all(st.lists(COMMANDS, max_size=12))
def test_over_any_history_a_component_has_one_artifact_and_deciding_changes_nothing(
    commands: list[Any],
) -> None:
    state = given(award())
    for command in commands:
        before = dataclasses.replace(state) if isinstance(state, Standing) else state
        try:
            outcome = awards.decide(state, command, WORLD)
        except Rejected:
            assert state == before
            continue
        for event in outcome.events:
            state = awards.evolve(state, event)
        assert isinstance(state, Standing)
        components = [one.component for one in state.artifacts.values()]
        assert len(components) == len(set(components))


def of_these(event: Any) -> Any:
    """An example about the artifacts of `ISSUED`, or about the award itself."""
    own = {"serial": "C-1", "successor": "K-1"}
    named = {name: value for name, value in own.items() if hasattr(event, name)}
    return dataclasses.replace(event, **named)


class EvolvingRefusesNothing(RuleBasedStateMachine):
    """What happened, happened: any event on any state is applied without an error."""

    def __init__(self) -> None:
        super().__init__()
        self.state: awards.State = awards.INITIAL
        self.events = [
            *when(award()).events,
            *when(CorrectAward({"note": "x"}, "y"), award()).events,
            *when(ISSUED[1], award()).events,
            *when(PrintArtifact("C-1", "2024"), *ISSUED).events,
            *when(DeliverArtifact("C-1", "2024", TO_RECIPIENT), *ISSUED).events,
            *when(ReturnUndelivered("C-1", "2024", "z"), *ISSUED).events,
            *(of_these(one) for one in EXAMPLES.values() if isinstance(one, awards.Event)),
        ]

    @rule(choice=st.data())
    def happen(self, choice: st.DataObject) -> None:
        self.state = awards.evolve(self.state, choice.draw(st.sampled_from(self.events)))

    @invariant()
    def is_a_state(self) -> None:
        assert isinstance(self.state, awards.State)


TestEvolvingRefusesNothing = EvolvingRefusesNothing.TestCase


def test_the_core_loads_no_library() -> None:
    """Importing the rules brings nothing but the standard library and themselves."""
    code = (
        "import sys, registry.award, registry.importing, registry.user;"
        "import registry.cases.service_case;"
        "print(sorted({m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() in ("['__main__', 'registry']", "['registry']")
