"""What the facts of a record name by an id, in words; and the history that is told with them.

Decisions are named by their number, service cases by their receipt, awards by form and recipient:
nobody knows a record by its id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.history import history_of
from api.web.shapes import decision_words
from api.web.texts import Texts
from registry.award.recorded import Entered
from registry.cases.states import Closed, Open
from registry.decision import Entered as EnteredDecision
from registry.messages import form_with_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from api.history import HistoryEntry
    from registry.fact import Fact, RecordKind
    from registry.register import Registry
    from registry.settings import Language

_KINDS: Mapping[str, RecordKind] = {
    "decision_id": "decision",
    "case_id": "service-case",
    "award_id": "award",
    "golden_heir": "award",
}


def read_history(
    registry: Registry, facts: Sequence[Fact[Any]], language: Language
) -> tuple[HistoryEntry, ...]:
    """The facts of a record in words, with the records that they name."""
    return history_of(facts, language, words_named(registry, facts, language))


def words_named(
    registry: Registry, facts: Iterable[Fact[Any]], language: Language
) -> Mapping[str, str]:
    """Records that something in these facts rests on or is about, as people cite them, by id."""
    kinds = {
        one: kind
        for fact in facts
        for field, kind in _KINDS.items()
        if isinstance(one := getattr(fact.event, field, None), UUID)
    }
    loaded = registry.load_all(kinds) if kinds else {}
    words = {str(one): _words(record.state, language) for one, record in loaded.items()}
    return {one: said for one, said in words.items() if said is not None}


def _words(state: object, language: Language) -> str | None:
    if isinstance(state, EnteredDecision):
        made = state.content
        return decision_words(made.number, made.issuer, made.decided_on, language, Texts(language))
    if isinstance(state, Open | Closed):
        return state.file.opened.receipt
    if isinstance(state, Entered):
        given = state.content
        form = form_with_class(given.form, given.award_class, language)
        return f"{form}, {given.recipient.name}"
    return None
