"""What is kept of an award itself: its events, and the stages between recording and restoring.

An award is one form and class of commendation given to one recipient under one decision. It
stands from its recording on, unless it is cancelled (hủy bỏ: the decision is void for it) or,
a state honorary title, stripped (tước: taken away, the decision stays as history). Either can be
restored. One that its recipient declined before it was conferred is kept as an outcome, and is no
award. One that was entered by mistake (ghi nhầm) is withdrawn: it never was. The artifacts that go
with it live here too, see `artifact_state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never, get_args
from uuid import UUID

from registry.award.artifact_state import Artifact
from registry.decision import CancelReason
from registry.errors import Rejected
from registry.personal import Personal
from registry.recipient import Recipient
from registry.remark import Remark
from registry.rules import Change, Source

AwardClass = Literal["I", "II", "III"]
Conferral = Literal["living", "posthumous"]
CONFERRALS: tuple[Conferral, ...] = get_args(Conferral)


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoldenBook:
    """A running number in a golden book: `book` names the book, None the office's main one.

    Gaps and repeated numbers are part of history.
    """

    number: str
    book: str | None = None


@dataclass(frozen=True, slots=True)
class AwardRecorded:
    """An award was entered in the register.

    `awarded_on` is its effective date (EDTF). `form` is a code of the catalogue and `form_typed`
    what the source calls it; `number_typed` and `issuer_typed` are how this source writes the
    decision, where that is not the decision's own paper. `listed` and `distinct_because` say
    which entries would mean the same award, see `meaning_of`. `submitting_body` is who put the
    award forward: exchange and re-issue go through it or its successor.
    """

    decision_id: UUID | None
    number_typed: str | None
    issuer_typed: str | None
    awarded_on: str | None
    recipient: Recipient
    form: str
    form_typed: str | None
    award_class: AwardClass | None
    conferral: Conferral
    merit: str | None
    golden_book: GoldenBook | None
    field_of_activity: str | None
    mode: str | None
    submitting_body: str | None
    note: str | None
    listed: bool
    distinct_because: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class AwardCorrected:
    """The register's text about an award was wrong and is put right; the award is unchanged."""

    changes: tuple[Change, ...]
    personal: tuple[Personal, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class AwardCorrectedByDecision:
    """The decision's own text was wrong; its authority corrected it, and the register follows.

    `decision_id` is the correcting decision. The award is unchanged: it says what it should
    have said from the beginning.
    """

    decision_id: UUID
    corrected_on: str | None
    changes: tuple[Change, ...]
    personal: tuple[Personal, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class AwardCancelled:
    """The award is void (hủy bỏ), by a decision and for a reason of Art. 93(2); recall follows.

    `recall_due_on` is the day until which its artifacts must be back.
    """

    decision_id: UUID
    cancelled_on: str | None
    reason: CancelReason
    recall_due_on: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class VerdictNoted:
    """A court's judgment on the holder of a title took effect (Art. 93(3)).

    `strip_due_on` is the day until which the submitting body must propose to strip the title,
    by the rule of the time, which `rule` names.
    """

    effective_on: str
    court: str | None
    judgment: str | None
    sentence: str
    strip_due_on: str | None
    rule: str | None


VerdictGround = Literal[
    "sentence", "national-security", "life-or-death", "desertion-or-betrayal", "activity-ended"
]
"""Why a title may be lost (Art. 93(3) to (5) of the law of 2022).

Any sentence to prison for a term, for life, or to death; for heroes of the resistance and Heroic
Mothers only crimes against national security, life or death for another crime, or desertion or
betrayal that ended their benefits; for commercial legal persons permanent suspension of activity.
"""
VERDICT_GROUNDS: tuple[VerdictGround, ...] = get_args(VerdictGround)


@dataclass(frozen=True, slots=True)
class VerdictNotedOnGround(VerdictNoted):
    """The same, with the point of the law on which the title may be lost."""

    ground: VerdictGround


@dataclass(frozen=True, slots=True)
class TitleStripped:
    """A state honorary title was taken from its holder (tước); the award stays as history."""

    decision_id: UUID
    stripped_on: str | None
    recall_due_on: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AwardDeclined:
    """Its recipient declined the award before it was conferred (từ chối nhận): it is none.

    `paper` names what he said it in.
    """

    declined_on: str
    paper: str
    note: str | None


@dataclass(frozen=True, slots=True)
class DecliningTakenBack:
    """Who had declined the award accepts it after all."""

    accepted_on: str
    paper: str
    note: str | None


@dataclass(frozen=True, slots=True)
class AwardRestored:
    """An award that was cancelled or stripped stands again (phục hồi)."""

    decision_id: UUID
    restored_on: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AwardWithdrawn:
    """The award was entered by mistake (ghi nhầm): it never was, and its names are free again.

    `decision_id` or `import_id` is the record that was withdrawn as a whole, and this award as
    a part of it. `golden_heir` is another award that bears the same golden-book number: it has the
    number from now on, so that whoever repeats it is told.
    """

    reason: str
    decision_id: UUID | None
    import_id: UUID | None
    golden_heir: UUID | None


@dataclass(frozen=True, slots=True)
class AwardDoubted:
    """Something about the award does not fit; it stays on the award until it is settled.

    `doubts` are those that came up now. Some hold the award back, see `award.doubts`.
    """

    doubts: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class AwardDoubtsConfirmed:
    """Who has the right looked into doubts and says that the award is as it should be, and why."""

    doubts: tuple[Remark, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class AwardDoubtsSettled:
    """Doubts are gone, because what they were about was put right in the register."""

    doubts: tuple[Remark, ...]


OwnEvent: TypeAlias = (
    AwardRecorded
    | AwardCorrected
    | AwardCorrectedByDecision
    | AwardCancelled
    | VerdictNoted
    | VerdictNotedOnGround
    | TitleStripped
    | AwardRestored
    | AwardWithdrawn
    | AwardDoubted
    | AwardDoubtsConfirmed
    | AwardDoubtsSettled
    | AwardDeclined
    | DecliningTakenBack
)
"""What happens to the award itself, not to one of its artifacts."""
OWN_EVENTS: Mapping[str, type] = {
    "award-recorded.v1": AwardRecorded,
    "award-corrected.v1": AwardCorrected,
    "award-corrected-by-decision.v1": AwardCorrectedByDecision,
    "award-cancelled.v1": AwardCancelled,
    "award-verdict-noted.v1": VerdictNoted,
    "award-verdict-noted.v2": VerdictNotedOnGround,
    "award-stripped.v1": TitleStripped,
    "award-restored.v1": AwardRestored,
    "award-withdrawn.v1": AwardWithdrawn,
    "award-doubted.v1": AwardDoubted,
    "award-doubts-confirmed.v1": AwardDoubtsConfirmed,
    "award-doubts-settled.v1": AwardDoubtsSettled,
    "award-declined.v1": AwardDeclined,
    "award-declining-taken-back.v1": DecliningTakenBack,
}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Nothing is known of this award."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is doubtful about an award, and what somebody with the right has confirmed."""

    open: tuple[Remark, ...] = ()
    confirmed: tuple[Remark, ...] = ()


NO_DOUBTS = Doubts()


@dataclass(frozen=True, slots=True)
class Standing:
    """The award is in the register and stands; perhaps a judgment on its holder is known."""

    content: AwardRecorded
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    verdict: VerdictNoted | None = None
    doubts: Doubts = NO_DOUBTS


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The award is void."""

    content: AwardRecorded
    artifacts: Mapping[str, Artifact]
    by: AwardCancelled
    doubts: Doubts = NO_DOUBTS


@dataclass(frozen=True, slots=True)
class Stripped:
    """The title was taken away; that it was held stays true."""

    content: AwardRecorded
    artifacts: Mapping[str, Artifact]
    by: TitleStripped
    doubts: Doubts = NO_DOUBTS


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The award was entered by mistake; what the register said of it is kept as history."""

    content: AwardRecorded
    artifacts: Mapping[str, Artifact]
    by: AwardWithdrawn


@dataclass(frozen=True, slots=True)
class Declined:
    """The award was declined before it was conferred: an outcome that is kept, and no award."""

    content: AwardRecorded
    artifacts: Mapping[str, Artifact]
    by: AwardDeclined
    doubts: Doubts = NO_DOUBTS


TakenAway: TypeAlias = Cancelled | Stripped
"""An award that does not stand: nothing is issued or delivered under it."""
Recorded: TypeAlias = Standing | TakenAway | Declined
"""An award that is in the register, whether it stands or not."""
Entered: TypeAlias = Recorded | Withdrawn
"""An award that was ever entered, though it may have been by mistake."""
State: TypeAlias = Unrecorded | Entered
INITIAL: State = Unrecorded()


def standing_name(state: Entered) -> str:
    """Whether the award stands, in one word, as registers and pages show it."""
    match state:
        case Withdrawn():
            return "withdrawn"
        case Standing():
            return "standing"
        case Cancelled():
            return "cancelled"
        case Stripped():
            return "stripped"
        case Declined():
            return "declined"
        case _:
            assert_never(state)


def taken_on(by: AwardCancelled | TitleStripped) -> str | None:
    """The day from which an award does not stand."""
    match by:
        case AwardCancelled():
            return by.cancelled_on
        case TitleStripped():
            return by.stripped_on
        case _:
            assert_never(by)


def require_recorded(state: State) -> Recorded:
    """The award, whether it stands or not. Raises `Rejected` if there is none."""
    if isinstance(state, Withdrawn):
        raise Rejected("award-withdrawn")
    if isinstance(state, Unrecorded):
        raise Rejected("award-unknown")
    return state


def require_standing(state: State) -> Standing:
    """The award while it stands. Raises `Rejected`."""
    recorded = require_recorded(state)
    if not isinstance(recorded, Standing):
        raise Rejected("award-taken-away", standing=standing_name(recorded))
    return recorded
