"""Whether each signed paper says what the register said when it was signed.

A signature that holds proves only that the key signed; whoever has the key could let it sign a
name that no award bears. So the text of every paper is compared with its award as the facts
before it told it, and with its decision as that stood then. What a decision that is only cited is
called is compared as numbers are, in any spelling, and its date is not: the register may have
learned of it later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from projections.signatures import payload_bytes
from projections.standing import form_of
from registry import award, decision
from registry.award.artifact import ArtifactSigned
from registry.errors import VerificationFailed
from registry.numbers import normalise_number
from registry.proofs.payload import parse_envelope, printed_name, read_claims

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from registry.fact import Fact
    from registry.proofs.auditing import Audit
    from registry.proofs.payload import Claims

_OTHER_DECISION: Final = """
SELECT s.position FROM signed s
 WHERE (s.number, coalesce(s.made_on, '')) IS NOT
       (SELECT n.number, CASE WHEN s.made_on IS NULL THEN '' ELSE coalesce(n.made_on, '') END
          FROM numbered n WHERE n.decision = s.decision AND n.position < s.position
         ORDER BY n.position DESC LIMIT 1)
 ORDER BY s.position
"""


class PaperRecount:
    """Signed papers and decisions on their way; what depends on both waits in the file."""

    def __init__(self, waiting: Connection) -> None:
        self._waiting = waiting
        self._differing: list[tuple[int, str]] = []
        waiting.execute("CREATE TABLE signed (position, decision, number, made_on)")
        waiting.execute(
            "CREATE TABLE numbered (decision, position, number, made_on,"
            " PRIMARY KEY (decision, position)) WITHOUT ROWID"
        )

    def add_award(self, facts: Sequence[Fact[Any]]) -> None:
        """Compare the papers of an award with what its facts said before each."""
        state = award.INITIAL
        for fact in facts:
            if isinstance(fact.event, ArtifactSigned) and isinstance(state, award.Recorded):
                self._compare(fact.position, fact.event, state.content)
            state = award.evolve(state, fact.event)

    def add_decision(self, facts: Sequence[Fact[Any]]) -> None:
        """Keep what a decision was called, and when."""
        state = decision.INITIAL
        for fact in facts:
            state = decision.evolve(state, fact.event)
            if isinstance(state, decision.Registered):
                one = state.content
                row = (fact.stream_id.bytes, fact.position, one.number, one.decided_on)
                self._waiting.execute("INSERT INTO numbered VALUES (?, ?, ?, ?)", row)

    def check(self, found: Audit) -> None:
        """Tell of every paper that says something else."""
        for (position,) in self._waiting.execute(_OTHER_DECISION):
            self._differing.append((position, "decision"))
        for position, what in sorted(self._differing):
            found.blame("paper-differs", position=position, field=what)

    def _compare(self, position: int, event: ArtifactSigned, content: award.AwardRecorded) -> None:
        try:
            claims = read_claims(parse_envelope(payload_bytes(event)))
        except (VerificationFailed, ValueError):
            # That its signature does not hold is told where signatures are checked.
            return
        for what, same in _comparisons(claims, event, content).items():
            if not same:
                self._differing.append((position, what))
        if content.decision_id is not None:
            made_on = (claims.awarded_on or "") if content.awarded_on is None else None
            row = (position, content.decision_id.bytes, claims.decision, made_on)
            self._waiting.execute("INSERT INTO signed VALUES (?, ?, ?, ?)", row)


def _comparisons(
    claims: Claims, event: ArtifactSigned, content: award.AwardRecorded
) -> dict[str, bool]:
    cited = content.decision_id is None
    return {
        "serial": claims.serial == event.serial,
        "status_index": claims.status_index == event.status_index,
        "name": claims.name == printed_name(content.recipient.name),
        "form": claims.form == form_of(content),
        "awarded_on": content.awarded_on in {None, claims.awarded_on},
        "number": not cited
        or normalise_number(claims.decision or "") == normalise_number(content.number_typed or ""),
    }
