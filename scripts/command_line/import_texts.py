"""What `sovang import` and `sovang imports` say to people, in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "importing": ("Nhập {file}", "Importing {file}"),
    "import.done": (
        (
            "{rows} dòng: {accepted} đã ghi, {duplicates} đã có, {rejected} không ghi được,"
            " {warnings} cần xem lại ({seconds} giây)."
        ),
        (
            "{rows} rows: {accepted} recorded, {duplicates} known already, {rejected} rejected,"
            " {warnings} with warnings ({seconds} s)."
        ),
    ),
    "import.dry-run": (
        (
            "Chạy thử, chưa ghi gì. Nếu ghi: {rows} dòng: {accepted} sẽ ghi, {duplicates} đã có,"
            " {rejected} không ghi được, {warnings} cần xem lại ({seconds} giây)."
        ),
        (
            "Dry run, nothing was recorded. Of {rows} rows: {accepted} would be recorded,"
            " {duplicates} are known already, {rejected} rejected, {warnings} with warnings"
            " ({seconds} s)."
        ),
    ),
    "import.more": (
        "… và {count} vấn đề nữa (xem đủ bằng --json).",
        "… and {count} more problems (all of them with --json).",
    ),
    "import.note": ("Lưu ý ({rows} dòng): {sentence}", "Note ({rows} rows): {sentence}"),
    "imports.running": ("đang nhập", "running"),
    "imports.interrupted": ("bị ngắt", "interrupted"),
    "imports.done": ("đã xong", "done"),
    "severity.error": ("lỗi", "error"),
    "severity.warning": ("cần xem", "warning"),
    "severity.duplicate": ("đã có", "duplicate"),
}
