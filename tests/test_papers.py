"""Certificates as they come from the press: read back, measured, and attacked."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from api.papers.blanks import (
    BlankField,
    Nudge,
    find_blank,
    kept_nudge,
    overprint_document,
    trial_sheet_document,
)
from api.papers.certificate import (
    Attachment,
    AwardText,
    CertificateText,
    certificates_document,
    compose,
)
from api.papers.designs import load_designs
from api.papers.press import FONTS, typeset
from api.papers.run import PAGES_MAX, Printing, print_pages
from registry.errors import NotReady, Rejected
from tests.made_awards import COLLECTIVE, EVERY, MADE_AT, PRESIDENT_2024, PROVINCE, UNIT
from tests.pdf_reading import (
    POINTS_PER_MM,
    PdfPage,
    attachments,
    fonts,
    information,
    read_pages,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a measuring program and ours may differ by.
SLACK_MM = 0.1
HOSTILE = r"#emph[x] *đậm* _nghiêng_ $x^2$ \ `mã` <nhãn> @tham #panic() = // /* */ ] } \u{41} \n"


def press(*awards: AwardText) -> list[PdfPage]:
    document = certificates_document([compose(award) for award in awards], "Bằng thử")
    return read_pages(typeset("certificate", document, MADE_AT))


def overprint(award: AwardText, blank: str, nudge: Nudge) -> PdfPage:
    document = overprint_document(find_blank(blank), [compose(award)], nudge, "Phôi")
    (page,) = read_pages(typeset("overprint", document, MADE_AT))
    return page


def unbroken(text: str) -> str:
    """A text without what lines may break at."""
    return "".join(text.replace("\u200b", "").split())


def assert_inside_the_frame(page: PdfPage, text: CertificateText) -> None:
    width, height = load_designs().by_id(text.design).frame_mm
    assert page.words
    for word in page.words:
        assert word.left >= (page.width - width) / 2 - SLACK_MM, word
        assert word.right <= (page.width + width) / 2 + SLACK_MM, word
        assert word.top >= (page.height - height) / 2 - SLACK_MM, word
        assert word.bottom <= (page.height + height) / 2 + SLACK_MM, word


def test_every_certificate_says_everything_on_a_sheet_of_its_size() -> None:
    for award, page in zip(EVERY, press(*EVERY), strict=True):
        text = compose(award)
        design = load_designs().by_id(text.design)
        assert (page.width, page.height) == pytest.approx(design.page_mm, abs=SLACK_MM)
        assert_inside_the_frame(page, text)
        said = unbroken(page.text)
        expected = [design.national_name, design.motto, text.verb, text.form_name, text.class_name]
        expected += [text.recipient, *text.details, text.merit, *text.references]
        expected += [*text.title, text.signatory, text.place]
        for words in expected:
            assert unbroken(words) in said, words


def test_the_signature_has_its_gap() -> None:
    (page,) = press(PRESIDENT_2024)
    title = max(page.words, key=lambda word: (word.text == "TỊCH", word.top))
    signatory = page.word("Thử")
    assert signatory.top - title.bottom >= 40 - SLACK_MM


def test_a_long_name_and_a_long_merit_shrink_and_keep_clear_of_the_signature() -> None:
    short, long = press(PRESIDENT_2024, COLLECTIVE)
    assert long.word("Đảng").bottom - long.word("Đảng").top < (
        short.word("NGUYỄN").bottom - short.word("NGUYỄN").top
    )
    place = [word.top for word in long.words if word.text == "Nội,"]
    assert max(word.bottom for word in long.words if word.text == "mới") <= min(place) + 2


def test_lines_of_tall_letters_do_not_touch() -> None:
    award = replace(PRESIDENT_2024, name="ỄẾỘẠ\nẪỖỆỰ", honorific=None)
    (page,) = press(award)
    # The boxes are those of the font; a line's own height is what keeps two marks apart.
    above, below = page.word("ỄẾỘẠ"), page.word("ẪỖỆỰ")
    assert below.bottom - above.bottom >= (above.bottom - above.top) * 1.1


@pytest.mark.parametrize("text", [HOSTILE, '"; #let x = 1', "</script>&amp;", "{{x}} {}"])
def test_markup_is_printed_and_never_carried_out(text: str) -> None:
    award = replace(PRESIDENT_2024, name=text, unit=text, merit=text, number=text)
    (page,) = press(replace(award, signatory=text, golden_number=text))
    assert unbroken(page.text).count(unbroken(text)) == 6


def test_the_longest_texts_stay_inside_the_frame() -> None:
    award = replace(
        PROVINCE,
        name="Ệ" * 300,
        position="chức vụ " * 60,
        unit="W" * 500,
        merit=("#emph[x] *đậm* $x^2$ " * 200)[:4_000],
        number="1/" * 150,
        golden_number="9" * 300,
        issuer="Giám đốc " + "Ẫ" * 290,
        signatory="Ộ" * 300,
        signatory_title="Phó " * 75,
    )
    (page,) = press(award)
    assert_inside_the_frame(page, compose(award))
    said = unbroken(page.text)
    assert "Ệ" * 300 in said
    assert said.count("đậm") == (award.merit or "").count("đậm")


_LETTERS = st.text(st.sampled_from("aăâđêôơư ỄẾỘẠẪỰ Wij-/.,\n"), min_size=1, max_size=300)


@settings(max_examples=25, deadline=None)
@given(name=_LETTERS, unit=_LETTERS, merit=st.lists(_LETTERS, max_size=8).map(" ".join))
def test_whatever_is_written_stays_inside_the_frame(name: str, unit: str, merit: str) -> None:
    award = replace(PRESIDENT_2024, name=f"x{name}", unit=unit, merit=merit)
    (page,) = press(award)
    assert_inside_the_frame(page, compose(award))
    assert unbroken(f"x{name}") in unbroken(page.text)


def test_a_character_that_the_type_lacks_is_named_not_left_out() -> None:
    with pytest.raises(Rejected, match="paper-character-missing") as refused:
        press(replace(PRESIDENT_2024, name="Trần 😀 Thử"))
    assert refused.value.params == {"typed": "😀"}


def test_decomposed_letters_are_printed_composed() -> None:
    (page,) = press(replace(PRESIDENT_2024, name="Nguye\u0302\u0303n"))
    assert "Nguyễn" in page.text


def test_the_same_input_gives_the_same_bytes_with_our_type_embedded() -> None:
    document = certificates_document([compose(award) for award in EVERY], "Bằng thử")
    first = typeset("certificate", document, MADE_AT)
    assert typeset("certificate", document, MADE_AT) == first
    assert "2024" in information(first)
    for columns in fonts(first):
        assert "LiberationSerif" in columns[0]
        assert columns[-5:-2] == ["yes", "yes", "yes"], "embedded, a subset, with its letters"


def test_fonts_have_their_licence_and_are_small() -> None:
    files = list(FONTS.glob("*.ttf"))
    assert len(files) == 4
    assert all(file.stat().st_size < 1 << 20 for file in files)
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text().upper()


def test_a_certificate_has_room_for_what_proves_it() -> None:
    picture = BytesIO()
    segno.make("https://example.invalid/v/C2024#x").save(picture, kind="svg", xmldecl=False)
    plain = compose(PRESIDENT_2024)
    proven = replace(
        plain,
        qr=picture.getvalue(),
        serial="C2024-0000001-H",
        check_code="ABCD-1234",
        address="https://sovang.test/v",
        attachments=(Attachment("bang.json", "{}", "application/json", "dữ liệu của bằng"),),
    )
    pdf = typeset("certificate", certificates_document([proven], "Bằng"), MADE_AT)
    (page,) = read_pages(pdf)
    (without,) = press(PRESIDENT_2024)
    assert_inside_the_frame(page, proven)
    assert "ABCD-1234" in page.text
    assert "C2024-0000001-H" in page.text
    assert "https://sovang.test/v" in page.text
    assert page.word("Quyết").left - without.word("Quyết").left == pytest.approx(56, abs=SLACK_MM)
    assert page.word("NGUYỄN").left == without.word("NGUYỄN").left
    assert "bang.json" in attachments(pdf)


# Blanks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blank", "award"),
    [
        ("bang-huan-chuong", PRESIDENT_2024),
        ("bang-khen", PROVINCE),
        ("giay-khen", UNIT),
        ("nhan-a4-8", PROVINCE),
    ],
)
def test_only_what_varies_is_printed_on_a_blank(blank: str, award: AwardText) -> None:
    page = overprint(award, blank, Nudge())
    said = unbroken(page.text)
    assert unbroken(award.name) in said
    assert unbroken(award.number or "") in said
    for words in ("CỘNG HÒA", "TẶNG", "HUÂN CHƯƠNG", "BẰNG KHEN", "Quyết định số"):
        assert unbroken(words) not in said
    assert (page.width, page.height) == pytest.approx(find_blank(blank).page_mm, abs=SLACK_MM)


@pytest.mark.parametrize(("x", "y"), [(1.5, -0.8), (-3.0, 0.0), (0.1, 12.0)])
def test_a_nudge_moves_every_word_by_exactly_so_much(x: float, y: float) -> None:
    still = overprint(PROVINCE, "bang-khen", Nudge())
    moved = overprint(PROVINCE, "bang-khen", Nudge(x, y))
    assert len(still.words) > 10
    for before, after in zip(still.words, moved.words, strict=True):
        assert after.text == before.text
        assert after.left - before.left == pytest.approx(x, abs=0.001)
        assert after.top - before.top == pytest.approx(y, abs=0.001)


def test_text_stays_in_its_field_on_a_blank() -> None:
    award = replace(UNIT, name="Ệ" * 300, number="1/" * 150, golden_number="7" * 300)
    fields = {field.name: field for field in find_blank("giay-khen").fields}
    page = overprint(award, "giay-khen", Nudge())
    assert_within(page, "Ệ", fields["recipient"])
    assert_within(page, "7", fields["golden_number"])
    assert_within(page, "1/", fields["decision_number"])


def assert_within(page: PdfPage, beginning: str, field: BlankField) -> None:
    words = [word for word in page.words if unbroken(word.text).startswith(beginning * 4)]
    assert words
    for word in words:
        assert word.left >= field.x_mm - SLACK_MM
        assert word.right <= field.x_mm + field.width_mm + SLACK_MM
        assert word.top >= field.y_mm - SLACK_MM
        assert word.bottom <= field.y_mm + field.height_mm + SLACK_MM


def test_the_test_sheet_shows_every_field_where_it_is() -> None:
    blank = find_blank("bang-khen")
    document = trial_sheet_document(blank, Nudge(2.0, 0.0), "vi")
    (page,) = read_pages(typeset("test_sheet", document, MADE_AT))
    assert "thành tích" in page.text
    assert "+2 mm" in page.text.replace("x +2 mm,", "+2 mm")
    merit = next(field for field in blank.fields if field.name == "merit")
    label = page.word("tích")
    middle = merit.x_mm + 2 + merit.width_mm / 2
    assert abs((page.word("thành").left + label.right) / 2 - middle) < SLACK_MM
    english = trial_sheet_document(blank, Nudge(), "en")
    assert "merit" in read_pages(typeset("test_sheet", english, MADE_AT))[0].text


@pytest.mark.parametrize("x", [50.5, -51.0, float("nan"), float("inf")])
def test_a_nudge_off_the_sheet_is_refused(x: float) -> None:
    with pytest.raises(Rejected, match="nudge-too-far") as refused:
        Nudge(x, 0.0)
    assert refused.value.field == "nudge_x_mm"


def test_an_unknown_blank_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Rejected, match="blank-unknown") as refused:
        find_blank("phoi-la")
    assert "bang-khen" in str(refused.value.params["allowed"])


def test_an_office_keeps_its_own_nudge_for_a_blank(tmp_path: Path) -> None:
    assert kept_nudge(tmp_path, "bang-khen", "Sở A") == Nudge()
    entries: list[dict[str, object]] = [
        {"blank": "bang-khen", "x_mm": 1.5, "y_mm": -0.8},
        {"blank": "bang-khen", "office": "Sở A", "x_mm": 3, "y_mm": 0},
    ]
    write_nudges(tmp_path, entries)
    assert kept_nudge(tmp_path, "bang-khen", "Sở A") == Nudge(3.0, 0.0)
    assert kept_nudge(tmp_path, "bang-khen", "Sở B") == Nudge(1.5, -0.8)
    assert kept_nudge(tmp_path, "giay-khen", "Sở A") == Nudge()


@pytest.mark.parametrize(
    "entries", [{"x": 1}, [{"blank": "x"}], [{"blank": "x", "x_mm": "1", "y_mm": 2}]]
)
def test_nudges_that_cannot_be_read_are_a_problem(tmp_path: Path, entries: object) -> None:
    write_nudges(tmp_path, entries)
    with pytest.raises(Rejected, match="nudges-unreadable"):
        kept_nudge(tmp_path, "x", None)


def write_nudges(home: Path, entries: object) -> None:
    (home / "papers").mkdir()
    (home / "papers" / "nudges.json").write_text(json.dumps(entries))


# Runs ---------------------------------------------------------------------------------------


def many(count: int) -> dict[str, object]:
    texts = [compose(replace(PRESIDENT_2024, name=f"Người {n}")) for n in range(count)]
    return certificates_document(texts, "Quyết định thử")


def test_a_run_prints_every_page_in_order_and_says_how_far_it_is(tmp_path: Path) -> None:
    seen: list[Printing] = []
    path = tmp_path / "a.pdf"
    print_pages("certificate", many(120), MADE_AT, path, seen.append)
    assert [made.pages for made in seen] == [0, 50, 100, 120]
    assert {made.total for made in seen} == {120}
    pages = read_pages(path.read_bytes())
    assert [page.word("Người").text for page in pages] == ["Người"] * 120
    assert [names_after(page.words) for page in pages] == [str(n) for n in range(120)]
    print_pages("certificate", many(120), MADE_AT, tmp_path / "b.pdf", seen.append)
    assert path.read_bytes() == (tmp_path / "b.pdf").read_bytes()


def names_after(words: Sequence[object]) -> str:
    texts = [getattr(word, "text", "") for word in words]
    return str(texts[texts.index("Người") + 1])


def test_a_run_that_meets_a_missing_character_names_it(tmp_path: Path) -> None:
    texts = [compose(PRESIDENT_2024), compose(replace(PRESIDENT_2024, merit="中"))]
    document = certificates_document(texts, "x")
    with pytest.raises(Rejected, match="paper-character-missing") as refused:
        print_pages("certificate", document, MADE_AT, tmp_path / "a.pdf", lambda _: None)
    assert refused.value.params == {"typed": "中"}


def test_a_run_stops_when_nobody_wants_it_any_more(tmp_path: Path) -> None:
    def stop(made: Printing) -> None:
        if made.pages:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        print_pages("certificate", many(60), MADE_AT, tmp_path / "a.pdf", stop)
    assert not (tmp_path / "a.pdf").exists()


def test_a_run_that_dies_without_a_word_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(NotReady, match="press-failed"):
        print_pages("certificate", many(1), MADE_AT, tmp_path / "a.pdf", lambda _: None)


def test_a_run_has_a_limit(tmp_path: Path) -> None:
    document = {"title": "x", "pages": [None] * (PAGES_MAX + 1)}
    with pytest.raises(Rejected, match="pages-too-many"):
        print_pages("certificate", document, MADE_AT, tmp_path / "a.pdf", lambda _: None)


def test_points_are_as_large_as_they_are() -> None:
    assert pytest.approx(2.8346, abs=0.0001) == POINTS_PER_MM
