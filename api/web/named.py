"""What the facts of a record name by an id, in words: decisions by number, cases by receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.web.shapes import decision_words
from registry.case_states import Closed, Open
from registry.decision import Registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.web.texts import Texts
    from registry.fact import Fact
    from registry.register import Registry
    from registry.settings import Language


def decisions_named(
    registry: Registry, facts: Iterable[Fact[Any]], language: Language, texts: Texts
) -> Mapping[str, str]:
    """Decisions that something in these facts rests on, as people cite them."""
    named = {}
    for decision_id in _ids(facts, "decision_id"):
        state = registry.load("decision", decision_id).state
        if isinstance(state, Registered):
            made = state.content
            words = decision_words(made.number, made.issuer, made.decided_on, language, texts)
            named[str(decision_id)] = words
    return named


def cases_named(registry: Registry, facts: Iterable[Fact[Any]]) -> Mapping[str, str]:
    """Service cases by which something in these facts was made anew, by their receipts."""
    named = {}
    for case_id in _ids(facts, "case_id"):
        state = registry.load("service-case", case_id).state
        if isinstance(state, Open | Closed):
            named[str(case_id)] = state.file.opened.receipt
    return named


def _ids(facts: Iterable[Fact[Any]], field: str) -> set[UUID]:
    found = (getattr(fact.event, field, None) for fact in facts)
    return {one for one in found if isinstance(one, UUID)}
