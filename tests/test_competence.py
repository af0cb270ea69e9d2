"""Who may confer which form when: what is doubted, what is left in peace; the project's samples."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from api.imports.importing import import_sheet
from registry.award_form import read_json
from registry.catalogue import load_catalogue
from registry.law.competence import AUTHORITY_DOUBTED, load_competence
from registry.messages import describe_remark
from tests.test_import_samples import LEGACY, LIST, SAMPLES, options_for

if TYPE_CHECKING:
    from registry.fact import Authorship
    from registry.register import Registry

PROVINCE = "Chủ tịch UBND tỉnh Lào Cai"


@pytest.mark.parametrize(
    ("form", "issuer", "on"),
    [
        ("ORD-SAOVANG", PROVINCE, "2024-05-09"),
        ("ORD-LAODONG", "ỦY BAN NHÂN DÂN TỈNH LÀO CAI", "1972"),
        ("ORD-KC-US", "Uy ban nhan dan tinh Lao Cai", None),
        ("MED-KC-US", "KT. Chủ tịch UBND tỉnh Yên Bái", "1999-03"),
        ("HON-AHLD", "Bộ trưởng Bộ Y tế", "2010"),
        ("ORD-LAODONG", "Thủ tướng Chính phủ", "2026-03-02"),
        ("ORD-KC-US", "Hội đồng Nhà nước", "1995"),
        ("ORD-KC-US", "Chủ tịch nước", "1985"),
        ("CERT-BK-TTG", PROVINCE, "2023-12-17"),
        ("CERT-BK-BT", "Chủ tịch UBND xã Tả Phìn", "2024"),
        ("CERT-BK-BT", "Sở Nội vụ tỉnh Lào Cai", "2024"),
        ("EMU-CSTDCS", "UBND huyện Bắc Hà", "2025-07-01"),
        ("EMU-CSTDCS", "UBND xã Tả Phìn", "2024-05-01"),
        ("EMU-GDVH", "Chủ tịch nước", "2020"),
        ("CERT-GK-XA", PROVINCE, "2020"),
        ("KNC-UBTVQH", "Thủ tướng Chính phủ", "2025"),
    ],
)
def test_what_a_body_of_another_level_or_time_decided_is_doubted(
    form: str, issuer: str, on: str | None
) -> None:
    doubt = load_competence().doubt(form, issuer, None, on)

    assert doubt is not None
    assert doubt.code == AUTHORITY_DOUBTED
    for language in ("vi", "en"):
        said = describe_remark(doubt, language)
        assert said != doubt.code
        assert issuer in said


@pytest.mark.parametrize(
    ("form", "issuer", "on"),
    [
        ("ORD-SAOVANG", "Chủ tịch nước", "2024-05-09"),
        ("ORD-SAOVANG", "Chủ tịch nước Cộng hòa xã hội chủ nghĩa Việt Nam", "1996"),
        ("ORD-KC-US", "Hội đồng Nhà nước", "1985"),
        # Recalled bounds are believed less: a year on either side is left in peace.
        ("ORD-KC-US", "Chủ tịch nước", "1992-04-25"),
        ("ORD-KC-US", "Hội đồng Nhà nước", "1981-04-13"),
        ("ORD-KC-FR", "Thủ tướng", "1955"),
        ("MED-KC-FR", "Chủ tịch nước", "1972-02-16"),
        ("CERT-CCVN", "Hội đồng Nhà nước", "1987"),
        ("EMU-CSTDCS", "UBND huyện Bắc Hà", "2025-06-30"),
        ("EMU-CSTDCS", PROVINCE, "2023"),
        ("CERT-GK-HUYEN", "Chủ tịch UBND thành phố Lào Cai", "2020"),
        ("CERT-BK-BT", "UBND TP. Hồ Chí Minh", "2020"),
        ("CERT-BK-BT", "UBND", "2020"),
        ("CERT-BK-BT", "Viện trưởng Viện kiểm sát nhân dân tối cao", "2020"),
        # Free text of old registers, and bodies that the table does not know.
        ("ORD-CHIENCONG", "Tư lệnh Quân khu 2", "1979"),
        ("ORD-CHIENCONG", "Bộ Chỉ huy Quân sự tỉnh Hoàng Liên Sơn", "1979"),
        ("ORD-LAODONG", "Nhà nước", "1985"),
        ("ORD-LAODONG", "Ban Thi đua khen thưởng trung ương", "1999"),
        ("ORD-LAODONG", "theo sổ cũ, không rõ", "1985"),
        ("FOR-LAO", "Chủ tịch nước Cộng hòa Dân chủ Nhân dân Lào", "1985"),
        ("TITLE-DUNGSI", "Chỉ huy đơn vị", "1968"),
        ("DOC-XNKT", "Sở Nội vụ", "2020"),
    ],
)
def test_who_may_and_who_is_not_known_is_left_in_peace(
    form: str, issuer: str, on: str | None
) -> None:
    assert load_competence().doubt(form, issuer, None, on) is None


def test_a_number_tells_the_level_where_no_issuer_is_known() -> None:
    doubt = load_competence().doubt

    assert doubt("ORD-SAOVANG", None, "1234/QĐ-UBND", "2024") is not None
    assert doubt("ORD-SAOVANG", None, "2721/QĐ-CTN", "2014") is None
    assert doubt("ORD-KC-US", None, "953/KT-CTN", "1989-05-01") is None
    assert doubt("CERT-BK-BT", None, "1234/QĐ-UBND", None) is None
    assert doubt("ORD-SAOVANG", None, "269/QĐ-BQP", "2024") is None
    assert doubt("ORD-SAOVANG", None, None, "2024") is None
    # What is known of the issuer counts more.
    assert doubt("ORD-SAOVANG", "Chủ tịch nước", "1234/QĐ-UBND", "2024") is None


def test_every_row_says_where_it_comes_from_and_how_certain_it_is() -> None:
    document: dict[str, Any] = read_json("authority.json")
    kinds = document["bodies"].keys()
    codes = Counter(code for group in document["forms"] for code in group["codes"])
    rows = [row for group in document["forms"] for row in group["rows"]]

    assert set(codes) <= {form.code for form in load_catalogue().forms}
    assert max(codes.values()) == 1
    assert {form.code for form in load_catalogue().forms} - set(codes) == {
        "TITLE-DUNGSI",
        "DOC-GCN-DKT",
        "DOC-XNKT",
    }, "forms of which nobody knows who may confer them"
    for row in rows:
        assert row["source"].strip()
        assert row["certainty"] in {"read", "recalled"}
        assert set(row["bodies"]) <= kinds
        assert (row["from"] or "1000-01-01") <= (row["to"] or "3000-01-01")
        for bound in filter(None, (row["from"], row["to"])):
            assert date.fromisoformat(bound).isoformat() == bound
    for body in document["bodies"].values():
        assert body["source"].strip()
        assert body["certainty"] in {"read", "recalled"}


def test_what_is_remembered_of_an_issuer_does_not_depend_on_the_day_asked_first() -> None:
    doubt = load_competence().doubt
    days = ["1978", "1985", "1995", None, "1985", "1978"]
    found = [doubt("ORD-LAODONG", "Hội đồng Nhà nước", None, day) is None for day in days]

    assert found == [False, True, False, True, True, False]


@pytest.mark.parametrize("name", [LEGACY, LIST])
def test_no_row_of_the_sample_registers_is_doubted(
    registry: Registry, authorship: Authorship, name: str
) -> None:
    report = import_sheet(registry, SAMPLES / name, options_for(name, dry_run=True), authorship)

    assert report.held_back == 0
    assert AUTHORITY_DOUBTED not in {one.code for one in report.problems}


def test_of_a_list_under_the_wrong_decision_every_row_is_doubted(
    registry: Registry, authorship: Authorship
) -> None:
    wrong = options_for(LIST, dry_run=True)
    wrong = type(wrong)(number="5/QĐ", date="2/9/2020", issuer="UBND xã Tả Phìn", dry_run=True)
    dry = import_sheet(registry, SAMPLES / LIST, wrong, authorship)

    assert dry.held_back == dry.tally.accepted == dry.tally.warnings == 1171
    said = dry.as_json(lambda code, _params, _language: code, "vi")
    assert said["held_back"] == 1171
    assert not re.search("error", said["problems"][-1]["severity"])
