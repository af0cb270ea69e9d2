"""The catalogue: every name that offices write finds its form or is asked about."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.award_form import CATALOGUE_FOLDER, AwardForm
from registry.catalogue import (
    Ambiguous,
    ClassNotAllowed,
    Found,
    Resolution,
    Unknown,
    load_catalogue,
)
from registry.dates import PartialDate
from registry.errors import NotFound
from registry.form_names import FORM_NAME_CHARACTERS_MAX

CATALOGUE = load_catalogue()
FIELD_LISTS = json.loads((CATALOGUE_FOLDER / "field-lists.json").read_text("utf-8"))
SPELLINGS = json.loads((CATALOGUE_FOLDER / "form-spellings.json").read_text("utf-8"))
CLASSES = {"I": ("hạng nhất", "Nhất"), "II": ("hạng nhì", "Nhì"), "III": ("hạng ba", "Ba")}

# What the field's list of forms must come to. Names with a class are in CLASSED_FIELD_FORMS.
FIELD_FORMS: dict[str, str | tuple[str, ...]] = {
    "Anh hùng Lực lượng vũ trang Nhân dân": "HON-AHLLVT",
    "Anh hùng Lao động": "HON-AHLD",
    "Bà mẹ Việt Nam anh hùng": "HON-BMVNAH",
    "Bảng vàng danh dự": "FAM-BVDD",
    "Bằng có công với nước": "CERT-CCVN",
    "Bằng Tổ quốc ghi công": "CERT-TQGC",
    "Bằng khen cấp bộ, ban, ngành, tỉnh, đoàn thể trung ương": "CERT-BK-BT",
    "Bằng khen của Thủ tướng Chính phủ": "CERT-BK-TTG",
    "Cờ thi đua của Chính phủ": "EMU-COCP",
    "Cờ thi đua cấp Bộ, ngành, tỉnh, đoàn thể trung ương": "EMU-COBT",
    "Cờ thi đua của UBND tỉnh": "EMU-COBT",
    "Chiến sĩ thi đua cơ sở": "EMU-CSTDCS",
    "Chiến sĩ thi đua toàn quốc": "EMU-CSTDTQ",
    "Chiến sĩ thi đua cấp Bộ, ngành, tỉnh, đoàn thể trung ương": "EMU-CSTDBT",
    "Chiến sĩ tiên tiến": "EMU-CSTT",
    "Đơn vị quyết thắng": "EMU-DVQT",
    "Đơn vị tiên tiến": "EMU-DVTT",
    "Giải thưởng Hồ Chí Minh": "PRZ-HCM",
    "Giải thưởng Nhà nước": "PRZ-NN",
    "Gia đình văn hóa": "EMU-GDVH",
    "Giấy khen của Thủ trưởng cơ quan, đơn vị thuộc bộ, ngành, cơ quan ngang bộ, "
    "cơ quan thuộc Chính phủ": "CERT-GK-DV",
    "Giấy khen của Thủ trưởng cơ quan chuyên môn và tương đương thuộc "
    "Ủy ban nhân dân cấp tỉnh": "CERT-GK-DV",
    "Giấy khen của Chủ tịch Ủy ban nhân dân cấp xã": "CERT-GK-XA",
    "Giấy khen của Chủ tịch Ủy ban nhân dân cấp huyện": "CERT-GK-HUYEN",
    "Huy chương Hữu nghị": "MED-HUUNGHI",
    "Huy chương Quân kỳ Quyết thắng": "MED-QKQT",
    "Huy chương Vì an ninh Tổ quốc": "MED-VANTQ",
    "Huân chương Sao vàng": "ORD-SAOVANG",
    "Huân chương Hồ Chí Minh": "ORD-HOCHIMINH",
    "Huân chương Đại đoàn kết dân tộc": "ORD-DAIDOANKET",
    "Huân chương Dũng cảm": "ORD-DUNGCAM",
    "Huân chương Hữu nghị": "ORD-HUUNGHI",
    "Huân chương Bảo vệ Tổ quốc": "ORD-BVTQ",
    "Huân chương Quân kỳ quyết thắng": ("MED-QKQT",),
    "Huân chương Chiến sĩ vẻ vang": "ORD-CSVV",
    "Huân chương Vì an ninh Tổ quốc": ("MED-VANTQ",),
    "Kỷ niệm chương chiến sĩ cách mạng bị địch bắt tù đày": "KNC-TUDAY",
    "Kỷ niệm chương, Huy hiệu": (
        "HUYHIEU-TINH",
        "KNC-BO",
        "KNC-TINH",
        "KNC-TQGC",
        "KNC-TUDAY",
        "KNC-UBTVQH",
    ),
    "Nghệ sĩ Nhân dân": "HON-NSND",
    "Nghệ sĩ Ưu tú": "HON-NSUT",
    "Nghệ nhân Nhân dân": "HON-NNND",
    "Nghệ nhân Ưu tú": "HON-NNUT",
    "Nhà giáo Nhân dân": "HON-NGND",
    "Nhà giáo ưu tú": "HON-NGUT",
    "Nhà giáo nhân dân": "HON-NGND",
    "Lao động tiên tiến": "EMU-LDTT",
    "Tập thể lao động xuất sắc": "EMU-TTLDXS",
    "Tập thể lao động tiên tiến": "EMU-TTLDTT",
    "Tỉnh Anh hùng": "HON-TINHAH",
    "Thành phố Anh hùng": "HON-TPAH",
    "Thầy thuốc Nhân dân": "HON-TTND",
    "Thầy thuốc Ưu tú": "HON-TTUT",
    "Thôn văn hóa": "EMU-THONVH",
}
CLASSED_FIELD_FORMS = {
    "Huy chương Chiến sĩ vẻ vang": ("MED-CSVV", 3),
    "Huy chương chiến thắng": ("MED-CHIENTHANG", 2),
    "Huy chương Kháng chiến chống mỹ": ("MED-KC-US", 2),
    "Huy chương Kháng chiến chống Pháp": ("MED-KC-FR", 2),
    "Huân chương Độc lập": ("ORD-DOCLAP", 3),
    "Huân chương Quân công": ("ORD-QUANCONG", 3),
    "Huân chương Lao động": ("ORD-LAODONG", 3),
    "Huân chương Bảo vệ Tổ quốc": ("ORD-BVTQ", 3),
    "Huân chương Chiến công": ("ORD-CHIENCONG", 3),
    "Huân chương Chiến sĩ vẻ vang": ("ORD-CSVV", 3),
    "Huân chương Chiến thắng": ("ORD-CHIENTHANG", 3),
    "Huân chương Kháng chiến chống Mỹ": ("ORD-KC-US", 3),
    "Huân chương Kháng chiến chống Pháp": ("ORD-KC-FR", 3),
}


def _expected(expectation: str | tuple[str, ...]) -> Resolution:
    if isinstance(expectation, str):
        return Found(expectation, None)
    return Ambiguous(expectation)


def _sorted(resolution: Resolution) -> Resolution:
    if isinstance(resolution, Ambiguous):
        return Ambiguous(tuple(sorted(resolution.candidates)))
    return resolution


def _table_of_field_forms() -> dict[str, Resolution]:
    table = {name: _expected(expectation) for name, expectation in FIELD_FORMS.items()}
    for name, (code, classes) in CLASSED_FIELD_FORMS.items():
        for award_class, (words, _) in list(CLASSES.items())[:classes]:
            table[f"{name} {words}".casefold()] = Found(code, award_class)
    return table


@pytest.mark.parametrize("name", FIELD_LISTS["award_forms"])
def test_every_form_of_the_field_list_comes_to_what_the_table_says(name: str) -> None:
    table = _table_of_field_forms()
    expected = table.get(name) or table[name.casefold()]
    assert _sorted(CATALOGUE.resolve(name)) == expected
    assert _sorted(CATALOGUE.resolve(unicodedata.normalize("NFD", name.upper()))) == expected
    assert _sorted(CATALOGUE.resolve(f"  “{name}” ".replace(" ", "\u00a0 "))) == expected


def test_the_table_says_nothing_about_names_that_the_field_list_lacks() -> None:
    listed = {name.casefold() for name in FIELD_LISTS["award_forms"]}
    assert {name.casefold() for name in _table_of_field_forms()} <= listed


@pytest.mark.parametrize("form", CATALOGUE.forms, ids=lambda form: form.code)
def test_every_form_is_found_by_its_own_name_code_and_classes(form: AwardForm) -> None:
    code, name = form.code, form.name_vi
    assert CATALOGUE.resolve(name) == CATALOGUE.resolve(code) == Found(code, None)
    for award_class in form.class_codes:
        for words in CLASSES[award_class]:
            typed = f"{name} {words}"
            assert CATALOGUE.resolve(typed) == Found(code, award_class)


# The spellings of old books, as the sample registers have them.
OLD_SPELLINGS = [
    ("ORD-KC-US", 3, "Huân chương Kháng chiến chống Mỹ hạng {}"),
    ("ORD-KC-US", 3, "Huân chương kháng chiến chống Mỹ, cứu nước hạng {}"),
    ("ORD-KC-US", 3, "HCKC chống Mỹ hạng {}"),
    ("MED-KC-US", 2, "Huy chương Kháng chiến chống Mỹ hạng {}"),
    ("MED-KC-US", 2, "Huy chương kháng chiến chống mỹ hạng {}"),
    ("ORD-KC-FR", 3, "Huân chương Kháng chiến chống Pháp hạng {}"),
    ("ORD-KC-FR", 3, "Huân chương kháng chiến (chống Pháp) hạng {}"),
    ("MED-KC-FR", 2, "Huy chương Kháng chiến chống Pháp hạng {}"),
]
CLASS_WORDS = [
    ("I", ("Nhất", "nhất", "I", "1", "1st", "thứ nhất", "\u2160")),
    ("II", ("Nhì", "nhì", "II", "2", "hai", "\u2161")),
    ("III", ("Ba", "ba", "III", "3", "\u2162")),
]


@pytest.mark.parametrize(("code", "classes", "spelling"), OLD_SPELLINGS)
def test_old_spellings_with_every_word_for_their_class(
    code: str, classes: int, spelling: str
) -> None:
    for award_class, words in CLASS_WORDS[:classes]:
        for word in words:
            assert CATALOGUE.resolve(spelling.format(word)) == Found(code, award_class)
    for award_class, words in CLASS_WORDS[classes:]:
        for word in words:
            assert CATALOGUE.resolve(spelling.format(word)) == ClassNotAllowed(
                code, award_class, ("I", "II")
            )


@pytest.mark.parametrize(
    ("typed", "resolution"),
    [
        ('Bằng "Có công với nước"', Found("CERT-CCVN", None)),
        ("Bảng gia đình vẻ vang", Found("FAM-GDVV", None)),
        ("Huân chương Lao động III", Found("ORD-LAODONG", "III")),
        ("HC Lao động hạng 3", Found("ORD-LAODONG", "III")),
        ("HCLĐ hạng Nhì", Found("ORD-LAODONG", "II")),
        ("Huân chương Lao động hạng", Found("ORD-LAODONG", None)),
        (
            "Huân chương Độc lập hạng Ba tặng gia đình có nhiều liệt sĩ",
            Found("ORD-DOCLAP-GDLS", "III"),
        ),
        ("Danh hiệu Anh hùng Lao động", Found("HON-AHLD", None)),
        ("AHLLVT nhân dân", Found("HON-AHLLVT", None)),
        ("CSTĐ cơ sở", Found("EMU-CSTDCS", None)),
        ("BK TTg", Found("CERT-BK-TTG", None)),
        ("Bằng khen của Bộ trưởng Bộ Y tế", Found("CERT-BK-BT", None)),
        ("Bằng khen của Chủ tịch UBND tỉnh Lào Cai", Found("CERT-BK-BT", None)),
        ("Giấy khen của Chủ tịch UBND xã Tả Phìn", Found("CERT-GK-XA", None)),
        ("Dũng sĩ diệt Mỹ", Found("TITLE-DUNGSI", None)),
        # Diacritics left out, and nothing else like it.
        ("Huan chuong Lao dong hang Nhat", Found("ORD-LAODONG", "I")),
        ("Bang gia dinh ve vang", Found("FAM-GDVV", None)),
        ("Bang khen cua Thu tuong Chinh phu", Found("CERT-BK-TTG", None)),
        # Another diacritic is another word.
        ("Bằng gia đình vẻ vang", Ambiguous(("FAM-GDVV",))),
        ("Bằng vàng danh dự", Ambiguous(("FAM-BVDD",))),
        ("Bảng có công với nước", Ambiguous(("CERT-CCVN",))),
        # Another kind, a name cut short, a name that goes on.
        ("Huan chuong Quan ky quyet thang", Ambiguous(("MED-QKQT",))),
        ("Huân chương Thanh niên xung phong vẻ vang", Ambiguous(("MED-TNXPVV",))),
        ("Huân chương Kháng chiến", Ambiguous(("ORD-KC-FR", "ORD-KC-GD", "ORD-KC-US"))),
        ("HCKC hạng ba", Ambiguous(("ORD-KC-FR", "ORD-KC-GD", "ORD-KC-US"))),
        ("Kháng chiến chống Mỹ", Ambiguous(("MED-KC-US", "ORD-KC-US"))),
        ("Kháng chiến chống Mỹ hạng ba", Ambiguous(("ORD-KC-US",))),
        ("HC Kháng chiến chống Mỹ", Ambiguous(("MED-KC-US", "ORD-KC-US"))),
        ("Tổ quốc ghi công", Ambiguous(("CERT-TQGC", "KNC-TQGC"))),
        ("Huân chương Lao động hạng Nhất năm 2005", Ambiguous(("ORD-LAODONG",))),
        (
            "Bằng khen của Thủ tướng Chính phủ về thành tích kháng chiến chống Mỹ",
            Ambiguous(("CERT-BK-TTG-KC",)),
        ),
        (
            "Bằng khen",
            Ambiguous(
                (
                    "CERT-BK-BT",
                    "CERT-BK-TINH-KC",
                    "CERT-BK-TTG",
                    "CERT-BK-TTG-KC",
                    "CERT-BK-UBTVQH",
                )
            ),
        ),
        ("Giấy khen", Ambiguous(("CERT-GK-DV", "CERT-GK-HUYEN", "CERT-GK-XA"))),
        ("Giấy khen hạng Nhất", Ambiguous(("CERT-GK-DV", "CERT-GK-HUYEN", "CERT-GK-XA"))),
        ("Chiến sĩ thi đua", Ambiguous(("EMU-CSTDBT", "EMU-CSTDCS", "EMU-CSTDTQ"))),
        # A class that cannot be.
        ("Bằng Có công với nước hạng Nhất", ClassNotAllowed("CERT-CCVN", "I", ())),
        ("Huân chương Sao vàng hạng Ba", ClassNotAllowed("ORD-SAOVANG", "III", ())),
        ("Huân chương Lao động hạng tư", ClassNotAllowed("ORD-LAODONG", "tư", ("I", "II", "III"))),
        # Nothing to ask about.
        ("Bằng khen hạng tư", Unknown()),
        ("Huân chương Anh dũng hạng tư", Unknown()),
        ("Bằng", Unknown()),
        ("", Unknown()),
        ("hạng", Unknown()),
        ("Nguyễn Văn Hòa", Unknown()),
        ("Huân chương Lao động " * FORM_NAME_CHARACTERS_MAX, Unknown()),
    ],
)
def test_resolve(typed: str, resolution: Resolution) -> None:
    assert _sorted(CATALOGUE.resolve(typed)) == resolution


def test_board_and_certificate_are_two_things() -> None:
    board, certificate = CATALOGUE.resolve("Bảng vàng danh dự"), CATALOGUE.resolve("Bằng khen TTg")
    assert isinstance(board, Found)
    assert isinstance(certificate, Found)
    assert CATALOGUE.form(board.form_code).components == ("board",)
    assert "board" not in CATALOGUE.form(certificate.form_code).components


def test_the_date_narrows_candidates_but_never_decides() -> None:
    after_districts = CATALOGUE.resolve("Giấy khen", PartialDate("2026"))
    assert _sorted(after_districts) == Ambiguous(("CERT-GK-DV", "CERT-GK-XA"))
    only_old = CATALOGUE.resolve("Chiến sĩ vẻ vang", PartialDate("2020"))
    assert only_old == Ambiguous(("MED-CSVV",))
    none_then = CATALOGUE.resolve("Huân chương Chiến sĩ giải", PartialDate("1950"))
    assert none_then == Ambiguous(("ORD-CSGP",))
    assert CATALOGUE.resolve("Huân chương Chiến sĩ vẻ vang", PartialDate("2020")) == Found(
        "ORD-CSVV", None
    )


@given(text=st.text(st.characters(codec=None)))
def test_resolve_never_fails(text: str) -> None:
    assert isinstance(CATALOGUE.resolve(text), Found | Ambiguous | Unknown | ClassNotAllowed)


names = st.sampled_from(FIELD_LISTS["award_forms"])


@given(name=names, junk=st.text("abcxyzđơ ", min_size=3).filter(str.strip))
def test_what_goes_on_after_a_name_is_never_taken_for_another_form(name: str, junk: str) -> None:
    plain, longer = CATALOGUE.resolve(name), CATALOGUE.resolve(f"{name} {junk}")
    if isinstance(plain, Found) and isinstance(longer, Found):
        assert longer.form_code == plain.form_code


def test_every_code_in_the_spellings_is_in_the_catalogue() -> None:
    for section in ("spellings", "openings", "families"):
        for spelling, codes in SPELLINGS[section].items():
            assert codes, spelling
            assert all(CATALOGUE.find(code) for code in codes), spelling


@pytest.mark.parametrize("spelling", [*SPELLINGS["spellings"], *SPELLINGS["families"]])
def test_every_spelling_comes_to_its_codes(spelling: str) -> None:
    codes = {**SPELLINGS["spellings"], **SPELLINGS["families"]}[spelling]
    expected = Found(codes[0], None) if len(codes) == 1 else Ambiguous(tuple(sorted(codes)))
    assert _sorted(CATALOGUE.resolve(spelling)) == expected


@pytest.mark.parametrize("opening", SPELLINGS["openings"])
def test_every_opening_decides_unless_resistance_follows(opening: str) -> None:
    (code,) = SPELLINGS["openings"][opening]
    assert CATALOGUE.resolve(f"{opening} Bản Cái") == Found(code, None)
    assert not isinstance(CATALOGUE.resolve(f"{opening} kháng chiến nọ"), Found)


# The codes on the DANHMUC sheet of the field's templates where it differs from our list.
TEMPLATE_SHEET = {
    "1650359884": "Huân chương Sao vàng",
    "1650360128": "Huân chương Độc Lập",
    "1650360299": "Huy chương Quân kỳ quyết thắng",
    "1650360312": "Huy chương Chiến sĩ vẻ vang",
    "1650360323": "Huy chương Hữu nghị",
    "1650360334": "Huy chương Vì an ninh Tổ quốc",
    "1650360491": "Bằng khen",
    "1650360499": "Giấy khen",
    "1660638226": "Cơ quan hành chính, sự nghiệp",
    "1660638247": "Doanh nghiệp",
    "1660638538": "Hộ gia đình",
    "1647933114": "Một hình thức lạ",
    "1671246141": "Huân chương Độc lập",
    "1671246307": "Huân chương Độc lập hạng Ba",
}


@pytest.mark.parametrize(
    ("code", "alone", "with_sheet"),
    [
        ("1650359884", Found("ORD-SAOVANG", None), Found("ORD-SAOVANG", None)),
        ("1650359884.0", Found("ORD-SAOVANG", None), Found("ORD-SAOVANG", None)),
        (" 1650360128 ", Unknown(), Found("ORD-DOCLAP", None)),
        ("1650360299", Ambiguous(("MED-QKQT",)), Found("MED-QKQT", None)),
        ("1650360312", Found("ORD-CSVV", None), Ambiguous(("MED-CSVV", "ORD-CSVV"))),
        ("1650360323", Unknown(), Found("MED-HUUNGHI", None)),
        ("1650360334", Ambiguous(("MED-VANTQ",)), Found("MED-VANTQ", None)),
        ("1650360491", Found("CERT-BK-BT", None), Found("CERT-BK-BT", None)),
        ("1650360499", Found("CERT-GK-HUYEN", None), Found("CERT-GK-HUYEN", None)),
        ("1647933114", Found("EMU-COBT", None), Ambiguous(("EMU-COBT",))),
        ("1671246141", Found("ORD-DOCLAP", "I"), Found("ORD-DOCLAP", "I")),
        ("1671246307", Found("ORD-DOCLAP", "II"), Ambiguous(("ORD-DOCLAP",))),
        ("999", Unknown(), Unknown()),
        ("Huân chương Sao vàng", Found("ORD-SAOVANG", None), Found("ORD-SAOVANG", None)),
    ],
)
def test_resolve_code(code: str, alone: Resolution, with_sheet: Resolution) -> None:
    assert CATALOGUE.resolve_code(code) == alone
    assert _sorted(CATALOGUE.resolve_code(code, TEMPLATE_SHEET)) == with_sheet


@pytest.mark.parametrize("code", FIELD_LISTS["award_form_codes"])
def test_every_field_code_means_what_its_name_means(code: str) -> None:
    name = FIELD_LISTS["award_form_codes"][code]
    assert CATALOGUE.resolve_code(code) == CATALOGUE.resolve(name)
    assert not isinstance(CATALOGUE.resolve_code(code), Unknown | ClassNotAllowed)


def test_recipient_categories() -> None:
    for name in FIELD_LISTS["recipient_categories"]:
        assert CATALOGUE.recipient_category(f" {name.upper()}") == name
    for code, name in FIELD_LISTS["recipient_category_codes"].items():
        assert CATALOGUE.recipient_category(code) == name
    assert CATALOGUE.recipient_category("Doanh Nghiep") == "Doanh nghiệp"
    assert CATALOGUE.recipient_category("Cơ quan hành chính, sự nghiệp") is None
    assert CATALOGUE.recipient_category("") is None


def test_a_category_code_that_the_sheet_names_otherwise_is_not_guessed() -> None:
    assert CATALOGUE.recipient_category("1660638247", TEMPLATE_SHEET) is None
    assert CATALOGUE.recipient_category("1660638538", TEMPLATE_SHEET) == "Hộ gia đình"
    assert CATALOGUE.recipient_category("77", {"77": "doanh nhân"}) == "Doanh nhân"


def test_fields_of_activity() -> None:
    for name in FIELD_LISTS["fields_of_activity"]:
        assert CATALOGUE.field_of_activity(name.lower()) == name
    assert CATALOGUE.field_of_activity("Giáo dục \u2013 Đào tạo") == "Giáo dục - Đào tạo"
    assert CATALOGUE.field_of_activity("I tế") == "Y tế"
    assert CATALOGUE.field_of_activity("Thủy lợi") is None


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("Khen thưởng cá nhân", "individual"),
        ("KHEN THƯỞNG TẬP THỂ", "collective"),
        ("Khen thuong ho gia dinh", "household"),
        ("CANHAN", "individual"),
        ("TAPTHE", "collective"),
        ("HOGIADINH", "household"),
        ("Khen thưởng khác", None),
        ("", None),
    ],
)
def test_kind(typed: str, kind: str | None) -> None:
    assert CATALOGUE.kind(typed) == kind


def test_the_catalogue_is_read_whole() -> None:
    source = json.loads((CATALOGUE_FOLDER / "catalogue.json").read_text("utf-8"))
    assert len(CATALOGUE.forms) == source["meta"]["counts"]["total"]
    assert len({form.code for form in CATALOGUE.forms}) == len(CATALOGUE.forms)
    allowed = set(source["meta"]["conventions"]["artifact_types"])
    for form, entry in zip(CATALOGUE.forms, source["awards"], strict=True):
        assert form.code == entry["code"]
        assert list(form.components) == entry["artifacts"]
        assert allowed.issuperset(form.components)
        assert len(form.authorities) == len(entry["granting_authority_by_period"])
        assert form.class_codes in ((), ("I", "II"), ("I", "II", "III"))


def test_a_form_that_is_not_in_the_catalogue() -> None:
    assert CATALOGUE.find("ORD-NONE") is None
    with pytest.raises(NotFound) as missing:
        CATALOGUE.form("ORD-NONE")
    assert missing.value.code == "award-form-unknown"


@pytest.mark.parametrize(
    ("form", "recipient", "components"),
    [
        ("HON-AHLD", "collective", ("badge", "badge_box", "certificate", "frame", "flag")),
        ("HON-AHLD", "individual", ("badge", "badge_box", "certificate", "frame")),
        ("HON-AHLLVT", "individual", ("badge", "badge_box", "certificate", "frame")),
        ("HON-TINHAH", "collective", ("badge", "badge_box", "certificate", "frame", "flag")),
        ("EMU-COCP", "collective", ("flag",)),
        ("ORD-KC-US", "couple", ("order_insignia", "insignia_box", "certificate", "frame")),
        ("EMU-LDTT", "individual", ()),
        ("FAM-GDVV", "family", ("board",)),
    ],
)
def test_components(form: str, recipient: str, components: tuple[str, ...]) -> None:
    assert CATALOGUE.components(form, recipient, PartialDate("2024")) == components


@pytest.mark.parametrize(
    ("form", "award_class", "issuer", "on", "codes"),
    [
        ("ORD-KC-US", "III", "Hội đồng Nhà nước", "1985", []),
        ("ORD-KC-US", "III", "HĐNN", "1985-04", []),
        ("ORD-KC-US", "III", "Hội đồng Nhà nước", "1995", ["authority-outside-period"]),
        ("ORD-KC-US", "III", "Chủ tịch nước", "1985", ["authority-outside-period"]),
        ("ORD-KC-US", "III", "Chủ tịch nước", "1992", []),
        ("ORD-KC-US", "III", "Chủ tịch nước CHXHCN Việt Nam", "1995-05-02", []),
        (
            "ORD-KC-US",
            "III",
            "Hội đồng Nhà nước",
            "1980",
            ["form-outside-period", "authority-outside-period"],
        ),
        ("ORD-KC-US", "III", "Ban Tổ chức", "1985", []),
        ("ORD-KC-US", "III", "", "1985", []),
        ("ORD-KC-US", "III", "Hội đồng Nhà nước", None, []),
        ("ORD-KC-FR", "I", "Chủ tịch nước", "1960", []),
        ("ORD-KC-FR", "II", "Thủ tướng Chính phủ", "1960", []),
        ("ORD-KC-FR", "II", "Chủ tịch nước", "1960", ["authority-outside-period"]),
        ("ORD-CSVV", "I", "Chủ tịch nước", "2010~", ["form-outside-period"]),
        ("CERT-BK-TTG-KC", None, "Thủ tướng Chính phủ", "1965", []),
    ],
)
def test_remarks(
    form: str, award_class: str | None, issuer: str, on: str | None, codes: list[str]
) -> None:
    remarks = CATALOGUE.remarks(form, award_class, issuer, PartialDate(on) if on else None)
    assert [remark.code for remark in remarks] == codes


def test_a_remark_says_what_the_catalogue_says() -> None:
    (remark,) = CATALOGUE.remarks("ORD-KC-US", "I", "Hội đồng Nhà nước", PartialDate("1995"))
    assert dict(remark.params) == {
        "form": "ORD-KC-US",
        "issuer": "Hội đồng Nhà nước",
        "on": "1995",
        "periods": "1981-07/1992-09",
        "confidence": "recalled",
    }


def test_authority_texts_with_bodies_are_those_of_the_catalogue() -> None:
    texts = {period.authority_vi for form in CATALOGUE.forms for period in form.authorities}
    assert texts.issuperset(SPELLINGS["authority_bodies"])


def test_importing_the_catalogue_reads_nothing() -> None:
    program = (
        "import pathlib\n"
        "pathlib.Path.read_bytes = None\n"
        "import registry.catalogue\n"
        "print(registry.catalogue.load_catalogue.cache_info().currsize)"
    )
    root = CATALOGUE_FOLDER.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0\n"
