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

from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import typst

from api.papers.designs import TEMPLATES
from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FONTS: Final = Path(__file__).with_name("fonts")
_MISSING: Final = "could not be displayed with"

Layout = Literal["certificate", "overprint", "test_sheet", "slip"]
Standard = Literal["a-3a"]

_pressing = Lock()


def typeset(
    layout: Layout,
    document: Mapping[str, Any],
    made_at: datetime,
    *,
    standard: Standard | None = None,
    tagged: bool = True,
) -> bytes:
    """Set a document; `made_at` is the moment that the file says it was made at.

    Raises `Rejected` where an archival standard is asked for and the type lacks a character.
    """
    given = {"document": msgspec.json.encode(document).decode()}
    with _pressing:
        try:
            made = _compiler(layout).compile(
                format="pdf",
                sys_inputs=given,
                timestamp=made_at,
                pdf_standards=[standard] if standard else [],
                pdf_tags=tagged,
            )
        except typst.TypstError as error:
            if _MISSING in error.message:
                raise Rejected("paper-character-missing") from error
            raise
    assert isinstance(made, bytes)  # noqa: S101 - what a PDF is when no file is named
    return made


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
