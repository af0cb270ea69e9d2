"""`sovang verify`: a certificate checked without database and network. Exit code 4 means no.

What is checked may be what the QR code holds (a link, or its digits), a PDF file, or a credential
as JSON. Whose keys count is in the key list: the file given, else the one in the register's home.
Its roots are those of a file known beforehand, or else taken from the list itself, which is as
good as the way on which the list came. The newest list that was seen for a log is remembered, and
an older one is refused.

The page of a PDF file is a question of its own: see `api.verification.carried`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.verification.carried import PDF_BYTES_MAX
from api.verification.file_records import FILE_PROOF_SUFFIX
from registry.errors import Rejected, VerificationFailed
from registry.key_set import signing_folder
from registry.known_lists import KnownLists
from registry.messages import describe, form_with_class, format_date, format_time
from registry.proofs.status_lists import verify_current, verify_list
from scripts.command_line.checked_files import (
    Checked,
    CheckedPage,
    check_credential,
    check_file,
    check_payload,
)
from scripts.command_line.failures import DONE, REFUTED
from scripts.command_line.sealing import read_roots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.proofs.key_list import KeyList
    from scripts.command_line.session import Session

FILE_BYTES_MAX: Final = PDF_BYTES_MAX + 1
PAGE_LINES_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """`not-revoked` or `revoked` as of a moment; `unknown`, and why."""

    state: str
    as_of: str | None = None
    until: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What the check relies on beside what is checked; None where nothing was given."""

    keys: Path | None
    roots: Path | None
    status: Path | None
    proof: Path | None
    file_proof: Path | None = None


def run(session: Session, given: str, files: Files, version_min: int = 0) -> int:
    """Check and say. Raises `Rejected` for files that cannot be used."""
    now = datetime.now(UTC)
    known = KnownLists(session.settings.state)
    try:
        content, roots = _read(_keys_path(session, files), "--keys"), read_roots(files.roots)
        key_list = known.accept(content, roots, int(now.timestamp()), version_min)
        checked, page = _check(given, files, key_list)
        standing = _standing(checked, key_list, files.status, now)
    except VerificationFailed as error:
        return _refuse(session, error)
    trusted = _trusted(key_list, files, now, known)
    told = {**asdict(checked), "standing": asdict(standing)}
    if page is not None and page.refusal is not None:
        return _refuse_page(session, page, {**told, "page": page.as_json(), "trusted": trusted})
    if session.as_json:
        shown = {"page": page.as_json()} if page is not None else {}
        session.answer({"authentic": True, **told, **shown, "trusted": trusted})
    else:
        _tell(session, checked, standing)
        _tell_page(session, page)
        _tell_trust(session, key_list, files, trusted)
    return REFUTED if standing.state == "revoked" else DONE


def _trusted(key_list: KeyList, files: Files, now: datetime, known: KnownLists) -> dict[str, Any]:
    """Whose word the verdict rests on, and how old that word is."""
    issued_at = datetime.fromtimestamp(key_list.issued_at, UTC)
    return {
        "key_list_version": key_list.version,
        "key_list_issued_at": issued_at.isoformat(),
        "key_list_age_days": max((now - issued_at).days, 0),
        "key_list_remembered": known.remembers,
        "trial": key_list.trial,
        "roots_pinned": files.roots is not None,
    }


def _keys_path(session: Session, files: Files) -> Path:
    return files.keys or signing_folder(session.settings.home) / "key-list"


def _check(given: str, files: Files, key_list: KeyList) -> tuple[Checked, CheckedPage | None]:
    proof = _read(files.proof, "--proof") if files.proof is not None else None
    lowered = given.lower()
    if lowered.endswith(".pdf"):
        content, file_proof = _read(Path(given), "PAYLOAD"), _file_proof(given, files)
        return check_file(content, key_list, proof, file_proof)
    if lowered.endswith(".json"):
        content = _read(Path(given), "PAYLOAD")
        return check_credential("credential", content, key_list, proof), None
    return check_payload("payload", given, key_list, proof), None


def _file_proof(given: str, files: Files) -> bytes | None:
    """The log's proof of the file itself: the one named, else the one that lies beside it."""
    if files.file_proof is not None:
        return _read(files.file_proof, "--file-proof")
    beside = Path(given + FILE_PROOF_SUFFIX)
    return _read(beside, "--file-proof") if beside.is_file() else None


def _standing(checked: Checked, key_list: KeyList, status: Path | None, now: datetime) -> Standing:
    """What the list says; one that cannot answer leaves it unknown, a foreign one is refused."""
    if status is None:
        return Standing("unknown", code="status-list-not-given")
    text = _read(status, "--status").decode("ascii", "replace").strip()
    found = verify_current(text, key_list)
    verify_list(found, checked.status_index, now)
    state = "revoked" if found.is_set(checked.status_index) else "not-revoked"
    return Standing(state, found.valid_from.isoformat(), found.valid_until.isoformat())


def _refuse(session: Session, error: VerificationFailed) -> int:
    sentence = describe(error.code, error.params, session.language)
    if session.as_json:
        session.answer({"authentic": False, "code": error.code, "detail": sentence})
    else:
        print(session.text("verify.refused", reason=sentence))
    return REFUTED


def _refuse_page(session: Session, page: CheckedPage, told: dict[str, Any]) -> int:
    """Say that the page is not to be believed, what it says, and what is genuine inside."""
    error = page.refusal
    assert error is not None  # noqa: S101 - asked by the caller
    sentence = describe(error.code, _spoken(session, error), session.language)
    if session.as_json:
        inside = {name: one for name, one in told.items() if name not in {"page", "trusted"}}
        session.answer(
            {
                "authentic": False,
                "code": error.code,
                "detail": sentence,
                "page": told["page"],
                "credential": {"authentic": True, **inside},
                "trusted": told["trusted"],
            }
        )
        return REFUTED
    print(session.text("verify.refused", reason=sentence))
    _tell_page(session, page)
    print(session.text("verify.inside"))
    _tell_claims(session, told)
    return REFUTED


def _spoken(session: Session, error: VerificationFailed) -> dict[str, object]:
    """The parameters of a refusal; fields under the names that people know."""
    params: dict[str, object] = dict(error.params)
    if "fields" in params:
        fields = str(params["fields"]).split(", ")
        params["fields"] = ", ".join(
            session.text(f"verify.{one.replace(chr(95), chr(45))}") for one in fields
        )
    return params


def _tell_page(session: Session, page: CheckedPage | None) -> None:
    """What the page says, where that is not just what was signed; and who vouches for it."""
    if page is None:
        return
    if page.vouched_by is not None:
        print(session.text(f"verify.page-by-{page.vouched_by}"))
    print(session.text("verify.page-says"))
    for line in page.says[:PAGE_LINES_MAX]:
        print(f"  | {line}")
    if page.not_on_page:
        fields = ", ".join(
            session.text(f"verify.{one.replace('_', '-')}") for one in page.not_on_page
        )
        print(session.text("verify.not-on-page", fields=fields))


def _tell(session: Session, checked: Checked, standing: Standing) -> None:
    print(session.text("verify.genuine"))
    _tell_claims(session, asdict(checked))
    if checked.leaf_index is not None:
        print(session.text("verify.in-log", leaf=checked.leaf_index))
    as_of = standing.as_of
    when = format_time(datetime.fromisoformat(as_of), session.language) if as_of else ""
    print(session.text(f"verify.{standing.state}", when=when))


def _tell_claims(session: Session, told: Mapping[str, Any]) -> None:
    form, _, award_class = told["form"].partition(":")
    for code, value in (
        ("name", told["name"]),
        ("form", form_with_class(form, award_class or None, session.language)),
        ("decision", told["decision"]),
        ("awarded-on", format_date(told["awarded_on"] or "", session.language)),
        ("serial", told["serial"]),
    ):
        if value:
            print(f"  {session.text(f'verify.{code}')}: {value}")


def _tell_trust(
    session: Session, key_list: KeyList, files: Files, trusted: Mapping[str, Any]
) -> None:
    """Say whose word the verdict rests on, how old, and where nobody named the roots beforehand."""
    issued = datetime.fromisoformat(trusted["key_list_issued_at"])
    session.say(
        "verify.key-list-age",
        version=key_list.version,
        days=trusted["key_list_age_days"],
        issued=format_time(issued, session.language),
    )
    if key_list.trial:
        session.say("audit.trial")
    if files.roots is None:
        roots = "\n".join(str(root) for root in key_list.roots)
        session.say("verify.unpinned", keys=_keys_path(session, files), roots=roots)


def _read(path: Path, argument: str) -> bytes:
    """The content of a file. Raises `Rejected` naming the argument."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Rejected("file-unreadable", field=argument, path=str(path), reason=reason) from error
