"""Who may confer which form of commendation on which day, as far as is known; doubts, no refusals.

`data/authority.json` has a row for each right: form, period, bodies, certainty, source. An issuer
is read as a kind of body by the beginning of its name. It is doubted only where its kind is known
and no row gives that kind the form on that day, or where no such body existed then. Old registers
name their issuers freely: a name that is not known says nothing, and what is only recalled is
believed less, so its bounds are moved out by `RECALLED_DAYS` before anything is doubted.

Asked for every row of an import: what it finds for a form and an issuer is remembered as spans of
days, so that a row costs one look and, of the few that are not allowed at all times, a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from registry.award_form import read_json
from registry.dates import DATES_CACHED_MAX, parse_edtf
from registry.form_names import WordReader
from registry.numbers import normalise_number
from registry.remark import Remark
from registry.spellings import fold_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from registry.spellings import Words

AUTHORITY_DOUBTED: Final = "authority-not-competent"
RECALLED_DAYS: Final = 366
ISSUERS_CACHED_MAX: Final = 16_384
_FOLDED_WORDS_MIN: Final = 2
_FIRST: Final = date.min.toordinal()
_LAST: Final = date.max.toordinal()

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Right:
    """That bodies of some kinds might confer some forms in a span of days."""

    span: Span
    bodies: frozenset[str]
    certainty: str
    source: str


@dataclass(frozen=True, slots=True)
class _Body:
    """A kind of body and when it existed; no spans: always."""

    existed: tuple[Span, ...]
    certainty: str
    source: str


class Competence:
    """The table of rights; never changes."""

    def __init__(self, document: Mapping[str, Any], abbreviations: Mapping[str, str]) -> None:
        self._read = WordReader(abbreviations, ()).read
        self._bodies = {kind: _body(entry) for kind, entry in document["bodies"].items()}
        self._rights = {
            code: tuple(_right(row) for row in group["rows"])
            for group in document["forms"]
            for code in group["codes"]
        }
        self._names: dict[Words, frozenset[str]] = {}
        for kind, entry in document["bodies"].items():
            self._add_names(entry["names"], frozenset({kind}))
        for name, kinds in document["several"].items():
            self._add_names([name], frozenset(kinds))
        self._add_names(document["left_in_peace"], frozenset())
        self._folded = {
            fold_each(words): kinds
            for words, kinds in self._names.items()
            if len(words) >= _FOLDED_WORDS_MIN
        }
        self._longest = max(map(len, self._names))
        self._in_front = [self._read(text) for text in document["in_front"]]
        self._codes = {
            one["code"]: frozenset[str](one["bodies"]) for one in document["number_codes"]
        }
        # A form or an issuer that nothing is known of is remembered too.
        self._spans = lru_cache(ISSUERS_CACHED_MAX)(self._find_spans)

    @property
    def forms(self) -> Mapping[str, tuple[Right, ...]]:
        """The rights by form."""
        return self._rights

    def kinds_of(self, issuer: str) -> frozenset[str]:
        """Kinds of body that an issuer's name may mean; none where it is not known."""
        words = self._without_front(self._read(issuer))
        for names, spelled in ((self._names, words), (self._folded, fold_each(words))):
            for length in range(min(len(spelled), self._longest), 0, -1):
                if spelled[:length] in names:
                    return names[spelled[:length]]
        return frozenset()

    def kinds_of_number(self, number: str) -> frozenset[str]:
        """The same by the code in a decision's number: 12/QĐ-UBND is a people's committee's."""
        pieces = normalise_number(number).replace("/", "-").split("-")
        for piece in reversed(pieces):
            if piece.upper() in self._codes:
                return self._codes[piece.upper()]
        return frozenset()

    def doubt(
        self, form: str, issuer: str | None, number: str | None, on: str | None
    ) -> Remark | None:
        """The doubt about an award of a form by an issuer on a day (EDTF); None for none.

        The number tells the issuer only where that is not said. Without a day it is doubted only
        who never might confer the form.
        """
        spans = self._spans(form, issuer, None if issuer else number)
        if spans is None:
            return None
        earliest, latest = _bounds(on)
        for begun, ended in spans:
            if begun <= latest and earliest <= ended:
                return None
        return self._remark(form, issuer or number or "", on)

    def _find_spans(
        self, form: str, issuer: str | None, number: str | None
    ) -> tuple[Span, ...] | None:
        """When an issuer might confer a form; None where nothing can be doubted."""
        kinds = self.kinds_of(issuer) if issuer else self.kinds_of_number(number or "")
        by_number = not issuer and any(
            kind in right.bodies for right in self._rights.get(form, ()) for kind in kinds
        )
        # A number alone tells the level; registers write it in the fashion of another time.
        if not kinds or by_number or (not issuer and form not in self._rights):
            return None
        spans = tuple(span for kind in sorted(kinds) for span in self._spans_of(form, kind))
        return None if (_FIRST, _LAST) in spans else spans

    def _spans_of(self, form: str, kind: str) -> Iterator[Span]:
        """When bodies of a kind existed and might confer a form."""
        existed = self._bodies[kind].existed or ((_FIRST, _LAST),)
        rights = self._rights.get(form)
        allowed: Iterable[Span] = ((_FIRST, _LAST),)
        if rights is not None:
            allowed = [right.span for right in rights if kind in right.bodies]
        for begun, ended in allowed:
            for since, until in existed:
                if max(begun, since) <= min(ended, until):
                    yield max(begun, since), min(ended, until)

    def _remark(self, form: str, issuer: str, on: str | None) -> Remark:
        earliest, latest = _bounds(on)
        standing = [
            right
            for right in self._rights.get(form, ())
            if right.span[0] <= latest and earliest <= right.span[1]
        ]
        competent = dict.fromkeys(
            kind
            for right in standing
            for kind in sorted(right.bodies)
            if self._existed(kind, earliest, latest)
        )
        certainties = {right.certainty for right in standing}
        params = {
            "form": form,
            "issuer": issuer,
            "on": on or "",
            "competent": ", ".join(competent),
            "source": "; ".join(dict.fromkeys(right.source for right in standing)),
            "certainty": "read" if certainties == {"read"} else "recalled",
        }
        return Remark(AUTHORITY_DOUBTED, tuple(params.items()))

    def _existed(self, kind: str, earliest: int, latest: int) -> bool:
        spans = self._bodies[kind].existed
        return not spans or any(begun <= latest and earliest <= ended for begun, ended in spans)

    def _add_names(self, names: Iterable[str], kinds: frozenset[str]) -> None:
        self._names.update((self._read(name), kinds) for name in names)

    def _without_front(self, words: Words) -> Words:
        """The words behind KT., TM., Quyền, Phó and the like."""
        while front := next((one for one in self._in_front if words[: len(one)] == one), None):
            words = words[len(front) :]
        return words


@lru_cache(DATES_CACHED_MAX)
def _bounds(on: str | None) -> Span:
    if on is None:
        return _FIRST, _LAST
    when = parse_edtf(on)
    return when.earliest.toordinal(), when.latest.toordinal()


def _span(entry: Mapping[str, str | None], certainty: str) -> Span:
    """First and last day; what is only recalled is moved out."""
    margin = 0 if certainty == "read" else RECALLED_DAYS
    begun, ended = entry["from"], entry["to"]
    return (
        _FIRST if begun is None else date.fromisoformat(begun).toordinal() - margin,
        _LAST if ended is None else date.fromisoformat(ended).toordinal() + margin,
    )


def _right(row: Mapping[str, Any]) -> Right:
    span = _span(row, row.get("bounds", row["certainty"]))
    return Right(span, frozenset(row["bodies"]), row["certainty"], row["source"])


def _body(entry: Mapping[str, Any]) -> _Body:
    spans = tuple(_span(one, entry["certainty"]) for one in entry["existed"])
    return _Body(spans, entry["certainty"], entry["source"])


@cache
def load_competence() -> Competence:
    """The table that comes with this package; read once."""
    abbreviations = read_json("form-spellings.json")["abbreviations"]
    return Competence(read_json("authority.json"), abbreviations)
