"""The press: a layout and its data become a PDF, by typst, in this process.

Data reach a layout as JSON strings and are never read as markup. Only the type in `fonts/` is
used, so that what is installed on a machine cannot change a paper; the moment in the file is
given by the caller, so that the same input gives the same bytes.

Two properties of typst to know. It keeps what it laid out lately, some half megabyte a page, so
a whole decision is printed by a process of its own (see `run`). And a process that has compiled
must not fork and go on as Python, because typst's threads are not copied; starting programs, as
`subprocess` does, is safe.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import typst

from api.papers.designs import TEMPLATES
from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

FONTS: Final = Path(__file__).with_name("fonts")
# To be kept for long, and to be heard by who cannot see.
STANDARDS: Final[list[Literal["a-3a", "ua-1"]]] = ["a-3a", "ua-1"]
CHARACTERS_CACHED_MAX: Final = 64
_MISSING: Final = re.compile(r'the text `"(.+?)"` could not be displayed with font')

Layout = Literal["certificate", "overprint", "test_sheet", "slip", "probe"]

_pressing = Lock()


def typeset(layout: Layout, document: Mapping[str, Any], made_at: datetime) -> bytes:
    """Set a document as PDF/A-3a and PDF/UA-1 in one; `made_at` is the moment that the file says.

    Raises `Rejected` naming a character that the type lacks: a name is printed as it is written,
    or not at all.
    """
    return _compile(layout, msgspec.json.encode(document).decode(), made_at, archival=True)


def typeset_part(layout: Layout, document: Mapping[str, Any], made_at: datetime) -> bytes:
    """Set some pages of a larger file, as plain PDF; raises as `typeset`.

    The archival standard costs half as much again as setting the page does, and joining the
    pages would lose it.
    """
    given = msgspec.json.encode(document).decode()
    _check_characters("".join(sorted(set(given))))
    return _compile(layout, given, made_at, archival=False)


@lru_cache(CHARACTERS_CACHED_MAX)
def _check_characters(characters: str) -> None:
    # typst leaves out in silence what the type lacks, unless PDF/A is asked for.
    probe = msgspec.json.encode({"title": "-", "characters": characters}).decode()
    _compile("probe", probe, datetime.fromtimestamp(0, UTC), archival=True)


def _compile(layout: Layout, document: str, made_at: datetime, *, archival: bool) -> bytes:
    with _pressing:
        try:
            made = _compiler(layout).compile(
                format="pdf",
                sys_inputs={"document": document},
                timestamp=int(made_at.timestamp()),
                pdf_standards=[*STANDARDS] if archival else [],
                pdf_tags=archival,
            )
        except typst.TypstError as error:
            missing = _MISSING.search(error.message)
            if missing is None:
                raise
            raise Rejected("paper-character-missing", typed=missing[1][:20]) from None
    assert isinstance(made, bytes)  # noqa: S101 - what a PDF is when no file is named
    # What is added later, such as a signature, begins on a line of its own (ISO 19005-3, 6.1.9).
    return made if made.endswith(b"\n") else made + b"\n"


@cache
def _compiler(layout: Layout) -> typst.Compiler:
    return typst.Compiler(
        TEMPLATES / f"{layout}.typ",
        root=TEMPLATES,
        font_paths=_type(),
        # Nothing is fetched: layouts import nothing from elsewhere, and this is no package store.
        package_path=TEMPLATES,
        package_cache_path=TEMPLATES,
    )


@cache
def _type() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
