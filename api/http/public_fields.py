"""What anybody may see of the register: a form, a name, a decision, a date and a status.

One list of field names, by which every answer to somebody who is not signed in is cut; and the
filters by which such a person may look. What is neither here nor open to all by its nature (the
catalogue, procedures, the sealed log, the check of a paper) needs a role.

A birth year, a native place, a serial, a golden-book number, who received what for whom, where an
original lies: all of it helps a forger or hurts a family, and none of it is needed to know that
somebody was honoured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from api.refusals import NotSignedIn

if TYPE_CHECKING:
    from api.service import Asking

# Of a record, by the names that these have in requests and answers.
PUBLIC_FIELDS: Final = frozenset(
    {
        "id",
        # The form, with its class.
        "form",
        "form_name",
        "award_class",
        "class_name",
        # The name, as printed.
        "recipient",
        "name",
        # The decision, as it is or as the award's source cites it.
        "decision_id",
        "number",
        "number_typed",
        "issuer",
        "issuer_typed",
        "decided_on",
        "decided_on_text",
        # The date.
        "awarded_on",
        "awarded_on_text",
        # The status.
        "standing",
        "standing_name",
        "held_back",
        "held_back_text",
    }
)
# Around records: lists, hits, and where the next page is.
PUBLIC_FRAMES: Final = frozenset(
    {
        "awards",
        "decisions",
        "hits",
        "award",
        "decision",
        "matched",
        "matched_text",
        "next",
        "similar",
    }
)
_PUBLIC: Final = PUBLIC_FIELDS | PUBLIC_FRAMES


def shown_to(asking: Asking, document: object) -> Any:
    """A document as this reader may see it: whole, or only what is public."""
    return document if asking.may("read-register") else public_part(document)


def public_part(document: object) -> Any:
    """What anybody may see of a document; a field that is not listed goes with all inside it."""
    if is_dataclass(document) and not isinstance(document, type):
        return public_part(asdict(document))
    if isinstance(document, Mapping):
        return {name: public_part(part) for name, part in document.items() if name in _PUBLIC}
    if isinstance(document, Sequence) and not isinstance(document, str):
        return [public_part(part) for part in document]
    return document


def refuse_filters(asking: Asking, **filters: object) -> None:
    """Raise `NotSignedIn` if somebody filters by what he may not see: that would tell it too."""
    if asking.may("read-register"):
        return
    for name, value in filters.items():
        if value is not None:
            raise NotSignedIn("filter-needs-sign-in", field=name)
