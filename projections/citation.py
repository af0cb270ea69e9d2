"""Which decision an award belongs to: the one that it names by id, or the one that it cites.

A line of an old register cites a decision: number, issuer and date as somebody wrote them. Once
the paper itself is registered, the awards that cite it are its awards, by its identity: issuer,
normalised number and date. Awards and decisions each keep that identity in a column, so that
it does not matter which came first, and correcting a decision touches none of its awards.
Whatever joins the two takes its SQL from here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

from registry.decision import Standing, claims, identity_claim
from registry.numbers import normalise_number

if TYPE_CHECKING:
    from typing import LiteralString

    from registry.award import AwardRecorded
    from registry.decision import DecisionRegistered
    from registry.fact import Claim

IDENTITIES_CACHED_MAX: Final = 4_096

# The decision `d` of each award `a`. An award has an identity only if it names no id, and an
# identity belongs to one decision at most, so there is never more than one row.
DECISION_OF_AWARD: Final[LiteralString] = """
  LEFT JOIN LATERAL (
       SELECT n.id, n.number, n.issuer, n.decided_on
         FROM decisions.decision n WHERE n.id = a.decision_id
        UNION ALL
       SELECT c.id, c.number, c.issuer, c.decided_on
         FROM decisions.decision c WHERE c.identity = a.identity) AS d ON true
"""
# The awards `a` of a decision are those with either condition, never both. Each has an index that
# gives them in the order of positions; joined by OR they would have none.
NAMES_DECISION: Final[LiteralString] = "a.decision_id = %(decision_id)s"
CITES_DECISION: Final[LiteralString] = """
       a.identity = (SELECT e.identity FROM decisions.decision e WHERE e.id = %(decision_id)s)
"""
AWARD_IDS_OF_DECISION: Final[LiteralString] = f"""
       SELECT a.id FROM awards.award a WHERE {NAMES_DECISION}
        UNION ALL
       SELECT a.id FROM awards.award a WHERE {CITES_DECISION}
"""  # noqa: S608 - constants
# What was declined is no award; of those there are few, and they have an index of their own.
AWARD_COUNT: Final[LiteralString] = """
       (SELECT count(*) FROM awards.award n WHERE n.decision_id = d.id)
       + (SELECT count(*) FROM awards.award c WHERE c.identity = d.identity)
       - (SELECT count(*) FROM awards.award x
           WHERE x.standing = 'declined' AND (x.decision_id = d.id OR x.identity = d.identity))
"""
IS_ONLY_CITED: Final[LiteralString] = """
       NOT EXISTS (SELECT FROM decisions.decision d WHERE d.identity = a.identity)
"""


def cited_claim(content: AwardRecorded) -> Claim | None:
    """The claim that the decision which an award cites holds, once it is registered.

    None if the award names its decision by id, or says too little to tell the decision from
    others: a number is unique only together with its issuer.
    """
    number, issuer = content.number_typed, content.issuer_typed
    if content.decision_id is not None or not number or not issuer:
        return None
    return _claim(issuer, number, content.awarded_on)


def cited_identity(content: AwardRecorded) -> UUID | None:
    """What the decision that an award cites would be known by; None as for `cited_claim`."""
    claim = cited_claim(content)
    return None if claim is None else UUID(bytes=claim.digest)


@lru_cache(IDENTITIES_CACHED_MAX)
def _claim(issuer: str, number: str, decided_on: str | None) -> Claim | None:
    return identity_claim(issuer, number, decided_on) if normalise_number(number) else None


def decision_identity(content: DecisionRegistered) -> UUID:
    """What a decision is known by, as it is written after corrections."""
    (claim,) = claims(Standing(content), content)
    return UUID(bytes=claim.digest)
