"""What the clerk answered about columns: the order of its dates, the kind of its recipients.

An answer names a column by its heading, a cell by its text: “Ngày sinh=month-first”, “Họ và tên=cá
nhân”, “CB=cá nhân”. All other answers are about forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.catalogue import Catalogue
    from registry.recipient import RecipientKind

MONTH_FIRST: Final = frozenset(map(comparison_key, ("month-first", "tháng trước", "tháng/ngày")))
DAY_FIRST: Final = frozenset(map(comparison_key, ("day-first", "ngày trước", "ngày/tháng")))
_KIND_WORDS: Final[tuple[tuple[RecipientKind, tuple[str, ...]], ...]] = (
    ("individual", ("individual", "cá nhân")),
    ("collective", ("collective", "tập thể")),
    ("household", ("household", "hộ gia đình")),
    ("family", ("family", "gia đình")),
)
_KINDS: Final[Mapping[str, RecipientKind]] = {
    comparison_key(word): kind for kind, words in _KIND_WORDS for word in words
}


class ColumnAnswers:
    """The answers about columns, set apart from those about forms."""

    def __init__(
        self, headers: Mapping[str, str], answers: Mapping[str, str], catalogue: Catalogue
    ) -> None:
        fields = {comparison_key(text): field for field, text in headers.items()}
        self.month_first: set[str] = set()
        self.day_first: set[str] = set()
        self.of_forms: dict[str, str] = {}
        self._kinds: dict[str, RecipientKind] = {}
        self._kind_of_all: RecipientKind | None = None
        for typed, answer in answers.items():
            field, meant = fields.get(comparison_key(typed)), comparison_key(answer)
            if meant in MONTH_FIRST | DAY_FIRST:
                orders = self.month_first if meant in MONTH_FIRST else self.day_first
                orders.update({field} if field is not None else ())
            elif meant in _KINDS and catalogue.find(answer) is None:
                self._note_kind(typed, field, _KINDS[meant])
            else:
                self.of_forms[typed] = answer

    def _note_kind(self, typed: str, field: str | None, kind: RecipientKind) -> None:
        if field == "name":
            self._kind_of_all = kind
        else:
            self._kinds[comparison_key(typed)] = kind

    def kind_of(self, typed: str | None) -> RecipientKind | None:
        """The kind that a word means, or that everybody has of whom nothing says it."""
        if typed is None:
            return self._kind_of_all
        return self._kinds.get(comparison_key(typed))
