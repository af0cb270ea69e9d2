"""Forms that cannot be re-issued or exchanged under the rules of today, and what would change it.

A request for such a form must not wait for ever (reference, section 0, fact 5): it ends with
the outcome named here, with the source, and is watched for the trigger. Each entry of
`data/unavailable-forms.json` holds between two days; the day the rule changes is one more line
of data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from registry.award_form import read_json
from registry.text import comparison_key

UnavailableOutcome = Literal["no-legal-basis", "no-procedure"]

# A decision of these confirms what the National Liberation Front had given.
_STATE_ISSUERS = frozenset(map(comparison_key, ("Chủ tịch nước", "Hội đồng Nhà nước")))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a form cannot be made anew: the outcome, its source, and the trigger of reopening.

    `unless_confirmed` lifts it for awards that the State President, or the Council of State,
    has confirmed by a decision of his own.
    """

    code: str
    forms: frozenset[str]
    procedures: frozenset[str]
    outcome: UnavailableOutcome
    source: str
    certainty: str
    trigger: str
    trigger_vi: str
    trigger_en: str
    unless_confirmed: bool
    valid_from: date | None
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it stands in the way on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def obstacle_for(
    form: str, procedure: str, on: date, *, issuer: str | None = None, confirmed: bool = False
) -> Obstacle | None:
    """What stands in the way of a request received on a day; None if nothing is known to.

    `issuer` is who decided the award, `confirmed` says that a decision of the State President
    confirming it was shown.
    """
    settled = confirmed or comparison_key(issuer or "") in _STATE_ISSUERS
    for one in obstacles():
        lifted = one.unless_confirmed and settled
        if form in one.forms and procedure in one.procedures and one.holds_on(on) and not lifted:
            return one
    return None


def obstacle_by_code(code: str) -> Obstacle | None:
    """The obstacle that a record keeps by its code; None if the data has it no more."""
    return next((one for one in obstacles() if one.code == code), None)


@cache
def obstacles() -> tuple[Obstacle, ...]:
    """Everything that is known to stand in the way."""
    return tuple(
        Obstacle(
            **{
                **entry,
                "forms": frozenset(entry["forms"]),
                "procedures": frozenset(entry["procedures"]),
                "valid_from": _parse_day(entry["valid_from"]),
                "valid_to": _parse_day(entry["valid_to"]),
            }
        )
        for entry in read_json("unavailable-forms.json")["obstacles"]
    )


def _parse_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
