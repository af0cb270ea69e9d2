"""`sovang catalogue`: what a question of an import may be answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.catalogue import load_catalogue
from registry.text import fold

if TYPE_CHECKING:
    from scripts.command_line.session import Session

_KINDS = (
    ("individual", "Cá nhân"),
    ("collective", "Tập thể"),
    ("household", "Hộ gia đình"),
    ("family", "Gia đình"),
)


def run(session: Session, text: str) -> None:
    """List forms with their classes, kinds and categories; those that hold `text`, if given."""
    catalogue = load_catalogue()
    wanted = fold(text)
    entries: list[dict[str, Any]] = [
        {"what": "form", "code": form.code, "name": form.name_vi, "classes": list(form.class_codes)}
        for form in catalogue.forms
    ]
    entries += [
        {"what": "kind", "code": code, "name": name, "classes": []} for code, name in _KINDS
    ]
    entries += [
        {"what": "category", "code": code, "name": name, "classes": []}
        for code, name in catalogue.recipient_categories().items()
    ]
    found = [one for one in entries if wanted in fold(f"{one['code']} {one['name']}")]
    if session.as_json:
        session.answer({"entries": found})
        return
    session.table(
        ["column.code", "column.name", "column.classes"],
        [(one["code"], one["name"], ", ".join(one["classes"])) for one in found],
    )
