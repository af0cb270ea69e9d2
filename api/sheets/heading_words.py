"""What a heading says whose exact spelling nobody listed: read word by word, or not at all.

Offices write one heading in a hundred ways: “Số QĐ, ngày, tháng, năm”, “Họ tên cán bộ được khen”.
A heading is understood if every one of its words belongs to what the field is called by; one
strange word (“Họ tên người ký”) and it is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

HEADINGS_REMEMBERED_MAX: Final = 4_096

_ABBREVIATIONS: Final = {
    "qd": "quyet dinh",
    "kt": "khen thuong",
    "td": "thi dua",
    "dh": "danh hieu",
    "dv": "don vi",
    "cq": "co quan",
    "cv": "chuc vu",
    "ns": "nam sinh",
    "ttg": "thu tuong",
    "hgd": "ho gia dinh",
}

_WORDS_OF_DECISION: Final = """
    so ky hieu va cua theo quyet dinh lenh ngay thang nam ban hanh khen thuong tang cong nhan van ra
"""
_WORDS_OF_BIRTH: Final = "ngay thang nam sinh am duong lich hoac va"
# Not “đã”: forms that somebody has been given already are no awards of this list.
_WORDS_OF_FORM: Final = """
    ma danh hieu hinh thuc thi dua khen thuong de nghi va hoac duoc tang loai ten huan huy chuong
    xet muc
"""
_OF_DECISION, _OF_BIRTH, _OF_FORM = (
    frozenset(words.split()) for words in (_WORDS_OF_DECISION, _WORDS_OF_BIRTH, _WORDS_OF_FORM)
)

_NAMED: Final = (
    r"(?:can bo|cong chuc|vien chuc|nhan vien|nguoi lao dong|nguoi|ca nhan|quan nhan|dang vien"
    r"|chien si|giao vien|doi tuong)"
)
_GRANTED: Final = r"(?:duoc|de nghi|xet|khen|thuong|tang|truy tang)"
_PERSON: Final = (
    rf"(?:ho (?:va )?(?:(?:chu )?(?:dem|lot) (?:va )?)?ten(?: khai sinh)?(?: {_NAMED})*"
    rf"|ten {_NAMED}|ca nhan)(?: {_GRANTED})*"
)
_GROUP: Final = (
    r"(?:ten )?(?:tap the|don vi|to chuc|co quan|doanh nghiep)"
    rf"(?! (?:dang )?(?:cong tac|lam viec|hoc tap))(?: {_GRANTED})*"
)
_HOUSE: Final = (
    rf"(?:(?:ho (?:va )?)?ten )?(?:chu ho(?: gia dinh)?|ho gia dinh|gia dinh)(?: {_GRANTED})*"
)
_POST: Final = r"(?:chuc vu|chuc danh|nghe nghiep|chuc trach|cong viec)(?: (?:hien nay|hien tai))?"
_WORK: Final = (
    r"(?:ten )?(?:don vi|co quan|noi|phong ban|phong|ban|to)"
    r"(?: (?:dang )?(?:cong tac|lam viec|hoc tap))?(?: (?:hien nay|hien tai))?"
)
_PLACE: Final = (
    r"(?:dia chi|noi o|cho o|tru quan|noi cu tru|(?:noi |ho khau )?thuong tru)"
    r"(?: (?:hien nay|hien tai|thuong tru|lien he))?"
)
_ORIGIN: Final = r"(?:que quan|nguyen quan|chinh quan|que)(?: ghi theo bang)?"
_PARTS: Final = {
    "house": _HOUSE,
    "person": _PERSON,
    "group": _GROUP,
    "post": _POST,
    "place": _PLACE,
    "origin": _ORIGIN,
    "work": _WORK,
}
_PART: Final = re.compile(
    r"(?:va |hoac |cua )?(?:" + "|".join(f"(?P<{n}>{p})" for n, p in _PARTS.items()) + r")(?: |$)"
)
_FIELDS: Final = {
    frozenset({"post"}): "position",
    frozenset({"work"}): "unit",
    frozenset({"post", "work"}): "unit",
    frozenset({"post", "group"}): "unit",
    frozenset({"post", "place"}): "unit",
    frozenset({"post", "work", "place"}): "unit",
    frozenset({"post", "group", "place"}): "unit",
    frozenset({"group", "place"}): "unit",
    frozenset({"work", "place"}): "unit",
    frozenset({"place"}): "residence",
    frozenset({"origin"}): "native_place",
}
_RECIPIENTS: Final = frozenset({"person", "group", "house"})


def spelled_out(key: str) -> str:
    """A folded heading with its abbreviations written out."""
    return " ".join(_ABBREVIATIONS.get(word, word) for word in key.split())


@lru_cache(HEADINGS_REMEMBERED_MAX)
def field_of_words(key: str) -> str | None:
    """The field that a folded heading names by its words; None if a word belongs to none."""
    spelled = spelled_out(key)
    words = frozenset(spelled.split())
    if words <= _OF_BIRTH and "sinh" in words and words & {"nam", "ngay"}:
        return "born"
    return _of_decision(spelled, words) or _of_form(spelled, words) or _of_parts(spelled)


def _of_decision(spelled: str, words: frozenset[str]) -> str | None:
    """Number and day of a decision, in whatever order they are named."""
    if not words <= _OF_DECISION:
        return None
    decides = "quyet dinh" in spelled or "lenh" in words
    has_day = bool(words & {"ngay", "nam"})
    if "so" in words:
        if has_day and (decides or "ky hieu" in spelled):
            return "number_date"
        return "number" if decides else None
    signed = re.search(r"\bky\b(?! hieu)|ban hanh", spelled) is not None
    return "decided_on" if has_day and (decides or signed) else None


def _of_form(spelled: str, words: frozenset[str]) -> str | None:
    if not words <= _OF_FORM:
        return None
    speaks = [text for text in ("hinh thuc", "danh hieu", "huan chuong") if text in spelled]
    if not speaks:
        return None
    field = "title" if speaks == ["danh hieu"] and "khen" not in words else "form"
    return f"{field}_code" if spelled.startswith("ma ") else field


def _of_parts(spelled: str) -> str | None:
    """Names, posts, units and places, alone or together."""
    found: list[str] = []
    at = 0
    while at < len(spelled):
        part = _PART.match(spelled, at)
        if part is None or part.lastgroup is None:
            return None
        found.append(part.lastgroup)
        at = part.end()
    parts = frozenset(found)
    if "person" in parts and parts & {"post", "place", "work"} and not parts & {"house"}:
        return "name_post"
    if parts <= _RECIPIENTS:
        return _name_of(parts, spelled)
    return _FIELDS.get(parts)


def _name_of(parts: frozenset[str], spelled: str) -> str | None:
    """A column of names; “Đơn vị” alone is none, for it may be the unit of a person."""
    if len(parts) > 1:
        return "name"
    if "ten" not in spelled.split() and "chu ho" not in spelled:
        return None
    return {"person": "person_name", "group": "collective_name", "house": "household_name"}[
        next(iter(parts))
    ]
