"""What a certificate's page says beside what was signed for its paper.

A page is compared as its own press prints it: the name at the end of a line (before it stands how
somebody is addressed), the form and the class each on a line, the decision's number after its
words. The date is told and not judged: a page prints the decision's, the award may have another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from api.papers.designs import load_designs
from api.papers.wording import date_in_words, printable
from registry.messages import term
from registry.proofs.payload import CUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.proofs.payload import Claims

JUDGED: Final = frozenset({"name", "form", "decision"})
_SILENT: Final = dict.fromkeys(map(ord, "\u200b\u00ad\u2060\ufeff"))
_DECISION: Final = "quyếtđịnhsố:"
_BEHIND_DECISION: Final = ("ngày", "tháng", "năm", "khoảng")


def not_on_page(says: Sequence[str], claims: Claims) -> tuple[str, ...]:
    """What was signed and the page does not say: `name`, `form`, `decision`, `awarded_on`."""
    blocks = [_plain(one) for one in says]
    form, _, award_class = claims.form.partition(":")
    lines = [load_designs().printed_name(form)]
    if award_class:
        lines.append(f"HẠNG {term('class', award_class, 'vi')}")
    found = {
        "name": _says_name(blocks, claims.name),
        "form": all(_plain(line) in blocks for line in lines),
        "decision": claims.decision is None or _says_decision(blocks, claims.decision),
        "awarded_on": claims.awarded_on is None or _says_date(blocks, claims.awarded_on),
    }
    return tuple(field for field, holds in found.items() if not holds)


def _plain(text: str) -> str:
    """A text without spaces and capitals: lines break anywhere between words."""
    return "".join(normalize("NFC", text).translate(_SILENT).casefold().split())


def _says_name(blocks: Sequence[str], name: str) -> bool:
    if name.endswith(CUT):
        begin = _plain(name.removesuffix(CUT))
        return any(begin in block for block in blocks)
    return any(block.endswith(_plain(name)) for block in blocks)


def _says_decision(blocks: Sequence[str], number: str) -> bool:
    wanted = _DECISION + _plain(printable(number))
    behind = [block.removeprefix(wanted) for block in blocks if block.startswith(wanted)]
    return any(not one or one.startswith(_BEHIND_DECISION) for one in behind)


def _says_date(blocks: Sequence[str], on: str) -> bool:
    words = _plain(date_in_words(on))
    return any(words in block for block in blocks)
