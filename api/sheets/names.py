"""What a cell of names holds beside the name: an honorific, a post, two persons, a kind."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from registry.text import fold

if TYPE_CHECKING:
    from registry.recipient import RecipientKind

NAMES_REMEMBERED_MAX: Final = 4_096
_FAMILY_NAMES_WRITTEN: Final = """
    nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn trịnh đinh
    lâm mai trương cao phùng lưu tạ hà chu tô thái quách triệu lương kiều châu tống vương nông
    hứa thạch lục từ mạc khổng nghiêm lò cầm quàng tòng lường cà vì vi bạc điêu mè giàng vàng thào
    sùng hảng hạng má mã cứ cư lù lồ thền vừ mùa lầu ly ma sầm bế dì tẩn chảo phàn bàn tần chấu
    lừu hầu cháng tráng thèn sèn bồn la tải ngải nùng lèng pờ chá và lỳ xin ván phượng đàm lã lại
    trang tăng kim sơn danh rơ ksor kpă siu rcom niê mlô êban êya blúp vă cáo doãn ninh đồng đậu
    đới giáp khuất khúc khiếu lều luyện mẫn mông nhữ phí phó phương quản quan sái thân thi thiều
    tiêu trà tưởng ung viên vòng vù xa xồng yên
"""
FAMILY_NAMES: Final = frozenset(_FAMILY_NAMES_WRITTEN.split())
_RANKS: Final = (
    r"binh (?:nhất|nhì)|(?:hạ|trung|thượng) sĩ|(?:thiếu|trung|thượng|đại) (?:úy|uý|tá)"
    r"|chuẩn (?:úy|uý)|(?:thiếu|trung|thượng|đại) tướng"
)
_DEGREES: Final = (
    r"(?:p?gs|ts|ths|th\.s|bs(?:ck[i12]*)?|ds|ks|cn|luật sư|bác sĩ|kỹ sư|nghệ nhân|nghệ sĩ|nhà giáo"
    r"|nsnd|nsưt|ngnd|ngưt|ttnd|ttưt)\b\.?(?:[ ,]*(?:p?gs|ts|ths|bs)\b\.?)*"
)
_CLERGY: Final = r"linh mục|giám mục|mục sư|hòa thượng|hoà thượng|thượng tọa|đại đức|ni sư|sư cô"
_HONORIFIC: Final = re.compile(
    r"(?P<honorific>ông ?[(/] ?bà ?\)?|ông|bà|anh|chị|đồng chí|đ/c|cụ|mẹ|cháu|em|thầy|cô|ô\.|b\."
    rf"|{_RANKS}|{_DEGREES}|{_CLERGY})\s*[:.]?\s+(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_ALSO_HONORIFICS: Final = frozenset({"đồng"})
"""Family names with which an honorific begins: Đồng chí."""
_WRITTEN_OUT: Final = {"ô.": "Ông", "b.": "Bà"}
_OF_EITHER: Final = re.compile(r"ông ?[(/] ?bà ?\)?", re.IGNORECASE)
_SURE: Final = frozenset({"đồng chí", "đ/c", "bà", "cụ", "anh", "chị"})
_COUPLE: Final = re.compile(
    r"^(?:hai )?(?:vợ chồng|ông bà|ông, bà|anh chị|hai ông bà)\s+\S"
    r"|(?:\b(?:và|cùng)\b|&|,|;|/|\+)\s*(?:vợ|chồng|con|ông|bà|anh|chị)\s+\S",
    re.IGNORECASE,
)
_MAY_BE_TWO: Final = re.compile(
    r"[&,;/+–]| - |\b(?:và|cùng)\b|^(?:hai|vợ|ông|anh)\b", re.IGNORECASE
)
_TWO: Final = re.compile(r"^(?P<one>[^&]+?)\s*(?:&|\bvà\b)\s*(?P<other>[^&]+)$", re.IGNORECASE)
_LISTED: Final = re.compile(r"^(?P<one>[^,;/+]+?)\s*(?:[,;/+]| [-–] )\s*(?P<other>[^,;/+]+)$")
_HOUSEHOLD: Final = re.compile(r"(?:ho )?gia dinh\b|ho (?:ong|ba|gia)\b")
_COLLECTIVE: Final = re.compile(
    r"(?:phong|to|doi|ban|thon|ban|khoi|so|uy ban|ubnd|hdnd|cong ty|truong|trung tam|tram|chi cuc"
    r"|cuc|chi bo|dang bo|dang uy|doan thanh nien|doan tncs|hoi|lien doan|cong doan|benh vien|vien"
    r"|xi nghiep|nha may|hop tac xa|htx|doanh nghiep|tap doan|tong cong ty|nhan dan|can bo"
    r"|tap the|cong an|bo chi huy|ban chi huy|tieu doan|dai doi|trung doan|su doan|lu doan|don bien"
    r"|xa|phuong|thi tran|huyen|tinh|van phong|toa an|vien kiem sat|kho bac|bao|dai|quy|ngan hang"
    r"|chi nhanh|khoa|lop|cau lac bo|clb|thanh tra|mat tran|hat|ke toan|tap chi|nha tre|mam non|ap"
    r"|khu pho|to dan pho|lang|buon|phan xuong|trai|doi ngu|nhom|bch|ha t)\b"
)
_SURELY_COLLECTIVE: Final = re.compile(
    r"(?:uy ban|ubnd|cong ty|hop tac xa|htx|chi bo|dang bo|nhan dan va|can bo(?: va|,)|trung tam"
    r"|benh vien|ngan hang|tap the|truong (?:thpt|thcs|tieu hoc|mam non|trung|dai|cao)"
    r"|so (?:noi|y|giao|tai|tu phap|xay|nong|cong|van|ke|lao|khoa)"
    r"|phong (?:giao|tai|noi|tu phap|kinh|van hoa|y te|lao dong|nong|hanh chinh|to chuc|ke hoach"
    r"|nghiep))\b"
)
_FIRM: Final = re.compile(r"[A-ZĐ]\s*&\s*[A-ZĐ]|&")


@lru_cache(NAMES_REMEMBERED_MAX)
def honorific_of(name: str, *, surely: bool = False) -> tuple[str | None, str]:
    """The honorific in front of a name, and the name; Ông may also be a family name.

    `surely` where the heading of the column promises one in front of each name.
    """
    first_word = name.partition(" ")[0].casefold()
    if first_word in FAMILY_NAMES and first_word not in _ALSO_HONORIFICS:
        return None, name
    found = _HONORIFIC.fullmatch(name.strip())
    if found is None:
        return None, name
    honorific, rest = found["honorific"].strip(), found["rest"].strip()
    words = rest.split()
    first = words[0].casefold().strip(",")
    is_sure = surely or first in FAMILY_NAMES or honorific.casefold() in _SURE
    if len(words) < 2 or not is_sure:  # noqa: PLR2004 - a family name and a given name
        return None, name
    if _OF_EITHER.fullmatch(honorific):
        return None, rest
    return _WRITTEN_OUT.get(honorific.casefold(), honorific), rest


def speaks_of_two(name: str, *, has_post: bool = False) -> bool:
    """Whether a cell names two persons: “Ông A và bà B”, “Nguyễn Văn A & Trần Thị B”.

    A comma sets two names apart too, unless a post may follow the name (`has_post`).
    """
    if _MAY_BE_TWO.search(name) is None:
        return False
    if _COUPLE.search(name):
        return True
    two = _TWO.match(name.strip())
    if two is None and not has_post:
        two = _LISTED.match(name.strip())
    if two is None:
        return False
    return all(_is_persons_name(two[part]) for part in ("one", "other"))


def _is_persons_name(text: str) -> bool:
    words = honorific_of(text.strip())[1].split()
    return (
        1 < len(words) <= 5  # noqa: PLR2004
        and words[0].casefold() in FAMILY_NAMES
        and all(word[0].isupper() for word in words)
    )


@lru_cache(NAMES_REMEMBERED_MAX)
def kind_of_name(name: str, *, surely: bool = False) -> RecipientKind | None:
    """The kind that the words of a name say; `surely` where a person is expected."""
    if surely and name.partition(" ")[0].casefold() in FAMILY_NAMES:
        return None
    folded = fold(name)
    if _HOUSEHOLD.match(folded):
        return "household"
    if _SURELY_COLLECTIVE.match(folded):
        return "collective"
    if surely:
        return None
    words = name.split()
    is_person = bool(words) and words[0].casefold() in FAMILY_NAMES and len(words) <= 5  # noqa: PLR2004
    if _COLLECTIVE.match(folded) and not (
        is_person and not any(c.isdigit() or c == "," for c in name)
    ):
        return "collective"
    return "collective" if _FIRM.search(name) and not speaks_of_two(name) else None


def split_post(text: str) -> tuple[str, str | None]:
    """A name and what follows it in its cell: the post, the unit, the address."""
    for separator in (";", ",", " - ", " – "):
        name, found, rest = text.partition(separator)
        if found and len(name.split()) > 1:
            return name.strip(), " ".join(rest.split()).strip(" ,;") or None
    return text, None
