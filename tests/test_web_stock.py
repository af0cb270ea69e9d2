"""The stock page: what people read there, in which language, for which days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api_house import OFFICE, House
from tests.test_api_stock import (
    BLANK,
    COMMUNE,
    act,
    house,  # noqa: F401 - a fixture
    received,
    serials,
)
from tests.test_web_pages import HOSTILE, Page, page

if TYPE_CHECKING:
    from typing import Any


def rows(shown: Page) -> int:
    return len(shown.all("tr")) - len(shown.all("thead"))


def test_the_ledger_of_the_year_up_to_today(house: House) -> None:  # noqa: F811
    item_id = received(house)
    spoiled: dict[str, Any] = serials("AB 001", "AB 002")
    house.done(act(house, item_id, "spoil", **spoiled, reason="ố mốc", on="2026-03-02"))
    house.catch_up()
    shown = page(house, "/stock")
    assert "01/01/2026 – 01/6/2026" in shown.text
    assert f"{OFFICE} 0 100 nhập kho: 100 12 giao cho đơn vị: 10 ghi hỏng: 2 88" in shown.text
    assert f"{OFFICE}, hỏng, chờ tiêu hủy 0 2" in shown.text
    assert f"{COMMUNE} 0 10 nhận phân bổ: 10 0 10" in shown.text
    assert "Tất cả 0 100 nhập kho: 100 0 100" in shown.text
    assert rows(shown) == 4
    january = page(house, "/stock?from=2026&to=1/2026")
    assert COMMUNE not in january.text
    english = page(house, "/stock?from=2026-02&to=2026-02&lang=en")
    assert f"{OFFICE} 100 0 10 allocated: 10 90" in english.text


def test_an_empty_book_and_an_item_type_without_pieces(house: House) -> None:  # noqa: F811
    house.catch_up()
    assert "Sổ kho chưa có loại hiện vật nào." in page(house, "/stock").text
    house.done(house.post("/api/stock", BLANK | {"name": HOSTILE[:90]}))
    house.catch_up()
    shown = page(house, "/stock")
    assert "Chưa có nhập, xuất nào" in shown.text
    assert HOSTILE[:60] in shown.text
    assert shown.all("script") == []


def test_a_period_that_is_none_is_a_page_too(house: House) -> None:  # noqa: F811
    answer = house.get("/stock?from=2026-05&to=2026-01")
    assert answer.status_code == 422
    assert "đứng sau ngày cuối kỳ" in Page(answer.text).text
