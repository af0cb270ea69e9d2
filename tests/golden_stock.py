"""Stock: one example of every event ever released, and its bytes.

Add to this file; never change what is in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.stock.holdings import Lot, Place
from registry.stock.record import (
    StockAllocated,
    StockCounted,
    StockDestroyed,
    StockItemOpened,
    StockMoved,
    StockReceived,
    StockReturned,
    StockSpoiled,
    StockUsed,
)
from registry.stock.serial_range import SerialRange

_AWARD = UUID("01939bd7-3a5e-7c00-8000-0000000000a1")
_PROVINCE = Place("Sở Nội vụ tỉnh Lào Cai", "kho tầng 2")
_COMMUNE = Place("UBND xã Cốc Lầu")


def _lot(first: int, last: int) -> Lot:
    return Lot(last - first + 1, (SerialRange("AB ", first, last, 6),))


EXAMPLES: dict[str, Any] = {
    "stock-item-opened.v1": StockItemOpened(
        name="Phôi bằng Huân chương Kháng chiến hạng Ba",
        component="certificate",
        form="ORD-KC-US",
        award_class="III",
        design="mẫu 1981",
        numbered=True,
    ),
    "stock-received.v1": StockReceived(
        lot=_lot(1, 1_000_000),
        place=_PROVINCE,
        supplier="Ban Thi đua - Khen thưởng Trung ương",
        delivery_note="12/PXK",
        happened_on="2026-03",
        booked_on="2026-03-01",
    ),
    "stock-moved.v1": StockMoved(
        lot=Lot(40),
        condition="spoiled",
        origin=Place("Sở Nội vụ tỉnh Lào Cai"),
        destination=_PROVINCE,
        happened_on="2026-03-02",
        booked_on="2026-03-02",
    ),
    "stock-allocated.v1": StockAllocated(
        lot=_lot(1, 500),
        origin=_PROVINCE,
        destination=_COMMUNE,
        handed_to="Lò Thị Mẫu",
        happened_on="2026-03-05",
        booked_on="2026-03-05",
    ),
    "stock-returned.v1": StockReturned(
        lot=_lot(401, 500),
        condition="usable",
        origin=_COMMUNE,
        destination=_PROVINCE,
        reason="không dùng hết",
        happened_on="2026-04-01",
        booked_on="2026-04-01",
    ),
    "stock-used.v1": StockUsed(
        lot=_lot(17, 17),
        place=_COMMUNE,
        artifact="C2026-0000001-A",
        award_id=_AWARD,
        happened_on="2026-03-09",
        booked_on="2026-03-09",
    ),
    "stock-spoiled.v1": StockSpoiled(
        lot=_lot(18, 19),
        place=_COMMUNE,
        reason="in lem mực",
        happened_on="2026-03-09",
        booked_on="2026-03-09",
    ),
    "stock-destroyed.v1": StockDestroyed(
        lot=_lot(18, 19),
        condition="spoiled",
        place=_COMMUNE,
        minutes="07/BB-UBND",
        witnesses=("Vàng A Thử", "Trần Thị Mẫu"),
        happened_on="2026-12-10",
        booked_on="2026-12-10",
    ),
    "stock-counted.v1": StockCounted(
        place=_COMMUNE,
        condition="usable",
        expected=397,
        counted=396,
        short=_lot(400, 400),
        over=Lot(0),
        reason="thất lạc khi chuyển trụ sở",
        counted_by=("Giàng Seo Mẫu",),
        happened_on="2026-12-31",
        booked_on="2026-12-31",
    ),
}

EVENTS: dict[str, str] = {
    "stock-item-opened.v1": (
        '{"award_class":"III","component":"certificate","design":"mẫu 1981","form":"ORD-K'
        'C-US","name":"Phôi bằng Huân chương Kháng chiến hạng Ba","numbered":true}'
    ),
    "stock-received.v1": (
        '{"booked_on":"2026-03-01","delivery_note":"12/PXK","happened_on":"2026-03","lot"'
        ':{"pieces":1000000,"ranges":[{"first":1,"last":1000000,"prefix":"AB ","width":6}'
        ']},"place":{"office":"Sở Nội vụ tỉnh Lào Cai","store":"kho tầng 2"},"supplier":"'
        'Ban Thi đua - Khen thưởng Trung ương"}'
    ),
    "stock-moved.v1": (
        '{"booked_on":"2026-03-02","condition":"spoiled","destination":{"office":"Sở Nội '
        'vụ tỉnh Lào Cai","store":"kho tầng 2"},"happened_on":"2026-03-02","lot":{"pieces'
        '":40,"ranges":[]},"origin":{"office":"Sở Nội vụ tỉnh Lào Cai","store":null}}'
    ),
    "stock-allocated.v1": (
        '{"booked_on":"2026-03-05","destination":{"office":"UBND xã Cốc Lầu","store":null'
        '},"handed_to":"Lò Thị Mẫu","happened_on":"2026-03-05","lot":{"pieces":500,"range'
        's":[{"first":1,"last":500,"prefix":"AB ","width":6}]},"origin":{"office":"Sở Nội'
        ' vụ tỉnh Lào Cai","store":"kho tầng 2"}}'
    ),
    "stock-returned.v1": (
        '{"booked_on":"2026-04-01","condition":"usable","destination":{"office":"Sở Nội v'
        'ụ tỉnh Lào Cai","store":"kho tầng 2"},"happened_on":"2026-04-01","lot":{"pieces"'
        ':100,"ranges":[{"first":401,"last":500,"prefix":"AB ","width":6}]},"origin":{"of'
        'fice":"UBND xã Cốc Lầu","store":null},"reason":"không dùng hết"}'
    ),
    "stock-used.v1": (
        '{"artifact":"C2026-0000001-A","award_id":"01939bd7-3a5e-7c00-8000-0000000000a1",'
        '"booked_on":"2026-03-09","happened_on":"2026-03-09","lot":{"pieces":1,"ranges":['
        '{"first":17,"last":17,"prefix":"AB ","width":6}]},"place":{"office":"UBND xã Cốc'
        ' Lầu","store":null}}'
    ),
    "stock-spoiled.v1": (
        '{"booked_on":"2026-03-09","happened_on":"2026-03-09","lot":{"pieces":2,"ranges":'
        '[{"first":18,"last":19,"prefix":"AB ","width":6}]},"place":{"office":"UBND xã Cố'
        'c Lầu","store":null},"reason":"in lem mực"}'
    ),
    "stock-destroyed.v1": (
        '{"booked_on":"2026-12-10","condition":"spoiled","happened_on":"2026-12-10","lot"'
        ':{"pieces":2,"ranges":[{"first":18,"last":19,"prefix":"AB ","width":6}]},"minute'
        's":"07/BB-UBND","place":{"office":"UBND xã Cốc Lầu","store":null},"witnesses":["'
        'Vàng A Thử","Trần Thị Mẫu"]}'
    ),
    "stock-counted.v1": (
        '{"booked_on":"2026-12-31","condition":"usable","counted":396,"counted_by":["Giàn'
        'g Seo Mẫu"],"expected":397,"happened_on":"2026-12-31","over":{"pieces":0,"ranges'
        '":[]},"place":{"office":"UBND xã Cốc Lầu","store":null},"reason":"thất lạc khi c'
        'huyển trụ sở","short":{"pieces":1,"ranges":[{"first":400,"last":400,"prefix":"AB'
        ' ","width":6}]}}'
    ),
}
