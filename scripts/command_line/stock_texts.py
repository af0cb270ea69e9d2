"""What the command line says about stock and reports, in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.report": (
        "Lập báo cáo năm ra tệp .csv, .xlsx hoặc .json.",
        "Write a yearly report to a .csv, .xlsx or .json file.",
    ),
    "help.stock": (
        "Sổ kho: phôi, huân chương, huy chương, hộp, khung, cờ.",
        "The stock book: blanks, insignia, boxes, frames, flags.",
    ),
    "help.stock list": ("Liệt kê các loại hiện vật.", "List the item types."),
    "help.stock ledger": (
        "Nhập, xuất, tồn trong kỳ của một hoặc mọi loại hiện vật.",
        "Opening, movements and closing of one or all item types.",
    ),
    "help.stock where": ("Số hiệu đang ở đâu.", "Where a serial is."),
    "help.stock open": ("Mở trang sổ kho cho một loại hiện vật.", "Open an item type."),
    "help.stock receive": ("Nhập kho.", "Receive pieces."),
    "help.stock move": (
        "Chuyển sang kho khác của đơn vị.",
        "Move pieces to another store of the office.",
    ),
    "help.stock allocate": ("Giao cho đơn vị khác.", "Allocate pieces to another office."),
    "help.stock return": ("Nhận lại của đơn vị khác.", "Take back pieces of another office."),
    "help.stock spoil": ("Ghi hỏng, chờ tiêu hủy.", "Put spoiled pieces aside."),
    "help.stock destroy": (
        "Ghi việc tiêu hủy có biên bản, có người chứng kiến.",
        "Record a destruction with minutes and witnesses.",
    ),
    "help.stock count": ("Ghi kết quả kiểm kê.", "Record what a store was found to hold."),
    "of.report": ("Báo cáo cần lập.", "The report."),
    "of.year": ("Năm báo cáo.", "Year of the report."),
    "of.report-out": (
        "Tệp kết quả: .csv, .xlsx hoặc .json.",
        "File to write: .csv, .xlsx or .json.",
    ),
    "of.item": (
        "Mã của loại hiện vật, xem “stock list”.",
        "Id of the item type; see “stock list”.",
    ),
    "of.pieces": (
        "Số lượng; hoặc số hiệu, dải số hiệu như “AB 001..AB 100”.",
        "How many; or serials and ranges of them, such as “AB 001..AB 100”.",
    ),
    "of.stock-serial": ("Số hiệu in trên phôi hoặc hiện vật.", "Serial as printed on the piece."),
    "of.item-name": ("Tên loại hiện vật.", "Name of the item type."),
    "of.component": (
        "Thành phần: certificate, order_insignia, medal_insignia, frame, flag …",
        "Component: certificate, order_insignia, medal_insignia, frame, flag …",
    ),
    "of.form": ("Mã hình thức khen thưởng.", "Code of the form of commendation."),
    "of.class": ("Hạng: I, II, III.", "Class: I, II, III."),
    "of.design": ("Mẫu và thời kỳ của mẫu.", "Design and its period."),
    "of.numbered": ("Mỗi chiếc có số hiệu.", "Each piece carries a serial."),
    "of.office": ("Đơn vị thực hiện.", "The office that acts."),
    "of.held-by": ("Chỉ tính số đang ở đơn vị này.", "Count only what this office holds."),
    "of.store": (
        "Kho của đơn vị; bỏ trống là kho chính.",
        "Store of the office; else its main one.",
    ),
    "of.to-store": ("Kho nhận.", "Store that gets the pieces."),
    "of.to-office": ("Đơn vị nhận.", "Office that gets the pieces."),
    "of.from-office": ("Đơn vị hoàn trả.", "Office that gives the pieces back."),
    "of.from-store": ("Kho của đơn vị hoàn trả.", "Store of the office that gives back."),
    "of.handed-to": ("Người nhận bàn giao.", "Who was handed the pieces."),
    "of.supplier": ("Nơi cấp hoặc đơn vị cung cấp.", "Supplier or higher body."),
    "of.delivery-note": ("Số phiếu xuất kho hoặc giấy giao hàng.", "The delivery note."),
    "of.minutes": ("Số biên bản tiêu hủy.", "The minutes of the destruction."),
    "of.witness": ("Người chứng kiến (ghi nhiều lần được).", "A witness (may be repeated)."),
    "of.counted-by": ("Người kiểm kê (ghi nhiều lần được).", "Who counted (may be repeated)."),
    "of.condition": ("Tình trạng: dùng được hoặc hỏng.", "Condition of the pieces."),
    "of.stock-on": ("Ngày xảy ra; bỏ trống là hôm nay.", "When it happened; else today."),
    "of.stock-basis": ("Văn bản làm căn cứ.", "The document that it rests on."),
    "of.from-day": ("Ngày đầu kỳ; bỏ trống là đầu năm.", "First day; else the first of the year."),
    "of.to-day": ("Ngày cuối kỳ; bỏ trống là hôm nay.", "Last day; else today."),
    "stock.opened": ("Đã mở trang sổ kho: {name} ({id}).", "Opened: {name} ({id})."),
    "stock.recorded": (
        "Đã ghi. {name}: {usable} dùng được, {spoiled} hỏng chờ tiêu hủy.",
        "Recorded. {name}: {usable} fit for use, {spoiled} spoiled.",
    ),
    "reported": ("Đã lập báo cáo {rows} dòng: {file}.", "Report of {rows} rows: {file}."),
    "column.id": ("Mã", "Id"),
    "column.item": ("Loại hiện vật", "Item type"),
    "column.usable": ("Dùng được", "Usable"),
    "column.spoiled": ("Hỏng", "Spoiled"),
    "column.store": ("Kho", "Store"),
    "column.condition": ("Tình trạng", "Condition"),
    "column.opening": ("Tồn đầu kỳ", "Opening"),
    "column.in": ("Nhập", "In"),
    "column.out": ("Xuất", "Out"),
    "column.closing": ("Tồn cuối kỳ", "Closing"),
    "column.whereabouts": ("Ở đâu", "Whereabouts"),
    "column.range": ("Dải số hiệu", "Range"),
}
