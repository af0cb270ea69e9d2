"""What the command line says about working days, in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.working-days": (
        "Ngày làm việc: các lần hoán đổi được tính vào thời hạn.",
        "Working days: the swaps that count in time limits.",
    ),
    "help.working-days list": (
        "Liệt kê các lần hoán đổi ngày làm việc đang được tính, kèm văn bản thông báo.",
        "List the swaps of working days that count, each with its announcement.",
    ),
    "help.working-days add": (
        (
            "Ghi một lần hoán đổi ngày làm việc vừa được thông báo; cho biết hồ sơ nào đổi hẹn"
            " trả lời. Ghi sai thì ghi lại theo chiều ngược lại."
        ),
        (
            "Record a swap of working days that was announced; says which cases are due on"
            " another day. What was wrong is put right by the opposite."
        ),
    ),
    "of.swap-year": ("Chỉ năm này.", "This year only."),
    "of.swap-source": (
        "Văn bản thông báo, ví dụ “Công văn 12729/VPCP-KGVX ngày 25/12/2025”.",
        "The announcement, such as “Công văn 12729/VPCP-KGVX ngày 25/12/2025”.",
    ),
    "of.day-off": ("Ngày được nghỉ; có thể lặp lại.", "A day off; may be repeated."),
    "of.day-worked": ("Ngày làm bù; có thể lặp lại.", "A day worked; may be repeated."),
    "of.swap-dry-run": (
        "Chỉ cho biết hẹn trả lời nào sẽ đổi, không ghi.",
        "Only say which due days would move; record nothing.",
    ),
    "column.days-off": ("Nghỉ", "Off"),
    "column.days-worked": ("Làm bù", "Worked"),
    "column.source": ("Căn cứ", "Source"),
    "column.certainty": ("Độ chắc chắn", "Certainty"),
    "column.due-before": ("Hẹn cũ", "Due before"),
    "column.due-after": ("Hẹn mới", "Due now"),
    "working-days.moved": (
        "Số hồ sơ đổi hẹn trả lời: {count}.",
        "Cases due on another day: {count}.",
    ),
    "working-days.recorded": ("Đã ghi.", "Recorded."),
    "working-days.not-recorded": ("Chưa ghi gì.", "Nothing was recorded."),
}
