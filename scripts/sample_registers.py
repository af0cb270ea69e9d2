"""Make registers for trials and benchmarks: invented people, real layouts, real dirt.

    python -m scripts.sample_registers decision --rows 1200 --out decision-list.xlsx
    python -m scripts.sample_registers legacy --rows 1000000 --clean --out legacy-1m.csv

`decision` is a list attached to one provincial decision, in the nine columns that provincial
offices fill in. `legacy` is an old paper register typed into a sheet: resistance-era awards,
partial dates, spelling variants, mistakes. Beside FILE stands FILE.expected.json: how many rows
are good, duplicate, doubtful (a warning, still recorded) or bad, and which are bad.

The same seed gives the same rows: every draw from the generator keeps its place in the order.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["decision", "legacy"]
Row: TypeAlias = list[Any]

DEFAULT_ROWS: Final = 1_200
ORIGINALS_REMEMBERED: Final = 500

_WORDS: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("sample_words.json").read_bytes()
)
_FORM: Final = "Bằng khen cấp bộ, ban, ngành, tỉnh, đoàn thể trung ương"
_WORKER: Final = "Người trực tiếp công tác, lao động, học tập, chiến đấu và phục vụ chiến đấu"
_CLASS_WORDS: Final = {
    1: ["Nhất", "nhất", "I", "1"],
    2: ["Nhì", "nhì", "II", "2"],
    3: ["Ba", "ba", "III", "3"],
}
_OLD_TONE: Final = {
    "Hòa": "Hoà",
    "Thúy": "Thuý",
    "Thụy": "Thuỵ",
    "Tỏa": "Toả",
    "Kỳ": "Kì",
    "Sỹ": "Sĩ",
}
_DATE_PRECISIONS: Final = {0: "none", 4: "year", 5: "approximate", 7: "month", 10: "day"}
_WAR_END: Final = {True: 1954, False: 1975}


@dataclass(frozen=True, slots=True)
class SampleRegister:
    """A made register: what stands above it, its rows, and what an import must find."""

    title: str
    header: list[str]
    rows: list[Row]
    expected: Mapping[str, Any]


def make_register(kind: Kind, rows: int, seed: int = 1, *, clean: bool = False) -> SampleRegister:
    """Make a register of so many rows; a clean one has no mistakes."""
    draw = random.Random(seed)  # noqa: S311 - invented people need no secrecy
    title, header = _WORDS[f"{kind}_title"], _WORDS[f"{kind}_header"]
    if kind == "decision":
        made, expected = _decision_rows(draw, rows, clean=clean)
    else:
        made, expected = _LegacyMaker(draw, clean=clean).make(rows)
    return SampleRegister(title, header, made, expected)


def write_register(register: SampleRegister, path: Path) -> None:
    """Write a register as .csv or .xlsx, by the file's name, and what to expect beside it."""
    if path.suffix == ".csv":
        _write_csv(register, path)
    else:
        _write_workbook(register, path)
    expected = json.dumps(register.expected, ensure_ascii=False, indent=1)
    path.with_name(f"{path.name}.expected.json").write_text(f"{expected}\n", encoding="utf-8")


def _write_csv(register: SampleRegister, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([text.replace("\n", " ") for text in register.header])
        writer.writerows(register.rows)


def _write_workbook(register: SampleRegister, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("DANHSACH")
        for number, row in enumerate([[register.title], [], register.header, *register.rows]):
            sheet.write_row(number, 0, row)


def _person(draw: random.Random) -> tuple[str, str]:
    """An invented name and the sex it is usual for."""
    man = draw.random() < 0.6  # noqa: PLR2004 - shares are what this file is made of
    middle, given = ("middle_men", "given_men") if man else ("middle_women", "given_women")
    parts = [draw.choice(_WORDS[words]) for words in ("family", middle, given)]
    return " ".join(parts), "Nam" if man else "Nữ"


# A decision's list --------------------------------------------------------------------------


def _decision_rows(
    draw: random.Random, wanted: int, *, clean: bool
) -> tuple[list[Row], Mapping[str, Any]]:
    rows: list[Row] = []
    outcome: Counter[str] = Counter()
    bad: list[int] = []
    seen: set[tuple[str, ...]] = set()
    while len(rows) < wanted:
        number, share = len(rows) + 1, draw.random()
        row = _decision_row(draw, number, share, rows, clean=clean)
        if not clean and share >= 0.01 and draw.random() < 0.015:  # noqa: PLR2004
            _spoil_decision_row(draw, row)
            outcome["rejected"] += 1
            bad.append(number)
        else:
            key = tuple(unicodedata.normalize("NFC", str(cell or "")) for cell in row[1:8])
            outcome["duplicates" if key in seen else "accepted"] += 1
            seen.add(key)
        rows.append(row)
    counts = {name: outcome[name] for name in ("accepted", "duplicates", "rejected")}
    return rows, {"rows": wanted, **counts, "bad_rows": bad}


def _decision_row(
    draw: random.Random, number: int, share: float, rows: list[Row], *, clean: bool
) -> Row:
    if not clean and share < 0.01 and rows:  # noqa: PLR2004 - the same line typed twice
        return [number, *draw.choice(rows)[1:]]
    if share < 0.8:  # noqa: PLR2004
        return _person_row(draw, number)
    if share < 0.93:  # noqa: PLR2004
        return _collective_row(draw, number)
    name = f"Hộ gia đình ông {_person(draw)[0]}"
    unit = f"Xã {draw.choice(_WORDS['communes'])}"
    kind = "Khen thưởng hộ gia đình"
    return [number, None, name, None, unit, kind, _FORM, "Hộ gia đình", None]


def _person_row(draw: random.Random, number: int) -> Row:
    name, sex = _person(draw)
    position = draw.choice(_WORDS["positions"])
    unit = draw.choice(_WORDS["units"])
    honorific = "Ông" if sex == "Nam" else "Bà"
    rank = _WORDS["ranks"].get(position, _WORKER)
    activity = draw.choice(_WORDS["fields"])
    kind = "Khen thưởng cá nhân"
    return [number, honorific, name, position, unit, kind, _FORM, rank, activity]


def _collective_row(draw: random.Random, number: int) -> Row:
    name = (
        f"{draw.choice(_WORDS['collectives'])} {draw.choice(_WORDS['tasks'])} {draw.randint(1, 40)}"
    )
    unit = draw.choice(_WORDS["units"])
    activity = draw.choice(_WORDS["fields"])
    kind = "Khen thưởng tập thể"
    return [number, None, name, None, unit, kind, _FORM, "Đơn vị sự nghiệp", activity]


def _spoil_decision_row(draw: random.Random, row: Row) -> None:
    fault = draw.choice(["name", "form", "kind"])
    place, spoiled = {
        "name": (2, None),
        "form": (6, "Bằng khen hạng tư"),
        "kind": (5, "Khen thưởng khác"),
    }[fault]
    row[place] = spoiled


# An old register ----------------------------------------------------------------------------


@dataclass(slots=True)
class _LegacyMaker:
    draw: random.Random
    clean: bool
    outcome: Counter[str] = field(default_factory=Counter)
    bad: list[dict[str, Any]] = field(default_factory=list)
    forms: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[Any, ...]] = field(default_factory=set)
    books: set[str] = field(default_factory=set)
    originals: list[Row] = field(default_factory=list)
    golden: int = 0

    def make(self, wanted: int) -> tuple[list[Row], Mapping[str, Any]]:
        """So many rows, and what to expect of them."""
        rows = [self._row(number) for number in range(1, wanted + 1)]
        names = ("accepted", "duplicates", "rejected", "doubtful")
        return rows, {
            "rows": wanted,
            **{name: self.outcome[name] for name in names},
            "bad_rows": self.bad,
            "accepted_by_form_and_class": dict(sorted(self.forms.items())),
            "accepted_by_date_precision": dict(sorted(self.dates.items())),
        }

    def _row(self, number: int) -> Row:
        if not self.clean and self.originals and self.draw.random() < 0.02:  # noqa: PLR2004
            self.outcome["duplicates"] += 1
            return self._typed_again(number)
        code, award_class, row, meaning = self._fresh_row(number)
        if not self.clean and self.draw.random() < 0.02:  # noqa: PLR2004
            self.outcome["rejected"] += 1
            self.bad.append({"row": number, "fault": self._spoil(row)})
        else:
            self._count(code, award_class, row, meaning)
        return row

    def _typed_again(self, number: int) -> Row:
        """An earlier line in other spellings: decomposed letters, old tone places."""
        row = [number, *self.draw.choice(self.originals[-ORIGINALS_REMEMBERED:])[1:]]
        row[1] = unicodedata.normalize("NFD", row[1])
        for new, old in _OLD_TONE.items():
            newly, formerly = (unicodedata.normalize("NFD", text) for text in (new, old))
            row[1] = row[1].replace(newly, formerly)
        row[7] = row[7].replace("/", " ").replace("-", "/")
        return row

    def _fresh_row(self, number: int) -> tuple[str, int | None, Row, str]:
        draw = self.draw
        name, sex = _person(draw)
        code, classes, spellings = draw.choice(_WORDS["legacy_forms"])
        award_class = draw.randint(1, classes) if classes else None
        spelling: str = draw.choice(spellings)
        form = spelling.format(c=draw.choice(_CLASS_WORDS[award_class]) if award_class else "")
        war_end = _WAR_END["FR" in code]
        year = draw.randint(war_end + 5, 2003)
        typed, meaning = self._date(year)
        known = self.clean or draw.random() < 0.9  # noqa: PLR2004
        born = str(draw.randint(1900, war_end - 14)) if known else ""
        decision, issuer = self._decision(year)
        book = self._golden_number()
        native_place = (
            f"xã {draw.choice(_WORDS['communes'])}, huyện {draw.choice(_WORDS['districts'])},"
            f" tỉnh {draw.choice(_WORDS['provinces'])}"
        )
        residence = f"xã {draw.choice(_WORDS['communes'])}, tỉnh Lào Cai"
        posthumous = "x" if draw.random() < 0.2 else ""  # noqa: PLR2004
        place = [native_place, residence]
        award = [form, decision, typed, issuer, book, posthumous, ""]
        return code, award_class, [number, name, born, sex, *place, *award], meaning

    def _date(self, year: int) -> tuple[str, str]:
        """A date as typed, and its meaning as EDTF: empty where nothing is known."""
        month, day = self.draw.randint(1, 12), self.draw.randint(1, 28)
        share = self.draw.random()
        if self.clean or share < 0.45:  # noqa: PLR2004
            return f"{day:02d}/{month:02d}/{year}", f"{year}-{month:02d}-{day:02d}"
        if share < 0.6:  # noqa: PLR2004
            return f"{month}/{year}", f"{year}-{month:02d}"
        if share < 0.85:  # noqa: PLR2004
            return str(year), str(year)
        if share < 0.92:  # noqa: PLR2004
            return f"khoảng {year}", f"{year}~"
        return "", ""

    def _decision(self, year: int) -> tuple[str, str]:
        """A decision's number in the fashion of its time (now and then unknown), its issuer."""
        number = self.draw.randint(1, 900)
        issuer, suffix = next(
            (issuer, suffix)
            for since, issuer, suffix in (
                (1992, "Chủ tịch nước", "QĐ/CTN"),
                (1981, "Hội đồng Nhà nước", "KT/HĐNN"),
                (0, "Chủ tịch nước", "LCT"),
            )
            if year >= since
        )
        forgotten = not self.clean and self.draw.random() < 0.05  # noqa: PLR2004
        return "" if forgotten else f"{number} {suffix}", issuer

    def _golden_number(self) -> str:
        """The next number of the golden book; now and then the one before once more."""
        self.golden += 1
        repeated = not self.clean and self.draw.random() < 0.01  # noqa: PLR2004
        return str(max(1, self.golden - 1) if repeated else self.golden)

    def _spoil(self, row: Row) -> str:
        fault = self.draw.choice(["name", "form", "class", "date"])
        place, spoiled = {
            "name": (1, ""),
            "form": (6, "Huân chương Anh dũng hạng tư"),
            "class": (6, "Bằng Có công với nước hạng Nhất"),
            "date": (8, "31/02/1985"),
        }[fault]
        row[place] = spoiled
        return fault

    def _count(self, code: str, award_class: int | None, row: Row, meaning: str) -> None:
        name, born, decision, book = row[1], row[2], row[7], row[10]
        key = (name, born, row[4], code, award_class, decision, meaning)
        if key in self.seen:
            self.outcome["duplicates"] += 1
            return
        self.seen.add(key)
        if decision and born and meaning:
            self.originals.append(row)
            del self.originals[:-ORIGINALS_REMEMBERED]
        self.outcome["accepted"] += 1
        self.outcome["doubtful"] += book in self.books
        self.books.add(book)
        self.forms[f"{code}:{award_class or ''}"] += 1
        self.dates[_DATE_PRECISIONS[len(meaning)]] += 1


def main() -> None:
    """Make a register as the arguments say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=["decision", "legacy"])
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clean", action="store_true", help="no mistakes, for benchmarks")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    register = make_register(chosen.kind, chosen.rows, chosen.seed, clean=chosen.clean)
    write_register(register, chosen.out)
    counts = {name: n for name, n in register.expected.items() if isinstance(n, int)}
    print(f"{chosen.out}: {counts}", file=sys.stderr)


if __name__ == "__main__":
    main()
