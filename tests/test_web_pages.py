"""The pages as people get them: what they say, in which language, and what they never do."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.web import texts
from api.web.texts import TEXTS
from tests.api_house import House, open_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

VOID = {"meta", "link", "img", "input", "br"}
HOSTILE = '<img src=x onerror="alert(1)"> & "Lò" \'Văn\' </title><script>alert(2)</script>'


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


class Page(HTMLParser):
    """A page taken apart: its text, its elements, and whether they are nested right."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(house: House, path: str, **more: Any) -> Page:
    headers = house.headers() | more.pop("headers", {})
    answer = house.client.get(path, headers=headers, **more)
    assert answer.headers["content-type"].startswith("text/html"), answer.text
    return Page(answer.text)


def full_award(house: House) -> dict[str, Any]:
    made = house.decision()
    person = {"born": "1930", "sex": "male", "native_place": "xã Bản Cái, huyện Bắc Hà"}
    line = {
        "recipient": {"name": "Giàng Seo Phử", "honorific": "Ông", "persons": [person]},
        "form": "ORD-KC-US",
        "award_class": "III",
        "conferral": "posthumous",
        "golden_book": {"number": "83"},
        "merit": "Đã có công lao trong kháng chiến",
        "source": {"kind": "golden-book", "certainty": "doubtful", "row": 17},
    }
    path = f"/api/decisions/{made['id']}/awards"
    award = house.done(house.post(path, line))
    sent = {"artifacts": [{"component": "certificate", "serial": "HN-17"}], "issued_on": "5/2024"}
    house.done(house.post(f"/api/awards/{award['id']}/artifacts", sent))
    correction = {"corrections": {"native_place": "xã Bản Cái"}, "reason": "theo bằng gốc"}
    house.done(house.post(f"/api/awards/{award['id']}/correct", correction))
    house.catch_up()
    return award


def test_an_award_shows_what_a_clerk_needs(house: House) -> None:
    award = full_award(house)
    text = page(house, f"/awards/{award['id']}").text
    for said in (
        "Ông Giàng Seo Phử",
        "Truy tặng",
        "còn nghi ngờ",
        "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba",
        "Quyết định số 212 QĐ/CTN ngày 09/5/2024, Chủ tịch nước",
        "Số sổ vàng 83",
        "Năm sinh 1930",
        "sổ vàng, dòng 17",
        "HN-17",
        "cấp tháng 5/2024",
        "clerk Thử, Sở Nội vụ tỉnh Lào Cai",
    ):
        assert said in text, said


def test_components_not_issued_yet_are_shown_as_expected(house: House) -> None:
    award = full_award(house)
    html = house.get(f"/awards/{award['id']}").text
    assert html.count("chưa vào sổ") == 3
    assert html.count('class="stage issued"') == 1


def test_the_history_tells_before_and_after_newest_first(house: House) -> None:
    award = full_award(house)
    text = page(house, f"/awards/{award['id']}").text
    history = text[text.index("Mọi thay đổi đều được giữ lại") :]
    order = ["Đính chính khen thưởng", "Cấp phát hiện vật", "Ghi nhận khen thưởng"]
    assert sorted(order, key=history.index) == order
    assert "trước: xã Bản Cái, huyện Bắc Hà → sau: xã Bản Cái" in history
    assert "Lý do: theo bằng gốc" in history


def test_artifacts_issued_together_are_one_happening(house: House) -> None:
    award = house.award(issue_artifacts=True)
    text = page(house, f"/awards/{award['id']}").text
    assert text.count("Cấp phát hiện vật") == 1
    assert text.count("Số hiệu:") == 4


def test_a_decision_shows_its_awards(house: House) -> None:
    award = full_award(house)
    shown = page(house, f"/decisions/{award['decision_id']}")
    assert "Quyết định số 212 QĐ/CTN" in shown.text
    assert "Danh sách khen thưởng theo quyết định 1 " in shown.text
    assert {"href": f"/awards/{award['id']}"} in shown.all("a")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("giang seo phu", "khớp tên"),
        ("phử giàng 1930", "khớp tên và năm sinh"),
        ("212/QD-CTN", "Quyết định số 212 QĐ/CTN"),
        ("hn 17", "Số hiệu HN-17"),
        ("giang seo phuu", "Những tên gần giống"),
        ("zzzz qqqq", "Không thấy gì khớp với “zzzz qqqq”"),
        ("x" * 201, "dài quá 200 ký tự"),
        ("!!!", "ít nhất một chữ hoặc một số"),
    ],
)
def test_search_answers_everything_that_is_typed(house: House, typed: str, said: str) -> None:
    full_award(house)
    shown = page(house, "/", params={"q": typed})
    assert said in shown.text
    (box,) = [one for one in shown.all("input") if one.get("name") == "q"]
    assert box["value"] == typed
    assert "autofocus" in box


def test_the_first_page_invites_and_shows_the_newest_decisions(house: House) -> None:
    empty = page(house, "/")
    assert "Sổ còn trống." in empty.text
    assert any("autofocus" in box for box in empty.all("input"))
    for number in range(12):
        house.decision(number=f"{number}/QĐ-CTN")
    house.catch_up()
    first = page(house, "/")
    assert "Quyết định số 11/QĐ-CTN" in first.text
    (following,) = [link["href"] for link in first.all("a") if link.get("rel") == "next"]
    second = page(house, str(following))
    assert "Quyết định số 1/QĐ-CTN" in second.text
    assert "Quyết định số 11/QĐ-CTN" not in second.text


def test_a_page_is_in_vietnamese_until_english_is_chosen(house: House) -> None:
    award = full_award(house)
    path = f"/awards/{award['id']}"
    vietnamese = house.client.get(path, headers={"Accept-Language": "en"})
    assert '<html lang="vi">' in vietnamese.text
    shown = page(house, path)
    (switch,) = [link for link in shown.all("a") if link.get("hreflang") == "en"]
    english = house.get(str(switch["href"]))
    assert '<html lang="en">' in english.text
    assert "not in the register" in english.text
    assert "9 May 2024" in english.text
    assert '<html lang="en">' in house.client.get("/").text, "the choice is remembered"
    assert '<html lang="vi">' in house.client.get("/?lang=vi").text
    assert '<html lang="vi">' in house.client.get("/?lang=xx").text


def paths(house: House) -> list[str]:
    award = full_award(house)
    return [
        "/",
        "/?q=giang",
        "/?q=zzzz",
        f"/awards/{award['id']}",
        f"/awards/{award['id']}?known_at=2099-01-01",
        f"/decisions/{award['decision_id']}",
        "/stock",
        "/nowhere",
    ]


def test_pages_load_nothing_from_afar_and_run_no_script(house: House) -> None:
    for path in paths(house):
        shown = page(house, path)
        assert shown.all("script") == []
        assert shown.all("style") == []
        for _, attributes in shown.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            for name in ("href", "src", "action"):
                assert not re.match(r"https?:|//|data:|javascript:", attributes.get(name) or "")


def test_pages_can_be_used_without_seeing_them(house: House) -> None:
    for path in paths(house):
        shown = page(house, path)
        (html,) = shown.all("html")
        assert html["lang"] == "vi"
        labelled = {label["for"] for label in shown.all("label")}
        for box in shown.all("input"):
            assert box["id"] in labelled, (path, box)
        ids = [a["id"] for _, a in shown.elements if a.get("id")]
        assert len(ids) == len(set(ids)), path
        for _, attributes in shown.elements:
            for name in ("aria-labelledby",):
                assert attributes.get(name) is None or attributes[name] in ids
        assert len(shown.all("h1")) == 1, path
        levels = [int(tag[1]) for tag, _ in shown.elements if re.fullmatch("h[1-6]", tag)]
        steps = zip([0, *levels], levels, strict=False)
        assert all(level <= before + 1 for before, level in steps), (path, levels)
        for time in shown.all("time"):
            # HTML allows a second three decimals at most; facts have six.
            assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\.[0-9]{3}\+00:00", time["datetime"] or "")
        assert len(shown.all("main")) == 1
        assert shown.all("a")[0] == {"class": "skip", "href": "#main"}
        assert all("alt" in image for image in shown.all("img"))


def test_names_are_shown_exactly_and_do_no_harm(house: House) -> None:
    award = house.award(
        HOSTILE, merit=HOSTILE, note=HOSTILE, number_typed=HOSTILE, issuer_typed=HOSTILE
    )
    made = house.decision(number=HOSTILE, summary=HOSTILE)
    house.catch_up()
    hits = [f"/awards/{award['id']}", f"/decisions/{made['id']}", "/"]
    for path in hits:
        html = house.get(path).text
        assert "<img src=x" not in html
        assert "<script" not in html
        assert " ".join(HOSTILE.split()) in Page(html).text
    searched = house.client.get("/", params={"q": HOSTILE[:190]}, headers=house.headers()).text
    assert "<img src=x" not in searched
    assert "<script" not in searched


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nowhere", 404, "Không có trang hay địa chỉ này."),
        ("/awards/x", 404, "Không có trang hay địa chỉ này."),
        ("/awards/01890a5d-ac96-774b-bcce-b302099a8057", 404, "Không tìm thấy khen thưởng"),
        ("/decisions/01890a5d-ac96-774b-bcce-b302099a8057", 404, "Không tìm thấy quyết định"),
        ("/?cursor=x", 422, "bắt đầu lại từ trang đầu"),
        ("/?q=a&cursor=x", 422, "bắt đầu lại từ trang đầu"),
        ("/?q=%00", 400, "ký tự điều khiển"),
    ],
)
def test_an_error_is_a_page_that_leads_back(
    house: House, path: str, status: int, said: str
) -> None:
    answer = house.client.get(path)
    assert answer.status_code == status
    shown = Page(answer.text)
    assert said in shown.text
    assert any(link.get("href") == "/" for link in shown.all("a"))


def test_a_time_that_cannot_be_read_is_said_on_the_page(house: House) -> None:
    award = full_award(house)
    answer = house.client.get(
        f"/awards/{award['id']}", params={"as_of": "31/02/2024"}, headers=house.headers()
    )
    assert answer.status_code == 400
    assert "Không có ngày “31/02/2024”" in Page(answer.text).text


def test_every_text_exists_in_both_languages() -> None:
    for name, (vietnamese, english) in TEXTS.items():
        assert vietnamese.strip(), name
        assert english.strip(), name


def test_every_text_is_used_somewhere() -> None:
    folder = Path(str(texts.__file__)).parent
    sources = "".join(
        path.read_text()
        for path in [*folder.rglob("*.html"), *folder.glob("*.py")]
        if path.name != "texts.py"
    )
    used = set(re.findall(r"""["']([a-z-]+)["']""", sources))
    assert TEXTS.keys() - used == set()
