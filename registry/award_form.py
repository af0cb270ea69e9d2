"""Forms of commendation as the catalogue describes them, and the reading of its JSON.

The catalogue is research, not law: each entry says of itself whether its facts were `read` in
a source or are `recalled` and must not be relied on (see `meta.conventions` in the file).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CATALOGUE_FOLDER: Final = Path(__file__).with_name("data")

_FLAG_NOTE: Final = "Flag for collectives only"


@dataclass(frozen=True, slots=True)
class AuthorityPeriod:
    """Who granted a form from one partial date to another (inclusive; None is open)."""

    valid_from: str | None
    valid_to: str | None
    authority_vi: str
    authority_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class LegalSource:
    """Where a statement about a form was found."""

    citation: str
    url: str | None


@dataclass(frozen=True, slots=True)
class AwardForm:
    """One form of commendation.

    `class_codes` is empty for a form without classes, and otherwise runs from the highest
    (`I`). `components` are the types of artifact that go with the form; none for titles that
    come with money only. `flag_for_collectives_only` narrows them (Decree 85/2014, Art. 3).
    """

    code: str
    name_vi: str
    name_en: str
    kind: str
    class_codes: tuple[str, ...]
    recipients: tuple[str, ...]
    components: tuple[str, ...]
    components_confidence: str
    flag_for_collectives_only: bool
    posthumous_allowed: bool
    status: str
    valid_from: str | None
    valid_to: str | None
    confidence: str
    authorities: tuple[AuthorityPeriod, ...]
    resistance: bool
    wars: tuple[str, ...]
    legal_sources: tuple[LegalSource, ...]
    notes: str


def _parse_authority(entry: dict[str, Any]) -> AuthorityPeriod:
    return AuthorityPeriod(
        valid_from=entry["from"],
        valid_to=entry["to"],
        authority_vi=entry["authority"],
        authority_en=entry["authority_en"],
        confidence=entry["confidence"],
    )


def _parse_form(entry: dict[str, Any]) -> AwardForm:
    return AwardForm(
        code=entry["code"],
        name_vi=entry["name_vi"],
        name_en=entry["name_en"],
        kind=entry["kind"],
        class_codes=tuple(award_class["code"] for award_class in entry["classes"]),
        recipients=tuple(entry["recipients"]),
        components=tuple(entry["artifacts"]),
        components_confidence=entry["artifacts_confidence"],
        flag_for_collectives_only=entry["notes"].startswith(_FLAG_NOTE),
        posthumous_allowed=entry["posthumous_allowed"],
        status=entry["status"],
        valid_from=entry["valid_from"],
        valid_to=entry["valid_to"],
        confidence=entry["confidence"],
        authorities=tuple(map(_parse_authority, entry["granting_authority_by_period"])),
        resistance=entry["resistance"],
        wars=tuple(entry["wars"]),
        legal_sources=tuple(LegalSource(s["citation"], s["url"]) for s in entry["legal_source"]),
        notes=entry["notes"],
    )


def read_json(name: str) -> dict[str, Any]:
    """Return a JSON document that comes with this package."""
    document: dict[str, Any] = json.loads((CATALOGUE_FOLDER / name).read_bytes())
    return document


def data_bytes(name: str) -> bytes:
    """Return the bytes of a document that comes with this package."""
    return (CATALOGUE_FOLDER / name).read_bytes()


def read_json_folder(name: str) -> list[dict[str, Any]]:
    """Return every JSON document of a folder that comes with this package, by file name."""
    paths = sorted((CATALOGUE_FOLDER / name).glob("*.json"))
    return [json.loads(path.read_bytes()) for path in paths]


def read_forms() -> tuple[AwardForm, ...]:
    """Return every form of the catalogue, in its order."""
    return tuple(map(_parse_form, read_json("catalogue.json")["awards"]))
