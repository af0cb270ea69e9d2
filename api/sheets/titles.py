"""What a title or a section line says of everybody below it: their kind, their form, the decision.

“I. TẬP THỂ”, “DANH SÁCH CÁ NHÂN ĐƯỢC TẶNG BẰNG KHEN CỦA CHỦ TỊCH UBND TỈNH”, “Điều 1. Tặng Giấy
khen ... cho 06 cá nhân có tên sau:”.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from registry.catalogue import Ambiguous, Found, load_catalogue
from registry.text import fold

if TYPE_CHECKING:
    from registry.recipient import RecipientKind

TITLES_REMEMBERED_MAX: Final = 1_024
TITLE_CHARACTERS_MAX: Final = 500
_FORM_WORDS_MAX: Final = 20
_SECTION_WORDS_MAX: Final = 25

_NUMBERING: Final = re.compile(
    r"\s*(?:(?:điều|mục|phần)\s+)?(?P<mark>[IVX]{1,5}|[A-ZĐ]|\d{1,3}(?:\.\d{1,2})*|[a-zđ])\s*[.):/-]+\s*"
    r"|\s*(?:điều|mục|phần)\s+(?P<part>\d{1,3}|[IVX]{1,5})\s*[.:]?\s*",
    re.IGNORECASE,
)
_GRANT: Final = re.compile(
    r"\b(?:truy tặng|tặng thưởng|phong tặng|tặng|công nhận|nhận|đạt)\s+", re.IGNORECASE
)
_FORM_BEGINS: Final = re.compile(
    r"\b(?:danh hiệu|huân chương|huy chương|bằng khen|giấy khen|cờ thi đua|chiến s[ĩỹ] thi đua"
    r"|chiến s[ĩỹ] tiên tiến|lao động tiên tiến|tập thể lao động|đơn vị quyết thắng"
    r"|đơn vị tiên tiến|k[ỷỉ] niệm chương|anh hùng|bằng có công|bằng tổ quốc|bảng vàng"
    r"|bảng gia đình|gia đình văn hóa)\b",
    re.IGNORECASE,
)
_QUOTES: Final = str.maketrans('“”"«»', "     ")
_ENDS: Final = re.compile(
    r"[,;:()]|\.\s|\.$|\s(?:cho|đã|có thành|vì|về việc|trong|nhân dịp|năm|đối với|theo|kèm)\b",
    re.IGNORECASE,
)
_KIND_WORDS: Final[tuple[tuple[str, RecipientKind], ...]] = (
    ("ho gia dinh", "household"),
    ("gia dinh", "household"),
    ("tap the", "collective"),
    ("don vi", "collective"),
    ("ca nhan", "individual"),
)
_SECTION: Final = re.compile(
    r"(?:danh sach |doi voi |ve |khen thuong |cac |doi tuong )*"
    r"(?P<kind>ho gia dinh|tap the|ca nhan|gia dinh|don vi)"
    r"(?: (?:va|gom|co|duoc|la|tieu bieu|xuat sac|de nghi|khen thuong|co ten sau|co ten))*"
    r"[ :.,;-]*(?:\(?\d* ?(?:nguoi|don vi|tap the|ca nhan|ho|truong hop)?\)?)?[ :.-]*"
)
_KINDS_SAID: Final = re.compile(r"\b(?:ho gia dinh|tap the|ca nhan)\b")
_POSTHUMOUS: Final = re.compile(r"\btruy tang\b")
_LIVING_TOO: Final = re.compile(
    r"\btang(?: thuong)?(?:,| va|/| hoac) ?truy tang\b|\btang truy tang\b"
)


@dataclass(frozen=True, slots=True)
class Saying:
    """What a line says: `level` is how high its numbering stands, 0 being the highest."""

    kind: RecipientKind | None = None
    form: str | None = None
    is_posthumous: bool = False
    level: int = 5

    @property
    def is_silent(self) -> bool:
        """Whether the line says nothing of what is below it."""
        return self.kind is None and self.form is None


def _spoken(text: str) -> str:
    return " ".join(normalize("NFC", text[:TITLE_CHARACTERS_MAX]).split())


@lru_cache(TITLES_REMEMBERED_MAX)
def title_of(text: str) -> Saying:
    """What a title says; one that names several kinds says none."""
    spoken = _spoken(text)
    folded = fold(spoken)
    kinds = set(_KINDS_SAID.findall(folded))
    kind = dict(_KIND_WORDS)[kinds.pop()] if len(kinds) == 1 else None
    return Saying(kind, form_in(spoken), _is_posthumous(folded))


@lru_cache(TITLES_REMEMBERED_MAX)
def section_of(text: str, ordinal: str = "") -> Saying:
    """What a line between the rows says, with what stands in the column of numbers."""
    spoken = _spoken(text)
    numbering = _NUMBERING.match(spoken)
    rest = spoken[numbering.end() :] if numbering else spoken
    mark = ordinal or (numbering["mark"] or numbering["part"] if numbering else "")
    folded = fold(rest)
    if not rest or len(rest.split()) > _SECTION_WORDS_MAX * 3:
        return Saying()
    form = form_in(rest)
    plain = _SECTION.fullmatch(folded)
    kind: RecipientKind | None = None
    if plain:
        kind = dict(_KIND_WORDS)[plain["kind"]]
    elif form is not None:
        kinds = set(_KINDS_SAID.findall(folded))
        kind = dict(_KIND_WORDS)[kinds.pop()] if len(kinds) == 1 else None
    if plain is None and form is not None and not _is_form_line(rest, form):
        return Saying()
    return Saying(kind, form, _is_posthumous(folded), _level(mark))


def is_kind_line(text: str) -> bool:
    """Whether a line says a kind and nothing else: “Tập thể”, “CÁ NHÂN (05 người)”."""
    return _SECTION.fullmatch(fold(_spoken(text)).rstrip(" :")) is not None


KIND_LINES: Final = frozenset(
    spelled
    for text in ("tập thể", "cá nhân", "hộ gia đình", "gia đình")
    for one in (text, f"{text}:", f"các {text}")
    for spelled in (one, one.upper(), one.capitalize())
)
"""How such lines are mostly spelled."""


def _is_form_line(text: str, form: str) -> bool:
    """Whether a line speaks of a form and not of a person who bears one."""
    return (
        bool(_GRANT.search(text))
        or text.translate(_QUOTES).strip().casefold().startswith(form.casefold())
        or (fold(text).startswith(("danh sach", "danh hieu", "hinh thuc")))
    )


def _is_posthumous(folded: str) -> bool:
    return _POSTHUMOUS.search(folded) is not None and _LIVING_TOO.search(folded) is None


def _level(mark: str) -> int:
    """How high a numbering stands: A, then I, then 1, then a; without one, lowest."""
    if not mark:
        return 5
    if re.fullmatch("[IVX]+", mark):
        return 1
    if mark.isdigit():
        return 2
    if "." in mark:
        return 3
    return 0 if mark.isupper() else 4


@lru_cache(TITLES_REMEMBERED_MAX)
def form_in(text: str) -> str | None:
    """The form that a text grants, as it writes it; None if it names none that is known."""
    text = " ".join(text.translate(_QUOTES).split())
    for start in _starts(text):
        end = _ENDS.search(text, start)
        words = text[start : end.start() if end else len(text)].split()[:_FORM_WORDS_MAX]
        for length in range(len(words), 1, -1):
            typed = " ".join(words[:length])
            if isinstance(load_catalogue().resolve(typed), Found) or (
                _is_family(typed) and length == len(words)
            ):
                return typed
        for length in range(min(3, len(words)), 1, -1):
            typed = " ".join(words[:length])
            if _is_family(typed):
                return typed
    return None


def _starts(text: str) -> list[int]:
    """Where a form may begin: behind a word of granting, else where one is named."""
    granted = [found.end() for found in _GRANT.finditer(text)]
    named = [found.start() for found in _FORM_BEGINS.finditer(text)]
    return list(dict.fromkeys([*granted, *named])) or [0]


@lru_cache(TITLES_REMEMBERED_MAX)
def _is_family(typed: str) -> bool:
    """Whether a text names forms that only the issuer, or the clerk, can tell apart."""
    return fold(typed) in _FAMILIES and isinstance(load_catalogue().resolve(typed), Ambiguous)


_FAMILIES: Final = frozenset(
    {"bang khen", "giay khen", "co thi dua", "ky niem chuong", "huan chuong khang chien"}
)


# The decision that a text names ------------------------------------------------------------

_NUMBER: Final = re.compile(
    r"(?:quyết định\s*)?số\s*:?\s*"
    r"(?P<number>\d{1,6}[a-zA-Z]?\s?/\s?[A-ZĐa-zđ0-9-]+(?:\s?[-/]\s?[A-ZĐa-zđ]+)*)",
    re.IGNORECASE,
)
_DAY: Final = re.compile(
    r"ngày\s+(?P<day>\d{1,2})\s*(?:tháng|[/.-])\s*(?P<month>\d{1,2})\s*(?:năm|[/.-])\s*(?P<year>\d{4})",
    re.IGNORECASE,
)
_ROLE_WORDS_MAX: Final = 2
_OF: Final = re.compile(r"\bcủa\s+(?P<issuer>[^,;()./]+)", re.IGNORECASE)
_BODY: Final = re.compile(
    r"(?:chủ tịch (?:ủy ban|uỷ ban|ubnd|nước|hội đồng|quốc hội)|thủ tướng|bộ trưởng|giám đốc"
    r"|hiệu trưởng|cục trưởng|tổng giám đốc|ủy ban|uỷ ban|ubnd|hội đồng nhà nước"
    r"|hội đồng bộ trưởng)\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The decision that a file names itself; the clerk decides whether it is the one."""

    number: str | None = None
    decided_on: str | None = None
    issuer: str | None = None


def proposal_of(lines: list[str]) -> Proposal | None:
    """The decision that the lines above a list speak of as their own."""
    number = decided_on = issuer = None
    for line in map(_spoken, lines):
        folded = fold(line)
        if folded.startswith(("can cu", "theo de nghi", "xet")):
            continue
        found = _NUMBER.search(line)
        if found and number is None and ("/q" in found["number"].lower() or "số:" in line.lower()):
            number = re.sub(r"\s", "", found["number"])
            issuer = issuer or _issuer_after(line, found.end())
        day = _DAY.search(line)
        if day and decided_on is None and (found or not folded.startswith("dieu")):
            decided_on = f"{int(day['day']):02}/{int(day['month']):02}/{day['year']}"
        body = line.strip(" :.")
        if line.isupper() and _BODY.fullmatch(body) and _decides(body, issuer):
            issuer = _title_case(body)
    if number is None and decided_on is None:
        return None
    return Proposal(number, decided_on, issuer)


def _decides(body: str, issuer: str | None) -> bool:
    """Whether a line in capitals names who decides, better than what was found before.

    “GIÁM ĐỐC” alone stands above a signature and names nobody.
    """
    if _is_person(body):
        return len(body.split()) > _ROLE_WORDS_MAX
    return issuer is None


def _is_person(body: str) -> bool:
    """Whether a body is spoken of by its head: the one who decides, above the body's own name."""
    return fold(body).startswith(("chu tich", "thu tuong", "bo truong", "giam doc", "hieu truong"))


def _issuer_after(line: str, place: int) -> str | None:
    found = _OF.search(line, place)
    body = found["issuer"].strip() if found else ""
    return body if _BODY.fullmatch(body) and len(body.split()) > 2 and _names_place(body) else None  # noqa: PLR2004


def _names_place(body: str) -> bool:
    """Whether a body is named with its place: “UBND tỉnh” alone is many."""
    return fold(body).split()[-1] not in {"tinh", "xa", "huyen", "phuong", "so", "bo"}


_PLACES: Final = frozenset({"tỉnh", "xã", "huyện", "phường", "phố", "quận", "trấn", "khu"})
_BODIES: Final = frozenset(
    {"ủy", "uỷ", "sở", "bộ", "cục", "ban", "trường", "viện", "hội", "chính", "nhà"}
)
_SHORT: Final = frozenset({"ubnd", "thpt", "thcs"})
_NAMED_BY_FIELD: Final = frozenset({"sở", "bộ"})


def _title_case(text: str) -> str:
    """A body in capitals as it is written in a sentence."""
    written: list[str] = []
    before, in_name = "", False
    for at, word in enumerate(text.lower().split()):
        word = "ủy" if word == "uỷ" else word  # noqa: PLW2901 - one spelling
        small = before == "ủy" or (before, word) in {("hội", "đồng"), ("bộ", "trưởng")}
        capital = not small and (at == 0 or word in _BODIES or before in _NAMED_BY_FIELD)
        if word in _SHORT:
            written.append(word.upper())
        elif word in _PLACES or (word in {"thành", "thị"} and before != "tỉnh"):
            written.append(word)
            in_name = False
        else:
            written.append(word.capitalize() if in_name or capital else word)
        in_name = in_name or word in _PLACES
        before = word
    return " ".join(written)
