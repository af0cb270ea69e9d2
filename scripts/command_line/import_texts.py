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
    "import.held-back": (
        (
            "{count} khen thưởng có nghi vấn về thẩm quyền: được giữ lại, không in, ký, xác nhận"
            " cho đến khi có người có quyền xác nhận kèm lý do, hoặc đính chính."
        ),
        (
            "{count} awards are in doubt about who decided them: held back, not printed, signed or"
            " confirmed until somebody with that right confirms them with a reason, or corrects."
        ),
    ),
    "import.more": (
        "… và {count} vấn đề nữa (xem đủ bằng --json).",
        "… and {count} more problems (all of them with --json).",
    ),
    "import.question": (
        'Cần trả lời cho {rows} dòng ghi “{typed}”: --answer "{typed}=…". Có thể là: {choices}',
        'To answer for {rows} rows that say “{typed}”: --answer "{typed}=...". May be: {choices}',
    ),
    "import.left-out": ("không nhập", "left out"),
    "import.reading": (
        "Đã đọc như tệp {format}, loại {kind}; trang {sheet}, dòng tiêu đề {rows}; cột: {columns}",
        "Read as {format}, kind {kind}; sheet {sheet}, header row {rows}; columns: {columns}",
    ),
    "help.catalogue": (
        "Liệt kê hình thức, hạng, loại đối tượng để trả lời câu hỏi khi nhập tệp.",
        "List forms, classes, kinds and categories that an import's question is answered with.",
    ),
    "of.catalogue-text": ("Chữ cần tìm trong danh mục.", "Text to look for in the catalogue."),
    "column.classes": ("Hạng", "Classes"),
    "column.code": ("Mã", "Code"),
    "import.note": ("Lưu ý ({rows} dòng): {sentence}", "Note ({rows} rows): {sentence}"),
    "imports.running": ("đang nhập", "running"),
    "imports.interrupted": ("bị ngắt", "interrupted"),
    "imports.done": ("đã xong", "done"),
    "imports.withdrawing": ("đang rút lại", "being withdrawn"),
    "imports.withdrawn": ("đã rút lại", "withdrawn"),
    "severity.error": ("lỗi", "error"),
    "severity.warning": ("cần xem", "warning"),
    "severity.duplicate": ("đã có", "duplicate"),
}
