"""What a clerk says about a file, and what an import is named after.

An import is known by a digest of the file and of everything that changes its meaning: the same
file again, said to be the same, is the same import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from api.sheets.cells import SheetError
from api.sheets.layout import Wanted
from api.sheets.row_results import DecisionMention
from registry.dates import BadDate, parse_typed_date
from registry.decision import identity_claim
from registry.errors import Rejected

if TYPE_CHECKING:
    from pathlib import Path

    from api.sheets.layout import Layout
    from api.sheets.titles import Proposal

DIGEST_BYTES_AT_ONCE: Final = 1 << 20
_OWN_DECISION: Final = ("number", "number_date", "decided_on", "issuer", "golden_number")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the clerk says about a file.

    `number`, `date` (as typed) and `issuer` name the decision of a decision's list; `book` the
    golden book of a register. `answers` settle form names that mean several forms: what is
    typed, to `CODE` or `CODE:CLASS`. `issue_artifacts` is None for the usual: a decision's
    awards get their artifacts, those of an old register do not. `file_name` is how the file is
    called where the path does not say it, as with an upload.
    """

    kind: Wanted = "auto"
    number: str | None = None
    date: str | None = None
    issuer: str | None = None
    book: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    issue_artifacts: bool | None = None
    chunk_rows: int | None = None
    file_name: str | None = None


def decision_of(layout: Layout, options: ImportOptions) -> DecisionMention | None:
    """The decision of a decision's list.

    Raises `Rejected` unless the options name it, and if they name one for a register, whose
    lines name their own: one of the two would be lost.
    """
    if layout.kind != "decision":
        _refuse_contradiction(layout, options)
        return None
    missing = "number" if not options.number else "issuer" if not options.issuer else None
    if missing is not None:
        raise Rejected("decision-not-named", field=missing, **_proposed(layout.proposal))
    assert options.number is not None  # noqa: S101 - just asked
    assert options.issuer is not None  # noqa: S101
    try:
        decided_on = parse_typed_date(options.date)
    except BadDate as error:
        raise Rejected(error.code, field="date", **error.params) from None
    return DecisionMention(options.number.strip(), options.issuer.strip(), decided_on)


def _refuse_contradiction(layout: Layout, options: ImportOptions) -> None:
    given = {"number": options.number, "date": options.date, "issuer": options.issuer}
    named = [name for name, value in given.items() if value]
    if named:
        columns = [layout.headers[name] for name in _OWN_DECISION if name in layout.headers]
        raise Rejected("options-contradict", field=named[0], columns=", ".join(columns))


def _proposed(proposal: Proposal | None) -> dict[str, str]:
    """What the file itself says of its decision, for the clerk to say again."""
    if proposal is None:
        return {}
    said = {
        "number": proposal.number, "date": proposal.decided_on, "issuer": proposal.issuer,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def file_digest(path: Path) -> str:
    """SHA-256 of a file. Raises `SheetError`."""
    digest = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(DIGEST_BYTES_AT_ONCE):
                digest.update(piece)
    except OSError as error:
        raise SheetError("file-missing", file=path.name) from error
    return digest.hexdigest()


def import_digest(
    digest: str, layout: Layout, options: ImportOptions, decision: DecisionMention | None
) -> str:
    """A digest of everything that says what this import means."""
    named = None
    if decision is not None:
        named = identity_claim(decision.issuer, decision.number, decision.decided_on).key
    meaning = [
        digest,
        layout.kind,
        layout.sheet_name,
        named,
        options.book,
        sorted(options.answers.items()),
        options.issue_artifacts,
    ]
    return sha256(msgspec.json.encode(meaning)).hexdigest()
