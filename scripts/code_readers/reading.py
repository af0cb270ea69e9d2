"""Wears the codes of pages and has them read; prints the tables of docs/adr/0008 as Markdown.

    python -m scripts.code_readers.reading FOLDER TOOLS [--quick]

A condition counts as read if more than half of the tries were: one try where nothing is left to
chance, else seven, each with other spots.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import segno
import zxingcpp
from segno.consts import MODE_BYTE, MODE_NUMERIC

from scripts.code_readers.readers import Reader, make_readers
from scripts.code_readers.wear import AROUND, CONDITIONS, WHITE, WITH_CHANCE, Picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RESOLUTIONS: Final = (100, 150, 200, 300)
USUAL: Final = 200
SIDE_MM: Final = 55.0
QUIET_MODULES: Final = 4
MILLIMETRES_PER_INCH: Final = 25.4
TRIES: Final = 7
# What was chosen between: sides in millimetres with the quiet zone, and levels.
CHOICES: Final = tuple((side, level) for side in (25.0, 45.0, 50.0, 55.0) for level in "mqh")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with a code, and what the code must lead to."""

    name: str
    path: Path
    link: str


def main() -> None:
    """Print what was read."""
    folder, tools = Path(sys.argv[1]), Path(sys.argv[2])
    told = json.loads((folder / "sheets.json").read_text())
    sheets = [Sheet(one["name"], folder / one["file"], one["link"]) for one in told]
    readers = make_readers(tools)
    if "--quick" not in sys.argv:
        _print_choices(sheets[0].link, readers)
    _print_resolutions(sheets[0], readers)
    _print_sheets(sheets, readers)


# The tables ---------------------------------------------------------------------------------


def _print_choices(link: str, readers: Mapping[str, Reader]) -> None:
    _head(
        f"conditions read at {USUAL} dpi, by size and level", ("side", "level", "module"), readers
    )
    for side, level in CHOICES:
        matrix = _matrix(link, level)
        found = _read_all(_drawn(matrix, side), link, readers)
        module = side / (len(matrix) + 2 * QUIET_MODULES)
        _row((f"{side:g} mm", level.upper(), f"{module:.2f} mm"), _scores(found))


def _print_resolutions(sheet: Sheet, readers: Mapping[str, Reader]) -> None:
    _head(f"tries read of {sheet.name}, by condition", ("dpi", "condition", "tries"), readers)
    for resolution in RESOLUTIONS:
        found = _read_all(_code_on(sheet, resolution), sheet.link, readers)
        for condition, read in found.items():
            _row((str(resolution), condition, str(_tries(condition))), read.values())
        _row((f"**{resolution}**", "**conditions read**", "13"), _scores(found))


def _print_sheets(sheets: Iterable[Sheet], readers: Mapping[str, Reader]) -> None:
    _head(f"conditions read at {USUAL} dpi, on every design and blank", ("page",), readers)
    for sheet in sheets:
        found = _read_all(_code_on(sheet, USUAL), sheet.link, readers)
        _row((sheet.name,), _scores(found))


def _head(title: str, columns: tuple[str, ...], readers: Mapping[str, Reader]) -> None:
    print(f"\n{title}:\n")
    print("|", " | ".join((*columns, *readers)), "|")
    print("|" + "---|" * (len(columns) + len(readers)))


def _row(columns: tuple[str, ...], figures: Iterable[int]) -> None:
    print("|", " | ".join((*columns, *map(str, figures))), "|", flush=True)


# Reading ------------------------------------------------------------------------------------


def _tries(condition: str) -> int:
    return TRIES if condition in WITH_CHANCE else 1


def _read_all(
    picture: Picture, link: str, readers: Mapping[str, Reader]
) -> dict[str, dict[str, int]]:
    """How many tries each reader read, by condition."""
    found = {}
    for number, (condition, wear) in enumerate(CONDITIONS.items()):
        worn = [
            wear(picture, np.random.default_rng([one, number])) for one in range(_tries(condition))
        ]
        found[condition] = {
            name: sum(read(one) == link for one in worn) for name, read in readers.items()
        }
    return found


def _scores(found: Mapping[str, Mapping[str, int]]) -> list[int]:
    names = next(iter(found.values()))
    return [
        sum(2 * read[name] > _tries(condition) for condition, read in found.items())
        for name in names
    ]


# Pictures -----------------------------------------------------------------------------------


def _code_on(sheet: Sheet, resolution: int) -> Picture:
    """The first code of a page, with some of what stands around it."""
    target = sheet.path.with_suffix("")
    command = ["pdftoppm", "-gray", "-r", str(resolution), "-singlefile", sheet.path, target]
    subprocess.run([str(part) for part in command], check=True)
    page = cv2.imread(str(target.with_suffix(".pgm")), cv2.IMREAD_GRAYSCALE)
    assert page is not None  # noqa: S101 - it was just written
    code = min(zxingcpp.read_barcodes(page), key=lambda one: one.position.top_left.y)
    first, last = code.position.top_left, code.position.bottom_right
    reach = SIDE_MM * (0.5 + AROUND) / MILLIMETRES_PER_INCH * resolution
    x, y = (first.x + last.x) / 2, (first.y + last.y) / 2
    # Where the paper ends there is white, so that spots fall on every sheet alike.
    border = round(reach)
    page = cv2.copyMakeBorder(
        page, border, border, border, border, cv2.BORDER_CONSTANT, value=(WHITE,)
    )
    top, left = round(y - reach) + border, round(x - reach) + border
    size = round(2 * reach)
    return np.ascontiguousarray(page[top : top + size, left : left + size])


def _matrix(link: str, level: str) -> Picture:
    address, _, digits = link.rpartition("#")
    segments = [(address + "#", MODE_BYTE), (digits, MODE_NUMERIC)]
    code = segno.make(segments, error=level, boost_error=False, micro=False, mask=2)  # type: ignore[arg-type]
    return np.array([[0 if dark else WHITE for dark in row] for row in code.matrix], np.uint8)


def _drawn(matrix: Picture, side_mm: float) -> Picture:
    """A code as a scanner would see it whose pixels lie across its modules."""
    fine = 4
    cells = np.kron(
        np.pad(matrix, QUIET_MODULES, constant_values=WHITE), np.ones((12, 12), np.uint8)
    )
    side = side_mm / MILLIMETRES_PER_INCH * USUAL
    whole = round(side * (1 + 2 * AROUND))
    scale, begin = side * fine / len(cells), (side * AROUND + 0.37) * fine
    place = np.array([[scale, 0, begin], [0, scale, begin]])
    size = (whole * fine, whole * fine)
    large = cv2.warpAffine(cells, place, size, flags=cv2.INTER_AREA, borderValue=WHITE)
    return cv2.resize(large, (whole, whole), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
