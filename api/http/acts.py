"""Which act of `registry.rights` each address is: a line for every route of the application.

An address that has no line here is no address: the layer in front (`api.http.rights`) says so
itself, and a test walks all routes for one without a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.rights import ACTS, Act

_TABLE: Final = """
GET   /                                                read-public
GET   /awards/{award_id}                               read-public
GET   /decisions/{decision_id}                         read-public
GET   /stock                                           read-stock
GET   /static/{path:path}                              read-open
GET   /openapi.json                                    read-open
GET   /v                                               read-open
GET   /v.worker.js                                     read-open
GET   /v.webmanifest                                   read-open
GET   /v/{serial}                                      read-open
GET   /.well-known/did.json                            read-open
GET   /did.json                                        read-open
GET   /log/checkpoint                                  read-open
GET   /log/tile/entries/{path:path}                    read-open
GET   /log/tile/{level}/{path:path}                    read-open
GET   /log/files/{digest}                              read-open
GET   /log/keys                                        read-open
GET   /log/keys/{version}                              read-open
GET   /log/status/{number}                             read-open
GET   /health/live                                     read-open
GET   /health/ready                                    read-public
GET   /metrics                                         read-operations
POST  /api/verify                                      read-open
GET   /api/verify/{serial}                             read-open
GET   /api/catalogue                                   read-open
GET   /api/procedures/{procedure}                      read-open
GET   /api/working-days                                read-open
POST  /api/working-days                                decide-working-days
GET   /api/search                                      read-public

POST  /api/decisions                                   register-decision
GET   /api/decisions                                   read-public
GET   /api/decisions/{decision_id}                     read-public
POST  /api/decisions/{decision_id}/correct             correct-decision
POST  /api/decisions/{decision_id}/cancel              cancel-decision
POST  /api/decisions/{decision_id}/withdraw            withdraw-decision
POST  /api/decisions/{decision_id}/awards              record-award
POST  /api/decisions/{decision_id}/certificates        print-certificates
POST  /api/decisions/{decision_id}/printed             print-artifact

POST  /api/awards                                      record-award
GET   /api/awards                                      read-public
GET   /api/awards/{award_id}                           read-public
GET   /api/awards/{award_id}/history                   read-history
POST  /api/awards/{award_id}/correct                   correct-award
POST  /api/awards/{award_id}/artifacts                 issue-artifact
POST  /api/awards/{award_id}/cancel                    cancel-award
POST  /api/awards/{award_id}/strip                     strip-title
POST  /api/awards/{award_id}/restore                   restore-award
POST  /api/awards/{award_id}/note-verdict              note-verdict
POST  /api/awards/{award_id}/withdraw                  withdraw-award
POST  /api/awards/{award_id}/confirm-doubts            confirm-doubts
POST  /api/awards/{award_id}/decline                   decline-award
POST  /api/awards/{award_id}/accept-after-all          decline-award

GET   /api/artifacts                                   read-register
GET   /api/artifacts/{serial}                          read-register
GET   /api/artifacts/{serial}/family                   read-history
GET   /api/artifacts/{serial}/qr.svg                   read-signed
GET   /api/artifacts/{serial}/credential               read-signed
GET   /api/artifacts/{serial}/certificate.pdf          read-paper
GET   /api/artifacts/{serial}/receipt.pdf              read-paper
POST  /api/artifacts/{serial}/sign                     sign-certificate
POST  /api/artifacts/{serial}/print                    print-artifact
POST  /api/artifacts/{serial}/deliver                  deliver-artifact
POST  /api/artifacts/{serial}/return                   return-artifact
POST  /api/artifacts/{serial}/withdraw-delivery        withdraw-delivery
POST  /api/artifacts/{serial}/correct-delivery         correct-delivery
POST  /api/artifacts/{serial}/surrender                surrender-artifact
POST  /api/artifacts/{serial}/move                     move-artifact
POST  /api/artifacts/{serial}/hand-back                hand-back-artifact
POST  /api/artifacts/{serial}/holder                   change-holder
POST  /api/artifacts/{serial}/found                    report-found
POST  /api/artifacts/{serial}/exchange                 exchange-artifact
POST  /api/artifacts/{serial}/reissue                  reissue-artifact
POST  /api/artifacts/{serial}/replace                  replace-artifact
POST  /api/artifacts/{serial}/recall                   recall-artifact
POST  /api/artifacts/{serial}/recover                  recover-artifact
POST  /api/artifacts/{serial}/declare-unrecoverable    give-up-artifact
POST  /api/artifacts/{serial}/archive                  archive-artifact
POST  /api/artifacts/{serial}/destroy                  destroy-artifact

GET   /api/print-jobs/{job_id}                         read-print-job
GET   /api/print-jobs/{job_id}/certificates.pdf        read-print-job
GET   /api/print-jobs/{job_id}/certificates.zip        read-print-job
GET   /api/blanks                                      read-blanks
GET   /api/blanks/{blank_id}/test-sheet.pdf            read-blanks

GET   /api/custody                                     read-custody
GET   /api/duties                                      read-duties
GET   /api/holders                                     read-custody
GET   /api/doubts                                      read-doubts
GET   /api/artifact-terms                              read-duties
POST  /api/imports                                     import-sheet
GET   /api/imports/{import_id}                         read-import
POST  /api/imports/{import_id}/withdraw                withdraw-import

POST  /api/cases                                       open-case
GET   /api/cases                                       read-cases
GET   /api/cases/receipts/{receipt}                    read-open
GET   /api/cases/{case_id}                             read-cases
GET   /api/cases/{case_id}/history                     read-cases
GET   /api/cases/{case_id}/receipt.pdf                 read-paper
GET   /api/cases/{case_id}/confirmation.pdf            read-paper
GET   /api/cases/{case_id}/application.pdf             read-paper
GET   /api/cases/{case_id}/replacement.pdf             read-paper
POST  /api/cases/{case_id}/ask-supplement              ask-supplement
POST  /api/cases/{case_id}/receive-supplement          receive-supplement
POST  /api/cases/{case_id}/identify                    identify-award
POST  /api/cases/{case_id}/check-archive               check-archive
POST  /api/cases/{case_id}/confirm                     confirm-award
POST  /api/cases/{case_id}/return                      take-back-case
POST  /api/cases/{case_id}/receive-result              receive-result
POST  /api/cases/{case_id}/suspend                     suspend-case
POST  /api/cases/{case_id}/resume                      resume-case
POST  /api/cases/{case_id}/transfer                    transfer-case
POST  /api/cases/{case_id}/report-decision-error       report-decision-error
POST  /api/cases/{case_id}/accept-correction           accept-correction
POST  /api/cases/{case_id}/prioritize                  prioritize-case
POST  /api/cases/{case_id}/end-priority                prioritize-case
POST  /api/cases/{case_id}/close                       close-case
POST  /api/cases/{case_id}/reopen                      reopen-case
POST  /api/case-batches                                send-batch
GET   /api/case-batches/{batch_id}.xlsx                read-cases
GET   /api/case-batches/{batch_id}.csv                 read-cases
GET   /api/case-batches/{batch_id}/letter.pdf          read-paper
GET   /api/case-batches/{batch_id}                     read-cases

POST  /api/stock                                       open-stock-item
GET   /api/stock                                       read-stock
GET   /api/stock/{item_id}                             read-stock
GET   /api/stock/{item_id}/movements                   read-stock
GET   /api/stock/{item_id}/ledger                      read-stock
POST  /api/stock/{item_id}/receive                     receive-stock
POST  /api/stock/{item_id}/move                        move-stock
POST  /api/stock/{item_id}/allocate                    allocate-stock
POST  /api/stock/{item_id}/return                      return-stock
POST  /api/stock/{item_id}/spoil                       spoil-stock
POST  /api/stock/{item_id}/destroy                     destroy-stock
POST  /api/stock/{item_id}/count                       count-stock
GET   /api/stock-ledger                                read-stock
GET   /api/stock-serials/{serial:path}                 read-stock
GET   /api/reports/artifacts                           read-reports
GET   /api/reports/artifacts.json                      read-reports
GET   /api/reports/artifacts.xlsx                      read-reports
"""


@dataclass(frozen=True, slots=True)
class Address:
    """A line of the table: a method and a path with places for names, and the act that it is."""

    method: str
    path: str
    act: Act
    pieces: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether the last place takes slashes too."""
        return self.pieces[-1].endswith(":path}")

    def names(self, pieces: Sequence[str]) -> dict[str, str] | None:
        """What stands in the places of the path; None if it is another path."""
        if len(pieces) < len(self.pieces):
            return None
        found = {}
        for own, given in zip(self.pieces, pieces, strict=False):
            if not own.startswith("{"):
                if own != given:
                    return None
                continue
            name, _, end = own[1:].partition("}")
            # A long place may be empty: the router says what it thinks of that.
            if not given.endswith(end) or not (given or ":" in name):
                return None
            found[name.partition(":")[0]] = given.removesuffix(end)
        return found


def _read(line: str) -> Address:
    method, path, act = line.split()
    return Address(method, path, ACTS[act], tuple(path.split("/")[1:]))


ADDRESSES: Final = tuple(_read(line) for line in _TABLE.strip().splitlines() if line)


def _by_shape() -> Mapping[tuple[str, int, str], tuple[Address, ...]]:
    """Addresses by method, number of pieces and their first two, as far as these are fixed."""
    shapes: dict[tuple[str, int, str], list[Address]] = {}
    for address in ADDRESSES:
        if not address.is_long:
            shapes.setdefault(_shape(address.method, address.pieces), []).append(address)
    return {shape: tuple(found) for shape, found in shapes.items()}


def _shape(method: str, pieces: Sequence[str]) -> tuple[str, int, str]:
    within = pieces[1] if pieces[0] == "api" and len(pieces) > 1 else ""
    return method, len(pieces), f"{pieces[0]}/{within}"


_SHAPES: Final = _by_shape()
# What is asked most has no names in its path: one look is enough.
_FIXED: Final = {(one.method, one.path): one for one in ADDRESSES if "{" not in one.path}
_LONG: Final = tuple(address for address in ADDRESSES if address.is_long)


def find_address(method: str, path: str) -> tuple[Address, dict[str, str]] | None:
    """The line for a request, and the names in its path; None where there is no such route."""
    known = _FIXED.get((method, path))
    if known is not None:
        return known, {}
    pieces = path.split("/")[1:] or [""]
    for address in _candidates("GET" if method == "HEAD" else method, pieces):
        names = address.names(pieces)
        if names is not None:
            return address, names
    return None


def methods_of(path: str) -> tuple[str, ...]:
    """The methods that a path takes; none where it is no address."""
    return tuple(one for one in ("GET", "POST") if find_address(one, path) is not None)


def _candidates(method: str, pieces: Sequence[str]) -> Iterator[Address]:
    yield from _SHAPES.get(_shape(method, pieces), ())
    for address in _LONG:
        if address.method == method:
            yield address
