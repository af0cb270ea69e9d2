"""What `sovang withdraw` says to people, in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.withdraw": (
        "Rút lại bản ghi ghi nhầm: khen thưởng, quyết định, việc trao (theo số hiệu), lần nhập.",
        "Take back what was entered by mistake: award, decision, delivery (by serial), import.",
    ),
    "of.withdraw-id": (
        "Mã khen thưởng, quyết định hay lần nhập; số quyết định; số hiệu hiện vật đã ghi là trao.",
        "Id of an award, decision or import; a decision's number; the serial of a delivery.",
    ),
    "of.withdraw-reason": ("Ghi nhầm thế nào.", "What the mistake was."),
    "of.with-signed": (
        "Rút lại cả giấy đã ký số: ai xuất trình sẽ được báo là ghi nhầm.",
        "Signed papers too: whoever presents one is told that it was a mistake.",
    ),
    "withdrawing": ("Rút lại {file}", "Withdrawing {file}"),
    "withdraw.done": (
        "Đã rút lại {awards} khen thưởng; {before} đã rút lại trước đó.",
        "{awards} awards withdrawn; {before} were before.",
    ),
    "withdraw.dry-run": (
        "Chạy thử, chưa ghi gì: sẽ rút lại {awards} khen thưởng; có {count} vướng mắc.",
        "Dry run, nothing was recorded: {awards} awards would be withdrawn; {count} in the way.",
    ),
    "withdraw.delivery": (
        "Đã rút lại việc trao {serial}.",
        "The delivery of {serial} is withdrawn.",
    ),
    "withdraw.more": (
        "… và {count} dòng nữa (xem đủ bằng --json).",
        "… and {count} more (all of them with --json).",
    ),
    "column.outcome": ("Kết quả", "Outcome"),
    "column.why": ("Vì sao", "Why"),
    "withdraw.to-withdraw": ("sẽ rút lại", "would be withdrawn"),
    "withdraw.withdrawn": ("đã rút lại", "withdrawn"),
    "withdraw.withdrawn-before": ("đã rút lại trước đó", "withdrawn before"),
    "withdraw.in-the-way": ("vướng mắc", "in the way"),
}
